"""The face: evaluations, evaluators and comparisons are made here, and let themselves be shown."""

from segscore.evaluation.comparing import compare
from segscore.evaluation.comparison import Comparison
from segscore.evaluation.evaluating import evaluate
from segscore.evaluation.evaluation import Evaluation
from segscore.evaluation.evaluator import Evaluator

__all__ = ["Comparison", "Evaluation", "Evaluator", "compare", "evaluate"]
