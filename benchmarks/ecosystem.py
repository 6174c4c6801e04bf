"""What a change of fllint does to its findings on real jobs.

    python benchmarks/ecosystem.py FOLDER [--base main] [--nvflare 2.7] [--examples 3] [--verdicts VERDICTS.json]

Checks all jobs under FOLDER twice, with the working tree and with a base revision (a git worktree in a temporary
folder), and prints for each rule what came and what went, with examples; then seconds, peak memory, and crashes.
The exit status is 1 when fllint fails on a job, 2 when something could not be fetched, and 0 otherwise: a difference
is for people to judge.

``--verdicts`` names NVFlare's own opinion of the jobs, as ``python tests/differential/verdicts.py FOLDER --release
2.7 --output VERDICTS.json`` writes it: errors on jobs that NVFlare accepts are then listed too.

No jobs are shipped with fllint. benchmarks/ecosystem.toml lists repositories and commits that have many;
``--fetch`` brings those under FOLDER first; what is there already is left alone.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SOURCES = Path(__file__).with_suffix(".toml")
TOML: Any = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")


@dataclass(frozen=True)
class Outcome:
    """One run of ``fllint check`` on all jobs.

    Attributes:
        report: its JSON report; empty when there was none.
        complaint: what it wrote to standard error when it could not do it.
        wall: seconds on the clock.
        cpu: seconds of user and system time, of all processes.
        memory: peak resident memory of the largest process, in MiB.
    """

    report: Mapping[str, Any]
    complaint: str
    wall: float
    cpu: float
    memory: float

    @property
    def jobs(self) -> int:
        """How many jobs were checked."""
        return len(self.report.get("jobs", ()))

    @property
    def findings(self) -> Counter[tuple[str, ...]]:
        """The findings, as tuples of code, name, severity, path, pointer or line, and message."""
        return Counter(
            (one["code"], one["name"], one["severity"], one["path"], str(one["pointer"] or one["line"]), one["message"])
            for one in self.report.get("findings", ())
        )

    def failures(self) -> list[str]:
        """Where fllint itself failed."""
        inside = [f"{path}: {message}" for code, _, _, path, _, message in self.findings if code == "FL000"]
        return inside + ([self.complaint] if self.complaint else [])


def checked(package: Path, folder: Path, release: str | None) -> Outcome:
    """Checks the jobs under a folder with the fllint that is at *package*, away from caches and settings."""
    command = [sys.executable, "-m", "fllint", "check", ".", "--no-cache", "--isolated", "--output-format", "json"]
    command += ["--nvflare", release] if release else []
    environment = {**os.environ, "PYTHONPATH": str(package)}
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = time.monotonic()
        with subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=errors) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - started
        output.seek(0)
        errors.seek(0)
        complaint = errors.read().decode(errors="replace").strip()
        report = json.loads(output.read() or b"{}") if process.returncode in (0, 1) else {}
    failed = process.returncode not in (0, 1) or "Traceback" in complaint
    used = usage.ru_utime + usage.ru_stime
    return Outcome(report, complaint if failed else "", wall, used, usage.ru_maxrss / 1024)


@contextmanager
def worktree(revision: str) -> Iterator[Path]:
    """A checkout of a revision in a temporary folder, for as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix="fllint-base-") as temporary:
        folder = Path(temporary, "checkout")
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(folder), revision], check=True)
        try:
            yield folder
        finally:
            subprocess.run([*git, "remove", "--force", str(folder)], check=True)


def difference(before: Outcome, after: Outcome, examples: int) -> str:
    """The findings that came and went, by rule."""
    came, went = after.findings - before.findings, before.findings - after.findings
    if not came and not went:
        return "no finding came or went"
    lines = []
    for code in sorted({finding[0] for finding in (*came, *went)}):
        new, gone = ([one for one in some.elements() if one[0] == code] for some in (came, went))
        lines.append(f"{code} {(new or gone)[0][1]}: {len(new)} came, {len(gone)} went")
        for sign, some in (("+", new), ("-", gone)):
            lines += [f"  {sign} {path} {where}: {level}: {text}" for _, _, level, path, where, text in some[:examples]]
    return "\n".join(lines)


