"""One evaluation under many conventions as text, HTML and plain values.

The sentences are those of the results; this module decides only where they stand.
"""

import math
from html import escape
from typing import TYPE_CHECKING, Any

from segscore.base.wording import many
from segscore.text.numbers import DASH, number, plain
from segscore.text.plain import WIDTH, wrapped
from segscore.text.table import table

if TYPE_CHECKING:
    from segscore.scores.conventions.explanation import Explanation, ScoresAs

_COLUMNS = ("convention", "mean", "value", "as given", "differs in")
_METRIC = {"iou": "IoU", "dice": "Dice"}


def explanation_text(explanation: "Explanation", width: int = WIDTH) -> str:
    """Return an explanation as a table, and below it the sentences that its numbers stand for.

    Parameters
    ----------
    explanation : Explanation
        What to show.
    width : int
        Columns of the terminal.
    """
    numbers = _numbers(explanation)
    rows = [(*_cells(result), _marks(result, numbers)) for result in explanation.results]
    legend = [
        line for sentence, number in numbers.items() for line in wrapped(f"{number}. {sentence}", width)
    ]
    return "\n\n".join(
        [
            _opening(explanation),
            "\n".join(table(_COLUMNS, rows, width, left=(0, 1, 4), flexible=4)),
            "\n".join(legend),
        ]
    )


def explanation_html(explanation: "Explanation") -> str:
    """Return an explanation as an HTML fragment: a table whose last column holds the sentences.

    Parameters
    ----------
    explanation : Explanation
        What to show.
    """
    head = "".join(f'<th style="text-align: left">{escape(title)}</th>' for title in _COLUMNS)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td style="text-align: {"left" if i < 2 else "right"}; vertical-align: top">{escape(cell)}</td>'
            for i, cell in enumerate(_cells(result))
        )
        + f'<td style="text-align: left">{"<br>".join(map(escape, result.differences)) or DASH}</td></tr>'
        for result in explanation.results
    )
    opening = escape(_opening(explanation))
    return f"<div><p>{opening}</p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"


def explanation_rows(explanation: "Explanation") -> list[dict[str, Any]]:
    """Return what a table of all conventions says, one dict of texts a convention.

    Parameters
    ----------
    explanation : Explanation
        What to show.
    """
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


def scores_as_dict(result: "ScoresAs") -> dict[str, Any]:
    """Return a result in plain Python values; undefined numbers are None.

    Parameters
    ----------
    result : ScoresAs
        What to convert.
    """
    rule = result.convention
    return {
        "convention": rule.name,
        "tool": rule.tool,
        "call": rule.call,
        "source": rule.source,
        "checked": rule.checked,
        "metric": rule.metric,
        "value": plain(result.value),
        "given": plain(result.given),
        "per_class": plain(result.per_class),
        "says": result.says,
        "differences": list(result.differences),
    }


def explanation_dict(explanation: "Explanation") -> dict[str, Any]:
    """Return an explanation in plain Python values; undefined numbers are None.

    Parameters
    ----------
    explanation : Explanation
        What to convert.
    """
    return {
        "classes": list(explanation.classes.names),
        "images": explanation.images,
        "conventions": [scores_as_dict(result) for result in explanation.results],
    }


def _opening(explanation: "Explanation") -> str:
    images, classes = explanation.images, len(explanation.classes)
    return (
        f"{many(images, 'image')}, {many(classes, 'class')}: "
        f"the same counts under {len(explanation.results)} conventions"
    )


def _cells(result: "ScoresAs") -> tuple[str, str, str, str]:
    rule = result.convention
    given = DASH
    if not math.isnan(result.given) and (rule.scale != 1 or rule.digits is not None):
        given = f"{result.given:.{4 if rule.digits is None else rule.digits}f}"
    return rule.name, _METRIC[rule.metric], number(result.value, 6), given


def _numbers(explanation: "Explanation") -> dict[str, int]:
    """Return a number for each sentence, in the order in which they first stand in the table."""
    sentences = dict.fromkeys(said for result in explanation.results for said in result.differences)
    return {sentence: number for number, sentence in enumerate(sentences, start=1)}


def _marks(result: "ScoresAs", numbers: dict[str, int]) -> str:
    return " ".join(str(numbers[said]) for said in result.differences) or "segscore's rule"
