"""Family 4: the models that scripts send and receive, against the job that they are part of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.catalogue.custom_code import FL_MODEL, META_KEYS
from fllint.catalogue.script_arguments import (
    CONVERTER,
    EXCHANGE_FORMAT,
    GENERAL_EXECUTORS,
    KEEPS_TENSORS,
    KEY_METRIC,
    SERVER_FORMAT,
    STOP_CONDITION,
)
from fllint.documents.tree import Node, Unknown
from fllint.findings import Problem, Related, Severity
from fllint.job.model import App, Component, Side
from fllint.problems import at
from fllint.registry import rule
from fllint.scripts.runs import ScriptRun, class_info, script_runs
from fllint.suggest import closest, did_you_mean
from fllint.tasks import given_values

from .script_sends import refused_calls
from .script_use import in_script, uses

if TYPE_CHECKING:
    from fllint.review import Review
    from fllint.scripts.script_text import CodePlace


@rule("FL435", "impossible-model", Severity.ERROR)
def impossible_model(review: Review) -> Iterator[Problem]:
    """A script makes an FLModel that NVFlare refuses, or sends something that is none.

    ``params_type`` is ``FULL`` or ``DIFF``, in capitals, and only with ``params``: FLModel raises ValueError otherwise.
    ``metrics`` and ``meta`` are objects with names as keys (app_common/abstract/fl_model.py, every release with it).
    ``params`` are the parameters by name, ``net.state_dict()`` and not the network; the first argument is
    ``params_type``. What is sent must be an FLModel: ``send`` raises TypeError otherwise (client/api.py, every release
    with it). Up to 2.5 the rank that ``init`` gets in an external process must be a text, or no process is the first.

    Write ``flare.ParamsType.FULL`` or ``DIFF``, or leave ``params_type`` out; ``metrics={"accuracy": accuracy}``;
    ``flare.send(flare.FLModel(params=...))``.
    """
    for run, use in uses(review):
        for place, message, help in refused_calls(run, use):
            yield from in_script(run, place, message, help)
        for model in use.models:
            kind = model.params_type
            if kind is None or isinstance(kind, Unknown):
                continue
            if kind not in ("FULL", "DIFF"):
                message = f"'{kind}' is no params_type: FLModel raises ValueError"
                yield from in_script(run, model.place, message, did_you_mean(kind, ("FULL", "DIFF"), 0.3))
            elif not model.has_params:
                message = f"params_type {kind} without params: FLModel raises ValueError"
                yield from in_script(run, model.place, message, "leave params_type out")


@rule("FL449", "misspelt-meta", Severity.WARNING)
def misspelt_meta(review: Review) -> Iterator[Problem]:
    """A script sends ``meta`` of a model under a key that is nearly one that NVFlare reads.

    The server weighs a model by ``meta["NUM_STEPS_CURRENT_ROUND"]``; under any other key the number travels along and
    is not read, and every site has the weight 1 (app_common/workflows/fedavg.py and app_common/aggregators, every
    release with FLModel).

    Write the key as NVFlare has it, or ``flare.MetaKey.NUM_STEPS_CURRENT_ROUND`` (``MetaKey`` of nvflare.apis.dxo).
    """
    for run, use in uses(review):
        info = review.resolve(run.app, META_KEYS).class_info if any(model.meta for model in use.models) else None
        known = [value for _, value in info.constants if isinstance(value, str)] if info is not None else []
        for model in use.models if known else ():
            for key in model.meta if model.meta and not isinstance(model.meta, Unknown) else ():
                near = closest(key, known, 0.85) if key not in known else None
                if near is not None:
                    message = f"NVFlare reads no '{key}' in the meta of a model"
                    yield from in_script(run, model.place, message, f"did you mean '{near}'?")


@rule("FL436", "bfloat16-becomes-numpy", Severity.WARNING)
def bfloat16_becomes_numpy(review: Review) -> Iterator[Problem]:
    """A script works with bfloat16, and its parameters are exchanged as numpy arrays.

    numpy has no such type: ``Got unsupported ScalarType BFloat16`` when the parameters are converted
    (app_opt/pt/numpy_params_converter.py, every release).

    Set ``params_exchange_format`` and ``server_expected_format`` to ``pytorch``, or convert to float32 before sending.
    """
    for run, use in uses(review):
        component = run.entry.component if run.entry else None
        info = class_info(review, run.app, component) if component else None
        if component is None or info is None or not use.bfloat16 or _converts(run):
            continue
        values = given_values(review, run.app, component, info)
        formats = [name for name in (EXCHANGE_FORMAT, SERVER_FORMAT) if values.get(name) == "numpy"]
        place = next((place for place in use.bfloat16 if "autocast" not in _line(run, place)), None)
        if formats and place:
            given: Node | None = component.argument(formats[0])
            related = (Related((given or component.class_node or component.node).place, f"{formats[0]}: numpy"),)
            message = "bfloat16 cannot become a numpy array, in which the parameters are exchanged"
            help = "exchange 'pytorch', or convert the parameters to float32 before sending"
            yield from in_script(run, place, message, help, related=related)


def _converts(run: ScriptRun) -> bool:
    text = run.source.text if run.source else ""
    return ".float()" in text or "float32" in text


def _line(run: ScriptRun, place: CodePlace) -> str:
    found = run.code_place(place)
    return found.source.line(place.line) if found else ""


@rule("FL437", "metric-never-sent", Severity.WARNING)
def metric_never_sent(review: Review) -> Iterator[Problem]:
    """The server chooses the best model, or the end of the run, by a metric that no script sends.

    The selector looks for ``key_metric`` among the metrics of each client's model and ignores a model that lacks it: no
    best model is ever saved (app_common/widgets/intime_model_selector.py, 2.4 and later). A ``stop_cond`` of FedAvg
    with such a metric never holds (app_common/workflows/fedavg.py, 2.7 and later).

    Name a metric that the scripts send.
    """
    sent = _metrics_sent(review)
    for app, config, _ in review.configs() if sent else ():
        for component in (*config.components, *config.workflows) if config.side is Side.SERVER else ():
            for argument, wanted in _metrics_wanted(review, app, component):
                if wanted not in sent:
                    node = component.argument(argument) or component.class_node or component.node
                    by_default = "" if component.argument(argument) else " (the default)"
                    names = ", ".join(f"'{name}'" for name in sent)
                    message = f"no script sends the metric '{wanted}'{by_default}"
                    help = did_you_mean(wanted, sent) or f"the scripts send {names}"
                    yield at(node, message, help=help)


def _metrics_wanted(review: Review, app: App, component: Component) -> Iterator[tuple[str, str]]:
    """The arguments by which a component names metrics, and those metrics."""
    info = class_info(review, app, component)
    values = given_values(review, app, component, info) if info is not None else {}
    metric, condition = values.get(KEY_METRIC), values.get(STOP_CONDITION)
    if isinstance(metric, str) and metric:
        yield KEY_METRIC, metric
    if isinstance(condition, str) and len(condition.split(" ")) == 3:
        yield STOP_CONDITION, condition.split(" ")[0]


def _metrics_sent(review: Review) -> dict[str, None]:
    """The names of all metrics that the scripts of the job send; none when they are not all known."""
    runs = script_runs(review)
    names: dict[str, None] = {}
    served = [run.entry for run in runs if run.entry]
    others = [entry for app in review.job.client_apps if app.client for entry in app.client.executors]
    if any(entry not in served for entry in others):
        return {}
    for run in runs:
        use = run.client_api
        if use is None or use.unknown or use.sends_for_itself or not use.called("send"):
            return {}
        for model in use.models:
            if isinstance(model.metrics, Unknown):
                return {}
            names.update(dict.fromkeys(model.metrics or ()))
    return names


@rule("FL438", "unknown-model-attribute", Severity.ERROR)
def unknown_model_attribute(review: Review) -> Iterator[Problem]:
    """A script reads an attribute that an FLModel does not have.

    Python raises ``AttributeError: 'FLModel' object has no attribute 'parms'`` when the first model is there. What does
    not look like a misspelt attribute is a warning.

    Write the attribute as FLModel has it.
    """
    for run, use in uses(review):
        info = review.resolve(run.app, FL_MODEL).class_info if use.attributes else None
        known = [name for name, _ in info.attributes] if info is not None else []
        written = run.source.text if run.source else ""
        own_methods = [method.name for method in info.methods] if info is not None else []
        for name in use.attributes if known else ():
            if name.name in known or name.name in own_methods or name.name.startswith("__"):
                continue
            if f".{name.name} = " not in written and "hasattr(" not in written:
                near = closest(name.name, known, 0.75)
                help = f"did you mean '{near}'?" if near else f"it has {', '.join(known)}"
                message = f"FLModel has no attribute '{name.name}'"
                yield from in_script(run, name.place, message, help, severity=None if near else Severity.WARNING)


@rule("FL445", "arrays-into-torch", Severity.ERROR)
def arrays_into_torch(review: Review) -> Iterator[Problem]:
    """A script loads the parameters that it receives into a PyTorch module, and they are exchanged as numpy arrays.

    ``load_state_dict`` takes tensors only: ``expected torch.Tensor or Tensor-like object from checkpoint but received
    <class 'numpy.ndarray'>``, and the first task fails. NVFlare's persistors give out numpy arrays, and the general
    executors pass them on unless they are told otherwise (``params_exchange_format``:
    app_common/executors/in_process_client_api_executor.py, 2.5 to 2.8, app_common/executors/client_api_executor.py,
    2.9); PyTorch's own (app_opt/pt, up to 2.8) convert by themselves.

    Write ``"params_exchange_format": "pytorch"`` (up to 2.8: use the executor of ``nvflare.app_opt.pt``), or convert in
    the script: ``{name: torch.as_tensor(value) for name, value in model.params.items()}``.
    """
    for run, use in uses(review) if _server_sends_arrays(review) else ():
        component = run.entry.component if run.entry else None
        info = class_info(review, run.app, component) if component else None
        if component is None or info is None or not use.loads_received or not info.path.startswith(GENERAL_EXECUTORS):
            continue
        values = given_values(review, run.app, component, info)
        place = run.code_place(use.loads_received[0])
        if place and values.get(EXCHANGE_FORMAT) in ("numpy", "raw") and not values.get(CONVERTER):
            given = component.argument(EXCHANGE_FORMAT)
            message = "the script loads what it receives into a PyTorch module, and gets numpy arrays"
            help = f'write "{EXCHANGE_FORMAT}": "pytorch"'
            related = (Related(place, "load_state_dict() gets what was received"),)
            yield at(given or component.class_node or component.node, message, help=help, related=related)


def _server_sends_arrays(review: Review) -> bool:
    """Whether the models that the server sends are surely made of numpy arrays: its workflows are NVFlare's, and so is
    the persistor, which does not keep tensors."""
    app = review.job.server_app
    if app is None or app.server is None:
        return False
    workflows = [class_info(review, app, workflow) for workflow in app.server.workflows]
    if not all(info is not None and info.path.startswith("nvflare.") for info in workflows):
        return False
    persistor_kind = review.catalogue.kinds.get("LearnablePersistor", "")
    for component in app.server.components:
        info = class_info(review, app, component)
        if info is not None and info.path.startswith("nvflare.") and info.is_a(persistor_kind):
            return given_values(review, app, component, info).get(KEEPS_TENSORS, True) is True
    return False
