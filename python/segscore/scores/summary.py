"""A result as words and formatted numbers, before anything is laid out.

Everything that a person is told about a result is worded here, once for the terminal and the notebook.
Names are already made visible; nothing is escaped for HTML and no line is broken here.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from segscore.base.wording import many, visible
from segscore.classes.causes import BINARY
from segscore.scores import metrics
from segscore.scores.measured import Measured
from segscore.scores.metric import METRICS, class_metrics, whole_metrics
from segscore.scores.metric_row import Metric
from segscore.text.latex import tabular
from segscore.text.markdown import escape, table
from segscore.text.names import listed
from segscore.text.notebook import fragment
from segscore.text.numbers import number, percent, plain
from segscore.text.plain import WIDTH, laid_out
from segscore.text.summary import MAX_ROWS, Headline, Summary

_CHANCE = 0.05
"""Kappa up to which a model agrees with the targets hardly more than by chance."""
_USABLE = 0.5
"""Mean IoU from which on it is worth a word that two classes would have it in each other's place."""
_PIXELS = 10_000
"""Scored pixels from which on that is no chance itself."""


def of_scores(scores: Measured) -> Summary:
    """Return the summary of scores."""
    rows, hidden = class_rows(scores, limit=MAX_ROWS)
    facts = [*_pixel_facts(scores), *_class_facts(scores)]
    if hidden:
        facts.append(f"{hidden:,} of {many(len(scores.classes), 'class')} not shown: to_dict() holds all")
    return Summary(columns(), rows, _headlines(scores), tuple(facts), _coverage(scores))


def class_rows(scores: Measured, *, limit: int | None) -> tuple[tuple[tuple[str, ...], ...], int]:
    """Return a row for each class, one cell for each of `columns`, and how many classes have none.

    Of more classes than the limit, the first that are present have one.
    """
    count = len(scores.classes)
    all_shown = limit is None or count <= limit
    shown = range(count) if all_shown else np.flatnonzero(scores.present)[:limit].tolist()
    values = [scores.value(metric) for metric in shown_metrics()]
    rows = tuple(
        (visible(scores.classes.names[i]), *(number(of[i]) for of in values), _share(scores, i))
        for i in shown
    )
    return rows, count - len(rows)


def shown_metrics() -> tuple[Metric, ...]:
    """Return the metrics of which tables of classes have a column."""
    return tuple(metric for metric in class_metrics() if metric.headline)


def columns() -> tuple[str, ...]:
    """Return the titles of the table of classes."""
    return ("class", *(metric.label for metric in shown_metrics()), "of target")


def mean_row(scores: Measured) -> tuple[str, ...]:
    """Return the means of the columns, a cell for each of `columns`; some metrics have none."""
    wholes = whole_metrics(scores.classes, of_images=False)
    means = [next((one for one in wholes if one.mean_of == of.name), None) for of in shown_metrics()]
    return ("mean", *("" if mean is None else number(float(scores.value(mean))) for mean in means), "")


def class_state(scores: Measured, i: int) -> str:
    """Return why a class has no pixel in the target: "ignored", "absent", "only predicted"; else nothing."""
    if scores.classes.ignored_classes[i]:
        return "ignored"
    if not scores.present[i]:
        return "absent"
    return "" if scores.target[i] else "only predicted"


def _share(scores: Measured, i: int) -> str:
    return class_state(scores, i) or percent(int(scores.target[i]), scores.pixels)


def _headlines(scores: Measured) -> tuple[Headline, ...]:
    shown = (metric for metric in whole_metrics(scores.classes, of_images=False) if metric.headline)
    return tuple(headline(metric, float(scores.value(metric)), scores) for metric in shown)


def _remark(scores: Measured, metric: Metric) -> str:
    """Return over how many classes a mean is, where not over all that are present, or if it tells nothing."""
    if not metric.mean_of or metric.over_images:
        return ""
    if metric.name == "mean_iou" and scores.pixels >= _PIXELS and scores.kappa <= _CHANCE:
        kappa = f"kappa is {number(scores.kappa)}"
        if scores.kappa >= -_CHANCE:
            return f"hardly more than by chance: {kappa}"
        exchanged = _exchanged(scores)
        told = (
            f"; it would be {number(exchanged)} with the two classes exchanged"
            if exchanged >= _USABLE
            else ""
        )
        return f"less than by chance: {kappa}{told}"
    defined = ~np.isnan(scores.value(METRICS[metric.mean_of])) & scores.classes.in_mean
    if defined.sum() == (scores.present & scores.classes.in_mean).sum():
        return ""
    return f"over {many(int(defined.sum()), 'class')} in the target"


