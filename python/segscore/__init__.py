"""Scores of segmentation models: IoU, mean IoU, Dice and more, from label maps, exactly and fast.

>>> import segscore
>>> cm = segscore.ConfusionMatrix(["road", "sky"], ignore_index=255)
>>> cm.update(pred=[[0, 1], [1, 1]], target=[[0, 0], [1, 255]])
>>> cm.scores.mean_iou
0.5
"""

from importlib import import_module
from typing import TYPE_CHECKING

from segscore._core import __version__
from segscore.classes import Classes
from segscore.confusion import ConfusionMatrix
from segscore.counting import Failure
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
from segscore.evaluating import evaluate
from segscore.evaluation import Evaluation
from segscore.evaluator import Evaluator
from segscore.scores import Scores
from segscore.statistics import Interval
from segscore.threads import get_num_threads, set_num_threads

if TYPE_CHECKING:
    from segscore import plots, predict
    from segscore.auditing import Audit, Finding, Truth, audit
    from segscore.comparing import compare
    from segscore.comparison import Comparison
    from segscore.gates import GateResult
    from segscore.saved import load
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

_LATER = {
    **dict.fromkeys(("Audit", "Finding", "Truth", "audit"), "segscore.auditing"),
    "Comparison": "segscore.comparison",
    "compare": "segscore.comparing",
    "GateResult": "segscore.gates",
    "load": "segscore.saved",
    "Workspace": "segscore.workspace",
}
"""Names that are imported when they are first used: a training loop needs none of them."""


def __getattr__(name: str) -> object:
    if name in {"plots", "predict"}:
        return import_module(f"segscore.{name}")
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_LATER[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
