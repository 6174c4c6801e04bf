"""The judges: one virtual environment per NVFlare release, made from PyPI.

    python tests/differential/judges.py [2.5 2.7 2.9 ...]

makes those that are missing under ``.judges/<release>/`` at the repository's root (or under ``$FLLINT_JUDGES``), and
says which interpreter each one runs. A release that this machine cannot make is skipped, loudly.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

RELEASES = ("2.4", "2.5", "2.6", "2.7", "2.8", "2.9")

# Interpreters to try for a release, best first: each release's wheels were published for these.
PYTHONS = {
    "2.3": ("3.8", "3.9", "3.10"),
    "2.4": ("3.10", "3.9", "3.11", "3.8"),
    "2.5": ("3.10", "3.11", "3.9"),
    "2.6": ("3.11", "3.10", "3.12"),
    "2.7": ("3.11", "3.12", "3.10"),
    "2.8": ("3.11", "3.12", "3.10"),
    "2.9": ("3.11", "3.12", "3.13"),
}

# Releases up to 2.4 import pkg_resources or distutils on some paths.
EXTRAS = ("omegaconf", "numpy", "setuptools<81")

REPOSITORY = Path(__file__).resolve().parents[2]


class CannotMakeError(Exception):
    """This machine cannot make the judge of a release; the message says why."""


def judges_folder() -> Path:
    """Where the judges live: ``$FLLINT_JUDGES``, or ``.judges`` at the repository's root."""
    return Path(os.environ.get("FLLINT_JUDGES") or REPOSITORY / ".judges")


def judge_python(release: str) -> Path:
    """The interpreter of one release's judge; it need not exist yet."""
    return judges_folder() / release / "bin" / "python"


def existing_judges() -> tuple[str, ...]:
    """The releases whose judge was made completely, oldest first."""
    return tuple(release for release in PYTHONS if (judges_folder() / release / "ready").exists())


def make_judge(release: str) -> Path:
    """Makes the judge of one release with the first interpreter that can run it, and gives that judge's interpreter.

    Raises CannotMakeError with one reason per interpreter that was tried.
    """
    reasons = []
    for version in PYTHONS[release]:
        for interpreter in interpreters(version):
            reason = try_to_make(release, interpreter)
            if reason is None:
                return judge_python(release)
            reasons.append(f"{interpreter}: {reason}")
    raise CannotMakeError("; ".join(reasons) or f"no Python {' or '.join(PYTHONS[release])} on this machine")


class Judge:
    """The running judge of one release: requests are sent, and answered in order while others work; to be closed."""

    def __init__(self, release: str) -> None:
        self.release = release
        self._process: subprocess.Popen[str] | None = None

    def send(self, requests: Sequence[Mapping[str, Any]]) -> None:
        """Gives the judge work; a few hundred requests at once, since a pipe holds no more."""
        if self._process is None:
            command = [str(judge_python(self.release)), str(Path(__file__).with_name("judge.py"))]
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )
        assert self._process.stdin is not None
        self._process.stdin.write("".join(json.dumps(request) + "\n" for request in requests))
        self._process.stdin.flush()

    def receive(self, count: int) -> list[dict[str, Any]]:
        """The next answers, as judge.py describes them. Raises RuntimeError when the judge died."""
        if not count:
            return []
        assert self._process is not None
        assert self._process.stdout is not None
        lines = [self._process.stdout.readline() for _ in range(count)]
        if not all(lines):
            raise RuntimeError(f"the judge of {self.release} died: {self._process.wait()}")
        return [json.loads(line) for line in lines]

    def close(self) -> None:
        """Ends the judge."""
        if self._process is not None:
            self._process.communicate()
            self._process = None


AT_ONCE = 200


def ask(release: str, requests: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The answers of one release's judge to requests, in order (both as judge.py describes them)."""
    answers: list[dict[str, Any]] = []
    with closing(Judge(release)) as judge:
        for start in range(0, len(requests), AT_ONCE):
            part = requests[start : start + AT_ONCE]
            judge.send(part)
            answers += judge.receive(len(part))
    return answers


def interpreters(version: str) -> Iterator[str]:
    """The machine's interpreters of one minor Python version that start: on PATH, then pyenv's."""
    candidates = [shutil.which(f"python{version}")]
    candidates += [str(path) for path in sorted(Path("~/.pyenv/versions").expanduser().glob(f"{version}.*/bin/python"))]
    for candidate in candidates:
        question = f"import sys, venv; assert '%d.%d' % sys.version_info[:2] == '{version}'"
        if candidate and runs([candidate, "-c", question]):
            yield candidate


def try_to_make(release: str, interpreter: str) -> str | None:
    """Makes one judge with one interpreter; the reason when that fails, else None."""
    home = judges_folder() / release
    shutil.rmtree(home, ignore_errors=True)
    home.parent.mkdir(parents=True, exist_ok=True)
    python = str(judge_python(release))
    steps = (
        [interpreter, "-m", "venv", str(home)],
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"nvflare=={release}.*", *EXTRAS],
        [python, str(Path(__file__).with_name("judge.py")), "--check"],
    )
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return (done.stderr.strip().splitlines() or ["failed without a word"])[-1]
    (home / "ready").write_text(f"{release} on {interpreter}\n", encoding="utf-8")
    return None


def runs(command: list[str]) -> bool:
    """Whether a command starts and ends well."""
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def main() -> int:
    """Makes the judges that are asked for and missing; exit status 1 when one could not be made."""
    parser = argparse.ArgumentParser(description="Make the judges: one virtual environment per NVFlare release.")
    parser.add_argument("releases", nargs="*", default=RELEASES, metavar="RELEASE", help="default: 2.4 ... 2.9")
    failures = 0
    for release in parser.parse_args().releases:
        if release not in PYTHONS:
            print(f"SKIPPED {release}: unknown release, known are {', '.join(PYTHONS)}", file=sys.stderr)
            failures += 1
        elif release in existing_judges():
            print(f"{release}: already at {judge_python(release)}")
        else:
            try:
                print(f"{release}: made {make_judge(release)}", flush=True)
            except CannotMakeError as reason:
                print(f"SKIPPED {release}: {reason}", file=sys.stderr)
                failures += 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
