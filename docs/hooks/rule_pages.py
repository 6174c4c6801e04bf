"""The rules' pages: the docstring, what `fllint check` says of the bad example, and how the good one differs."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from click.testing import CliRunner

from fllint.cli import main
from fllint.registry import Rule, all_rules
from fllint.simulate.rules import RULES, SmokeRule

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

EXAMPLES = Path(__file__).resolve().parents[2] / "tests" / "rules"
FAMILIES = {
    "0": "Reading files",
    "1": "Meta, deploy map, sites",
    "2": "Components and their arguments",
    "3": "Wiring: ids, tasks, filters, events",
    "4": "Scripts and custom code",
    "5": "Releases",
    "6": "Job scripts",
    "7": "Hygiene",
    "9": "Smoke run",
}

AnyRule: TypeAlias = "Rule | SmokeRule"


def rules_and_smoke_rules() -> tuple[AnyRule, ...]:
    """The rules of `fllint check` and those of `fllint simulate`, by code."""
    return (*all_rules(), *RULES)


def families() -> list[tuple[str, list[AnyRule]]]:
    """The families that have rules, by their titles, each with its rules by code."""
    every = rules_and_smoke_rules()
    found = [(title, [rule for rule in every if rule.code[2] == digit]) for digit, title in FAMILIES.items()]
    return [(title, rules) for title, rules in found if rules]


def index() -> str:
    """The page that lists all rules by family."""
    lines = [
        "# Rules",
        "",
        f"`fllint check` has {len(all_rules())} rules, and `fllint simulate` {len(RULES)} more, "
        "whose evidence is a run. `fllint explain CODE` shows a rule's page in the terminal.",
    ]
    for title, rules in families():
        lines += ["", f"## {title}", "", "| rule | name | severity | fix | |", "|---|---|---|---|---|"]
        lines += map(_row, rules)
    return "\n".join(lines) + "\n"


def _row(rule: AnyRule) -> str:
    fix = rule.fix if isinstance(rule, Rule) else ""
    return f"| [{rule.code}]({rule.code}.md) | {rule.name} | {_severity(rule)} | {fix} | {rule.summary} |"


def page(rule: AnyRule) -> str:
    """A rule's page, in Markdown."""
    note = (
        " It runs with `--preview`, or when it is selected by its code." if _severity(rule).endswith("preview") else ""
    )
    heading = f"# {rule.code} {rule.name}\n\nSeverity: **{_severity(rule)}**.{note}{_fix(rule)}\n\n{rule.page}\n"
    return heading + "".join(_example(rule, bad) for bad in _bad_examples(rule))


def _fix(rule: AnyRule) -> str:
    availability = rule.fix if isinstance(rule, Rule) else ""
    return f" Fix: **{availability}**, for [some of its findings](../fixes.md)." if availability else ""


def _severity(rule: AnyRule) -> str:
    return rule.severity.value + (", preview" if isinstance(rule, Rule) and rule.preview else "")


def _bad_examples(rule: AnyRule) -> list[Path]:
    folder = EXAMPLES / rule.code
    return sorted(path for path in folder.iterdir() if path.name.startswith("bad")) if folder.is_dir() else []


def _example(rule: AnyRule, bad: Path) -> str:
    good = bad.with_name(bad.name.replace("bad", "good"))
    command, output = check(rule.code, bad.name)
    parts = ["\n## Example\n", f"```console\n$ {command}\n{output}```\n"]
    change = difference(bad, good) if bad.is_dir() and good.is_dir() else ""
    if change:
        parts.append(f"Right:\n\n````diff\n{change}````\n")
    return "\n".join(parts)


def check(code: str, name: str) -> tuple[str, str]:
    """The command that checks an example in its folder, and what it prints, without the time that it took."""
    arguments = ["check", name, *_options(code)]
    with _in_a_copy_of(EXAMPLES / code):
        result = CliRunner(env={"COLUMNS": "120", "VIRTUAL_ENV": None}).invoke(main, [*arguments, "--no-cache"])
    return " ".join(["fllint", *arguments]), re.sub(r" in \d+\.\d+ s$", "", result.output, flags=re.MULTILINE)


def _options(code: str) -> list[str]:
    file = EXAMPLES / code / "options.toml"
    options: dict[str, Any] = tomllib.loads(file.read_text("utf-8")) if file.exists() else {}
    release = ["--nvflare", str(options["nvflare"])] if "nvflare" in options else []
    return [*release, *(["--sites", ",".join(options["sites"])] if "sites" in options else [])]


def difference(bad: Path, good: Path) -> str:
    """What turns the bad example into the good one, as a unified diff of all their files."""
    names = sorted(
        {path.relative_to(job).as_posix() for job in (bad, good) for path in job.rglob("*") if path.is_file()}
    )
    return "".join(_file_difference(bad / name, good / name, name) for name in names)


def _file_difference(bad: Path, good: Path, name: str) -> str:
    before, after = (_lines(bad), _lines(good))
    if before == after:
        return ""
    first, second = (
        f"{path.parents[len(Path(name).parts) - 1].name}/{name}" if path.exists() else "/dev/null"
        for path in (bad, good)
    )
    return "".join(
        line if line.endswith("\n") else line + "\n" for line in difflib.unified_diff(before, after, first, second)
    )


def _lines(file: Path) -> list[str]:
    return file.read_bytes().decode("utf-8", "backslashreplace").splitlines(keepends=True) if file.exists() else []


@contextmanager
def _in_a_copy_of(folder: Path) -> Iterator[None]:
    """Away from this repository, whose requirements and settings are not the examples'."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as temporary:
        copy = shutil.copytree(folder, Path(temporary, folder.name), symlinks=True)
        os.chdir(copy)
        try:
            yield
        finally:
            os.chdir(before)
