"""Intervals and p-values of average precision by each convention, against images that are really repeated."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from segscore import Evaluation, compare
from segscore.scores.named import number_of
from segscore.statistics.intervals import estimates
from segscore.statistics.paired import paired, prepared, swapped
from segscore.statistics.prepared import Prepared
from segscore.statistics.units import Units, draws, swaps
from support import detections

Pair = tuple[Evaluation, Evaluation]
KINDS: dict[str, tuple[dict[str, Any], Callable[[Evaluation], Evaluation], tuple[str, ...]]] = {
    "lvis": ({"instances": "lvis"}, lambda ev: ev, ("mean_ap", "ap.dog", "ap50.cat")),
    "cityscapes": ({}, detections.as_cityscapes, ("mean_ap", "ap.dog", "ap50.cat", "mean_ap75")),
    "boundary": ({"boundary": 1}, lambda ev: ev, ("mean_ap", "mean_boundary_ap", "boundary_ap75.cat")),
    "ignore": ({"ignore_flag": True}, lambda ev: ev, ("mean_ap", "ap.dog")),
}


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Pair]:
    options, made, _ = KINDS[request.param]
    one, two = detections.two_models(tmp_path_factory.mktemp(request.param), **options)
    return request.param, (made(one), made(two))


def taken(images: np.ndarray, *evaluations: Evaluation) -> Evaluation:
    """Return images of evaluations that are counted on, each as often as it is named."""
    first = evaluations[0]
    stacked = [
        type(one).stack(list(of))
        for one, *of in zip(first.measured, *(e.measured for e in evaluations), strict=True)
    ]
    table = type(first.table).stack([one.table for one in evaluations])
    return replace(
        first,
        names=tuple(f"{i:04}" for i in range(len(images))),
        table=table.take(images),
        measured=tuple(record.take(images) for record in stacked),
    )


def test_resamples_are_of_images_that_were_drawn(kind: tuple[str, Pair]) -> None:
    (name, (ev, _)), at = kind, np.arange(40)
    names, units = KINDS[name][2], Units.made(ev.names, None)
    ready = Prepared(ev, at, ev.cells, units, [number_of(one, ev.classes) for one in names])
    found = estimates([ready], 6, 3)
    for weights, row in zip(draws(units, 3)(6), found.resampled, strict=True):
        drawn = taken(np.repeat(at, weights), ev)
        np.testing.assert_allclose(row, [drawn.metric(one) for one in names], rtol=1e-12)
    assert ready.whole().tolist() == [ev.metric(one) for one in names]
    spread = np.ptp(found.resampled, axis=0)
    assert (spread > 0.01).all()


def test_swaps_are_of_images_that_were_swapped(kind: tuple[str, Pair]) -> None:
    (name, both), at = kind, np.arange(40)
    names, units = KINDS[name][2], Units.made(both[0].names, None)
    chosen = [number_of(one, both[0].classes) for one in names]
    found = swapped(prepared(both, paired(*both, "all")[:2], units, chosen), 4, 5)
    for weights, row in zip(swaps(units, 5, 4)[0](4), found, strict=True):
        first, second = np.where(weights, at + 40, at), np.where(weights, at, at + 40)
        sides = [taken(images, *both) for images in (first, second)]
        expected = [sides[1].metric(one) - sides[0].metric(one) for one in names]
        np.testing.assert_allclose(row, expected, atol=1e-12)


def test_models_are_compared_by_it(kind: tuple[str, Pair]) -> None:
    name, both = kind
    found = compare(*both, resamples=300)
    assert found.headline == found["mean_ap"]
    assert found.headline.difference == pytest.approx(both[1].metric("mean_ap") - both[0].metric("mean_ap"))
    assert found.headline.low < found.headline.difference < found.headline.high
    assert [one.name for one in found.classes] == ["ap.dog", "ap.cat"]
    bands = {"mean_boundary_ap", "mean_boundary_ap50", "mean_boundary_ap75"}
    assert bands <= {one.name for one in found.differences} if name == "boundary" else True
