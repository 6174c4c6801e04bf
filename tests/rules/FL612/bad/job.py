from nvflare.app_common.workflows.fedavg import FedAvg
from nvflare.job_config.api import FedJob

job = FedJob(name="hello", min_clients=2)
job.to_server(FedAvg(num_clients=2, num_rounds=3))
job.simulator_run("/tmp/hello")
