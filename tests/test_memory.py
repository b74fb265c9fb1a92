"""Large datasets in bounded memory."""

from pathlib import Path

from processes import python

CODE = """
import resource, sys
import numpy as np
import segscore

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # KiB

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
    rows, added, read = (int(word) for word in python(CODE, f"{tmp_path}/a.npz").split())
    assert 1_000_000 < rows < 3_000_000
    # One int64 a cell and image would be 1,170,000 KiB; the rows take some 33,000 in the core, and as
    # much again in the table. Measured: 97,000 and 170,000.
    assert added < 200_000
    assert read < 300_000
