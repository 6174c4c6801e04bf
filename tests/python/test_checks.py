"""Checks that constructors make, and whether they fail for given arguments."""

from __future__ import annotations

import pytest

from fllint.documents.tree import UNKNOWN, UNKNOWN_TEXT
from fllint.python.evaluate import failed_checks, render, with_defaults
from tests.python.reading import class_in


def constructor(body: str, parameters: str = "a=None, b=None", before: str = "") -> str:
    lines = "".join(f"        {line}\n" for line in body.splitlines())
    return f"{before}\nclass A:\n    def __init__(self, {parameters}):\n{lines}"


def failures(text: str, **given: object) -> list[tuple[str, str]]:
    """Names and messages of the exceptions of the checks that fail."""
    info = class_in(text)
    return [(check.raises, render(check.message, with_defaults(info, given))) for check in failed_checks(info, given)]


@pytest.mark.parametrize(
    ("body", "good", "bad"),
    [
        ("if a < 0:\n    raise ValueError('no')", 1, -1),
        ("if not isinstance(a, int):\n    raise TypeError('no')", True, "1"),
        ("if a is None:\n    raise ValueError('no')", 0, None),
        ("if a not in ('x', 'y'):\n    raise ValueError('no')", "x", "z"),
        ("if not a:\n    raise ValueError('no')", "x", ""),
        ("assert a > 0, 'no'", 1, 0),
        ("b = a\nif b == 'x':\n    raise ValueError('no')", "y", "x"),
        ("self.b = a\nif self.b == 'x':\n    raise ValueError('no')", "y", "x"),
        ("if a == 'x':\n    pass\nelse:\n    raise ValueError('no')", "x", "y"),
        ("if a == 'x':\n    return\nraise ValueError('no')", "x", "y"),
        ("if a:\n    if len(a) > 2:\n        raise ValueError('no')", "ab", "abc"),
        ("for x in a:\n    if not isinstance(x, str):\n        raise ValueError('no')", ["x"], ["x", 1]),
        ("if any(x < 0 for x in a):\n    raise ValueError('no')", [1], [1, -1]),
        ("for k, v in a.items():\n    if v is None:\n        raise ValueError('no')", {"x": 1}, {"x": None}),
        ("for x in (a, 3):\n    if x < 0:\n        raise ValueError('no')", 1, -1),
        ("a = a or 5\nif a < 3:\n    raise ValueError('no')", 0, 1),
        ("if a is None:\n    a = 5\nif a < 3:\n    raise ValueError('no')", None, 1),
        ("if a.split(',')[0] == '':\n    raise ValueError('no')", "x,", ",x"),
        ("try:\n    if a < 0:\n        raise ValueError('x')\nexcept ValueError:\n    raise KeyError('no')", 1, -1),
        ("self.check(a)\n    \ndef check(self, x):\n    if x < 0:\n        raise ValueError('no')", 1, -1),
        (
            "if isinstance(a, str):\n    raise self.wrong('n')\n    \ndef wrong(self, x):\n"
            "    return ValueError(x + 'o')",
            1,
            "x",
        ),
        ("with open('x') as f:\n    if a < 0:\n        raise ValueError('no')", 1, -1),
        ("if a and unknown():\n    pass\nif a == 1:\n    raise ValueError('no')", 2, 1),
        ("if a == 1 or unknown():\n    raise ValueError('no')", 2, 1),
    ],
)
def test_conditions_of_exceptions_are_understood(body: str, good: object, bad: object) -> None:
    text = constructor(body.replace("\n    \ndef", "\n\x00def")).replace("        \x00def", "    def")
    text = text.replace("    def check", "\n    def check")
    assert failures(text, a=good) == []
    assert [message for _, message in failures(text, a=bad)] == ["no"]


@pytest.mark.parametrize(
    "body",
    [
        "if unknown(a):\n    raise ValueError('no')",
        "if a and unknown():\n    raise ValueError('no')",
        "if unknown():\n    return\nraise ValueError('no')",
        "try:\n    if a:\n        raise ValueError('no')\nexcept ValueError:\n    pass",
        "while unknown():\n    if a:\n        raise ValueError('no')",
        "a = unknown()\nif a:\n    raise ValueError('no')",
        "items = []\nfor x in a:\n    items.append(x)\nif items:\n    raise ValueError('no')",
        "items = {}\nitems.update(a)\nif not items:\n    raise ValueError('no')",
        "match a:\n    case 1:\n        raise ValueError('no')",
        "global a\nif b:\n    return\n",
        "def later():\n    raise ValueError('no')",
        "del a\n",
    ],
)
def test_what_cannot_be_expressed_gives_no_check(body: str) -> None:
    assert failures(constructor(body), a=["x"], b=1) == []


def test_helpers_of_other_modules_are_walked_through() -> None:
    info = class_in(
        "from helpers import positive\nclass A:\n    def __init__(self, a=1):\n        positive('a', a)\n",
        helpers="def positive(name, value):\n    if value <= 0:\n        raise ValueError(f'{name} is {value}')\n",
    )
    assert [render(check.message, {"a": -1}) for check in failed_checks(info, {"a": -1})] == ["a is -1"]


def test_helpers_of_nvflare_are_walked_through() -> None:
    text = """
        from nvflare.fuel.utils.validation_utils import check_positive_int
        class A:
            def __init__(self, a=1):
                check_positive_int("a", a)
        """
    assert failures(text, a=0) == [("ValueError", "a must > 0, but got 0")]
    assert failures(text, a="0")[0][0] == "TypeError"
    assert failures(text, a=1) == []


