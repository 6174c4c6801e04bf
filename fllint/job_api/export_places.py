"""From places in an exported job back to the lines of the script that made what stands there."""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from msgspec import Struct, field
from msgspec.structs import replace

from fllint.documents.tree import Place, Source, Span
from fllint.findings import Finding, Problem, Related
from fllint.job.discovery import shown_path
from fllint.job.files import MAX_PYTHON_BYTES
from fllint.job_api.export import CodeLine, ExportedJob, Origin
from fllint.scripts.script_text import CodeText, parse_code

NOTHING: Final = object()
OTHER_NAMES: Final = {
    "task_script_path": ("script", "train_script"),
    "task_script_args": ("script_args", "train_args"),
    "script": ("train_script",),
}
"""Arguments of executors, and what `ScriptRunner` and recipes call them (nvflare/job_config/script_runner.py, 2.5 to
2.9; nvflare/recipe/fedavg.py, since 2.7)."""
MAX_SOURCES: Final = 5_000
"""How many files beside the script are compared with the exported ones."""


class ScriptSources:
    """The script's own files: their texts, their syntax trees, and places in them."""

    def __init__(self, script: Path) -> None:
        self.script = script
        self._sources: dict[str, Source | None] = {}
        self._codes: dict[str, CodeText | None] = {}

    def source(self, file: str) -> Source | None:
        """The text of a file; None when it cannot be read."""
        if file not in self._sources:
            try:
                with open(file, "rb") as opened:
                    text = opened.read(MAX_PYTHON_BYTES).decode("utf-8", "replace").removeprefix("\ufeff")
            except (OSError, ValueError):
                self._sources[file] = None
            else:
                self._sources[file] = Source(shown_path(Path(file)), os.path.basename(file), text)
        return self._sources[file]

    def _code(self, file: str) -> CodeText | None:
        if file not in self._codes:
            source = self.source(file)
            parsed = parse_code(source.text) if source else None
            self._codes[file] = parsed if isinstance(parsed, CodeText) else None
        return self._codes[file]

    @property
    def whole(self) -> Place:
        """The script itself."""
        source = self.source(str(self.script))
        return Place(source or Source(shown_path(self.script), self.script.name, ""), Span(0, 0))

    def line(self, where: CodeLine) -> Place | None:
        """A line without its indentation."""
        source = self.source(where.file)
        if source is None:
            return None
        text = source.line(where.line)
        start = source.offset(where.line, len(text) - len(text.lstrip()) + 1)
        return Place(source, Span(start, start + len(text.strip())))

    def word(self, where: CodeLine, words: Iterable[str]) -> Place | None:
        """The first of some words that stands in a line, or in the call that the line begins; else the line."""
        line = self.line(where)
        call = self.call(where)
        reach = self.node(where, call) if call else None
        for place in [each for each in (line, reach) if each]:
            text = place.source.text[place.span.start : place.span.end]
            for word in words:
                found = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) if word else None
                if found:
                    return Place(place.source, place.span.part(*found.span()))
        return line

    def call(self, where: CodeLine, name: str = "") -> ast.Call | None:
        """The call that a line belongs to: the one of a class or function of this name, else the outermost one that
        begins nearest."""
        code = self._code(where.file)
        if code is None:
            return None
        calls = [
            node for node in code.nodes.each(ast.Call) if node.lineno <= where.line <= (node.end_lineno or node.lineno)
        ]
        named = [call for call in calls if name and _name(call.func) == name]
        nearest = max((call.lineno for call in calls), default=0)
        found = named or [call for call in calls if call.lineno == nearest]
        return max(found, key=lambda call: ((call.end_lineno or 0), (call.end_col_offset or 0)), default=None)

    def node(self, where: CodeLine, node: ast.expr) -> Place | None:
        """The place of an expression in a line's file."""
        source, code = self.source(where.file), self._code(where.file)
        return Place(source, code.place(node).span(source)) if source and code else None

    def beside(self) -> Iterator[Path]:
        """The files in the script's folder and below."""
        number = 0
        for folder, folders, names in os.walk(self.script.parent):
            folders[:] = sorted(each for each in folders if not each.startswith(".") and each != "__pycache__")
            for name in sorted(names):
                number += 1
                if number > MAX_SOURCES:
                    return
                yield Path(folder, name)


