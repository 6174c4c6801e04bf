"""Silencing findings: by comments beside them, and by entries of the settings. Before any output sees a finding.

Whoever silences says which rule, at a place that is known by the value it is about (a line's own comment, a JSON
pointer), never by a line number or a message. A suppression that silences nothing is a finding itself.
"""

from __future__ import annotations

import os.path
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from fllint.comments import COMMENTS_OF_FORMAT, MARK, IgnoreComment, Language, ignore_comments
from fllint.documents.tree import Entry, Mapping, Node, Place, Sequence
from fllint.engine import MAX_FINDINGS
from fllint.findings import Finding, Problem
from fllint.job.files import Kind, UnreadableError
from fllint.job.model import Job
from fllint.registry import Rule, all_rules
from fllint.report import INTERNAL_ERROR, JobReport, Suppressed
from fllint.settings.model import Settings, SuppressionEntry, means
from fllint.suggest import bounded_effort, did_you_mean

UNUSED: Final = "FL090"
WITHOUT_REASON: Final = "FL091"
NEVER_SUPPRESSED: Final = (INTERNAL_ERROR, "FL001", "FL002", "FL004", UNUSED, WITHOUT_REASON)
"""A file that cannot be read, and fllint's own failure: then nothing else is known about the job."""


class _CommentedFile(Struct, frozen=True):
    """A file with comments that silence. ``reads`` says whether rules could look into it."""

    comments: tuple[IgnoreComment, ...]
    root: Node | None = None
    reads: bool = True


class _Stage(Struct):
    """One job on its way through suppression."""

    job: Job
    settings: Settings
    files: dict[str, _CommentedFile]
    used: set[Place] = field(default_factory=set)

    def suppressed(self, finding: Finding) -> Suppressed | None:
        """The finding with what silences it; None when nothing does."""
        if finding.code in NEVER_SUPPRESSED:
            return None
        place = finding.problem.place
        file = self.files.get(place.source.path)
        for comment in file.comments if file else ():
            if _is_about(comment, place, file.root if file else None):
                for word, where in comment.words:
                    if means(word, finding.code, finding.name):
                        self.used.add(where)
                        return Suppressed(finding, comment.place, comment.reason)
        for entry in self.settings.suppressions:
            if covers(entry, finding):
                return Suppressed(finding, entry.place, entry.reason)
        return None


def suppress(report: JobReport, job: Job, settings: Settings, rules: tuple[Rule, ...]) -> JobReport:
    """A job's report with its suppressed findings set aside, and findings about comments that silence nothing.

    Args:
        report: what the rules found.
        job: the job it is about, for its comments.
        settings: what holds for the job.
        rules: the rules that ran; what others might have found is not called unused.
    """
    stage = _Stage(job, settings, {path: file for path, file in _commented_files(job) if file.comments})
    if not stage.files and not settings.suppressions:
        return report
    kept: list[Finding] = []
    suppressed: list[Suppressed] = []
    for finding in report.findings:
        silenced = stage.suppressed(finding)
        if silenced:
            suppressed.append(silenced)
        else:
            kept.append(finding)
    with bounded_effort():
        kept += islice(_about_comments(stage, rules, bool(report.internal_errors)), MAX_FINDINGS)
    ordered = tuple(sorted(kept, key=lambda finding: finding.sort_key))
    return replace(report, findings=ordered, suppressed=tuple(suppressed))


def covers(entry: SuppressionEntry, finding: Finding) -> bool:
    """Whether an entry of the settings is about a finding."""
    place = finding.problem.place
    return (
        any(means(code, finding.code, finding.name) for code in entry.codes)
        and entry.covers_pointer(place.pointer)
        and entry.glob.matches(os.path.abspath(place.source.path))
    )


def _commented_files(job: Job) -> Iterator[tuple[str, _CommentedFile]]:
    for document in job.documents:
        language = COMMENTS_OF_FORMAT.get(document.format)
        if language:
            comments = ignore_comments(document.source, language)
            yield document.source.path, _CommentedFile(comments, document.root, document.root is not None)
    if job.script is not None and MARK in job.script.source.text:
        source = job.script.source
        yield source.path, _CommentedFile(ignore_comments(source, Language.PYTHON), reads=job.script.complete)
    for name, entry in job.files.entries.items():
        if name.endswith(".py") and entry.kind is Kind.FILE:
            yield from _commented_script(job, name)


def _commented_script(job: Job, name: str) -> Iterator[tuple[str, _CommentedFile]]:
    try:
        content = job.files.read_python(name)
    except UnreadableError:
        return
    source = job.source(name) if MARK.encode() in content else None
    if source:
        comments = ignore_comments(source, Language.PYTHON)
        yield source.path, _CommentedFile(comments, reads=bool(comments) and _is_python(source.text))


