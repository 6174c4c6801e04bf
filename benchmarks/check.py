"""What `fllint check` costs, beside what NVFlare's own loading of the same job costs, in the same run.

    python benchmarks/check.py [--quick | --growth] [--markdown] [--judge .judges/2.9/bin/python]

Prints a table of cpu time (user and system), its ratio to an empty Python in the same run, and peak memory: the median
of several runs. ``--growth`` goes up to 10,000 jobs; ``--markdown`` prints the table of docs/performance.md. Nothing
is asserted: a table is for people to read, and machines differ.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "hello-numpy"
FLLINT = [sys.executable, "-m", "fllint"]


@dataclass(frozen=True)
class Cost:
    """Cpu seconds and peak resident memory in MiB of one command."""

    cpu: float
    memory: float


def cost_of(command: list[str], standard_input: str = "") -> Cost:
    """Runs a command once and says what it cost: away from the checkout, with compiled modules, as when installed."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=tempfile.gettempdir(),
        env=environment,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(standard_input.encode())
        process.stdin.close()
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def median(runs: int, run: Callable[[], Cost]) -> Cost:
    """The median of several runs."""
    costs = [run() for _ in range(runs)]
    return Cost(statistics.median(cost.cpu for cost in costs), statistics.median(cost.memory for cost in costs))


def many_jobs(folder: Path, number: int) -> Path:
    """A folder of copies of the example, each with its own name and number of rounds."""
    jobs = folder / f"{number}-jobs"
    for index in range(number):
        shutil.copytree(EXAMPLE, jobs / f"job-{index:05}")
        server = jobs / f"job-{index:05}" / "app_server" / "config" / "config_fed_server.json"
        config = json.loads(server.read_text("utf-8"))
        config["workflows"][0]["args"]["num_rounds"] = index + 1
        server.write_text(json.dumps(config, indent=2), "utf-8")
    return jobs


def many_sites(folder: Path, sites: int, apps: int) -> Path:
    """A job whose deploy map spreads many sites over many apps."""
    job = folder / f"{sites}-sites"
    shutil.copytree(EXAMPLE / "app_server", job / "app_server")
    deploy_map = {"app_server": ["server"]}
    for index in range(apps):
        shutil.copytree(EXAMPLE / "app_client", job / f"app_{index}")
        deploy_map[f"app_{index}"] = [f"site-{number + 1}" for number in range(index, sites, apps)]
    meta = {"name": "many", "min_clients": 2, "deploy_map": deploy_map}
    (job / "meta.json").write_text(json.dumps(meta, indent=1), "utf-8")
    return job


def large_config(folder: Path) -> Path:
    """The example with a server config of nearly 1 MB."""
    job = folder / "large-config"
    shutil.copytree(EXAMPLE, job)
    server = job / "app_server" / "config" / "config_fed_server.json"
    config = json.loads(server.read_text("utf-8"))
    filler = config["components"][0]
    config["components"] += [{**filler, "id": f"persistor_{index}"} for index in range(2_500)]
    server.write_text(json.dumps(config), "utf-8")
    return job


def many_python_files(folder: Path, number: int) -> Path:
    """The example with a custom/ folder of many modules."""
    job = folder / "many-python-files"
    shutil.copytree(EXAMPLE, job)
    package = job / "app_client" / "custom" / "library"
    package.mkdir()
    for index in range(number):
        text = f"import os\n\n\nclass Thing{index}:\n    def __init__(self, size={index}):\n        self.size = size\n"
        (package / f"module_{index}.py").write_text(text, "utf-8")
    return job


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer runs, no 1,000 jobs")
    parser.add_argument("--growth", action="store_true", help="also 10,000 jobs, which takes minutes")
    parser.add_argument("--markdown", action="store_true", help="print the table as docs/performance.md shows it")
    parser.add_argument("--judge", type=Path, default=ROOT / ".judges" / "2.9" / "bin" / "python")
    options = parser.parse_args()
    runs = 3 if options.quick else 9
    rows: list[tuple[str, str, Cost]] = []

    def row(name: str, budget: str, command: list[str], times: int = runs, standard_input: str = "") -> Cost:
        cost = median(times, lambda: cost_of(command, standard_input))
        rows.append((name, budget, cost))
        return cost

    check = [*FLLINT, "check", "--no-cache"]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        empty = row("python -c pass", "", [sys.executable, "-c", "pass"])
        row("fllint --version", "60 ms", [*FLLINT, "--version"])
        row("fllint explain FL102", "60 ms", [*FLLINT, "explain", "FL102"])
        job = shutil.copytree(EXAMPLE, folder / "one" / "job")  # where no settings are
        one = row("check: one sound job", "100 ms", [*check, str(job)])
        row("check: one broken job", "200 ms", [*check, str(ROOT / "tests" / "rules" / "FL501" / "bad")])
        row("check: 10,000 sites, 100 apps", "1 s", [*check, str(many_sites(folder, 10_000, 100))], 3)
        row("check: config of 1 MB", "", [*check, str(large_config(folder))], 3)
        row("check: custom/ of 2,000 files", "", [*check, str(many_python_files(folder, 2_000))], 3)
        for number in (10, 100) if options.quick else (10, 100, 1_000, *([10_000] if options.growth else [])):
            jobs = many_jobs(folder, number)
            cost = row(
                f"check: {number:,} jobs", f"{5 * number / 1000:.2f} s", [*check, str(jobs)], 1 if number > 99 else 3
            )
            rows.append(
                ("  a job, without the start", "5 ms", Cost((cost.cpu - one.cpu) / max(number - 1, 1), cost.memory))
            )
        if not options.quick:
            os.environ["FLLINT_CACHE_DIR"] = str(folder / "cache")
            cost_of([*FLLINT, "check", str(folder / "1000-jobs")])
            row("check: 1,000 jobs, warm cache", "0.50 s", [*FLLINT, "check", str(folder / "1000-jobs")], 3)
        if options.judge.exists():
            judge = [str(options.judge.absolute()), str(ROOT / "tests" / "differential" / "judge.py")]
            row("NVFlare loads the same job", "", judge, 3, json.dumps({"job": str(EXAMPLE)}) + "\n")
    print_table(rows, empty, markdown=options.markdown)


def print_table(rows: list[tuple[str, str, Cost]], empty: Cost, *, markdown: bool) -> None:
    """Prints what was measured; *empty* is the cost of a Python that does nothing."""
    if markdown:
        print("| what | cpu | budget | ratio to an empty Python | peak memory |\n|---|---|---|---|---|")
    else:
        print(f"{'work':<34} {'cpu':>9} {'budget':>8} {'ratio':>7} {'peak memory':>12}")
    for name, budget, cost in rows:
        cpu, ratio = f"{cost.cpu * 1000:,.{1 if cost.cpu < 0.01 else 0}f} ms", f"{cost.cpu / empty.cpu:,.1f}"
        if markdown:
            print(f"| {name.strip()} | {cpu} | {budget} | {ratio} | {cost.memory:.0f} MiB |")
        else:
            print(f"{name:<34} {cpu:>9} {budget:>8} {ratio:>7} {cost.memory:>8.0f} MiB")


if __name__ == "__main__":
    main()
