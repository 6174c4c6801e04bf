"""Many jobs at once: worker processes that check chunks of them. Order and results are those of one process."""

from __future__ import annotations

import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Final

from fllint.checking import Assignment, check_assignment, rules_of
from fllint.report import JobReport
from fllint.stored_report import report_of, report_text

MIN_JOBS_EACH: Final = 24
CHUNK: Final = 8


def check_on_all_cores(assignments: list[Assignment]) -> list[JobReport]:
    """The reports of jobs, in their order. When a worker dies (no memory, say), this process checks the rest."""
    workers = min(_cores(), len(assignments) // MIN_JOBS_EACH)
    if workers < 2:
        return [check_assignment(assignment) for assignment in assignments]
    _prepare(assignments)
    reports: list[JobReport] = []
    try:
        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context(_start_method())) as pool:
            for text in pool.map(_report_text, assignments, chunksize=CHUNK):
                reports.append(report_of(text))  # noqa: PERF401 - what came before a worker dies is kept
    except BrokenProcessPool:
        reports += [check_assignment(assignment) for assignment in assignments[len(reports) :]]
    return reports


def _report_text(assignment: Assignment) -> str:
    return report_text(check_assignment(assignment))


def _prepare(assignments: list[Assignment]) -> None:
    """What forked workers need not load again: the rules and the catalogues."""
    from fllint.catalogue.catalogue import Catalogue

    for assignment in assignments:
        rules_of(assignment.settings)
        Catalogue.load(assignment.release)


def _start_method() -> str:
    """Forking is cheap, and safe here: fllint starts no thread before. Elsewhere than on Linux it is not."""
    return "fork" if sys.platform == "linux" else "spawn"


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
