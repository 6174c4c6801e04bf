"""What click and typer make of parameters, as click 8.1 and typer 0.9 to 0.29 do."""

from __future__ import annotations

from textwrap import dedent

import pytest

from fllint.scripts.arguments import check_arguments, read_parser, split_like_nvflare


def problems(text: str, script: str) -> list[str]:
    model = read_parser(dedent(script), module_text=lambda name: None)
    assert model.parser is not None
    return [problem.kind.value for problem in check_arguments(model, split_like_nvflare(text).tokens)]


@pytest.mark.parametrize(
    ("lines", "text", "expected"),
    [
        ("@click.option('--size', type=(int, str))", "--size 1 a", []),
        ("@click.option('--size', type=(int, str))", "--size 1", ["missing-value"]),
        ("@click.option('--size', type=click.Tuple([int, str]))", "--size 1 a", []),
        ("@click.argument('size', type=(int, str))", "1 a", []),
        ("@click.argument('size', type=(int, str))", "1 a b", ["surplus"]),
        ("@click.option('/debug;/no-debug')", "/debug", []),
        ("@click.option('--size', nargs=functools.reduce(max, [2]))", "--size 1 2", []),
        ("@common\n@click.option('--rounds', type=int)", "--lr 1 --rounds 2", []),
        (
            "@common\n@click.option('--rounds', type=int)",
            "--lr x --rounds y --zzz",
            ["bad-type", "bad-type", "unknown-option"],
        ),
    ],
)
def test_what_click_makes_of_tuples_slashes_and_wrapped_functions(lines: str, text: str, expected: list[str]) -> None:
    script = f"""
import click, functools
def common(function):
    @click.option("--lr", type=float)
    @functools.wraps(function)
    def wrapped(**options): ...
    return wrapped
@click.command()
{lines}
def main(**options): ...
main()
"""
    assert problems(text, script) == expected


@pytest.mark.parametrize("parameter", ["argument('data', ", "option('--data', required=True, "])
@pytest.mark.parametrize("setting", ["envvar='DATA'", "callback=print", "default=1", "**computed"])
def test_a_parameter_that_gets_its_value_elsewhere_is_not_missing(parameter: str, setting: str) -> None:
    script = """
        import click
        from lib import computed
        @click.command()
        @click.{}{})
        def main(data): ...
        main()
    """
    assert problems("", script.format(parameter, setting)) == []
    assert problems("", script.format(parameter, "")) == ["missing-required"]


@pytest.mark.parametrize("call", ["main(auto_envvar_prefix='TRAIN')", "main.main(default_map={'lr': 1})"])
def test_options_that_click_gets_from_elsewhere_are_not_missing(call: str) -> None:
    script = f"""
        import click
        @click.command()
        @click.option("--lr", type=float, required=True)
        def main(lr): ...
        {call}
    """
    assert problems("", script) == []
    assert problems("--lr x", script) == ["bad-type"]


@pytest.mark.parametrize(
    ("parameter", "text", "expected"),
    [
        ("size: Tuple[int, int] = (1, 2)", "--size 3 4", []),
        ("size: tuple[int, int] = (1, 2)", "--size 3 x", ["bad-type"]),
        ("size: Optional[tuple[int, str]] = None", "--size 3", ["missing-value"]),
        ("size: tuple[int, int]", "1 2", []),
        ("verbose: int = typer.Option(0, '--verbose', '-v', count=True)", "-vv --verbose", []),
        ("mode: Mode = Mode.fast", "--mode slow", []),  # a member whose value the enumeration makes
        ("LR: float = 0.1", "--lr 1", []),  # typer 0.15
        ("LR: float = 0.1", "--LR 1", []),  # typer 0.29
        ("rate: Rate = 0.1", "-r 3", []),
        ("rate: float = typer.Option(0.1, NAME)", "-r 3", []),
        ("rate: float = typer.Option(0.1, *NAMES)", "-r 3", []),
        ("when: datetime.datetime = None", "--when 2026-01-01 --now", ["unknown-option"]),
        ("data: typer.FileText", "a b", ["surplus"]),
        ("rate: float | None = None", "--rate x", ["bad-type"]),
        ("rate: float = 0.1", "--rate x --rate 1", []),  # the last counts
        ("rates: list[float] = []", "--rates x --rates 1", ["bad-type"]),
        ("names: list[str]", "", ["missing-required"]),
        ("names: list[str]", "a b", []),
        ("names: list[str] = typer.Option(...)", "", ["missing-required"]),
        ("rate: float = typer.Option(0.1, parser=percent)", "--rate 3%", []),
        ("rate: float = typer.Option(0.1, **options)", "--rate 3%", []),
        ("speed: Speed = Speed.high", "--speed high", []),
        ("speed: Speed = Speed.high", "--speed higher", ["bad-choice"]),
    ],
)
def test_what_typer_makes_of_annotations(parameter: str, text: str, expected: list[str]) -> None:
    script = f"""
        import datetime, typer
        from enum import Enum, auto
        from typing import Annotated, Optional, Tuple
        from lib import NAME, NAMES, options, percent
        Rate = Annotated[float, typer.Option("--rate", "-r")]
        class Mode(str, Enum):
            fast = "fast"
            slow = auto()
        class Speed(str, Enum):
            high = "high"
            def metres(self): ...
        def main({parameter}): ...
        typer.run(main)
    """
    assert problems(text, script) == expected


