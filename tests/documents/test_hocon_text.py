from __future__ import annotations

import re
import signal
import socket
from collections.abc import Callable
from typing import Any

import pyhocon
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fllint.documents.document import Document, Format, Trouble
from fllint.documents.load import load_document
from fllint.documents.tree import UNKNOWN, UNKNOWN_TEXT, Leaf, Node

from .reading import assert_sound, only_problem, read, written
from .values import json_texts, mutated_texts, patient

EXAMPLE = """\
# the server
format_version = 2
min_clients = 2
rounds: 5
workflows = [
  {
    id = sag   // the only one
    path = nvflare.app_common.workflows.scatter_and_gather.ScatterAndGather
    args { num_rounds = 3, lr = 1e-3, note = "a \\"b\\" c", wait = null }
  }
]
components = []
site.name.first = "A" B
args { x = 1 }
args { y = [1, 2
  3] }
text = \"\"\"one
two\"\"\"
"""

REFERENCES = """\
rounds = 5
base { id = x, args { a = 1 } }
one = ${base} { args { b = 2 } }
list = [1]
list += [2, ${rounds}]
greeting = "n=" ${rounds} rounds
again = ${one.args}
"""


def tree(text: str) -> Node:
    document = read(text, Format.HOCON)
    assert document.root is not None, document.problems
    return document.root


def at(text: str, *path: str | int) -> Node:
    node = tree(text)
    for key in path:
        found = node.children[key] if isinstance(key, int) else node.get(key)
        assert found is not None
        node = found
    return node


def leaf(text: str, *path: str | int) -> Leaf:
    node = at(text, *path)
    assert isinstance(node, Leaf)
    return node


class _EndlessError(BaseException):
    """Not an Exception, so that nothing in between catches it."""


def pyhocon_value(text: str) -> Any:
    """What NVFlare gets (its `PyhoconConfig._convert_conf_item`); None when pyhocon refuses or never ends."""

    def stop(*_: object) -> None:
        raise _EndlessError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, 2)
    try:
        return plain(pyhocon.ConfigFactory.parse_string(text))
    except (Exception, _EndlessError):
        return None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def plain(item: Any) -> Any:
    if isinstance(item, pyhocon.ConfigTree):
        return {key.strip('"'): plain(value) for key, value in item.items()}
    if isinstance(item, list):
        return [plain(value) for value in item]
    if type(item).__name__ == "NoneValue":
        return None
    return item


def assert_same(mine: Any, theirs: Any) -> None:
    """Equality up to what fllint calls unknown."""
    if mine is UNKNOWN or (isinstance(mine, str) and UNKNOWN_TEXT in mine):
        return
    if isinstance(mine, dict) and isinstance(theirs, dict):
        assert list(mine) == list(theirs)
        for key, value in mine.items():
            assert_same(value, theirs[key])
    elif isinstance(mine, list) and isinstance(theirs, list):
        assert len(mine) == len(theirs)
        for a, b in zip(mine, theirs, strict=True):
            assert_same(a, b)
    else:
        assert repr(mine) == repr(theirs if not isinstance(theirs, str) else str(theirs))


def assert_read_as_pyhocon_does(text: str) -> None:
    document = read(text, Format.HOCON)
    assert_sound(document)
    theirs = pyhocon_value(text)
    assert (document.root is None) == (theirs is None), (document.problems, theirs)
    if document.root is not None:
        assert_same(document.root.value, theirs)


def parts(string: Leaf) -> list[str]:
    assert isinstance(string.value, str)
    return [written(string.part(index, index + 1)) for index in range(len(string.value))]


@pytest.mark.parametrize("text", [EXAMPLE, REFERENCES])
def test_the_tree_has_the_value_that_pyhocon_reads(text: str) -> None:
    assert tree(text).value == pyhocon_value(text)


