"""Family 4, third part: the arguments of scripts, against the parsers that the scripts make."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from fllint.documents.tree import Leaf, Place, Sequence
from fllint.findings import Fix, Problem, Related, Severity
from fllint.fixes import write_word
from fllint.problems import at
from fllint.registry import rule
from fllint.scripts.runs import ScriptRun, script_runs
from fllint.suggest import sure_match

if TYPE_CHECKING:
    from fllint.review import Review
    from fllint.scripts.argument_model import ArgumentProblem


def _problems(review: Review, *kinds: str) -> Iterator[Problem]:
    """What is wrong with the arguments of the job's scripts, of some kinds of trouble (`ArgumentTrouble`)."""
    for run in script_runs(review):
        for problem in run.argument_problems:
            if problem.kind.value in kinds and not _left_to_another_rule(run, problem):
                yield _problem(run, problem)


def _left_to_another_rule(run: ScriptRun, problem: ArgumentProblem) -> bool:
    """Whether it is about a word for a shell (FL412)."""
    words = [run.command.tokens[word.token] for word in run.shell_words]
    return problem.token is not None and any(run.arguments[problem.token] is word for word in words)


def _problem(run: ScriptRun, problem: ArgumentProblem, severity: Severity | None = None) -> Problem:
    definition = run.code_place(problem.place)
    what = "defined here" if problem.option else "the script's parser"
    related = [Related(definition, what)] if definition else []
    used = (run.arguments_node or run.node).substituted_at
    if used:
        related.append(Related(used, "used here"))
    if problem.token is None:
        place = (run.arguments_node or run.node).place
    else:
        place = run.token_place(run.arguments[problem.token], problem.start, problem.end)
    help = f"did you mean '{problem.suggestion}'?" if problem.suggestion else ""
    fix = _respelt(run, problem, place)
    return at(place, problem.message, help=help, related=tuple(related), severity=severity, fix=fix)


def _respelt(run: ScriptRun, problem: ArgumentProblem, place: Place) -> Fix | None:
    """The option or choice that a word must be a slip of, where the word is written as it is."""
    written = place.source.text[place.span.start : place.span.end]
    sure = problem.token is not None and sure_match(written.lstrip("-"), [problem.suggestion.lstrip("-")])
    return write_word(place, written, problem.suggestion) if sure else None


@rule("FL420", "unknown-script-argument", Severity.ERROR, fix="safe")
def unknown_script_argument(review: Review) -> Iterator[Problem]:
    """A script is given an argument that its parser does not know.

    argparse, click and typer end the script with a message about its usage. In the client's own process this is a
    SystemExit in a thread: up to 2.8 nobody notices and the server waits, since 2.9 the task fails; in a process of its
    own it never connects.

    Write the option as the script defines it, or add it to the script's parser.
    """
    yield from _problems(review, "unknown-option", "ambiguous-option", "surplus")
    for run in script_runs(review):
        reasons = run.parsers.not_checked if run.parsers else ()
        options = run.parsers.open_options if run.parsers else None
        if run.arguments and (reasons or options):
            run.review.not_checked(f"the arguments of {run.file}", (*reasons, options or "")[0])


@rule("FL421", "missing-script-argument", Severity.ERROR)
def missing_script_argument(review: Review) -> Iterator[Problem]:
    """A script is not given an argument, or the value of an option, that its parser requires.

    The parser ends the script with a message about its usage, before it has done anything: the task fails or the server
    waits for it.

    Add the argument, or give it a default in the script.
    """
    yield from _problems(review, "missing-required", "missing-value")


@rule("FL422", "invalid-script-argument", Severity.ERROR, fix="safe")
def invalid_script_argument(review: Review) -> Iterator[Problem]:
    """The arguments of a script cannot be split, or one has a value that the script's parser refuses.

    A value of the wrong type, not among the choices, or for a flag that takes none, ends the script with a message
    about its usage. ``task_script_args`` must be a text: a list fails when the script is started
    (app_common/executors/task_script_runner.py, 2.5 and later: ``'list' object has no attribute 'split'``). A command
    with an open quote raises ``No closing quotation``.

    Write a value that the script takes.
    """
    for run in script_runs(review):
        node = run.arguments_node
        if run.argument.in_process and isinstance(node, Sequence) and node.items:
            text = " ".join(str(item.value) for item in node.items)
            yield at(
                node, "the arguments must be a text, not an array: the script never starts", help=f'write "{text}"'
            )
        elif run.command.trouble and isinstance(node, Leaf):
            place = node.part(run.command.trouble_at, run.command.trouble_at + 1)
            yield at(place, f"the command cannot be split: {run.command.trouble}")
    yield from _problems(review, "bad-choice", "bad-type", "bad-default", "exclusive", "flag-with-value", "exits")


@rule("FL423", "quotes-not-honoured", Severity.ERROR)
def quotes_not_honoured(review: Review) -> Iterator[Problem]:
    """Quotes in ``task_script_args`` do not hold words together.

    The text is split at white space, as ``str.split()`` does: ``--name "my run"`` gives the script ``"my`` and
    ``run"``, with the quotes (app_common/executors/task_script_runner.py, 2.5 and later; since 2.9 quotes around a
    ``${secret:…}`` count). Commands are different: they are split as a shell does.

    Write values without spaces and quotes, or let the script read them from a file. A single word in quotes is a
    warning: it arrives with its quotes.
    """
    for run in script_runs(review):
        for problem in run.argument_problems:
            if problem.kind.value == "quotes-not-honoured":
                yield _problem(run, problem, None if _is_refused(run, problem) else Severity.WARNING)


def _is_refused(run: ScriptRun, quoted: ArgumentProblem) -> bool:
    """Whether the parser refuses what the quotes leave of the arguments."""
    from fllint.scripts.arguments import check_arguments

    plain = [replace(token, in_quotes=False) for token in run.arguments]
    refused = check_arguments(run.parsers, plain) if run.parsers is not None else []
    return any(found.decisive and found not in run.argument_problems for found in refused)


@rule("FL424", "boolean-as-text", Severity.WARNING)
def boolean_as_text(review: Review) -> Iterator[Problem]:
    """An option of type ``bool`` is given a text, and every text but the empty one is true.

    argparse calls the type with the text: ``bool("False")`` is True, so that ``--augment False`` switches it on.

    Use ``action="store_true"`` or ``argparse.BooleanOptionalAction`` in the script.
    """
    yield from _problems(review, "bool-type")
