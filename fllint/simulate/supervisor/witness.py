"""An observer in NVFlare's own simulator: what reaches its server is looked at as the results of the run level are.

The simulator's logs do not say that a parameter has another name or shape, or is not a number. So the simulator is
started from here, after its server's runner was given a witness, which changes nothing. The server's process is a fork
of the simulator's; where it is not (off Linux) the logs must do.
"""

# NVFlare is in the user's environment, not in fllint's.
# mypy: disable-error-code="import-not-found,import-untyped"

from __future__ import annotations

import functools
import sys
import time
from typing import Any

from .assignments import Assignment, told_result
from .events import Teller
from .results import content_of


def main(descriptor: int, since: float, arguments: list[str]) -> int:
    """Runs ``nvflare simulator`` with some arguments, and tells events to a descriptor; gives its exit status."""
    from nvflare.cli import main as nvflare
    from nvflare.private.fed.server.server_runner import ServerRunner

    attach(ServerRunner, Teller(descriptor, since))
    sys.argv = ["nvflare", "simulator", *arguments]
    nvflare()
    return 0


def attach(runner_class: Any, teller: Teller) -> None:
    """Lets every runner of a class tell what it hands out and takes in."""
    run = runner_class.run

    @functools.wraps(run)
    def watched_run(runner: Any) -> Any:
        try:
            _Witness(runner, teller)
        except Exception as error:  # the run goes on as it would
            teller.tell("note", note=f"the results were not looked at: {type(error).__name__}: {error}")
        return run(runner)

    runner_class.run = watched_run


class _Witness:
    """Stands beside one server runner."""

    def __init__(self, runner: Any, teller: Teller) -> None:
        from .observer import Observer, told_configuration

        self._teller = teller
        self._observer = Observer(teller)
        self._sent: dict[tuple[str, str], Assignment] = {}
        config = runner.config
        self._observer.watch(config.components, config.workflows)
        runner.engine.run_manager.add_handler(self._observer)
        runner.process_task_request = self._looking_after(runner.process_task_request)
        runner.process_submission = self._looking_before(runner.process_submission)
        teller.tell("configured", site="server", **told_configuration(config.components, config.workflows))

    def _looking_after(self, process_task_request: Any) -> Any:
        def requested(client: Any, fl_ctx: Any) -> Any:
            given = process_task_request(client, fl_ctx)
            self._look(self._handed_out, client, *given)
            return given

        return requested

    def _looking_before(self, process_submission: Any) -> Any:
        def submitted(client: Any, name: str, task_id: str, result: Any, fl_ctx: Any) -> Any:
            self._look(self._arrived, client, task_id, result)
            return process_submission(client, name, task_id, result, fl_ctx)

        return submitted

    def _look(self, look: Any, *seen: Any) -> None:
        try:
            look(*seen)
        except Exception as error:  # watching must not change the run
            self._teller.tell("note", note=f"a result was not looked at: {type(error).__name__}: {error}")

    def _handed_out(self, client: Any, name: str, task_id: str, task: Any) -> None:
        from nvflare.app_common.app_constant import AppConstants
        from nvflare.private.defs import SpecialTaskName

        if not name or name in (SpecialTaskName.TRY_AGAIN, SpecialTaskName.END_RUN):
            return
        number = task.get_header(AppConstants.CURRENT_ROUND)
        self._sent[client.name, task_id] = Assignment(name, task_id, number, content_of(task), time.monotonic())
        self._teller.tell("task", site=client.name, task=name, id=task_id, round=number)

    def _arrived(self, client: Any, task_id: str, result: Any) -> None:
        assignment = self._sent.pop((client.name, task_id), None)
        if assignment is None:
            return
        content, code = content_of(result), str(result.get_return_code())
        said = told_result(assignment, content, code, time.monotonic() - assignment.sent)
        self._teller.tell("result", site=client.name, **said)
        self._observer.result_arrived(client.name, assignment, content, code, [])
