"""The real argparse and click are the judges: random parsers, random arguments, the same verdict.

Releases of Python differ in details (`fllint.scripts.argparse_check`). What fllint refuses must be refused by the
running argparse; what fllint lets pass may be refused only in the situations that `_differs_by_release` names.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fllint.scripts.arguments import ArgumentProblem, ArgumentTrouble, Token, check_arguments, read_parser

LONG = ["--lr", "--local_epochs", "--local", "--batch-size", "--verbose", "--no-x"]
SHORT = ["-n", "-v", "-b", "-lr"]
OPTION_LIKE = (
    "-- - --lr --lr=1 --lr= -n3 -n=3 -vn -vb2 --loc --l --verbose=1 --verb -x --zzz -v -b --no-x -n -lr --help"
)
VALUE_LIKE = "1 0.1 -1 -0.5 -1e5 abc a train test 2 3 -5 False --local_epochs --local --batch-size --verbose"
WORDS = st.sampled_from(["", "x y", *OPTION_LIKE.split(), *VALUE_LIKE.split()])
ARGUMENTS = st.lists(WORDS, max_size=6)

KINDS = {
    "unrecognized arguments": {"unknown-option", "surplus", "flag-with-value"},
    "are required: |one of the arguments": {"missing-required"},
    "invalid choice": {"bad-choice", "bad-default", "missing-value"},
    r"invalid \w+ value": {"bad-type", "bad-default", "missing-value"},
    "not allowed with": {"exclusive"},
    "ignored explicit": {"flag-with-value", "unknown-option"},
    "expected ": {"missing-value"},
    "could match": {"ambiguous-option"},
}


class RefusedError(Exception):
    pass


@st.composite
def option(draw: st.DrawFn, names: list[str], number: int) -> str:
    words = [repr(names.pop()) for _ in range(draw(st.sampled_from([1, 1, 2])))]
    action = draw(st.sampled_from(["", "", "", "store_true", "count", "append", "store_const", "boolean"]))
    if action == "boolean":
        words.append("action=argparse.BooleanOptionalAction")
    elif action:
        words.append(f"action={action!r}")
    if action in ("", "append"):
        if kind := draw(st.sampled_from(["", "int", "float", "str", "bool"])):
            words.append(f"type={kind}")
        nargs = draw(st.sampled_from([None, None, None, 1, 2, 3, "?", "*", "+", "..."]))
        words.append(f"nargs={nargs!r}")
        if draw(st.integers(0, 4)) == 0:
            words.append(f"choices={draw(st.sampled_from([['a', 'abc'], [1, 2, 3]]))!r}")
    if action == "store_const":
        words.append("const=5")
    words += [f"dest='d{number}'", f"required={draw(st.sampled_from([False, False, False, True]))}"]
    return ", ".join(words)


@st.composite
def positional(draw: st.DrawFn, number: int) -> str:
    words = [f"'p{number}'"]
    if kind := draw(st.sampled_from(["", "", "int", "float"])):
        words.append(f"type={kind}")
    words.append(f"nargs={draw(st.sampled_from([None, None, 1, 2, '+']))!r}")
    if draw(st.integers(0, 4)) == 0:
        words.append("choices=['a', 'abc', 1, 2]")
    return ", ".join(words)


@st.composite
def definitions(draw: st.DrawFn, name: str, depth: int = 0) -> list[str]:
    names = draw(st.permutations(LONG + SHORT))
    lines: list[str] = []
    grouped = draw(st.booleans())
    if grouped:
        lines.append(f"{name}_g = {name}.add_mutually_exclusive_group(required={draw(st.booleans())})")
        lines.append(f"{name}_g.add_argument('--in-group')")
    for number in range(draw(st.integers(0, 4))):
        if draw(st.integers(0, 3)):
            text = draw(option(names, number))
            target = f"{name}_g" if grouped and draw(st.booleans()) else name
            text = text.replace("required=True", "required=False") if target != name else text
            lines.append(f"{target}.add_argument({text})")
        else:
            lines.append(f"{name}.add_argument({draw(positional(number))})")
    storing = [dest for line in lines if "action=" not in line for dest in re.findall(r"dest='(d\d)'", line)]
    if len(storing) > 0 and draw(st.booleans()):
        default = f"{draw(st.sampled_from(storing))}={draw(st.sampled_from(['x', '1', 1]))!r}"
        lines.insert(draw(st.integers(0, len(lines))), f"{name}.set_defaults({default})")
    if depth == 0 and draw(st.integers(0, 4)) == 0:
        lines.append(f"{name}_s = {name}.add_subparsers(dest='command', required={draw(st.booleans())})")
        for command in ("train", "test"):
            lines.append(f"{name}_{command} = {name}_s.add_parser({command!r})")
            lines += draw(definitions(f"{name}_{command}", depth + 1))
    return lines


@st.composite
def scripts(draw: st.DrawFn) -> str:
    settings_of = draw(st.sampled_from(["", "", "allow_abbrev=False", "add_help=False"]))
    lines = draw(definitions("p"))
    parse = draw(st.sampled_from(["parse_args", "parse_args", "parse_args", "parse_known_args"]))
    body = "\n".join(lines)
    return f"import argparse\np = argparse.ArgumentParser({settings_of})\n{body}\np.{parse}()\n"


@st.composite
def doubtful_scripts(draw: st.DrawFn) -> str:
    """Scripts with a parser of which the environment decides some options and positional arguments."""
    head, *body, last = draw(scripts()).splitlines()
    lines = [f"if os.environ.get('MORE'): {line}" if _is_alone(line) and draw(st.booleans()) else line for line in body]
    return "\n".join([f"{head}, os", *lines, last]) + "\n"


def _is_alone(line: str) -> bool:
    return line.startswith("p.add_argument(")


def verdict_of_argparse(script: str, arguments: list[str]) -> str | None:
    """None when argparse accepts, "" when it prints help and exits, else its message."""
    import argparse

    def refuse(parser: argparse.ArgumentParser, message: str) -> None:
        raise RefusedError(message)

    argv, error = sys.argv, argparse.ArgumentParser.error
    sys.argv = ["script.py", *arguments]
    argparse.ArgumentParser.error = refuse  # type: ignore[assignment,method-assign]  # to learn the message
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            exec(compile(script, "script.py", "exec"), {"__name__": "__main__"})
    except RefusedError as refused:
        return str(refused)
    except SystemExit:
        return ""
    finally:
        sys.argv, argparse.ArgumentParser.error = argv, error  # type: ignore[method-assign]
    return None


def problems_of(script: str, arguments: list[str]) -> list[ArgumentProblem]:
    model = read_parser(script, module_text=lambda name: None)
    assert model.parser is not None
    assert model.not_checked == ()
    tokens = [Token(text, 0, len(text)) for text in arguments]
    return [problem for problem in check_arguments(model, tokens) if problem.decisive]


def _differs_by_release(script: str, arguments: list[str], message: str) -> bool:
    """Whether other releases than the running one accept, or may."""
    return (
        "could match" in message  # refused where it stands, until 3.12.7; and single dashes with allow_abbrev=False
        or "ignored explicit argument" in message  # unknown letters after a flag pass parse_known_args since 3.13
        or "--" in arguments  # counted, dropped or refused
        or ("allow_abbrev=False" in script and "-l" in " ".join(arguments))
        or ("nargs='?'" in script and "one of the arguments" in message)  # a value left out fills no group until 3.12.7
        or ("nargs=" in script and "expected" in message)  # options with several values swallow options since 3.12.7
        or any(re.match(r"-\.?\d", text) for text in arguments)  # what a negative number is changed in 3.14
    )


@settings(max_examples=200, deadline=None)
@given(scripts(), ARGUMENTS)
def test_argparse_gives_the_same_verdict(script: str, arguments: list[str]) -> None:
    message = verdict_of_argparse(script, arguments)
    problems = problems_of(script, arguments)
    exits = [problem for problem in problems if problem.kind is ArgumentTrouble.EXITS]
    if problems and problems != exits:
        if not (sys.version_info >= (3, 14) and any(re.match(r"-\.?\d", text) for text in arguments)):
            assert message is not None
    elif message is not None and not exits:
        assert _differs_by_release(script, arguments, message), (message, arguments)
    elif exits:
        assert message is not None


@settings(max_examples=100, deadline=None)
@given(doubtful_scripts(), ARGUMENTS)
def test_what_the_environment_decides_is_refused_only_when_argparse_refuses_either_way(
    script: str, arguments: list[str]
) -> None:
    if any(problem.kind is not ArgumentTrouble.EXITS for problem in problems_of(script, arguments)):
        for more in ("", "1"):
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("MORE", more)
                assert verdict_of_argparse(script, arguments) is not None


@settings(max_examples=150, deadline=None)
@given(scripts(), ARGUMENTS)
def test_argparse_and_fllint_name_the_same_fault(script: str, arguments: list[str]) -> None:
    message = verdict_of_argparse(script, arguments)
    problems = problems_of(script, arguments)
    if not message or not problems or _differs_by_release(script, arguments, message):
        return
    expected = next(kinds for pattern, kinds in KINDS.items() if re.search(pattern, message))
    assert expected & {problem.kind.value for problem in problems}


@st.composite
def click_parameters(draw: st.DrawFn) -> list[str]:
    names = draw(st.permutations(["--lr", "--name", "-n", "-v", "-b", "--batch-size", "--mode"]))
    lines: list[str] = []
    types = ["int", "float", "bool", "click.Choice(['a', 'b'])", "click.IntRange(0, 2)", "str"]
    for number in range(draw(st.integers(0, 4))):
        kind = f"type={draw(st.sampled_from(types))}, "
        if draw(st.integers(0, 3)):
            shape = draw(
                st.sampled_from(["", "", "nargs=2", "multiple=True", "required=True", "is_flag=True", "count=True"])
            )
            kind = "" if shape in ("is_flag=True", "count=True") else kind
            lines.append(f"@click.option({names.pop()!r}, 'd{number}', {kind}{shape})")
        else:
            nargs = -1 if draw(st.integers(0, 2)) == 0 and "nargs=-1" not in "".join(lines) else 1
            lines.append(f"@click.argument('p{number}', {kind}nargs={nargs})")
    return lines


@st.composite
def click_scripts(draw: st.DrawFn) -> str:
    if draw(st.integers(0, 3)) == 0:
        lines = ["@click.group()", *draw(click_parameters()), "def cli(**k): pass"]
        for command in ("train", "test"):
            lines += [f"@cli.command({command!r})", *draw(click_parameters()), f"def {command}(**k): pass"]
    else:
        extra = draw(st.sampled_from(["", "", "context_settings={'ignore_unknown_options': True}"]))
        lines = [f"@click.command({extra})", *draw(click_parameters()), "def cli(**k): pass"]
    return "import click\n" + "\n".join(lines) + "\n"


def refused_by_click(script: str, arguments: list[str]) -> bool | None:
    """Whether click refuses arguments of the command ``cli``; None when it prints something and ends."""
    names: dict[str, click.Command] = {}
    exec(compile(script, "script.py", "exec"), names)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            names["cli"].main(args=list(arguments), standalone_mode=False)
    except click.ClickException:
        return True
    except click.exceptions.Exit:
        return None
    return False


def refused_by_fllint(script: str, arguments: list[str]) -> bool:
    problems = problems_of(script + "cli()\n", arguments)
    return any(problem.kind is not ArgumentTrouble.EXITS for problem in problems)


@settings(max_examples=150, deadline=None)
@given(click_scripts(), ARGUMENTS)
def test_click_gives_the_same_verdict(script: str, arguments: list[str]) -> None:
    refused = refused_by_click(script, arguments)
    if refused is None:
        return  # a group without a command prints its help; how that ends changed in click 8.2
    if refused_by_fllint(script, arguments):
        assert refused
    elif refused:
        assert "--help" in arguments


@pytest.mark.parametrize(
    ("decorators", "texts"),
    [
        ("@click.option('--lr', default=0.1)", ["--lr 1", "--lr x", "--lr=-1", "--lr"]),
        ("@click.option('--fast', default=False)", ["--fast", "--fast true", "--fast x"]),
        ("@click.option('--fast', default=True, is_flag=True)", ["--fast", "--fast true"]),
        ("@click.option('--size', type=(int, str), default=(1, 'a'))", ["--size 1 a", "--size 1", "--size 1 a b"]),
        ("@click.option('--size', type=click.Tuple([int, str]))", ["--size 1 a", "--size 1"]),
        ("@click.option('--size', type=(int, str), multiple=True)", ["--size 1 a --size 2 b", "--size 1 a 2 b"]),
        ("@click.option('--size', nargs=2, type=float)", ["--size 1 2", "--size 1 x", "--size 1"]),
        ("@click.option('--n', type=int, multiple=True, default=[1, 2])", ["--n 1 --n 2", "--n 1 2", "--n 1 --n x"]),
        ("@click.option('--shout/--quiet', ' /-S', default=False)", ["-S", "--shout -S", "--quiet x", "--quiet"]),
        ("@click.option('/debug;/no-debug')", ["/debug"]),
        ("@click.option('--upper', 'case', flag_value='upper')", ["--upper", "--upper x"]),
        ("@click.option('--name', is_flag=False, flag_value='x')", ["--name", "--name x", ""]),
        ("@click.option('--name', is_flag=False)", ["--name x", ""]),
        ("@click.option('--word', prompt=True, prompt_required=False)", ["", "--word x"]),
        ("@click.option('-v', '--verbose', count=True)", ["-vvv", "--verbose", "-v3"]),
        ("@click.option('--mode', type=click.Choice(['A', 'b'], case_sensitive=False))", ["--mode a", "--mode x"]),
        ("@click.option('--mode', type=click.Choice(['A', 'b'], False))", ["--mode a", "--mode b"]),
        ("@click.option('--mode', type=click.Choice(['A', 'b']))", ["--mode a", "--mode b"]),
        ("@click.option('--n', type=click.IntRange(0, 10, clamp=True))", ["--n 20", "--n x"]),
        ("@click.option('--n', type=click.IntRange(min=0))", ["--n 20", "--n -1", "--n 0"]),
        ("@click.option('--n', type=click.IntRange(max=2))", ["--n 2", "--n 3"]),
        ("@click.option('--n', type=click.FloatRange(0, 1, min_open=True))", ["--n 0.5", "--n x"]),
        ("@click.option('--lr', '-lr', type=float)", ["-lr 1", "-lr=1", "-l 1"]),
        ("@click.option('-n', type=int)\n@click.option('-f', is_flag=True)", ["-fn3", "-n3f", "-fn 3", "-nf"]),
        ("@click.option('--name', type=str.upper)", ["--name b"]),
        ("@click.option('--when', type=click.DateTime())", ["--when 2026-01-01"]),
        ("@click.option('--lr', default=lambda: 3)", ["--lr x"]),
        ("@click.option('--lr', default=None, type=None)", ["--lr x"]),
        ("@click.option('--Lr', type=float)", ["--Lr 3", "--lr 3"]),
        ("@click.option('--on', type=bool)", ["--on yes", "--on maybe"]),
        ("@click.option('--lr', required=True)", ["", "--lr x"]),
        ("@click.option('--lr', required=True, default=1)", [""]),
        ("@click.option('--lr', 'rate', required=False)", ["", "--rate 1"]),
        ("@click.option('rate', '--lr', type=float)", ["--lr 1", "--lr x", "--rate 1"]),
        ("@click.argument('source', nargs=-1)\n@click.argument('target')", ["a b c", "a", ""]),
        (
            "@click.argument('source', nargs=2)\n@click.argument('target', default='x')",
            ["a b c", "a b", "a", "a b c d"],
        ),
        ("@click.argument('source', required=False)", ["a", "", "a b"]),
        ("@click.argument('source', nargs=-1, required=True)", ["a", ""]),
        ("@click.argument('n', default=3)", ["a", "4", ""]),
        ("@click.argument('n', type=int)", ["-1", "-- -1", "3 4", ""]),
        ("@click.argument('size', type=(int, str))", ["1 a", "1", "1 a b"]),
        ("@click.confirmation_option(prompt='sure?')", ["--yes"]),
        ("@click.password_option()", ["--password x"]),
        ("@click.version_option('1.0')\n@click.option('--lr', required=True)", ["--lr 1", "--version"]),
        ("@click.help_option('-h', '--help')\n@click.option('--lr')", ["-h", "--help", "--lr 1"]),
    ],
)
def test_click_and_fllint_agree_on(decorators: str, texts: list[str]) -> None:
    script = f"import click\n@click.command()\n{decorators}\ndef cli(**options): ...\n"
    for text in texts:
        assert refused_by_fllint(script, text.split()) is bool(refused_by_click(script, text.split())), text


@pytest.mark.parametrize(
    ("command", "texts"),
    [
        ("@click.command", ["--lr 1", "--lr x"]),
        (
            "@click.command(context_settings={'help_option_names': ['-h', '--aid']})",
            ["-h", "--aid", "--help", "--lr 1"],
        ),
        ("@click.command(context_settings=dict(ignore_unknown_options=True))", ["--zzz", "-z", "--lr x", "--lr 1"]),
        (
            "@click.command(context_settings=dict(ignore_unknown_options=True, allow_extra_args=True))",
            ["--zzz 3", "--lr 1 --x", "--lr x", "-zv 4"],
        ),
        ("@click.command(context_settings={'allow_extra_args': True})", ["a b", "--zzz", "--lr 1 a"]),
        ("@click.command(context_settings={'allow_interspersed_args': False})", ["--lr 1", "a --lr 1"]),
        (
            "@click.command(context_settings={'allow_interspersed_args': False})\n@click.argument('rest', nargs=-1)",
            ["--lr 1 a --zzz", "--lr x a", "--zzz a"],
        ),
        ("@click.command()\n@click.argument('rest', nargs=-1)", ["--lr 1 a --zzz", "a --lr x", "a --lr 1 b"]),
        ("@click.command(add_help_option=False)", ["--help", "--lr 1"]),
        ("@click.command(params=[click.Option(['--own'])])", ["--own 3"]),
    ],
)
def test_click_and_fllint_agree_on_the_settings_of_a_command(command: str, texts: list[str]) -> None:
    script = f"import click\n{command}\n@click.option('--lr', type=float)\ndef cli(**options): ...\n"
    for text in texts:
        assert refused_by_fllint(script, text.split()) is bool(refused_by_click(script, text.split())), text


@pytest.mark.parametrize(
    ("how", "texts"),
    [
        ("@cli.command('train')", ["train --lr 1", "trian", "train --lr x", "--lr 1 train", "-v train"]),
        ("@cli.command(name='train')", ["train --lr 1", "trian", "train --lr x"]),
        ("@cli.command()", ["train --lr 1"]),
        ("@cli.command", ["train --lr 1"]),
        (
            "@cli.group('outer')\ndef outer(): ...\n@outer.command('train')",
            ["outer train --lr 1", "outer train --lr x", "train"],
        ),
        ("@click.command()", ["train --lr 1", "train --lr x"]),
    ],
)
def test_click_and_fllint_agree_on_groups(how: str, texts: list[str]) -> None:
    script = (
        "import click\n@click.group()\n@click.option('-v', is_flag=True)\ndef cli(v): ...\n"
        f"{how}\n@click.option('--lr', type=float)\ndef train(lr): ...\n"
    )
    if how == "@click.command()":
        script += "cli.add_command(train, 'train')\n"
    for text in texts:
        assert refused_by_fllint(script, text.split()) is bool(refused_by_click(script, text.split())), text
