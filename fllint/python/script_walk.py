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
from typing import Final, TypeAlias

from fllint.python.script_expressions import MAXIMUM_DEPTH, Expressions, Observer
from fllint.python.script_literals import calculated, sequence_of, with_item
from fllint.python.script_text import CodeText, SyntaxTrouble, parse_code
from fllint.python.script_values import (
    NOTHING_KNOWN,
    CallSite,
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
    listing,
    table,
    truth_of,
)

MAXIMUM_STEPS: Final = 100_000
"""Expressions and statements that are looked at before the walk gives up."""

MAXIMUM_CONDITIONS: Final = 200
"""Conditions that are told apart, one inside the other."""

MAXIMUM_CALLS: Final = 100
"""Calls of one function that are followed."""

ModuleText: TypeAlias = Callable[[str], str | None]
"""The text of a module of the job by its dotted name; None when the job does not bring it along."""

FALLS, LOOPS, RETURNS, RAISES = 1, 2, 4, 8
"""How a block may end: it goes on, leaves the iteration, leaves the function, or ends the run (bits)."""

_EXITS = frozenset({"sys.exit", "builtins.exit", "builtins.quit", "os._exit", "os.abort"})
_CATCH_ALL = frozenset({"BaseException", "SystemExit"})


class _TooMuchError(Exception):
    pass


