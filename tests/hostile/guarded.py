"""Runs a command of fllint in this process under guard, and tells what it cost and what it touched.

``python -m tests.hostile.guarded REPORT JOB ARGUMENTS…`` behaves as ``fllint ARGUMENTS…`` with sockets blocked, and
writes to REPORT, as JSON: seconds of processor time, peak memory in MB, and what the audit hook saw that a check must
not do. JOB is the folder, or the file, that may be read. (PEP 578 lists the events.)
"""

from __future__ import annotations

import json
import os
import resource
import stat
import sys
import sysconfig
import time
from pathlib import Path
from types import CodeType
from typing import Any, Final

FORBIDDEN: Final = (
    "socket.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.fork",
    "os.startfile",
    "urllib.",
    "http.",
    "ftplib.",
    "ctypes.dlopen",
    "webbrowser.",
    "pty.",
    "pickle.find_class",
)
"""Beginnings of the names of events that no check may cause."""
CHANGES: Final = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.link", "os.symlink", "os.truncate")
SETTINGS_LOOK_UP: Final = ("fllint.toml", "pyproject.toml", "requirements", "environment.y")
"""How the files begin that fllint looks for in the folders above a job."""


def folders_of_code() -> tuple[str, ...]:
    """Where Python, fllint and what it depends on lie."""
    checkout = Path(__file__).parents[2]
    libraries = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    libraries += [folder for folder in sys.path if folder.rstrip("/").endswith("-packages")]
    libraries += [str(folder) for folder in checkout.glob("*.egg-info")]
    own = [str(checkout / "fllint"), str(checkout / "rules"), str(checkout / "tests" / "hostile")]
    return tuple(os.path.realpath(folder) for folder in (*libraries, *own))


def below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


class Guard:
    """An audit hook; ``seen`` are the forbidden things that happened.

    Arguments:
        job: the job, which may be read and never written.
        cache: the folder that fllint may write to.
    """

    def __init__(self, job: Path, cache: Path) -> None:
        self.seen: list[str] = []
        self._given = os.path.abspath(job)
        self._job = os.path.realpath(job)
        self._cache = os.path.realpath(cache)
        self._code = folders_of_code()
        self._above = {str(folder) for path in (self._given, self._job) for folder in Path(path).parents}
        self._import_path = {os.path.realpath(folder) for folder in sys.path}
        self._busy = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._busy:
            return
        self._busy = True  # what the guard itself does is not watched
        try:
            complaint = self._complaint(event, arguments)
        finally:
            self._busy = False
        if complaint:
            self.seen.append(f"{event}: {complaint}"[:300])
            if event.startswith("socket."):
                raise OSError("there is no network here")

    def _complaint(self, event: str, arguments: tuple[Any, ...]) -> str:
        if event.startswith(FORBIDDEN):
            return repr(arguments)
        if event.startswith(CHANGES):
            paths = [os.fsdecode(path) for path in arguments if isinstance(path, (str, bytes))]
            return "" if all(below(os.path.realpath(path), self._cache) for path in paths) else repr(paths)
        if event == "open":
            return self._opening(*arguments)
        if event in ("os.scandir", "os.listdir", "glob.glob"):
            return self._listing(arguments[0])
        if event == "exec":
            return self._running(arguments[0])
        return self._compiling(arguments[1]) if event == "compile" else ""

    def _opening(self, path: Any, mode: str | None, flags: int) -> str:
        if isinstance(path, int) or not path:
            return ""
        real = os.path.realpath(os.fsdecode(path))
        if below(real, self._cache) or real == os.devnull:
            return ""
        writes = bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)) or any(
            letter in (mode or "") for letter in "wax+"
        )
        if writes:
            return f"{real} for writing"
        if below(real, self._job):
            return "" if is_regular(real) or flags & os.O_NONBLOCK else f"{real} is a special file"
        if real in self._import_path or any(below(real, folder) for folder in self._code):
            return ""
        named = os.path.abspath(os.fsdecode(path))
        looked_up = os.path.dirname(named) in self._above and os.path.basename(named).startswith(SETTINGS_LOOK_UP)
        return "" if looked_up else f"{real} lies outside"

    def _listing(self, path: Any) -> str:
        if path is None or isinstance(path, int):
            return ""
        real = os.path.realpath(os.fsdecode(path))
        if os.path.basename(real) == "config" and os.path.dirname(os.path.dirname(real)) in self._above:
            return ""  # whether what stands beside the job, or around it, is an app
        if real in self._import_path:
            return ""  # a library looks for its plugins
        allowed = (self._job, self._cache, *self._code)
        return "" if real in self._above or any(below(real, folder) for folder in allowed) else f"{real} lies outside"

    def _running(self, code: CodeType) -> str:
        """Generated code (``<string>``) is dataclasses' and the like: the one that runs it must not be the job's."""
        file = code.co_filename
        if file.startswith("<"):
            file = next_file()
        return "" if file.startswith("<frozen") or self._is_code(file) else f"code of {file}"

    def _compiling(self, file: Any) -> str:
        """Compiling is `ast.parse`'s (which runs nothing), an import's, or a library's of its own templates."""
        return "" if self._is_code(next_file()) else f"{file!r} by {next_file()}"

    def _is_code(self, file: str) -> bool:
        if file.startswith("<frozen"):
            return True
        if below(os.path.realpath(file), os.path.realpath(Path(__file__).parents[2] / "fllint")):
            return "fllint" in file and not below(os.path.realpath(file), self._job)
        return any(below(os.path.realpath(file), folder) for folder in self._code)


def next_file() -> str:
    """The file of the code that caused the event: the nearest frame outside of this module."""
    frame = sys._getframe()
    while frame.f_back is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    return frame.f_code.co_filename


def is_regular(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return True


def peak_megabytes() -> float:
    """The peak memory of this process since its program started."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        per_megabyte = 2**20 if sys.platform == "darwin" else 2**10
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / per_megabyte


def main() -> None:
    report, job, *arguments = sys.argv[1:]
    from fllint.cli import main as fllint

    guard = Guard(Path(job), Path(os.environ["FLLINT_CACHE_DIR"]))
    sys.addaudithook(guard)
    try:
        fllint.main(arguments, prog_name="fllint")
    finally:
        guard._busy = True
        told = {"seconds": time.process_time(), "megabytes": peak_megabytes(), "seen": guard.seen}
        Path(report).write_text(json.dumps(told))


if __name__ == "__main__":
    main()
