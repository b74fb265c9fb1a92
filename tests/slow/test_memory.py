"""Large datasets in bounded memory."""

import os
from pathlib import Path

import numpy as np
import pytest

from support.masks_on_disk import png
from support.processes import PEAK, python

pytestmark = pytest.mark.slow

IMAGES_OF_171_CLASSES = """
import sys
import numpy as np
import segscore

random = np.random.default_rng(0)
# Some 20 of 171 classes in an image, confused with one another: a few hundred pairs an image.
palettes = random.integers(0, 171, (64, 20), dtype=np.uint8)
masks = [random.choice(palette, (24, 24)) for palette in palettes]
judge = segscore.Evaluator("coco-stuff-171")
labels = np.array(judge.classes.labels, np.uint8)
before = peak()
for i in range(5000):
    judge.add(pred=labels[masks[i % 61]], target=labels[masks[i % 64]], name=f"{i:06d}")
evaluation = judge.result()
rows = len(evaluation.table.pixels)
added = peak() - before
evaluation.scores.mean_iou
evaluation.mean_image_iou
evaluation.worst(10)
evaluation.images.iou
evaluation.confusion.counts
evaluation.save(sys.argv[1])
assert segscore.load(sys.argv[1]) == evaluation
print(rows, added, peak() - before)
"""


def test_171_classes_and_5000_images(tmp_path: Path) -> None:
    code = PEAK + IMAGES_OF_171_CLASSES
    rows, added, read = (int(word) for word in python(code, f"{tmp_path}/a.npz").split())
    assert 1_000_000 < rows < 3_000_000
    # One int64 a cell and image would be 1,170,000 KiB; the rows take some 6,000 in the core, and 33,000
    # in the table. Measured: 54,000 and 155,000.
    assert added < 100_000
    assert read < 300_000


FOLDERS = """
import sys
import segscore

folder, number, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])

def evaluate(name):
    sides = {side: f"{folder}/{side}/{name}" for side in ("pred", "target")}
    return segscore.evaluate(**sides, classes=19, threads=threads, progress=False)

evaluate("one/0.png")  # what is loaded and made once
before = peak()
evaluation = evaluate(number)
print(len(evaluation.table.pixels), peak() - before)
"""


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pairs of PNG files in folders that are named by how many they are; a few are linked many times."""
    folder = tmp_path_factory.mktemp("folders")
    random = np.random.default_rng(0)
    for side in ("pred", "target"):
        for number in ("one", "100", "10000"):
            (folder / side / number).mkdir(parents=True)
        for i in range(10):
            patches = random.integers(0, 19, (8, 8))
            file = folder / side / f"one/{i}.png"
            file.write_bytes(png(np.kron(patches, np.ones((32, 32), np.uint8))))
        for number in (100, 10_000):
            for i in range(number):
                os.link(folder / side / f"one/{i % 10}.png", folder / side / f"{number}/{i}.png")
    return folder


@pytest.mark.parametrize("threads", [1, 2, 8])
def test_10000_files_take_the_memory_of_their_rows(folders: Path, threads: int) -> None:
    few, many = (
        [int(word) for word in python(PEAK + FOLDERS, folders, number, threads).split()]
        for number in (100, 10_000)
    )
    assert many[0] == 100 * few[0] > 500_000
    # A row has 8 bytes at most in the core, 24 in the columns of the table, and 8 while labels are
    # checked. An image has names, paths and a few objects. Pixels would be 1,300,000 KiB.
    rows, images, constant = 40 * (many[0] - few[0]), 1_500 * 9_900, 8 << 20
    assert (many[1] - few[1]) * 1024 < rows + images + constant
