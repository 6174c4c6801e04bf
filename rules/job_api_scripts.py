"""Family 6: the text of a script of the Job API, its names, and the files that it names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.documents.tree import UNKNOWN_TEXT, Place, Span
from fllint.findings import Problem, Severity
from fllint.job_api.jobs import FileUse
from fllint.job_api.names import class_meant
from fllint.problems import at
from fllint.python.names import bound_names
from fllint.registry import rule
from fllint.suggest import did_you_mean

if TYPE_CHECKING:
    from fllint.job_api.script_job import ScriptJob
    from fllint.review import Review


@rule("FL620", "script-syntax", Severity.ERROR)
def script_syntax(review: Review) -> Iterator[Problem]:
    """A script of the Job API is no Python.

    Python refuses the text before any of it runs.

    Mend the syntax.
    """
    script = review.job.script
    trouble = script.read.trouble if script else None
    if script is None or trouble is None:
        return
    start = script.source.offset(trouble.line, trouble.column)
    where = Place(script.source, Span(start, min(start + 1, len(script.source.text))))
    if not trouble.is_refusal:
        why = f"it may need Python {trouble.newer_python}" if trouble.newer_python else trouble.message
        review.not_checked(script.source.path, why)
        return
    yield at(where, f"Python refuses the script: {trouble.message}")


@rule("FL621", "undefined-name", Severity.ERROR)
def undefined_name(review: Review) -> Iterator[Problem]:
    """A script of the Job API uses a name that it never defines nor imports.

    ``NameError`` ends the script where it gets there.

    Import or define the name.
    """
    script = review.job.script
    if script is None or script.read.code is None:
        return
    code = script.read.code
    bound = set(bound_names(code.nodes))
    for name, node in code.undefined.items():
        known = class_meant(name, review.catalogue)
        help = f"from {known.rpartition('.')[0]} import {name}" if known else did_you_mean(name, bound)
        yield at(script.place(code.place(node)), f"'{name}' is never defined", help=help)


@rule("FL622", "unused-nvflare-import", Severity.INFO)
def unused_nvflare_import(review: Review) -> Iterator[Problem]:
    """A script of the Job API imports something of NVFlare and does not use it.

    Nothing breaks, but the import costs time, and may ask for a package such as PyTorch that the job does not need.

    Remove the import.
    """
    script = review.job.script
    code = script.read.code if script else None
    if script is None or code is None:
        return
    words = {node.id for node in code.nodes.each(ast.Name)}
    exported = {node.value for node in code.nodes.each(ast.Constant)}
    for node in code.nodes.each(ast.ImportFrom):
        if (node.module or "").split(".")[0] == "nvflare":
            for alias in node.names:
                name = alias.asname or alias.name
                if name != "*" and name not in words and name not in exported:
                    yield at(script.place(code.place(alias)), f"'{name}' is imported and not used")


@rule("FL623", "job-not-used", Severity.WARNING)
def job_not_used(review: Review) -> Iterator[Problem]:
    """A script builds a job and does nothing with it.

    The job is neither simulated nor exported nor executed, so that the script ends and nothing has happened.

    Call ``simulator_run``, ``export_job``, ``recipe.execute`` or ``recipe.export``.
    """
    script = review.job.script
    job = script.object if script else None
    if script is None or job is None or job.ends or script.read.gave_up:
        return
    handed = any("gets the job" in doubt for doubt in job.doubts)
    text = script.source.text
    if not handed and not any(f".{end}" in text for end in ("simulator_run", "export", "execute", "run")):
        yield at(script.place(job.made.site.place), "the job is made, and nothing is done with it")


@rule("FL630", "file-not-found", Severity.ERROR)
def file_not_found(review: Review) -> Iterator[Problem]:
    """A script of the Job API names a file or folder that does not exist.

    ``Could not locate external script`` or ``invalid resource`` end the script when it adds the file
    (nvflare/job_config/base_app_config.py, api.py, since 2.5). Relative paths begin where the script is started; it is
    looked for beside the script, and in the two folders above.

    Write the path of a file that is there.
    """
    for script, use, path in _files(review):
        if path.startswith("/") or "://" in path or UNKNOWN_TEXT in path:
            continue
        if not script.folder.has(path) and not any(start.has(path) for start in script.folder.above()):
            last = path.rpartition("/")[2]
            entries = script.folder.files.entries
            near = [name for name in entries if name.rpartition("/")[2] == last]
            help = f"'{near[0]}' is there" if near else did_you_mean(path, entries)
            yield at(script.place(use.argument.place), f"'{path}' does not exist beside the script", help=help)


@rule("FL631", "depends-on-folder", Severity.INFO)
def depends_on_folder(review: Review) -> Iterator[Problem]:
    """A script of the Job API finds its files only when it is started from another folder than its own.

    Relative paths begin in the folder where Python is started. Started beside the script, as one would, the file is not
    found.

    Build the path from ``__file__``, or say in the README where the script is started.
    """
    for script, use, path in _files(review):
        if script.folder.steps and script.folder.has(path) and not path.startswith("/"):
            folder = "/".join([".."] * script.folder.steps)
            message = f"'{path}' is found only when the script is started in {folder} of its folder"
            yield at(script.place(use.argument.place), message)


def _files(review: Review) -> Iterator[tuple[ScriptJob, FileUse, str]]:
    script = review.job.script
    if script and script.reader.changes_folder:
        return
    for draft in script.object.apps.values() if script and script.object else ():
        for use in draft.files:
            path = script.reader.constants.text(use.argument.value) if script else None
            if script and path and not use.made_by_library:
                yield script, use, path
