"""``fllint explain``."""

from __future__ import annotations

import difflib

import click

from fllint.registry import all_rules, find_rule
from fllint.simulate.rules import RULES as SMOKE_RULES


@click.command("explain", short_help="Show a rule's page.")
@click.argument("code")
def command(code: str) -> None:
    """Show a rule's page: what is wrong, what NVFlare does with it, how to mend it. CODE is FL102 or unknown-app."""
    rule = find_rule(code)
    if rule is None:
        smoke = next((each for each in SMOKE_RULES if code in (each.code, each.name)), None)
        if smoke:
            return click.echo(f"{smoke.code} {smoke.name} ({smoke.severity.value}, from a run)\n\n{smoke.page}")
        names = [name for found in all_rules() for name in (found.code, found.name)]
        near = difflib.get_close_matches(code, names, 1)
        hint = f"; did you mean {near[0]}?" if near else "; `fllint rules` lists them"
        raise click.ClickException(f"no rule is called {code}{hint}")
    preview = ", preview" if rule.preview else ""
    click.echo(f"{rule.code} {rule.name} ({rule.severity.value}{preview})\n\n{rule.page}\n\n{rule.url}")
