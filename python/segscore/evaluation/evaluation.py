"""Evaluation: what was counted of a dataset, which derives and shows what can be read from it."""

from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, Self, Unpack

import numpy.typing as npt

from segscore._core import __version__
from segscore.auditing import Audit, audit_of
from segscore.base.foreign import EVALUATED
from segscore.classes.classes import ClassesLike
from segscore.io.groups import By
from segscore.results import adding
from segscore.results.evaluated import Evaluated
from segscore.results.finding import images_with
from segscore.results.flat import PREFIX, metrics_of
from segscore.results.groups import Groups, group_by
from segscore.results.merging import merge
from segscore.results.selecting import Which, select
from segscore.results.summary import (
    evaluation_dict,
    evaluation_html,
    evaluation_latex,
    evaluation_markdown,
    evaluation_text,
)
from segscore.scores.correct import Correct, CorrectCurve, correct_at, correct_curve
from segscore.scores.gates import Asked, GateResult, GateResults, Lowest, gates, least_images
from segscore.scores.listed_objects import ListedObjects
from segscore.scores.matching import Rule, Threshold
from segscore.scores.regions import Regions, regions
from segscore.scores.scores import Scored
from segscore.scores.shapes import check_apart
from segscore.statistics.intervals import LEVEL, RESAMPLES, Interval, confidence_intervals

if TYPE_CHECKING:
    from segscore.pages.options import ReportOptions
    from segscore.scores.conventions.explanation import Explanation, ScoresAs
    from segscore.scores.conventions.surface_as import SurfaceAs


