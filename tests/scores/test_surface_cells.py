"""Rows of the classes that images have: the numbers of a plain loop, and no array of all other classes."""

import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segscore import Classes, Evaluator, hausdorff
from segscore.counts.measures import Measures
from segscore.counts.surfaces import Surfaces
from segscore.scores.surface_cells import quantiles, running_sums
from segscore.scores.surfaces import DISTANCES, SurfaceScores
from support.by_hand import Floats

IMAGES, CLASSES = 30, 9


def bits(values: Any) -> Any:
    return np.ascontiguousarray(values, np.float64).view(np.int64)


def made(classes: int = CLASSES, *, surface: str = "area", seed: int = 0, **options: Any) -> SurfaceScores:
    """Return scores of random surfaces: some images have no class, some classes are on one side alone."""
    random = np.random.default_rng(seed)
    rows: list[tuple[int, int, int, float, float, int]] = []
    lengths = []
    for image in range(IMAGES):
        before = len(rows)
        for label in np.sort(random.choice(classes, random.integers(0, 5), replace=False)).tolist():
            sides = ((0,), (1,), (0, 1), (0, 1), (0, 1))[random.integers(5)]
            for side in sides:
                number = 1 if len(sides) == 1 else int(random.integers(1, 20))
                squared = np.sort(random.choice(40, number, replace=False)) * 0.7
                if len(sides) == 1:
                    squared[:] = np.inf
                for one in squared.tolist():
                    size = 1.0 if surface == "voxels" else float(random.choice([0.3, 0.7, 1.1]))
                    rows.append((label, side, one, size, int(random.integers(1, 9)), 5.0 + image))
        lengths.append(len(rows) - before)
    label, side, squared, size, count, diagonal = (np.array(column) for column in zip(*rows, strict=True))
    record = Surfaces(np.cumsum([0, *lengths]), label, side, bits(squared), bits(size), count, bits(diagonal))
    measures = Measures.of(distances=True, surface=surface, **options)  # type: ignore[arg-type]
    names = tuple(f"{i:02d}" for i in range(IMAGES))
    return SurfaceScores.of(Classes([f"c{i}" for i in range(classes)]), names, record, measures)


def surfaces(scores: SurfaceScores) -> dict[tuple[int, int, int], tuple[Floats, Floats, Any]]:
    """Return distances, sizes and counts of each surface, by image, class and side."""
    record = scores.images._surfaces
    found = {}
    for key in sorted(
        {*zip(record.image.tolist(), record.label.tolist(), record.side.tolist(), strict=True)}
    ):
        rows = (record.image == key[0]) & (record.label == key[1]) & (record.side == key[2])
        found[key] = (record.distance[rows], record.size[rows], record.count[rows])
    return found


def number(kind: str, surface: str, sides: list[tuple[Floats, Floats, Any]]) -> float:
    """Return a distance of two surfaces, one element after the other."""
    each = [np.repeat(distance, count) for distance, _, count in sides]
    sizes = [size * count for _, size, count in sides]
    sums = [float((d * s).sum()) for (d, _, _), s in zip(sides, sizes, strict=True)]
    totals = [float(s.sum()) for s in sizes]
    if kind == "assd":
        return sum(sums) / sum(totals)
    if kind == "masd":
        return float(np.mean(np.divide(sums, totals)))
    percentile = float(kind[2:] or 100)
    if surface == "voxels":
        return max(float(np.percentile(one, percentile)) for one in each)
    upto = [np.cumsum(s) for s in sizes]
    return max(
        float(d[np.searchsorted(of / of[-1], percentile / 100)])
        for (d, _, _), of in zip(sides, upto, strict=True)
    )


