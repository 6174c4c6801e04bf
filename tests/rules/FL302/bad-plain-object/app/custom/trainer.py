from nvflare.apis.executor import Executor


class Trainer(Executor):
    def execute(self, task_name, shareable, fl_ctx, abort_signal):
        return shareable
