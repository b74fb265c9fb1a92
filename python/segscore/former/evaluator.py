"""Where pickles look for `Evaluator`."""

from segscore.evaluation.evaluator import Evaluator

__all__ = ["Evaluator"]
