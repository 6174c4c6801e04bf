"""Family 4, fourth part: how scripts use the Client API, against the job that they are part of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.catalogue.script_arguments import (
    EXCHANGE_FORMAT,
    KEY_METRIC,
    ROUNDS,
    SERVER_FORMAT,
    TASK_NAMES,
)
from fllint.documents.tree import Node, Unknown
from fllint.findings import Problem, Related, Severity
from fllint.job.model import Side
from fllint.problems import at
from fllint.python.resolve import Outcome
from fllint.registry import rule
from fllint.scripts.runs import ScriptRun, class_info, script_runs
from fllint.suggest import did_you_mean
from fllint.tasks import SentTask, given_values, route, sent_tasks

if TYPE_CHECKING:
    from fllint.review import Review

if TYPE_CHECKING:
    from fllint.scripts.client_api_facts import ClientApiUse
    from fllint.scripts.script_text import CodePlace


def _uses(review: Review) -> Iterator[tuple[ScriptRun, ClientApiUse]]:
    """The scripts of the job that serve an executor, each file once for an app, and how they use the Client API."""
    seen: set[tuple[str, str | None]] = set()
    for run in script_runs(review):
        use = run.client_api if run.entry else None
        if use is not None and use.used and (run.app.folder, run.file) not in seen:
            seen.add((run.app.folder, run.file))
            yield run, use


def _in_script(
    run: ScriptRun,
    place: CodePlace,
    message: str,
    help: str = "",
    *,
    severity: Severity | None = None,
    related: tuple[Related, ...] = (),
) -> Iterator[Problem]:
    found = run.code_place(place)
    if found:
        runs_here = Related(run.written[1] if run.written else run.node.place, "the script runs here")
        yield at(found, message, help=help, severity=severity, related=(*related, runs_here))


@rule("FL430", "script-never-sends", Severity.ERROR)
def script_never_sends(review: Review) -> Iterator[Problem]:
    """A script receives a model and never sends one back.

    The server waits for the result: without a timeout for ever, and in the client's own process the job hangs up to 2.8
    (client/in_process/api.py; since 2.9 a script that ends without sending fails its task).

    Call ``flare.send(flare.FLModel(...))`` after each ``flare.receive()``.
    """
    for run, use in _uses(review):
        from fllint.scripts.client_api import missing_send

        call = missing_send(use)
        if call:
            help = "call send(FLModel(...)) with the result"
            yield from _in_script(run, call.place, "the script receives a model and never sends one", help)


@rule("FL431", "client-api-out-of-order", Severity.ERROR)
def client_api_out_of_order(review: Review) -> Iterator[Problem]:
    """A script calls the Client API before ``init``, without it, or sends without having received.

    Each of them raises a RuntimeError: ``init`` makes the context that the others need (client/api.py, every release),
    and ``send`` answers the model that was received last (client/in_process/api.py, client/ex_process/api.py).

    Call ``flare.init()`` first, then ``flare.receive()``, then ``flare.send(...)``.
    """
    for run, use in _uses(review):
        from fllint.scripts.client_api import calls_before_init, missing_init, missing_receive

        missing = missing_init(use)
        if missing:
            yield from _in_script(run, missing.place, f"{missing.name}() without init()", "call init() first")
            continue
        for call in calls_before_init(use)[:1]:
            yield from _in_script(run, call.place, f"{call.name}() before init()", "call init() first")
        alone = missing_receive(use)
        if alone:
            message = "send() without receive(): there is no model to answer"
            yield from _in_script(run, alone.place, message, "call receive() first")


@rule("FL432", "unknown-client-api-name", Severity.ERROR)
def unknown_client_api_name(review: Review) -> Iterator[Problem]:
    """A script uses a name that this release's Client API does not have.

    The import raises ImportError, the call AttributeError: ``get_task_name`` for instance is exported by
    ``nvflare.client`` since 2.9 only.

    Use a name that the release has.
    """
    for run, use in _uses(review):
        path = review.python_path(run.app)
        for name in use.names:
            if path.lookup(name.module, name.name).outcome is Outcome.NAME_MISSING:
                message = f"'{name.module}' of NVFlare {review.release} has no '{name.name}'"
                help = did_you_mean(name.name, review.catalogue.names_in(name.module))
                guarded = _is_guarded(run, name.place)
                if not guarded:
                    yield from _in_script(run, name.place, message, help)


def _is_guarded(run: ScriptRun, place: CodePlace) -> bool:
    """Whether the script is prepared for the name to be missing: it catches that, or asks first."""
    from fllint.scripts.script_imports import imports_of

    text = run.module_text(place.module) if place.module else (run.source.text if run.source else "")
    if text is None or "hasattr(" in text or "except AttributeError" in text:
        return True
    lines = {found.place.line for found in imports_of(text) if found.optional or found.typing_only}
    return place.line in lines


def _tasks_for(review: Review, run: ScriptRun) -> list[SentTask]:
    """The tasks of the workflows that reach a script."""
    found = []
    for task in sent_tasks(review).tasks:
        routed = route(run.config, task.name, patterns=review.has("task_patterns"))
        if routed and routed[0] is run.entry:
            found.append(task)
    return found


@rule("FL433", "script-ends-after-one-task", Severity.ERROR)
def script_ends_after_one_task(review: Review) -> Iterator[Problem]:
    """A script handles one task and ends, and more will come.

    In the client's own process, and with ``launch_once``, the script is started once for the whole job. After the first
    round it is gone: the second task is never answered, or fails (2.9).

    Put ``receive`` and ``send`` into ``while flare.is_running():``, or set ``launch_once`` to false where a process of
    its own runs it.
    """
    for run, use in _uses(review):
        from fllint.scripts.client_api import not_in_loop

        call = not_in_loop(use) if run.one_process else None
        task, rounds = _rounds(review, run) if call else (None, 0)
        if call and task and rounds > 1:
            number = task.sender.argument(ROUNDS)
            related = (Related(number.place, "the rounds"),) if number else ()
            message = (
                f"the script ends after one task, and {task.sender.short_class} sends '{task.name}' {rounds} times"
            )
            help = "put receive and send into 'while flare.is_running():'"
            yield from _in_script(run, call.place, message, help, related=related)


def _rounds(review: Review, run: ScriptRun) -> tuple[SentTask | None, int]:
    """The task that reaches a script most often, and how often, as far as that is known."""
    most: tuple[SentTask | None, int] = (None, 0)
    for task in _tasks_for(review, run):
        info = class_info(review, task.app, task.sender)
        rounds = given_values(review, task.app, task.sender, info).get(ROUNDS) if info else None
        if isinstance(rounds, int) and not isinstance(rounds, bool) and rounds > most[1]:
            most = (task, rounds)
    return most


@rule("FL434", "task-without-branch", Severity.WARNING)
def task_without_branch(review: Review) -> Iterator[Problem]:
    """A script gets several kinds of tasks and treats them all the same.

    The executor gives it training, validation and model submission alike; the script must ask ``flare.is_train()``,
    ``is_evaluate()`` or ``is_submit_model()`` (nvflare/client/api.py, 2.4 and later). Otherwise it trains again when it
    is asked to validate.

    Ask for the task, or register the executor for training only.
    """
    for run, use in _uses(review):
        kinds = {kind: task for task in _tasks_for(review, run) if (kind := _kind_of(review, run, task.name))}
        receive = next((call for call in use.called("receive") if call.reached), None)
        if use.unknown or use.sends_for_itself or receive is None or len(kinds) < 2:
            continue
        asked = {branch.task for branch in use.branches}
        asked |= {kind for kind, task in kinds.items() if task.name in asked}
        unasked = [kind for kind in kinds if kind not in asked]
        if len(unasked) > 1:  # what is left over may be meant by 'else'
            names = " and ".join(f"'{kinds[kind].name}'" for kind in unasked)
            message = f"the script gets the tasks {names} and does not tell them apart"
            help = "ask " + ", ".join(f"is_{kind}()" for kind in unasked)
            yield from _in_script(run, receive.place, message, help)


def _kind_of(review: Review, run: ScriptRun, task: str) -> str | None:
    """What a script's ``is_train()`` and its like say of a task: the kind for which one of them is true."""
    component = run.entry.component if run.entry else None
    info = class_info(review, run.app, component) if component else None
    if component is None or info is None:
        return None
    values = given_values(review, run.app, component, info)
    return next((kind for kind, argument in TASK_NAMES.items() if values.get(argument) == task), None)


