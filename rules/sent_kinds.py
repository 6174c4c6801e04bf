"""Which kind of data an executor answers a training task with: by its class, arguments, script or own code."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from fllint.catalogue.custom_code import FL_MODEL
from fllint.catalogue.data_flow import (
    ASKS_LEARNER,
    CHANGES_KIND,
    DATA_KIND,
    DXO_CLASS,
    LEARNER_METHOD,
    METRICS,
    MODEL_TO_SHAREABLE,
    RETURN_CODES,
    SENDS,
    TRANSFER_KINDS,
)
from fllint.documents.tree import Node, Place, Unknown
from fllint.job.model import App, Component, Config
from fllint.python.classes import ClassInfo
from fllint.python.names import meant_path
from fllint.scripts.runs import ScriptRun, class_info, script_runs
from fllint.tasks import given_values

from .own_methods import OwnMethod, own_method, own_nodes, returned_values

if TYPE_CHECKING:
    from fllint.review import Review

_SHARED_BY: Final = ("to_shareable", "update_shareable")
"""The methods of a DXO that make a Shareable of it (apis/dxo.py)."""
_MANY_METHODS: Final = 50


class SentKind(Struct, frozen=True):
    """A kind of data (`DataKind` of apis/dxo.py), and the place that says that it is sent."""

    kind: str
    place: Place


def is_any(info: ClassInfo | None, class_paths: tuple[str, ...]) -> bool:
    """Whether a class is, or derives from, one of some."""
    return bool(info and any(info.is_a(path) for path in class_paths))


def is_nvflares(info: ClassInfo) -> bool:
    """Whether all of a class is NVFlare's."""
    return info.complete and info.path.startswith("nvflare.")


def is_kind_changed(review: Review, app: App, config: Config, by_others_than: Component | None = None) -> bool:
    """Whether a filter of a config may make another kind of data of what passes it: one of NVFlare's that does, or any
    of the job's own."""
    filters = [component for chain in config.filter_chains for component in chain.filters]
    infos = [class_info(review, app, component) for component in filters if component is not by_others_than]
    return any(info is None or not is_nvflares(info) or is_any(info, CHANGES_KIND) for info in infos)


def kind_sent(review: Review, app: App, config: Config, component: Component) -> SentKind | None:
    """The kind of data that an executor returns from training; None when that cannot be told."""
    info = class_info(review, app, component)
    if info is None:
        return None
    class_place = (component.class_node or component.node).place
    if info.path in SENDS:
        return SentKind(SENDS[info.path], class_place)
    if not info.parameter("params_transfer_type"):
        return _kind_coded(review, app, config, component, info)
    given = component.argument("params_transfer_type")
    transferred = TRANSFER_KINDS.get(str(given_values(review, app, component, info)["params_transfer_type"]))
    if transferred == TRANSFER_KINDS["FULL"]:  # the script decides: what it sends as DIFF stays one
        return _kind_of_script(review, component, given)
    return SentKind(transferred, given.place) if transferred and given is not None else None


def _kind_of_script(review: Review, component: Component, given: Node | None) -> SentKind | None:
    made = _kind_made(review, component)
    run = _run_of(review, component)
    use = run.client_api if run else None
    told = use is None or use.unknown or any(model.has_params for model in use.models)
    if made is not None or given is None or told:
        return made
    return SentKind(TRANSFER_KINDS["FULL"], given.place)


def _run_of(review: Review, component: Component) -> ScriptRun | None:
    """The script that an executor runs; None when it is not in sight."""
    return next((run for run in script_runs(review) if run.entry and run.entry.component is component), None)


def _kind_made(review: Review, component: Component) -> SentKind | None:
    """The kind of data that the script of an executor makes, and where; None when it is not always the same."""
    run = _run_of(review, component)
    use = run.client_api if run else None
    models = [model for model in use.models if model.has_params] if use else []
    if run is None or use is None or not models or use.unknown or use.sends_for_itself:
        return None
    kinds = {model.params_type or "FULL" for model in models if not isinstance(model.params_type, Unknown)}
    place = run.code_place(models[0].place)
    if len(kinds) != 1 or any(isinstance(model.params_type, Unknown) for model in models) or place is None:
        return None
    kind = TRANSFER_KINDS.get(kinds.pop())
    return SentKind(kind, place) if kind else None


def _kind_coded(review: Review, app: App, config: Config, component: Component, info: ClassInfo) -> SentKind | None:
    """The kind of data that the job's own executor, or the learner that an executor asks, makes."""
    own = own_method(review, app, component, info, "execute")
    if is_any(info, ASKS_LEARNER):
        named = given_values(review, app, component, info).get("learner_id")
        learner = config.ids.get(named) if isinstance(named, str) else None
        learner_info = class_info(review, app, learner) if learner else None
        own = own_method(review, app, learner, learner_info, LEARNER_METHOD) if learner and learner_info else None
    if own is None:
        return None
    reading = _Reading(review, app)
    sent = reading.results(own)
    trained = [each for each in sent or () if each.kind != METRICS] or sent
    return trained[0] if trained and len({each.kind for each in trained}) == 1 else None


