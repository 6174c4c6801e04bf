"""How a script uses NVFlare's Client API: the facts.

What cannot be told is `UNKNOWN`, or a reason in `ClientApiUse.unknown`.
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from fllint.documents.tree import Unknown
from fllint.scripts.script_text import CodePlace, SyntaxTrouble
from fllint.scripts.script_values import Conditions


class Flavour(str, Enum):
    """The ways to use the Client API: by its functions, or by what calls them for the script."""

    FUNCTIONS = "functions"
    LIGHTNING = "lightning"
    HUGGING_FACE = "hf"
    DECORATORS = "decorators"


class LoopUse(Struct, frozen=True):
    """A loop around calls of the Client API. ``kind``: ``is_running``, ``endless`` (``while True``), or ``other``."""

    place: CodePlace
    kind: str


class ApiCall(Struct, frozen=True):
    """A call of a function of the Client API.

    Calls are numbered by ``order`` as they are made. ``conditions`` are what must happen for it, ``reached`` is False
    in a function that nobody is seen to call (a framework's callback, say). ``keeps_model`` of a ``send``: the model
    may be answered again (``clear_cache`` is given, or may be).
    """

    name: str
    module: str
    place: CodePlace
    order: int
    conditions: Conditions = ()
    loops: tuple[LoopUse, ...] = ()
    reached: bool = True
    keeps_model: bool = False


class NameUse(Struct, frozen=True):
    """A name that must exist: ``name`` of ``module``, below nvflare.client, or of an object."""

    module: str
    name: str
    place: CodePlace


class TaskBranch(Struct, frozen=True):
    """A test for a task: ``is_train()`` and its like (``by_name`` False), or a task name that is compared with."""

    task: str
    place: CodePlace
    by_name: bool = False


class OwnType(Struct, frozen=True):
    """An object of a class that the job defines, in a module of it (empty: in the script)."""

    module: str
    name: str
    place: CodePlace


class ForeignType(Struct, frozen=True):
    """An object of a type that NVFlare cannot send: the name of the type, and the argument that it is part of."""

    name: str
    place: CodePlace


class ModelUse(Struct, frozen=True):
    """An ``FLModel(...)`` that the script makes.

    ``params_type``: ``"FULL"``, ``"DIFF"`` or whatever text is given, None when it is left out. ``has_params``: whether
    params are given and not literally None. ``metrics`` and ``meta``: the keys, None when left out.
    ``own_types``: objects in it whose classes are the job's; ``foreign_types``: those of types that nothing can pack.
    """

    place: CodePlace
    params_type: str | Unknown | None
    has_params: bool
    metrics: tuple[str, ...] | Unknown | None
    meta: tuple[str, ...] | Unknown | None
    sent: bool
    own_types: tuple[OwnType, ...] = ()
    foreign_types: tuple[ForeignType, ...] = ()


class ExitUse(Struct, frozen=True):
    """``sys.exit()`` and its like. Without ``conditions`` it is on the straight path."""

    name: str
    place: CodePlace
    conditions: Conditions
    reached: bool


class ClientApiUse(Struct, frozen=True, kw_only=True):
    """The facts, in the order in which the script meets them."""

    calls: tuple[ApiCall, ...] = ()
    names: tuple[NameUse, ...] = ()
    branches: tuple[TaskBranch, ...] = ()
    models: tuple[ModelUse, ...] = ()
    attributes: tuple[NameUse, ...] = ()
    """The attributes of models that the script reads, received ones and its own; ``module`` is empty."""
    exits: tuple[ExitUse, ...] = ()
    bfloat16: tuple[CodePlace, ...] = ()
    loads_received: tuple[CodePlace, ...] = ()
    """Where ``load_state_dict`` gets the parameters of a received model as they are."""
    flavours: frozenset[Flavour] = frozenset()
    unknown: tuple[str, ...] = ()
    syntax: SyntaxTrouble | None = None

    @property
    def used(self) -> bool:
        """The script imports or calls something of the Client API."""
        return bool(self.calls or self.names or self.models)

    def called(self, *names: str) -> tuple[ApiCall, ...]:
        """The calls of functions by these names."""
        return tuple(call for call in self.calls if call.name in names)

    @property
    def loops(self) -> tuple[LoopUse, ...]:
        """The loops around the calls, each once."""
        return tuple(dict.fromkeys(loop for call in self.calls for loop in call.loops))

    @property
    def send_after_receive(self) -> bool | None:
        """Whether a send can follow a receive on some path; None when that cannot be told."""
        receives, sends = self.called("receive"), self.called("send")
        for receive in receives:
            for send in sends:
                in_one_loop = bool(set(receive.loops) & set(send.loops))
                if (send.order > receive.order or in_one_loop) and not _exclude(receive.conditions, send.conditions):
                    return True
        return None if self.unknown or self.sends_for_itself else False

    @property
    def sends_for_itself(self) -> bool:
        """Something sends on the script's behalf."""
        return bool(self.flavours - {Flavour.FUNCTIONS})


def _exclude(one: Conditions, other: Conditions) -> bool:
    """Whether two things stand in different arms of one branch."""
    arms = dict(one)
    return any(number in arms and arms[number] != arm for number, arm in other)
