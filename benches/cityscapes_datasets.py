"""Random datasets of Cityscapes, in memory and as files, and what cityscapesScripts says of them."""

import warnings
from contextlib import redirect_stdout
from copy import copy
from io import StringIO
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np
import numpy.typing as npt

import segscore
from instance_checks import Difference
from segscore.scores.cityscapes_precision import CityscapesPrecision

KINDS = (
    "Those of Cityscapes have groups, void, targets of fewer than 100 pixels, ties of scores, several "
    "predictions on one target, predictions that overlap or are empty, and images without any."
)
THINGS = (24, 25, 26, 27, 28, 31, 32, 33)
OTHERS = (0, 3, 4, 7, 11, 23)
"""Label values of void and of stuff."""
SHAPE = (48, 64)
MEANS_DIFFER = 1e-15
"""By how much means may differ whose order of sums does."""
SCORES = (0.1, 0.25, 0.5, 0.5, 0.9, 1.0)


class Predicted(NamedTuple):
    """One mask."""

    mask: npt.NDArray[np.bool_]
    label: int
    score: float


class Image(NamedTuple):
    """Ids of targets, and what was predicted."""

    ids: npt.NDArray[np.uint16]
    preds: list[Predicted]


def dataset(seed: int) -> list[Image]:
    """Return some images."""
    rng = np.random.default_rng(seed)
    things = rng.choice(THINGS, 3, replace=False)
    return [_image(rng, things) for _ in range(rng.integers(1, 5))]


