"""What a run says against what a check says: jobs that run, with one random slip each.

    python tests/differential/mutated_runs.py FOLDER --python ENV/bin/python --nvflare 2.9 [--mutants 4] [--seed 1]

FOLDER holds jobs, at any depth. Each one that `fllint simulate` runs without a finding gets slips, one at a time: a key
or word misspelt, a value of another kind, something removed, a name of its code changed. Printed are how many of those
that fail when they are run have a finding of `fllint check` that the sound job has not, the others, and the errors on
jobs that run well all the same. The jobs' code is run; they are copied, never changed.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CONFIGS = (".json", ".conf", ".yml", ".yaml")
VALUES: tuple[Any, ...] = (None, 0, -1, "", [], {}, True)
RUN = ["--level", "run", "--rounds", "2", "--timeout", "30", "--task-timeout", "8", "--fail-on", "warning"]


@dataclass(frozen=True)
class Outcome:
    """What became of one slip: the messages of the run, and what the check finds that it does not in the sound job."""

    job: Path
    slip: str
    run: tuple[str, ...]
    new: tuple[str, ...]
    errors: tuple[str, ...]


class Slips:
    """Random slips, the same for the same seed."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def make(self, job: Path) -> str:
        """Changes one thing in a job; what it was, empty when nothing was found to change."""
        files = sorted(file for file in job.rglob("*") if file.suffix in (*CONFIGS, ".py") and file.is_file())
        for _ in range(30):
            file = self._random.choice(files)
            slip = self._in_values(file) if file.suffix == ".json" else self._in_line(file)
            if slip:
                return f"{file.relative_to(job).as_posix()}: {slip}"
        return ""

    def _in_values(self, file: Path) -> str:
        content = json.loads(file.read_text("utf-8"))
        places = list(_places(content))
        if not places:
            return ""
        where, key = self._random.choice(places)
        old, kind = where[key], self._random.randrange(3)
        if kind == 0:
            del where[key]
            said = f"{key} removed"
        elif kind == 1 and isinstance(key, str):
            new = self._misspelt(key)
            renamed = {new if each == key else each: value for each, value in where.items()}
            where.clear()
            where.update(renamed)
            said = f"{key} is {new}"
        else:
            where[key] = self._misspelt(old) if isinstance(old, str) and old else self._random.choice(VALUES)
            said = f"{key}: {old!r} is {where[key]!r}"
        file.write_text(json.dumps(content, indent=2), "utf-8")
        return said[:160]

    def _in_line(self, file: Path) -> str:
        lines = file.read_text("utf-8").splitlines()
        chosen = [number for number, line in enumerate(lines) if re.search(r"\w{3}", line.partition("#")[0])]
        if not chosen:
            return ""
        number = self._random.choice(chosen)
        line = lines[number]
        words = list(re.finditer(r"[A-Za-z_][\w-]{2,}", line))
        if self._random.random() < 0.3 and not line.rstrip().endswith((":", "{", "[", "(", ",")):
            lines[number] = re.match(r"\s*", line)[0] + ("pass" if file.suffix == ".py" else "")  # type: ignore[index]
        elif words:
            word = self._random.choice(words)
            lines[number] = line[: word.start()] + self._misspelt(word[0]) + line[word.end() :]
        file.write_text("\n".join(lines) + "\n", "utf-8")
        return f"line {number + 1}: {line.strip()} is {lines[number].strip()}"[:160]

    def _misspelt(self, word: str) -> str:
        if len(word) < 3:
            return f"{word}x"
        at = self._random.randrange(1, len(word) - 1)
        return self._random.choice([word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:]])


def _places(content: Any) -> Iterator[tuple[Any, Any]]:
    """Every entry and item of a value: what holds it, and its key or number."""
    keys: list[Any] = []
    if isinstance(content, dict | list):
        keys = list(content) if isinstance(content, dict) else list(range(len(content)))
    for key in keys:
        yield content, key
        yield from _places(content[key])


class Commands:
    """fllint, as its users call it."""

    def __init__(self, python: str, release: str) -> None:
        self._python, self._release = python, release

    def run(self, job: Path) -> tuple[str, ...] | None:
        """The findings of a smoke run; None for a job that cannot be run."""
        status, findings = self._fllint("simulate", str(job), *RUN, "--python", self._python)
        return None if status == 2 else tuple(f"{each['code']} {each['message']}" for each in findings)

    def check(self, job: Path) -> list[dict[str, Any]]:
        """The findings of a check, notes left out."""
        _, findings = self._fllint("check", str(job), "--nvflare", self._release, "--isolated", "--no-cache")
        return [each for each in findings if each["severity"] != "info"]

    def _fllint(self, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
        command = [sys.executable, "-m", "fllint", *arguments, "--output-format", "json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        try:
            return done.returncode, json.loads(done.stdout)["findings"]
        except ValueError:
            return 2, []


def outcomes(job: Path, commands: Commands, mutants: int, seed: int) -> Iterator[Outcome]:
    """What becomes of the slips of one job; nothing when the job itself does not run well."""
    with tempfile.TemporaryDirectory() as folder:
        sound = shutil.copytree(job, Path(folder) / "sound" / "job")
        if commands.run(sound) != ():
            return
        known = {(each["code"], each["message"]) for each in commands.check(sound)}
        for number in range(mutants):
            copy = shutil.copytree(job, Path(folder) / str(number) / "job")
            slip = Slips(f"{seed} {number} {job.name}").make(copy)
            run = commands.run(copy) if slip else None
            if run is None:
                continue
            new = [each for each in commands.check(copy) if (each["code"], each["message"]) not in known]
            said = [f"{each['code']} {each['message']}" for each in new]
            errors = [text for each, text in zip(new, said, strict=True) if each["severity"] == "error"]
            yield Outcome(job, slip, run, tuple(said), tuple(errors))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--python", required=True, help="an interpreter that has NVFlare")
    parser.add_argument("--nvflare", required=True, metavar="RELEASE", help="its release")
    parser.add_argument("--mutants", type=int, default=4, help="slips for each job")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    commands = Commands(str(Path(options.python).absolute()), options.nvflare)
    jobs = sorted({meta.parent for meta in options.folder.rglob("meta.*") if meta.suffix in CONFIGS})
    counts: Counter[str] = Counter()
    for job in jobs:
        for one in outcomes(job, commands, options.mutants, options.seed):
            kind = ("found" if one.new else "missed") if one.run else ("error on a good run" if one.errors else "fine")
            counts[kind] += 1
            if kind in ("missed", "error on a good run"):
                print(f"{kind}: {one.job.name}, {one.slip}\n    {'; '.join(one.run or one.errors)[:300]}", flush=True)
    print(", ".join(f"{kind} {number}" for kind, number in sorted(counts.items())) or "no job runs well")
    return 0


if __name__ == "__main__":
    sys.exit(main())
