from nvflare.apis.dxo import DXO, DataKind, from_shareable
from nvflare.apis.executor import Executor
from nvflare.apis.fl_constant import ReturnCode
from nvflare.apis.shareable import make_reply


class MyExecutor(Executor):
    def __init__(self, train_task="train"):
        super().__init__()
        self.train_task = train_task

    def execute(self, task_name, shareable, fl_ctx, abort_signal):
        if task_name == self.train_task:
            return self.train(shareable)
        return make_reply(ReturnCode.TASK_UNKNOWN)

    def train(self, shareable):
        dxo = from_shareable(shareable)
        new = {k: v + 1 for k, v in dxo.data.items()}
        return DXO(data_kind=DataKind.WEIGHT_DIFF, data=new, meta={"NUM_STEPS_CURRENT_ROUND": 3}).to_shareable()
