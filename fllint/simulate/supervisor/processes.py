"""Process trees: found by parentage, bound to their parent's life, measured, and killed.

Only descendants are ever signalled, by pid. As a subreaper the supervisor becomes the parent of every orphan below it,
so that a child that left its session or process group (`setsid`, a double fork) is still a descendant. Linux only;
elsewhere the prctl calls do nothing, and `can_contain` says so.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterable

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def can_contain() -> bool:
    """Whether this system lets us find and keep every process below us."""
    return sys.platform.startswith("linux") and os.path.isdir("/proc/self")


def _prctl(option: int, value: int) -> None:
    if can_contain():
        import ctypes  # only who calls this pays for it

        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def become_subreaper(wanted: bool = True) -> None:
    """Orphans below this process become its children instead of init's; or no longer."""
    _prctl(_PR_SET_CHILD_SUBREAPER, int(wanted))


def die_with_parent(parent: int, number: int = signal.SIGKILL) -> None:
    """This process gets a signal when its parent dies; ends it at once when the parent is dead already."""
    _prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        os._exit(1)


def _parents() -> list[tuple[int, int]]:
    """``(pid, parent)`` of every process."""
    pairs = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    # the command name stands in parentheses and may hold anything
                    pairs.append((int(name), int(file.read().rsplit(b")", 1)[1].split()[1])))
            except (OSError, IndexError, ValueError):
                continue
    return pairs


def descendants(root: int) -> list[int]:
    """The pids below a process, without itself, parents before children."""
    return trees([root])[root]


def trees(roots: Iterable[int]) -> dict[int, list[int]]:
    """The pids below each of some processes, from one look at all processes."""
    if not can_contain():
        return {root: [] for root in roots}
    children: dict[int, list[int]] = {}
    for pid, parent in _parents():
        children.setdefault(parent, []).append(pid)
    found = {}
    for root in roots:
        below: list[int] = []
        waiting = sorted(children.get(root, []))
        while waiting:
            pid = waiting.pop(0)
            below.append(pid)
            waiting.extend(sorted(children.get(pid, [])))
        found[root] = below
    return found


def command_of(pid: int) -> str:
    """The command line of a process; empty when it is gone."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def is_alive(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rsplit(b")", 1)[1].split()[0] != b"Z"
    except (OSError, IndexError):
        return False


def resident_megabytes(pids: Iterable[int]) -> float:
    """The resident memory of some processes; pages that they share count for each."""
    page = os.sysconf("SC_PAGE_SIZE")
    pages = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/statm", "rb") as file:
                pages += int(file.read().split()[1])
        except (OSError, IndexError, ValueError):  # noqa: PERF203
            continue
    return pages * page / 1e6


def proportional_megabytes(pids: Iterable[int]) -> float:
    """The memory of some processes; a page that several share counts once, divided among them (PSS). Slower to get."""
    kilobytes = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/smaps_rollup", "rb") as file:
                kilobytes += sum(int(line.split()[1]) for line in file if line.startswith(b"Pss:"))
        except (OSError, IndexError, ValueError):  # noqa: PERF203
            continue
    return kilobytes / 1000


def signal_processes(pids: Iterable[int], number: int) -> None:
    """Sends a signal to each; those that are gone are passed over."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except OSError:  # noqa: PERF203
            continue


def reap() -> list[tuple[int, int]]:
    """``(pid, wait status)`` of the children that ended."""
    ended: list[tuple[int, int]] = []
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        ended.append((pid, status))


def kill_descendants(seconds: float = 5.0) -> None:
    """Kills all below this process, until none is left or the time is up.

    They are stopped first, so that none forks while the others die.
    """
    end = time.monotonic() + seconds
    while (below := descendants(os.getpid())) and time.monotonic() < end:
        reap()  # what is not reaped here would be left to the parent of this process
        alive = [pid for pid in below if is_alive(pid)]
        signal_processes(alive, signal.SIGSTOP)
        signal_processes(alive, signal.SIGKILL)
        time.sleep(0.005)
