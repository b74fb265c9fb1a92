"""Comparison: two evaluations side by side, which show themselves."""

from collections.abc import Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, Unpack

from segscore.evaluation.evaluation import Evaluation
from segscore.results.compared import Compared
from segscore.results.compared_text import (
    comparison_dict,
    comparison_html,
    comparison_markdown,
    comparison_text,
)
from segscore.scores.gates import GateResult

if TYPE_CHECKING:
    from segscore.pages.options import ComparisonOptions


class Comparison(Compared):
    """Two models on the same images, with intervals of the differences and p-values.

    What it holds, such as `differences`, is said of its base, `Compared`.
    """

    evaluations: tuple[Evaluation, Evaluation]

    def write_report(self, path: str | PathLike[str], **options: "Unpack[ComparisonOptions]") -> None:
        """Write a page that shows everything: one HTML file that needs nothing else.

        Options such as ``images="val/images"``, and what is raised, are those of
        :func:`segscore.pages.comparison.write_comparison`.
        """
        from segscore.pages.comparison import write_comparison

        write_comparison(self, path, **options)

    def to_dict(self) -> dict[str, Any]:
        """Return all numbers in plain Python values that JSON can hold; undefined ones are None."""
        return comparison_dict(self)

    def to_markdown(self, gates: Sequence[GateResult] = ()) -> str:
        """Return a page in Markdown, as CI runs show; `gates` come first."""
        return comparison_markdown(self, gates=gates)

    def __str__(self) -> str:
        """Return one sentence and the table of differences, in 80 columns."""
        return comparison_text(self)

    def _repr_html_(self) -> str:
        return comparison_html(self)