@rule("FL435", "impossible-model", Severity.ERROR)
def impossible_model(review: Review) -> Iterator[Problem]:
    """A script makes an FLModel that NVFlare refuses.

    ``params_type`` is ``FULL`` or ``DIFF``, in capitals, and only with ``params``: FLModel raises ValueError otherwise
    (app_common/abstract/fl_model.py, every release with it).

    Write ``flare.ParamsType.FULL`` or ``DIFF``, or leave ``params_type`` out.
    """
    for run, use in _uses(review):
        for model in use.models:
            kind = model.params_type
            if kind is None or isinstance(kind, Unknown):
                continue
            if kind not in ("FULL", "DIFF"):
                message = f"'{kind}' is no params_type: FLModel raises ValueError"
                yield from _in_script(run, model.place, message, did_you_mean(kind, ("FULL", "DIFF"), 0.3))
            elif not model.has_params:
                message = f"params_type {kind} without params: FLModel raises ValueError"
                yield from _in_script(run, model.place, message, "leave params_type out")


@rule("FL436", "bfloat16-becomes-numpy", Severity.WARNING)
def bfloat16_becomes_numpy(review: Review) -> Iterator[Problem]:
    """A script works with bfloat16, and its parameters are exchanged as numpy arrays.

    numpy has no such type: ``Got unsupported ScalarType BFloat16`` when the parameters are converted
    (app_opt/pt/numpy_params_converter.py, every release).

    Set ``params_exchange_format`` and ``server_expected_format`` to ``pytorch``, or convert to float32 before sending.
    """
    for run, use in _uses(review):
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
            yield from _in_script(run, place, message, help, related=related)


