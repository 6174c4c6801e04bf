"""Which existing class paths somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from fllint.python.modules import ClassHere, ImportedName, Module
from fllint.suggest import MAX_LENGTH, is_exhausted, similar, sure_match

MAXIMUM_CHARACTERS = 5_000_000
"""When so much of ``custom/`` has been read, no more is read to look for similar names."""

if TYPE_CHECKING:
    from fllint.python.resolve import PythonPath
    from fllint.python.sources import CustomCode


def near_misses(path: PythonPath, class_path: str, missing_module: str | None, count: int = 3) -> tuple[str, ...]:
    """Dotted class paths that exist and resemble ``class_path``, best first.

    The same class name elsewhere (in ``custom/``, then in NVFlare) comes first, then a similar name in the same module.
    ``missing_module`` is the shortest prefix that is no module, None when only the last part is missing.
    """
    if is_exhausted():
        return ()
    module_name, _, name = class_path.rpartition(".")
    found: list[str] = []
    if missing_module is None:
        found += [f"{module_name}.{other}" for other in closest(name, _public_names(path, module_name), count)]
    else:
        found += _respelt_modules(path, class_path, missing_module)
    found += _same_name(path, name)
    if not found:
        found += _similar_names(path, name)
    return tuple(dict.fromkeys(found))[:count]


def surely_meant(class_path: str, candidates: Iterable[str]) -> str | None:
    """The one of several near misses that must be meant: the only one of the same name, or that the path is a slip of.

    A class of NVFlare's can only be meant where the path speaks of NVFlare.
    """
    top, name = class_path.split(".")[0], class_path.rpartition(".")[2]
    is_nvflare = top == "nvflare" or sure_match(top, ["nvflare"]) is not None
    alike = [path for path in candidates if path.startswith("nvflare.") is is_nvflare]
    namesakes = [path for path in alike if path.rpartition(".")[2] == name]
    return namesakes[0] if len(namesakes) == 1 else sure_match(class_path, alike)


def closest(name: str, names: list[str], count: int = 3) -> list[str]:
    """Names that look like ``name``, best first; those that differ only in case come before the others."""
    if is_exhausted() or len(name) > MAX_LENGTH:
        return []
    found = _closest(name, tuple(names), count)
    if is_exhausted():
        _closest.cache_clear()  # it was cut short
    return list(found)


@lru_cache(maxsize=128)
def _closest(name: str, names: tuple[str, ...], count: int) -> tuple[str, ...]:
    """`closest`, remembered: the jobs of a folder often miss the same module, and NVFlare's class names are many."""
    pool = sorted(other for other in set(names) - {name} if len(other) <= MAX_LENGTH)
    folded = [other for other in pool if other.casefold() == name.casefold()]
    return tuple(dict.fromkeys([*folded, *similar(name, pool, count, 0.75)]))[:count]


def _public_names(path: PythonPath, module_name: str) -> list[str]:
    module = path.module(module_name)
    return [name for name in module.bindings if not name.startswith("_")] if isinstance(module, Module) else []


def _respelt_modules(path: PythonPath, class_path: str, missing: str) -> list[str]:
    """The class path with its missing module respelt, where that leads to something."""
    parent, _, part = missing.rpartition(".")
    rest = class_path[len(missing) :]
    providers = [path._provider(missing)] if parent else [path.custom, path.catalogue]
    found = []
    for provider in providers:
        for other in closest(part, list(provider.submodules(parent)) if provider else []):
            respelt = (f"{parent}.{other}" if parent else other) + rest
            module_name, _, name = respelt.rpartition(".")
            module = path.module(module_name)
            if isinstance(module, Module) and (name in module.bindings or module.open):
                found.append(respelt)
    return found


def _same_name(path: PythonPath, name: str) -> list[str]:
    found = []
    if path.custom is not None:
        for dotted, module in _custom_modules(path.custom):
            if isinstance(module.bindings.get(name), ClassHere | ImportedName):
                found.append(f"{dotted}.{name}")
        found.sort(key=lambda dotted: not _defines(path, dotted))
    if path.catalogue is not None:
        found += path.catalogue.classes_named(name)
    return found


def _custom_modules(custom: CustomCode) -> Iterator[tuple[str, Module]]:
    """The modules of ``custom/``, as far as they can be read in reasonable time."""
    for dotted in custom.all_modules():
        if custom.characters_read > MAXIMUM_CHARACTERS:
            return
        module = custom.module(dotted)
        if isinstance(module, Module):
            yield dotted, module


def _defines(path: PythonPath, dotted: str) -> bool:
    module_name, _, name = dotted.rpartition(".")
    module = path.module(module_name)
    return isinstance(module, Module) and isinstance(module.bindings.get(name), ClassHere)


def _similar_names(path: PythonPath, name: str) -> list[str]:
    names: dict[str, str] = {}
    if path.catalogue is not None:
        names.update({known: paths[0] for known, paths in path.catalogue.class_names.items()})
    if path.custom is not None:
        for dotted, module in _custom_modules(path.custom):
            names.update(
                {n: f"{dotted}.{n}" for n, binding in module.bindings.items() if isinstance(binding, ClassHere)}
            )
    return [names[other] for other in closest(name, list(names))]
