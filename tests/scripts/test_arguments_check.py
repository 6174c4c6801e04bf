"""What a script's parser refuses, where, and what is never held against an argument."""

from __future__ import annotations

from textwrap import dedent

import pytest

from fllint.documents.tree import UNKNOWN_TEXT
from fllint.scripts.arguments import (
    ArgumentProblem,
    ArgumentTrouble,
    ExecutorKind,
    check_arguments,
    read_parser,
    split_like_nvflare,
)

SCRIPT = """
    import argparse
    p = argparse.ArgumentParser()
    p.add_argument("--lr", type=float, required=True)
    p.add_argument("--local_epochs", type=int, default=1)
    p.add_argument("--lora", type=int)
    p.add_argument("--mode", choices=["fedavg", "fedprox"])
    p.add_argument("--size", type=int, nargs=3)
    p.add_argument("--verbose", "-v", action="store_true")
    p.add_argument("--flag", type=bool)
    either = p.add_mutually_exclusive_group()
    either.add_argument("--gpu", action="store_true")
    either.add_argument("--cpu", action="store_true")
    p.parse_args()
"""


def problems(text: str, script: str = SCRIPT, kind: ExecutorKind = ExecutorKind.IN_PROCESS) -> list[ArgumentProblem]:
    model = read_parser(dedent(script), module_text=lambda name: None)
    return check_arguments(model, split_like_nvflare(text, kind).tokens)


def written(text: str, problem: ArgumentProblem, kind: ExecutorKind = ExecutorKind.IN_PROCESS) -> str:
    """The part of the text that a problem points at."""
    assert problem.token is not None
    start, end = split_like_nvflare(text, kind).tokens[problem.token].range(problem.start, problem.end)
    return text[start:end]


@pytest.mark.parametrize(
    ("text", "trouble", "part", "suggestion"),
    [
        ("--lr 1 --local-epochs 3", ArgumentTrouble.UNKNOWN_OPTION, "--local-epochs", "--local_epochs"),
        ("--lr 1 --local-epochs=3", ArgumentTrouble.UNKNOWN_OPTION, "--local-epochs", "--local_epochs"),
        ("--lr fast", ArgumentTrouble.BAD_TYPE, "fast", ""),
        ("--lr=fast", ArgumentTrouble.BAD_TYPE, "fast", ""),
        ("--lr 1 --mode fedprx", ArgumentTrouble.BAD_CHOICE, "fedprx", "fedprox"),
        ("--lr 1 --local_epochs", ArgumentTrouble.MISSING_VALUE, "--local_epochs", ""),
        ("--lr -1e-5", ArgumentTrouble.MISSING_VALUE, "--lr", "--lr=-1e-5"),
        ("--lr 1 --size 1 2", ArgumentTrouble.MISSING_VALUE, "--size", ""),
        ("--lr 1 --verbose=yes", ArgumentTrouble.FLAG_WITH_VALUE, "yes", "--verbose"),
        ("--lr 1 --verbose true", ArgumentTrouble.FLAG_WITH_VALUE, "true", ""),
        ("--lr 1 extra", ArgumentTrouble.SURPLUS, "extra", ""),
        ("--lr 1 --lo 2", ArgumentTrouble.AMBIGUOUS_OPTION, "--lo", ""),
        ("--lr 1 --gpu --cpu", ArgumentTrouble.EXCLUSIVE, "--cpu", ""),
        ("--help", ArgumentTrouble.EXITS, "--help", ""),
        ("--lr 1 --flag False", ArgumentTrouble.BOOL_TYPE, "False", ""),
    ],
)
def test_each_fault_is_found_at_its_token(text: str, trouble: ArgumentTrouble, part: str, suggestion: str) -> None:
    found = [problem for problem in problems(text) if problem.kind is trouble]
    assert len(found) == 1
    assert written(text, found[0]) == part
    assert found[0].suggestion == suggestion


