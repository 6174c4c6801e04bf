from nvflare.app_common.workflows.model_controller import ModelController


class Rounds(ModelController):
    def __init__(self, num_rounds=2):
        super().__init__()
        self.num_rounds = num_rounds

    def run(self):
        model = self.load_model()
        for _ in range(self.num_rounds):
            clients = self.sample_clients(2)
            results = self.send_model_and_wait(task_name="train", data=model, clients=clients)
            self.send_model("train", model, clients, 2, 0, 0, None, 0)
            self.info(f"{len(results)} results for {self.fl_ctx.get_identity_name()}")
            model = results[0]
            self.save_model(model)
