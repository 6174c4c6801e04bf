"""The process of one site: NVFlare's own client runner, told its tasks over a line instead of polling a server."""

# NVFlare is in the user's environment, not in fllint's.
# mypy: disable-error-code="import-not-found,import-untyped"

from __future__ import annotations

import contextlib
import os
import threading
import time
from typing import Any

from . import post, unsupported
from .client import SiteClient, SiteObserver
from .deploy import Deployment, client_of
from .events import Teller
from .external import replace_external
from .records import frames_of_chain
from .script import ScriptWatch, poll_quickly
from .setting import arguments_for, be_quick, class_of, enter, lend_post
from .watch import SERVER_GONE
from .wire import Frame, Line, LineClosedError

_SHORTEST_BEAT = 0.005
"""Seconds between looks at what has no event; where there are many sites, they look less often."""


class Site:
    """A site's run from its configuration to its end."""

    def __init__(self, name: str, deployment: Deployment, line: Line, teller: Teller) -> None:
        self.name = name
        self._deployment = deployment
        self._line = line
        self._teller = teller
        self._beat = max(_SHORTEST_BEAT, len(deployment.clients) / 2000)
        self._watch = ScriptWatch(teller, 10 * self._beat)
        self._client = SiteClient(name, line, teller, self._watch, 20 * self._beat)
        self._runner: Any = None
        self._engine: Any = None
        self._post = post.Post(name, line.send, lambda event, deadline: _wait(event, deadline))

    def run(self) -> None:
        """Configures the site, works until the server ends the run, and tells so."""
        self._configure()
        threading.Thread(target=self._receive, name="fllint_line", daemon=True).start()
        self._start()
        self._teller.tell("ready")
        while not self._runner.run_abort_signal.triggered:
            with self._engine.new_context() as fl_ctx:
                self._runner.fetch_and_run_one_task(fl_ctx)
        self._watch.stopping = True
        self._runner.end_run_events_sequence()
        self._teller.tell("ended")
        with contextlib.suppress(LineClosedError):
            self._line.send(Frame({"kind": "ended"}))

    def _configure(self) -> None:
        from nvflare.private.fed.simulator.simulator_app_runner import SimulatorClientAppRunner

        deployment = self._deployment
        args = arguments_for(deployment, self.name)
        self._watch.watch()
        replace_external(self._teller, deployment.app_root(self.name))
        app_runner = SimulatorClientAppRunner()
        self._runner = app_runner.create_client_runner(
            deployment.app_root(self.name), args, args.config_folder, self._client, False
        )
        self._engine = self._client.run_manager
        executors = list(dict.fromkeys(self._runner.task_router.task_table.values()))
        components = [*executors, *self._engine.components.values()]
        unsupported.refuse(self._teller, components)
        poll_quickly(components, self._beat)
        be_quick(self._engine.widgets.values())
        lend_post(self._engine, self._post)
        self._engine.handlers.append(SiteObserver(self._teller, self._watch))
        if hasattr(self._engine, "get_job_clients"):  # since 2.6
            app_runner.sync_up_parents_process(self._client)
        else:
            from nvflare.apis.client import Client

            self._engine.all_clients = {name: client_of(name, Client) for name in deployment.clients}
        self._teller.tell("configured", executors=[class_of(executor) for executor in executors])

    def _start(self) -> None:
        """The events of `ClientRunner.init_run`, without its wait for the server."""
        from nvflare.apis.event_type import EventType
        from nvflare.apis.fl_constant import FLContextKey, ReservedKey
        from nvflare.apis.utils.fl_context_utils import gen_new_peer_ctx
        from nvflare.apis.utils.reliable_message import ReliableMessage
        from nvflare.fuel.utils import fobs

        deployment = self._deployment
        with self._engine.new_context() as fl_ctx:
            ReliableMessage.enable(fl_ctx)
            self._runner.fire_event(EventType.ABOUT_TO_START_RUN, fl_ctx)
            fl_ctx.set_prop(FLContextKey.APP_ROOT, deployment.app_root(self.name), sticky=True)
            fl_ctx.set_prop(FLContextKey.ARGS, arguments_for(deployment, self.name), sticky=True)
            fl_ctx.set_prop(ReservedKey.RUN_ABORT_SIGNAL, self._runner.run_abort_signal, private=True, sticky=True)
            self._runner.fire_event(EventType.START_RUN, fl_ctx)
            self._line.send(Frame({"kind": "ready"}, fobs.dumps(gen_new_peer_ctx(fl_ctx).get_all_public_props())))

    def _receive(self) -> None:
        while True:
            try:
                frame = self._line.receive()
            except LineClosedError:
                os._exit(SERVER_GONE)
            if frame.kind == "task":
                self._client.tasks.put(frame)
            elif frame.kind == "answer":
                self._post.answered(frame)
            elif frame.kind == "mail":
                threading.Thread(target=self._handle, args=[frame], daemon=True).start()
            elif frame.kind == "end":
                self._end()

    def _handle(self, mail: Frame) -> None:
        from nvflare.apis.fl_constant import ReservedTopic

        if mail.header["topic"] == ReservedTopic.DO_TASK:
            self._post.settle()
        reply = post.handle(mail, self._engine)
        if mail.header["number"]:
            self._line.send(post.answer(mail, reply))
        if self._runner.run_abort_signal.triggered:
            self._end()

    def _end(self) -> None:
        self._watch.stopping = True
        self._runner.run_abort_signal.trigger(True)
        self._client.tasks.put(None)


def _wait(event: threading.Event, deadline: float) -> None:
    event.wait(max(0.0, deadline - time.monotonic()))


def main(name: str, deployment: Deployment, line: Line, teller: Teller) -> int:
    """The life of a site's process; gives its exit status."""
    site = Site(name, deployment, line, teller)
    try:
        enter(name, deployment, teller)
        site.run()
    except unsupported.RefusedError:
        return 1
    except LineClosedError:
        return SERVER_GONE
    except BaseException as error:
        stage = "not-configured" if site._runner is None else "site-failed"
        teller.fault(stage, type=type(error).__name__, message=str(error), frames=frames_of_chain(error))
        return 1
    return 0
