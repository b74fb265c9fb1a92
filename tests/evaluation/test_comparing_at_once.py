"""Comparisons before their intervals are there: the numbers are those of `compare`, and nothing is judged."""

import math
from dataclasses import replace

import pytest

from segscore import Evaluation, compare
from segscore.evaluation.comparing import compared_at_once
from segscore.results.compared import BEING_COMPUTED
from segscore.results.compared_text import verdict
from support.large import made_up
from support.shapes import shaped

LABELS = ("v1", "v2")


@pytest.fixture(scope="module")
def sides() -> tuple[Evaluation, Evaluation]:
    one, two = (made_up(60, 5, 6, model) for model in (0, 1))
    return one, two


def test_numbers_are_those_of_compare(sides: tuple[Evaluation, Evaluation]) -> None:
    found, judged = compared_at_once(*sides, on="all", labels=LABELS), compare(*sides, labels=LABELS)
    assert len(found.differences) > 7
    for one, other in zip(found.differences, judged.differences, strict=True):
        assert (one.name, one.a, one.b, one.difference) == (other.name, other.a, other.b, other.difference)
        assert one.reason == BEING_COMPUTED
        assert other.reason is None
        assert all(map(math.isnan, (one.low, one.high, one.p, one.detectable)))
        assert not math.isnan(other.p)
    for name in (
        "labels",
        "names",
        "level",
        "kind",
        "units",
        "only",
        "note",
        "identical",
        "unlike",
        "uneven",
    ):
        assert getattr(found, name) == getattr(judged, name)
    for name in ("a", "b"):
        assert getattr(found, name).tobytes() == getattr(judged, name).tobytes()


def test_numbers_of_shapes_are_those_of_compare() -> None:
    sides = shaped(1, images=40, distances=True), shaped(2, images=40, distances=True)
    found, judged = compared_at_once(*sides, on="all", labels=LABELS), compare(*sides, labels=LABELS)
    assert "hd95" in " ".join(one.name for one in found.differences)
    for one, other in zip(found.differences, judged.differences, strict=True):
        assert [one.name, one.a.hex(), one.b.hex()] == [other.name, other.a.hex(), other.b.hex()]
        assert other.reason is None or one.reason in (BEING_COMPUTED, other.reason)


def test_the_verdict_waits(sides: tuple[Evaluation, Evaluation]) -> None:
    found = compared_at_once(*sides, on="all", labels=LABELS)
    change = f"{found['mean_iou'].difference:+.4f}"
    assert verdict(found) == (
        f"v2 and v1: mean IoU {change}; whether they differ beyond chance is being computed"
    )


def test_what_is_known_without_intervals_is_said_at_once(sides: tuple[Evaluation, Evaluation]) -> None:
    one, two = (replace(side, groups=tuple("ab" * 30)) for side in sides)
    for pair in ((one, two), (one, one)):
        found, judged = compared_at_once(*pair, on="all", labels=LABELS), compare(*pair, labels=LABELS)
        assert verdict(found) == verdict(judged)
