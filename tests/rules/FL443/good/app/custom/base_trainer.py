from nvflare.apis.executor import Executor


class BaseTrainer(Executor):
    def __init__(self, epochs: int):
        super().__init__()
        self.local_epochs = epochs
