"""Walks a script the way Python would run it, without running it.

Statements are taken in the order of execution, functions of the job are followed where they are called, modules of the
job where they are imported. A branch whose condition is not known is walked all the same, under that condition. An
`Observer` is told what the script does with everything that is not its own: it sees ``argparse``, ``nvflare.client``
and so on by their full names, however they were imported.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from fllint.scripts.script_functions import Functions, common
from fllint.scripts.script_literals import calculated, sequence_of, with_item
from fllint.scripts.script_modules import ModuleText
from fllint.scripts.script_observer import Observer
from fllint.scripts.script_text import CodeText
from fllint.scripts.script_values import (
    FALLS,
    LOOPS,
    NOTHING_KNOWN,
    RAISES,
    RETURNS,
    ClassValue,
    External,
    Function,
    Instance,
    Known,
    Listing,
    Loop,
    Made,
    ModuleValue,
    Scope,
    Table,
    Value,
    truth_of,
)

MAXIMUM_STEPS: Final = 100_000
"""Expressions and statements that are looked at before the walk gives up."""

MAXIMUM_CONDITIONS: Final = 200
"""Conditions that are told apart, one inside the other."""


_EXITS = frozenset({"sys.exit", "builtins.exit", "builtins.quit", "os._exit", "os.abort"})
_CATCH_ALL = frozenset({"BaseException", "SystemExit"})


class _TooMuchError(Exception):
    pass


class Walk(Functions):
    """One walk. ``modules`` are the modules of the job that were imported, ``given_up`` says why it stopped early."""

    def __init__(self, observer: Observer, module_text: ModuleText, library_text: ModuleText | None = None) -> None:
        super().__init__(observer, module_text, library_text)
        self.given_up: str | None = None
        self._steps = 0
        self._do: Final[dict[type[ast.stmt], Callable[..., int]]] = {
            ast.Expr: self._expression,
            ast.Assign: self._assign,
            ast.AnnAssign: self._annotated,
            ast.AugAssign: self._augmented,
            ast.FunctionDef: self.do_function,
            ast.AsyncFunctionDef: self.do_function,
            ast.ClassDef: self.do_class,
            ast.If: self._if,
            ast.For: self._for,
            ast.AsyncFor: self._for,
            ast.While: self._while,
            ast.Try: self._try,
            ast.With: self._with,
            ast.AsyncWith: self._with,
            ast.Return: self.do_return,
            ast.Import: self.do_import,
            ast.ImportFrom: self.do_import_from,
            ast.Global: self._global,
            ast.Nonlocal: self._nonlocal,
            ast.Raise: self._raise,
            ast.Match: self._match,
            ast.Break: lambda node: LOOPS,
            ast.Continue: lambda node: LOOPS,
        }
        if sys.version_info >= (3, 11):
            self._do[ast.TryStar] = self._try

    def run(
        self, code: CodeText, names: dict[str, Value] | None = None, finish: Callable[[], None] | None = None
    ) -> None:
        """Walks the script, then the functions that nobody was seen to call (``reached`` is False there).

        ``names`` are taken as bound from the start, ``finish`` is called at the end of the script itself.
        """
        self.scope = Scope(code, "", {"__name__": Known("__main__"), "__file__": NOTHING_KNOWN, **(names or {})})
        try:
            self.block(code.tree.body)
            if finish is not None:
                finish()
            self.reached = False
            while rest := [node for node in self.defined if node not in self.followed]:
                for node in rest:
                    self.run_function(self.defined[node], None)
        except _TooMuchError:
            self.given_up = "the script does too much to be followed"
        except RecursionError:
            self.given_up = "the script is too deeply nested to be followed"

    def step(self, cost: int = 1) -> None:
        self._steps += cost
        if self._steps > MAXIMUM_STEPS:
            raise _TooMuchError

    # Blocks and branches.

    def block(self, statements: Sequence[ast.stmt]) -> int:
        ends = 0
        for statement in statements:
            self.step()
            act = self._do.get(type(statement))
            end = act(statement) if act else self._other(statement)
            ends |= end & ~FALLS
            if not end & FALLS:
                return ends
            if end & (LOOPS | RETURNS) and len(self.conditions) < MAXIMUM_CONDITIONS:
                # What follows is reached only where the branch did not leave; the caller restores the conditions.
                self.conditions = (*self.conditions, (self.new_condition(), 0))
        return ends | FALLS

    def _other(self, statement: ast.stmt) -> int:
        for child in ast.iter_child_nodes(statement):
            if isinstance(child, ast.expr):
                self.value(child)
        return FALLS

    def _arms(self, arms: Sequence[Callable[[], int]]) -> int:
        """Alternatives of which nobody knows which is taken: their ends, and the names that they agree on."""
        number = self.new_condition()
        before = self.scope.names.copy()
        self.step(len(arms) * len(before) // 10)
        after: list[dict[str, Value]] = []
        ends = 0
        conditions = self.conditions
        for arm, act in enumerate(arms):
            _replace(self.scope.names, before)
            self.conditions = (*conditions, (number, arm))
            end = act()
            ends |= end
            if end & FALLS:
                after.append(self.scope.names.copy())
        self.conditions = conditions
        if after:
            _replace(self.scope.names, _agreed(after))
        return ends

    def _if(self, node: ast.If) -> int:
        truth = truth_of(self.value(node.test))
        if truth is None and _is_type_checking(node.test):
            truth = False
        if truth and self.within is not None and len(node.body) == 1 and isinstance(raised := node.body[0], ast.Raise):
            return self._refusal(raised, node.test)
        if truth is not None:
            return self.block(node.body if truth else node.orelse)
        if self.within is not None and _raises(node.body):
            return self.block(node.orelse) | RAISES
        if self.within is not None and self._must_raise(node.orelse):
            return self.block(node.body) | RAISES
        return self._arms([lambda: self.block(node.body), lambda: self.block(node.orelse)])

    def _must_raise(self, statements: Sequence[ast.stmt]) -> bool:
        """Whether what is done otherwise ends in an exception, as ``elif`` of what is not so and ``else: raise``."""
        if len(statements) == 1 and isinstance(branch := statements[0], ast.If):
            return truth_of(self.value(branch.test)) is False and self._must_raise(branch.orelse)
        return _raises(statements)

    def _match(self, node: ast.Match) -> int:
        self.value(node.subject)
        return self._arms([*(partial(self.block, case.body) for case in node.cases), lambda: FALLS])

    def _try(self, node: ast.Try) -> int:
        catches_exit = any(_catches_exit(handler) for handler in node.handlers)
        conditions = self.conditions
        if catches_exit:
            self.conditions = (*conditions, (self.new_condition(), 0))
        self._guards += bool(node.handlers)
        ends = self.block(node.body)
        self._guards -= bool(node.handlers)
        if ends & FALLS:
            ends = (ends & ~FALLS) | self.block(node.orelse)
        self.conditions = conditions
        body_names = self.scope.names.copy()
        for handler in node.handlers:
            ends |= self._arms([partial(self._handler, handler), lambda: FALLS])
        for name, value in body_names.items():
            if value is not NOTHING_KNOWN:
                self.scope.names[name] = value  # the body is what is meant to happen
        return ends if self.block(node.finalbody) & FALLS else RETURNS

    def _handler(self, handler: ast.ExceptHandler) -> int:
        if handler.name:
            self.scope.bind(handler.name, NOTHING_KNOWN)
        return self.block(handler.body)

    def _with(self, node: ast.With | ast.AsyncWith) -> int:
        for item in node.items:
            value = self.value(item.context_expr)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, value if isinstance(value, Made) else NOTHING_KNOWN)
        return self.block(node.body)

    def _for(self, node: ast.For | ast.AsyncFor) -> int:
        items = sequence_of(self.value(node.iter))
        if items is None:
            self.bind(node.target, NOTHING_KNOWN)
            return self._loop(Loop(self.scope.code.statement_place(node)), node.body) | self.block(node.orelse)
        ends = 0
        self.step(len(items))
        conditions, loops = self.conditions, self.loops
        self.loops = (*loops, Loop(self.scope.code.statement_place(node)))
        for item in items:
            self.bind(node.target, item)
            ends |= self.block(node.body)
            if not ends & (FALLS | LOOPS):
                break
        self.conditions, self.loops = conditions, loops
        self.block(node.orelse)
        return (ends & ~LOOPS) | FALLS

    def _while(self, node: ast.While) -> int:
        truth = truth_of(self.value(node.test))
        if truth is False:
            return self.block(node.orelse)
        loop = Loop(self.scope.code.statement_place(node), node.test, truth is True)
        return self._loop(loop, node.body) | self.block(node.orelse)

    def _loop(self, loop: Loop, body: Sequence[ast.stmt]) -> int:
        """A loop of which one turn stands for all: names that the turn changes are not known in it or after it."""
        for name in _assigned_names(body):
            if isinstance(self.scope.names.get(name), (Known, Listing, Table)):
                self.scope.bind(name, NOTHING_KNOWN)
        conditions = self.conditions
        if not loop.endless:
            self.conditions = (*conditions, (self.new_condition(), 0))
        loops, self.loops = self.loops, (*self.loops, loop)
        ends = self.block(body)
        self.conditions, self.loops = conditions, loops
        return (ends & ~LOOPS) | FALLS

    def _raise(self, node: ast.Raise) -> int:
        if self.within is not None:
            return self._refusal(node, None)
        self._other(node)
        return RAISES

    def _refusal(self, node: ast.Raise, test: ast.expr | None) -> int:
        """An exception of NVFlare's own code; ``test`` is the condition under which it is raised."""
        certain = self.reached and not self._guards and self.conditions == self._entry == ()
        if certain and self.within is not None and isinstance(node.exc, ast.Call):
            message = self.value(node.exc.args[0]) if node.exc.args else NOTHING_KNOWN
            text = message.value if isinstance(message, Known) and isinstance(message.value, str) else ""
            names = [each for each in ast.walk(test) if isinstance(each, (ast.Name, ast.Attribute))] if test else []
            blamed = [self.value(each) for each in names]
            self.observer.refuses(ast.unparse(node.exc.func), text, blamed, self.within)
        return RAISES

    # Assignments.

    def _expression(self, node: ast.Expr) -> int:
        self.value(node.value)
        if isinstance(node.value, ast.Call):
            callee = node.value.func
            found = self._quiet_path(callee)
            return RAISES if found in _EXITS else FALLS
        return FALLS

    def _quiet_path(self, node: ast.expr) -> str:
        """The dotted name of a thing of another package; empty for anything else. Tells the observer nothing."""
        if isinstance(node, ast.Name):
            found = self.scope.find(node.id)
            return found.path if isinstance(found, External) else ""
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = self._quiet_path(node.value)
            return f"{owner}.{node.attr}" if owner else ""
        return ""

    def _assign(self, node: ast.Assign) -> int:
        value = self.value(node.value)
        for target in node.targets:
            self.bind(target, value)
        return FALLS

    def _annotated(self, node: ast.AnnAssign) -> int:
        if node.value is not None:
            self.bind(node.target, self.value(node.value))
        return FALLS

    def _augmented(self, node: ast.AugAssign) -> int:
        old = self.value(node.target)
        self.bind(node.target, calculated(node.op, old, self.value(node.value)))
        return FALLS

    def bind(self, target: ast.expr, value: Value) -> None:
        if isinstance(target, ast.Name):
            self.scope.bind(target.id, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target.elts, value)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, NOTHING_KNOWN)
        elif isinstance(target, ast.Attribute):
            owner = self.value(target.value)
            if self.within is not None and self.conditions != self._entry:
                value = NOTHING_KNOWN  # which of several values it gets, only the run knows
            if isinstance(owner, Instance):
                owner.attributes[target.attr] = value
            elif isinstance(owner, Made):
                owner.assigned(target.attr, value)
            elif isinstance(owner, External):
                self.observer.assigned(f"{owner.path}.{target.attr}", self.place(target))
        elif isinstance(target, ast.Subscript):
            self._set_item(target, value)

    def _unpack(self, targets: Sequence[ast.expr], value: Value) -> None:
        items = value.items if isinstance(value, Listing) else ()
        starred = any(isinstance(target, ast.Starred) for target in targets)
        if len(items) != len(targets) or starred:
            items = (NOTHING_KNOWN,) * len(targets)
        for target, item in zip(targets, items, strict=True):
            self.bind(target, item)

    def _set_item(self, target: ast.Subscript, value: Value) -> None:
        owner = self.value(target.value)
        if isinstance(owner, External):
            self.observer.assigned(owner.path, self.place(target))
        elif isinstance(owner, Made):
            owner.assigned("[]", value)
        elif isinstance(owner, (Listing, Table)):
            index = NOTHING_KNOWN if isinstance(target.slice, ast.Slice) else self.value(target.slice)
            self.bind(target.value, with_item(owner, index, value))

    def _global(self, node: ast.Global) -> int:
        self.scope.elsewhere.update(dict.fromkeys(node.names, self.scope.globals))
        return FALLS

    def _nonlocal(self, node: ast.Nonlocal) -> int:
        for name in node.names:
            scope = self.scope.outer
            while scope is not None and name not in scope.names:
                scope = scope.outer
            if scope is not None:
                self.scope.elsewhere[name] = scope
        return FALLS


