"""What `fllint simulate` costs, beside what `nvflare simulator` costs for the same job, in the same run.

    python benchmarks/simulate.py costs [--release 2.9] [--quick]
    python benchmarks/simulate.py faults [--release 2.9] [--timeout 60]

``costs`` prints a table of wall time, cpu time and peak memory (PSS, so that shared pages count once) of both, for
numpy jobs with few and many sites. ``faults`` runs every faulty job of the tests with both and prints what each said: a
table for docs/simulate.md. Nothing is asserted. It needs a judge's environment (python tests/differential/judges.py
2.9).
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from fllint.simulate.supervisor import processes  # noqa: E402
from tests.differential.judges import judge_python  # noqa: E402
from tests.simulate.faulty import faulty_jobs  # noqa: E402
from tests.simulate.jobs import sound_jobs, write_job  # noqa: E402
from tests.simulate.running import smoke  # noqa: E402


@dataclass
class Cost:
    """What a command cost: seconds of wall time and cpu, peak memory in MB, and its exit status (None: ended by us)."""

    wall: float = 0.0
    cpu: float = 0.0
    memory: float = 0.0
    status: int | None = None
    samples: list[float] = field(default_factory=list)


def cost_of(command: list[str], folder: Path, timeout: float = 600.0) -> Cost:
    """Runs a command and says what it and everything below it cost."""
    cost = Cost()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
    over = threading.Event()
    sampler = threading.Thread(target=_sample, args=[process.pid, cost, over])
    sampler.start()
    try:
        cost.status = process.wait(timeout)
    except subprocess.TimeoutExpired:
        processes.signal_processes([*processes.descendants(process.pid), process.pid], signal.SIGKILL)
        process.wait()
    cost.wall = time.monotonic() - started
    over.set()
    sampler.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cost.cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    cost.memory = max(cost.samples, default=0.0)
    return cost


def _sample(root: int, cost: Cost, over: threading.Event) -> None:
    while not over.wait(0.05):
        cost.samples.append(sum(_proportional_megabytes(pid) for pid in [root, *processes.descendants(root)]))


def _proportional_megabytes(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1000


def fllint(job: Path, release: str) -> list[str]:
    return [sys.executable, "-m", "fllint", "simulate", str(job), "--python", str(judge_python(release))]


def simulator(job: Path, release: str, workspace: Path, sites: int) -> list[str]:
    program = str(judge_python(release).parent / "nvflare")
    return [program, "simulator", str(job), "-w", str(workspace), "-n", str(sites), "-t", str(sites)]


def costs(release: str, quick: bool) -> None:
    """The table of costs."""
    chosen = [("fedavg-script", 2)] if quick else [(name, 2) for name in sound_jobs(release)]
    chosen += [] if quick else [("fedavg-script", 5), ("fedavg-script", 20)]
    print(f"NVFlare {release}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start\n")
    print("| job | sites | nvflare simulator: wall, cpu, memory | fllint simulate | wall ratio | memory ratio |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, sites in chosen:
            job = write_job(folder / f"{name}-{sites}", **sound_jobs(release, sites)[name])
            theirs = cost_of(simulator(job, release, folder / f"workspace-{name}-{sites}", sites), folder)
            ours = min((cost_of(fllint(job, release), ROOT) for _ in range(3)), key=lambda cost: cost.wall)
            _row(name, sites, theirs, ours)
        if not quick:
            job = write_job(folder / "many", **sound_jobs(release, 100)["fedavg-script"])
            _row("fedavg-script", 100, None, cost_of(fllint(job, release), ROOT))


def _row(name: str, sites: int, theirs: Cost | None, ours: Cost) -> None:
    def shown(cost: Cost | None) -> str:
        return f"{cost.wall:.2f} s, {cost.cpu:.2f} s, {cost.memory:.0f} MB" if cost else "not tried"

    wall = f"{theirs.wall / ours.wall:.0f}" if theirs else ""
    memory = f"{theirs.memory / ours.memory:.1f}" if theirs and ours.memory else ""
    print(f"| {name} | {sites} | {shown(theirs)} | {shown(ours)} | {wall} | {memory} |", flush=True)


def faults(release: str, timeout: float) -> None:
    """The table of faulty jobs."""
    print("| faulty job | fllint simulate | seconds | nvflare simulator: exit status | seconds |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for faulty in faulty_jobs(release):
            job = write_job(folder / faulty.name, **faulty.job)
            started = time.monotonic()
            run = smoke(job, release, **faulty.request)
            seconds = time.monotonic() - started
            codes = ", ".join(dict.fromkeys(f"{found.code} {found.name}" for found in run.findings))
            theirs = cost_of(simulator(job, release, folder / f"ws-{faulty.name}", 2), folder, timeout)
            status = "hangs" if theirs.status is None else str(theirs.status)
            print(f"| {faulty.name} | {codes} | {seconds:.1f} | {status} | {theirs.wall:.0f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["costs", "faults"])
    parser.add_argument("--release", default="2.9")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--timeout", type=float, default=60.0)
    arguments = parser.parse_args()
    if not judge_python(arguments.release).exists():
        parser.error(f"no environment with NVFlare {arguments.release}: python tests/differential/judges.py makes one")
    if arguments.what == "costs":
        costs(arguments.release, arguments.quick)
    else:
        faults(arguments.release, arguments.timeout)


if __name__ == "__main__":
    main()