def test_every_value_knows_where_it_is_written() -> None:
    assert written(at(EXAMPLE, "format_version").place) == "2"
    assert written(at(EXAMPLE, "workflows", 0, "id").place) == "sag"
    path = at(EXAMPLE, "workflows", 0, "path")
    assert (written(path.place), path.pointer) == (path.value, "/workflows/0/path")
    assert written(at(EXAMPLE, "workflows", 0, "args", "note").place) == '"a \\"b\\" c"'
    assert written(at(EXAMPLE, "workflows", 0, "args", "wait").place) == "null"
    assert written(at(EXAMPLE, "components").place) == "[]"
    assert written(at(EXAMPLE, "args", "y", 2).place) == "3"
    entry = at(EXAMPLE, "site", "name").entry("first")
    assert entry is not None
    assert (written(entry.key_place), entry.key_place.pointer) == ("first", "/site/name/first")
    assert written(entry.node.place) == '"A" B'


def test_characters_of_strings_are_found() -> None:
    assert parts(leaf(EXAMPLE, "workflows", 0, "args", "note")) == ["a", " ", '\\"', "b", '\\"', " ", "c"]
    assert parts(leaf(EXAMPLE, "site", "name", "first")) == ['A"', " ", "B"]
    assert written(leaf(EXAMPLE, "text").part(4, 7)) == "two"
    assert written(leaf(EXAMPLE, "text").part(0, 7)) == "one\ntwo"


def test_a_referenced_value_is_where_it_is_written_and_used_where_the_reference_stands() -> None:
    one = at(REFERENCES, "one", "args", "a")
    assert (written(one.place), one.pointer) == ("1", "/one/args/a")
    again = at(REFERENCES, "again")
    assert again.substituted_at is not None
    assert written(again.substituted_at) == "${one.args}"
    assert at(REFERENCES, "again", "b").pointer == "/again/b"
    assert written(at(REFERENCES, "list", 1).place) == "2"


def test_text_around_a_reference_keeps_its_place() -> None:
    greeting = leaf(REFERENCES, "greeting")
    assert greeting.value == "n= 5 rounds"
    assert written(greeting.part(0, 2)) == 'n="'
    assert written(greeting.part(3, 4)) == "${rounds}"
    assert written(greeting.part(5, 11)) == "rounds"


def test_tabs_carriage_returns_and_astral_characters_do_not_shift_places() -> None:
    text = 'a\t=\t"x\ty😀z"\r\nb\t{\tc = 1 }\r\n'
    assert tree(text).value == pyhocon_value(text)
    assert written(at(text, "a").place) == '"x\ty😀z"'
    string = leaf(text, "a")
    assert isinstance(string.value, str)
    assert written(string.part(string.value.index("z"), len(string.value))) == "z"
    assert written(at(text, "b", "c").place) == "1"
    assert at(text, "b").place.source.text == text


def test_environment_variables_are_unknown_whether_set_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a = ${FLLINT_SET}\nb = ${?FLLINT_UNSET}/x\nc = 1\nc = ${?FLLINT_SET}\nd = ${?FLLINT_SET} {x = 1}\n"
    expected = {"a": UNKNOWN, "b": f"{UNKNOWN_TEXT}/x", "c": UNKNOWN, "d": {"x": 1}}
    assert tree(text).value == expected
    monkeypatch.setenv("FLLINT_SET", "set")
    assert tree(text).value == expected


def test_a_variable_of_the_environment_does_not_define_a_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("rounds", "5")
    assert only_problem(read("a = ${rounds}", Format.HOCON)).trouble is Trouble.UNRESOLVED


def including(text: str, files: dict[str, bytes]) -> Document:
    return load_document(
        text.encode(), path="jobs/a/config/x.conf", name="config/x.conf", format=Format.HOCON, release="2.9",
        read_include=files.get,
    )  # fmt: skip