class Evaluation(Scored, Evaluated):
    """What a model did on a dataset, which lets itself be cut up, judged, printed and written.

    What it holds, such as `names` and `failures`, is said of its base,
    :class:`segscore.results.evaluated.Evaluated`.

    Examples
    --------
    >>> from segscore import Evaluator
    >>> judge = Evaluator(["road", "sky"])
    >>> judge.add(pred=[[0, 0], [1, 1]], target=[[0, 0], [0, 1]], name="frame_07")
    >>> ev = judge.result()
    >>> ev.names, ev.scores.pixel_accuracy
    (('frame_07',), 0.75)
    """

    _foreign = EVALUATED

    def correct_at(self, threshold: float = 0.5) -> Correct:
        """Return how many images, and classes in images, reach an IoU; see `segscore.scores.correct`.

        Raises
        ------
        ArgumentError
            If the threshold is no number from 0 to 1.
        """
        return correct_at(self.classes, self.cells, self.images.mean_image_iou, threshold)

    def correct_curve(self, thresholds: npt.ArrayLike | None = None) -> CorrectCurve:
        """Return the same for many thresholds, by default 0, 0.01, … 1.

        Raises
        ------
        ArgumentError
            If the thresholds are no numbers from 0 to 1 in rising order.
        """
        return correct_curve(self.classes, self.cells, self.images.mean_image_iou, thresholds)

    def select(self, which: Which) -> Self:
        """Return the evaluation of some images only.

        They are given by their names, by a function that is given each name, or by one truth value an image,
        such as ``ev.images.mean_image_iou < 0.5``; `segscore.results.selecting.select` says more, and what is
        raised.
        """
        return select(self, which)

    def images_with(
        self, n: int = 10, *, target: str | None = None, pred: str | None = None, wrong: bool = False
    ) -> tuple[tuple[str, int], ...]:
        """Return the images with the most scored pixels of a kind, and how many pixels each has.

        ``ev.images_with(target="building", pred="sign_symbol")`` has the images behind one confusion,
        ``ev.images_with(target="pole", wrong=True)`` those that miss most of a class, and
        ``ev.images_with(pred="pole", wrong=True)`` those that invent most of it;
        `segscore.results.finding.images_with` says more, and what is raised.
        """
        return images_with(self, n, target=target, pred=pred, wrong=wrong)

    def group_by(
        self,
        by: By | None = None,
        *,
        csv: str | PathLike[str] | None = None,
        column: str | None = None,
        key: str = "name",
    ) -> Groups[Self]:
        """Return the evaluation of each group of images, such as the weather or the city of a scene.

        Without arguments they are the `groups` of the evaluation. `by` is a mapping from names, a function
        of the name, a regular expression with one group, or one group an image; or give a `csv` file, the
        title of its `column` of groups and that of its `key`, the names: `segscore.results.groups.group_by`
        says more, and what is raised.
        """
        return group_by(self, by, csv=csv, column=column, key=key)

    def merge(self, classes: Mapping[str, Sequence[str]]) -> Self:
        """Return the evaluation with several classes as one: ``ev.merge({"vehicle": ["car", "bus"]})``.

        Classes that are not named stay; `segscore.results.merging.merge` says more.

        Raises
        ------
        ArgumentError
            If there is no class of a name, a class is given twice or is ignored, or a new name is that of a
            class that stays.
        ClassesError
            If a new name is no text, or empty.
        """
        return merge(self, classes)

    def regions(self, classes: Mapping[str, Sequence[int | str]]) -> Regions:
        """Return the scores of unions of classes: ``ev.regions({"tumour": [1, 2, 3], "core": [1, 3]})``.

        They may overlap, and each is a binary task; `segscore.scores.regions.regions` says more.

        Raises
        ------
        ArgumentError
            If there is no such class, or it is ignored or given twice.
        """
        return regions(self.classes, self.names, self.table, classes)

    def confidence_interval(
        self,
        metric: str = "mean_iou",
        *,
        level: float = LEVEL,
        resamples: int = RESAMPLES,
        seed: int = 0,
        groups: By | None = None,
    ) -> Interval:
        """Return how sure a metric is, if the images are a sample of all that matter.

        Parameters
        ----------
        metric : str
            Any number that :meth:`metric` knows.
        level, resamples, seed, groups
            As for :func:`segscore.statistics.confidence_intervals`.

        Raises
        ------
        ArgumentError
            If there is no such number, an argument is out of range, or there are fewer than two images or
            groups.
        """
        found = confidence_intervals(
            self, [metric], level=level, resamples=resamples, seed=seed, groups=groups
        )
        return found[metric]

    def scores_as(self, name: str) -> "ScoresAs":
        """Return the number that another tool makes of the same counts.

        Parameters
        ----------
        name : str
            A convention, such as ``"mmseg"``, ``"monai-dice"`` or ``"torchmetrics"``; `explain` has all.

        Raises
        ------
        ArgumentError
            If there is no such convention; it names the nearest ones. Or if masks may overlap, so that no
            pixel has one class.
        """
        from segscore.scores.conventions.explanation import scores_as

        check_apart(self.measures, "rules are")
        return scores_as(name, self.scores, self.cells)

    def surface_as(self, name: str, *, tolerance: float | None = None) -> "SurfaceAs":
        """Return the distances and shares that another tool makes of the same surfaces.

        Parameters
        ----------
        name : str
            A tool: ``"monai"``, ``"monai-subvoxels"``, ``"surface-distance"``, ``"medpy"``,
            ``"metrics-reloaded"``, ``"panoptica"`` or ``"torchmetrics"``.
        tolerance : float, optional
            Of its surface Dice; by default the first one of the evaluation.

        Raises
        ------
        ArgumentError
            If there is no such tool, or distances were not measured or not of the surfaces that it takes; it
            says which option brings them, or why no option does.
        """
        from segscore.scores.conventions.surface_as import surface_as

        return surface_as(name, self.shapes, tolerance, self.shard)

    def listed_objects(self, iou: float | Literal["any"] = 0.5, *, rule: Rule | None = None) -> ListedObjects:
        """Return the objects that are missed, invented, split and merged, as `f1` matches from an IoU on."""
        matching = self.shapes.matching
        return ListedObjects(self.classes.names, self.names, Threshold.of(iou, rule), matching)

    def explain(self) -> "Explanation":
        """Return the numbers that all known tools make of the same counts, side by side.

        Raises
        ------
        ArgumentError
            If masks may overlap, so that no pixel has one class.
        """
        from segscore.scores.conventions.explanation import explain

        check_apart(self.measures, "rules are")
        return explain(self.scores, self.cells, self.shard)

    def check(self, fail_under: Lowest | None = None, *, min_images: int | None = None) -> GateResults:
        """Return for each number that is named whether it is good enough; true if all are: `Scores.check`.

        Numbers that are read from each image, such as ``mean_image_iou``, can be named here as well.
        `min_images` is how many images must have been scored, which is the first gate.
        """
        asked: list[Asked] = list(least_images(min_images))
        if fail_under is not None or not asked:
            asked += gates(fail_under or {}, self.classes)
        return GateResults(gate.of(self) for gate in asked)

    def audit(self) -> Audit:
        """Return what looks wrong with labels and predictions, and the facts about the ground truth.

        Sizes of masks and kinds of files are known to :func:`segscore.audit`, which reads files anew.
        """
        return audit_of(self._seen, self.findings, self.shard)

    def to_rows(self, backend: str | None = None) -> Any:
        """Return the counts of all images as a data frame of pandas, polars or pyarrow.

        Each row has ``name``, ``target``, ``pred`` and ``pixels`` of a pair of labels in an image, as masks
        hold them; :func:`segscore.results.rows.to_rows` says more, and what is raised.
        """
        from segscore.results.rows import to_rows

        return to_rows(self, backend)

    @classmethod
    def from_rows(
        cls,
        classes: ClassesLike,
        rows: object,
        *,
        ignore_index: int | Iterable[int] | None = None,
        pred_classes: ClassesLike | Sequence[int] | None = None,
        strict: bool = False,
    ) -> Self:
        """Return the evaluation of rows in any order, as :meth:`to_rows` or an engine has made them.

        They are a data frame of pyarrow, polars, pandas or DuckDB, whatever offers ``__arrow_c_stream__``, or
        a mapping of columns; :func:`segscore.results.rows.of_rows` says more, and what is raised.

        Examples
        --------
        >>> rows = {"name": ["a", "a"], "target": [0, 1], "pred": [0, 0], "pixels": [6, 2]}
        >>> Evaluation.from_rows(["road", "sky"], rows).scores.iou.tolist()
        [0.75, 0.0]
        """
        from segscore.results.rows import of_rows, warn_of_doubts

        fields = of_rows(classes, rows, ignore_index=ignore_index, pred_classes=pred_classes, strict=strict)
        made = cls(**fields)
        warn_of_doubts(made)
        return made

    def save(self, path: str | PathLike[str]) -> None:
        """Write everything to one file, whole or not at all; `segscore.load` reads it.

        It is ``.npz``; or, where the name ends in ``.parquet``, a table with the rows of `to_rows`, which
        polars, DuckDB and Spark read as well, and for which pyarrow is needed.

        Raises
        ------
        OutputError
            If it cannot be written, or would replace a file of the evaluation or one of another kind.
        ArgumentError
            If `path` is no path, or ends in neither; or, for Parquet, shapes were measured, which have no
            place in it, or pyarrow is not installed.
        """
        from segscore.results.saved import save

        save(self, path)

    def write_report(self, path: str | PathLike[str], **options: "Unpack[ReportOptions]") -> None:
        """Write a page that shows everything: one HTML file that needs nothing else.

        Options such as ``images="val/images"``, and what is raised, are those of
        :func:`segscore.pages.report.write_report`.
        """
        from segscore.pages.report import write_report

        write_report(self, path, **options)

    def __add__(self, other: object) -> Self:
        """Return the evaluation of the images of both, whose names all differ; see `segscore.merge`."""
        return adding.merge([self, other]) if isinstance(other, type(self)) else NotImplemented

    def __radd__(self, other: object) -> Self:
        """Let `sum` begin with 0."""
        return self if other == 0 else NotImplemented

    def to_dict(self) -> dict[str, Any]:
        """Return all numbers in plain Python values that JSON can hold; undefined ones are None.

        Returns
        -------
        dict
            What `Scores.to_dict` returns; ``counts``, the confusion matrix with targets as rows, None for
            more than 256 classes; ``images``, a list with one dict an image; and what is to be said of
            the images that could not be scored.
        """
        return evaluation_dict(self, version=__version__)

    def to_metrics(self, prefix: str = PREFIX, *, metrics: Iterable[str] | None = None) -> dict[str, float]:
        """Return numbers for trackers of experiments: one flat dict of finite floats.

        Parameters
        ----------
        prefix : str
            What each name begins with, as it is.
        metrics : sequence of str, optional
            Numbers that :meth:`metric` knows. By default the headline metrics, the IoU of each class, and
            the means of what was measured of shapes.

        Returns
        -------
        dict
            Such as ``"segscore/mean_iou"`` and ``"segscore/iou.car"``; ``images`` were scored, and
            ``failures`` could not be. Undefined and infinite numbers are left out, as trackers do not agree
            on them. Names hold letters, digits, ``_-.`` and blanks; anything else is written as its
            code, ``_x2f_`` for a slash, and ``@2`` as ``/2``, so that unlike classes have unlike names.

        Raises
        ------
        ArgumentError
            If there is no such number, or the prefix is no text.

        Examples
        --------
        >>> rows = {"name": ["a", "a"], "target": [0, 1], "pred": [0, 0], "pixels": [6, 2]}
        >>> ev = Evaluation.from_rows(["road", "on/off", "sky"], rows)
        >>> ev.to_metrics("val/", metrics=["iou.road", "iou.on/off", "iou.sky"])
        {'val/images': 1.0, 'val/failures': 0.0, 'val/iou.road': 0.75, 'val/iou.on_x2f_off': 0.0}
        """
        return metrics_of(self, prefix, metrics)

    def to_markdown(self, gates: Sequence[GateResult] = ()) -> str:
        """Return a Markdown page: gates, headline numbers, the table of classes, what is to be said.

        Parameters
        ----------
        gates : sequence of GateResult
            What `check` returned.
        """
        return evaluation_markdown(self, gates=gates)

    def to_latex(self) -> str:
        """Return the tables of classes as LaTeX: `Scores.to_latex`, and what was measured of shapes."""
        return evaluation_latex(self)

    def __repr__(self) -> str:
        """Return a short form that ends in the number that it is judged by."""
        scored = len(self.names)
        of = "" if scored == self.requested else f" of {self.requested:,}"
        shard = "" if self.part is None else f"shard {self.part.place.said}, "
        value = f"{self.main.label} {self.metric(self.main.whole):.6f}"
        return f"<Evaluation of {self.classes}: {shard}{scored:,}{of} images, {value}>"

    def __str__(self) -> str:
        """Return the table of scores and what is to be said about the images, in 80 columns."""
        return evaluation_text(self, next_step="ev.worst(10) lists the images to look at")

    def _repr_html_(self) -> str:
        return evaluation_html(self)
