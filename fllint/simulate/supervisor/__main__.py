"""Starts the supervisor from its folder, without putting that folder on the import path of the job's code."""

from __future__ import annotations

import importlib.util
import os
import sys


def load_package() -> None:
    """Makes this folder importable as ``fllint_supervisor``, whatever the folder above it is called."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if entry and os.path.abspath(entry) != here]
    spec = importlib.util.spec_from_file_location(
        "fllint_supervisor", os.path.join(here, "__init__.py"), submodule_search_locations=[here]
    )
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules["fllint_supervisor"] = package
    spec.loader.exec_module(package)


if __name__ == "__main__":
    load_package()
    if sys.argv[1:2] == ["watch"]:
        sys.exit(importlib.import_module("fllint_supervisor.watch").main(sys.argv[2]))
    if sys.argv[1:2] == ["simulator"]:
        witness = importlib.import_module("fllint_supervisor.witness")
        sys.exit(witness.main(int(sys.argv[2]), float(sys.argv[3]), sys.argv[4:]))
    sys.exit(importlib.import_module("fllint_supervisor.start").main())
