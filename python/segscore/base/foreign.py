"""What other libraries call arguments, scores and metrics, and what they are called here: errors say so."""

import re
import sys
from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("preds", "prediction", "predictions", "pr", "y_pred", "input"), ("pred",)),
    **dict.fromkeys(("gt", "gts", "ground_truth", "truth", "y_true"), ("target",)),
    **dict.fromkeys(("targets", "reference", "references", "mask", "masks"), ("target",)),
    "label": ("target",),
    "labels": ("target", "classes"),
    **dict.fromkeys(("num_classes", "n_classes", "nclass", "num_labels", "class_names"), ("classes",)),
    **dict.fromkeys(("ignore", "ignore_label", "ignore_labels", "ignore_value"), ("ignore_index",)),
    **dict.fromkeys(("probs", "probabilities", "y_score", "y_prob", "scores"), ("logits",)),
    **dict.fromkeys(("axis", "dim", "channel_axis", "class_dim"), ("class_axis",)),
    **dict.fromkeys(("num_threads", "num_workers", "n_jobs", "workers"), ("threads",)),
}
"""Arguments of other libraries, and those here that may be meant."""

_SIZE = "`read_annotations(path, size=(640, 480))` of `segscore.io.annotations.reading` makes a `target`"
TAKEN_BY: Mapping[tuple[str, str], str] = dict.fromkeys(
    (("evaluate", "size"), ("plan", "size"), ("audit", "size")), _SIZE
)
"""Options of commands that another function takes in Python, by the function that they are given to."""

METRICS: Mapping[str, str] = {
    **dict.fromkeys(("miou", "m_iou", "mean_jaccard", "mean_intersection_over_union"), "mean_iou"),
    **dict.fromkeys(("jaccard", "jaccard_index", "jaccard_score", "intersection_over_union"), "iou"),
    **dict.fromkeys(("f1_score", "dsc", "dice_score", "dice_coefficient"), "dice"),
    **dict.fromkeys(("mdice", "m_dice", "macro_f1"), "mean_dice"),
    **dict.fromkeys(("sensitivity", "tpr", "true_positive_rate", "class_accuracy"), "recall"),
    **dict.fromkeys(("macc", "m_acc", "mean_recall", "balanced_accuracy"), "mean_accuracy"),
    **dict.fromkeys(("acc", "accuracy", "aacc", "a_acc", "pixel_acc", "overall_accuracy"), "pixel_accuracy"),
    **dict.fromkeys(("fwiou", "fw_iou", "fwavacc", "weighted_iou"), "frequency_weighted_iou"),
    **dict.fromkeys(("ppv", "positive_predictive_value"), "precision"),
    **dict.fromkeys(("tnr", "true_negative_rate"), "specificity"),
    **dict.fromkeys(("cohen_kappa", "cohens_kappa"), "kappa"),
    **dict.fromkeys(("matthews", "matthews_corrcoef", "phi"), "mcc"),
}
"""Metrics of other libraries in small letters, and those here that are the same number."""

SCORES: Mapping[str, str] = {**METRICS, "f1": "dice", "mean_f1": "mean_dice"}
"""The same of what scores of pixels are asked for, where numbers of these names are of objects."""

SHAPES: Mapping[str, str] = {
    **dict.fromkeys(("hausdorff", "hausdorff_distance", "max_hausdorff"), "hd"),
    **dict.fromkeys(("hd_95", "hausdorff95", "hausdorff_95", "hausdorff_distance_95"), "hd95"),
    "average_symmetric_surface_distance": "assd",
    **dict.fromkeys(("nsd", "normalized_surface_distance", "normalised_surface_distance"), "surface_dice"),
    **dict.fromkeys(("normalized_surface_dice", "normalised_surface_dice"), "surface_dice"),
    **dict.fromkeys(("boundary_f", "boundary_f1_score", "bf_score", "bfscore", "bf1"), "boundary_f1"),
    **dict.fromkeys(("biou", "b_iou"), "boundary_iou"),
}
"""The same of shapes, which are no scores of summed counts."""

NEAREST: Mapping[str, str] = dict.fromkeys(
    ("asd", "average_surface_distance", "surface_distance", "mean_surface_distance"), "assd"
)
"""Those that no number here is, as they are of one surface alone, and the nearest one."""

_OF_SCORES = {name: f"scores.{ours}" for name, ours in SCORES.items()}

COUNTING: Mapping[str, str] = {
    **_OF_SCORES,
    **dict.fromkeys(("compute", "result", "get_scores", "evaluate", "summary"), "scores"),
    **dict.fromkeys(("confusion_matrix", "confmat", "matrix", "mat", "hist"), "counts"),
    **dict.fromkeys(("add", "add_batch", "process", "forward", "accumulate", "generate_matrix"), "update"),
    **dict.fromkeys(("num_classes", "n_classes"), "classes"),
    "merge": "+",
    "merge_state": "+",
}
"""What is asked of matrices elsewhere, and who answers it here."""

