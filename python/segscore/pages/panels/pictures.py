"""The images to look at: worst and best, overall and by class, with their masks and errors."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from segscore.base.wording import many, visible
from segscore.classes.classes import Classes
from segscore.classes.colours import ERRORS, colour, other_colours
from segscore.classes.labels import Colour
from segscore.pages.masks import OVERLAPPING
from segscore.pages.page import Panel, rendered
from segscore.pages.panels.given import Given, Listed, Ranking
from segscore.pages.panels.strips import SCRIPTS, Part, Strip, shown_parts, strips_of, volumes_said
from segscore.pages.panels.viewed import viewed
from segscore.pages.pictures import Picture
from segscore.results.evaluated import Evaluated
from segscore.scores.images import NOT_IN_TARGET, Ranked, RankedImage
from segscore.scores.main import MAIN_PIXELS, Main
from segscore.scores.scores import Scores
from segscore.scores.titles import metric_title
from segscore.text.numbers import DASH, number

_PARTS = ("photograph", "target", "pred", "errors")
TITLES = {"photograph": "Image", "target": "Target", "pred": "Prediction", "errors": "Errors"}
"""What parts of pictures are called."""
_MAX_REASONS = 5
NO_CLASS = "no class of the mean is in the target"
"""Why an image has no mean IoU."""
NO_OBJECT = "there is no object"
"""Why an image has no number of objects."""
NO_PIXEL = "no pixel is scored"
"""Why an image has no pixel accuracy."""


def shows(report: Given) -> bool:
    """Whether there is anything to show: an image that has a score."""
    return bool(report.rankings and report.rankings[0].worst)


def panel(evaluation: Evaluated, report: Given) -> Panel | None:
    """Return the images to look at, None where no image has a score; its data are the rankings."""
    if not shows(report):
        return None
    listed = dict.fromkeys(
        name for ranking in report.rankings for way in (ranking.worst, ranking.best) for name, _ in way
    )
    pictures = {name: one for name, one in report.pictures.items() if one.has_target or one.photograph}
    listed |= dict.fromkeys(evaluation.names[i] for one in report.behind.values() for i in one.images)
    # Those with pictures first, so that a list without scripts shows them.
    with_pictures = list(report.addresses or pictures)
    names = [*with_pictures, *(name for name in listed if name not in with_pictures)]
    place = {name: i for i, name in enumerate(names)}
    images, accuracy = evaluation.images, evaluation.images.pixel_accuracy
    main, of_pixels = evaluation.main, evaluation.measures.of_pixels
    values = images.metric(main.image)
    index = {name: i for i, name in enumerate(images.name)}
    cards: list[dict[str, Any]] = [
        {
            "name": visible(name),
            "mean": _score(values[index[name]], without_number(main)),
            "accuracy": _score(accuracy[index[name]], NO_PIXEL) if of_pixels else "",
            "strips": [addressed(report.addresses[name], report.no_predictions)]
            if report.addresses
            else _shown(pictures[name]),
        }
        for name in with_pictures
    ]
    parts = shown_parts(strip for card in cards for strip in card["strips"])
    rankings = [
        {
            "title": ranking.title or ranking_title(main, evaluation.classes, ranking.index),
            # That of a class that is chosen on the page, or of all: rankings by surfaces are neither.
            "index": "" if ranking.title else ranking.index,
            "worst": _ranked(ranking, ranking.worst, place),
            "best": _ranked(ranking, ranking.best, place),
        }
        for ranking in report.rankings
    ]
    data = {
        "names": [visible(name) for name in names],
        "rankings": rankings,
        "browse": report.browse,
        "behind": {query: _behind(evaluation, one, place) for query, one in report.behind.items()},
        # Where images of other panels are in `names`.
        "places": [index[name] for name in names] if report.behind else [],
    }
    body = rendered(
        "pictures.html",
        cards=cards,
        measure=main.image_label,
        viewer=viewed(evaluation.classes, {"pred": evaluation}, TITLES, with_pictures),
        volumes=volumes_said(pictures.values(), "with most errors"),
        rankings=[ranking["title"] for ranking in rankings],
        reasons=_reasons(report),
        no_photographs=_photograph_reasons(report),
        limit=limit_of(report.addresses or report.pictures, listed),
        photographs=report.photographs,
        total=len(evaluation.names),
        scored=many(len(evaluation.names), "image"),
        no_pictures=why_no_pictures(evaluation),
        legend=legend(report.colours, evaluation.scores) if parts & {"target", "pred"} else [],
        errors=[(name, colour(value)) for name, value in ERRORS.items()] if "errors" in parts else [],
    )
    return Panel("pictures", "Worst and best images", body, data, scripts=("chosen.js", *SCRIPTS))


def why_no_pictures(evaluation: Evaluated) -> str:
    """Return why a panel has no picture at all, where nothing else was said of it."""
    if evaluation.measures.of_pixels:
        return "where the masks lie is not known, or no pictures were asked for"
    return OVERLAPPING


def limit_of(pictures: Collection[str], listed: Iterable[str]) -> str:
    """Return why images of a ranking have no pictures, and how to get some.

    `pictures` were sought, `listed` are in any ranking; empty where pictures were sought of all or of none.
    """
    if not pictures or all(name in pictures for name in listed):
        return ""
    return (
        f"To stay small, the page has pictures of {many(len(pictures), 'image')}. A report with more of them "
        "is written with `thumbnails` in Python, or `--thumbnails` on the command line."
    )


def _score(value: float, undefined: str) -> str:
    return f"{DASH} ({undefined})" if math.isnan(value) else number(value)


def ranking_title(main: Main, classes: Classes, index: int | None) -> str:
    """Return what images are ranked by: all classes, or the one of an index."""
    if index is None:
        return main.image_label
    return metric_title(main.image_of_class(classes.names[index]))


def without_number(main: Main) -> str:
    """Return why an image has no number of its own."""
    return NO_CLASS if main == MAIN_PIXELS else NO_OBJECT


def _ranked(ranking: Ranking, ranked: Ranked, place: dict[str, int]) -> list[list[Any]]:
    return [[place[one[0]], _value(ranking, one)] for one in ranked]


def _behind(evaluation: Evaluated, one: Listed, place: Mapping[str, int]) -> list[Any]:
    """Return how many images are behind a number, then the place and the value of those that are listed."""
    pairs = zip(one.images, one.values, strict=True)
    flat = [part for i, value in pairs for part in (place[evaluation.names[i]], _short(value))]
    return [one.total, *flat]


def _short(value: float) -> float | str:
    """Return pixels as they are, and a score as it is shown."""
    if isinstance(value, int):
        return value
    return "infinite" if math.isinf(value) else number(value)


def _value(ranking: Ranking, one: RankedImage) -> str:
    """Return a score in words; a distance is infinite where one side alone has the class."""
    value = one[1]
    if not one.in_target:
        return f"{'infinite' if math.isinf(value) else number(value, ranking.digits)}, {NOT_IN_TARGET}"
    return ranking.infinite if math.isinf(value) else number(value, ranking.digits)


def _shown(picture: Picture) -> list[Strip]:
    """Return the parts of a picture; beside a target alone, why the others are missing."""
    strips = strips_of(picture, _PARTS, TITLES)
    for strip in strips:
        if picture.reason and "target" in shown_parts([strip]):
            strip["parts"] += _missing(picture.reason)
    return strips


def _missing(reason: str) -> list[Part]:
    """Return what stands where prediction and errors would."""
    return [{"part": part, "title": TITLES[part], "missing": visible(reason)} for part in ("pred", "errors")]


def addressed(addresses: Mapping[str, str], no_predictions: str) -> Strip:
    """Return what a card shows of pictures that a server has, and why it has none of predictions."""
    there = [part for part in _PARTS if part in addresses]
    parts: list[Part] = [{"part": part, "title": TITLES[part], "source": addresses[part]} for part in there]
    parts += _missing(no_predictions) if no_predictions else []
    return Strip(parts=parts, width=0, height=0, full="")


def _reasons(report: Given) -> list[tuple[str, str]]:
    """Return why masks cannot be shown, and those of how many images."""
    found = Counter((_unseen(one), visible(one.reason)) for one in report.pictures.values() if one.reason)
    every = (
        [(visible(report.no_predictions), "The predictions of all images")] if report.no_predictions else []
    )
    return every + [
        (reason, f"{what}{many(count, 'image')}") for (what, reason), count in found.most_common(_MAX_REASONS)
    ]


def _unseen(one: Picture) -> str:
    """Return what cannot be seen of an image that has a reason for it, before the number of such images."""
    if one.has_target:
        return "The predictions of "
    return "The masks of " if one.photograph else ""


def _photograph_reasons(report: Given) -> list[tuple[str, str]]:
    """Return why photographs cannot be shown, and those of how many images."""
    found = Counter(
        visible(one.photograph_reason) for one in report.pictures.values() if one.photograph_reason
    )
    return [(reason, many(count, "image")) for reason, count in found.most_common(_MAX_REASONS)]


def legend(colours: Sequence[Colour], *scores: Scores) -> list[tuple[str, str]]:
    """Return what colours in masks of one or several models mean: those that occur."""
    classes, present = scores[0].classes, [one.present for one in scores]
    columns = zip(classes.names, colours, np.any(present, axis=0).tolist(), strict=True)
    shown = [(visible(name), colour(value)) for name, value, there in columns if there]
    pixels = {"no class": sum(int(one.missed.sum()) for one in scores), "ignored": scores[0].ignored}
    return shown + [(name, colour(value)) for name, value in other_colours(classes).items() if pixels[name]]
