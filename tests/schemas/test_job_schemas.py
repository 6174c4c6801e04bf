"""The schemas for editors: they take what NVFlare takes, and know its classes and their arguments."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from fllint.catalogue.releases import RELEASES
from fllint.cli import main
from fllint.schemas.schema import KINDS, job_schema

RULES = Path(__file__).resolve().parents[1] / "rules"
FILES = {"meta.json": "meta", "config_fed_server.json": "server", "config_fed_client.json": "client"}
GOOD_FILES = sorted(path for path in RULES.glob("FL*/good*/**/*.json") if path.name in FILES)
FEDAVG = "nvflare.app_common.workflows.fedavg.FedAvg"


def config(*workflows: dict[str, Any]) -> dict[str, Any]:
    return {"format_version": 2, "workflows": [{"id": "w", **workflow} for workflow in workflows]}


def messages(kind: str, value: object, release: str = "2.9") -> list[str]:
    return [error.message for error in jsonschema.Draft7Validator(job_schema(kind, release)).iter_errors(value)]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("kind", KINDS)
def test_each_is_a_schema(kind: str, release: str) -> None:
    jsonschema.Draft7Validator.check_schema(job_schema(kind, release))


def test_the_good_jobs_of_all_rules_are_valid() -> None:
    validators = {kind: jsonschema.Draft7Validator(job_schema(kind, "2.9")) for kind in KINDS}
    checked = 0
    for path in GOOD_FILES:
        if any(folder.joinpath("options.toml").exists() for folder in path.parents):
            continue  # for another release
        errors = [
            error.message for error in validators[FILES[path.name]].iter_errors(json.loads(path.read_text("utf-8")))
        ]
        assert errors == [], path
        checked += 1
    assert checked > 150


def test_an_argument_that_the_class_does_not_take_is_refused() -> None:
    assert messages("server", config({"path": FEDAVG, "args": {"num_clients": 2}})) == []
    assert messages("server", config({"path": FEDAVG, "args": {"num_round": 2}})) == [
        "Additional properties are not allowed ('num_round' was unexpected)"
    ]


def test_own_classes_and_variables_are_welcome() -> None:
    own = {"path": "mine.Workflow", "args": {"anything": 1}}
    variable = {"path": FEDAVG, "args": {"num_clients": "{clients}"}}
    assert messages("server", {"clients": 2, **config(own, variable)}) == []


def test_arguments_are_described_with_annotation_and_default() -> None:
    argument = job_schema("server", "2.9")["definitions"][FEDAVG]["properties"]["num_rounds"]
    assert argument["default"] == 5
    assert argument["description"].startswith("int")


def test_executors_offers_executors_only() -> None:
    paths = job_schema("client", "2.9")["definitions"]["executor"]["properties"]["path"]["anyOf"][0]["enum"]
    assert "nvflare.app_common.executors.client_api_executor.ClientAPIExecutor" in paths
    assert FEDAVG not in paths


def test_the_command_prints_it_and_writes_it(tmp_path: Path) -> None:
    printed = CliRunner().invoke(main, ["schema", "meta", "--nvflare", "2.8.1"])
    assert json.loads(printed.output) == job_schema("meta", "2.8")
    target = tmp_path / "meta.schema.json"
    assert CliRunner().invoke(main, ["schema", "meta", "--output-file", str(target)]).exit_code == 0
    assert json.loads(target.read_text("utf-8")) == job_schema("meta", "2.9")


def test_an_unknown_release_is_said_with_exit_status_2() -> None:
    result = CliRunner().invoke(main, ["schema", "meta", "--nvflare", "1.0"])
    assert result.exit_code == 2
    assert "2.9" in result.output