def _exchanged(scores: Measured) -> float:
    """Return the mean IoU of two classes if each were predicted where the other one is; NaN for others."""
    if len(scores.classes) != BINARY or scores.classes.ignored_classes.any():
        return math.nan
    both = scores.target - scores.missed - scores.tp
    either = scores.target + scores.pred[::-1] - both
    return float(np.mean((both / either)[scores.classes.in_mean]))


def headline(metric: Metric, value: float, scores: Measured) -> Headline:
    """Return a headline number: what is to be said of it, or why it is undefined."""
    undefined = metric.undefined if scores.pixels else "no pixel is scored"
    said = undefined if math.isnan(value) else _remark(scores, metric)
    return Headline(metric.name, metric.label, with_unit(number(value, 6), metric), said)


def with_unit(text: str, metric: Metric) -> str:
    """Return a number with the unit of its metric behind it, if it has one."""
    return f"{text} {metric.unit}" if metric.unit else text


def _pixel_facts(scores: Measured) -> list[str]:
    images = "" if scores.images is None else f" in {many(scores.images, 'image')}"
    ignored = "none ignored"
    if scores.ignored:
        ignored = (
            f"{scores.ignored:,} ignored ({percent(scores.ignored, scores.pixels + scores.ignored)} of all)"
        )
    facts = [f"{many(scores.pixels, 'pixel')} scored{images}, {ignored}"]
    missed = int(scores.missed.sum())
    if missed:
        share = percent(missed, scores.pixels)
        facts.append(f"{many(missed, 'pixel')} missed ({share} of the scored): predicted as no class")
    return facts


def one_class_text(scores: Measured) -> str | None:
    """Return the sentence that says what the score of the only class is; None if there are more."""
    names = scores.names_of(~scores.classes.ignored_classes)
    if len(names) > 1:
        return None
    return f"{listed(names)} is the only class: its IoU is its recall, as false positives cost nothing"


class Certain(NamedTuple):
    """What a class scores by construction, whatever the model does."""

    tag: str
    """In two words."""
    text: str
    """What is certain, and why, as a sentence."""


def certain(scores: Measured, i: int) -> Certain | None:
    """Return what is certain of a class because nothing else is there; None where nothing is."""
    if not scores.tp[i] or scores.pixels not in (scores.target[i], scores.pred[i]):
        return None
    only_one, name = one_class_text(scores), listed([scores.classes.names[i]])
    if only_one is not None:
        return Certain("only class", only_one)
    if scores.target[i] == scores.pixels:
        return Certain(
            "whole target",
            f"every scored pixel of the target is {name}: its precision is 1 by construction, "
            "and its IoU is its recall",
        )
    return Certain(
        "called everywhere",
        f"every scored pixel is called {name}: its recall is 1 by construction, and its IoU is its precision",
    )


def _class_facts(scores: Measured) -> list[str]:
    only_one = one_class_text(scores)
    facts = [] if only_one is None else [only_one]
    alone = (scores.target == scores.pixels) | (scores.pred == scores.pixels)
    found = [certain(scores, i) for i in np.flatnonzero(alone).tolist()]
    facts += [one.text for one in found if one is not None and one.text != only_one]
    never = scores.present & (scores.pred == 0)
    if never.any():
        names = scores.names_of(never)
        facts.append(f"{listed(names)} {_are(names)} never predicted: precision is undefined")
    only = scores.present & scores.classes.in_mean & (scores.target == 0)
    if only.any():
        names = scores.names_of(only)
        pixels = many(int(scores.pred[only].sum()), "pixel")
        without = float(metrics.class_mean(scores.iou, scores.classes.in_mean & ~only))
        mean = "undefined" if math.isnan(without) else number(without, 6)
        it = "it" if len(names) == 1 else "them"
        facts.append(
            f"{listed(names)} {_are(names)} only predicted ({pixels}): "
            f"IoU 0 is in the mean, which is {mean} without {it}"
        )
    return facts


