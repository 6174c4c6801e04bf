from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import pytest

import fllint.catalogue
from fllint.catalogue.catalogue import RELEASES, Catalogue
from fllint.catalogue.kinds import KINDS
from fllint.catalogue.records import decode_class, encode_class, read_signature, signature
from fllint.python.classes import ClassInfo
from fllint.python.evaluate import evaluate, failed_checks, render, with_defaults
from fllint.python.expressions import parsed
from tests.catalogue import tables

DATA = Path(fllint.catalogue.__file__).parent / "data"
ALWAYS_REFUSED = {"nvflare.app_opt.job_launcher.slurm.launcher.SlurmJobLauncher"}
"""Classes that only derived ones can be made of, without being abstract."""
WORKFLOWS = "nvflare.app_common.workflows"


def found(path: str, release: str = "2.9") -> ClassInfo:
    info = Catalogue.load(release).find(path)
    assert info is not None
    return info


@pytest.mark.parametrize("release", RELEASES)
def test_every_release_is_there_and_says_which_patch_it_is(release: str) -> None:
    catalogue = Catalogue.load(release)
    assert catalogue.release == release
    assert catalogue.version.startswith(release + ".")


@pytest.mark.parametrize("release", RELEASES)
def test_every_class_can_be_put_together(release: str) -> None:
    catalogue = Catalogue.load(release)
    for path in catalogue.class_paths:
        info = catalogue.find(path)
        assert info is not None
        assert info.path == path
        for check in info.checks:
            assert parsed(check.when) is not None
            assert evaluate(check.when, {}) is not True or path in ALWAYS_REFUSED


@pytest.mark.parametrize("release", RELEASES)
def test_defaults_of_a_class_never_fail_its_own_checks_without_a_required_argument(release: str) -> None:
    """A class that can be made without arguments is made without arguments by somebody. The exceptions ask for one in
    their constructor's body."""
    catalogue = Catalogue.load(release)
    asking = {
        path.rpartition(".")[2]
        for path in tables_paths(catalogue)
        if not any(parameter.required for parameter in found(path, release).parameters)
        and failed_checks(found(path, release), {})
    }
    assert asking <= {"GlobalModelEval", "DecomposerRegister", "InitializeGlobalWeights"}


def tables_paths(catalogue: Catalogue) -> tuple[str, ...]:
    return catalogue.subclasses(tables.COMPONENT)


