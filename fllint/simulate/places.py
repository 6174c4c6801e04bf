"""Where a fault of a run is in the job's files: from a traceback, a class path or a site's configuration to a place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any, Final

from msgspec import Struct, field

from fllint.documents.tree import Place, Span
from fllint.job.model import App, Component, Config, Job

ELEMENT: Final = re.compile(r"path: '([\w.#]+)'")
"""How NVFlare names an element of a configuration (`nvflare.private.json_configer`): ``executors.#1.executor``."""


class Places(Struct, frozen=True, dict=True):
    """The places of one job. ``roots`` maps each site to the name of its app and to where that app lay in the run.

    ``read`` reads the job, which happens only when a place is asked for: a sound run needs none.
    """

    read: Callable[[], Job]
    roots: dict[str, tuple[str, str]] = field(default_factory=dict)

    @cached_property
    def job(self) -> Job:
        return self.read()

    def app_of(self, site: str) -> App | None:
        name = self.roots.get(site, ("", ""))[0]
        return next((app for app in self.job.apps if app.name == name), None)

    def config_of(self, site: str) -> Config | None:
        """The configuration that a site read."""
        app = self.app_of(site)
        if app is None:
            return None
        return app.server if site == "server" else app.client

    def of_frames(self, frames: Iterable[Sequence[Any]]) -> Place | None:
        """The last line of the job's own code among the frames of a traceback (the innermost frame is the last)."""
        return next(iter(reversed(self.all_of_frames(frames))), None)

    def all_of_frames(self, frames: Iterable[Sequence[Any]]) -> list[Place]:
        """The lines of the job's own code among the frames of a traceback, the innermost last."""
        places = [self._of_line(str(file), int(line)) for file, line, *_ in frames]
        return [place for place in places if place is not None]

    def _of_line(self, file: str, line: int) -> Place | None:
        for app_name, root in self.roots.values():
            if not root or not file.startswith(root + "/"):
                continue
            app = next((app for app in self.job.apps if app.name == app_name), None)
            if app is None:
                continue
            source = self.job.source(app.path(PurePosixPath(file).relative_to(root).as_posix()))
            if source is None:
                continue
            text = source.line(line)
            start = source.offset(max(line, 1), len(text) - len(text.lstrip()) + 1)
            return Place(source, Span(start, start + len(text.strip())))
        return None

    def of_class(self, site: str, class_path: str) -> Place | None:
        """Where a site's configuration names a class (by path, or by its short name)."""
        config = self.config_of(site)
        if config is None:
            return None
        name = class_path.rsplit(".", 1)[-1]
        for component in config.all_components:
            if component.class_text in (class_path, name):
                return component.place
        return next((each.place for each in config.all_components if each.short_class == name), None)

    def of_element(self, site: str, message: str) -> Place | None:
        """The component that NVFlare's message about a configuration speaks of."""
        config, element = self.config_of(site), ELEMENT.search(message)
        if config is None or element is None:
            return None
        found = _component_at(config, element[1].split("."))
        return found.place if found else None

    def of_task(self, site: str) -> Place | None:
        """The tasks that a site's executors are for: the first executor's."""
        config = self.config_of(site)
        if config is None or not config.executors:
            return None
        first = config.executors[0]
        return first.task_nodes[0].place if first.task_nodes else first.node.place

    def of_site(self, site: str) -> Place:
        """The file that a site's run begins with: its configuration, or the job's meta."""
        config = self.config_of(site)
        if config is not None:
            return self.job.file_place(config.name)
        return self.of_job()

    def of_job(self) -> Place:
        """The job's meta, or the job itself."""
        return self.job.file_place(self.job.meta.names[0] if self.job.meta.names else "")

    def of_workflow(self, number: int = 0) -> Place | None:
        """A workflow in the server's configuration."""
        config = self.config_of("server")
        if config is None or len(config.workflows) <= number:
            return None
        return config.workflows[number].place


def _component_at(config: Config, element: list[str]) -> Component | None:
    """The component at an element such as ``executors.#1.executor`` or ``components.#2`` (counted from 1)."""
    numbers = [int(part[1:]) - 1 for part in element if part.startswith("#") and part[1:].isdigit()]
    if not numbers:
        return None
    table, number = element[0], numbers[0]
    if table == "executors" and number < len(config.executors):
        return config.executors[number].component
    if table in ("task_data_filters", "task_result_filters"):
        chains = [chain for chain in config.filter_chains if chain.table == table]
        if number < len(chains) and chains[number].filters:
            inner = numbers[1] if len(numbers) > 1 else 0
            return chains[number].filters[min(inner, len(chains[number].filters) - 1)]
        return None
    listed = {"components": config.components, "workflows": config.workflows}.get(table, ())
    return listed[number] if number < len(listed) else None
