"""Each way to do each work, timed after its answer was found to be that of segscore.

`pip install . --group bench && pytest benches`. Works and peers are defined in `works` and `peers`; the table
of `python benches/table.py` compares them in rounds that take turns, which is what figures are quoted from.
"""

import numpy as np
import pytest

import limits
from made_masks import LARGE, scenes
from peers import Way
from works import REAL, Work, same, works

# Erosions of large bands and trees of many points take long, and are compared at small sizes.
_SLOW = {f"{name}, 1920x1440" for name in ("boundary IoU", "distances of scenes")}
_MADE = [work for work in works(volume=(24, 60, 50)) if work.name not in _SLOW]
_REAL = [work for work in works(REAL) if work.group == "folders" and "demo" not in work.name]


def _cases(chosen: list[Work], *marks: pytest.MarkDecorator) -> list[object]:
    return [
        pytest.param(work, way, marks=marks, id=f"{work.name}, {way.name}")
        for work in chosen
        for way in work.ways
    ]


_NEEDS_REAL = pytest.mark.skipif(
    not (REAL / "camvid-1920").is_dir(), reason=f"not measured: no real masks at {REAL}"
)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Return a function from a work to its data and answer, which are kept until another work comes."""
    kept = {}

    def prepare(key, work):
        if key not in kept:
            kept.clear()
            data = work.data(tmp_path_factory.mktemp("data"))
            kept[key] = data, work.ways[0].run(data)
        return kept[key]

    return prepare


@pytest.mark.parametrize(("work", "way"), _cases(_MADE))
def test_made(benchmark, prepared, work: Work, way: Way):
    _time(benchmark, way, work, f"{work.name}, made", prepared)


@pytest.mark.parametrize(("work", "way"), _cases(_REAL, pytest.mark.shared, _NEEDS_REAL))
def test_real(benchmark, prepared, work: Work, way: Way):
    _time(benchmark, way, work, f"{work.name}, real", prepared)


def _time(benchmark, way, work, group, prepared):
    if way.missing:
        pytest.skip(f"not measured: {way.missing}")
    data, answer = prepared(group, work)
    assert same(way.run(data), answer, work.tolerance)
    benchmark.group = group
    benchmark.extra_info[work.unit] = work.amount(data)
    benchmark(way.run, data)


def test_limits_read_all_that_is_scored(tmp_path):
    if limits.INFLATING.missing:
        pytest.skip(f"not measured: {limits.INFLATING.missing}")
    (work,) = [work for work in _MADE if work.name == "PNG folders, 1920x1440"]
    folders = work.data(tmp_path)
    _, width = LARGE
    # A byte in front of each row says which filter it has.
    assert limits.inflate(folders) == 2 * folders.pixels // width * (width + 1)


def test_same_tells_wrong_answers():
    counts = np.array([[1_000_000, 2], [3, 4]])
    wrong = counts + np.array([[1, 0], [0, 0]])
    assert same(counts, counts.copy())
    assert not same(counts, wrong)
    assert same(counts / 3, counts / 3)
    assert not same(counts / 3, wrong / 3)
    assert same([("a.png", "b.png")], [("a.png", "b.png")])
    assert not same([("a.png", "b.png")], [("a.png", "c.png")])


def test_enlarged_masks_hold_nearest_pixels():
    pairs = scenes((360, 480), 2).first(1)
    large = pairs.enlarged((720, 960))
    assert large.pixels == 4 * pairs.pixels
    for old, new in zip(pairs.pred + pairs.target, large.pred + large.target, strict=True):
        assert np.array_equal(new, np.kron(old, np.ones((2, 2), old.dtype)))
