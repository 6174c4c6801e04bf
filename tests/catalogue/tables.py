"""What the catalogue says about ids and tasks, as lines of text: compared with the files beside this one.

    python -m tests.catalogue.tables

writes those files anew. Their content was checked against NVFlare's sources; a difference is a change of NVFlare's, or
a bug.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fllint.catalogue.catalogue import Catalogue
from fllint.python.classes import ClassInfo, TaskName

FOLDER = Path(__file__).parent
COMPONENT = "nvflare.apis.fl_component.FLComponent"
RELEASES = ("2.3", "2.5", "2.9")


def components(release: str) -> Iterator[ClassInfo]:
    """The classes of components that a release has, in order."""
    catalogue = Catalogue.load(release)
    for path in sorted((COMPONENT, *catalogue.subclasses(COMPONENT))):
        info = catalogue.find(path)
        assert info is not None
        yield info


def id_lines(release: str) -> list[str]:
    """``class parameter outcome flags: classes`` for each argument that takes the id of a component."""
    lines = []
    for info in components(release):
        for argument in info.id_arguments:
            flags = [name for name in ("optional", "many", "also_object") if getattr(argument, name)]
            expected = ", ".join(path.removeprefix("nvflare.") for path in argument.expected) or "anything"
            name = argument.parameter or repr(argument.literal)
            outcome = f"{argument.outcome}/{argument.outcome_if_wrong}"
            lines.append(f"{info.path.removeprefix('nvflare.')} {' '.join([name, outcome, *flags])}: {expected}")
    return lines


def task_lines(release: str) -> list[str]:
    """``class sends tasks`` and ``class accepts tasks``."""
    lines = []
    for info in components(release):
        path = info.path.removeprefix("nvflare.")
        if info.issued_tasks:
            lines.append(f"{path} sends {', '.join(map(described, info.issued_tasks))}")
        handled = info.handled_tasks
        if handled is not None:
            names = "anything" if handled.any else ", ".join(map(described, handled.tasks))
            lines.append(f"{path} accepts {names}{'' if handled.complete else ' and perhaps more'}")
    return lines


def described(task: TaskName) -> str:
    """``'validate'``, ``task_name ('train')``, ``task_name_prefix ('swarm')_config``."""
    if task.name is not None:
        text = repr(task.name)
    elif task.parameter is not None:
        text = f"{task.parameter} ({task.default!r})"
    elif task.prefix_parameter is not None:
        text = f"{task.prefix_parameter} ({task.prefix_default!r})_{task.suffix}"
    else:
        text = task.expression
    return f"{text} if {task.when}" if task.when else text


def files() -> dict[str, str]:
    """The texts of the files, by name."""
    texts = {}
    for release in RELEASES:
        texts[f"ids-{release}.txt"] = "".join(f"{line}\n" for line in id_lines(release))
        texts[f"tasks-{release}.txt"] = "".join(f"{line}\n" for line in task_lines(release))
    return texts


if __name__ == "__main__":
    for name, text in files().items():
        (FOLDER / name).write_text(text, "utf-8")
