"""The rules: how one is declared, and how the engine finds them all."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from msgspec import Struct

from fllint.findings import Problem, Severity

if TYPE_CHECKING:
    from fllint.review import Review

Inspect: TypeAlias = "Callable[[Review], Iterable[Problem]]"
Availability: TypeAlias = Literal["", "safe", "unsafe", "safe or unsafe"]

DOCS_URL: Final = "https://fllint.readthedocs.io/rules/"
OWN_CODE: Final = re.compile(r"FL\d{3}")
FOREIGN_CODE: Final = re.compile(r"(?!FL)[A-Z]{2,4}\d{3}")
NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def docs_url(code: str) -> str:
    """Where a rule's page is; empty for a rule of other people, whose codes do not begin with FL."""
    return f"{DOCS_URL}{code}/" if code.startswith("FL") else ""


class Rule(Struct, frozen=True):
    """A rule: what it is called, how bad its findings are, and the function that looks.

    ``page`` is its documentation: what is wrong, what NVFlare does with it and since which release, how to mend it.
    ``preview`` rules may still be wrong on some real job and run only when asked for. ``fix`` says which fixes its
    findings may have: ``safe``, ``unsafe``, some of them either (``safe or unsafe``), or none (empty). ``origin`` is
    the package or the folder that a rule of other people is from, empty for fllint's own.
    """

    code: str
    name: str
    severity: Severity
    inspect: Inspect
    preview: bool = False
    fix: Availability = ""
    origin: str = ""

    @property
    def page(self) -> str:
        return inspect.getdoc(self.inspect) or ""

    @property
    def summary(self) -> str:
        """The page's first sentence."""
        return " ".join(self.page.split("\n\n")[0].split())

    @property
    def fix_note(self) -> str:
        """A sentence on what `--fix` does about its findings; empty when it does nothing."""
        if not self.fix:
            return ""
        fixing = {
            "safe": "--fix",
            "unsafe": "--fix --unsafe-fixes",
            "safe or unsafe": "--fix, others only by --fix --unsafe-fixes",
        }
        return f"Some of its findings are fixed by {fixing[self.fix]}."

    @property
    def url(self) -> str:
        """Where its page is; empty for a rule of other people."""
        return docs_url(self.code)


_declared: dict[str, Rule] = {}
_origin: list[str] = [""]
"""Whose rules are being declared; the last one counts."""


@contextmanager
def declaring_for(origin: str) -> Iterator[None]:
    """While this holds, the rules that are declared are from a package or folder."""
    _origin.append(origin)
    try:
        yield
    finally:
        _origin.pop()


def rule(
    code: str, name: str, severity: Severity, *, preview: bool = False, fix: Availability = ""
) -> Callable[[Inspect], Inspect]:
    """Declares a function as a rule. Raises ValueError for a code or name that is malformed or taken.

    Codes that begin with FL are fllint's own; other people's rules have two to four other letters.
    """

    def declare(function: Inspect) -> Inspect:
        form = FOREIGN_CODE if _origin[-1] else OWN_CODE
        if not form.fullmatch(code) or not NAME.fullmatch(name):
            letters = "two to four capital letters other than FL" if _origin[-1] else "FL"
            raise ValueError(f"{code} {name}: a code is {letters} and three digits, a name is kebab-case")
        taken = [other for other in _declared.values() if other.code == code or other.name == name]
        if any(other.inspect.__qualname__ != function.__qualname__ for other in taken):
            raise ValueError(f"{code} {name} is taken by {taken[0].code} {taken[0].name}")
        _declared[code] = Rule(code, name, severity, function, preview, fix, _origin[-1])
        return function

    return declare


def all_rules() -> tuple[Rule, ...]:
    """Every rule, by code: fllint's own, those of installed packages, and those of folders that were loaded."""
    _declare_own()
    from fllint.foreign_rules import declare_installed

    declare_installed()
    return _sorted(len(_declared))


@cache
def _declare_own() -> None:
    package = importlib.import_module("fllint.rules")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"fllint.rules.{module.name}")


@cache
def _sorted(_count: int) -> tuple[Rule, ...]:
    return tuple(sorted(_declared.values(), key=lambda found: found.code))


def find_rule(name: str) -> Rule | None:
    """The rule with a code (in any case) or a name. Of fllint's own, only the module that declares it is imported."""
    package = importlib.import_module("fllint.rules")
    for module in pkgutil.iter_modules(package.__path__):
        loader = module.module_finder.find_spec(f"fllint.rules.{module.name}", None)
        text = Path(loader.origin).read_text("utf-8") if loader and loader.origin else ""
        if f'"{name.upper()}"' in text or f'"{name.lower()}"' in text:
            importlib.import_module(f"fllint.rules.{module.name}")
    named = (rule for rule in _declared.values() if name.upper() == rule.code or name.lower() == rule.name)
    found = next(named, None)
    if found or OWN_CODE.fullmatch(name.upper()):
        return found
    return next((rule for rule in all_rules() if name.upper() == rule.code or name.lower() == rule.name), None)


class Selection(Struct, frozen=True):
    """Which rules run: those whose code begins with a selected prefix (or whose name is selected) and with no ignored
    one.

    ``extend`` adds to the default set; preview rules run only when selected by their full code or name, or by
    ``preview``. ``folders`` are those whose rules hold.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend: tuple[str, ...] = ()
    preview: bool = False
    folders: tuple[str, ...] = ()

    def rules(self) -> Iterator[Rule]:
        """The selected rules, by code. Raises ValueError for a code or name that no rule has."""
        for word in (*self.select, *self.ignore, *self.extend):
            if not any(_matches(found, word) for found in all_rules()):
                raise ValueError(f"no rule is called {word}; `fllint rules` lists them")
        for found in all_rules():
            if found.origin.startswith("/") and found.origin not in self.folders:
                continue
            wanted = [*self.select, *self.extend] if self.select else [found.code[:2], *self.extend]
            named = any(word.upper() == found.code or word.lower() == found.name for word in wanted)
            chosen = named or (any(_matches(found, word) for word in wanted) and (self.preview or not found.preview))
            if chosen and not any(_matches(found, word) for word in self.ignore):
                yield found


def _matches(found: Rule, word: str) -> bool:
    return bool(word) and (found.code.startswith(word.upper()) or found.name == word.lower())
