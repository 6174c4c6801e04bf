"""Which script of a job runs, how it is found, and what it is given."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fllint.engine import review_files, run_rules
from fllint.findings import Finding
from fllint.job.files import FolderFiles
from fllint.registry import all_rules
from fllint.review import Review
from fllint.scripts.runs import ScriptRun, script_runs

CLIENT_API = "nvflare.app_common.executors.client_api_executor.ClientAPIExecutor"
OLD_CLIENT_API = "nvflare.app_opt.pt.client_api_launcher_executor.PTClientAPILauncherExecutor"
LAUNCHER = "nvflare.app_common.launchers.subprocess_launcher.SubprocessLauncher"
SCRIPT = """import argparse

import nvflare.client as flare

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, required=True)
args = parser.parse_args()
flare.init()
while flare.is_running():
    model = flare.receive()
    flare.send(flare.FLModel(params=model.params))
"""


def write_job(folder: Path, client: dict[str, Any] | str, *files: str, suffix: str = "json") -> Path:
    """A job with a client config and copies of the script."""
    config = folder / "app" / "config"
    config.mkdir(parents=True)
    (folder / "meta.json").write_text('{"name": "demo", "deploy_map": {"app": ["@ALL"]}}', "utf-8")
    (config / "config_fed_server.json").write_text('{"format_version": 2, "workflows": [], "components": []}', "utf-8")
    text = client if isinstance(client, str) else json.dumps(client, indent=2)
    (config / f"config_fed_client.{suffix}").write_text(text, "utf-8")
    for name in files:
        file = folder / "app" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(SCRIPT + f"# {name}\n", "utf-8")
    return folder


def executor(**arguments: object) -> dict[str, Any]:
    return {"executors": [{"tasks": ["train"], "executor": {"path": CLIENT_API, "args": arguments}}], "components": []}


def in_process(path: str, arguments: str = "--lr 0.1") -> dict[str, Any]:
    return executor(execution_mode="in_process", task_script_path=path, task_script_args=arguments)


def command(text: object) -> dict[str, Any]:
    return executor(execution_mode="external_process", command=text)


def review_of(folder: Path, release: str = "2.9") -> Review:
    return review_files(FolderFiles(folder, "job"), release)


def runs_of(folder: Path, release: str = "2.9") -> tuple[ScriptRun, ...]:
    return script_runs(review_of(folder, release))


def all_findings(folder: Path) -> tuple[Finding, ...]:
    return run_rules(review_of(folder), all_rules()).findings


def findings(folder: Path) -> list[tuple[str, str]]:
    """Codes of family 4, and the text that each finding points at."""
    return [
        (found.code, place.source.text[place.span.start : place.span.end])
        for found in all_findings(folder)
        if found.code.startswith("FL4")
        for place in [found.problem.place]
    ]


@pytest.mark.parametrize(
    ("path", "files", "found"),
    [
        ("train.py", ["custom/train.py"], "app/custom/train.py"),
        ("train.py", ["custom/deep/inside/train.py"], "app/custom/deep/inside/train.py"),
        ("src/train.py", ["custom/pkg/src/train.py"], "app/custom/pkg/src/train.py"),
        ("custom/train.py", ["custom/train.py"], "app/custom/train.py"),
        ("in.py", ["custom/train.py"], None),
        ("./train.py", ["custom/train.py"], None),
        ("../train.py", ["custom/train.py"], None),
        ("Train.py", ["custom/train.py"], None),
        ("train.py", ["custom/train.py", "custom/old/train.py"], "app/custom/train.py"),
        ("train.py", ["custom/new/train.py", "custom/old/train.py"], None),
    ],
)
def test_a_path_is_compared_with_the_ends_of_paths(
    tmp_path: Path, path: str, files: list[str], found: str | None
) -> None:
    (run,) = runs_of(write_job(tmp_path, in_process(path), *files))
    assert run.file == found


@pytest.mark.parametrize(
    ("text", "found", "arguments"),
    [
        ("python3 -u custom/train.py --lr 0.1", "app/custom/train.py", ["--lr", "0.1"]),
        ("python3 ./custom/train.py", "app/custom/train.py", []),
        (["python3", "custom/train.py", "--lr", "0.1"], "app/custom/train.py", ["--lr", "0.1"]),
        ("torchrun --nproc_per_node 2 custom/train.py --lr 1", "app/custom/train.py", ["--lr", "1"]),
        ("python3 -m train --lr 1", "app/custom/train.py", ["--lr", "1"]),
        ("python3 custom/train.py --lr 1 > log.txt", "app/custom/train.py", ["--lr", "1"]),
        ("python3 train.py", None, []),
        ("python3 ../app/custom/train.py", None, []),
        ("cd custom && python3 train.py", None, []),
        ("bash -c 'python3 custom/train.py'", None, []),
    ],
)
def test_a_command_runs_in_the_folder_of_the_app(
    tmp_path: Path, text: object, found: str | None, arguments: list[str]
) -> None:
    (run,) = runs_of(write_job(tmp_path, command(text), "custom/train.py"))
    assert run.file == found
    assert [token.text for token in run.arguments] == arguments


def test_a_launcher_serves_the_executor_that_names_it(tmp_path: Path) -> None:
    client = {
        "executors": [{"tasks": ["train"], "executor": {"path": OLD_CLIENT_API, "args": {"launcher_id": "launcher"}}}],
        "components": [{"id": "launcher", "path": LAUNCHER, "args": {"script": "python3 custom/train.py --lr 1"}}],
    }
    (run,) = runs_of(write_job(tmp_path, client, "custom/train.py"), "2.7")
    assert run.entry is not None
    assert run.entry.tasks == ("train",)
    assert run.one_process


@pytest.mark.parametrize(
    ("suffix", "client"),
    [
        ("json", json.dumps(in_process("train.py", "--lr fast"))),
        (
            "conf",
            f'executors = [{{tasks = ["train"], executor {{path = "{CLIENT_API}", args {{execution_mode = in_process\n'
            'task_script_path = train.py\n task_script_args = "--lr fast"}}}]\ncomponents = []',
        ),
        (
            "yml",
            f"executors:\n- tasks: [train]\n  executor:\n    path: {CLIENT_API}\n    args:\n"
            "      execution_mode: in_process\n      task_script_path: train.py\n      task_script_args: --lr fast\n"
            "components: []\n",
        ),
        (
            "json",
            json.dumps({"arguments": "--lr fast", "rate": "fast", **in_process("train.py", "{arguments}")}),
        ),
    ],
    ids=["json", "hocon", "yaml", "variable"],
)
def test_a_wrong_argument_is_pointed_at_in_every_format(tmp_path: Path, suffix: str, client: str) -> None:
    job = write_job(tmp_path, client, "custom/train.py", suffix=suffix)
    assert findings(job) == [("FL422", "fast")]


def test_an_argument_that_the_site_decides_is_not_judged(tmp_path: Path) -> None:
    job = write_job(tmp_path, in_process("train.py", "--lr {SITE_NAME}"), "custom/train.py")
    assert findings(job) == []


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ("--lr $RATE", [("FL412", "$RATE")]),
        ("--lr $RATE > log.txt", [("FL412", "$RATE")]),
        ("--lr fast > log.txt", [("FL412", ">"), ("FL422", "fast")]),
        ("> log.txt", [("FL412", ">"), ("FL421", '"python3 custom/train.py > log.txt"')]),
    ],
)
def test_a_word_for_a_shell_is_one_fault_and_hides_no_other(
    tmp_path: Path, arguments: str, found: list[tuple[str, str]]
) -> None:
    job = write_job(tmp_path, command(f"python3 custom/train.py {arguments}"), "custom/train.py")
    assert sorted(findings(job)) == found


@pytest.mark.parametrize(
    ("parse", "arguments", "why"),
    [
        ("import lib; lib.fill(parser)\nparser.parse_args()", "--lr 1 --any 2", "the parser is given to"),
        ("import fire; fire.Fire(print)", "--lr 1", "fire.Fire reads the arguments"),
        ("import fire; fire.Fire(print)", "", None),
        ("parser.parse_args()", "--lr 1", None),
    ],
)
def test_arguments_that_cannot_be_checked_are_counted(
    tmp_path: Path, parse: str, arguments: str, why: str | None
) -> None:
    job = write_job(tmp_path, in_process("train.py", arguments), "custom/train.py")
    script = job / "app" / "custom" / "train.py"
    script.write_text(SCRIPT.replace("args = parser.parse_args()", parse), "utf-8")
    not_checked = run_rules(review_of(job), all_rules()).not_checked
    told = [item.why for item in not_checked if item.what == "the arguments of app/custom/train.py"]
    assert len(told) == (1 if why else 0)
    assert all(each.startswith(str(why)) for each in told)


def test_a_misspelt_option_counts_once(tmp_path: Path) -> None:
    job = write_job(tmp_path, in_process("train.py", "--lrr 0.1"), "custom/train.py")
    assert len(findings(job)) == 1


@pytest.mark.parametrize(
    "value", [None, 3, True, [], {}, ["python3", 3], "", " ", "'", "\\", "python3", "&&", "$", "\x00.py", "a" * 50_000]
)
@pytest.mark.parametrize("name", ["task_script_path", "task_script_args", "command"])
def test_no_value_of_an_argument_is_too_odd(tmp_path: Path, name: str, value: object) -> None:
    mode = "external_process" if name == "command" else "in_process"
    arguments = {"task_script_path": "train.py"} if name == "task_script_args" else {}
    client = executor(**{"execution_mode": mode, **arguments, name: value})
    found = all_findings(write_job(tmp_path, client, "custom/train.py"))
    assert "internal-error" not in [finding.name for finding in found]
