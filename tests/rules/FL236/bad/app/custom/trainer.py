from nvflare.apis.executor import Executor


class Trainer(Executor):
    def run(self):
        pass