def test_an_included_file_is_merged_and_its_values_point_into_it() -> None:
    files = {"more/b.conf": b'include "c.conf"\nb { x = ${rounds} }\n', "more/c.conf": b"c = [1, 2]\nb.y = 3\n"}
    document = including('rounds = 5\ninclude "more/b.conf"\nb.z = 4\n', files)
    assert document.problems == ()
    assert document.root is not None
    assert document.root.value == {"rounds": 5, "c": [1, 2], "b": {"y": 3, "x": 5, "z": 4}}
    place = document.root.children[1].children[1].place
    assert (written(place), place.source.name, place.source.path) == (
        "2", "config/more/c.conf", "jobs/a/config/more/c.conf",
    )  # fmt: skip


@pytest.mark.parametrize(
    "target",
    [
        'url("http://example.org/x.conf")',
        '"https://example.org/x.conf"',
        '"/etc/passwd"',
        '"../../secret.conf"',
        'file("a/../../b.conf")',
        'package("pip:x.conf")',
        '"*.conf"',
        '"C:/x.conf"',
    ],
)
def test_includes_from_elsewhere_are_not_followed(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network is used")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    asked: list[str] = []

    def read_include(path: str) -> bytes | None:
        asked.append(path)
        return None

    reader: Callable[[str], bytes | None] = read_include
    text = f"a = 1\ninclude {target}\n".encode()
    document = load_document(text, path="x", name="x", format=Format.HOCON, release="2.9", read_include=reader)
    problem = only_problem(document)
    assert (problem.trouble, problem.fatal) == (Trouble.INCLUDE, False)
    assert document.root is not None
    assert document.root.value == {"a": 1}
    assert asked == []


def test_a_missing_include_is_a_surprise_and_a_missing_required_one_fatal() -> None:
    missing = only_problem(including('include "no.conf"', {}))
    assert (missing.trouble, missing.cause) == (Trouble.SURPRISE, "missing include")
    required = only_problem(including('include required("no.conf")', {}))
    assert (required.trouble, required.fatal) == (Trouble.INCLUDE, True)


def test_an_include_of_itself_is_fatal() -> None:
    problem = only_problem(including('include "x.conf"', {"x.conf": b'include "x.conf"\n'}))
    assert problem.cause == "include cycle"


def test_a_mistake_in_an_included_file_is_shown_there() -> None:
    problem = only_problem(including('include "b.conf"', {"b.conf": b"sites = [@ALL]\n"}))
    assert (problem.cause, written(problem.place), problem.place.source.name) == (
        "needs quotes", "@ALL", "config/b.conf",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "cause", "marked"),
    [
        ("sites = [@ALL]", "needs quotes", "@ALL"),
        ("a = x@y", "needs quotes", "x@y"),
        ("@f = 1", "needs quotes", "@f"),
        ("a.@f = 1", "needs quotes", "a.@f"),
        ("tasks = [train, *]", "needs quotes", "*"),
        ("a = x=y", "needs quotes", "x=y"),
        ("a = $x", "needs quotes", "$x"),
        ("ключ = 1", "needs quotes", "ключ"),
        ("path = {cls}", "unquoted variable", "{cls}"),
        ("a = x{v}y", "unquoted variable", "x{v}y"),
        ("a = [{x = 1}, {\n b = 1 }\n", "unclosed bracket", ""),
        ("a { b = [1, 2 }", "mismatched bracket", "}"),
        ("a = 1 }", "extra bracket", "}"),
        ("a = [1]]", "extra bracket", "]"),
        ('a = "x\nb = 1', "unclosed string", '"x'),
        ('a = """x\nb = 1', "unclosed string", '"""x'),
        ("a = 1 b = 2", "missing comma", "b"),
        ("a = {x = 1} b = 2", "missing comma", "b"),
        ("a\nb = 1", "missing equals sign", "b"),
        ('a "x"', "missing equals sign", '"x"'),
        ('a."b" = 1', "bad key", '"b"'),
        ("{a: 1} {b: 1}", "missing key", "{"),
        ("a = 1\nb", "missing value", "b"),
        ("{ a, b = 1 }", "missing value", "a"),
        ("/* note */\na = 1", "comment", "/* note */"),
        ("a = ${b", "malformed reference", "${b"),
        ("a = [1] {b = 1}", "mixed values", "{b = 1}"),
        ("a = 1\na { b = 1 }", "value and object", "a"),
        ("a = ${b}", "undefined reference", "${b}"),
        ("a = [x, ${b.c}]\nb = {}", "undefined reference", "${b.c}"),
        ("a = ${ b }\nb = 1", "undefined reference", "${ b }"),
        ("a = ${b}\nb = ${a}", "cycle", "${a}"),
        ("a = 1\u00a0\u200b@", "invisible character", "\u00a0"),
        ("include file = 1", "bad include", "include"),
        ('"" = 1', "empty key", '""'),
        (". = 1", "bad key", "."),
    ],
)
def test_a_refused_text_is_explained_at_its_mistake(text: str, cause: str, marked: str) -> None:
    problem = only_problem_that_is_fatal(text)
    assert (problem.cause, written(problem.place)) == (cause, marked)
    assert pyhocon_value(text) is None


