"""Client API scripts in a process of their own: what stands in for the federation's network between site and script.

Up to 2.8 a script in its own process talks to its site through a pipe. A `FilePipe` works here as it is; a `CellPipe`
needs the federation's network and is replaced by a `FilePipe`: the launcher, the script's process and its arguments are
real. In 2.9 the script's process connects to the site's cell over TCP. There the script runs in the site's own process
instead, in the app's folder, with exactly the arguments of the command; what cannot run so is refused by name.
"""

# NVFlare is in the user's environment, not in fllint's.
# mypy: disable-error-code="import-not-found,import-untyped"

from __future__ import annotations

import itertools
import os
import re
import shlex
import sys
from typing import Any

from . import unsupported
from .events import Teller

_EXECUTOR = "nvflare.app_common.executors.client_api_executor.ClientAPIExecutor"
_ONLY_EXTERNAL = (
    "launch_timeout",
    "shutdown_timeout",
    "stop_grace_period",
    "heartbeat_interval",
    "heartbeat_timeout",
)
_INTERPRETER = re.compile(r"^(?:.*/)?python[\d.]*$")


def replace_external(teller: Teller, app_root: str) -> None:
    """Puts the stand-ins in place, before a site's components are built; each one used is told."""
    _replace_cell_pipe(teller, app_root)
    _replace_external_process(teller, app_root)


def _replace_cell_pipe(teller: Teller, app_root: str) -> None:
    try:
        from nvflare.fuel.utils.pipe import cell_pipe, file_pipe
    except ImportError:  # since 2.9 there are no pipes
        return
    numbers = itertools.count(1)

    class CellPipe:
        """A class, since NVFlare asks whether a pipe is one; what it makes is a `FilePipe`."""

        def __new__(cls, mode: Any, *arguments: Any, **named: Any) -> Any:
            folder = os.path.join(os.path.dirname(app_root), f"pipe-{next(numbers)}")
            why = "it connects to the federation's network; the launcher and the script's process are real"
            teller.tell("replaced", what="CellPipe", by="FilePipe", why=why)
            return file_pipe.FilePipe(mode=mode, root_path=folder)

    cell_pipe.CellPipe = CellPipe


def _replace_external_process(teller: Teller, app_root: str) -> None:
    try:
        from nvflare.app_common.executors.client_api_executor import ClientAPIExecutor  # since 2.9
        from nvflare.app_common.executors.task_script_runner import TaskScriptRunner
    except ImportError:
        return
    build, arguments_of = ClientAPIExecutor.__init__, TaskScriptRunner.get_sys_argv
    exact: dict[str, list[str]] = {}

    def built(executor: Any, execution_mode: str, *positional: Any, **named: Any) -> None:
        if execution_mode == "attach":
            unsupported.refuse_class(teller, _EXECUTOR, "in the mode 'attach' the trainer is started by somebody else")
        if execution_mode != "external_process":
            build(executor, execution_mode, *positional, **named)
            return
        build(executor, execution_mode, *positional, **named)  # NVFlare's own checks of the arguments as they are
        if not named.get("launch_once", True):
            unsupported.refuse_class(teller, _EXECUTOR, "with launch_once false each task gets a process of its own")
        script, arguments = _script_of(teller, named.pop("command", None) or positional[0], app_root)
        exact[script] = arguments
        named.pop("launch_once", None)
        for name in _ONLY_EXTERNAL:
            named.pop(name, None)
        os.chdir(app_root)
        sys.path.insert(0, os.path.dirname(script))  # where Python looks first for what a script imports
        why = "in 2.9 the script's process connects to its site over TCP; launching and stopping it are not tried"
        teller.tell("replaced", what="the script's own process", by="a thread of the site's process", why=why)
        build(executor, "in_process", task_script_path=script, **named)

    def exact_arguments(runner: Any) -> list[str]:
        if runner.script_full_path in exact:
            return [runner.script_full_path, *exact[runner.script_full_path]]
        return list(arguments_of(runner))

    ClientAPIExecutor.__init__ = built
    TaskScriptRunner.get_sys_argv = exact_arguments


def _script_of(teller: Teller, command: Any, app_root: str) -> tuple[str, list[str]]:
    """The script of a command and its arguments; a command that is more than ``python script.py ...`` is refused."""
    words = list(command) if isinstance(command, (list, tuple)) else shlex.split(command)
    rest = words[1:]
    while rest and rest[0] in ("-u", "-B", "-O", "-E", "-s"):
        rest = rest[1:]
    if not words or not _INTERPRETER.match(words[0]) or not rest or not rest[0].endswith(".py"):
        unsupported.refuse_class(
            teller, _EXECUTOR, "the command '{}' is not `python script.py ...`".format(" ".join(words))
        )
    return os.path.normpath(os.path.join(app_root, rest[0])), rest[1:]
