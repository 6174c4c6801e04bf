"""Values of expressions over a job's arguments, where some of them may be unknown.

>>> evaluate("not isinstance(min_clients, int)", {"min_clients": "2"})
True
>>> evaluate("min_clients <= 0", {"min_clients": UNKNOWN}) is None
True

Only operations without effects are done, each bounded; whatever is unknown, unusual or would raise gives None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from msgspec.structs import replace

from fllint.documents.tree import UNKNOWN, UNKNOWN_TEXT, Unknown
from fllint.python.classes import ATTEMPT, Check, ClassInfo
from fllint.python.evaluation import Evaluation, StopError
from fllint.python.expressions import parsed
from fllint.python.messages import fill
from fllint.python.partial_values import Instance as Instance
from fllint.python.partial_values import truth


def evaluate(expression: str, arguments: Mapping[str, object]) -> bool | None:
    """Whether an expression is true for these arguments; None when that is not known. Never raises."""
    return truth(_value(expression, arguments))


def value_of(expression: str, arguments: Mapping[str, object]) -> object:
    """The value of an expression; `UNKNOWN` when it is not known. Never raises."""
    value = _value(expression, arguments)
    return UNKNOWN if isinstance(value, Unknown) else value


def _value(expression: str, arguments: Mapping[str, object]) -> object:
    tree = parsed(expression)
    if tree is None:
        return UNKNOWN
    try:
        return Evaluation(arguments).value(tree)
    except (
        StopError,
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
        RecursionError,
        MemoryError,
        re.error,
    ):
        return UNKNOWN


def render(message: str, arguments: Mapping[str, object]) -> str:
    """The text of an exception for these arguments, ``…`` for what is not known (`fllint.python.classes.Check`)."""

    def shown(hole: str) -> str:
        expression, mark, _ = hole.partition("!r")
        return _shown(value_of(expression, arguments) if hole != "?" else UNKNOWN, str if not mark else repr)

    return fill(message, shown)


def with_defaults(info: ClassInfo, given: Mapping[str, object]) -> dict[str, object]:
    """The values of all constructor parameters when these are given; `UNKNOWN` where a default is no literal."""
    defaults = {
        parameter.name: parameter.default if parameter.has_default_value else UNKNOWN for parameter in info.parameters
    }
    return {**defaults, **given}


def failed_checks(
    info: ClassInfo, given: Mapping[str, object], checks: tuple[Check, ...] | None = None
) -> tuple[Check, ...]:
    """The checks that surely fail for these arguments of a class, in the order in which they are made: those of its
    constructor, or others over the same parameters.

    A check that cannot even be made, as with ``"3" < 1``, fails as well, with Python's own exception; but only as the
    first, since after another one nobody knows whether it is reached.
    """
    arguments = with_defaults(info, given)
    failed: dict[tuple[str, str], Check] = {}
    for check in info.checks if checks is None else checks:
        verdict = _verdict(check, arguments)
        if verdict is True or (isinstance(verdict, Check) and not failed):
            found = verdict if isinstance(verdict, Check) else check
            failed.setdefault((found.raises, found.message), found)
    return tuple(failed.values())


def _verdict(check: Check, arguments: Mapping[str, object]) -> bool | Check | None:
    """Whether a check fails; the check with the exception that making it raises instead, when that is what happens."""
    tree = parsed(check.when)
    if tree is None:
        return None
    try:
        return truth(Evaluation(arguments).value(tree))
    except (StopError, RecursionError, MemoryError):
        return None
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, re.error) as error:
        if not check.exact:
            return None
        if check.message and ATTEMPT in check.when:
            return check
        message = str(error).replace("{", "{{").replace("}", "}}")
        return replace(check, raises=type(error).__name__, message=message)


def _shown(value: object, form: Callable[[object], str]) -> str:
    if isinstance(value, Unknown | Instance):
        return "…"
    text = form(value).replace(UNKNOWN_TEXT, "…")
    return text if len(text) <= 80 else text[:79] + "…"