@pytest.mark.parametrize(
    "text",
    [
        "--lr 0.1",
        "--lr=-0.1 --size 1 2 3 -v",
        "--lr -1",
        "--lr 1 --local 3 --verb",
        "--lr 1 --mode fedavg --flag True --gpu",
        "--lr inf",
        "--lr 1 --local_epochs 1_000",
    ],
)
def test_right_arguments_have_no_problem(text: str) -> None:
    assert problems(text) == []


def test_a_missing_option_is_told_with_the_place_of_its_definition() -> None:
    (problem,) = problems("--local_epochs 3")
    assert problem.kind is ArgumentTrouble.MISSING_REQUIRED
    assert (problem.token, problem.option) == (None, "--lr")
    assert (problem.place.line, problem.place.column) == (4, 1)


def test_several_faults_are_all_told_in_order() -> None:
    kinds = [problem.kind.value for problem in problems("--local_epochs x --zzz --mode no")]
    assert kinds == ["bad-type", "unknown-option", "bad-choice", "missing-required"]


def test_a_flag_in_quotes_is_one_problem_and_hides_what_follows_from_it() -> None:
    script = SCRIPT.replace("    p.parse_args()", '    p.add_argument("--name")\n    p.parse_args()')
    found = problems('--lr 1 --name "my run"', script)
    assert [problem.kind for problem in found] == [ArgumentTrouble.QUOTES_NOT_HONOURED]
    assert found[0].token == 3
    assert not found[0].decisive
    assert problems('--lr 1 --name "my run"', script, ExecutorKind.COMMAND) == []


@pytest.mark.parametrize(
    "text",
    [
        f"{UNKNOWN_TEXT}",
        f"--lr {UNKNOWN_TEXT}",
        f"--lr={UNKNOWN_TEXT}",
        f"--lr 1 --mode fed{UNKNOWN_TEXT}",
        f"--lr 1 --{UNKNOWN_TEXT} 3",
        f"--lr 1 --local_{UNKNOWN_TEXT}=x",
        f"--lr 1 --size {UNKNOWN_TEXT}",
        f"--lr 1 --size 1 {UNKNOWN_TEXT}",
        f"--size {UNKNOWN_TEXT} --lr 1",
        f"--lr 1 {UNKNOWN_TEXT} surplus",
        f"{UNKNOWN_TEXT} --verbose",
        "--lr ${secret:RATE}",
    ],
)
def test_unknown_text_is_never_at_fault(text: str) -> None:
    assert problems(text) == []


def test_beside_unknown_text_the_rest_is_still_checked() -> None:
    text = f"--lr {UNKNOWN_TEXT} --local_epochs x --zzz"
    assert [written(text, problem) for problem in problems(text)] == ["x", "--zzz"]


def test_options_that_may_exist_are_not_called_unknown() -> None:
    script = """
        import argparse
        from lib import more
        p = argparse.ArgumentParser()
        p.add_argument("--lr", type=float, required=True)
        more(p)
        p.parse_args()
    """
    assert problems("--zzz 3 positional --lr 1", script) == []
    assert [problem.kind.value for problem in problems("--zzz 3 --lr x", script)] == ["bad-type"]
    assert [problem.kind.value for problem in problems("--zzz 3", script)] == ["missing-required"]


def test_an_argument_of_which_only_the_name_is_known_takes_anything() -> None:
    script = """
        import argparse
        from lib import Kind, options
        p = argparse.ArgumentParser()
        p.add_argument("--a", action=Kind)
        p.add_argument("--b", **options)
        p.add_argument("--c", type=lambda text: text.upper(), choices=list(Kind))
        p.add_argument("--d", type=int)
        p.parse_args()
    """
    assert problems("--a 1 2 --b x --c q --d 3", script) == []
    assert [problem.kind.value for problem in problems("--a 1 2 --d x", script)] == ["bad-type"]


def test_an_optional_parser_of_the_environment_is_lenient() -> None:
    script = """
        import argparse, os
        p = argparse.ArgumentParser()
        if os.environ.get("GPU"):
            p.add_argument("--gpu", type=int, required=True)
        p.parse_args()
    """
    assert problems("--gpu 1", script) == []
    assert problems("", script) == []
    assert [problem.kind.value for problem in problems("--gpu x", script)] == ["bad-type"]


