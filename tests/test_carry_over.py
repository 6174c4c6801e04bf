"""Carrying a config over to a release that lacks the Client API executors of the one before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fllint.carry_over import carry_over
from fllint.catalogue.catalogue import Catalogue
from fllint.fixing.edited_files import applied
from fllint.job.discovery import JobLocation
from fllint.job.model import Config
from fllint.job.read import read_job

LAUNCHER = {
    "id": "launcher",
    "path": "nvflare.app_common.launchers.subprocess_launcher.SubprocessLauncher",
    "args": {"script": "python3 custom/train.py --lr {rate}", "shutdown_timeout": 5.0},
}
PIPE = {
    "id": "pipe",
    "path": "nvflare.fuel.utils.pipe.cell_pipe.CellPipe",
    "args": {"mode": "PASSIVE", "token": "{JOB_ID}"},
}
METRICS_PIPE = {**PIPE, "id": "metrics_pipe"}
RELAY = {
    "id": "relay",
    "path": "nvflare.app_common.widgets.metric_relay.MetricRelay",
    "args": {"pipe_id": "metrics_pipe", "event_type": "fed.analytix_log_stats"},
}
CONFIGURATOR = {
    "id": "configurator",
    "path": "nvflare.app_common.widgets.external_configurator.ExternalConfigurator",
    "args": {"component_ids": ["relay"]},
}
ARGUMENTS = {"launcher_id": "launcher", "pipe_id": "pipe"}
PATH = "nvflare.app_opt.pt.client_api_launcher_executor.PTClientAPILauncherExecutor"


def executor(path: str = PATH, **arguments: Any) -> dict[str, Any]:
    return {"tasks": ["train"], "executor": {"path": path, "args": arguments}}


def config_of(tmp_path: Path, text: str, name: str = "config_fed_client.json", release: str = "2.9") -> Config:
    (tmp_path / "app/config").mkdir(parents=True)
    (tmp_path / "app/config" / name).write_text(text)
    (tmp_path / "meta.json").write_text('{"name": "job", "deploy_map": {"app": ["@ALL"]}}')
    config = read_job(JobLocation(tmp_path, "job").open(), release, lambda _: False).apps[0].client
    assert config is not None
    return config


def carried(tmp_path: Path, executors: list[Any], components: list[Any], release: str = "2.9") -> dict[str, Any] | None:
    """A config after it was carried over."""
    text = json.dumps({"format_version": 2, "rate": "0.1", "executors": executors, "components": components}, indent=2)
    done = carry_over(config_of(tmp_path, text, release=release), Catalogue.load(release))
    if done is None:
        return None
    assert not done.fix.safe
    config: dict[str, Any] = json.loads(applied(text, done.fix.edits))
    return config


def test_what_the_launcher_ran_becomes_the_command_and_what_served_the_executor_goes(tmp_path: Path) -> None:
    other = {"id": "other", "path": "module.Other", "args": {}}
    components = [LAUNCHER, PIPE, other, METRICS_PIPE, RELAY, CONFIGURATOR]
    config = carried(tmp_path, [executor(**ARGUMENTS, peer_read_timeout=9, task_wait_timeout=60)], components)
    assert config is not None
    assert config["components"] == [other]
    assert config["executors"][0]["executor"] == {
        "path": "nvflare.app_common.executors.client_api_executor.ClientAPIExecutor",
        "args": {
            "execution_mode": "external_process",
            "command": "python3 custom/train.py --lr {rate}",
            "shutdown_timeout": 5.0,
            "params_exchange_format": "pytorch",
            "task_wait_timeout": 9,
            "result_wait_timeout": 60,
        },
    }


def test_a_component_that_something_else_names_stays_with_what_it_names(tmp_path: Path) -> None:
    other = {"id": "other", "path": "module.Other", "args": {"relay": "relay"}}
    components = [LAUNCHER, PIPE, other, METRICS_PIPE, RELAY, CONFIGURATOR]
    config = carried(tmp_path, [executor(**ARGUMENTS)], components)
    assert config is not None
    assert config["components"] == [other, METRICS_PIPE, RELAY]


def test_a_format_that_is_given_stays_and_null_becomes_what_it_meant(tmp_path: Path) -> None:
    config = carried(
        tmp_path, [executor(**ARGUMENTS, params_exchange_format="raw", heartbeat_timeout=None)], [LAUNCHER, PIPE]
    )
    assert config is not None
    arguments = config["executors"][0]["executor"]["args"]
    assert arguments["params_exchange_format"] == "raw"
    assert arguments["heartbeat_timeout"] == 0


def test_what_gets_lost_is_said(tmp_path: Path) -> None:
    launcher = {**LAUNCHER, "args": {**LAUNCHER["args"], "clean_up_script": "rm x"}}  # type: ignore[dict-item]
    text = json.dumps({"executors": [executor(**ARGUMENTS)], "components": [launcher, PIPE]})
    done = carry_over(config_of(tmp_path, text), Catalogue.load("2.9"))
    assert done is not None
    assert "SubprocessLauncher's clean_up_script" in done.fix.message


def test_a_path_by_which_the_class_was_only_imported_counts(tmp_path: Path) -> None:
    alias = "nvflare.app_opt.pt.client_api_launcher_executor.ClientAPILauncherExecutor"
    config = carried(tmp_path, [executor(alias, **ARGUMENTS)], [LAUNCHER, PIPE])
    assert config is not None
    assert config["executors"][0]["executor"]["args"]["params_exchange_format"] == "numpy"


@pytest.mark.parametrize(
    ("executors", "components"),
    [
        pytest.param([executor(pipe_id="pipe")], [PIPE], id="the trainer is started by hand"),
        pytest.param([executor(**ARGUMENTS)], [{**LAUNCHER, "path": "own.Launcher"}, PIPE], id="a launcher of its own"),
        pytest.param([executor(**ARGUMENTS)], [PIPE], id="there is no such launcher"),
        pytest.param(
            [executor(**ARGUMENTS, to_nvflare_converter_id="own")],
            [LAUNCHER, PIPE, {"id": "own", "path": "own.Converter"}],
            id="a converter of its own",
        ),
        pytest.param([executor(**ARGUMENTS), executor(**ARGUMENTS)], [LAUNCHER, PIPE], id="two of them"),
        pytest.param([executor("own.Executor", **ARGUMENTS)], [LAUNCHER, PIPE], id="an executor of its own"),
    ],
)
def test_a_config_is_left_alone_where(tmp_path: Path, executors: list[Any], components: list[Any]) -> None:
    assert carried(tmp_path, executors, components) is None


@pytest.mark.parametrize("release", ["2.3", "2.8"])
def test_nothing_is_carried_to_a_release_that_has_the_class_or_not_yet_its_successor(
    tmp_path: Path, release: str
) -> None:
    assert carried(tmp_path, [executor(**ARGUMENTS)], [LAUNCHER, PIPE], release) is None


def test_what_the_edits_do_not_touch_stays_byte_for_byte(tmp_path: Path) -> None:
    text = """\
