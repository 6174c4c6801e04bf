"""What NVFlare makes of the results of the methods that a job's own classes have to write (hand-kept).

Each entry names the module that uses the result; all of them were tried with NVFlare itself.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from fllint.catalogue.custom_code import FL_MODEL

DXO: Final = "DXO"
LEARNABLE: Final = "ModelLearnable"
MODEL: Final = "FLModel"
SHAREABLE: Final = "Shareable"
NOTHING: Final = "nothing"
"""What a method of the class gives that has no ``return`` with a value."""

NAMED: Final = {
    DXO: "a DXO",
    LEARNABLE: "a ModelLearnable",
    MODEL: "an FLModel",
    SHAREABLE: "a Shareable",
    NOTHING: "nothing",
    **{"dict": "a dict", "list": "a list", "tuple": "a tuple", "text": "a text", "number": "a number"},
}
"""How messages call them."""

NOT_SHAREABLE: Final = {DXO: "return dxo.to_shareable()", MODEL: "return FLModelUtils.to_shareable(model)"}
"""How a Shareable is made of what holds its data (apis/dxo.py, every release; app_common/utils/fl_model_utils.py, 2.4
and later)."""

MADE_BY: Final = {
    "nvflare.apis.dxo.DXO": DXO,
    "nvflare.apis.dxo.from_shareable": DXO,
    FL_MODEL: MODEL,
    "nvflare.app_common.utils.fl_model_utils.FLModelUtils.from_shareable": MODEL,
    "nvflare.app_common.abstract.model.ModelLearnable": LEARNABLE,
    "nvflare.app_common.abstract.model.make_model_learnable": LEARNABLE,
    "nvflare.apis.shareable.Shareable": SHAREABLE,
    "nvflare.apis.shareable.make_reply": SHAREABLE,
}
"""Classes and functions of NVFlare, and what calling them gives (every release that has them)."""


class Wanted(NamedTuple):
    """The result that a method must give, and what becomes of the job otherwise.

    ``kinds`` are the kinds of objects that will do. ``always``: NVFlare calls the method in every run. ``or_nothing``:
    None has a meaning. ``feature`` names the feature of the releases that want it so; empty for all.
    """

    kinds: tuple[str, ...]
    outcome: str
    always: bool = True
    or_nothing: bool = False
    feature: str = ""


_FAILS_AS_FILTER: Final = "the task fails with TASK_DATA_FILTER_ERROR or TASK_RESULT_FILTER_ERROR"
_EMPTY: Final = "the client answers EMPTY_RESULT"
_ABORTS: Final = "the server aborts the run"
_STATISTICS: Final = "every client fails, and there are no statistics"

WANTED: Final[dict[str, dict[str, Wanted]]] = {
    # private/privacy_manager.py, private/fed/client/client_runner.py
    "nvflare.apis.filter.Filter": {"process": Wanted((SHAREABLE,), _FAILS_AS_FILTER)},
    # apis/dxo_filter.py: None means that nothing was filtered
    "nvflare.apis.dxo_filter.DXOFilter": {"process_dxo": Wanted((DXO,), _FAILS_AS_FILTER, or_nothing=True)},
    # app_common/workflows/scatter_and_gather.py
    "nvflare.app_common.abstract.aggregator.Aggregator": {"aggregate": Wanted((SHAREABLE,), _ABORTS)},
    # app_common/aggregators/model_aggregator.py, workflows/fedavg.py (2.7 and later)
    "nvflare.app_common.aggregators.model_aggregator.ModelAggregator": {"aggregate_model": Wanted((MODEL,), _ABORTS)},
    # app_common/workflows/scatter_and_gather.py
    "nvflare.app_common.abstract.shareable_generator.ShareableGenerator": {
        "learnable_to_shareable": Wanted((SHAREABLE,), _ABORTS),
        "shareable_to_learnable": Wanted((LEARNABLE,), _ABORTS),
    },
    # app_common/workflows/scatter_and_gather.py and model_controller.py: "Expected global weights to be of type"
    "nvflare.app_common.abstract.model_persistor.ModelPersistor": {"load_model": Wanted((LEARNABLE,), _ABORTS)},
    # app_common/aggregators/dxo_collector.py, collect_and_assemble_aggregator.py
    "nvflare.app_common.aggregators.assembler.Assembler": {
        "get_model_params": Wanted(("dict",), _ABORTS),
        "assemble": Wanted((DXO,), _ABORTS, feature="assembler_gives_dxo"),
    },
    # app_common/workflows/cross_site_model_eval.py
    "nvflare.app_common.abstract.model_locator.ModelLocator": {
        "get_model_names": Wanted(("list", "tuple", "dict"), _ABORTS),
        "locate_model": Wanted((DXO,), _ABORTS),
    },
    # app_common/executors/learner_executor.py; app_opt/sklearn/sklearn_executor.py unpacks a tuple
    "nvflare.app_common.abstract.learner_spec.Learner": {
        "train": Wanted((SHAREABLE, "tuple"), _EMPTY),
        "validate": Wanted((SHAREABLE, "tuple"), _EMPTY, always=False),
        "get_model_for_validation": Wanted((SHAREABLE,), _EMPTY, always=False),
    },
    # app_common/executors/model_learner_executor.py: a return code will do as well
    "nvflare.app_common.abstract.model_learner.ModelLearner": {
        "train": Wanted((MODEL, "text"), _EMPTY),
        "validate": Wanted((MODEL, "text"), _EMPTY, always=False),
        "get_model": Wanted((MODEL, "text"), _EMPTY, always=False),
    },
    # app_common/executors/statistics: "result is 'None'"
    "nvflare.app_common.abstract.statistics_spec.Statistics": {
        "features": Wanted(("dict",), _STATISTICS),
        "pre_run": Wanted(("dict",), "the client answers EXECUTION_RESULT_ERROR"),
    },
    # app_common/psi/dh_psi/dh_psi_task_handler.py
    "nvflare.app_common.psi.psi_spec.PSI": {"load_items": Wanted(("list",), "every client fails")},
    # app_opt/xgboost/histogram_based_v2/runners, tree_based/executor.py: unpacked to two (2.4 and later)
    "nvflare.app_opt.xgboost.data_loader.XGBDataLoader": {
        "load_data": Wanted(("tuple", "list"), "every client fails"),
    },
}
"""By the class that a job's own derives from: the methods whose result NVFlare works with."""

MAKES: Final = {
    SHAREABLE: "return dxo.to_shareable()",
    LEARNABLE: "return make_model_learnable(weights, {})",
    DXO: "return DXO(data_kind=..., data=...)",
    MODEL: "return FLModel(params=...)",
    "dict": "return an object with names as keys",
    "list": "return a list",
    "tuple": "return the training data and the validation data",
}
"""How what is wanted is made."""
