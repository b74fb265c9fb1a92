"""Scores of segmentation models: IoU, mean IoU, Dice and more, from label maps, exactly and fast.

>>> import segscore
>>> cm = segscore.ConfusionMatrix(["road", "sky"], ignore_index=255)
>>> cm.update(pred=[[0, 1], [1, 1]], target=[[0, 0], [1, 255]])
>>> cm.scores.mean_iou
0.5
"""

from typing import TYPE_CHECKING

import numpy as _numpy  # noqa: F401, ICN001 - before the core, which panics where this import is interrupted

from segscore._core import __version__
from segscore.base.faces import later
from segscore.classes.classes import Classes
from segscore.counts.threads import get_num_threads, set_num_threads
from segscore.errors import (
    ArgumentError,
    ClassesError,
    DtypeError,
    EvaluationError,
    FileFormatError,
    ImageError,
    InternalError,
    LabelError,
    MaskError,
    OutputError,
    PairingError,
    SegscoreError,
    SegscoreWarning,
    ShapeError,
    WorkspaceError,
)
from segscore.results.confusion import ConfusionMatrix
from segscore.scores.scores import Scores

if TYPE_CHECKING:
    from segscore import plots, predict
    from segscore.auditing import Audit, Finding, Truth, audit
    from segscore.counts.components import component_overlaps, components
    from segscore.counts.failures import Failure
    from segscore.evaluation.comparing import compare
    from segscore.evaluation.comparison import Comparison
    from segscore.evaluation.evaluating import evaluate
    from segscore.evaluation.evaluation import Evaluation
    from segscore.evaluation.evaluator import Evaluator
    from segscore.evaluation.instance_evaluator import InstanceEvaluator
    from segscore.evaluation.parts import Part, load, merge
    from segscore.evaluation.plans import Plan, plan
    from segscore.evaluation.shards import Shard
    from segscore.evaluation.single import assd, boundary_iou, hausdorff, masd, surface_dice
    from segscore.scores.gates import GateResult
    from segscore.statistics.intervals import Interval
    from segscore.workspace import Workspace
else:
    # What a training loop needs is here; the rest comes when it is first used.
    __getattr__ = later(
        __name__,
        {
            "segscore.auditing": ("Audit", "Finding", "Truth", "audit"),
            "segscore.counts.components": ("component_overlaps", "components"),
            "segscore.counts.failures": ("Failure",),
            "segscore.evaluation.comparing": ("compare",),
            "segscore.evaluation.comparison": ("Comparison",),
            "segscore.evaluation.evaluating": ("evaluate",),
            "segscore.evaluation.evaluation": ("Evaluation",),
            "segscore.evaluation.evaluator": ("Evaluator",),
            "segscore.evaluation.instance_evaluator": ("InstanceEvaluator",),
            "segscore.evaluation.parts": ("Part", "load", "merge"),
            "segscore.evaluation.plans": ("Plan", "plan"),
            "segscore.evaluation.shards": ("Shard",),
            "segscore.evaluation.single": ("assd", "boundary_iou", "hausdorff", "masd", "surface_dice"),
            "segscore.scores.gates": ("GateResult",),
            "segscore.statistics.intervals": ("Interval",),
            "segscore.workspace": ("Workspace",),
        },
        modules=("auditing", "evaluation", "plots", "predict", "statistics", "workspace"),
    )

__all__ = [
    "ArgumentError",
    "Audit",
    "Classes",
    "ClassesError",
    "Comparison",
    "ConfusionMatrix",
    "DtypeError",
    "Evaluation",
    "EvaluationError",
    "Evaluator",
    "Failure",
    "FileFormatError",
    "Finding",
    "GateResult",
    "ImageError",
    "InstanceEvaluator",
    "InternalError",
    "Interval",
    "LabelError",
    "MaskError",
    "OutputError",
    "PairingError",
    "Part",
    "Plan",
    "Scores",
    "SegscoreError",
    "SegscoreWarning",
    "ShapeError",
    "Shard",
    "Truth",
    "Workspace",
    "WorkspaceError",
    "__version__",
    "assd",
    "audit",
    "boundary_iou",
    "compare",
    "component_overlaps",
    "components",
    "evaluate",
    "get_num_threads",
    "hausdorff",
    "load",
    "masd",
    "merge",
    "plan",
    "plots",
    "predict",
    "set_num_threads",
    "surface_dice",
]

__path__.append(f"{__path__[0]}/former")
"""Also the places where names were before."""


def __dir__() -> list[str]:
    return sorted(__all__)
