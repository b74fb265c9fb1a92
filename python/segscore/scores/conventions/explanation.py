"""ScoresAs and Explanation: the same counts under one rule of another tool, or under all of them.

Rules are in `conventions`, how they are followed in `averaging`, tables in `render`.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from segscore.base.values import Frozen
from segscore.classes.classes import Classes
from segscore.counts.cells import Cells
from segscore.errors import ArgumentError
from segscore.scores.conventions import tools
from segscore.scores.conventions.averaging import Convention, average
from segscore.scores.conventions.differences import differences, says
from segscore.scores.conventions.tools import CONVENTIONS
from segscore.scores.measured import Scores
from segscore.scores.metric import unknown
from segscore.scores.metrics import Floats


@dataclass(frozen=True, eq=False)
class ScoresAs(Frozen):
    """What a tool says of counts.

    Attributes
    ----------
    convention : Convention
        The rule, and the tool and version that it was read from.
    value : float
        0 to 1, neither scaled nor rounded; NaN where undefined.
    per_class : float64 (K,) or None
        The values of the classes, read-only, where the tool gives them beside its mean.
    says : str
        What the number is, as one sentence.
    differences : tuple of str
        In which points the rule differs from segscore's own, one sentence each.

    Examples
    --------
    >>> from segscore import ConfusionMatrix
    >>> cm = ConfusionMatrix(["road", "sky", "car"])
    >>> cm.update(pred=[0, 1, 1, 2], target=[0, 0, 1, 1])
    >>> cm.scores_as("detectron2")
    <ScoresAs detectron2: 0.416667>
    >>> print(cm.scores_as("detectron2").says)
    Mean IoU over 3 classes, from the summed counts; a class that is not in the target is left out.
    """

    convention: Convention
    value: float
    per_class: Floats | None = field(repr=False)
    says: str = field(repr=False)
    differences: tuple[str, ...] = field(repr=False)

    @property
    def name(self) -> str:
        """Name of the convention."""
        return self.convention.name

    @property
    def given(self) -> float:
        """The number as the tool gives it: in per cent and rounded, where it does that."""
        scaled = self.value * self.convention.scale
        digits = self.convention.digits
        return scaled if digits is None else float(np.round(scaled, digits))

    def to_dict(self) -> dict[str, Any]:
        """Return everything in plain Python values that JSON can hold; undefined ones are None."""
        from segscore.scores.conventions.explanation_text import scores_as_dict

        return scores_as_dict(self)

    def __repr__(self) -> str:
        """Return a short form that ends in the value."""
        return f"<ScoresAs {self.name}: {self.value:.6f}>"


@dataclass(frozen=True, eq=False)
class Explanation(Frozen):
    """One evaluation under every convention, side by side.

    Attributes
    ----------
    classes : Classes
        The classes.
    images : int
        Images that were scored.
    results : tuple of ScoresAs
        One a convention, segscore's own first.

    Examples
    --------
    >>> from segscore import Evaluator
    >>> judge = Evaluator(["road", "sky", "car"])
    >>> judge.add(pred=[[0, 1, 1, 1]], target=[[0, 0, 1, 1]])
    >>> explanation = judge.result().explain()
    >>> [round(explanation[name].value, 4) for name in ("segscore", "torchvision", "ade20k")]
    [0.5833, nan, 0.3889]
    >>> explanation["ade20k"].differences[0]
    'A class in neither target nor prediction counts 0, instead of being left out (1 class here).'
    """

    classes: Classes
    images: int
    results: tuple[ScoresAs, ...] = field(repr=False)

    def __getitem__(self, name: str) -> ScoresAs:
        """Return the result under the convention of a name; an ArgumentError if there is none."""
        for result in self.results:
            if result.name == name:
                return result
        raise unknown("convention", name, (result.name for result in self.results))

    def to_dict(self) -> dict[str, Any]:
        """Return everything in plain Python values that JSON can hold; undefined ones are None."""
        from segscore.scores.conventions.explanation_text import explanation_dict

        return explanation_dict(self)

    def __str__(self) -> str:
        """Return a table of the values, with the differences as numbers that are explained below it."""
        from segscore.scores.conventions.explanation_text import explanation_text

        return explanation_text(self)

    def _repr_html_(self) -> str:
        from segscore.scores.conventions.explanation_text import explanation_html

        return explanation_html(self)


def scores_as(name: object, scores: Scores, cells: Cells | None = None) -> ScoresAs:
    """Return counts under the convention of a name.

    Parameters
    ----------
    name : str
        One of `conventions.CONVENTIONS`.
    scores : Scores
        Of the summed counts.
    cells : Cells, optional
        The counts of each image, where images are known.

    Raises
    ------
    ArgumentError
        If there is no such convention, or it averages over images and these are not known.
    """
    convention = tools.of(name)
    if cells is None and convention.needs_images:
        raise ArgumentError(
            f"the convention `{convention.name}` averages over images, "
            "and a confusion matrix holds only the sums of all images",
            "count with `segscore.evaluate` or `Evaluator`: their results keep every image, and have "
            "`scores_as` too",
        )
    value, per_class = average(convention, scores, cells)
    sentence = says(convention, scores, None if cells is None else cells.shape[0])
    own = CONVENTIONS["segscore"]
    return ScoresAs(convention, value, per_class, sentence, differences(convention, own, scores))


def explain(scores: Scores, cells: Cells) -> Explanation:
    """Return counts under every convention.

    Parameters
    ----------
    scores : Scores
        Of the summed counts.
    cells : Cells
        The counts of each image.
    """
    results = tuple(scores_as(name, scores, cells) for name in CONVENTIONS)
    return Explanation(scores.classes, cells.shape[0], results)
