"""Cases beside the examples: each is one decision of a rule that no example takes, found by a mutant that lived."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fllint.checking import Assignment, check_assignment
from fllint.findings import Finding, Severity
from fllint.job.discovery import JobLocation
from fllint.report import INTERNAL_ERROR
from fllint.settings.model import Settings
from fllint.surroundings import Surroundings

from ..suppression import jobs
from .examples import EXAMPLES

Config = dict[str, Any]
PERSISTOR = "nvflare.app_common.np.np_model_persistor.NPModelPersistor"
FED_AVG = "nvflare.app_common.workflows.fedavg.FedAvg"
EVALUATION = "nvflare.app_common.workflows.cross_site_model_eval.CrossSiteModelEval"
TRAINER = "nvflare.app_common.np.np_trainer.NPTrainer"
VALIDATOR = "nvflare.app_common.np.np_validator.NPValidator"
META: Config = {"name": "demo", "min_clients": 1, "deploy_map": {"app": ["server", "site-1"]}}
PASSWORD = "api = 'sk-" + "a1B2" * 12 + "'"


class Job:
    """A sound job to put one thing into."""

    def __init__(self) -> None:
        self.meta, self.server, self.client = map(copy.deepcopy, (META, jobs.SERVER, jobs.CLIENT))
        self.meta_name = "meta.json"
        self.code: dict[str, str] = {}

    def add(self, **component: object) -> None:
        """One more component of the server."""
        self.server["components"].append(component)

    @property
    def trainer(self) -> Config:
        executor: Config = self.client["executors"][0]["executor"]
        return executor

    def findings(self, folder: Path, release: str) -> list[Finding]:
        jobs.write_job(folder, meta=self.meta, client=self.client, server=self.server)
        (folder / "meta.json").rename(folder / self.meta_name)
        for name, text in self.code.items():
            file = folder / "app" / "custom" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        assignment = Assignment(JobLocation(folder, "job"), release, Settings(preview=True), Surroundings(None))
        return list(check_assignment(assignment).findings)


def of_code(job: Job, code: str, folder: Path, release: str = "2.9") -> list[Finding]:
    return [finding for finding in job.findings(folder, release) if finding.code == code]


def text_of(finding: Finding) -> str:
    problem = finding.problem
    return f"{problem.message} {problem.help} {problem.fix.message if problem.fix else ''}"


def test_the_job_is_sound(tmp_path: Path) -> None:
    assert not Job().findings(tmp_path, "2.9")


def deployed(job: Job, *sites: object) -> None:
    job.meta["deploy_map"] = {"app": list(sites)}


def averaged(job: Job, **args: object) -> None:
    """Has FedAvg for a workflow, with such arguments."""
    job.server["workflows"] = [{"id": "controller", "path": FED_AVG, "args": args}]


def trained(job: Job, folder: str) -> None:
    """Has a trainer of its own in a folder beside ``custom/`` or below it."""
    job.code = {"helper.py": "", f"{folder}/local/__init__.py": "", f"{folder}/local/trainer.py": "class Trainer: ..."}
    job.trainer["path"] = "local.trainer.Trainer"


def for_three(job: Job, sites: object) -> None:
    """Wants three clients, and deploys to sites in some form."""
    job.meta.update(min_clients=3, deploy_map={"app": sites})


def filtered(job: Job, **keys: object) -> None:
    """Puts a filter on the client's results."""
    path = "nvflare.app_common.filters.exclude_vars.ExcludeVars"
    job.client["task_result_filters"] = [{"tasks": ["train"], "filters": [{"path": path}], **keys}]


def routed(job: Job, *executors: tuple[str, str]) -> None:
    """Executors for one task each, beside a workflow that also sends ``submit_model`` and ``validate``."""
    job.server["workflows"].append({"id": "eval", "path": EVALUATION, "args": {}})
    job.client["executors"] = [{"tasks": [task], "executor": {"path": path}} for task, path in executors]


def registered(job: Job, *tasks: str) -> None:
    job.client["executors"][0]["tasks"] = list(tasks)


def unknown_sender(job: Job) -> None:
    """Adds a workflow of a package that is not there, which may send any task, and an executor for one."""
    job.client["executors"].append({"tasks": ["other"], "executor": {"path": TRAINER}})
    job.server["workflows"].append({"id": "mine", "path": "my_package.workflows.Mine", "args": {}})


