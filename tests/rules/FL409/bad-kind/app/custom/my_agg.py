from nvflare.apis.dxo import DXO, DataKind, from_shareable
from nvflare.app_common.abstract.aggregator import Aggregator


class MyAggregator(Aggregator):
    def __init__(self):
        super().__init__()
        self.sums = {}
        self.count = 0

    def accept(self, shareable, fl_ctx):
        dxo = from_shareable(shareable)
        for k, v in dxo.data.items():
            self.sums[k] = self.sums.get(k, 0) + v
        self.count += 1
        return True

    def aggregate(self, fl_ctx):
        data = {k: v / self.count for k, v in self.sums.items()}
        self.sums, self.count = {}, 0
        return DXO(data_kind='weights', data=data).to_shareable()
