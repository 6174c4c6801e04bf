"""Whatever a job's Python files contain, reading them ends soon and raises nothing."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fllint.documents.tree import UNKNOWN
from fllint.python.evaluate import failed_checks
from fllint.python.resolve import Outcome
from tests.python.reading import python_path, resolved

EXECUTOR = "from nvflare.apis.executor import Executor\n"
SECONDS = 5.0
"""Of processor time; each of these takes well under one on a small machine."""


def execute(body: str) -> str:
    return f"{EXECUTOR}class A(Executor):\n def execute(self, task_name, shareable, fl_ctx, abort_signal):\n  {body}\n"


def init(body: str, parameters: str = "a=1") -> str:
    return f"{EXECUTOR}class A(Executor):\n def __init__(self, {parameters}):\n{body}\n"


def nested(line: str, depth: int, last: str, first: int = 2) -> str:
    lines = [" " * (first + level) + line.format(level) for level in range(depth)]
    return "\n".join([*lines, " " * (first + depth) + last])


HOSTILE = {
    "a sum of many": init("  x = " + "+".join(["a"] * 900)),
    "a deep sum": init("  x = " + "+".join(["a"] * 60_000)),
    "deep parentheses": init("  x = " + "(" * 150 + "a" + ")" * 150),
    "comparisons in comparisons": execute("if " + "(" * 90 + "task_name==1" + ")==2" * 90 + ": return 1"),
    "calls in calls": "def f(x): return x\n" + init("  x = " + "f(" * 90 + "a" + ")" * 90),
    "mutual recursion": "def f(x): return g(g(x))\ndef g(x): return f(f(x))\n" + init("  x = f(f(a))"),
    "ten thousand lines": init("".join(f"  if a == {n}:\n   raise ValueError('{n}')\n" for n in range(5000))),
    "many returns": init("".join(f"  if a == {n}:\n   return\n" for n in range(5000))),
    "deep ifs": init(nested("if a == {}:", 90, "raise ValueError()")),
    "deep loops": init(nested("for x{} in a:", 18, "raise ValueError()")),
    "methods that call each other": EXECUTOR
    + "class A(Executor):\n"
    + "".join(
        f" def m{n}(self, x):\n  self.m{n + 1}(self.m{n + 2}(x))\n  return self.m{n + 3}(x)\n" for n in range(1500)
    ),
    "a long line of bases": EXECUTOR
    + "".join(f"class A{n}({f'A{n - 1}' if n else 'Executor'}):\n pass\n" for n in range(400))
    + "class A(A399): pass\n",
    "a big list": f"{EXECUTOR}class A(Executor):\n X = [{'1, ' * 100_000}]\n",
    "a text doubled": "X0 = 'x'\n" + "".join(f"X{n + 1} = X{n} + X{n}\n" for n in range(60)) + init("  self.x = X60"),
    "constants in a circle": "X = Y\nY = X\n" + init("  self.x = X"),
    "imports of itself": "from mod import *\nfrom mod import A\nimport mod\nB = mod.mod.mod.A\n",
    "bases in a circle": "class A(A): pass\nclass B(A): pass\nclass A(B): pass\n",
    "huge numbers": init("  if a ** 10 ** 9:\n   raise ValueError()", "a=10 ** 10 ** 9"),
    "an order that Python refuses": "class X: pass\nclass Y(X): pass\nclass A(X, Y): pass\n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_code_is_read_in_bounded_time(text: str) -> None:
    started = time.process_time()
    resolved("mod.A", mod=text)
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize(
    "content",
    [
        b"\x00",
        b"\xff\xfea",
        "x = 'é'".encode("latin-1"),
        b"# -*- coding: nope -*-\n",
        b"# coding: utf-7\nclass A: pass",
    ],
)
def test_bytes_that_are_no_source_are_a_broken_module(content: bytes) -> None:
    assert resolved("mod.A", mod=content).outcome in (Outcome.BROKEN_MODULE, Outcome.FOUND)


def test_code_that_is_too_deep_for_this_python_is_unknown_rather_than_broken() -> None:
    assert resolved("mod.A", mod="x = " + "-" * 100_000 + "1\nclass A: pass\n").outcome in (
        Outcome.UNKNOWN,
        Outcome.BROKEN_MODULE,
    )


def test_files_that_are_too_large_are_not_read() -> None:
    assert resolved("mod.A", mod="class A: pass\n" + "#" * 2_000_001).outcome is Outcome.UNKNOWN


SIMPLE = st.sampled_from(
    [
        "super().__init__(**kwargs)",
        "super().__init__(a, x=b)",
        "Executor.__init__(self)",
        "self.x = a",
        "a = b",
        "a, b = b, a",
        "raise ValueError(f'{a!r}')",
        "raise",
        "return",
        "return self.x",
        "pass",
        "a += 1",
        "assert a, b",
        "del a",
        "self.y = engine.get_component(self.x)",
        "t = Task(name=a)",
        "self.z = [i for i in a if i]",
        "kwargs.pop('q', 1)",
        "self.y: Executor = self.find(self.x)",
        "self.log_warning(a, b)",
        "self.system_panic(a, b)",
        "x = {a: self.m}",
        "return make_reply('TASK_UNKNOWN')",
        "self.x[a] = b",
        "b = x.get(task_name)",
        "m(self, *kwargs)",
        "a = lambda: b",
        "self.m(a)",
        "a = self.m(self.m(b))",
        "super().execute(task_name, a, b, a)",
        "b = a if b else None",
        "global g",
    ]
)
HEADS = st.sampled_from(
    [
        "if a:",
        "if task_name == self.x:",
        "if not isinstance(self.y, Executor):",
        "if a is None and self.y:",
        "for i in a:",
        "for i in (1, b):",
        "while a:",
        "with a as b:",
        "try:",
        "if task_name in ('x', a):",
        "def inner(a=b):",
        "match a:",
    ]
)


def indented(lines: list[str]) -> list[str]:
    return ["    " + line for line in lines]


def compound(head: str, body: list[str], other: list[str]) -> list[str]:
    if head == "try:":
        return [head, *indented(body), "except ValueError as e:", *indented(other)]
    if head == "match a:":
        return [head, "    case [1, *x]:", *indented(indented(body)), "    case _:", *indented(indented(other))]
    tail = ["else:", *indented(other)] if head.startswith(("if", "for", "while")) else other
    return [head, *indented(body), *tail]


def joined(blocks: list[list[str]]) -> list[str]:
    return [line for block in blocks for line in block]


BLOCKS = st.recursive(
    SIMPLE.map(lambda line: [line]),
    lambda blocks: st.builds(compound, HEADS, blocks, blocks) | st.lists(blocks, min_size=1, max_size=5).map(joined),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(BLOCKS, BLOCKS, BLOCKS)
def test_no_class_makes_it_raise(init_body: list[str], execute_body: list[str], other_body: list[str]) -> None:
    lines = [
        "from nvflare.apis.executor import Executor",
        "from nvflare.apis.impl.controller import Task",
        "class A(Executor):",
        "    def __init__(self, a=None, b=2, **kwargs):",
        *indented(indented(init_body)),
        "    def execute(self, task_name, a, b, c):",
        *indented(indented(execute_body)),
        "    def m(self, a, b=3):",
        *indented(indented(other_body)),
        "class B(A):",
        "    def __init__(self, q, **kwargs):",
        "        super().__init__(b=q, **kwargs)",
    ]
    path = python_path(mod="\n".join(lines) + "\n")
    for name in ("A", "B"):
        found = path.resolve(f"mod.{name}")
        if found.class_info is not None:
            failed_checks(found.class_info, {"a": "x", "b": UNKNOWN})


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(content: bytes) -> None:
    path = python_path(mod=content, pkg__init=content, pkg__inner="from . import *\nfrom mod import A")
    for class_path in ("mod.A", "pkg.A", "pkg.inner.A"):
        path.resolve(class_path)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_no_class_path_makes_it_raise(class_path: str) -> None:
    path = python_path(mod="class A: pass", pkg__inner="")
    found = path.resolve(class_path)
    assert found.class_path == class_path
    path.has_module(class_path)
    path.shadowed(class_path)
