"""What is said of the calls in a script, once and only where it is certain."""

from __future__ import annotations

from pathlib import Path

import pytest

from fllint.scripts.script_text import MAXIMUM_CHARACTERS
from tests.job_api.scripts import SITES, findings, report_of, write

HEAD = """import argparse

from elsewhere import Mixin, options

from nvflare.apis.filter import ContentBlockedException
from nvflare.app_common.resource_managers.gpu_resource_manager import GPUResourceManager
from nvflare.app_common.workflows.fedavg import FedAvg
from nvflare.job_config.api import FedJob
from nvflare.job_config.script_runner import ScriptRunner


class Mixed(Mixin, FedJob): ...


"""
CALLS = [
    ("FedJob('a', zzz=1)", {"FL601": ["zzz"]}),
    ("FedJob('a', name='b')", {"FL601": ["'b'"]}),
    ("ContentBlockedException(zzz=1)\nFedJob('a', zzz=1)", {"FL601": ["zzz"]}),
    ("GPUResourceManager(1, 1, expiration_period=-1)", {"FL603": ["-1"]}),
    ("ScriptRunner()", {"FL602": ["ScriptRunner"]}),
    ("ScriptRunner(**options)\nScriptRunner()", {"FL602": ["ScriptRunner"]}),
    ("FedJob('a', min_clients=0)", {"FL603": ["0"]}),
    ("def never():\n    FedJob('a', min_clients=0)", {}),
    ("FedJob('a', min_clients=options)", {}),
    ("Mixed('a').to_all_of_them()", {}),
    ("FedJob('a').to_all_of_them()", {"FL605": ["FedJob('a').to_all_of_them()"]}),
]


@pytest.mark.parametrize(("calls", "expected"), CALLS)
def test_a_call_is_told_where_it_certainly_fails(tmp_path: Path, calls: str, expected: dict[str, list[str]]) -> None:
    found: dict[str, list[str]] = {}
    for finding in findings(write(tmp_path, HEAD + calls)):
        place = finding.problem.place
        if finding.code.startswith("FL60"):
            found.setdefault(finding.code, []).append(place.source.text[place.span.start : place.span.end])
    assert found == expected


SENT = """from elsewhere import Other, options

from nvflare.app_common.workflows.fedavg import FedAvg
from nvflare.job_config.api import FedJob
from nvflare.job_config.script_runner import ScriptRunner

job = FedJob("a", min_clients=2)
job.to_clients(ScriptRunner("src/train.py"))
{more}
job.to_server(FedAvg(2, 3){tasks})
job.simulator_run("/tmp/work", n_clients={number})
"""


@pytest.mark.parametrize(
    ("more", "tasks", "number", "expected"),
    [
        ("job.to(Other(), 'server')", "", 2, []),
        ("job.to(options, 'server')", ", tasks=['train']", 2, ["FL618"]),
        ("", "", 0, ["FL615"]),
        ("", "", 1, ["FL616"]),
    ],
)
def test_what_is_sent_is_told_where_it_is_certain(
    tmp_path: Path, more: str, tasks: str, number: int, expected: list[str]
) -> None:
    script = write(tmp_path, SENT.format(more=more, tasks=tasks, number=number))
    found = [finding.code for finding in findings(script)]
    assert [code for code in found if code.startswith(("FL0", "FL61"))] == expected


def test_an_unknown_argument_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    (problem,) = [
        each.problem for each in findings(write(tmp_path, HEAD + "FedJob('a', zzz=1)")) if each.code == "FL601"
    ]
    assert problem.help == "it takes name, min_clients, mandatory_clients, meta_props"


def test_a_call_whose_object_is_exported_is_told_as_a_component_only(tmp_path: Path) -> None:
    script = write(tmp_path, SITES.replace("num_clients=args", "num_clientz=args"))
    assert [finding.code for finding in findings(script)] == ["FL250"]


@pytest.mark.parametrize(
    "line", ["#" * (MAXIMUM_CHARACTERS + 1), f"f'{{job}}'\ntext = '{'{' * 10_000}'", f"x = {'-' * 20_000}1"]
)
def test_a_script_that_is_too_much_to_read_is_not_called_broken(tmp_path: Path, line: str) -> None:
    report = report_of(write(tmp_path, HEAD + line))
    assert "FL620" not in [finding.code for finding in report.findings]
    assert report.not_checked
