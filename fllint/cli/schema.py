"""``fllint schema``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from fllint.catalogue.releases import NEWEST, RELEASES, minor_release
from fllint.cli import completion
from fllint.cli.failure import Failure


@click.command("schema", short_help="Print the JSON Schema of a job's file, for editors.")
@click.argument("kind", type=click.Choice(["meta", "server", "client"]))
@click.option(
    "--nvflare",
    metavar="VERSION",
    default=NEWEST,
    show_default=True,
    shell_complete=completion.releases,
    help="The NVFlare release.",
)
@click.option("--output-file", type=click.Path(dir_okay=False, path_type=Path), help="Write it to a file.")
def command(kind: str, nvflare: str, output_file: Path | None) -> None:
    """Print the JSON Schema of a job's meta, or of its server or client config.

    It has the class paths of the release, the arguments of each class and their defaults: editors complete and explain
    them. See the page "Editors" of the documentation.
    """
    from fllint.schemas.schema import job_schema

    release = minor_release(nvflare)
    if release not in RELEASES:
        raise Failure(f"NVFlare {nvflare} is not known; known are {', '.join(RELEASES)}")
    text = json.dumps(job_schema(kind, release), indent=1, ensure_ascii=False) + "\n"
    if output_file is None:
        click.echo(text, nl=False)
        return
    try:
        output_file.write_text(text, "utf-8")
    except OSError as error:
        raise Failure(f"{output_file} cannot be written: {error.strerror or error}") from error
