"""Counting pairs of label maps, against NumPy's `fast_hist`, the loop that most evaluations contain.

`pip install '.[bench]' && pytest benches` times both in one process on the same arrays, after their
answers were found equal. No decoding is included. Figures are read as ratios: absolute times mean
little on a shared machine.
"""

import numpy as np
import pytest

import segscore
from segscore.demo import write_demo
from segscore.masks import read_mask

K = 6


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """Label maps of the demo, 240 x 320, (pred, target) each."""
    made = write_demo(tmp_path_factory.mktemp("demo"))
    names = sorted(path.name for path in made.target.iterdir())
    sides = (made.v2, made.target)
    return [tuple(read_mask(str(side / name), colours=False) for side in sides) for name in names]


def fast_hist(pairs):
    counts = np.zeros((K, K), dtype=np.int64)
    for pred, target in pairs:
        cells = K * target.astype(np.int64).ravel() + pred.ravel()
        counts += np.bincount(cells, minlength=K * K).reshape(K, K)
    return counts


def count(pairs):
    cm = segscore.ConfusionMatrix(K)
    for pred, target in pairs:
        cm.update(pred=pred, target=target)
    return cm


@pytest.mark.parametrize("dtype", ["uint8", "int64"])
@pytest.mark.parametrize("way", ["segscore", "numpy"])
def test_count(benchmark, pairs, way, dtype):
    benchmark.group = f"count 240x320 {dtype}"
    pairs = [(pred.astype(dtype), target.astype(dtype)) for pred, target in pairs]
    assert np.array_equal(count(pairs).counts, fast_hist(pairs))
    benchmark.extra_info["pixels"] = sum(pred.size for pred, _ in pairs)
    benchmark(count if way == "segscore" else fast_hist, pairs)
