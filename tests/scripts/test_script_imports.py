"""What a file imports, and under which circumstances."""

from __future__ import annotations

from textwrap import dedent

import pytest

from fllint.documents.tree import Source
from fllint.scripts.script_imports import Import, imports_of


def only(text: str) -> Import:
    (found,) = imports_of(dedent(text))
    return found


def test_modules_names_and_levels_are_read_in_order() -> None:
    found = imports_of("import torch.nn as nn, os\nfrom ..pkg.net import Net, net as n\nfrom . import sibling\n")
    assert [(each.module, each.names, each.level) for each in found] == [
        ("torch.nn", (), 0),
        ("os", (), 0),
        ("pkg.net", ("Net", "net"), 2),
        ("", ("sibling",), 1),
    ]
    assert all(each.certain for each in found)
    assert found[0].top == "torch"


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("import torch.nn as nn", "torch.nn"),
        ("from torch.nn import (Linear,\n  ReLU)", "torch.nn"),
        ("from  .net import Net", ".net"),
        ("from .. import x", ".."),
        ("é = 'é'; import  näme", "näme"),
        ("importlib.import_module('a.b')", "'a.b'"),
    ],
)
def test_the_place_is_the_name_of_the_module(line: str, part: str) -> None:
    source = Source("x.py", "x.py", line)
    span = only(line).place.span(source)
    assert line[span.start : span.end] == part


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("try:\n    import apex\nexcept ImportError:\n    pass", "optional"),
        ("try:\n    import apex\nexcept (ValueError, ModuleNotFoundError):\n    pass", "optional"),
        ("try:\n    import apex\nexcept:\n    pass", "optional"),
        ("try:\n    x()\nexcept ValueError:\n    import apex", "optional"),
        ("import typing\nif typing.TYPE_CHECKING:\n    import apex", "typing_only"),
        ("def f():\n    if x:\n        import apex", "in_function"),
        ("class A:\n    async def f(self):\n        import apex", "in_function"),
        ("if x:\n    import apex", "conditional"),
        ("if TYPE_CHECKING:\n    pass\nelse:\n    import apex", "conditional"),
        ("for x in y:\n    import apex", "conditional"),
        ("match x:\n    case 1:\n        import apex", "conditional"),
        ("importlib.import_module('apex')", "dynamic"),
        ("x = __import__('apex')", "dynamic"),
    ],
)
def test_circumstances_are_told(text: str, fact: str) -> None:
    found = [each for each in imports_of(text) if each.module == "apex"]
    assert len(found) == 1
    assert getattr(found[0], fact)
    assert found[0].certain == (fact == "dynamic")


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    import apex\nfinally:\n    pass",
        "try:\n    import apex\nexcept ValueError:\n    pass",
        "if __name__ == '__main__':\n    import apex",
        "class A:\n    import apex",
    ],
)
def test_what_surely_runs_is_certain(text: str) -> None:
    assert only(text).certain


@pytest.mark.parametrize(
    "text", ["importlib.import_module(name)", "import_module('not a name')", "import (", "", "x = 1"]
)
def test_what_imports_nothing_that_is_known_gives_nothing(text: str) -> None:
    assert imports_of(text) == ()
