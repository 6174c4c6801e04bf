"""Words of a command that only a shell would understand."""

from __future__ import annotations

import pytest

from fllint.scripts.arguments import ExecutorKind, split_like_nvflare
from fllint.scripts.shell_words import shell_words


def words(command: str) -> list[str]:
    tokens = split_like_nvflare(command, ExecutorKind.COMMAND).tokens
    return [tokens[word.token].text[word.start : word.end] for word in shell_words(tokens)]


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("python3 custom/train.py --lr 0.1", []),
        ("cd custom && python3 train.py", ["cd", "&&"]),
        ("CUDA_VISIBLE_DEVICES=0 python3 custom/train.py", ["CUDA_VISIBLE_DEVICES=0"]),
        ("python3 custom/train.py > log.txt 2>&1", [">", "2>&1"]),
        ("python3 custom/train.py 2>log.txt", ["2>log.txt"]),
        ("python3 custom/train.py | tee log.txt", ["|"]),
        ("~/venv/bin/python custom/train.py", ["~"]),
        ("python3 custom/train.py --out ${HOME}/out", ["${HOME}"]),
        ("python3 custom/train.py --day $(date)", ["$("]),
    ],
)
def test_what_a_shell_would_act_on_is_found(command: str, found: list[str]) -> None:
    assert words(command) == found


@pytest.mark.parametrize(
    "command",
    [
        'bash -c "cd custom && python3 train.py > $HOME/log"',
        "/bin/sh run.sh",
        'python3 custom/train.py --pattern "a|b" --sign ">"',
        "python3 custom/train.py --price 5$ --key ${secret:wandb}",
        "env CUDA_VISIBLE_DEVICES=0 python3 custom/train.py",
        "python3 custom/train.py key=value",
        "",
    ],
)
def test_what_needs_no_shell_is_left_alone(command: str) -> None:
    assert words(command) == []


def test_a_command_that_begins_for_a_shell_does_not_start() -> None:
    tokens = split_like_nvflare("cd custom && python3 train.py", ExecutorKind.COMMAND).tokens
    assert [word.stops for word in shell_words(tokens)] == [True, False]
