"""From what the supervisor told to findings: what went wrong, where, and what to do about it.

A fault has a cause and consequences: a script that raises makes its task fail, the round lose a contribution, the
server abort. The cause is reported; a consequence only when no cause explains it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from fllint.findings import Finding, Problem, Severity
from fllint.job.model import Job
from fllint.simulate.causes import Causes, Trouble
from fllint.simulate.places import Places
from fllint.simulate.rules import rule_of
from fllint.simulate.supervise import Event
from fllint.simulate.wording import paired

SITE_CAUSES: Final = frozenset(
    ("FL901", "FL902", "FL903", "FL904", "FL905", "FL910", "FL911", "FL912", "FL919", "FL923", "FL924")
)
"""Faults that make a site fail, and so explain the errors that it answers or logs."""
CAUSES: Final = SITE_CAUSES | {"FL906", "FL907", "FL909", "FL922"}
"""Faults that explain a round without updates, or the end of the run."""


def findings_of(
    events: Iterable[Event], read: Callable[[], Job], output: Callable[[str], str] = lambda site: ""
) -> tuple[Finding, ...]:
    """The findings of a run.

    Args:
        events: everything that the supervisor told.
        read: reads the job, for the places; called when there is something to point at.
        output: the last line that a site printed, for what only its output says.
    """
    told = list(events)
    if any(event["event"] == "refused" for event in told):
        return ()  # nothing was run: what the processes said when they were ended is no fault of the job
    return _Judge(told, read, output).findings()


class _Judge:
    def __init__(self, events: list[Event], read: Callable[[], Job], output: Callable[[str], str]) -> None:
        self.events, self.read, self.output = events, read, output
        self.troubles: list[Trouble] = []
        self.places = Places(self.read, self._roots())

    def findings(self) -> tuple[Finding, ...]:
        places = self.places
        teller = Causes(places, self.output)
        for event in self.events:
            if event["event"] == "fault" and event["fault"] == "server-panic":
                self._add(teller.server_panic(event, self._errors_of("server", event["at"])))
            elif event["event"] == "fault":
                self._add(teller.trouble(event))
        self._add_failed_tasks(teller)
        self._add_rejections(teller)
        self._add_every_client(places)
        self._add_empty_rounds(places)
        self._add_unchanged_model(places)
        self._add_logged_errors(teller)
        self._add_end(places)
        return tuple(sorted(self._merged(), key=lambda finding: finding.sort_key))

    def _add(self, trouble: Trouble | None) -> None:
        if trouble is not None:
            self.troubles.append(trouble)

    # what the events say

    def _told(self, kind: str) -> list[Event]:
        return [event for event in self.events if event["event"] == kind]

    def _roots(self) -> dict[str, tuple[str, str]]:
        apps = {site: told for event in self._told("deployed") for site, told in event["apps"].items()}
        return {site: (told["app"], told["root"]) for site, told in apps.items()}

    def _clients(self) -> list[str]:
        return [site for site in self._roots() if site != "server"]

    def _explained(self, site: str) -> bool:
        """Whether a cause at a site is known."""
        return any(trouble.code in SITE_CAUSES and trouble.site == site for trouble in self.troubles)

    @property
    def _any_cause(self) -> bool:
        return any(trouble.code in CAUSES and trouble.severity is None for trouble in self.troubles)

    # consequences that nothing explains

    def _add_failed_tasks(self, teller: Causes) -> None:
        for event in self._told("result"):
            if event["code"] == "TASK_UNKNOWN":
                self._add(teller.unknown_task(event))
            elif event["code"] != "OK" and not self._explained(event["site"]):
                self._add(teller.failed_task(event, self._errors_of(event["site"], event["at"])))

    def _errors_of(self, site: str, until: float) -> list[Event]:
        return [
            event
            for event in self._told("record")
            if event["site"] == site and _is_error(event) and event["at"] <= until
        ]

    def _add_rejections(self, teller: Causes) -> None:
        fine = {
            (event["site"], event["task"], event["round"]) for event in self._told("result") if event["code"] == "OK"
        }
        for event in self._told("contribution"):
            misfit = any(
                trouble.code in ("FL906", "FL907") and (trouble.site, trouble.round) == (event["site"], event["round"])
                for trouble in self.troubles
            )
            if not event["accepted"] and not misfit and (event["site"], event["task"], event["round"]) in fine:
                self._add(teller.rejected(event, self._component_with_base("Aggregator")))

    def _component_with_base(self, base: str) -> str:
        for event in self._told("configured"):
            for _, class_path, bases in event.get("components", []):
                if base in bases:
                    return str(class_path)
        return ""

    def _add_every_client(self, places: Places) -> None:
        clients = self._clients()
        if clients and all(self._explained(site) for site in clients):
            self._add(
                Trouble(
                    "FL913",
                    f"every client failed ({_sites(clients)}); nothing was learned",
                    places.of_site("server"),
                    "server",
                )
            )

    def _add_empty_rounds(self, places: Places) -> None:
        accepted: dict[Any, int] = {}
        for event in self._told("contribution"):
            accepted[event["round"]] = accepted.get(event["round"], 0) + bool(event["accepted"])
        empty = [number for number, count in accepted.items() if count == 0 and number is not None]
        if empty and not self._any_cause:
            rounds = ", ".join(str(number) for number in empty)
            place = places.of_workflow() or places.of_site("server")
            self._add(Trouble("FL914", f"round {rounds} ended without a contribution to the model", place, "server"))

    def _add_unchanged_model(self, places: Places) -> None:
        models = self._told("model")
        loaded = [event["digest"] for event in models if event["moment"] == "loaded"]
        saved = [event["digest"] for event in models if event["moment"] == "saved"]
        if loaded and saved and loaded[0] and loaded[0] == saved[-1] and not self._any_cause:
            place = places.of_workflow() or places.of_site("server")
            self._add(Trouble("FL915", "the global model is at the end what it was at the beginning", place, "server"))

    def _add_logged_errors(self, teller: Causes) -> None:
        aborted = any(trouble.code == "FL921" for trouble in self.troubles)
        for records in paired([event for event in self._told("record") if _is_error(event)]):
            site = records[0]["site"]
            if self._explained(site) or (self._any_cause and (site == "server" or aborted)):
                continue
            if site == "server" and aborted and not teller.is_in_job(records):
                continue
            self._add(teller.logged(records))

    def _add_end(self, places: Places) -> None:
        last = self.events[-1] if self.events else {}
        if last.get("outcome") in ("aborted", "failed", "timeout") and not any(
            rule_of(trouble.code).severity is Severity.ERROR for trouble in self.troubles
        ):
            self._add(Trouble("FL921", f"the run ended as {last['outcome']}", places.of_site("server"), "server"))

    # many troubles, one finding

    def _merged(self) -> list[Finding]:
        groups: dict[tuple[Any, ...], list[Trouble]] = {}
        for trouble in self.troubles:
            if trouble.code in ("FL920", "FL921") and self._any_cause:
                continue
            groups.setdefault(trouble.key, []).append(trouble)
        return [self._finding(group) for group in groups.values()]

    def _finding(self, group: list[Trouble]) -> Finding:
        first, rule = group[0], rule_of(group[0].code)
        order = self._clients()
        sites = sorted({trouble.site for trouble in group if trouble.site in order}, key=order.index)
        rounds = [trouble.round for trouble in group if trouble.round is not None]
        message = first.message + _where(sites, rounds, len(self._clients()))
        problem = Problem(first.place, message, first.help, first.related, first.severity)
        severity = first.severity or rule.severity
        return Finding(rule.code, rule.name, severity, self.places.job.path, problem)


def _is_error(event: Event) -> bool:
    return event["level"] in ("ERROR", "CRITICAL")


def _sites(names: list[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _where(sites: list[str], rounds: list[int], clients: int) -> str:
    """`` (site-1, site-2; round 0)``; nothing when neither is known."""
    parts = []
    if sites:
        parts.append("every site" if len(sites) == clients and clients > 2 else _sites(sites))
    numbers = sorted(set(rounds))
    if numbers:
        parts.append(("round " if len(numbers) == 1 else "rounds ") + ", ".join(str(number) for number in numbers[:6]))
    return f" ({'; '.join(parts)})" if parts else ""
