from __future__ import annotations

import io
import json
import math
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from omegaconf import OmegaConf

from fllint.documents.document import Format, Trouble
from fllint.documents.tree import UNKNOWN, UNKNOWN_TEXT, Leaf, Node

from .reading import assert_sound, only_problem, read, written
from .values import json_texts, mutated_texts, patient, values

EXAMPLE = """\
# the server
format_version: 2
min_clients: &clients 2
workflows:
  - id: sag   # the only one
    path: nvflare.app_common.workflows.scatter_and_gather.ScatterAndGather
    args:
      min_clients: *clients
      num_rounds: 1_0
      note: "a \\u00e9 \\U0001F600\\
        b"
      quoted: 'it''s'
      lr: 1e-3
      wait: on
components: []
text: |
  first

    second
folded: >-
  one
  two

  three
plain: one
  two
greeting: hello ${name}!
name: world
"""


def tree(text: str) -> Node:
    document = read(text, Format.YAML)
    assert document.root is not None, document.problems
    return document.root


def leaf(text: str, *path: str | int) -> Leaf:
    node = tree(text)
    for key in path:
        found = node.children[key] if isinstance(key, int) else node.get(key)
        assert found is not None
        node = found
    assert isinstance(node, Leaf)
    return node


def omegaconf_value(text: str) -> Any:
    """What NVFlare gets; None when it is refused. Keys are text, as in a tree."""
    try:
        return with_text_keys(OmegaConf.to_container(OmegaConf.load(io.StringIO(text)), resolve=True))
    except Exception:
        return None


def with_text_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): with_text_keys(item) for key, item in value.items()}
    return [with_text_keys(item) for item in value] if isinstance(value, list) else value


def parts(string: Leaf) -> list[str]:
    assert isinstance(string.value, str)
    return [written(string.part(index, index + 1)) for index in range(len(string.value))]


def test_the_tree_has_the_value_that_omegaconf_reads() -> None:
    assert tree(EXAMPLE).value == omegaconf_value(EXAMPLE)


def test_every_value_knows_where_it_is_written() -> None:
    root = tree(EXAMPLE)
    assert written(leaf(EXAMPLE, "min_clients").place) == "2"
    assert written(leaf(EXAMPLE, "workflows", 0, "id").place) == "sag"
    assert written(leaf(EXAMPLE, "workflows", 0, "args", "quoted").place) == "'it''s'"
    workflows = root.get("workflows")
    assert workflows is not None
    assert written(workflows.place).startswith("- id: sag")
    assert written(workflows.place).endswith("wait: on")
    entry = root.entry("components")
    assert entry is not None
    assert (written(entry.key_place), entry.key_place.pointer) == ("components", "/components")
    assert written(entry.node.place) == "[]"


def test_an_alias_is_the_value_at_its_anchor_used_at_the_alias() -> None:
    clients = leaf(EXAMPLE, "workflows", 0, "args", "min_clients")
    assert (clients.value, clients.pointer) == (2, "/workflows/0/args/min_clients")
    assert written(clients.place) == "2"
    assert clients.substituted_at is not None
    assert written(clients.substituted_at) == "*clients"


def test_characters_of_a_double_quoted_string_are_found() -> None:
    note = leaf(EXAMPLE, "workflows", 0, "args", "note")
    assert note.value == "a é 😀b"
    assert parts(note) == ["a", " ", "\\u00e9", " ", "\\U0001F600\\\n        ", "b"]


def test_characters_of_a_single_quoted_string_are_found() -> None:
    assert parts(leaf(EXAMPLE, "workflows", 0, "args", "quoted")) == ["i", "t", "''", "s"]


def test_characters_of_blocks_and_folded_lines_are_found() -> None:
    block = leaf(EXAMPLE, "text")
    assert block.value == "first\n\n  second\n"
    assert written(block.part(9, 15)) == "second"
    assert written(block.part(7, 8)) == " "
    assert EXAMPLE[block.part(7, 8).span.start - 3 : block.part(7, 8).span.start] == "\n  "
    folded = leaf(EXAMPLE, "folded")
    assert folded.value == "one two\nthree"
    assert written(folded.part(8, 13)) == "three"
    assert written(folded.part(3, 4)) == "\n  "
    plain = leaf(EXAMPLE, "plain")
    assert plain.value == "one two"
    assert written(plain.part(4, 7)) == "two"


