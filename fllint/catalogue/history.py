"""What other releases say about something that one release does not have. Asked only when something is wrong."""

from __future__ import annotations

from collections.abc import Callable

from fllint.catalogue.catalogue import Catalogue
from fllint.catalogue.moved import moved
from fllint.catalogue.patches import dropped_argument
from fllint.catalogue.releases import RELEASES


def class_history(class_path: str, release: str) -> str:
    """``NVFlare had it from 2.5 to 2.8`` and the like for a class path that the release lacks; empty for none."""
    known = moved(class_path, release)
    if known is None:
        return ""
    return _range("NVFlare", known.releases) if known.releases else "NVFlare had it before 2.3"


def replacement(class_path: str, release: str) -> str:
    """What to use instead of a class that the release lacks, as a help text; empty when nothing replaces it."""
    known = moved(class_path, release)
    if known is None:
        return ""
    use = f"use '{known.replacement}'" if known.replacement else ""
    return f"{use} {known.note}".strip()


def moved_to(class_path: str, release: str) -> str | None:
    """The path at which a release has the same class that others have at another one; None where it is not the same."""
    known = moved(class_path, release)
    instead = known.replacement if known else None
    same_name = instead is not None and instead.rpartition(".")[2] == class_path.rpartition(".")[2]
    return instead if known and same_name and not known.note else None


def short_name_history(name: str, release: str) -> str:
    """The same for a short name."""
    return _history("NVFlare", release, lambda catalogue: len(catalogue.short_name(name)) == 1)


def module_history(module: str, release: str) -> str:
    """The same for a module."""
    return _history("NVFlare", release, lambda catalogue: catalogue.has_module(module))


def argument_history(class_path: str, argument: str, release: str) -> str:
    """The same for an argument of a constructor."""

    def takes(catalogue: Catalogue) -> bool:
        info = catalogue.find(class_path)
        return info is not None and info.parameter(argument) is not None

    name = class_path.rpartition(".")[2]
    return _history(name, release, takes) or _until_a_patch(name, class_path, argument)


def _until_a_patch(name: str, class_path: str, argument: str) -> str:
    """The same for an argument that only earlier patches of some release have."""
    patches = (dropped_argument(class_path, argument, release) for release in reversed(RELEASES))
    patch = next((patch for patch in patches if patch), None)
    if patch is None:
        return ""
    now = f"; it is called '{patch.instead}' since" if patch.instead else ""
    return f"{name} had it before {patch.since}{now}"


def _history(who: str, release: str, has: Callable[[Catalogue], bool]) -> str:
    having = tuple(other for other in RELEASES if has(Catalogue.load(other)))
    return _range(who, having) if having and release not in having else ""


def _range(who: str, having: tuple[str, ...]) -> str:
    first, last = having[0], having[-1]
    if last == RELEASES[-1]:
        return f"{who} has it since {first}"
    if first == last:
        return f"{who} had it in {first} only" if first != RELEASES[0] else f"{who} had it until {first}"
    return f"{who} had it until {last}" if first == RELEASES[0] else f"{who} had it from {first} to {last}"
