"""What is said of the calls in a script, once and only where it is certain."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.job_api.scripts import SITES, findings, write

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


def test_an_unknown_argument_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    (problem,) = [
        each.problem for each in findings(write(tmp_path, HEAD + "FedJob('a', zzz=1)")) if each.code == "FL601"
    ]
    assert problem.help == "it takes name, min_clients, mandatory_clients, meta_props"


def test_a_call_whose_object_is_exported_is_told_as_a_component_only(tmp_path: Path) -> None:
    script = write(tmp_path, SITES.replace("num_clients=args", "num_clientz=args"))
    assert [finding.code for finding in findings(script)] == ["FL250"]
