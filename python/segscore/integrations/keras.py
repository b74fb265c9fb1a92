"""Scores of images at the end of each epoch for Keras 3, with any backend."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import keras

from segscore.classes.classes import Classes, ClassesLike
from segscore.errors import ArgumentError, flag
from segscore.evaluation.evaluation import Evaluation
from segscore.evaluation.evaluator import Evaluator
from segscore.integrations.states import METRICS, ONE_CHANNEL, check_scores, checked_metrics, values_of
from segscore.io.shapes import PLANES, Dims

_BATCH = 32


class SegmentationScores(keras.callbacks.Callback):
    """A callback that scores a model on data after each epoch: ``val_mean_iou`` and others in the logs.

    It comes before callbacks that look at these, such as ``EarlyStopping(monitor="val_mean_iou")``.

    Parameters
    ----------
    data : (x, y), or batches of (x, y)
        Photographs, or whatever the model takes, and label maps: two arrays, or something that gives batches
        anew in each epoch, such as a ``PyDataset``, a ``DataLoader`` or a ``tf.data.Dataset``. Labels are
        (N, H, W) or (N, H, W, 1).
    classes, ignore_index, pred_classes, strict
        As for :class:`segscore.ConfusionMatrix`.
    metrics : iterable of str
        What is logged: any names that :meth:`segscore.Evaluation.metric` knows, such as ``"iou.road"``.
    class_axis : int or None
        Which axis of the model's output holds the classes: -1, or 1 for ``channels_first``; None for scores
        of one channel without one.
    threshold : float, optional
        For two classes and outputs of one channel, as for :class:`segscore.ConfusionMatrix`.
    dims : int
        Dimensions of an image: 2, or 3 for volumes.
    prefix : str
        Of the metrics in the logs.

    Raises
    ------
    ClassesError, ArgumentError
        If classes or the names of metrics are not usable.
    """

    evaluation: Evaluation | None = None
    """Of all images of the last epoch, which are called by their number."""

    def __init__(
        self,
        data: Any,
        classes: ClassesLike,
        *,
        ignore_index: int | Iterable[int] | None = None,
        pred_classes: ClassesLike | Sequence[int] | None = None,
        strict: bool = False,
        metrics: Iterable[str] = METRICS,
        class_axis: int | None = -1,
        threshold: float | None = None,
        dims: Dims = PLANES,
        prefix: str = "val_",
    ) -> None:
        super().__init__()
        self._data = data
        self._classes = Classes.of(classes, ignore_index, pred_classes)
        self._metrics = checked_metrics(metrics, self._classes)
        self._strict, self._dims, self._prefix = flag("strict", strict), dims, prefix
        self._scores: dict[str, Any] = {"class_axis": class_axis, "threshold": threshold}

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002 - Keras's
        """Score the model on the data, and log the metrics.

        Raises
        ------
        SegscoreError
            As for :meth:`segscore.Evaluator.add_batch`; or if there are no batches.
        """
        judge = Evaluator(self._classes, strict=self._strict, dims=self._dims)
        for photographs, labels in _batches(self._data):
            outputs = keras.ops.convert_to_numpy(self.model.predict_on_batch(photographs))
            check_scores(outputs, self._scores["class_axis"], self._dims, hint=ONE_CHANNEL)
            target = keras.ops.convert_to_numpy(labels)
            if target.ndim == self._dims + 2 and target.shape[-1] == 1:
                target = target[..., 0]
            judge.add_batch(logits=outputs, target=target, **self._scores)
        if not len(judge):
            raise ArgumentError(
                "`data` has no batches", "give what can be read in each epoch, which a generator cannot"
            )
        self.evaluation = judge.result()
        if logs is not None:
            values = values_of(self.evaluation, self._metrics)
            logs.update({f"{self._prefix}{name}": value for name, value in values.items()})


def _batches(data: Any) -> Iterator[tuple[Any, Any]]:
    """Yield batches of photographs and labels."""
    if isinstance(data, tuple):
        photographs, labels = data
        for start in range(0, len(labels), _BATCH):
            part = slice(start, start + _BATCH)
            yield photographs[part], labels[part]
        return
    # A dataset of Keras has its batches by index, and iterates for ever.
    every = (data[i] for i in range(data.num_batches)) if hasattr(data, "num_batches") else iter(data)
    for photographs, labels, *_ in every:  # weights of pixels do not change what is right
        yield photographs, labels
