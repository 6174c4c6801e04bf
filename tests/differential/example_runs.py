"""The rules' examples in smoke runs: a good job comes to a good end, and a job with an error does not.

    python tests/differential/example_runs.py [--releases 2.7,2.9] [CODE ...]

Runs every example whose release has a judge's environment (`tests/differential/judges.py`). Printed are the good jobs
whose run fails, and the jobs with an error whose run does well, but for those of which `SILENT` says why. Not tried are
scripts of the Job API, jobs with warnings only, what ``--level run`` refuses, and good jobs that want a package which
the environment lacks. The exit status is 1 when a run was not as it should be.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from fllint.findings import Severity
from tests.differential.judges import existing_judges
from tests.rules.examples import EXAMPLES, JOBS, assignment_of, report_of
from tests.simulate.running import SUPPORTED, smoke

SILENT = {
    "FL004": "fllint reads no deeper; NVFlare does",
    "FL009": "the link is followed here, and not packed when the job is submitted",
    "FL115": "only a production system knows which sites there are; NVFlare does not refuse",
    "FL123": "only the scheduler of a production system compares min_clients",
    "FL125": "only the scheduler of a production system waits for mandatory clients",
    "FL205": "the section is not read: what it should have done is not done",
    "FL214": "the arguments are not read: the defaults hold",
    "FL220": "the text stays as it is written",
    "FL320": "the filter never runs: the run is well, and its results are unfiltered",
}
"""Errors that a run does not show: their jobs come to a good end with a wrong result, or the fault is elsewhere."""
LACKING = ("No module named", "TensorDecomposer")
"""What a run says where the environment has no PyTorch, or lacks another package."""
RIGHT, WRONG, NOT_TRIED = "as it should be", "wrong", "not tried"


def verdict(job: str, release: str) -> tuple[str, str]:
    """Whether an example's run is as it should be, and why it is not or was not tried; empty when nobody asks."""
    code, _, name = job.partition("/")
    if not (EXAMPLES / job).is_dir():
        return NOT_TRIED, "a zip"
    has_error = any(finding.severity is Severity.ERROR for finding in report_of(job).findings)
    if not has_error and not name.startswith("good"):
        return NOT_TRIED, ""  # a job with a warning may run well or not
    run = smoke(EXAMPLES / job, release, rounds=2)
    if run.report.outcome == "refused":
        return NOT_TRIED, "--level run does not take it"
    messages = [found.problem.message for found in run.findings if found.severity is Severity.ERROR]
    if has_error:
        return (RIGHT, "") if messages or code in SILENT else (WRONG, "has an error and runs well")
    lacking = [message for message in messages if any(word in message for word in LACKING)]
    if lacking:
        return NOT_TRIED, lacking[0]
    return (WRONG, f"is good and fails: {messages[0]}") if messages else (RIGHT, "")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--releases", default=",".join(SUPPORTED), help="default: all whose environment exists")
    parser.add_argument("codes", nargs="*", metavar="CODE", help="default: the examples of all rules")
    options = parser.parse_args()
    releases = [release for release in existing_judges() if release in options.releases.split(",")]
    counts: Counter[str] = Counter()
    for job in JOBS:
        code = job.partition("/")[0]
        release = assignment_of(job, EXAMPLES / job).release
        if code.startswith("FL6") or release not in releases or (options.codes and code not in options.codes):
            continue
        outcome, why = verdict(job, release)
        counts[outcome] += 1
        if why:
            print(f"{job} with {release}: {outcome}: {why}", flush=True)
    print(", ".join(f"{count} {what}" for what, count in sorted(counts.items())) or "no environment for any example")
    return int(counts[WRONG] > 0)


if __name__ == "__main__":
    sys.exit(main())
