"""Single faults put into sound scripts of recipes: each is found, at its token, by the rule that is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from fllint.findings import Severity
from tests.job_api.recipe_scripts import SOUND
from tests.job_api.scripts import assert_found, findings, report_of, write

FAULTS: list[tuple[str, str, str, str, str]] = [
    # script, text, what it becomes, the code that is meant, the token (empty: a call of several lines)
    ("FEDAVG", 'name="fedavg"', 'nam="fedavg"', "FL601", "nam"),
    ("FEDAVG", "min_clients=N,", "min_client=N,", "FL602", "NumpyFedAvgRecipe"),
    ("FEDAVG", "min_clients=N,", 'min_clients="two",', "FL253", '"two"'),
    ("FEDAVG", "min_clients=N,", "min_clients=4,", "FL616", "4"),
    ("FEDAVG", "    min_clients=N,\n", "", "FL602", "NumpyFedAvgRecipe"),
    ("FEDAVG", "num_rounds=3", 'num_rounds="many"', "FL253", '"many"'),
    ("FEDAVG", "num_rounds=3", "rounds=3", "FL601", "rounds"),
    ("FEDAVG", "num_rounds=3", "num_rounds=-1", "FL346", "-1"),
    ("FEDAVG", "num_rounds=3", "num_rounds=0", "FL346", "0"),
    ("FEDAVG", '    train_script="src/train.py",\n', "", "FL602", "NumpyFedAvgRecipe"),
    ("FEDAVG", '"src/train.py"', '"src/trian.py"', "FL630", '"src/trian.py"'),
    ("FEDAVG", '"src/train.py"', '"train.py"', "FL630", '"train.py"'),
    ("FEDAVG", "train_script=", "script=", "FL602", "NumpyFedAvgRecipe"),
    ("FEDAVG", "--lr 0.1", "--lrr 0.1", "FL420", "--lrr"),
    ("FEDAVG", "--lr 0.1", "--lr fast", "FL422", "fast"),
    ("FEDAVG", "--optimizer adam", "--optimizer adagrad", "FL422", "adagrad"),
    ("FEDAVG", "--optimizer adam", "--optimizer", "FL421", "--optimizer"),
    ("FEDAVG", "--optimizer adam", "adam", "FL420", "adam"),
    ("FEDAVG", "TransferType.FULL", "TransferType.FUL", "FL604", "TransferType.FUL"),
    ("FEDAVG", "TransferType.FULL", '"FUL"', "FL252", '"FUL"'),
    ("FEDAVG", "TransferType.FULL", '"full"', "FL252", '"full"'),
    ("FEDAVG", "ExchangeFormat.NUMPY", "ExchangeFormat.NUMPI", "FL604", "ExchangeFormat.NUMPI"),
    ("FEDAVG", "ExchangeFormat.NUMPY", '"nummpy"', "FL252", '"nummpy"'),
    ("FEDAVG", "    model=[1.0, 2.0],\n", "", "FL606", "NumpyFedAvgRecipe"),
    ("FEDAVG", "model=[1.0, 2.0]", "initial=[1.0, 2.0]", "FL601", "initial"),
    (
        "FEDAVG",
        "add_cross_site_evaluation(recipe)",
        "add_cross_site_evaluation(recipe)\nadd_cross_site_evaluation(recipe)",
        "FL606",
        "add_cross_site_evaluation",
    ),
    ("FEDAVG", 'tracking_type="tensorboard"', 'tracking_type="tensorbord"', "FL606", '"tensorbord"'),
    ("FEDAVG", 'tracking_type="tensorboard"', 'type="tensorboard"', "FL602", "add_experiment_tracking"),
    ("FEDAVG", "add_client_output_filter", "add_client_output_filters", "FL605", ""),
    ("FEDAVG", 'tasks=["train"]', 'tasks=["trian"]', "FL321", '"trian"'),
    ("FEDAVG", 'tasks=["train"]', 'task=["train"]', "FL601", "task"),
    ("FEDAVG", "fraction=0.2", "fractoin=0.2", "FL250", "fractoin"),
    ("FEDAVG", "num_clients=N,", "num_client=N,", "FL601", "num_client"),
    ("FEDAVG", "num_clients=N,", "num_clients=1,", "FL616", "N"),
    ("FEDAVG", "num_clients=N, num_threads=2", "", "FL615", "SimEnv()"),
    ("FEDAVG", "num_clients=N", 'num_clients=N, clients=["a", "b", "c"]', "FL615", "N"),
    (
        "FEDAVG",
        "from nvflare.recipe import SimEnv",
        "from nvflare.recipe import SimEnvironment as SimEnv",
        "FL604",
        "SimEnvironment as SimEnv",
    ),
    ("FEDAVG", "NumpyFedAvgRecipe\n", "NumpyFedAvgRecpie\n", "FL604", "NumpyFedAvgRecpie"),
    ("FEDAVG", "app_common.np.recipes", "app_common.np.recipe", "FL604", "nvflare.app_common.np.recipe.fedavg"),
    ("FEDAVG", "from nvflare.recipe import SimEnv\n", "", "FL621", "SimEnv"),
    ("FEDAVG", "recipe.execute(env)", "recipe.execute()", "FL602", "recipe.execute"),
    ("FEDAVG", "recipe.execute(env)", "recipe.exceute(env)", "FL605", "recipe.exceute(env)"),
    ("FEDAVG", "run = recipe.execute(env)\n", "", "FL623", ""),
    (
        "FEDAVG",
        "import add_cross_site_evaluation,",
        "import add_cross_site_evaluations,",
        "FL604",
        "add_cross_site_evaluations",
    ),
    ("FEDAVG", 'key_metric="loss"', "key_metric=3", "FL253", "3"),
    ("FEDAVG", 'key_metric="loss"', 'keymetric="loss"', "FL601", "keymetric"),
    (
        "PER_SITE",
        '"site-1": {"train_args": "--lr 0.1"}',
        '"site-1": {"train_args": "--lrr 0.1"}',
        "FL420",
        'recipe.execute(env=SimEnv(clients=["site-1", "site-2"]))',
    ),
    ("PER_SITE", '"--lr 0.2"', '"--lr slow"', "FL422", 'recipe.execute(env=SimEnv(clients=["site-1", "site-2"]))'),
    ("PER_SITE", '"site-1": {', '"site#1": {', "FL614", 'recipe.execute(env=SimEnv(clients=["site-1", "site-2"]))'),
    ("PER_SITE", '"site-2": {', '"site-1": {', "FL124", "2"),
    ("PER_SITE", 'clients=["site-1", "site-2"]', 'clients=["site-1", "site-1"]', "FL615", '["site-1", "site-1"]'),
    ("PER_SITE", "per_site_config=sites", "per_sites_config=sites", "FL601", "per_sites_config"),
    ("PER_SITE", "per_site_config=sites", "per_site_config=site", "FL621", "site"),
    ("PER_SITE", 'command="python3 -u"', "command=3", "FL606", "3"),
    ("PER_SITE", "min_clients=2", "min_clients=3", "FL124", "3"),
    ("TORCH", "Network(size=3)", "Network(sise=3)", "FL602", "Network"),
    ("TORCH", "Network(size=3)", "Network()", "FL602", "Network"),
    ("TORCH", "Network(size=3)", '{"class": "src.torch_network.Network"}', "FL606", "FedAvgRecipe"),
    ("TORCH", "Network(size=3)", "None", "FL606", "None"),
    ("TORCH", "PocEnv(num_clients=2)", "PocEnv(n_clients=2)", "FL601", "n_clients"),
    ("SWARM", "num_rounds=3", "num_round=3", "FL602", "SwarmServerConfig"),
    ("SWARM", "num_rounds=3", 'num_rounds="x"', "FL252", '"x"'),
    ("SWARM", "num_rounds=3, ", "", "FL602", "SwarmServerConfig"),
    ("SWARM", "num_rounds=3", "num_rounds=0", "FL252", "0"),
    ("SWARM", "server_config=", "servr_config=", "FL602", "job.add_swarm"),
    ("SWARM", "persistor=NPFileModelPersistor(),", "persistor=SimpleModelShareableGenerator(),", "FL302", ""),
    ("SWARM", 'script_args="--lr 0.1"', 'script_args="--lrr 0.1"', "FL420", "--lrr"),
    ("SWARM", "expected_data_kind=DataKind.WEIGHTS", "expected_data_kind=DataKind.WEIGHT", "FL604", "DataKind.WEIGHT"),
    ("SWARM", "expected_data_kind=DataKind.WEIGHTS", 'expected_data_kind="WEIGHTZ"', "FL255", '"WEIGHTZ"'),
    (
        "SWARM",
        "        aggregator=InTimeAccumulateWeightedAggregator(expected_data_kind=DataKind.WEIGHTS),\n",
        "",
        "FL602",
        "SwarmClientConfig",
    ),
    ("SWARM", "eval_task_timeout=300", 'eval_task_timeout="soon"', "FL252", '"soon"'),
    ("SWARM", "eval_task_timeout=300", "eval_timeout=300", "FL601", "eval_timeout"),
    ("SWARM", "add_swarm", "add_swarms", "FL605", ""),
    ("SWARM", '"src/train.py"', '"src/trian.py"', "FL630", '"src/trian.py"'),
    ("SWARM", "num_rounds=3, min_clients=2", "num_rounds=3, min_clients=-2", "FL252", "-2"),
    ("SWARM", 'name="swarm", min_clients=2', 'name="swarm", min_clients=3', "FL616", "3"),
    ("OWN_JOB", 'tasks=["train"]', 'tasks=["trian"]', "FL310", '"trian"'),
    ("OWN_JOB", "persistor_id=persistor_id", 'persistor_id="persister"', "FL301", '"persister"'),
    ("OWN_JOB", "num_clients=clients", "num_client=clients", "FL250", "num_client"),
    ("OWN_JOB", "rounds=3)", 'rounds="x")', "FL253", "rounds"),
    ("OWN_JOB", '"--lr 0.1"', '"--lrr 0.1"', "FL420", "args"),
    ("OWN_JOB", '"src/train.py"', '"src/trian.py"', "FL630", "script"),
    ("OWN_JOB", "NPModelPersistor(), id", "NPModelPersistor(x=1), id", "FL250", "x"),
    (
        "OWN_JOB",
        "        self.to_server(FedAvg(num_clients=clients, num_rounds=rounds, persistor_id=persistor_id))\n",
        "",
        "FL202",
        'self.to_server(NPModelPersistor(), id="persistor")',
    ),
]
NOT_FOUND: list[tuple[str, str, str]] = [
    # faults that are not found without running the script; what is found one day goes up
    ("FEDAVG", "min_clients=N,", "min_clients=0,"),
    ("FEDAVG", "fraction=0.2", 'fraction="much"'),
    ("PER_SITE", '"train_script": "src/train.py"', '"train_script": "src/trian.py"'),
    ("PER_SITE", '"train_args": "--lr 0.1"', '"train_arg": "--lr 0.1"'),
    ("PER_SITE", 'clients=["site-1", "site-2"]', 'clients=["site-1"]'),
    ("TORCH", "Network(size=3)", '{"path": "src.torch_network.Netwrk", "args": {"size": 3}}'),
    ("TORCH", "Network(size=3)", '{"path": "src.torch_networks.Network", "args": {"size": 3}}'),
    ("TORCH", "Network(size=3)", '{"path": "src.torch_network.Network", "args": {"sise": 3}}'),
    ("TORCH", "from src.torch_network", "from src.torch_networks"),
    ("TORCH", "import Network", "import Net as Network"),
    ("TORCH", "num_rounds=5", "num_rounds=5, aggregator=Mine(3)"),
    ("TORCH", "num_rounds=5", "num_rounds=5, model_locator=3"),
    ("TORCH", "num_rounds=5", 'num_rounds=5, stop_cond="loss under 3"'),
    ("TORCH", "PocEnv(num_clients=2)", "PocEnv(num_clients=1)"),
    ("OWN_JOB", '"ours", clients=2', '"ours", clients=3'),
    ("OWN_JOB", 'job.train_with("src/train.py", "--lr 0.1")\n', ""),
]


@pytest.mark.parametrize("release", ["2.7", "2.8", "2.9"])
@pytest.mark.parametrize("name", SOUND)
def test_a_sound_script_has_no_error(tmp_path: Path, name: str, release: str) -> None:
    errors = [each for each in findings(write(tmp_path, SOUND[name]), release) if each.severity is Severity.ERROR]
    assert not errors, [f"{each.code} {each.problem.message}" for each in errors]


@pytest.mark.parametrize("name", SOUND)
def test_all_of_a_sound_script_is_known(tmp_path: Path, name: str) -> None:
    assert not report_of(write(tmp_path, SOUND[name]), "2.9").not_checked


@pytest.mark.parametrize(
    ("script", "text", "instead", "code", "underlined"),
    FAULTS,
    ids=[f"{fault[3]}-{fault[0]}-{number}" for number, fault in enumerate(FAULTS)],
)
def test_a_fault_is_found_at_its_token(
    tmp_path: Path, script: str, text: str, instead: str, code: str, underlined: str
) -> None:
    assert_found(tmp_path, SOUND[script], (text, instead, code, underlined), "2.9")


@pytest.mark.parametrize(
    ("script", "text", "instead"), NOT_FOUND, ids=[f"{fault[0]}-{number}" for number, fault in enumerate(NOT_FOUND)]
)
def test_what_is_not_found_yet_stands_in_its_list(tmp_path: Path, script: str, text: str, instead: str) -> None:
    assert SOUND[script].count(text) == 1
    sound = {finding.code for finding in findings(write(tmp_path, SOUND[script]), "2.9")}
    found = {finding.code for finding in findings(write(tmp_path, SOUND[script].replace(text, instead)), "2.9")}
    assert found - {"FL622"} <= sound


def test_most_faults_are_found() -> None:
    assert len(FAULTS) >= 60
    assert len(FAULTS) > 4 * len(NOT_FOUND)
