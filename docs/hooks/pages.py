"""The hook that mkdocs calls (see mkdocs.yml): adds the pages and tables that are made from fllint itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import release_tables
import rule_pages
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from fllint.catalogue.releases import RELEASES
from fllint.schemas.schema import KINDS, job_schema

ROOT = Path(__file__).resolve().parents[2]


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Puts every rule's page under Rules, by family."""
    for section in config.nav or []:
        if isinstance(section, dict) and "Rules" in section:
            section["Rules"] = ["rules/index.md", *_families()]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds a page for each rule, their index, the change log, and the schemas for editors."""
    files.append(File.generated(config, "rules/index.md", content=rule_pages.index()))
    for rule in rule_pages.rules_and_smoke_rules():
        files.append(File.generated(config, f"rules/{rule.code}.md", content=rule_pages.page(rule)))
    files.append(File.generated(config, "changelog.md", content=(ROOT / "CHANGELOG.md").read_text("utf-8")))
    for release in RELEASES:
        for kind in KINDS:
            schema = job_schema(kind, release)
            name = schema["$id"].rpartition("/")[2]
            text = json.dumps(schema, ensure_ascii=False)
            files.append(File.generated(config, f"schemas/{release}/{name}", content=text))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Fills the tables of the releases' page in."""
    for marker, table in release_tables.TABLES.items():
        markdown = markdown.replace(f"<!-- {marker} -->", table() if f"<!-- {marker} -->" in markdown else "")
    return markdown


def _families() -> list[dict[str, list[dict[str, str]]]]:
    return [
        {title: [{f"{rule.code} {rule.name}": f"rules/{rule.code}.md"} for rule in rules]}
        for title, rules in rule_pages.families()
    ]
