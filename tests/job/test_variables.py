"""Variables give what NVFlare's substitution gives (fuel/utils/wfconf.py), with the place of every part."""

from __future__ import annotations

import json
from itertools import pairwise
from string import Formatter
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fllint.documents.document import Format
from fllint.documents.load import load_document
from fllint.documents.tree import UNKNOWN, UNKNOWN_TEXT, Leaf, Mapping
from fllint.job.variables import Resolved, VariableRules, VariableTrouble, resolve_variables, split_format

SYSTEM = {"SITE_NAME": "site-1", "WORKSPACE": UNKNOWN}


def resolve(config: dict[str, Any], rules: VariableRules | None = None) -> Resolved:
    text = json.dumps(config)
    document = load_document(text.encode(), path="c.json", name="c.json", format=Format.JSON, release="2.9")
    assert isinstance(document.root, Mapping)
    return resolve_variables(document.root, SYSTEM, rules or VariableRules())


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"n": 3, "x": "{n}"}, 3),
        ({"n": 3, "x": " {n} "}, 3),
        ({"n": {"a": 1}, "x": "{n}"}, {"a": 1}),
        ({"n": 3, "x": "r{n}s"}, "r3s"),
        ({"n": 3, "x": "{n:03d}x"}, "003x"),
        ({"n": 3, "x": "{n!y} of {n}"}, "{n!y} of {n}"),
        ({"a": "{b}", "b": "{c}", "c": 1, "x": "{a}"}, 1),
        ({"x": "{SITE_NAME}"}, "site-1"),
        ({"SITE_NAME": "mine", "x": "{SITE_NAME}"}, "site-1"),
        ({"x": "{WORKSPACE}/models"}, f"{UNKNOWN_TEXT}/models"),
        ({"x": "{WORKSPACE}"}, UNKNOWN),
        ({"x": "{$HOME}/data"}, f"{UNKNOWN_TEXT}/data"),
        ({"x": "{nothing}"}, None),
        ({"x": "a {nothing} b"}, "a {nothing} b"),
        ({"x": "{}"}, None),
        ({"x": '{"a": {"b": 1}}'}, '{"a": {"b": 1}}'),
        ({"x": r"\d{4}"}, r"\d{4}"),
        ({"n": 3, "x": "{{n}} and {n}"}, "3 and 3"),
        ({"@f": {"k": "{p}", "m": "{q}"}, "x": "{@f:p=3:q=yes}"}, {"k": 3, "m": True}),
        ({"@f": {"k": "{p}"}, "n": 7, "x": "{@f:p={n}}"}, {"k": 7}),
        ({"alpha": 1, "x": "{x}"}, "{x}"),
    ],
)
def test_a_reference_becomes_what_nvflare_puts_there(config: dict[str, Any], expected: object) -> None:
    found = resolve(config).root.get("x")
    assert found is not None
    assert found.value == expected


@pytest.mark.parametrize(
    ("config", "trouble", "fatal"),
    [
        ({"x": "{nothing}"}, VariableTrouble.UNDEFINED, False),
        ({"x": "a{nothing}"}, VariableTrouble.UNDEFINED_IN_TEXT, False),
        ({"x": "{n:1}", "n": 3}, VariableTrouble.NOT_A_DEFINITION, True),
        ({"x": '{"key": 1}'}, VariableTrouble.NOT_A_DEFINITION, True),
        ({"x": "{@f:a=1}"}, VariableTrouble.NOT_A_DEFINITION, True),
        ({"@f": {}, "x": "{@f:a=1}"}, VariableTrouble.NOT_A_DEFINITION, True),
        ({"x": "a{x}"}, VariableTrouble.CYCLE, True),
        ({"x": "{y}", "y": "{x}"}, VariableTrouble.CYCLE, True),
        ({"@f": {"x": "{@f:a=1}"}, "x": "{@f:a=1}"}, VariableTrouble.CYCLE, True),
    ],
)
def test_a_broken_reference_is_an_issue(config: dict[str, Any], trouble: VariableTrouble, fatal: bool) -> None:
    issues = resolve(config).issues
    assert (trouble, fatal) in [(issue.trouble, issue.fatal) for issue in issues]


