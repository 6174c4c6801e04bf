"""What the run level does not run, by class: refused by name, never approximated.

Data: a prefix of a class path, and why. A component is refused when a class of its inheritance is listed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .events import Teller

REFUSED: tuple[tuple[str, str], ...] = (
    ("nvflare.app_opt.xgboost.histogram_based", "XGBoost opens its own network between the sites"),
    ("nvflare.app_opt.flower", "Flower brings its own server, clients and network"),
    ("nvflare.app_common.tie", "a third-party integration runs another system with its own network"),
    ("nvflare.app_common.hub", "a hub job talks to another federation"),
    ("nvflare.edge", "edge jobs run a tree of relays and simulated devices"),
    ("nvflare.collab", "the collaborative API runs over NVFlare's cells"),
    ("nvflare.app_opt.he", "homomorphic encryption needs the keys of a provisioned federation"),
    ("nvflare.app_common.executors.ipc_exchanger", "the trainer is a process that somebody else starts"),
    ("nvflare.app_opt.confidential_computing", "confidential computing needs its hardware"),
)


class RefusedError(BaseException):  # NVFlare's configurators take every Exception for a fault of the job
    """The run level cannot run this job."""


def reason(class_path: str) -> str:
    """Why a class is refused; empty when it is not."""
    for prefix, why in REFUSED:
        if class_path == prefix or class_path.startswith((prefix + ".", prefix + "_")):
            return why
    return ""


def refuse(teller: Teller, components: Iterable[Any]) -> None:
    """Raises `RefusedError`, after telling why, when a component is of a class that is refused."""
    for component in components:
        for kind in type(component).__mro__:
            path = f"{kind.__module__}.{kind.__qualname__}"
            why = reason(path)
            if why:
                refuse_class(teller, f"{type(component).__module__}.{type(component).__qualname__}", why)


def refuse_class(teller: Teller, class_path: str, why: str) -> None:
    """Tells that a class is refused, and raises `RefusedError`."""
    teller.tell("refused", what=class_path, why=why, **{"class": class_path})
    raise RefusedError(class_path)


def refused_in(class_paths: Iterable[str]) -> list[tuple[str, str]]:
    """``(class path, why)`` of those that are refused."""
    return [(path, reason(path)) for path in class_paths if reason(path)]
