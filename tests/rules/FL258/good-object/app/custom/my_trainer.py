import numpy as np

from nvflare.apis.dxo import DXO, DataKind
from nvflare.apis.executor import Executor
from nvflare.apis.fl_constant import ReturnCode
from nvflare.apis.shareable import make_reply


class MyTrainer(Executor):
    def __init__(self, config: dict, train_task: str = "train"):
        super().__init__()
        self.rate = config.get("learning_rate", 1)
        self.train_task = train_task

    def execute(self, task_name, shareable, fl_ctx, abort_signal):
        if task_name == self.train_task:
            return DXO(data_kind=DataKind.WEIGHTS, data={"numpy_key": np.zeros((3, 3))}).to_shareable()
        return make_reply(ReturnCode.TASK_UNKNOWN)