def test_an_option_of_the_environment_that_is_another_ones_abbreviation_without_it_is_no_fault() -> None:
    script = """
        import argparse, os
        p = argparse.ArgumentParser()
        p.add_argument("--gpu-name")
        if os.environ.get("GPU"):
            p.add_argument("--gpu", type=int)
            p.add_argument("-1", type=int)
        p.add_argument("level", nargs="?")
        p.parse_args()
    """
    assert problems("--gpu first", script) == problems("-1", script) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-- 3", []),
        ("-- x", ["bad-type"]),
        ("-- --lr", ["bad-type"]),
        ("-- 3 --lr", ["surplus"]),
        ("-- -- 3", []),  # the second is dropped or kept, by the release of Python
    ],
)
def test_behind_two_dashes_everything_is_a_value(text: str, expected: list[str]) -> None:
    script = """
        import argparse
        p = argparse.ArgumentParser()
        p.add_argument("--lr", type=float)
        p.add_argument("rounds", type=int)
        p.parse_args()
    """
    assert [problem.kind.value for problem in problems(text, script)] == expected


def test_a_default_is_told_only_when_it_is_surely_used() -> None:
    script = """
        import argparse, os
        p = argparse.ArgumentParser()
        if os.environ.get("GPU"):
            p.add_argument("--gpu", type=int, default="first")
        p.add_argument("--lr", type=float, default="low")
        p.parse_args()
    """
    assert [problem.option for problem in problems("", script)] == ["--lr"]
    assert problems(UNKNOWN_TEXT, script) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("--gpu --fast", []),
        ("--gpu --fast --slow", ["exclusive"]),
        ("--gpu --all", []),
        ("--gpu --all file", ["exclusive"]),
        ("--fast", ["missing-required"]),
        ("--gpu --rounds", []),
        ("--gpu --size 1 --fast 3", ["missing-value"]),
        ("--gpu --level", ["bad-default"]),
        ("--gpu --rate 2 --epochs 3", ["exclusive"]),
        ("--gpu --epochs 3 --rate 1", []),  # its default: before 3.12.7 that excludes nothing
    ],
)
def test_groups_flags_and_values_that_may_be_left_out(text: str, expected: list[str]) -> None:
    script = """
        import argparse
        p = argparse.ArgumentParser()
        p.add_argument("--rounds", type=int, nargs="?", const=5)
        p.add_argument("--size", type=int, nargs=3)
        p.add_argument("--level", type=int, nargs="?", const="high")
        device = p.add_mutually_exclusive_group(required=True)
        device.add_argument("--gpu", action="store_true")
        device.add_argument("--cpu", action="store_true")
        speed = p.add_mutually_exclusive_group()
        speed.add_argument("--fast", action="store_true")
        speed.add_argument("--slow", action="store_true")
        pace = p.add_mutually_exclusive_group()
        pace.add_argument("--rate", type=int, default=1)
        pace.add_argument("--epochs", type=int)
        which = p.add_mutually_exclusive_group()
        which.add_argument("--all", action="store_true")
        which.add_argument("files", nargs="*")
        p.parse_args()
    """
    assert [problem.kind.value for problem in problems(text, script)] == expected


def test_beside_a_doubtful_positional_argument_no_value_is_of_a_certain_one() -> None:
    script = """
        import argparse, os
        p = argparse.ArgumentParser()
        if os.environ.get("NAMED"):
            p.add_argument("name")
        p.add_argument("rounds", type=int)
        p.parse_args()
    """
    assert problems("3", script) == problems("fast 3", script) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-vn3", {}),
        ("-vn=3", {}),
        ("-nv", {"bad-type": "v"}),
        ("-vnx", {"bad-type": "x"}),
        ("-v3", {}),
        ("-s1", {"missing-value": "1"}),
        ("-v=1", {"flag-with-value": "1"}),
    ],
)
def test_letters_behind_one_dash_are_options_until_one_takes_the_rest(text: str, expected: dict[str, str]) -> None:
    script = """
        import argparse
        p = argparse.ArgumentParser()
        p.add_argument("-v", action="store_true")
        p.add_argument("-n", type=int)
        p.add_argument("-s", nargs=2)
        p.parse_known_args()
    """
    assert {problem.kind.value: written(text, problem) for problem in problems(text, script)} == expected


