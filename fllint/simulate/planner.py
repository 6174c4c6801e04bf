"""``--level plan``: how a job's workflows would work, without running anything.

The sites of one app behave alike, so that they are counted, not listed: the work is the number of workflows and their
tasks times the number of apps, whatever the number of sites and rounds.
"""

from __future__ import annotations

from typing import Final

from fllint.documents.tree import Unknown
from fllint.findings import Finding, Problem
from fllint.job.model import App, Component
from fllint.python.classes import ClassInfo
from fllint.review import Review
from fllint.simulate.conduct import Conduct, Manner, conduct_of
from fllint.simulate.plan import Group, Phase, Plan
from fllint.simulate.rules import rule_of
from fllint.tasks import given_values, route, task_name, tasks_of

DEFAULT_SITES: Final = 2


def plan_of(
    review: Review, number: int | None = None, names: tuple[str, ...] | None = None, rounds: int | None = None
) -> Plan:
    """The plan of a job.

    Args:
        review: the job and the release.
        number: how many clients there are (``site-1`` ...); None: those of ``names``, or of the deploy map, or two.
        names: the clients by name.
        rounds: caps the rounds of every workflow.
    """
    groups = groups_of(review, number, names)
    planner = _Planner(review, groups, rounds)
    server = review.job.server_app
    for workflow in server.server.workflows if server and server.server else ():
        planner.add(server, workflow)  # type: ignore[arg-type]  # the loop is empty without a server app
    return Plan(
        review.job.path, groups, tuple(planner.phases), tuple(dict.fromkeys(planner.findings)), planner.complete
    )


def groups_of(review: Review, number: int | None, names: tuple[str, ...] | None) -> tuple[Group, ...]:
    """The clients by the app that they get, in the order of the deploy map."""
    wanted = names or (tuple(f"site-{index}" for index in range(1, number + 1)) if number else None)
    groups = []
    taken: set[str] = set()
    for app in review.job.client_apps:
        if app.deployment is None or app.deployment.to_all:
            here = tuple(
                name for name in wanted or (f"site-{n}" for n in range(1, DEFAULT_SITES + 1)) if name not in taken
            )
        else:
            chosen = set(wanted) if wanted is not None else None
            here = tuple(name for name in app.client_sites if name not in taken and (chosen is None or name in chosen))
        taken.update(here)
        groups.append(Group(app.name, len(here), here))
    return tuple(group for group in groups if group.size)


