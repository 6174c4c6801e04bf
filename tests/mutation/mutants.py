"""Mutants of the rules, and which of them the tests do not notice.

    pip install cosmic-ray
    python -m tests.mutation.mutants [MODULE ...] [--sample N] [--seed S]

Makes N mutants (0: all) of each module of rules with the operators of cosmic-ray, and runs the tests that mention a
code of the module with each, in a process of its own; nothing is written to the checkout. A mutant is noticed as well
when it changes what fllint says of a single fault of tests/differential, since NVFlare would then disagree. Prints a
table, and the survivors with what was changed. The exit status is 1 when there are some.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import importlib
import os
import random
import re
import signal
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fllint import registry
from tests.differential.cases import in_one_format_each, single_faults, sound_cases, write_cases
from tests.differential.opinions import Opinion, fllint_opinion

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
MOST_FAULTS, SOUND_JOBS = 40, 6
"""How many faults and sound jobs are checked with each mutant."""
SECONDS = 120
"""A mutant that takes longer is taken for one that hangs, and so is noticed."""
UNFIT = ("NumberReplacer", "RemoveDecorator", "ExceptionReplacer", "AddNot", "ReplaceUnaryOperator_Delete")
"""Operators without a use here: ``@rule`` is no choice, and numbers are limits. ``AddNot`` says what others do."""
REPLACING = re.compile(r"Replace(Comparison|Binary)Operator_")
CHOSEN = re.compile(
    r"_(Eq_NotEq|NotEq_Eq|Is_IsNot|IsNot_Is|In_NotIn|NotIn_In|Lt_LtE|LtE_Lt|Gt_GtE|GtE_Gt|Add_Sub|Sub_Add)$"
)
"""Of the hundred pairs of operators, those that say the opposite or are one beside it: what any other pair changes
and these do not (``is`` for ``==``, ``<`` for ``!=``) is mostly not a choice that a rule makes."""


@dataclass(frozen=True)
class Mutant:
    """One change of a module: which operator makes it where, and the module's text with it."""

    module: str
    operator: str
    text: str

    def change(self, original: str) -> str:
        """The lines that differ."""
        lines = difflib.unified_diff(original.splitlines(), self.text.splitlines(), n=0, lineterm="")
        return "\n".join(line for line in lines if not line.startswith(("---", "+++")))


def mutants_of(module: str) -> Iterator[Mutant]:
    """All mutants of a module of rules, in the order of operators and places."""
    mutating: Any = importlib.import_module("cosmic_ray.mutating")
    plugins: Any = importlib.import_module("cosmic_ray.plugins")
    text = (RULES / f"{module}.py").read_text("utf-8")
    before = _meaning(text)
    for name in sorted(plugins.operator_names()):
        if not _is_of_use(name.partition("/")[2]):
            continue
        operator = plugins.get_operator(name)
        if operator.arguments():
            continue  # those that are told which variables to change
        for number in range(10_000):
            changed = mutating.mutate_code(text, operator(), number)
            if changed is None:
                break
            if _meaning(changed) not in (before, None):
                yield Mutant(module, name, changed)


def _is_of_use(operator: str) -> bool:
    return not operator.startswith(UNFIT) and (not REPLACING.match(operator) or CHOSEN.search(operator) is not None)


