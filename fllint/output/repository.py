"""Paths as services that show a repository want them: relative to its root, wherever fllint was started."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from msgspec import Struct

from fllint.documents.tree import Place
from fllint.output.characters import valid_unicode


class Repository(Struct, frozen=True):
    """The repository around the working directory; without one, the working directory stands for its root."""

    root: str

    def path(self, place: Place) -> str:
        """A file's path from the root; absolute for a file outside."""
        absolute = os.path.abspath(place.source.path)
        inside = absolute.startswith(f"{self.root.rstrip(os.sep)}{os.sep}")
        return valid_unicode(Path(os.path.relpath(absolute, self.root) if inside else absolute).as_posix())

    def uri(self, place: Place) -> str:
        """`path` as a URI reference; a file URI for a file outside."""
        path = self.path(place)
        encoded = quote(path, safe="/-._~!$&'()*+,;=@")
        return f"file://{encoded}" if path.startswith("/") else encoded


def repository_here() -> Repository:
    """The repository (a folder with ``.git``) that the working directory lies in."""
    here = os.getcwd()
    folder = here
    while not os.path.exists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return Repository(here)
        folder = parent
    return Repository(folder)
