"""Evaluation: the pair counts of every image, and everything that is read from them.

`segscore.evaluation.evaluating` makes one; it never changes afterwards. Pixels are not seen here, and files
only by their names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from os import PathLike
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import numpy.typing as npt

from segscore import _core
from segscore.base.values import Frozen, lazy
from segscore.classes.classes import Classes
from segscore.counts.cells import Cells
from segscore.counts.counting import Failure
from segscore.counts.rows import by_label, faults, totals
from segscore.counts.table import Table
from segscore.io.groups import By, Label
from segscore.io.places import Files, FilesByName
from segscore.results.confusion import ConfusionMatrix
from segscore.results.groups import Groups, group_by
from segscore.scores.images import ImageScores, Ranked
from segscore.scores.measured import Scores
from segscore.statistics.intervals import LEVEL, RESAMPLES, Interval, confidence_intervals

if TYPE_CHECKING:
    from segscore.auditing import Audit, Finding
    from segscore.pages.options import ReportOptions
    from segscore.results.selecting import Which
    from segscore.scores.conventions.explanation import Explanation, ScoresAs
    from segscore.scores.correct import Correct, CorrectCurve
    from segscore.scores.fine_grained import FineGrained
    from segscore.scores.gates import GateResult, Lowest
    from segscore.scores.regions import Regions


@dataclass(frozen=True, eq=False)
class Evaluation(Frozen):
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
    groups : tuple of str or int, or None
        The group of each image, where images of one group are alike.
    files : mapping of str to Files
        Where the masks of images lie, by the images' names, as far as it is known; read-only.

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
    groups: tuple[Label, ...] | None = field(default=None, repr=False)
    files: Mapping[str, Files] = field(default_factory=dict, repr=False)

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
        return ImageScores.of(self.classes, self.names, self.table)

    @lazy
    def cells(self) -> Cells:
        """Pixels of each class in each image: what intervals, slices and other averages are read from."""
        return Cells.of(self.classes, self.table)

    @lazy
    def fine_grained(self) -> "FineGrained":
        """Means of IoU, Dice and accuracy by image and by class, and over the worst of them."""
        from segscore.scores.fine_grained import FineGrained

        return FineGrained.of(self.classes, self.cells)

    @lazy
    def mean_image_iou(self) -> float:
        """Mean over images of each image's mean IoU, for images that have one; NaN if none has."""
        values = self.images.mean_iou
        defined = values[~np.isnan(values)]
        return float(defined.mean()) if len(defined) else float("nan")

    def worst(self, n: int = 10, by: str = "mean_iou") -> Ranked:
        """Return the images with the lowest mean IoU, or another metric, worst first.

        Parameters
        ----------
        n : int
            How many, at least 0. Images where the metric is undefined are left out.
        by : str
            A metric, such as ``mean_dice``, ``pixel_accuracy`` or ``iou.car``; see
            :meth:`ImageScores.metric`.

        Returns
        -------
        tuple of (str, float)
            Name and score of each image; equal ones in the order of `names`.

        Raises
        ------
        ArgumentError
            If `n` is no integer, or there is no such metric.
        """
        return self.images.ranked(n, by, best=False)

    def best(self, n: int = 10, by: str = "mean_iou") -> Ranked:
        """Return the images with the highest mean IoU, or another metric, best first; see `worst`."""
        return self.images.ranked(n, by, best=True)

    def correct_at(self, threshold: float = 0.5) -> "Correct":
        """Return how many images, and classes in images, reach an IoU; see `segscore.scores.correct`.

        Raises
        ------
        ArgumentError
            If the threshold is no number from 0 to 1.
        """
        from segscore.scores.correct import correct_at

        return correct_at(self, threshold)

    def correct_curve(self, thresholds: npt.ArrayLike | None = None) -> "CorrectCurve":
        """Return the same for many thresholds of IoU, by default 0, 0.01, … 1.

        Raises
        ------
        ArgumentError
            If the thresholds are no numbers from 0 to 1 in rising order.
        """
        from segscore.scores.correct import correct_curve

        return correct_curve(self, thresholds)

    def select(self, which: "Which") -> "Evaluation":
        """Return the evaluation of some images only.

        They are given by their names, by a function that is given each name, or by one truth value an
        image, such as ``ev.images.mean_iou < 0.5``; see `segscore.results.selecting.select`.
        """
        from segscore.results.selecting import select

        return select(self, which)

    def group_by(
        self,
        by: By | None = None,
        *,
        csv: str | PathLike[str] | None = None,
        column: str | None = None,
        key: str = "name",
    ) -> Groups:
        """Return the evaluation of each group of images, such as the weather or the city of a scene.

        Without arguments they are the `groups` of the evaluation. `by` is a mapping from names, a function
        of the name, a regular expression with one group, or one group an image; or give a `csv` file, the
        title of its `column` of groups and that of its `key`, the names; see `segscore.results.groups.group_by`.
        """
        return group_by(self, by, csv=csv, column=column, key=key)

    def merge(self, classes: Mapping[str, Sequence[str]]) -> "Evaluation":
        """Return the evaluation with several classes as one: ``ev.merge({"vehicle": ["car", "bus"]})``.

        Classes that are not named stay; see `segscore.results.merging.merge`.

        Raises
        ------
        ArgumentError
            If there is no class of a name, a class is given twice or is ignored, or a new name is that of a
            class that stays.
        """
        from segscore.results.merging import merge

        return merge(self, classes)

    def regions(self, classes: Mapping[str, Sequence[int | str]]) -> "Regions":
        """Return the scores of unions of classes: ``ev.regions({"tumour": [1, 2, 3], "core": [1, 3]})``.

        They may overlap, and each is a binary task; see `segscore.scores.regions.regions`.

        Raises
        ------
        ArgumentError
            If there is no such class, or it is ignored or given twice.
        """
        from segscore.scores.regions import regions

        return regions(self, classes)

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
            Such as ``mean_iou``, ``pixel_accuracy`` or ``iou.car``.
        level, resamples, seed, groups
            As for :func:`segscore.statistics.confidence_intervals`.

        Raises
        ------
        ArgumentError
            If there is no such metric, a number is out of range, or there are fewer than two images or
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
            A convention, such as ``"mmseg"``, ``"monai-dice"`` or ``"torchmetrics"``.

        Raises
        ------
        ArgumentError
            If there is no such convention; it names the nearest ones.
        """
        from segscore.scores.conventions.explanation import scores_as

        return scores_as(name, self.scores, self.cells)

    def explain(self) -> "Explanation":
        """Return the numbers that all known tools make of the same counts, side by side."""
        from segscore.scores.conventions.explanation import explain

        return explain(self.scores, self.cells)

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

    def check(self, fail_under: "Lowest") -> "tuple[GateResult, ...]":
        """Return for each metric that is named whether it is high enough; see `Scores.check`."""
        return self.scores.check(fail_under)

    @lazy
    def findings(self) -> "tuple[Finding, ...]":
        """Errors, warnings and notes of an audit of these counts, in this order."""
        from segscore.auditing import findings_of

        return findings_of(self)

    def audit(self) -> "Audit":
        """Return what looks wrong with labels and predictions, and the facts about the ground truth.

        Sizes of masks and kinds of files are known to :func:`segscore.audit`, which reads files anew.
        """
        from segscore.auditing import audit_of

        return audit_of(self)

    def save(self, path: str | PathLike[str]) -> None:
        """Write everything to one ``.npz`` file, whole or not at all; `segscore.load` reads it.

        Raises
        ------
        OutputError
            If it cannot be written, or would replace a file of another kind.
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

    def to_dict(self) -> dict[str, Any]:
        """Return all numbers in plain Python values that JSON can hold; undefined ones are None.

        Returns
        -------
        dict
            What `Scores.to_dict` returns; ``counts``, the confusion matrix with targets as rows, None for
            more than 256 classes; ``images``, a list with one dict an image; and what is to be said of
            the images that could not be scored.
        """
        from segscore.results.summary import evaluation_dict

        return evaluation_dict(self, version=_core.__version__)

    def to_markdown(self, gates: "Sequence[GateResult]" = ()) -> str:
        """Return a Markdown page: gates, headline numbers, the table of classes, what is to be said.

        Parameters
        ----------
        gates : sequence of GateResult
            What `check` returned, to be shown as well.
        """
        from segscore.results.summary import evaluation_markdown

        return evaluation_markdown(self, gates=gates)

    def to_latex(self) -> str:
        """Return the table of classes as LaTeX; see `Scores.to_latex`."""
        return self.scores.to_latex()

    def __eq__(self, other: object) -> bool:
        """Whether classes, images, groups, counts and failures are the same.

        Where they came from is not compared: neither `provenance` nor `files`.
        """
        if not isinstance(other, Evaluation):
            return NotImplemented
        return all(
            getattr(self, name) == getattr(other, name)
            for name in ("classes", "names", "table", "failures", "extra", "resized", "groups")
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Return a short form that ends in the mean IoU."""
        scored = len(self.names)
        of = "" if scored == self.requested else f" of {self.requested:,}"
        return f"<Evaluation of {self.classes}: {scored:,}{of} images, mean IoU {self.scores.mean_iou:.6f}>"

    def __str__(self) -> str:
        """Return the table of scores and what is to be said about the images, in 80 columns."""
        from segscore.results.summary import evaluation_text

        return evaluation_text(self, next_step="ev.worst(10) lists the images to look at")

    def _repr_html_(self) -> str:
        from segscore.results.summary import evaluation_html

        return evaluation_html(self)


def with_files(evaluation: "Evaluation", files: FilesByName) -> "Evaluation":
    """Return the evaluation with these places of files, and with all that has been computed from its counts.

    Parameters
    ----------
    evaluation : Evaluation
        It stays as it is.
    files : mapping of str to Files
        By the images' names.
    """
    other = replace(evaluation, files=files)
    given = {field.name for field in fields(evaluation)}
    other.__dict__.update({name: value for name, value in vars(evaluation).items() if name not in given})
    return other