def _meaning(text: str) -> str | None:
    """What a module does: its tree without annotations, whose mutants no test could notice; None for no Python."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        for field in ("annotation", "returns"):
            if getattr(node, field, None) is not None:
                setattr(node, field, ast.Constant(None))
    return ast.dump(tree)


def _codes_of(module: str) -> set[str]:
    """The codes of the rules in a module, or of those in the modules that import it."""
    return _codes(RULES / f"{module}.py") or {
        code
        for file in RULES.glob("*.py")
        if re.search(rf"^from \.{module} import", file.read_text("utf-8"), re.MULTILINE)
        for code in _codes(file)
    }


def tests_of(module: str) -> list[str]:
    """The arguments for pytest that choose the tests that mention a code of a module, or of those that import it."""
    codes = _codes_of(module)
    files = [
        str(file.relative_to(ROOT))
        for place in WHERE
        for file in sorted((ROOT / "tests").glob(place))
        if codes & set(CODE.findall(file.read_text("utf-8")))
    ]
    examples = [f"tests/rules/test_examples.py::test_example[{example}]" for example in _examples(codes)]
    return [*examples, *files]


def _codes(file: Path) -> set[str]:
    return set(re.findall(r'@rule\(\s*"(FL\d{3})"', file.read_text("utf-8")))


def _examples(codes: set[str]) -> list[str]:
    return [
        f"{code}/{folder.name}"
        for code in sorted(codes)
        for folder in sorted((ROOT / "tests" / "rules" / code).glob("*"))
        if folder.name.startswith(("bad", "good"))
    ]


@dataclass(frozen=True)
class Fault:
    """A job with one fault, and what fllint says of it."""

    job: Path
    release: str
    opinion: Opinion

    def holds(self) -> bool:
        """Whether fllint still says the same: refuses it, or is content."""
        return fllint_opinion(self.job, self.release).says == self.opinion.says


def faults_by_code(folder: Path) -> dict[str, list[Fault]]:
    """The single faults of tests/differential, each in one format and for its newest release, by the codes that are
    found in them; sound jobs by none."""
    found: dict[str, list[Fault]] = {}
    cases = write_cases([*in_one_format_each(single_faults(), turn=0), *sound_cases()], folder)
    for case, job in cases.items():
        release = sorted(case.releases)[-1]
        opinion = fllint_opinion(job, release)
        for code in {each[:5] for each in (*opinion.errors, *opinion.warnings)} or {""}:
            found.setdefault(code, []).append(Fault(job, release, opinion))
    return found


def faults_of(module: str, known: dict[str, list[Fault]]) -> list[Fault]:
    """Those that a module speaks of, evenly chosen from many, and a few sound jobs."""
    own = [fault for code in sorted(_codes_of(module)) for fault in known.get(code, [])]
    return own[:: len(own) // MOST_FAULTS + 1] + known.get("", [])[:SOUND_JOBS]


def is_noticed(mutant: Mutant, tests: list[str], faults: list[Fault]) -> bool:
    """Whether a test fails with a mutant, or does not end, or fllint says something else of a fault."""
    child = os.fork()
    if child == 0:
        _become(mutant, tests, faults)
    try:
        signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
        signal.alarm(SECONDS)
        _, status = os.waitpid(child, 0)
    finally:
        signal.alarm(0)
    return status != 0


def _become(mutant: Mutant, tests: list[str], faults: list[Fault]) -> None:
    """The rest of the child's life."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    try:
        module = importlib.import_module(f"fllint.rules.{mutant.module}")
        before = dict(vars(module))
        exec(compile(mutant.text, f"{mutant.module}.py", "exec"), vars(module))
        for other in [other for name, other in sys.modules.items() if name.startswith("fllint.rules.")]:
            for name, value in list(vars(other).items()):
                if value is before.get(name) and not name.startswith("__"):
                    setattr(other, name, vars(module)[name])  # what it has imported from the module
        registry._sorted.cache_clear()
        status = 0 if all(fault.holds() for fault in faults) else 1
        status = status or int(pytest.main(["-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", *tests]))
    except BaseException:
        status = 1
    os._exit(status)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", default=sorted(file.stem for file in RULES.glob("[!_]*.py")))
    parser.add_argument("--sample", type=int, default=20, help="mutants of each module (0: all)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.chdir(ROOT)
    registry.all_rules()
    print(f"{'module':<24} {'all':>5} {'tried':>6} {'noticed':>8}", flush=True)
    survivors: list[Mutant] = []
    with tempfile.TemporaryDirectory() as folder:
        known = faults_by_code(Path(folder))
        for module in options.modules:
            survivors += report(module, known, options.sample, options.seed)
    return 1 if survivors else 0


def report(module: str, known: dict[str, list[Fault]], sample: int, seed: int) -> list[Mutant]:
    """Tries the mutants of a module, prints what became of them, and gives those that nothing noticed."""
    text = (RULES / f"{module}.py").read_text("utf-8")
    made, tests, faults = list(mutants_of(module)), tests_of(module), faults_of(module, known)
    if is_noticed(Mutant(module, "none", text), tests, faults):
        raise SystemExit(f"the tests of {module} fail without any change")
    chosen = random.Random(f"{seed} {module}").sample(made, min(len(made), sample or len(made)))
    left = [mutant for mutant in chosen if not is_noticed(mutant, tests, faults)]
    print(f"{module:<24} {len(made):>5} {len(chosen):>6} {len(chosen) - len(left):>8}", flush=True)
    for mutant in left:
        print(f"  {mutant.operator}\n{mutant.change(text)}", flush=True)
    return left


if __name__ == "__main__":
    sys.exit(main())
