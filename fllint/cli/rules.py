"""``fllint rules``."""

from __future__ import annotations

import json

import click

from fllint.registry import Rule, all_rules


@click.command("rules", short_help="List the rules.")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(output_format: str) -> None:
    """List the rules."""
    if output_format == "json":
        click.echo(json.dumps([_entry(rule) for rule in all_rules()], indent=2))
        return
    width = max(len(rule.name) for rule in all_rules())
    for rule in all_rules():
        click.echo(f"{rule.code}  {rule.name:<{width}}  {rule.severity.value:<7}  {rule.summary}")


def _entry(rule: Rule) -> dict[str, object]:
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity.value,
        "preview": rule.preview,
        "summary": rule.summary,
        "page": rule.page,
        "url": rule.url,
    }
