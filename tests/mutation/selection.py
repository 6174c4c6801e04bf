"""Which tests and which faults judge the mutants of a module."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path

from tests.differential.cases import in_one_format_each, single_faults, sound_cases, write_cases
from tests.mutation.trial import Fault

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "rules"
CODE = re.compile(r"FL\d{3}")
WHERE = (
    "job/*.py",
    "job_api/test_[!e]*.py",
    "python/*.py",
    "rules/test_c*.py",
    "scripts/*.py",
    "suppression/*.py",
    "fixing/test_check_fix.py",
)
"""Tests that say what rules find. The others take a rule as an example of what is written, drawn or remembered."""
EXAMPLES = ("tests/rules/test_examples.py", "tests/rules/test_cases.py")
PARSERS = ("tests/scripts/test_arguments_[!h]*.py", "tests/scripts/test_runs.py", *EXAMPLES)
TESTS: dict[str, tuple[str, ...]] = {
    "fllint/job/*.py": ("tests/job", *EXAMPLES),
    "fllint/tasks.py": EXAMPLES,
    "fllint/scripts/argparse_*.py": PARSERS,
    "fllint/scripts/argument*.py": PARSERS,
    "fllint/scripts/click_*.py": PARSERS,
    "fllint/scripts/typer_*.py": PARSERS,
    "fllint/scripts/*.py": ("tests/scripts/test_[!a]*.py", *EXAMPLES),
    "fllint/catalogue/*.py": ("tests/catalogue", *EXAMPLES, "tests/rules/test_fixes.py"),
    "fllint/engine.py": (
        "tests/suppression",
        *EXAMPLES,
        "tests/cli/test_check.py",
        "tests/job_api/test_script_jobs.py",
    ),
    "fllint/suppression.py": ("tests/suppression", "tests/cli/test_check.py", *EXAMPLES),
    "fllint/baseline.py": ("tests/cli/test_check.py", "tests/fixing/test_check_fix.py"),
    "fllint/python/evaluation.py": ("tests/python", *EXAMPLES),
    "fllint/settings/*.py": ("tests/settings", "tests/suppression", "tests/cli/test_check.py", "tests/foreign_rules"),
    "fllint/fixing/*.py": ("tests/fixing", "tests/rules/test_fixes.py"),
    "fllint/checking.py": (
        "tests/suppression",
        "tests/settings",
        *EXAMPLES,
        "tests/cli/test_check.py",
        "tests/foreign_rules",
    ),
}
"""For modules beside the rules: the tests that speak of them, the quickest first. The first that fits counts."""
MOST_FAULTS, SOUND_JOBS = 40, 6
"""How many faults and sound jobs are checked with each mutant."""


def tests_of(module: Path) -> list[str]:
    """The arguments for pytest that choose the tests of a module: those of the table, or for a rule's module those that
    mention one of its codes (or of the modules that import it)."""
    if module.parent != RULES:
        name = module.relative_to(ROOT).as_posix()
        patterns = next((tests for pattern, tests in TESTS.items() if fnmatchcase(name, pattern)), None)
        if patterns is None:
            raise SystemExit(f"tests/mutation/selection.py does not say which tests are about {name}")
        return [str(file.relative_to(ROOT)) for pattern in patterns for file in sorted(ROOT.glob(pattern))]
    codes = _codes_of(module)
    files = [
        str(file.relative_to(ROOT))
        for place in WHERE
        for file in sorted((ROOT / "tests").glob(place))
        if codes & set(CODE.findall(file.read_text("utf-8")))
    ]
    examples = [f"tests/rules/test_examples.py::test_example[{example}]" for example in _examples(codes)]
    return [*examples, *files]


def _codes_of(module: Path) -> set[str]:
    """The codes of the rules in a module, or of those in the modules that import it."""
    return _codes(module) or {
        code
        for file in RULES.glob("*.py")
        if re.search(rf"^from \.{module.stem} import", file.read_text("utf-8"), re.MULTILINE)
        for code in _codes(file)
    }


def _codes(file: Path) -> set[str]:
    return set(re.findall(r'@rule\(\s*"(FL\d{3})"', file.read_text("utf-8")))


def _examples(codes: set[str]) -> list[str]:
    return [
        f"{code}/{folder.name}"
        for code in sorted(codes)
        for folder in sorted((ROOT / "tests" / "rules" / code).glob("*"))
        if folder.name.startswith(("bad", "good"))
    ]


def faults_by_code(folder: Path) -> dict[str, list[Fault]]:
    """The single faults of tests/differential, each in one format and for its newest release, by the codes that are
    found in them; sound jobs by none."""
    found: dict[str, list[Fault]] = {}
    cases = write_cases([*in_one_format_each(single_faults(), turn=0), *sound_cases()], folder)
    for case, job in cases.items():
        fault, codes = Fault.of(job, sorted(case.releases)[-1])
        for code in codes or {""}:
            found.setdefault(code, []).append(fault)
    return found


def faults_of(module: Path, known: dict[str, list[Fault]]) -> list[Fault]:
    """Those that a module speaks of, all for a module beside the rules: evenly chosen from many, and a few sound
    jobs."""
    codes = _codes_of(module) if module.parent == RULES else set(known) - {""}
    own = [fault for code in sorted(codes) for fault in known.get(code, [])]
    return own[:: len(own) // MOST_FAULTS + 1] + known.get("", [])[:SOUND_JOBS]
