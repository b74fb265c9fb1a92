"""Where pickles look for `Counted` and `Failure`."""

from segscore.counts.counted import Counted
from segscore.counts.failures import Failure

__all__ = ["Counted", "Failure"]
