"""ScoresAs and Explanation: the same counts under one rule of another tool, or under all of them.

Rules are in `tools`, how they are followed in `averaging`, what they say in words in `differences`.
"""

import math
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from segscore.base.values import Floats, Frozen
from segscore.base.wording import many
from segscore.classes.classes import Classes
from segscore.counts.cells import Cells
from segscore.errors import ArgumentError, unknown
from segscore.scores.conventions import tools
from segscore.scores.conventions.averaging import Convention, Known, average
from segscore.scores.conventions.differences import differences, says
from segscore.scores.conventions.tools import CONVENTIONS
from segscore.scores.measured import Measured
from segscore.scores.metric import METRICS
from segscore.text.numbers import DASH, number, plain
from segscore.text.plain import WIDTH, wrapped
from segscore.text.table import table

_COLUMNS = ("convention", "mean", "value", "as given", "differs in")


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
        rule = self.convention
        return {
            "convention": rule.name,
            "tool": rule.tool,
            "call": rule.call,
            "source": rule.source,
            "checked": rule.checked,
            "metric": rule.metric,
            "value": plain(self.value),
            "given": plain(self.given),
            "per_class": plain(self.per_class),
            "says": self.says,
            "differences": list(self.differences),
        }

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
    shard : str
        Of which shards of a plan the images are, in words; empty for all images that there are.

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
    shard: str = field(default="", repr=False)

    def __getitem__(self, name: str) -> ScoresAs:
        """Return the result under the convention of a name.

        Raises
        ------
        ArgumentError
            If there is no such convention; it names the nearest ones.
        """
        for result in self.results:
            if result.name == name:
                return result
        raise unknown("convention", name, (result.name for result in self.results))

    def to_dict(self) -> dict[str, Any]:
        """Return everything in plain Python values that JSON can hold; undefined ones are None."""
        return {
            "classes": list(self.classes.names),
            "images": self.images,
            **({"shard": self.shard} if self.shard else {}),
            "conventions": [result.to_dict() for result in self.results],
        }

    def __repr__(self) -> str:
        """Return a short form with the number of conventions."""
        return f"<Explanation of {many(self.images, 'image')}: {many(len(self.results), 'convention')}>"

    def __str__(self) -> str:
        """Return a table of the values, with the differences as numbers that are explained below it."""
        numbers = _numbers(self)
        rows = [(*_cells(result), _marks(result, numbers)) for result in self.results]
        legend = [
            line for sentence, number in numbers.items() for line in wrapped(f"{number}. {sentence}", WIDTH)
        ]
        return "\n\n".join(
            [
                _opening(self),
                "\n".join(table(_COLUMNS, rows, WIDTH, left=(0, 1, 4), flexible=4)),
                "\n".join(legend),
            ]
        )

    def _repr_html_(self) -> str:
        head = "".join(f'<th style="text-align: left">{escape(title)}</th>' for title in _COLUMNS)
        body = "".join(map(_html_row, self.results))
        said = escape(_opening(self))
        return f"<div><p>{said}</p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"


def scores_as(
    name: object, scores: Measured, cells: Cells | None = None, known: Known | None = None
) -> ScoresAs:
    """Return counts under the convention of a name in `CONVENTIONS`.

    It is an error if there is none, or if it averages over images and these, `cells`, are not known.
    """
    convention = tools.of(name)
    if cells is None and convention.needs_images:
        raise ArgumentError(
            f"the convention `{convention.name}` averages over images, "
            "and a confusion matrix holds only the sums of all images",
            "count with `segscore.evaluate` or `Evaluator`: their results keep every image, and have "
            "`scores_as` too",
        )
    value, per_class = average(convention, scores, cells, known)
    sentence = says(convention, scores, None if cells is None else cells.shape[0])
    own = CONVENTIONS["segscore"]
    return ScoresAs(convention, value, per_class, sentence, differences(convention, own, scores))


def explain(scores: Measured, cells: Cells, shard: str = "") -> Explanation:
    """Return counts under every convention."""
    known = Known()
    results = tuple(scores_as(name, scores, cells, known) for name in CONVENTIONS)
    return Explanation(scores.classes, cells.shape[0], results, shard)


def explanation_rows(explanation: Explanation) -> list[dict[str, Any]]:
    """Return what a table of all conventions says, one dict of texts a convention."""
    return [
        {
            "tool": result.convention.tool,
            "call": result.convention.call,
            "says": result.says,
            "differences": result.differences,
            **dict(zip(("name", "metric", "value", "given"), _cells(result), strict=True)),
        }
        for result in explanation.results
    ]


def _opening(explanation: Explanation) -> str:
    images, classes = explanation.images, len(explanation.classes)
    return (
        f"{many(images, 'image')}{f' of {explanation.shard}' * bool(explanation.shard)}, "
        f"{many(classes, 'class')}: "
        f"the same counts under {len(explanation.results)} conventions"
    )


def _cells(result: ScoresAs) -> tuple[str, str, str, str]:
    rule = result.convention
    given = DASH
    if not math.isnan(result.given) and (rule.scale != 1 or rule.digits is not None):
        given = f"{result.given:.{4 if rule.digits is None else rule.digits}f}"
    return rule.name, METRICS[rule.metric].label, number(result.value, 6), given


def _html_row(result: ScoresAs) -> str:
    sides = ("left", "left", "right", "right")
    cells = "".join(
        f'<td style="text-align: {side}; vertical-align: top">{escape(cell)}</td>'
        for side, cell in zip(sides, _cells(result), strict=True)
    )
    differences = "<br>".join(map(escape, result.differences)) or DASH
    return f'<tr>{cells}<td style="text-align: left">{differences}</td></tr>'


def _numbers(explanation: Explanation) -> dict[str, int]:
    """Return a number for each sentence, in the order in which they first stand in the table."""
    sentences = dict.fromkeys(said for result in explanation.results for said in result.differences)
    return {sentence: number for number, sentence in enumerate(sentences, start=1)}


def _marks(result: ScoresAs, numbers: dict[str, int]) -> str:
    return " ".join(str(numbers[said]) for said in result.differences) or "segscore's rule"
