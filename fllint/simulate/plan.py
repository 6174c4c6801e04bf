"""What ``--level plan`` says of a job: its workflows as phases over groups of sites."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from fllint.findings import Finding, Severity
from fllint.simulate.conduct import Manner


class Group(Struct, frozen=True):
    """The sites that get one app. ``names`` are those that are known by name."""

    app: str
    size: int
    names: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """``app_client (site-1, site-2)`` or ``app (10,000 sites)``."""
        if self.names and len(self.names) == self.size and self.size <= 4:
            return f"{self.app} ({', '.join(self.names)})"
        return f"{self.app} ({self.size:,} site{'s' if self.size != 1 else ''})"


class Phase(Struct, frozen=True):
    """A task of a workflow, over all its rounds.

    ``rounds`` is None when only a run would tell. ``messages`` counts tasks sent in all rounds, None when unknown; each
    is answered by a result. ``handlers`` maps each group's app to its executor's class, empty when it has none for the
    task. ``outcome``: goes on, aborts, waits (some site may make it wait for ever), unknown.
    """

    workflow: str
    workflow_class: str
    task: str
    manner: Manner
    rounds: int | None
    sites: int
    messages: int | None
    handlers: dict[str, str]
    outcome: str
    notes: tuple[str, ...] = ()


class Plan(Struct, frozen=True):
    """What would happen. ``complete`` is False when a workflow is of a class that is not known."""

    job: str
    groups: tuple[Group, ...]
    phases: tuple[Phase, ...]
    findings: tuple[Finding, ...]
    complete: bool

    @property
    def sites(self) -> int:
        return sum(group.size for group in self.groups)

    @property
    def messages(self) -> int:
        """The tasks that are sent, as far as they can be counted."""
        return sum(phase.messages or 0 for phase in self.phases)

    def exit_status(self, fail_on: Severity = Severity.ERROR) -> int:
        return int(any(finding.severity.rank <= fail_on.rank for finding in self.findings))

    def to_json(self) -> dict[str, Any]:
        """The plan as plain values; keys stay in this order."""
        return {
            "level": "plan",
            "job": self.job,
            "complete": self.complete,
            "sites": self.sites,
            "messages": self.messages,
            "groups": [
                {"app": group.app, "sites": group.size, "names": list(group.names[:100])} for group in self.groups
            ],
            "phases": [
                {
                    "workflow": phase.workflow,
                    "class": phase.workflow_class,
                    "task": phase.task,
                    "manner": phase.manner.value,
                    "rounds": phase.rounds,
                    "sites": phase.sites,
                    "messages": phase.messages,
                    "handlers": phase.handlers,
                    "outcome": phase.outcome,
                    "notes": list(phase.notes),
                }
                for phase in self.phases
            ],
        }
