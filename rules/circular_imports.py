"""Modules of ``custom/`` that import each other, and take a name that is not there yet."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.documents.tree import Place, Source, Span
from fllint.findings import Problem, Related
from fllint.job.model import App, Config
from fllint.problems import at
from fllint.python.modules import Module
from fllint.scripts.script_imports import Import, imports_of
from fllint.scripts.script_text import SyntaxTrouble, parse_code

from .module_imports import absolute_name, class_paths

if TYPE_CHECKING:
    from fllint.review import Review


def circular_imports(review: Review) -> Iterator[Problem]:
    """The imports, in the order in which a site makes them, that take a name of a module that is not that far yet."""
    for app, config, _ in review.configs():
        yield from _Loading(review, app).of(config)


class _Loading:
    """The loading of the modules of an app's custom code, one after the other."""

    def __init__(self, review: Review, app: App) -> None:
        self._path = review.python_path(app)
        self._job = review.job
        self._app = app
        self._at_line: dict[str, int] = {}
        """The modules that are being loaded, and the line at which each imports the next one."""
        self._met: set[str] = set()

    def of(self, config: Config) -> Iterator[Problem]:
        for text in class_paths(config):
            yield from self._load(text.rpartition(".")[0])

    def _load(self, name: str) -> Iterator[Problem]:
        source = self._source(name) if name and name not in self._met else None
        self._met.add(name)
        if source is None:
            return
        for found in imports_of(source.text):
            target = absolute_name(name, self._is_package(name), found) if found.certain else None
            if target is None or found.level or self._path.owner(target) != "custom":
                continue  # relative imports belong to packages, whose own loading is not followed
            self._at_line[name] = found.place.line
            if target in self._at_line:
                yield from self._not_there_yet(source, found, target)
            else:
                yield from self._load(target)
        self._at_line.pop(name, None)

    def _not_there_yet(self, source: Source, found: Import, target: str) -> Iterator[Problem]:
        other = self._source(target)
        lines = _bindings(other.text) if other else {}
        for taken in found.names:
            if taken in lines and lines[taken] > self._at_line[target] and other is not None:
                message = f"'{target}' is being imported itself, and has no '{taken}' yet: ImportError"
                start = other.offset(self._at_line[target], 1)
                line = other.text[start:].split("\n", 1)[0]
                related = (Related(Place(other, Span(start, start + len(line))), f"'{target}' is here then"),)
                help = f"import it inside of the function that uses it, or move '{taken}' to a module of its own"
                yield at(Place(source, found.place.span(source)), message, help=help, related=related)
                return

    def _source(self, name: str) -> Source | None:
        module = self._path.custom.module(name) if self._path.custom is not None else None
        if not isinstance(module, Module) or not module.file.endswith(".py") or self._path.owner(name) != "custom":
            return None
        return self._job.source(self._app.path("custom", module.file))

    def _is_package(self, name: str) -> bool:
        module = self._path.custom.module(name) if self._path.custom is not None else None
        return isinstance(module, Module) and module.is_package


def _bindings(text: str) -> dict[str, int]:
    """The names that a module surely binds at its top level only, and the first line of each."""
    code = parse_code(text)
    lines: dict[str, int] = {}
    if isinstance(code, SyntaxTrouble):
        return lines
    elsewhere = {node.id for node in code.nodes.each(ast.Name) if not isinstance(node.ctx, ast.Load)}
    for statement in code.tree.body:
        if isinstance(statement, (ast.ClassDef, ast.FunctionDef)) and statement.name not in elsewhere:
            lines.setdefault(statement.name, statement.lineno)
    imports: list[ast.Import | ast.ImportFrom] = [*code.nodes.each(ast.Import), *code.nodes.each(ast.ImportFrom)]
    imported = {alias.asname or alias.name for node in imports for alias in node.names}
    return {} if "*" in imported else {name: line for name, line in lines.items() if name not in imported}
