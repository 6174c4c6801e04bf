"""Fixing one job: fixes are applied round by round, and the job is checked after each, until no fix is left."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from msgspec import Struct, field

from fllint.checking import Assignment, check_assignment
from fllint.documents.tree import Source
from fllint.findings import Edit, Finding, Fix
from fllint.fixing.edited_files import EditedFiles, FileChange
from fllint.fixing.harm import harm, reads, stays
from fllint.report import JobReport

MAX_ROUNDS: Final = 10
MAX_EDITS: Final = 500
"""How many edits are made in one round; comparing them with each other takes their square."""
MAX_ALONE: Final = 100
"""How many fixes are tried one by one in a job where not all of them go together."""

Choose: TypeAlias = Callable[[JobReport], Iterable[Finding]]


class NotFixed(Struct, frozen=True):
    """A finding whose fix was left out, and why: a sentence about the file or the fix."""

    finding: Finding
    why: str


class FixedJob(Struct, frozen=True):
    """What became of a job: its report as it is with the fixes, the files that change, what was fixed, and which fixes
    were left out."""

    report: JobReport
    changes: tuple[FileChange, ...] = ()
    fixed: tuple[Finding, ...] = ()
    not_fixed: tuple[NotFixed, ...] = ()


def fix_job(assignment: Assignment, report: JobReport, choose: Choose) -> FixedJob:
    """Fixes a job in memory. Raises `fllint.job.discovery.PathError` for a zip that is none.

    Args:
        assignment: the job and how it is checked.
        report: its report as it is.
        choose: which findings of a report may be fixed.
    """
    rounds = _Rounds(assignment, choose, report, EditedFiles(assignment.location.open()))
    rounds.run()
    return FixedJob(rounds.report, rounds.files.changes, tuple(rounds.fixed), tuple(rounds.not_fixed.values()))


class _Rounds(Struct):
    assignment: Assignment
    choose: Choose
    report: JobReport
    files: EditedFiles
    fixed: list[Finding] = field(default_factory=list)
    not_fixed: dict[_Key, NotFixed] = field(default_factory=dict)
    seen: list[dict[str, bytes]] = field(default_factory=lambda: [{}])
    """The contents of each round, so that fixes which undo each other are noticed."""

    def run(self) -> None:
        for _ in range(MAX_ROUNDS):
            batch = self._batch()
            if not batch:
                return
            if len(batch) == 1 or self._trouble(batch):
                self._one_by_one()
        for finding in self._batch()[:1]:
            self._leave_out(finding, f"this and more was still to be fixed after {MAX_ROUNDS} rounds; run fllint again")

    def _one_by_one(self) -> None:
        """Each fix alone, and what it uncovers, until none is left: one that does harm must not hold up the others."""
        for _ in range(MAX_ALONE):
            finding = next(iter(self._batch()), None)
            if finding is None:
                return
            trouble = self._trouble([finding])
            if trouble:
                self._leave_out(finding, trouble)

    def _batch(self) -> list[Finding]:
        """The findings to fix next: in order of their place, without those whose edits overlap."""
        batch: list[Finding] = []
        taken: list[Edit] = []
        refusals: dict[Source, str] = {}
        for finding in sorted(self.choose(self.report), key=lambda finding: finding.sort_key):
            edits = _fix(finding).edits
            if _key(finding) in self.not_fixed or not edits:
                continue
            for source in {edit.place.source for edit in edits} - refusals.keys():
                refusals[source] = self.files.refusal(source)
            refused = next((why for edit in edits if (why := refusals[edit.place.source])), "")
            if refused:
                self._leave_out(finding, f"the file {refused}")
            elif all(_same(edit, other) or not _overlap(edit, other) for edit in edits for other in taken):
                taken += edits
                batch.append(finding)
            if len(taken) > MAX_EDITS:
                break
        return batch

    def _leave_out(self, finding: Finding, why: str) -> None:
        self.not_fixed[_key(finding)] = NotFixed(finding, why)

    def _trouble(self, batch: list[Finding]) -> str:
        """Applies fixes, and says what is wrong with the outcome; when nothing is, it counts."""
        edits = _once(edit for finding in batch for edit in _fix(finding).edits)
        files = self.files.edited(edits)
        if files.contents in self.seen:
            return "it undoes another fix"
        if any(reads(name, self.files) and not reads(name, files) for name in set(map(_file, edits))):
            return "the file could not be read any more"
        report = check_assignment(self.assignment, files)
        trouble = stays(batch, edits, report) or harm(batch, self.report, report)
        if not trouble:
            self.fixed += batch
            self.report, self.files = report, files
            self.seen.append(files.contents)
        return trouble


_Key: TypeAlias = "tuple[str, str, str, str]"


def _key(finding: Finding) -> _Key:
    place = finding.problem.place
    return finding.code, place.source.path, place.pointer, finding.problem.message


def _fix(finding: Finding) -> Fix:
    assert finding.problem.fix is not None
    return finding.problem.fix


def _once(edits: Iterable[Edit]) -> list[Edit]:
    """Edits without those that another finding wants just so, in a file that was read twice, say."""
    kept: list[Edit] = []
    for edit in edits:
        if not any(_same(edit, other) for other in kept):
            kept.append(edit)
    return kept


def _same(edit: Edit, other: Edit) -> bool:
    return edit.text == other.text and edit.place.span == other.place.span and _file(edit) == _file(other)


def _file(edit: Edit) -> str:
    return edit.place.source.name


def _overlap(edit: Edit, other: Edit) -> bool:
    """Whether two edits touch the same text; an insertion touches what it borders on."""
    if _file(edit) != _file(other):
        return False
    (start, end), (other_start, other_end) = edit.place.span, other.place.span
    if start == end or other_start == other_end:
        return start <= other_end and other_start <= end
    return start < other_end and other_start < end
