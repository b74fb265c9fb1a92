"""Class scores, against NumPy's `argmax` and `fast_hist`: counted, and as label maps; classes first and last.

Both run in one process on the same arrays, on one thread, after their answers were found equal. Figures
are read as ratios.
"""

import numpy as np
import pytest

import segscore
from segscore.counts.logits import labels_of_logits

K, HEIGHT, WIDTH = 19, 1024, 2048


@pytest.fixture(scope="module")
def target():
    """Labels in squares of 32 x 32 pixels."""
    coarse = np.random.default_rng(0).integers(0, K, (HEIGHT // 32, WIDTH // 32)).astype(np.uint8)
    return np.kron(coarse, np.ones((32, 32), np.uint8))


@pytest.fixture(scope="module")
def scores(target):
    """float32 (K, HEIGHT, WIDTH): noise, with the right class mostly ahead."""
    scores = np.random.default_rng(1).standard_normal((K, HEIGHT, WIDTH), dtype=np.float32)
    for k, plane in enumerate(scores):
        plane[target == k] += 5
    return scores


def fast_hist(logits, target, axis):
    pred = logits.argmax(axis=axis)
    cells = K * target.astype(np.int64).ravel() + pred.ravel()
    return np.bincount(cells, minlength=K * K).reshape(K, K)


def count(logits, target, axis):
    cm = segscore.ConfusionMatrix(K)
    cm.update(logits=logits, target=target, class_axis=axis)
    return cm.counts


@pytest.mark.parametrize("dtype", ["float32", "float16", "float64"])
@pytest.mark.parametrize("axis", [0, -1], ids=["planes", "channels-last"])
@pytest.mark.parametrize("way", [count, fast_hist], ids=["segscore", "numpy"])
def test_logits(benchmark, request, way, axis, dtype):
    target, scores = request.getfixturevalue("target"), request.getfixturevalue("scores")
    benchmark.group = f"logits {K} x {HEIGHT} x {WIDTH} {dtype}, class_axis={axis}"
    logits = np.ascontiguousarray(np.moveaxis(scores, 0, axis), dtype=dtype)
    assert np.array_equal(count(logits, target, axis), fast_hist(logits, target, axis))
    benchmark.extra_info["pixels"] = target.size
    benchmark(way, logits, target, axis)


@pytest.mark.parametrize("dtype", ["float32", "float16", "float64"])
@pytest.mark.parametrize("axis", [0, -1], ids=["planes", "channels-last"])
@pytest.mark.parametrize("way", ["segscore", "numpy"])
def test_labels(benchmark, way, axis, dtype):
    benchmark.group = f"labels of logits 11 x 360 x 480 {dtype}, class_axis={axis}"
    scores = np.random.default_rng(2).standard_normal((11, 360, 480))
    logits = np.ascontiguousarray(np.moveaxis(scores, 0, axis), dtype=dtype)
    ways = {
        "segscore": lambda: labels_of_logits(segscore.Classes.of(11), logits, axis),
        "numpy": lambda: logits.argmax(axis=axis),
    }
    assert np.array_equal(ways["segscore"](), ways["numpy"]())
    benchmark(ways[way])