def only_problem_that_is_fatal(text: str) -> Any:
    document = read(text, Format.HOCON)
    problem = only_problem(document)
    assert problem.fatal
    assert document.root is None
    return problem


def test_an_unclosed_bracket_is_shown_with_its_opening() -> None:
    problem = only_problem_that_is_fatal("a = [{x = 1}, {\n b = 1 }\n")
    assert [place.span.start for place in problem.related] == [4]


@pytest.mark.parametrize(
    ("text", "cause", "marked"),
    [
        ("c = [1]\nc += {x = 1}", "append", "{x = 1}"),
        ("c = [1]\nc += 2", "append", "2"),
        ("c += {x = 1}", "append", "{x = 1}"),
        ("c = x\nc += y", "append", "y"),
        ("wait = 10s", "duration", "10s"),
        ("model = 3d-unet", "duration", "3d"),
        ("a = 1\nb = ${?c}", "optional reference", "${?c}"),
        ('a = 1\nb = "x${a}"', "quoted reference", "${a}"),
        ('a = ["", x]', "empty string in list", '""'),
        ('a = "caf\\u00e9"', "kept escape", '"caf\\u00e9"'),
        ("a =\n", "missing value", "a"),
        ("a = 'x y'", "single quotes", "'x y'"),
        ("a = None", "Python word", "None"),
        ("a = x;", "semicolon", "x;"),
        ("a = x//y", "comment in text", "x//y"),
        ("a = 1\na = 2", "duplicate key", "a"),
        ("a = [1]\na = [2]", "duplicate key", "a"),
        ("a { b = 1 }\na = 2", "duplicate key", "a"),
        ("a.b = 1\na { b = 2 }", "duplicate key", "b"),
    ],
)
def test_what_is_read_but_hardly_meant_is_noted(text: str, cause: str, marked: str) -> None:
    if cause == "single quotes":
        marked, text = "'x'", "a = 'x'"
    document = read(text, Format.HOCON)
    problem = only_problem(document)
    assert (problem.fatal, problem.cause, written(problem.place)) == (False, cause, marked)
    assert document.root is not None
    assert_same(document.root.value, pyhocon_value(text))


