"""Scores of segmentation models: IoU, mean IoU, Dice and more, from label maps, exactly and fast.

>>> import segscore
>>> cm = segscore.ConfusionMatrix(["road", "sky"], ignore_index=255)
>>> cm.update(pred=[[0, 1], [1, 1]], target=[[0, 0], [1, 255]])
>>> cm.scores.mean_iou
0.5
"""

from typing import TYPE_CHECKING

from segscore._core import __version__
from segscore.classes.classes import Classes
from segscore.counts.counting import Failure
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
from segscore.evaluation.evaluating import evaluate
from segscore.evaluation.evaluation import Evaluation
from segscore.evaluation.evaluator import Evaluator
from segscore.results.confusion import ConfusionMatrix
from segscore.scores.scores import Scores
from segscore.statistics.intervals import Interval

if TYPE_CHECKING:
    from segscore import plots, predict
    from segscore.auditing import Audit, Finding, Truth, audit
    from segscore.evaluation.comparing import compare
    from segscore.evaluation.comparison import Comparison
    from segscore.evaluation.evaluation import load
    from segscore.scores.gates import GateResult
    from segscore.workspace import Workspace

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
    "InternalError",
    "Interval",
    "LabelError",
    "MaskError",
    "OutputError",
    "PairingError",
    "Scores",
    "SegscoreError",
    "SegscoreWarning",
    "ShapeError",
    "Truth",
    "Workspace",
    "WorkspaceError",
    "__version__",
    "audit",
    "compare",
    "evaluate",
    "get_num_threads",
    "load",
    "plots",
    "predict",
    "set_num_threads",
]

__path__.append(f"{__path__[0]}/former")
"""Also the places where names were before."""

_LATER = {
    **dict.fromkeys(("Audit", "Finding", "Truth", "audit"), "segscore.auditing"),
    "Comparison": "segscore.evaluation.comparison",
    "compare": "segscore.evaluation.comparing",
    "GateResult": "segscore.scores.gates",
    "load": "segscore.evaluation.evaluation",
    "Workspace": "segscore.workspace",
}
"""Names that are imported when they are first used: a training loop needs none of them."""


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name in {"plots", "predict"}:
        return import_module(f"segscore.{name}")
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_LATER[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
