from nvflare.apis.dxo import DXO, DataKind, MetaKey
from nvflare.app_common.abstract.learner_spec import Learner


class L(Learner):
    def train(self, data, fl_ctx, abort_signal):
        return DXO(
            data_kind=DataKind.WEIGHT_DIFF, data={}, meta={MetaKey.NUM_STEPS_CURRENT_ROUND: 1}
        ).to_shareable()

    def get_model_for_validation(self, model_name, fl_ctx):
        return DXO(data_kind=DataKind.WEIGHTS, data={}).to_shareable()

    def validate(self, data, fl_ctx, abort_signal):
        return DXO(data_kind=DataKind.METRICS, data={"accuracy": 0.1}).to_shareable()
