"""Whatever a job is made of: an answer soon, in little memory, and nothing else is touched.

Each job of the table is checked in a process of its own, with sockets blocked and an audit hook (guarded.py).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.hostile.jobs import HOSTILE_JOBS, SCRIPT, SERVER, SOUND_JOB, write_hostile_job
from tests.hostile.measured import check_hostile_job, run_guarded

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has pipes, sockets and links of Unix")

OTHER_COMMANDS = {
    "graph": ("graph",),
    "graph as SVG": ("graph", "--format", "svg"),
    "compat": ("compat",),
    "settings": ("settings",),
    "HTML": ("check", "--no-cache", "--output-format", "html"),
    "SARIF": ("check", "--no-cache", "--output-format", "sarif"),
    "JUnit": ("check", "--no-cache", "--output-format", "junit"),
    "diff": ("check", "--no-cache", "--diff", "--unsafe-fixes"),
    "cache": ("check",),
}
BOUND, BOUND_OF_OTHERS = 8.0, 30.0
"""Seconds of cpu time that a test allows `check` and the other commands, on whatever machine: that there is an end.
`tests.hostile.measured` holds `check` to 2 s."""
FOR_OTHER_COMMANDS = (
    "aliases that double in yaml",
    "HOCON include: absolute",
    "variables that double",
    "many apps in the deploy map",
    "values of wrong types everywhere",
    "text that steers terminals",
    "links out of the job",
    "pipes",
    "names that are no text",
    "script: parents",
    "class: diamonds",
)


@pytest.mark.parametrize("name", HOSTILE_JOBS)
def test_a_hostile_job_gets_an_answer(name: str, tmp_path: Path) -> None:
    outcome = check_hostile_job(name, tmp_path)
    assert not outcome.faults(HOSTILE_JOBS[name].says, BOUND), outcome.output[-2000:]


@pytest.mark.parametrize("command", OTHER_COMMANDS)
def test_every_command_withstands_hostile_jobs(command: str, tmp_path: Path) -> None:
    faults = {}
    for name in FOR_OTHER_COMMANDS:
        around = tmp_path / name.replace(":", "")
        around.mkdir()
        outcome = check_hostile_job(name, around, OTHER_COMMANDS[command])
        faults[name] = outcome.faults("", BOUND_OF_OTHERS)
    assert not {name: found for name, found in faults.items() if found}


def test_a_check_touches_nothing_of_a_job(tmp_path: Path) -> None:
    """A sound job with code that would leave traces, read-only, checked under guard: nothing is seen or changed."""
    before = traces(SOUND_JOB)
    outcome = run_guarded(SOUND_JOB, ["check", "--no-cache", str(SOUND_JOB)], tmp_path)
    assert (outcome.status, outcome.seen) == (0, ())
    assert traces(SOUND_JOB) == before


def traces(folder: Path) -> dict[str, tuple[int, int, int]]:
    """What would change if somebody touched the files of a folder."""
    paths = sorted(folder.rglob("*"))
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_size, path.stat().st_mode) for path in paths}


GUARDED_DEEDS = {
    "imports code of the job": "import sys; sys.path.insert(0, {job!r}); import evil",
    "executes code of the job": "exec(compile(open({job!r} + '/evil.py').read(), {job!r} + '/evil.py', 'exec'))",
    "opens what lies outside": "open('/etc/hosts')",
    "writes into the job": "open({job!r} + '/new', 'w')",
    "starts a process": "import subprocess; subprocess.run(['true'])",
    "starts a shell": "import os; os.system('true')",
    "connects": "import socket; socket.create_connection(('127.0.0.1', 9))",
    "asks for an address": "import socket; socket.getaddrinfo('localhost', 9)",
    "lists what lies outside": "import os; os.listdir('/etc')",
    "removes a file": "import os; os.remove({job!r} + '/evil.py')",
}


@pytest.mark.parametrize("deed", GUARDED_DEEDS)
def test_the_guard_sees(deed: str, tmp_path: Path) -> None:
    """A test that cannot fail proves nothing: done in the place of a check, each forbidden deed is seen."""
    job = tmp_path / "job"
    job.mkdir()
    (job / "evil.py").write_text("x = 1\n")
    doing = GUARDED_DEEDS[deed].format(job=str(job))
    startup = (
        "import click, fllint.cli\n"
        "class Evil:\n"
        "    def main(self, *_, **__):\n"
        f"        exec({doing!r}, {{}})\n"
        "fllint.cli.main = Evil()\n"
    )
    (tmp_path / "instead").mkdir()
    (tmp_path / "instead" / "sitecustomize.py").write_text(startup)
    outcome = run_guarded(job, ["check"], tmp_path, python_path=tmp_path / "instead")
    assert outcome.seen


@pytest.mark.parametrize(
    "harm", ["vanishes", "becomes a pipe", "becomes a folder", "becomes a link out", "grows", "is cut off"]
)
def test_files_may_change_while_they_are_read(harm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file changes between the listing of the job and the reading of the file."""
    from fllint.checking import Run, check_run
    from fllint.job.files import FolderFiles
    from fllint.report import INTERNAL_ERROR

    job = write_hostile_job("many unknown arguments", tmp_path)
    read = FolderFiles.read

    def changed(files: FolderFiles, name: str, limit: int = 1_000_000) -> bytes:
        files.entries  # noqa: B018  # the job is listed first
        do_harm(job / name, harm)
        return read(files, name, limit)

    monkeypatch.setattr(FolderFiles, "read", changed)
    report = check_run(Run((str(job),), isolated=True))
    assert INTERNAL_ERROR not in [finding.code for finding in report.findings]


