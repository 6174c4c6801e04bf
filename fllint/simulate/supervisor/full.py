"""NVFlare's own simulator under the same watch: time and memory limits, nothing left behind, and its logs made into
events.

Its exit status says little (0 when every client died), so what went wrong is read from the logs of the server and the
sites, and told by a witness in its server (`witness`).
"""

from __future__ import annotations

import json
import os
import re
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from . import processes
from .deploy import SERVER, JobRefusedError, sites_of
from .events import LineReader, Teller
from .records import CONTEXT, frames_of_text
from .request import Request
from .script import ABORTED

_RECORD = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+) - (\S+) - (DEBUG|INFO|WARNING|ERROR|CRITICAL) - (.*)$")
_TIME = "%Y-%m-%d %H:%M:%S,%f"
_LONGEST = 4000

MEANINGS: tuple[tuple[str, str], ...] = (
    (r"^Simulator setup error: (?P<message>.*)", "job-refused"),
    (r"^FL server execution exception: (?P<type>\w+): (?P<message>.*)", "not-configured"),
    (r"^do_one_task execute exception: \w+: (?P<message>.*serializ(?:ing|ed by FOBS) .*)", "result-not-serialisable"),
    (r"^do_one_task execute exception: (?P<type>\w+): (?P<message>.*)", "not-configured"),
    (r"^Stopped ClientRunner due to FATAL_SYSTEM_ERROR: (?P<message>.*)", "site-panic"),
    (r"^Aborting current RUN due to FATAL_SYSTEM_ERROR received: (?P<message>.*)", "server-panic"),
    (r"^Communication error with client (?P<site>[^ :,]+)", "process-died"),
    (r"^Subprocess died for client (?P<site>[^ ,]+).*exit code: (?P<status>-?\d+)", "process-died"),
)
"""What the simulator's log records (2.5 to 2.9) mean: a pattern and a fault; its groups are facts of the fault."""


@dataclass(frozen=True)
class Record:
    """A log record; further lines (a traceback) belong to its message. ``time`` is that of the clock."""

    time: datetime
    site: str
    level: str
    logger: str
    message: str


def run_simulator(request: Request, teller: Teller) -> tuple[str, float]:
    """Runs the simulator; gives the outcome and the peak memory in MB. A signal, or the end of standard input, ends it
    early."""
    try:
        apps, clients = sites_of(request.job, request.sites)
    except JobRefusedError as error:
        teller.fault("job-refused", site=SERVER, message=str(error), frames=[])
        return "failed", 0.0
    roots = {
        site: {"app": app, "root": os.path.join(request.workspace, site, "simulate_job", "app_" + site)}
        for site, app in apps.items()
    }
    teller.tell("deployed", apps=roots)
    reading, writing = os.pipe()
    command = [sys.executable, os.path.dirname(os.path.abspath(__file__)), "simulator", str(writing), str(teller.since)]
    command += [request.job, "-w", request.workspace]
    command += ["-c", ",".join(clients), "-t", str(len(clients)), "-m", str(max(100, len(clients)))]
    with open(os.path.join(os.path.dirname(request.workspace), "simulator-output.txt"), "wb") as output:
        simulator = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, pass_fds=[writing]
        )
        os.close(writing)
        outcome, peak, said = _watch(simulator, request, teller, reading)
    told = [json.loads(line) for line in said]
    for record in records_of(request.workspace, [SERVER, *clients]):
        told.extend(_events_of(record, teller))
    for event in sorted(told, key=lambda event: event["at"]):
        teller.pass_on(json.dumps(event).encode())
    if outcome == "exited":
        teller.tell("exited", site=SERVER, status=simulator.returncode, signal=0)
        outcome = {0: "completed", 2: "aborted"}.get(simulator.returncode, "failed")
    return outcome, peak


