from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fllint.documents.document import Format, Trouble
from fllint.documents.tree import Leaf, Mapping, Node

from .reading import assert_sound, only_problem, read, written
from .values import json_texts, mutated_texts, patient

EXAMPLE = """{
  "format_version": 2,
  "workflows": [
    {"id": "sag", "path": "nvflare.app_common.workflows.scatter_and_gather.ScatterAndGather",
     "args": {"num_rounds": 3, "lr": 1e-3, "note": "caf\\u00e9 \\ud83d\\ude00!", "wait": null, "on": true}}
  ],
  "components": []
}
"""


def tree(text: str) -> Node:
    root = read(text, Format.JSON).root
    assert root is not None
    return root


def at(root: Node, *path: str | int) -> Node:
    for key in path:
        node = root.children[key] if isinstance(key, int) else root.get(key)
        assert node is not None
        root = node
    return root


def test_every_value_knows_where_it_is_written() -> None:
    root = tree(EXAMPLE)
    assert root.value == json.loads(EXAMPLE)
    assert written(at(root, "format_version").place) == "2"
    assert written(at(root, "components").place) == "[]"
    args = at(root, "workflows", 0, "args")
    assert args.pointer == "/workflows/0/args"
    assert written(at(args, "wait").place) == "null"
    assert written(at(args, "lr").place) == "1e-3"
    entry = args.entry("num_rounds")
    assert entry is not None
    assert written(entry.key_place) == '"num_rounds"'
    assert entry.key_place.pointer == "/workflows/0/args/num_rounds"


def test_parts_of_a_string_with_escapes_are_found() -> None:
    note = at(tree(EXAMPLE), "workflows", 0, "args", "note")
    assert isinstance(note, Leaf)
    assert note.value == "café 😀!"
    assert [written(note.part(i, i + 1)) for i in range(7)] == ["c", "a", "f", "\\u00e9", " ", "\\ud83d\\ude00", "!"]


def test_parts_of_a_plain_string_are_found() -> None:
    leaf = at(tree('{"a": "x{v}y"}'), "a")
    assert isinstance(leaf, Leaf)
    assert written(leaf.part(1, 4)) == "{v}"


def test_keys_are_escaped_in_pointers() -> None:
    root = tree('{"a/b~c": {"d": 1}}')
    assert at(root, "a/b~c", "d").pointer == "/a~1b~0c/d"


def test_lines_and_columns_count_characters_also_behind_astral_ones_and_carriage_returns() -> None:
    root = tree('{\r\n"😀": "😀", "b": 1}')
    place = at(root, "b").place
    assert place.source.position(place.span.start) == (2, 16)


def test_of_duplicate_keys_the_last_value_counts_at_the_place_of_the_first() -> None:
    document = read('{"a": 1, "b": 2, "a": 3}', Format.JSON)
    assert isinstance(document.root, Mapping)
    assert list(document.root.value.items()) == [("a", 3), ("b", 2)]
    assert [entry.node.value for entry in document.root.overridden] == [1]
    problem = only_problem(document)
    assert (problem.trouble, problem.fatal) == (Trouble.DUPLICATE_KEY, False)
    assert problem.place.span.start == 17
    assert [place.span.start for place in problem.related] == [1]


def test_what_json_accepts_beyond_the_standard_is_kept() -> None:
    root = tree('{"a": NaN, "b": -Infinity, "c": "\\ud800", "d": 1E400}')
    assert repr(root.value) == "{'a': nan, 'b': -inf, 'c': '\\ud800', 'd': inf}"


@pytest.mark.parametrize(
    ("text", "cause", "marked"),
    [
        ('{"a": 1,}', "trailing comma", ","),
        ("[1, 2,\n]", "trailing comma", ","),
        ('{"a": 1 "b": 2}', "missing comma", '"b"'),
        ("[1 2]", "missing comma", "2"),
        ('{"a": 1,, "b": 2}', "extra comma", ","),
        ("[,1]", "extra comma", ","),
        ('// note\n{"a": 1}', "comment", "// note"),
        ('{"a": 1 # note\n}', "comment", "# note"),
        ('{"a": /* note */ 1}', "comment", "/* note */"),
        ("app = [1]", "equals sign", "="),
        ('{"a" = 1}', "equals sign", "="),
        ('{"a": True}', "Python word", "True"),
        ('{"a": [False]}', "Python word", "False"),
        ('{"a": None}', "Python word", "None"),
        ('{"a": NULL}', "wrong case", "NULL"),
        ("{'a': 1}", "single quotes", "'a'"),
        ("{\"a\": 'b c'}", "single quotes", "'b c'"),
        ('{"a": “b”}', "typographic quotes", "“"),
        ("{a: 1}", "unquoted key", "a"),
        ('{"a": 1, b: 2}', "unquoted key", "b"),
        ('{"a": adam}', "unquoted text", "adam"),
        ('{"sites": [@ALL]}', "unquoted text", "@ALL"),
        ('{"path": {cls}}', "unquoted variable", "{cls}"),
        ('{"a": "b\tc"}', "control character in string", "\t"),
        ('{"a": "b,\n "c": 1}', "newline in string", '"b,'),
        ('{"x": "y", "a": "b\\"c\n"}', "newline in string", '"b\\"c'),
        ('{"a": "b', "unclosed string", '"b'),
        ('{"a": "C:\\data"}', "bad escape", "\\d"),
        ('{"a": "\\u12"}', "bad escape", "\\u12"),
        ("", "empty file", ""),
        (" \n ", "empty file", ""),
        ('{"a": [1, {"b": 2}', "unclosed bracket", ""),
        ('{"a": [1}', "mismatched bracket", "}"),
        ('{"a": 1}}', "extra bracket", "}"),
        ('{"a": 1}\n{"b": 2}', "two documents", "{"),
        ('{"a": 1} end', "text after the end", "end"),
        ('"a": 1', "missing braces", ":"),
        ("format_version: 2\n", "missing braces", "format_version"),
        ("hello", "not JSON", "hello"),
        ('{"a": 010}', "bad number", "010"),
        ('{"a": .5}', "bad number", ".5"),
        ('{"a": 1.}', "bad number", "1."),
        ('{"a": +1}', "bad number", "+1"),
        ('{"a": 1_000}', "bad number", "1_000"),
        ('{"a" 1}', "missing colon", "1"),
        ('{"a"}', "missing colon", "}"),
        ('{"a": }', "missing value", "}"),
        ('["a": 1]', "extra colon", ":"),
        ('{"a": "b": 1}', "extra colon", ":"),
        ("[1; 2]", "semicolon", ";"),
        ('{"a":\u00a01}', "invisible character", "\u00a0"),
        ('{[1]: "a"}', "missing key", "["),
        ('{1: "a"}', "unquoted key", "1"),
    ],
)
def test_a_refused_text_is_explained_at_its_mistake(text: str, cause: str, marked: str) -> None:
    document = read(text, Format.JSON)
    problem = only_problem(document)
    assert (problem.trouble, problem.cause) == (Trouble.SYNTAX, cause)
    assert written(problem.place) == marked
    assert problem.fatal
    assert document.root is None