def _converts(run: ScriptRun) -> bool:
    text = run.source.text if run.source else ""
    return ".float()" in text or "float32" in text


def _line(run: ScriptRun, place: CodePlace) -> str:
    found = run.code_place(place)
    return found.source.line(place.line) if found else ""


@rule("FL437", "metric-never-sent", Severity.WARNING)
def metric_never_sent(review: Review) -> Iterator[Problem]:
    """The server chooses the best model by a metric that no script sends.

    The selector looks for ``key_metric`` among the metrics of each client's model and ignores a model that lacks it: no
    best model is ever saved (app_common/widgets/intime_model_selector.py, 2.4 and later).

    Give ``key_metric`` a name that the scripts send.
    """
    sent = _metrics_sent(review)
    for app, config, _ in review.configs() if sent else ():
        for component in config.components if config.side is Side.SERVER else ():
            info = class_info(review, app, component)
            if info is None or not info.parameter(KEY_METRIC):
                continue
            wanted = given_values(review, app, component, info)[KEY_METRIC]
            if isinstance(wanted, str) and wanted and wanted not in sent:
                node = component.argument(KEY_METRIC) or component.class_node or component.node
                by_default = "" if component.argument(KEY_METRIC) else " (the default)"
                names = ", ".join(f"'{name}'" for name in sent)
                message = f"no script sends the metric '{wanted}'{by_default}"
                help = did_you_mean(wanted, sent) or f"the scripts send {names}"
                yield at(node, message, help=help)


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
