"""Compares the job that fllint reads out of a script with the one that the script really exports.

    python tests/differential/job_scripts.py FOLDER --release 2.7 [--python PATH] [--json FILE]

Every script below FOLDER that builds a job is run under `--export`, and read statically. Both jobs must agree in their
sites, the classes of their components, and the arguments that are known statically; what is not known counts as not
checked when fllint says so. Needs an interpreter with that release of NVFlare (`judges.py` makes them). Nothing is
downloaded; scripts that need data, packages or arguments are counted as not exported.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from fllint.checking import Assignment, check_assignment
from fllint.documents.tree import UNKNOWN, UNKNOWN_TEXT
from fllint.engine import review_files
from fllint.environment import site_packages_of
from fllint.findings import Severity
from fllint.job.discovery import JobLocation, find_jobs
from fllint.job.files import FolderFiles
from fllint.job.model import Component, Config, Job
from fllint.job_api.export import ExportSettings, exported
from fllint.job_api.export_check import report_of
from fllint.python.resolution import Resolution
from fllint.review import Review
from fllint.settings.model import Settings
from fllint.surroundings import Surroundings

OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "http_proxy": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
}


@dataclass
class Comparison:
    """What came of one script. ``outcome`` is agrees, differs, open (fllint says that it does not know all) or
    not exported; ``errors`` are those of the exported job, ``static_errors`` those of the script."""

    script: str
    outcome: str
    reason: str = ""
    differences: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    static_errors: list[str] = field(default_factory=list)
    arguments: int = 0
    """How many arguments were compared."""


def compare(location: JobLocation, release: str, how: ExportSettings) -> Comparison:
    """Runs and reads one script."""
    surroundings = Surroundings(site_packages=site_packages_of(how.python))
    assignment = Assignment(location, release, Settings(), surroundings)
    static_errors = errors_of(check_assignment(assignment).findings)
    with exported(location.path, how) as export:
        errors = errors_of(report_of(assignment, export).findings)
        if not export.jobs:
            reason = export.failure.message.splitlines()[0] if export.failure else "makes no job"
            return Comparison(location.shown, "not exported", reason, [], errors, static_errors)
        read = review_files(location.open(), release, surroundings).job
        review = review_files(FolderFiles(export.jobs[0].folder, "exported"), release, surroundings)
        complete = bool(read.script and read.script.complete)
        told = list(differences_of(read, review))
        differences = [each for each in told if each]
        outcome = "agrees" if not differences else "differs" if complete else "open"
        if not differences and not complete:
            outcome = "agrees, as far as known"
        why = "; ".join(what for _, what in read.script.not_known) if read.script else ""
        return Comparison(location.shown, outcome, why, differences, errors, static_errors, told.count(""))


def errors_of(findings: tuple[object, ...]) -> list[str]:
    """The errors among findings, each on a line."""
    lines = []
    for finding in findings:
        problem = finding.problem  # type: ignore[attr-defined]
        if finding.severity is Severity.ERROR:  # type: ignore[attr-defined]
            line, _ = problem.place.source.position(problem.place.span.start)
            lines.append(f"{finding.code} {problem.place.source.path}:{line} {problem.message}")  # type: ignore[attr-defined]
    return lines


def differences_of(read: Job, review: Review) -> Iterator[str]:
    """Where the two jobs differ; an empty text for each argument that is equal in both."""
    made = review.job
    yield from _unequal("sites", sites_of(read), sites_of(made))
    read_parts, made_parts = parts_of(read), parts_of(made)
    for key in sorted({*read_parts, *made_parts}):
        mine, theirs = read_parts.get(key, []), made_parts.get(key, [])
        yield from _unequal(" ".join(key), [each.class_text for each in mine], [each.class_text for each in theirs])
        if len(mine) == len(theirs):
            for one, other in zip(mine, theirs, strict=True):
                app = next(app for app in made.apps if app.name == key[0])
                yield from arguments_of(" ".join(key), one, other, defaults_of(review.class_of(app, other)))


def defaults_of(resolution: Resolution | None) -> dict[str, object]:
    """The constant defaults of a class: NVFlare exports no argument that is equal to its default."""
    info = resolution.class_info if resolution else None
    parameters = info.parameters if info else ()
    return {each.name: each.default for each in parameters if each.has_default_value}


def arguments_of(where: str, read: Component, made: Component, defaults: dict[str, object]) -> Iterator[str]:
    """Differences in the arguments of one component."""
    mine = read.node.get("args")
    theirs = made.node.get("args")
    known = mine.value if mine is not None and isinstance(mine.value, dict) else {}
    real = theirs.value if theirs is not None and isinstance(theirs.value, dict) else {}
    for name in sorted({*known, *real}):
        value = known.get(name, UNKNOWN) if name in known else None
        if has_unknown(value):
            continue
        if name not in known:
            continue  # the component's own doing: it keeps under this name what it was not given
        if name not in real and defaults.get(name, UNKNOWN) == value:
            yield ""
        elif name in real and name in defaults and defaults[name] == value:
            continue  # likewise, when it is given its default
        elif name not in real:
            yield f"{where} {made.class_text}: {name}={value!r} is not exported"
        elif value != real[name]:
            yield f"{where} {made.class_text}: {name} is read as {value!r}, exported as {real[name]!r}"
        else:
            yield ""


def has_unknown(value: object) -> bool:
    """Whether some part of a value is not known."""
    if isinstance(value, dict):
        return any(has_unknown(each) for each in value.values())
    if isinstance(value, list):
        return any(has_unknown(each) for each in value)
    return value is UNKNOWN or (isinstance(value, str) and UNKNOWN_TEXT in value)


def sites_of(job: Job) -> list[str]:
    """The sites of each app."""
    return sorted(
        f"{app.name}: {'@ALL' if app.deployment.to_all else ', '.join(site.name for site in app.deployment.sites)}"
        for app in job.apps
        if app.deployment
    )


def parts_of(job: Job) -> dict[tuple[str, str, str], list[Component]]:
    """The components by app, side and table."""
    parts: dict[tuple[str, str, str], list[Component]] = {}
    for app in job.apps:
        for config in app.configs:
            side = "server" if config is app.server else "client"
            for table, components in tables_of(config):
                if components:
                    parts[app.name, side, table] = components
    return parts


def tables_of(config: Config) -> Iterator[tuple[str, list[Component]]]:
    """The tables of a config."""
    yield "workflows", [each for each in config.workflows if isinstance(each, Component)]
    yield "components", list(config.components)
    yield "executors", [each.component for each in config.executors if each.component]
    for table in ("task_data_filters", "task_result_filters"):
        chains = [chain for chain in config.filter_chains if chain.table == table]
        yield table, [each for chain in chains for each in chain.filters]


def _unequal(what: str, read: object, made: object) -> Iterator[str]:
    if read != made:
        yield f"{what}: read {read}, exported {made}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--release", required=True)
    parser.add_argument("--python", help="default: .judges/RELEASE/bin/python")
    parser.add_argument("--timeout", type=float, default=40.0)
    parser.add_argument("--json", type=Path, help="write one line for each script to this file")
    options = parser.parse_args()
    python = options.python or str(Path(__file__).parents[2] / ".judges" / options.release / "bin" / "python")
    os.environ.update(OFFLINE)
    how = ExportSettings(python=python, timeout=options.timeout, memory=4_000)
    outcomes: Counter[str] = Counter()
    compared = 0
    told = options.json.open("w") if options.json else None
    for location in find_jobs((str(options.folder),)):
        if not location.is_script:
            continue
        found = compare(location, options.release, how)
        outcomes[found.outcome] += 1
        compared += found.arguments
        print(f"{found.outcome:<14} {found.script}  {found.reason[:100]}", flush=True)
        for line in (*found.differences, *(f"error: {each}" for each in (*found.errors, *found.static_errors))):
            print(f"    {line}", flush=True)
        if told:
            told.write(json.dumps(asdict(found)) + "\n")
            told.flush()
    print(f"\n{dict(outcomes)}; {compared} arguments equal")
    return int(outcomes["differs"] > 0)


if __name__ == "__main__":
    sys.exit(main())
