"""Kinds of components, and the base class that makes a class one of that kind, by release.

Sources: the isinstance checks of ``nvflare/private/fed/server/server_json_config.py`` and
``nvflare/private/fed/client/client_json_config.py`` (workflow, executor, filter), and the abstract classes in
``nvflare/app_common/abstract`` of each release.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_ALWAYS: Final = {
    "Component": "nvflare.apis.fl_component.FLComponent",
    "Controller": "nvflare.apis.impl.controller.Controller",
    "Executor": "nvflare.apis.executor.Executor",
    "Filter": "nvflare.apis.filter.Filter",
    "Aggregator": "nvflare.app_common.abstract.aggregator.Aggregator",
    "LearnablePersistor": "nvflare.app_common.abstract.learnable_persistor.LearnablePersistor",
    "ModelPersistor": "nvflare.app_common.abstract.model_persistor.ModelPersistor",
    "ShareableGenerator": "nvflare.app_common.abstract.shareable_generator.ShareableGenerator",
    "ModelLocator": "nvflare.app_common.abstract.model_locator.ModelLocator",
    "Formatter": "nvflare.app_common.abstract.formatter.Formatter",
    "Learner": "nvflare.app_common.abstract.learner_spec.Learner",
    "ModelLearner": "nvflare.app_common.abstract.model_learner.ModelLearner",
    "Statistics": "nvflare.app_common.abstract.statistics_spec.Statistics",
    "StatisticsWriter": "nvflare.app_common.abstract.statistics_writer.StatisticsWriter",
    "ResponseProcessor": "nvflare.app_common.abstract.response_processor.ResponseProcessor",
    "TaskHandler": "nvflare.app_common.abstract.task_handler.TaskHandler",
    "ParamsConverter": "nvflare.app_common.abstract.params_converter.ParamsConverter",
    "Launcher": "nvflare.app_common.abstract.launcher.Launcher",
    "Pipe": "nvflare.fuel.utils.pipe.pipe.Pipe",
    "Widget": "nvflare.widgets.widget.Widget",
    "AnalyticsReceiver": "nvflare.app_common.widgets.streaming.AnalyticsReceiver",
    "LogWriter": "nvflare.app_common.tracking.log_writer.LogWriter",
    "Recipe": "nvflare.recipe.spec.Recipe",
    "FedJob": "nvflare.job_config.api.FedJob",
}

KINDS: Final[Mapping[str, Mapping[str, str]]] = {
    **{release: {"Workflow": "nvflare.apis.responder.Responder", **_ALWAYS} for release in ("2.3", "2.4")},
    **{
        release: {"Workflow": "nvflare.apis.impl.controller.Controller", **_ALWAYS}
        for release in ("2.5", "2.6", "2.7", "2.8", "2.9")
    },
}
"""Kind → class path. ``Workflow`` is what may stand under ``workflows``; kinds whose class a release lacks do not
count."""
