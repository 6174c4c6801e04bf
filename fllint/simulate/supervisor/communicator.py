"""NVFlare's task communicator, driven by the switchboard instead of a monitor thread and clients that poll."""

# NVFlare is in the user's environment, not in fllint's.
# mypy: disable-error-code="import-not-found,import-untyped"
# mypy: disallow-subclassing-any=False

from __future__ import annotations

import logging
import sys
import time
import traceback
from typing import Any

from nvflare.apis.impl.wf_comm_server import WFCommServer

from .events import Teller
from .switchboard import Switchboard

_WAITED_ENOUGH = "__min_resps_received_time"  # nvflare.apis.impl.bcast_manager._KEY_MIN_RESPS_RCV_TIME


class PumpingCommunicator(WFCommServer):
    """A `WFCommServer` (2.5 to 2.9) that moves the run forward whenever a controller waits for its tasks."""

    def __init__(self, switchboard: Switchboard, teller: Teller) -> None:
        super().__init__(task_check_period=0.0)
        self.logger = logging.getLogger(f"{WFCommServer.__module__}.{WFCommServer.__name__}")
        self._switchboard = switchboard
        self._teller = teller
        self._still = 0
        self._stalled = False

    def _monitor_tasks(self) -> None:
        """NVFlare's monitor thread has nothing to do: tasks are checked after every pass of the switchboard."""

    def _cleanup_inflight_tensor_downloads(self, fl_ctx: Any) -> None:
        """Since 2.9. Imports torch, which takes seconds and is to no purpose when the job does not use it."""
        if "torch" in sys.modules:
            super()._cleanup_inflight_tensor_downloads(fl_ctx)

    def wait_for_task(self, task: Any, abort_signal: Any) -> None:
        """As `WFCommServer.wait_for_task`, moving the run forward instead of sleeping."""
        from nvflare.apis.controller_spec import TaskCompletionStatus

        while task.completion_status is None or task.is_standing:
            if task.completion_status is None and abort_signal and abort_signal.triggered:
                self.cancel_task(task, fl_ctx=None, completion_status=TaskCompletionStatus.ABORTED)
                return
            self._advance()

    def get_num_standing_tasks(self) -> int:
        """The number of standing tasks; controllers ask in a loop, so the run moves forward first."""
        if self._switchboard.passes == 0:
            self._advance()
        return len(self._tasks)

    def _advance(self) -> None:
        try:
            self._move()
        except Exception:
            self._teller.tell("broken", traceback=traceback.format_exc())
            self._switchboard.runner.abort_signal.trigger(True)

    def _move(self) -> None:
        happened = self._switchboard.pump(wait=True)
        standing = len(self._tasks)
        self.check_tasks()
        self._still = 0 if happened or len(self._tasks) != standing or not self._tasks else self._still + 1
        if self._still >= 2 and not self._stalled:
            if self._ends_by_itself() and not self._switchboard.dead:
                time.sleep(0.01)
            else:
                self._stall()

    def _ends_by_itself(self) -> bool:
        """Whether a standing task has a timeout, or has enough answers and waits for late ones."""
        return any(task.timeout or task.props.get(_WAITED_ENOUGH) is not None for task in self._tasks)

    def _stall(self) -> None:
        """Nobody works and nobody gets a task, but tasks stand: NVFlare would wait for ever."""
        self._stalled = True
        waiting: list[str] = []
        for task in self._tasks:
            answered = {told.client.name for told in task.client_tasks if told.result_received_time is not None}
            waiting.extend(site for site in task.targets or [] if site not in answered and site not in waiting)
        self._teller.fault(
            "stalled",
            site="server",
            tasks=[task.name for task in self._tasks],
            waiting=waiting,
            dead=self._switchboard.dead,
        )
        self._switchboard.runner.abort_signal.trigger(True)
