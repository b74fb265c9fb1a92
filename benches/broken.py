"""Datasets broken in many ways: how many are read as meant, refused, warned of, and wrong in silence.

`python benches/broken.py` prints the table, and ends with exit code 1 unless the last column is zero and
clean datasets are read as meant without a warning. A dataset is read as meant if its number of images, the
IoU of each class, the accuracy and the mean over the images are those that plain NumPy computes from the
arrays before they were broken; it is warned of if a finding of the evaluation or the audit names what was
done, or the audit says that it could not look for it.

What the data cannot tell is left out. A model that is worse would give the same: masks that are shifted or
mirrored, so that much stays in place; labels side by side that JPEG or interpolation turned into each other;
images of a list of arrays in another order. Predictions given as targets have the same IoU where no target
holds void. A stack of many images along its last axis has a shape that others have, too. What could happen
by chance to a model that learned nothing is drawn with as many images as tell it from one.
"""

import argparse
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

import broken_arrays  # noqa: F401 - each of these adds its ways
import broken_clean  # noqa: F401
import broken_files  # noqa: F401
import broken_labels  # noqa: F401
import broken_pictures  # noqa: F401
import segscore
from broken_data import Score, draw
from broken_ways import CLEAN, WAYS, Way
from segscore import Evaluation, SegscoreError

SEED = 20261128
OUTCOMES = AS_MEANT, REFUSED, WARNED, SILENT = "as meant", "refused", "warned of", "wrong in silence"
_SHOWN = 10


class Outcome(NamedTuple):
    """What became of a dataset."""

    number: int
    way: str
    outcome: str
    """One of `OUTCOMES`."""
    told: tuple[str, ...]
    """Kinds of errors and warnings found, notes and limits that name the way; or why it is refused."""


def outcome(number: int, ways: Sequence[Way], seed: int) -> Outcome:
    """Make the dataset of a number, break it in the way whose turn it is, and see what is said of it."""
    way = ways[number % len(ways)]
    rng = np.random.default_rng((seed, number))
    data = draw(rng, way.needs)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # each is a finding, too
        given = way.make(data, Path(folder), rng)
        options = {**given.options, "threads": 1, "progress": False}
        try:
            found = segscore.evaluate(**options) if given.call is None else given.call()
            audit = found.audit() if given.call is not None else segscore.audit(**options)
            findings = [*found.findings, *audit.findings]
        except SegscoreError as error:
            return Outcome(number, way.name, REFUSED, (str(error),))
        except Exception as error:
            error.add_note(f"dataset {number} of seed {seed}: {way.name}")
            raise
    told = {one.kind: None for one in findings if one.severity != "note" or one.kind in way.told}
    told |= {
        what: None for what in (str(limit).partition(":")[0] for limit in audit.limits) if what in way.told
    }
    if is_true(found, data.score):
        return Outcome(number, way.name, AS_MEANT, tuple(told))
    return Outcome(number, way.name, WARNED if way.told & told.keys() else SILENT, tuple(told))


def is_true(found: Evaluation, score: Score) -> bool:
    """Whether an evaluation has the scores that it must have."""
    numbers = [*found.scores.iou, found.scores.pixel_accuracy, found.mean_image_iou]
    expected = [*score.iou, score.accuracy, score.mean_image_iou]
    same = len(found.names) == score.images and len(numbers) == len(expected)
    return same and np.allclose(numbers, expected, rtol=1e-12, atol=0, equal_nan=True)


def table(ways: Sequence[Way], outcomes: Sequence[Outcome]) -> str:
    """Return a row for each way as Markdown."""
    rows = [["way", "datasets", *OUTCOMES], ["---"] * (2 + len(OUTCOMES))]
    numbers = Counter((one.way, one.outcome) for one in outcomes)
    for name in [way.name for way in ways]:
        counts = [numbers[name, kind] for kind in OUTCOMES]
        rows.append([name, str(sum(counts)), *map(str, counts)])
    sums = [sum(one.outcome == kind for one in outcomes) for kind in OUTCOMES]
    rows.append(["**all**", str(len(outcomes)), *map(str, sums)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def wrong(outcomes: Sequence[Outcome], clean: Sequence[Outcome]) -> list[Outcome]:
    """Return the outcomes that must not be."""
    silent = [one for one in outcomes if one.outcome == SILENT]
    return silent + [one for one in clean if one.outcome != AS_MEANT or one.told]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasets", type=int, default=2_000, help="that are broken")
    parser.add_argument("--clean", type=int, default=200, help="datasets that are not")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--only", default="", metavar="WORDS", help="ways with these words in their name")
    chosen = parser.parse_args(arguments)
    ways = [way for way in WAYS if chosen.only in way.name]
    with ProcessPoolExecutor() as pool:
        run = partial(pool.map, chunksize=10)
        broken = list(run(partial(outcome, ways=ways, seed=chosen.seed), range(chosen.datasets)))
        clean = list(run(partial(outcome, ways=CLEAN, seed=chosen.seed), range(chosen.clean)))
    print(f"seed {chosen.seed}, {len(ways)} ways\n\n{table(ways, broken)}\n\nclean:\n\n{table(CLEAN, clean)}")
    bad = wrong(broken, clean)
    for one in bad[:_SHOWN]:
        print(f"dataset {one.number}, {one.outcome}: {one.way}: {', '.join(one.told) or 'nothing found'}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