def do_harm(path: Path, harm: str) -> None:
    if path.is_file() and not path.is_symlink():
        content = path.read_bytes()
        if harm == "grows":
            path.write_bytes(content * 1_000)
            return
        path.unlink()
        if harm == "becomes a pipe":
            os.mkfifo(path)
        elif harm == "becomes a folder":
            path.mkdir()
        elif harm == "becomes a link out":
            path.symlink_to("/etc/passwd")
        elif harm == "is cut off":
            path.write_bytes(content[: len(content) // 2])


@pytest.mark.parametrize("name", ["meta.json", SERVER, SCRIPT, "app_client/custom", "app_client", ""])
def test_what_may_not_be_read_is_said(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything, so a refusal of the system is simulated for what the mode forbids."""
    job = write_hostile_job("pipes", tmp_path)
    forbidden = job / name
    real_open, real_scan = os.open, os.scandir

    def refusing_open(path: str, *arguments: int, **options: int) -> int:
        if Path(path) == forbidden or forbidden in Path(path).parents:
            raise PermissionError(13, "Permission denied", str(path))
        return real_open(path, *arguments, **options)

    def refusing_scan(path: str = ".") -> os._ScandirIterator[str]:
        if Path(path) == forbidden or forbidden in Path(path).parents:
            raise PermissionError(13, "Permission denied", str(path))
        return real_scan(path)

    monkeypatch.setattr(os, "open", refusing_open)
    monkeypatch.setattr(os, "scandir", refusing_scan)
    from fllint.checking import NothingToCheckError, Run, check_run
    from fllint.job.discovery import PathError

    try:
        report = check_run(Run((str(job),), isolated=True))
    except (PathError, NothingToCheckError):
        return
    assert report.findings
    assert "FL900" not in [finding.code for finding in report.findings]


@pytest.mark.parametrize(
    "content",
    ["", "null", "[]", "{}", '{"findings": 1}', "[" * 100_000, '{"version": 1, "findings": [' * 3, "\0", "9" * 10_000],
)
def test_a_poisoned_cache_is_a_miss(content: str, tmp_path: Path) -> None:
    first = run_guarded(SOUND_JOB, ["check", str(SOUND_JOB)], tmp_path)
    entries = [path for path in (tmp_path / "cache").rglob("*.json") if path.is_file()]
    assert entries
    for entry in entries:
        entry.write_text(content)
    second = run_guarded(SOUND_JOB, ["check", str(SOUND_JOB)], tmp_path)
    assert second.status == first.status == 0
    assert not second.faults("no findings")