@pytest.mark.parametrize("surface", ["voxels", "area"])
@pytest.mark.parametrize("kind", [*DISTANCES, "hd50", "hd1", "hd99.5"])
def test_distances_are_those_of_a_plain_loop(kind: str, surface: str) -> None:
    scores = made(surface=surface)
    wanted = np.full((IMAGES, CLASSES), np.nan)
    found = surfaces(scores)
    for image, label in sorted({key[:2] for key in found}):
        sides = [found[image, label, side] for side in (0, 1) if (image, label, side) in found]
        wanted[image, label] = np.inf if len(sides) == 1 else number(kind, surface, sides)
    images = scores.images.distance(kind)
    (np.testing.assert_array_equal if kind.startswith("hd") else np.testing.assert_allclose)(images, wanted)
    for empty, stand in (("skip", np.nan), (7.0, 7.0), ("diagonal", 5.0 + np.arange(IMAGES)[:, None])):
        filled = np.where(np.isinf(images), stand, images)
        np.testing.assert_array_equal(scores.images.distance(kind, empty=empty), filled)
        held = ~np.isnan(filled)
        mean = scores.mean_distance(kind, empty=empty)  # type: ignore[arg-type]
        of_classes = [filled[held[:, i], i].mean() if held[:, i].any() else np.nan for i in range(CLASSES)]
        np.testing.assert_allclose(mean.per_class, of_classes)
        assert mean.value == pytest.approx(np.nanmean(of_classes))
    assert np.isinf(images).sum() == scores.missed.sum() + scores.invented.sum() > 0
    assert np.isnan(images).any()
    assert (scores.mean_distance(kind).both, len(scores.images.cells.label)) == (
        np.isfinite(images).sum(),
        np.isfinite(images).sum() + np.isinf(images).sum(),
    )


def test_shares_are_those_of_a_plain_loop() -> None:
    scores = made()
    near, every = np.zeros((2, IMAGES, CLASSES, 2))
    for key, (distance, size, count) in surfaces(scores).items():
        near[key] = (size * count)[distance <= 2].sum()
        every[key] = (size * count).sum()
    images = scores.images
    np.testing.assert_allclose(images.within(2), near)
    np.testing.assert_allclose(images.weights, every)
    np.testing.assert_array_equal(images.there, every > 0)
    np.testing.assert_array_equal(images.missed, (every[..., 0] > 0) & (every[..., 1] == 0))
    np.testing.assert_array_equal(images.invented, (every[..., 1] > 0) & (every[..., 0] == 0))
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(images.dice(2), near.sum(axis=-1) / every.sum(axis=-1))
        of_all, whole = near.sum(axis=0), every.sum(axis=0)
        np.testing.assert_allclose(scores.dice(2), of_all.sum(axis=-1) / whole.sum(axis=-1))
        np.testing.assert_allclose(scores.recall(2), (of_all / whole)[:, 0])
        np.testing.assert_allclose(scores.precision(2), (of_all / whole)[:, 1])
    assert scores.missed.tolist() == images.missed.sum(axis=0).tolist()
    assert scores.invented.tolist() == images.invented.sum(axis=0).tolist()


@pytest.mark.parametrize("surface", ["voxels", "area"])
def test_other_images_change_nothing(surface: str) -> None:
    scores = made(surface=surface)
    images = scores.images
    for image in (0, 7, IMAGES - 1):
        record = images._surfaces.take(np.array([image]))
        alone = SurfaceScores.of(scores.classes, images.name[image : image + 1], record, scores.measures)
        for kind in (*DISTANCES, "hd50"):
            np.testing.assert_array_equal(alone.images.distance(kind)[0], images.distance(kind)[image])
        np.testing.assert_array_equal(alone.images.within(1)[0], images.within(1)[image])


@pytest.mark.parametrize("percentile", [1, 50, 95, 100])
def test_percentiles_of_both_sides_together(percentile: float) -> None:
    scores = made(surface="voxels")
    cells, found = scores.images.cells, surfaces(scores)
    wanted = []
    for key in zip(cells.image.tolist(), cells.label.tolist(), strict=True):
        sides = [np.repeat(d, n) for d, _, n in (found[*key, i] for i in (0, 1) if (*key, i) in found)]
        wanted.append(np.percentile(np.concatenate(sides), percentile) if len(sides) == 2 else np.inf)
    np.testing.assert_array_equal(cells.of_both(percentile), wanted)