def names(job: Job, **ids: object) -> None:
    """Changes what the workflow names: components, tasks."""
    job.server["workflows"][0]["args"].update(ids)


Change = Callable[[Job], object]


def both(first: Change, second: Change) -> Change:
    def change(job: Job) -> None:
        first(job)
        second(job)

    return change


FOUND: list[tuple[str, str, str, Change]] = [
    (
        "FL230",
        "2.9",
        "app/code/ has local, but sites import from app/custom/ only",
        lambda job: trained(job, "../code"),
    ),
    ("FL230", "2.9", "app/custom/my-code/ has local, but sites import", lambda job: trained(job, "my-code")),
    (
        "FL143",
        "2.9",
        "names no site",
        lambda job: job.meta.update(deploy_map={"app": []}, resource_spec={"site-1": {}}),
    ),
    ("FL202", "2.9", "the config has no workflow; the server", lambda job: job.server.pop("workflows")),
    ("FL203", "2.9", "the config has no executor; every client", lambda job: job.client.pop("executors")),
    ("FL250", "2.4", "FedAvg has it since 2.5; did you mean 'min_clients'?", lambda job: averaged(job, num_clients=1)),
    ("FL206", "2.9", "must be an object", lambda job: job.server["components"].append(7)),
    ("FL206", "2.9", "'path' is empty; NVFlare refuses the config", lambda job: job.add(id="other", path="")),
    ("FL206", "2.9", "names no module", lambda job: job.add(id="other", path="Persistor")),
    ("FL206", "2.9", "must be a string", lambda job: job.add(id="other", path=["a.B"])),
    ("FL201", "2.9", "must be the number 2", lambda job: job.server.update(format_version=2.0)),
    ("FL201", "2.9", "must be the number 2", lambda job: job.server.update(format_version=3)),
    ("FL204", "2.9", "read in the client config only", lambda job: job.server.update(executors=[])),
    ("FL204", "2.9", "read in the server config only", lambda job: job.client.update(workflows=[])),
    (
        "FL204",
        "2.9",
        "what it holds is not built",
        lambda job: job.server.update(component=[{"id": "other", "path": PERSISTOR}]),
    ),
    ("FL208", "2.9", "is taken already", lambda job: job.add(id="persistor", path=PERSISTOR)),
    (
        "FL208",
        "2.9",
        "a workflow without id takes its class's name",
        lambda job: job.server["workflows"].extend(
            {key: value for key, value in job.server["workflows"][0].items() if key != "id"} for _ in range(2)
        ),
    ),
    (
        "FL238",
        "2.9",
        "knows no class by the short name 'NPModelPersistr'",
        lambda job: job.add(id="x", name="NPModelPersistr"),
    ),
    ("FL238", "2.9", "an ambiguous name", lambda job: job.add(id="x", name="NPTrainer")),
    ("FL240", "2.9", "'collections.Counter'", lambda job: job.add(id="x", path="collections.Counter")),
    ("FL240", "2.9", "'NPModelPersistor'", lambda job: job.add(id="x", name="NPModelPersistor")),
    (
        "FL240",
        "2.9",
        "'collections.Counter'",
        lambda job: job.server["components"][0].update(args={"model": {"path": "collections.Counter", "args": {}}}),
    ),
    ("FL250", "2.9", "sleep_tim", lambda job: job.trainer["args"].update(sleep_tim=1)),
    (
        "FL107",
        "2.9",
        "NVFlare needs its name, a string",
        lambda job: job.meta.update(deploy_map={"app": {"sites": ["server", "site-1", 7]}}),
    ),
    (
        "FL107",
        "2.9",
        "needs a list under",
        lambda job: job.meta.update(deploy_map={"app": {"sites": "site-1"}}),
    ),
    ("FL702", "2.9", "looks like a secret", lambda job: job.code.update({"train.py": PASSWORD})),
]
FOUND += [
    ("FL107", "2.9", "did you mean 'sites'?", lambda job: deployed(job, {"sites": ["server", "site-1"], "sits": []})),
    ("FL107", "2.9", "the keys are sites", lambda job: deployed(job, {"sites": ["server", "site-1"], "zzz": []})),
    ("FL211", "2.9", "did you mean 'out'?", lambda job: filtered(job, direction="otu")),
    ("FL211", "2.9", "write in, out or inout", lambda job: filtered(job, direction="zzzzz")),
    ("FL250", "2.9", "takes it", lambda job: job.trainer["args"].update(num_rounds=3)),
    ("FL250", "2.9", "it takes delta, sleep_time", lambda job: job.trainer["args"].update(zzz=3)),
    ("FL253", "2.9", "write a number, such as 3", lambda job: job.add(id="x", path=FED_AVG, args={"num_rounds": "3"})),
    ("FL253", "2.9", "write 3", lambda job: job.add(id="x", path=FED_AVG, args={"num_rounds": "3"})),
    ("FL301", "2.9", "did you mean 'persistor'? write \"persistor\"", lambda job: names(job, persistor_id="persistr")),
    ("FL301", "2.9", "did you mean 'persistor'?", lambda job: names(job, persistor_id="aggregatr")),
    ("FL301", "2.9", "did you mean 'persistor'?", lambda job: names(job, persistor_id="other")),
    (
        "FL302",
        "2.9",
        "Aggregator, and 'persistor' is",
        lambda job: names(job, persistor_id="other", aggregator_id="persistor"),
    ),
    ("FL302", "2.9", "which is disabled", lambda job: job.server["components"][0].update(disabled=True)),
    ("FL702", "2.9", "'password' is a secret", lambda job: job.client.update(password="abc123")),
]
FOUND += [
    ("FL310", "2.9", "is 'trian' meant to be 'train'? write \"train\"", lambda job: registered(job, "trian")),
    ("FL310", "2.9", "add 'train' to the tasks of the executor ", lambda job: registered(job, "zzzzz")),
    ("FL310", "2.9", "of the executor that handles it", lambda job: routed(job, ("zzzzz", TRAINER), ("x", TRAINER))),
    ("FL310", "2.3", "handles the task 'train'", lambda job: registered(job, "t*")),
    ("FL311", "2.9", "it knows 'train', 'submit_model'", lambda job: routed(job, ("*", TRAINER))),
    ("FL311", "2.9", "stands before the pattern", lambda job: routed(job, ("*", TRAINER), ("val*", VALIDATOR))),
    ("FL312", "2.9", "nobody sends 'other'", lambda job: routed(job, ("*", TRAINER), ("other", TRAINER))),
    ("FL320", "2.9", 'write "train" write "train"', lambda job: filtered(job, tasks=["*"])),
    ("FL320", "2.9", "name the tasks", lambda job: filtered(job, tasks=["x*"])),
    ("FL321", "2.9", "did you mean 'train'? write", lambda job: filtered(job, tasks=["trian"])),
    ("FL321", "2.9", "the workflows send 'train'", lambda job: filtered(job, tasks=["zzzzz"])),
    ("FL321", "2.9", "results go out of the client", lambda job: filtered(job, direction="in")),
    ("FL123", "2.9", "write 1", lambda job: job.meta.update(min_clients="1")),
    ("FL124", "2.9", "3", lambda job: job.meta.update(min_clients=3)),
]
FOUND += [
    ("FL101", "2.9", "rename Meta.json to meta.json", lambda job: vars(job).update(meta_name="Meta.json")),
    ("FL101", "2.9", "rename mta.json to meta.json", lambda job: vars(job).update(meta_name="mta.json")),
    ("FL101", "2.9", "add a meta.json", lambda job: vars(job).update(meta_name="zzzzzzzz.txt")),
    ("FL101", "2.3", "meta.conf is read since NVFlare", lambda job: vars(job).update(meta_name="meta.conf")),
]
FOUND += [
    ("FL124", "2.9", "names 1 client", lambda job: for_three(job, {"sites": ["server", "site-1"]})),
    ("FL124", "2.9", "names 1 client", lambda job: for_three(job, {"targets": ["server", "site-1"]})),
    ("FL253", "2.9", "num_rounds", lambda job: job.add(id="x", path=FED_AVG, args={"num_rounds": {"first": 1}})),
    ("FL302", "2.9", "LearnablePersistor", lambda job: names(job, persistor_id="scatter_and_gather")),
    (
        "FL302",
        "2.9",
        "LearnablePersistor",
        both(lambda job: job.server["workflows"][0].pop("id"), lambda job: names(job, persistor_id="ScatterAndGather")),
    ),
]
QUIET: list[tuple[str, str, Change]] = [
    ("FL208", "2.9", lambda job: job.add(path=PERSISTOR)),
    ("FL240", "2.7", lambda job: job.add(id="x", path="collections.Counter")),
    ("FL240", "2.9", lambda job: job.add(id="x", path="")),
    ("FL240", "2.9", lambda job: job.add(id="x", path="no path")),
    ("FL240", "2.9", lambda job: job.server["components"][0].update(args={"model": {"rate": "collections.Counter"}})),
    ("FL204", "2.9", lambda job: job.server.update(component="a note")),
    ("FL101", "2.9", lambda job: vars(job).update(meta_name="meta.conf")),
    ("FL104", "2.9", lambda job: deployed(job, "@ALL")),
    ("FL302", "2.9", lambda job: names(job, persistor_id="")),
    ("FL310", "2.9", lambda job: registered(job, "t*")),
    ("FL310", "2.9", lambda job: job.client.update(executors=[{"tasks": [], "executor": {"path": TRAINER}}])),
    ("FL311", "2.9", lambda job: routed(job, ("*", TRAINER), ("validate", VALIDATOR))),
    ("FL312", "2.9", lambda job: routed(job, ("*", TRAINER), ("validate", VALIDATOR))),
    ("FL312", "2.9", lambda job: job.server.update(workflows=[])),
    ("FL310", "2.9", lambda job: names(job, train_task_name=7)),
    ("FL312", "2.9", unknown_sender),
    ("FL250", "2.9", both(lambda job: job.trainer["args"].update(sleep_tim=1), lambda job: deployed(job, "server"))),
    ("FL250", "2.9", both(lambda job: names(job, zzz=1), lambda job: deployed(job, "site-1"))),
    ("FL114", "2.9", lambda job: job.code.update({"../../docs/notes.md": ""})),
    ("FL240", "2.9", lambda job: job.server["components"][0].update(args={"model": {"path": 7}})),
    ("FL321", "2.9", lambda job: filtered(job, tasks=["train", "zzzzz"])),
    ("FL321", "2.9", lambda job: filtered(job, direction="out")),
    ("FL321", "2.3", lambda job: filtered(job, direction="in")),
    ("FL124", "2.9", lambda job: job.meta.update(min_clients=3, deploy_map={"app": ["@ALL"]})),
    ("FL702", "2.9", lambda job: job.client.update(password="abc12")),
    ("FL702", "2.9", lambda job: job.client.update(password="{the_password}")),
]


