from __future__ import annotations

from pathlib import Path

import pytest

from fllint.catalogue.catalogue import NEWEST, Catalogue
from fllint.python.files import FilesInFolder
from fllint.python.resolve import Outcome, PythonPath
from fllint.python.sources import CustomCode
from tests.python.reading import class_in, python_path, resolved

PLAIN = "class A:\n    pass\n"


def outcome(class_path: str, **files: str) -> Outcome:
    return resolved(class_path, **files).outcome


def test_a_class_is_found_where_it_is_defined() -> None:
    found = resolved("mod.A", mod="\n\nclass A:\n    pass\n")
    assert (found.outcome, found.canonical, found.where) == (Outcome.FOUND, "mod.A", "custom")
    assert found.location is not None
    assert (found.location.file, found.location.line, found.location.column) == ("mod.py", 3, 1)


@pytest.mark.parametrize(
    ("class_path", "files"),
    [
        ("mod.B", {"mod": "from other import A as B", "other": PLAIN}),
        ("mod.B", {"mod": "from other import A\nB = A", "other": PLAIN}),
        ("mod.B", {"mod": "import other\nB = other.A", "other": PLAIN}),
        ("mod.A", {"mod": "from other import *", "other": PLAIN}),
        ("mod.A", {"mod": "try:\n    from other import A\nexcept ImportError:\n    A = None", "other": PLAIN}),
        (
            "mod.A",
            {"mod": "try:\n    from nowhere import A\nexcept ImportError:\n    from other import A", "other": PLAIN},
        ),
        ("mod.A", {"mod": "if True:\n    from other import A\nelse:\n    from other import A", "other": PLAIN}),
        ("pkg.A", {"pkg__init": "from .inner import A", "pkg__inner": PLAIN}),
        ("pkg.sub.A", {"pkg__sub__init": "from ..inner import A", "pkg__init": "", "pkg__inner": PLAIN}),
        ("pkg.inner.A", {"pkg__inner": PLAIN}),
        ("pkg.B", {"pkg__init": "from . import inner\nB = inner.A", "pkg__inner": PLAIN}),
    ],
)
def test_names_are_followed_to_the_class(class_path: str, files: dict[str, str]) -> None:
    found = resolved(class_path, **files)
    assert found.outcome is Outcome.FOUND
    assert found.canonical is not None
    assert found.canonical.endswith(".A")


