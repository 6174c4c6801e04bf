"""What a fault is, and how one is registered.

A fault changes one thing in a sound job. Some faults are none: NVFlare accepts them, surprisingly, and they guard
against false alarms. NVFlare decides which is which; nothing here says it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.differential.jobs import Job
from tests.differential.rendering import FORMATS

Change = Callable[[Job], None]


@dataclass(frozen=True)
class Fault:
    """One change of one sound job.

    Attributes:
        name: a sentence in lower case with underscores.
        change: changes the job it is given.
        on: the sound job it is meant for; it may fit others.
        formats: the formats in which it can be written.
        silent: NVFlare accepts it, but what runs is wrong, and fllint rightly reports an error.
    """

    name: str
    change: Change
    on: str
    formats: tuple[str, ...]
    silent: bool

    def applied_to(self, job: Job) -> Job:
        """A changed copy of a job; KeyError, IndexError, TypeError, ... when the fault does not fit that job."""
        changed = job.copy()
        self.change(changed)
        return changed


FAULTS: dict[str, Fault] = {}


def register(name: str, change: Change, on: str, formats: tuple[str, ...] = FORMATS, silent: bool = False) -> None:
    """Registers one fault; ValueError when its name is taken."""
    if name in FAULTS:
        raise ValueError(f"two faults are called {name}")
    FAULTS[name] = Fault(name, change, on, formats, silent)


def fault(
    on: str = "split_apps", formats: tuple[str, ...] = FORMATS, silent: bool = False
) -> Callable[[Change], Change]:
    """Registers a function, under its own name, as a fault."""

    def decorate(change: Change) -> Change:
        register(change.__name__, change, on, formats, silent)
        return change

    return decorate


def values(
    change: Callable[[Job, Any], None],
    table: Mapping[str, Any],
    on: str = "split_apps",
    formats: tuple[str, ...] = FORMATS,
    silent: bool = False,
) -> None:
    """Registers one fault per row of a table: its name, and the value that *change* puts into the job."""
    for name, value in table.items():
        register(name, partial(_change_to, change, value), on, formats, silent)


def _change_to(change: Callable[[Job, Any], None], value: Any, job: Job) -> None:
    change(job, value)


JSON = ("json",)
HOCON = ("conf",)
YAML = ("yml",)
