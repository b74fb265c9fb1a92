"""Counted images as a state of integers that a training loop gathers, saves and brings back.

A state is int64 (M, 4): image, target label, predicted label, pixels. Each image begins with a row of 0
pixels, which says what image it is: its index in the data, or -1 where nobody said it; and, in place of
labels, with which classes it was counted. States under each other are a state, so that it does not matter who
counted which image.
"""

import json
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np

from segscore.auditing.results import warning_text
from segscore.base.naming import marked
from segscore.base.shown import brief
from segscore.base.values import Ints, is_int, is_ordered
from segscore.base.wording import many, show
from segscore.classes.classes import Classes
from segscore.classes.plain import FOR_PEOPLE, classes_dict
from segscore.counts.batches import count_batch, pairs_of
from segscore.counts.checks import warning_of
from segscore.counts.measures import NOTHING
from segscore.counts.table import Table
from segscore.errors import ArgumentError, DtypeError, EvaluationError, FileFormatError, SegscoreWarning, flag
from segscore.evaluation.assembling import unsaid
from segscore.evaluation.evaluation import Evaluation
from segscore.io.shapes import PLANES, Dims, checked_dims
from segscore.io.stacks import checked_names
from segscore.scores.named import number_of

METRICS = ("mean_iou", "mean_dice", "pixel_accuracy", "mean_image_iou")
"""What loops log if nothing else is asked for."""

_WHICH = "they say which images of the data are in the batch; photographs are for the model alone"

NO_ROWS: Ints = np.empty((0, 4), dtype=np.int64)
_UNSAID = -1


def as_given(preds: Any) -> dict[str, Any]:
    """Return predictions as what they are: class scores if they are floats, else label values."""
    if not hasattr(preds, "is_floating_point"):
        preds = np.asarray(preds)
    floats = preds.dtype.kind == "f" if isinstance(preds, np.ndarray) else preds.is_floating_point()
    return {"logits" if floats else "pred": preds}


def check_scores(scores: Any, class_axis: int | None, dims: Dims, *, hint: str = "") -> None:
    """Raise DtypeError for floats without an axis of classes: label maps, mostly, which are integers.

    `hint` says what else there may be, beside label maps.
    """
    shape = tuple(scores.shape)
    if class_axis is None or len(shape) != 1 + dims:
        return
    axes = "H, W" if dims == PLANES else "D, H, W"
    expected = f"(N, K, {axes})" if class_axis == 1 else f"(N, {axes}, K)"
    raise DtypeError(
        f"predictions are floats of shape {shape}, expected class scores {expected}, or label values "
        f"(N, {axes}) as integers",
        f"label maps that became floats are made integers again, as by `.long()`{hint}",
    )


ONE_CHANNEL = "; scores of one channel need `class_axis=None` and `threshold=0.5`"


def checked_metrics(names: Iterable[str], classes: Classes) -> tuple[str, ...]:
    """Return names of numbers of an evaluation, or raise ArgumentError for one that there is not."""
    metrics = (names,) if isinstance(names, str) else tuple(names)
    for name in metrics:
        number_of(name, classes)
    return metrics


