from nvflare.apis.dxo import DXO, DataKind, from_shareable
from nvflare.app_common.abstract.learner_spec import Learner


class MyLearner(Learner):
    def __init__(self, epochs=1):
        super().__init__()
        self.epochs = epochs

    def initialize(self, parts, fl_ctx):
        self.w = None

    def train(self, data, fl_ctx, abort_signal):
        dxo = from_shareable(data)
        new = {k: v + 1 for k, v in dxo.data.items()}
        return DXO(data_kind=DataKind.WEIGHTS, data=new).to_shareable()

    def get_model_for_validation(self, model_name, fl_ctx):
        return DXO(data_kind=DataKind.WEIGHTS, data={}).to_shareable()

    def validation(self, data, fl_ctx, abort_signal):
        return DXO(data_kind=DataKind.METRICS, data={"accuracy": 0.5}).to_shareable()