class _Planner:
    def __init__(self, review: Review, groups: tuple[Group, ...], cap: int | None) -> None:
        self.review, self.groups, self.cap = review, groups, cap
        self.phases: list[Phase] = []
        self.findings: list[Finding] = []
        self.complete = True
        self.apps = {app.name: app for app in self.review.job.client_apps}
        self.sites = sum(group.size for group in self.groups)

    def add(self, app: App, workflow: Component) -> None:
        """Adds the phases of a workflow; after one that aborts, nothing more happens."""
        if workflow.disabled or any(phase.outcome == "aborts" for phase in self.phases):
            return
        resolution = self.review.class_of(app, workflow)
        info = resolution.class_info if resolution else None
        conduct = conduct_of(info)
        tasks = tasks_of(self.review, app, workflow)
        if tasks is None:
            self.complete = False
            self._append(workflow, "?", Conduct(Manner.UNKNOWN), {}, ("its tasks cannot be known without running it",))
            return
        values = given_values(self.review, app, workflow, info) if info else {}
        tasks = tuple(dict.fromkeys((*tasks, *_start_tasks(conduct, info, values))))
        for task in conduct.in_order(tasks):
            self._append(workflow, task, conduct, values, ())
            if self.phases[-1].outcome == "aborts":
                return
        for task in self._tasks_among_clients(conduct, str(values.get("task_name_prefix"))):
            self._append(workflow, task, _among(conduct, task), values, ())

    def _tasks_among_clients(self, conduct: Conduct, prefix: str) -> tuple[str, ...]:
        """The tasks with a prefix that the clients' own controllers send to other clients, as far as they are known.

        What such a controller hands to an executor of its own site is no task that is sent.
        """
        if not conduct.among_rounds:
            return ()
        tasks: list[str] = []
        for group in self.groups:
            app = self.apps[group.app]
            for entry in app.client.executors if app.client else ():
                resolution = self.review.class_of(app, entry.component) if entry.component else None
                info = resolution.class_info if resolution else None
                if info is not None and entry.component is not None:
                    values = given_values(self.review, app, entry.component, info)
                    tasks.extend(name for name in (task_name(task, values) for task in info.issued_tasks) if name)
        ours = (task for task in tasks if task.startswith(f"{prefix}_"))
        return tuple(sorted(dict.fromkeys(ours), key=lambda task: task.endswith(conduct.once)))

    def _append(
        self, workflow: Component, task: str, conduct: Conduct, values: dict[str, object], notes: tuple[str, ...]
    ) -> None:
        manner = conduct.manner_of(task)
        said = list(notes)
        rounds = self._rounds(conduct, values, said)
        sites = self._sites(conduct, manner, values, said)
        handlers = self._handlers(task) if task != "?" else {}
        outcome = "goes on" if manner is not Manner.UNKNOWN else "unknown"
        unhandled = [name for name, executor in handlers.items() if not executor]
        if unhandled:
            outcome = "aborts"
            said.append(f"no executor of {', '.join(unhandled)} handles '{task}': the server aborts the job")
            self._report(
                "FL911", f"no executor of app '{unhandled[0]}' handles the task '{task}'", unhandled[0], workflow
            )
        elif not self.sites:
            outcome = "waits"
            said.append("there is no client: the server waits for ever")
        elif self.sites < conduct.least:
            outcome = "aborts"
            message = f"{workflow.label} needs at least {conduct.least} clients and aborts with {self.sites}"
            said.append(message)
            self._report("FL921", message, "", workflow)
        if conduct.afterwards and manner is Manner.ONE:
            said.append(conduct.afterwards)
        messages = self._messages(manner, rounds, sites)
        if outcome == "aborts":
            messages = sites if rounds else 0
        self.phases.append(
            Phase(
                workflow.id or workflow.short_class,
                workflow.short_class,
                task,
                manner,
                rounds,
                sites,
                messages,
                handlers,
                outcome,
                tuple(said),
            )
        )

    def _report(self, code: str, message: str, app_name: str, workflow: Component) -> None:
        app = self.apps.get(app_name)
        place = workflow.place
        if app is not None and app.client is not None and app.client.executors:
            first = app.client.executors[0]
            place = first.task_nodes[0].place if first.task_nodes else first.node.place
        rule = rule_of(code)
        self.findings.append(Finding(code, rule.name, rule.severity, self.review.job.path, Problem(place, message)))

    def _rounds(self, conduct: Conduct, values: dict[str, object], said: list[str]) -> int | None:
        if conduct.manner is Manner.UNKNOWN:
            return None
        if not conduct.rounds:
            return 1
        rounds = values.get(conduct.rounds)
        if not isinstance(rounds, int) or isinstance(rounds, bool):
            said.append(f"{conduct.rounds} is {'not known' if isinstance(rounds, Unknown) else repr(rounds)}")
            return None
        if self.cap is not None and rounds > self.cap:
            said.append(f"{conduct.rounds} {rounds} → {self.cap}, for this plan only")
            return self.cap
        return max(rounds, 0)

    def _sites(self, conduct: Conduct, manner: Manner, values: dict[str, object], said: list[str]) -> int:
        """How many sites get the task in a round."""
        if manner is Manner.ONE:
            return min(1, self.sites)
        asked = values.get(conduct.clients) if conduct.clients else None
        if not isinstance(asked, int) or isinstance(asked, bool):
            return self.sites
        if asked > self.sites:
            said.append(f"{conduct.clients} is {asked}, and there are {self.sites}: NVFlare goes on with those")
        elif manner in (Manner.SAMPLE, Manner.RELAY) and 0 < asked < self.sites:
            said.append(f"each round is for {asked} of {self.sites} sites, chosen by chance")
            return asked
        elif manner is Manner.BROADCAST and asked < self.sites:
            wait = values.get(conduct.wait) if conduct.wait else None
            later = f" and {wait} s more" if isinstance(wait, int) and wait else ""
            said.append(f"a round ends with {asked} answers{later}; an error counts as an answer")
        return self.sites

    def _messages(self, manner: Manner, rounds: int | None, sites: int) -> int | None:
        if rounds is None:
            return None
        if manner is Manner.PER_MODEL:
            return sites * (sites + 1)  # every site's model and the server's, at every site
        return rounds * sites

    def _handlers(self, task: str) -> dict[str, str]:
        patterns = self.review.has("task_patterns")
        handlers = {}
        for group in self.groups:
            client = self.apps[group.app].client
            found = route(client, task, patterns=patterns) if client else None
            component = found[0].component if found else None
            handlers[group.app] = component.short_class if component else ""
        return handlers


def _start_tasks(conduct: Conduct, info: ClassInfo | None, values: dict[str, object]) -> tuple[str, ...]:
    """The task that starts the clients, where NVFlare chooses whom to send it to."""
    if info is None or not conduct.chosen or values.get(conduct.chosen) not in ("", None):
        return ()
    names = (task_name(task, values) for task in info.issued_tasks)
    return tuple(name for name in names if name and conduct.manner_of(name) is Manner.ONE)


def _among(conduct: Conduct, task: str) -> Conduct:
    """How clients hand a task to each other."""
    return Conduct(Manner.AMONG, "" if task.endswith(conduct.once) else conduct.among_rounds)
