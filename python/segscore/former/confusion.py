"""Where pickles look for `ConfusionMatrix`."""

from segscore.results.confusion import ConfusionMatrix

__all__ = ["ConfusionMatrix"]