def test_known_args_leave_the_unknown_alone() -> None:
    script = """
        import argparse
        p = argparse.ArgumentParser()
        p.add_argument("--lr", type=float)
        args, rest = p.parse_known_args()
    """
    assert problems("--zzz 3 more", script) == []
    assert [problem.kind.value for problem in problems("--lr x --zzz", script)] == ["bad-type"]


def test_commands_check_their_own_options() -> None:
    script = """
        import argparse
        p = argparse.ArgumentParser()
        p.add_argument("--verbose", action="store_true")
        p.add_argument("--data")
        commands = p.add_subparsers(dest="command", required=True)
        train = commands.add_parser("train")
        train.add_argument("--lr", type=float, required=True)
        p.parse_args()
    """
    assert problems("--verbose --data folder train --lr 1", script) == []
    (problem,) = problems("trian --lr 1", script)
    assert (problem.kind, problem.suggestion) == (ArgumentTrouble.BAD_CHOICE, "train")
    text = "train --lr x --lrr 2"
    assert [written(text, problem) for problem in problems(text, script)] == ["x", "--lrr"]
    assert [problem.option for problem in problems("", script)] == ["command"]


def test_a_command_leaves_alone_what_it_does_not_know_when_its_parser_does() -> None:
    script = """
        import argparse, os
        p = argparse.ArgumentParser()
        train = p.add_subparsers().add_parser("train")
        train.add_argument("--lr", type=float)
        if os.environ.get("GPU"):
            train.add_argument("--gpu", type=int)
        p.parse_known_args()
    """
    assert problems("train --gpu first --zzz", script) == []
    assert [problem.kind.value for problem in problems("train --lr x --gpu first", script)] == ["bad-type"]


def test_commands_that_the_environment_decides_about_are_not_required() -> None:
    script = """
        import argparse, os
        p = argparse.ArgumentParser()
        if os.environ.get("COMMANDS"):
            p.add_subparsers(required=True).add_parser("train")
        p.parse_args()
    """
    assert problems("", script) == []


def test_a_default_that_its_own_type_refuses_is_told() -> None:
    script = (
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--n', type=int, default='x')\np.parse_args()"
    )
    assert [problem.kind for problem in problems("", script)] == [ArgumentTrouble.BAD_DEFAULT]
    assert problems("--n 1", script) == []


def test_arguments_from_a_file_may_be_anything() -> None:
    script = SCRIPT.replace("ArgumentParser()", "ArgumentParser(fromfile_prefix_chars='@')")
    assert problems("@args.txt", script) == []


def test_a_script_without_parser_ignores_everything() -> None:
    assert problems('--lr "a b" c', "print('no parser')") == []


def test_too_many_arguments_are_not_looked_at() -> None:
    assert problems("--zzz " * 5_000) == []


def test_click_commands_are_checked() -> None:
    script = """
        import click
        @click.command()
        @click.option("--lr", type=float, required=True)
        @click.option("--rounds", type=click.IntRange(1, 10))
        @click.option("--fast", is_flag=True)
        @click.argument("path")
        def main(**options): ...
        main()
    """
    assert problems("data --lr 1 --rounds 3 --fast", script) == []
    text = "data more --lr x --rounds 11 --fast=1 --round 2"
    found = {problem.kind.value: written(text, problem) for problem in problems(text, script)}
    assert found == {
        "surplus": "more",
        "bad-type": "x",
        "bad-choice": "11",
        "flag-with-value": "1",
        "unknown-option": "--round",
    }
    assert [problem.option for problem in problems("", script)] == ["path", "--lr"]
    assert problems(f"data {UNKNOWN_TEXT}", script) == []