def _image(rng: np.random.Generator, things: npt.NDArray[Any]) -> Image:
    ids = np.full(SHAPE, rng.choice(OTHERS), np.uint16)
    for number in range(rng.integers(0, 14)):
        label = int(rng.choice(things if rng.random() < 0.8 else OTHERS))
        alone = label in THINGS and rng.random() < 0.8
        ids[_box(rng)] = label * 1000 + number if alone else label
    preds = []
    own = np.unique(ids).tolist()
    for _ in range(rng.integers(0, 16) if rng.random() < 0.85 else 0):
        mask = np.zeros(SHAPE, np.bool_)
        label = int(rng.choice(things if rng.random() < 0.95 else OTHERS))
        if rng.random() < 0.7:
            near = int(rng.choice(own))
            mask = np.roll(ids == near, rng.integers(-1, 2, 2), (0, 1))
            mask &= rng.random(SHAPE) < rng.choice([1, 0.95, 0.75, 0.5])
            label = (near if near < 1000 else near // 1000) if rng.random() < 0.9 else label
        elif rng.random() < 0.9:
            mask[_box(rng)] = True
        score = float(rng.choice(SCORES) if rng.random() < 0.5 else rng.random())
        preds.append(Predicted(mask, label, score))
    return Image(ids, preds)


def _box(rng: np.random.Generator) -> tuple[slice, slice]:
    top, left = (int(rng.integers(-3, side - 2)) for side in SHAPE)
    high, wide = rng.integers(2, 26, 2).tolist()
    return slice(max(0, top), top + high), slice(max(0, left), left + wide)


def write(images: list[Image], folder: Path) -> tuple[list[str], list[str]]:
    """Write what an evaluation reads, and return the texts of predictions and the files of targets."""
    from PIL import Image as Picture

    texts, targets = [], []
    for number, image in enumerate(images):
        stem = f"city_{number:06}_000019"
        target = folder / "gt" / "city" / f"{stem}_gtFine_instanceIds.png"
        text = folder / "results" / f"{stem}_leftImg8bit.txt"
        for path in (target, text):
            path.parent.mkdir(parents=True, exist_ok=True)
        Picture.fromarray(image.ids).save(target)
        lines = []
        for place, one in enumerate(image.preds):
            name = f"masks/{stem}_{place}.png"
            (folder / "results" / name).parent.mkdir(exist_ok=True)
            Picture.fromarray(one.mask.astype(np.uint8) * 255).save(folder / "results" / name)
            lines.append(f"{name} {one.label} {one.score!r}\n")
        text.write_text("".join(lines))
        texts.append(str(text))
        targets.append(str(target))
    return texts, targets


def by_cityscapes(texts: list[str], targets: list[str], folder: Path) -> npt.NDArray[np.float64] | None:
    """Return the average precision of each class and IoU; None where the tool fails."""
    from cityscapesscripts.evaluation import evalInstanceLevelSemanticLabeling as judge  # noqa: N813

    args = copy(judge.args)  # which all of the process share
    args.predictionPath = str(folder / "results")
    args.gtInstancesFile = str(folder / "gtInstances.json")
    args.JSONOutput, args.quiet = False, True
    # NumPy >= 2.4 has no `in1d`, and its counts cannot be written as JSON.
    with (
        patch.object(judge, "writeDict2JSON", lambda *_: None),
        patch.object(np, "in1d", np.isin, create=True),
        redirect_stdout(StringIO()),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")  # means of nothing
        try:
            found = judge.evaluateImgLists(texts, targets, args)
        except IndexError:  # all predictions of a class are ignored
            return None
    return np.array(found["resultApMatrix"])[0]


def scored(folder: Path, threads: int) -> CityscapesPrecision:
    """Return what segscore says of the files in a folder."""
    ev = segscore.evaluate(
        pred=folder / "results",
        target=folder / "gt",
        instances="cityscapes",
        threads=threads,
        progress=False,
    )
    return ev.average_precision("cityscapes")


def scores_differ(datasets: int, seed: int) -> list[Difference]:
    """Compare all numbers of random datasets, from their files on, with cityscapesScripts."""
    names = ("AP of Cityscapes by class and IoU", "the means of Cityscapes")
    compared, differ = dict.fromkeys(names, 0), dict.fromkeys(names, 0)
    numbers, done = count(seed), 0
    while done < datasets:
        number = next(numbers)
        with TemporaryDirectory() as made:
            texts, targets = write(dataset(number), Path(made))
            theirs = by_cityscapes(texts, targets, Path(made))
            if theirs is None:
                continue
            done += 1
            ours = scored(Path(made), threads=1 + number % 2)
        things = np.flatnonzero(ours.things)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            means = np.array([np.nanmean(theirs), np.nanmean(theirs[:, 0])])
        pairs = ((ours.precision[things], theirs), (ours.numbers, means))
        for name, (mine, other) in zip(names, pairs, strict=True):
            compared[name] += other.size
            same = (mine == other) | (np.isnan(mine) & np.isnan(other))
            differ[name] += int((~same).sum())
    return [Difference(name, compared[name], differ[name]) for name in names]


def by_pixels(preds: list[str], targets: list[str]) -> tuple[dict[str, float], float]:
    """Return the iIoU of each class, and their mean."""
    from cityscapesscripts.evaluation import evalPixelLevelSemanticLabeling as judge  # noqa: N813

    args = copy(judge.args)  # which all of the process share
    args.JSONOutput, args.quiet = False, True
    with patch.object(np, "in1d", np.isin, create=True), redirect_stdout(StringIO()):
        found = judge.evaluateImgLists(preds, targets, args)
    return found["classInstScores"], found["averageScoreInstClasses"]


def maps(images: list[Image], seed: int, folder: Path) -> tuple[list[str], list[str]]:
    """Write maps of labels as predictions and targets, and ids of targets; return the files of labels."""
    from PIL import Image as Picture

    rng = np.random.default_rng(seed)
    preds, targets = [], []
    for number, image in enumerate(images):
        labels = np.where(image.ids < 1000, image.ids, image.ids // 1000).astype(np.uint8)
        pred = np.where(rng.random(SHAPE) < 0.7, labels, rng.choice([*THINGS, *OTHERS], SHAPE))
        stem = f"city_{number:06}_000019"
        for side, name, pixels in (
            ("gt", f"{stem}_gtFine_labelIds.png", labels),
            ("ids", f"{stem}_gtFine_instanceIds.png", image.ids),
            ("gt", f"{stem}_gtFine_instanceIds.png", image.ids),
            ("pred", f"{stem}.png", pred.astype(np.uint8)),
        ):
            (folder / side).mkdir(exist_ok=True)
            Picture.fromarray(pixels).save(folder / side / name)
        preds.append(str(folder / "pred" / f"{stem}.png"))
        targets.append(str(folder / "gt" / f"{stem}_gtFine_labelIds.png"))
    return preds, targets


def weighted_differ(datasets: int, seed: int) -> list[Difference]:
    """Compare the iIoU of random datasets, from their files on, with cityscapesScripts."""
    compared = differ = 0
    for number in range(seed, seed + datasets):
        with TemporaryDirectory() as made:
            images = dataset(number)
            by_class, mean = by_pixels(*maps(images, number, Path(made)))
            ev = segscore.evaluate(
                pred=Path(made) / "pred",
                target=Path(made) / "ids",
                pairing="{id}_gtFine_instanceIds",
                instances="cityscapes",
                progress=False,
            )
        ours = [ev.metric(f"iiou.{name}") for name in ev.classes.names]
        theirs = [by_class[name] for name in ev.classes.names]
        compared += len(ours) + 1
        differ += int((~np.isclose(ours, theirs, rtol=0, atol=0, equal_nan=True)).sum())
        # The mean is of NumPy here, and a sum of one after the other there.
        differ += int(abs(ev.metric("mean_iiou") - mean) > MEANS_DIFFER)
    return [Difference("iIoU of Cityscapes", compared, differ)]
