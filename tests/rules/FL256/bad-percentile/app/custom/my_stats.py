from nvflare.app_common.abstract.statistics_spec import Bin, DataType, Feature, Histogram, HistogramType, Statistics


class Stats(Statistics):
    def features(self):
        return {"train": [Feature("a", DataType.FLOAT)]}

    def count(self, dataset_name, feature_name):
        return 1

    def sum(self, dataset_name, feature_name):
        return 1.0

    def mean(self, dataset_name, feature_name):
        return 1.0

    def stddev(self, dataset_name, feature_name):
        return 1.0

    def variance_with_mean(self, dataset_name, feature_name, global_mean, global_count):
        return 1.0

    def histogram(self, dataset_name, feature_name, num_of_bins, global_min_value, global_max_value):
        return Histogram(HistogramType.STANDARD, [])

    def max_value(self, dataset_name, feature_name):
        return 1.0

    def min_value(self, dataset_name, feature_name):
        return 1.0

    def failure_count(self, dataset_name, feature_name):
        return 0
