"""This side of a smoke run: starts the supervisor, hears its events, and sees that nothing of the run outlives it."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeAlias

from msgspec import Struct

from fllint.simulate.supervisor import processes
from fllint.simulate.supervisor.events import LineReader
from fllint.simulate.supervisor.request import Request

SUPERVISOR: Final = Path(__file__).parent / "supervisor"
MARK: Final = "FLLINT_RUN"
"""The environment variable that every process of a run inherits."""
PATIENCE: Final = 15.0
"""Seconds that the supervisor gets to end a run that is out of time, before it is killed itself."""
FAREWELL: Final = 5.0
LOOKS: Final = 2
"""How many looks in a row must find nothing of a run, before it is held to be gone."""

Event: TypeAlias = "dict[str, Any]"


class SupervisorError(Exception):
    """The supervisor could not be started, or failed; the message is for the user."""


class Supervision(Struct, frozen=True):
    """How a run is made. ``python`` is the interpreter that has NVFlare; ``supervisor`` what it runs."""

    python: str
    request: Request
    supervisor: Path = SUPERVISOR

    def run(self, listen: Callable[[Event], None] = lambda event: None) -> list[Event]:
        """Makes the run and gives all its events; each is given to ``listen`` as it comes.

        Returns when every process of the run is gone, also on an exception (Ctrl-C).

        Raises:
            SupervisorError: the interpreter cannot be started, or the supervisor ended without a last word.
        """
        mark = os.urandom(16).hex()
        complaints = tempfile.TemporaryFile()  # noqa: SIM115  (closed below)
        before = set(processes.descendants(os.getpid()))
        with subreaper():
            try:
                supervisor = subprocess.Popen(
                    [absolute(self.python), "-u", str(self.supervisor)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=complaints,
                    start_new_session=True,
                    cwd=self.request.workspace,
                    env={**environment_of(self.python), MARK: mark},
                )
            except OSError as error:
                complaints.close()
                raise SupervisorError(f"{self.python} cannot be started: {error.strerror or error}") from error
            try:
                return self._hear(supervisor, listen, complaints)
            finally:
                _end(supervisor)
                kill_marked(mark, before)
                complaints.close()

    def _hear(
        self, supervisor: subprocess.Popen[bytes], listen: Callable[[Event], None], complaints: Any
    ) -> list[Event]:
        assert supervisor.stdin is not None
        assert supervisor.stdout is not None
        with suppress(BrokenPipeError):
            supervisor.stdin.write(json.dumps(self.request._asdict()).encode() + b"\n")
            supervisor.stdin.flush()
        events: list[Event] = []
        for line in _lines(supervisor, supervisor.stdout.fileno(), self.request.timeout + PATIENCE):
            try:
                event = json.loads(line)
            except ValueError:
                continue
            events.append(event)
            listen(event)
            if event.get("event") == "finished":
                return events
        complaints.seek(0)
        said = complaints.read().decode(errors="replace").strip()
        reason = said.splitlines()[-1] if said else "it said nothing"
        raise SupervisorError(f"the supervisor of the run ended before its time: {reason}")


def absolute(python: str) -> str:
    """An interpreter's path that holds in any folder; a bare name is left for PATH. Links are not followed: an
    environment's interpreter is one."""
    return os.path.abspath(python) if os.sep in python else python


def environment_of(python: str) -> dict[str, str]:
    """The environment variables of a run: `python3` in a job's command is the interpreter of the run's environment, as
    when that environment is active."""
    folder = os.path.dirname(absolute(python))
    if not os.path.isfile(os.path.join(os.path.dirname(folder), "pyvenv.cfg")):
        return dict(os.environ)
    return {**os.environ, "PATH": os.pathsep.join([folder, os.environ.get("PATH", os.defpath)])}


def _lines(supervisor: subprocess.Popen[bytes], descriptor: int, seconds: float) -> Iterator[bytes]:
    """The lines that come within some seconds, until the end of the stream, or of the supervisor: what it started may
    keep the stream open."""
    os.set_blocking(descriptor, False)
    reader = LineReader(descriptor)
    end = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while not reader.closed and time.monotonic() < end:
            dead = supervisor.poll() is not None
            if selector.select(0.0 if dead else 0.5):
                yield from reader.read()
            elif dead:
                return


def _end(supervisor: subprocess.Popen[bytes]) -> None:
    """Lets the supervisor end, asks it to, and kills it with all below it, in this order."""
    for stream in (supervisor.stdin, supervisor.stdout):
        if stream is not None:
            with suppress(OSError):
                stream.close()
    for number in (None, signal.SIGTERM):
        if number is not None:
            supervisor.send_signal(number)
        try:
            supervisor.wait(FAREWELL)
            return
        except subprocess.TimeoutExpired:
            continue
        except KeyboardInterrupt:
            break
    processes.signal_processes([*processes.descendants(supervisor.pid), supervisor.pid], signal.SIGKILL)
    supervisor.wait()


@contextmanager
def subreaper() -> Iterator[None]:
    """While this lasts, orphans of the run come to this process when the supervisor itself was killed."""
    processes.become_subreaper()
    try:
        yield
    finally:
        processes.become_subreaper(False)


def kill_marked(mark: str, before: set[int]) -> None:
    """Kills what is left of a run: descendants of this process that carry the run's mark in their environment.

    One look is not enough: a process that is just becoming another program has no environment for a moment, and one
    whose parent has just died no parent.
    """
    end = time.monotonic() + FAREWELL
    wanted = f"{MARK}={mark}".encode()
    clear = 0
    while clear < LOOKS and time.monotonic() < end:
        below = [pid for pid in processes.descendants(os.getpid()) if pid not in before and processes.is_alive(pid)]
        environments = {pid: _environment_of(pid) for pid in below}
        left = [pid for pid, variables in environments.items() if wanted in variables]
        processes.signal_processes(left, signal.SIGKILL)
        for pid in left:
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        clear = 0 if left or [] in environments.values() else clear + 1
        time.sleep(0.005)


def _environment_of(pid: int) -> list[bytes]:
    """A process's environment variables; none when it has none at the moment."""
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return []
    return environment.split(b"\0") if environment else []