class _Reading:
    """Follows what methods return to the DXOs and FLModels that it is made of."""

    def __init__(self, review: Review, app: App) -> None:
        self.review = review
        self.app = app
        self.seen: set[Place] = set()

    def results(self, own: OwnMethod) -> list[SentKind] | None:
        """The kinds of data that a method returns; None when one of its results cannot be followed."""
        if own.place in self.seen or len(self.seen) > _MANY_METHODS:
            return []
        self.seen.add(own.place)
        nodes = list(own_nodes(own.function))
        if any(isinstance(node, ast.Attribute) and node.attr == "data_kind" and not _is_read(node) for node in nodes):
            return None
        found: list[SentKind] = []
        values = returned_values(own.function)
        for value in values or ():
            kinds = self._kinds(own, nodes, value)
            if kinds is None:
                return None
            found += kinds
        return found if values is not None else None

    def _kinds(self, own: OwnMethod, nodes: list[ast.AST], value: ast.expr) -> list[SentKind] | None:
        if isinstance(value, ast.Constant):
            return []
        if isinstance(value, ast.Name):
            return self._of_name(own, nodes, value.id)
        path = meant_path(own.code.imported, value.func if isinstance(value, ast.Call) else value)
        if any(path == known or path.startswith(f"{known}.") for known in RETURN_CODES):
            return []
        if not isinstance(value, ast.Call):
            return None
        if path == MODEL_TO_SHAREABLE:
            return self._kinds(own, nodes, value.args[0]) if value.args else None
        if path in (DXO_CLASS, FL_MODEL):
            kind = _kind_of_dxo(own, value) if path == DXO_CLASS else _kind_of_model(own, value)
            return [SentKind(kind, own.at(value))] if kind else None
        return self._of_call(own, nodes, value.func) if isinstance(value.func, ast.Attribute) else None

    def _of_call(self, own: OwnMethod, nodes: list[ast.AST], function: ast.Attribute) -> list[SentKind] | None:
        if function.attr in _SHARED_BY:
            return self._kinds(own, nodes, function.value)
        if isinstance(function.value, ast.Name) and function.value.id == "self":
            other = own_method(self.review, self.app, own.component, own.info, function.attr)
            return self.results(other) if other else None
        return None

    def _of_name(self, own: OwnMethod, nodes: list[ast.AST], name: str) -> list[SentKind] | None:
        """What a local name may stand for, where plain assignments say all of it."""
        stores = [node for node in nodes if isinstance(node, ast.Name) and node.id == name and not _is_read(node)]
        values = [node.value for node in nodes if isinstance(node, ast.Assign) and node.targets[0] in stores]
        if not values or len(values) != len(stores):
            return None
        found: list[SentKind] = []
        for value in values:
            kinds = None if isinstance(value, ast.Name) else self._kinds(own, nodes, value)
            if kinds is None:
                return None
            found += kinds
        return found


def _is_read(node: ast.Name | ast.Attribute) -> bool:
    return isinstance(node.ctx, ast.Load)


def _argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    if any(isinstance(argument, ast.Starred) for argument in call.args) or any(
        word.arg is None for word in call.keywords
    ):
        return None
    if position < len(call.args):
        return call.args[position]
    return next((word.value for word in call.keywords if word.arg == name), None)


def _word(own: OwnMethod, value: ast.expr | None, constants: str) -> str | None:
    """The value of an argument that is one of NVFlare's constants, or a text."""
    if isinstance(value, ast.Constant):
        return value.value if isinstance(value.value, str) else None
    path = meant_path(own.code.imported, value) if value is not None else ""
    return path.removeprefix(f"{constants}.") if path.startswith(f"{constants}.") else None


def _kind_of_dxo(own: OwnMethod, call: ast.Call) -> str | None:
    return _word(own, _argument(call, 0, "data_kind"), DATA_KIND)


def _kind_of_model(own: OwnMethod, call: ast.Call) -> str | None:
    """The kind that an FLModel becomes when it is sent (app_common/utils/fl_model_utils.py)."""
    if _argument(call, 1, "params") is None:
        return METRICS if _argument(call, 3, "metrics") is not None else None
    params_type = _argument(call, 0, "params_type")
    words = f"{FL_MODEL.rpartition('.')[0]}.ParamsType"
    return TRANSFER_KINDS.get(_word(own, params_type, words) or "" if params_type is not None else "FULL")
