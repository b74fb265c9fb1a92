"""The ways to break a dataset by arrays that are no label maps of one image, or of another size."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import segscore
from broken_data import Data, encoded, saved, shares_of
from broken_ways import BINARY, MANY, Given, classes_of, given, of_two, way
from segscore import Evaluation


@way(images=(2, 12))
def batch_as_image(data: Data, _: Path, __: np.random.Generator) -> Given:
    """A batch that an evaluator is given as one image."""
    return Given({}, lambda: evaluator(data, np.stack(data.pred), np.stack(data.target)))


@way(images=(2, 12))
def lists_as_image(data: Data, _: Path, __: np.random.Generator) -> Given:
    """Lists of several images that an evaluator is given as one."""
    return Given({}, lambda: evaluator(data, data.pred, data.target))


@way(images=(2, 12))
def stacks(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """Stacks of images on both sides, in memory or as files."""
    sides = np.stack(data.pred).astype(np.uint8), np.stack(data.target).astype(np.uint8)
    if rng.integers(2):
        return given(data, *sides)
    for name, side in zip("ab", sides, strict=True):
        np.save(folder / name, side)
    return given(data, folder / "a.npy", folder / "b.npy")


@way("images-last", images=(2, 5))
def stacks_of_images_last(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """Stacks whose images lie along their last axis."""
    sides = [np.stack(side, axis=-1).astype(np.int16) for side in (data.pred, data.target)]
    if rng.integers(2):
        return given(data, *sides)
    for name, side in zip("ab", sides, strict=True):
        np.save(folder / name, side)
    return given(data, folder / "a.npy", folder / "b.npy")


@way("one-hot", classes=(3, 9), images=(1, 1), void=False)
def channels_as_images(data: Data, _: Path, __: np.random.Generator) -> Given:
    """One-hot label maps on both sides, scored with the two classes of what is in a channel."""
    sides = (np.eye(data.classes, dtype=np.uint8)[side[0]] for side in (data.pred, data.target))
    return given(data, *(np.moveaxis(side, -1, 0) for side in sides), classes="binary")


@way(classes=(3, 9))
def one_hot(data: Data, _: Path, rng: np.random.Generator) -> Given:
    """One-hot predictions of some integer type, classes first or last."""
    ones = [np.eye(data.classes, dtype=np.uint8)[mask] for mask in data.pred]
    dtype = rng.choice(["uint8", "int64", "bool"])
    axis = -1 if rng.integers(2) else 0
    return given(data, [np.moveaxis(one, -1, axis).astype(dtype) for one in ones])


@way()
def gray_rgb(data: Data, _: Path, __: np.random.Generator) -> Given:
    """Arrays of gray pixels as RGB, labels three times side by side."""
    return given(data, [np.stack([mask] * 3, axis=-1).astype(np.uint8) for mask in data.pred])


@way(classes=(3, 9))
def logits(data: Data, _: Path, __: np.random.Generator) -> Given:
    """Class scores given as labels."""
    return given(data, [np.eye(data.classes, dtype=np.float32)[mask] for mask in data.pred])


@way(classes=(3, 9))
def axis_of_scores(data: Data, _: Path, __: np.random.Generator) -> Given:
    """Class scores with the classes on another axis than is said."""
    return given(data, [np.eye(data.classes, dtype=np.float32)[mask] for mask in data.pred], class_axis=0)


@way()
def float_masks(data: Data, folder: Path, __: np.random.Generator) -> Given:
    """Label maps that were saved as floats."""
    masks = [mask.astype(np.float32) for mask in data.pred]
    return given(data, _arrays(folder / "pred", masks), _arrays(folder / "target", data.target))


@way(**BINARY)
def probabilities(data: Data, _: Path, rng: np.random.Generator) -> Given:
    """Probabilities given as labels."""
    return given(data, [0.8 * mask + 0.1 * rng.random(mask.shape) for mask in data.pred], classes="binary")


@way("unknown-predictions", "resized-mask", "jpeg-mask", "other-ids", **BINARY)
def gray_probabilities(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """Gray pictures of probabilities given as masks of 0 and 255."""
    sure = [
        np.where(mask, 255, 0) - np.where(mask, 1, -1) * rng.integers(90, size=mask.shape)
        for mask in data.pred
    ]
    target = of_two(data)[1]
    return given(data, saved(folder / "a", sure), saved(folder / "b", target), classes="binary-255")


@way()
def not_a_number(data: Data, _: Path, __: np.random.Generator) -> Given:
    """Class scores that hold NaN."""
    scores = [np.eye(data.classes, dtype=np.float32)[mask] for mask in data.pred]
    scores[-1][0, 0, 0] = np.nan
    return given(data, scores, class_axis=-1)


@way("unknown-predictions", "other-ids", "void-predicted", classes=(130, 150), images=(1, 2))
def signed(data: Data, _: Path, __: np.random.Generator) -> Given:
    """Labels above 127 in bytes that have a sign."""
    return given(data, [mask.astype(np.int8) for mask in data.pred])


@way("shifted", "other-ids", "other-order", classes=(4, 9), **MANY)
def channel_left_out(data: Data, _: Path, rng: np.random.Generator) -> Given:
    """The highest of all class scores but those of the first class."""
    preds = [np.where(mask == 0, rng.integers(data.classes - 1), mask - 1) for mask in data.pred]
    return given(data, preds)


@way(**BINARY)
def threshold_of_bytes(data: Data, folder: Path, __: np.random.Generator) -> Given:
    """A threshold between 0 and 255 for gray pictures of probabilities."""
    pred = saved(folder / "pred", of_two(data)[0])
    return given(data, pred, saved(folder / "target", data.target), classes="binary", threshold=128)


@way("threshold-scale", **BINARY)
def threshold_of_another_scale(data: Data, _: Path, rng: np.random.Generator) -> Given:
    """A threshold of probabilities for percents or logits, or one of percents or bytes for probabilities."""
    shares = shares_of(data, rng)
    pred, threshold = [
        (shares, 50),
        (shares, 128),
        ([100 * one for one in shares], 0.5),
        ([8 * one - 4 for one in shares], 0.5),
        (shares, 0),
    ][int(rng.integers(5))]
    return given(data, pred, classes="binary", threshold=threshold)


@way("threshold-scale", **BINARY)
def threshold_of_labels(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """A threshold for gray pictures that hold labels or percents, of 8 or 16 bits."""
    depth = np.uint16 if rng.integers(2) else np.uint8
    values = data.pred if rng.integers(2) else [np.rint(100 * one) for one in shares_of(data, rng)]
    pred = saved(folder / "pred", values, lambda mask: encoded(Image.fromarray(mask.astype(depth))))
    target = saved(folder / "target", data.target)
    return given(data, pred, target, classes="binary", threshold=0.5 if rng.integers(2) else 0.3)


@way()
def several_arrays(data: Data, folder: Path, _: np.random.Generator) -> Given:
    """Files that hold an image beside its mask."""
    for i, (name, mask) in enumerate(zip(data.names, data.pred, strict=True)):
        (folder / "pred").mkdir(exist_ok=True)
        np.savez(folder / "pred" / name, image=mask + i, label=mask)
    return given(data, folder / "pred", _arrays(folder / "target", data.target))


# Sizes and layouts


@way()
def transposed(data: Data, _: Path, __: np.random.Generator) -> Given:
    """Predictions with width and height exchanged."""
    return given(data, [mask.T for mask in data.pred])


@way("misplaced", classes=(4, 9), square=True, **(MANY | {"images": (10, 14)}))
def transposed_squares(data: Data, _: Path, rng: np.random.Generator) -> Given:
    """Predictions of square images that are transposed or rotated."""
    change = np.transpose if rng.integers(2) else np.rot90
    return given(data, [change(mask) for mask in data.pred])


@way("transposed")
def transposed_and_resized(data: Data, _: Path, __: np.random.Generator) -> Given:
    """Predictions with width and height exchanged, resized to their targets."""
    return given(data, [mask.T for mask in data.pred], resize="nearest")


@way()
def an_axis_of_rows(data: Data, _: Path, __: np.random.Generator) -> Given:
    """Images with an axis of length 1 between their rows and columns."""
    return given(data, data.pred[0][:, None], data.target[0][:, None])


@way()
def other_size(data: Data, _: Path, __: np.random.Generator) -> Given:
    """Predictions of half the size."""
    return given(data, [mask[::2, ::2] for mask in data.pred])


@way(images=(2, 12))
def lists_of_other_lengths(data: Data, _: Path, __: np.random.Generator) -> Given:
    """Lists of which one lacks an image."""
    return given(data, data.pred[1:])


def _arrays(folder: Path, masks: list[Any]) -> Path:
    folder.mkdir()
    for i, mask in enumerate(masks):
        np.save(folder / f"{i:03}.npy", mask)
    return folder


def evaluator(data: Data, pred: object, target: object) -> Evaluation:
    """Return the evaluation of one call of `add`."""
    judge = segscore.Evaluator(classes_of(data))
    judge.add(pred=pred, target=target)
    return judge.result()
