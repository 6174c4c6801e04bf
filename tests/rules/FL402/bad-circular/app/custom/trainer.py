from losses import loss_of

from nvflare.apis.executor import Executor


class Options:
    scale = 2.0


class Trainer(Executor):
    def execute(self, task_name, shareable, fl_ctx, abort_signal):
        shareable["loss"] = loss_of(1.0)
        return shareable
