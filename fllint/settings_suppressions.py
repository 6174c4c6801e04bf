"""Entries of ``suppressions`` in the settings that silence nothing or give no reason: known only at the end of a
run."""

from __future__ import annotations

import os.path
from collections.abc import Iterator

from fllint.documents.tree import Place
from fllint.findings import Finding
from fllint.registry import Rule
from fllint.report import JobReport
from fllint.settings.model import Glob, SuppressionEntry
from fllint.suppression import UNUSED, WITHOUT_REASON, all_ran, finding_of, in_vain


def findings_about_entries(
    entries: tuple[SuppressionEntry, ...], rules: tuple[Rule, ...], paths: tuple[str, ...], reports: list[JobReport]
) -> Iterator[Finding]:
    """Findings about entries of one settings file (and those that it extends).

    Args:
        entries: the entries that held for some job of the run.
        rules: the rules that ran on those jobs.
        paths: the paths of the run; they say whether a pattern that found nothing has seen all that it means.
        reports: what came of all jobs.
    """
    own = {rule.code: rule for rule in rules if rule.code in (UNUSED, WITHOUT_REASON)}
    used = {_key(suppressed.by) for report in reports for suppressed in report.suppressed}
    for entry in entries:
        if _key(entry.place) in used:
            if not entry.reason and WITHOUT_REASON in own:
                message = "this entry silences a finding and gives no reason"
                yield finding_of(own[WITHOUT_REASON], entry.place, message, 'add reason = "…"', "")
        elif UNUSED in own:
            mistake = _mistake(entry, rules, paths, reports)
            if mistake:
                yield finding_of(own[UNUSED], entry.place, *mistake, "")


def _mistake(
    entry: SuppressionEntry, rules: tuple[Rule, ...], paths: tuple[str, ...], reports: list[JobReport]
) -> tuple[str, str] | None:
    for word in entry.codes:
        vain = in_vain(word)
        if vain:
            return vain
    failed = any(report.internal_errors for report in reports)
    if failed or not all(all_ran(word, rules) for word in entry.codes) or not _has_seen(entry.glob, paths, reports):
        return None
    there = f" at {entry.pointer}" if entry.pointer else ""
    return f"no finding of {', '.join(entry.codes)} in {entry.glob.pattern}{there} to silence", "remove the entry"


def _has_seen(glob: Glob, paths: tuple[str, ...], reports: list[JobReport]) -> bool:
    """Whether a run has checked everything that a pattern can mean: the job that it lies in, or the settings' whole
    folder."""
    if any(f"{glob.folder}/".startswith(f"{os.path.abspath(path)}/") for path in paths):
        return True
    meant = os.path.normpath(os.path.join(glob.folder, glob.pattern.strip("/")))
    roots = (os.path.abspath(report.path) for report in reports)
    return glob.is_literal and "/" in glob.pattern and any(f"{meant}/".startswith(f"{root}/") for root in roots)


def _key(place: Place) -> tuple[str, int]:
    return place.source.path, place.span.start
