"""What other releases say about a class or an argument that one release does not have. Asked only when something is wrong."""

from __future__ import annotations

from fllint.catalogue.catalogue import Catalogue
from fllint.catalogue.releases import RELEASES


def releases_with(class_path: str) -> tuple[str, ...]:
    """The releases in which a class path leads to a class, or a short name to exactly one."""
    return tuple(release for release in RELEASES if _has(Catalogue.load(release), class_path))


def _has(catalogue: Catalogue, class_path: str) -> bool:
    if "." in class_path:
        return catalogue.find(class_path) is not None
    return len(catalogue.short_name(class_path)) == 1


def class_history(class_path: str, release: str) -> str:
    """``NVFlare had it from 2.5 to 2.8``, or since when it has it; empty when no release has it."""
    having = releases_with(class_path)
    if not having or release in having:
        return ""
    return _range("NVFlare", having)


def argument_history(class_path: str, argument: str, release: str) -> str:
    """``it was taken until 2.4`` and the like for a constructor argument; empty when no release takes it."""
    having = []
    for other in RELEASES:
        info = Catalogue.load(other).find(class_path)
        if info and info.parameter(argument):
            having.append(other)
    return "" if not having or release in having else _range(class_path.rpartition(".")[2], tuple(having))


def _range(who: str, having: tuple[str, ...]) -> str:
    first, last = having[0], having[-1]
    if last == RELEASES[-1]:
        return f"{who} has it since {first}"
    return f"{who} had it until {last}" if first == RELEASES[0] else f"{who} had it from {first} to {last}"
