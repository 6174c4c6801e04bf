"""The rules' examples in smoke runs: a good job comes to a good end, and a job with an error does not.

    python tests/differential/example_runs.py [--releases 2.7,2.9] [CODE ...]

Runs every example whose release has a judge's environment (`tests/differential/judges.py`). Printed are the good jobs
whose run fails, and the jobs with an error whose run does well, but for those of which `SILENT` says why. Left out are
scripts of the Job API, what only a production system does, and what that environment lacks a package for. The exit
status is 1 when one is left.
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
    "FL205": "the section is not read: what it should have done is not done",
    "FL214": "the arguments are not read: the defaults hold",
    "FL220": "the text stays as it is written",
    "FL320": "the filter never runs: the run is well, and its results are unfiltered",
}
"""Errors that a run does not show: their jobs come to a good end with a wrong result, or the fault is elsewhere."""
LACKING = ("No module named", "TensorDecomposer")
"""What a run says where the environment has no PyTorch, or lacks another package."""
WARNING = "not tried: a job with a warning may run well or not"


def verdict(job: str, release: str) -> str:
    """What is wrong with an example: empty when its run is as it should be, "not tried: ..." when there is none."""
    has_error = any(finding.severity is Severity.ERROR for finding in report_of(job).findings)
    if not has_error and not job.partition("/")[2].startswith("good"):
        return WARNING
    run = smoke(EXAMPLES / job, release, rounds=2)
    messages = [found.problem.message for found in run.findings if found.severity is Severity.ERROR]
    lacking = next((message for message in messages if any(word in message for word in LACKING)), "")
    if run.report.outcome == "refused":
        return "not tried: --level run does not take it"
    if has_error:
        silent = job.partition("/")[0] in SILENT
        return "" if messages or silent else "has an error and runs well"
    return f"not tried: {lacking}" if lacking else (f"is good and fails: {messages[0]}" if messages else "")


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
        said = verdict(job, release) if (EXAMPLES / job).is_dir() else "not tried: a zip"
        counts["not tried" if said.startswith("not tried") else "wrong" if said else "as it should be"] += 1
        if said and said != WARNING:
            print(f"{job} with {release}: {said}", flush=True)
    print(", ".join(f"{count} {what}" for what, count in sorted(counts.items())) or "no environment for any example")
    return int(counts["wrong"] > 0)


if __name__ == "__main__":
    sys.exit(main())
