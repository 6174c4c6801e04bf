"""Log records of the server and the sites: kept in files, and warnings and errors told as events."""

from __future__ import annotations

import logging
import os
import re
import sys
import traceback

from .events import Teller, TraceFrame

_FRAME = re.compile(r'File "([^"\n]+)", line (\d+)(?:, in ([^\n]+))?')
CONTEXT = re.compile(r"^\[identity=[^\]]*\](?:: ?| - )?")
"""What NVFlare puts before the messages of its components (`FLComponent.log_info` and others, 2.5 to 2.9)."""
_LONGEST = 4000
_MOST = 1000
"""Warnings and errors that one process tells; all are in its log."""


def frames_of_text(text: str) -> list[TraceFrame]:
    """The frames of the last traceback that a text holds."""
    start = text.rfind("Traceback (most recent call last)")
    return [[file, int(line), name or ""] for file, line, name in _FRAME.findall(text[start:] if start >= 0 else text)]


def frames_of_exception(error: BaseException) -> list[TraceFrame]:
    """The frames of an exception; a syntax error also points at its line."""
    calls = traceback.walk_tb(error.__traceback__)  # without the text of the lines
    frames: list[TraceFrame] = [[frame.f_code.co_filename, line, frame.f_code.co_name] for frame, line in calls]
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        frames.append([error.filename, error.lineno, ""])
    return frames


def frames_of_chain(error: BaseException) -> list[TraceFrame]:
    """The frames of an exception and of what caused it, the first cause last."""
    frames, seen = [], set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        frames.extend(frames_of_exception(cause))
        cause = cause.__cause__ or cause.__context__
    return frames


class TellingHandler(logging.Handler):
    """Tells warnings and errors as events."""

    def __init__(self, teller: Teller) -> None:
        super().__init__(logging.WARNING)
        self._teller = teller
        self._told = 0

    def emit(self, record: logging.LogRecord) -> None:
        self._told += 1
        if self._told > _MOST:
            return
        try:
            text = record.getMessage()
            frames = frames_of_text(text) if "Traceback" in text else []
            if record.exc_info and record.exc_info[1] is not None:
                frames = frames_of_exception(record.exc_info[1])
                text += f"\n{type(record.exc_info[1]).__name__}: {record.exc_info[1]}"
            self._teller.tell(
                "record",
                level=record.levelname,
                logger=record.name,
                message=CONTEXT.sub("", text)[:_LONGEST],
                frames=frames,
            )
        except Exception:  # a record that cannot be formatted must not end the run
            self.handleError(record)


def keep_records(folder: str, teller: Teller | None) -> None:
    """Sends everything that this process logs, prints or writes to its standard streams to files in ``folder``."""
    output = os.open(os.path.join(folder, "output.txt"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    sys.stdout.flush()
    sys.stderr.flush()
    for stream in (1, 2):
        os.dup2(output, stream)
    os.close(output)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    sys.stdout = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115  (open as long as the process)
    sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115

    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
    file = logging.FileHandler(os.path.join(folder, "log.txt"))
    file.setFormatter(logging.Formatter("%(asctime)s - %(name)s - %(levelname)s - %(message)s"))
    root.addHandler(file)
    if teller is not None:
        root.addHandler(TellingHandler(teller))
    root.setLevel(logging.INFO)
