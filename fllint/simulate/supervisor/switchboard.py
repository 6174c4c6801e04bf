"""The server's lines to its sites: hands out tasks, takes in results in the order of the sites, passes messages on.

NVFlare's clients poll the server. Here the server asks `ServerRunner.process_task_request` for every idle site, in
order, sends what comes, and hands the results to `ServerRunner.process_submission` in the order of the sites, whichever
was first: the sites work side by side, and the run is the same every time. Nothing assigned and nothing outstanding is
a stall.
"""

# NVFlare is in the user's environment, not in fllint's.
# mypy: disable-error-code="import-not-found,import-untyped"

from __future__ import annotations

import selectors
import threading
import time
from typing import Any

from . import post
from .assignments import Assignment, SiteLine, told_result
from .events import Teller
from .results import content_of
from .wire import Frame, LineClosedError

_LOOK, _IDLE = 0.01, 0.03
"""Seconds between looks, and seconds without a pass after which the background makes one."""
_LAST_WORDS = 1.0
"""Seconds that an aborted run goes on, so that what is told does not depend on which site was first."""


class Switchboard:
    """Owned by the server process. ``watch_result`` is told every result before the server handles it."""

    def __init__(self, sites: list[SiteLine], teller: Teller) -> None:
        self.sites = {site.name: site for site in sites}
        self.lock = threading.RLock()
        self.runner: Any = None
        self.engine: Any = None
        self.observer: Any = None
        self.last_pass = time.monotonic()
        self.passes = 0
        self._selector = selectors.DefaultSelector()
        for site in sites:
            self._selector.register(site.line, selectors.EVENT_READ, site)
        self._teller = teller
        self.post = post.Post("server", self.send_mail, self._wait_for_answer)

    # passes

    def pump(self, wait: bool) -> bool:
        """Hands out tasks and takes in results; gives whether anything happened.

        ``wait``: do not return before every site that works has answered, or the run was aborted.
        """
        with self.lock:
            self.passes += 1
            while wait and self._starting():
                self._take_in(0.1)
            happened = self._assign() if not self._starting() else False
            while self._working():
                happened = self._take_in(0.1 if wait else 0.0) or happened
                happened = self._submit() or happened
                if self.runner.abort_signal.triggered:
                    self._hear_out()
                    break
                if not wait:
                    break
            self.last_pass = time.monotonic()
            self.passes -= 1
            return happened

    def _starting(self) -> bool:
        """Whether a site has not come up yet. None gets a task before: results come in the order of the sites."""
        return any(site.alive and not site.ready for site in self.sites.values())

    def _hear_out(self) -> None:
        """Gives the sites that still work a moment to say what happened to them, though the run was aborted."""
        end = time.monotonic() + _LAST_WORDS
        while time.monotonic() < end and any(each.answer is None for each in self._assignments()):
            self._take_in(0.05)

    def serve_in_background(self) -> None:
        """Keeps the run moving while a controller waits in a way of its own (`time.sleep` in a loop): messages at once,
        tasks when no pass was made for a while."""

        def serve() -> None:
            while True:
                self._selector.select(_LOOK)
                with self.lock:
                    self._take_in(0.0)
                    if time.monotonic() - self.last_pass > _IDLE:
                        self.pump(wait=False)
                        self.check_tasks()

        threading.Thread(target=serve, name="fllint_switchboard", daemon=True).start()

    def check_tasks(self) -> None:
        """Lets the communicator of the current workflow finish the tasks that are done."""
        if self.runner.current_wf is not None:
            self.runner.current_wf.controller.communicator.check_tasks()

    def end(self) -> None:
        """Tells every site that the run is over, and waits until they have ended."""
        with self.lock:
            for site in self.sites.values():
                self._send(site, Frame({"kind": "end"}))
            while any(site.alive and not site.ended for site in self.sites.values()):
                self._take_in(0.1)

    @property
    def dead(self) -> list[str]:
        return [site.name for site in self.sites.values() if not site.alive]

    # tasks

    def _assignments(self) -> list[Assignment]:
        return [site.assignment for site in self.sites.values() if site.assignment is not None]

    def _working(self) -> list[SiteLine]:
        return [site for site in self.sites.values() if site.assignment is not None]

    def _assign(self) -> bool:
        from nvflare.private.defs import SpecialTaskName

        assigned = False
        for site in self.sites.values():
            if not site.alive or not site.ready or site.ended or site.assignment is not None:
                continue
            with self.engine.new_context() as fl_ctx:
                fl_ctx.set_peer_context(self._peer_context(site))
                name, task_id, task = self.runner.process_task_request(site.client, fl_ctx)
                if not name or name in (SpecialTaskName.TRY_AGAIN, SpecialTaskName.END_RUN):
                    continue
                self._send_task(site, name, task_id, task, fl_ctx)
                assigned = True
        return assigned

    def _peer_context(self, site: SiteLine) -> Any:
        """What the site says of itself with a request: the public properties of its context."""
        from nvflare.apis.fl_context import FLContext

        context = FLContext()
        context.set_public_props(dict(site.properties))
        return context

    def _send_task(self, site: SiteLine, name: str, task_id: str, task: Any, fl_ctx: Any) -> None:
        """As `GetTaskCommand.process` (`nvflare.private.fed.server.server_commands`) answers a request for a task."""
        from nvflare.apis.fl_constant import FLContextKey
        from nvflare.apis.utils.fl_context_utils import gen_new_peer_ctx
        from nvflare.app_common.app_constant import AppConstants
        from nvflare.fuel.utils import fobs

        task.add_cookie(FLContextKey.TASK_ID, task_id)
        task.set_header(FLContextKey.TASK_ID, task_id)
        task.set_header("task_name", name)
        number = task.get_header(AppConstants.CURRENT_ROUND)
        assignment = Assignment(name, task_id, number, content_of(task), time.monotonic())
        try:
            payload = fobs.dumps({"task": task, "peer": gen_new_peer_ctx(fl_ctx).get_all_public_props()})
        except Exception as error:
            self._teller.fault(
                "task-not-serialisable",
                site="server",
                task=name,
                round=number,
                message=f"{type(error).__name__}: {error}",
            )
            self.runner.system_panic(f"task {name} cannot be sent: {error}", fl_ctx)
            return
        site.assignment = assignment
        self._teller.tell("task", site=site.name, task=name, id=task_id, round=number, bytes=len(payload))
        self._send(site, Frame({"kind": "task", "name": name, "id": task_id}, payload))

    def _submit(self) -> bool:
        """Hands over the results that are next in the order of the sites."""
        submitted = False
        for site in self.sites.values():
            assignment = site.assignment
            if assignment is None:
                continue
            if assignment.answer is None:
                break
            site.assignment = None
            self._submit_one(site, assignment, assignment.answer)
            submitted = True
        return submitted

    def _submit_one(self, site: SiteLine, assignment: Assignment, frame: Frame) -> None:
        """As `SubmitUpdateCommand.process` does."""
        from nvflare.apis.fl_constant import FLContextKey
        from nvflare.apis.fl_context import FLContext
        from nvflare.fuel.utils import fobs

        try:
            told = fobs.loads(frame.payload)
        except Exception as error:
            self._tell_unreadable(site, assignment, frame, error)
            return
        result, peer = told["result"], FLContext()
        peer.set_public_props(told["peer"])
        peer.set_prop(FLContextKey.SHAREABLE, result, private=True)
        content = content_of(result)
        code = str(result.get_return_code())
        said = told_result(assignment, content, code, frame.header.get("seconds", 0.0))
        self._teller.tell("result", site=site.name, bytes=len(frame.payload), **said)
        if self.observer is not None:
            self.observer.result_arrived(site.name, assignment, content, code, frame.header.get("sent_from", []))
        with self.engine.new_context() as fl_ctx:
            fl_ctx.set_peer_context(peer)
            self.runner.process_submission(site.client, frame.header["name"], frame.header["id"], result, fl_ctx)

    def _tell_unreadable(self, site: SiteLine, assignment: Assignment, frame: Frame, error: Exception) -> None:
        """A result that can be sent but not read: NVFlare's server drops it, and the site would send it for ever."""
        self._teller.fault(
            "result-not-serialisable",
            site=site.name,
            task=assignment.name,
            round=assignment.round,
            message=f"{type(error).__name__}: {error}",
            where="the result",
            frames=frame.header.get("sent_from", []),
        )
        self._lost(site)
        site.line.close()

    # frames

    def send_mail(self, frame: Frame) -> None:
        """Puts a message on its way; one to the server itself is handled here."""
        to = frame.header["to"]
        if to == "server":
            self._arrived(frame)
        elif to in self.sites:
            self._send(self.sites[to], frame)

    def _send(self, site: SiteLine, frame: Frame) -> None:
        if site.alive:
            try:
                site.line.send(frame)
            except LineClosedError:
                self._lost(site)

    def _lost(self, site: SiteLine) -> None:
        if site.alive:
            site.alive = False
            self._selector.unregister(site.line)
            if site.assignment is not None and site.assignment.answer is None:
                site.assignment = None

    def _take_in(self, seconds: float) -> bool:
        """Reads what the sites sent; gives whether there was anything."""
        ready = self._selector.select(seconds)
        for key, _ in ready:
            site = key.data
            try:
                for frame in site.line.received():
                    self._received(site, frame)
            except LineClosedError:
                self._lost(site)
        return bool(ready)

    def _received(self, site: SiteLine, frame: Frame) -> None:
        if frame.kind in ("ready", "ask"):
            from nvflare.fuel.utils import fobs

            site.properties = fobs.loads(frame.payload)
            site.ready = True
        elif frame.kind == "result":
            if site.assignment is not None:
                site.assignment.answer = frame
        elif frame.kind == "ended":
            site.ended = True
            site.assignment = None
        elif frame.kind in ("mail", "answer"):
            if frame.header["to"] == "server":
                self._arrived(frame)
            elif frame.header["to"] in self.sites:
                self._send(self.sites[frame.header["to"]], frame)

    def _arrived(self, frame: Frame) -> None:
        if frame.kind == "answer":
            self.post.answered(frame)
            return
        reply = post.handle(frame, self.engine)
        if frame.header["number"]:
            self.send_mail(post.answer(frame, reply))

    def _wait_for_answer(self, event: threading.Event, deadline: float) -> None:
        while not event.is_set() and time.monotonic() < deadline:
            with self.lock:
                self._take_in(0.02)
