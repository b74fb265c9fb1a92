"""How sure a number is: resamples, intervals, paired differences."""

from segscore.statistics.intervals import LEVEL, RESAMPLES, Interval, confidence_intervals, limits

__all__ = ["LEVEL", "RESAMPLES", "Interval", "confidence_intervals", "limits"]