class Walk(Expressions):
    """One walk. ``modules`` are the modules of the job that were imported, ``given_up`` says why it stopped early."""

    def __init__(self, observer: Observer, module_text: ModuleText) -> None:
        super().__init__(observer)
        self.modules: dict[str, ModuleValue] = {}
        self.given_up: str | None = None
        self._module_text = module_text
        self._absent: set[str] = set()
        self._steps = 0
        self._returned: list[list[Value]] = []
        self._defined: dict[ast.AST, Function] = {}
        self._followed: dict[ast.AST, int] = {}
        self._do: Final[dict[type[ast.stmt], Callable[..., int]]] = {
            ast.Expr: self._expression,
            ast.Assign: self._assign,
            ast.AnnAssign: self._annotated,
            ast.AugAssign: self._augmented,
            ast.FunctionDef: self._function,
            ast.AsyncFunctionDef: self._function,
            ast.ClassDef: self._class,
            ast.If: self._if,
            ast.For: self._for,
            ast.AsyncFor: self._for,
            ast.While: self._while,
            ast.Try: self._try,
            ast.With: self._with,
            ast.AsyncWith: self._with,
            ast.Return: self._return,
            ast.Import: self._import,
            ast.ImportFrom: self._import_from,
            ast.Global: self._global,
            ast.Nonlocal: self._nonlocal,
            ast.Raise: self._raise,
            ast.Match: self._match,
            ast.Break: lambda node: LOOPS,
            ast.Continue: lambda node: LOOPS,
        }
        if sys.version_info >= (3, 11):
            self._do[ast.TryStar] = self._try

    def run(self, code: CodeText) -> None:
        """Walks the script, then the functions that nobody was seen to call (``reached`` is False there)."""
        self.scope = Scope(code, "", {"__name__": Known("__main__"), "__file__": NOTHING_KNOWN})
        try:
            self._block(code.tree.body)
            self.reached = False
            while rest := [node for node in self._defined if node not in self._followed]:
                for node in rest:
                    self.run_function(self._defined[node], None)
        except _TooMuchError:
            self.given_up = "the script does too much to be followed"
        except RecursionError:
            self.given_up = "the script is too deeply nested to be followed"

    def step(self, cost: int = 1) -> None:
        self._steps += cost
        if self._steps > MAXIMUM_STEPS:
            raise _TooMuchError

    # Functions.

    def run_function(self, function: Function, site: CallSite | None) -> Value:
        node = function.node
        followed = self._followed.get(node, 0)
        self._followed[node] = followed + 1
        enough = followed >= (MAXIMUM_CALLS if self.reached else 1)
        if enough or node in self._running or len(self._running) >= MAXIMUM_DEPTH:
            return NOTHING_KNOWN
        names = self._parameters(function, site)
        if function.owner is not None:
            names |= {"__class__": function.owner, "__self__": function.instance or NOTHING_KNOWN}
        caller, self.scope = self.scope, Scope(function.scope.code, function.scope.module, names, function.scope)
        conditions = self.conditions
        self._running.append(node)
        self._returned.append([])
        try:
            if isinstance(node, ast.Lambda):
                return self.value(node.body)
            ends = self._block(node.body)
            returned = self._returned[-1]
            if ends & FALLS and returned:
                return NOTHING_KNOWN
            return _common(returned) if returned else Known(None)
        finally:
            self._returned.pop()
            self._running.pop()
            self.conditions = conditions
            self.scope = caller

    def _parameters(self, function: Function, site: CallSite | None) -> dict[str, Value]:
        specification = function.node.args
        positional = [argument.arg for argument in (*specification.posonlyargs, *specification.args)]
        keyword_only = [argument.arg for argument in specification.kwonlyargs]
        names: dict[str, Value] = dict.fromkeys((*positional, *keyword_only), NOTHING_KNOWN)
        if site is None:
            if function.instance is not None and positional:
                names[positional[0]] = function.instance
            elif function.owner is not None and positional and positional[0] == "self":
                names["self"] = Instance(function.owner)
            return names
        if not site.open_keywords and not site.open_positions:
            names.update(function.defaults)
        given = site.arguments if function.instance is None else (function.instance, *site.arguments)
        names.update(zip(positional, given, strict=False))
        names.update((name, value) for name, value in site.keywords.items() if name in names)
        if specification.vararg:
            known = not site.open_positions
            names[specification.vararg.arg] = listing(given[len(positional) :]) if known else NOTHING_KNOWN
        if specification.kwarg:
            rest = tuple((Known(name), value) for name, value in site.keywords.items() if name not in names)
            names[specification.kwarg.arg] = NOTHING_KNOWN if site.open_keywords else table(rest)
        return names

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
        arguments = node.args
        positional = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
        named = list(zip(positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=False))
        named += [
            (argument.arg, default)
            for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if default is not None
        ]
        defaults = tuple((name, self.value(default)) for name, default in named)
        scope = self.scope.outer if self.scope.of_class and self.scope.outer else self.scope
        function = Function(node, scope, defaults)
        self._defined.setdefault(node, function)
        bound: Value = function
        decorators = [(decorator, self.value(decorator)) for decorator in node.decorator_list]
        for decorator, meaning in reversed(decorators):
            site = self.site(decorator, (bound,))
            made: Value | None = None
            if isinstance(meaning, Made):
                made = meaning.called(site)
            elif isinstance(meaning, External):
                made = self.observer.call(meaning.path, site)
            elif isinstance(meaning, Function):
                made = self.run_function(meaning, site)
            if isinstance(made, Made):
                bound = made
            elif isinstance(bound, Made):
                bound.handed_over("a decorator")
        self.scope.bind(node.name, bound)
        return FALLS

    def _class(self, node: ast.ClassDef) -> int:
        for decorator in node.decorator_list:
            self.value(decorator)
        bases = tuple(self.value(base) for base in node.bases)
        of = ClassValue(node.name, bases, {})
        outer, self.scope = self.scope, Scope(self.scope.code, self.scope.module, of.names, self.scope, of_class=True)
        try:
            self._block(node.body)
        finally:
            self.scope = outer
        for name, value in of.names.items():
            if isinstance(value, Function) and value.owner is None:
                of.names[name] = Function(value.node, value.scope, value.defaults, None, of)
                if value.node in self._defined:
                    self._defined[value.node] = Function(value.node, value.scope, value.defaults, None, of)
        self.scope.bind(node.name, of)
        return FALLS

    def _return(self, node: ast.Return) -> int:
        value = self.value(node.value) if node.value is not None else Known(None)
        if self._returned:
            self._returned[-1].append(value)
        return RETURNS

    # Blocks and branches.

    def _block(self, statements: Sequence[ast.stmt]) -> int:
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
        if truth is not None:
            return self._block(node.body if truth else node.orelse)
        return self._arms([lambda: self._block(node.body), lambda: self._block(node.orelse)])

    def _match(self, node: ast.Match) -> int:
        self.value(node.subject)
        return self._arms([*(partial(self._block, case.body) for case in node.cases), lambda: FALLS])

    def _try(self, node: ast.Try) -> int:
        catches_exit = any(_catches_exit(handler) for handler in node.handlers)
        conditions = self.conditions
        if catches_exit:
            self.conditions = (*conditions, (self.new_condition(), 0))
        ends = self._block(node.body)
        if ends & FALLS:
            ends = (ends & ~FALLS) | self._block(node.orelse)
        self.conditions = conditions
        body_names = self.scope.names.copy()
        for handler in node.handlers:
            ends |= self._arms([partial(self._handler, handler), lambda: FALLS])
        for name, value in body_names.items():
            if value is not NOTHING_KNOWN:
                self.scope.names[name] = value  # the body is what is meant to happen
        return ends if self._block(node.finalbody) & FALLS else RETURNS

    def _handler(self, handler: ast.ExceptHandler) -> int:
        if handler.name:
            self.scope.bind(handler.name, NOTHING_KNOWN)
        return self._block(handler.body)

    def _with(self, node: ast.With | ast.AsyncWith) -> int:
        for item in node.items:
            value = self.value(item.context_expr)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, value if isinstance(value, Made) else NOTHING_KNOWN)
        return self._block(node.body)

    def _for(self, node: ast.For | ast.AsyncFor) -> int:
        items = sequence_of(self.value(node.iter))
        if items is None:
            self.bind(node.target, NOTHING_KNOWN)
            return self._loop(Loop(self.scope.code.statement_place(node)), node.body) | self._block(node.orelse)
        ends = 0
        self.step(len(items))
        conditions, loops = self.conditions, self.loops
        self.loops = (*loops, Loop(self.scope.code.statement_place(node)))
        for item in items:
            self.bind(node.target, item)
            ends |= self._block(node.body)
            if not ends & (FALLS | LOOPS):
                break
        self.conditions, self.loops = conditions, loops
        self._block(node.orelse)
        return (ends & ~LOOPS) | FALLS

    def _while(self, node: ast.While) -> int:
        truth = truth_of(self.value(node.test))
        if truth is False:
            return self._block(node.orelse)
        loop = Loop(self.scope.code.statement_place(node), node.test, truth is True)
        return self._loop(loop, node.body) | self._block(node.orelse)

    def _loop(self, loop: Loop, body: Sequence[ast.stmt]) -> int:
        """A loop of which one turn stands for all: names that the turn changes are not known in it or after it."""
        for name in _assigned_names(body):
            if isinstance(self.scope.names.get(name), (Known, Listing, Table)):
                self.scope.bind(name, NOTHING_KNOWN)
        conditions = self.conditions
        if not loop.endless:
            self.conditions = (*conditions, (self.new_condition(), 0))
        loops, self.loops = self.loops, (*self.loops, loop)
        ends = self._block(body)
        self.conditions, self.loops = conditions, loops
        return (ends & ~LOOPS) | FALLS

    def _raise(self, node: ast.Raise) -> int:
        self._other(node)
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

    # Imports.

    def _import(self, node: ast.Import) -> int:
        for alias in node.names:
            module = self.module(alias.name)
            if alias.asname:
                self.scope.bind(alias.asname, module)
            else:
                top, _, rest = alias.name.partition(".")
                self.scope.bind(top, self.module(top) if rest else module)
        return FALLS

    def _import_from(self, node: ast.ImportFrom) -> int:
        name = self._absolute(node)
        module = self.module(name) if name else NOTHING_KNOWN
        for alias in node.names:
            if alias.name == "*":
                self._import_all(module)
                continue
            imported = self._imported(module, name, alias.name)
            if isinstance(imported, External):
                self.observer.read(imported.path, self.scope.code.place(alias))
            self.scope.bind(alias.asname or alias.name, imported)
        return FALLS

    def _imported(self, module: Value, module_name: str, name: str) -> Value:
        if isinstance(module, ModuleValue):
            if name in module.scope.names:
                return module.scope.names[name]
            below = self.module(f"{module_name}.{name}")
            return below if isinstance(below, ModuleValue) else NOTHING_KNOWN
        if isinstance(module, External):
            below = self.module(f"{module_name}.{name}")  # a module of a folder without __init__.py
            return below if isinstance(below, ModuleValue) else External(f"{module.path}.{name}")
        return NOTHING_KNOWN

    def _import_all(self, module: Value) -> None:
        if isinstance(module, ModuleValue):
            for name, value in module.scope.names.items():
                if not name.startswith("_"):
                    self.scope.bind(name, value)
        elif isinstance(module, External):
            self.scope.globals.stars.append(module.path)

    def _absolute(self, node: ast.ImportFrom) -> str:
        """The dotted name of the module that ``from`` names; empty when it cannot be told."""
        if not node.level:
            return node.module or ""
        parts = self.scope.module.split(".") if self.scope.module else []
        if not parts:
            return ""
        rest = node.module.split(".") if node.module else []
        for keep in (len(parts) - node.level, len(parts) - node.level + 1):  # a module, or a package's own file
            name = ".".join([*parts[: max(keep, 0)], *rest])
            if name and (rest or keep > 0) and isinstance(self.module(name), ModuleValue):
                return name
        return ".".join([*parts[: max(len(parts) - node.level, 0)], *rest])

    def module(self, name: str) -> Value:
        """A module of the job, walked when it is first imported; else the name of one of another package."""
        if name in self.modules:
            return self.modules[name]
        top = name.partition(".")[0]
        if name in self._absent or top in sys.stdlib_module_names or top == "nvflare":
            return External(name)
        text = self._module_text(name)
        code = parse_code(text, name) if text is not None else None
        if code is None or isinstance(code, SyntaxTrouble) or len(self._running) >= MAXIMUM_DEPTH:
            self._absent.add(name)
            return External(name)
        module = ModuleValue(Scope(code, name, {"__name__": Known(name), "__file__": NOTHING_KNOWN}))
        self.modules[name] = module
        caller, self.scope = self.scope, module.scope
        conditions, loops = self.conditions, self.loops
        self._running.append(code.tree)
        try:
            self._block(code.tree.body)
        finally:
            self._running.pop()
            self.scope, self.conditions, self.loops = caller, conditions, loops
        parent, _, last = name.rpartition(".")
        if parent in self.modules:
            self.modules[parent].scope.names.setdefault(last, module)
        return module


def _common(values: Sequence[Value]) -> Value:
    return values[0] if all(value == values[0] for value in values[1:]) else NOTHING_KNOWN


def _agreed(arms: Sequence[dict[str, Value]]) -> dict[str, Value]:
    """The names that any of the arms binds; known where all arms bind them to the same."""
    agreed: dict[str, Value] = {}
    for name in dict.fromkeys(name for arm in arms for name in arm):
        values = [arm[name] for arm in arms if name in arm]
        agreed[name] = _common(values) if len(values) == len(arms) or _is_code(values) else NOTHING_KNOWN
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


def _catches_exit(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(getattr(kind, "id", "") in _CATCH_ALL for kind in types)