def _is_python(text: str) -> bool:
    from fllint.python.modules import parse

    try:
        parse(text)
    except SyntaxError:
        return False
    return True


def _is_about(comment: IgnoreComment, place: Place, root: Node | None) -> bool:
    """Whether a comment stands where it silences findings at a place. For a whole file that is its first line."""
    if not place.source.text:
        return comment.place.source.position(comment.place.span.start)[0] == 1
    return comment.line in _lines_about(place, root)


def _lines_about(place: Place, root: Node | None) -> set[int]:
    """The lines that comments about a place are about: its own first and last one, and the first one of each component
    (or other item of a list) that it lies in, with the line of that one's key."""
    source = place.source
    lines = {source.position(place.span.start)[0], source.position(max(place.span.start, place.span.end - 1))[0]}
    node, key, in_list = root, None, False
    for step in place.pointer.split("/")[1:] if root and root.source is source else ():
        if isinstance(node, Mapping) and (in_list or _is_component(node)):
            lines.add(source.position(node.span.start)[0])
            if key:
                lines.add(source.position(key.key_place.span.start)[0])
        key, in_list, node = _child(node, step)
    return lines


def _child(node: Node | None, step: str) -> tuple[Entry | None, bool, Node | None]:
    if isinstance(node, Sequence) and step.isdecimal() and int(step) < len(node.items):
        return None, True, node.items[int(step)]
    entry = node.entry(step.replace("~1", "/").replace("~0", "~")) if node else None
    return entry, False, entry.node if entry else None


def _is_component(node: Mapping) -> bool:
    return any(node.entry(key) for key in ("path", "class_path", "name"))


def _about_comments(stage: _Stage, rules: tuple[Rule, ...], failed: bool) -> Iterator[Finding]:
    """Findings about comments that silence nothing, and about those that give no reason."""
    own = {rule.code: rule for rule in rules if rule.code in (UNUSED, WITHOUT_REASON)}
    for file in stage.files.values():
        for comment in file.comments:
            for place, message, help in _mistakes(stage, comment, rules, file.reads and not failed):
                if UNUSED in own:
                    yield finding_of(own[UNUSED], place, message, help, stage.job.path)
            is_used = any(where in stage.used for _, where in comment.words)
            if is_used and not comment.reason and WITHOUT_REASON in own:
                message = "this comment silences a finding and gives no reason"
                help = "write why behind the bracket"
                yield finding_of(own[WITHOUT_REASON], comment.place, message, help, stage.job.path)


def _mistakes(
    stage: _Stage, comment: IgnoreComment, rules: tuple[Rule, ...], judged: bool
) -> Iterator[tuple[Place, str, str]]:
    if not comment.words:
        yield comment.place, "this comment silences nothing: it names no rule", "write # fllint: ignore[CODE] reason"
    for word, place in comment.words:
        if where_in_vain := in_vain(word):
            yield place, *where_in_vain
        elif judged and place not in stage.used and all_ran(word, rules):
            yield place, f"there is no finding of {word} here to silence", "remove it"


@lru_cache(maxsize=1024)
def in_vain(word: str) -> tuple[str, str] | None:
    """Why a word can never silence anything, with a help text; None for one that can."""
    meant = [rule for rule in all_rules() if means(word, rule.code, rule.name)]
    if not meant and word.upper() != INTERNAL_ERROR:
        return f"no rule is called {word}", _near(word)
    if all(rule.code in NEVER_SUPPRESSED for rule in meant):
        return f"findings of {word} cannot be silenced", "mend what it finds"
    return None


def unknown_word(word: str) -> str:
    """What to say of a word that means no rule; nothing for one that does."""
    if any(means(word, rule.code, rule.name) for rule in all_rules()) or word.upper() == INTERNAL_ERROR:
        return ""
    return f"no rule is called {word}; {_near(word)}"


def _near(word: str) -> str:
    names = [name for rule in all_rules() for name in (rule.code, rule.name)]
    return did_you_mean(word, names) or "`fllint rules` lists them"


def all_ran(word: str, rules: tuple[Rule, ...]) -> bool:
    """Whether every rule that a word means ran (preview rules only count when one is meant alone)."""
    ran = {rule.code for rule in rules}
    meant = [rule for rule in all_rules() if means(word, rule.code, rule.name)]
    return all(rule.code in ran or (rule.preview and len(meant) > 1) for rule in meant)


def finding_of(rule: Rule, place: Place, message: str, help: str, job: str) -> Finding:
    """A finding of a rule that has no inspection of its own."""
    return Finding(rule.code, rule.name, rule.severity, job, Problem(place, message, help))
