"""What became of a script under `--export`, as findings: about its run, and about the jobs that it built."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from itertools import takewhile
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from fllint.engine import check_files
from fllint.findings import Finding, NotChecked, Problem, Related
from fllint.job.files import FolderFiles
from fllint.job_api.export import CHILD, CodeLine, Export, ExportedJob, Failure
from fllint.job_api.export_places import ExportPlaces, ScriptSources
from fllint.registry import Rule
from fllint.surroundings import Surroundings

FAILS: Final = "FL690"
MAKES_NO_JOB: Final = "FL691"
NOT_EXPORTED: Final = "FL692"
INSTALL_HINT: Final = re.compile(r"\binstall(?:ed)?\b")
MACHINES_OWN: Final = frozenset({"OSError", "ImportError", "EOFError", "KeyboardInterrupt", "MemoryError"})
"""Kinds of exceptions that come of the machine and its files, where NVFlare does not raise them. (EOFError: the script
asks for input.)"""
QUOTED: Final = re.compile(r"'([^']+)'")


class ExportFindings(Struct, frozen=True):
    """Findings about a script and its jobs, each in the script's own code where that is possible."""

    export: Export
    shown: str
    sources: ScriptSources

    def of_jobs(
        self, release: str, rules: tuple[Rule, ...], surroundings: Surroundings
    ) -> tuple[list[Finding], list[NotChecked]]:
        """What rules find in the exported jobs, and what they could not check. A fault that the apps of several sites
        share is told once."""
        found: dict[tuple[object, ...], Finding] = {}
        not_checked: dict[NotChecked, None] = {}
        for job in self.export.jobs:
            places = ExportPlaces(job, self.sources)
            report = check_files(files_of(job, self.shown), release, rules, _with_sites(surroundings, job))
            for finding in report.findings:
                moved = places.finding(finding, self.shown)
                found.setdefault(_sameness(moved, job), moved)
            not_checked |= dict.fromkeys(report.not_checked)
        return list(found.values()), list(not_checked)

    def of_run(self, rules: Iterable[Rule]) -> tuple[list[Finding], list[NotChecked]]:
        """What is to be said about the run of the script itself."""
        by_code = {rule.code: rule for rule in rules}
        code, problem = self._outcome()
        if problem is None:
            return [], []
        if code is None:
            return [], [NotChecked("the script's end", problem.message)]
        if code not in by_code:
            return [], []
        rule = by_code[code]
        return [Finding(rule.code, rule.name, rule.severity, self.shown, problem)], []

    def _outcome(self) -> tuple[str | None, Problem | None]:
        """The code of the rule that is broken, if any, and what there is to tell, if anything."""
        failure = self.export.failure
        if failure is None:
            if self.export.jobs:
                return None, None
            advice = "call job.simulator_run or job.export_job, or the recipe's execute"
            return MAKES_NO_JOB, Problem(self.sources.whole, "the script neither runs nor exports a job", advice)
        problem = self._problem(failure)
        if self.export.jobs and not self._raised_by_nvflare(failure):
            message = f"after the job was exported, the script ended: {failure.message}"
            return None, replace(problem, message=message)  # it may miss the results of the run that was none
        return (FAILS if self._is_its_fault(failure) else NOT_EXPORTED), problem

    def _problem(self, failure: Failure) -> Problem:
        own = [CodeLine(file, line) for file, line, _ in failure.frames if self._is_own(file)]
        words = [*QUOTED.findall(failure.message), *re.findall(r"\w+", failure.message)[:1]]
        place = self.sources.word(own[-1], words) if own else None
        callers = [self.sources.line(line) for line in own[-4:-1]]
        related = tuple(Related(caller, "called from here") for caller in callers if caller)
        return Problem(place or self.sources.whole, _message(failure), _advice(failure), related)

    def _is_own(self, file: str) -> bool:
        folder = os.path.join(self.export.script.parent, "")
        return file.startswith(folder) and "site-packages" not in file and self.sources.source(file) is not None

    def _is_its_fault(self, failure: Failure) -> bool:
        """Whether the script would fail everywhere: not for a package, file or network that this machine lacks."""
        if failure.how != "exception":
            return False
        if failure.module and "ModuleNotFoundError" in failure.kinds:
            top = failure.module.partition(".")[0]
            return top in ("nvflare", *sys.stdlib_module_names) or self._is_beside(top)
        if self._raised_by_nvflare(failure):
            return not INSTALL_HINT.search(failure.message)
        called = self._called(failure)
        if called and not called.startswith("<") and not _in_python(called):
            return False  # another package's matter: data, downloads, how it was built
        return not MACHINES_OWN & set(failure.kinds)

    def _raised_by_nvflare(self, failure: Failure) -> bool:
        """Whether the exception comes out of a call of NVFlare."""
        return _in_nvflare(self._called(failure))

    def _called(self, failure: Failure) -> str:
        """The file of the code that the script's own called, and that raised the exception or called what did."""
        after = list(takewhile(lambda frame: not self._is_own(frame[0]), reversed(failure.frames)))
        return after[-1][0] if after and len(after) < len(failure.frames) else ""

    def _is_beside(self, module: str) -> bool:
        folder = self.export.script.parent
        return (folder / module).is_dir() or (folder / f"{module}.py").is_file()


def files_of(job: ExportedJob, shown: str) -> FolderFiles:
    """The files of an exported job, called ``job.py → exported/…`` in output."""
    return FolderFiles(job.folder, f"{shown} → exported")


def _with_sites(surroundings: Surroundings, job: ExportedJob) -> Surroundings:
    """The simulator makes the sites that the script asks for."""
    if surroundings.sites is not None or job.clients is None:
        return surroundings
    return replace(surroundings, sites=job.clients)


def _sameness(finding: Finding, job: ExportedJob) -> tuple[object, ...]:
    """What a finding has in common with the same one in another site's app."""
    place, message = finding.problem.place, finding.problem.message
    for file in job.origins:
        app = file.partition("/")[0]
        if app.startswith("app_"):
            message = re.sub(rf"\b{re.escape(app)}\b|\b{re.escape(app[4:])}\b", "app", message)
    return finding.code, place.source.path, place.span, message


def _in_nvflare(file: str) -> bool:
    """Whether a file is NVFlare's, or what stands in its place here."""
    return "/nvflare/" in file.replace(os.sep, "/") or file == str(CHILD)


def _in_python(file: str) -> bool:
    """Whether a file is the standard library's."""
    return "/lib/python3" in file.replace(os.sep, "/") and "-packages" not in file


def _message(failure: Failure) -> str:
    if failure.how == "exception":
        return f"the script raises {failure.message}"
    if failure.how == "exit":
        return f"the script ends itself: {failure.message}"
    return failure.message if failure.how != "died" else f"the script's run broke off: {failure.message}"


def _advice(failure: Failure) -> str:
    if failure.how == "exit" and any(file.endswith("argparse.py") for file, _, _ in failure.frames):
        return 'give the arguments that it needs: --export-args "…"'
    advice = {"timeout": "give --export-timeout more seconds", "memory": "give --export-memory more megabytes"}
    if failure.module and "ModuleNotFoundError" in failure.kinds:
        return "give --python the interpreter that has it"
    return advice.get(failure.how, "")
