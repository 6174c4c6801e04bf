"""How a script uses NVFlare's Client API (`nvflare.client`): facts, and the plain judgements that follow from them.

The script is not run (`fllint.scripts.script_walk`). Where something cannot be told, the judgements keep silent.

>>> use = read_client_api("import nvflare.client as flare; flare.init(); flare.receive()", lambda name: None)
>>> missing_send(use).name
'receive'
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from fllint.scripts.client_api_facts import (
    ApiCall,
    ClientApiUse,
    ExitUse,
    Flavour,
    LoopUse,
    ModelUse,
    NameUse,
    TaskBranch,
)
from fllint.scripts.client_api_reader import read_client_api

_NEED_INIT: Final = frozenset(
    {
        "receive",
        "send",
        "is_running",
        "is_train",
        "is_evaluate",
        "is_submit_model",
        "get_task_name",
        "get_site_name",
        "get_job_id",
        "get_config",
        "system_info",
        "log",
        "clear",
        "train",
        "evaluate",
    }
)
"""Functions that raise before ``init`` (nvflare.client.api.get_context, 2.5 to 2.9; the model registry in 2.4)."""


def missing_send(use: ClientApiUse) -> ApiCall | None:
    """The ``receive`` of a script that never sends: NVFlare waits for its result for ever (job-semantics: a hang)."""
    if use.unknown or use.called("send") or use.sends_for_itself:
        return None
    return next((call for call in use.called("receive") if call.reached), None)


def missing_receive(use: ClientApiUse) -> ApiCall | None:
    """The ``send`` of a script that never receives: NVFlare raises RuntimeError."""
    if use.unknown or use.called("receive") or use.sends_for_itself:
        return None
    return next((call for call in use.called("send") if call.reached), None)


def sent_again(use: ClientApiUse) -> ApiCall | None:
    """A ``send`` that surely follows another one with no ``receive`` between them: NVFlare raises RuntimeError."""
    if use.unknown or use.sends_for_itself:
        return None
    sends = sorted((call for call in use.called("send") if call.reached), key=lambda call: call.order)
    receives = [call.order for call in use.called("receive")]
    for first, second in pairwise(sends):
        follows = first.loops == second.loops and first.conditions == second.conditions
        if follows and not first.keeps_model and not any(first.order < order < second.order for order in receives):
            return second
    return None


def missing_init(use: ClientApiUse) -> ApiCall | None:
    """The first call of a script that never calls ``init``: NVFlare raises RuntimeError."""
    if use.unknown or use.called("init", "patch"):
        return None
    return next((call for call in use.calls if call.name in _NEED_INIT and call.reached), None)


def calls_before_init(use: ClientApiUse) -> tuple[ApiCall, ...]:
    """Calls that are surely made before the first ``init``: NVFlare raises RuntimeError."""
    first = next((call for call in use.called("init", "patch") if call.reached), None)
    if first is None or use.unknown:
        return ()
    return tuple(
        call
        for call in use.calls
        if call.name in _NEED_INIT
        and call.reached
        and call.order < first.order
        and first.conditions[: len(call.conditions)] == call.conditions
    )


def not_in_loop(use: ClientApiUse) -> ApiCall | None:
    """The ``receive`` of a script that handles one task and ends: right only where each task starts it anew."""
    receives = [call for call in use.called("receive") if call.reached]
    if use.unknown or use.sends_for_itself or any(call.loops for call in receives):
        return None
    return receives[0] if len(receives) == 1 else None


__all__ = [
    "ApiCall",
    "ClientApiUse",
    "ExitUse",
    "Flavour",
    "LoopUse",
    "ModelUse",
    "NameUse",
    "TaskBranch",
    "calls_before_init",
    "missing_init",
    "missing_receive",
    "missing_send",
    "not_in_loop",
    "read_client_api",
    "sent_again",
]