@pytest.mark.parametrize("path", sorted(DATA.glob("*.json")), ids=lambda path: path.name)
def test_data_files_have_one_entry_a_line(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") > 20
    json.loads(text)


@pytest.mark.parametrize("release", RELEASES)
def test_the_files_of_a_release_are_small(release: str) -> None:
    sizes = [path.stat().st_size for path in DATA.glob(f"{release}[.-]*")]
    assert max(sizes) < 400_000
    assert sum(sizes) < 500_000


def test_loading_takes_little_time() -> None:
    Catalogue.load("2.8")
    content = json.loads((DATA / "2.9.json").read_bytes())
    started = time.process_time()
    for _ in range(5):
        Catalogue(content).find(f"{WORKFLOWS}.fedavg.FedAvg")
    assert (time.process_time() - started) / 5 < 0.25


@pytest.mark.parametrize(("name", "text"), tables.files().items(), ids=tables.files().keys())
def test_ids_and_tasks_are_as_they_were_checked(name: str, text: str) -> None:
    assert text.splitlines() == (tables.FOLDER / name).read_text("utf-8").splitlines()


def test_effective_parameters_of_fedavg() -> None:
    info = found(f"{WORKFLOWS}.fedavg.FedAvg")
    defaults = {parameter.name: parameter.default for parameter in info.parameters}
    assert defaults["num_clients"] == 3
    assert defaults["persistor_id"] == "persistor"
    assert "min_clients" not in defaults
    assert not info.accepts_any_keyword
    assert info.abstract_methods == ()
    assert "min_clients" in {parameter.name for parameter in found(f"{WORKFLOWS}.fedavg.FedAvg", "2.4").parameters}


@pytest.mark.parametrize(
    ("path", "given", "message"),
    [
        (f"{WORKFLOWS}.scatter_and_gather.ScatterAndGather", {"min_clients": "2"}, "min_clients must be int"),
        (f"{WORKFLOWS}.scatter_and_gather.ScatterAndGather", {"min_clients": 0}, "min_clients must be greater than 0."),
        (f"{WORKFLOWS}.scatter_and_gather.ScatterAndGather", {"num_rounds": 5.0}, "num_rounds must be an int"),
        (f"{WORKFLOWS}.cross_site_model_eval.CrossSiteModelEval", {"task_check_period": 1}, "must be float"),
        (f"{WORKFLOWS}.cyclic_ctl.CyclicController", {"order": "fixed"}, "order must be in ('FIXED', "),
        ("nvflare.app_common.ccwf.SwarmServerController", {"num_rounds": 0}, "num_rounds must > 0, but got 0"),
        (
            "nvflare.app_common.filters.convert_weights.ConvertWeights",
            {"direction": "x"},
            "invalid convert direction x",
        ),
        ("nvflare.app_common.np.np_trainer.NPTrainer", {"delta": "1"}, "delta must be an instance of float or int."),
        (
            "nvflare.app_common.executors.client_api_executor.ClientAPIExecutor",
            {"execution_mode": "external_process"},
            "execution_mode 'external_process' requires a non-empty command",
        ),
        (
            "nvflare.app_common.executors.client_api_executor.ClientAPIExecutor",
            {"execution_mode": "in_process", "command": "python3 train.py"},
            "command is only valid for execution_mode 'external_process', but got command='python3 train.py'",
        ),
        (
            "nvflare.app_common.executors.client_api_executor.ClientAPIExecutor",
            {"execution_mode": "in_process", "params_transfer_type": "diff"},
            "invalid params_transfer_type 'diff'",
        ),
    ],
)
def test_checks_of_constructors(path: str, given: dict[str, object], message: str) -> None:
    info = found(path)
    failed = failed_checks(info, given)
    assert failed
    assert message in render(failed[0].message, with_defaults(info, given))


@pytest.mark.parametrize(
    ("path", "given"),
    [
        (f"{WORKFLOWS}.scatter_and_gather.ScatterAndGather", {"min_clients": True, "num_rounds": 0}),
        (f"{WORKFLOWS}.fedavg.FedAvg", {"num_rounds": "2"}),
        ("nvflare.app_common.ccwf.SwarmServerController", {"num_rounds": 2}),
        (
            "nvflare.app_common.executors.client_api_executor.ClientAPIExecutor",
            {"execution_mode": "in_process", "task_script_path": "train.py", "params_exchange_format": "pytorch"},
        ),
    ],
)
def test_arguments_that_constructors_accept(path: str, given: dict[str, object]) -> None:
    assert failed_checks(found(path), given) == ()


def test_short_names_lead_to_one_class_or_several_or_none() -> None:
    catalogue = Catalogue.load("2.9")
    assert catalogue.short_name("ScatterAndGather") == (f"{WORKFLOWS}.scatter_and_gather.ScatterAndGather",)
    assert len(catalogue.short_name("NPTrainer")) == 2
    assert catalogue.short_name("alice") == ()
    for release in RELEASES:
        catalogue = Catalogue.load(release)
        lost = [
            path for name in catalogue.short_names for path in catalogue.short_name(name) if not catalogue.find(path)
        ]
        assert lost == []


def test_the_allow_list_exists_since_2_8_and_names_classes() -> None:
    assert [len(Catalogue.load(release).allow_list) for release in RELEASES] == [0, 0, 0, 0, 0, 81, 88]
    catalogue = Catalogue.load("2.9")
    assert [path for path in catalogue.allow_list if catalogue.find(path) is None] == []


def test_kinds_name_classes_of_the_release() -> None:
    for release in RELEASES:
        catalogue = Catalogue.load(release)
        assert set(catalogue.kinds) <= set(KINDS[release])
        assert all(catalogue.find(path) is not None for path in catalogue.kinds.values())
        assert {"Workflow", "Executor", "Filter", "Aggregator", "LearnablePersistor"} <= set(catalogue.kinds)
    assert Catalogue.load("2.4").kinds["Workflow"] == "nvflare.apis.responder.Responder"
    assert Catalogue.load("2.5").kinds["Workflow"] == "nvflare.apis.impl.controller.Controller"


def test_subclasses_are_all_below() -> None:
    catalogue = Catalogue.load("2.9")
    below = catalogue.subclasses("nvflare.apis.impl.controller.Controller")
    assert f"{WORKFLOWS}.fedavg.FedAvg" in below
    assert all(found(path).is_a("nvflare.apis.impl.controller.Controller") for path in below)


def test_names_of_modules_are_known() -> None:
    catalogue = Catalogue.load("2.9")
    assert {"init", "receive", "send", "FLModel"} <= set(catalogue.names_in("nvflare.client"))
    assert catalogue.has_module("nvflare.app_opt.pt.file_model_persistor")
    assert not catalogue.has_module("nvflare.app_common.executors.launcher_executor")
    assert Catalogue.load("2.8").has_module("nvflare.app_common.executors.launcher_executor")


def test_signatures_of_the_client_api_are_known() -> None:
    parameters = Catalogue.load("2.9").signature("nvflare.client.send")
    assert parameters is not None
    assert [parameter.name for parameter in parameters] == ["model", "clear_cache", "ctx"]
    assert Catalogue.load("2.9").signature("nvflare.client.nothing") is None


def test_required_packages_are_import_names() -> None:
    catalogue = Catalogue.load("2.9")
    assert {"yaml", "numpy", "grpc", "pyhocon"} <= catalogue.installed_packages
    assert "torch" in catalogue.required_packages
    assert "torch" not in catalogue.installed_packages
    assert catalogue.requires["config"] == ("omegaconf",)


def test_an_unknown_release_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        Catalogue.load("1.0")


@pytest.mark.parametrize("release", [RELEASES[0], RELEASES[-1]])
def test_what_is_recorded_of_a_class_is_the_same_when_it_is_written_again(release: str) -> None:
    others = json.loads(gzip.decompress((DATA / f"{release}-others.json.gz").read_bytes()))
    for file in (json.loads((DATA / f"{release}.json").read_bytes()), others):
        records = file["classes"]
        assert {path: encode_class(decode_class(path, record)) for path, record in records.items()} == records


@pytest.mark.parametrize("text", ["a: int, /", "a, /, b=1, *, c", "a, *args, c: str='x', **more"])
def test_a_signature_is_written_as_it_is_read(text: str) -> None:
    written = signature(read_signature(text), varargs="*args" in text, keywords="more" if "**more" in text else None)
    assert written == text
