"""What a site has in the place of NVFlare's federated client: tasks come over the line, results go back over it."""

# NVFlare is in the user's environment, not in fllint's.
# mypy: disable-error-code="import-not-found,import-untyped"
# mypy: disallow-subclassing-any=False

from __future__ import annotations

import os
import queue
import time
from typing import Any

from nvflare.apis.fl_component import FLComponent

from .events import Teller
from .script import ScriptWatch
from .wire import Frame, Line


class SiteClient:
    """Stands where NVFlare has its `FederatedClient`: what `ClientRunManager` asks of it (2.5 to 2.9)."""

    def __init__(self, name: str, line: Line, teller: Teller, watch: ScriptWatch, ask_every: float) -> None:
        self.client_name = name
        self.client_args: dict[str, Any] = {"client_name": name, "fqsn": name, "is_leaf": True}
        self.run_manager: Any = None
        self.runner_config: Any = None
        self.handlers: Any = None
        self.cell = None
        self.tasks: queue.Queue[Frame | None] = queue.Queue()
        self._line = line
        self._teller = teller
        self._watch = watch
        self._began = 0.0
        self._task: Frame | None = None
        self._asked = b""
        self._ask_every = ask_every

    def fetch_task(self, fl_ctx: Any, timeout: Any = None) -> tuple[bool, Any, Any]:
        """Waits for the next task; (False, None, None) when the run ends."""
        from nvflare.apis.event_type import EventType
        from nvflare.apis.fl_context import FLContext
        from nvflare.app_common.app_constant import AppConstants
        from nvflare.fuel.utils import fobs
        from nvflare.private.event import fire_event

        fire_event(EventType.BEFORE_PULL_TASK, self.handlers, fl_ctx)
        frame = self._next_frame()
        if frame is None:
            return False, None, None
        told = fobs.loads(frame.payload)
        task, peer = told["task"], FLContext()
        peer.set_public_props(told["peer"])
        fl_ctx.set_peer_context(peer)
        task.set_peer_props(told["peer"])
        if hasattr(task, "set_peer_context"):  # since 2.6
            task.set_peer_context(peer)
        fire_event(EventType.AFTER_PULL_TASK, self.handlers, fl_ctx)
        self._began, self._task = time.monotonic(), frame
        self._watch.task_begins(frame.header["name"], task.get_header(AppConstants.CURRENT_ROUND))
        return True, frame.header["name"], task

    def _next_frame(self) -> Frame | None:
        while True:
            try:
                return self.tasks.get(timeout=self._ask_every)
            except queue.Empty:  # noqa: PERF203
                self._ask()

    def _ask(self) -> None:
        """Tells the server what a request for a task would have told it, when that is news.

        Client-controlled workflows (`nvflare.app_common.ccwf.client_ctl`) report their status in the context of
        requests.
        """
        from nvflare.apis.event_type import EventType
        from nvflare.apis.utils.fl_context_utils import gen_new_peer_ctx
        from nvflare.fuel.utils import fobs
        from nvflare.private.event import fire_event

        with self.run_manager.new_context() as fl_ctx:
            fire_event(EventType.BEFORE_PULL_TASK, self.handlers, fl_ctx)
            payload = fobs.dumps(gen_new_peer_ctx(fl_ctx).get_all_public_props())
        if payload != self._asked:
            self._asked = payload
            self._line.send(Frame({"kind": "ask"}, payload))

    def extract_shareable(self, task: Any, fl_ctx: Any) -> Any:
        return task

    def push_results(self, result: Any, fl_ctx: Any, timeout: Any = None) -> str:
        """Sends a result; one that cannot be serialised ends the site, as its request would fail for ever."""
        from nvflare.apis.utils.fl_context_utils import gen_new_peer_ctx
        from nvflare.fuel.f3.cellnet.defs import ReturnCode
        from nvflare.fuel.utils import fobs

        assert self._task is not None
        self._watch.task_ends(str(result.get_return_code()))
        header = dict(
            self._task.header, kind="result", seconds=time.monotonic() - self._began, sent_from=self._watch.sent_from
        )
        try:
            payload = fobs.dumps({"result": result, "peer": gen_new_peer_ctx(fl_ctx).get_all_public_props()})
        except Exception as error:
            self._teller.fault(
                "result-not-serialisable",
                task=header["name"],
                round=self._watch.round,
                message=f"{type(error).__name__}: {error}",
                where=_unserialisable(result),
                frames=self._watch.sent_from,
            )
            os._exit(71)
        self._line.send(Frame(header, payload))
        return str(ReturnCode.OK)


def _unserialisable(value: Any, path: str = "", depth: int = 0) -> str:
    """Which part of a result cannot be serialised, and its type."""
    from nvflare.fuel.utils import fobs

    if isinstance(value, dict) and depth < 8:
        for key, part in value.items():
            try:
                fobs.dumps(part)
            except Exception:  # noqa: PERF203
                return _unserialisable(part, f"{path}[{key!r}]", depth + 1)
    return "{} ({})".format(path or "the result", type(value).__name__)


_MOST_METRICS = 1000
"""Values that a site's log tells; a script may log one for every batch."""


class SiteObserver(FLComponent):
    """Tells the values that a site logs (`flare.log`, summary writers), and why it gives up."""

    def __init__(self, teller: Teller, watch: ScriptWatch) -> None:
        super().__init__()
        self._teller = teller
        self._watch = watch
        self._told = 0

    def handle_event(self, event_type: str, fl_ctx: Any) -> None:
        from nvflare.apis.event_type import EventType
        from nvflare.apis.fl_constant import FLContextKey

        if event_type == EventType.FATAL_SYSTEM_ERROR and not self._watch.stopping:
            self._teller.fault(
                "site-panic",
                task=self._watch.task,
                round=self._watch.round,
                message=str(fl_ctx.get_prop(FLContextKey.EVENT_DATA, "")),
                frames=[],
            )
        elif event_type in ("analytix_log_stats", "fed.analytix_log_stats"):
            self._tell_metric(fl_ctx)

    def _tell_metric(self, fl_ctx: Any) -> None:
        from nvflare.apis.dxo import from_shareable
        from nvflare.apis.fl_constant import FLContextKey

        try:
            self._told += 1
            if self._told > _MOST_METRICS:
                return
            logged = from_shareable(fl_ctx.get_prop(FLContextKey.EVENT_DATA)).data
            value = logged.get("track_value", logged.get("value"))
            self._teller.tell(
                "metric",
                key=str(logged.get("track_key", logged.get("tag"))),
                value=value,
                step=logged.get("global_step"),
            )
        except Exception as error:  # a log entry of a kind that we do not know
            self.logger.info("fllint could not read a log entry: %s", error)
