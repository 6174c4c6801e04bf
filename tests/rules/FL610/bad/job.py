from nvflare.app_common.workflows.fedavg import FedAvg
from nvflare.job_config.api import FedJob
from nvflare.job_config.script_runner import FrameworkType, ScriptRunner

job = FedJob(name="hello", min_clients=2)
job.to_server(FedAvg(num_clients=2, num_rounds=3))
job.to(ScriptRunner(script="train.py", framework=FrameworkType.NUMPY), "server")
job.to_clients(ScriptRunner(script="train.py", framework=FrameworkType.NUMPY))
job.simulator_run("/tmp/hello", n_clients=2)
