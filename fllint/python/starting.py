"""What a component checks when the run starts, in its handler of the events of the start.

NVFlare logs an exception of a handler and goes on with a component that is not set up (apis/utils/event.py, all
releases from 2.3 to 2.9).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from fllint.python.classes import Check, Method
from fllint.python.expressions import names_in, substitute_text
from fllint.python.flare_words import COMPONENT, GIVEN, STARTER
from fllint.python.messages import substitute_message

START_EVENTS: Final = ("_about_to_start_run", "_start_run")
"""Event types (nvflare/apis/event_type.py) that every component hears when a run starts."""


NOT_WRITTEN: Final = "NotImplementedError"
"""What a method raises that derived classes override."""


def checks_at_start(
    methods: Sequence[Method], attributes: Mapping[str, str], order: Sequence[str]
) -> tuple[Check, ...]:
    """The checks that an instance makes when the run starts, as expressions over its constructor's parameters.

    Those that need more than the constructor was given, such as other components, are left out; all are, when a class
    that comes earlier in the ``order`` of the MRO than the handler's overrides a method that the handler calls.
    """
    handler = next((method for method in methods if method.name == STARTER), None)
    if handler is None or handler.owner not in order:
        return ()
    derived = order[: order.index(handler.owner)]
    if any(method.owner in derived for method in methods if method.name in handler.calls):
        return ()
    values = {f"self.{name}": text for name, text in attributes.items()}
    found = [check for at_start in starting_checks(handler) for check in _closed(at_start, values)]
    return tuple(dict.fromkeys(found))


def starting_checks(method: Method) -> Iterator[Check]:
    """The checks of a method that depend on nothing but the instance when the run starts."""
    for event in START_EVENTS if method.name == STARTER and method.parameters else ():
        given = {GIVEN + method.parameters[0].name: repr(event)}
        for check in method.checks:
            when = substitute_text(check.when, given)
            if when is not None and when != "False" and not _needs_more(when) and check.raises != NOT_WRITTEN:
                yield replace(check, when=when)


def _needs_more(when: str) -> bool:
    return any(name == COMPONENT or name.startswith(GIVEN) for name in names_in(when))


def _closed(check: Check, values: Mapping[str, str]) -> Iterator[Check]:
    when = substitute_text(check.when, values)
    if when is not None and when != "False" and not any(name.partition(".")[0] == "self" for name in names_in(when)):
        yield replace(check, when=when, message=substitute_message(check.message, dict(values)))
