"""Family 2: class paths and short names, and what they lead to on the sites of their app."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fllint.catalogue.history import class_history, short_name_history
from fllint.documents.tree import UNKNOWN_TEXT, Leaf, Mapping, Place
from fllint.findings import Fix, Problem, Related, Severity
from fllint.fixes import add_after, write_entry, write_part, write_value
from fllint.job.model import App, Component, Config, Role
from fllint.problems import at
from fllint.python.near_misses import surely_meant
from fllint.python.resolve import Outcome, Resolution
from fllint.registry import rule
from fllint.suggest import closest, did_you_mean, sure_match

if TYPE_CHECKING:
    from fllint.review import Review

PLAIN_OBJECT: Final = re.compile(r"(Optional\[)?[dD]ict(\[[\w ,]*\])?\]?( \| None)?")
"""How a parameter says that it takes an object as it stands."""
DATA_SUFFIXES = (
    "csv",
    "json",
    "txt",
    "pt",
    "pth",
    "npy",
    "npz",
    "pkl",
    "yaml",
    "yml",
    "log",
    "h5",
    "parquet",
    "zip",
    "bin",
)


def classes_of_components(review: Review) -> Iterator[tuple[App, Config, Component, Leaf, Resolution]]:
    """Every component of a config whose class path can be followed, with the path's node."""
    for app, config, _ in review.configs():
        for component in config.all_components:
            resolution = None if component.disabled else review.class_of(app, component)
            if resolution and isinstance(component.class_node, Leaf):
                yield app, config, component, component.class_node, resolution


def _missing(review: Review) -> Iterator[tuple[App, Component, Leaf, Resolution]]:
    for app, _, component, node, resolution in classes_of_components(review):
        if resolution.outcome in (Outcome.MODULE_MISSING, Outcome.NAME_MISSING):
            yield app, component, node, resolution


def _missing_part(node: Leaf, resolution: Resolution) -> Place:
    """The first part of the class path that does not exist."""
    start = resolution.missing_offset
    return node.part(start, start + len(resolution.missing_part)) if resolution.missing_part else node.place


def used_at(node: Leaf) -> tuple[Related, ...]:
    return (Related(node.substituted_at, "used here"),) if node.substituted_at else ()


@rule("FL230", "unknown-class", Severity.ERROR, fix="safe")
def unknown_class(review: Review) -> Iterator[Problem]:
    """A class path leads nowhere: the module or the class does not exist where it should.

    NVFlare imports everything before the last dot and takes the last part from it (fuel/utils/class_utils.py). When
    that fails, the server cannot be configured, or every client of the app dies at the start, and the simulator still
    returns 0. Only the app's own ``custom/`` is importable, besides NVFlare, the standard library and what the site has
    installed.

    A module that nothing in sight provides is a warning, since sites may have it on their PYTHONPATH; it is an error
    once the job itself shows the mistake. Write the path as it is in the code.
    """
    for app, component, node, resolution in _missing(review):
        if not _is_dotted(resolution.class_path):
            if not _looks_like_data(component) and not _is_a_file(review, app, resolution.class_path):
                message = f"'{resolution.class_path}' is no dotted path of names: NVFlare cannot import it"
                yield at(node.place, message, help="write module.Class", related=used_at(node))
        elif resolution.where == "nvflare":
            if not class_history(resolution.class_path, review.release):
                yield _unknown(node, resolution, f"NVFlare {review.release} has no '{_shown_missing(resolution)}'")
        elif resolution.where in ("custom", "site-packages", "stdlib"):
            place = "custom/" if resolution.where == "custom" else f"the {resolution.where}"
            message = f"'{_shown_missing(resolution)}' does not exist in {place}"
            yield _unknown(node, resolution, message)
        elif not _explained(review, app, component, resolution):
            yield from _provided_by_nobody(review, app, component, node, resolution)


