"""What README and docs show is what happens."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from fllint.cli import main
from fllint.settings.nearest import SettingsFinder
from tests.docs.shown_commands import DOCUMENTS, ROOT, blocks, play, prepare

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
