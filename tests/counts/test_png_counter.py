"""Pairs of PNG whose bytes are here already: the core makes of them what it makes of files."""

from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

from segscore import MaskError, ShapeError
from segscore._core import PairCounts, PngCounter, count_files
from support.masks_on_disk import PALETTE, RGB, png
from support.refused import refused

RULES: dict[str, Any] = {"max_pixels": 10_000, "colours": True, "resize": False}


def _labels(seed: int, *shape: int) -> Any:
    return np.random.default_rng(seed).integers(0, 5, shape or (9, 8)).astype(np.uint8)


PAIRS = {
    "gray": (png(_labels(1)), png(_labels(2))),
    "palettes": (png(_labels(1), colour=PALETTE, palette=np.eye(5, 3, dtype=int)), png(_labels(2))),
    "colours": (png(_labels(1, 9, 8, 3), colour=RGB), png(_labels(2, 9, 8, 3), colour=RGB)),
    "large": (png(_labels(1, 90, 100)), png(_labels(2, 90, 100))),
}


def test_counts_are_those_of_files(tmp_path: Path) -> None:
    counter = PngCounter()
    for _ in range(2):  # what is kept from one pair is nothing to the next
        for name, pair in PAIRS.items():
            paths = [tmp_path / side for side in ("pred.png", "target.png")]
            for path, content in zip(paths, pair, strict=True):
                path.write_bytes(content)
            (expected,) = count_files(
                [tuple(paths)], **RULES, threads=1, most_rows=1 << 20, tick=lambda _: None
            )
            assert counter.count((pair[0], "p"), (pair[1], "t"), **RULES) == expected, name


def test_counts_are_those_of_numpy() -> None:
    target, pred = _labels(2), _labels(1)
    pairs, shapes, palettes = PngCounter().count((png(pred), "p"), (png(target), "t"), **RULES)
    rows, pixels = np.unique(np.stack([target.ravel(), pred.ravel()]), axis=1, return_counts=True)
    assert pairs == PairCounts.from_columns(*rows.astype(np.int64), pixels)
    assert (shapes, palettes) == (((9, 8), (9, 8)), (None, None))


def test_whoever_is_to_blame_is_named() -> None:
    good, other = png(_labels(1)), png(_labels(1, 3, 4))
    counter = PngCounter()
    for pred, target, named in ((b"x", good, "s3://b/p.png"), (good, b"x", "memory://t.png")):
        text = refused(MaskError, counter.count, (pred, "s3://b/p.png"), (target, "memory://t.png"), **RULES)
        assert text.startswith(f"{named}: expected a PNG, found ")
    with pytest.raises(ShapeError, match=r"differ in shape: \(9, 8\) and \(3, 4\)"):
        counter.count((good, "p"), (other, "t"), **RULES)
    pairs, _, _ = counter.count((good, "p"), (other, "t"), **{**RULES, "resize": True})
    assert pairs.total == 12


def test_threads_may_share_one() -> None:
    counter, (pred, target) = PngCounter(), PAIRS["large"]
    expected = counter.count((pred, "p"), (target, "t"), **RULES)
    found: list[object] = []
    threads = [
        Thread(target=lambda: found.append(counter.count((pred, "p"), (target, "t"), **RULES)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4
