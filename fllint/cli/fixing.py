"""``fllint check --fix`` and ``--diff``."""

from __future__ import annotations

import sys

import click

from fllint.checking import Run
from fllint.cli.failure import Failure
from fllint.fixing.run import FixedRun, FixingError, fix_run
from fllint.output.characters import printable
from fllint.output.presentation import counted
from fllint.report import Report


def fixed_report(run: Run, *, unsafe: bool) -> Report:
    """Fixes files, and gives the report of what remains. What could not be fixed is said on standard error.

    Raises:
        Failure: a file could not be written.
    """
    fixed = _fixed(run, unsafe=unsafe, writes=True)
    _say_what_was_left_out(fixed)
    return fixed.report


def show_diff(run: Run, *, unsafe: bool) -> int:
    """Shows what would be fixed, changes nothing, and gives the exit status: 1 when something would be."""
    from fllint.output.diff import unified_diff

    fixed = _fixed(run, unsafe=unsafe, writes=False)
    text = unified_diff(fixed.changes, for_terminal=sys.stdout.isatty())
    click.echo(text.encode("utf-8"), nl=False)
    _say_what_was_left_out(fixed)
    findings, files = len(fixed.report.fixes.findings), len(fixed.changes)
    would = f"{counted(findings, 'finding')} would be fixed in {counted(files, 'file')}"
    click.echo(would if files else "nothing to fix", err=True)
    return 2 if fixed.report.exit_status() == 2 else int(bool(files))


def _fixed(run: Run, *, unsafe: bool, writes: bool) -> FixedRun:
    try:
        return fix_run(run, unsafe=unsafe, writes=writes)
    except FixingError as error:
        raise Failure(str(error)) from error


def _say_what_was_left_out(fixed: FixedRun) -> None:
    for left in fixed.not_fixed:
        finding = left.finding
        line, column = finding.problem.place.source.position(finding.problem.place.span.start)
        where = f"{finding.problem.place.source.path}:{line}:{column}"
        click.echo(f"fllint: {printable(f'{where}: {finding.code} is not fixed: {left.why}')}", err=True)
