import numpy as np

from nvflare.apis.dxo import DXO, DataKind
from nvflare.apis.fl_constant import ReturnCode
from nvflare.apis.shareable import make_reply

from base_trainer import BaseTrainer


class MyTrainer(BaseTrainer):
    def __init__(self, epochs: int, train_task: str = "train"):
        super().__init__(epochs)
        self.train_task = train_task

    def execute(self, task_name, shareable, fl_ctx, abort_signal):
        self.log_info(fl_ctx, f"got {task_name}")
        if task_name == self.train_task:
            return self.trained(self.local_epochs)
        return make_reply(ReturnCode.TASK_UNKNOWN)

    def trained(self, epochs):
        return DXO(data_kind=DataKind.WEIGHTS, data={"numpy_key": np.full((3, 3), epochs)}).to_shareable()