@pytest.mark.parametrize(
    ("class_path", "text", "expected"),
    [
        ("mod.f", "def f():\n    pass", Outcome.FUNCTION),
        ("mod.f", "f = lambda: 1", Outcome.FUNCTION),
        ("mod.x", "x = 3", Outcome.OTHER),
        ("mod.os", "import os", Outcome.MODULE),
        ("mod.x", "x = make()", Outcome.UNKNOWN),
        ("mod.A", "def __getattr__(name):\n    return 1", Outcome.UNKNOWN),
        ("mod.A", "globals()['A'] = 1", Outcome.UNKNOWN),
        ("mod.A", "exec('A = 1')", Outcome.UNKNOWN),
        ("mod.A", "from torch import *", Outcome.UNKNOWN),
        ("mod.A", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from x import A", Outcome.NAME_MISSING),
        ("mod.A", "if __name__ == '__main__':\n    class A: pass", Outcome.NAME_MISSING),
        ("mod.A", "if '__main__' == __name__:\n    A = 1\nelse:\n    class A: pass", Outcome.FOUND),
        ("mod.A", "class A: pass\ndel A", Outcome.NAME_MISSING),
        ("mod.A", "A = B\nB = A", Outcome.UNKNOWN),
        ("mod.A", "from mod import A", Outcome.UNKNOWN),
        ("mod.A", "from mod import *", Outcome.UNKNOWN),
        ("mod.A", "class A(:", Outcome.BROKEN_MODULE),
        ("mod.A.B", "class A:\n    class B: pass", Outcome.MODULE_MISSING),
        ("mod.A", "if x:\n    class A: pass\nelse:\n    from other import A", Outcome.UNKNOWN),
    ],
)
def test_what_is_no_plain_class_is_told_apart(class_path: str, text: str, expected: Outcome) -> None:
    assert outcome(class_path, mod=text) is expected


def test_a_syntax_error_is_placed() -> None:
    found = resolved("mod.A", mod="x = 1\nclass A(:\n    pass\n")
    assert found.location is not None
    assert (found.location.file, found.location.line) == ("mod.py", 2)
    assert found.detail == "invalid syntax"


def test_a_package_that_is_broken_breaks_its_modules() -> None:
    assert outcome("pkg.inner.A", pkg__init="(", pkg__inner=PLAIN) is Outcome.BROKEN_MODULE


def test_classes_of_nvflare_are_found_through_what_packages_offer() -> None:
    found = resolved("nvflare.app_common.ccwf.SwarmServerController")
    assert found.outcome is Outcome.FOUND
    assert found.where == "nvflare"
    assert found.canonical == "nvflare.app_common.ccwf.swarm_server_ctl.SwarmServerController"


@pytest.mark.parametrize(
    ("class_path", "part", "offset"),
    [
        ("nvflare.app_common.workflow.fedavg.FedAvg", "workflow", 19),
        ("nvflare.app_common.workflows.fedavg.FedAvgg", "FedAvgg", 36),
        ("nvflare.app_common.workflows.fed_avg.FedAvg", "fed_avg", 29),
    ],
)
def test_the_first_part_that_is_missing_is_named(class_path: str, part: str, offset: int) -> None:
    found = resolved(class_path)
    assert (found.missing_part, found.missing_offset) == (part, offset)
    assert class_path[offset:].startswith(part)
    assert found.candidates[0] == "nvflare.app_common.workflows.fedavg.FedAvg"


@pytest.mark.parametrize(
    ("class_path", "files", "best"),
    [
        ("mod.trainer", {"mod": "class Trainer: pass"}, "mod.Trainer"),
        ("custom.mod.Trainer", {"mod": "class Trainer: pass"}, "mod.Trainer"),
        ("modd.Trainer", {"mod": "class Trainer: pass"}, "mod.Trainer"),
        ("Mod.Trainer", {"mod": "class Trainer: pass"}, "mod.Trainer"),
        ("trainers.Trainer", {"pkg__deep__mod": "class Trainer: pass"}, "pkg.deep.mod.Trainer"),
        ("mod.Trainer", {"mod": "", "other": "class Trainer: pass"}, "other.Trainer"),
    ],
)
def test_near_misses_in_custom_code_come_first(class_path: str, files: dict[str, str], best: str) -> None:
    assert resolved(class_path, **files).candidates[0] == best


def test_packages_that_sites_may_have_are_unknown_and_others_missing() -> None:
    path = python_path()
    assert path.resolve("torch.nn.Linear").outcome is Outcome.UNKNOWN
    assert path.resolve("yaml.SafeLoader").outcome is Outcome.UNKNOWN
    missing = path.resolve("nobody_has_this.thing.A")
    assert (missing.outcome, missing.where, missing.missing_part) == (Outcome.MODULE_MISSING, None, "nobody_has_this")
    known = PythonPath(Catalogue.load(NEWEST), None, None, {"nobody_has_this"})
    assert known.resolve("nobody_has_this.thing.A").outcome is Outcome.UNKNOWN


def test_modules_are_there_or_not_or_unknown() -> None:
    path = python_path(mod="", pkg__inner="")
    assert path.has_module("mod") is True
    assert path.has_module("pkg") is True
    assert path.has_module("pkg.inner") is True
    assert path.has_module("pkg.other") is False
    assert path.has_module("nvflare.apis.filter") is True
    assert path.has_module("nvflare.apis.filters") is False
    assert path.has_module("json") is True
    assert path.has_module("torch.nn") is None
    assert path.has_module("nobody_has_this") is False


def test_the_standard_library_and_site_packages_come_before_custom_code() -> None:
    path = python_path(json=PLAIN, yaml=PLAIN, nvflare__mine=PLAIN, mine=PLAIN)
    assert path.shadowed("json") == "stdlib"
    assert path.shadowed("yaml") == "site-packages"
    assert path.shadowed("nvflare") == "nvflare"
    assert path.shadowed("mine") is None
    assert path.resolve("json.A").where == "stdlib"
    assert path.resolve("nvflare.mine.A").outcome is Outcome.MODULE_MISSING


def test_packages_of_an_interpreter_are_read(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "__init__.py").write_text("from .a import A\n")
    (tmp_path / "lib" / "a.py").write_text("class A:\n    def __init__(self, x): pass\n")
    (tmp_path / "lib" / "fast.cpython-311-x86_64-linux-gnu.so").write_bytes(b"\x7fELF")
    path = PythonPath(Catalogue.load(NEWEST), CustomCode({"mod.py": "from lib import A as B"}), tmp_path)
    assert path.resolve("lib.A").where == "site-packages"
    found = path.resolve("mod.B").class_info
    assert found is not None
    assert [parameter.name for parameter in found.parameters] == ["x"]
    assert path.resolve("lib.fast.C").outcome is Outcome.UNKNOWN
    assert path.resolve("lib.b.A").outcome is Outcome.MODULE_MISSING
    assert path.has_module("torch") is False


def test_editable_installs_leave_open_what_is_installed(tmp_path: Path) -> None:
    (tmp_path / "__editable__.thing.pth").write_text("/somewhere\n")
    path = PythonPath(Catalogue.load(NEWEST), None, tmp_path)
    assert path.has_module("thing") is None


def test_a_folder_on_disk_is_read_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "ns").mkdir()
    (tmp_path / "ns" / "mod.py").write_text(PLAIN)
    path = PythonPath(Catalogue.load(NEWEST), CustomCode(FilesInFolder(tmp_path)))
    assert path.resolve("ns.mod.A").outcome is Outcome.FOUND
    assert path.resolve("ns.mod2.A").outcome is Outcome.MODULE_MISSING