def errors_on_accepted_jobs(outcome: Outcome, verdicts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Errors on jobs of which NVFlare's own loading has nothing to complain."""
    by_job: dict[str, list[str]] = defaultdict(list)
    for one in outcome.report.get("findings", ()):
        if one["severity"] == "error":
            by_job[os.path.normpath(one["job"])].append(f"{one['code']} {one['path']}:{one['line']}: {one['message']}")
    accepted = sorted(job for job, verdict in verdicts.items() if verdict["verdict"] == "accepts")
    return [error for job in accepted for error in by_job[os.path.normpath(job)]]


def fetch(folder: Path, sources: Path = SOURCES) -> list[str]:
    """Brings the listed repositories at their commits under a folder, as far as they are not there.

    Gives one line for each that could not be had: which, and git's reason. Nothing of it is left in the folder.
    """
    failed = []
    for source in TOML.loads(sources.read_text("utf-8"))["repository"]:
        for commit in source["commits"]:
            place = folder / f"{source['name'].replace('/', '__')}-{commit[:10]}"
            if not place.exists():
                print(f"fetching {source['name']} {commit}", flush=True)
                complaint = _checked_out(f"https://github.com/{source['name']}", commit, place)
                failed += [f"{source['name']} {commit[:10]}: {complaint}"] if complaint else []
    return failed


def _checked_out(url: str, commit: str, place: Path) -> str:
    """Makes *place* a checkout of a commit, or says why not. The folder has its name only once it is whole."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fetching-", dir=place.parent) as temporary:
        git = ["git", "-C", temporary]
        for arguments in (
            ["init", "--quiet"],
            ["fetch", "--quiet", "--depth", "1", url, commit],
            ["checkout", "--quiet", "FETCH_HEAD"],
        ):
            done = subprocess.run([*git, *arguments], stderr=subprocess.PIPE, text=True, check=False)
            if done.returncode:
                return (done.stderr.strip().splitlines() or [f"git {arguments[0]} failed"])[-1]
        os.rename(temporary, place)
        os.mkdir(temporary)  # for TemporaryDirectory, which removes it
    return ""


def costs(name: str, outcome: Outcome) -> str:
    """One line of what a run cost."""
    each = outcome.cpu * 1000 / max(outcome.jobs, 1)
    return (
        f"{name}: {outcome.jobs} jobs, {sum(outcome.findings.values())} findings, {outcome.wall:.1f} s, "
        f"{outcome.cpu:.1f} s cpu ({each:.1f} ms a job), {outcome.memory:.0f} MiB"
    )


def listed(title: str, lines: Sequence[str]) -> None:
    """Prints lines under a title that counts them."""
    print(f"{title}: {len(lines)}")
    for line in lines:
        print(f"  {line}")


def main() -> int:
    """Prints the difference; exit status 1 when the working tree's fllint fails on a job, 2 when a fetch fails."""
    parser = argparse.ArgumentParser(description="What a change of fllint does to its findings on real jobs.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--base", default="main", metavar="REVISION")
    parser.add_argument("--nvflare", metavar="VERSION", help="default: what each job pins, else the newest known")
    parser.add_argument("--examples", type=int, default=3, help="how many to show of each rule")
    parser.add_argument("--verdicts", type=Path, help="NVFlare's opinions, from tests/differential/verdicts.py")
    parser.add_argument("--fetch", action="store_true", help=f"first clone what {SOURCES.name} lists")
    options = parser.parse_args()
    if options.fetch and (failed := fetch(options.folder)):
        listed("could not fetch (is there a network?)", failed)
        print("Without --fetch, what is there is checked.")
        return 2
    if not options.folder.is_dir():
        parser.error(f"{options.folder} is no folder of jobs")
    after = checked(ROOT, options.folder, options.nvflare)
    with worktree(options.base) as base:
        before = checked(base, options.folder, options.nvflare)
    print(difference(before, after, options.examples))
    print(costs(options.base, before))
    print(costs("working tree", after))
    if options.verdicts:
        verdicts = json.loads(options.verdicts.read_text("utf-8"))
        listed("errors on jobs that NVFlare accepts", errors_on_accepted_jobs(after, verdicts))
    listed("failures of fllint", after.failures())
    return 1 if after.failures() else 0


if __name__ == "__main__":
    sys.exit(main())
