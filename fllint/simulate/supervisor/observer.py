"""Watches the server's events: rounds, what the aggregator accepts, the global model; compares the sites' results."""

# NVFlare is in the user's environment, not in fllint's.
# mypy: disable-error-code="import-not-found,import-untyped"
# mypy: disallow-subclassing-any=False

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from nvflare.apis.event_type import EventType
from nvflare.apis.fl_component import FLComponent
from nvflare.apis.fl_constant import FLContextKey
from nvflare.app_common.abstract.model_persistor import ModelPersistor
from nvflare.app_common.app_constant import AppConstants
from nvflare.app_common.app_event_type import AppEventType

from .events import Teller, TraceFrame
from .results import Content, Layout, describe
from .setting import class_of


def told_configuration(components: Mapping[str, Any], workflows: list[Any]) -> dict[str, Any]:
    """What the event of the server's configuration says."""
    return {
        "workflows": [[each.id, class_of(each.controller)] for each in workflows],
        "components": [
            [name, class_of(component), [kind.__name__ for kind in type(component).__mro__[1:-1]]]
            for name, component in components.items()
        ],
    }


class LastRecords(logging.Handler):
    """Remembers the last warnings and errors, to say why a contribution was rejected."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: deque[str] = deque(maxlen=20)

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


class Observer(FLComponent):
    """Handles the server's events last of all handlers, and is told every result before the server is."""

    def __init__(self, teller: Teller) -> None:
        super().__init__()
        self._teller = teller
        self._layouts: dict[tuple[str, int | None], tuple[str, Layout]] = {}
        self._current = threading.local()  # NVFlare's own server takes in several results at a time
        self._records = LastRecords()
        self._key_metrics: list[tuple[str, str]] = []
        self._missing: set[tuple[str, str]] = set()
        logging.getLogger().addHandler(self._records)

    # the server's configuration

    def watch(self, components: Mapping[str, Any], workflows: list[Any]) -> None:
        """Watches the components that keep the model or select it."""
        for component in components.values():
            metric = getattr(component, "key_metric", None)
            if isinstance(metric, str):
                self._key_metrics.append((type(component).__module__ + "." + type(component).__name__, metric))
            if isinstance(component, ModelPersistor):
                self._watch_persistor(component)
        for workflow in workflows:
            controller = workflow.controller
            if getattr(controller, "save_model", None) and not getattr(controller, "_persistor_id", None):
                self._wrap(controller, "save_model", self._model_of_argument("saved"))

    def _watch_persistor(self, persistor: Any) -> None:
        self._wrap(persistor, "load_model", lambda _, loaded: self._tell_model("loaded", loaded))
        self._wrap(persistor, "save_model", self._model_of_argument("saved"))

    def _model_of_argument(self, moment: str) -> Callable[[tuple[Any, ...], Any], None]:
        return lambda arguments, _: self._tell_model(moment, arguments[0] if arguments else None)

    def _wrap(self, component: Any, method: str, look: Callable[[tuple[Any, ...], Any], None]) -> None:
        original = getattr(component, method)

        def looked_at(*arguments: Any, **named: Any) -> Any:
            given = original(*arguments, **named)
            try:
                look(arguments or tuple(named.values()), given)
            except Exception as error:  # watching must not change the run
                self.logger.info("fllint could not look at the model: %s", error)
            return given

        setattr(component, method, looked_at)

    def _tell_model(self, moment: str, model: Any) -> None:
        weights = model.get("weights") if isinstance(model, Mapping) else getattr(model, "params", None)
        if isinstance(weights, Mapping):
            content = describe(weights)
            self._teller.tell(
                "model",
                moment=moment,
                digest=content.digest,
                parameters=content.parameters,
                keys={name: [dtype, list(shape)] for name, (dtype, shape) in content.layout.items()},
                not_finite=content.not_finite,
            )

    # events

    def handle_event(self, event_type: str, fl_ctx: Any) -> None:
        if event_type == EventType.FATAL_SYSTEM_ERROR:
            self._teller.fault("server-panic", message=str(fl_ctx.get_prop(FLContextKey.EVENT_DATA, "")), frames=[])
        elif event_type == AppEventType.ROUND_STARTED:
            self._teller.tell("round", round=fl_ctx.get_prop(AppConstants.CURRENT_ROUND))
        elif event_type == AppEventType.BEFORE_CONTRIBUTION_ACCEPT:
            self._records.messages.clear()
        elif event_type == AppEventType.AFTER_CONTRIBUTION_ACCEPT and hasattr(self._current, "result"):
            site, assignment = self._current.result
            accepted = fl_ctx.get_prop(AppConstants.AGGREGATION_ACCEPTED, None)
            if accepted is not None:
                self._teller.tell(
                    "contribution",
                    site=site,
                    task=assignment.name,
                    round=assignment.round,
                    accepted=bool(accepted),
                    why="" if accepted else "; ".join(self._records.messages)[:1000],
                )

    # results

    def result_arrived(self, site: str, assignment: Any, content: Content, code: str, frames: list[TraceFrame]) -> None:
        """Compares a result with what was sent and with what the sites before it sent."""
        self._current.result = (site, assignment)
        if code != "OK":
            return
        where = {"site": site, "task": assignment.name, "round": assignment.round, "frames": frames}
        if content.not_finite:
            self._teller.fault("not-finite", parameters=content.not_finite[:20], **where)
        if content.kind in ("WEIGHTS", "WEIGHT_DIFF") and content.layout:
            self._compare_with_others(site, assignment, content, where)
        self._look_for_key_metric(content, where)

    def _compare_with_others(self, site: str, assignment: Any, content: Content, where: dict[str, Any]) -> None:
        """Compares parameters with the model that was sent; without one, with the first site's of the same round."""
        if assignment.content.layout:
            self._compare(content.layout, assignment.content.layout, "the global model", where)
        elif assignment.round is not None:
            other, layout = self._layouts.setdefault((assignment.name, assignment.round), (site, content.layout))
            if other != site:
                self._compare(content.layout, layout, other, where)

    def _compare(self, mine: Layout, other: Layout, whose: str, where: dict[str, Any]) -> None:
        missing = sorted(set(other) - set(mine))
        extra = sorted(set(mine) - set(other))
        if missing or extra:
            self._teller.fault("parameter-names", missing=missing[:20], extra=extra[:20], other=whose, **where)
        shapes, types = [], []
        for name in sorted(set(mine) & set(other)):
            if mine[name][1] != other[name][1]:
                shapes.append([name, list(mine[name][1]), list(other[name][1])])
            elif mine[name][0] != other[name][0]:
                types.append([name, mine[name][0], other[name][0]])
        if shapes:
            self._teller.fault("parameter-shape", parameters=shapes[:20], other=whose, **where)
        if types:
            self._teller.fault("parameter-type", parameters=types[:20], other=whose, **where)

    def _look_for_key_metric(self, content: Content, where: dict[str, Any]) -> None:
        for class_path, metric in self._key_metrics:
            if metric not in content.metrics and (class_path, where["site"]) not in self._missing:
                self._missing.add((class_path, where["site"]))
                self._teller.fault(
                    "metric-missing",
                    metric=metric,
                    sent=sorted(content.metrics),
                    **dict(where, **{"class": class_path}),
                )
