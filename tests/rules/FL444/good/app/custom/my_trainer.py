import numpy as np

from nvflare.apis.dxo import DXO, DataKind
from nvflare.apis.executor import Executor
from nvflare.apis.fl_constant import ReturnCode
from nvflare.apis.shareable import Shareable, make_reply


class MyTrainer(Executor):
    def __init__(self, epochs: int, train_task: str = "train"):
        super().__init__()
        self.epochs = epochs
        self.train_task = train_task

    def execute(self, task_name, shareable: Shareable, fl_ctx, abort_signal):
        if task_name != self.train_task:
            return make_reply(ReturnCode.TASK_UNKNOWN)
        site = fl_ctx.get_identity_name()
        self.log_info(fl_ctx, f"{site} trains round {shareable.get_header('current_round')}")
        update = DXO(data_kind=DataKind.WEIGHTS, data={"numpy_key": np.zeros((3, 3))})
        return update.to_shareable()
