"""Random and degenerate datasets, and what a convention's numbers differ from those of its tool on them."""

import warnings
from collections.abc import Iterator
from math import isnan
from typing import NamedTuple

import numpy as np

import segscore
from convention_peers import IGNORE, NO_CLASS, Dataset, Peer
from segscore.scores.conventions.averaging import Convention

KINDS = ("random", "absent class", "empty image", "all ignored", "one image", "one class", "perfect")


class Agreement(NamedTuple):
    """How a convention and its tool agree."""

    datasets: int
    """Datasets on which the values were compared."""
    largest: float
    """Largest difference; infinity where one of the two is NaN and the other is not."""
    refused: int
    """Further datasets, which the tool did not take."""
    departed: int
    """Further datasets, on which the tool is known not to follow the convention."""


def tolerance(convention: Convention) -> float:
    """Return how far a tool may be off by its own rounding."""
    return 5e-7 if convention.float32 else 1e-12


def datasets(seed: int, *, no_class: bool) -> Iterator[Dataset]:
    """Yield datasets without end, of each kind in turn; with `no_class`, some predictions are none."""
    random = np.random.default_rng(seed)
    while True:
        for kind in KINDS:
            yield _dataset(random, kind, no_class=no_class)


def _dataset(random: np.random.Generator, kind: str, *, no_class: bool) -> Dataset:
    classes = 1 if kind == "one class" else int(random.integers(2, 7))
    images = 1 if kind == "one image" else int(random.integers(1, 5))
    shape = (images, int(random.integers(1, 9)), int(random.integers(1, 9)))
    used = random.permutation(classes)[: max(1, classes - 1)] if kind == "absent class" else classes
    target = random.choice(used, shape).astype(np.uint8)
    if kind != "one class" and random.random() < 0.5:  # images of few classes
        target = np.where(random.random(shape) < 0.7, target[:, :1, :1], target)
    pred = np.where(random.random(shape) < 0.6, target, random.choice(used, shape)).astype(np.uint8)
    if kind == "perfect":
        pred = target.copy()
    if kind == "empty image":
        target[0] = 0
        pred[0] = 0 if random.random() < 0.5 else pred[0]
    if no_class and kind != "perfect":
        pred[random.random(shape) < 0.1] = NO_CLASS
    target[random.random(shape) < random.choice([0.0, 0.2])] = IGNORE
    if kind == "all ignored":
        target[random.integers(images) if random.random() < 0.5 else slice(None)] = IGNORE
    return Dataset(pred, target, classes)


def evaluation(data: Dataset) -> segscore.Evaluation:
    """Return segscore's evaluation of a dataset."""
    judge = segscore.Evaluator(data.classes, ignore_index=IGNORE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", segscore.SegscoreWarning)
        for pred, target in zip(data.pred, data.target, strict=True):
            judge.add(pred=pred, target=target)
        return judge.result()


def compare(convention: Convention, peer: Peer, count: int, seed: int = 0) -> Agreement:
    """Return how a convention and its tool agree on `count` datasets that the tool takes."""
    largest, compared, refused, departed = 0.0, 0, 0, 0
    for data in datasets(seed, no_class=convention.missed != "refused"):
        if compared == count:
            break
        if peer.departs(data):
            departed += 1
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                theirs = peer.run(data)
            except ValueError:
                refused += 1
                assert refused <= count, f"{convention.name} takes no dataset"
                continue
        ours = evaluation(data).scores_as(convention.name).value
        difference = 0.0 if isnan(ours) and isnan(theirs) else abs(ours - theirs)
        largest = max(largest, float("inf") if isnan(difference) else difference)
        compared += 1
    return Agreement(compared, largest, refused, departed)
