"""Which constructor arguments name a script that a site runs, and the arguments of that script (hand-kept).

Classes of NVFlare are not named: a class that derives from one of them has the same arguments. Sources are the modules
below ``nvflare/app_common``.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct


class ScriptArgument(Struct, frozen=True):
    """An argument that names a script.

    ``in_process``: it is the end of a path below ``custom/``, and ``arguments`` names the argument whose text is split
    at white space; else it is a command that runs in the app's folder. ``kind`` is what the class must derive from (a
    key of `fllint.catalogue.kinds`), ``mode`` the value of ``execution_mode`` where the class has that.
    """

    name: str
    in_process: bool
    kind: str
    mode: str
    arguments: str = ""


SCRIPT_ARGUMENTS: Final = (
    # executors/task_script_runner.py, 2.5 to 2.9
    ScriptArgument("task_script_path", True, "Executor", "in_process", "task_script_args"),
    # executors/client_api_executor.py, 2.9: a text for shlex, or a list
    ScriptArgument("command", False, "Executor", "external_process"),
    # launchers/subprocess_launcher.py, 2.4 to 2.8
    ScriptArgument("script", False, "Launcher", ""),
)

MODE: Final = "execution_mode"
"""The argument that says how an executor runs its script (2.9)."""
LAUNCHER_ID: Final = "launcher_id"
"""The argument by which an executor names its launcher (executors/launcher_executor.py, 2.4 to 2.8)."""
LAUNCH_ONCE: Final = "launch_once"
"""Whether one process serves all tasks, or each task gets its own."""
ROUNDS: Final = "num_rounds"
"""How often a workflow sends its task."""
TASK_NAMES: Final = {
    "train": "train_task_name",
    "evaluate": "evaluate_task_name",
    "submit_model": "submit_model_task_name",
}
"""What a script asks (``is_train`` …), and the executor's argument that says for which task that is so."""
EXCHANGE_FORMAT: Final = "params_exchange_format"
SERVER_FORMAT: Final = "server_expected_format"
CONVERTER: Final = "from_nvflare_converter_id"
"""The component that turns what the server sends into what the script gets (2.4 to 2.8)."""
GENERAL_EXECUTORS: Final = "nvflare.app_common.executors."
"""Executors that belong to no framework, and convert only what they are told to."""
KEEPS_TENSORS: Final = "allow_numpy_conversion"
"""False for a persistor that gives out tensors (app_opt/pt/file_model_persistor.py, 2.6 and later)."""
HEARTBEATS: Final = ("heartbeat_interval", "heartbeat_timeout")
"""How often a pipe's ends say that they are there, and how long each waits for that; the second must be longer, or 0
(fuel/utils/pipe/pipe_handler.py, 2.4 to 2.8)."""
KEY_METRIC: Final = "key_metric"
"""The metric by which a component of the server chooses the best model."""
STOP_CONDITION: Final = "stop_cond"
"""``<metric> <comparison> <number>``: when a workflow ends before its last round, and which of its models is better
(app_common/workflows/fedavg.py, 2.7 and later)."""
CONDITIONS: Final = frozenset(
    f"nvflare.client.{name}" for name in ("is_running", "is_train", "is_evaluate", "is_submit_model")
)
"""The functions of the Client API that scripts ask what to do (client/api.py, 2.4 and later)."""
CLIENT_API: Final = "nvflare.client"
"""The package whose functions scripts use."""
