"""Several runs side by side: each metric that can be compared, with the best and what differs from the first.

Whether a difference can be chance is told of two runs alone, by :func:`segscore.compare`.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from segscore.base.values import Frozen
from segscore.base.wording import many, visible
from segscore.counts.checks import not_the_same
from segscore.errors import ArgumentError
from segscore.evaluation.evaluation import Evaluation
from segscore.results.selecting import select
from segscore.results.shared_measures import SharedMeasures
from segscore.scores.alike import extent, is_over_classes, side_by_side
from segscore.scores.main import class_in
from segscore.scores.metric import headlines, sign_of
from segscore.scores.named import number_of
from segscore.statistics.paired import paired
from segscore.text.numbers import number
from segscore.text.plain import WIDTH, wrapped
from segscore.text.table import table
from segscore.workspace.runs.folders import id_number
from segscore.workspace.runs.run import Run

MOST = 10
"""Runs that stand side by side, at most."""


class Row(NamedTuple):
    """One metric of several runs.

    Attributes
    ----------
    metric : str
        Its name, such as ``mean_iou`` or ``iou.car``.
    values : tuple of float
        That of each run; NaN where undefined.
    judged : tuple of float
        What runs are compared by: the values, or where a mean is over unlike classes, that over the classes
        that all have.
    deltas : tuple of float
        Of each run, the difference of what it is judged by to that of the first; NaN where there is none.
    best : tuple of bool
        Whether a run is the best of these, of those whose models were not trained on the images; several may
        be equal, and none is where fewer than two have a value.
    note : str
        Over how many classes the means are, where that is not the same of all; else empty.
    """

    metric: str
    values: tuple[float, ...]
    judged: tuple[float, ...]
    deltas: tuple[float, ...]
    best: tuple[bool, ...]
    note: str = ""


@dataclass(frozen=True, repr=False)
class SideBySideRuns(Frozen):
    """Several runs on the images that all of them scored.

    Attributes
    ----------
    runs : tuple of Run
        In the order in which they stand.
    images : int
        How many images all of them scored.
    left_out : int
        How many images some of them scored, and others not.
    metrics : tuple of Row
        Metrics of the whole.
    classes : tuple of Row
        The IoU of each class that is in a target; its average precision where masks may overlap.
    notes : tuple of str
        What is not compared, and why.
    """

    runs: tuple[Run, ...]
    images: int
    left_out: int
    metrics: tuple[Row, ...]
    classes: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Return a short form with the ids of the runs."""
        return f"<SideBySideRuns {', '.join(run.id for run in self.runs)}: {many(self.images, 'image')}>"

    def __str__(self) -> str:
        """Return one row a metric and a class, the best of each marked, in 80 columns."""
        return several_text(self)


def earlier_first(runs: Sequence[Run]) -> list[Run]:
    """Return runs in the order in which the versions of their models were added, then in that of the runs."""
    return sorted(runs, key=lambda run: (run.model_number, id_number(run.id)))


def compare_runs(runs: Sequence[Run]) -> SideBySideRuns:
    """Return several runs side by side, on the images that all of them scored, in the order given.

    Parameters
    ----------
    runs : sequence of Run
        2 to 10, such as ``ws.runs(model="net", dataset="streets:v2")``.

    Raises
    ------
    ArgumentError
        If there are fewer or more, one is there twice, or their classes or targets differ.
    FileFormatError
        If the evaluation of one is damaged.
    """
    _check(runs)
    evaluations = [run.evaluation for run in runs]
    first = evaluations[0]
    plain = [replace(one.classes, pred_labels=None, prediction_spaces=(), colours={}) for one in evaluations]
    for run, own in zip(runs, plain, strict=True):
        if own != plain[0]:
            raise not_the_same(f"runs ({runs[0].id} and {run.id})", plain[0], own, "compared")
    every = set().union(*(one.names for one in evaluations))
    common = sorted(set(first.names).intersection(*(one.names for one in evaluations)))
    if not common:
        raise ArgumentError("the runs have no image in common", "evaluate the models on the same targets")
    if len(common) < len(every):
        evaluations = [select(one, common) for one in evaluations]
    notes: dict[str, None] = {}
    shapes: list[set[str]] = []
    for run, one in zip(runs[1:], evaluations[1:], strict=True):
        sides = evaluations[0], one
        a, b, _ = paired(*sides, "all")
        labels = runs[0].id, run.id
        shared = SharedMeasures.of(sides, (a.order, b.order), labels)
        shapes.append(set(shared.names(first.classes)))
        notes |= dict.fromkeys(f"{what} are not compared: {why}" for what, why in shared.reasons.items())
    alike = [name for name in dict.fromkeys(_names_of_shapes(runs)) if all(name in one for one in shapes)]
    is_of_pixels = all(one.measures.of_pixels for one in evaluations)
    of_pixels = headlines(first.classes, of_images=True) if is_of_pixels else ()
    main = first.main_of_tables
    trained = [bool(run.trained_images) for run in runs]
    metrics = [_row(name, evaluations, trained) for name in dict.fromkeys((*of_pixels, *alike))]
    in_target = first.scores.target > 0
    if not is_of_pixels:
        in_target = first.shapes.matching.held.sum(axis=0) > 0
    classes = [
        _row(main.of_class(name), evaluations, trained)
        for name, there in zip(first.classes.names, in_target.tolist(), strict=True)
        if there
    ]
    return SideBySideRuns(
        runs=tuple(runs),
        images=len(common),
        left_out=len(every) - len(common),
        metrics=tuple(metrics),
        classes=tuple(classes),
        notes=tuple(notes),
    )


