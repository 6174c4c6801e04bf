"""Scripts and modules in the graph: what executors run, what the job's Python files import, and which files nothing
uses."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from fllint.documents.tree import Place
from fllint.graph.classes import add_code_file
from fllint.graph.components import ConfigNodes
from fllint.graph.deployment import JOB, app_id
from fllint.graph.draft import Draft
from fllint.graph.vocabulary import EdgeKind, Mark, NodeKind
from fllint.job.files import Kind, UnreadableError
from fllint.job.model import App, Job
from fllint.python.foreign import is_stdlib
from fllint.review import Review
from fllint.scripts.runs import ScriptRun, script_runs
from fllint.scripts.script_text import CodeText, parse_code

MAX_SINGLE_FILES: Final = 8
"""More unused files than this in one folder are one node."""
MAX_MODULES: Final = 300
"""Python files of an app whose imports are followed."""
MAX_MENTIONS_BYTES: Final = 200_000
TEXT_SUFFIXES: Final = (".py", ".json", ".conf", ".yml", ".yaml", ".toml", ".cfg", ".ini", ".txt", ".sh", ".md")


def add_code(draft: Draft, review: Review, configs: tuple[ConfigNodes, ...]) -> None:
    """Adds the scripts that run, everything that the job's code imports from itself and from third parties, and the
    files that are left over."""
    nodes = {component: node for config in configs for component, node in config.ids.items()}
    for run in script_runs(review):
        if run.component in nodes:
            _add_script(draft, review, run, nodes[run.component])
    with_code = {node.app for node in draft.nodes.values() if node.id.startswith("code:")}
    for app in review.job.apps:
        if app.name in with_code:
            _add_imports(draft, review, app)
    _add_other_files(draft, review)


def _add_script(draft: Draft, review: Review, run: ScriptRun, component: str) -> None:
    text, place = run.written or ("", run.node.place)
    at_the_site = text.startswith("/")
    file = run.file or next(iter(run.candidates), None)
    if file is None and not text:
        return
    expected = run.app.path("custom", text) if run.argument.in_process else run.app.path(text)
    name = file or (text if at_the_site else expected)
    script = add_code_file(draft, review.job, run.app, name, NodeKind.SCRIPT)
    if file is None and not at_the_site:
        draft.mark(script, Mark.MISSING)
    draft.connect(component, script, EdgeKind.RUNS, run.argument.name, place)


def _add_imports(draft: Draft, review: Review, app: App) -> None:
    """Follows the imports of an app's files, beginning at its scripts and at the modules of its components' classes."""
    waiting = [node.id for node in draft.nodes.values() if node.app == app.name and node.id.startswith("code:")]
    seen: set[str] = set()
    while waiting and len(seen) < MAX_MODULES:
        node = waiting.pop(0)
        name = node.removeprefix("code:")
        if node in seen or Mark.MISSING in draft.nodes[node].marks:
            continue
        seen.add(node)
        source = review.job.source(name)
        code = parse_code(source.text) if source else None
        if source is None or not isinstance(code, CodeText):
            continue
        for dotted, statement in _imports(code, name, app):
            target = _imported(draft, review, app, dotted)
            if target and target != node:
                place = Place(source, code.place(statement).span(source))
                draft.connect(node, target, EdgeKind.IMPORTS, place=place)
                waiting.append(target)


def _imports(code: CodeText, name: str, app: App) -> Iterator[tuple[str, ast.stmt]]:
    """The modules that a file may import, by dotted names from ``custom/``; for ``from a import b`` both ``a`` and
    ``a.b``."""
    inside = name.removeprefix(app.path("custom") + "/").removesuffix(".py").removesuffix("/__init__")
    parts = inside.split("/")
    for statement in ast.walk(code.tree):
        if isinstance(statement, ast.Import):
            yield from ((alias.name, statement) for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            up = statement.level + (-1 if name.endswith("/__init__.py") else 0)
            package = parts[: len(parts) - up] if statement.level else []
            base = ".".join([*package, *([statement.module] if statement.module else [])])
            if base:
                yield base, statement
            yield from ((f"{base}.{alias.name}".lstrip("."), statement) for alias in statement.names)


def _imported(draft: Draft, review: Review, app: App, dotted: str) -> str | None:
    """The node of what an import finds: a file of the app's custom code, or a third-party package; None for the
    standard library, NVFlare, and names inside a module."""
    top = dotted.partition(".")[0]
    owner = review.python_path(app).owner(dotted)
    if owner == "custom":
        base = app.path("custom", *dotted.split("."))
        name = next((file for file in (f"{base}/__init__.py", f"{base}.py") if review.job.files.is_file(file)), None)
        return add_code_file(draft, review.job, app, name) if name else None
    if is_stdlib(top) or owner == "nvflare" or not top:
        return None
    return draft.add(f"package:{top}", NodeKind.PACKAGE, top) if owner != "stdlib" else None


def _add_other_files(draft: Draft, review: Review) -> None:
    """Adds the files that nothing led to, those of a folder as one node when they are many."""
    job = review.job
    known = {node.id.partition(":")[2] for node in draft.nodes.values() if node.id.startswith(("code:", "file:"))}
    known.update(config.name for app in job.apps for config in app.configs)
    owners = {app.folder: app for app in job.apps}
    folders: dict[str, list[str]] = {}
    for entry in job.files.entries.values():
        if entry.kind is Kind.FILE and entry.name not in known:
            folders.setdefault(entry.name.rpartition("/")[0], []).append(entry.name)
    left_over = [name for names in folders.values() for name in names]
    unused = {name for app in job.apps for name in _unused(job, app, left_over)}
    for folder, names in folders.items():
        app = owners.get(folder.partition("/")[0]) or owners.get("")
        rest = [name for name in names if name not in unused]
        many = len(rest) > MAX_SINGLE_FILES
        for name in names:
            if name in unused or not many:
                _add_file(draft, job, app, name, (Mark.UNUSED,) if name in unused else ())
        if many:
            _add_file(draft, job, app, folder, (), tuple(rest))


def _add_file(
    draft: Draft, job: Job, app: App | None, name: str, marks: tuple[Mark, ...], members: tuple[str, ...] = ()
) -> None:
    file = draft.add(
        f"file:{name}" if not members else f"files:{name}",
        NodeKind.FILE,
        f"{name}/".lstrip("/") + "…" if members else name,
        detail=f"{len(members):,} files" if members else "",
        app=app.name if app else "",
        place=job.file_place(name),
        marks=marks,
        members=members,
    )
    for owned in members or (name,):
        draft.own(owned, "", file)
    draft.connect(app_id(app) if app else JOB, file, EdgeKind.CONTAINS)


def _unused(job: Job, app: App, names: list[str]) -> set[str]:
    """The Python files below ``custom/`` of an app that surely nothing uses: no other text of the app has their name as
    a word. Nothing is sure about an app that no site gets."""
    inside = app.path("custom") + "/"
    stems = {name: name.rpartition("/")[2].removesuffix(".py") for name in names if name.endswith(".py")}
    asked = {
        name: stem
        for name, stem in stems.items()
        if name.startswith(inside) and stem.isidentifier() and not stem.startswith("__")
    }
    if not asked or not app.configs:
        return set()
    texts = Counter[str]()
    own: dict[str, set[str]] = {}
    for name, words in _words_of(job, app):
        texts.update(words)
        own[name] = words if name in asked else set()
    return {name for name, stem in asked.items() if texts[stem] == int(stem in own.get(name, ()))}


def _words_of(job: Job, app: App) -> Iterator[tuple[str, set[str]]]:
    """The words of each text of an app."""
    for entry in job.files.below(app.folder):
        small = entry.kind is Kind.FILE and entry.size <= MAX_MENTIONS_BYTES
        if small and entry.name.endswith(TEXT_SUFFIXES):
            try:
                text = job.files.read(entry.name).decode("utf-8", "replace")
            except UnreadableError:
                continue
            yield entry.name, set(re.findall(r"\w+", text))
