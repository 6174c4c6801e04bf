from nvflare.app_common.workflows.fedavg import FedAvg
from nvflare.job_config.api import FedJob
from nvflare.job_config.script_runner import FrameworkType, ScriptRunner

job = FedJob(name="hello numpy", min_clients=2)
job.to_server(FedAvg(num_clients=2, num_rounds=3))
for number in (1, 2):
    runner = ScriptRunner(script="train.py", framework=FrameworkType.NUMPY)
    job.to(runner, f"site-{number}")
job.simulator_run("/tmp/hello")
