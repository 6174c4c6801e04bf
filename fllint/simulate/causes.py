"""The words for each fault of a run: from an event to what happened, where, and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from signal import Signals
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from fllint.documents.tree import Place
from fllint.findings import Related, Severity
from fllint.simulate.places import Places
from fllint.simulate.supervise import Event
from fllint.simulate.wording import ADDRESS, and_more, first_line, frames_of, paired, quoted, shape, shortened, task_of

EXCEPTION: Final = re.compile(r"exception: '(.*)'\s*$", re.DOTALL)
CONTEXT: Final = re.compile(r"\[identity=[^\]]*\](?::? ?-? ?)")
STARTING: Final = re.compile(r'Exception when handling event "_(?:about_to_)?start_run"')
"""What NVFlare (`nvflare.apis.utils.event`) logs when a component fails at the start; it goes on as if nothing were."""


class Trouble(Struct, frozen=True):
    """A fault at one site, before the same fault at others is added to it."""

    code: str
    message: str
    place: Place
    site: str
    round: int | None = None
    help: str = ""
    related: tuple[Related, ...] = ()
    severity: Severity | None = None
    detail: str = ""

    @property
    def key(self) -> tuple[Any, ...]:
        """What the same fault has in common at all sites and rounds; apps of several sites may hold the same file."""
        source = self.place.source
        start = self.place.span.start if self.code != "FL903" else 0  # where a loop was caught is chance
        return self.code, source.name.rpartition("/")[2], source.text, start, self.detail, self.severity


class Causes(Struct, frozen=True):
    """Tells what events mean. ``output`` gives the last line that a site printed."""

    places: Places
    output: Callable[[str], str]

    def trouble(self, event: Event) -> Trouble | None:
        """What a fault event means; None for a kind that this version does not know."""
        tell = getattr(self, "_" + str(event["fault"]).replace("-", "_"), None)
        return tell(event) if tell else None

    def _at(self, event: Event, code: str, message: str, place: Place | None = None, **more: Any) -> Trouble:
        site = event.get("site", "server")
        calls = [] if place else self.places.all_of_frames(event.get("frames", [])) or self._of_stacks(event)
        found = place or (calls[-1] if calls else None)
        if calls and "related" not in more:
            more["related"] = tuple(Related(caller, "called from here") for caller in calls[-4:-1])
        return Trouble(code, shortened(message), found or self.places.of_site(site), site, event.get("round"), **more)

    def _of_stacks(self, event: Event) -> list[Place]:
        """The lines where a site's own code was: those of the first thread that is in it, the innermost last."""
        stacks = [stack for told in event.get("stacks", {}).values() for stack in told]
        return next(filter(None, map(self.places.all_of_frames, stacks)), [])

    # the script

    def _script_crash(self, event: Event) -> Trouble:
        said = f"{event['type']}: {event['message']}" if event["message"] else str(event["type"])
        return self._at(event, "FL901", f"the script raised {said}")

    def _script_never_sends(self, event: Event) -> Trouble:
        task = task_of(event)
        if event["sent"]:
            message = f"the script ended after it had sent {event['sent']} results, but {task} waited for another one"
        else:
            message = f"the script ended without flare.send, but {task} waited for its result"
        advice = "call flare.send once for every model received, in a loop: `while flare.is_running():`"
        return self._at(event, "FL902", message, self._receiving_line(event), help=advice)

    def _receiving_line(self, event: Event) -> Place | None:
        """Where the script receives a model."""
        place = self.places.of_frames(event["frames"])
        if place is None:
            return None
        for number, line in enumerate(place.source.text.splitlines(), 1):
            if re.search(r"\breceive\(", line.partition("#")[0]):
                return self.places.of_frames([[event["script"], number, ""]])
        return place

    def _task_timeout(self, event: Event) -> Trouble:
        message = f"{task_of(event)} was not finished after {event['seconds']:g} s; the site's code was here"
        advice = "give --task-timeout more seconds when the task only takes long"
        return self._at(event, "FL903", message, help=advice)

    def _start_timeout(self, event: Event) -> Trouble:
        message = f"the site was not ready after {event['seconds']:g} s; its code was here"
        advice = "give --task-timeout more seconds when the site only takes long to start"
        return self._at(event, "FL903", message, help=advice)

    def _script_exits(self, event: Event) -> Trouble:
        message = f"the script ended itself with exit status {event['status']}"
        if any(str(frame[0]).endswith("argparse.py") for frame in event["frames"]):
            message = f"argparse refused the script's arguments and ended it: {self.output(event['site'])}"
        return self._at(event, "FL904", message)

    def _process_died(self, event: Event) -> Trouble:
        how = f"by {Signals(event['signal']).name}" if event["signal"] else f"with exit status {event['status']}"
        if not event["signal"] and event["status"] is None:
            how = "before its time"  # NVFlare's simulator does not say how
        during = f" during {task_of(event)}" if event.get("task") else ""
        if event["site"] == "server":
            return self._at(event, "FL921", f"the server's process ended {how}")
        place = self._script_place(event["site"])
        return self._at(event, "FL904", f"the site's process ended {how}{during}", place)

    def _script_place(self, site: str) -> Place | None:
        """The executor of a site, for a fault that left no traceback."""
        config = self.places.config_of(site)
        if config is None or not config.executors:
            return None
        component = config.executors[0].component
        return component.place if component else None

    def _script_sends_twice(self, event: Event) -> Trouble:
        return self._at(event, "FL905", "the script sends a second time without having received a new model")

    # results

    def _parameter_names(self, event: Event) -> Trouble:
        parts = []
        if event["missing"]:
            parts.append(f"lacks {quoted(event['missing'])}")
        if event["extra"]:
            parts.append(f"has {quoted(event['extra'])}, which {event['other']} has not")
        return self._at(event, "FL906", f"the result {' and '.join(parts)}", self._sender(event))

    def _parameter_shape(self, event: Event) -> Trouble:
        name, mine, other = event["parameters"][0]
        message = f"parameter '{name}' of the result has the shape {shape(mine)}, {event['other']}'s has {shape(other)}"
        return self._at(event, "FL907", message + and_more(event["parameters"]), self._sender(event), detail="shape")

    def _parameter_type(self, event: Event) -> Trouble:
        name, mine, other = event["parameters"][0]
        message = f"parameter '{name}' of the result is {mine}, {event['other']}'s is {other}"
        return self._at(
            event,
            "FL907",
            message + and_more(event["parameters"]),
            self._sender(event),
            detail="type",
            severity=Severity.WARNING,
        )

    def _not_finite(self, event: Event) -> Trouble:
        message = f"{quoted(event['parameters'])} of the result has values that are not finite"
        return self._at(event, "FL908", message, self._sender(event))

    def _metric_missing(self, event: Event) -> Trouble:
        sent = f"they send {quoted(event['sent'])}" if event["sent"] else "they send none"
        message = f"the model selector looks for the metric '{event['metric']}', which the sites do not send ({sent})"
        trouble = self._at(event, "FL917", message, self.places.of_class("server", event["class"]))
        return replace(trouble, round=None)

    def _sender(self, event: Event) -> Place | None:
        return self.places.of_frames(event["frames"]) or self._script_place(event["site"])

    def _result_not_serialisable(self, event: Event) -> Trouble:
        message = f"{event['where']} cannot be sent: {event['message']}"
        return self._at(event, "FL910", message, self._sender(event))

    def _task_not_serialisable(self, event: Event) -> Trouble:
        return self._at(
            event, "FL910", f"{task_of(event)} cannot be sent: {event['message']}", self.places.of_workflow()
        )

    # configuration

    def _not_configured(self, event: Event) -> Trouble:
        said = EXCEPTION.search(event["message"])
        message = said[1] if said else f"{event['type']}: {event['message']}"
        site = event["site"]
        who = "the server" if site == "server" else "the site"
        place = self.places.of_frames(event["frames"]) or self.places.of_element(site, event["message"])
        return self._at(event, "FL912", f"{who} cannot be configured: {message}", place)

    def _site_panic(self, event: Event) -> Trouble:
        if event.get("task"):
            return self._at(event, "FL923", f"the site gave up during {task_of(event)}: {event['message']}")
        message = f"the site gave up when the run began: {event['message']}"
        return self._at(event, "FL912", message, self._script_place(event["site"]))

    def _site_failed(self, event: Event) -> Trouble:
        return self._at(event, "FL912", f"the site failed: {event['type']}: {event['message']}")

    def _job_refused(self, event: Event) -> Trouble:
        return self._at(event, "FL924", f"NVFlare refuses the job: {event['message']}", self.places.of_job())

    # the run

    def _memory(self, event: Event) -> Trouble:
        message = f"the site's processes used {event['megabytes']} MB, more than the {event['limit']:g} MB of --memory"
        return self._at(event, "FL919", message)

    def _stalled(self, event: Event) -> Trouble:
        waiting = f" of {', '.join(event['waiting'][:6])}" if event["waiting"] else ""
        message = f"the server waits for the results{waiting} for task '{event['tasks'][0]}', which can no longer come"
        return self._at(event, "FL920", message, self.places.of_workflow())

    def _server_failed(self, event: Event) -> Trouble:
        return self._at(event, "FL921", f"the server failed: {event['type']}: {event['message']}")

    def _run_timeout(self, event: Event) -> Trouble:
        busy = f"; {', '.join(event['busy'][:6])} still worked" if event["busy"] else ""
        return self._at(event, "FL922", f"the run was not over after {event['seconds']:g} s{busy}")

    def _process_left(self, event: Event) -> Trouble:
        commands = "; ".join(event["commands"][:3])
        place = self.places.of_site("server")
        return self._at(event, "FL918", f"{len(event['commands'])} processes were left behind: {commands}", place)

    def _process_stays(self, event: Event) -> Trouble:
        return self._at(event, "FL918", "the site's process did not end after the job had ended")

    # results that are errors, and logs

    def unknown_task(self, event: Event) -> Trouble:
        """No executor handled a task."""
        config = self.places.config_of(event["site"])
        tasks = sorted({task for entry in config.executors for task in entry.tasks}) if config else []
        advice = f"its executors handle {quoted(tasks)}" if tasks else ""
        message = f"no executor handles the task '{event['task']}'"
        return self._at(event, "FL911", message, self.places.of_task(event["site"]), help=advice, detail=event["task"])

    def failed_task(self, event: Event, errors: list[Event]) -> Trouble:
        """A site answered with an error. ``errors`` are what the site logged before."""
        message = f"{task_of(event)} failed: the site answered {event['code']}"
        frames: list[Any] = []
        told = paired(errors)
        start = next((records for records in told if STARTING.search(records[0]["message"])), None)
        if start is not None:
            place = self.places.of_frames(frames_of(start)) or self._script_place(event["site"])
            return self._at(event, "FL912", f"a component failed when the run began: {first_line(start)}", place)
        if told:
            message += f"; {first_line(told[-1])}"
            frames = frames_of(told[-1])
        place = self.places.of_frames(frames) or self._script_place(event["site"])
        return self._at(event, "FL923", message, place, detail=event["code"])

    def server_panic(self, event: Event, errors: list[Event]) -> Trouble:
        """The server gave up. ``errors`` are what it logged before; the first often says why."""
        told = paired(errors)
        mine = [records for records in told if records[0]["message"] in event["message"]]
        component = self.places.of_class("server", mine[-1][0]["logger"]) if mine else None
        message = f"the server aborted the run: {event['message']}"
        if told and event["message"] not in told[0][0]["message"]:
            message += f"; before, it logged: {first_line(told[0])}"
        return self._at(event, "FL921", message, component or self.places.of_workflow())

    def rejected(self, event: Event, aggregator: str) -> Trouble:
        """The aggregator did not take a contribution."""
        place = self.places.of_class("server", aggregator) if aggregator else self.places.of_workflow()
        why = f": {CONTEXT.sub('', ADDRESS.sub('', event['why']))}" if event["why"] else ""
        return self._at(event, "FL909", f"the server rejected the site's contribution{why}", place)

    def is_in_job(self, records: list[Event]) -> bool:
        """Whether a traceback in log records passes through the job's own code."""
        return self.places.of_frames(frames_of(records)) is not None

    def logged(self, records: list[Event]) -> Trouble:
        """An error in the log that nothing else explains."""
        frames = frames_of(records)
        logger = records[0]["logger"]
        place = self.places.of_frames(frames) or self.places.of_class(records[0]["site"], logger)
        return self._at(records[0], "FL916", f"{logger.rsplit('.', 1)[-1]} logged: {first_line(records)}", place)
