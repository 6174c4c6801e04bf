"""What the command line asks the supervisor for."""

from __future__ import annotations

import json
from typing import List, NamedTuple, Optional  # noqa: UP035


class Request(NamedTuple):
    """One smoke run.

    ``job``: the job's folder, absolute. ``workspace``: an empty folder for everything that the run writes.
    ``sites``: the clients' names, in the order in which results are handed to the server; None: from the deploy map,
    as NVFlare's simulator does. ``rounds``: the most rounds of a workflow; None: as configured. ``timeout`` and
    ``task_timeout``: seconds for the run and for one task; ``memory``: MB of resident memory for one process tree.
    """

    job: str
    workspace: str
    sites: Optional[List[str]] = None  # noqa: UP006, UP045  (Python 3.8 evaluates these)
    rounds: Optional[int] = None  # noqa: UP045
    timeout: float = 300.0
    task_timeout: float = 60.0
    memory: Optional[float] = None  # noqa: UP045
    level: str = "run"

    @classmethod
    def from_line(cls, line: str) -> Request:
        """Reads a request from its JSON line; keys of later versions are ignored.

        Raises ValueError (also TypeError, KeyError) when the line is no request.
        """
        told = json.loads(line)
        return cls(**{key: value for key, value in told.items() if key in cls._fields})
