"""What a rule may ask: the job, the release, and what a class path means for one of the job's apps."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct, field

from fllint.catalogue.catalogue import Catalogue
from fllint.catalogue.grammar import has
from fllint.documents.tree import UNKNOWN_TEXT, Mapping, Place, Span
from fllint.findings import NotChecked
from fllint.job.files import FileEntry, Kind, UnreadableError
from fllint.job.model import App, Component, Config, Job
from fllint.problems import brief_text
from fllint.python.classes import Location
from fllint.python.modules import Module
from fllint.python.resolve import Outcome, PythonPath, Resolution
from fllint.python.sources import CustomCode
from fllint.surroundings import NOTHING_KNOWN, Surroundings


class Review(Struct, frozen=True, eq=False):
    """One job under the rules of one NVFlare release."""

    job: Job
    catalogue: Catalogue
    surroundings: Surroundings = NOTHING_KNOWN
    _paths: dict[str, PythonPath] = field(default_factory=dict)
    _resolutions: dict[tuple[str, str], Resolution] = field(default_factory=dict)
    _not_checked: dict[NotChecked, None] = field(default_factory=dict)

    @property
    def release(self) -> str:
        """The minor release, ``2.9``."""
        return self.catalogue.release

    def has(self, feature: str) -> bool:
        """Whether the release has a feature of the grammar table."""
        return has(self.release, feature)

    def configs(self) -> Iterator[tuple[App, Config, Mapping]]:
        """Every config that a site loads and that parses, with its app and its root."""
        for app in self.job.deployed_apps:
            for config in app.configs:
                if config.root is not None:
                    yield app, config, config.root

    def python_path(self, app: App) -> PythonPath:
        """What the interpreter of a site that runs this app can import. Apps with the very same code share it."""
        if app.folder not in self._paths:
            code = self._python_files(app)
            twins = (other for other in self.job.apps if other.folder in self._paths and self._same_code(other, code))
            twin = next(twins, None) if code else None
            self._paths[app.folder] = self._paths[twin.folder] if twin else self._python_path(app, code)
        return self._paths[app.folder]

    def _python_path(self, app: App, code: dict[str, FileEntry]) -> PythonPath:
        custom = CustomCode.lazily(tuple(code), lambda name: self._read_python(app.path("custom", name)))
        return PythonPath(
            self.catalogue,
            custom if app.has_custom else None,
            self.surroundings.site_packages,
            self.surroundings.known_modules | self.surroundings.required_modules,
        )

    def _python_files(self, app: App) -> dict[str, FileEntry]:
        """The Python files of an app's custom code, by their path inside custom/."""
        folder = app.path("custom")
        entries = self.job.files.below(folder) if self.job.files.is_folder(folder) else ()
        return {
            entry.name[len(folder) + 1 :]: entry
            for entry in entries
            if entry.kind is Kind.FILE and entry.name.endswith(".py")
        }

    def _same_code(self, app: App, code: dict[str, FileEntry]) -> bool:
        own = self._python_files(app)
        if [(name, entry.size) for name, entry in own.items()] != [(name, entry.size) for name, entry in code.items()]:
            return False
        return all(self._read_python(own[name].name) == self._read_python(entry.name) for name, entry in code.items())

    def _read_python(self, name: str) -> bytes | None:
        try:
            return self.job.files.read_python(name)
        except UnreadableError:
            return None

    def is_short_name(self, name: str) -> bool:
        """Whether the release builds a class for that ``name``."""
        return len(self.catalogue.short_name(name)) == 1

    def resolve(self, app: App, class_path: str) -> Resolution:
        """What a dotted class path leads to on a site that runs an app."""
        key = (app.folder, class_path)
        if key not in self._resolutions:
            known = self.catalogue.resolve_once(class_path) if self.surroundings.site_packages is None else None
            self._resolutions[key] = known or self.python_path(app).resolve(class_path)
        return self._resolutions[key]

    def class_of(self, app: App, component: Component) -> Resolution | None:
        """What a component's class is; None when the config does not say it in a way that can be known."""
        text = component.class_text
        if not text or UNKNOWN_TEXT in text:
            return None
        if component.class_key == "name":
            found = self.catalogue.short_name(text)
            return self.resolve(app, found[0]) if len(found) == 1 else None
        return self.resolve(app, text) if "." in text else None

    def custom_place(self, app: App, location: Location) -> Place | None:
        """Where something in an app's custom code is defined; None when that file cannot be read."""
        source = self.job.source(app.path("custom", location.file))
        if source is None:
            return None
        start = source.offset(location.line, location.column)
        end = start + len(re.match(r"[\w.]*", source.text[start:])[0])  # type: ignore[index]  # it matches always
        return Place(source, Span(start, end))

    def names_in(self, app: App, module: str) -> tuple[str, ...]:
        """The public names that a module binds; empty when it is not in sight."""
        found = self.python_path(app).module(module)
        return tuple(name for name in found.bindings if not name.startswith("_")) if isinstance(found, Module) else ()

    def custom_class(self, app: App, name: str) -> str | None:
        """The path of a class of this name in an app's custom code."""
        custom = self.python_path(app).custom
        for module in custom.all_modules() if custom else ():
            if self.resolve(app, f"{module}.{name}").outcome is Outcome.FOUND:
                return f"{module}.{name}"
        return None

    def not_checked(self, what: str, why: str) -> None:
        """Counts something that could not be judged; saying it twice counts once."""
        self._not_checked.setdefault(NotChecked(brief_text(what), brief_text(why)))

    @property
    def not_checked_list(self) -> tuple[NotChecked, ...]:
        return tuple(self._not_checked)
