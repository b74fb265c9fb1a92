"""Where pickles look for `Counted` and `Failure`."""

from segscore.counts.counting import Counted, Failure

__all__ = ["Counted", "Failure"]
