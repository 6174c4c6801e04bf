"""Both opinions of the same job: NVFlare's, remembered by the job's content, and fllint's."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.differential.judges import ask, judges_folder

# Families 3 (wiring), 6 (job scripts), 7 (hygiene) and 9 (the smoke run) speak of other things, or of what happens
# after the job was configured; the judge stops there.
SEEN_BY_THE_JUDGE = ("FL0", "FL1", "FL2", "FL4", "FL5")


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
        if any(error.startswith(SEEN_BY_THE_JUDGE) for error in self.errors):
            return "error"
        return "later" if self.errors else "quiet"


def fllint_opinion(job: Path, release: str) -> Opinion:
    """What ``fllint check JOB --nvflare RELEASE`` says, run in this process."""
    from click.testing import CliRunner

    from fllint.cli import main

    arguments = ["check", str(job), "--nvflare", release, "--output-format", "json"]
    result = CliRunner().invoke(main, arguments)
    try:
        findings = json.loads(result.stdout)["findings"]
    except ValueError:
        return Opinion(2, (), (), result.output or repr(result.exception))

    def of(severity: str) -> tuple[str, ...]:
        return tuple(f"{each['code']} {each['message']}" for each in findings if each["severity"] == severity)

    failures = [error for error in of("error") if error.startswith("FL000")]
    return Opinion(result.exit_code, of("error"), of("warning"), "; ".join(failures))


def verdicts(release: str, jobs: Sequence[Path]) -> list[Mapping[str, Any]]:
    """The judge's answers on jobs, in order; what it said of a job of the same content before is not asked again."""
    memory = judges_folder() / release / "verdicts.json"
    known: dict[str, Mapping[str, Any]] = json.loads(memory.read_text(encoding="utf-8")) if memory.exists() else {}
    judge = Path(__file__).with_name("judge.py").read_bytes()
    keys = [content_key(job, judge) for job in jobs]
    unknown = {key: job for key, job in zip(keys, jobs, strict=True) if key not in known}
    if unknown:
        answers = ask(release, [{"job": str(job)} for job in unknown.values()])
        known |= {key: {**answer, "job": ""} for key, answer in zip(unknown, answers, strict=True)}
        new = memory.with_suffix(f".{os.getpid()}")
        new.write_text(json.dumps(known), encoding="utf-8")
        new.replace(memory)
    return [known[key] for key in keys]


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