@pytest.mark.parametrize(
    ("more", "text", "expected"),
    [
        ("", "--lr 1", []),
        ("", "", []),
        ("", "train --lr 1", ["surplus"]),
        ("", "--show-completion", []),
        ("@app.command()\ndef test_it(): ...", "train --lr 1", []),
        ("@app.command()\ndef test_it(): ...", "test-it", []),
        ("@app.command('evaluate')\ndef test(): ...", "evaluate", []),
        ("@app.command('evaluate')\ndef test(): ...", "test", ["bad-choice"]),
        ("@app.command()\ndef test_it(): ...", "--lr 1", ["unknown-option", "missing-required"]),
        ("@app.command()\ndef test_it(): ...", "train --lr x", ["bad-type"]),
        ("@app.command()\ndef test_it(): ...", "", ["missing-required"]),
        ("@app.callback()\ndef main(debug: bool = False): ...", "--debug train --lr 1", []),
        ("@app.callback()\ndef main(lr: str = ''): ...", "--lr high train", []),
        ("@app.command()\ndef rest(*args): ...", "rest --any 1", []),
        ("@app.command(context_settings={'allow_extra_args': True})\ndef rest(): ...", "rest more", []),
        ("app.add_typer(other)", "other --any 1", []),
        ("tune(app)", "--any 1", []),
    ],
)
def test_a_typer_app_with_one_command_is_that_command(more: str, text: str, expected: list[str]) -> None:
    script = f"""
import typer
from lib import other, tune
app = typer.Typer()
@app.command()
def train(lr: float = 0.1, names: list[str] = []): ...
{more}
app()
"""
    assert problems(text, script) == expected


def test_a_typer_app_without_completion_has_no_options_for_it() -> None:
    script = """
        import typer
        app = typer.Typer(add_completion=False)
        @app.command()
        def train(lr: float = 0.1): ...
        app()
    """
    assert problems("--show-completion", script) == ["unknown-option"]


def test_commands_in_a_chain_are_not_taken_apart() -> None:
    script = """
        import click
        @click.group(chain={})
        def cli(): ...
        @cli.command("train")
        def train(): ...
        @cli.command("test")
        def test(): ...
        cli()
    """
    assert problems("train test", script.format("True")) == []


def test_a_group_without_a_command_is_refused_unless_it_runs_without() -> None:
    script = """
        import click
        @click.group({})
        def cli(): ...
        @cli.command("train")
        def train(): ...
        cli()
    """
    assert problems("", script.format("")) == ["missing-required"]
    assert problems("", script.format("invoke_without_command=False")) == ["missing-required"]
    assert problems("", script.format("invoke_without_command=True")) == []


@pytest.mark.parametrize(
    ("decorators", "afterwards", "expected"),
    [
        ("@click.command()", "", ["unknown-option"]),
        ("@click.command()\n@recorded", "", []),
        ("@click.command(**settings)", "", []),
        ("@click.command(*settings)", "", []),
        ("@click.command(cls=Command)", "", []),
        ("@click.command(context_settings=settings)", "", []),
        ("@click.command(context_settings={'token_normalize_func': str.lower})", "", []),
        ("@click.command()\n@click.option(settings)", "", []),
        ("@click.command()\n@click.option(f'--{recorded}')", "", []),
        ("@click.command()", "main.params.append(settings)", []),
        ("@click.command()", "main.params = settings", []),
        ("@click.command()", "main.anything(settings)", []),
        ("@click.command()", "main.make_context('main', [])", ["unknown-option"]),
        ("@click.command()", "print(main.name)", ["unknown-option"]),
    ],
)
def test_what_may_add_options_leaves_a_command_open(decorators: str, afterwards: str, expected: list[str]) -> None:
    script = f"""
import click
from lib import Command, recorded, settings
{decorators}
@click.option("--lr", type=float)
def main(**options): ...
{afterwards}
main()
"""
    assert problems("--any 1", script) == expected
    assert problems("--lr x", script) == ["bad-type"]


def test_who_is_given_a_group_may_add_commands_to_it() -> None:
    script = """
        import click
        from lib import more
        @click.group()
        def cli(): ...
        @cli.command("train")
        @click.option("--lr", type=float)
        def train(lr): ...
        {}
        cli()
    """
    assert problems("test", script.format("")) == ["bad-choice"]
    assert problems("test", script.format("more(cli)")) == []
    assert problems("train --lr x", script.format("more(cli, train)")) == ["bad-type"]
