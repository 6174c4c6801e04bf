"""What NVFlare's own components do to the data that passes them, where their code cannot be read as a fact (hand-kept).

Each entry names the module it was read from. Classes that derive from one of these count as it.
"""

from __future__ import annotations

from typing import Final

SENDS: Final = {
    "nvflare.app_common.np.np_trainer.NPTrainer": "WEIGHTS",  # np_trainer.py: DXO(data_kind=DataKind.WEIGHTS)
    "nvflare.app_common.ccwf.comps.np_trainer.NPTrainer": "WEIGHT_DIFF",  # ccwf/comps/np_trainer.py
}
"""Executors that always return the same kind of data from training; a class that derives from one may do otherwise."""

TRANSFER_KINDS: Final = {"FULL": "WEIGHTS", "DIFF": "WEIGHT_DIFF"}
"""What `params_transfer_type` of an executor makes of a trained model (app_common/utils/fl_model_utils.py)."""

DXO_CLASS: Final = "nvflare.apis.dxo.DXO"
DATA_KIND: Final = "nvflare.apis.dxo.DataKind"
"""What is sent, and the names of its kinds (apis/dxo.py, every release)."""
METRICS: Final = "METRICS"
"""The kind of the results of an evaluation."""
MODEL_TO_SHAREABLE: Final = "nvflare.app_common.utils.fl_model_utils.FLModelUtils.to_shareable"
"""Makes a Shareable of an FLModel (2.4 and later)."""
RETURN_CODES: Final = ("nvflare.apis.shareable.make_reply", "nvflare.apis.fl_constant.ReturnCode")
"""What executors answer without data."""
ASKS_LEARNER: Final = (
    "nvflare.app_common.executors.learner_executor.LearnerExecutor",
    "nvflare.app_common.executors.model_learner_executor.ModelLearnerExecutor",
)
LEARNER_METHOD: Final = "train"
"""Executors that hand what the ``train`` method of their learner returns on to the server (every release; 2.4)."""

METHODS_OF_LEARNERS: Final = {
    "nvflare.app_common.executors.learner_executor.LearnerExecutor": {
        "train_task": "train",
        "submit_model_task": "get_model_for_validation",
        "validate_task": "validate",
    },
    "nvflare.app_common.executors.model_learner_executor.ModelLearnerExecutor": {
        "train_task": "train",
        "submit_model_task": "get_model",
        "validate_task": "validate",
    },
}
"""By the executor and its argument that names a task: the method of the learner that does it. Those of the base class
answer TASK_UNSUPPORTED (app_common/abstract/learner_spec.py, every release; model_learner.py, 2.4 and later)."""

BASES_OF_LEARNERS: Final = ("nvflare.app_common.abstract.", "nvflare.apis.", "nvflare.app_common.utils.")
"""Where the classes lie that a learner may derive from and gets no such method of (every release)."""

CHANGES_KIND: Final = ("nvflare.app_common.filters.convert_weights.ConvertWeights",)
"""Filters that turn weights into differences or back."""

DXO_FILTER: Final = "nvflare.apis.dxo_filter.DXOFilter"
FILTERED_KINDS: Final = "data_kinds"
"""The filters that let every DXO pass whose kind is not among those of this attribute (apis/dxo_filter.py)."""
NOT_TRAINING: Final = ("evaluate_task_name", "submit_model_task_name", "validate_task", "submit_model_task")
"""Names of arguments of executors that name tasks whose results are no update of the model."""
PASSES_UNLESS: Final = {
    "nvflare.app_common.filters.percentile_privacy.PercentilePrivacy": (
        ("gamma", 0.0, float("-inf"), float("inf")),
        ("percentile", float("-inf"), 0.0, 100.0),
    ),
}
"""Filters that pass over everything unless an argument is above one number, at least another, and at most a third
(``process_dxo`` returns None: app_common/filters/percentile_privacy.py, every release)."""

FRAMEWORKS: Final = {
    "nvflare.app_common.np": "numpy",
    "nvflare.app_common.ccwf.comps.np": "numpy",
    "nvflare.app_opt.pt": "PyTorch",
    "nvflare.app_opt.tf": "TensorFlow",
}
"""Packages whose trainers and persistors only understand each other's models."""

CHOOSES_BEST_MODEL: Final = (
    "nvflare.app_common.widgets.intime_model_selector.IntimeModelSelector",
    "nvflare.app_common.widgets.intime_model_selector.IntimeModelSelectionHandler",
)
"""Widgets that compare the global model of a round with the round before."""

NEGATES_METRIC: Final = "negate_key_metric"
LOWER_IS_BETTER_PARTS: Final = ("loss", "err")
LOWER_IS_BETTER_WORDS: Final = frozenset(["bce", "ce", "cer", "mae", "mse", "nll", "perplexity", "ppl", "rmse", "wer"])
ALREADY_NEGATED: Final = "neg"
"""Parts and words of the names of metrics of which less is better, and the word of those that are negated
(app_common/widgets/intime_model_selector.py, 2.9)."""

NEEDS_TWO_CLIENTS: Final = (
    "nvflare.app_common.workflows.cyclic_ctl.CyclicController",  # control_flow: "Not enough active client sites"
    "nvflare.app_common.ccwf.server_ctl.ServerSideController",  # start_controller: "requires at least 2 clients"
)
"""Workflows that hand the model from client to client."""

