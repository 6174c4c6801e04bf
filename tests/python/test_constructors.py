"""Effective parameters of constructors."""

from __future__ import annotations

import pytest

from fllint.python.resolve import Outcome
from tests.python.reading import class_in, names, resolved

FEDAVG = "from nvflare.app_common.workflows.fedavg import FedAvg\n"


def test_keywords_are_followed_into_a_built_in_controller() -> None:
    info = class_in(
        FEDAVG + "class A(FedAvg):\n    def __init__(self, beta=1, **kwargs):\n        super().__init__(**kwargs)\n"
    )
    assert names(info)[0] == "beta"
    assert {"num_clients", "num_rounds", "persistor_id", "task_check_period"} <= set(names(info))
    assert not info.accepts_any_keyword
    rounds = info.parameter("num_rounds")
    assert rounds is not None
    assert (rounds.default, rounds.owner) == (5, "nvflare.app_common.workflows.base_fedavg.BaseFedAvg")


def test_arguments_that_are_given_to_the_base_are_no_parameters() -> None:
    info = class_in(
        FEDAVG
        + "class A(FedAvg):\n    def __init__(self, **kwargs):\n        super().__init__(num_rounds=3, **kwargs)\n"
    )
    assert "num_rounds" not in names(info)
    assert "num_clients" in names(info)
    assert dict(info.attributes)["num_rounds"] == "3"


@pytest.mark.parametrize(
    ("text", "expected", "is_open"),
    [
        ("class A: pass", [], False),
        ("class A(object):\n    def __init__(self, a, b=1): pass", ["a", "b"], False),
        ("class A:\n    def __init__(self, a, *, b): pass", ["a", "b"], False),
        ("class A:\n    def __init__(self, **kwargs): self.k = kwargs", [], True),
        ("class A:\n    def __init__(self, **kwargs): pass", [], True),
        ("class A:\n    def __init__(self, **kwargs): super().__init__(**kwargs)", [], False),
        ("class B:\n    def __init__(self, x): pass\nclass A(B): pass", ["x"], False),
        ("class B:\n    def __init__(self, x): pass\nclass A(B):\n    def __init__(self, y): pass", ["y"], False),
        (
            "class B:\n    def __init__(self, x, z=1): pass\n"
            "class A(B):\n    def __init__(self, y, **kw): B.__init__(self, **kw)",
            ["y", "x", "z"],
            False,
        ),
        (
            "class B:\n    def __init__(self, x, z=1): pass\n"
            "class A(B):\n    def __init__(self, y, **kw): super().__init__(y, **kw)",
            ["y", "z"],
            False,
        ),
        (
            "class A:\n    def __init__(self, **kw):\n        self.x = kw.pop('x', 2)\n        super().__init__(**kw)",
            ["x"],
            False,
        ),
        (
            "class M1:\n    def __init__(self, a, **kw): super().__init__(**kw)\n"
            "class M2:\n    def __init__(self, b, **kw): super().__init__(**kw)\n"
            "class A(M1, M2):\n    def __init__(self, c, **kw): super().__init__(**kw)",
            ["c", "a", "b"],
            False,
        ),
        (
            "class B:\n    def __init__(self, *args, p=1, q=2): pass\n"
            "class A(B):\n    def __init__(self, *args, r=3, **kw): super().__init__(*args, r, **kw)",
            ["r", "p", "q"],
            False,
        ),
        ("from gone import Base\nclass A(Base):\n    def __init__(self, a): super().__init__()", ["a"], False),
        ("from gone import Base\nclass A(Base):\n    def __init__(self, a, **kw): super().__init__(**kw)", ["a"], True),
        ("class Meta(type): pass\nclass A(metaclass=Meta):\n    def __init__(self, a): pass", ["a"], True),
        ("from x import wrap\n@wrap\nclass A:\n    def __init__(self, a): pass", ["a"], True),
        ("class A:\n    def __new__(cls, *args): pass\n    def __init__(self, a): pass", ["a"], True),
        ("class A:\n    def __new__(cls, a, b=1): pass", ["a", "b"], False),
        ("class B:\n    def __init__(self, x): pass\nclass A(B):\n    def __new__(cls, a): pass", ["x"], True),
        ("from typing import NamedTuple\nclass A(NamedTuple):\n    a: int\n    b: int = 1", ["a", "b"], False),
        ("from x import loose\nclass A:\n    @loose\n    def __init__(self, a): pass", [], True),
        ("import threading\nclass A(threading.Thread): pass", [], True),
        ("class A(Exception): pass", [], True),
        ("from abc import ABC\nclass A(ABC): pass", [], False),
    ],
)
def test_effective_parameters(text: str, expected: list[str], is_open: bool) -> None:
    info = class_in(text)
    assert (names(info), info.accepts_any_keyword) == (expected, is_open)


