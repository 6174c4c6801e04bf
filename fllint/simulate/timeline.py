"""A plan for the terminal: the sites, a table of phases, and a timeline."""

from __future__ import annotations

from fllint.simulate.conduct import Manner
from fllint.simulate.plan import Plan


def render(plan: Plan) -> str:
    """The plan for a terminal: the sites, a table of phases, and a timeline."""
    lines = ["sites: " + (", ".join(group.label for group in plan.groups) or "none"), ""]
    header = ("workflow", "task", "how", "rounds", "messages", "handled by", "then")
    rows = [header]
    for phase in plan.phases:
        handlers = dict.fromkeys(executor or "nobody" for executor in phase.handlers.values())
        rounds = "?" if phase.rounds is None else f"{phase.rounds:,}"
        messages = "?" if phase.messages is None else f"{phase.messages:,}"
        rows.append(
            (phase.workflow, phase.task, phase.manner.value, rounds, messages, ", ".join(handlers), phase.outcome)
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    for row in rows:
        cells = [
            text.rjust(width) if column in (3, 4) else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    lines.append("")
    lines.extend(_timeline(plan))
    lines.append("")
    for phase in plan.phases:
        lines.extend(f"{phase.workflow}, {phase.task}: {note}" for note in phase.notes)
    counted = "at least " if any(phase.messages is None for phase in plan.phases) else ""
    lines.append(f"{plan.sites:,} sites, {counted}{plan.messages:,} tasks sent; nothing was run")
    return "\n".join(lines) + "\n"


def _timeline(plan: Plan) -> list[str]:
    """One line for each group of sites, one column for each phase."""
    width = max([len(group.app) for group in plan.groups] + [len("server")])
    columns = [f"{phase.task} x {'?' if phase.rounds is None else phase.rounds}" for phase in plan.phases]
    lines = ["server".ljust(width) + " │ " + " → ".join(columns)]
    for group in plan.groups:
        cells = []
        for phase, column in zip(plan.phases, columns, strict=True):
            handled = phase.handlers.get(group.app, "")
            mark = "?" if phase.outcome == "unknown" else "■" if handled else "✗"
            length = len(column) if phase.manner is not Manner.ONE else 1
            cells.append((mark * length).ljust(len(column)))
        lines.append(group.app.ljust(width) + " │ " + "   ".join(cells).rstrip())
    return lines
