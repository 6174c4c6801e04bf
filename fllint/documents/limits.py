"""How large and how deep a text fllint reads; beyond this the readers say so instead of working on it."""

from __future__ import annotations

from typing import Final

from fllint.documents.document import DocumentProblem, Trouble
from fllint.documents.tree import Place, Source, Span

MAX_BYTES: Final = 1_000_000
"""Size of one file. The largest configuration among NVFlare's own examples has 30 kB."""

MAX_NESTING: Final = 64
"""Objects and arrays inside each other. Real jobs stay below 15."""

MAX_DIGITS: Final = 4300
"""Digits of an integer: Python refuses to read more (`sys.get_int_max_str_digits`), so NVFlare does too."""

MAX_NODES: Final = 100_000
"""Values of a document after its references are followed (YAML aliases, HOCON substitutions)."""


class RefusedError(Exception):
    """Ends the reading of a text with a fatal problem. Stays inside this package."""

    def __init__(self, problem: DocumentProblem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def limit_problem(source: Source, span: Span, message: str, help: str = "") -> DocumentProblem:
    """A fatal problem for a text that passes one of the limits."""
    return DocumentProblem(Trouble.LIMIT, Place(source, span), message, help=help)


def too_deep(source: Source, start: int) -> DocumentProblem:
    """The problem of a value at ``start`` that lies more than `MAX_NESTING` deep."""
    span = Span(start, min(start + 1, len(source.text)))
    return limit_problem(source, span, f"Nested more than {MAX_NESTING} levels deep, deeper than fllint reads.")


def too_many_nodes(source: Source, start: int) -> DocumentProblem:
    """The problem of a document with more values than `MAX_NODES`; ``start`` is where the first one too many stands."""
    span = Span(start, min(start + 1, len(source.text)))
    return limit_problem(source, span, f"More than {MAX_NODES} values, more than fllint reads.")


def too_many_digits(source: Source, span: Span) -> DocumentProblem:
    """The problem of an integer longer than `MAX_DIGITS`."""
    return limit_problem(source, span, f"An integer of more than {MAX_DIGITS} digits, which Python refuses to read.")