def test_dataclasses_have_their_fields_as_parameters() -> None:
    info = class_in(
        """
        from dataclasses import dataclass, field
        from typing import ClassVar

        @dataclass
        class Base:
            a: int
            kind: ClassVar[str] = "x"

        @dataclass
        class A(Base):
            b: str = "two"
            c: list = field(default_factory=list)
            d: int = field(default=4, init=False)

            def __post_init__(self):
                if self.a < 0:
                    raise ValueError("a is negative")
        """
    )
    assert names(info) == ["a", "b", "c"]
    assert [parameter.required for parameter in info.parameters] == [True, False, False]
    assert [(check.when, check.message) for check in info.checks] == [("a < 0", "a is negative")]


def test_defaults_that_are_constants_are_known() -> None:
    info = class_in(
        """
        from nvflare.app_common.app_constant import AppConstants
        from settings import RATE
        NAME = "mine"
        class A:
            OWN = 7
            def __init__(self, task=AppConstants.TASK_TRAIN, name=NAME, rate=RATE, size=1024 * 4, made=make()): pass
        """,
        settings="RATE = 0.5\n",
    )
    defaults = {parameter.name: (parameter.has_default_value, parameter.default) for parameter in info.parameters}
    assert defaults["task"] == (True, "train")
    assert defaults["name"] == (True, "mine")
    assert defaults["rate"] == (True, 0.5)
    assert defaults["made"] == (False, None)


def test_abstract_methods_count_only_when_something_enforces_them() -> None:
    text = """
        from abc import ABC, abstractmethod
        class Base({}):
            @abstractmethod
            def run(self): ...
        class A(Base): pass
        """
    assert class_in(text.format("ABC")).abstract_methods == ("run",)
    assert class_in(text.format("object")).abstract_methods == ()


def test_abstract_methods_of_built_in_bases_are_left_until_they_are_written() -> None:
    executor = "from nvflare.apis.executor import Executor\nclass A(Executor):\n    {}\n"
    assert class_in(executor.format("pass")).abstract_methods == ("execute",)
    assert (
        class_in(executor.format("def execute(self, task_name, shareable, fl_ctx, abort_signal): ...")).abstract_methods
        == ()
    )
    assert class_in(executor.format("execute = print")).abstract_methods == ()


def test_a_deprecation_is_noticed() -> None:
    text = "from typing_extensions import deprecated\n@deprecated('use B')\nclass A: pass\n"
    assert class_in(text).deprecated == "use B"


def test_a_function_is_called_like_a_class() -> None:
    found = resolved("mod.make", mod="def make(size, *, name='x'):\n    return size\n")
    assert found.outcome is Outcome.FUNCTION
    assert found.class_info is not None
    assert names(found.class_info) == ["size", "name"]
    assert not found.class_info.accepts_any_keyword
    assert found.class_info.is_a("nvflare.apis.executor.Executor") is None
    decorated = resolved("mod.make", mod="@wrapped\ndef make(size):\n    return size\n").class_info
    assert decorated is not None
    assert decorated.accepts_any_keyword


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("class A:\n    def __init__(): pass", "A.__init__() takes 0 positional arguments but 1 was given"),
        (
            "class B:\n    def __init__(self): pass\nclass A(B):\n    def __init__(self, x=1): super().__init__(x)",
            "B.__init__() takes 1 positional arguments but 2 were given",
        ),
        (
            "class B:\n    def __init__(self): pass\nclass A(B):\n    def __init__(self): super().__init__(y=2)",
            "B.__init__() got an unexpected keyword argument 'y'",
        ),
        (
            "class B:\n    def __init__(self, y): pass\nclass A(B):\n    def __init__(self): super().__init__()",
            "B.__init__() missing a required argument: 'y'",
        ),
    ],
)
def test_a_constructor_that_can_never_work(text: str, message: str) -> None:
    assert [(check.when, check.message) for check in class_in(text).checks] == [("True", message)]


@pytest.mark.parametrize(
    "text",
    [
        "class B:\n    def __init__(self): pass\nclass A(B):\n    def __init__(self, x=1):\n"
        "        if x: super().__init__(x)",
        "from gone import B\nclass A(B):\n    def __init__(self, x=1): super().__init__(x)",
        "class B:\n    def __init__(self, *x): pass\nclass A(B):\n    def __init__(self): super().__init__(1, 2)",
        "class B:\n    def __init__(self, y): pass\nclass A(B):\n    def __init__(self, **kw): super().__init__(**kw)",
        "class M:\n    def __init__(self, **kw): super().__init__(**kw)\nclass B:\n    def __init__(self, y): pass\n"
        "class A(M, B):\n    def __init__(self): super().__init__(y=1)",
        "import threading\nclass A(threading.Thread):\n    def __init__(self): threading.Thread.__init__(self, 1)",
        "class Other:\n    def __init__(self, y): pass\nclass A:\n    def __init__(self): Other.__init__(self)",
    ],
)
def test_calls_of_base_constructors_that_may_work(text: str) -> None:
    assert class_in(text).checks == ()
