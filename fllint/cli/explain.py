"""``fllint explain``."""

from __future__ import annotations

import difflib

import click

from fllint.cli import completion
from fllint.cli.failure import Failure
from fllint.registry import all_rules, find_rule
from fllint.simulate.rules import RULES as SMOKE_RULES


@click.command("explain", short_help="Show a rule's page.")
@click.argument("code", shell_complete=completion.rules)
def command(code: str) -> None:
    """Show a rule's page: what is wrong, what NVFlare does with it, how to mend it. CODE is FL102 or unknown-app."""
    click.echo(_page(code))


def _page(code: str) -> str:
    """Raises Failure, with the nearest name, where no rule is called ``code``."""
    rule = find_rule(code)
    if rule:
        preview = ", preview" if rule.preview else ""
        fix = f"\n\n{rule.fix_note}" if rule.fix_note else ""
        return f"{rule.code} {rule.name} ({rule.severity.value}{preview})\n\n{rule.page}{fix}\n\n{rule.url}"
    for smoke in SMOKE_RULES:
        if code in (smoke.code, smoke.name):
            return f"{smoke.code} {smoke.name} ({smoke.severity.value}, shown by `fllint simulate`)\n\n{smoke.page}"
    names = [name for known in all_rules() for name in (known.code, known.name)]
    names += [name for smoke in SMOKE_RULES for name in (smoke.code, smoke.name)]
    near = difflib.get_close_matches(code, names, 1)
    hint = f"; did you mean {near[0]}?" if near else "; `fllint rules` lists them"
    raise Failure(f"no rule is called {code}{hint}")
