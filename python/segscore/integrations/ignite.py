"""A metric for PyTorch Ignite: scores of images, exact on many processes."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import ignite.distributed as idist
import torch
from ignite.metrics import Metric
from ignite.metrics.metric import reinit__is_reduced

from segscore.base.values import Ints
from segscore.classes.classes import Classes, ClassesLike
from segscore.evaluation.evaluation import Evaluation
from segscore.integrations.states import METRICS, NO_ROWS, Counting, as_given, checked_metrics, values_of
from segscore.io.shapes import PLANES, Dims


def _same(output: Any) -> Any:
    return output


class SegmentationScores(Metric):
    """Scores of segmented images: ``SegmentationScores(classes).attach(evaluator, "scores")``.

    Each of `metrics` is then in ``engine.state.metrics`` under its own name, and all of them as a dict under
    that of the metric; `evaluation` is the evaluation of all images.

    Parameters
    ----------
    classes, ignore_index, pred_classes, strict, metrics, names, class_axis, threshold, dims
        As for :class:`segscore.integrations.torchmetrics.SegmentationScores`.
    output_transform : callable
        From the output of the engine to (predictions, targets), or (predictions, targets, images), where the
        last are the indices or names of the images, so that one that a sampler brings twice counts once.
        Predictions are label values (N, H, W) or class scores (N, K, H, W).
    device : str or torch.device
        Where states of processes are gathered.

    Raises
    ------
    ClassesError, ArgumentError
        If classes, or the names of metrics or images, are not usable.
    """

    evaluation: Evaluation | None = None
    """Of all images, once it is computed."""

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
        output_transform: Callable[[Any], Any] = _same,
        device: "str | torch.device" = "cpu",
    ) -> None:
        known = Classes.of(classes, ignore_index, pred_classes)
        all_names = None if names is None else tuple(names)
        self._counting = Counting(known, class_axis, threshold, dims, strict, all_names)
        self._metrics = checked_metrics(metrics, known)
        self._rows: list[Ints] = []
        super().__init__(output_transform=output_transform, device=device)

    @reinit__is_reduced
    def reset(self) -> None:
        """Forget all images."""
        self._rows = []
        self.evaluation = None

    @reinit__is_reduced
    @torch.compiler.disable
    def update(self, output: Sequence[Any]) -> None:
        """Count a batch, as :meth:`segscore.integrations.torchmetrics.SegmentationScores.update` does."""
        preds, target, *images = output
        which = images[0] if images else None
        self._rows.append(self._counting.rows(target=target, images=which, **as_given(preds)))

    def compute(self) -> dict[str, float]:
        """Return the metrics of the images of all processes, each of which has to call it.

        Raises
        ------
        EvaluationError
            If there are no images, in no process.
        ArgumentError
            If an image came twice with different counts, or only some came with their index.
        """
        self.evaluation = self._counting.evaluation(self._gathered())
        return values_of(self.evaluation, self._metrics)

    def _gathered(self) -> Any:
        """Return the state of all processes."""
        state = torch.cat([torch.from_numpy(rows) for rows in (NO_ROWS, *self._rows)])
        if idist.get_world_size() == 1:
            return state.numpy()
        lengths = idist.all_gather(torch.tensor([len(state)], device=self._device)).tolist()
        shapes = [[length, state.shape[1]] for length in lengths]
        every = idist.all_gather_tensors_with_shapes(state.to(self._device), shapes)
        return torch.cat([rows.cpu() for rows in every]).numpy()
