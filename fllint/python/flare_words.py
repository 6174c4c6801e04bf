"""Names of NVFlare's programming interface that show what a component's code does.

Sources: ``nvflare/apis/fl_component.py`` (system_panic), ``nvflare/app_common/utils/fl_component_wrapper.py`` (panic),
``nvflare/apis/engine_spec.py`` (get_component), ``nvflare/apis/controller_spec.py`` (Task, and the methods that send
one), ``nvflare/apis/fl_constant.py`` (ReturnCode); the same in all releases from 2.3 to 2.9.
"""

from __future__ import annotations

from typing import Final

LOOKS_UP: Final = frozenset({"get_component"})
"""Methods that give the component with an id."""
STARTER: Final = "handle_event"
"""The method that hears the events of a run, its start among them (``nvflare/apis/fl_component.py``)."""
PANICS: Final = frozenset({"system_panic", "panic"})
"""Methods that abort the job."""
LOGS: Final = frozenset(
    [
        "log_debug",
        "log_info",
        "log_warning",
        "log_error",
        "log_critical",
        "log_exception",
        "log_fatal",
        "debug",
        "info",
        "warning",
        "warn",
        "error",
        "critical",
        "exception",
        "fatal",
        "print",
        "format",
    ]
)
"""Functions and methods that only say something."""
WARNINGS: Final = frozenset(
    [
        "log_warning",
        "log_error",
        "log_critical",
        "log_exception",
        "log_fatal",
        "warning",
        "warn",
        "error",
        "critical",
        "exception",
        "fatal",
    ]
)
"""Those that say that something is wrong."""
TASK_CLASSES: Final = frozenset({"nvflare.apis.controller_spec.Task"})
"""Classes whose instances are tasks for clients."""
SENDS: Final = frozenset(
    [
        "broadcast",
        "broadcast_and_wait",
        "broadcast_forever",
        "broadcast_model",
        "multicasts_and_wait",
        "relay",
        "relay_and_wait",
        "relay_model",
        "send",
        "send_and_wait",
        "send_model",
        "send_model_and_wait",
    ]
)
"""Methods that send a task whose name they take as ``task_name``."""
REJECTIONS: Final = frozenset({"TASK_UNKNOWN", "TASK_UNSUPPORTED"})
"""Return codes of an executor for a task that it does not know."""
TASK_NAME: Final = "task_name"
"""How methods call the parameter that holds a task's name; ``execute`` may call its first parameter otherwise."""
COMPONENT: Final = "component"
"""In expressions, ``component(id)`` stands for the component that was looked up."""
GIVEN: Final = "given_"
"""In the summary of a method, its own parameters have this prefix."""
