"""The command line: one module for each command, imported when it is called."""

from __future__ import annotations

import importlib

import click

from fllint import __version__

COMMANDS = {
    "check": "Check jobs and say what will go wrong.",
    "compat": "Say on which NVFlare releases a job loads.",
    "explain": "Show a rule's page.",
    "graph": "Show a job as a graph.",
    "rules": "List the rules.",
    "schema": "Print the JSON Schema of a job's file, for editors.",
    "settings": "Show the settings that hold for a path, and where they are set.",
    "simulate": "Run a job's real components in about a second.",
}


class LazyCommands(click.Group):
    """Imports a command's module only when that command is called, so that starting costs little."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"fllint.cli.{cmd_name}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.command(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="fllint")
def main() -> None:
    """fllint reads NVIDIA FLARE jobs the way NVFlare does and says what will go wrong, without NVFlare."""
