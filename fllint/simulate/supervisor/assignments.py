"""What the server knows of a site and of the task that it works on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .results import Content
from .wire import Frame, Line


@dataclass
class Assignment:
    """A task that a site is working on."""

    name: str
    id: str
    round: int | None
    content: Content
    sent: float
    answer: Frame | None = None


def told_result(assignment: Assignment, content: Content, code: str, seconds: float) -> dict[str, Any]:
    """What the event of a result says."""
    return {
        "task": assignment.name,
        "id": assignment.id,
        "round": assignment.round,
        "seconds": round(seconds, 4),
        "code": code,
        "kind": content.kind,
        "parameters": content.parameters,
        "digest": content.digest,
        "metrics": content.metrics,
        "weight": content.weight,
    }


@dataclass
class SiteLine:
    """A site as the server sees it."""

    name: str
    client: Any
    line: Line
    alive: bool = True
    ready: bool = False
    ended: bool = False
    properties: dict[str, Any] = field(default_factory=dict)
    assignment: Assignment | None = None
