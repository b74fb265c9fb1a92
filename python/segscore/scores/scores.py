"""Scores: what is measured, and how it shows itself and is judged."""

from typing import TYPE_CHECKING, Any

from segscore.base.foreign import SCORES, Translated
from segscore.base.values import lazy, refuse
from segscore.scores.measured import Measured

if TYPE_CHECKING:
    from segscore.scores.gates import GateResults, Lowest

# How scores are shown and judged is imported once that is asked for: a training loop asks for numbers.


class Scores(Translated, Measured):
    """The scores of one set of counts, which let themselves be printed, written and judged.

    What it is made of, and what it holds, is said of its base, `Measured`.

    Examples
    --------
    >>> from segscore import Classes
    >>> classes = Classes(["road", "sky"])
    >>> scores = Scores(classes, tp=[6, 3], target=[8, 4], pred=[7, 5], missed=[0, 0], ignored=2)
    >>> scores.iou.round(4).tolist(), round(scores.mean_iou, 4), scores.pixel_accuracy
    ([0.6667, 0.5], 0.5833, 0.75)
    """

    _foreign = SCORES

    def check(self, fail_under: "Lowest") -> "GateResults":
        """Return for each metric that is named whether it is good enough.

        Parameters
        ----------
        fail_under : mapping of str to float, str, or iterable of str
            The worst values that pass: ``{"mean_iou": 0.7, "iou.car": 0.6}``, or the text
            ``"mean_iou=0.7,iou.car=0.6"``. They are the lowest ones, from -1 to 1, or the highest where
            lower is better; those of a metric with a unit are 0 or more, in that unit. What is undefined
            does not pass. Ratios of integers are held to them without rounding, others within 1e-12.

        Returns
        -------
        tuple of GateResult
            Name, ``passed`` and a sentence, in the order given; true if all were passed: ``assert`` takes it.

        Raises
        ------
        ArgumentError
            If a metric or class is unknown, named twice or has no such value; or if none is named.

        Examples
        --------
        >>> from segscore import Classes
        >>> scores = Scores(Classes(["road"]), tp=[6], target=[8], pred=[6], missed=[2])
        >>> [(gate.passed, gate.sentence) for gate in scores.check({"iou.road": 0.8})]
        [(False, '0.750000, 0.050000 below 0.8')]
        """
        from segscore.scores.gates import check

        return check(fail_under, self)

    def to_dict(self) -> dict[str, Any]:
        """Return every score under its name, in plain Python values that JSON can hold.

        Returns
        -------
        dict
            Undefined scores are None; ``per_class`` is a list with one dict a class.
        """
        from segscore.scores.summary import scores_dict

        return scores_dict(self)

    def to_frame(self, backend: str | None = None) -> Any:
        """Return a data frame with a row a class; undefined scores are null, which in pandas is NaN.

        Parameters
        ----------
        backend : "pandas", "polars" or "pyarrow", optional
            The package; by default the first of these that is installed. The extra ``frames`` is needed.

        Returns
        -------
        DataFrame, or Table of pyarrow
            Its columns are the keys of ``per_class`` in `to_dict`. It is a copy.

        Raises
        ------
        ArgumentError
            If there is no such backend, or a package is not installed.
        """
        from segscore.scores.summary import class_columns
        from segscore.text.frames import frame

        return frame(class_columns(self), backend)

    def to_markdown(self) -> str:
        """Return a table of the classes and their means as Markdown, and what the means cover."""
        from segscore.scores.summary import scores_markdown

        return scores_markdown(self)

    def to_latex(self) -> str:
        """Return a table of the classes and their means as LaTeX, for the package booktabs."""
        from segscore.scores.summary import scores_latex

        return scores_latex(self)

    def __repr__(self) -> str:
        """Return a short form that ends in the mean IoU."""
        return f"<Scores of {self.classes}: {self.pixels:,} pixels, mean IoU {self.mean_iou:.6f}>"

    def __str__(self) -> str:
        """Return the table of classes and everything that is needed to read it, in 80 columns."""
        from segscore.scores.summary import scores_text

        return scores_text(self, next_step="scores.to_dict() holds every number, unrounded")

    def _repr_html_(self) -> str:
        from segscore.scores.summary import scores_html

        return scores_html(self)


class Scored(Translated):
    """Base of what has `scores`: their numbers are read from it as well, as in ``cm.mean_iou``."""

    if not TYPE_CHECKING:  # a checker would take every name for one that there is

        def __getattr__(self, name: str) -> object:
            if isinstance(getattr(Scores, name, None), lazy | property) and not name.startswith("_"):
                return getattr(self.scores, name)
            return super().__getattr__(name)

        def __setattr__(self, name: str, value: object) -> None:
            if hasattr(Scores, name) and not name.startswith("_"):
                refuse(name)  # It would stand before what scores say under this name.
            super().__setattr__(name, value)
