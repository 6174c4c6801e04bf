"""Mutants of the code, and which of them the tests do not notice.

    pip install cosmic-ray
    python -m tests.mutation.mutants [MODULE ...] [--sample N] [--seed S]

MODULE is the name of one in rules, or a file such as fllint/tasks.py. Makes N mutants (0: all) of each (default: of
each module of rules) with the operators of cosmic-ray, and runs the tests that speak of the module (`selection`) with
each, in a process of its own; nothing is written to the checkout. A mutant is noticed as well when it changes what
fllint says of a single fault of tests/differential, since NVFlare would then disagree. Prints the
survivors with what was changed, and the numbers of each module. The exit status is 1 when there are some.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import gc
import importlib
import os
import random
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.mutation.selection import ROOT, RULES, faults_by_code, faults_of, tests_of
from tests.mutation.trial import Fault, is_noticed, seconds_of

SECONDS = 120
"""A mutant that takes longer, or six times as long as no change, is taken for one that hangs, and so is noticed."""
UNFIT = (
    "NumberReplacer",
    "RemoveDecorator",
    "ExceptionReplacer",
    "AddNot",
    "ReplaceUnaryOperator_Delete",
    "ReplaceUnaryOperator_USub_Not",
    "ReplaceUnaryOperator_USub_Invert",
)
"""Operators without a use here: ``@rule`` is no choice, and numbers are limits. ``AddNot`` says what others do, and so
do two of the three that make something of ``-1``."""
REPLACING = re.compile(r"Replace(Comparison|Binary)Operator_")
CHOSEN = re.compile(
    r"_(Eq_NotEq|NotEq_Eq|Is_IsNot|IsNot_Is|In_NotIn|NotIn_In|Lt_LtE|LtE_Lt|Gt_GtE|GtE_Gt|Add_Sub|Sub_Add)$"
)
"""Of the hundred pairs of operators, those that say the opposite or are one beside it: what any other pair changes
and these do not (``is`` for ``==``, ``<`` for ``!=``) is mostly not a choice that a rule makes."""


@dataclass(frozen=True)
class Mutant:
    """One change of a module: which operator makes it where, and the module's text with it."""

    module: Path
    operator: str
    text: str

    def change(self, original: str) -> str:
        """The lines that differ."""
        lines = difflib.unified_diff(original.splitlines(), self.text.splitlines(), n=0, lineterm="")
        return "\n".join(line for line in lines if not line.startswith(("---", "+++")))


def mutants_of(module: Path) -> Iterator[Mutant]:
    """All mutants of a module, in the order of operators and places."""
    mutating: Any = importlib.import_module("cosmic_ray.mutating")
    plugins: Any = importlib.import_module("cosmic_ray.plugins")
    text = module.read_text("utf-8")
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
    """What a module does: its tree without annotations, ``frozen`` and ``eq``, which no test could notice; None for
    no Python."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        for field in ("annotation", "returns"):
            if getattr(node, field, None) is not None:
                setattr(node, field, ast.Constant(None))
        if isinstance(node, ast.ClassDef):
            node.keywords = [keyword for keyword in node.keywords if keyword.arg not in ("frozen", "eq")]
    return ast.dump(tree)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", default=sorted(file.stem for file in RULES.glob("[!_]*.py")))
    parser.add_argument("--sample", type=int, default=20, help="mutants of each module (0: all)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.chdir(ROOT)
    print(f"{'module':<34} {'all':>5} {'tried':>6} {'noticed':>8}", flush=True)
    survivors: list[Mutant] = []
    with tempfile.TemporaryDirectory() as folder:
        known = faults_by_code(Path(folder))
        gc.freeze()  # the mutants' processes have it all, and should not look through it
        for module in options.modules:
            file = ROOT / module if module.endswith(".py") else RULES / f"{module}.py"
            survivors += report(file, known, options.sample, options.seed)
    return 1 if survivors else 0


def report(module: Path, known: dict[str, list[Fault]], sample: int, seed: int) -> list[Mutant]:
    """Tries the mutants of a module, prints what became of them, and gives those that nothing noticed."""
    name = module.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
    imported = f"fllint.{name}" if module.parent == RULES else name
    tests, faults = tests_of(module), faults_of(module, known)
    usual = seconds_of(imported, module, tests, faults, SECONDS)
    if usual is None:
        print(f"{name:<34} its tests fail without any change", flush=True)
        return []
    seconds = min(SECONDS, 10 + 6 * usual)
    made = list(mutants_of(module))
    chosen = random.Random(f"{seed} {name}").sample(made, min(len(made), sample or len(made)))
    left: list[Mutant] = []
    for mutant in chosen:
        if not is_noticed(imported, module, mutant.text, tests, faults, seconds):
            left.append(mutant)
            print(f"  {mutant.operator}\n{mutant.change(module.read_text('utf-8'))}", flush=True)
    print(f"{name:<34} {len(made):>5} {len(chosen):>6} {len(chosen) - len(left):>8}", flush=True)
    return left


if __name__ == "__main__":
    sys.exit(main())
