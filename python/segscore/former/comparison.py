"""Where pickles look for `Comparison`."""

from segscore.evaluation.comparison import Comparison
from segscore.results.compared import Change, Difference

__all__ = ["Change", "Comparison", "Difference"]