def test_an_unclosed_bracket_is_shown_with_its_opening() -> None:
    problem = only_problem(read('{"a": [1, {"b": 2}\n', Format.JSON))
    assert problem.place.span.start == 18
    assert [place.span.start for place in problem.related] == [6]
    assert "`]}`" in problem.help


@pytest.mark.parametrize(
    ("source_bytes", "cause", "start"),
    [
        (b'\xef\xbb\xbf{"a": 1}', "byte-order mark", 0),
        ('{"a": 1}'.encode("utf-16"), "UTF-16", 0),
        ('{"a": 1}'.encode("utf-16-le"), "UTF-16", 1),
        ('{"é": "é"}'.encode("latin-1"), "not UTF-8", 2),
        (b'{"a": "\0"}', "NUL", 7),
    ],
)
def test_bytes_that_are_not_plain_utf_8_are_refused(source_bytes: bytes, cause: str, start: int) -> None:
    document = read(source_bytes, Format.JSON)
    problem = only_problem(document)
    assert (problem.trouble, problem.cause, problem.place.span.start) == (Trouble.ENCODING, cause, start)
    assert '"' in document.source.text


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 65 + "]" * 65])
def test_deep_nesting_is_a_limit_at_the_first_bracket_too_deep(text: str) -> None:
    problem = only_problem(read(text, Format.JSON))
    assert problem.trouble is Trouble.LIMIT
    assert text[: problem.place.span.start].count(text[0]) == 64


def test_nesting_up_to_the_limit_is_read() -> None:
    assert read("[" * 64 + "]" * 64, Format.JSON).root is not None


def test_an_integer_that_python_refuses_is_a_limit() -> None:
    digits = "1" * 5000
    problem = only_problem(read('{"a": "' + digits + '", "b": -' + digits + "}", Format.JSON))
    assert problem.trouble is Trouble.LIMIT
    assert written(problem.place) == "-" + digits


def test_a_file_that_is_too_large_is_not_read() -> None:
    assert only_problem(read(b" " * 1_000_001, Format.JSON)).trouble is Trouble.LIMIT


@patient
@given(json_texts())
def test_the_tree_has_the_value_that_json_reads(text: str) -> None:
    document = read(text, Format.JSON)
    assert document.root is not None
    assert repr(document.root.value) == repr(json.loads(text))
    assert_sound(document)


@patient
@given(json_texts())
def test_the_text_of_each_leaf_and_key_is_its_value(text: str) -> None:
    for node in tree(text).walk():
        if isinstance(node, Leaf):
            assert repr(json.loads(written(node.place))) == repr(node.value)
            if isinstance(node.value, str):
                assert_characters_are_at_their_offsets(node, node.value)
        if isinstance(node, Mapping):
            for entry in node.entries + node.overridden:
                assert json.loads(written(entry.key_place)) == entry.key


def assert_characters_are_at_their_offsets(leaf: Leaf, text: str) -> None:
    for index, character in enumerate(text):
        assert json.loads(f'"{written(leaf.part(index, index + 1))}"') == character


@patient
@given(mutated_texts(EXAMPLE))
def test_a_changed_text_is_judged_as_json_does(text: str) -> None:
    document = read(text, Format.JSON)
    assert_sound(document)
    accepted: Any
    try:
        accepted = repr(json.loads(text))
    except ValueError:
        accepted = None
    assert (repr(document.root.value) if document.root else None) == accepted


@patient
@given(st.binary() | st.text().map(lambda text: text.encode("utf-8")))
def test_any_bytes_give_a_document(source_bytes: bytes) -> None:
    assert_sound(read(source_bytes, Format.JSON))
