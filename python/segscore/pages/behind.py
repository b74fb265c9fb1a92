"""The images behind the numbers of a report, which has no server to ask: lists by what a link asks for.

Their keys are queries as `queries` writes them, so that the same link leads to a list of the report or to the
page of images of an application. Everything is read from counts; no pixel and no file is read.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from segscore.base.values import Floats, Ints
from segscore.pages.panels.given import Listed, Ranking, Scenario
from segscore.pages.queries import query_of
from segscore.pages.rankings import RANKED, ranks_classes
from segscore.results.evaluated import Evaluated
from segscore.results.finding import Search, behind_cells, most
from segscore.scores import metrics
from segscore.scores.images import ranks

MOST = 40_000
"""Entries of the lists of all cells together, at most: about half a megabyte."""
BINS = 20
"""Ranges of a score from 0 to 1; the last one ends with 1."""


def lists_of(
    evaluation: Evaluated,
    scenarios: Iterable[Scenario],
    rankings: Iterable[Ranking] = (),
    images: Iterable[int] = (),
) -> dict[str, Listed]:
    """Return the images behind each number that links ask for, by query.

    They are those of cells of the matrix, of pixels of a class and those that are missed and invented, of a
    range of the scores of images or of a class in them, of a part by an attribute, the worst of rankings, and
    single ones, by their indices.
    """
    count = len(evaluation.classes)
    of_pixels = (_cells, _errors, _ranges) if evaluation.measures.of_pixels else ()
    found = [
        *(pair for lists in of_pixels for pair in lists(evaluation)),
        *_parts(evaluation, scenarios),
        *_ranked(evaluation, rankings),
        *_single(evaluation, images),
    ]
    return {query_of(search, count): listed for search, listed in found if listed.total}


Lists: TypeAlias = Iterator[tuple[Search, Listed]]


def _cells(evaluation: Evaluated) -> Lists:
    behind = behind_cells(evaluation, len(evaluation.names), wrong=False)
    width = len(evaluation.classes) + 1
    keys, first, totals = np.unique(
        behind.target * width + behind.pred, return_index=True, return_counts=True
    )
    each = max(1, min(RANKED, MOST // max(1, len(keys))))
    sums = np.add.reduceat(behind.pixels, first) if len(first) else behind.pixels
    # Of more cells than there is room for, those with few pixels are left out.
    for i in np.sort(np.argsort(-sums, kind="stable")[:MOST]).tolist():
        target, pred = divmod(int(keys[i]), width)
        part = slice(int(first[i]), int(first[i]) + min(each, int(totals[i])))
        listed = Listed(int(totals[i]), behind.image[part].tolist(), behind.pixels[part].tolist())
        yield Search(target=target, pred=pred), listed


def _errors(evaluation: Evaluated) -> Lists:
    """Yield the images that have most of a class, miss most of it, and invent most of it."""
    if not ranks_classes(len(evaluation.classes), len(evaluation.names)):
        return
    cells = evaluation.cells
    for i, at in enumerate(cells.places()):
        # As `pixels_of` counts them, without looking through all cells anew for each class.
        tp, target, pred, images = cells.tp[at], cells.target[at], cells.pred[at], cells.image[at]
        for search, pixels in (
            (Search(target=i), target),
            (Search(target=i, wrong=True), target - tp),
            (Search(pred=i, wrong=True), pred - tp),
        ):
            order = most(pixels)
            shown = order[:RANKED]
            yield search, Listed(len(order), images[shown].tolist(), pixels[shown].tolist())


def _ranges(evaluation: Evaluated) -> Lists:
    """Yield the images in each range of the mean IoU of images, and of the IoU of a class, worst first."""
    images = np.arange(len(evaluation.names))
    values = evaluation.images.mean_image_iou
    yield from _binned(Search(), values, evaluation.cells.wrong, images)
    if not ranks_classes(len(evaluation.classes), len(evaluation.names)):
        return
    cells = evaluation.cells
    wrong = cells.wrong_of_class
    for i, (name, held) in enumerate(zip(evaluation.classes.names, cells.places(), strict=True)):
        at = held[cells.target[held] > 0]
        values = metrics.iou(cells.tp[at], cells.target[at], cells.pred[at])
        yield from _binned(search_of_class(i, name), values, wrong[at], cells.image[at])


def search_of_class(index: int, name: str) -> Search:
    """Return what finds the images whose target has a class, by its IoU, the worst first."""
    return Search(target=index, metric=f"iou.{name}", order="worst")


def _binned(search: Search, values: Floats, wrong: Ints, images: Ints) -> Lists:
    order = ranks(values, wrong, best=False)
    order = order[: np.count_nonzero(~np.isnan(values))]
    edges = np.arange(BINS) / BINS
    first = np.searchsorted(values[order], edges)
    for i, (start, end) in enumerate(zip(first.tolist(), [*first[1:].tolist(), len(order)], strict=True)):
        part = order[start : min(end, start + RANKED)]
        below = float(edges[i + 1]) if i + 1 < BINS else None
        yield (
            replace(search, low=float(edges[i]), below=below),
            Listed(end - start, images[part].tolist(), values[part].tolist()),
        )


def _parts(evaluation: Evaluated, scenarios: Iterable[Scenario]) -> Lists:
    """Yield the worst images of each part that is shown."""
    metric = evaluation.main_of_tables.image
    values, order = evaluation.images.metric(metric), evaluation.images.order(metric, best=False)
    for scenario in scenarios:
        labels = np.array(scenario.labels, dtype=object)
        for label in scenario.groups:
            part = order[labels[order] == label]
            scored = part[~np.isnan(values[part])][:RANKED]
            search = Search(groups={scenario.attribute: label}, metric=metric)
            yield search, Listed(len(part), scored.tolist(), values[scored].tolist())


def _ranked(evaluation: Evaluated, rankings: Iterable[Ranking]) -> Lists:
    """Yield the worst images of each ranking."""
    place = {name: i for i, name in enumerate(evaluation.names)}
    for ranking in rankings:
        total = int(np.count_nonzero(~np.isnan(evaluation.images.metric(ranking.metric))))
        images = [place[one[0]] for one in ranking.worst]
        yield Search(metric=ranking.metric), Listed(total, images, [one[1] for one in ranking.worst])


def _single(evaluation: Evaluated, images: Iterable[int]) -> Lists:
    """Yield each of these images alone."""
    values = evaluation.images.metric(evaluation.main.image)
    for image in dict.fromkeys(images):
        yield Search(image=image), Listed(1, [image], [float(values[image])])
