"""Both opinions of the same job: NVFlare's, remembered by the job's content, and fllint's."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.differential.judges import Judge, judges_folder

# Families 3 (wiring), 6 (job scripts), 7 (hygiene) and 9 (the smoke run) speak of other things, or of what happens
# after the job was configured; the judge stops there.
SEEN_BY_THE_JUDGE = ("FL0", "FL1", "FL2", "FL4", "FL5")
SEEN_LATER = ("FL255", "FL407", "FL43")
"""Rules of those families about what only happens in the run."""


@dataclass(frozen=True)
class Opinion:
    """What fllint says of one job.

    Attributes:
        status: the exit status of ``fllint check``.
        errors: code and message of each error, in the order of output.
        warnings: the same of each warning.
        complaint: what it wrote instead of a report, when the status is 2.
    """

    status: int
    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    complaint: str = ""

    @property
    def says(self) -> str:
        """ "error", "later" (only errors that the judge cannot see), "quiet", "no job" or "crash"."""
        if self.status == 2:
            return "no job" if "no job found" in self.complaint else "crash"
        if any(error.startswith(SEEN_BY_THE_JUDGE) and not error.startswith(SEEN_LATER) for error in self.errors):
            return "error"
        return "later" if self.errors else "quiet"


def fllint_opinion(job: Path, release: str) -> Opinion:
    """What ``fllint check JOB --nvflare RELEASE`` says, run in this process."""
    from click.testing import CliRunner

    from fllint.cli import main

    arguments = ["check", str(job), "--nvflare", release, "--output-format", "json", "--isolated", "--no-cache"]
    result = CliRunner().invoke(main, arguments)
    try:
        findings = json.loads(result.stdout)["findings"]
    except ValueError:
        return Opinion(2, (), (), result.output or repr(result.exception))

    def of(severity: str) -> tuple[str, ...]:
        return tuple(f"{each['code']} {each['message']}" for each in findings if each["severity"] == severity)

    failures = [error for error in of("error") if error.startswith("FL000")]
    return Opinion(result.exit_code, of("error"), of("warning"), "; ".join(failures))


class RememberingJudge:
    """The judge of one release, which is not asked again about a job of a content that it has judged before."""

    def __init__(self, release: str) -> None:
        self._judge = Judge(release)
        self._file = judges_folder() / release / "verdicts.json"
        self._known: dict[str, Mapping[str, Any]] = (
            json.loads(self._file.read_text(encoding="utf-8")) if self._file.exists() else {}
        )
        self._waiting: list[str] = []
        self._own = Path(__file__).with_name("judge.py").read_bytes()

    def send(self, jobs: Sequence[Path]) -> list[str]:
        """Lets the judge begin with jobs, and gives the keys of its verdicts."""
        keys = [content_key(job, self._own) for job in jobs]
        new = {key: job for key, job in zip(keys, jobs, strict=True) if key not in self._known}
        if new:
            self._judge.send([{"job": str(job)} for job in new.values()])
        self._waiting += new
        return keys

    def verdicts(self, keys: Sequence[str]) -> list[Mapping[str, Any]]:
        """The answers on the jobs that were sent, once the judge is done with all of them."""
        answers = self._judge.receive(len(self._waiting))
        self._known |= {key: {**answer, "job": ""} for key, answer in zip(self._waiting, answers, strict=True)}
        self._waiting = []
        return [self._known[key] for key in keys]

    def close(self) -> None:
        """Ends the judge, and keeps what it said for the next time."""
        self._judge.close()
        new = self._file.with_suffix(f".{os.getpid()}")
        new.write_text(json.dumps(self._known), encoding="utf-8")
        new.replace(self._file)


def content_key(job: Path, judge: bytes) -> str:
    """A digest of a job folder's name, paths, links and contents, and of the judge itself."""
    digest = hashlib.sha256(judge + job.name.encode())
    for path in sorted(job.rglob("*")):
        kind = b"link" + os.readlink(path).encode() if path.is_symlink() else b"folder" if path.is_dir() else b"file"
        content = path.read_bytes() if kind == b"file" else b""
        digest.update(b"\0".join((path.relative_to(job).as_posix().encode(), kind, hashlib.sha256(content).digest())))
    return digest.hexdigest()


def messages(verdict: Mapping[str, Any]) -> str:
    """What a verdict says beside "ok"."""
    steps = {"validator": verdict["validator"], "server": verdict["server"], **verdict["clients"]}
    return "; ".join(f"{step}: {text}" for step, text in steps.items() if text not in ("ok", "not tried"))
