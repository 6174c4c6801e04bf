"""What the rules about names and calls in code say, and where they are silent (FL406, FL407, FL408, FL439)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from fllint.engine import check_job
from fllint.findings import Finding
from fllint.job.discovery import JobLocation
from fllint.registry import all_rules

Said: TypeAlias = Callable[..., dict[str, list[Finding]]]
GOOD = Path(__file__).parent / "FL406" / "good"
SCRIPT = """
import nvflare.client as flare
{before}

def main():
    flare.init()
    while flare.is_running():
        model = flare.receive()
        {line}
        flare.send(flare.FLModel(params=model.params))


main()
"""


@pytest.fixture
def said(tmp_path: Path) -> Said:
    def of(script: str, **modules: str) -> dict[str, list[Finding]]:
        job = shutil.copytree(GOOD, tmp_path / "job")
        (job / "app" / "custom" / "train.py").write_text(script, "utf-8")
        for name, text in modules.items():
            (job / "app" / "custom" / f"{name}.py").write_text(text, "utf-8")
        findings: dict[str, list[Finding]] = {}
        for finding in check_job(JobLocation(job, "job"), "2.9", all_rules()).findings:
            findings.setdefault(finding.code, []).append(finding)
        return findings

    return of


def underlined(finding: Finding) -> str:
    place = finding.problem.place
    return place.source.text[place.span.start : place.span.end]


def script(line: str = "pass", before: str = "") -> str:
    return SCRIPT.format(line=line, before=before)


@pytest.mark.parametrize(
    "line",
    [
        "print([x for x in model.params])",
        "print((lambda y: y)(1))",
        "with open('a') as f: f.read()",
        "print(__file__, __name__)",
        "import numpy as np; np.zeros(1)",
        "try: later\n        except NameError as problem: print(problem)\n        later = 1",
    ],
)
def test_a_name_that_something_binds_is_no_finding(said: Said, line: str) -> None:
    assert "FL406" not in said(script(line))


@pytest.mark.parametrize("before", ["from numpy import *", "globals()['nothing'] = 1", "exec('nothing = 1')"])
def test_names_may_come_from_where_nobody_sees_them(said: Said, before: str) -> None:
    assert "FL406" not in said(script("print(nothing)", before))


def test_a_name_is_certainly_missing_at_the_top_level_only(said: Said) -> None:
    (inside,) = said(script("print(nothing)"))["FL406"]
    assert inside.severity.value == "warning"
    assert underlined(inside) == "nothing"


def test_a_missing_name_at_the_top_level_is_an_error(said: Said) -> None:
    (outside,) = said(script(before="print(nothing)"))["FL406"]
    assert outside.severity.value == "error"


def test_a_missing_name_in_a_branch_at_the_top_level_is_a_warning(said: Said) -> None:
    (finding,) = said(script(before="if flare:\n    print(nothing)"))["FL406"]
    assert finding.severity.value == "warning"


def test_a_module_that_the_script_imports_counts_and_another_one_not(said: Said) -> None:
    found = said(
        script(before="import net"), net="def f():\n    return nothing\n", other="def f():\n    return nothing\n"
    )
    assert [finding.problem.place.source.name for finding in found["FL406"]] == ["app/custom/net.py"]


@pytest.mark.parametrize(
    "call",
    [
        "flare.FLModel(**model.meta)",
        "flare.FLModel(*model.meta)",
        "flare.FLModel(None, {}, None, {})",
        "flare.FLModel('FULL', params={})",
        "flare.system_info()",
    ],
)
def test_a_call_that_fits_is_no_finding(said: Said, call: str) -> None:
    assert "FL407" not in said(script(f"print({call})"))


def test_an_argument_that_is_required_may_be_given_by_position(said: Said) -> None:
    before = "from nvflare.apis.dxo import DXO, DataKind"
    assert "FL407" not in said(script("print(DXO(DataKind.WEIGHTS, data={}))", before))


def test_an_argument_that_is_required_and_not_given_is_a_finding(said: Said) -> None:
    (finding,) = said(script("print(DXO(data={}))", "from nvflare.apis.dxo import DXO"))["FL407"]
    assert "'data_kind'" in finding.problem.message
    assert finding.severity.value == "warning"


@pytest.mark.parametrize(
    ("call", "token"),
    [
        ("DXO(DataKind.WEIGHTS, [1])", "[1]"),
        ("DXO(data_kind='WEIGHTS', data={'w': 1}, meta=7)", "7"),
        ("DXO('WEIGHTS', 'w')", "'w'"),
    ],
)
def test_a_written_value_that_a_class_refuses_is_told_at_the_value(said: Said, call: str, token: str) -> None:
    (finding,) = said(script(f"print({call})", "from nvflare.apis.dxo import DXO, DataKind"))["FL407"]
    assert underlined(finding) == token
    assert "expect dict" in finding.problem.message


@pytest.mark.parametrize(
    "call", ["DXO(DataKind.WEIGHTS, model.params)", "DXO('APP_DEFINED', [1])", "DXO(model.meta, [1])"]
)
def test_a_value_that_may_be_right_is_no_finding(said: Said, call: str) -> None:
    assert "FL407" not in said(script(f"print({call})", "from nvflare.apis.dxo import DXO, DataKind"))


def test_a_model_that_is_sent_with_a_wrong_argument_is_an_error(said: Said) -> None:
    (finding,) = said(script().replace("params=model", "parms=model"))["FL407"]
    assert finding.severity.value == "error"
    assert underlined(finding) == "parms"
    assert "'params'" in finding.problem.help


NET = """
import torch


class Net(torch.nn.Module):
    def __init__(self):
        {line}
        self.layer = torch.nn.Linear(2, 1)
"""


@pytest.mark.parametrize(
    "line",
    ["super().__init__()", "super(Net, self).__init__()", "torch.nn.Module.__init__(self)", "self.__dict__ = {}"],
)
def test_a_constructor_that_calls_its_base_is_no_finding(said: Said, line: str) -> None:
    assert "FL408" not in said(script(before="import net"), net=NET.format(line=line))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("(torch.nn.Module)", "(torch.nn.Module, dict)"),
        ("(torch.nn.Module)", ""),
        ("(torch.nn.Module)", "(Exception)"),
        ("def __init__", "def start"),
        ("    def __init__", "    @wraps\n    def __init__"),
    ],
)
def test_a_class_of_another_kind_is_no_finding(said: Said, old: str, new: str) -> None:
    text = NET.format(line="pass")
    assert "FL408" not in said(script(before="import net"), net=text.replace(old, new))


def test_a_component_that_never_calls_its_base_has_no_logger(said: Said) -> None:
    text = "from nvflare.apis.filter import Filter\n\n\nclass F(Filter):\n    def __init__(self):\n        self.x = 1\n"
    (finding,) = said(script(before="import net"), net=text)["FL408"]
    assert finding.severity.value == "warning"


@pytest.mark.parametrize(
    "end",
    ["main()", "if __name__ == '__main__':\n    main()", "run = main\nrun()", "import atexit\natexit.register(main)"],
)
def test_a_function_that_something_names_may_be_called(said: Said, end: str) -> None:
    assert "FL439" not in said(script().replace("\nmain()\n", f"\n{end}\n"))


def test_parameters_that_are_no_object_cannot_be_sent(said: Said) -> None:
    (finding,) = said(script().replace("params=model.params", "params=[1]"))["FL435"]
    assert underlined(finding) == "[1]"
    assert "sending it raises ValueError" in finding.problem.message
