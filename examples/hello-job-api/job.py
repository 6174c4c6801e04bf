"""Federated averaging on two clients: run it to simulate the job, or with --export to write its folder."""

import argparse

from nvflare.app_common.np.np_model_persistor import NPModelPersistor
from nvflare.app_common.workflows.fedavg import FedAvg
from nvflare.job_config.api import FedJob
from nvflare.job_config.script_runner import FrameworkType, ScriptRunner

parser = argparse.ArgumentParser()
parser.add_argument("--clients", type=int, default=2)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--export", metavar="FOLDER")
args = parser.parse_args()

job = FedJob(name="hello-job-api", min_clients=args.clients)
job.to_server(NPModelPersistor(), id="persistor")
job.to_server(FedAvg(num_clients=args.clients, num_rounds=args.rounds, persistor_id="persistor"))
for number in range(args.clients):
    runner = ScriptRunner(script="train.py", script_args="--learning-rate 0.1", framework=FrameworkType.NUMPY)
    job.to(runner, f"site-{number + 1}")

if args.export:
    job.export_job(args.export)
else:
    job.simulator_run("/tmp/hello-job-api")
