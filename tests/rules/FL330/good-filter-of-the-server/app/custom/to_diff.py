from nvflare.apis.dxo import DXO, DataKind, from_shareable
from nvflare.apis.filter import Filter


class ToDifference(Filter):
    """Makes differences of the weights that clients send."""

    def process(self, shareable, fl_ctx):
        dxo = from_shareable(shareable)
        return DXO(DataKind.WEIGHT_DIFF, data=dxo.data, meta=dxo.meta).update_shareable(shareable)