def test_classes_that_no_image_has_take_no_memory() -> None:
    for scores in (made(10), made(60_000)):
        tracemalloc.start()
        scores.mean_hausdorff(95)
        scores.mean_assd()
        scores.dice(2)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        # A few numbers for each class, and none for each class in each image, which would be 14 MB or more.
        assert most < 8e6


@given(st.lists(st.lists(st.floats(1e-9, 1e9), min_size=1, max_size=40), max_size=12))
def test_running_sums_are_those_of_each_part(parts: list[list[float]]) -> None:
    values = np.array([value for part in parts for value in part])
    found = running_sums(values, np.cumsum([0, *map(len, parts)], dtype=np.int64))
    wanted = [np.cumsum(part) for part in parts]
    np.testing.assert_array_equal(found, np.concatenate([np.empty(0), *wanted]))


def test_running_sums_of_many_parts_are_those_of_each() -> None:
    random = np.random.default_rng(8)
    parts = [random.random(length) for length in random.integers(1, 40, 3000)]
    found = running_sums(np.concatenate(parts), np.cumsum([0, *map(len, parts)]))
    np.testing.assert_array_equal(found, np.concatenate([part.cumsum() for part in parts]))


@given(
    st.lists(st.lists(st.tuples(st.floats(0, 1e6), st.integers(1, 5)), min_size=1, max_size=9), max_size=6),
    st.floats(0, 1),
)
def test_quantiles_are_those_of_numpy(parts: list[list[tuple[float, int]]], share: float) -> None:
    rows = [(*row,) for part in parts for row in sorted(part)]
    distance, count = np.array([d for d, _ in rows]), np.array([n for _, n in rows], dtype=np.int64)
    bounds = np.cumsum([0, *map(len, parts)], dtype=np.int64)
    wanted = [np.quantile(np.repeat(*zip(*sorted(part), strict=True)), share) for part in parts]
    np.testing.assert_array_equal(quantiles(distance, count, bounds, share), wanted)


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, 2.0), (0.6, np.inf), (0.7, np.inf), (0.9, np.inf), (1.0, np.inf)]
)
def test_what_is_behind_the_last_distance_that_is_known_is_infinite(share: float, expected: float) -> None:
    distance, count = np.array([1.0, 2.0, np.inf]), np.array([1, 1, 1])
    assert quantiles(distance, count, np.array([0, 3]), share).tolist() == [expected]


def test_percentiles_beyond_the_bound_are_infinite() -> None:
    target = np.zeros((20, 40), np.uint8)
    target[5:10, 5:10] = 1
    pred = target.copy()
    pred[5, 10:12] = 1
    pred[12:14, 30:33] = 1
    judge = Evaluator(2, distances=True, within=3.0)
    judge.add(pred=pred, target=target)
    images = judge.result().surface.images
    found = [float(images.hausdorff(p)[0, 1]) for p in range(1, 101)]
    assert found == sorted(found)
    assert not np.isnan(found).any()
    assert np.isinf(found).any()
    assert np.isfinite(found).any()


@pytest.mark.parametrize("unit", [1.0, 2.0, 3.0, 0.7, 1e-3])
def test_percentiles_of_areas_do_not_hang_on_the_unit(unit: float) -> None:
    # Half of the area of one voxel is at its four nearer corners.
    target, pred = np.zeros((2, 6, 9, 9), bool)
    target[4, 6, 0] = pred[3, 8, 2] = True
    spacing = [step * unit for step in (5.0, 0.4, 0.6)]
    assert hausdorff(pred, target, percentile=50, spacing=spacing) == pytest.approx(1.4422205 * unit)
    # Of five pixels 95 % is between the fourth and the last one, and of twenty it is the nineteenth.
    target, pred = np.zeros((2, 30, 30), bool)
    for place in ((4, 22), (13, 25), (22, 19), (25, 4), (25, 19)):
        target[place] = True
    pred[7, 13] = True
    found = hausdorff(pred, target, percentile=95, spacing=[unit, unit], surface="area")
    assert found == pytest.approx(
        unit * hausdorff(pred, target, percentile=95, spacing=[1, 1], surface="area")
    )
