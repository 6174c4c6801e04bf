from nvflare.apis.filter import Filter
from nvflare.apis.dxo import from_shareable


class Clip(Filter):
    def __init__(self, limit=1.0):
        super().__init__()
        self.limit = limit

    def process(self, shareable, fl_ctx):
        dxo = from_shareable(shareable)
        dxo.data = {k: v.clip(-self.limit, self.limit) for k, v in dxo.data.items()}
        return dxo.update_shareable(shareable)
