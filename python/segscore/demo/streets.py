"""A small made-up dataset with two model versions.

Streets of five classes and void, drawn from random numbers with a fixed seed; "models" that move
borders and lose small things, the first one more than the second. Nothing here is measured.
"""

from pathlib import Path
from typing import NamedTuple, TypedDict

import numpy as np
import numpy.typing as npt

from segscore._core import encode_mask
from segscore.demo.folders import make_folders, move_up, unfinished
from segscore.io.writing import write_file

Mask = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]


class _Wrong(TypedDict):
    """By how many pixels borders are moved, and which share of things is lost."""

    shift: float
    lost: float


REPORT = "report.html"
"""The page about the second version, beside the folders."""

IMAGES = 24
HEIGHT, WIDTH = 240, 320
SEED = 20260101
SKY, BUILDING, ROAD, CAR, PERSON, VOID = range(6)
PALETTE = ((70, 130, 180), (70, 70, 70), (128, 64, 128), (0, 0, 142), (220, 20, 60), (0, 0, 0))
VERSIONS: dict[str, _Wrong] = {"v1": {"shift": 9.0, "lost": 0.45}, "v2": {"shift": 4.0, "lost": 0.15}}
"""How wrong the versions of the model are."""
CLASSES = """\
# The classes of the demo. `segscore classes new --from DIR` starts such a file for masks of your own.
name = "segscore-demo"
title = "Made-up streets, 5 classes"
ignore = [
  { label = 5, name = "void", colour = [0, 0, 0] },
]
classes = [
  { label = 0, name = "sky",      colour = [ 70, 130, 180] },
  { label = 1, name = "building", colour = [ 70,  70,  70] },
  { label = 2, name = "road",     colour = [128,  64, 128] },
  { label = 3, name = "car",      colour = [  0,   0, 142] },
  { label = 4, name = "person",   colour = [220,  20,  60] },
]
"""


class Demo(NamedTuple):
    """Where the files of the demo are."""

    target: Path
    v1: Path
    v2: Path
    classes: Path


def write_demo(folder: Path) -> Demo:
    """Write the dataset and the predictions of both versions.

    The folder must be empty, not there, or hold an earlier demo, which is written again.
    """
    demo = _demo_in(folder)
    full = None if _is_demo(demo) else "is not empty, and holds no earlier demo"
    with unfinished(folder, full=full) as there:
        made = _demo_in(there)
        make_folders(folder, made[:3])
        write_file(made.classes, CLASSES.encode())
        for i in range(IMAGES):
            rng = np.random.default_rng((SEED, i))
            target = street(rng)
            name = f"street_{i:02d}.png"
            write_mask(made.target / name, target)
            write_mask(made.v1 / name, predicted(rng, target, **VERSIONS["v1"]))
            write_mask(made.v2 / name, predicted(rng, target, **VERSIONS["v2"]))
        # The classes first, which tell a demo: what ends between two of them is made again.
        for path in (made.classes, made.v1, made.v2, made.target):
            move_up(path)
    return demo


def _demo_in(folder: Path) -> Demo:
    return Demo(folder / "target", folder / "pred-v1", folder / "pred-v2", folder / "classes.toml")


def _is_demo(demo: Demo) -> bool:
    """Whether an earlier demo is there, told by what its file of classes says and not by its name."""
    return demo.classes.is_file() and demo.classes.read_bytes() == CLASSES.encode()


def write_mask(path: Path, mask: Mask) -> None:
    """Write labels with the colours of their classes."""
    write_file(path, encode_mask(mask, palette=PALETTE))


def street(rng: np.random.Generator) -> Mask:
    """Return the labels of a street."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    horizon = int(rng.integers(90, 130))
    mask = np.full((HEIGHT, WIDTH), SKY, dtype=np.uint8)
    for left in range(0, WIDTH, 40):
        roof = rng.integers(20, horizon)
        mask[roof:, left : left + int(rng.integers(25, 40))] = BUILDING
    slope = rng.uniform(0.9, 1.6)
    middle = WIDTH / 2 + rng.uniform(-40, 40)
    mask[(y >= horizon) & (np.abs(x - middle) <= 25 + slope * (y - horizon))] = ROAD
    for _ in range(int(rng.integers(1, 5))):
        bottom = rng.uniform(horizon + 15, HEIGHT - 10)
        size = (bottom - horizon) * 0.35 + 6
        centre = middle + rng.uniform(-1, 1) * slope * (bottom - horizon)
        mask[((x - centre) / (1.4 * size)) ** 2 + ((y - bottom + size) / size) ** 2 <= 1] = CAR
    for _ in range(int(rng.integers(0, 4))):
        bottom = rng.uniform(horizon + 10, HEIGHT - 10)
        height = (bottom - horizon) * 0.6 + 10
        standing = (y <= bottom) & (y >= bottom - height)
        mask[standing & (np.abs(x - rng.uniform(10, WIDTH - 10)) <= height / 6)] = PERSON
    mask[-6:, :] = VOID
    return mask


def predicted(rng: np.random.Generator, target: Mask, *, shift: float, lost: float) -> Mask:
    """Return the target with borders moved by up to `shift` pixels and a share of things `lost`."""
    mask = target.copy()
    for thing in (CAR, PERSON):
        if rng.random() < lost:
            mask[mask == thing] = ROAD if thing == CAR else BUILDING
    if rng.random() < lost:
        mask[mask == PERSON] = CAR
    mask[mask == VOID] = ROAD
    rows = np.arange(HEIGHT)[:, None] + waves(rng) * shift
    columns = np.arange(WIDTH)[None, :] + waves(rng) * shift
    moved: Mask = mask[_pixels(rows, HEIGHT), _pixels(columns, WIDTH)]
    return moved


def _pixels(positions: Floats, size: int) -> npt.NDArray[np.intp]:
    return positions.round().astype(np.intp).clip(0, size - 1)


def waves(rng: np.random.Generator) -> Floats:
    """Return smooth noise of the size of a mask, about -1 to 1."""
    y, x = np.linspace(0, 2 * np.pi, HEIGHT)[:, None], np.linspace(0, 2 * np.pi, WIDTH)[None, :]
    found: Floats = np.zeros((HEIGHT, WIDTH))
    for frequency in (2, 5, 11):
        down, right = rng.uniform(0, 2 * np.pi, 2)
        found += np.sin(frequency * y + down) * np.sin(frequency * x + right)
    return found / 3