def test_a_checking_method_that_is_inherited_is_understood() -> None:
    text = """
        class Base:
            def check(self, x, least=1):
                if x < least:
                    raise ValueError(f"{x} < {least}")
        class A(Base):
            def __init__(self, a=1):
                self.check(a, least=2)
        """
    assert failures(text, a=1) == [("ValueError", "1 < 2")]
    assert failures(text, a=2) == []


def test_checks_of_bases_count_for_what_they_are_given() -> None:
    text = """
        class Base:
            def __init__(self, size, kind="x"):
                if size < 0:
                    raise ValueError(f"size is {size}")
                if kind not in ("x", "y"):
                    raise ValueError("kind")
        class A(Base):
            def __init__(self, a=1, **kwargs):
                super().__init__(a, **kwargs)
        """
    assert failures(text, a=-1) == [("ValueError", "size is -1")]
    assert failures(text, kind="z") == [("ValueError", "kind")]
    assert failures(text, a=1, kind="y") == []


def test_attributes_of_bases_can_be_checked() -> None:
    text = """
        from nvflare.app_common.workflows.fedavg import FedAvg
        class A(FedAvg):
            def __init__(self, **kwargs):
                super().__init__(**kwargs)
                if self.num_rounds > 100:
                    raise ValueError("too many")
        """
    assert failures(text, num_rounds=101) == [("ValueError", "too many")]


def test_the_values_of_an_enum_are_the_only_ones_that_make_a_member() -> None:
    text = """
        from enum import Enum
        class Mode(str, Enum):
            FAST = "fast"
            SLOW = "slow"
        class A:
            def __init__(self, mode=Mode.FAST):
                self.mode = Mode(mode)
        """
    assert failures(text, mode="medium") == [("ValueError", "'medium' is not a valid Mode")]
    assert failures(text) == failures(text, mode="slow") == []


def test_a_check_that_cannot_be_made_fails_with_pythons_own_exception() -> None:
    text = constructor("if a < 1:\n    raise ValueError('no')")
    assert failures(text, a="3") == [("TypeError", "'<' not supported between instances of 'str' and 'int'")]


@pytest.mark.parametrize("value", [UNKNOWN, [UNKNOWN], {"k": UNKNOWN}, UNKNOWN_TEXT, f"x{UNKNOWN_TEXT}"])
def test_unknown_values_never_fail_a_check(value: object) -> None:
    text = constructor("if not a or a == ['x'] or a == 'xy' or len(a) > 9:\n    raise ValueError('no')")
    assert failures(text, a=value) == []


def test_messages_show_what_was_given() -> None:
    text = constructor("if a < 0:\n    raise ValueError('got {}, {} and {}'.format(a, type(a), b) + ' {x}')", "a, b=2")
    assert failures(text, a=-1) == [("ValueError", "got -1, <class 'int'> and 2 {x}")]
    text = constructor("if a:\n    raise ValueError(f'{a!r} or {later()}')")
    assert failures(text, a="x") == [("ValueError", "'x' or …")]


@pytest.mark.parametrize(
    ("body", "good", "bad", "raises"),
    [
        ("self.a = a.lower()", "X", 3, "AttributeError"),
        ("self.n = len(a)", "X", None, "TypeError"),
        ("if a > 3:\n    self.b = 1", 4, "4", "TypeError"),
        ("self.r = float(a)", "1.5", "high", "ValueError"),
        ("import re\nself.r = re.compile(a)", "x+", "(", "error"),
        ("try:\n    self.r = int(a)\nexcept ValueError:\n    raise KeyError('no number')", "1", "one", "KeyError"),
        ("self.h = Helper(a)", "X", 3, "AttributeError"),
    ],
)
def test_what_a_constructor_does_to_an_argument_can_fail(body: str, good: object, bad: object, raises: str) -> None:
    helper = "import re\nclass Helper:\n    def __init__(self, x):\n        self.x = x.lower()\n"
    text = constructor(body, before=helper)
    assert failures(text, a=good) == []
    assert [name for name, _ in failures(text, a=bad)] == [raises]


@pytest.mark.parametrize(
    "body",
    [
        "self.a = a and a.lower()",
        "self.a = a.lower() if isinstance(a, str) else a",
        "if isinstance(a, str) and a.lower() == 'x':\n    self.b = 1",
        "if isinstance(a, str):\n    self.a = a.lower()",
        "try:\n    self.a = a.lower()\nexcept AttributeError:\n    self.a = None",
        "self.a = [x.lower() for x in a or ()]",
        "if a is None or self.checked(a):\n    self.a = 1\n    \ndef checked(self, x):\n    return x.lower()",
        "self.f = lambda: a.lower()",
        "if unknown() or a > 3:\n    self.b = 1",
    ],
)
def test_what_may_not_be_reached_does_not_fail(body: str) -> None:
    text = constructor(body.replace("\n    \ndef", "\n\x00def")).replace("        \x00def", "    def")
    assert failures(text, a=None) == []


def test_class_constants_are_those_of_the_derived_class() -> None:
    text = """
        class Base:
            NAME = ""
            LEAST = 1
            def __init__(self, size=2):
                if not self.NAME:
                    raise TypeError("no name")
                if size < self.LEAST:
                    raise ValueError("too small")
        class A(Base):
            NAME = "x"
            LEAST = 3
        """
    assert failures(text) == [("ValueError", "too small")]
    assert failures(text, size=3) == []


def test_variables_that_functions_set_anew_are_no_constants() -> None:
    text = """
        context = None
        def use(value):
            global context
            context = value
        class A:
            ready = None
            def __init__(self):
                if context is None:
                    raise RuntimeError("no context")
                if not self.ready:
                    raise RuntimeError("not ready")
            def prepare(self):
                self.ready = True
        """
    assert failures(text) == []
