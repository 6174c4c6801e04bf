"""Family 4: how scripts use the Client API, against the job that they are part of."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.catalogue.script_arguments import (
    CONDITIONS,
    ROUNDS,
    TASK_NAMES,
)
from fllint.findings import Problem, Related, Severity
from fllint.problems import at
from fllint.python.names import meant_path
from fllint.python.resolve import Outcome
from fllint.registry import rule
from fllint.scripts.runs import ScriptRun, class_info, script_runs
from fllint.scripts.script_text import SyntaxTrouble, parse_code
from fllint.suggest import did_you_mean
from fllint.tasks import SentTask, given_values, route, sent_tasks

if TYPE_CHECKING:
    from fllint.review import Review

if TYPE_CHECKING:
    from fllint.scripts.client_api_facts import ClientApiUse
    from fllint.scripts.script_text import CodePlace


def uses(review: Review) -> Iterator[tuple[ScriptRun, ClientApiUse]]:
    """The scripts of the job that serve an executor, each file once for an app, and how they use the Client API."""
    seen: set[tuple[str, str | None]] = set()
    for run in script_runs(review):
        use = run.client_api if run.entry else None
        if use is not None and use.used and (run.app.folder, run.file) not in seen:
            seen.add((run.app.folder, run.file))
            yield run, use


def in_script(
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
    for run, use in uses(review):
        from fllint.scripts.client_api import missing_send

        call = missing_send(use)
        if call:
            help = "call send(FLModel(...)) with the result"
            yield from in_script(run, call.place, "the script receives a model and never sends one", help)


@rule("FL431", "client-api-out-of-order", Severity.ERROR)
def client_api_out_of_order(review: Review) -> Iterator[Problem]:
    """A script calls the Client API before ``init``, without it, or sends without having received a model to answer.

    Each of them raises a RuntimeError: ``init`` makes the context that the others need (client/api.py, every release),
    and ``send`` answers the model that was received last (client/in_process/api.py, client/ex_process/api.py).

    Call ``flare.init()`` first, then ``flare.receive()``, then ``flare.send(...)``.
    """
    for run, use in uses(review):
        from fllint.scripts.client_api import calls_before_init, missing_init, missing_receive, sent_again

        missing = missing_init(use)
        if missing:
            yield from in_script(run, missing.place, f"{missing.name}() without init()", "call init() first")
            continue
        for call in calls_before_init(use)[:1]:
            yield from in_script(run, call.place, f"{call.name}() before init()", "call init() first")
        alone = missing_receive(use)
        if alone:
            message = "send() without receive(): there is no model to answer"
            yield from in_script(run, alone.place, message, "call receive() first")
        again = sent_again(use)
        if again:
            message = "send() answers a model that was answered already"
            yield from in_script(run, again.place, message, "send one result for each model that is received")


@rule("FL432", "unknown-client-api-name", Severity.ERROR)
def unknown_client_api_name(review: Review) -> Iterator[Problem]:
    """A script uses a name that this release's Client API does not have.

    The import raises ImportError, the call AttributeError: ``get_task_name`` for instance is exported by
    ``nvflare.client`` since 2.9 only.

    Use a name that the release has.
    """
    for run, use in uses(review):
        path = review.python_path(run.app)
        for name in use.names:
            if path.lookup(name.module, name.name).outcome is Outcome.NAME_MISSING:
                message = f"'{name.module}' of NVFlare {review.release} has no '{name.name}'"
                help = did_you_mean(name.name, review.catalogue.names_in(name.module))
                guarded = _is_guarded(run, name.place)
                if not guarded:
                    yield from in_script(run, name.place, message, help)


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
    for run, use in uses(review):
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
            yield from in_script(run, call.place, message, help, related=related)


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
    for run, use in uses(review):
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
            yield from in_script(run, receive.place, message, help)


def _kind_of(review: Review, run: ScriptRun, task: str) -> str | None:
    """What a script's ``is_train()`` and its like say of a task: the kind for which one of them is true."""
    component = run.entry.component if run.entry else None
    info = class_info(review, run.app, component) if component else None
    if component is None or info is None:
        return None
    values = given_values(review, run.app, component, info)
    return next((kind for kind, argument in TASK_NAMES.items() if values.get(argument) == task), None)


@rule("FL439", "script-does-nothing", Severity.ERROR)
def script_does_nothing(review: Review) -> Iterator[Problem]:
    """A script defines functions that use the Client API, and calls none of them.

    Python defines them and ends. The server waits for a result: up to 2.8 for ever, since 2.9 the task fails
    (client/in_process/api.py). A call under ``if __name__ == "__main__":`` is made: NVFlare runs scripts so.

    Call the function at the end of the script.
    """
    for run, use in uses(review):
        if use.calls and not use.unknown and not any(call.reached for call in use.calls) and run.source:
            idle = _idle_function(run.source.text, use.calls[0].place.line)
            if idle and not use.sends_for_itself:
                message = f"nothing calls {idle}(): the script ends without a result"
                yield from in_script(run, use.calls[0].place, message, f"call {idle}() at the end of the script")


def _idle_function(text: str, line: int) -> str:
    """The function at the top level around a line, when nothing that runs says any name that the script defines."""
    code = parse_code(text)
    if isinstance(code, SyntaxTrouble):
        return ""
    defined = [
        each for each in code.tree.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    ]
    if any(each.decorator_list for each in defined):
        return ""
    names = {each.name for each in defined}
    running = (node for each in code.tree.body if each not in defined for node in ast.walk(each))
    if any(isinstance(node, ast.Name) and node.id in names for node in running):
        return ""
    around = [each for each in defined if each.lineno <= line <= (each.end_lineno or each.lineno)]
    return around[0].name if around and isinstance(around[0], ast.FunctionDef) else ""


@rule("FL448", "condition-not-called", Severity.WARNING)
def condition_not_called(review: Review) -> Iterator[Problem]:
    """A script tests a function of the Client API instead of what it says.

    ``if flare.is_evaluate:`` is true whatever the task is, and ``while flare.is_running:`` goes on when the job is
    over: a function that is not called is always true (Python).

    Write the parentheses.
    """
    for run, use in uses(review):
        code = parse_code(run.source.text) if run.source else None
        if code is None or isinstance(code, SyntaxTrouble) or use.syntax is not None:
            continue
        tests = [node.test for node in code.nodes.each(ast.If)] + [node.test for node in code.nodes.each(ast.While)]
        for test in (*tests, *(node.test for node in code.nodes.each(ast.IfExp))):
            for part in _parts(test):
                if isinstance(part, (ast.Attribute, ast.Name)) and meant_path(code.imported, part) in CONDITIONS:
                    name = ast.unparse(part)
                    yield from in_script(run, code.place(part), f"'{name}' is always true", f"write {name}()")


def _parts(test: ast.expr) -> Iterator[ast.expr]:
    """What a condition is made of by ``not``, ``and`` and ``or``."""
    if isinstance(test, ast.BoolOp):
        for value in test.values:
            yield from _parts(value)
    else:
        yield test.operand if isinstance(test, ast.UnaryOp) else test
