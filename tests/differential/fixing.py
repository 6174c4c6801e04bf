"""What fixes do to real jobs, judged by NVFlare.

    python tests/differential/fixing.py FOLDER --release 2.7 [--slips N] [--unsafe]

fixes a copy of every job below FOLDER that has something to fix, and says how many jobs NVFlare of that release accepts
before and after, what could not be fixed, and whether a file differs beyond the edits. With ``--slips N`` each job
first gets N random slips (a letter of a key or of a class path), as people make them; the seed is fixed.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fllint.checking import Assignment, check_assignment
from fllint.findings import Finding
from fllint.fixing.edited_files import write
from fllint.fixing.rounds import FixedJob, fix_job
from fllint.job.discovery import find_jobs
from fllint.report import JobReport
from fllint.settings.model import Settings
from fllint.surroundings import Surroundings
from tests.differential.opinions import RememberingJudge

CONFIG_NAMES = ("meta", "config_fed_server", "config_fed_client")


@dataclass(frozen=True)
class Fixing:
    """A job that had something to fix: its copies before and after, and what became of it."""

    name: str
    before: Path
    after: Path
    report: JobReport
    fixed: FixedJob
    left: tuple[Finding, ...]
    """Findings with a fix that should have been applied, or that a second run would fix."""


def fixable(report: JobReport, *, unsafe: bool) -> list[Finding]:
    """The findings that ``--fix`` (with ``--unsafe-fixes``) would fix."""
    return [finding for finding in report.findings if (fix := finding.problem.fix) and (fix.safe or unsafe)]


def fix_copy(job: Path, release: str, workshop: Path, *, unsafe: bool = False) -> Fixing | None:
    """Fixes a copy of a job in a folder; None when there is nothing to fix."""
    (location,) = find_jobs((str(job),))
    before = check_assignment(Assignment(location, release, Settings(), Surroundings()))
    if not fixable(before, unsafe=unsafe):
        return None
    copy = shutil.copytree(job, workshop / "fixed" / job.name, symlinks=True)
    (location,) = find_jobs((str(copy),))
    assignment = Assignment(location, release, Settings(), Surroundings())
    fixed = fix_job(assignment, check_assignment(assignment), lambda report: fixable(report, unsafe=unsafe))
    for change in fixed.changes:
        write(change)
    left_out = {(item.finding.code, item.finding.problem.message) for item in fixed.not_fixed}
    remaining = fixable(check_assignment(assignment), unsafe=unsafe)
    left = tuple(finding for finding in remaining if (finding.code, finding.problem.message) not in left_out)
    return Fixing(job.name, job, copy, before, fixed, left)


def with_slips(job: Path, count: int, workshop: Path, chance: random.Random) -> Path:
    """A copy of a job with some letters of its configs wrong."""
    copy = shutil.copytree(job, workshop / "slips" / job.name, symlinks=True)
    configs = [path for path in sorted(copy.rglob("*")) if path.stem in CONFIG_NAMES and path.is_file()]
    for _ in range(count if configs else 0):
        config = chance.choice(configs)
        text = config.read_bytes().decode("utf-8", "replace")
        words = list(re.finditer(r"[A-Za-z][A-Za-z_]{4,}(?=\"?\s*[:=])|(?<=[.\"])[A-Za-z_]{5,}(?=\")", text))
        if words:
            word = chance.choice(words)
            config.write_bytes((text[: word.start()] + _slip(word[0], chance) + text[word.end() :]).encode())
    return copy


def _slip(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    return chance.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:-1],
        ]
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--release", required=True)
    parser.add_argument("--slips", type=int, default=0)
    parser.add_argument("--unsafe", action="store_true")
    arguments = parser.parse_args()
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as temporary:
        workshop = Path(temporary)
        jobs = [location.path for location in find_jobs((str(arguments.folder),)) if location.path.is_dir()]
        jobs = list({job.name: job for job in jobs}.values())
        if arguments.slips:
            jobs = [with_slips(job, arguments.slips, workshop, chance) for job in jobs]
        fixings = [
            fixing for job in jobs if (fixing := fix_copy(job, arguments.release, workshop, unsafe=arguments.unsafe))
        ]
        report(fixings, len(jobs), arguments.release)
    return 0


def verdicts(release: str, fixings: list[Fixing]) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """What NVFlare says of each job before and after its fixes."""
    judge = RememberingJudge(release)
    keys = judge.send([job for fixing in fixings for job in (fixing.before, fixing.after)])
    answers = judge.verdicts(keys)
    judge.close()
    return list(zip(answers[::2], answers[1::2], strict=True))


def report(fixings: list[Fixing], jobs: int, release: str) -> None:
    """Prints what was fixed, and what NVFlare says before and after."""
    codes = Counter(finding.code for fixing in fixings for finding in fixing.fixed.fixed)
    counts = ", ".join(f"{code} {count}" for code, count in sorted(codes.items()))
    print(f"{jobs} jobs, {len(fixings)} with something to fix; fixed {sum(codes.values())}: {counts}")
    for fixing in fixings:
        for item in fixing.fixed.not_fixed:
            message = item.finding.problem.message[:80]
            print(f"left out   {fixing.name}: {item.finding.code} {message}: {item.why[:160]}")
        for finding in fixing.left:
            print(f"REMAINS    {fixing.name}: {finding.code} {finding.problem.message[:100]}")
    answers = verdicts(release, fixings)
    pairs = Counter((old["verdict"], new["verdict"]) for old, new in answers)
    for (old, new), count in sorted(pairs.items()):
        print(f"{count:>4}  {old} -> {new}")
    for fixing, (old, new) in zip(fixings, answers, strict=True):
        if old["verdict"] == "accepts" and new["verdict"] != "accepts":
            print(f"WORSE      {fixing.name}: {new}")
            print("           " + "; ".join(f"{f.code} {f.problem.message}" for f in fixing.fixed.fixed)[:400])


if __name__ == "__main__":
    raise SystemExit(main())
