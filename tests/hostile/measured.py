"""Runs fllint on a hostile job in a process of its own, under guard, and says what it cost.

``python -m tests.hostile.measured [WORD…]`` prints a table of all hostile jobs, or of those whose name has one of the
words: exit status, seconds of processor time, peak memory, and what broke a promise.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import tests.hostile.code as _code  # registers its jobs
from tests.hostile.jobs import ENVIRONMENT_SECRET, HOSTILE_JOBS, write_hostile_job

assert _code
CHECKOUT: Final = Path(__file__).parents[2]
MAX_SECONDS: Final = 2.0
MAX_MEGABYTES: Final = 300.0
NEVER_SAID: Final = ("Traceback", "itself failed", "FL900", ENVIRONMENT_SECRET, "root:x:0")
PATIENCE: Final = 60.0
"""Seconds of wall time after which a run counts as hanging; the machine may be busy."""


@dataclass(frozen=True)
class Outcome:
    """What a run came to. ``output`` is both streams; ``seen`` what the guard saw and a check must not do."""

    status: int | None
    seconds: float
    megabytes: float
    output: str
    seen: tuple[str, ...]

    def faults(self, says: str, max_seconds: float = MAX_SECONDS) -> list[str]:
        """The promises that this run broke; ``max_seconds`` of cpu time are allowed."""
        if self.status is None:
            return [f"no end after {PATIENCE} s"]
        faults = list(self.seen)
        if self.status not in (0, 1, 2):
            faults.append(f"exit status {self.status}")
        faults += [f"{word!r} in the output" for word in NEVER_SAID if word in self.output]
        if self.status == 2 and not self.output.strip():
            faults.append("no message")
        if says not in self.output:
            faults.append(f"no {says!r} in the output")
        if self.seconds > max_seconds:
            faults.append(f"{self.seconds:.1f} s")
        if self.megabytes > MAX_MEGABYTES:
            faults.append(f"{self.megabytes:.0f} MB")
        if any(letter < " " and letter not in "\n\t" for letter in self.output):
            faults.append("control characters in the output")
        return faults


def run_guarded(job: Path, arguments: list[str], around: Path, python_path: Path = CHECKOUT) -> Outcome:
    """Runs fllint with these arguments; only ``job`` may be read. ``around`` is a folder for what the run writes,
    ``python_path`` where Python finds modules beside those of the checkout."""
    report = around / "report.json"
    # -B: a module that nobody has imported yet is not written down as bytecode, which would be a foreign write
    command = [sys.executable, "-B", "-m", "tests.hostile.guarded", str(report), str(job), *arguments]
    cache = around / "cache"
    environment = {
        **os.environ,
        "FLLINT_CACHE_DIR": str(cache),
        "FLLINT_TEST_SECRET": ENVIRONMENT_SECRET,
        "PYTHONPATH": f"{python_path}{os.pathsep}{CHECKOUT}",
    }
    try:
        done = subprocess.run(
            command, env=environment, cwd=around, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired as hanging:
        return Outcome(None, PATIENCE, 0, str(hanging.stdout), ())
    output = (done.stdout + done.stderr).decode("utf-8", "replace")
    if not report.exists():
        return Outcome(done.returncode, 0, 0, output, ("the guard wrote no report",))
    told = json.loads(report.read_text())
    return Outcome(done.returncode, told["seconds"], told["megabytes"], output, tuple(told["seen"]))


def check_hostile_job(name: str, around: Path, arguments: tuple[str, ...] = ("check", "--no-cache")) -> Outcome:
    """Writes a hostile job below a folder and runs fllint on it."""
    folder = around / "checked"
    folder.mkdir()
    (around / ".git").mkdir()
    path = write_hostile_job(name, folder)
    return run_guarded(path.parent if path.suffix == ".py" else path, [*arguments, str(path)], around)


def main() -> None:
    words = sys.argv[1:]
    shown = Path("/dev/null") if not os.environ.get("SHOW_OUTPUT") else None
    print(f"{'job':48} {'exit':>4} {'s':>6} {'MB':>5}")
    for name, job in HOSTILE_JOBS.items():
        if words and not any(word in name for word in words):
            continue
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            outcome = check_hostile_job(name, Path(folder))
        faults = "; ".join(outcome.faults(job.says))
        print(f"{name:48} {outcome.status!s:>4} {outcome.seconds:6.2f} {outcome.megabytes:5.0f} {faults}", flush=True)
        if shown is None:
            print(outcome.output[:3000])


if __name__ == "__main__":
    main()
