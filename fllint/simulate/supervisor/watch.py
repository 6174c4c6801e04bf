"""The supervisor's own process: lays the job out, forks the server and the sites, and keeps watch over them.

It tells what they tell, sees to the time limits and the memory limit, and leaves no process behind: when the run ends,
when the command line goes away, and when it is told to stop.
"""

from __future__ import annotations

import gc
import os
import platform
import re
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from . import full, processes, unsupported
from .deploy import SERVER, Deployment, JobRefusedError, deploy, releases
from .events import LineReader, Teller
from .preload import class_paths_of, preload
from .request import Request
from .wire import Line

OLDEST, NEWEST = (2, 5), (2, 9)
_LOOK = 0.05
_MEMORY_EVERY = 0.25


class Watched:
    """A process of the run."""

    def __init__(self, name: str, pid: int, reader: LineReader) -> None:
        self.name = name
        self.pid = pid
        self.reader = reader
        self.task: tuple[str, Any, float] | None = None
        self.status: int | None = None
        self.told = False
        self.ended = False
        self.aborted = False
        self.ended_by_us = ""


class Watch:
    """One smoke run, from the fork to the last process."""

    def __init__(self, request: Request, teller: Teller, since: float) -> None:
        self._request = request
        self._teller = teller
        self._since = since
        self._watched: dict[str, Watched] = {}
        self._selector = selectors.DefaultSelector()
        self._outcome = ""
        self._stopped_by = ""
        self._peak = 0.0
        self._next_memory = 0.0

    # starting

    def run(self) -> str:
        """Runs the job; gives the outcome: completed, aborted, failed, refused, timeout, stopped."""
        if self._request.level == "full":
            outcome, self._peak = full.run_simulator(self._request, self._teller, lambda: bool(self._stopped_by))
            return outcome
        refused = unsupported.refused_in(class_paths_of(self._request.job))
        if refused:
            self._teller.tell("refused", what=refused[0][0], why=refused[0][1], **{"class": refused[0][0]})
            return "refused"
        if not preload(self._request.job, class_paths_of(self._request.job)):
            self._teller.tell("note", note="a module that the job imports starts threads when it is imported")
        try:
            deployment = deploy(self._request.job, self._request.workspace, self._request.sites)
        except JobRefusedError as error:
            self._teller.fault("job-refused", site=SERVER, message=str(error), frames=[])
            return "failed"
        self._teller.tell(
            "deployed",
            apps={name: {"app": app, "root": deployment.app_root(name)} for name, app in deployment.apps.items()},
        )
        self._fork_all(deployment)
        self._selector.register(0, selectors.EVENT_READ, None)
        self._watch()
        self._end_all()
        return self._outcome

    def _fork_all(self, deployment: Deployment) -> None:
        pairs = {name: socket.socketpair() for name in deployment.clients}
        gc.freeze()

        def site(name: str) -> Callable[[Teller], int]:
            def live(teller: Teller) -> int:
                from . import site as site_process

                for other, (servers, sites) in pairs.items():
                    servers.close()
                    if other != name:
                        sites.close()
                return site_process.main(name, deployment, Line(pairs[name][1]), teller)

            return live

        def server(teller: Teller) -> int:
            from . import server as server_process

            for _, sites in pairs.values():
                sites.close()
            lines = {name: Line(servers) for name, (servers, _) in pairs.items()}
            return server_process.main(deployment, lines, self._request.rounds, teller)

        self._fork(SERVER, server)
        for name in deployment.clients:
            self._fork(name, site(name))
        for servers, sites in pairs.values():
            servers.close()
            sites.close()

    def _fork(self, name: str, live: Callable[[Teller], int]) -> None:
        reading, writing = os.pipe()
        supervisor = os.getpid()
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                processes.die_with_parent(supervisor)
                os.setpgid(0, 0)
                os.close(reading)
                for watched in self._watched.values():
                    os.close(watched.reader.descriptor)
                for number in (signal.SIGTERM, signal.SIGINT):
                    signal.signal(number, signal.SIG_DFL)
                status = live(Teller(writing, self._since, name))
            finally:
                sys.stdout.flush()
                os._exit(status)
        os.close(writing)
        os.set_blocking(reading, False)
        watched = Watched(name, pid, LineReader(reading))
        self._watched[name] = watched
        self._selector.register(reading, selectors.EVENT_READ, watched)

    # watching

    def _watch(self) -> None:
        while not self._outcome:
            self._read(_LOOK)
            self._note_ends()
            self._check_time()
            self._check_memory()

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
            self.stop("the command line is gone")

    def _heard(self, watched: Watched, line: bytes) -> None:
        import json

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
        elif kind == "ended":
            watched.ended = True

    def _note_ends(self) -> None:
        for pid, status in processes.reap():
            for watched in self._watched.values():
                if watched.pid == pid:
                    self._ended(watched, status)

    def _ended(self, watched: Watched, status: int) -> None:
        watched.status = status
        while not watched.reader.closed and self._read(0.0):
            pass
        number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
        self._teller.tell("exited", site=watched.name, status=code, signal=number)
        unexpected = status != 0 if watched.name == SERVER else not watched.ended
        if unexpected and not watched.told and not watched.ended_by_us and not self._outcome:
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
        for watched in list(self._watched.values()):
            if watched.task is not None and now - watched.task[2] > self._request.task_timeout:
                name, number, _ = watched.task
                self._kill(watched, "task-timeout", task=name, round=number, seconds=self._request.task_timeout)
        if not self._outcome and now - self._since > self._request.timeout:
            busy = [each.name for each in self._watched.values() if each.status is None]
            stacks = {name: self._stacks(self._watched[name]) for name in busy[:8]}
            self._teller.fault(
                "run-timeout", site=SERVER, seconds=self._request.timeout, busy=busy, stacks=stacks, frames=[]
            )
            self._outcome = "timeout"

    def _check_memory(self) -> None:
        now = time.monotonic()
        if now < self._next_memory or not processes.can_contain():
            return
        self._next_memory = now + _MEMORY_EVERY
        total = 0.0
        for watched in self._watched.values():
            if watched.status is None:
                used = processes.resident_megabytes([watched.pid, *processes.descendants(watched.pid)])
                total += used
                if self._request.memory is not None and used > self._request.memory:
                    task, number, _ = watched.task or (None, None, 0.0)
                    self._kill(
                        watched, "memory", task=task, round=number, megabytes=round(used), limit=self._request.memory
                    )
        self._peak = max(self._peak, total)

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

    def stop(self, why: str) -> None:
        """Ends the run from outside: the command line is gone, or a signal came."""
        self._stopped_by = why
        self._outcome = self._outcome or "stopped"

    def _end_all(self) -> None:
        """Lets the sites end that are about to, tells what they left behind, and kills the rest."""
        patience = time.monotonic() + (3.0 if self._outcome in ("completed", "aborted") else 0.0)
        while time.monotonic() < patience and any(each.status is None for each in self._watched.values()):
            self._read(0.02)
            self._note_ends()
        self._read(0.0)
        known = {each.pid: each for each in self._watched.values() if each.status is None}
        left = [pid for pid in processes.descendants(os.getpid()) if processes.is_alive(pid) and pid not in known]
        for each in known.values():
            each.ended_by_us = "end"
            if self._outcome in ("completed", "aborted"):
                self._teller.fault("process-stays", site=each.name, stacks={each.name: self._stacks(each)}, frames=[])
        if left and self._outcome in ("completed", "aborted", "failed"):
            commands = [processes.command_of(pid) for pid in left]
            self._teller.fault("process-left", site=SERVER, commands=[text[:200] for text in commands], frames=[])
        processes.kill_descendants(os.getpid())
        while self._read(0.0):
            pass

    @property
    def peak(self) -> float:
        """The largest resident memory of all processes together, in MB; shared pages count for each."""
        return self._peak


