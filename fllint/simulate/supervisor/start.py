"""The start of a run: reads the request, lays the job out, forks the server and the sites, and hands over to the watch.

Everything that all processes need is imported before the fork. Then this process, which holds all of it, replaces
itself with the watch (`watch`), a small program of the same pid: its children, its death signal and its being a
subreaper stay.
"""

from __future__ import annotations

import gc
import json
import os
import platform
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import NoReturn

from . import processes, unsupported
from .deploy import SERVER, Deployment, JobRefusedError, deploy, releases
from .events import Teller
from .later import later
from .preload import UNUSED, class_paths_of, preload
from .request import Request
from .wire import Line

OLDEST, NEWEST = (2, 5), (2, 9)
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_HANDOVER = "watch.json"
MOST_SITES = 200
"""More sites than this are for the plan level: each is a process with threads of its own."""


class Start:
    """Forks the processes of a run."""

    def __init__(self, request: Request, teller: Teller, output: int, since: float) -> None:
        self._request = request
        self._teller = teller
        self._output = output
        self._since = since
        self._forked: list[tuple[str, int, int]] = []
        self._handed_over = os.pipe()
        """Its writing end closes when this program is replaced: only then do the processes set out. Before, each page
        that they write to would be there once more for this program."""

    def run(self) -> str:
        """Starts the run and hands over; returns an outcome only when nothing was started: refused or failed."""
        class_paths = class_paths_of(self._request.job)
        refused = unsupported.refused_in(class_paths)
        if refused:
            self._teller.tell("refused", what=refused[0][0], why=refused[0][1], **{"class": refused[0][0]})
            return "refused"
        if not preload(self._request.job, class_paths):
            self._teller.tell("note", note="a module that the job imports starts threads when it is imported")
        try:
            deployment = deploy(self._request.job, self._request.workspace, self._request.sites)
        except JobRefusedError as error:
            self._teller.fault("job-refused", site=SERVER, message=str(error), frames=[])
            return "failed"
        if len(deployment.clients) > MOST_SITES:
            why = f"this level runs up to {MOST_SITES}; --level plan counts any number"
            self._teller.tell("refused", what=f"{len(deployment.clients)} sites", why=why)
            return "refused"
        self._teller.tell(
            "deployed",
            apps={name: {"app": app, "root": deployment.app_root(name)} for name, app in deployment.apps.items()},
        )
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        self._fork_all(deployment)
        return self._hand_over()

    def _fork_all(self, deployment: Deployment) -> None:
        _raise_open_files(4 * len(deployment.clients) + 64)
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
                self._await_hand_over()
                for _, _, descriptor in self._forked:
                    os.close(descriptor)
                signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
                status = live(Teller(writing, self._since, name))
            finally:
                sys.stdout.flush()
                os._exit(status)
        os.close(writing)
        self._forked.append((name, pid, reading))

    def _await_hand_over(self) -> None:
        waiting, held = self._handed_over
        os.close(held)
        os.read(waiting, 1)
        os.close(waiting)

    def _hand_over(self) -> NoReturn:
        """Replaces this program with the watch. What is inherited by number: standard input, the events' output, and a
        pipe of each process."""
        handover = os.path.join(self._request.workspace, _HANDOVER)
        told = {
            "request": self._request._asdict(),
            "since": self._since,
            "output": self._output,
            "forked": self._forked,
        }
        with open(handover, "w") as file:
            json.dump(told, file)
        for descriptor in (self._output, *(reading for _, _, reading in self._forked)):
            os.set_inheritable(descriptor, True)
        here = os.path.dirname(os.path.abspath(__file__))
        os.execv(sys.executable, [sys.executable, "-I", "-S", here, "watch", handover])


def _raise_open_files(needed: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(needed, hard), hard))


def main() -> int:
    """Reads the request from standard input and runs it; gives 0 when the run could be made, whatever came out."""
    since = time.monotonic()
    parent = os.getppid()
    processes.become_subreaper()
    processes.die_with_parent(parent, signal.SIGTERM)
    output = os.dup(1)
    teller = Teller(output, since)
    os.dup2(2, 1)  # what a module prints when it is imported is no event
    request = Request.from_line(sys.stdin.readline())
    outcome, peak = _run(request, teller, output, since)
    teller.tell("finished", outcome=outcome, seconds=round(time.monotonic() - since, 4), peak=round(peak, 1))
    return 0


def _run(request: Request, teller: Teller, output: int, since: float) -> tuple[str, float]:
    try:
        with later(UNUSED):
            text, release = releases()
    except Exception as error:
        teller.tell("refused", what="NVFlare", why=f"it cannot be imported: {type(error).__name__}: {error}")
        return "refused", 0.0
    if not OLDEST <= release <= NEWEST:
        why = f"this level runs releases {OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}"
        teller.tell("refused", what=f"NVFlare {text}", why=why)
        return "refused", 0.0
    teller.tell(
        "started", nvflare=text, python=platform.python_version(), sites=request.sites, workspace=request.workspace
    )
    if not processes.can_contain():
        teller.tell("note", note="this system cannot keep what leaves its process group: such processes may be left")
    os.environ.setdefault("NVFLARE_END_RUN_READINESS_CHECK_INTERVAL", "0.01")
    if request.level == "full":
        from . import full

        return full.run_simulator(request, teller)
    return Start(request, teller, output, since).run(), 0.0