def _shown_missing(resolution: Resolution) -> str:
    end = resolution.missing_offset + len(resolution.missing_part)
    return resolution.class_path[:end] or resolution.class_path


def _unknown(node: Leaf, resolution: Resolution, message: str, severity: Severity | None = None) -> Problem:
    help = f"did you mean '{resolution.candidates[0]}'?" if resolution.candidates else ""
    sure = surely_meant(resolution.class_path, resolution.candidates)
    fix = write_value(node, sure) if sure else None
    return at(_missing_part(node, resolution), message, help=help, related=used_at(node), severity=severity, fix=fix)


def _elsewhere_in(app: App, module: str, review: Review) -> str | None:
    """The folder of an app from which a module would have to be imported, and is not; None for none."""
    ends = (f"/{module}.py", f"/{module}/__init__.py")
    found = next((entry.name for entry in review.job.files.below(app.folder) if entry.name.endswith(ends)), None)
    return next(found.removesuffix(end) for end in ends if found.endswith(end)) if found else None


def _provided_by_nobody(
    review: Review, app: App, component: Component, node: Leaf, resolution: Resolution
) -> Iterator[Problem]:
    top = resolution.class_path.split(".")[0]
    message = f"nothing in sight provides the module '{top}'"
    if _is_plain_slip(resolution) or closest(top, ["nvflare"], 0.8):
        yield _unknown(node, resolution, message)
        return
    custom = app.path("custom")
    help = f"put it into {custom}/" if not app.has_custom else f"{custom}/ has no {top}; put it there"
    elsewhere = _elsewhere_in(app, top, review)
    if elsewhere:
        help = f"{elsewhere}/ has {top}, but sites import from {custom}/ only: move it there"
    help += ", or name it in a requirements file if sites install it"
    yield at(_missing_part(node, resolution), message, help=help, related=used_at(node), severity=Severity.WARNING)


def _is_a_file(review: Review, app: App, class_path: str) -> bool:
    """Whether a module whose name Python cannot write, such as ``my-net``, is a file: importlib loads it anyway."""
    module, _, name = class_path.rpartition(".")
    return name.isidentifier() and review.job.files.is_file(app.path("custom", f"{module.replace('.', '/')}.py"))


def _is_plain_slip(resolution: Resolution) -> bool:
    """Whether the job's own code has the class under nearly the same path, or deeper in its folders."""
    own = [path for path in resolution.candidates if not path.startswith("nvflare.")]
    text = resolution.class_path
    return any(path.endswith(f".{text}") for path in own) or closest(text, own, 0.8) is not None


def _explained(review: Review, app: App, component: Component, resolution: Resolution) -> bool:
    """Whether a rule of its own says what is wrong with a path whose module nobody provides."""
    text = resolution.class_path
    return (
        _has_custom_prefix(app, text)
        or _looks_like_data(component)
        or _other_app_with(review, app, text) is not None
        or _shadowed(review, app, text) is not None
    )


@rule("FL231", "custom-prefix", Severity.ERROR, fix="safe")
def custom_prefix(review: Review) -> Iterator[Problem]:
    """A class path begins with ``custom.``.

    The folder ``custom/`` itself is on the import path, so that its files are top-level modules: ``custom/trainer.py``
    is ``trainer`` (private/fed/app/fl_conf.py, every release).

    Leave ``custom.`` out.
    """
    for app, component, node, resolution in _missing(review):
        text = resolution.class_path
        if _has_custom_prefix(app, text) and resolution.where is None and not _looks_like_data(component):
            right = text.removeprefix("custom.")
            message = "custom/ itself is on the import path: nothing is called 'custom' there"
            is_there = review.resolve(app, right).outcome is Outcome.FOUND
            fix = write_part(node, 0, len("custom."), "") if is_there else None
            yield at(node.part(0, len("custom.")), message, help=f"write '{right}'", related=used_at(node), fix=fix)


