"""The watch over a run: tells what its processes tell, sees to the limits, and leaves no process behind.

This is the second life of the supervisor's process: `start` has imported NVFlare, forked the server and the sites, and
then replaced itself with this small program, which needs none of that memory. The children stay its children.
"""

from __future__ import annotations

import json
import os
import re
import selectors
import signal
import time
from collections.abc import Iterable
from typing import Any

from . import processes
from .events import LineReader, Teller
from .request import Request

SERVER = "server"
SERVER_GONE = 72
"""The exit status of a site that lost the server; why the server ended is told elsewhere."""
_LOOK = 0.05
_MEMORY_EVERY = 0.05
_MEMORY_PER_PROCESS = 0.005
_FAREWELL = 30.0
"""Seconds that sites get to end after the server has: as long as NVFlare waits for a script's thread."""
_LAST_WORDS = 3.0
"""Seconds that sites get to say what is wrong with them when the server failed, and the processes of scripts get to end
after their sites have."""
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Watched:
    """A process of the run."""

    def __init__(self, name: str, pid: int, reader: LineReader) -> None:
        self.name = name
        self.pid = pid
        self.reader = reader
        self.task: tuple[str, Any, float] | None = None
        self.status: int | None = None
        self.ready = name == SERVER
        self.told = False
        self.ended = False
        self.aborted = False
        self.ended_by_us = ""


