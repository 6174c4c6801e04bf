"""Checks that components make when the run starts."""

from __future__ import annotations

from textwrap import indent

import pytest

from fllint.python.evaluate import failed_checks
from tests.python.reading import class_in

BASE = """
from nvflare.apis.event_type import EventType
from nvflare.apis.fl_component import FLComponent


class Part(FLComponent):
    def __init__(self, kind="a", model=None):
        super().__init__()
        self.kind = kind
        self.model = model

    def load(self):
        self.model = object()

    def verify(self, kind):
        if kind not in ("a", "b"):
            raise ValueError(f"kind is {kind}")


class A(Part):
    def handle_event(self, event_type, fl_ctx):
"""


def failures(body: str, **given: object) -> list[str]:
    info = class_in(BASE + indent(body, " " * 8))
    assert failed_checks(info, given) == ()
    return [check.message for check in failed_checks(info, given, info.start_checks)]


@pytest.mark.parametrize(
    "body",
    [
        "if event_type == EventType.START_RUN:\n    self.verify(self.kind)\n",
        "if event_type == EventType.ABOUT_TO_START_RUN:\n    self.verify(self.kind)\n",
        "if event_type != EventType.START_RUN:\n    return\nself.verify(self.kind)\n",
        "if self.kind not in ('a', 'b'):\n    raise ValueError('any event')\n",
    ],
)
def test_a_check_at_the_start_fails_for_a_bad_value_only(body: str) -> None:
    assert failures(body, kind="c")
    assert not failures(body, kind="b")
    assert not failures(body)


@pytest.mark.parametrize(
    "body",
    [
        "if event_type == EventType.END_RUN:\n    self.verify(self.kind)\n",
        "if event_type == EventType.START_RUN and fl_ctx.get_prop('x'):\n    self.verify(self.kind)\n",
        "if event_type == EventType.START_RUN:\n    self.kind = 'a'\n    self.verify(self.kind)\n",
        "self.load()\nif event_type == EventType.START_RUN and self.model is None:\n    raise ValueError('no model')\n",
        "self.unknown()\nif event_type == EventType.START_RUN and self.kind == 'c':\n    raise ValueError('c')\n",
    ],
)
def test_what_depends_on_more_than_the_arguments_is_not_judged(body: str) -> None:
    assert not failures(body, kind="c")


def test_a_method_that_a_derived_class_overrides_is_not_followed() -> None:
    handler = "if event_type == EventType.START_RUN:\n    self.verify(self.kind)\n"
    derived = "\n\nclass B(A):\n    def verify(self, kind):\n        pass\n"
    text = BASE + indent(handler, " " * 8) + derived
    assert class_in(text).start_checks
    assert not class_in(text, "B").start_checks
