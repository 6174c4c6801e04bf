"""Family 4: what loaded code names and calls: undefined names, calls that cannot work, bases that are never set up."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fllint.catalogue.custom_code import BASES_WITH_STATE, FL_MODEL
from fllint.catalogue.history import argument_history
from fllint.documents.tree import UNKNOWN, Place, Span
from fllint.findings import Problem, Severity
from fllint.problems import at
from fllint.python.classes import ClassInfo
from fllint.python.evaluate import failed_checks, render, with_defaults
from fllint.python.expressions import literal_value, names_in
from fllint.python.names import bound_names, meant_path
from fllint.registry import rule
from fllint.scripts.script_text import CodeText
from fllint.suggest import closest, did_you_mean

from .module_imports import LoadedModule, code_place, loaded_code, nvflare_class
from .script_use import uses

if TYPE_CHECKING:
    from fllint.review import Review


@rule("FL406", "undefined-name", Severity.WARNING)
def undefined_name(review: Review) -> Iterator[Problem]:
    """Code that a config loads, or that runs as a script, uses a name that nothing defines.

    Python raises ``NameError`` when it gets there: a class cannot be built, a script dies at its first task.
    At a module's top level that is certain, and an error.

    Define or import the name, or write the one that is meant.
    """
    for loaded, code in loaded_code(review):
        if not code.undefined:
            continue
        certain = {id(node) for statement in code.tree.body for node in _certain(statement)}
        bound = sorted(set(bound_names(code.nodes)))
        for name, node in code.undefined.items():
            severity = Severity.ERROR if id(node) in certain else None
            help = did_you_mean(name, bound)
            yield at(code_place(loaded, code, node), f"nothing defines '{name}'", help=help, severity=severity)


def _certain(statement: ast.stmt) -> Iterator[ast.AST]:
    """The parts of a statement at the top level that surely run when the module is loaded."""
    match statement:
        case ast.Expr() | ast.Assign() | ast.AugAssign():
            yield from _run_at_once(statement.value)
        case ast.ClassDef(bases=bases):
            for base in bases:
                yield from _run_at_once(base)


def _run_at_once(expression: ast.expr) -> Iterator[ast.AST]:
    if isinstance(expression, (ast.Name, ast.Attribute, ast.Call)):
        yield from ast.walk(expression)


@rule("FL407", "impossible-nvflare-call", Severity.WARNING)
def impossible_nvflare_call(review: Review) -> Iterator[Problem]:
    """Code calls a class of NVFlare with arguments that it does not take or refuses, or without one that it needs.

    Python raises ``TypeError`` when it gets there, most often in the first round:
    ``FLModel.__init__() got an unexpected keyword argument``; or the class raises what it says of a value:
    ``invalid data: expect dict but got <class 'list'>``. Which arguments a class takes differs between releases.
    Where the script is seen to send what it makes, that is an error.

    Write the arguments as the release has them.
    """
    sent = {(run.file, model.place) for run, use in uses(review) for model in use.models if model.sent}
    for loaded, code in loaded_code(review):
        for call in code.nodes.each(ast.Call) if "nvflare" in code.text else ():
            info = nvflare_class(review, loaded, meant_path(code.imported, call.func))
            if info is not None and not info.accepts_any_keyword:
                is_sent = loaded.script is not None and (loaded.script.file, code.place(call)) in sent
                severity = Severity.ERROR if is_sent else None
                for place, message, help in _misfits(review, loaded, code, call, info):
                    yield at(place, message, help=help, severity=severity)


def _misfits(
    review: Review, loaded: LoadedModule, code: CodeText, call: ast.Call, info: ClassInfo
) -> Iterator[tuple[Place, str, str]]:
    """Where, what and what to do about each argument of a call that does not fit a class."""
    taken = [parameter.name for parameter in info.parameters]
    given = [keyword.arg for keyword in call.keywords if keyword.arg]
    for keyword in call.keywords:
        if keyword.arg and keyword.arg not in taken:
            near = closest(keyword.arg, [name for name in taken if name not in given])
            change = argument_history(info.path, keyword.arg, review.release)
            help = f"did you mean '{near}'?" if near else change or ""
            span = code.place(keyword).span(loaded.source)
            place = Place(loaded.source, Span(span.start, span.start + len(keyword.arg)))
            yield place, f"{info.name} takes no argument '{keyword.arg}'", help
    if any(isinstance(part, ast.Starred) for part in call.args) or len(given) < len(call.keywords):
        return
    written = _written(call, info)
    if not written.keys() <= set(taken):
        return
    lacking = [parameter.name for parameter in info.parameters if parameter.required and parameter.name not in written]
    if lacking:
        listed = ", ".join(f"'{name}'" for name in lacking)
        yield code_place(loaded, code, call.func), f"{info.name} needs the argument {listed}", ""
    elif info.path != FL_MODEL:  # of which FL435 speaks
        values = {name: _known_value(review, loaded, code, value) for name, value in written.items()}
        for name, said in _refused(info, values):
            yield code_place(loaded, code, written[name]), said, ""


def _written(call: ast.Call, info: ClassInfo) -> dict[str, ast.expr]:
    """What a call gives the parameters of a class."""
    in_order = [parameter.name for parameter in info.parameters if not parameter.keyword_only]
    by_name = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    return dict(zip(in_order, call.args, strict=False)) | by_name


def _refused(info: ClassInfo, values: dict[str, object]) -> Iterator[tuple[str, str]]:
    """The argument that a class refuses first, and what it says of it; none while only unknown ones are to blame."""
    for check in failed_checks(info, values):
        mentioned = names_in(check.when)
        blamed = [name for name, value in values.items() if name in mentioned and value is not UNKNOWN]
        if blamed:
            said = render(check.message, with_defaults(info, values) | values)
            named = [name for name in blamed if f"{name}:" in said or f"{name} " in said]
            name = next((name for name in blamed if _is_mended_without(name, info, values)), (named or blamed)[0])
            yield name, f"{info.name} refuses the argument '{name}'" + (f": {said}" if said else "")
            return


def _is_mended_without(name: str, info: ClassInfo, values: dict[str, object]) -> bool:
    """Whether a class refuses nothing any more when an argument is left out."""
    parameter = info.parameter(name)
    others = {other: value for other, value in values.items() if other != name}
    return parameter is not None and parameter.has_default_value and not failed_checks(info, others)


def _known_value(review: Review, loaded: LoadedModule, code: CodeText, value: ast.expr) -> object:
    """The value of a literal or of a constant of NVFlare's, such as ``DataKind.WEIGHTS``; else `UNKNOWN`."""
    if isinstance(value, ast.Attribute):
        owner = nvflare_class(review, loaded, meant_path(code.imported, value.value))
        return dict(owner.constants).get(value.attr, UNKNOWN) if owner is not None else UNKNOWN
    is_literal, plain = literal_value(value)
    return plain if is_literal else UNKNOWN


