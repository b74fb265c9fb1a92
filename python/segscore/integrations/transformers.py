"""Scores of images for the Trainer of Hugging Face transformers."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch
from torch.nn.functional import interpolate

from segscore.classes.classes import Classes, ClassesLike
from segscore.errors import ArgumentError
from segscore.evaluation.evaluation import Evaluation
from segscore.evaluation.evaluator import Evaluator
from segscore.integrations.states import METRICS, check_scores, checked_metrics, values_of
from segscore.io.shapes import PLANES

PADDING = -100
"""What the Trainer fills batches of different sizes with, on both sides; such targets are left out."""


class compute_metrics:  # noqa: N801 - it is called what the argument of the Trainer is
    """What ``Trainer(compute_metrics=compute_metrics(classes))`` calls with the predictions of an evaluation.

    With ``batch_eval_metrics=True`` it is called with each batch, and keeps counts alone. Without it, the
    Trainer keeps all that the model returns: ``preprocess_logits_for_metrics=argmax_labels`` makes that one
    byte a pixel.

    Parameters
    ----------
    classes, ignore_index, pred_classes, strict
        As for :class:`segscore.ConfusionMatrix`; -100, with which targets are padded, is ignored as well.
    metrics : iterable of str
        What is returned: any names that :meth:`segscore.Evaluation.metric` knows, such as ``"iou.road"``.

    Raises
    ------
    ClassesError, ArgumentError
        If classes or the names of metrics are not usable.
    """

    evaluation: Evaluation | None = None
    """Of all images of the last evaluation, which are called by their number."""

    def __init__(
        self,
        classes: ClassesLike,
        *,
        ignore_index: int | Iterable[int] | None = None,
        pred_classes: ClassesLike | Sequence[int] | None = None,
        strict: bool = False,
        metrics: Iterable[str] = METRICS,
    ) -> None:
        known = Classes.of(classes, ignore_index, pred_classes)
        if PADDING not in (*known.labels, *known.ignore):
            known = Classes.of(known, PADDING)
        self._metrics = checked_metrics(metrics, known)
        self._classes, self._strict = known, strict
        self._judge = Evaluator(known, strict=strict)

    def __call__(self, prediction: Any, compute_result: bool = True) -> dict[str, float]:
        """Count predictions, and return the metrics of all images where this is the last batch.

        Parameters
        ----------
        prediction : EvalPrediction
            Its `predictions` are class scores (N, K, h, w), resized to the labels, or label values (N, H, W);
            of a tuple, the first. Its `label_ids` are label values (N, H, W). With
            ``eval_do_concat_batches=False`` both are lists of these, one a batch.
        compute_result : bool
            Whether it is the last batch of an evaluation, as the Trainer says.

        Raises
        ------
        SegscoreError
            As for :meth:`segscore.Evaluator.add_batch`.
        """
        outputs, labels = prediction.predictions, prediction.label_ids
        batches = zip(outputs, labels, strict=True) if isinstance(outputs, list) else ((outputs, labels),)
        try:
            for batch, target in batches:
                self._add(batch[0] if isinstance(batch, tuple) else batch, target)
        except BaseException:
            self._judge = Evaluator(self._classes, strict=self._strict)
            raise
        if not compute_result:
            return {}
        judge, self._judge = self._judge, Evaluator(self._classes, strict=self._strict)
        self.evaluation = judge.result()
        return values_of(self.evaluation, self._metrics)

    def _add(self, outputs: Any, target: Any) -> None:
        floats = outputs.is_floating_point() if torch.is_tensor(outputs) else outputs.dtype.kind == "f"
        given: dict[str, Any] = {"logits": outputs, "class_axis": 1} if floats else {"pred": outputs}
        if floats:
            check_scores(outputs, 1, PLANES)
        self._judge.add_batch(target=target, **given)


def argmax_labels(logits: Any, labels: torch.Tensor) -> torch.Tensor:
    """Return the label maps of class scores, for ``Trainer(preprocess_logits_for_metrics=argmax_labels)``.

    Parameters
    ----------
    logits : tensor (N, K, h, w) of floats, or tuple whose first is one
        Class scores: channel k is label k. They are resized to the labels, bilinearly; then the highest wins.
    labels : tensor (N, H, W)
        Label values.

    Returns
    -------
    tensor of int8 (N, H, W)
        Where they are; int32 for more than 128 classes. Both hold -100, with which the Trainer pads, and are
        what processes can send each other, which they cannot with 16 bits.

    Raises
    ------
    ArgumentError
        If a score is NaN.
    """
    scores = logits[0] if isinstance(logits, tuple) else logits
    size = labels.shape[-2:]
    narrow = torch.int8 if scores.shape[1] <= np.iinfo(np.int8).max + 1 else torch.int32
    found = torch.empty((len(scores), *size), dtype=narrow, device=scores.device)
    for i in range(len(scores)):  # one by one, as scores of the labels' size take 16 times as much and more
        image = scores[i : i + 1]
        if tuple(image.shape[-2:]) != tuple(size):
            image = interpolate(image, size=tuple(size), mode="bilinear", align_corners=False)
        highest, channel = image.max(1)
        if highest.isnan().any():
            raise ArgumentError(f"`logits` of image {i} of the batch hold NaN", "does the model diverge?")
        found[i] = channel[0]
    return found
