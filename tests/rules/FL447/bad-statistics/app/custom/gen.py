from nvflare.app_common.abstract.statistics_spec import Bin, BinRange, DataType, Feature, Histogram, HistogramType, Statistics


class Gen(Statistics):
    def features(self):
        x = {"train": [Feature("age", DataType.FLOAT)]}

    def count(self, dataset_name, feature_name):
        return 3
