"""``fllint settings``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from msgspec import Struct, to_builtins

from fllint.cli.failure import Failure
from fllint.findings import Severity
from fllint.settings.model import Glob, PathIgnore, Settings, SettingsError, SuppressionEntry


@click.command("settings", short_help="Show the settings that hold for a path, and where they are set.")
@click.argument("path", default=".")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(path: str, output_format: str) -> None:
    """Show the settings that hold for PATH (a job, a folder, or a file in a job) and where each of them is set.

    Settings come from the nearest fllint.toml, or [tool.fllint] in pyproject.toml, and the files that it extends.
    Options of `fllint check` go before them.
    """
    if not Path(path).exists():
        raise Failure(f"{path} does not exist")
    from fllint.checking import rules_of
    from fllint.settings.nearest import SettingsFinder

    try:
        settings = SettingsFinder().settings_for(_job_at(Path(path)))
        rules_of(settings)
    except SettingsError as error:
        raise Failure(str(error)) from error
    click.echo(_json(settings) if output_format == "json" else _text(settings))


def _job_at(path: Path) -> Path:
    """The job that a file or folder lies in: settings are those of the whole job."""
    from fllint.job.discovery import enclosing_job, find_jobs

    if path.is_dir() and any(location.path.resolve() == path.resolve() for location in find_jobs((str(path),))):
        return path
    return enclosing_job(path) or path


def _json(settings: Settings) -> str:
    shown = {name: {"value": _plain(value), "from": settings.origin(name)} for name, value in settings.by_name.items()}
    return json.dumps({"files": settings.files, "settings": shown}, indent=2)


def _text(settings: Settings) -> str:
    files = ", ".join(settings.files) or "none; these are the defaults"
    width = max(len(name) for name in settings.by_name)
    lines = [f"settings files: {files}", ""]
    for name, value in settings.by_name.items():
        lines.append(f"{name:<{width}}  {_line(value)}  ({settings.origin(name)})")
    return "\n".join(lines)


def _line(value: object) -> str:
    plain = _plain(value)
    return json.dumps(plain, ensure_ascii=False) if plain not in (None, [], {}) else "-"


def _plain(value: object) -> Any:
    """A setting as a settings file would have it."""
    if isinstance(value, Severity):
        return value.value
    if isinstance(value, Glob):
        return value.pattern
    if isinstance(value, PathIgnore):
        return {value.glob.pattern: list(value.codes)}
    if isinstance(value, SuppressionEntry):
        entry = {"path": value.glob.pattern, "pointer": value.pointer, "code": list(value.codes)}
        return entry | {"reason": value.reason}
    if isinstance(value, Struct):
        return to_builtins(value)
    if isinstance(value, tuple):
        pairs = [item for item in value if isinstance(item, tuple)]
        return {key: _plain(item) for key, item in pairs} if pairs else [_plain(item) for item in value]
    return value
