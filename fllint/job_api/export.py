"""Exact knowledge of a script's jobs: the script is run, in a process of its own, with export in the place of the run.

fllint itself never imports NVFlare or the script: `export_script` is what the child runs, in the user's interpreter.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from fllint.job.discovery import PathError
from fllint.simulate.supervise import FAREWELL, MARK, absolute, kill_marked, subreaper
from fllint.simulate.supervisor import processes

CHILD: Final = Path(__file__).parent / "export_script.py"
LOOK: Final = 0.1
"""Seconds between two looks at the child's memory and at the clock."""
OUTPUT_KEPT: Final = 64
"""How many chunks (of at most 4 kB) of what the script prints are kept, the last ones."""
MAX_JOBS: Final = 50


class ExportError(PathError):
    """The script could not be run at all; the message is for the user."""


class ExportSettings(Struct, frozen=True):
    """How a script is run. ``folder`` None: in the script's own. ``timeout`` in seconds, ``memory`` in MB for all its
    processes together (None: no limit)."""

    python: str = sys.executable
    arguments: tuple[str, ...] = ()
    folder: Path | None = None
    timeout: float = 60.0
    memory: float | None = None


class CodeLine(Struct, frozen=True):
    """A line of the script's own code."""

    file: str
    line: int


class Origin(Struct, frozen=True):
    """Where in the script a part of the job comes from: the line that ``made`` the object, with the lines that called
    it, the innermost first; and the line that ``added`` it to the job. Either may be empty."""

    class_name: str
    made: tuple[CodeLine, ...]
    added: tuple[CodeLine, ...]


class ExportedJob(Struct, frozen=True):
    """A job that the script built. ``origins`` tells by file of the job and JSON pointer where its parts were made;
    ``lines`` is where it was exported or run. ``clients`` are the sites that the simulator would have made."""

    name: str
    folder: Path
    lines: tuple[CodeLine, ...]
    origins: dict[str, dict[str, Origin]]
    clients: tuple[str, ...] | None = None


class Failure(Struct, frozen=True):
    """Why a script did not come to its end.

    ``how`` is ``exception``, ``exit``, ``timeout``, ``memory`` or ``died``; ``frames`` the traceback, innermost last.
    ``kinds`` are the names of the exception's classes; ``module`` is what could not be imported.
    """

    how: str
    message: str
    frames: tuple[tuple[str, int, str], ...] = ()
    kinds: tuple[str, ...] = ()
    module: str | None = None


class Export(Struct, frozen=True):
    """What came of a script: its jobs, and why it ended before its end, if it did. ``output`` is the last of what it
    printed."""

    script: Path
    jobs: tuple[ExportedJob, ...]
    failure: Failure | None
    output: str = ""


@contextmanager
def exported(script: Path, settings: ExportSettings) -> Iterator[Export]:
    """The jobs of a script, in a temporary folder that lasts as long as the context.

    Raises:
        ExportError: the interpreter cannot be started.
    """
    with tempfile.TemporaryDirectory(prefix="fllint-export-", ignore_cleanup_errors=True) as folder:
        yield run_script(script, settings, Path(folder).resolve())


def run_script(script: Path, settings: ExportSettings, target: Path) -> Export:
    """Runs a script so that its jobs are exported to ``target``. Every process of it is gone when this returns, also
    on an exception (Ctrl-C). Raises `ExportError`."""
    script = Path(os.path.abspath(script))
    start = Path(os.path.abspath(settings.folder)) if settings.folder else script.parent
    events = target / "events.jsonl"
    own = {str(folder) for each in (script.parent, start) for folder in (each, each.resolve())}
    request = {
        "script": str(script),
        "arguments": list(settings.arguments),
        "own_folders": sorted(own),
        "target": str(target / "jobs"),
        "events": str(events),
    }
    failure, output = _run(settings, request, start)
    jobs: dict[int, ExportedJob] = {}
    finished = False
    for event in _events(events):
        finished = finished or event.get("event") == "finished"
        job = _job(event, target) if event.get("event") == "job" else None
        if job is not None and len(jobs) < MAX_JOBS:
            jobs[event["number"]] = job
        elif event.get("event") == "failed" and failure is None:
            failure = _failure(event, output)
    if failure is None and not finished:
        failure = Failure("died", "its process ended by itself (os._exit, or a crash in native code)")
    return Export(script, tuple(jobs.values()), failure, output)


