from nvflare.app_common.workflows.fedavg import FedAvg
from nvflare.job_config.api import FedJob
from nvflare.job_config.script_runner import FrameworkType, ScriptRunner

job = FedJob(name="hello", min_clients=1)
job.to_server(FedAvg(num_clients=1, num_rounds=3))
for number in (1,):
    runner = ScriptRunner(script="train.py", framework=FrameworkType.NUMPY)
    job.to(runner, "site-{number}")
job.simulator_run("/tmp/hello")
