"""Evaluation: the pair counts of every image, and everything that is read from them.

`segscore.evaluating` makes one; it never changes afterwards. Pixels are not seen here, and files only
by their names.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from os import PathLike
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from segscore import _core, metrics
from segscore.classes import Classes, Ints
from segscore.confusion import ConfusionMatrix, Rows, by_label, faults, totals
from segscore.counting import Failure
from segscore.errors import ArgumentError
from segscore.labels import is_int
from segscore.lazy import lazy
from segscore.scores import Scores, readonly

Floats = npt.NDArray[np.float64]
_CELLS = 1 << 22
"""Cells of a table of images and classes that is filled at once."""


@dataclass(frozen=True)
class Table:
    """Pair counts of images under each other.

    Attributes
    ----------
    offsets : int64 (n + 1,)
        Rows `offsets[i]` to `offsets[i + 1]` belong to image i.
    target, pred : int64 (M,)
        Label values.
    pixels : int64 (M,)
        Pixels with these two labels.
    """

    offsets: Ints
    target: Ints
    pred: Ints
    pixels: Ints

    def __post_init__(self) -> None:
        for column in (self.offsets, self.target, self.pred, self.pixels):
            readonly(column)

    @property
    def rows(self) -> Rows:
        """Target labels, predicted labels and pixels, int64 (M,) each."""
        return self.target, self.pred, self.pixels

    @lazy
    def sum(self) -> _core.PairCounts:
        """Return the pair counts of all images together."""
        return _core.PairCounts.from_columns(*self.rows)

    @lazy
    def image(self) -> Ints:
        """int64 (M,): the image of each row."""
        return readonly(np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets)))

    def __eq__(self, other: object) -> bool:
        """Whether all rows are the same."""
        if not isinstance(other, Table):
            return NotImplemented
        return all(
            np.array_equal(getattr(self, name), getattr(other, name))
            for name in ("offsets", "target", "pred", "pixels")
        )

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[type["Table"], tuple[Ints, Ints, Ints, Ints]]:
        # Built anew, because unpickled arrays would be writable.
        return Table, (self.offsets, self.target, self.pred, self.pixels)


@dataclass(frozen=True, eq=False)
class ImageScores:
    """Scores of each image, in the order of the names; the arrays are read-only.

    Attributes
    ----------
    name : tuple of str
        The images.
    pixels : int64 (n,)
        Scored pixels.
    pixel_accuracy : float64 (n,)
        NaN for an image without scored pixels.
    mean_iou : float64 (n,)
        Mean IoU over the classes in the image's *target*; NaN where there are none.
    iou : float64 (n, K)
        IoU of each class; NaN for a class that is in neither target nor prediction of the image.
    """

    name: tuple[str, ...]
    pixels: Ints
    pixel_accuracy: Floats
    mean_iou: Floats
    _table: Table = field(repr=False)
    _classes: Classes = field(repr=False)

    def __post_init__(self) -> None:
        for column in (self.pixels, self.pixel_accuracy, self.mean_iou):
            readonly(column)

    def __reduce__(self) -> tuple[type["ImageScores"], tuple[Any, ...]]:
        # Built anew, because unpickled arrays would be writable.
        return ImageScores, tuple(getattr(self, f.name) for f in fields(self))

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.name)

    @lazy
    def iou(self) -> Floats:
        """float64 (n, K): made when it is read."""
        parts = [metrics.iou(tp, target, pred) for tp, target, pred in _by_image(self._classes, self._table)]
        return readonly(np.concatenate(parts) if parts else np.empty((0, len(self._classes))))


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a model did on a dataset: exact counts of every image, and the scores that follow.

    Attributes
    ----------
    classes : Classes
        The classes, with everything that is ignored.
    names : tuple of str
        Images that were scored, sorted; those that an `Evaluator` numbered come first, by number.
    table : Table
        Their pair counts.
    failures : tuple of Failure
        Images that could not be scored (``on_error="skip"``), sorted by name.
    extra : tuple of str
        Predictions without a target.
    resized : int
        Images whose prediction was resized to its target, to nearest pixels.
    provenance : mapping
        What was compared, as texts; read-only.

    Examples
    --------
    >>> from segscore import Evaluator
    >>> judge = Evaluator(["road", "sky"])
    >>> judge.add(pred=[[0, 0], [1, 1]], target=[[0, 0], [0, 1]], name="frame_07")
    >>> ev = judge.result()
    >>> ev.names, ev.scores.pixel_accuracy
    (('frame_07',), 0.75)
    """

    classes: Classes
    names: tuple[str, ...]
    table: Table = field(repr=False)
    failures: tuple[Failure, ...] = ()
    extra: tuple[str, ...] = ()
    resized: int = 0
    provenance: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "provenance", MappingProxyType(dict(self.provenance)))

    def __reduce__(self) -> tuple[Callable[[], "Evaluation"], tuple[()]]:
        # Built anew: pickle takes no view of a mapping, and unpickled caches would be writable.
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return partial(Evaluation, **{**values, "provenance": dict(self.provenance)}), ()

    @property
    def requested(self) -> int:
        """Number of images that should have been scored."""
        return len(self.names) + len(self.failures)

    @lazy
    def scores(self) -> Scores:
        """Scores of the summed counts of all images: the benchmark number."""
        sums = totals(self.classes, *self.table.sum.columns())
        return Scores(self.classes, **sums._asdict(), images=len(self.names))

    @property
    def confusion(self) -> ConfusionMatrix:
        """The summed counts of all images, as a matrix of its own."""
        return ConfusionMatrix.of_pairs(self.classes, self.table.sum)

    @lazy
    def images(self) -> ImageScores:
        """Scores of each image."""
        pixels, accuracy, means = [], [], []
        for tp, target, pred in _by_image(self.classes, self.table):
            scored = target.sum(axis=-1)
            pixels.append(scored)
            accuracy.append(metrics.pixel_accuracy(tp, scored))
            in_target = self.classes.in_mean & (target > 0)
            means.append(metrics.class_mean(metrics.iou(tp, target, pred), in_target))
        empty = np.empty(0)
        return ImageScores(
            self.names,
            np.concatenate([np.empty(0, np.int64), *pixels]),
            np.concatenate([empty, *accuracy]),
            np.concatenate([empty, *means]),
            self.table,
            self.classes,
        )

    @lazy
    def mean_image_iou(self) -> float:
        """Mean over images of each image's mean IoU, for images that have one; NaN if none has."""
        values = self.images.mean_iou
        defined = values[~np.isnan(values)]
        return float(defined.mean()) if len(defined) else float("nan")

    def worst(self, n: int = 10) -> tuple[tuple[str, float], ...]:
        """Return the images with the lowest mean IoU, worst first.

        Parameters
        ----------
        n : int
            How many, at least 0. Images without a mean IoU are left out.

        Returns
        -------
        tuple of (str, float)
            Name and mean IoU of each image; equal ones in the order of `names`.

        Raises
        ------
        ArgumentError
            If `n` is no integer.
        """
        if not is_int(n):
            raise ArgumentError(f"`n` is {n!r}", "it is a number of images, 0 or more")
        values = self.images.mean_iou
        order = [i for i in np.argsort(values, kind="stable").tolist() if not np.isnan(values[i])]
        return tuple((self.names[i], float(values[i])) for i in order[: max(n, 0)])

    @lazy
    def unknown_predictions(self) -> tuple[tuple[int, int, str], ...]:
        """Predicted label values that are no class, on scored pixels: (value, pixels, first image)."""
        missed = np.flatnonzero(faults(self.classes, self.table.rows)[1])
        labels = by_label(self.table.pred, self.table.pixels, missed)
        # Rows are in the order of images, so the first row of a value is in its first image.
        values, rows = np.unique(self.table.pred[missed], return_index=True)
        images = dict(zip(values.tolist(), self.table.image[missed[rows]].tolist(), strict=True))
        most = sorted(labels.items(), key=lambda item: (-item[1], item[0]))
        return tuple((value, pixels, self.names[images[value]]) for value, pixels in most)

    def save(self, path: str | PathLike[str]) -> None:
        """Write everything to one ``.npz`` file, whole or not at all; `segscore.load` reads it.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        from segscore.saved import save

        save(self, path)

    def to_dict(self) -> dict[str, Any]:
        """Return all numbers in plain Python values that JSON can hold; undefined ones are None.

        Returns
        -------
        dict
            What `Scores.to_dict` returns; ``counts``, the confusion matrix with targets as rows, None for
            more than 256 classes; ``images``, a list with one dict an image; and what is to be said of
            the images that could not be scored.
        """
        from segscore.render.json import evaluation_dict

        return evaluation_dict(self, version=_core.__version__)

    def __eq__(self, other: object) -> bool:
        """Whether classes, images, counts and failures are the same; provenance is not compared."""
        if not isinstance(other, Evaluation):
            return NotImplemented
        return all(
            getattr(self, name) == getattr(other, name)
            for name in ("classes", "names", "table", "failures", "extra", "resized")
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Return a short form that ends in the mean IoU."""
        scored = len(self.names)
        of = "" if scored == self.requested else f" of {self.requested:,}"
        return f"<Evaluation of {self.classes}: {scored:,}{of} images, mean IoU {self.scores.mean_iou:.6f}>"

    def __str__(self) -> str:
        """Return the table of scores and what is to be said about the images, in 80 columns."""
        from segscore.render.text import evaluation_text

        return evaluation_text(self, next_step="ev.worst(10) lists the images to look at")

    def _repr_html_(self) -> str:
        from segscore.render.notebook import evaluation_html

        return evaluation_html(self)