def _watch(
    simulator: subprocess.Popen[bytes], request: Request, teller: Teller, witness: int
) -> tuple[str, float, list[bytes]]:
    """The outcome, the peak memory in MB, and what the witness said."""
    os.set_blocking(witness, False)
    reader, said = LineReader(witness), []
    end = time.monotonic() + request.timeout
    peak = 0.0
    outcome = ""
    stopped: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, frame: stopped.append(number))
    with selectors.DefaultSelector() as selector:
        selector.register(0, selectors.EVENT_READ)
        selector.register(witness, selectors.EVENT_READ)
        while not outcome:
            ready = [key.fd for key, _ in selector.select(0.2)]
            if 0 in ready and not os.read(0, 1 << 12):
                outcome = "stopped"
            if witness in ready:
                said += reader.read()
            if reader.closed and witness in selector.get_map():
                selector.unregister(witness)
            tree = processes.descendants(os.getpid())
            used = processes.resident_megabytes(tree)
            peak = max(peak, used)
            if simulator.poll() is not None:
                outcome = "exited"
            elif stopped:
                outcome = "stopped"
            elif time.monotonic() > end:
                teller.fault("run-timeout", site=SERVER, seconds=request.timeout, busy=[], stacks={}, frames=[])
                outcome = "timeout"
            elif request.memory is not None and used > request.memory * (1 + len(tree)):
                limit = request.memory
                teller.fault("memory", site=SERVER, megabytes=round(used), limit=limit, stacks={}, frames=[])
                outcome = "failed"
    left = [pid for pid in processes.descendants(os.getpid()) if processes.is_alive(pid)]
    if outcome == "exited" and left:
        commands = [processes.command_of(pid)[:200] for pid in left]
        teller.fault("process-left", site=SERVER, commands=commands, frames=[])
    processes.signal_processes(left, signal.SIGKILL)
    while more := reader.read():
        said += more
    os.close(witness)
    return outcome, peak, said


def records_of(workspace: str, sites: list[str]) -> Iterator[Record]:
    """The warnings and errors in the logs of a simulator's workspace, site by site."""
    for site in sites:
        for folder in (os.path.join(workspace, site), os.path.join(workspace, site, "simulate_job")):
            path = os.path.join(folder, "log.txt")
            if os.path.isfile(path):
                with open(path, errors="replace") as file:
                    yield from records_in(site, file.read())
                break


def records_in(site: str, text: str) -> Iterator[Record]:
    """The warnings and errors of a log."""
    lines: list[str] = []
    head: tuple[str, str, str] = ("", "", "")
    for line in [*text.splitlines(), "0000-00-00 00:00:00,0 - end - INFO - "]:
        match = _RECORD.match(line)
        if match is None:
            lines.append(line)
            continue
        if head[2] in ("WARNING", "ERROR", "CRITICAL"):
            time, logger, level = head
            yield Record(
                datetime.strptime(time, _TIME), site, level, logger, CONTEXT.sub("", "\n".join(lines))[:_LONGEST]
            )
        head, lines = (match[1], match[2], match[3]), [match[4]]


def _events_of(record: Record, teller: Teller) -> Iterator[dict[str, Any]]:
    """The record as an event, and what it means as another."""
    at = teller.at(time.monotonic()) - (datetime.now() - record.time).total_seconds()
    frames = frames_of_text(record.message) if "Traceback" in record.message else []
    known = {"at": at, "site": record.site, "message": record.message, "frames": frames}
    yield {"event": "record", "level": record.level, "logger": record.logger, **known}
    fault = meaning_of(record)
    if fault:
        yield {"event": "fault", **known, "task": None, "round": None, **fault}


def meaning_of(record: Record) -> dict[str, Any]:
    """The fault that a record tells of, and its facts; nothing when it tells of none."""
    if record.logger.endswith("TaskScriptRunner") and record.message.startswith("Traceback"):
        kind, _, said = record.message.strip().splitlines()[-1].partition(": ")
        if said.startswith(ABORTED):
            return {}
        return {"fault": "script-crash", "type": kind, "message": said, "sent": 0, "script": ""}
    if record.level == "WARNING" or not record.message:
        return {}
    for pattern, fault in MEANINGS:
        match = re.search(pattern, record.message.splitlines()[0])
        if match is not None:
            facts: dict[str, Any] = {"fault": fault, **match.groupdict()}
            if fault == "result-not-serialisable":
                facts["where"] = "the result"
            if fault == "process-died":
                status = int(facts.get("status") or 0)
                facts.update(status=max(status, 0) if "status" in facts else None, signal=max(-status, 0))
            return facts
    return {}
