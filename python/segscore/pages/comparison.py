"""The page of a comparison, one HTML file: what it shows is gathered here, and laid out by `compared`."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain
from os import PathLike
from typing import Unpack

import numpy as np

from segscore.base.values import Floats, lowest
from segscore.base.wording import many
from segscore.classes.colours import class_colours
from segscore.io.groups import By
from segscore.io.places import PAGE, check_place, paths_of, photographs_in
from segscore.io.writing import write_file
from segscore.pages.changes import changes_of
from segscore.pages.compared import classes, confusion, headline, images, origin, pictures, scenarios
from segscore.pages.compared.given import Given, Part, Ranking, Scenario
from segscore.pages.options import THUMBNAILS, ComparisonOptions, check_thumbnails, checked_options
from segscore.pages.page import Panel, page
from segscore.pages.rankings import MAX_INTERVALS, MAX_SCENARIOS, RANKED, ranks_classes, with_photographs
from segscore.results.compared import BEING_COMPUTED, Change, Compared
from segscore.results.compared_text import doubts
from segscore.results.copies import without_groups
from segscore.results.evaluated import Evaluated
from segscore.results.groups import group_by
from segscore.results.selecting import select
from segscore.scores.alike import extent, is_over_classes, side_by_side
from segscore.scores.main import Main
from segscore.statistics.paired import interval_of_difference
from segscore.text.numbers import number


def write_comparison(
    comparison: Compared, path: str | PathLike[str], **options: Unpack[ComparisonOptions]
) -> None:
    """Write the page of a comparison, whole or not at all.

    Parameters
    ----------
    comparison : Comparison
        What to show.
    path : path
        The file; by custom it ends in ``.html``. It needs no other file and no network.
    images, image_pairing, read : optional
        As for :func:`segscore.pages.report.write_report`.
    attributes : mapping of str to what groups images, optional
        Further tables of scenarios by their titles; values group the images that are compared, as for
        :meth:`segscore.Evaluation.group_by`.
    about : (mapping of str to str, mapping of str to str), optional
        Further facts about the first and the second model, such as versions.
    notes : (sequence of str, sequence of str)
        What is to be said first about the first and the second model, such as that images were trained on.
    title : str, optional
        The heading; by default what was compared.
    thumbnails : int
        How many images are shown as pictures, 0 to 1,000.

    Raises
    ------
    OutputError, PairingError, ArgumentError
        As for :func:`segscore.pages.report.write_report`.

    Examples
    --------
    >>> from segscore import Evaluator, compare
    >>> judges = Evaluator(["road", "sky"]), Evaluator(["road", "sky"])
    >>> for judge, pred in zip(judges, ([[0, 1]], [[0, 0]])):
    ...     for name in ("frame_07", "frame_08"):
    ...         judge.add(pred=pred, target=[[0, 0]], name=name)
    >>> found = compare(*(judge.result() for judge in judges), labels=("v1", "v2"))
    >>> write_comparison(found, "comparison.html")  # doctest: +SKIP
    """
    check_place(path, kind=PAGE, reads=chain(*(paths_of(one.files) for one in comparison.evaluations)))
    write_file(path, comparison_page(comparison, **options).encode())


def comparison_page(comparison: Compared, **options: Unpack[ComparisonOptions]) -> str:
    """Return the page that `write_comparison` writes, which says what is raised."""
    checked = checked_options(options, ComparisonOptions.__annotations__, comparison.names, sides=2)
    compared = gathered_comparison(comparison, **checked)
    title = compared.title or headline.title_of(comparison)
    return page(comparison_panels(comparison, compared), title=title)


def comparison_panels(comparison: Compared, compared: Given) -> list[Panel]:
    """Return the panels about a comparison from top to bottom, but for those that would be empty."""
    panels = [
        headline.panel(comparison, compared),
        classes.panel(comparison, compared),
        images.panel(comparison),
        pictures.panel(comparison, compared),
        confusion.panel(comparison, compared) if compared.sides[0].measures.of_pixels else None,
        scenarios.panel(comparison, compared),
        origin.panel(comparison, compared),
    ]
    return [panel for panel in panels if panel is not None]


def gathered_comparison(comparison: Compared, **options: Unpack[ComparisonOptions]) -> Given:
    """Return what a page shows beside the comparison itself; options are those of `write_comparison`."""
    return with_part_intervals(gathered_comparison_at_once(comparison, **options), comparison)


def gathered_comparison_at_once(comparison: Compared, **options: Unpack[ComparisonOptions]) -> Given:
    """Return what `gathered_comparison` does but for the intervals of scenarios, which take longest."""
    thumbnails = options.get("thumbnails", THUMBNAILS)
    check_thumbnails(thumbnails)
    first, second = (
        side if len(side.names) == len(comparison.names) else select(side, comparison.names)
        for side in comparison.evaluations
    )
    by_title = dict(options.get("attributes") or {})
    if comparison.groups is not None:
        by_title = {"group": dict(zip(comparison.names, comparison.groups, strict=True)), **by_title}
    groupings = tuple(_scenario((first, second), name, by, comparison.main) for name, by in by_title.items())
    first = with_photographs(first, options.get("images"), options.get("image_pairing"))
    sides = first, second
    rankings = tuple(_rankings(comparison, sides))
    shown = most_changed(rankings, thumbnails)
    if not any(name in side.files for name in shown for side in sides):
        shown = []
    notes, doubted = options.get("notes", ((), ())), doubts(comparison)
    return Given(
        title=options.get("title"),
        sides=sides,
        about=options.get("about", ({}, {})),
        notes=((*notes[0], *doubted[0]), (*notes[1], *doubted[1])),
        colours=class_colours(first.classes),
        scenarios=groupings,
        rankings=rankings,
        pictures=changes_of(sides, shown, read=options.get("read")),
        photographs=photographs_in(first.files),
    )


def with_part_intervals(compared: Given, comparison: Compared) -> Given:
    """Return what a page shows with the intervals of scenarios."""

    def sure(part: Part) -> Part:
        if part.reason != BEING_COMPUTED:
            return part
        low, high, reason = _interval(part.sides, comparison)
        return replace(part, low=low, high=high, reason=reason)

    scenarios = (replace(one, parts=tuple(map(sure, one.parts))) for one in compared.scenarios)
    return replace(compared, scenarios=tuple(scenarios), later="filled" if compared.later else "")


def _scenario(sides: tuple[Evaluated, Evaluated], title: str, by: By, main: Main) -> Scenario:
    before = group_by(sides[0], by)
    labels = {name: label for label, part in before.items() for name in part.names}
    after = group_by(sides[1], labels)
    parts = []
    for place, (label, part) in enumerate(before.items()):
        if place == MAX_SCENARIOS:
            break
        pair = part, after[label]
        reason = BEING_COMPUTED if place < MAX_INTERVALS else "only the first groups have one"
        parts.append(Part(str(label), pair, *_means(pair, main.whole), math.nan, math.nan, reason))
    return Scenario(title, tuple(parts), len(before) - len(parts))


def _means(pair: tuple[Evaluated, Evaluated], mean: str) -> tuple[tuple[float, float], str]:
    """Return a mean over the classes that both have, and what there is to say of those of each."""
    own = pair[0].metric(mean), pair[1].metric(mean)
    sums = [part.scores.counts for part in pair]
    found = side_by_side(pair[0].classes, sums) if is_over_classes(mean) else None
    if found is None:
        return own, ""
    told = " to ".join(map(number, own))
    a, b = found.values
    return (a, b), (
        f"over the {many(found.shared, 'class')} that both have; {told} over {extent(found.covers)}"
    )


def _interval(pair: tuple[Evaluated, Evaluated], comparison: Compared) -> tuple[float, float, str]:
    # Within a group its images are the sample.
    one, two = map(without_groups, pair)
    low, high, reason = interval_of_difference(one, two, comparison.main.whole, level=comparison.level)
    return low, high, reason or ""


def _rankings(comparison: Compared, sides: tuple[Evaluated, Evaluated]) -> Iterable[Ranking]:
    """Yield the images that gained and lost most, overall and by class, where there are any."""
    yield Ranking(None, comparison.better[:RANKED], comparison.worse[:RANKED])
    names = sides[0].classes.names
    if not ranks_classes(len(names), len(comparison.names)):
        return
    a, b = (_in_order(side, comparison.names) for side in sides)
    changes = np.nan_to_num((b - a).T.copy(), copy=False)
    change = {comparison.main.class_of(one.name): abs(one.difference) for one in comparison.classes}
    held = [i for i, name in enumerate(names) if change.get(name, 0) > 0]
    for i in sorted(held, key=lambda i: -change[names[i]]):
        gained, lost = (_most(comparison.names, a[:, i], b[:, i], sign * changes[i]) for sign in (1, -1))
        if gained or lost:
            yield Ranking(i, gained, lost)


def _in_order(side: Evaluated, names: Sequence[str]) -> Floats:
    """Return what images are ranked by of each class, (n, K), in the order of the names."""
    if side.names == tuple(names):
        return side.images.of_main
    place = {name: i for i, name in enumerate(side.names)}
    return side.images.of_main[[place[name] for name in names]]


def _most(names: Sequence[str], a: Floats, b: Floats, change: Floats) -> tuple[Change, ...]:
    """Return the images of a class that changed most, as far as it is above 0."""
    order = lowest(RANKED, -change).tolist()
    return tuple(Change(names[i], float(a[i]), float(b[i])) for i in order if change[i] > 0)


def most_changed(rankings: Sequence[Ranking], count: int) -> list[str]:
    """Return the names of at most `count` images that changed most, none twice.

    A third is from each end of the overall ranking, which stands first, then come the ends of classes in
    turn.
    """
    overall, *by_class = rankings
    third = max(1, count // 3)
    names = [change.name for change in (*overall.lost[:third], *overall.gained[:third])]
    for place in range(RANKED):
        for ranking in by_class:
            names += [way[place].name for way in (ranking.lost, ranking.gained) if place < len(way)]
    names += [change.name for change in (*overall.lost, *overall.gained)]
    return list(dict.fromkeys(names))[:count]
