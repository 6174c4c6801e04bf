"""``fllint rules``."""

from __future__ import annotations

import json

import click

from fllint.cli.failure import Failure
from fllint.foreign_rules import ForeignRulesError
from fllint.registry import Rule, all_rules, docs_url
from fllint.simulate.rules import RULES as SMOKE_RULES
from fllint.simulate.rules import SmokeRule


@click.command("rules", short_help="List the rules.")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(output_format: str) -> None:
    """List the rules: those of `check`, those of installed packages, and those of `simulate` (FL9xx)."""
    if output_format == "json":
        click.echo(json.dumps([_entry(rule) for rule in _listed()], indent=2))
        return
    listed = _listed()
    width = max(len(rule.name) for rule in listed)
    for rule in listed:
        click.echo(f"{rule.code}  {rule.name:<{width}}  {rule.severity.value:<7}  {rule.summary}{_origin(rule)}")


def _listed() -> list[Rule | SmokeRule]:
    """Every rule by its code, those of the smoke run too."""
    try:
        return sorted([*all_rules(), *SMOKE_RULES], key=lambda rule: rule.code)
    except ForeignRulesError as error:
        raise Failure(str(error)) from error


def _origin(rule: Rule | SmokeRule) -> str:
    return f" ({rule.origin})" if isinstance(rule, Rule) and rule.origin else ""


def _entry(rule: Rule | SmokeRule) -> dict[str, object]:
    checks = isinstance(rule, Rule)
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity.value,
        "preview": rule.preview if isinstance(rule, Rule) else False,
        "shown_by": "check" if checks else "simulate",
        "origin": rule.origin if isinstance(rule, Rule) else "",
        "fix": (rule.fix or None) if isinstance(rule, Rule) else None,
        "summary": rule.summary,
        "page": rule.page,
        "url": docs_url(rule.code),
    }
