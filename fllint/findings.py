"""What rules say: problems, and the findings that the engine makes of them."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from fllint.documents.tree import Place


class Severity(str, Enum):
    """How bad a finding is.

    ``ERROR``: NVFlare refuses the job, a site cannot start, the run aborts or hangs, or the result is silently wrong.
    ``WARNING``: likely wrong, or wrong on some sites. ``INFO``: worth knowing.
    """

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return ("error", "warning", "info").index(self.value)


class Related(Struct, frozen=True):
    """Another place that a finding is about, and what is there."""

    place: Place
    message: str


class Edit(Struct, frozen=True):
    """A replacement of a span of a file by a text."""

    place: Place
    text: str


class Fix(Struct, frozen=True):
    """Edits that remove a finding. ``safe`` means that the job's behaviour can only become what was meant."""

    message: str
    edits: tuple[Edit, ...]
    safe: bool = True


class Problem(Struct, frozen=True):
    """What a rule yields: where, what, and what to write instead. ``severity`` overrides the rule's own."""

    place: Place
    message: str
    help: str = ""
    related: tuple[Related, ...] = ()
    severity: Severity | None = None
    fix: Fix | None = None


class NotChecked(Struct, frozen=True):
    """Something that could not be judged, and why; counted in the summary."""

    what: str
    why: str


class Finding(Struct, frozen=True):
    """A problem with its rule."""

    code: str
    name: str
    severity: Severity
    job: str
    problem: Problem

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Deterministic order: path, line, column, code, message."""
        source = self.problem.place.source
        line, column = source.position(self.problem.place.span.start)
        return source.path, line, column, self.code, self.problem.message
