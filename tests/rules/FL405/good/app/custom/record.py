class Record:
    def __init__(self, loss):
        self.loss = loss

    def as_dict(self):
        return {"loss": self.loss}
