"""What the supervisor says: one JSON object a line.

Every event has ``event``, its kind, and ``at``, the seconds since the supervisor started. The kinds:

| event | says | keys |
|---|---|---|
| started | the run begins | nvflare, python, sites, workspace |
| deployed | where each site's app lies | apps: {site: {app, root}} |
| refused | this level cannot run the job; nothing was run | what, why, class |
| note | something differs from a production run | note |
| changed | an argument was capped | workflow, argument, old, new |
| replaced | a component was put in another's place | site, what, by, why |
| configured | a process has built its components | site, workflows or executors |
| workflow | a workflow starts or ends | workflow, class, state |
| round | a round begins | workflow, round |
| task | a task was sent | site, task, id, round |
| result | a result arrived | site, task, id, round, seconds, code, kind, parameters, digest, metrics, weight |
| metric | a site logged a value | site, key, value, step |
| model | the global model was loaded or saved | moment, digest, parameters, keys |
| record | a warning or error in a log | site, level, logger, message, frames |
| fault | something went wrong | fault, and what is known of it: site, task, round, message, frames, class |
| contribution | the aggregator took or rejected a result | site, task, round, accepted, why |
| ready | a site has started and waits for tasks | site |
| ended | a site has ended in order | site |
| aborted | the server's run ended by a fatal error | |
| broken | the supervisor itself failed | traceback |
| exited | a process ended | site, status, signal |
| finished | the last line | outcome, seconds, peak |
"""

from __future__ import annotations

import json
import os
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    TraceFrame = list[Any]
else:
    TraceFrame = list  # Python 3.8 has no list[...]
"""``[file, line, function]`` of a traceback, the innermost last."""


class Teller:
    """Writes events to a file descriptor; safe to use from several threads."""

    def __init__(self, descriptor: int, since: float, site: str | None = None) -> None:
        self._descriptor = descriptor
        self.since = since
        self._site = site
        self._lock = threading.Lock()

    def tell(self, event: str, **facts: Any) -> None:
        """Writes one event. What JSON cannot hold is written as its ``repr``. A closed pipe is not an error."""
        line = {"event": event, "at": self.at(time.monotonic())}
        if self._site is not None:
            line["site"] = self._site
        line.update(facts)
        self.pass_on(json.dumps(line, default=repr).encode())

    def at(self, moment: float) -> float:
        """The seconds between the supervisor's start and a moment of `time.monotonic`."""
        return round(moment - self.since, 4)

    def pass_on(self, line: bytes) -> None:
        """Writes a line that is an event already."""
        text = line + b"\n"
        with self._lock:
            try:
                while text:
                    text = text[os.write(self._descriptor, text) :]
            except OSError:
                pass

    def fault(self, fault: str, **facts: Any) -> None:
        """Writes a fault; `fllint.simulate.causes` has the words for each."""
        self.tell("fault", fault=fault, **facts)


class LineReader:
    """Cuts what a descriptor gives into lines."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.closed = False
        self._rest = b""

    def read(self) -> list[bytes]:
        """The complete lines there are now; sets ``closed`` at the end of the stream."""
        try:
            chunk = os.read(self.descriptor, 1 << 16)
        except BlockingIOError:
            return []
        except OSError:
            chunk = b""
        if not chunk:
            self.closed = True
        lines = (self._rest + chunk).split(b"\n")
        self._rest = lines.pop()
        return lines
