"""Pieces of the sentences about a run: log records, names, shapes."""

from __future__ import annotations

import re
from typing import Any, Final

from fllint.simulate.supervise import Event

ADDRESS: Final = re.compile(r" at 0x[0-9a-f]+|\([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\)")
"""What differs from run to run: addresses of objects, ids of tasks."""
LONGEST: Final = 400


def paired(records: list[Event]) -> list[list[Event]]:
    """Log records, each with the traceback that NVFlare logs as a record of its own after it."""
    groups: list[list[Event]] = []
    for record in records:
        previous = groups[-1][-1] if groups else None
        if (
            previous
            and record["message"].startswith("Traceback")
            and previous["site"] == record["site"]
            and previous["logger"] == record["logger"]
            and len(groups[-1]) == 1
        ):
            groups[-1].append(record)
        else:
            groups.append([record])
    return groups


def frames_of(records: list[Event]) -> list[Any]:
    """The frames of all tracebacks in log records."""
    return [frame for record in records for frame in record["frames"]]


def first_line(records: list[Event]) -> str:
    """What log records say in a line: the exception, where they are a traceback."""
    text = ADDRESS.sub("", str(records[0]["message"])).strip()
    lines = text.splitlines() or [""]
    return lines[-1] if text.startswith("Traceback") else lines[0]


def task_of(event: Event) -> str:
    """``task 'train'``."""
    return f"task '{event['task']}'" if event.get("task") else "a task"


def quoted(names: list[str]) -> str:
    """``'a', 'b' and 3 more``."""
    first = [f"'{name}'" for name in names[:5]]
    return ", ".join(first) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def shape(lengths: list[int]) -> str:
    """``(3, 3)``."""
    return f"({', '.join(str(length) for length in lengths)})"


def and_more(parameters: list[Any]) -> str:
    """`` (and 2 more parameters)``, when there are more than one."""
    return f" (and {len(parameters) - 1} more parameters)" if len(parameters) > 1 else ""


def shortened(message: str) -> str:
    """One line, of a bearable length."""
    text = " ".join(message.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
