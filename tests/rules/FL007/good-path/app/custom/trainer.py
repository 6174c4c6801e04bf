from nvflare.apis.executor import Executor


class Trainer(Executor):
    def __init__(self, root: str):
        super().__init__()
        self.root = root

    def execute(self, task_name, shareable, fl_ctx, abort_signal):
        return shareable