class Watch:
    """A smoke run whose processes have been forked, until the last of them is gone."""

    def __init__(self, request: Request, teller: Teller, since: float, forked: list[Watched]) -> None:
        self._request = request
        self._teller = teller
        self._since = since
        self._watched = {watched.name: watched for watched in forked}
        self._selector = selectors.DefaultSelector()
        for watched in forked:
            os.set_blocking(watched.reader.descriptor, False)
            self._selector.register(watched.reader.descriptor, selectors.EVENT_READ, watched)
        self._selector.register(0, selectors.EVENT_READ, None)
        self._outcome = ""
        self._peak = 0.0
        self._next_memory = 0.0
        self._began = time.monotonic()

    def run(self) -> str:
        """Watches until the run is over; gives the outcome: completed, aborted, failed, refused, timeout, stopped."""
        try:
            while not self._outcome:
                self._read(_LOOK)
                self._note_ends()
                self._check_time()
                self._check_memory()
            self._end_all()
        finally:
            processes.kill_descendants()
        return self._outcome

    # watching

    def _read(self, seconds: float) -> bool:
        told = False
        for key, _ in self._selector.select(seconds):
            watched = key.data
            if watched is None:
                self._hear_command_line(key.fd)
                continue
            for line in watched.reader.read():
                told = True
                self._heard(watched, line)
            if watched.reader.closed:
                self._selector.unregister(key.fd)
        return told

    def _hear_command_line(self, descriptor: int) -> None:
        """The command line says nothing after its request; the end of its stream means that it is gone."""
        if not os.read(descriptor, 1 << 12):
            self._selector.unregister(descriptor)
            self.stop()

    def _heard(self, watched: Watched, line: bytes) -> None:
        self._teller.pass_on(line)
        event = json.loads(line)
        kind = event["event"]
        if kind == "task" and event["site"] in self._watched:
            self._watched[event["site"]].task = (event["task"], event.get("round"), time.monotonic())
        elif kind == "result" and event["site"] in self._watched:
            self._watched[event["site"]].task = None
        elif kind == "refused":
            self._outcome = "refused"
            watched.told = True
        elif kind == "aborted":
            watched.aborted = True
        elif kind == "fault":
            watched.told = True
            if event["site"] in self._watched:
                self._watched[event["site"]].told = True
        elif kind == "ready":
            watched.ready = True
        elif kind == "ended":
            watched.ended = True

    def _note_ends(self) -> None:
        ended = dict(processes.reap())
        in_order = sorted(self._watched.values(), key=lambda each: each.name == SERVER)  # causes before consequences
        for watched in in_order:
            if watched.pid in ended:
                self._ended(watched, ended[watched.pid])

    def _ended(self, watched: Watched, status: int) -> None:
        watched.status = status
        while not watched.reader.closed and self._read(0.0):
            pass
        number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
        self._teller.tell("exited", site=watched.name, status=code, signal=number)
        unexpected = status != 0 if watched.name == SERVER else not watched.ended
        explained = watched.told or watched.ended_by_us or code == SERVER_GONE or self._outcome == "refused"
        if unexpected and not explained:
            task, number_of_round, _ = watched.task or (None, None, 0.0)
            self._teller.fault(
                "process-died",
                site=watched.name,
                task=task,
                round=number_of_round,
                status=code,
                signal=number,
                frames=[],
            )
        watched.task = None
        if watched.name == SERVER and not self._outcome:
            self._outcome = "aborted" if watched.aborted else "completed" if status == 0 else "failed"

    def _check_time(self) -> None:
        now = time.monotonic()
        limit = self._request.task_timeout
        for watched in self._watched.values():
            if watched.status is not None or watched.ended_by_us:
                continue
            if watched.task is not None and now - watched.task[2] > limit:
                name, number, _ = watched.task
                self._kill(watched, "task-timeout", task=name, round=number, seconds=limit)
            elif not watched.ready and now - self._began > limit:
                self._kill(watched, "start-timeout", seconds=limit)
        if not self._outcome and now - self._since > self._request.timeout:
            busy = [each.name for each in self._watched.values() if each.status is None]
            stacks = {name: self._stacks(self._watched[name]) for name in busy[:8]}
            self._teller.fault(
                "run-timeout", site=SERVER, seconds=self._request.timeout, busy=busy, stacks=stacks, frames=[]
            )
            self._outcome = "timeout"

    def _check_memory(self) -> None:
        """Ends sites that use too much memory, and notes the most that all processes used together."""
        now = time.monotonic()
        if now < self._next_memory or not processes.can_contain():
            return
        running = [watched for watched in self._watched.values() if watched.status is None]
        if not running:
            return
        self._next_memory = now + max(_MEMORY_EVERY, _MEMORY_PER_PROCESS * len(running))
        trees = processes.trees(watched.pid for watched in running)
        everything = [os.getpid(), *(pid for root, below in trees.items() for pid in (root, *below))]
        used_together = processes.proportional_megabytes(everything)  # first: whoever lives below lived then
        if self._peak or all(processes.is_alive(each.pid) for each in self._watched.values()):
            self._peak = max(self._peak, used_together)
        limit = self._request.memory
        if limit is None:
            return
        for watched in running:
            used = processes.resident_megabytes([watched.pid, *trees[watched.pid]])
            if used > limit:
                task, number, _ = watched.task or (None, None, 0.0)
                self._kill(watched, "memory", task=task, round=number, megabytes=round(used), limit=limit)

    def _kill(self, watched: Watched, fault: str, **facts: Any) -> None:
        """Ends a site's process tree, after telling where it was."""
        self._teller.fault(fault, site=watched.name, stacks={watched.name: self._stacks(watched)}, frames=[], **facts)
        watched.told, watched.ended_by_us, watched.task = True, fault, None
        below = processes.descendants(watched.pid)
        processes.signal_processes([watched.pid, *below], signal.SIGKILL)
        if watched.name == SERVER:
            self._outcome = "failed"

    def _stacks(self, watched: Watched) -> list[list[Any]]:
        """The stacks of a process's threads, each outermost frame first."""
        path = os.path.join(self._request.workspace, watched.name, "stacks.txt")
        try:
            before = os.path.getsize(path)
            os.kill(watched.pid, signal.SIGUSR1)
            for _ in range(20):
                time.sleep(0.02)
                if os.path.getsize(path) > before:
                    break
            time.sleep(0.02)
            with open(path, errors="replace") as file:
                file.seek(before)
                text = file.read()
        except OSError:
            return []
        frame = re.compile(r'  File "([^"]*)", line (\d+) in (.*)')
        blocks = re.split(r"^(?:Current thread|Thread) .*$", text, flags=re.MULTILINE)[1:]
        return [[[file, int(line), name] for file, line, name in reversed(frame.findall(block))] for block in blocks]

    # ending

    def stop(self) -> None:
        """Ends the run from outside: the command line is gone, or a signal came."""
        self._outcome = self._outcome or "stopped"

    def _end_all(self) -> None:
        """Lets the sites end that are about to, tells what they left behind, and kills the rest."""
        seconds = {"completed": _FAREWELL, "aborted": _FAREWELL, "failed": _LAST_WORDS}.get(self._outcome, 0.0)
        patience = time.monotonic() + min(seconds, self._request.task_timeout)
        while time.monotonic() < patience and any(each.status is None for each in self._watched.values()):
            self._read(0.02)
            self._note_ends()
        self._read(0.0)
        known = {each.pid: each for each in self._watched.values() if each.status is None}
        left = self._left_behind(known)
        for each in known.values():
            each.ended_by_us = "end"
            if self._outcome in ("completed", "aborted"):
                self._teller.fault("process-stays", site=each.name, stacks={each.name: self._stacks(each)}, frames=[])
        if left and self._outcome in ("completed", "aborted"):  # one that failed was cut short
            commands = [processes.command_of(pid) for pid in left]
            self._teller.fault("process-left", site=SERVER, commands=[text[:200] for text in commands], frames=[])
        processes.kill_descendants()
        while self._read(0.0):
            pass

    def _left_behind(self, known: Iterable[int]) -> list[int]:
        """The processes that nobody waits for any more; those that are about to end (a script's own process, once the
        job is over) get a moment."""
        seconds = _LAST_WORDS if self._outcome in ("completed", "aborted") else 0.0
        patience = time.monotonic() + seconds
        while True:
            self._note_ends()
            left = [pid for pid in processes.descendants(os.getpid()) if processes.is_alive(pid) and pid not in known]
            if not left or time.monotonic() >= patience:
                return left
            time.sleep(0.02)

    @property
    def peak(self) -> float:
        """The most memory that all processes used together, in MB; pages that they share count once. 0 when the run was
        over before all of them could be seen."""
        return self._peak


def main(handover: str) -> int:
    """Watches the processes that `start` forked and described in a file; gives 0."""
    with open(handover) as file:
        told = json.load(file)
    os.unlink(handover)
    teller = Teller(told["output"], told["since"])
    forked = [Watched(name, pid, LineReader(descriptor)) for name, pid, descriptor in told["forked"]]
    watch = Watch(Request(**told["request"]), teller, told["since"], forked)
    for number in _SIGNALS:
        signal.signal(number, lambda number, frame: watch.stop())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    outcome = watch.run()
    seconds = round(time.monotonic() - told["since"], 4)
    teller.tell("finished", outcome=outcome, seconds=seconds, peak=round(watch.peak, 1))
    return 0
