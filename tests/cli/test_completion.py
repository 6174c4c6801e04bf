"""Shell completion, as the shells ask for it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SCRIPTS = {"bash": "complete -o nosort -F", "zsh": "#compdef fllint", "fish": "complete --no-files --command fllint"}


def asked(instruction: str, **environment: str) -> str:
    code = "from fllint.cli import main; main(prog_name='fllint')"
    given = {**os.environ, "_FLLINT_COMPLETE": instruction, **environment}
    return subprocess.run([sys.executable, "-c", code], env=given, capture_output=True, text=True, check=False).stdout


def completed(line: str) -> list[str]:
    words = line.split(" ")
    lines = asked("bash_complete", COMP_WORDS=line, COMP_CWORD=str(len(words) - 1)).splitlines()
    return [line.partition(",")[2] for line in lines]


@pytest.mark.parametrize("shell", SCRIPTS)
def test_each_shell_gets_its_script(shell: str) -> None:
    assert SCRIPTS[shell] in asked(f"{shell}_source")


def test_commands_are_completed() -> None:
    assert completed("fllint ch") == ["check"]


def test_releases_are_completed() -> None:
    assert completed("fllint check --nvflare 2.") == ["2.3", "2.4", "2.5", "2.6", "2.7", "2.8", "2.9"]


def test_codes_are_completed_also_behind_a_comma() -> None:
    assert completed("fllint explain fl10") == [f"FL10{number}" for number in range(1, 10)]
    assert completed("fllint check --select FL001,FL00")[:2] == ["FL001,FL001", "FL001,FL002"]


def test_formats_are_completed() -> None:
    assert completed("fllint check --output-format s") == ["sarif"]
