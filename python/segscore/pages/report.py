"""The report, one HTML file: what it shows is gathered here, and laid out by `panels` from top to bottom."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from os import PathLike
from typing import Unpack

import numpy as np

from segscore.classes.colours import class_colours
from segscore.io.groups import By, labels_of
from segscore.io.masks import Read
from segscore.io.places import PAGE, check_place, paths_of, photographs_in
from segscore.io.writing import write_file
from segscore.pages.behind import lists_of
from segscore.pages.crops import Crop, crops_of
from segscore.pages.intervals import Computing, intervals_of, with_intervals
from segscore.pages.options import (
    THUMBNAILS,
    ReportOptions,
    check_thumbnails,
    checked_options,
)
from segscore.pages.page import Panel, page
from segscore.pages.panels import (
    classes,
    conventions,
    crops,
    distribution,
    headline,
    matrix,
    objects,
    pictures,
    scenarios,
    shapes,
    sizes,
)
from segscore.pages.panels.given import Given, Listed, Ranking, Scenario
from segscore.pages.pictures import ROOM, Picture, picture_of
from segscore.pages.rankings import (
    MAX_SCENARIOS,
    RANKED,
    rankings_of,
    with_photographs,
)
from segscore.results.evaluated import Evaluated
from segscore.results.groups import group_by
from segscore.results.selecting import select


def write_report(evaluation: Evaluated, path: str | PathLike[str], **options: Unpack[ReportOptions]) -> None:
    """Write the report of an evaluation, whole or not at all.

    Parameters
    ----------
    evaluation : Evaluation
        What to show.
    path : path
        The file; by custom it ends in ``.html``. It needs no other file and no network.
    images : path or glob pattern, optional
        The photographs that the masks were drawn for; they are found by the names of the images. Pillow
        (extra ``run``) is needed to show them.
    image_pairing : str, optional
        A pattern for photographs whose names differ from those of the targets, such as
        ``{id}_leftImg8bit:{id}_gtFine_labelIds``; see :func:`segscore.io.pairing.pair`.
    attributes : mapping of str to what groups images, optional
        Further tables of scenarios by their titles, such as ``{"weather": {"a": "rain", "b": "sun"}}``;
        values are as for :meth:`segscore.Evaluation.group_by`.
    about : mapping of str to str, optional
        Further facts, such as versions of model and dataset, shown with where the masks came from.
    notes : sequence of str
        What is to be said before anything else, such as that images were trained on.
    title : str, optional
        The heading; by default what was compared.
    thumbnails : int
        How many images are shown as pictures, 0 to 1,000. Of a volume they are slices; all volumes share
        about 3 MB.
    read : callable, optional
        The function that read the masks, if one did; see :func:`segscore.evaluate`.

    Raises
    ------
    OutputError
        If the file cannot be written, or would replace a mask, a photograph or anything that is no page.
    PairingError
        If no photographs are found, or none belongs to a target.
    ArgumentError
        If an argument is not usable.

    Examples
    --------
    >>> from segscore import Evaluator
    >>> judge = Evaluator(["road", "sky"])
    >>> judge.add(pred=[[0, 0], [1, 1]], target=[[0, 0], [0, 1]], name="frame_07")
    >>> ev = judge.result()
    >>> ev.write_report("/dev/null")
    >>> report_page(ev).startswith("<!doctype html>")
    True
    """
    check_place(path, kind=PAGE, reads=paths_of(evaluation.files))
    write_file(path, report_page(evaluation, **options).encode())


def report_page(
    evaluation: Evaluated, *, intervals: Computing = intervals_of, **options: Unpack[ReportOptions]
) -> str:
    """Return the page that `write_report` writes, which says what is raised.

    Intervals that were kept need not be computed: `intervals` returns what `intervals_of` does.
    """
    checked = checked_options(options, ReportOptions.__annotations__, evaluation.names)
    report = gathered(evaluation, intervals=intervals, **checked)
    return page(report_panels(evaluation, report), title=report.title or headline.title_of(evaluation))


def report_panels(evaluation: Evaluated, report: Given) -> list[Panel]:
    """Return the panels about an evaluation from top to bottom, but for those that would be empty."""
    if not report.browse and pictures.shows(report):
        report = replace(report, behind=_lists(evaluation, report))
    panels = [
        headline.panel(evaluation, report),
        objects.panel(evaluation, report),
        crops.panel(evaluation, report),
        *(_of_pixels(evaluation, report) if evaluation.measures.of_pixels else ()),
        scenarios.panel(evaluation, report),
        pictures.panel(evaluation, report),
        conventions.panel(evaluation) if evaluation.measures.of_pixels else None,
    ]
    return [panel for panel in panels if panel is not None]


def _lists(evaluation: Evaluated, report: Given) -> dict[str, Listed]:
    images = (one.image for one in report.crops)
    return lists_of(evaluation, report.scenarios, report.rankings, images)


def _of_pixels(evaluation: Evaluated, report: Given) -> list[Panel | None]:
    """Return the panels about pixels, which have a class each."""
    return [
        classes.panel(evaluation, report),
        shapes.panel(evaluation, report),
        matrix.panel(evaluation, report),
        distribution.panel(evaluation),
        sizes.panel(evaluation, report),
    ]


def gathered(
    evaluation: Evaluated, *, intervals: Computing = intervals_of, **options: Unpack[ReportOptions]
) -> Given:
    """Return what a report shows beside the evaluation itself; the rest is as for `report_page`."""
    report = gathered_at_once(evaluation, **options)
    return with_intervals(report, intervals(evaluation, report.scenarios))


def gathered_at_once(evaluation: Evaluated, **options: Unpack[ReportOptions]) -> Given:
    """Return what `gathered` does but for the intervals, which take longest."""
    thumbnails = options.get("thumbnails", THUMBNAILS)
    check_thumbnails(thumbnails)
    scenarios = scenarios_of(evaluation, options.get("attributes") or {})
    evaluation = with_photographs(evaluation, options.get("images"), options.get("image_pairing"))
    rankings = tuple(rankings_of(evaluation))
    crops = crops_of(evaluation, thumbnails, read=options.get("read"))
    return Given(
        title=options.get("title"),
        about=options.get("about") or {},
        notes=tuple(options.get("notes", ())),
        colours=class_colours(evaluation.classes),
        scenarios=scenarios,
        rankings=rankings,
        pictures=_pictures(evaluation, rankings, crops, thumbnails, options.get("read")),
        photographs=photographs_in(evaluation.files),
        crops=crops,
    )


def scenarios_of(evaluation: Evaluated, attributes: Mapping[str, By]) -> tuple[Scenario, ...]:
    """Return the groups of an evaluation, if it has any, and those of its images by each attribute."""
    groupings = [_scenario(evaluation, name, by) for name, by in attributes.items()]
    if evaluation.groups is not None:
        groupings.insert(0, _scenario(evaluation, "group", evaluation.groups))
    return tuple(groupings)


def _scenario(evaluation: Evaluated, title: str, by: By) -> Scenario:
    labels = labels_of(evaluation.names, by)
    every = sorted(set(labels))
    shown = set(every[:MAX_SCENARIOS])
    # Groups that are not shown are not made: there may be one for each image.
    part = evaluation
    if len(shown) < len(every):
        part = select(evaluation, np.array([label in shown for label in labels]))
    groups = group_by(part, [label for label in labels if label in shown])
    by_name = {str(name): group for name, group in groups.items()}
    attribute = "" if by is evaluation.groups else title
    return Scenario(title, by_name, len(every) - len(groups), attribute, tuple(map(str, labels)))


def _pictures(
    evaluation: Evaluated,
    rankings: Iterable[Ranking],
    crops: Sequence[Crop],
    thumbnails: int,
    read: Read | None,
) -> dict[str, Picture]:
    """Return pictures of the images to look at first: bad ones, a few good ones, and bad ones by class.

    So are those of the largest objects that were missed, invented, split and merged.
    """
    overall, *by_class = rankings
    names = [name for name, _ in overall.worst[: max(1, thumbnails // 3)]]
    names += [name for name, _ in overall.best[: thumbnails // 6]]
    by_kind: dict[str, list[str]] = {}
    for one in crops:
        by_kind.setdefault(one.kind, []).append(evaluation.names[one.image])
    for place in range(RANKED):
        names += [of_kind[place] for of_kind in by_kind.values() if place < len(of_kind)]
        names += [ranking.worst[place][0] for ranking in by_class if place < len(ranking.worst)]
    names += [name for name, _ in (*overall.worst, *overall.best)]
    chosen = list(dict.fromkeys(names))[:thumbnails]
    if not any(name in evaluation.files for name in chosen):
        return {}
    room = ROOM // max(1, len(chosen))
    return {name: picture_of(evaluation, name, room=room, read=read) for name in chosen}