def load(path: str | PathLike[str]) -> Evaluation:
    """Return the evaluation that :meth:`Evaluation.save` wrote.

    Parameters
    ----------
    path : path
        The file.

    Raises
    ------
    FileFormatError
        If it cannot be read, or holds something else.
    """
    from segscore import saved

    return saved.load(path)


def _by_image(classes: Classes, table: Table) -> Iterator[tuple[Ints, Ints, Ints]]:
    """Yield tp, target and pred of some images at a time, int64 (images, K) each, in bounded memory."""
    images, count = len(table.offsets) - 1, len(classes)
    target, pred = classes.fold(table.target, table.pred)
    step = max(1, _CELLS // (count + 1))
    for first in range(0, images, step):
        last = min(first + step, images)
        rows = slice(int(table.offsets[first]), int(table.offsets[last]))
        image, t, p, pixels = table.image[rows] - first, target[rows], pred[rows], table.pixels[rows]
        sums = np.zeros((3, last - first, count + 1), dtype=np.int64)
        # The cell behind the classes takes what is left out: ignored targets, and misses of `pred`.
        scored = t >= 0
        for cells, index in zip(
            sums,
            (np.where(t == p, t, count), np.where(scored, t, count), np.where(scored, p, count)),
            strict=True,
        ):
            np.add.at(cells.reshape(-1), image * (count + 1) + index, pixels)
        yield sums[0, :, :count], sums[1, :, :count], sums[2, :, :count]
