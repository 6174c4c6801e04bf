"""Watches the client script of a site: how it ended, what it sent, and whether a task waits for it in vain.

NVFlare runs an in-process script in a thread (`nvflare.app_common.executors.task_script_runner.TaskScriptRunner`, 2.5
to 2.9) and learns little of its end: up to 2.8 a task waits for ever when the script returned or failed to import.
"""

# NVFlare is in the user's environment, not in fllint's.
# mypy: disable-error-code="import-not-found,import-untyped"

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from typing import Any

from .events import Teller, TraceFrame
from .records import frames_of_exception

ABORTED = "request to abort the job"
"""What NVFlare's in-process Client API (2.5 to 2.9) raises in a script whose job was aborted; why is told elsewhere."""
_GRACE = 1.0
"""Seconds that NVFlare's executor gets to notice that the script ended; it looks a hundred times in them."""


class ScriptWatch:
    """One per site process. ``task`` is the task that the site works on now."""

    def __init__(self, teller: Teller, look_every: float) -> None:
        self._teller = teller
        self._look_every = look_every
        self.task: str | None = None
        self.round: int | None = None
        self.sent = 0
        self.sent_from: list[TraceFrame] = []
        self._sent_before = 0
        self._ended: float | None = None
        self._path = ""
        self._told = False
        self.stopping = False

    def watch(self) -> None:
        """Wraps NVFlare's script runner and its in-process Client API, for every instance of this process."""
        from nvflare.app_common.executors.task_script_runner import TaskScriptRunner
        from nvflare.client.in_process.api import InProcessClientAPI

        run, send = TaskScriptRunner.run, InProcessClientAPI.send

        def watched_run(runner: Any) -> None:
            self._path = runner.script_full_path
            try:
                run(runner)
            except BaseException as error:
                self._raised(error)
                raise
            self._returned()

        def watched_send(api: Any, *arguments: Any, **named: Any) -> Any:
            given = send(api, *arguments, **named)
            self.sent += 1
            self.sent_from = _calling_frames()
            return given

        TaskScriptRunner.run = watched_run
        InProcessClientAPI.send = watched_send
        threading.Thread(target=self._look, name="fllint_script_watch", daemon=True).start()

    def task_begins(self, name: str, number: int | None) -> None:
        self._sent_before = self.sent
        self.sent_from = []
        self.round = number
        self.task = name
        if self._ended is not None:
            self._ended = time.monotonic()

    def task_ends(self, code: str) -> None:
        if code != "OK" and self._ended is not None:
            self._tell_never_sends()
        self.task = None

    def _facts(self) -> dict[str, Any]:
        return {"task": self.task, "round": self.round, "sent": self.sent, "script": self._path}

    def _raised(self, error: BaseException) -> None:
        self._ended = time.monotonic()
        if self.stopping or self._told:
            return
        self._told = True
        if ABORTED in str(error):
            return
        frames = self._own_frames(frames_of_exception(error))
        if isinstance(error, SystemExit):
            self._teller.fault("script-exits", status=repr(error.code), frames=frames, **self._facts())
            return
        text = str(error)
        if "receive" in text and "before sending" in text:
            self._teller.fault("script-sends-twice", message=text, frames=frames, **self._facts())
            return
        self._teller.fault("script-crash", type=type(error).__name__, message=text, frames=frames, **self._facts())

    def _own_frames(self, frames: list[TraceFrame]) -> list[TraceFrame]:
        """The frames from the script on; what runs it is of no interest."""
        for position, frame in enumerate(frames):
            if frame[0] == self._path:
                return frames[position:]
        return frames

    def _returned(self) -> None:
        self._ended = time.monotonic()

    def _tell_never_sends(self) -> None:
        if not self._told and not self.stopping:
            self._told = True
            self._teller.fault("script-never-sends", frames=[[self._path, 0, ""]], **self._facts())

    def _look(self) -> None:
        """Ends the process when a task waits for a script that is gone."""
        while True:
            time.sleep(self._look_every)
            gone = self._ended is not None and time.monotonic() - self._ended > _GRACE
            if gone and self.task is not None and self.sent == self._sent_before and not self.stopping:
                self._tell_never_sends()
                os._exit(70)


def _calling_frames() -> list[TraceFrame]:
    """Where the script called NVFlare: the frames of this thread outside NVFlare and this package, outermost first."""
    ours = (
        os.path.dirname(os.path.abspath(__file__)),
        os.path.dirname(os.path.abspath(sys.modules["nvflare"].__file__ or "")),
    )
    calls = [(frame.f_code, line) for frame, line in traceback.walk_stack(None)]  # without the text of the lines
    calls.reverse()
    outside = [(code, line) for code, line in calls if not code.co_filename.startswith((*ours, "<frozen"))]
    return [[code.co_filename, line, code.co_name] for code, line in outside[-8:]]


_INTERVALS = (
    "_result_pull_interval",  # InProcessClientAPIExecutor, up to 2.8
    "job_status_check_interval",  # ccwf.server_ctl.ServerSideController
    "request_to_submit_result_interval",  # ccwf.swarm_client_ctl.SwarmClientController
)
"""Attributes in which NVFlare's components (2.5 to 2.9) keep how often they look for something.

Not ``learn_task_check_interval`` of client-controlled workflows: a site that is quicker than its neighbour's answer
aborts what that does (seen with 2.7), which the interval of one second makes unlikely, here as in production."""


def poll_quickly(components: list[Any], seconds: float) -> None:
    """Shortens the intervals at which NVFlare's components look for a script's result, or for each other's state."""
    try:
        from nvflare.app_common.executors.client_api import in_process_backend  # since 2.9

        in_process_backend._RESULT_POLL_INTERVAL = seconds
    except ImportError:
        pass
    for component in components:
        for attribute in _INTERVALS:
            if isinstance(getattr(component, attribute, None), (int, float)):
                setattr(component, attribute, seconds)