def test_text_around_a_reference_keeps_its_place() -> None:
    greeting = leaf(EXAMPLE, "greeting")
    assert greeting.value == "hello world!"
    assert written(greeting.part(0, 6)) == "hello "
    assert written(greeting.part(6, 11)) == "${name}"
    assert written(greeting.part(11, 12)) == "!"


def test_a_value_that_is_one_reference_is_the_referenced_value() -> None:
    text = "a: {b: [1, 2]}\nc: ${a.b}\n"
    node = tree(text).get("c")
    assert node is not None
    assert node.value == [1, 2]
    assert (written(node.place), node.children[1].pointer) == ("[1, 2]", "/c/1")
    assert node.substituted_at is not None
    assert written(node.substituted_at) == "${a.b}"


def test_environment_variables_are_unknown() -> None:
    text = "a: ${oc.env:HOME}\nb: ${oc.env:HOME,/tmp}/data\nc: ${oc.decode:'1'}\n"
    assert tree(text).value == {"a": UNKNOWN, "b": UNKNOWN_TEXT + "/data", "c": UNKNOWN}


def test_an_empty_file_is_an_empty_mapping() -> None:
    assert tree("").value == {}
    assert tree("# nothing\n").value == {}


def test_a_byte_order_mark_is_allowed() -> None:
    text = "\ufeffa: [x]\n"
    assert tree(text).value == {"a": ["x"]}
    assert written(leaf(text, "a", 0).place) == "x"


def test_carriage_returns_and_astral_characters_do_not_shift_places() -> None:
    text = "a: 😀\r\nb: |\r\n  x\r\n  y\r\nc: z\r\n"
    assert tree(text).value == {"a": "😀", "b": "x\ny\n", "c": "z"}
    assert written(leaf(text, "c").place) == "z"
    assert written(leaf(text, "b").part(2, 3)) == "y"


@pytest.mark.parametrize(
    "text",
    [
        "a: yes\nb: 010\nc: 1:30\nd: 2020-01-01\ne: 1e5\nf: .5\ng: ~\nh: 0o7\ni: 0x1F\nj: +1_000.5",
        "a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3\n",
        "a: [&x {b: 1}, &y {b: 2, c: 3}]\nd: {<<: [*x, *y], e: 1}\n",
        "a: !!str 5\nb: ! x\nc: !!int '7'\nd: !!float 1\n",
        "? a\n: b\n",
        "a: '\\${b}'\nb: 1\nc: 'x\\\\${b}'\nd: $b\ne: ${b}${b}\n",
        "a: ${b}\nb: ${c.d}\nc: {d: [1, '${.0}', '${..e}'], e: 5}\nf: ${c[d][1]}\ng: ${c.${h}}\nh: e\n",
        "a: {b: '${..c}'}\nc: null\nd: x${c}\n",
        "- 1\n- [2, {a: 3}]\n",
        "a: ???\n",
        "hello\n",
        '"a": {"b": [1, 2.5, true, null, "x\\ty"]}',
    ],
)
def test_values_are_those_of_omegaconf(text: str) -> None:
    assert omegaconf_value(text) is not None
    assert tree(text).value == omegaconf_value(text)


