"""How often intervals hold the truth, and how often differences are found: simulated datasets.

`python benches/intervals.py` prints the tables of docs/statistics.md. A population of images with known
scores is drawn from again and again; everything is computed through `segscore.Evaluation`.
"""

import argparse
import math
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from typing import NamedTuple

# One thread of the linear algebra in each process, as there is a process for each processor; it is read
# when NumPy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from segscore import Classes, Evaluation
from segscore.counts.table import Table
from segscore.evaluation.comparing import compare
from segscore.scores.metric_row import Counts
from segscore.scores.named import number_of
from segscore.statistics.intervals import confidence_intervals

PRESENT = (1.0, 0.5, 0.3, 0.15, 0.05, 0.01)
"""Share of the images, or of the groups, that each class is in."""
HEADLINES = ("mean_iou", "mean_dice", "pixel_accuracy", "kappa")
COMMON = PRESENT[:4]
"""Classes of the headline metrics: the others are in too few images for a mean that takes them in."""
_AREA = 1_000
_REST = 1 << 19
"""Pixels of the rest of an image in its target, whatever a model takes for a class."""


class Setting(NamedTuple):
    """A way to draw datasets: so many images in so many groups; without groups every image stands alone."""

    images: int
    groups: int | None = None


SETTINGS = (
    *(Setting(n) for n in (30, 50, 100, 200, 500, 1_000)),
    *(Setting(10 * n, n) for n in (5, 10, 20, 50, 100)),
)


class Drawn(NamedTuple):
    """Pixels of each class in each image, int64 (n, K), and the group of each image."""

    tp: np.ndarray
    target: np.ndarray
    pred: np.ndarray
    group: np.ndarray


def classes_of(present: tuple[float, ...]) -> Classes:
    """Return the classes of a population: those that are scored, and the rest of each image."""
    names = ["rest", *(f"{i} in {100 * share:g} %" for i, share in enumerate(present, 1))]
    return Classes(names, not_in_mean=[0])


def draw(
    random: np.random.Generator, setting: Setting, present: tuple[float, ...], loss: float = 0.0
) -> Drawn:
    """Return images whose areas are unlike (log-normal) and whose quality varies with image and group.

    `present` is the share of the images with each class, `loss` how much recall the model loses in the last.
    """
    images, group, effect = setting.images, np.arange(setting.images), 0.0
    if setting.groups is not None:
        sizes = random.lognormal(0, 0.7, setting.groups)
        sizes = np.maximum(1, np.round(sizes / sizes.sum() * images)).astype(int)
        group, effect = np.repeat(np.arange(setting.groups), sizes), 0.5
        images = len(group)
    shape, units = (images, len(present)), setting.groups or images
    of_group = random.normal(0, effect, (units, 1)) + random.normal(0, effect, (units, len(present)))
    quality = 1.3 + of_group[group] + random.normal(0, 0.4, (images, 1)) + random.normal(0, 0.8, shape)
    area = _AREA * np.exp(random.normal(0, effect, (units, len(present)))[group] + random.normal(0, 1, shape))
    there = random.random((units, len(present)))[group] < present
    target = np.where(there, np.ceil(area), 0)
    recall = 1 / (1 + np.exp(-quality))
    recall[:, -1] = np.clip(recall[:, -1] - loss, 0, 1)
    false = np.where(there, area * np.exp(-1.8 - 0.5 * (quality - 1.3) + random.normal(0, 0.6, shape)), 0)
    false += np.where(~there & (random.random(shape) < 0.05), 0.1 * area, 0)
    tp = np.floor(target * recall)
    return Drawn(tp.astype(int), target.astype(int), (tp + np.floor(false)).astype(int), group)


