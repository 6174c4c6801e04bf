"""Family 4: what loaded code takes from NVFlare's classes of constants, and what its executors give back."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fllint.catalogue.data_flow import DATA_KIND, DXO_CLASS
from fllint.catalogue.method_results import MAKES, NAMED, NOT_SHAREABLE, NOTHING, SHAREABLE, WANTED, Wanted
from fllint.documents.tree import Place
from fllint.findings import Problem, Related, Severity
from fllint.job.model import App
from fllint.problems import at
from fllint.python.classes import ClassInfo
from fllint.python.names import meant_path
from fllint.registry import rule
from fllint.scripts.runs import class_info
from fllint.scripts.script_text import CodeText
from fllint.suggest import closest

from .module_imports import LoadedModule, attribute_place, code_place, loaded_code, nvflare_class
from .own_methods import OwnMethod, is_trivial, kind_of, own_method, returned_values

if TYPE_CHECKING:
    from fllint.review import Review

MAKES_RESULT: Final = "to_shareable"
"""The method by which a DXO becomes a result (apis/dxo.py, every release)."""
NEAR: Final = 0.55
"""`UNKNOWN_TASK` is near `TASK_UNKNOWN`; what resembles no constant at all may be one that is made in another way."""


@rule("FL409", "unknown-constant", Severity.WARNING)
def unknown_constant(review: Review) -> Iterator[Problem]:
    """Code uses a constant that a class of NVFlare does not have in this release.

    ``ReturnCode.UNKNOWN_TASK`` or ``DataKind.WEIGHT`` raises AttributeError when Python gets there, most often when the
    first task arrives. ``DXO(data_kind="weights")`` is built, and refused by whoever takes ``WEIGHTS``
    (apis/dxo.py, every release). Only what resembles a constant of the class is reported.

    Write the constant as the release has it.
    """
    for loaded, code in loaded_code(review):
        if "nvflare" not in code.text or "hasattr(" in code.text or "AttributeError" in code.text:
            continue
        yield from _misspelt_kinds(review, loaded, code)
        for node in code.nodes.each(ast.Attribute):
            if not node.attr.isupper() or not isinstance(node.ctx, ast.Load):
                continue
            info = nvflare_class(review, loaded, meant_path(code.imported, node.value))
            if info is None:
                continue
            known = [name for name, _ in info.constants]
            near = closest(node.attr, known, NEAR) if node.attr not in known else None
            if near and info.method(node.attr) is None:
                message = f"{info.name} of NVFlare {review.release} has no '{node.attr}'"
                yield at(attribute_place(loaded, code, node), message, help=f"did you mean '{near}'?")


def _misspelt_kinds(review: Review, loaded: LoadedModule, code: CodeText) -> Iterator[Problem]:
    """The kinds of data that DXOs are given as texts, and that are nearly one of NVFlare's."""
    kinds = nvflare_class(review, loaded, DATA_KIND)
    known = [value for _, value in kinds.constants if isinstance(value, str)] if kinds else []
    for call in code.nodes.each(ast.Call) if known else ():
        given = next(
            (word.value for word in call.keywords if word.arg == "data_kind"), call.args[0] if call.args else None
        )
        word = given.value if isinstance(given, ast.Constant) else None
        if not isinstance(word, str) or word in known or meant_path(code.imported, call.func) != DXO_CLASS:
            continue
        near = closest(word, known, 0.85)
        if near and given is not None:
            message = f"NVFlare has no kind of data '{word}'"
            yield at(code_place(loaded, code, given), message, help=f"did you mean DataKind.{near}?")


def _own_executes(review: Review) -> Iterator[tuple[App, OwnMethod]]:
    """The ``execute`` methods that are the job's own, each once."""
    seen: set[Place] = set()
    for app, config, _ in review.configs():
        for component in (entry.component for entry in config.executors):
            info = class_info(review, app, component) if component else None
            own = own_method(review, app, component, info, "execute") if component and info else None
            if own is not None and own.place not in seen:
                seen.add(own.place)
                yield app, own