def _has_custom_prefix(app: App, class_path: str) -> bool:
    """Without a custom/ folder a module called ``custom`` may be one that sites have on their PYTHONPATH."""
    return app.has_custom and class_path.startswith("custom.")


@rule("FL232", "class-in-another-app", Severity.ERROR)
def class_in_another_app(review: Review) -> Iterator[Problem]:
    """A class is in the ``custom/`` folder of another app only.

    Each site gets one app, with that app's ``custom/`` and nothing of the others: a class that both sides need must be
    in both. In the simulator of 2.2 to 2.4 the server's code leaked into the clients, so that it worked there and
    failed in production.

    Copy the file into this app's ``custom/``.
    """
    for app, component, node, resolution in _missing(review):
        other = _other_app_with(review, app, resolution.class_path)
        if other and resolution.where in (None, "custom") and not _looks_like_data(component):
            message = (
                f"'{resolution.class_path}' is in app '{other.name}' only; app '{app.name}' does not get that code"
            )
            related = (Related(_definition(review, other, resolution.class_path), "defined here"), *used_at(node))
            yield at(node.place, message, help=f"copy the module to {app.path('custom')}/", related=related)


def _other_app_with(review: Review, app: App, class_path: str) -> App | None:
    for other in review.job.apps:
        found = review.resolve(other, class_path) if other is not app and other.has_custom else None
        if found and found.where == "custom" and found.outcome in (Outcome.FOUND, Outcome.FUNCTION):
            return other
    return None


def _definition(review: Review, app: App, class_path: str) -> Place:
    location = review.resolve(app, class_path).location
    place = review.custom_place(app, location) if location else None
    return place or review.job.file_place(app.path("custom"))


@rule("FL233", "shadowed-module", Severity.ERROR)
def shadowed_module(review: Review) -> Iterator[Problem]:
    """A module in ``custom/`` has the name of a module of Python or of an installed package, and is never imported.

    ``custom/`` comes last on the import path: ``custom/json.py`` loses to the standard library, ``custom/yaml.py`` to
    the package that NVFlare itself needs (utils/job_launcher_utils.py ``add_custom_dir_to_path``, every release).

    Rename the module.
    """
    for app, _, _, node, resolution in classes_of_components(review):
        owner = _shadowed(review, app, resolution.class_path)
        if owner and resolution.outcome is not Outcome.FOUND:
            top = resolution.class_path.split(".")[0]
            help = f"rename {app.path('custom', top)}"
            message = f"'{top}' is the one of {_owner_words(owner)}, not the one in custom/"
            yield at(node.part(0, len(top)), message, help=help, related=used_at(node))


def _shadowed(review: Review, app: App, class_path: str) -> str | None:
    top = class_path.split(".")[0]
    names = {f"{app.path('custom', top)}.py", app.path("custom", top)}
    return review.python_path(app).shadowed(top) if names & review.job.files.entries.keys() else None


def _owner_words(owner: str) -> str:
    return {"stdlib": "Python's standard library", "nvflare": "NVFlare"}.get(owner, "an installed package")


@rule("FL238", "unknown-short-name", Severity.ERROR, fix="safe or unsafe")
def unknown_short_name(review: Review) -> Iterator[Problem]:
    """``name`` is no class that NVFlare knows by its short name, or several are called so.

    Short names are those of NVFlare's own components only, from a table since 2.5 and by a scan before
    (fuel/utils/class_utils.py ``ModuleScanner``); a class in ``custom/`` can never be named so. Some names are
    ambiguous: NPTrainer, FedOpt.

    Write the full class path under ``path``.
    """
    for app, config, _ in review.configs():
        for component in config.all_components:
            if component.class_key != "name" or not component.class_text or component.disabled:
                continue
            name, node = component.class_text, component.class_node
            found = review.catalogue.short_name(name)
            if len(found) == 1 or node is None or UNKNOWN_TEXT in name:
                continue
            if found:
                message = f"'{name}' may be {' or '.join(found)}; NVFlare refuses an ambiguous name"
                yield at(node, message, help=f'write "path": "{found[0]}"')
                continue
            in_custom = review.custom_class(app, name)
            since = short_name_history(name, review.release)
            if in_custom:
                help = f'a class in custom/ needs its path: "path": "{in_custom}"'
            elif since:
                help = since
            else:
                help = did_you_mean(name, review.catalogue.short_names) or "write the full class path under 'path'"
            sure = None if in_custom or since else sure_match(name, review.catalogue.short_names)
            if since and not in_custom:
                fix = _path_instead(review, component)
            else:
                fix = write_value(node, sure) if sure and review.is_short_name(sure) else None
            yield at(node, f"NVFlare {review.release} knows no class by the short name '{name}'", help=help, fix=fix)