@dataclass
class Counting:
    """How the batches of a loop are counted, and what was warned of so far."""

    classes: Classes
    class_axis: int | None
    threshold: float | None
    dims: Dims
    strict: bool
    names: tuple[str, ...] | None = None
    """The images of the data, in the order of their indices."""
    told: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.dims = checked_dims(self.dims)
        self.strict = flag("strict", self.strict)
        self._digest = _digest(self.classes)
        if self.names is not None:
            self.names = tuple(checked_names(self.names, len(self.names)))
            self._places = {name: i for i, name in enumerate(self.names)}

    def rows(self, *, target: object, images: object = None, **given: object) -> Ints:
        """Return the state of a batch of `pred` or `logits`, int64 (M, 4); of what raises nothing is kept."""
        scored = "logits" in given
        if scored:
            check_scores(given["logits"], self.class_axis, self.dims, hint=ONE_CHANNEL)
        found = count_batch(
            self.classes,
            NOTHING,
            target=target,
            pred=given.get("pred"),
            logits=given.get("logits"),
            class_axis=self.class_axis if scored else None,
            threshold=self.threshold if scored else None,
            resize=False,
            dims=self.dims,
            named=images is not None,
        )
        indices = [_UNSAID] * len(found) if images is None else self._indices(images, len(found))
        parts = [NO_ROWS]
        for i, (index, image) in enumerate(zip(indices, found, strict=True)):
            columns = pairs_of(image).columns()
            self._warn_of_labels(columns, f"image {i} of the batch" if index == _UNSAID else self.name(index))
            head = np.array([[index, *self._digest, 0]], dtype=np.int64)
            parts += [head, np.column_stack([np.full(len(columns[0]), index), *columns])]
        return np.concatenate(parts)

    def name(self, index: int) -> str:
        """Return the name of an image of the data."""
        return str(index) if self.names is None else self.names[index]

    def _indices(self, images: Any, count: int) -> list[int]:
        """Return the indices of images that are given as such, or by their names."""
        shape = getattr(images, "shape", None)
        if not is_ordered(images) or (shape is not None and len(shape) != 1):
            found = f"of type {type(images).__name__}" if shape is None else f"of shape {tuple(shape)}"
            raise ArgumentError(
                f"`images` is {found}, expected an index or a name for each of {many(count, 'image')}", _WHICH
            )
        given = images.tolist() if hasattr(images, "tolist") else list(images)
        if len(given) != count:
            raise ArgumentError(
                f"expected one of `images` for each of {count:,}, found {len(given):,}",
                "they are the indices of images in the data, or their names",
            )
        return [self._index(image) for image in given]

    def _index(self, image: object) -> int:
        if isinstance(image, str):
            if self.names is None:
                raise ArgumentError(
                    f"image {show(image)} is told by its name, and the names of all images are not known",
                    "give them as `names=` when the metric is made; or tell images by their indices",
                )
            if image not in self._places:
                raise ArgumentError(
                    f"there is no image {show(image)} in `names`", "name all images of the data"
                )
            return self._places[image]
        most = None if self.names is None else len(self.names)
        if not is_int(image):
            raise ArgumentError(
                f"`images` holds {brief(image)}, expected indices, which are integers, or names", _WHICH
            )
        if image < 0 or image >= (most or image + 1):
            below = "0 or more" if most is None else f"0 to {most - 1:,}"
            raise ArgumentError(
                f"an image has the index {brief(image)}, expected {below}",
                "the index is that of the image in the data, the same in each process and epoch",
            )
        return int(image)

    def _warn_of_labels(self, columns: tuple[Ints, Ints, Ints], where: str) -> None:
        said = warning_of(self.classes, columns, where=lambda _: where, strict=self.strict)
        if said and "labels" not in self.told:
            # Before it is taken for said, because a filter may turn the warning into an error.
            warnings.warn(SegscoreWarning(said), stacklevel=5)
            self.told |= {"labels"}

    def evaluation(self, state: Ints) -> Evaluation:
        """Return the evaluation of a state: images by name, of which each counts once however often it came.

        An image that came with different counts is an ArgumentError, and so is a state that other classes or
        nobody has made, as a checkpoint may hold; a state without images is an EvaluationError.
        """
        if not len(state):
            raise EvaluationError("there are no images to score", "update the metric with at least one batch")
        try:
            table = self._table(state)
        except FileFormatError as error:
            raise ArgumentError(
                f"the state of the metric does not fit its classes: {marked(error.message)}",
                "load the state of a metric that was made with the same classes and names",
            ) from error
        heads = np.flatnonzero(state[:, 3] == 0)
        names, places = self._images(state[heads, 0], table)
        made = Evaluation(self.classes, names, table.take(places))
        for finding in unsaid(made, self.told):
            warnings.warn(SegscoreWarning(warning_text(finding)), stacklevel=4)
            self.told |= {finding.kind}
        return made

    def _table(self, state: Ints) -> Table:
        """Return the table of the images of a state, or raise FileFormatError."""
        if state.shape[1:] != NO_ROWS.shape[1:] or state.dtype != NO_ROWS.dtype:
            raise FileFormatError(f"{state.dtype} of shape {state.shape} in place of int64 (M, 4)")
        heads = np.flatnonzero(state[:, 3] == 0)
        offsets = np.append(heads, len(state)) - np.arange(len(heads) + 1)
        most = np.iinfo(np.int64).max if self.names is None else len(self.names)
        images = state[heads, 0]
        fits = offsets[0] == 0 and (images >= _UNSAID).all() and (images < most).all()
        if (state[heads, 1:3] != self._digest).any():
            raise FileFormatError("its images were counted with others")
        counted = np.delete(state, heads, axis=0)
        if not fits or (counted[:, 0] != np.repeat(images, np.diff(offsets))).any():
            raise FileFormatError("its rows are none of images")
        columns = {
            "offsets": offsets,
            **dict(zip(("target", "pred", "pixels"), counted[:, 1:].T, strict=True)),
        }
        return Table.of_columns(columns, len(heads), self.classes)

    def _images(self, indices: Ints, table: Table) -> tuple[tuple[str, ...], Ints]:
        """Return the names of images, and where each is first in the table."""
        unsaid = indices == _UNSAID
        if unsaid.all():
            return tuple(map(str, range(len(indices)))), np.arange(len(indices))
        if unsaid.any():
            raise ArgumentError(
                f"{int(unsaid.sum()):,} of {len(indices):,} images came without their index",
                "give `images=` with each batch, or with none",
            )
        first: dict[int, int] = {}
        for place, index in enumerate(indices.tolist()):
            if not _same(table, first.setdefault(index, place), place):
                raise ArgumentError(
                    f"image {show(self.name(index))} came twice, with different counts",
                    "reset the metric at the end of an epoch; where it counts batches of training, `images=` "
                    "is left out",
                )
        found = sorted((self.name(index), place) for index, place in first.items())
        return tuple(name for name, _ in found), np.array([place for _, place in found], dtype=np.int64)


def _digest(classes: Classes) -> tuple[int, int]:
    """Return two numbers that are the same for classes that mean the same."""
    said = {name: value for name, value in classes_dict(classes).items() if name not in FOR_PEOPLE}
    digest = sha256(json.dumps(said, sort_keys=True).encode("ascii")).digest()
    one, other = (int.from_bytes(digest[at : at + 8], "big") >> 1 for at in (0, 8))
    return one, other


def _same(table: Table, one: int, other: int) -> bool:
    """Whether two images have the same rows."""
    if one == other:
        return True
    rows = [slice(*table.offsets[i : i + 2].tolist()) for i in (one, other)]
    return all(np.array_equal(column[rows[0]], column[rows[1]]) for column in table.rows)


def values_of(evaluation: Evaluation, metrics: Sequence[str]) -> dict[str, float]:
    """Return numbers of an evaluation by their names."""
    return {name: evaluation.metric(name) for name in metrics}
