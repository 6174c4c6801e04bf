"""The site has a page for every rule, with its docstring, its finding and what mends it; and the releases' tables."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fllint.catalogue.grammar import FEATURES
from fllint.catalogue.releases import RELEASES
from fllint.registry import DOCS_URL, find_rule
from tests.docs.shown_commands import ROOT, blocks
from tests.docs.site_hooks import hook_module

pages = hook_module("rule_pages")
WITHOUT_EXAMPLE = {"FL092", "FL690", "FL691", "FL692"}
CODES = [rule.code for rule in pages.rules_and_smoke_rules()]


@pytest.mark.parametrize("code", [code for code in CODES if not code.startswith("FL9")])
def test_a_rules_page_says_what_explain_says_and_shows_its_finding(code: str) -> None:
    rule = find_rule(code)
    assert rule is not None
    page = pages.page(rule)
    assert rule.page in page
    assert page.startswith(f"# {rule.code} {rule.name}\n")
    if code not in WITHOUT_EXAMPLE:
        assert f"[{code}]" in page.partition("## Example")[2]


def test_the_difference_turns_the_bad_example_into_the_good_one(tmp_path: Path) -> None:
    example = ROOT / "tests" / "rules" / "FL102"
    change = pages.difference(example / "bad", example / "good")
    subprocess.run(["cp", "-r", str(example / "bad"), str(tmp_path / "bad")], check=True)
    subprocess.run(["git", "apply", "-p1", "--directory=bad", "-"], cwd=tmp_path, input=change, text=True, check=True)
    for file in (example / "good").rglob("*.json"):
        assert (tmp_path / "bad" / file.relative_to(example / "good")).read_text("utf-8") == file.read_text("utf-8")


def test_the_index_links_every_page() -> None:
    index = pages.index()
    assert [code for code in CODES if f"]({code}.md)" not in index] == []


def test_every_rule_is_in_one_family() -> None:
    assert sorted(rule.code for _, rules in pages.families() for rule in rules) == sorted(CODES)


def test_the_urls_of_findings_lead_to_the_pages_of_the_site() -> None:
    site = re.search(r"^site_url: (.*)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE)
    assert site is not None
    assert f"{site[1]}rules/" == DOCS_URL


def test_the_table_of_features_is_that_of_the_catalogue() -> None:
    tables = hook_module("release_tables")
    head, _, *rows = tables.features().splitlines()
    assert [cell.strip() for cell in head.strip("|").split("|")][1:-1] == list(RELEASES)
    assert len(rows) == len(FEATURES)
    assert sum(row.count(" yes ") for row in rows) > len(FEATURES)


@pytest.mark.parametrize("marker", hook_module("release_tables").TABLES)
def test_the_page_of_releases_has_every_table(marker: str) -> None:
    assert f"<!-- {marker} -->" in (ROOT / "docs" / "releases.md").read_text("utf-8")


def test_the_rule_of_the_page_on_adding_rules_works(tmp_path: Path) -> None:
    code = "from __future__ import annotations\n" + next(
        block.text for block in blocks((ROOT / "docs" / "new-rule.md").read_text("utf-8")) if block.language == "python"
    )
    job = tmp_path / "job"
    subprocess.run(["cp", "-r", str(ROOT / "examples" / "hello-numpy"), str(job)], check=True)
    meta = (job / "meta.json").read_text("utf-8")
    sites = ", ".join(f'"site-{number}"' for number in range(1, 12))
    (job / "meta.json").write_text(meta.replace('"site-1", "site-2"', sites), "utf-8")
    program = (
        "import fllint.rules.meta as module\n"
        f"exec({code!r}, vars(module))\n"
        "from fllint.cli import main\n"
        f"main(['check', {str(job)!r}, '--no-cache', '--select', 'FL199', '--output-format', 'concise'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, env={**os.environ}, cwd=tmp_path
    )
    assert "warning FL199 the job goes to 11 sites" in done.stdout, done.stderr