def _path_instead(review: Review, component: Component) -> Fix | None:
    """The class path in the place of a name that other releases knew, when only one class of this release is called
    so."""
    paths = review.catalogue.classes_named(component.short_class)
    entry = component.node.entry("name")
    if len(paths) != 1 or entry is None:
        return None
    return write_entry(entry, "path", paths[0], safe=False)


@rule("FL239", "accidental-component", Severity.ERROR, fix="safe")
def accidental_component(review: Review) -> Iterator[Problem]:
    """An argument that was meant as plain data looks like a component, and NVFlare tries to build it.

    Since 2.3 an object among the arguments that has ``path`` (or ``class_path``) with a dot in it, or a ``name`` that
    NVFlare knows, is built: ``{"path": "/data/train.csv"}`` fails with ``Can't load class``
    (fuel/utils/component_builder.py ``is_class_config``). FedOpt's ``optimizer_args`` are another case: the workflow
    builds the optimizer itself, with the model's parameters, which NVFlare cannot know (app_opt/pt/fedopt_ctl.py).

    Add ``"config_type": "dict"`` to the object (it stays in it), or use another key.
    """
    for app, config, _ in review.configs():
        for component in config.all_components:
            yield from _built_too_early(review, app, component)
            if component.role is Role.ARGUMENT and component.class_node and _looks_like_data(component):
                message = f"NVFlare takes this object for a component and '{component.class_text}' for its class"
                help = 'add "config_type": "dict", or rename the key'
                yield at(component.class_node, message, help=help, fix=_as_dict(component))


def _built_too_early(review: Review, app: App, component: Component) -> Iterator[Problem]:
    """The objects that a component of NVFlare's wants as they are, and gets built."""
    resolution = review.class_of(app, component) if component.nested and not component.disabled else None
    info = resolution.class_info if resolution else None
    for name, nested in component.nested if info and info.path.startswith("nvflare.") else ():
        parameter = info.parameter(name) if info else None
        as_it_stands = parameter and PLAIN_OBJECT.fullmatch(parameter.annotation or "")
        if as_it_stands and nested.class_node and not _looks_like_data(nested):
            wanted = f"'{name}' of {component.short_class} is wanted as it stands"
            message = f"{wanted}, and NVFlare builds a component {nested.class_text} of it"
            yield at(nested.class_node, message, help='add "config_type": "dict"', fix=_as_dict(nested))


def _as_dict(component: Component) -> Fix | None:
    node, entry = component.node, component.node.entry(component.class_key)
    if not isinstance(node, Mapping) or entry is None or node.entry("config_type"):
        return None
    return add_after(node, entry, "config_type", "dict")


def _looks_like_data(component: Component) -> bool:
    text = component.class_text or ""
    if component.role is not Role.ARGUMENT or component.class_key == "name":
        return False
    suffix = text.rsplit(".", 1)[-1].lower()
    return not _is_dotted(text) or suffix in DATA_SUFFIXES


def _is_dotted(text: str) -> bool:
    return all(part.isidentifier() for part in text.split("."))