# a config
executors:
- tasks: [ train ]   # only this
  executor:
    path: nvflare.app_common.executors.in_process_client_api_executor.InProcessClientAPIExecutor
    args:
      # the script
      task_script_path:   'train.py'
      result_pull_interval: 0.5  # seconds
      task_wait_time: 10
"""
    done = carry_over(config_of(tmp_path, text, "config_fed_client.yml"), Catalogue.load("2.9"))
    assert done is not None
    assert (
        applied(text, done.fix.edits)
        == """\
# a config
executors:
- tasks: [ train ]   # only this
  executor:
    path: nvflare.app_common.executors.client_api_executor.ClientAPIExecutor
    args:
      # the script
      task_script_path:   'train.py'
      execution_mode: "in_process"
      params_exchange_format: "numpy"
      result_wait_timeout: 10
"""
    )


def test_a_command_that_is_folded_over_lines_becomes_one_line(tmp_path: Path) -> None:
    text = """\
executors:
- tasks: [train]
  executor:
    path: nvflare.app_opt.pt.client_api_launcher_executor.PTClientAPILauncherExecutor
    args:
      launcher_id: launcher
components:
- id: launcher
  path: nvflare.app_common.launchers.subprocess_launcher.SubprocessLauncher
  args:
    script: >-
      python3 -u
      custom/train.py
"""
    done = carry_over(config_of(tmp_path, text, "config_fed_client.yml"), Catalogue.load("2.9"))
    assert done is not None
    assert '      command: "python3 -u custom/train.py"\n' in applied(text, done.fix.edits)
