"""Writing a report in the formats that were asked for."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Final

import click

from fllint.report import Report

FORMATS: Final = ("text", "concise", "json")


def write_report(report: Report, formats: tuple[str, ...], files: tuple[str, ...], *, verbose: bool) -> None:
    """Writes each format to its file, or to standard output when it has none.

    Raises:
        click.ClickException: a file cannot be written.
    """
    for index, name in enumerate(formats):
        file = files[index] if index < len(files) else None
        text = _render(report, name, colour=file is None and sys.stdout.isatty(), verbose=verbose)
        if file is None:
            click.echo(text, nl=False)
            continue
        try:
            Path(file).write_text(text, encoding="utf-8")
        except OSError as error:
            raise click.ClickException(f"{file} cannot be written: {error.strerror or error}") from error


def _render(report: Report, name: str, *, colour: bool, verbose: bool) -> str:
    if name in ("text", "concise"):
        from fllint.output import text_report

        if name == "concise":
            return text_report.render_concise(report, colour=colour)
        return text_report.render(report, colour=colour, verbose=verbose)
    text = importlib.import_module(f"fllint.output.{name}_report").render(report)
    assert isinstance(text, str)
    return text
