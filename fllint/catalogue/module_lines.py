"""How a catalogue file writes the names of a module: ``class A B; def f; from C D=nvflare.x.E; other F``.

A ``?`` at the end says that there may be further names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fllint.python.modules import Binding, ClassHere, FunctionHere, ImportedName, Value

COMMON_IMPORTS: Final = frozenset(
    [
        "ABC",
        "Any",
        "Callable",
        "Dict",
        "Enum",
        "Iterable",
        "Iterator",
        "List",
        "Literal",
        "Optional",
        "OrderedDict",
        "Sequence",
        "Set",
        "Tuple",
        "Type",
        "Union",
        "abc",
        "abstractmethod",
        "annotations",
        "copy",
        "dataclass",
        "field",
        "inspect",
        "json",
        "logger",
        "logging",
        "math",
        "np",
        "numpy",
        "os",
        "random",
        "re",
        "shutil",
        "subprocess",
        "sys",
        "tempfile",
        "threading",
        "time",
        "torch",
        "traceback",
        "uuid",
        "warnings",
    ]
)
"""Names that modules import from elsewhere so often that they are not recorded: whether a module has one is unknown."""


def read_line(dotted: str, text: str, defined: Mapping[str, str]) -> dict[str, Binding]:
    """What the names of a module stand for, by its line and the classes and functions that only one module defines."""
    bindings: dict[str, Binding] = {}
    for group in text.rstrip("?").split("; ") if text.rstrip("?") else ():
        kind, *names = group.split()
        for name in names:
            path = f"{dotted}.{name}"
            match kind:
                case "class":
                    bindings[name] = ClassHere(path)
                case "def":
                    bindings[name] = FunctionHere(path)
                case "from":
                    short, _, target = name.partition("=")
                    source = (target or defined[short]).rpartition(".")
                    bindings[short] = ImportedName(source[0], source[2])
                case _:
                    bindings[name] = Value()
    return bindings


def defined_once(module_names: Mapping[str, str]) -> dict[str, str]:
    """Paths of the classes and functions of whose name there is only one, from the lines of a catalogue's modules."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    for dotted, text in module_names.items():
        for group in text.rstrip("?").split("; "):
            if group.startswith(("class ", "def ")):
                for name in group.split()[1:]:
                    if name in found:
                        twice.add(name)
                    found[name] = f"{dotted}.{name}"
    return {name: path for name, path in found.items() if name not in twice}
