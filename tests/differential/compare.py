"""NVFlare against fllint: an agreement table, and every disagreement.

    python tests/differential/compare.py [--releases 2.5,2.9] [--generated N] [--seed S] [--faults PATTERN]

Compares on every single fault, and on N generated jobs of several faults. Known disagreements, with reasons, are in
explained.toml. The exit status is 1 when there is an unexplained one.
"""

from __future__ import annotations

import argparse
import fnmatch
import importlib
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.differential.cases import Case, generated_cases, single_faults, sound_cases, write_cases
from tests.differential.judges import AT_ONCE, RELEASES, existing_judges
from tests.differential.opinions import Opinion, RememberingJudge, fllint_opinion, messages
from tests.differential.rendering import FORMATS

TOML: Any = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
EXPLAINED = Path(__file__).with_name("explained.toml")


@dataclass(frozen=True)
class Comparison:
    """Both opinions of one case under one release.

    Attributes:
        case: the job.
        release: the NVFlare release.
        verdict: the judge's: "accepts", "refuses" or "unknown".
        message: why it refuses, or cannot tell.
        opinion: fllint's.
    """

    case: Case
    release: str
    verdict: str
    message: str
    opinion: Opinion

    @property
    def agrees(self) -> bool:
        """Whether the two are compatible: a job that is refused has an error, one that is accepted has none.

        A silent fault that is accepted may have an error or not; an unknown verdict agrees with everything.
        """
        says = self.opinion.says
        if says == "crash":
            return False
        if self.verdict == "refuses":
            return says in ("error", "no job")
        return self.verdict == "unknown" or self.case.silent or says in ("quiet", "later")

    def described(self) -> str:
        """The disagreement in a few lines."""
        found = (*self.opinion.errors, *self.opinion.warnings) or (self.opinion.complaint or "no finding",)
        lines = [f"{self.case.name} with {self.release}: NVFlare {self.verdict}, fllint {self.opinion.says}"]
        lines += [f"    NVFlare: {self.message}"] if self.message else []
        return "\n".join([*lines, *(f"    fllint: {one}" for one in found)])


def compare(cases: Iterable[Case], releases: Sequence[str]) -> Iterator[Comparison]:
    """Both opinions of each case under each of its releases, some hundred cases at a time.

    The judges of all releases work while fllint gives its opinion in this process.
    """
    waiting = iter(cases)
    with ExitStack() as stack:
        judges = {release: stack.enter_context(closing(RememberingJudge(release))) for release in releases}
        while batch := list(islice(waiting, AT_ONCE)):
            with TemporaryDirectory(prefix="differential-") as folder:
                yield from _compared(write_cases(batch, Path(folder)), judges)


def _compared(places: Mapping[Case, Path], judges: Mapping[str, RememberingJudge]) -> Iterator[Comparison]:
    chosen = {release: [case for case in places if release in case.releases] for release in judges}
    keys = {release: judge.send([places[case] for case in chosen[release]]) for release, judge in judges.items()}
    opinions = {
        (case, release): fllint_opinion(places[case], release) for release in judges for case in chosen[release]
    }
    for release, judge in judges.items():
        for case, verdict in zip(chosen[release], judge.verdicts(keys[release]), strict=True):
            yield Comparison(case, release, verdict["verdict"], messages(verdict), opinions[case, release])


def explanations() -> list[Mapping[str, Any]]:
    """The entries of explained.toml."""
    entries: list[Mapping[str, Any]] = TOML.loads(EXPLAINED.read_text(encoding="utf-8")).get("explained", [])
    return entries


def explanation(comparison: Comparison, entries: Iterable[Mapping[str, Any]]) -> str | None:
    """The reason that explained.toml gives for a disagreement; None when it has none."""
    for entry in entries:
        if (
            comparison.verdict == entry["verdict"]
            and comparison.release in entry.get("releases", [comparison.release])
            and comparison.case.file_format in entry.get("formats", [comparison.case.file_format])
            and (comparison.opinion.warnings or not entry.get("warned", False))
            and any(fnmatch.fnmatchcase(fault, name) for fault in comparison.case.faults for name in entry["faults"])
        ):
            return str(entry["reason"])
    return None


