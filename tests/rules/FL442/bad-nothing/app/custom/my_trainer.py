import numpy as np

from nvflare.apis.dxo import DXO, DataKind
from nvflare.apis.executor import Executor


class MyTrainer(Executor):
    def __init__(self, epochs: int, train_task: str = "train"):
        super().__init__()
        self.epochs = epochs
        self.train_task = train_task

    def execute(self, task_name, shareable, fl_ctx, abort_signal):
        self.result = DXO(data_kind=DataKind.WEIGHTS, data={"numpy_key": np.zeros((3, 3))}).to_shareable()