@pytest.mark.parametrize(("code", "release", "said", "change"), FOUND)
def test_it_is_found(code: str, release: str, said: str, change: Change, tmp_path: Path) -> None:
    job = Job()
    change(job)
    found = of_code(job, code, tmp_path, release)
    texts = [text_of(finding) for finding in found]
    assert [text for text in texts if said in text], texts


@pytest.mark.parametrize(("code", "release", "change"), QUIET)
def test_it_is_nothing(code: str, release: str, change: Change, tmp_path: Path) -> None:
    job = Job()
    change(job)
    assert not [finding for finding in job.findings(tmp_path, release) if finding.code in (code, INTERNAL_ERROR)]


@pytest.mark.parametrize(("args", "severity"), [({"delta": 1}, Severity.ERROR), ({}, Severity.WARNING)])
def test_misspelt_args_are_an_error_when_arguments_are_lost(args: Config, severity: Severity, tmp_path: Path) -> None:
    job = Job()
    del job.trainer["args"]
    job.trainer["ags"] = args
    (found,) = of_code(job, "FL214", tmp_path)
    assert found.severity is severity


def test_a_site_named_in_two_apps_is_not_removed_from_one(tmp_path: Path) -> None:
    job = Job()
    job.meta["deploy_map"] = {"app": ["server", "site-1"], "app2": ["site-1"]}
    (found,) = of_code(job, "FL104", tmp_path)
    assert found.problem.fix is None