@pytest.mark.parametrize(
    "text",
    [
        "a { b = 1 }\na { c = 2 }",
        "a = [1]\na += [2]\na = ${a} [3]",
        "a = 1\na = ${?A_VARIABLE}",
        "a = {x = 1} {y = 2}",
        "url = http://example.org/x // a comment\nfile = file:///tmp/x",
        'a = """C:\\d\\u0041"""',
        "a = x:y, b = 5 6",
        '"a.b" = 1, a.b = 2',
        'path = a.b.C\nsites = ["@ALL"]\nv = "{v}"',
        '{"a": {"b": [1, 2.5, true, null, "x\\ty"]}}',
    ],
)
def test_good_hocon_has_no_problem(text: str) -> None:
    document = read(text, Format.HOCON)
    assert document.problems == ()
    assert document.root is not None
    assert_same(document.root.value, pyhocon_value(text))


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "a{" * 100_000,
        "a = [" + "1," * 100_000 + "1]",
        "a0 = [x, x]\n" + "".join(f"a{i} = ${{a{i - 1}}} ${{a{i - 1}}}\n" for i in range(1, 40)),
        "a0 = xxxxxxxx\n" + "".join(f"a{i} = ${{a{i - 1}}}${{a{i - 1}}}\n" for i in range(1, 40)),
        "a = 1\n" + "b = ${a}\n" * 1000,
        "a." * 1000 + "b = 1",
        "a = " + "1" * 5000,
        'a = "' + "\t" * 500_000 + '"',
    ],
)
def test_hostile_texts_pass_a_limit(text: str) -> None:
    assert only_problem(read(text, Format.HOCON)).trouble is Trouble.LIMIT


def test_a_text_that_pyhocon_never_finishes_is_refused() -> None:
    text = 'a = [3]\nc.d = ${b}\nc = ${?q}\nb = "x"\nc.d = ${b}\n'
    problem = only_problem_that_is_fatal(text)
    assert "circle" in problem.message


@patient
@given(json_texts())
def test_json_is_read_as_hocon_as_pyhocon_does(text: str) -> None:
    if not re.search(r"\$\{|include", text):
        assert_read_as_pyhocon_does(text)


TOKENS = (  # noqa: SIM905  # a list of them would be twenty times as long
    'a|b|c.d|"e"|"a.b"|=|:|+=|{|}|[|]|,|\n| |#|# x\n|//|1|-2|3.5|1e3|true|null|"s"|"t\\n"|"""m"""|${a}|${?a}|${b}|${?q}'
    '|x|y z|10s|5 m|"|\\|@|$|.|-|/|*|é|\t|\r\n|=1|= 2\n|b={|}\n|[1,2]|{c=1}|&|\'q\'|""|5d-x|;'
).split("|")
STATEMENTS = (  # noqa: SIM905
    'a = 1|b = "x"|a { b = 1 }|a.c = [1, 2]|a = {d: 1}|a = [3]|a += [1]|a += x|a += {b = 2}|b = ${a}|b = ${?a} y'
    "|b = ${a} {z = 1}|c = ${a.c} [5]|a = ${a} 7|c = ${?q}|c.d = ${b}|c.d.e = 5|a = null|b = [{x: 1}, {x: ${?a}}]"
    "|c = {x = 1} {y = 2}|a = ${c.d}|d = [${a}]|a = ${b}|b += [${?a}]|c = x${?a}y|d = 10s|d {|}|b = ${d}|e = ${d.a}"
).split("|")


@patient
@given(st.lists(st.sampled_from(TOKENS), max_size=12).map("".join))
def test_any_tokens_are_read_as_pyhocon_does(text: str) -> None:
    assert_read_as_pyhocon_does(text)


@patient
@given(st.lists(st.sampled_from(STATEMENTS), max_size=5).map("\n".join))
def test_any_statements_are_read_as_pyhocon_does(text: str) -> None:
    assert_read_as_pyhocon_does(text)


@settings(patient, max_examples=40)
@example("a = {b = 1,, c = 2}")
@given(mutated_texts(EXAMPLE))
def test_a_changed_text_is_judged_as_pyhocon_does(text: str) -> None:
    if "${" not in text:
        assert_read_as_pyhocon_does(text)


@settings(patient, max_examples=40)
@given(mutated_texts(REFERENCES))
def test_a_changed_text_with_references_is_judged_as_pyhocon_does(text: str) -> None:
    assert_read_as_pyhocon_does(text)


@patient
@given(st.binary() | st.lists(st.sampled_from([*TOKENS, "include ", "\x00", "\ufeff"])).map("".join).map(str.encode))
def test_any_bytes_give_a_document(source_bytes: bytes) -> None:
    assert_sound(read(source_bytes, Format.HOCON))
