from nvflare.apis.dxo import DXO, DataKind, MetaKey, from_shareable
from nvflare.apis.executor import Executor


class Trainer(Executor):
    def execute(self, task_name, shareable, fl_ctx, abort_signal):
        weights = from_shareable(shareable).data
        meta = {MetaKey.NUM_STEPS_CURRENT_ROUND: 20}
        return DXO(DataKind.WEIGHTS, data=weights, meta=meta).to_shareable()
