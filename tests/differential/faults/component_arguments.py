"""Faults of components' and filters' arguments: the checks that NVFlare's classes make, and those they do not make."""

from __future__ import annotations

from typing import Any

from tests.differential.faults.registry import values
from tests.differential.jobs import Job
from tests.differential.sound_jobs import CYCLIC, SELECTOR, a_filter, chain, component

FILTERS = "nvflare.app_common.filters."


def server_component(job: Job, value: dict[str, Any]) -> None:
    """Adds a component to the server config."""
    job.server["components"].append(value)


def result_filter(job: Job, value: dict[str, Any]) -> None:
    """Replaces the client's result filters by one chain of one filter."""
    job.client["task_result_filters"] = [chain(["train"], value)]


values(
    result_filter,
    {
        "exclude_vars_a_number": a_filter(FILTERS + "exclude_vars.ExcludeVars", exclude_vars=5),
        "exclude_vars_numbers": a_filter(FILTERS + "exclude_vars.ExcludeVars", exclude_vars=[1, 2]),
        "exclude_vars_a_pattern": a_filter(FILTERS + "exclude_vars.ExcludeVars", exclude_vars="bias.*"),
        "exclude_vars_a_broken_pattern": a_filter(FILTERS + "exclude_vars.ExcludeVars", exclude_vars="bias("),
        "exclude_vars_empty": a_filter(FILTERS + "exclude_vars.ExcludeVars", exclude_vars=[]),
        "exclude_vars_data_kinds_a_string": a_filter(FILTERS + "exclude_vars.ExcludeVars", data_kinds="WEIGHTS"),
        "percentile_over_a_hundred": a_filter(FILTERS + "percentile_privacy.PercentilePrivacy", percentile=200),
        "percentile_data_kinds_a_string": a_filter(
            FILTERS + "percentile_privacy.PercentilePrivacy", data_kinds="WEIGHTS"
        ),
        "svt_unknown_argument": a_filter(FILTERS + "svt_privacy.SVTPrivacy", delta=0.1),
        "svt_fraction_a_string": a_filter(FILTERS + "svt_privacy.SVTPrivacy", fraction="0.1"),
        "svt_epsilon_threshold": a_filter(FILTERS + "svt_privacy.SVTPrivacy", epsilon_threshold=0.1),
        "svt_epsilon_zero": a_filter(FILTERS + "svt_privacy.SVTPrivacy", epsilon=0),
        "blocker_without_kinds": a_filter(FILTERS + "dxo_blocker.DXOBlocker"),
        "blocker_kinds_empty": a_filter(FILTERS + "dxo_blocker.DXOBlocker", data_kinds=[]),
        "blocker_kinds_a_string": a_filter(FILTERS + "dxo_blocker.DXOBlocker", data_kinds="WEIGHTS"),
        "blocker_kinds_numbers": a_filter(FILTERS + "dxo_blocker.DXOBlocker", data_kinds=[1]),
        "blocker_in_order": a_filter(FILTERS + "dxo_blocker.DXOBlocker", data_kinds=["METRICS"]),
        "blocker_allow_a_string": a_filter(
            FILTERS + "dxo_blocker.DXOBlocker", data_kinds=["METRICS"], allow_data_kinds="no"
        ),
        "convert_direction_unknown": a_filter(FILTERS + "convert_weights.ConvertWeights", direction="both"),
        "convert_direction_in_order": a_filter(FILTERS + "convert_weights.ConvertWeights", direction="weights_to_diff"),
        "convert_without_direction": a_filter(FILTERS + "convert_weights.ConvertWeights"),
        "statistics_privacy_without_cleansers": a_filter(FILTERS + "statistics_privacy_filter.StatisticsPrivacyFilter"),
        "statistics_privacy_cleansers_a_string": a_filter(
            FILTERS + "statistics_privacy_filter.StatisticsPrivacyFilter", result_cleanser_ids="min_count"
        ),
    },
)
AGGREGATORS = "nvflare.app_common.aggregators."
values(
    server_component,
    {
        "selector_weights_a_list": component("more", SELECTOR, aggregation_weights=[1]),
        "selector_weights_in_order": component("more", SELECTOR, aggregation_weights={"site-1": 1.0}),
        "selector_metric_a_number": component("more", SELECTOR, key_metric=1),
        "selector_unknown_argument": component("more", SELECTOR, metric="accuracy"),
        "aggregator_excludes_a_number": component(
            "more",
            AGGREGATORS + "intime_accumulate_model_aggregator.InTimeAccumulateWeightedAggregator",
            exclude_vars=1,
        ),
        "aggregator_weights_a_list": component(
            "more",
            AGGREGATORS + "intime_accumulate_model_aggregator.InTimeAccumulateWeightedAggregator",
            aggregation_weights=[1],
        ),
        "aggregator_kind_unknown": component(
            "more",
            AGGREGATORS + "intime_accumulate_model_aggregator.InTimeAccumulateWeightedAggregator",
            expected_data_kind="WEIGHT",
        ),
        "aggregator_kind_a_number": component(
            "more",
            AGGREGATORS + "intime_accumulate_model_aggregator.InTimeAccumulateWeightedAggregator",
            expected_data_kind=1,
        ),
        "aggregator_mixed_keys": component(
            "more",
            AGGREGATORS + "intime_accumulate_model_aggregator.InTimeAccumulateWeightedAggregator",
            expected_data_kind={"a": "WEIGHTS", "b": "WEIGHT_DIFF"},
            exclude_vars={"c": "bias"},
        ),
        "aggregator_kinds_by_key": component(
            "more",
            AGGREGATORS + "intime_accumulate_model_aggregator.InTimeAccumulateWeightedAggregator",
            expected_data_kind={"a": "WEIGHTS", "b": "WEIGHT_DIFF"},
        ),
        "aggregator_kinds_by_key_one_unknown": component(
            "more",
            AGGREGATORS + "intime_accumulate_model_aggregator.InTimeAccumulateWeightedAggregator",
            expected_data_kind={"a": "WEIGHTS", "b": "NOTHING"},
        ),
        "assembler_without_its_id": component(
            "more", AGGREGATORS + "collect_and_assemble_aggregator.CollectAndAssembleAggregator"
        ),
        "persistor_model_a_list": component(
            "more", "nvflare.app_common.np.np_model_persistor.NPModelPersistor", model=[[1.0, 2.0]]
        ),
        "persistor_model_a_dict": component(
            "more", "nvflare.app_common.np.np_model_persistor.NPModelPersistor", model={"w": [1.0]}
        ),
        "persistor_source_checkpoint_missing": component(
            "more",
            "nvflare.app_common.np.np_model_persistor.NPModelPersistor",
            source_ckpt_file_full_name="/not/there.npy",
        ),
        "locator_names_a_list": component(
            "more", "nvflare.app_common.np.np_model_locator.NPModelLocator", model_name=["a", "b"]
        ),
        "locator_names_a_dict": component(
            "more", "nvflare.app_common.np.np_model_locator.NPModelLocator", model_name={"a": "a.npy"}
        ),
        "locator_names_a_number": component(
            "more", "nvflare.app_common.np.np_model_locator.NPModelLocator", model_name=5
        ),
        "recorder_events": component(
            "more", "nvflare.app_common.widgets.event_recorder.ServerEventRecorder", log_file_name="a.log"
        ),
        "converter_without_events": component(
            "more", "nvflare.app_common.widgets.convert_to_fed_event.ConvertToFedEvent"
        ),
        "converter_events_a_string": component(
            "more", "nvflare.app_common.widgets.convert_to_fed_event.ConvertToFedEvent", events_to_convert="a"
        ),
        "converter_events_numbers": component(
            "more", "nvflare.app_common.widgets.convert_to_fed_event.ConvertToFedEvent", events_to_convert=[1]
        ),
        "log_receiver": component("more", "nvflare.app_common.logging.job_log_receiver.JobLogReceiver"),
        "json_generator_a_number": component(
            "more", "nvflare.app_common.widgets.validation_json_generator.ValidationJsonGenerator", results_dir=1
        ),
        "cyclic_as_a_component": component("more", CYCLIC),
    },
)

values(
    lambda job, value: job.server["components"][0]["args"].update(value),
    {
        "writer_output_path_empty": {"output_path": ""},
        "writer_output_path_null": {"output_path": None},
        "writer_encoder_path_a_number": {"json_encoder_path": 1},
        "writer_encoder_path": {"json_encoder_path": "nvflare.app_common.utils.json_utils.ObjectEncoder"},
    },
    on="statistics",
)