def outdated(comparisons: Iterable[Comparison], entries: Iterable[Mapping[str, Any]]) -> list[str]:
    """The names in explained.toml whose single faults were compared, under a release meant, and no longer differ."""
    singles = [one for one in comparisons if len(one.case.faults) == 1]
    names = []
    for entry in entries:
        for name in entry["faults"]:
            alone = {**entry, "faults": [name]}
            compared = [
                one
                for one in singles
                if fnmatch.fnmatchcase(one.case.faults[0], name) and one.release in entry.get("releases", [one.release])
            ]
            if compared and not any(explanation(one, [alone]) and not one.agrees for one in compared):
                names.append(name)
    return names


def table(comparisons: Sequence[Comparison]) -> str:
    """The agreement table: per release, NVFlare's verdict against what fllint says."""
    columns = ("error", "later", "quiet", "no job", "crash")
    counts = Counter((one.release, one.verdict, one.opinion.says) for one in comparisons)
    lines = [f"{'release':8} {'NVFlare':8} " + " ".join(f"{column:>7}" for column in columns)]
    for release in sorted({one.release for one in comparisons}):
        for verdict in ("accepts", "refuses", "unknown"):
            row = [counts[release, verdict, column] for column in columns]
            lines.append(f"{release:8} {verdict:8} " + " ".join(f"{count:>7}" for count in row))
    return "\n".join(lines)


def main() -> int:
    """Prints the table and the disagreements; exit status 1 when one is unexplained."""
    parser = argparse.ArgumentParser(description="Compare fllint with NVFlare.")
    parser.add_argument("--releases", default=",".join(RELEASES))
    parser.add_argument(
        "--generated", type=int, default=0, metavar="N", help="also compare on N jobs of several faults"
    )
    parser.add_argument("--only-generated", action="store_true", help="leave out the single faults")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", default="*", metavar="PATTERN", help="only single faults of such a name")
    parser.add_argument("--formats", default=",".join(FORMATS))
    parser.add_argument("--output", type=Path, help="also write every comparison, as JSON")
    parser.add_argument("--quiet", action="store_true", help="print no disagreement, only the table")
    options = parser.parse_args()
    releases = options.releases.split(",")
    missing = [release for release in releases if release not in existing_judges()]
    if missing:
        parser.error(f"no judge for {', '.join(missing)}: python tests/differential/judges.py {' '.join(missing)}")
    formats = options.formats.split(",")
    singles = (case for case in single_faults(formats) if fnmatch.fnmatchcase(case.faults[0], options.faults))
    sound = sound_cases(formats) if options.faults == "*" else ()
    cases = () if options.only_generated else chain(singles, sound)
    comparisons = list(compare(chain(cases, generated_cases(options.generated, options.seed)), releases))
    entries = explanations()
    disagreements = [one for one in comparisons if not one.agrees]
    unexplained = [one for one in disagreements if explanation(one, entries) is None]
    if not options.quiet:
        for one in unexplained:
            print(one.described())
    print(table(comparisons))
    missed = sum(one.case.silent and one.verdict == "accepts" and not one.opinion.errors for one in comparisons)
    print(f"{len(comparisons)} comparisons, {len(disagreements)} disagreements, {len(unexplained)} unexplained")
    print(f"{missed} silent faults without an error")
    if options.faults == "*":
        print("explained, but no longer different:", ", ".join(outdated(comparisons, entries)) or "none")
    if options.output:
        rows = [
            {
                "case": one.case.name,
                "faults": one.case.faults,
                "format": one.case.file_format,
                "release": one.release,
                "verdict": one.verdict,
                "message": one.message,
                "fllint": one.opinion.says,
                "errors": one.opinion.errors,
                "warnings": one.opinion.warnings,
                "agrees": one.agrees,
                "explained": explanation(one, entries),
            }
            for one in comparisons
        ]
        options.output.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
