from nvflare.apis.executor import Executor


class Trainer(Executor):
    def handle_event(self, event_type, fl_ctx):
        raise ValueError(event_type)

    def execute(self, task_name, shareable, fl_ctx, abort_signal): raise NotImplementedError