def main() -> int:
    """Reads the request from standard input, runs it, and gives 0 when the run could be made, whatever came out."""
    since = time.monotonic()
    parent = os.getppid()
    processes.become_subreaper()
    processes.die_with_parent(parent, signal.SIGTERM)
    teller = Teller(os.dup(1), since)
    os.dup2(2, 1)  # what a module prints when it is imported is no event
    request = Request.from_line(sys.stdin.readline())
    try:
        text, release = releases()
    except Exception as error:
        teller.tell("refused", what="NVFlare", why=f"it cannot be imported: {type(error).__name__}: {error}")
        teller.tell("finished", outcome="refused", seconds=time.monotonic() - since, peak=0)
        return 0
    if not OLDEST <= release <= NEWEST:
        why = f"this level runs releases {OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}"
        teller.tell("refused", what=f"NVFlare {text}", why=why)
        teller.tell("finished", outcome="refused", seconds=time.monotonic() - since, peak=0)
        return 0
    watch = Watch(request, teller, since)
    teller.tell(
        "started", nvflare=text, python=platform.python_version(), sites=request.sites, workspace=request.workspace
    )

    def stop(number: int, frame: Any) -> None:
        watch.stop(signal.Signals(number).name)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    os.environ.setdefault("NVFLARE_END_RUN_READINESS_CHECK_INTERVAL", "0.01")
    try:
        outcome = watch.run()
    finally:
        processes.kill_descendants(os.getpid())
    teller.tell("finished", outcome=outcome, seconds=round(time.monotonic() - since, 4), peak=round(watch.peak, 1))
    return 0