def test_doubled_braces_are_no_undefined_variable() -> None:
    resolved = resolve({"x": "{{a}} {SITE_NAME}"})
    assert resolved.issues == ()
    assert resolved.root.value == {"x": "{a} site-1"}


def test_before_2_6_an_undefined_name_in_a_text_is_fatal() -> None:
    issues = resolve({"x": "a{nothing}"}, VariableRules(undefined_in_text_is_fatal=True)).issues
    assert [issue.fatal for issue in issues] == [True]


def test_in_2_3_only_plain_values_of_the_top_level_are_variables_and_once() -> None:
    rules = VariableRules(whole_config=False, undefined_in_text_is_fatal=True)
    config = {"n": 3, "d": {"a": 1}, "m": "{n}", "x": "{n}", "y": "{d}", "z": "{m}", "w": "{SITE_NAME}"}
    assert resolve(config, rules).root.value == {**config, "m": 3, "x": 3, "y": None, "z": "{n}", "w": None}


def test_definitions_are_no_part_of_the_config() -> None:
    assert resolve({"@f": {"a": 1}, "n": 1}).root.value == {"n": 1}


def test_a_secret_survives_where_the_release_has_secrets() -> None:
    config = {"n": 1, "x": "--key ${secret:KEY} --n {n}"}
    assert resolve(config, VariableRules(secrets=True)).root.value == {**config, "x": "--key ${secret:KEY} --n 1"}
    assert resolve(config).root.value == config


def test_a_substituted_value_knows_where_it_is_written_and_where_it_is_used() -> None:
    found = resolve({"n": {"deep": -1}, "x": "{n}"}).root.get("x")
    assert found is not None
    deep = found.get("deep")
    assert deep is not None
    assert deep.substituted_at is not None
    text = deep.source.text
    assert text[deep.span.start : deep.span.end] == "-1"
    assert text[deep.substituted_at.span.start : deep.substituted_at.span.end] == '"{n}"'


def test_the_literal_parts_of_a_formatted_text_keep_their_places() -> None:
    found = resolve({"n": 12345, "x": "--rounds {n} --bad"}).root.get("x")
    assert isinstance(found, Leaf)
    start = str(found.scalar).index("--bad")
    place = found.part(start, start + 5)
    assert place.source.text[place.span.start : place.span.end] == "--bad"


def test_references_that_double_each_round_are_bounded() -> None:
    config = {f"v{index}": [f"{{v{index + 1}}}"] * 8 for index in range(30)} | {"v30": 1}
    resolve(config)


@given(st.text(alphabet="{}ab.:![]0 ", max_size=30))
@example("{ !}}")
def test_a_format_string_is_cut_where_python_cuts_it(text: str) -> None:
    pieces = split_format(text)
    if pieces is None:
        with pytest.raises((ValueError, KeyError, IndexError, AttributeError)):
            text.format()
    else:
        assert all(end.start == start.end for start, end in pairwise(pieces))
        assert "".join(text[piece.start : piece.end] for piece in pieces) == text
        assert [piece.field.rstrip(":") for piece in pieces if piece.field is not None] == _fields(text)


def _fields(text: str) -> list[str]:
    """The replacement fields as Python parses them, put together again."""
    found = []
    for _, field, spec, conversion in Formatter().parse(text):
        if field is not None:
            whole = field + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
            found.append(whole.rstrip(":"))
    return found


@settings(deadline=None)  # one that doubles each round goes to the limits, for half a second on a busy machine
@given(
    st.dictionaries(
        st.sampled_from(["a", "b", "c", "@d"]),
        st.recursive(
            st.one_of(st.integers(), st.text(alphabet="{}abc@d:=$ ", max_size=12)),
            lambda child: st.lists(child, max_size=3) | st.dictionaries(st.sampled_from(["k", "l"]), child, max_size=2),
            max_leaves=6,
        ),
        max_size=4,
    )
)
def test_no_config_breaks_the_substitution(config: dict[str, Any]) -> None:
    for rules in (VariableRules(), VariableRules(whole_config=False), VariableRules(secrets=True)):
        for node in resolve(config, rules).root.walk():
            assert 0 <= node.span.start <= node.span.end <= len(node.source.text)
