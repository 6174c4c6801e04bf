"""Faults of class paths into NVFlare, the standard library and beyond (fuel/utils/class_loader.py::load_class)."""

from __future__ import annotations

from typing import Any

from tests.differential.faults.registry import fault, values
from tests.differential.jobs import Job
from tests.differential.sound_jobs import NP_TRAINER, component


def path(job: Job, value: Any) -> None:
    """Adds a component with this path, and no arguments, to the client config."""
    job.client["components"] = [{"id": "more", "path": value}]


def workflow_path(job: Job, value: str) -> None:
    """Replaces the workflow by one of this class, without arguments."""
    job.server["workflows"] = [{"path": value}]


def executor_path(job: Job, value: str) -> None:
    """Replaces the executor by one of this class, without arguments."""
    job.client["executors"][0]["executor"] = {"path": value}


values(
    path,
    {
        "path_without_a_dot": "Trainer",
        "path_with_leading_dot": ".trainers.Trainer",
        "path_with_trailing_dot": "trainers.Trainer.",
        "path_with_two_dots": "trainers..Trainer",
        "path_of_one_dot": ".",
        "path_with_a_space": "trainers.Trainer ",
        "path_with_a_leading_space": " trainers.Trainer",
        "path_with_slashes": "trainers/Trainer",
        "path_of_a_file": "trainers.py",
        "path_with_hash": "trainers.Trainer#main",
        "path_with_colon": "trainers:Trainer",
        "path_with_brackets": "trainers.Trainer()",
        "path_a_number": 3,
        "path_a_float": 1.5,
        "path_a_list": ["trainers", "Trainer"],
        "path_true": True,
        "path_of_a_function": "os.getcwd",
        "path_of_a_module": "os.path",
        "path_of_a_constant": "os.sep",
        "path_of_none": "trainers.np",
        "path_of_a_builtin": "builtins.dict",
        "path_of_a_class_of_the_library": "collections.OrderedDict",
        "path_of_a_private_name": "os._exit_not_there",
        "path_of_a_nested_class": "argparse.ArgumentParser.Nothing",
        "path_of_an_enum": "enum.Enum",
        "path_of_a_method": "datetime.datetime.now",
        "path_of_a_missing_module": "nowhere.Nothing",
        "path_of_a_missing_submodule": "nvflare.nowhere.Nothing",
        "path_of_a_missing_class": "nvflare.app_common.np.np_trainer.NPTrainerX",
        "path_of_a_class_in_other_case": "nvflare.app_common.np.np_trainer.NpTrainer",
        "path_of_a_module_in_other_case": "nvflare.app_common.NP.np_trainer.NPTrainer",
        "path_through_a_package": "nvflare.app_common.np.NPTrainer",
        "path_of_a_re_export": "nvflare.app_common.ccwf.SwarmServerController",
        "path_of_an_imported_name": "nvflare.app_common.np.np_trainer.DXO",
        "path_of_an_imported_module": "nvflare.app_common.np.np_trainer.np",
        "path_of_a_package_of_nvflare": "nvflare.app_common.np",
        "path_of_an_abstract_class": "nvflare.apis.executor.Executor",
        "path_of_an_abstract_aggregator": "nvflare.app_common.abstract.aggregator.Aggregator",
        "path_with_source_prefix": "src.nvflare.app_common.np.np_trainer.NPTrainer",
        "path_with_misspelt_package": "nvflair.app_common.np.np_trainer.NPTrainer",
        "path_of_an_optional_package": "torch.nn.Linear",
        "path_of_a_class_that_needs_an_optional_package": (
            "nvflare.app_opt.pt.file_model_persistor.PTFileModelPersistor"
        ),
        "path_of_a_missing_class_that_needs_an_optional_package": (
            "nvflare.app_opt.pt.file_model_persistor.PTFilePersistor"
        ),
        "path_of_a_test_class": "numpy.testing.TestCase",
        "path_of_a_missing_numpy_class": "numpy.NoSuchThing",
        "path_of_numpy": "numpy.array",
        "path_removed_in_some_release": "nvflare.app_common.executors.task_exchanger.TaskExchanger",
        "path_moved_in_2_3": "nvflare.app_common.pt.pt_file_model_persistor.PTFileModelPersistor",
        "path_moved_in_2_4": "nvflare.app_opt.tracking.tb_receiver.TBAnalyticsReceiver",
        "path_of_old_handlers": "nvflare.app_common.handlers.event_recorder.ClientEventRecorder",
        "path_of_early_stopping": "nvflare.app_opt.pt.fedavg_early_stopping.PTFedAvgEarlyStopping",
        "path_of_launchers": "nvflare.app_common.launchers.subprocess_launcher.SubprocessLauncher",
        "path_of_responder": "nvflare.apis.responder.Responder",
        "path_of_overseer": "nvflare.apis.overseer_spec.SP",
        "path_of_log_sender": "nvflare.app_common.logging.log_sender.ErrorLogSender",
        "path_of_job_log_streamer": "nvflare.app_common.logging.job_log_streamer.JobLogStreamer",
        "path_not_in_ascii": "trainers.Träiner",
        "path_with_fullwidth_letters": "trainers.\uff34rainer",
        "path_of_dunder": "trainers.__name__",
        "path_of_dunder_class": "trainers.__loader__",
    },
)
values(
    workflow_path,
    {
        "workflow_of_abstract_controller": "nvflare.apis.impl.controller.Controller",
        "workflow_of_abstract_model_controller": "nvflare.app_common.workflows.model_controller.ModelController",
        "workflow_of_class_through_package": "nvflare.app_common.workflows.ScatterAndGather",
        "workflow_of_fedavg_without_args": "nvflare.app_common.workflows.fedavg.FedAvg",
        "workflow_of_scatter_without_args": "nvflare.app_common.workflows.scatter_and_gather.ScatterAndGather",
        "workflow_of_fedavg_in_other_case": "nvflare.app_common.workflows.fedavg.Fedavg",
        "workflow_of_missing_module": "nvflare.app_common.workflows.fed_avg.FedAvg",
        "workflow_of_cyclic_model": "nvflare.app_common.workflows.cyclic.Cyclic",
        "workflow_of_scaffold": "nvflare.app_common.workflows.scaffold.Scaffold",
        "workflow_of_broadcast_and_process": ("nvflare.app_common.workflows.broadcast_and_process.BroadcastAndProcess"),
        "workflow_of_initialize_weights": (
            "nvflare.app_common.workflows.initialize_global_weights.InitializeGlobalWeights"
        ),
        "workflow_of_global_model_eval": "nvflare.app_common.workflows.global_model_eval.GlobalModelEval",
        "workflow_of_swarm_without_args": "nvflare.app_common.ccwf.SwarmServerController",
        "workflow_of_statistics_without_args": (
            "nvflare.app_common.workflows.statistics_controller.StatisticsController"
        ),
        "workflow_of_a_client_controller": "nvflare.app_common.ccwf.SwarmClientController",
        "workflow_of_model_selector": "nvflare.app_common.widgets.intime_model_selector.IntimeModelSelector",
    },
)
values(
    executor_path,
    {
        "executor_of_numpy_trainer": NP_TRAINER,
        "executor_of_learner_without_args": "nvflare.app_common.executors.learner_executor.LearnerExecutor",
        "executor_of_model_learner_without_args": (
            "nvflare.app_common.executors.model_learner_executor.ModelLearnerExecutor"
        ),
        "executor_of_client_api_without_args": ("nvflare.app_common.executors.client_api_executor.ClientAPIExecutor"),
        "executor_of_in_process_without_args": (
            "nvflare.app_common.executors.in_process_client_api_executor.InProcessClientAPIExecutor"
        ),
        "executor_of_launcher_without_args": (
            "nvflare.app_common.executors.client_api_launcher_executor.ClientAPILauncherExecutor"
        ),
        "executor_of_abstract_class": "nvflare.apis.executor.Executor",
        "executor_of_statistics_without_args": (
            "nvflare.app_common.executors.statistics.statistics_executor.StatisticsExecutor"
        ),
        "executor_of_swarm_client": "nvflare.app_common.ccwf.SwarmClientController",
        "executor_of_error_handling": "nvflare.app_common.executors.error_handling_executor.ErrorHandlingExecutor",
        "executor_of_ham": "nvflare.app_common.executors.ham.HAMExecutor",
        "executor_of_exec_task_fn": "nvflare.app_common.executors.exec_task_fn_wrapper.ExecTaskFuncWrapper",
        "executor_of_multi_process": "nvflare.app_common.executors.multi_process_executor.MultiProcessExecutor",
    },
)


@fault()
def class_attribute_in_a_path(job: Job) -> None:
    job.client["components"] = [component("more", "trainers.Trainer.execute")]
