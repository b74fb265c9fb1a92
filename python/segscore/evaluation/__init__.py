"""The face: evaluations, evaluators and comparisons are made here, and let themselves be shown."""

from typing import TYPE_CHECKING

from segscore.base.faces import later

if TYPE_CHECKING:
    from segscore.evaluation.comparing import compare
    from segscore.evaluation.comparison import Comparison
    from segscore.evaluation.evaluating import evaluate
    from segscore.evaluation.evaluation import Evaluation
    from segscore.evaluation.evaluator import Evaluator
else:
    __getattr__ = later(
        __name__,
        {
            "segscore.evaluation.comparing": ("compare",),
            "segscore.evaluation.comparison": ("Comparison",),
            "segscore.evaluation.evaluating": ("evaluate",),
            "segscore.evaluation.evaluation": ("Evaluation",),
            "segscore.evaluation.evaluator": ("Evaluator",),
        },
    )

__all__ = ["Comparison", "Evaluation", "Evaluator", "compare", "evaluate"]