def evaluation(drawn: Drawn, present: tuple[float, ...]) -> Evaluation:
    """Return the evaluation of drawn images: what is missed and what is false is mixed up with the rest."""
    images, number = drawn.tp.shape
    missed, false = drawn.target - drawn.tp, drawn.pred - drawn.tp
    rest = _REST - false.sum(axis=1, keepdims=True)
    label = np.arange(1, number + 1)
    target = np.concatenate([[0], label, label, 0 * label])
    pred = np.concatenate([[0], label, 0 * label, label])
    pixels = np.concatenate([rest, drawn.tp, missed, false], axis=1)
    kept = pixels > 0
    offsets = np.concatenate([[0], np.cumsum(kept.sum(axis=1))])
    rows = (np.broadcast_to(column, pixels.shape)[kept].astype(np.int64) for column in (target, pred, pixels))
    names = tuple(f"{i:05}" for i in range(images))
    return Evaluation(classes_of(present), names, Table(offsets.astype(np.int64), *rows))


@cache
def truth(present: tuple[float, ...], grouped: bool) -> dict[str, float]:
    """Return the headline metrics of the population, and the IoU of each class, from two million images."""
    random, sums, images = np.random.default_rng(20260301), np.zeros((3, len(present))), 0
    for _ in range(40):
        drawn = draw(random, Setting(50_000, 50_000 if grouped else None), present)
        sums += [counts.sum(axis=0) for counts in drawn[:3]]
        images += len(drawn.group)
    tp, target, pred = (
        np.concatenate([[first], counts])
        for first, counts in zip((0, _REST * images, 0), sums.astype(int), strict=True)
    )
    # What is missed is called the rest, and what is false was the rest.
    tp[0] = target[0] - (pred - tp)[1:].sum()
    pred[0] = tp[0] + (target - tp)[1:].sum()
    classes = classes_of(present)
    names = (*HEADLINES, *(f"iou.{name}" for name in classes.names[1:]))
    return {
        name: float(number_of(name, classes).value(Counts(tp, target, pred, classes.in_mean)))
        for name in names
    }


def held(setting: Setting, number: int) -> list[tuple[bool, bool]]:
    """Return for each metric whether an interval was given, and whether it held the truth."""
    drawn = draw(np.random.default_rng((setting.images, setting.groups or 0, number)), setting, PRESENT)
    groups = None if setting.groups is None else [f"{group:05}" for group in drawn.group]
    of_classes = [f"iou.{name}" for name in classes_of(PRESENT).names[1:]]
    common = Drawn(*(counts[:, : len(COMMON)] for counts in drawn[:3]), drawn.group)
    outcomes = []
    for part, present, metrics in ((common, COMMON, list(HEADLINES)), (drawn, PRESENT, of_classes)):
        real = truth(present, setting.groups is not None)
        found = confidence_intervals(
            evaluation(part, present), metrics, resamples=1_000, seed=number, groups=groups
        )
        for name, interval in found.items():
            outcomes.append((interval.reason is None, interval.low <= real[name] <= interval.high))
    return outcomes


def intervals(datasets: int, run: Callable[..., object]) -> None:
    """Print the share of intervals that hold the truth, of those that are given."""
    titles = [
        "images",
        "groups",
        *(f"{name}, 4 classes" for name in HEADLINES),
        *(f"IoU, in {100 * share:g} %" for share in PRESENT),
    ]
    print(f"\n95 % intervals that hold the truth, of those given, in {datasets:,} datasets; standard error")
    print(f"{100 * math.sqrt(0.95 * 0.05 / datasets):.1f} points. In brackets the share given, if not all.\n")
    print(f"| {' | '.join(titles)} |\n|{'---|' * len(titles)}")
    for setting in SETTINGS:
        for present in (COMMON, PRESENT):
            truth(present, setting.groups is not None)  # before there are processes that would each make it
        found = np.array(list(run(partial(held, setting), range(datasets))))  # type: ignore[call-overload]
        given, right = found[..., 0].sum(axis=0), (found[..., 0] & found[..., 1]).sum(axis=0)
        cells = [
            "-"
            if few(g, datasets)
            else f"{100 * r / g:.1f}{'' if g == datasets else f' ({100 * g / datasets:.0f} %)'}"
            for g, r in zip(given.tolist(), right.tolist(), strict=True)
        ]
        print(f"| {setting.images:,} | {setting.groups or ''} | {' | '.join(cells)} |", flush=True)


