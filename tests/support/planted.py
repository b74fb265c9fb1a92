"""Scenes with known faults, for tests of the audit. Nothing here is a test."""

import io
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
from PIL import Image

from segscore import Classes
from segscore.classes.labels import PredictionSpace

Mask = npt.NDArray[np.int64]
Sides = tuple[list[Mask], list[Mask]]

NAMES = ("sky", "building", "road", "car", "person")
OTHER_IDS = {0: 7, 1: 2, 2: 11, 3: 4, 4: 0}
CLASSES = Classes(
    NAMES, ignore=[255], prediction_spaces=[PredictionSpace("other", tuple(OTHER_IDS.values()))]
)
HEIGHT, WIDTH, IMAGES = 96, 128, 20


def scenes() -> Sides:
    """Return predictions and targets: boxes on bands, void along one edge; predictions are moved a little."""
    rng = np.random.default_rng(20260101)
    targets = []
    for _ in range(IMAGES):
        mask = np.zeros((HEIGHT, WIDTH), dtype=np.int64)
        mask[int(rng.integers(25, 40)) :] = 1
        mask[int(rng.integers(55, 70)) :] = 2
        for label in (3, 4):
            y, x = int(rng.integers(20, HEIGHT - 30)), int(rng.integers(0, WIDTH - 45))
            mask[y : y + int(rng.integers(18, 30)), x : x + int(rng.integers(20, 45))] = label
        mask[-4:] = 255
        targets.append(mask)
    preds = []
    for target in targets:
        pred = np.where(target == 255, 2, target)
        pred = np.roll(pred, rng.integers(-3, 4, size=2), axis=(0, 1))
        y, x = int(rng.integers(0, HEIGHT - 8)), int(rng.integers(0, WIDTH - 8))
        pred[y : y + 8, x : x + 8] = int(rng.integers(5))
        preds.append(pred)
    return preds, targets


def mapped(mask: Mask, labels: Mapping[int, int]) -> Mask:
    """Return a mask with other label values; those not named stay."""
    new = mask.copy()
    for old, label in labels.items():
        new[mask == old] = label
    return new


def spread(sides: Sides) -> Sides:
    """Return masks whose label values are 40 apart; void is 255 still."""
    far = {label: 40 * label for label in range(5)}
    preds, targets = ([mapped(mask, far) for mask in side] for side in sides)
    return preds, targets


def binary(sides: Sides, on: int = 1) -> Sides:
    """Return masks of a thing on a background, 0 and `on`."""
    preds, targets = ([np.where(mask >= 3, on, 0) for mask in side] for side in sides)
    return preds, [np.where(mask == 255, 0, new) for mask, new in zip(sides[1], targets, strict=True)]


def smooth(mask: Mask, times: int) -> Mask:
    """Return a mask that was made larger by `times` with values in between, and cut to its old size."""
    rows, columns = (np.arange(size) / times for size in mask.shape)
    y, x = rows.astype(int), columns.astype(int)
    fy, fx = (rows - y)[:, None], (columns - x)[None, :]
    y1, x1 = np.minimum(y + 1, mask.shape[0] - 1), np.minimum(x + 1, mask.shape[1] - 1)
    top = mask[np.ix_(y, x)] * (1 - fx) + mask[np.ix_(y, x1)] * fx
    below = mask[np.ix_(y1, x)] * (1 - fx) + mask[np.ix_(y1, x1)] * fx
    return np.asarray((top * (1 - fy) + below * fy).round(), dtype=np.int64)


def larger(mask: Mask, times: int) -> Mask:
    """Return a mask that was made larger to nearest pixels, and cut to its old size."""
    return mask[np.ix_(*(np.arange(size) // times for size in mask.shape))]


def jpeg(mask: Mask) -> Mask:
    """Return a mask that was saved as JPEG and read again."""
    file = io.BytesIO()
    Image.fromarray(mask.astype(np.uint8)).save(file, "JPEG", quality=90)
    return np.asarray(Image.open(file)).astype(np.int64)


def changed(sides: Sides, side: str, change: Callable[[Mask], Mask]) -> Sides:
    """Return both sides, the masks of one of them changed."""
    new = [change(mask) for mask in sides[side == "target"]]
    return (new, sides[1]) if side == "pred" else (sides[0], new)


def draw(rng: np.random.Generator) -> tuple[Sides, Classes]:
    """Return a clean dataset with the predictions of a model that learned nothing.

    Small and large, of one image or several, of one class an image or a layout that all share; predictions
    are noise of every kind, or nearly constant.
    """
    count, images = int(rng.integers(2, 9)), int(rng.choice([1, 2, 3, 5, 8, 20]))
    shape = tuple(int(size) for size in rng.choice([8, 24, 64, 96], size=2))
    layout, noise = rng.integers(4), int(rng.integers(5))
    weights = rng.dirichlet(np.full(count, rng.choice([0.3, 1.0, 10.0])))
    slope = rng.normal(size=(count, 3))

    def blobs(size: int) -> Mask:
        coarse = rng.choice(count, p=weights, size=[-(-edge // size) for edge in shape])
        return coarse.repeat(size, axis=0).repeat(size, axis=1)[: shape[0], : shape[1]]

    def target() -> Mask:
        if layout == 0:
            return np.full(shape, rng.integers(count))
        if layout == 1:
            return blobs(8)
        rows = (np.arange(shape[0]) + rng.integers(-3, 4)).clip(0, shape[0] - 1) * count // shape[0]
        mask = np.broadcast_to(rows[:, None], shape).copy()
        if layout == 2:
            mask[: shape[0] // 8] = 255
        return mask

    def pred() -> Mask:
        if noise == 0:
            return rng.integers(count, size=shape)
        if noise == 1:
            return rng.choice(count, p=weights, size=shape)
        if noise == 2:
            return blobs(int(rng.choice([4, 16])))
        if noise == 3:
            frequent = int(weights.argmax())
            mask = np.full(shape, frequent)
            mask[rng.random(shape) < 0.01] = (frequent + 1) % count
            mask[0, 0] = (frequent + 1) % count
            return mask
        y, x = np.mgrid[: shape[0], : shape[1]]
        planes = slope[:, :1, None] * y / shape[0] + slope[:, 1:2, None] * x / shape[1] + slope[:, 2:, None]
        return np.asarray((planes + 0.3 * rng.normal(size=planes.shape)).argmax(axis=0))

    preds, targets = [pred() for _ in range(images)], [target() for _ in range(images)]
    if len(np.unique(preds)) == 1:
        preds[0][:, 0] = 1 - min(preds[0][0, 0], 1)  # nearly: all of one value would be a fault
    return (preds, targets), Classes([f"class {i}" for i in range(count)], ignore=[255])
