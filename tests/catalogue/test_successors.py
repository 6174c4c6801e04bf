"""The table of successors names what the releases have."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import fllint.catalogue
from fllint.catalogue.catalogue import Catalogue
from fllint.catalogue.successors import successor

TABLES = json.loads((Path(fllint.catalogue.__file__).parent / "data/successors.json").read_text("utf-8"))


@pytest.mark.parametrize("path", TABLES["classes"])
def test_a_successor_takes_what_it_is_given(path: str) -> None:
    new = successor(path, Catalogue.load("2.9"))
    assert new is not None
    info = Catalogue.load("2.9").find(new.instead)
    assert info is not None
    absorbed = [name for classes in new.absorbed.values() for names in classes.values() for name in names.values()]
    for name in [*new.arguments, *new.renamed.values(), *new.null_becomes, *absorbed, new.format_argument]:
        assert info.parameter(name), name


@pytest.mark.parametrize("path", TABLES["classes"])
def test_the_old_class_took_what_is_renamed_removed_or_absorbed(path: str) -> None:
    old, new = Catalogue.load("2.8").find(path), successor(path, Catalogue.load("2.9"))
    assert old is not None
    assert new is not None
    for name in [*new.renamed, *new.removed, *new.null_becomes, *new.absorbed, *new.converter_arguments]:
        assert old.parameter(name), name
    for served in new.needless:
        assert Catalogue.load("2.8").find(served) or Catalogue.load("2.5").find(served), served


def test_nothing_is_known_of_other_classes_and_other_releases() -> None:
    path = next(iter(TABLES["classes"]))
    assert successor(path, Catalogue.load("2.8")) is None
    assert successor("custom.ClientAPILauncherExecutor", Catalogue.load("2.9")) is None
    assert successor("nvflare.app_common.np.np_trainer.NPTrainer", Catalogue.load("2.9")) is None
