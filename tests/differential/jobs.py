"""Jobs in code: a Job holds value trees and source texts, and can be written as JSON, HOCON or YAML.

A Job is a draft: faults change it in place (on a copy, see faults). Its documents are named ``meta`` and
``<app>/server``, ``<app>/client``; ``edits`` change a document's text after it was rendered, for faults of syntax.
The sound jobs themselves are in sound_jobs.py.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.differential.rendering import RENDERERS, SUFFIXES

Text = str | bytes
Edit = Callable[[str], Text]


@dataclass
class App:
    """One app: its two configs (None: no such file) and the files under ``custom/`` (None: no such folder)."""

    server: Any = None
    client: Any = None
    custom: dict[str, str] | None = None


@dataclass
class Job:
    """One job folder: what is in it, and how it departs from what rendering gives.

    Attributes:
        name: the folder's name.
        meta: the value tree of the meta file; None for a job without one.
        apps: app folders by name.
        edits: text edits by document name, applied in order.
        files: further files by path; None removes a file that rendering wrote.
        links: symbolic links by path; what was there is moved away first (to ``<target>``, when that does not exist).
        renames: files or folders to rename at the end, old path to new.
        suffixes: suffix by document name, where it is not the format's own.
    """

    name: str
    meta: Any
    apps: dict[str, App]
    edits: dict[str, list[Edit]] = field(default_factory=dict)
    files: dict[str, Text | None] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    renames: dict[str, str] = field(default_factory=dict)
    suffixes: dict[str, str] = field(default_factory=dict)

    def copy(self) -> Job:
        """A deep copy, to change."""
        return copy.deepcopy(self)

    def documents(self) -> Iterator[tuple[str, str, Any]]:
        """Each document's name, its path without suffix, and its value tree."""
        if self.meta is not None:
            yield "meta", "meta", self.meta
        for name, app in self.apps.items():
            for side, tree in (("server", app.server), ("client", app.client)):
                if tree is not None:
                    yield f"{name}/{side}", f"{name}/config/config_fed_{side}", tree

    def edit(self, document: str, *edits: Edit) -> None:
        """Adds edits of one document's text."""
        self.edits.setdefault(document, []).extend(edits)

    @property
    def server_app(self) -> str:
        """The name of the first app with a server config."""
        return next(name for name, app in self.apps.items() if app.server is not None)

    @property
    def client_app(self) -> str:
        """The name of the first app with a client config."""
        return next(name for name, app in self.apps.items() if app.client is not None)

    @property
    def server(self) -> Any:
        """The first server config."""
        return self.apps[self.server_app].server

    @property
    def client(self) -> Any:
        """The first client config."""
        return self.apps[self.client_app].client

    @property
    def workflow(self) -> Any:
        """The first workflow."""
        return self.server["workflows"][0]

    @property
    def executor(self) -> Any:
        """The component of the first executor entry."""
        return self.client["executors"][0]["executor"]

    def component(self, component_id: str) -> Any:
        """A component of the first server config, by its id."""
        return next(each for each in self.server["components"] if each["id"] == component_id)


def write(job: Job, parent: Path, file_format: str) -> Path:
    """Writes a job in one format ("json", "conf" or "yml") under *parent*, and gives its folder."""
    folder = parent / job.name
    for name, app in job.apps.items():
        (folder / name / "config").mkdir(parents=True, exist_ok=True)
        if app.custom is not None:
            (folder / name / "custom").mkdir(exist_ok=True)
            for path, source in app.custom.items():
                put(folder / name / "custom" / path, source)
    for document, stem, tree in job.documents():
        text: Text = RENDERERS[file_format](tree)
        for edit in job.edits.get(document, ()):
            text = edit(text if isinstance(text, str) else text.decode())
        put(folder / (stem + job.suffixes.get(document, SUFFIXES[file_format])), text)
    for path, content in job.files.items():
        if content is None:
            for existing in folder.glob(path):
                existing.unlink()
        else:
            put(folder / path, content)
    for old, new in job.renames.items():
        for existing in folder.glob(old):
            (folder / new).parent.mkdir(parents=True, exist_ok=True)
            existing.rename(folder / new)
    for path, target in job.links.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        os.symlink(target, folder / path)
    return folder


def put(path: Path, content: Text) -> None:
    """Writes one file and the folders it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
