"""What README and docs show is what happens."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from fllint.cli import main
from fllint.settings.nearest import SettingsFinder
from tests.docs.shown_commands import DOCUMENTS, ROOT, blocks, play, prepare, run

INLINE_COMMAND = re.compile(r"`(fllint [a-z][^`|]*)`")
OPTION = re.compile(r"(?<![\w-])--?[a-z][a-z-]*")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_shown_command_runs_and_prints_what_is_shown(name: str, tmp_path: Path) -> None:
    prepare(tmp_path)
    shown, _ = play((ROOT / name).read_text("utf-8"), tmp_path)
    wrong = [
        f"{each.command}\nexit status {each.status}\n--- shown\n{each.output}\n--- real\n{each.real}"
        for each in shown
        if not each.is_true
    ]
    assert not wrong, "\n\n".join([*wrong, "`python docs/update_outputs.py` puts the real outputs in"])


def test_a_document_with_an_untrue_output_is_noticed_and_rewritten(tmp_path: Path) -> None:
    prepare(tmp_path)
    document = "Text.\n\n```console\n$ fllint --version\nfllint, version 9.9\n```\n\nMore text.\n"
    shown, rewritten = play(document, tmp_path)
    assert [each.is_true for each in shown] == [False]
    shown_again, unchanged = play(rewritten, tmp_path)
    assert [each.is_true for each in shown_again] == [True]
    assert unchanged == rewritten
    assert rewritten.startswith("Text.\n\n```console\n$ fllint --version\nfllint, version")
    assert rewritten.endswith("\n```\n\nMore text.\n")


def test_a_shown_command_that_cannot_do_its_work_is_noticed(tmp_path: Path) -> None:
    prepare(tmp_path)
    shown, _ = play("```sh\nfllint check no-such-folder\n```\n", tmp_path)
    assert [each.is_true for each in shown] == [False]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_in_running_text_exist_with_their_options(name: str) -> None:
    for command in INLINE_COMMAND.findall((ROOT / name).read_text("utf-8")):
        word, *rest = command.split()[1:]
        found = main.get_command(click.Context(main), word)
        assert found is not None, command
        known = {option for parameter in found.params for option in (*parameter.opts, *parameter.secondary_opts)}
        assert set(OPTION.findall(" ".join(rest))) <= known | {"-h", "--help"}, command


def test_the_tutorial_ends_with_the_sound_example(tmp_path: Path) -> None:
    prepare(tmp_path)
    play((ROOT / "docs" / "tutorial.md").read_text("utf-8"), tmp_path)
    for file in (tmp_path / "examples" / "hello-numpy").rglob("*.*"):
        mended = tmp_path / "my-job" / file.relative_to(tmp_path / "examples" / "hello-numpy")
        assert mended.read_bytes() == file.read_bytes()


def test_settings_that_are_shown_are_settings(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    shown = [block.text for block in blocks(page) if block.language == "toml"]
    assert shown
    for number, text in enumerate(shown):
        job = tmp_path / str(number) / "job"
        job.mkdir(parents=True)
        (job.parent / "fllint.toml").write_text(text, "utf-8")
        assert SettingsFinder().settings_for(job)


def strings(value: Any) -> Iterator[str]:
    """Every string in a value read from YAML."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings(part)


def test_the_recipes_for_ci_are_yaml_and_their_checks_run(tmp_path: Path) -> None:
    prepare(tmp_path)
    recipes = [block.text for block in blocks((ROOT / "docs" / "ci.md").read_text("utf-8")) if block.language == "yaml"]
    commands = [text for recipe in recipes for text in strings(yaml.safe_load(recipe)) if text.startswith("fllint ")]
    assert len(commands) == 3
    for command in commands:
        output, status = run(command, tmp_path)
        assert status == 1, output  # jobs has a broken one
    assert (tmp_path / "fllint.sarif").stat().st_size > 1000
    assert json.loads((tmp_path / "code-quality.json").read_text("utf-8"))


@pytest.mark.parametrize("name", ["README.md", "docs/ci.md"])
def test_the_shown_hook_is_one_of_the_hooks(name: str) -> None:
    hooks = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    shown = [block.text for block in blocks((ROOT / name).read_text("utf-8")) if "hooks:" in block.text]
    assert len(shown) == 1
    read = yaml.safe_load(shown[0])
    for repository in read if isinstance(read, list) else read["repos"]:
        assert {hook["id"] for hook in repository["hooks"]} <= hooks
