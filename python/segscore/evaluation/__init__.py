"""The face: evaluations, evaluators and comparisons are made here, and let themselves be shown."""

from segscore.evaluation.comparing import compare
from segscore.evaluation.evaluating import evaluate
from segscore.evaluation.evaluator import Evaluator
from segscore.results.compared import Comparison
from segscore.results.evaluated import Evaluation

__all__ = ["Comparison", "Evaluation", "Evaluator", "compare", "evaluate"]
