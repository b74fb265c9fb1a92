"""Plots of results, for the extra ``plot``: each function takes axes or makes a figure, and returns the axes.

Numbers are read from results and drawn as they are; nothing is scored here. No window is opened, and no
setting of matplotlib is changed. What the plots share stands in `drawing`.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from segscore.base.values import Floats
from segscore.classes.classes import Classes
from segscore.errors import ArgumentError, check_kind, unknown
from segscore.plots import drawing
from segscore.plots.drawing import ACCENT, GREY, LINE, TEXT
from segscore.results.compared import Compared, Difference
from segscore.results.confusion import ConfusionMatrix
from segscore.results.evaluated import Evaluated
from segscore.scores.metric import METRICS, class_metrics
from segscore.scores.scores import Scores
from segscore.text.numbers import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_CLASSES = 1_000
"""Most classes whose matrix is drawn."""
_MAX_NUMBERS = 20
"""Most classes whose cells have room for numbers."""
_BINS = 25
_UNITS = {
    "target": "share of the target's pixels",
    "pred": "share of the predicted pixels",
    None: "pixels",
}


def confusion_matrix(
    source: ConfusionMatrix | Evaluated,
    ax: "Axes | None" = None,
    normalise: Literal["target", "pred"] | None = "target",
) -> "Axes":
    """Draw a confusion matrix: targets as rows, predictions as columns, and "none" as the last column.

    Parameters
    ----------
    source : ConfusionMatrix or Evaluation
        The counts, of at most 1,000 classes.
    ax : Axes, optional
        Where to draw; a figure that grows with the classes if not given.
    normalise : {"target", "pred", None}
        Shares of each row, so that the diagonal holds recall; of each column, so that it holds precision;
        or pixels, on a logarithmic scale.

    Returns
    -------
    Axes
        ``ax.images[0].get_array()`` holds what is drawn, float64 (K, K + 1). Rows without target pixels or
        columns without predictions are undefined where they are divided by, and hatched; so are the classes
        whose label is ignored. Up to 20 classes, cells that are not empty have numbers: percent or pixels.

    Raises
    ------
    ArgumentError
        If `normalise` is none of these, there are too many classes, or matplotlib is not installed.
    """
    if normalise not in _UNITS:
        raise ArgumentError(
            f'expected `normalise` to be "target", "pred" or None, found {normalise!r}',
            '"target" shows shares of rows, "pred" shares of columns, None pixels',
        )
    check_kind("source", source, (ConfusionMatrix, Evaluated), "a confusion matrix or an evaluation")
    matrix = source.confusion if isinstance(source, Evaluated) else source
    classes, count = matrix.classes, len(matrix.classes)
    if count > MAX_CLASSES:
        raise ArgumentError(
            f"a matrix of {count:,} classes is too large to draw, the most is {MAX_CLASSES:,}",
            "`scores.to_dict()` holds the numbers of every class",
        )
    values = _cells(matrix, normalise)
    names = [drawing.shown(name) for name in classes.names]
    cell = 0.42 if count <= _MAX_NUMBERS else 0.125
    side = max(min(count * cell, 30.0), 1.6)
    label = drawing.label_inches(names)
    axes = ax or drawing.new_axes(side * (1 + 1 / count) + label + 1.9, side + label + 0.9)
    spacing = side / count if ax is None else min(drawing.inches(axes)) / (count + 1)
    norm, colours = drawing.shares() if normalise else drawing.counts(np.nanmax(values, initial=0))
    # Cells without pixels have no logarithm: they show what is behind them.
    axes.set_facecolor("white")
    drawn = np.ma.masked_invalid(values)
    image = axes.imshow(drawn, norm=norm, cmap=colours, aspect="equal", interpolation="nearest")
    drawing.hatch(axes, np.isnan(values))
    axes.axvline(count - 0.5, color=LINE, linewidth=1)
    drawing.name_ticks(axes.xaxis, [*names, "none"], spacing, rotation=90)
    drawing.name_ticks(axes.yaxis, names, spacing)
    axes.set_xlabel("prediction")
    axes.set_ylabel("target")
    if count <= _MAX_NUMBERS:
        size = min(8.0, 72 * spacing * 0.27)
        for (row, column), value in np.ndenumerate(values):
            if value > 0:
                text = percent(value, 1, digits=0).removesuffix("%") if normalise else _short(value)
                colour = "white" if drawing.is_dark(colours(norm(value))) else TEXT
                axes.text(column, row, text, ha="center", va="center", fontsize=size, color=colour)
    axes.figure.colorbar(image, cax=drawing.bar_axes(axes, side), label=_UNITS[normalise])
    return axes


def image_scores(ev: Evaluated, ax: "Axes | None" = None, by: str | None = None) -> "Axes":
    """Draw how the scores of images are distributed, and the share of images at or above each score.

    Parameters
    ----------
    ev : Evaluation
        The images.
    ax : Axes, optional
        Where to draw; a new figure if not given.
    by : str, optional
        A metric, such as ``mean_dice``, ``pixel_accuracy`` or ``iou.car``; see `ImageScores.metric`. By
        default what images are ranked by, such as the mean image IoU.

    Returns
    -------
    Axes
        Those of the histogram. The curve has axes of its own, the last ones of ``ax.figure.axes``.

    Raises
    ------
    ArgumentError
        If there is no such metric, or matplotlib is not installed.
    """
    check_kind("ev", ev, Evaluated, "an evaluation")
    by = ev.main.image if by is None else by
    everything = ev.images.metric(by)
    values = np.sort(everything[~np.isnan(everything)])
    axes = ax or drawing.new_axes(6.4, 3.8)
    axes.hist(values, bins=_BINS, range=(0, 1), color=ACCENT, alpha=0.45)
    axes.set_xlim(0, 1)
    axes.set_xlabel(drawing.shown(by, width=60), parse_math=False, usetex=False)
    axes.set_ylabel("images")
    axes.yaxis.set_major_locator(drawing.whole_numbers())
    without = len(everything) - len(values)
    title = f"{len(values):,} of {len(everything):,} images have a score" if without else ""
    if len(values):
        mean = float(values.mean())
        axes.axvline(mean, color=TEXT, linestyle="--", linewidth=1)
        title = f"mean {mean:.4f}" + (f"; {title}" if title else f" of {len(values):,} images")
    axes.set_title(title, fontsize=9, loc="left")
    curve = axes.twinx()
    curve.set_ylim(0, 1.02)
    curve.set_ylabel("share of images at or above")
    if len(values):
        # A share holds up to and with the score at its right end: it counts images at or above.
        shares = np.arange(len(values), 0, -1) / len(values)
        x, y = np.concatenate([[0], values, [1]]), np.concatenate([[1], shares, [0]])
        curve.step(x, y, where="pre", color=ACCENT, linewidth=1.5)
    return axes


def comparison(comparison: Compared, ax: "Axes | None" = None) -> "Axes":
    """Draw the differences of two results with their intervals, one row each.

    Parameters
    ----------
    comparison : Comparison
        What :func:`segscore.compare` returned.
    ax : Axes, optional
        Where to draw; a figure that grows with the differences if not given.

    Returns
    -------
    Axes
        A filled dot is a difference that is significant, as in the table of the comparison: its p-value is
        one of all rows together, so that the interval of a hollow one may leave out 0. Where there is no
        interval, its reason is written in its place.

    Raises
    ------
    ArgumentError
        If matplotlib is not installed.
    """
    made = "`segscore.compare` makes one of two evaluations"
    check_kind("comparison", comparison, Compared, "a comparison", made)
    rows = comparison.differences
    axes, size = _rows_of([comparison.title(row) for row in rows], ax)
    axes.axvline(0, color=TEXT, linewidth=0.8)
    for i, row in enumerate(rows):
        if _has_interval(row):
            axes.hlines(i, row.low, row.high, color=ACCENT, linewidth=1.8)
        if math.isfinite(row.difference):
            inside = ACCENT if row.significant else "white"
            axes.plot(row.difference, i, "o", color=ACCENT, mfc=inside, markersize=5)
    axes.margins(x=0.15)
    middle = sum(axes.get_xlim()) / 2
    for i, row in enumerate(rows):
        if not _has_interval(row):
            at = row.difference if math.isfinite(row.difference) else 0.0
            _note(axes, at, i, drawing.shown(row.reason or "no interval", width=32), size, left=at > middle)
    axes.set_xlabel("difference, second less first")
    return axes


def scores(
    source: Scores | Evaluated | ConfusionMatrix,
    ax: "Axes | None" = None,
    metric: str = "iou",
    low: npt.ArrayLike | None = None,
    high: npt.ArrayLike | None = None,
) -> "Axes":
    """Draw a score of each class as bars, the highest on top.

    Parameters
    ----------
    source : Scores, Evaluation or ConfusionMatrix
        The scores.
    ax : Axes, optional
        Where to draw; a figure that grows with the classes if not given.
    metric : str
        ``iou``, ``dice``, ``precision``, ``recall`` or ``specificity``.
    low, high : float64 (K,), optional
        Ends of an interval of each class, in the order of the classes; both or none. NaN is no interval.

    Returns
    -------
    Axes
        Classes whose score is undefined come last and have the reason instead of a bar: absent, ignored or
        undefined. A dashed line is the mean over classes, for metrics that have one.

    Raises
    ------
    ArgumentError
        If there is no such metric, the intervals are not of these classes, or matplotlib is not installed.
    """
    known = {one.name: one for one in class_metrics()}
    if metric not in known:
        raise unknown("metric of a class", metric, known)
    check_kind("source", source, (Scores, Evaluated, ConfusionMatrix), "scores, or what has them,")
    given = source if isinstance(source, Scores) else source.scores
    classes = given.classes
    values = given.value(known[metric])
    ends = _ends(classes, low, high)
    order = np.argsort(
        np.where(np.isnan(values), np.inf, -known[metric].sign * values), kind="stable"
    ).tolist()
    axes, size = _rows_of([classes.names[i] for i in order], ax)
    axes.barh(range(len(order)), np.nan_to_num(values[order]), height=0.75, color=ACCENT, alpha=0.75)
    for at, i in enumerate(order):
        if ends is not None and not np.isnan(ends[:, i]).any():
            axes.hlines(at, ends[0, i], ends[1, i], color=TEXT, linewidth=1)
        said = _why_undefined(given, i) if math.isnan(values[i]) else ""
        if not said and given.present[i] and not given.target[i]:
            said = "only predicted"
        if said:
            _note(axes, values[i] if values[i] > 0 else 0.0, at, said, size)
    mean = next((one for one in METRICS.values() if one.mean_of == metric and not one.over_images), None)
    if mean is not None and not math.isnan(of_all := float(given.value(mean))):
        axes.axvline(of_all, color=TEXT, linestyle="--", linewidth=1)
        axes.set_title(f"{mean.name} {of_all:.4f}", fontsize=9, loc="left")
    if not known[metric].unit:
        axes.set_xlim(0, 1)
    axes.set_xlabel(f"{metric} [{known[metric].unit}]" if known[metric].unit else metric)
    return axes


def _cells(matrix: ConfusionMatrix, normalise: str | None) -> Floats:
    """Return what a matrix is drawn from, float64 (K, K + 1): NaN where it is undefined."""
    counts = np.column_stack([matrix.counts, matrix.missed]).astype(np.float64)
    ignored = matrix.classes.ignored_classes
    counts[ignored] = np.nan
    counts[:, :-1][:, ignored] = np.nan
    if normalise is None:
        return counts
    whole = np.nansum(counts, axis=1 if normalise == "target" else 0, keepdims=True)
    shares = np.full(counts.shape, np.nan)
    np.divide(counts, whole, out=shares, where=whole > 0)
    return shares


def _ends(classes: Classes, low: npt.ArrayLike | None, high: npt.ArrayLike | None) -> Floats | None:
    if low is None and high is None:
        return None
    shape = (len(classes),)
    found = [None if end is None else np.asarray(end, dtype=np.float64) for end in (low, high)]
    shapes = ["nothing" if end is None else str(end.shape) for end in found]
    if shapes != [str(shape)] * 2:
        raise ArgumentError(
            f"expected `low` and `high` of shape {shape}, found {shapes[0]} and {shapes[1]}",
            "give both ends of every class's interval, NaN where there is none",
        )
    return np.array(found)


def _why_undefined(scores: Scores, i: int) -> str:
    if scores.classes.ignored_classes[i]:
        return "ignored"
    return "undefined" if scores.present[i] else "absent"


def _rows_of(names: Sequence[str], ax: "Axes | None") -> tuple["Axes", float]:
    """Return axes with one named row a name, the first on top, and the size of letters in them."""
    labels = [drawing.shown(name) for name in names]
    number = max(len(names), 1)
    height = min(number * (0.24 if number <= 40 else 0.14), 300.0)
    axes = ax or drawing.new_axes(5.0 + drawing.label_inches(labels), max(height, 0.7) + 0.9)
    spacing = height / number if ax is None else drawing.inches(axes)[1] / number
    size = drawing.name_ticks(axes.yaxis, labels, spacing)
    axes.set_ylim(number - 0.4, -0.6)
    axes.grid(axis="x", color=LINE, linewidth=0.5)
    axes.set_axisbelow(True)
    return axes, size


def _has_interval(row: Difference) -> bool:
    return math.isfinite(row.low) and math.isfinite(row.high)


def _note(axes: "Axes", x: float, row: int, text: str, size: float, *, left: bool = False) -> None:
    """Write a text beside a point of a row, on the side where there is more room."""
    place: dict[str, Any] = {"xytext": (-7 if left else 7, 0), "ha": "right" if left else "left"}
    note = axes.annotate(text, (x, row), textcoords="offset points", va="center", **place)
    note.set(fontsize=size, color=GREY, parse_math=False, usetex=False)
    # A long note may leave the axes, but must not push them together.
    note.set_in_layout(False)


def _short(pixels: float) -> str:
    """Return a count in at most five characters: 999, 1.2k, 35M."""
    if pixels < 1000:
        return f"{pixels:.0f}"
    power = min(int(math.log10(float(f"{pixels:.1e}")) // 3), 6)
    scaled = pixels / 1000**power
    return (f"{scaled:.1f}" if scaled < 9.95 else f"{scaled:.0f}") + "kMGTPE"[power - 1]
