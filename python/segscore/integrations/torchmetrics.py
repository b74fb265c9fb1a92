"""A metric for torchmetrics, and so for Lightning: scores of images, exact on many processes."""

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torchmetrics import Metric

from segscore.classes.classes import Classes, ClassesLike
from segscore.evaluation.evaluation import Evaluation
from segscore.integrations.states import METRICS, NO_ROWS, Counting, as_given, checked_metrics, values_of
from segscore.io.shapes import PLANES, Dims


class SegmentationScores(Metric):
    """Scores of segmented images, each counted once, whichever process and however often it was seen.

    Parameters
    ----------
    classes, ignore_index, pred_classes, strict
        As for :class:`segscore.ConfusionMatrix`.
    metrics : iterable of str
        What `compute` returns: any names that :meth:`segscore.Evaluation.metric` knows, as ``"iou.road"``.
    names : sequence of str, optional
        The images of the data in the order of their indices, which the evaluation calls them by.
    class_axis : int or None
        Which axis of a batch of class scores holds the classes; None for scores of one channel without one.
    threshold : float, optional
        For two classes and scores of one channel, as for :class:`segscore.ConfusionMatrix`.
    dims : int
        Dimensions of an image: 2, or 3 for volumes.
    **options
        Those of ``torchmetrics.Metric``, such as `sync_on_compute`.

    Raises
    ------
    ClassesError, ArgumentError
        If classes, or the names of metrics or images, are not usable.

    Notes
    -----
    The state `rows` is a list of int64 (M, 4) tensors: image, target label, predicted label and pixels; a row
    of 0 pixels begins each image. It is reduced by "cat", so that processes, `merge_state` and
    `load_state_dict` (after ``metric.persistent(True)``) bring images together, and nothing is averaged over
    processes.

    A sampler that pads the data, as ``DistributedSampler`` does, brings an image twice. Where `update` is
    told which images a batch has, each counts once; where it is not, all count.
    """

    full_state_update = False
    higher_is_better = True
    is_differentiable = False

    rows: Any

    def __init__(
        self,
        classes: ClassesLike,
        *,
        ignore_index: int | Iterable[int] | None = None,
        pred_classes: ClassesLike | Sequence[int] | None = None,
        strict: bool = False,
        metrics: Iterable[str] = METRICS,
        names: Sequence[str] | None = None,
        class_axis: int | None = 1,
        threshold: float | None = None,
        dims: Dims = PLANES,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        known = Classes.of(classes, ignore_index, pred_classes)
        all_names = None if names is None else tuple(names)
        self._counting = Counting(known, class_axis, threshold, dims, strict, all_names)
        self._metrics = checked_metrics(metrics, known)
        self._evaluation: Evaluation | None = None
        self.add_state("rows", default=[], dist_reduce_fx="cat")

    @torch.compiler.disable
    def update(self, preds: torch.Tensor, target: torch.Tensor, images: Any = None) -> None:
        """Count a batch; within a compiled function this is a graph break.

        Parameters
        ----------
        preds : tensor
            Label values (N, H, W) of integers, or class scores (N, K, H, W) of floats, which are resized to
            their targets where they are smaller or larger.
        target : tensor of integers (N, H, W)
            Label values.
        images : tensor of integers or sequence of int or str (N,), optional
            Which images they are: their indices in the data, or their names, if these were given.

        Raises
        ------
        SegscoreError
            As for :meth:`segscore.Evaluator.add_batch`; or if `images` are not as many as there are, or none
            of those that were named. A batch that raises is not counted.
        """
        rows = self._counting.rows(target=target, images=images, **as_given(preds))
        self.rows.append(torch.from_numpy(rows).to(self.device))

    def compute(self) -> dict[str, torch.Tensor]:
        """Return the metrics of all images, float64 each.

        Raises
        ------
        EvaluationError
            If there are no images, in no process.
        ArgumentError
            If an image came twice with different counts, or only some came with their index.
        """
        self._evaluation = self._counting.evaluation(self._state())
        return {
            name: torch.tensor(value, dtype=torch.float64, device=self.device)
            for name, value in values_of(self._evaluation, self._metrics).items()
        }

    def evaluation(self) -> Evaluation:
        """Return the evaluation of all images of all processes: worst images, intervals, reports, files.

        Every process has to call it, as it does `compute`, which says what is raised.
        """
        self.compute()
        assert self._evaluation is not None
        return self._evaluation

    def plot(self, val: Any = None, ax: Any = None) -> Any:
        """Draw the metrics as torchmetrics draws those of its own, for which matplotlib is needed.

        Parameters
        ----------
        val : dict, or sequence of dict, optional
            What `compute` or `forward` returned, once or at several steps; by default what `compute` returns.
        ax : Axes of matplotlib, optional
            Where to draw; by default in a figure of its own.

        Returns
        -------
        Figure and Axes of matplotlib
            The former is None where `ax` was given, which is the latter.
        """
        return self._plot(val, ax)

    def reset(self) -> None:
        """Forget all images."""
        super().reset()
        self._evaluation = None

    def sync(self, *args: Any, **options: Any) -> None:
        """Bring together the images of all processes; one that has none yet takes part as well."""
        if not self._is_synced and not len(self.rows):
            self.rows = [self._none()]
        super().sync(*args, **options)

    def _none(self) -> torch.Tensor:
        return torch.from_numpy(NO_ROWS).to(self.device)

    def _state(self) -> Any:
        # After a reduction it is one tensor.
        rows = self.rows if isinstance(self.rows, list) else [self.rows]
        return torch.cat(rows or [self._none()]).cpu().numpy()