JUDGING: Mapping[str, str] = {
    **dict.fromkeys(("compute", "scores", "evaluate", "get_scores", "summary"), "result()"),
    **dict.fromkeys(("update", "process", "forward", "accumulate"), "add"),
    "merge": "+",
    "merge_state": "+",
}
"""What is asked of evaluators elsewhere, and who answers it here."""

EVALUATED: Mapping[str, str] = {
    **_OF_SCORES,
    **dict.fromkeys(("compute", "metrics", "results"), "scores"),
    **dict.fromkeys(("confusion_matrix", "confmat", "matrix"), "confusion"),
    **dict.fromkeys(("report", "to_html"), "write_report"),
    **dict.fromkeys(("bootstrap", "ci"), "confidence_interval"),
    "to_json": "to_dict",
}
"""What is asked of evaluations elsewhere, and who answers it here."""


def metric_here(name: str) -> str | None:
    """Return what a metric of another library is called here, its class included; None if it is none.

    Examples
    --------
    >>> metric_here("mIoU"), metric_here("NSD.car@2"), metric_here("mean_iou")
    ('mean_iou', 'surface_dice.car@2', None)
    """
    return _from({**METRICS, **SHAPES}, name)


def nearest_here(name: str) -> str | None:
    """Return what is nearest to a metric of another library that no number here is; None if it is none.

    Examples
    --------
    >>> nearest_here("asd.liver"), nearest_here("nsd")
    ('assd.liver', None)
    """
    return _from(NEAREST, name)


def _from(table: Mapping[str, str], name: str) -> str | None:
    formula = re.split(r"[.@]", name, maxsplit=1)[0]
    ours = table.get(formula.casefold())
    return None if ours is None else f"{ours}{name.removeprefix(formula)}"


class Translated:
    """Base of classes that say what an attribute of another library is called here."""

    _foreign: ClassVar[Mapping[str, str]]

    if not TYPE_CHECKING:  # a checker would take every name for one that there is

        def __getattr__(self, name: str) -> object:
            ours = self._foreign.get(name) or self._foreign.get(name.casefold())
            if ours is None or name.startswith("_"):
                # The error as Python words it, or that of a property.
                return object.__getattribute__(self, name)
            raise AttributeError(
                f"{type(self).__name__!r} object has no attribute {name!r}\nhint: it is called `{ours}` here",
                name=name,
                obj=self,
            )


_Function = TypeVar("_Function", bound=Callable[..., Any])


def translated(function: _Function) -> _Function:
    """Let a function say what an argument of another library is called here.

    Code that torch compiles calls it as it is: it is left out of the compiled graph, as what it counts are
    numbers in memory, which a graph does not have.
    """

    @wraps(function)
    def called(*args: Any, **given: Any) -> Any:
        compiler: Any = sys.modules.get("torch.compiler")
        # The first versions that compile do not say whether they do.
        if compiler is not None and getattr(compiler, "is_dynamo_compiling", bool)():
            return compiler.disable(function)(*args, **given)
        try:
            return function(*args, **given)
        except TypeError as error:  # looked at only now, as an update of a few pixels takes microseconds
            _explain(function, args, given, error)
            raise

    vars(called)["_torchdynamo_disable"] = True  # what torch.compile looks for
    return called  # type: ignore[return-value]  # it is called as the function is


def _explain(function: Callable[..., Any], args: Any, given: Mapping[str, Any], error: TypeError) -> None:
    """Raise TypeError for arguments that the function calls otherwise, has not, or wants named."""
    from inspect import signature

    known = signature(function).parameters
    ours = {
        name: " or ".join(f"`{one}`" for one in ARGUMENTS[name] if one in known)
        for name in sorted(given.keys() & ARGUMENTS.keys() - known.keys())
    }
    hints = [f"`{name}` is called {called} here" for name, called in ours.items() if called]
    called = function.__qualname__.removesuffix(".__init__")
    if hints:
        named = ", ".join(repr(name) for name, called in ours.items() if called)
        raise TypeError(f"{called}() does not take {named}\nhint: {', '.join(hints)}") from None
    for name in given:
        if name not in known:  # which another function may have told, that all others are handed on to
            hint = TAKEN_BY.get((called, name))
            told = "" if hint is None else f"\nhint: {hint}"
            raise TypeError(f"{called}() got an unexpected keyword argument {name!r}{told}") from None
    by_name = [name for name, one in known.items() if one.kind is one.KEYWORD_ONLY]
    unnamed = len(args) - (len(known) - len(by_name))
    if unnamed > 0:
        example = ", ".join(f"{name}=…" for name in by_name[:unnamed])
        raise TypeError(f"{error}\nhint: arguments are named: `{called}({example})`") from None