def _run(settings: ExportSettings, request: dict[str, Any], start: Path) -> tuple[Failure | None, str]:
    mark = uuid.uuid4().hex
    before = set(processes.descendants(os.getpid()))
    environment = {**os.environ, MARK: mark, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
    with subreaper():
        try:
            child = subprocess.Popen(
                [absolute(settings.python), str(CHILD)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=start,
                env=environment,
            )
        except OSError as error:
            raise ExportError(f"{settings.python} cannot be started: {error.strerror or error}") from error
        try:
            return _watched(child, settings, json.dumps(request))
        except KeyboardInterrupt:
            raise ExportError("interrupted; every process of the script was ended") from None
        finally:
            below = processes.descendants(child.pid)
            processes.signal_processes([child.pid, *below], signal.SIGKILL)
            child.wait()
            kill_marked(mark, before)
            _reap(below)


def _reap(orphans: list[int]) -> None:
    """Buries processes that have been killed, and have come to this one since their parent was, too."""
    end = time.monotonic() + FAREWELL
    while orphans and time.monotonic() < end:
        left = []
        for pid in orphans:
            with suppress(ChildProcessError):
                if os.waitpid(pid, os.WNOHANG) == (0, 0):
                    left.append(pid)
        orphans = left
        time.sleep(0.01 if left else 0)


def _watched(child: subprocess.Popen[bytes], settings: ExportSettings, request: str) -> tuple[Failure | None, str]:
    """Waits for the end of the script, and sees to the limits. Gives what ended it from here, and what it printed."""
    assert child.stdin is not None
    assert child.stdout is not None
    with suppress(BrokenPipeError):
        child.stdin.write(request.encode() + b"\n")
        child.stdin.close()
    os.set_blocking(child.stdout.fileno(), False)
    chunks: deque[bytes] = deque(maxlen=OUTPUT_KEPT)
    failure = None
    end = time.monotonic() + settings.timeout
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while child.poll() is None and failure is None:
            if selector.get_map():
                if selector.select(LOOK) and not _drain(child.stdout.fileno(), chunks):
                    selector.unregister(child.stdout)
            else:
                time.sleep(LOOK)
            failure = _over_limit(child.pid, settings, end)
    _drain(child.stdout.fileno(), chunks)
    child.stdout.close()
    return failure, b"".join(chunks).decode("utf-8", "replace")


def _over_limit(pid: int, settings: ExportSettings, end: float) -> Failure | None:
    if time.monotonic() > end:
        return Failure("timeout", f"the script was not at its end after {settings.timeout:g} s")
    if settings.memory is not None:
        used = processes.resident_megabytes([pid, *processes.descendants(pid)])
        if used > settings.memory:
            return Failure("memory", f"the script used {used:.0f} MB, more than the {settings.memory:g} MB allowed")
    return None


def _drain(descriptor: int, chunks: deque[bytes]) -> bool:
    """Reads what there is to read; False at the end of the stream."""
    try:
        chunk = os.read(descriptor, 4096)
    except BlockingIOError:
        return True
    chunks.append(chunk)
    return bool(chunk)


# the child's words: it runs the user's code, so that nothing of them is taken on trust


def _events(file: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = file.read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    for line in lines:
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(event, dict):
            yield event


def _job(event: dict[str, Any], target: Path) -> ExportedJob | None:
    """The job of an event; None when the event is no such thing, or its folder lies elsewhere."""
    try:
        folder = Path(event["folder"]).resolve()
        if not folder.is_relative_to(target) or not folder.is_dir() or not isinstance(event["number"], int):
            return None
        clients = (event.get("run") or {}).get("clients")
        return ExportedJob(
            str(event["name"]),
            folder,
            _lines(event["lines"]),
            {
                str(name): {str(pointer): _origin(origin) for pointer, origin in parts.items()}
                for name, parts in event["origins"].items()
            },
            tuple(str(name) for name in clients) if clients else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError, OSError):
        return None


def _origin(told: dict[str, Any]) -> Origin:
    return Origin(str(told["class"]), _lines(told["made"]), _lines(told["added"]))


def _lines(told: list[Any]) -> tuple[CodeLine, ...]:
    return tuple(CodeLine(str(file), int(line)) for file, line in told)


def _failure(event: dict[str, Any], output: str) -> Failure | None:
    """What a script's last exception means; None for an orderly exit."""
    try:
        frames = tuple((str(file), int(line or 0), str(name)) for file, line, name in event["frames"])
        kinds = tuple(str(kind) for kind in event["kinds"])
        if "SystemExit" in kinds:
            status = event.get("status")
            if status in (0, None):
                return None
            said = next((line.strip() for line in reversed(output.splitlines()) if line.strip()), "")
            return Failure("exit", said if isinstance(status, int) and said else f"exit status {status}", frames, kinds)
        message = f"{event['type']}: {event['message']}" if event["message"] else str(event["type"])
        module = event.get("module")
        return Failure("exception", message, frames, kinds, str(module) if module else None)
    except (KeyError, TypeError, ValueError):
        return Failure("died", "its last words cannot be read")
