"""Which modules of an NVFlare release make jobs, and the code that is kept of them.

What a recipe or a ``…Job`` class puts on the server and the clients stands in its own code, which `fllint.job_api`
reads as it reads a user's script. Kept are the modules of the Job API and of the recipes, without docstrings and
comments, and of the modules that they import the constants and enumerations.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

_MAKES_JOBS: Final = re.compile(
    r"^nvflare/(?:job_config/|recipe/|(?:.*/)?(?:job_config|recipes)/|(?:.*/)?\w*_job\.py$|(?:.*/)?\w*recipe\w*\.py$)"
)
_LEFT_OUT: Final = re.compile(
    # FedJob and what it writes are read by fllint itself; tools and environments make no jobs
    r"^nvflare/(?:job_config/(?:api|fed_job_config|fed_app_config|base_app_config)\.py|tool/|collab/|private/"
    r"|recipe/(?:poc_env|prod_env|session_mgr|run|sim_env|secrets)\.py)"
)


def job_api_sources(names: Iterable[str], read: Callable[[str], bytes]) -> dict[str, str]:
    """The kept code by dotted module name, sorted. ``names`` are the files of a wheel, ``read`` gives their content."""
    files = {_dotted(name): name for name in names if name.endswith(".py") and name.startswith("nvflare/")}
    kept: dict[str, str] = {}
    imported: dict[str, None] = {}
    for module, name in sorted(files.items()):
        if _MAKES_JOBS.match(name) and not _LEFT_OUT.match(name):
            tree = ast.parse(read(name))
            kept[module] = ast.unparse(_without_docstrings(tree))
            imported.update(dict.fromkeys(_imported_modules(tree)))
    for module in imported:
        if module in files and module not in kept and not _LEFT_OUT.match(files[module]):
            constants = _constants(ast.parse(read(files[module])))
            if constants:
                kept[module] = constants
    return dict(sorted(kept.items()))


def _dotted(name: str) -> str:
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _imported_modules(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:] or [ast.Pass()]
    return tree


def _constants(tree: ast.Module) -> str:
    """The classes of a module that hold nothing but literal values, and its literal constants."""
    kept: list[ast.stmt] = []
    for statement in _without_docstrings(tree).body:
        if isinstance(statement, ast.ClassDef):
            members = [member for member in statement.body if not isinstance(member, ast.Pass)]
            if members and all(_is_constant(member) for member in members):
                statement.bases = [base for base in statement.bases if isinstance(base, ast.Name) and base.id == "Enum"]
                statement.decorator_list, statement.keywords = [], []
                kept.append(statement)
        elif _is_constant(statement):
            kept.append(statement)
    return ast.unparse(ast.Module(kept, [])) if kept else ""


def _is_constant(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Assign)
        and len(statement.targets) == 1
        and isinstance(statement.targets[0], ast.Name)
        and isinstance(statement.value, ast.Constant)
    )
