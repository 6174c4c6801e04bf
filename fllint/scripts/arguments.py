"""The arguments of a script: its command line parser, rebuilt without running it, and what it refuses.

>>> script = "import argparse; p = argparse.ArgumentParser(); p.add_argument('--lr', type=float); p.parse_args()"
>>> model = read_parser(script, module_text=lambda name: None)
>>> [problem.message for problem in check_arguments(model, split_like_nvflare("--lr fast").tokens)]
["'fast' is not of type float, which --lr wants"]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from fllint.scripts.argparse_parser import ParseEvents, new_parser
from fllint.scripts.argument_model import (
    Argument,
    ArgumentProblem,
    ArgumentTrouble,
    ExclusiveGroup,
    Parser,
    ParserModel,
    ValueType,
)
from fllint.scripts.argument_tokens import (
    Arguments,
    ExecutorKind,
    ScriptCall,
    Token,
    script_call,
    split_like_nvflare,
)
from fllint.scripts.script_modules import ModuleText
from fllint.scripts.script_observer import Observer
from fllint.scripts.script_text import CodePlace, SyntaxTrouble, parse_code
from fllint.scripts.script_values import NOTHING_KNOWN, CallSite, Made, Value
from fllint.scripts.script_walk import Walk

MAXIMUM_ARGUMENTS: Final = 2_000

_OTHER_PARSERS: Final = (
    "absl.app.run",
    "absl.flags",
    "argh",
    "clize.run",
    "configargparse",
    "cyclopts",
    "datargs",
    "defopt.run",
    "docopt.docopt",
    "fire.Fire",
    "getopt",
    "hydra.main",
    "hydra_zen",
    "jsonargparse",
    "lightning.pytorch.cli",
    "omegaconf.OmegaConf.from_cli",
    "optparse.OptionParser",
    "plac.call",
    "pytorch_lightning.cli",
    "simple_parsing",
    "tap.Tap",
    "tensorflow.compat.v1.app",
    "torchtune.config.parse",
    "transformers.HfArgumentParser",
    "transformers.hf_argparser",
    "trl.TrlParser",
    "tyro.cli",
)
"""Readers of the command line whose options this module does not know."""


class _ParserReader(Observer):
    """Sees the parsers that a script makes."""

    def __init__(self) -> None:
        self.parsed = ParseEvents()
        self.reads_argv: CodePlace | None = None
        self.unreached_parser = False

    def call(self, path: str, site: CallSite) -> Value | None:
        if path == "argparse.ArgumentParser":
            self.unreached_parser |= not site.reached
            return new_parser(site, self.parsed)
        if path.startswith("click.") or (path == "functools.wraps" and isinstance(site.argument(0, "wrapped"), Made)):
            from fllint.scripts.click_parser import click_call

            return click_call(path, site, self.parsed)
        if path.startswith("typer."):
            from fllint.scripts.typer_parser import typer_call

            return typer_call(path, site, self.parsed)
        if path.startswith("sys.argv."):
            self.assigned("sys.argv", site.place)
        elif path in _OTHER_PARSERS or any(path.startswith(f"{other}.") for other in _OTHER_PARSERS):
            self.parsed.doubt(f"{path} reads the arguments")
            return NOTHING_KNOWN
        return None

    def read(self, path: str, place: CodePlace) -> None:
        if path == "sys.argv" and self.reads_argv is None:
            self.reads_argv = place

    def assigned(self, path: str, place: CodePlace) -> None:
        if path == "sys.argv":
            self.parsed.argv_changed = True
            if not self.parsed.parsers:
                self.parsed.doubt("the script changes sys.argv")


def read_parser(text: str, *, module_text: ModuleText) -> ParserModel:
    """The parsers that read the arguments of a script.

    ``text`` is the script, run as ``__main__``; ``module_text`` gives the text of a module that it imports from the job
    by its dotted name, None for one that the job does not bring along. Never raises, whatever the texts.
    """
    code = parse_code(text)
    if isinstance(code, SyntaxTrouble):
        return ParserModel(syntax=code)
    reader = _ParserReader()
    walk = Walk(reader, module_text)
    walk.run(code)
    reasons = list(reader.parsed.reasons)
    if walk.given_up:
        reasons.append(walk.given_up)
    if "the script changes sys.argv" in reasons:
        return ParserModel(not_checked=tuple(reasons), reads_argv=reader.reads_argv)
    parsers = tuple(reader.parsed.parsers)
    if not parsers and not reasons and reader.unreached_parser:
        reasons.append("a parser is made in a function that nobody is seen to call")
    if walk.given_up:
        parsers = tuple(replace(parser, open_options=parser.open_options or walk.given_up) for parser in parsers)
    return ParserModel(parsers=parsers, not_checked=tuple(reasons), reads_argv=reader.reads_argv)


def check_arguments(model: ParserModel, tokens: Sequence[Token]) -> list[ArgumentProblem]:
    """What the parsers of a script refuse of its arguments, in the order of the arguments; what is missing comes last.

    Arguments with an unknown part (`UNKNOWN_TEXT`) are never at fault. A part in quotes that are not honoured is one
    problem of its own, which stands for all that follows from it. More than `MAXIMUM_ARGUMENTS` are not looked at.
    """
    if len(tokens) > MAXIMUM_ARGUMENTS:
        return []
    problems = _quotes(model, tokens)
    quoted = {number for number, token in enumerate(tokens) if token.in_quotes}
    for parser in model.parsers:
        found = _check(parser, tokens)
        problems.extend(problem for problem in found if problem.token not in quoted and problem not in problems)
    return sorted(problems, key=lambda problem: (problem.token is None, problem.token or 0, problem.start))


def _check(parser: Parser, tokens: Sequence[Token]) -> list[ArgumentProblem]:
    if parser.library == "argparse":
        from fllint.scripts.argparse_check import check_argparse

        return check_argparse(parser, tokens)
    from fllint.scripts.click_check import check_click

    return check_click(parser, tokens)


def _quotes(model: ParserModel, tokens: Sequence[Token]) -> list[ArgumentProblem]:
    """One problem for each part in quotes, at its first argument."""
    if model.none and model.reads_argv is None:
        return []
    place = model.parser.place if model.parser else model.reads_argv or CodePlace("", 1, 1, 1, 1)
    return [
        ArgumentProblem(
            ArgumentTrouble.QUOTES_NOT_HONOURED,
            f"quotes mean nothing here: the script gets {token.text}, with the quote",
            place,
            number,
            0,
            len(token.text),
        )
        for number, token in enumerate(tokens)
        if token.in_quotes and (number == 0 or not tokens[number - 1].in_quotes or token.text[:1] in "'\"")
    ]


__all__ = [
    "Argument",
    "ArgumentProblem",
    "ArgumentTrouble",
    "Arguments",
    "CodePlace",
    "ExclusiveGroup",
    "ExecutorKind",
    "Parser",
    "ParserModel",
    "ScriptCall",
    "Token",
    "ValueType",
    "check_arguments",
    "read_parser",
    "script_call",
    "split_like_nvflare",
]
