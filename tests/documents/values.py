"""Hypothesis strategies: values of configurations, and texts that hold them."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

patient = settings(deadline=None)
"""For properties whose time depends on what else the machine does."""

_NAMES = st.sampled_from(["id", "path", "args", "a.b", "a/b", "~", "", "é", "😀", "{v}", "@ALL", "x y"])
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | _NAMES


def values() -> st.SearchStrategy[Any]:
    """Values as JSON has them, up to a few levels deep."""
    return st.recursive(
        _SCALARS,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES | st.text(max_size=4), inner, max_size=4),
        max_leaves=12,
    )


@st.composite
def json_texts(draw: st.DrawFn) -> str:
    """JSON texts of any layout: random white space, escapes, and repeated keys."""
    return _json_text(draw, draw(values()))


def _json_text(draw: st.DrawFn, value: Any) -> str:
    space = draw(st.sampled_from(["", " ", "\n", "\r\n", "\t", " \n  "]))
    if isinstance(value, dict):
        entries = [(key, item) for key, item in value.items()]
        if entries and draw(st.integers(0, 9)) == 0:
            entries.append(entries[0])
        written = [f"{_json_text(draw, key)}:{_json_text(draw, item)}" for key, item in entries]
        return space + "{" + (",".join(written) or space) + "}" + space
    if isinstance(value, list):
        return space + "[" + ",".join(_json_text(draw, item) for item in value) + "]" + space
    if isinstance(value, str) and draw(st.booleans()):
        value = draw(st.sampled_from([value, value + "\\", "/" + value]))
        return json.dumps(value, ensure_ascii=False).replace("/", draw(st.sampled_from(["/", "\\/"]))) + space
    return json.dumps(value) + space


@st.composite
def mutated_texts(draw: st.DrawFn, text: str) -> str:
    """A text with one or two characters deleted, inserted or replaced."""
    for _ in range(draw(st.integers(1, 2))):
        position = draw(st.integers(0, len(text)))
        removed = draw(st.integers(0, 1))
        added = draw(st.sampled_from(["", *"{}[]:,=\"'#/\\ \n\t@$+-.0aT&*!|>%`\r", "😀", "\u00a0"]))
        text = text[:position] + added + text[position + removed :]
    return text
