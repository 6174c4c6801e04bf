"""Cases: a sound job, changed by faults or by none, in one format; and the generator of cases of several faults."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.differential.faults import FAULTS
from tests.differential.jobs import Job, write
from tests.differential.rendering import FORMATS
from tests.differential.sound_jobs import SOUND_JOBS

# What a fault raises when it does not fit the job it is applied to.
MISFITS = (AttributeError, IndexError, KeyError, StopIteration, TypeError, ValueError)


@dataclass(frozen=True)
class Case:
    """One job to judge.

    Attributes:
        sound_job: the name of the sound job it starts from.
        faults: the names of the faults applied to it, in order.
        file_format: "json", "conf" or "yml".
    """

    sound_job: str
    faults: tuple[str, ...]
    file_format: str

    @property
    def name(self) -> str:
        """A name that is unique and can be a folder's."""
        return "-".join((*(self.faults or ("sound",)), "on", self.sound_job, self.file_format))

    @property
    def releases(self) -> tuple[str, ...]:
        """The releases that accept the sound job."""
        return SOUND_JOBS[self.sound_job].releases

    @property
    def silent(self) -> bool:
        """Whether NVFlare accepts at least one of the faults though fllint rightly reports an error."""
        return any(FAULTS[fault].silent for fault in self.faults)

    def job(self) -> Job:
        """The job; one of MISFITS when a fault does not fit."""
        job = SOUND_JOBS[self.sound_job].make()
        for fault in self.faults:
            job = FAULTS[fault].applied_to(job)
        return job


def sound_cases(formats: Sequence[str] = FORMATS) -> Iterator[Case]:
    """Every sound job without a fault."""
    for name in SOUND_JOBS:
        for file_format in formats:
            yield Case(name, (), file_format)


def single_faults(formats: Sequence[str] = FORMATS) -> Iterator[Case]:
    """Every fault on the sound job it is meant for, in every format in which it can be written."""
    for name, fault in FAULTS.items():
        for file_format in formats:
            if file_format in fault.formats:
                yield Case(fault.on, (name,), file_format)


def in_one_format_each(cases: Iterable[Case], turn: int) -> Iterator[Case]:
    """Of the same case in several formats only one, in turns, so that each format has its share."""
    by_content: dict[tuple[str, tuple[str, ...]], list[Case]] = {}
    for case in cases:
        by_content.setdefault((case.sound_job, case.faults), []).append(case)
    for number, same in enumerate(by_content.values()):
        yield same[(number + turn) % len(same)]


def generated_cases(count: int, seed: int, most_faults: int = 3) -> Iterator[Case]:
    """Cases of one to *most_faults* random faults on a random sound job; the same for the same seed; all fit."""
    chooser = random.Random(seed)
    made = 0
    while made < count:
        sound_job, file_format = chooser.choice(list(SOUND_JOBS)), chooser.choice(FORMATS)
        names = fitting_faults(sound_job, file_format)
        faults = chooser.sample(names, min(len(names), chooser.randint(1, most_faults)))
        case = Case(sound_job, tuple(faults), file_format)
        if faults and fits(case):
            made += 1
            yield case


def fitting_faults(sound_job: str, file_format: str) -> list[str]:
    """The faults meant for a sound job, or for the one it is like, that can be written in a format."""
    meant_for = (sound_job, SOUND_JOBS[sound_job].like)
    return [name for name, fault in FAULTS.items() if fault.on in meant_for and file_format in fault.formats]


def fits(case: Case) -> bool:
    """Whether a case's faults can be applied to its sound job, and the result can be written."""
    with TemporaryDirectory() as folder:
        return write_case(case, Path(folder)) is not None


def write_case(case: Case, folder: Path) -> Path | None:
    """Writes a case's job under *folder*, and gives where; None when a fault does not fit."""
    try:
        return write(case.job(), folder / case.name, case.file_format)
    except (*MISFITS, OSError):
        return None


def write_cases(cases: Iterable[Case], folder: Path) -> dict[Case, Path]:
    """Writes each case's job under *folder*, and gives where; cases whose faults do not fit are left out."""
    places = {case: write_case(case, folder) for case in cases}
    return {case: place for case, place in places.items() if place is not None}