def test_only_files_that_a_name_leads_to_are_read() -> None:
    read: list[str] = []

    def content(path: str) -> str:
        read.append(path)
        return PLAIN

    custom = CustomCode.lazily(("a.py", "b.py", "c/d.py"), content)
    PythonPath(Catalogue.load(NEWEST), custom).resolve("a.A")
    assert read == ["a.py"]


def test_circles_of_inheritance_end() -> None:
    path = python_path(one="from two import B\nclass A(B): pass\n", two="from one import A\nclass B(A): pass\n")
    found = path.resolve("one.A").class_info
    assert found is not None
    assert not found.complete


def test_kinds_follow_from_the_ancestors() -> None:
    info = class_in("from nvflare.app_common.workflows.fedavg import FedAvg\nclass A(FedAvg): pass\n")
    assert info.is_a("nvflare.apis.impl.controller.Controller") is True
    assert info.is_a("nvflare.apis.executor.Executor") is False
    assert Catalogue.load(NEWEST).kinds_of(info) == ("Component", "Controller", "Workflow")


def test_a_class_with_a_base_out_of_sight_may_be_anything() -> None:
    info = class_in("from out_of_sight import Base\nclass A(Base): pass\n")
    assert info.is_a("nvflare.apis.impl.controller.Controller") is None
    assert info.unresolved_bases == ("out_of_sight.Base",)
    assert info.accepts_any_keyword


def test_a_class_of_a_well_known_package_is_no_component() -> None:
    info = class_in("import torch.nn as nn\nclass A(nn.Module): pass\n")
    assert info.is_a("nvflare.apis.executor.Executor") is False
