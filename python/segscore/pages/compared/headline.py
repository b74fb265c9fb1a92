"""The first panel: the sentence that sums up, and the numbers of the whole under both models."""

import math
from typing import Any

from segscore.base.wording import many, visible
from segscore.pages.compared.bars import bar, limit_of
from segscore.pages.compared.given import Given
from segscore.pages.page import Panel, rendered
from segscore.pages.panels.headline import cards
from segscore.results import compared_text as words
from segscore.results.compared import BEING_COMPUTED, Compared, Difference
from segscore.scores.main import MAIN_PIXELS
from segscore.scores.metric import label_of
from segscore.scores.named import number_of
from segscore.scores.object_numbers import objects_shown
from segscore.scores.shape_numbers import shape_title
from segscore.text.numbers import number, signed, worded

_UNDEFINED = "undefined in one of the models or in both"
_INFINITE = "infinite in one of the models or in both"


def title_of(comparison: Compared) -> str:
    """Return what was compared, as a heading with names of the user as they are."""
    return "{1} compared with {0}".format(*comparison.labels)


def panel(comparison: Compared, compared: Given) -> Panel:
    """Return the first panel of a comparison, without a heading of its own: the title is the page's."""
    title = visible(compared.title or title_of(comparison))
    of_classes = {one.name for one in comparison.classes}
    metrics = [one for one in comparison.differences if one.name not in of_classes]
    # Distances, of which less is better, have a scale of their own.
    limits = {
        better: limit_of(
            value for one in metrics if one.better == better for value in (one.difference, one.low, one.high)
        )
        for better in ("higher", "lower")
    }
    figures = [figure(one, limits[one.better]) | {"label": _label(comparison, one)} for one in metrics]
    beside, judged_as = {one.name for one in comparison.unlike}, {m.judged: m.name for m in comparison.unlike}
    first = _first(comparison)
    reasons = {one["no_interval"] for one in figures if one["metric"] not in beside}
    # Said once instead of below each number.
    no_intervals = reasons.pop() if len(reasons) == 1 else ""
    no_intervals = "" if no_intervals == BEING_COMPUTED else no_intervals
    if no_intervals:
        figures = [one if one["metric"] in beside else one | {"no_interval": ""} for one in figures]
    better, worse = len(comparison.better), len(comparison.worse)
    undefined = sum(math.isnan(change) for change in (comparison.b - comparison.a).tolist())
    body = rendered(
        "compared/headline.html",
        title=title,
        told=words.verdict(comparison),
        labels=[visible(label) for label in comparison.labels],
        number=len(comparison.names),
        partial=_partial(comparison),
        images=many(len(comparison.names), "image"),
        classes=visible(compared.sides[0].classes.title or str(compared.sides[0].classes)),
        figures=[
            one
            for one in figures
            if one["metric"] not in beside and judged_as.get(one["metric"], one["metric"]) in first
        ],
        rows=figures,
        no_intervals=visible(no_intervals),
        later=compared.later,
        later_from=compared.later_from,
        level=f"{100 * comparison.level:g} %",
        better=better,
        worse=worse,
        same=len(comparison.names) - better - worse - undefined,
        undefined=undefined,
        ranked_by=comparison.main.image_label,
        shape_notes=[visible(note) for note in comparison.shape_notes],
        facts=facts(comparison),
        untested=comparison.untestable or "",
        notes=[
            (visible(label), visible(note))
            for label, notes in zip(comparison.labels, compared.notes, strict=True)
            for note in notes
        ],
    )
    return Panel("summary", title, body, heading=False)


def _first(comparison: Compared) -> set[str]:
    """Return the numbers that stand out: those of objects where these are what models are judged by."""
    one = comparison.evaluations[0]
    if comparison.main == MAIN_PIXELS:
        return {metric.name for metric in cards(one.classes)}
    return set(objects_shown(one.measures, one.classes))


def _label(comparison: Compared, one: Difference) -> str:
    """Return what a number is called, with the number of classes where means are unlike, or with its unit."""
    first = comparison.evaluations[0]
    asked = number_of(one.name, first.classes)
    if asked.metric.needs != "pairs":
        told = shape_title(asked, first.measures, first.classes)
        return told if one.better == "higher" else f"{told} (lower is better)"
    name, comma, classes = comparison.title(one).partition(", ")
    return f"{label_of(name)}{comma}{classes}" if comma else label_of(one.name)


def _partial(comparison: Compared) -> str:
    """Return what is left out, and that scores are not those of all images; empty if nothing is."""
    if not any(comparison.only):
        return ""
    number = len(comparison.names)
    sides = " and ".join(
        f"{number:,} of {number + len(only):,} of {visible(label)}"
        for label, only in zip(comparison.labels, comparison.only, strict=True)
    )
    verb = "is" if number == 1 else "are"
    return (
        f"Only the {many(number, 'image')} that both have {verb} compared: {sides}. "
        "The scores are of these alone, and not those of all images."
    )


def figure(one: Difference, limit: float) -> dict[str, Any]:
    """Return one difference as a page shows it: texts, and numbers to sort by.

    Undefined numbers are None, with a reason; `limit`, above 0, is a difference that fills half of the bar.
    """
    defined, given = math.isfinite(one.difference), one.reason is None
    return {
        "metric": one.name,
        "label": label_of(one.name),
        "a": worded(one.a),
        "b": worded(one.b),
        "numbers": [None if math.isnan(value) else value for value in (one.a, one.b, one.difference)],
        "gain": one.gain,
        "difference": signed(one.difference) if defined else "",
        "undefined": "" if defined else _UNDEFINED if math.isnan(one.a + one.b) else _INFINITE,
        "interval": f"{signed(one.low)} to {signed(one.high)}" if given else "",
        "width": one.high - one.low if given else None,
        "no_interval": one.reason or "",
        "waits": one.reason == BEING_COMPUTED,
        "p": "" if math.isnan(one.p) else number(one.p),
        "p_value": None if math.isnan(one.p) else one.p,
        "way": way(one),
        "detectable": "" if math.isnan(one.detectable) else number(one.detectable),
        "bar": bar(one.gain, limit, *sorted((one.sign * one.low, one.sign * one.high))) if defined else None,
    }


def way(one: Difference) -> str:
    """Return "better" or "worse" for a difference beyond chance, else nothing."""
    if not one.significant:
        return ""
    return "better" if one.gain > 0 else "worse"


def facts(comparison: Compared) -> list[str]:
    """Return what is to be known about intervals and p-values, as sentences without a full stop."""
    level, rows = f"{100 * comparison.level:g} %", len(comparison.judged)
    drawn = f"{comparison.units:,} {comparison.kind}"
    interval = (
        f"an interval holds the difference in {level} of such samples: {drawn} are drawn anew, "
        "the same for both models"
    )
    unlike = words.unlike_facts(comparison)
    if comparison.untestable is not None:
        return [*unlike, interval, f"there is no p: {comparison.untestable}"]
    lines = [
        *unlike,
        interval,
        f"p is the chance of so large a difference in any of all {rows} metrics and classes of this page "
        f"if both models were equally good: predictions of {drawn} are swapped between them",
        f"beyond chance is a p of {1 - comparison.level:.2g} or less; as p counts all {rows} together and an "
        "interval stands for itself, an interval may leave out 0 where p is larger",
    ]
    if comparison.note is not None:
        lines.append(f"intervals and p-values hold {comparison.note}")
    return lines
