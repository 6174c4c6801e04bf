from nvflare.fuel.utils.fobs import Decomposer


class Record:
    def __init__(self, loss):
        self.loss = loss


class RecordDecomposer(Decomposer):
    def supported_type(self):
        return Record

    def decompose(self, target, manager=None):
        return target.loss

    def recompose(self, data, manager=None):
        return Record(data)
