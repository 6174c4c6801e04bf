"""The Python code that the sound jobs ship under ``custom/``."""

from __future__ import annotations

TRAINERS = """\
import numpy as np

from nvflare.apis.dxo import DXO, DataKind, from_shareable
from nvflare.apis.executor import Executor
from nvflare.apis.fl_constant import ReturnCode
from nvflare.apis.shareable import make_reply


class Trainer(Executor):
    def __init__(self, step: float = 0.1, label: str = "", train_task: str = "train"):
        super().__init__()
        if step <= 0:
            raise ValueError(f"step must be positive but got {step}")
        self.step = step
        self.label = label
        self.train_task = train_task

    def execute(self, task_name, shareable, fl_ctx, abort_signal):
        if task_name != self.train_task:
            return make_reply(ReturnCode.TASK_UNKNOWN)
        weights = from_shareable(shareable).data
        weights = {name: np.asarray(value) + self.step for name, value in weights.items()}
        return DXO(data_kind=DataKind.WEIGHTS, data=weights).to_shareable()
"""

AVERAGING = """\
from nvflare.apis.dxo import DXO, DataKind, from_shareable
from nvflare.app_common.abstract.aggregator import Aggregator


class MeanAggregator(Aggregator):
    def __init__(self, weighted: bool = True):
        super().__init__()
        self.weighted = weighted
        self.contributions = []

    def accept(self, shareable, fl_ctx):
        self.contributions.append(from_shareable(shareable).data)
        return True

    def aggregate(self, fl_ctx):
        count = len(self.contributions)
        names = self.contributions[0] if count else ()
        mean = {name: sum(one[name] for one in self.contributions) / count for name in names}
        self.contributions = []
        return DXO(data_kind=DataKind.WEIGHTS, data=mean).to_shareable()
"""

SCRIPT = """\
import argparse

import nvflare.client as flare


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=1)
    epochs = parser.parse_args().epochs
    flare.init()
    while flare.is_running():
        model = flare.receive()
        params = {name: value + epochs for name, value in model.params.items()}
        flare.send(flare.FLModel(params=params, metrics={"accuracy": 0.5}))


if __name__ == "__main__":
    main()
"""

NOISE = """\
from nvflare.apis.filter import Filter


class GaussianNoise(Filter):
    def __init__(self, sigma):
        super().__init__()
        self.sigma = sigma

    def process(self, shareable, fl_ctx):
        return shareable
"""

TABLE = """\
from nvflare.app_common.abstract.statistics_spec import Bin, BinRange, DataType, Feature, Histogram, HistogramType
from nvflare.app_common.abstract.statistics_spec import Statistics


class TableStatistics(Statistics):
    def __init__(self, rows: int):
        super().__init__()
        self.rows = rows

    def initialize(self, fl_ctx):
        self.fl_ctx = fl_ctx

    def features(self):
        return {"all": [Feature("age", DataType.INT)]}

    def count(self, dataset_name, feature_name):
        return self.rows

    def sum(self, dataset_name, feature_name):
        return 1.0

    def mean(self, dataset_name, feature_name):
        return 1.0

    def stddev(self, dataset_name, feature_name):
        return 0.0

    def variance_with_mean(self, dataset_name, feature_name, global_mean, global_count):
        return 0.0

    def histogram(self, dataset_name, feature_name, num_of_bins, global_min_value, global_max_value):
        return Histogram(HistogramType.STANDARD, [Bin(0.0, 1.0, self.rows)])

    def max_value(self, dataset_name, feature_name):
        return 1.0

    def min_value(self, dataset_name, feature_name):
        return 0.0

    def quantiles(self, dataset_name, feature_name, percentiles):
        return {}

    def failure_count(self, dataset_name, feature_name):
        return 0
"""

# A package with __init__.py, which re-exports one class under another name.
FLOWS_PACKAGE = {
    "flows/__init__.py": "from .aggregators import LabelledAggregator as BestAggregator\n",
    "flows/aggregators.py": """\
from nvflare.app_common.aggregators.intime_accumulate_model_aggregator import InTimeAccumulateWeightedAggregator as Base


class WeighingAggregator(Base):
    def __init__(self, weighted=True, **kwargs):
        super().__init__(weigh_by_local_iter=weighted, expected_data_kind="WEIGHTS", **kwargs)


class LabelledAggregator(WeighingAggregator):
    def __init__(self, *args, label: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.label = label
""",
    "flows/limits.py": """\
from dataclasses import dataclass


@dataclass
class Limits:
    low: float
    high: float = 1.0
""",
    "flows/patient.py": """\
from nvflare.app_common.workflows.scatter_and_gather import ScatterAndGather


class PatientScatterAndGather(ScatterAndGather):
    def __init__(self, patience: int = 1, **kwargs):
        super().__init__(**kwargs)
        self.patience = patience
""",
}

# A package without __init__.py (a namespace package) with a relative import.
SITE_PACKAGE = {
    "clinic/training.py": """\
from ._trainers import Trainer


class Traced:
    def trace(self):
        return type(self).__name__


class TracedTrainer(Traced, Trainer):
    pass
""",
    "clinic/_trainers.py": TRAINERS,
    "clinic/tags.py": """\
from nvflare.apis.fl_component import FLComponent
from nvflare.apis.filter import Filter


class Tag(FLComponent):
    def __init__(self, text):
        super().__init__()
        self.text = text


def make_tag(text, upper=False):
    return Tag(text.upper() if upper else text)


class KeepNamed(Filter):
    def __init__(self, names: list):
        super().__init__()
        self.names = names

    def process(self, shareable, fl_ctx):
        return shareable


Keep = KeepNamed
""",
}

PARTS = """\
class Part:
    def __init__(self, size=1):
        self.size = size


class Holder:
    def __init__(self, part, options, table, place):
        self.part = part
        self.options = options
        self.table = table
        self.place = place
"""
