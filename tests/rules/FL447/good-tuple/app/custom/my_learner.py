from nvflare.app_common.abstract.learner_spec import Learner


class MyLearner(Learner):
    def initialize(self, parts, fl_ctx):
        pass

    def train(self, curr_round, global_param, fl_ctx):
        params = {"center": [1.0, 2.0]}
        return params, self

    def validate(self, curr_round, global_param, fl_ctx):
        return {"accuracy": 0.5}, self
