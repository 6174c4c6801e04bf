"""Writing a report in the formats that were asked for."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Final

import click

from fllint.cli.failure import Failure
from fllint.output.presentation import Presentation
from fllint.output.terminal import PLAIN, Terminal, this_terminal
from fllint.report import Report

FORMATS: Final = ("text", "concise", "json", "sarif", "junit", "github", "gitlab", "html")


def write_report(report: Report, formats: tuple[str, ...], files: tuple[str, ...], presentation: Presentation) -> None:
    """Writes each format to its file, or to standard output when it has none.

    Raises:
        Failure: a file cannot be written.
    """
    for index, name in enumerate(formats):
        file = files[index] if index < len(files) else None
        terminal = this_terminal() if file is None else PLAIN
        text = render(report, name, presentation, terminal)
        if file is None:
            _to_standard_output(text)
            continue
        try:
            Path(file).write_bytes(text.encode("utf-8", "backslashreplace"))
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else ""
            raise Failure(f"{file} cannot be written: {reason or error}") from error


def _to_standard_output(text: str) -> None:
    """Characters that the terminal's encoding does not have are written as escapes; colours are kept, since whether
    there are any has been decided."""
    encoding = sys.stdout.encoding or "utf-8"
    click.echo(text.encode(encoding, "backslashreplace").decode(encoding), nl=False, color=True)


def render(report: Report, name: str, presentation: Presentation, terminal: Terminal = PLAIN) -> str:
    """The report as a text in a format."""
    if name in ("text", "concise"):
        from fllint.output import text_report

        if name == "concise":
            return text_report.render_concise(report, presentation, terminal)
        return text_report.render(report, presentation, terminal)
    written = importlib.import_module(f"fllint.output.{name}_report").render(report, presentation)
    assert isinstance(written, str)
    return written
