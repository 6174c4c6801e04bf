"""The judge's verdicts on a folder full of jobs.

    python tests/differential/verdicts.py FOLDER --release 2.9 --output verdicts.json

A job is a folder with a ``meta.*`` file, or with ``config/config_fed_*`` (an app submitted as a job). The output maps
each job's path, relative to FOLDER, to the judge's answer (see judge.py).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.differential.judges import RELEASES, ask, existing_judges


def jobs_under(folder: Path) -> Iterator[Path]:
    """The job folders at or under a folder, in a fixed order; the inside of a job is not searched."""
    if any(folder.glob("meta.*")) or any(folder.glob("config/config_fed_*")):
        yield folder
    else:
        for child in sorted(folder.iterdir()):
            if child.is_dir() and not child.is_symlink() and not child.name.startswith("."):
                yield from jobs_under(child)


def main() -> int:
    """Writes the verdicts; exit status 2 when there is no judge or no job."""
    parser = argparse.ArgumentParser(description="Write NVFlare's verdicts on a folder full of jobs.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--release", default=RELEASES[-1])
    parser.add_argument("--output", type=Path, help="default: standard output")
    parser.add_argument("--start-run", action="store_true", help="also fire START_RUN and initialise the workflows")
    options = parser.parse_args()
    if options.release not in existing_judges():
        parser.error(f"no judge for {options.release}: python tests/differential/judges.py {options.release}")
    jobs = list(jobs_under(options.folder.resolve()))
    if not jobs:
        parser.error(f"no job in {options.folder}")
    answers = ask(options.release, [{"job": str(job), "start_run": options.start_run} for job in jobs])
    by_job = {}
    for job, answer in zip(jobs, answers, strict=True):
        del answer["job"]
        by_job[job.relative_to(options.folder.resolve()).as_posix()] = answer
    text = json.dumps(by_job, indent=1) + "\n"
    if options.output:
        options.output.write_text(text, encoding="utf-8")
    else:
        print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
