"""How often intervals of average precision hold the truth: simulated detections.

`python benches/intervals_objects.py` prints the table of docs/statistics.md. Images are drawn again and again
from a population whose average precision is known from very many of them; everything is computed through
`segscore.Evaluation`, and so are the differences of two models on the same images.
"""

import argparse
import math
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial

# One thread of the core in each process, as there is a process for each processor.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from segscore import Classes, Evaluation, compare, set_num_threads
from segscore.counts.measures import Measures
from segscore.counts.objects import PRED, TARGET, Objects, Overlaps, bits
from segscore.counts.table import Table
from segscore.statistics.intervals import confidence_intervals

PRESENT = (1.0, 0.5, 0.3)
"""Share of the images that each class is in."""
IMAGES = (30, 50, 100, 200, 500)
METRICS = ("mean_ap", "mean_ap50", *(f"ap.{100 * share:g} %" for share in PRESENT))
_PIXELS = 10_000
_POPULATION = 60_000
_RESAMPLES = 1_000


def draw(random: np.random.Generator, images: int, skills: tuple[float, ...]) -> tuple[Evaluation, ...]:
    """Return models of these skills on the same images, which are not equally hard."""
    there = random.random((images, len(PRESENT))) < PRESENT
    counts = np.where(there, 1 + random.poisson(1.5, there.shape), 0)
    hard = random.normal(0, 0.7, (images, 1)) + random.normal(0, 0.4, there.shape)
    image, label = (np.repeat(one.ravel(), counts.ravel()) for one in np.indices(there.shape))
    own = hard[image, label] + random.normal(0, 0.8, len(image))
    return tuple(_model(random, (images, image, label), own, hard, skill) for skill in skills)


def _model(
    random: np.random.Generator,
    targets: tuple[int, np.ndarray, np.ndarray],
    own: np.ndarray,
    hard: np.ndarray,
    skill: float,
) -> Evaluation:
    images, image, label = targets
    ease = skill - own + random.normal(0, 0.4, len(own))
    found = np.flatnonzero(ease + random.normal(0, 0.5, len(own)) > -1)
    iou = 0.45 + 0.5 / (1 + np.exp(-ease[found] + random.normal(0, 0.7, len(found))))
    score = ease[found] + random.normal(0, 0.8, len(found))
    false = random.poisson(np.exp(-1 + 0.4 * hard))
    extra, kind = (np.repeat(one.ravel(), false.ravel()) for one in np.indices(false.shape))
    side = np.repeat([TARGET, PRED], [len(image), len(found) + len(extra)])
    of_image = np.concatenate([image, image[found], extra])
    of_label = np.concatenate([label, label[found], kind])
    of_score = np.concatenate([np.zeros(len(image)), score, random.normal(skill - 1.2, 1, len(extra))])
    target = np.concatenate([np.full(len(image), -1), found, np.full(len(extra), -1)])
    order = np.lexsort((side, of_image))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    ends = np.cumsum(np.bincount(of_image, minlength=images))
    offsets = np.concatenate([[0], ends])
    number = np.arange(len(order))
    pixels = np.full(len(order), _PIXELS)
    columns = (
        side[order],
        number,
        of_label[order],
        pixels,
        bits(pixels.astype(np.float64)),
        bits(of_score[order]),
        np.zeros_like(number),
        np.zeros_like(number),
        number,
    )
    objects = Objects(offsets, *columns)
    hits = np.flatnonzero(target >= 0)
    rows = place[hits]
    sharing = np.lexsort((rows, place[target[hits]]))
    hits, rows = hits[sharing], rows[sharing]
    # Of two masks of equal size, which share so much of both.
    shared = np.round(2 * _PIXELS * iou / (1 + iou)).astype(np.int64)[hits - len(image)]
    of_hit = of_image[hits]
    start = offsets[:-1][of_hit]
    overlaps = Overlaps(
        np.concatenate([[0], np.cumsum(np.bincount(of_hit, minlength=images))]),
        place[target[hits]] - start,
        rows - start - objects.targets[of_hit],
        shared,
    )
    none = np.empty(0, np.int64)
    return Evaluation(
        Classes([f"{100 * share:g} %" for share in PRESENT]),
        tuple(f"{i:05}" for i in range(images)),
        Table(np.zeros(images + 1, np.int64), none, none, none),
        measured=(objects, overlaps),
        measures=Measures().with_objects("detections", ()),
    )


SKILLS = (0.5, 0.8)


@cache
def truth() -> list[list[float]]:
    """Return the metrics of both models of the population."""
    models = draw(np.random.default_rng(20260401), _POPULATION, SKILLS)
    return [[one.metric(name) for name in METRICS] for one in models]


def held(images: int, number: int) -> list[tuple[bool, bool]]:
    """Return for each metric, then for each difference, whether an interval was given and held the truth."""
    set_num_threads(1)
    models = draw(np.random.default_rng((images, number)), images, SKILLS)
    real, other = truth()
    found = confidence_intervals(models[0], METRICS, resamples=_RESAMPLES, seed=number)
    outcomes = [
        (one.reason is None, one.low <= value <= one.high)
        for one, value in zip(found.values(), real, strict=True)
    ]
    differences = compare(*models, resamples=_RESAMPLES, seed=number)
    for name, a, b in zip(METRICS, real, other, strict=True):
        one = differences[name]
        outcomes.append((one.reason is None, one.low <= b - a <= one.high))
    return outcomes


def flagged(images: int, number: int) -> bool:
    """Return whether two equally good models are told apart by any number."""
    set_num_threads(1)
    models = draw(np.random.default_rng((images, number, 7)), images, (SKILLS[0], SKILLS[0]))
    return any(one.significant for one in compare(*models, resamples=_RESAMPLES, seed=number).differences)


def intervals(datasets: int, run: Callable[..., object]) -> None:
    """Print the share of intervals that hold the truth, of those that are given."""
    titles = ["images", *METRICS, *(f"change of {name}" for name in METRICS)]
    print(f"\n95 % intervals that hold the truth, of those given, in {datasets:,} datasets; standard error")
    print(f"{100 * math.sqrt(0.95 * 0.05 / datasets):.1f} points. In brackets the share given, if not all.\n")
    print(f"| {' | '.join(titles)} |\n|{'---|' * len(titles)}")
    truth()
    for images in IMAGES:
        found = np.array(list(run(partial(held, images), range(datasets))))  # type: ignore[call-overload]
        given, right = found[..., 0].sum(axis=0), (found[..., 0] & found[..., 1]).sum(axis=0)
        cells = [
            "-"
            if g < datasets / 100
            else f"{100 * r / g:.1f}{'' if g == datasets else f' ({100 * g / datasets:.0f} %)'}"
            for g, r in zip(given.tolist(), right.tolist(), strict=True)
        ]
        print(f"| {images:,} | {' | '.join(cells)} |", flush=True)


def flags(datasets: int, run: Callable[..., object]) -> None:
    """Print how often equally good models are told apart."""
    found = list(run(partial(flagged, 100), range(datasets)))  # type: ignore[call-overload]
    share = sum(found) / datasets
    error = math.sqrt(share * (1 - share) / datasets)
    print(f"\nequally good models, {datasets:,} pairs of 100 images:")
    print(f"any number flagged in {100 * share:.1f} % (standard error {100 * error:.1f})")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasets", type=int, default=1_000, help="datasets of each setting")
    chosen = parser.parse_args()
    with ProcessPoolExecutor() as pool:
        run = partial(pool.map, chunksize=5)
        intervals(chosen.datasets, run)
        flags(chosen.datasets, run)


if __name__ == "__main__":
    main()