@rule("FL408", "base-never-set-up", Severity.WARNING)
def base_never_set_up(review: Review) -> Iterator[Problem]:
    """A class has a constructor that does not call its base's.

    What the base sets up is missing. A ``torch.nn.Module`` cannot even be built (``cannot assign module before
    Module.__init__() call``), which is an error. A component of NVFlare has no ``logger`` and no name, so that
    ``self.log_info`` raises AttributeError (apis/fl_component.py, every release).

    Call ``super().__init__()`` first.
    """
    for loaded, code in loaded_code(review):
        for node in code.tree.body if "def __init__" in code.text else ():
            constructor = _own_constructor(node) if isinstance(node, ast.ClassDef) else None
            if isinstance(node, ast.ClassDef) and constructor is not None and len(node.bases) == 1:
                base = meant_path(code.imported, node.bases[0])
                if base and not _sets_up_base(constructor):
                    yield from _not_set_up(review, loaded, code, node, base)


def _own_constructor(node: ast.ClassDef) -> ast.FunctionDef | None:
    own = [part for part in node.body if isinstance(part, ast.FunctionDef) and part.name == "__init__"]
    return own[0] if len(own) == 1 and not node.decorator_list and not own[0].decorator_list else None


def _sets_up_base(constructor: ast.FunctionDef) -> bool:
    """Whether a constructor calls an ``__init__``, or does what cannot be followed with itself."""
    if any(isinstance(statement, ast.Raise) for statement in constructor.body):
        return True
    reaching = ("__init__", "__setstate__", "__dict__")
    return any(isinstance(part, ast.Attribute) and part.attr in reaching for part in ast.walk(constructor))


def _not_set_up(
    review: Review, loaded: LoadedModule, code: CodeText, node: ast.ClassDef, base: str
) -> Iterator[Problem]:
    short = base.rpartition(".")[2]
    place = code_place(loaded, code, node.bases[0])
    message = f"the constructor of {node.name} never calls the one of {short}"
    if base in BASES_WITH_STATE:
        yield at(place, message, help="call super().__init__() first", severity=Severity.ERROR)
    elif base.startswith("nvflare."):
        info = review.resolve(loaded.app, base).class_info
        if info is not None and info.constructor_owner:
            missing = [name for name, _ in info.attributes]
            said = f": self.{missing[0]} is missing" if missing else ""
            yield at(place, message + said, help="call super().__init__() first")
