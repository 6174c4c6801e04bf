"""Reads the facts of `fllint.scripts.client_api_facts` from a script, without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from msgspec import Struct, field

from fllint.catalogue.travel import ARRAY_MAKERS, CANNOT_TRAVEL
from fllint.documents.tree import UNKNOWN, Unknown
from fllint.scripts.client_api_facts import (
    ApiCall,
    ClientApiUse,
    ExitUse,
    Flavour,
    ForeignType,
    LoopUse,
    ModelUse,
    NameUse,
    OwnType,
    TaskBranch,
)
from fllint.scripts.script_literals import MUTATORS
from fllint.scripts.script_modules import ModuleText
from fllint.scripts.script_observer import Observer
from fllint.scripts.script_text import CodePlace, CodeText, SyntaxTrouble, parse_code
from fllint.scripts.script_values import (
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
    Table,
    Value,
)
from fllint.scripts.script_walk import Walk

_ROOT: Final = "nvflare.client"
_SUBMODULES: Final = frozenset(
    {
        "api",
        "api_context",
        "api_spec",
        "cell",
        "config",
        "constants",
        "converter_utils",
        "decorator",
        "ex_process",
        "flare_agent",
        "flare_agent_with_fl_model",
        "hf",
        "in_process",
        "ipc",
        "ipc_agent",
        "lightning",
        "model_registry",
        "tracking",
        "utils",
    }
)
"""Modules below nvflare.client of any release from 2.3 to 2.9."""
_FUNCTION_MODULES: Final = (
    _ROOT,
    f"{_ROOT}.api",
    f"{_ROOT}.decorator",
    f"{_ROOT}.hf",
    f"{_ROOT}.lightning",
    "nvflare.app_opt.hf",
    "nvflare.app_opt.hf.api",
    "nvflare.app_opt.lightning",
    "nvflare.app_opt.lightning.api",
)
"""Modules that offer the functions of the Client API."""
_FL_MODELS: Final = frozenset(
    f"{module}.FLModel"
    for module in (_ROOT, f"{_ROOT}.lightning", f"{_ROOT}.hf", "nvflare.app_common.abstract.fl_model")
)
_TASK_TESTS: Final = {"is_train": "train", "is_evaluate": "evaluate", "is_submit_model": "submit_model"}
_EXITS: Final = frozenset({"sys.exit", "builtins.exit", "builtins.quit", "os._exit", "os.abort"})
_HARMLESS: Final = frozenset({"print", "debug", "info", "warning", "error", "log", "append"})
_OBJECTS: Final = (External("builtins.object"), Known("object"), Known("O"))
"""How ``dtype`` asks for an array of Python objects."""
_BFLOAT16: Final = frozenset({"bfloat16", "torch.bfloat16", "bf16"})


def read_client_api(text: str, module_text: ModuleText) -> ClientApiUse:
    """How a script, and the modules of the job that it imports, use the Client API. Never raises."""
    code = parse_code(text)
    if isinstance(code, SyntaxTrouble):
        return ClientApiUse(syntax=code)
    reader = _ApiReader()
    walk = Walk(reader, module_text)
    walk.run(code)
    if walk.given_up:
        reader.doubt(walk.given_up)
    codes = [code, *(module.scope.code for module in walk.modules.values())]
    return ClientApiUse(
        calls=_each_once(sorted(reader.calls, key=lambda call: call.order)),
        names=tuple(dict.fromkeys(reader.names)),
        branches=tuple(dict.fromkeys(reader.branches)),
        models=tuple(model.finished() for model in reader.models),
        attributes=tuple(dict.fromkeys(reader.attributes)),
        exits=tuple(dict.fromkeys(reader.exits)),
        loads_received=tuple(dict.fromkeys(reader.loads)),
        bfloat16=tuple(place for each in codes for place in sorted(_bfloat16_places(each))),
        flavours=frozenset(reader.flavours),
        unknown=tuple(reader.unknown),
    )


def _each_once(calls: list[ApiCall]) -> tuple[ApiCall, ...]:
    """The calls without those that a loop over known items, or a function called again, repeats."""
    kept: dict[object, ApiCall] = {}
    for call in calls:
        kept.setdefault((call.name, call.place, call.loops, bool(call.conditions), call.reached), call)
    return tuple(kept.values())


def _bfloat16_places(code: CodeText) -> list[CodePlace]:
    """Where bfloat16 is named: ``torch.bfloat16``, ``.bfloat16()``, ``"bfloat16"``."""
    if "bf" not in code.text:
        return []
    return [
        code.place(node)
        for node in ast.walk(code.tree)
        if (isinstance(node, ast.Attribute) and node.attr == "bfloat16")
        or (isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in _BFLOAT16)
    ]


class _ModelInTheMaking(Made, Struct, eq=False):
    """An FLModel of the script."""

    place: CodePlace
    params_type: Value | None
    params: Value | None
    metrics: Value | None
    meta: Value | None
    reader: _ApiReader
    own_types: tuple[OwnType, ...] = ()
    foreign_types: tuple[ForeignType, ...] = ()
    sent: bool = False

    def attribute(self, name: str, place: CodePlace) -> Value | None:
        self.reader.attributes.append(NameUse("", name, place))
        if name == "metrics":
            self.metrics = NOTHING_KNOWN  # it may be added to
        elif name == "meta":
            self.meta = NOTHING_KNOWN
        return None

    def assigned(self, name: str, value: Value) -> None:
        if name in ("params_type", "params", "metrics", "meta") and value != Known(None):  # None frees what was there
            setattr(self, name, value)

    def handed_over(self, to: str) -> None:
        if not _is_harmless(to):
            self.reader.doubt(f"an FLModel is given to {to}, which is not followed")

    def finished(self) -> ModelUse:
        return ModelUse(
            self.place,
            _params_type(self.params_type),
            self.params not in (None, Known(None)),
            _keys(self.metrics),
            _keys(self.meta),
            self.sent,
            self.own_types,
            self.foreign_types,
        )


class _Foreign(Made, Struct, eq=False):
    """An object of a type that NVFlare cannot send."""

    name: str


class _Received(Made, Struct, eq=False):
    """What ``receive()`` returns; its ``params`` as long as the script leaves them as they are."""

    reader: _ApiReader
    params: Value = field(default_factory=lambda: _ReceivedParams())

    def attribute(self, name: str, place: CodePlace) -> Value | None:
        self.reader.attributes.append(NameUse("", name, place))
        return self.params if name == "params" else None

    def assigned(self, name: str, value: Value) -> None:
        if name == "params":
            self.params = NOTHING_KNOWN

    def handed_over(self, to: str) -> None:
        if not _is_harmless(to):
            self.reader.doubt(f"the received model is given to {to}, which is not followed")


class _ReceivedParams(Made, Struct, eq=False):
    """The parameters of a received model."""

    changed: bool = False

    def method(self, name: str, site: CallSite) -> Value:
        self.changed = self.changed or name in MUTATORS
        return NOTHING_KNOWN

    def assigned(self, name: str, value: Value) -> None:
        self.changed = True


class _TaskName(Made, Struct, eq=False):
    """What ``get_task_name()`` returns."""

    reader: _ApiReader

    def method(self, name: str, site: CallSite) -> Value:
        self.reader.doubt("the task name is taken apart")
        return NOTHING_KNOWN

    def handed_over(self, to: str) -> None:
        if not _is_harmless(to):
            self.reader.doubt(f"the task name is given to {to}, which is not followed")


class _ApiReader(Observer, Struct, eq=False):
    """Sees what a walk meets of the Client API."""

    calls: list[ApiCall] = field(default_factory=list)
    names: list[NameUse] = field(default_factory=list)
    branches: list[TaskBranch] = field(default_factory=list)
    models: list[_ModelInTheMaking] = field(default_factory=list)
    attributes: list[NameUse] = field(default_factory=list)
    exits: list[ExitUse] = field(default_factory=list)
    loads: list[CodePlace] = field(default_factory=list)
    flavours: set[Flavour] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)

    def doubt(self, reason: str) -> None:
        if reason not in self.unknown:
            self.unknown.append(reason)

    def call(self, path: str, site: CallSite) -> Value | None:
        if path in _EXITS:
            self.exits.append(ExitUse(path.removeprefix("builtins."), site.place, site.conditions, site.reached))
            return NOTHING_KNOWN
        if path in _FL_MODELS:
            return self._model(site)
        module, _, name = path.rpartition(".")
        if module in _FUNCTION_MODULES:
            return self._api_call(module, name, site)
        if path in ("builtins.exec", "builtins.eval", "runpy.run_path", "runpy.run_module"):
            self.doubt(f"{name} runs code that is not followed")
        return None

    def _api_call(self, module: str, name: str, site: CallSite) -> Value | None:
        loops = tuple(_loop_use(loop) for loop in site.loops)
        function = site.node.func if isinstance(site.node, ast.Call) else site.node
        place = site.scope.code.place(function)
        keeps = site.open_positions or site.open_keywords or site.argument(1, "clear_cache") is not None
        self.calls.append(ApiCall(name, module, place, site.order, site.conditions, loops, site.reached, keeps))
        self.flavours.add(_flavour(module, name))
        if name in _TASK_TESTS:
            self.branches.append(TaskBranch(_TASK_TESTS[name], place))
        if name == "receive":
            return _Received(self)
        if name == "get_task_name":
            return _TaskName(self)
        if name in ("train", "evaluate"):
            return None  # the decorated function stays what it is
        if name == "send":
            model = site.argument(0, "model") or site.keywords.get("fl_model")
            if isinstance(model, _ModelInTheMaking):
                model.sent = True
        return NOTHING_KNOWN

    def _model(self, site: CallSite) -> Value:
        if site.open_keywords or site.open_positions:
            unknown = NOTHING_KNOWN
            model = _ModelInTheMaking(site.place, unknown, unknown, unknown, unknown, self)
        else:
            model = _ModelInTheMaking(
                site.place,
                site.argument(0, "params_type"),
                site.argument(1, "params"),
                site.argument(3, "metrics"),
                site.keywords.get("meta"),
                self,
                tuple(_own_types(site)),
                tuple(_foreign_types(site)),
            )
        self.models.append(model)
        return model

    def unknown_call(self, name: str, site: CallSite) -> None:
        first = site.argument(0, "state_dict")
        if name == "load_state_dict" and isinstance(first, _ReceivedParams) and not first.changed:
            self.loads.append(site.place)

    def result(self, path: str, site: CallSite) -> Value:
        if path in CANNOT_TRAVEL:
            return _Foreign(CANNOT_TRAVEL[path])
        dtype = site.keywords.get("dtype") if path in ARRAY_MAKERS else None
        return _Foreign("array of objects") if dtype in _OBJECTS else NOTHING_KNOWN

    def read(self, path: str, place: CodePlace) -> None:
        if not path.startswith(f"{_ROOT}."):
            return
        module = _ROOT
        for part in path[len(_ROOT) + 1 :].split("."):
            if part not in _SUBMODULES:
                use = NameUse(module, part, place)
                if path == f"{module}.{part}":
                    self.names.append(use)
                return
            module = f"{module}.{part}"

    def handed_over(self, path: str, to: str) -> None:
        if path in _FUNCTION_MODULES or path.rpartition(".")[0] in _FUNCTION_MODULES[:-2]:
            self.doubt(f"{path} is given to {to}, which is not followed")

    def compared(self, left: Value, right: Value, place: CodePlace) -> None:
        for one, other in ((left, right), (right, left)):
            if isinstance(one, _TaskName):
                self._compared_with(other, place)

    def _compared_with(self, other: Value, place: CodePlace) -> None:
        values = other.items if isinstance(other, Listing) else (other,)
        for value in values:
            if isinstance(value, Known) and isinstance(value.value, str):
                self.branches.append(TaskBranch(value.value, place, by_name=True))
            else:
                self.doubt("the task name is compared with something unknown")


def _is_harmless(function: str) -> bool:
    """Whether a function that is not followed can be trusted not to send or receive: a logger, or NVFlare's own."""
    return function in _HARMLESS or function.startswith("nvflare.")


