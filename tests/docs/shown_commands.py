"""Plays a Markdown document: runs the commands that it shows, in a folder of its own, and looks at what they print.

In a document,

* a ``console`` block shows commands after ``$``, each with all of its output;
* a ``sh`` block shows commands without output, unless a ``text`` block follows at once: that is the output;
* a ``diff`` block is a change of files, which is made.

``JOB`` is a sound job, ``jobs`` a folder of several, and ``examples`` is this repository's. Times are not compared.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")))

INSTALLATION = re.compile(r"python3 -m venv \.venv && \.venv/bin/pip install -q -e (\.|'\.\[\w+\]') && ")
"""Left out here: the tests run in an installation already. The test of a fresh clone runs it."""

NOT_RUN = {
    r".*pytest": "would start these tests again; .ci/run is the proof",
    r".*ruff .*": "a part of .ci/run",
    r".*mkdocs .*": "a part of .ci/run",
    r"bash \.ci/run": "starts these tests, among others",
    r"python3 -m venv .venv && .venv/bin/pip install -e .*": "needs the network; the test of a fresh clone installs",
    r"\.venv/bin/pip install -q -e '\.\[nvflare\]' && .*": "needs NVFlare; tests/docs/test_smoke_run.py runs it",
    r"pip install .*": "needs the network; the test of the wheel installs",
    r"pre-commit .*": "needs the network; tests/hooks runs pre-commit",
    r"python tests/differential/.*": "needs environments with NVFlare; tests/differential runs where they are",
    r"python tests/packaging/.*": "needs the network, and several Pythons",
    r"uv .*": "needs the network",
    r"python -m fllint\.catalogue\.build .*": "needs the network",
    r"python benchmarks/.*": "takes minutes",
    r"(\.venv/bin/)?python -m tests\.hostile\..*": "takes minutes, or needs atheris; tests/hostile runs the same jobs",
    r"\.venv/bin/pip install .*": "needs the network",
    r"podman .*": "needs a builder of containers",
    r"fllint .*--export.*": "runs a script, which needs NVFlare; tests/job_api does it where NVFlare is",
    r"git .*": "is about the reader's repository",
}
"""Patterns of commands that are shown and not run, each with the reason."""

TIMES = re.compile(r'(?<= in )\d+\.\d+(?= s\b)|(?<="seconds": )[\d.]+')
FENCE = re.compile(r"^(?P<fence>```+)(?P<language>\w*)\n(?P<text>.*?)^(?P=fence)$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a document: its language, its text, and where the text stands in the document."""

    language: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A command as the document shows it, with the output that is shown (None: none is shown) and the real one."""

    command: str
    output: str | None
    real: str
    status: int

    @property
    def is_true(self) -> bool:
        """Whether the command could do its work and prints what is shown, times apart."""
        shown_is_real = self.output is None or without_times(self.output) == without_times(self.real)
        return self.status in (0, 1) and shown_is_real


def without_times(output: str) -> str:
    """An output with the seconds that something took replaced, and without spaces at the ends of lines."""
    return "\n".join(line.rstrip() for line in TIMES.sub("…", output).strip("\n").splitlines())


def blocks(document: str) -> list[Block]:
    """The fenced blocks of a document, in order."""
    return [
        Block(found["language"], found["text"], found.start("text"), found.end("text"))
        for found in FENCE.finditer(document)
    ]


def prepare(folder: Path) -> None:
    """Puts into a folder what documents speak of."""
    shutil.copytree(ROOT / "examples", folder / "examples")
    shutil.copytree(ROOT / "examples", folder / "jobs")
    shutil.copytree(ROOT / "examples" / "hello-numpy", folder / "JOB")
    for code in ("FL102", "FL501"):
        shutil.copytree(ROOT / "tests" / "rules" / code, folder / "tests" / "rules" / code)
    (folder / ".venv").symlink_to(sys.prefix)


def play(document: str, folder: Path) -> tuple[list[Shown], str]:
    """The commands that a document shows, run in a prepared folder, and the document with their real outputs."""
    shown: list[Shown] = []
    rewritten, position = "", 0
    found = blocks(document)
    for number, block in enumerate(found):
        following = found[number + 1] if number + 1 < len(found) else None
        if block.language == "diff":
            apply(block.text, folder)
        elif block.language == "console":
            played = list(play_console(block.text, folder))
            shown += played
            rewritten += document[position : block.start] + "".join(
                f"$ {each.command}\n{kept(each)}" for each in played
            )
            position = block.end
        elif block.language == "sh":
            played = list(play_script(block.text, folder))
            shown += played
            if played and following and follows_at_once(document, block, following):
                last = Shown(played[-1].command, following.text, played[-1].real, played[-1].status)
                shown[-1] = last
                rewritten += document[position : following.start] + kept(last)
                position = following.end
    return shown, rewritten + document[position:]


def follows_at_once(document: str, block: Block, following: Block) -> bool:
    """Whether a text block stands right below a block of commands."""
    between = document[block.end : following.start]
    return following.language == "text" and not between.replace("`", "").replace("text", "").strip()


def kept(shown: Shown) -> str:
    """The output to show: the shown one where it is true, so that nothing changes without need, and after a failure."""
    if shown.output is not None and (shown.is_true or shown.status not in (0, 1)):
        return shown.output
    return shown.real if shown.real.endswith("\n") or not shown.real else shown.real + "\n"


def play_console(text: str, folder: Path) -> Iterator[Shown]:
    """The commands after ``$`` of a block, each with the lines up to the next one."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield Shown(command, output, *((output, 0) if is_not_run(command) else run(command, folder)))


def play_script(text: str, folder: Path) -> Iterator[Shown]:
    """The commands of a block, one in each line."""
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#") and not is_not_run(line):
            yield Shown(line, None, *run(line, folder))


def is_not_run(command: str) -> bool:
    """Whether a command is one of those that are shown and not run."""
    command = INSTALLATION.sub("", command)
    return any(re.match(pattern, command) for pattern in NOT_RUN)


def run(command: str, folder: Path) -> tuple[str, int]:
    """What a command prints to both of its streams in a folder, and its exit status."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("VIRTUAL_ENV", "FORCE_"))}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", "")])
    environment |= {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb", "FLLINT_CACHE_DIR": str(folder / ".cache")}
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", INSTALLATION.sub("", command)],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return done.stdout, done.returncode


def apply(change: str, folder: Path) -> None:
    """Makes the change of a ``diff`` block. Raises CalledProcessError when it does not fit."""
    subprocess.run(["git", "apply", "-p0", "-"], cwd=folder, input=change, text=True, encoding="utf-8", check=True)
