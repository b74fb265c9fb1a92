"""What is tried wherever a wheel is installed: `python .ci/smoke.py` in an empty folder.

Counts of arrays and of files that zlib has written are those of NumPy, also where eight threads take turns,
for which a Python without a lock stays without it; what was pickled comes back.
"""

import pickle
import struct
import sys
import sysconfig
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

import segscore

CLASSES = 19
IGNORED = 255
THREADS = 8
TIMES = 8
"""How often threads count each image."""
Labels = npt.NDArray[np.uint8]


def by_numpy(pred: Labels, target: Labels) -> npt.NDArray[np.int64]:
    """Return the pixels of each pair of classes, targets down."""
    valid = target != IGNORED
    pairs = CLASSES * target[valid].astype(np.int64) + pred[valid]
    return np.bincount(pairs, minlength=CLASSES**2).reshape(CLASSES, CLASSES)


def write_png(path: Path, labels: Labels) -> None:
    """Write labels as 8-bit grey."""
    height, width = labels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in labels)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n"
    for kind, body in ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")):
        data += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    path.write_bytes(data)


def by_threads(pred: Labels, target: Labels) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return what threads count, in no order, in one matrix and in one evaluator."""
    cm = segscore.ConfusionMatrix(CLASSES, ignore_index=IGNORED)
    judge = segscore.Evaluator(CLASSES, ignore_index=IGNORED)

    def count(number: int) -> None:
        image = number % len(pred)
        cm.update(pred=pred[image], target=target[image])
        judge.add(pred=pred[image], target=target[image], name=f"{number}")

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(count, range(TIMES * len(pred))))
    return cm.counts, judge.result().confusion.counts


def main() -> None:
    """Try it, or fail."""
    rng = np.random.default_rng(0)
    target = rng.integers(0, CLASSES, (8, 480, 640), dtype=np.uint8)
    other = rng.integers(0, CLASSES, target.shape, dtype=np.uint8)
    pred = np.where(rng.random(target.shape) < 0.3, other, target)
    target[rng.random(target.shape) < 0.05] = IGNORED
    expected = by_numpy(pred, target)

    cm = segscore.ConfusionMatrix(CLASSES, ignore_index=IGNORED)
    cm.update(pred=pred, target=target)
    np.testing.assert_array_equal(cm.counts, expected)
    again = pickle.loads(pickle.dumps(cm))
    np.testing.assert_array_equal(again.counts, expected)

    for counts in by_threads(pred, target):
        np.testing.assert_array_equal(counts, TIMES * expected)
    free = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
    assert getattr(sys, "_is_gil_enabled", lambda: True)() is not free

    for folder, stack in (("pred", pred), ("target", target)):
        Path(folder).mkdir()
        for number, labels in enumerate(stack):
            write_png(Path(folder, f"{number}.png"), labels)
    ev = segscore.evaluate(pred="pred", target="target", classes=CLASSES, ignore_index=IGNORED)
    np.testing.assert_array_equal(ev.confusion.counts, expected)
    np.testing.assert_array_equal(ev.confusion.counts, sum(map(by_numpy, pred, target)))
    assert pickle.loads(pickle.dumps(ev)) == ev
    version = ".".join(map(str, sys.version_info[:3]))
    pixels = f"{expected.sum():,} pixels of arrays and of files are counted as by NumPy"
    print(f"Python {version}{'t' * free}, NumPy {np.__version__}: {pixels}")


if __name__ == "__main__":
    main()
