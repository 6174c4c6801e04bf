"""Included HOCON files: which are read, and what they add. No network, nothing outside the folder of the file."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

from fllint.documents.decoding import decoded
from fllint.documents.document import DocumentProblem, Format, Trouble
from fllint.documents.hocon_merge import Merger, MixedError, ObjectDraft
from fllint.documents.hocon_scan import scan_hocon
from fllint.documents.hocon_syntax import Include, ObjectLiteral
from fllint.documents.hocon_tabs import Untabbed
from fllint.documents.limits import MAX_BYTES, RefusedError
from fllint.documents.tree import Place, Source

_MAX_FILES = 50


class Includes:
    """Follows the includes of one document.

    ``problems`` are those that are not fatal, ``fatal`` is the first that is. ``words`` counts what pyhocon will have
    to read because of them.
    """

    def __init__(self, untabbed: Untabbed, read: Callable[[str], bytes | None] | None) -> None:
        self.problems: list[DocumentProblem] = []
        self.fatal: DocumentProblem | None = None
        self.words = 0
        self._untabbed = untabbed
        self._read = read or (lambda path: None)
        self._texts: dict[str, str | None] = {}
        self._folders = {id(untabbed.shadow): ""}
        self._active: list[str] = []
        self._main = untabbed.shadow

    def text(self, path: str) -> str | None:
        """The text of a file that was included, by its path relative to the folder of the document."""
        return self._texts.get(posixpath.normpath(path))

    def include(self, source: Source, include: Include, target: ObjectDraft) -> None:
        """Merges the members of an included file into an object, when the file may be read and is there."""
        place = Place(source, include.span)
        written = source.text[include.target.start : include.target.end]
        path = posixpath.normpath(posixpath.join(self._folders[id(source)], written))
        refused = _refusal(include.kind, written, path)
        if refused:
            self._note(Trouble.INCLUDE, place, f"fllint does not follow this include: {refused}.", "include outside")
            return
        if path in self._active:
            self._fail(place, "This file includes itself, which pyhocon follows until it fails.", "include cycle")
            return
        if len(self._texts) >= _MAX_FILES or len(self._active) > 10:
            self._fail(place, "More includes than fllint follows.", "too many includes")
            return
        found = self._read(path)
        if found is None:
            self._texts[path] = None
            if include.required:
                self._fail(place, f"The required file {written!r} is not there.", "missing include")
                return
            message = f"The file {written!r} is not there, and NVFlare silently goes on without it."
            self._note(Trouble.SURPRISE, place, message, "missing include")
            return
        self._merge(found, path, place, target)

    def _merge(self, found: bytes, path: str, place: Place, target: ObjectDraft) -> None:
        folder = posixpath.dirname
        main = self._main
        name = posixpath.join(folder(main.name), path)
        shown = posixpath.join(folder(main.path), path)
        source, problem = decoded(found[:MAX_BYTES], path=shown, name=name, format=Format.HOCON)
        if problem or len(found) > MAX_BYTES:
            self.fatal = self.fatal or problem
            if problem is None:
                self._fail(place, f"The file has more than {MAX_BYTES} bytes.", "too large")
            return
        shadow = self._untabbed.expanded(source)
        self._texts[path] = source.text
        self.words += len(re.findall(r"[^\s,]+|[\n,]+", source.text))
        self._folders[id(shadow)] = folder(path)
        syntax = scan_hocon(shadow.text)
        merger = Merger(shadow, shadow.text, self.include)
        self._active.append(path)
        try:
            if syntax.error is not None:
                from fllint.documents.hocon_causes import explain

                self.fatal = self.fatal or explain(shadow, syntax)
            if isinstance(syntax.root, ObjectLiteral):
                merger.members(target, syntax.root.members)
            else:
                self._fail(place, "The included file is a list, not an object.", "include of a list")
        except (MixedError, RefusedError) as error:
            self.fatal = self.fatal or error.problem
        finally:
            self._active.pop()
        self.problems.extend(merger.problems)

    def _note(self, trouble: Trouble, place: Place, message: str, cause: str) -> None:
        self.problems.append(DocumentProblem(trouble, place, message, cause=cause, fatal=False))

    def _fail(self, place: Place, message: str, cause: str) -> None:
        self.fatal = self.fatal or DocumentProblem(Trouble.INCLUDE, place, message, cause=cause)


def _refusal(kind: str, written: str, path: str) -> str:
    """Why an include is not followed; empty when it is."""
    if kind == "url" or re.match(r"(?:https?|file)://", written):
        return "it leads to a URL"
    if kind == "package":
        return "it leads to an installed package"
    if posixpath.isabs(path) or re.match(r"[A-Za-z]:|\\", written):
        return "its path is absolute"
    if path == ".." or path.startswith("../"):
        return "it leads out of the folder of the configuration"
    if "*" in written or "?" in written:
        return "it names several files"
    return ""