def _agreed(arms: Sequence[dict[str, Value]]) -> dict[str, Value]:
    """The names that any of the arms binds; known where all arms bind them to the same."""
    agreed: dict[str, Value] = {}
    for name in dict.fromkeys(name for arm in arms for name in arm):
        values = [arm[name] for arm in arms if name in arm]
        agreed[name] = common(values) if len(values) == len(arms) or _is_code(values) else NOTHING_KNOWN
    return agreed


def _is_code(values: Sequence[Value]) -> bool:
    """Functions, classes and modules that only some arms bind: used later, they are these."""
    return all(isinstance(value, (Function, ClassValue, ModuleValue, External)) for value in values)


def _replace(names: dict[str, Value], by: dict[str, Value]) -> None:
    names.clear()
    names.update(by)


def _assigned_names(statements: Sequence[ast.stmt]) -> list[str]:
    return [
        node.id
        for statement in statements
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]


def _is_type_checking(test: ast.expr) -> bool:
    return getattr(test, "id", getattr(test, "attr", "")) == "TYPE_CHECKING"


def _raises(statements: Sequence[ast.stmt]) -> bool:
    """Whether statements end in an exception."""
    return bool(statements) and isinstance(statements[-1], ast.Raise)


def _catches_exit(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(getattr(kind, "id", "") in _CATCH_ALL for kind in types)
