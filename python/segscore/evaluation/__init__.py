"""The face: evaluations, evaluators and comparisons are made here, and let themselves be shown."""

from segscore.evaluation.evaluating import evaluate
from segscore.evaluation.evaluator import Evaluator
from segscore.results.compared import Comparison
from segscore.results.evaluated import Evaluation
from segscore.statistics.paired import compare

__all__ = ["Comparison", "Evaluation", "Evaluator", "compare", "evaluate"]
