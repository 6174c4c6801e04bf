"""Class statements and modules that Python refuses when they are imported, and those that only look so."""

from __future__ import annotations

import pytest

from fllint.python.resolve import Outcome
from tests.python.reading import class_in, resolved

EXECUTOR = "from nvflare.apis.executor import Executor\n"


@pytest.mark.parametrize(
    ("text", "detail", "line"),
    [
        ("class A(Base): pass", "NameError: name 'Base' is not defined", 1),
        ("class A(A): pass", "NameError: name 'A' is not defined", 1),
        ("class B(Base): pass\nclass A(B): pass", "NameError: name 'Base' is not defined", 1),
        ("class B: pass\nclass A(object, B): pass", "no consistent method resolution order", 2),
        ("class X: pass\nclass Y(X): pass\nclass A(X, Y): pass", "no consistent method resolution order", 3),
        ("class A: pass\nreturn 1", "'return' outside function", 2),
        ("class A: pass\nif A:\n    return", "'return' outside function", 3),
        ("class A: pass\nfrom __future__ import annotations", "must occur at the beginning", 2),
    ],
)
def test_what_python_refuses_breaks_the_module(text: str, detail: str, line: int) -> None:
    found = resolved("mod.A", mod=text)
    assert found.outcome is Outcome.BROKEN_MODULE
    assert detail in found.detail
    assert found.location is not None
    assert found.location.line == line


@pytest.mark.parametrize(
    "text",
    [
        "from other import A\nclass A(A): pass",
        "class A: pass\nclass A(A): pass",
        "class Base: pass\nclass A(Base): pass\ndel Base",
        "from other import *\nclass A(Base): pass",
        "exec('Base = object')\nclass A(Base): pass",
        "if (Base := object): pass\nclass A(Base): pass",
        "def f():\n    global Base\n    Base = object\nf()\nclass A(Base): pass",
        "try:\n    from torch import Base\nexcept ImportError:\n    Base = object\nclass A(Base): pass",
        "class A(Exception): pass",
        "import torch\nclass A(torch.nn.Module, object): pass",
        '"""Docstring."""\nfrom __future__ import annotations\nfrom __future__ import division\nclass A: pass',
        "class A:\n    def f(self):\n        return 1",
        "from other import A\nif True:\n    class A(A): pass",
    ],
)
def test_what_python_takes_is_not_broken(text: str) -> None:
    found = resolved("mod.A", mod=text, other="class A: pass\nclass Base: pass\n")
    assert found.outcome in (Outcome.FOUND, Outcome.UNKNOWN)


def test_a_class_may_derive_from_an_older_one_of_its_name() -> None:
    info = class_in(EXECUTOR + "from nvflare.app_common.np.np_trainer import NPTrainer as A\nclass A(A): pass\n")
    assert info.is_a("nvflare.apis.executor.Executor") is True


def test_a_star_import_brings_what_all_names() -> None:
    files = {"pkg__init": "from .inner import *\n"}
    assert resolved("pkg.A", **files, pkg__inner="__all__ = []\nclass A: pass").outcome is Outcome.NAME_MISSING
    assert resolved("pkg._A", **files, pkg__inner="__all__ = ['_A']\nclass _A: pass").outcome is Outcome.FOUND
    assert resolved("pkg._A", **files, pkg__inner="class _A: pass").outcome is Outcome.NAME_MISSING
    assert resolved("pkg.A", **files, pkg__inner="__all__ = names()\nclass A: pass").outcome is Outcome.FOUND


def test_a_class_that_is_registered_somewhere_may_be_of_any_kind() -> None:
    text = EXECUTOR + "class A: pass\nExecutor.register(A)\n"
    assert class_in(text).is_a("nvflare.apis.executor.Executor") is None
    assert class_in(EXECUTOR + "@Executor.register\nclass A: pass\n").is_a("nvflare.apis.executor.Executor") is None
    assert class_in(EXECUTOR + "class A: pass\n").is_a("nvflare.apis.executor.Executor") is False


def test_an_instance_that_cannot_be_called_is_a_value() -> None:
    text = "class T: pass\nclass C:\n    def __call__(self): pass\nt = T()\nc = C()\nu = unknown()\n"
    assert resolved("mod.t", mod=text).outcome is Outcome.OTHER
    assert resolved("mod.c", mod=text).outcome is Outcome.UNKNOWN
    assert resolved("mod.u", mod=text).outcome is Outcome.UNKNOWN


def test_a_package_of_nvflare_is_a_module_whatever_others_call_so() -> None:
    assert resolved("nvflare.app_common.np").outcome is Outcome.MODULE
