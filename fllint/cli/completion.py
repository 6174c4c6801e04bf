"""What shells complete: the values of options and arguments that are no fixed choice."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem


def releases(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """NVFlare's releases."""
    from fllint.catalogue.releases import RELEASES, VERSIONS

    found = [release for release in RELEASES if release.startswith(incomplete)]
    return [CompletionItem(release, help=f"NVFlare {VERSIONS[release]}") for release in found]


def rules(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Codes of rules; behind a comma, the next one."""
    from fllint.registry import all_rules

    before, comma, begun = incomplete.rpartition(",")
    found = [rule for rule in all_rules() if rule.code.startswith(begun.upper())]
    return [CompletionItem(f"{before}{comma}{rule.code}", help=rule.name) for rule in found]
