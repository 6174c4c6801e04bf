"""What a smoke run did: rounds, tasks, results, models; as a table for people and as JSON."""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct, field

from fllint.simulate.supervise import Event

DIFFERENCES: Final = (
    "no network, no TLS, no login: the server and the sites are joined by socket pairs on one machine",
    "results are handed to the server in the order of the sites, not of their arrival",
    "every site is there, and nobody polls: no task waits for a client that comes late",
    "signatures, policies, resources and the scheduler are not checked",
)
"""How the run level differs from production, always."""


_ELSEWHERE: Final = "; what NVFlare's own simulator can run, --level full runs"


class Row(Struct, frozen=True):
    """A task and its result at one site."""

    site: str
    task: str
    round: int | None
    code: str
    seconds: float | None = None
    kind: str = ""
    parameters: int = 0
    digest: str = ""
    metrics: dict[str, Any] = field(default_factory=dict)
    weight: float | None = None
    accepted: bool | None = None


class RunReport(Struct, frozen=True):
    """A whole run. ``outcome``: completed, aborted, failed, refused, timeout, stopped."""

    level: str
    outcome: str
    nvflare: str
    sites: tuple[str, ...]
    seconds: float
    peak_megabytes: float
    rows: tuple[Row, ...]
    model_before: str
    model_after: str
    parameters: int
    logged: tuple[tuple[str, str, Any], ...]
    changed: tuple[str, ...]
    differences: tuple[str, ...]
    refused: str = ""
    kept: str = ""

    def to_json(self) -> dict[str, Any]:
        """The report as plain values; keys stay in this order."""
        return {
            "level": self.level,
            "outcome": self.outcome,
            "nvflare": self.nvflare,
            "sites": list(self.sites),
            "seconds": self.seconds,
            "peak_megabytes": self.peak_megabytes,
            "results": [
                {name: getattr(row, name) for name in Row.__struct_fields__ if getattr(row, name) is not None}
                for row in self.rows
            ],
            "model": {"before": self.model_before, "after": self.model_after, "parameters": self.parameters},
            "logged": [{"site": site, "key": key, "value": value} for site, key, value in self.logged],
            "changed": list(self.changed),
            "differences": list(self.differences),
            "refused": self.refused or None,
            "kept": self.kept or None,
        }


def report_of(events: list[Event], level: str, kept: str = "") -> RunReport:
    """The report on what the supervisor told. ``kept``: the folder in which the run was kept."""

    def told(kind: str) -> list[Event]:
        return [event for event in events if event["event"] == kind]

    started, finished = (told("started") or [{}])[0], (told("finished") or [{}])[-1]
    deployed = (told("deployed") or [{"apps": {}}])[0]["apps"]
    models = told("model")
    loaded = [event for event in models if event["moment"] == "loaded"]
    saved = [event for event in models if event["moment"] == "saved"]
    changed = [
        f"{event['argument']} of '{event['workflow']}': {event['old']} → {event['new']}" for event in told("changed")
    ]
    replaced = [f"{event['what']} by {event['by']}: {event['why']}" for event in told("replaced")]
    refused = [f"{event['what']}: {event['why']}{_ELSEWHERE if 'class' in event else ''}" for event in told("refused")]
    return RunReport(
        level=level,
        outcome=finished.get("outcome", "failed"),
        nvflare=started.get("nvflare", ""),
        sites=tuple(site for site in deployed if site != "server"),
        seconds=finished.get("seconds", 0.0),
        peak_megabytes=finished.get("peak", 0.0),
        rows=_rows(told("task"), told("result"), told("contribution")),
        model_before=loaded[0]["digest"] if loaded else "",
        model_after=saved[-1]["digest"] if saved else "",
        parameters=(saved or loaded or [{"parameters": 0}])[-1]["parameters"],
        logged=tuple((event["site"], event["key"], event["value"]) for event in told("metric")),
        changed=tuple(dict.fromkeys(changed + replaced)),
        differences=(DIFFERENCES if level == "run" else ()) + tuple(event["note"] for event in told("note")),
        refused=refused[0] if refused else "",
        kept=kept,
    )


def _rows(tasks: list[Event], results: list[Event], contributions: list[Event]) -> tuple[Row, ...]:
    by_id = {(event["site"], event["id"]): event for event in results}
    accepted = {(event["site"], event["task"], event["round"]): event["accepted"] for event in contributions}
    rows = []
    for task in tasks:
        result = by_id.get((task["site"], task["id"]))
        if result is None:
            rows.append(Row(task["site"], task["task"], task["round"], "no result"))
            continue
        rows.append(
            Row(
                task["site"],
                task["task"],
                task["round"],
                result["code"],
                result["seconds"],
                result["kind"],
                result["parameters"],
                result["digest"],
                result["metrics"],
                result["weight"],
                accepted.get((task["site"], task["task"], task["round"])),
            )
        )
    return tuple(rows)


def refusal(report: RunReport) -> str:
    """Why the level does not run the job."""
    return f"cannot run this job at --level {report.level}: {report.refused}"


def render(report: RunReport, longest: int = 60) -> str:
    """The report for a terminal; at most ``longest`` results."""
    if report.refused:
        return refusal(report) + "\n"
    lines = []
    header = ("round", "task", "site", "result", "seconds", "parameters", "weight", "metrics")
    cells = [header, *(_cells(row) for row in report.rows[:longest])]
    widths = [max(len(line[column]) for line in cells) for column in range(len(header))]
    right = {0, 4, 5, 6}
    for line in cells:
        parts = [
            text.rjust(width) if column in right else text.ljust(width)
            for column, (text, width) in enumerate(zip(line, widths, strict=True))
        ]
        lines.append("  ".join(parts).rstrip())
    if len(report.rows) > longest:
        lines.append(f"… and {len(report.rows) - longest} more results")
    lines.append("")
    if report.model_after:
        lines.append(
            f"global model: {report.parameters:,} parameters, {report.model_before[:12]} → {report.model_after[:12]}"
        )
    lines.extend(f"changed for this run: {change}" for change in report.changed)
    if report.kept:
        lines.append(f"kept: {report.kept}")
    lines.append(
        f"{report.outcome} in {report.seconds:.2f} s with NVFlare {report.nvflare}, "
        f"{len(report.sites)} sites" + (f", {report.peak_megabytes:.0f} MB" if report.peak_megabytes else "")
    )
    return "\n".join(lines) + "\n"


def _cells(row: Row) -> tuple[str, ...]:
    metrics = ", ".join(f"{name} {_number(value)}" for name, value in sorted(row.metrics.items()))
    result = row.code if row.code != "OK" else row.kind or "OK"
    if row.accepted is False:
        result += ", rejected"
    return (
        "" if row.round is None else str(row.round),
        row.task,
        row.site,
        result,
        "" if row.seconds is None else f"{row.seconds:.3f}",
        f"{row.parameters:,}" if row.parameters else "",
        "" if row.weight is None else f"{row.weight:g}",
        metrics,
    )


def _number(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def progress_of(event: Event) -> str | None:
    """What a progress line says after an event; None: nothing new."""
    kind = event["event"]
    if kind == "started":
        return f"NVFlare {event['nvflare']} starts"
    if kind == "round":
        return f"round {event['round']}"
    if kind == "task":
        number = "" if event["round"] is None else f"round {event['round']}: "
        return f"{number}{event['task']} at {event['site']}"
    return None
