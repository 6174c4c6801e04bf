"""Sound scripts of recipes and of jobs with their own constructors, from which tests begin."""

from __future__ import annotations

from typing import Final

FEDAVG: Final = """from nvflare.app_common.filters.svt_privacy import SVTPrivacy
from nvflare.app_common.np.recipes.fedavg import NumpyFedAvgRecipe
from nvflare.client.config import ExchangeFormat, TransferType
from nvflare.recipe import SimEnv
from nvflare.recipe.utils import add_cross_site_evaluation, add_experiment_tracking

N = 2
recipe = NumpyFedAvgRecipe(
    name="fedavg",
    min_clients=N,
    num_rounds=3,
    model=[1.0, 2.0],
    train_script="src/train.py",
    train_args="--lr 0.1 --optimizer adam",
    key_metric="loss",
    params_transfer_type=TransferType.FULL,
    server_expected_format=ExchangeFormat.NUMPY,
)
add_cross_site_evaluation(recipe)
add_experiment_tracking(recipe, tracking_type="tensorboard")
recipe.add_client_output_filter(SVTPrivacy(fraction=0.2, epsilon=0.1), tasks=["train"])
env = SimEnv(num_clients=N, num_threads=2)
run = recipe.execute(env)
"""
PER_SITE: Final = """from nvflare.app_common.np.recipes.fedavg import NumpyFedAvgRecipe
from nvflare.recipe import SimEnv

sites = {
    "site-1": {"train_args": "--lr 0.1"},
    "site-2": {"train_args": "--lr 0.2", "train_script": "src/train.py"},
}
recipe = NumpyFedAvgRecipe(
    name="per_site",
    min_clients=2,
    num_rounds=3,
    model=[1.0],
    train_script="src/train.py",
    per_site_config=sites,
    launch_external_process=True,
    command="python3 -u",
)
recipe.execute(env=SimEnv(clients=["site-1", "site-2"]))
"""
TORCH: Final = """from src.mine import Mine
from src.torch_network import Network

from nvflare.app_opt.pt.recipes.fedavg import FedAvgRecipe
from nvflare.recipe import PocEnv

recipe = FedAvgRecipe(
    name="torch",
    min_clients=2,
    num_rounds=5,
    model=Network(size=3),
    train_script="src/train.py",
    key_metric="loss",
)
recipe.execute(PocEnv(num_clients=2))
"""
SWARM: Final = """from nvflare.app_common.ccwf.ccwf_job import CCWFJob, CrossSiteEvalConfig
from nvflare.app_common.ccwf.ccwf_job import SwarmClientConfig, SwarmServerConfig
from nvflare.app_common.ccwf.comps.simple_model_shareable_generator import SimpleModelShareableGenerator
from nvflare.app_common.aggregators.intime_accumulate_model_aggregator import InTimeAccumulateWeightedAggregator
from nvflare.app_common.ccwf.comps.np_file_model_persistor import NPFileModelPersistor
from nvflare.apis.dxo import DataKind
from nvflare.job_config.script_runner import FrameworkType, ScriptRunner

job = CCWFJob(name="swarm", min_clients=2)
job.add_swarm(
    server_config=SwarmServerConfig(num_rounds=3, min_clients=2),
    client_config=SwarmClientConfig(
        executor=ScriptRunner(script="src/train.py", script_args="--lr 0.1", framework=FrameworkType.NUMPY),
        aggregator=InTimeAccumulateWeightedAggregator(expected_data_kind=DataKind.WEIGHTS),
        persistor=NPFileModelPersistor(),
        shareable_generator=SimpleModelShareableGenerator(),
    ),
    cse_config=CrossSiteEvalConfig(eval_task_timeout=300),
)
job.simulator_run("/tmp/work", n_clients=2)
"""
OWN_JOB: Final = """from nvflare.app_common.np.np_model_persistor import NPModelPersistor
from nvflare.app_common.workflows.fedavg import FedAvg
from nvflare.job_config.api import FedJob
from nvflare.job_config.script_runner import FrameworkType, ScriptRunner


class OurJob(FedJob):
    def __init__(self, name, clients, rounds):
        super().__init__(name=name, min_clients=clients)
        self.rounds = rounds
        persistor_id = self.to_server(NPModelPersistor(), id="persistor")
        self.to_server(FedAvg(num_clients=clients, num_rounds=rounds, persistor_id=persistor_id))

    def train_with(self, script, args=""):
        self.to_clients(ScriptRunner(script=script, script_args=args, framework=FrameworkType.NUMPY), tasks=["train"])


job = OurJob("ours", clients=2, rounds=3)
job.train_with("src/train.py", "--lr 0.1")
job.simulator_run("/tmp/work", n_clients=2)
"""
SOUND: Final = {"FEDAVG": FEDAVG, "PER_SITE": PER_SITE, "TORCH": TORCH, "SWARM": SWARM, "OWN_JOB": OWN_JOB}
