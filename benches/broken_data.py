"""Random datasets that are as they should be, their true scores by plain NumPy, and how they are written.

What breaks them is in `broken_labels` and `broken_files`. Nothing of segscore is used for the truth.
"""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

Mask = npt.NDArray[np.int64]
Form = Callable[[Mask], bytes]

VOID = 255
"""The label of target pixels that are ignored."""


class Score(NamedTuple):
    """What an evaluation must come to."""

    images: int
    iou: npt.NDArray[np.float64]
    """Of each class; NaN where it is neither in a target nor predicted."""
    accuracy: float
    mean_image_iou: float


class Data(NamedTuple):
    """Label maps of the classes 0 to `classes` - 1 with `VOID` in targets, and a colour for each label."""

    pred: list[Mask]
    target: list[Mask]
    classes: int
    colours: npt.NDArray[np.uint8]
    """Of each label, (256, 3)."""

    @property
    def names(self) -> list[str]:
        """Of the images."""
        return [f"{i:03}" for i in range(len(self.target))]

    @property
    def score(self) -> Score:
        """The truth."""
        return truth(self.pred, self.target, self.classes)


class Needs(NamedTuple):
    """What a dataset must have for a fault to be one."""

    classes: tuple[int, int] = (2, 9)
    images: tuple[int, int] = (1, 12)
    side: tuple[int, int] = (40, 96)
    accuracy: tuple[float, float] = (0.6, 0.97)
    void: bool | None = None
    """Whether targets hold void; None where both may be."""
    square: bool = False
    """Whether images are as wide as they are high; else what is transposed is of another size."""


def draw(rng: np.random.Generator, needs: Needs) -> Data:
    """Return a dataset whose images are made of cells around points, as are its predictions.

    A point is moved a little in the prediction, and keeps its class as often as the model is accurate.
    """
    classes, images, accuracy = _within(rng, needs.classes), _within(rng, needs.images), needs.accuracy
    right = rng.uniform(*accuracy)
    void = bool(rng.integers(2)) if needs.void is None else needs.void
    height, width = (_within(rng, needs.side) for _ in range(2))
    height = width if needs.square else height + (height == width)
    preds, targets = [], []
    for i in range(images):
        points = rng.uniform(0, 1, (3 * classes + 3, 2)) * (height, width)
        weights = 0.3 / classes + 0.7 * rng.dirichlet(np.ones(classes))
        labels = rng.choice(classes, size=len(points), p=weights)
        if i == 0:
            labels[:classes] = np.arange(classes)
        wrong = rng.random(len(points)) > right
        if i == 0:
            wrong[:classes] = False
        found = np.where(wrong, rng.integers(classes, size=len(points)), labels)
        marked = labels.copy()
        if void:
            marked[-2:] = VOID
        targets.append(_cells(points, marked, (height, width)))
        preds.append(_cells(points + rng.normal(0, 1.5, points.shape), found, (height, width)))
    colours = rng.permutation(16**3)[:256]
    parts = np.stack([colours // 256, colours // 16 % 16, colours % 16], axis=1)
    return Data(preds, targets, classes, (16 * parts + 7).astype(np.uint8))


def _within(rng: np.random.Generator, limits: tuple[int, int]) -> int:
    return int(rng.integers(limits[0], limits[1], endpoint=True))


def _cells(points: npt.NDArray[np.float64], labels: Mask, shape: tuple[int, int]) -> Mask:
    y, x = np.ogrid[: shape[0], : shape[1]]
    nearest = np.argmin([(y - a) ** 2 + (x - b) ** 2 for a, b in points], axis=0)
    return labels[nearest]


def truth(preds: Sequence[Mask], targets: Sequence[Mask], classes: int) -> Score:
    """Return the scores of label maps, by the definitions and by nothing else."""
    every = np.array([_counts(*pair, classes) for pair in zip(preds, targets, strict=True)])
    of_images = [np.mean(_iou(counts)[counts.sum(axis=1) > 0]) for counts in every if counts.any()]
    counts = every.sum(axis=0)
    return Score(len(every), _iou(counts), np.trace(counts) / counts.sum(), float(np.mean(of_images)))


def _counts(pred: Mask, target: Mask, classes: int) -> Mask:
    """Return the pixels of each target class and, in the last column, of what is predicted as none."""
    found = np.zeros((classes, classes + 1), dtype=np.int64)
    scored = target < classes
    np.add.at(found, (target[scored], np.minimum(pred[scored], classes)), 1)
    return found


def _iou(counts: Mask) -> npt.NDArray[np.float64]:
    square = counts[:, :-1]
    either = counts.sum(axis=1) + square.sum(axis=0) - np.diagonal(square)
    return np.where(either > 0, np.diagonal(square) / np.maximum(either, 1), np.nan)


def shares_of(data: Data, rng: np.random.Generator) -> list[npt.NDArray[np.float64]]:
    """Return a share of the foreground for each pixel of the predictions, which 0.5 parts."""
    return [(mask + rng.random(mask.shape)) / 2 for mask in data.pred]


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """Return the file that Pillow makes of an image."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def gray(mask: npt.NDArray[np.integer]) -> bytes:
    """Return a gray PNG, of 8 bits, or of 16 where the labels need them."""
    return encoded(Image.fromarray(mask.astype(np.uint8 if mask.max() < 256 else np.uint16)))


def painted(data: Data) -> Form:
    """Return what makes an RGB PNG of label maps, in the colours of a dataset."""
    return lambda mask: encoded(Image.fromarray(data.colours[mask]))


def converted(mode: str) -> Form:
    """Return what makes a PNG of other channels than gray."""
    return lambda mask: encoded(Image.fromarray(mask.astype(np.uint8)).convert(mode))


def one_bit(mask: Mask) -> bytes:
    """Return a PNG of one bit a pixel."""
    return encoded(Image.fromarray(mask > 0))


def tiff(mask: Mask, **options: object) -> bytes:
    """Return the TIFF that Pillow writes."""
    return encoded(Image.fromarray(mask.astype(np.uint8)), "TIFF", **options)


def indexed(data: Data, colours: np.ndarray | None = None) -> Form:
    """Return what makes a palette PNG whose indices are the labels."""

    def made(mask: Mask) -> bytes:
        image = Image.fromarray(mask.astype(np.uint8))
        image.putpalette((data.colours if colours is None else colours).tobytes())
        return encoded(image)

    return made


def adaptive(data: Data) -> Form:
    """Return what makes a palette PNG whose indices are of its own making, as Pillow orders colours."""

    def made(mask: Mask) -> bytes:
        image = Image.fromarray(data.colours[mask])
        return encoded(image.convert("P", palette=Image.Palette.ADAPTIVE, colors=16))

    return made


def saved(folder: Path, masks: Sequence[Mask], form: Form | Sequence[Form] = gray, kind: str = "png") -> Path:
    """Write one side, a file an image, and return its folder; several forms take turns."""
    folder.mkdir(parents=True)
    forms = form if isinstance(form, Sequence) else [form]
    for i, mask in enumerate(masks):
        (folder / f"{i:03}.{kind}").write_bytes(forms[i % len(forms)](mask))
    return folder
