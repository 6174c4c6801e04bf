from nvflare.apis.executor import Executor
from nvflare.apis.shareable import Shareable


class Trainer(Executor):
    """Trains."""

    def execute(self, task_name, shareable, fl_ctx, abort_signal):
        """Trains one round."""
        return Shareable()