def test_a_site_named_twice_for_one_app_can_be_removed_once(tmp_path: Path) -> None:
    job = Job()
    job.meta["deploy_map"] = {"app": ["server", "site-1", "site-1"]}
    (found,) = of_code(job, "FL104", tmp_path)
    assert found.problem.fix is not None


def test_a_file_that_holds_the_path_of_another_is_taken_for_a_broken_link(tmp_path: Path) -> None:
    job = Job()
    job.code = {"link.py": "../../shared/train.py", "broken.py": "def train(:\n    return 1/2\n"}
    helps = {
        Path(found.problem.place.source.name).name: found.problem.help for found in of_code(job, "FL401", tmp_path)
    }
    assert "symbolic link" in helps["link.py"]
    assert not helps["broken.py"]


@pytest.mark.parametrize(
    ("release", "simulated", "connecting"),
    [("2.5", None, "warning"), ("2.6", "error", "error"), ("2.7", "error", "error"), ("2.9", None, "warning")],
)
def test_a_federation_of_flower_needs_an_address_where_nvflare_replaces_it(
    release: str, simulated: str | None, connecting: str, tmp_path: Path
) -> None:
    shutil.copytree(EXAMPLES / "FL452" / "bad", tmp_path / "job")
    project = tmp_path / "job" / "app" / "custom" / "pyproject.toml"

    def severity() -> str | None:
        assignment = Assignment(JobLocation(tmp_path / "job", "job"), release, Settings(), Surroundings())
        found = [finding for finding in check_assignment(assignment).findings if finding.code == "FL452"]
        return found[0].severity.value if found else None

    assert severity() == connecting
    project.write_text(project.read_text().replace("insecure = true\n", ""))
    assert severity() == simulated


