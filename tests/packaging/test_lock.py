"""requirements-dev.txt pins all that development needs, with hashes, and says nothing of where packages come from."""

from __future__ import annotations

import importlib
import re
import sys
from typing import Any

from tests.packaging.bounds import oldest_dependencies
from tests.packaging.sources import ROOT

TOML: Any = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
LOCK = (ROOT / "requirements-dev.txt").read_text("utf-8")
PROJECT = TOML.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PINS = re.findall(r"^([\w.-]+)==([\w.]+).*?((?:\\\n +--hash=sha256:[0-9a-f]{64} ?)+)$", LOCK, re.MULTILINE)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_requirement_is_pinned() -> None:
    extras = [needs for name, needs in PROJECT["optional-dependencies"].items() if name != "nvflare"]  # for users
    required = {re.split(r"[<>=;\[ ]", one)[0] for some in (PROJECT["dependencies"], *extras) for one in some}
    assert {normal(name) for name in required} <= {normal(name) for name, _, _ in PINS}


def test_every_pin_has_hashes() -> None:
    assert len(PINS) == len(re.findall(r"^[\w.-]+==", LOCK, re.MULTILINE))


def test_the_lock_names_no_index_and_no_address() -> None:
    assert not re.search(r"://|index-url|find-links|trusted-host", LOCK)


def test_pins_respect_the_lower_bounds() -> None:
    def parts(version: str) -> list[int]:
        return [int(part) for part in re.findall(r"\d+", version)]

    pinned = {normal(name): version for name, version, _ in PINS}
    for requirement in oldest_dependencies():
        name, bound = requirement.split(";")[0].strip().split("==")
        assert parts(pinned[normal(name)]) >= parts(bound), requirement
