"""The attributes of instances, read from code."""

from __future__ import annotations

import ast

import pytest

from fllint.catalogue.catalogue import RELEASES, Catalogue
from fllint.python.members import Members, attributes_of_instances, members_of


def members(text: str) -> Members:
    node = ast.parse(text).body[0]
    assert isinstance(node, ast.ClassDef)
    return members_of(node)


def test_a_class_has_what_its_body_binds_and_its_methods_set() -> None:
    text = """
class Trainer:
    kind = "numpy"
    size: int = 3
    if kind:
        import os.path as path
    def train(self):
        local = 1
        self.epochs, self.rate = 1, 2
        with open("x") as self.file:
            pass
        setattr(self, "late", local)
    class Inner:
        pass
"""
    wanted = {"kind", "size", "path", "train", "epochs", "rate", "file", "late", "Inner"}
    assert members(text) == Members(frozenset(wanted))


@pytest.mark.parametrize(
    "body", ["def __getattr__(self, name): ...", "def f(self, n): setattr(self, n, 1)", "__slots__ = ()"]
)
def test_a_class_that_makes_attributes_otherwise_is_open(body: str) -> None:
    assert members(f"class A:\n    {body}").is_open


def test_what_the_catalogue_writes_is_read_as_it_was() -> None:
    for one in (Members(frozenset({"b", "a"})), Members(frozenset(), is_open=True)):
        assert Members.read(one.text) == one


@pytest.mark.parametrize("release", RELEASES)
def test_an_executor_has_what_its_bases_give_it(release: str) -> None:
    known = attributes_of_instances("nvflare.apis.executor.Executor", Catalogue.load(release).python)
    assert known is not None
    assert {"execute", "fire_event", "log_info", "logger", "__class__"} <= known
    assert "log_inf" not in known


def test_a_shareable_has_what_a_dictionary_has() -> None:
    known = attributes_of_instances("nvflare.apis.shareable.Shareable", Catalogue.load("2.9").python)
    assert known is not None
    assert {"setdefault", "get_header"} <= known


def test_a_class_with_a_base_that_is_not_in_sight_is_unknown() -> None:
    path = "nvflare.app_opt.pt.fedopt.PTFedOptModelShareableGenerator"
    assert attributes_of_instances(path, Catalogue.load("2.9").python) is not None
    assert attributes_of_instances("torch.nn.Module", Catalogue.load("2.9").python) is None