class ExportPlaces(Struct, frozen=True):
    """Places of one exported job, in the script's own code."""

    job: ExportedJob
    sources: ScriptSources
    _originals: dict[str, Source | None] = field(default_factory=dict)

    def finding(self, finding: Finding, shown: str) -> Finding:
        """A finding about the exported job as one about the script. ``shown`` is how the script is called."""
        problem = finding.problem
        place, exact = self.place(problem.place)
        related = tuple(Related(self.place(each.place)[0], each.message) for each in problem.related)
        if not exact:
            related = (*related, Related(problem.place, "here in the exported job"))
        moved = Problem(place, problem.message, problem.help, related, problem.severity)
        return replace(finding, job=shown, problem=moved)

    def place(self, place: Place) -> tuple[Place, bool]:
        """Where in the script a place of the exported job comes from, and whether that is the very thing. What comes
        from nowhere in particular is where the job is made."""
        original = self._original(place.source)
        if original is not None:
            return Place(original, place.span), True
        parts = self.job.origins.get(place.source.name, {})
        pointer = place.pointer
        while pointer and pointer not in parts:
            pointer = pointer.rpartition("/")[0]
        origin = parts.get(pointer)
        found = self._of_part(origin, place, place.pointer[len(pointer) :]) if origin else None
        if found is not None:
            return found
        job = self.job.origins.get("meta.json", {}).get("")
        lines = (job.made if job else ()) or self.job.lines
        return (self._callee(lines[0], job.class_name if job else "") if lines else None) or self.sources.whole, False

    def _of_part(self, origin: Origin, place: Place, rest: str) -> tuple[Place, bool] | None:
        """In the calls that made and added a part: the argument that is meant, else what is called."""
        names = [_unescaped(part) for part in rest.split("/") if part]
        value = value_at(place.source.text, place.pointer)
        pointed_at = place.source.text[place.span.start : place.span.end].strip('"')
        lines = [lines[0] for lines in (origin.made, origin.added) if lines]
        for line in lines:
            call = self.sources.call(line, origin.class_name)
            argument = _argument(call, names, value, pointed_at) if call else None
            found = self.sources.node(line, argument) if argument else None
            if found:
                return found, True
        callee = self._callee(lines[0], origin.class_name) if lines else None
        return (callee, names in ([], ["path"], ["name"])) if callee else None

    def _callee(self, line: CodeLine, name: str) -> Place | None:
        call = self.sources.call(line, name)
        return (self.sources.node(line, call.func) if call else None) or self.sources.line(line)

    def _original(self, exported: Source) -> Source | None:
        """The script's own file that an exported one is a copy of."""
        parts = exported.name.split("/")
        if len(parts) < 3 or parts[1] != "custom" or not exported.text:
            return None
        if exported.name not in self._originals:
            self._originals[exported.name] = self._search(exported, parts[2:])
        return self._originals[exported.name]

    def _search(self, exported: Source, parts: list[str]) -> Source | None:
        named = [path for path in self.sources.beside() if path.name == parts[-1]]
        named.sort(key=lambda path: path.parts[-len(parts) :] != tuple(parts))
        candidates = (self.sources.source(str(path)) for path in named)
        return next((each for each in candidates if each and each.text == exported.text), None)


def value_at(text: str, pointer: str) -> object:
    """The value at a JSON pointer of an exported config; `NOTHING` where there is none."""
    try:
        value: Any = json.loads(text)
        for part in pointer.split("/")[1:]:
            value = value[int(part)] if isinstance(value, list) else value[_unescaped(part)]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return NOTHING
    return value


def _argument(call: ast.Call, names: list[str], value: object, pointed_at: str) -> ast.expr | None:
    """The argument of a call that a value comes from: the only one with the text that is pointed at, or this very
    value; else the one of its name."""
    by_name = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    constants = [each for each in (*call.args, *by_name.values()) if isinstance(each, ast.Constant)]
    if isinstance(value, str) and names[:1] == ["args"]:
        having = [each for each in constants if isinstance(each.value, str) and pointed_at in each.value.split()]
        if len(having) == 1:
            return having[0]
    named = next(
        (by_name[each] for name in names for each in (name, *OTHER_NAMES.get(name, ())) if each in by_name), None
    )
    if named is not None or not isinstance(value, str | int | float) or isinstance(value, bool):
        return named
    same = [each for each in constants if each.value == value and isinstance(each.value, type(value))]
    return same[0] if len(same) == 1 else None


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _unescaped(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")
