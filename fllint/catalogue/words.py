"""Parameters of NVFlare's classes whose values are the constants of a class (hand-kept; the constants are the
catalogue's)."""

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
