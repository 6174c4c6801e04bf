"""Whatever the text of a script: a result, in bounded time, without running anything of it."""

from __future__ import annotations

import time
from textwrap import indent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fllint.scripts.arguments import Token, check_arguments, read_parser, split_like_nvflare
from fllint.scripts.client_api import calls_before_init, missing_init, missing_send, not_in_loop, read_client_api
from fllint.scripts.script_imports import imports_of

HEAD = "import argparse\np = argparse.ArgumentParser()\n"
HOSTILE = {
    "nul": "import argparse\x00",
    "brackets": "x = " + "(" * 5_000,
    "unary": "x = " + "-" * 50_000 + "1",
    "long sum": HEAD + "x = " + "+".join(["1"] * 20_000),
    "long attribute chain": HEAD + "x = a" + ".b" * 5_000,
    "deep calls": HEAD + "f = lambda g: g\n" + "x = " + "f(" * 90 + "1" + ")" * 90,
    "recursion": HEAD + "def f():\n    return f() + g()\ndef g():\n    return f()\nf()",
    "many functions calling each other": HEAD
    + "".join(f"def f{n}():\n    f{n + 1}()\n    f{n + 1}()\n" for n in range(60))
    + "def f60(): pass\nf0()\n",
    "doubling lists": HEAD + "a = [1]\n" + "a = [a, a]\n" * 60 + "p.add_argument('--x', choices=a)\np.parse_args()",
    "doubling dicts": HEAD + "a = {1: 1}\n" + "a = {**a, 'x': a}\n" * 60,
    "doubling strings": HEAD + "a = 'x'\n" + "a = a + a\n" * 60 + "p.add_argument('--' + a)\np.parse_args()",
    "large powers": HEAD + "a = 10 ** 60\n" + "a = a * a\n" * 60 + "b = range(a)",
    "nested loops": HEAD
    + "".join("    " * n + f"for i{n} in range(400):\n" for n in range(15))
    + "    " * 15
    + "p.parse_args()",
    "many branches": HEAD + "".join(f"if unknown{n}:\n    x{n} = 1\n" for n in range(8_000)),
    "many returns": HEAD + "def f():\n" + "    if u: return 1\n" * 8_000 + "f()",
    "many options": HEAD + "".join(f"p.add_argument('--o{n}')\n" for n in range(5_000)) + "p.parse_args()",
    "star import of itself": "from me import *\nfrom me import x",
    "class that is its own base": "class A: pass\nclass A(A): pass\nA().b()\nsuper().x",
    "cyclic instance": "class A: pass\na = A()\na.a = a\na.a.a.a()\na[0] = a",
    "odd decorators": "@x[0]\n@(lambda f: f)\n@y()\ndef f(): pass\nf()",
    "surrogate": "x = '\ud800'\nimport argparse",
    "carriage returns": "import argparse\rp = argparse.ArgumentParser()\rp.parse_args()",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_scripts_give_a_result_soon(name: str) -> None:
    text = HOSTILE[name]
    started = time.process_time()
    model = read_parser(text, module_text=lambda module: text if module == "me" else None)
    check_arguments(model, split_like_nvflare("--o1 x --zzz " * 20).tokens)
    read_client_api(text, lambda module: text if module == "me" else None)
    imports_of(text)
    assert time.process_time() - started < 6


def test_matching_many_elastic_positionals_does_not_explode() -> None:
    script = (
        HEAD
        + "".join(f"p.add_argument('p{n}', nargs='*')\n" for n in range(12))
        + "p.add_argument('q', nargs=99)\np.parse_args()"
    )
    model = read_parser(script, module_text=lambda name: None)
    started = time.process_time()
    check_arguments(model, [Token("x", 0, 1)] * 98)
    assert time.process_time() - started < 5


PIECES = r"""
import argparse
p = argparse.ArgumentParser()
p.add_argument(
'--x'
)
p.parse_args()
if x:
    x
def f(a, *b, **c):
return f(
for i in [1, 2]:
while True:
try:
except:
lambda: yield
import nvflare.client as flare
flare.receive()
flare.send(flare.init())
flare.FLModel(
class A:
self.x = **{}[]*@
del x
global x
break
match x:
    case _:
"""
WORDS = st.sampled_from([*PIECES.splitlines(keepends=True), *PIECES.split(), "    ", ", ", "x"])


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, max_size=40).map("".join) | st.text(max_size=200))
def test_any_text_gives_a_result(text: str) -> None:
    model = read_parser(text, module_text=lambda name: text)
    check_arguments(model, split_like_nvflare(text).tokens)
    use = read_client_api(text, lambda name: text)
    missing_send(use), missing_init(use), not_in_loop(use), calls_before_init(use)
    lines = text.count("\n") + text.count("\r") + 1
    for found in imports_of(text):
        assert 1 <= found.place.line <= lines
        assert found.place.column <= found.place.end_column


SIMPLE = """
p.add_argument('--x')
x = p
x = [1, x]
f(p)
flare.receive()
m = flare.FLModel(metrics={'a': x})
flare.send(m)
return x
break
raise x
import me
from me import *
x.y = x
x[0] = x
sys.exit()
"""
COMPOUND = ["if x:", "for x in (1, 2):", "while True:", "while x:", "def f(a=x):", "class A(x):", "with x as x:"]
STATEMENTS = st.recursive(
    st.sampled_from(SIMPLE.strip().splitlines()),
    lambda inner: st.tuples(st.sampled_from(COMPOUND), st.lists(inner, min_size=1, max_size=3)).map(
        lambda pair: pair[0] + "\n" + indent("\n".join(pair[1]), "    ")
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(STATEMENTS, max_size=6))
def test_any_program_gives_a_result(statements: list[str]) -> None:
    text = "import argparse, sys\nimport nvflare.client as flare\np = argparse.ArgumentParser()\n" + "\n".join(
        statements
    )
    read_parser(text, module_text=lambda name: text if name == "me" else None)
    read_client_api(text, lambda name: text if name == "me" else None)
