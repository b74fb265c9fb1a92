"""The images that changed most, both ways, with the masks of both models and what the second one mends."""

import math
from collections import Counter
from typing import Any

from segscore.base.wording import many, visible
from segscore.classes.colours import CHANGES, colour
from segscore.pages.compared.given import Given
from segscore.pages.page import Panel, rendered
from segscore.pages.panels.pictures import (
    NO_PIXEL,
    legend,
    limit_of,
    ranking_title,
    why_no_pictures,
    without_number,
)
from segscore.pages.panels.strips import SCRIPTS, shown_parts, strips_of, volumes_said
from segscore.pages.panels.viewed import viewed
from segscore.results.compared import Change, Compared
from segscore.text.numbers import DASH, number, signed

_PARTS = ("photograph", "target", "a", "b", "change")
_MAX_REASONS = 5


def panel(comparison: Compared, compared: Given) -> Panel | None:
    """Return the images that changed most, None where none did; its data are the rankings."""
    rankings = [one for one in compared.rankings if one.gained or one.lost]
    if not rankings:
        return None
    listed = dict.fromkeys(change.name for one in rankings for change in (*one.gained, *one.lost))
    # Those with pictures first, so that a list without scripts shows them.
    pictures = {name: one for name, one in compared.pictures.items() if one.has_target or one.photograph}
    names = [*pictures, *(name for name in listed if name not in pictures)]
    place = {name: i for i, name in enumerate(names)}
    index = {name: i for i, name in enumerate(comparison.names)}
    labels = [visible(label) for label in comparison.labels]
    titles = {"photograph": "Image", "target": "Target", "a": labels[0], "b": labels[1], "change": "Change"}
    accuracy = [
        dict(zip(side.names, side.images.pixel_accuracy.tolist(), strict=True)) for side in compared.sides
    ]
    of_pixels, none = compared.sides[0].measures.of_pixels, without_number(comparison.main)
    cards: list[dict[str, Any]] = []
    for name, picture in pictures.items():
        i = index[name]
        mean = _change(float(comparison.a[i]), float(comparison.b[i]), none)
        scores = f"{comparison.main.image_label} {mean}"
        if of_pixels:
            scores += f", pixel accuracy {_change(accuracy[0][name], accuracy[1][name], NO_PIXEL)}"
        strips = strips_of(picture, _PARTS, titles)
        cards.append({"name": visible(name), "mean": mean, "scores": scores, "strips": strips})
    parts = shown_parts(strip for card in cards for strip in card["strips"])
    classes = compared.sides[0].classes
    listed_rankings = [
        {
            "title": ranking_title(comparison.main, classes, one.index),
            "lost": _ranked(one.lost, place, none),
            "gained": _ranked(one.gained, place, none),
        }
        for one in rankings
    ]
    data = {"names": [visible(name) for name in names], "rankings": listed_rankings}
    body = rendered(
        "compared/pictures.html",
        cards=cards,
        viewer=viewed(classes, dict(zip("ab", compared.sides, strict=True)), titles, [*pictures]),
        volumes=volumes_said(pictures.values(), "that changed most"),
        measure=comparison.main.image_label,
        rankings=[ranking["title"] for ranking in listed_rankings],
        start="lost" if rankings[0].lost else "gained",
        reasons=_reasons(compared, labels),
        limit=limit_of(compared.pictures, listed),
        photographs=compared.photographs,
        total=len(comparison.names),
        compared=many(len(comparison.names), "image"),
        labels=labels,
        no_pictures=why_no_pictures(compared.sides[0]),
        legend=legend(compared.colours, *(side.scores for side in compared.sides))
        if parts & {"target", "a", "b"}
        else [],
        changes=[(name, colour(value)) for name, value in CHANGES.items()] if "change" in parts else [],
    )
    title = "Images that changed most"
    return Panel("pictures", title, body, data, scripts=SCRIPTS)


def _change(a: float, b: float, undefined: str) -> str:
    """Return a score under both models; targets are the same, so that both are undefined, or neither is."""
    if math.isnan(b - a):
        return f"{DASH} ({undefined})"
    return f"{number(a, 3)} to {number(b, 3)} ({signed(b - a, 3)})"


def _ranked(changes: tuple[Change, ...], place: dict[str, int], none: str) -> list[list[Any]]:
    return [[place[change.name], _change(change.a, change.b, none)] for change in changes]


def _reasons(compared: Given, labels: list[str]) -> list[tuple[str, str]]:
    """Return what cannot be shown, and of how many images."""
    what = {"a": f"Masks of {labels[0]}", "b": f"Masks of {labels[1]}"}
    found: Counter[tuple[str, str]] = Counter()
    for one in compared.pictures.values():
        # What both models lack for the same reason is said once.
        of_both = len(one.reasons) > 1 and len({reason for _, reason in one.reasons}) == 1
        both = "Predictions" if one.has_target else "Masks"
        for which, reason in one.reasons[:1] if of_both else one.reasons:
            found[both if of_both else what[which], visible(reason)] += 1
        if one.photograph_reason:
            found["Photographs", visible(one.photograph_reason)] += 1
    return [
        (f"{kind} cannot be shown for {many(count, 'image')}", reason)
        for (kind, reason), count in found.most_common(_MAX_REASONS)
    ]