@pytest.mark.parametrize(
    ("text", "cause", "marked"),
    [
        ("a:\n\t- b", "tab", "\t"),
        ("a: x\n\tb: 1\n", "tab", "\t"),
        ("sites: [@ALL]", "at sign", "@ALL"),
        ("a: @x", "at sign", "@x"),
        ("a: `x`", "backtick", "`x`"),
        ("a: %x", "percent sign", "%x"),
        ("tasks: [train, *]", "asterisk", "*"),
        ("a: &", "ampersand", "&"),
        ("a: *x", "unknown alias", "*x"),
        ("a: &x [*x]", "recursive alias", "*x"),
        ("a: &x 1\nb: &x 2", "duplicate anchor", "&x 2"),
        ("a: !foo 1", "tag", "!foo 1"),
        ("a: !!set {b}", "tag", "!!set {b}"),
        ("a: [1, 2", "unclosed bracket", ""),
        ("a: [1, 2\nb: 3\n", "unclosed bracket", ":"),
        ("a: [1}", "mismatched bracket", "}"),
        ("a: }", "extra bracket", "}"),
        ('a: ["x" "y"]', "missing comma", '"y"'),
        ('a: "x', "unclosed string", '"x'),
        ("a: 'x\nb: 2", "unclosed string", "'x"),
        ('a: "C:\\data"', "bad escape", "\\d"),
        ("note: remember: this", "colon in text", "remember: this"),
        ("a:1\nb: 2\n", "missing space", "a:1"),
        ("a: 1\nb:2\nc: 3", "missing space", "b:2"),
        ("a: 1\nb\nc: 2", "missing colon", "b"),
        ("a:\n  b: 1\n c: 2", "indentation", "c:"),
        ("a: 1\n  b: 2", "indentation", ":"),
        ("- a\nb: 1", "indentation", "b:"),
        ("a: - b", "indentation", "-"),
        ('a: "b" c', "text after value", "c"),
        ("a: 1\n---\nb: 1", "two documents", "---"),
        ("a: 1\nb: 2\na: 3", "duplicate key", "a"),
        ("path: {{cls}}", "unquoted variable", "{{cls}}"),
        ("[a]: 1", "bad key", "[a]"),
        ("~: 1", "null key", "~"),
        ("a: {<<: 3}", "bad merge", "3"),
        ("a: =", "reserved word", "="),
        ("a: 0x_", "bad value", "0x_"),
        ("a: \x01", "control character", "\x01"),
        ("a: {b: ${c}}\nc: 1", "unquoted reference", "${c}"),
        ("a: ${b.c}\nb: {}", "undefined reference", "${b.c}"),
        ("a: x ${secret:TOKEN}", "undefined reference", "${secret:TOKEN}"),
        ("a: ${b}\nb: ${a}", "cycle", "${b}"),
        ('a: "${b"', "malformed reference", "${b"),
        ("42", "not a mapping", "42"),
    ],
)
def test_a_refused_text_is_explained_at_its_mistake(text: str, cause: str, marked: str) -> None:
    problem = only_problem(read(text, Format.YAML))
    assert (problem.cause, written(problem.place)) == (cause, marked)
    assert problem.fatal
    assert omegaconf_value(text) is None


@pytest.mark.parametrize(
    ("text", "cause", "marked"),
    [
        ("path: {cls}", "unquoted variable", "{cls}"),
        ("a: {b:1}", "missing space", "{b:1}"),
        ("yes: 1", "key is not a text", "yes"),
        ("a: {1: x}", "key is not a text", "1"),
        ("hello", "missing colon", "hello"),
        ('{\n\t"a": 1}', "tab", "\t"),
    ],
)
def test_what_is_read_but_hardly_meant_is_a_surprise(text: str, cause: str, marked: str) -> None:
    document = read(text, Format.YAML)
    problem = only_problem(document)
    assert (problem.trouble, problem.cause, written(problem.place)) == (Trouble.SURPRISE, cause, marked)
    assert document.root is not None
    assert document.root.value == omegaconf_value(text)


def test_of_equal_keys_that_are_not_text_the_last_counts() -> None:
    document = read("a: {1: x, 1: y}", Format.YAML)
    assert [problem.trouble for problem in document.problems if not problem.fatal][-1] is Trouble.DUPLICATE_KEY
    assert document.root is not None
    assert document.root.value == {"a": {"1": "y"}}


BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 40))


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{a: " * 100_000,
        "- " * 100_000,
        "".join(" " * i + "a:\n" for i in range(100)),
        BOMB,
        "a: 'xxxxxxxxxx'\n" + "".join(f"{chr(98 + i)}: '{f'${{{chr(97 + i)}}}' * 10}'\n" for i in range(9)),
        "".join(f"a{i}: ${{a{i + 1}}}\n" for i in range(1000)) + "a1000: 1\n",
        "a: " + "1" * 5000,
        "- x\n" * 200_000,
    ],
)
def test_hostile_texts_pass_a_limit(text: str) -> None:
    assert only_problem(read(text, Format.YAML)).trouble is Trouble.LIMIT


@patient
@given(json_texts())
def test_json_is_read_as_yaml_where_omegaconf_does(text: str) -> None:
    text = f"[{text}]"
    document = read(text, Format.YAML)
    assert_sound(document)
    if not has_references(text):
        assert_same(document.root.value if document.root else None, omegaconf_value(text))


@patient
@given(values(), st.booleans(), st.booleans())
def test_dumped_values_are_read_as_omegaconf_does(value: object, flow: bool, unicode: bool) -> None:
    text = yaml.safe_dump({"a": value}, default_flow_style=flow, allow_unicode=unicode, width=20)
    document = read(text, Format.YAML)
    assert_sound(document)
    if not has_references(text):
        assert_same(document.root.value if document.root else None, omegaconf_value(text))


@patient
@given(values())
def test_the_text_of_each_leaf_is_its_value(value: object) -> None:
    document = read(yaml.safe_dump({"a": value}, allow_unicode=True, width=20), Format.YAML)
    for node in document.root.walk() if document.root else ():
        if isinstance(node, Leaf) and "\n" not in written(node.place):
            reread = read("- " + written(node.place), Format.YAML).root
            assert reread is not None
            assert_same(reread.children[0].value, node.value)


@patient
@given(st.text(alphabet="ab \n'\"\\é😀\t:#", max_size=30), st.sampled_from(["'", '"', "|", ">", None]))
def test_characters_of_strings_are_found_in_every_style(value: str, style: Any) -> None:
    text = "k:\n  " + yaml.dump(value, default_style=style, allow_unicode=True, width=8).replace("\n", "\n  ")
    document = read(text, Format.YAML)
    string = document.root.get("k") if document.root else None
    if not isinstance(string, Leaf) or not isinstance(string.value, str):
        return
    for index, character in enumerate(string.value):
        shown = written(string.part(index, index + 1))
        assert character.isspace() or shown[:1] in (character, "\\"), (text, index)


@patient
@example("a: 1\n\tb: 2\n")
@given(mutated_texts(EXAMPLE))
def test_a_changed_text_is_judged_as_omegaconf_does(text: str) -> None:
    document = read(text, Format.YAML)
    assert_sound(document)
    assert_same(document.root.value if document.root else None, omegaconf_value(text))


@patient
@given(st.binary() | st.text(alphabet="ab:-[]{}'\"&*!|>%@`#,? \n\t\r${}.\ufeff\x85", max_size=40).map(str.encode))
def test_any_bytes_give_a_document(source_bytes: bytes) -> None:
    assert_sound(read(source_bytes, Format.YAML))


def has_references(text: str) -> bool:
    return "${" in text or "$\\u007b" in json.dumps(text)


def assert_same(mine: object, theirs: object) -> None:
    """Equality that takes NaN for equal to itself, and numbers not for booleans."""
    if isinstance(mine, dict) and isinstance(theirs, dict):
        assert mine.keys() == theirs.keys()
        for key, value in mine.items():
            assert_same(value, theirs[key])
    elif isinstance(mine, list) and isinstance(theirs, list):
        assert len(mine) == len(theirs)
        for a, b in zip(mine, theirs, strict=True):
            assert_same(a, b)
    else:
        is_nan = isinstance(mine, float) and isinstance(theirs, float) and math.isnan(mine) and math.isnan(theirs)
        assert is_nan or (mine == theirs and type(mine) is type(theirs))