def _coverage(scores: Measured) -> tuple[str, ...]:
    classes = scores.classes
    covered = int((scores.present & classes.in_mean).sum())
    opening = f"mean over {covered:,} of {many(len(classes), 'class')}"
    left_out = ~classes.in_mean & ~classes.ignored_classes
    reasons = [
        (scores.names_of(~scores.present & classes.in_mean), "absent from target and prediction", "absent"),
        (scores.names_of(left_out), "left out of the mean", "left out"),
        (scores.names_of(classes.ignored_classes), "ignored", "ignored"),
    ]
    given = [reason for reason in reasons if reason[0]]
    if not given:
        return (opening,)
    return (
        f"{opening}: {'; '.join(f'{listed(names)} {_are(names)} {long}' for names, long, _ in given)}",
        f"{opening}: {'; '.join(f'{listed(names)} {_are(names)} {short}' for names, _, short in given)}",
        f"{opening}: {', '.join(f'{len(names):,} {short}' for names, _, short in given)}",
    )


def _are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def scores_text(scores: Measured, *, next_step: str, width: int = WIDTH) -> str:
    """Return scores as text, which ends in what the mean covers and in what to try next.

    Names of classes are cut to `width` and sentences are wrapped; the last line is kept whole.
    """
    return laid_out(of_scores(scores), (), next_step, width)


def scores_html(scores: Measured) -> str:
    """Return scores as an HTML fragment."""
    return fragment(of_scores(scores))


def scores_dict(scores: Measured) -> dict[str, Any]:
    """Return scores under their names in plain Python values; what is undefined or not known is None.

    ``per_class`` has one dict a class, whose ``pixels`` are those of the target.
    """
    of_classes, there = class_columns(scores), whole_metrics(scores.classes)
    rows = zip(*(plain(values) for values in of_classes.values()), strict=True)
    result = {
        "classes": scores.classes.name,
        "images_scored": scores.images,
        "pixels": scores.pixels,
        "ignored": scores.ignored,
        "missed": int(scores.missed.sum()),
        **{
            metric.name: float(scores.value(metric)) if metric in there else None
            for metric in METRICS.values()
            if metric.of == "whole" and metric.needs == "pairs" and not metric.over_images and metric.headline
        },
        "absent": scores.absent,
        "only_predicted": scores.only_predicted,
    }
    found: dict[str, Any] = plain(result)
    found["per_class"] = [dict(zip(of_classes, row, strict=True)) for row in rows]
    return found


def class_columns(scores: Measured) -> dict[str, npt.NDArray[Any]]:
    """Return what there is to say about each class, as arrays (K,); ``pixels`` are those of the target."""
    classes = scores.classes
    return {
        "name": np.array(classes.names, dtype=object),
        "label": np.array(classes.labels),
        **({} if not classes.further_labels else {"labels": _objects(classes.all_labels)}),
        "present": scores.present,
        "in_mean": classes.in_mean,
        **{metric.name: scores.value(metric) for metric in class_metrics()},
        "pixels": scores.target,
        "tp": scores.tp,
        "pred": scores.pred,
        "missed": scores.missed,
    }


def _objects(values: Sequence[object]) -> npt.NDArray[Any]:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def scores_latex(scores: Measured) -> str:
    """Return a ``tabular`` of all classes and their means; comments say what it needs."""
    rows, _ = class_rows(scores, limit=None)
    return "\n".join(
        [
            f"% {visible(of_scores(scores).coverage[0])}",
            r"% needs \usepackage{booktabs}",
            *tabular(columns(), rows, last=mean_row(scores)),
        ]
    )


def scores_markdown(scores: Measured) -> str:
    """Return a table of all classes and their means, and what the means cover."""
    rows, _ = class_rows(scores, limit=None)
    return "\n".join([*class_table_markdown(scores, rows), "", escape(of_scores(scores).coverage[0])])


def class_table_markdown(scores: Measured, rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the table of classes with its means as lines of Markdown."""
    cells = [[escape(cell) for cell in row] for row in rows]
    title, *means = mean_row(scores)
    return table(columns(), [*cells, [f"**{title}**", *means]])
