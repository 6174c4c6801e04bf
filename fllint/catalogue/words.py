"""Words that NVFlare knows in a job: for parameters whose values are the constants of a class, which are the
catalogue's, and for resources (hand-kept)."""

from __future__ import annotations

from typing import Final

WORDS: Final = {
    "framework": "nvflare.fuel.utils.constants.FrameworkType",
    "server_expected_format": "nvflare.client.config.ExchangeFormat",
    "params_exchange_format": "nvflare.client.config.ExchangeFormat",
    "params_transfer_type": "nvflare.client.config.TransferType",
    "data_kind": "nvflare.apis.dxo.DataKind",
    "expected_data_kind": "nvflare.apis.dxo.DataKind",
}
CLOSED_WORDS: Final = ("params_transfer_type",)
"""Those for which no job can have words of its own: ``DIFF``, and everything else is taken for ``FULL``
(client/model_registry.py since 2.4, client/in_process/api.py since 2.5)."""
WORDS_AS_KEYS: Final = {"statistic_configs": "nvflare.app_common.app_constant.StatisticsConstants"}
"""Parameters that are objects with such words as keys: StatisticsController skips a statistic that it does not know
(app_common/workflows/statistics_controller.py ``_get_target_statistics``, 2.3 and later)."""
CLASS_ARGUMENTS: Final = {
    "json_encoder_path": "",
    "classes": "nvflare.fuel.utils.fobs.decomposer.Decomposer",
}
"""Parameters of NVFlare's components that name classes, and what these must derive from where the component loads them
as it is built (app_common/statistics/json_stats_file_persistor.py, 2.4 and later; app_common/widgets/decomposer_reg.py,
2.7 and later)."""
GPU_RESOURCES: Final = ("num_of_gpus", "mem_per_gpu_in_GiB")
"""What GPUResourceManager reads of a job's resources (app_common/resource_managers/gpu_resource_manager.py, every
release)."""