ENCRYPTS: Final = ("nvflare.app_opt.he.model_encryptor.HEModelEncryptor",)
"""Client filters after which only homomorphic arithmetic works."""
ADDS_ENCRYPTED: Final = ("nvflare.app_opt.he.intime_accumulate_model_aggregator.HEInTimeAccumulateWeightedAggregator",)
"""Aggregators that can add encrypted contributions."""
SHARES_ENCRYPTED: Final = ("nvflare.app_opt.he.model_shareable_generator.HEModelShareableGenerator",)
"""Shareable generators that can apply an encrypted update."""
DECRYPTS: Final = ("nvflare.app_opt.he.model_decryptor.HEModelDecryptor",)
"""Client filters that make an encrypted model usable again."""

PICKLES: Final = ("nvflare.app_opt.pt.file_model_persistor.PTFileModelPersistor",)
"""Persistors that save by pickling, which encrypted values refuse (``torch.save``)."""
SERIALIZES: Final = ("nvflare.app_opt.he.model_serialize_filter.HEModelSerializeFilter",)
"""Filters of a persistor that make an encrypted model fit to be saved."""
PERSISTOR_FILTER: Final = "filter_id"
"""The argument of a persistor that names its filter (app_common/abstract/model_persistor.py)."""
CONTEXT_FILES: Final = {"tenseal_context_file": ("client_context.tenseal", "server_context.tenseal")}
"""The argument that names the context, and the files that clients and server have (lighter/impl/he.py)."""
WEIGHS_BY_STEPS: Final = "weigh_by_local_iter"
AGGREGATION_WEIGHTS: Final = "aggregation_weights"
"""Arguments of both: who multiplies, and by what (app_opt/he, every release)."""
LOCAL_STEPS: Final = "NUM_STEPS_CURRENT_ROUND"
"""What a result says of its steps (apis/dxo.py ``MetaKey``): one where it says nothing."""

FILE_PIPES: Final = ("nvflare.fuel.utils.pipe.file_pipe.FilePipe",)
"""Pipes through files: two sites with the same folder read each other's messages."""

STREAMERS: Final = (
    "nvflare.app_opt.tensor_stream.server.TensorServerStreamer",
    "nvflare.app_opt.tensor_stream.client.TensorClientStreamer",
)
"""The components of the server and of the clients that stream tensors to each other (app_opt/tensor_stream, 2.6 and
later); tried with each alone, and with other tasks, on 2.9."""
STREAMED_TASKS: Final = "tasks"
"""Their argument for the tasks whose tensors they stream, ``train`` by default."""
UNDONE_BY: Final = {
    "nvflare.app_opt.pt.quantization.quantizer.ModelQuantizer": (
        "nvflare.app_opt.pt.quantization.dequantizer.ModelDequantizer"
    ),
}
"""Filters of what is sent, and the filter of what is received that makes it usable again (2.6 and later)."""
HARMLESS_QUANTIZATION: Final = "float16"
"""A ``quantization_type`` after which the numbers are still numbers."""

SITE_ARGUMENTS: Final = (
    "participating_clients",
    "starting_client",
    "result_clients",
    "train_clients",
    "evaluator",
    "evaluators",
    "evaluatees",
    "aggr_clients",
    "aggregation_weights",
    "client_ranks",
    "order",
)
"""Names of constructor arguments that name sites: a name, a list of names, or an object with names as keys."""
RANKS: Final = "client_ranks"
"""The argument that gives each client its rank: all of them, 0 and up, each once; the controller panics otherwise
(app_opt/xgboost/histogram_based_v2/controller.py ``configure_clients``, 2.4 and later)."""

FLOWER: Final = (
    "nvflare.app_opt.flower.controller.FlowerController",
    "nvflare.app_opt.flower.executor.FlowerExecutor",
)
"""The two that run a Flower app, whose root is the app's custom/ folder (app_opt/flower/applet.py, 2.4 and later)."""

ASKS_PERSISTOR_FOR_MODELS: Final = ("nvflare.app_common.workflows.cross_site_eval.CrossSiteEval",)
"""Workflows that call ``get_model`` of their persistor (workflows/cross_site_eval.py, 2.5 and later)."""
GIVES_NO_MODELS: Final = ("nvflare.app_common.np.np_model_persistor.NPModelPersistor",)
"""Persistors without a ``get_model`` of their own: ModelPersistor's is empty (abstract/model_persistor.py)."""

SENDS_NO_LEARN_TASK: Final = ("nvflare.app_common.ccwf.cse_client_ctl.CrossSiteEvalClientController",)
"""Client-side controllers that inherit ``send_learn_task`` and never call it (ccwf/cse_client_ctl.py)."""

STATISTICS: Final = "nvflare.app_common.workflows.statistics_controller.StatisticsController"
STATISTICS_ARGUMENT: Final = "statistic_configs"
HISTOGRAM: Final = "histogram"
CALCULATED_FROM: Final = {"mean": "sum"}
"""Statistics that the server makes of another one, which must be asked for too: KeyError otherwise
(app_common/statistics/numeric_stats.py ``get_global_stats``, 2.3 and later; the count is always asked for)."""
BINS: Final = "bins"
"""What a histogram needs for each feature, or for ``*``: without it ``get_number_of_bins`` raises in every client
(app_common/executors/statistics, 2.3 and later)."""
RANGE: Final = "range"
"""From where to where the bins of a histogram go; without it the clients are asked."""
STATISTICS_BASE: Final = "nvflare.app_common.abstract.statistics_spec.Statistics"
CALCULATED_BY: Final = {
    "sum": ("sum",),
    "mean": ("sum",),
    "stddev": ("variance_with_mean", "stddev"),
    "histogram": ("histogram",),
    "quantile": ("quantiles",),
}
LIMITS: Final = ("max_value", "min_value")
"""The methods of the clients' generator that a statistic is made by; a histogram needs the limits too, where no range
is given. Those of the base class raise NotImplementedError (app_common/executors/statistics and
app_common/abstract/statistics_spec.py, 2.3 and later; quantiles 2.6)."""
