"""What NVFlare's own jobs, recipes and `ScriptRunner` put on server and clients (hand-kept; releases 2.5 to 2.9).

An entry holds for a class and all that derive from it. A job or recipe of which no entry speaks is built, but what it
adds by itself is not known, and is counted as not checked.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct


class Part(Struct, frozen=True):
    """A component that a job class adds. ``path`` is its class.

    ``arguments`` are parameter and source: ``=name`` is what the job class gets as ``name``, ``@name`` the id of a
    component, ``*text`` a list of a text. ``instead`` is the parameter by which a script brings its own object;
    ``needs`` one that must be given and not None; ``unless`` one that, given as None or "", leaves the part out.
    """

    path: str
    id: str = ""
    side: str = "server"
    arguments: tuple[tuple[str, str], ...] = ()
    instead: str = ""
    needs: str = ""
    unless: str = ""
    workflow: bool = False
    by_default: str = ""
    """The feature of a release that adds it when the script does not bring one (`fllint.catalogue.grammar`)."""


_WIDGETS: Final = "nvflare.app_common.widgets"
_BASE_PARTS: Final = (
    Part(
        f"{_WIDGETS}.validation_json_generator.ValidationJsonGenerator",
        "json_generator",
        instead="validation_json_generator",
    ),
    Part(
        f"{_WIDGETS}.intime_model_selector.IntimeModelSelector",
        "model_selector",
        arguments=(("key_metric", "=key_metric"),),
        instead="model_selector",
        unless="key_metric",
    ),
)
"""nvflare/job_config/base_fed_job.py (2.7 on), nvflare/app_opt/{pt,tf}/job_config/base_fed_job.py (2.5 on)."""
_TENSORBOARD: Final = Part(
    "nvflare.app_opt.tracking.tb.tb_receiver.TBAnalyticsReceiver",
    "receiver",
    instead="analytics_receiver",
    by_default="tensorboard_by_default",
)
_EVENT_TO_FED: Final = Part(
    f"{_WIDGETS}.convert_to_fed_event.ConvertToFedEvent",
    "event_to_fed",
    side="client",
    arguments=(("events_to_convert", "*analytix_log_stats"),),
    instead="convert_to_fed_event",
)
_PT_MODEL: Final = (
    Part(
        "nvflare.app_opt.pt.file_model_persistor.PTFileModelPersistor",
        "persistor",
        arguments=(("model", "=initial_model"),),
        needs="initial_model",
    ),
    Part(
        "nvflare.app_opt.pt.file_model_locator.PTFileModelLocator",
        "locator",
        arguments=(("pt_persistor_id", "@persistor"),),
        needs="initial_model",
    ),
)
_TF_MODEL: Final = (
    Part(
        "nvflare.app_opt.tf.model_persistor.TFModelPersistor",
        "persistor",
        arguments=(("model", "=initial_model"),),
        needs="initial_model",
    ),
)
_FEDAVG: Final = Part(
    "nvflare.app_common.workflows.fedavg.FedAvg",
    "controller",
    arguments=(("num_clients", "=n_clients"), ("num_rounds", "=num_rounds"), ("persistor_id", "@persistor")),
    workflow=True,
)

JOB_PARTS: Final[dict[str, tuple[Part, ...]]] = {
    "nvflare.app_opt.pt.job_config.base_fed_job.BaseFedJob": (*_BASE_PARTS, _TENSORBOARD, _EVENT_TO_FED, *_PT_MODEL),
    "nvflare.app_opt.tf.job_config.base_fed_job.BaseFedJob": (*_BASE_PARTS, _TENSORBOARD, _EVENT_TO_FED, *_TF_MODEL),
    "nvflare.job_config.base_fed_job.BaseFedJob": (*_BASE_PARTS, _EVENT_TO_FED),
}
"""The parts of each base of NVFlare's jobs; the first entry that a class derives from counts."""
OWN_PARTS: Final[dict[str, tuple[Part, ...]]] = {
    "nvflare.app_opt.pt.job_config.fed_avg.FedAvgJob": (_FEDAVG,),
    "nvflare.app_opt.tf.job_config.fed_avg.FedAvgJob": (_FEDAVG,),
}
"""What a job class adds to the parts of its base (nvflare/app_opt/{pt,tf}/job_config/fed_avg.py, 2.5 on)."""
PLAIN: Final = "nvflare.job_config.api.FedJob"

# recipes: nvflare/recipe and nvflare/app_*/**/recipes, since 2.7

RECIPE_TO_RUNNER: Final = {
    "train_script": "script",
    "eval_script": "script",
    "task_script": "script",
    "train_args": "script_args",
    "eval_args": "script_args",
    "task_args": "script_args",
}
"""Parameters of recipes, and those of `ScriptRunner` that they become."""
RECIPE_AND_RUNNER: Final = (
    "launch_external_process",
    "command",
    "framework",
    "server_expected_format",
    "params_transfer_type",
    "launch_once",
    "launch_timeout",
    "shutdown_timeout",
)
"""Parameters that recipes and `ScriptRunner` share."""
FEDAVG_RECIPE: Final = "nvflare.recipe.fedavg.FedAvgRecipe"
FEDAVG_CONTROLLER: Final = Part(
    "nvflare.app_common.workflows.fedavg.FedAvg",
    "controller",
    arguments=(("num_clients", "=min_clients"), ("num_rounds", "=num_rounds")),
    workflow=True,
)
"""nvflare/recipe/fedavg.py, 2.7 on."""

# what a ScriptRunner makes: nvflare/job_config/script_runner.py

SCRIPT_RUNNER: Final = "nvflare.job_config.script_runner.ScriptRunner"
ONE_EXECUTOR: Final = "nvflare.app_common.executors.client_api_executor.ClientAPIExecutor"
"""Since 2.9 for every framework."""
IN_PROCESS: Final = {
    "pytorch": "nvflare.app_opt.pt.in_process_client_api_executor.PTInProcessClientAPIExecutor",
    "tensorflow": "nvflare.app_opt.tf.in_process_client_api_executor.TFInProcessClientAPIExecutor",
    "numpy": "nvflare.app_common.executors.in_process_client_api_executor.InProcessClientAPIExecutor",
    "raw": "nvflare.app_common.executors.in_process_client_api_executor.InProcessClientAPIExecutor",
}
EXTERNAL: Final = {
    "pytorch": "nvflare.app_opt.pt.client_api_launcher_executor.PTClientAPILauncherExecutor",
    "tensorflow": "nvflare.app_opt.tf.client_api_launcher_executor.TFClientAPILauncherExecutor",
    "numpy": "nvflare.app_common.executors.client_api_launcher_executor.ClientAPILauncherExecutor",
    "raw": "nvflare.app_common.executors.client_api_launcher_executor.ClientAPILauncherExecutor",
}
PIPE: Final = "nvflare.fuel.utils.pipe.cell_pipe.CellPipe"
LAUNCHER: Final = "nvflare.app_common.launchers.subprocess_launcher.SubprocessLauncher"
RELAY: Final = "nvflare.app_common.widgets.metric_relay.MetricRelay"
CONFIGURATOR: Final = "nvflare.app_common.widgets.external_configurator.ExternalConfigurator"
RUNNER_TO_EXECUTOR: Final = (
    "server_expected_format",
    "params_transfer_type",
    "memory_gc_rounds",
    "cuda_empty_cache",
)
"""Arguments that the executor gets as they are, where its class has them."""
