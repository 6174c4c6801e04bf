import numpy as np

from nvflare.apis.dxo import DXO, DataKind
from nvflare.apis.executor import Executor


class MyTrainer(Executor):
    def __init__(self, epochs: int, train_task: str = "train"):
        super().__init__()
        self.epochs = epochs
        self.train_task = train_task

    def execute(self, task_name, shareable, fl_ctx, abort_signal):
        if task_name != self.train_task:
            return "unknown task"
        dxo = DXO(data_kind=DataKind.WEIGHTS, data={"numpy_key": np.zeros((3, 3))})
        if self.epochs == 0:
            return dxo
        dxo.to_shareable()
