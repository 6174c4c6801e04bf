"""Texts of exceptions with holes."""

from __future__ import annotations

import pytest

from fllint.python.messages import fill, substitute_message


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ("no {x} here", "no <x> here"),
        ("{x!r}{y}", "<x!r><y>"),
        ("{{x}} is {x}", "{x} is <x>"),
        ("{'a' if x else f'got {x}'}.", "<'a' if x else f'got {x}'>."),
        ("open { x", "open { x"),
        ("closed } x", "closed } x"),
        ("", ""),
    ],
)
def test_holes_are_filled_and_braces_in_expressions_belong_to_them(message: str, wanted: str) -> None:
    assert fill(message, lambda hole: f"<{hole}>") == wanted


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ("no {x} {{x}} {?}", "no {a + 1} {{x}} {?}"),
        ("{x!r}", "{a + 1!r}"),
        ("{lost} {f'{x}'}", "{?} {f'{a + 1}'}"),
        ("{mapping}", "{?}"),
    ],
)
def test_expressions_are_put_in_and_what_cannot_be_told_is_a_question_mark(message: str, wanted: str) -> None:
    assert substitute_message(message, {"x": "a + 1", "lost": None, "mapping": "{1: 2}"}) == wanted