def few(given: int, datasets: int) -> bool:
    """Whether too few intervals are given to say anything of them."""
    return given < datasets / 100


SAME = (1.0, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2, 0.2, 0.2, 0.2)
"""Classes of the datasets on which two models are compared; the last one is lost, where one is."""
_COMPARED = Setting(500)


def pair(number: int, loss: float) -> tuple[Evaluation, Evaluation]:
    """Return two models on the same images, the second of which loses recall in the last class."""
    random = np.random.default_rng((20260302, number))
    one = draw(random, _COMPARED, SAME)
    # Each model is right and wrong in its own pixels, in images that are as hard for both of them.
    recall = np.divide(one.tp, one.target, out=np.zeros(one.tp.shape), where=one.target > 0)
    models = []
    for lost in (0.0, loss):
        noise = np.exp(random.normal(0, 0.1, one.tp.shape))
        kept = 1 - np.clip((1 - recall) * noise, 0, 1)
        kept[:, -1] = np.clip(kept[:, -1] - lost, 0, 1)
        tp = np.floor(one.target * kept).astype(int)
        false = np.floor((one.pred - one.tp) * np.exp(random.normal(0, 0.2, one.tp.shape))).astype(int)
        models.append(evaluation(one._replace(tp=tp, pred=tp + false), SAME))
    return models[0], models[1]


def flagged(loss: float, number: int) -> tuple[bool, bool, float]:
    """Return whether anything is significant, whether the class that lost is, and what it could have been."""
    a, b = pair(number, loss)
    found = compare(a, b, resamples=1_000, seed=number)
    last = found.classes[-1]
    return any(one.significant for one in found.differences), last.significant, last.detectable


def flags(datasets: int, run: Callable[..., object]) -> None:
    """Print how often equally good models are told apart, and how often a loss is found."""
    pairs, number = max(20, datasets // 2), max(20, datasets // 10)
    found = list(run(partial(flagged, 0.0), range(pairs)))  # type: ignore[call-overload]
    share = sum(any_ for any_, _, _ in found) / pairs
    error = math.sqrt(share * (1 - share) / pairs)
    print(f"\nequally good models, {pairs:,} pairs of {_COMPARED.images} images and {len(SAME)} classes:")
    print(f"any metric flagged in {100 * share:.1f} % (standard error {100 * error:.1f})")
    before, after = (np.mean([pair(i, loss)[1].scores.iou[-1] for i in range(20)]) for loss in (0.0, LOSS))
    found = list(run(partial(flagged, LOSS), range(number)))  # type: ignore[call-overload]
    least = float(np.mean([detectable for _, _, detectable in found]))
    print(f"\na loss of {before - after:.3f} IoU in one class in {100 * SAME[-1]:g} % of the images:")
    print(f"a loss of {least:.3f} would be found with a probability of 80 %")
    print(
        f"found and named in {100 * sum(named for _, named, _ in found) / number:.1f} % of {number:,} pairs"
    )


LOSS = 0.062
"""Recall that the last class loses: about 0.05 of IoU."""

_TABLES = {"intervals": intervals, "flags": flags}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasets", type=int, default=2_000, help="datasets of each setting")
    parser.add_argument("--only", choices=_TABLES, help="one of the tables")
    chosen = parser.parse_args()
    with ProcessPoolExecutor() as pool:
        run = partial(pool.map, chunksize=20)
        for name, show in _TABLES.items():
            if chosen.only in (None, name):
                show(chosen.datasets, run)


if __name__ == "__main__":
    main()
