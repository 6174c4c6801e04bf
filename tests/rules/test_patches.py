"""For what a later patch of a release took away, the patch is named: sites may have an earlier one."""

from __future__ import annotations

from pathlib import Path

import pytest

from fllint.catalogue.catalogue import Catalogue
from fllint.catalogue.patches import _table
from fllint.checking import Assignment, check_assignment
from fllint.findings import Finding, Severity
from fllint.job.discovery import JobLocation
from fllint.settings.model import Settings
from fllint.surroundings import Surroundings

from .test_cases import Job, of_code

RECIPE = """\
from model import Net
from nvflare.app_opt.pt.recipes.fedavg import FedAvgRecipe
from nvflare.recipe import SimEnv

recipe = FedAvgRecipe(name="demo", min_clients=2, num_rounds=1, train_script="client.py", initial_model=Net())
recipe.execute(SimEnv(num_clients=2))
"""
EARLY_STOPPING = """\
from nvflare.app_opt.pt.fedavg_early_stopping import PTFedAvgEarlyStopping
from nvflare.job_config.api import FedJob

job = FedJob(name="demo")
job.to_server(PTFedAvgEarlyStopping(num_clients=2, num_rounds=2))
job.export_job("/tmp/jobs")
"""
REGRESSION = """\
from nvflare.app_common.np.recipes.lr.fedavg import FedAvgLrRecipe
from nvflare.recipe import SimEnv

recipe = FedAvgLrRecipe(num_rounds=2, num_features=3, train_script="client.py")
recipe.execute(SimEnv(num_clients=2))
"""


def findings(folder: Path, text: str, code: str, release: str) -> list[Finding]:
    (folder / "client.py").write_text("", "utf-8")
    (folder / "model.py").write_text("from torch import nn\n\n\nclass Net(nn.Module):\n    pass\n", "utf-8")
    script = folder / "job.py"
    script.write_text(text, "utf-8")
    report = check_assignment(Assignment(JobLocation(script, "job.py"), release, Settings(), Surroundings()))
    return [finding for finding in report.findings if finding.code == code]


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (RECIPE, "FL601", "FedAvgRecipe takes no argument 'initial_model' since NVFlare 2.7.2"),
        (REGRESSION, "FL602", "FedAvgLrRecipe needs the argument 'min_clients' since NVFlare 2.7.2"),
        (EARLY_STOPPING, "FL604", "NVFlare 2.7.2 and later has no module 'nvflare.app_opt.pt.fedavg_early_stopping'"),
    ],
)
def test_a_script_for_an_earlier_patch_is_told_the_patch(text: str, code: str, said: str, tmp_path: Path) -> None:
    assert {each.problem.message for each in findings(tmp_path, text, code, "2.7")} == {said}
    assert not any("2.7.2" in each.problem.message for each in findings(tmp_path, text, code, "2.8"))


def test_a_later_release_says_what_the_argument_is_called(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, RECIPE, "FL601", "2.9")
    assert found.problem.help == "FedAvgRecipe had it before 2.7.2; it is called 'model' since"


def test_a_config_for_an_earlier_patch_is_told_the_patch(tmp_path: Path) -> None:
    job = Job()
    validator = {"path": "nvflare.app_common.np.np_validator.NPValidator", "args": {"validate_task_name": "validate"}}
    job.client["executors"].append({"tasks": ["validate"], "executor": validator})
    (found,) = of_code(job, "FL250", tmp_path / "a", "2.7")
    assert found.severity is Severity.ERROR
    assert "since NVFlare 2.7.2" in found.problem.message
    (found,) = of_code(job, "FL250", tmp_path / "b", "2.8")
    assert "2.7.2" not in found.problem.message


@pytest.mark.parametrize("release", _table())
def test_the_newest_patch_has_none_of_what_is_gone(release: str) -> None:
    catalogue, table = Catalogue.load(release), _table()[release]
    assert catalogue.version.startswith(f"{release}.")
    assert catalogue.version >= table["since"]
    for path in table["gone"]:
        assert not catalogue.has_module(path)
        assert catalogue.find(path) is None
    for path, arguments in table["arguments"].items():
        info = catalogue.find(path)
        assert info is not None
        for old, new in arguments.items():
            assert info.parameter(old) is None
            assert not new or info.parameter(new) is not None
    for path, arguments in table["required"].items():
        info = catalogue.find(path)
        assert info is not None
        assert all((found := info.parameter(name)) and found.required for name in arguments)
