"""On which NVFlare releases a job loads."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from fllint.catalogue.releases import RELEASES
from fllint.engine import check_files
from fllint.findings import Finding, Severity
from fllint.job.files import JobFiles
from fllint.registry import Rule, all_rules
from fllint.surroundings import Surroundings

LOADING_FAMILIES: Final = ("FL0", "FL1", "FL2", "FL4", "FL5", "FL6")
"""The rules that speak of what keeps a job from loading; the others speak of how it runs."""


class Compatibility(Struct, frozen=True):
    """Whether one release loads a job: it does when there are no ``reasons`` (errors)."""

    release: str
    reasons: tuple[Finding, ...]

    @property
    def loads(self) -> bool:
        return not self.reasons


def compatibility(files: JobFiles, surroundings: Surroundings) -> tuple[Compatibility, ...]:
    """The verdict of every known release, oldest first."""
    rules = [rule for rule in all_rules() if _speaks_of_loading(rule)]
    return tuple(_of_release(files, release, rules, surroundings) for release in RELEASES)


def _speaks_of_loading(rule: Rule) -> bool:
    return rule.code.startswith(LOADING_FAMILIES) and not rule.preview


def _of_release(files: JobFiles, release: str, rules: list[Rule], surroundings: Surroundings) -> Compatibility:
    report = check_files(files, release, rules, surroundings)
    return Compatibility(release, tuple(found for found in report.findings if found.severity is Severity.ERROR))