def _flavour(module: str, name: str) -> Flavour:
    if name in ("train", "evaluate"):
        return Flavour.DECORATORS
    if name == "patch":
        return Flavour.HUGGING_FACE if ".hf" in module else Flavour.LIGHTNING
    return Flavour.FUNCTIONS


def _own_types(site: CallSite) -> Iterator[OwnType]:
    """The objects of the job's own classes that a call is given, inside of lists and dicts too."""
    for place, value in _given(site):
        if isinstance(value, Instance) and not value.of.external_bases():
            yield OwnType(value.of.module, value.of.name, place)


def _foreign_types(site: CallSite) -> Iterator[ForeignType]:
    """The objects that a call is given and that cannot be sent."""
    for place, value in _given(site):
        if isinstance(value, _Foreign):
            yield ForeignType(value.name, place)
        elif isinstance(value, (Function, ClassValue)):
            yield ForeignType("function" if isinstance(value, Function) else "class", place)


def _given(site: CallSite) -> Iterator[tuple[CodePlace, Value]]:
    """The values that a call is given, and those inside of lists and dicts, each with the argument that it is in."""
    node = site.node
    if isinstance(node, ast.Call):
        nodes = [*node.args, *(keyword.value for keyword in node.keywords)]
        for written, value in zip(nodes, [*site.arguments, *site.keywords.values()], strict=False):
            for each in _with_items(value, 0):
                yield site.scope.code.place(written), each


