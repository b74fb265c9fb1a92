"""ImageScores: the scores of every image, as columns, and images in the order of a metric."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from segscore.base.foreign import Translated
from segscore.base.shown import brief
from segscore.base.values import Bools, Floats, Frozen, Ints, is_int, lazy, lowest, readonly
from segscore.base.wording import many, visible
from segscore.classes.classes import Classes
from segscore.counts.cells import Cells
from segscore.counts.table import Table
from segscore.errors import ArgumentError
from segscore.scores import metrics
from segscore.scores.main import Main, main_of
from segscore.scores.metric import METRICS, class_metrics, image_metrics
from segscore.scores.metric_row import Counts, Metric
from segscore.scores.named import number_of
from segscore.scores.numbers import counted, each_image
from segscore.scores.object_numbers import OfObjects
from segscore.scores.sample import Images
from segscore.scores.shape_summary import image_columns
from segscore.scores.shapes import Shapes
from segscore.scores.titles import metric_title
from segscore.text.numbers import DASH, number
from segscore.text.plain import WIDTH
from segscore.text.table import table


class RankedImage(tuple[str, float]):
    """Name and score of an image, a pair that says if the score is of a class that is not in its target."""

    in_target: bool

    def __new__(cls, pair: Iterable[str | float], in_target: bool = True) -> Self:
        """Return the pair."""
        made = super().__new__(cls, pair)
        made.in_target = in_target
        return made

    def __repr__(self) -> str:
        """Return the pair, and what it says."""
        return super().__repr__() if self.in_target else f"{super().__repr__()[:-1]}, {NOT_IN_TARGET})"


NOT_IN_TARGET = "not in this target"
"""What is said of the score of a class in an image whose target does not have it."""
Ranked: TypeAlias = tuple[RankedImage, ...]
"""Name and score of some images, in the order of the scores."""

_SHOWN = 10
"""Rows of the table that is printed."""


@dataclass(frozen=True, eq=False, repr=False)
class ImageScores(Translated, Frozen):
    """Scores of each image, in the order of the names; the arrays are read-only.

    Attributes
    ----------
    name : tuple of str
        The images.
    pixels : int64 (n,)
        Scored pixels.
    ignored : int64 (n,)
        Pixels that are not scored, because their target is ignored.
    pixel_accuracy : float64 (n,)
        NaN for an image without scored pixels.
    mean_image_iou, mean_image_dice : float64 (n,)
        Mean IoU and mean Dice over the classes in the image's *target*; NaN where there are none. With
        classes that are only predicted they are ``metric("mean_iou")``, as in scores of the image alone.
    iou : float64 (n, K)
        IoU of each class; NaN for a class that is in neither target nor prediction of the image.

    Examples
    --------
    >>> from segscore import Evaluator
    >>> judge = Evaluator(["road", "sky"], ignore_index=255)
    >>> judge.add(pred=[[0, 0], [1, 1]], target=[[0, 0], [0, 1]], name="frame_07")
    >>> judge.add(pred=[[0, 0], [0, 0]], target=[[0, 0], [0, 255]], name="frame_08")
    >>> images = judge.result().images
    >>> images.metric("dice.road").tolist(), images.ignored.tolist()
    ([0.8, 1.0], [0, 1])
    >>> list(images.columns())[3:]
    ['pixel_accuracy', 'mean_image_iou', 'mean_image_dice', 'iou.road', 'iou.sky']
    """

    name: tuple[str, ...]
    pixels: Ints
    ignored: Ints
    pixel_accuracy: Floats
    mean_image_iou: Floats
    mean_image_dice: Floats
    _table: Table = field(repr=False)
    _classes: Classes = field(repr=False)
    _shapes: Shapes = field(repr=False)

    _foreign: ClassVar[Mapping[str, str]] = {
        "mean_iou": "mean_image_iou",
        "mean_dice": "mean_image_dice",
    }

    @staticmethod
    def of(
        classes: Classes, names: tuple[str, ...], table: Table, shapes: Shapes, cells: Cells
    ) -> "ImageScores":
        """Return the scores of the images of a table whose labels have been checked, and of its cells."""
        found = each_image(classes, cells, [counted(METRICS[name]) for name in _kept()])
        kept = {name: column.copy() for name, column in zip(_kept(), found.T, strict=True)}
        pixels, ignored = cells.pixels, cells.ignored
        made = ImageScores(names, pixels, ignored, **kept, _table=table, _classes=classes, _shapes=shapes)
        vars(made._sample)["cells"] = cells
        return made

    def __repr__(self) -> str:
        """Return a short form with the lowest and the highest number that images are ranked by."""
        values = self.metric(self._main.image)
        defined = values[~np.isnan(values)]
        found = f"{number(defined.min())} to {number(defined.max())}" if len(defined) else DASH
        return f"<ImageScores of {many(len(self), 'image')}: {self._main.image_label} {found}>"

    def __str__(self) -> str:
        """Return the images that are ranked lowest, a row each, and how many there are."""
        main, of_pixels = self._main, self._shapes.measures.of_pixels
        order = self.order(main.image, best=False, count=_SHOWN).tolist()
        names = dict.fromkeys((*(self._wholes if of_pixels else ()), main.image))
        columns = {metric_title(name): self.metric(name) for name in names}
        rows = [
            (
                visible(self.name[i]),
                *([f"{self.pixels[i]:,}"] if of_pixels else []),
                *(number(of[i]) for of in columns.values()),
            )
            for i in order
        ]
        lines = table(("image", *(["pixels"] if of_pixels else []), *columns), rows, WIDTH)
        if len(self) > _SHOWN:
            lines += ["", f"the lowest {_SHOWN} of {many(len(self), 'image')} by {main.image_label}"]
        return "\n".join(lines)

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.name)

    @lazy
    def iou(self) -> Floats:
        """float64 (n, K): made when it is read."""
        cells = self._sample.cells
        found = np.full(cells.shape, np.nan)
        found[cells.image, cells.label] = metrics.iou(cells.tp, cells.target, cells.pred)
        return readonly(found)

    @property
    def _main(self) -> Main:
        return main_of(self._shapes.measures, self._classes)

    @property
    def of_main(self) -> Floats:
        """float64 (n, K): what images are ranked by, of each class: IoU, or PQ or F1 of objects."""
        asked = number_of(self._main.image, self._classes)
        return asked.by_class(self._shapes) if isinstance(asked, OfObjects) else self.iou

    @lazy
    def _sample(self) -> Images:
        return Images(self._classes, self.name, self._table, self._shapes)

    @property
    def _wholes(self) -> tuple[str, ...]:
        """The metrics that are columns: those kept, and what else the table of metrics says."""
        return tuple(dict.fromkeys((*_kept(), *(one.name for one in image_metrics(self._classes)))))

    def _of_classes(self, metric: Metric) -> Floats:
        means = self._classes.in_mean
        parts = [metric.formula(Counts(*counts, means)) for counts in self._sample.cells.blocks()]
        return readonly(np.concatenate(parts) if parts else np.empty((0, len(self._classes))))

    def metric(self, name: str) -> Floats:
        """Return one metric of every image.

        Parameters
        ----------
        name : str
            As for :meth:`segscore.Evaluation.metric`, such as ``kappa`` or ``iou.car``.

        Returns
        -------
        float64 (n,)
            In the order of the names, read-only; NaN where it is undefined. It is that of the image's scores
            alone: an IoU is 0 where the class is only predicted, and ``mean_iou`` takes it in. Means of
            images, such as ``mean_image_iou``, are over the classes in the image's *target*.

        Raises
        ------
        ArgumentError
            If there is no such metric or class; it names the nearest ones.
        """
        asked = number_of(name, self._classes).checked(self._shapes.measures)
        if (kept := self.kept(name)) is not None:
            return kept
        return readonly(asked.of_images(self._sample))

    def of_pixels(self, name: str) -> Floats:
        """Return a metric of pixels as `metric` does, float64 (n,); NaN where masks may overlap."""
        none = np.full(len(self), np.nan)
        return self.metric(name) if self._shapes.measures.of_pixels else readonly(none)

    def kept(self, name: str) -> Floats | None:
        """Return the values of a metric that are computed anyway, float64 (n,); None for any other."""
        return getattr(self, name) if name in _kept() else None

    def ranked(self, n: int, by: str, *, best: bool) -> Ranked:
        """Return the name and the score of the n images that are best, or worst, by a metric.

        Images where it is undefined are left out. Of equal ones, those with more wrong pixels are worse, or
        objects, of the class where the metric is that of one; then they are in the order of the names.
        """
        check_number(n)
        values, held = self.metric(by), self.held(by)
        defined = int(np.count_nonzero(~np.isnan(values)))
        chosen = self.order(by, best=best, count=min(n, defined)).tolist()
        return tuple(RankedImage((self.name[i], float(values[i])), bool(held[i])) for i in chosen)

    def order(self, by: str, *, best: bool, count: int | None = None) -> Ints:
        """Return all images, or the first `count`, in the order of `ranked`; those without a value last."""
        asked = number_of(by, self._classes)
        wrong = asked.wrong(self._sample)
        return ranks(asked.metric.sign * self.metric(by), wrong, best=best, count=count)

    def held(self, by: str) -> Bools:
        """Return which images have in their target what a metric is of, bool (n,)."""
        return number_of(by, self._classes).held(self._sample)

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Return everything as one flat table: NumPy arrays of n entries under their names.

        Returns
        -------
        dict
            ``name`` (texts), ``pixels`` and ``ignored`` (int64), ``pixel_accuracy``, ``mean_image_iou``,
            ``mean_image_dice`` and, for each class, ``iou.car`` (float64, NaN where undefined); and what was
            measured of shapes, such as ``hd95.liver``. Names of metrics are those that :meth:`metric` takes.
        """
        return {
            "name": np.array(self.name, dtype=np.str_),
            "pixels": self.pixels,
            "ignored": self.ignored,
            **{name: self.of_pixels(name) for name in self._wholes},
            **{
                f"{metric.name}.{name}": column
                for metric in class_metrics()
                if metric.column
                for name, column in zip(self._classes.names, self._of_classes(metric).T, strict=True)
            },
            **image_columns(self._shapes),
        }

    def to_frame(self, backend: str | None = None) -> Any:
        """Return `columns` as a data frame.

        Parameters
        ----------
        backend : "pandas", "polars" or "pyarrow", optional
            As for :meth:`segscore.Scores.to_frame`.

        Returns
        -------
        DataFrame, or Table of pyarrow
            Undefined scores are null, which in pandas is NaN, so that its means leave them out. A name that
            is no valid text in UTF-8 has its undecodable bytes as escape sequences.

        Raises
        ------
        ArgumentError
            If there is no such backend, or a package is not installed.
        """
        from segscore.text.frames import frame

        return frame(self.columns() | {"name": np.array(self.name, dtype=object)}, backend)


def check_number(n: object) -> None:
    """Raise ArgumentError unless it is a number of images."""
    if not is_int(n) or n < 0:
        raise ArgumentError(f"`n` is {brief(n)}", "it is a number of images, 0 or more")


def ranks(values: Floats, wrong: Ints, *, best: bool, count: int | None = None) -> Ints:
    """Return images from the worst to the best of values, or the other way round, those without one last.

    Of equal ones those with more wrong pixels are worse. Only the first `count` are returned, if it is given.
    """
    count = len(values) if count is None else count
    return lowest(count, -values, wrong) if best else lowest(count, values, -wrong)


def _kept() -> tuple[str, ...]:
    """Return the metrics that are fields, which are computed when the images are first looked at."""
    return tuple(field.name for field in fields(ImageScores) if field.name in METRICS)