def test_configs_that_lie_beside_meta_are_sent_to_their_app(tmp_path: Path) -> None:
    (tmp_path / "meta.json").write_text('{"deploy_map": {"app": ["@ALL"]}}', "utf-8")
    for side in ("client", "server"):
        (tmp_path / f"config_fed_{side}.conf").write_text("format_version = 2", "utf-8")
    assignment = Assignment(JobLocation(tmp_path, "job"), "2.9", Settings(), Surroundings())
    (found,) = check_assignment(assignment).findings
    assert (
        found.problem.help
        == "config_fed_client.conf, config_fed_server.conf lie beside meta: put them into app/config/"
    )


@pytest.mark.parametrize(
    ("written", "help"),
    [
        ("ture", "write true"),
        ('"flase"', "write false without quotes"),
        ('"yes"', "write true without quotes"),
        ('"sometimes"', "write true or false without quotes"),
    ],
)
def test_a_text_for_a_boolean_is_told_what_to_write(written: str, help: str, tmp_path: Path) -> None:
    jobs.write_job(tmp_path, meta=META)
    (tmp_path / "app" / "config" / "config_fed_server.json").unlink()
    server = copy.deepcopy(jobs.SERVER)
    server["workflows"][0]["args"]["allow_empty_global_weights"] = "HERE"
    text = json.dumps(server).replace('"HERE"', written)
    (tmp_path / "app" / "config" / "config_fed_server.conf").write_text(text, "utf-8")
    assignment = Assignment(JobLocation(tmp_path, "job"), "2.9", Settings(), Surroundings())
    (found,) = [each for each in check_assignment(assignment).findings if each.code == "FL253"]
    assert found.problem.help == help


@pytest.mark.parametrize(("rounds", "severity"), [(1, Severity.ERROR), (5, Severity.WARNING)])
def test_an_argument_beside_args_that_is_the_default_loses_nothing(
    rounds: int, severity: Severity, tmp_path: Path
) -> None:
    job = Job()
    del job.server["workflows"][0]["args"]["num_rounds"]
    job.server["workflows"][0]["num_rounds"] = rounds
    (found,) = of_code(job, "FL214", tmp_path)
    assert found.severity is severity


def test_folders_of_a_tool_are_told_once(tmp_path: Path) -> None:
    job = Job()
    job.code = {"a/.ipynb_checkpoints/x": "", "b/.ipynb_checkpoints/x": "", "b/.vscode/x": ""}
    found = of_code(job, "FL703", tmp_path)
    assert {finding.problem.message.replace(str(tmp_path), "") for finding in found} == {
        "the folder app/custom/a/.ipynb_checkpoints is part of the job and sent to its sites, and 1 more called "
        ".ipynb_checkpoints",
        "the folder app/custom/b/.vscode is part of the job and sent to its sites",
    }


def test_the_allow_list_says_nothing_of_modules_that_the_release_has_not(tmp_path: Path) -> None:
    job = Job()
    job.trainer.update(path="nvflare.app_common.executors.in_process_client_api_executor.InProcessClientAPIExecutor")
    job.trainer["args"] = {"task_script_path": "train.py"}
    codes = {finding.code for finding in job.findings(tmp_path / "a", "2.9")}
    assert "FL501" in codes
    assert "FL240" not in codes
    assert "FL240" in {finding.code for finding in job.findings(tmp_path / "b", "2.8")}