def _with_items(value: Value, depth: int) -> Iterator[Value]:
    yield value
    if isinstance(value, (Listing, Table)) and depth < 3:
        for item in value.items if isinstance(value, Listing) else [item for _, item in value.entries]:
            yield from _with_items(item, depth + 1)


def _loop_use(loop: Loop) -> LoopUse:
    if loop.endless:
        return LoopUse(loop.place, "endless")
    calls = [node.func for node in ast.walk(loop.test) if isinstance(node, ast.Call)] if loop.test else []
    is_running = any("is_running" in (getattr(call, "attr", ""), getattr(call, "id", "")) for call in calls)
    return LoopUse(loop.place, "is_running" if is_running else "other")


def _params_type(value: Value | None) -> str | Unknown | None:
    if value is None or value == Known(None):
        return None
    if isinstance(value, External) and ".ParamsType." in value.path:
        return value.path.rpartition(".")[2]
    return value.value if isinstance(value, Known) and isinstance(value.value, str) else UNKNOWN


def _keys(value: Value | None) -> tuple[str, ...] | Unknown | None:
    if value is None or value == Known(None):
        return None
    if not isinstance(value, Table):
        return UNKNOWN
    keys = [_key(key) for key, _ in value.entries]
    return UNKNOWN if None in keys else tuple(key for key in keys if key is not None)


def _key(key: Value) -> str | None:
    """A key as text; NVFlare's own constants by their name (``MetaKey.NUM_STEPS_CURRENT_ROUND``)."""
    if isinstance(key, Known) and isinstance(key.value, str):
        return key.value
    if isinstance(key, External) and ".MetaKey." in key.path:
        return key.path.rpartition(".")[2]
    return None
