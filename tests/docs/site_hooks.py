"""The modules beside the site's hook, which are no package: mkdocs imports them by their folder."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

HOOKS = Path(__file__).resolve().parents[2] / "docs" / "hooks"


def hook_module(name: str) -> ModuleType:
    """A module of docs/hooks."""
    full_name = f"docs_hooks_{name}"
    if full_name not in sys.modules:
        spec = spec_from_file_location(full_name, HOOKS / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[full_name] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[full_name])
    return sys.modules[full_name]