def _check(runs: Sequence[Run]) -> None:
    if not 2 <= len(runs) <= MOST:
        raise ArgumentError(f"{many(len(runs), 'run')} to compare, expected 2 to {MOST}", "choose as many")
    ids = [run.id for run in runs]
    for name in ids:
        if ids.count(name) > 1:
            raise ArgumentError(f"run {name} was chosen twice", "choose others")


def _names_of_shapes(runs: Sequence[Run]) -> Iterator[str]:
    """Yield the numbers of shapes that any of the runs has kept."""
    first = runs[0].evaluation
    of_pixels, main = set(headlines(first.classes, of_images=True)), first.main_of_tables
    for run in runs:
        yield from (name for name in run.metrics if name not in of_pixels and not main.is_of_class(name))


def _row(name: str, evaluations: Sequence[Evaluation], trained: Sequence[bool]) -> Row:
    asked = number_of(name, evaluations[0].classes)
    values = tuple(float(asked.read(one)) for one in evaluations)
    judged, note = values, ""
    if is_over_classes(name):
        counts = [one.scores.counts for one in evaluations]
        found = side_by_side(evaluations[0].classes, counts, name)
        if found is not None:
            judged = found.values
            note = f"over {extent(found.covers)} classes, compared by the {found.shared:,} that all have"
    sure = np.array(judged)
    with np.errstate(invalid="ignore"):  # two that are infinite have no difference
        deltas = sure - sure[0]
    free = [value for value, seen in zip(judged, trained, strict=True) if not seen and not math.isnan(value)]
    best = (max if sign_of(name) > 0 else min)(free) if len(free) > 1 else math.nan
    return Row(
        metric=name,
        values=values,
        judged=judged,
        deltas=tuple(deltas.tolist()),
        best=tuple(value == best and not seen for value, seen in zip(judged, trained, strict=True)),
        note=note,
    )


def several_text(found: SideBySideRuns, *, width: int = WIDTH) -> str:
    """Return the table of metrics and that of classes, and what the columns are."""
    lines: list[str] = []
    for title, rows in (("metric", found.metrics), ("class", found.classes)):
        cells = [
            (
                visible(class_in(row.metric) if title == "class" else row.metric),
                *(
                    f"{number(value)}{'*' if best else ' '}"
                    for value, best in zip(row.values, row.best, strict=True)
                ),
            )
            for row in rows
        ]
        if cells:
            lines += [*table((title, *(f"{run.id} " for run in found.runs)), cells, width), ""]
    said = [f"{run.id} is {run.model} on {run.dataset}" for run in found.runs]
    scored = f"* the best of these on {many(found.images, 'image')} that all have scored"
    if found.left_out:
        scored += f"; {many(found.left_out, 'other')} {'is' if found.left_out == 1 else 'are'} left out"
    said.append(scored)
    if any(run.trained_images for run in found.runs):
        said.append("models that were trained on some of these images are not the best")
    said += [f"{visible(row.metric)} is {row.note}" for row in found.metrics if row.note]
    return "\n".join(
        [*lines, *(line for one in (*said, *found.notes) for line in wrapped(visible(one), width))]
    )