@rule("FL441", "executor-only-raises", Severity.ERROR)
def executor_only_raises(review: Review) -> Iterator[Problem]:
    """An executor of the job does nothing but raise.

    Every task that reaches it fails with ``EXECUTION_EXCEPTION`` or ``EXECUTION_RESULT_ERROR``
    (private/fed/client/client_runner.py, every release). Some workflows carry on all the same and report success with
    nothing done.

    Write ``execute``, or name another executor.
    """
    for _, own in _own_executes(review):
        body = [statement for statement in own.function.body if not _is_text(statement)]
        if len(body) == 1 and isinstance(body[0], ast.Raise):
            message = f"execute() of {own.component.short_class} only raises: every task fails"
            where = own.component.class_node or own.component.node
            yield at(where, message, related=(Related(own.place, "execute()"),))


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


@rule("FL442", "result-is-no-shareable", Severity.ERROR)
def result_is_no_shareable(review: Review) -> Iterator[Problem]:
    """The ``execute`` method of an executor never returns anything, or returns something other than a Shareable.

    The client answers such a task with ``EXECUTION_RESULT_ERROR`` (private/fed/client/client_runner.py, every release):
    a DXO or an FLModel must be made a Shareable first, and what another method of the class made must be returned there
    as well. Some workflows carry on all the same and report success with nothing learned.

    Return ``dxo.to_shareable()``, or ``make_reply(ReturnCode...)``.
    """
    for app, own in _own_executes(review):
        values = returned_values(own.function)
        if values == []:
            message = f"{own.component.short_class}.execute() never returns a result: every task fails"
            yield at(own.place, message, help="return a Shareable")
        last = own.function.body[-1]
        made = last.value.func if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call) else None
        if isinstance(made, ast.Attribute) and made.attr == MAKES_RESULT and values:
            place = Place(own.place.source, own.code.place(last).span(own.place.source))
            yield at(place, "execute() makes a result here and does not return it", help="write return before it")
        for value in values or ():
            kind = kind_of(review, app, own, value)
            if kind not in (None, SHAREABLE):
                message = (
                    f"execute() returns {NAMED[kind]} and no Shareable: the task fails with EXECUTION_RESULT_ERROR"
                )
                if kind == NOTHING:
                    message = "execute() hands on the result of a method that returns nothing: every such task fails"
                yield at(own.at(value), message, help=NOT_SHAREABLE.get(kind, MAKES[SHAREABLE]))


@rule("FL447", "unusable-result", Severity.ERROR)
def unusable_result(review: Review) -> Iterator[Problem]:
    """A method of a class of the job's own gives NVFlare nothing, or something that it cannot work with.

    What a filter, an aggregator, a shareable generator, a persistor, a learner or a data loader returns is used at
    once: without a ``return`` it is None, and a DXO is no Shareable. The task then fails, or the server aborts the run,
    often when the first round has been trained: ``Expected global weights to be of type `ModelLearnable```,
    ``'NoneType' object has no attribute 'to_shareable'`` (every release; ``fllint/catalogue/method_results.py`` names
    the modules).

    Return what the method of the base class says.
    """
    seen: set[tuple[Place, str]] = set()
    for app, config, _ in review.configs():
        for component in config.all_components:
            info = class_info(review, app, component)
            for name, wanted in _wanted_of(review, info) if info else ():
                own = own_method(review, app, component, info, name) if info else None
                if own is not None and (own.place, name) not in seen:
                    seen.add((own.place, name))
                    yield from _unusable(review, app, own, wanted)


def _wanted_of(review: Review, info: ClassInfo) -> Iterator[tuple[str, Wanted]]:
    """The methods of a class whose result NVFlare works with, and the results."""
    if info.path.startswith("nvflare."):
        return
    for base, methods in WANTED.items():
        for name, wanted in methods.items() if info.is_a(base) else ():
            if not wanted.feature or review.has(wanted.feature):
                yield name, wanted


def _unusable(review: Review, app: App, own: OwnMethod, wanted: Wanted) -> Iterator[Problem]:
    what, help = NAMED[wanted.kinds[0]], MAKES.get(wanted.kinds[0], "")
    name = own.function.name
    values = returned_values(own.function)
    if values == [] and not wanted.or_nothing and (wanted.always or not is_trivial(own.function)):
        message = f"{own.info.name}.{name}() returns nothing, and must give {what}: {wanted.outcome}"
        yield at(own.place, message, help=help)
    for value in values or ():
        kind = kind_of(review, app, own, value)
        if kind is not None and kind not in wanted.kinds and not (kind == NOTHING and wanted.or_nothing):
            message = f"{name}() returns {NAMED[kind]}, and must give {what}: {wanted.outcome}"
            yield at(own.at(value), message, help=help)
