"""What `fllint simulate` costs, beside what `nvflare simulator` costs for the same job, in the same run.

    python benchmarks/simulate.py costs [--release 2.9] [--write]
    python benchmarks/simulate.py faults [--release 2.9] [--timeout 60]

``costs`` prints what docs/simulate.md says of costs: wall time, cpu time and peak memory (PSS, so that shared pages
count once) of both, for numpy jobs with few and many sites; ``--write`` puts it there. ``faults`` runs every faulty
job of the tests with both and prints what each said: a table for docs/simulate.md. Nothing is asserted. It needs a
judge's environment (python tests/differential/judges.py 2.9).
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
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
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
    """Looks every 50 ms; a look during which a process came or went counts nothing, since shares of pages changed."""
    while not over.wait(0.05):
        tree = [root, *processes.descendants(root)]
        used = processes.proportional_megabytes(tree)
        if tree == [root, *processes.descendants(root)]:
            cost.samples.append(used)


def fllint(job: Path, release: str) -> list[str]:
    return [sys.executable, "-m", "fllint", "simulate", str(job), "--python", str(judge_python(release))]


def simulator(job: Path, release: str, workspace: Path, sites: int) -> list[str]:
    program = str(judge_python(release).parent / "nvflare")
    return [program, "simulator", str(job), "-w", str(workspace), "-n", str(sites), "-t", str(sites)]


SHOWN = (("sag-np-trainer", 2), ("fedavg-script", 2), ("cyclic-script", 2), ("fedavg-script", 5), ("fedavg-script", 20))
"""The jobs of the table, each with a number of sites."""
MANY = 100
"""fllint alone runs as many."""
PAGE = ROOT / "docs" / "simulate.md"
BEGIN, END = "<!-- costs -->\n", "<!-- end of costs -->\n"


def costs(release: str) -> Iterator[str]:
    """What the page says of costs, line by line: the machine, and a table."""
    python = subprocess.run([judge_python(release), "-V"], capture_output=True, text=True, check=True).stdout.strip()
    yield f"`python benchmarks/simulate.py costs`: NVFlare {release}, {python}, {os.cpu_count()} cores, load"
    load = os.getloadavg()[0]
    yield f"{load:.1f} before it began. Memory is the highest sum over the process tree (PSS), sampled every"
    yield "50 ms; of fllint's, the best wall time and the most memory of three runs.\n"
    yield "| job | sites | nvflare simulator: wall, cpu, memory | fllint simulate | wall ratio | memory ratio |"
    yield "|---|---|---|---|---|---|"
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, sites in SHOWN:
            job = write_job(folder / f"{name}-{sites}", **sound_jobs(release, sites)[name])
            theirs = cost_of(simulator(job, release, folder / f"workspace-{name}-{sites}", sites), folder)
            yield _row(name, sites, theirs, _ours(job, release))
        job = write_job(folder / "many", **sound_jobs(release, MANY)["fedavg-script"])
        yield _row("fedavg-script", MANY, None, _ours(job, release))


def _ours(job: Path, release: str) -> Cost:
    runs = [cost_of(fllint(job, release), ROOT) for _ in range(3)]
    if any(run.status != 0 for run in runs):
        raise SystemExit(f"fllint simulate {job.name} ended with {[run.status for run in runs]}")
    return replace(min(runs, key=lambda cost: cost.wall), memory=max(cost.memory for cost in runs))


def _row(name: str, sites: int, theirs: Cost | None, ours: Cost) -> str:
    def shown(cost: Cost) -> str:
        return f"{cost.wall:.2f} s, {cost.cpu:.2f} s, {cost.memory:.0f} MB"

    if theirs is None:
        return f"| {name} | {sites} | not tried | {shown(ours)} | | |"
    wall, memory = theirs.wall / ours.wall, theirs.memory / ours.memory
    return f"| {name} | {sites} | {shown(theirs)} | {shown(ours)} | {wall:.0f} | {memory:.1f} |"


def write(lines: list[str]) -> None:
    """Puts the costs into the page, between its two marks."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(before + BEGIN + "\n".join(lines) + "\n" + END + after, encoding="utf-8")


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
    parser.add_argument("--write", action="store_true", help="put the costs into docs/simulate.md")
    parser.add_argument("--timeout", type=float, default=60.0)
    arguments = parser.parse_args()
    if not judge_python(arguments.release).exists():
        parser.error(f"no environment with NVFlare {arguments.release}: python tests/differential/judges.py makes one")
    if arguments.what == "costs":
        lines = []
        for line in costs(arguments.release):
            print(line, flush=True)
            lines.append(line)
        if arguments.write:
            write(lines)
    else:
        faults(arguments.release, arguments.timeout)


if __name__ == "__main__":
    main()
