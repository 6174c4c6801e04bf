import numpy as np

from nvflare.apis.dxo import DataKind
from nvflare.apis.dxo_filter import DXOFilter


class Noise(DXOFilter):
    def __init__(self, sigma=0.1):
        super().__init__(supported_data_kinds=[DataKind.WEIGHT_DIFF], data_kinds_to_filter=None)
        self.sigma = sigma

    def process_dxo(self, dxo, shareable, fl_ctx):
        dxo.data = {name: value + np.random.normal(0, self.sigma) for name, value in dxo.data.items()}
        return dxo
