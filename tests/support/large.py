"""Large things to report on: evaluations of made-up counts, folders of many masks. Nothing here is a test."""

import os
from pathlib import Path

import numpy as np
from PIL import Image

from segscore import Classes
from segscore.counts.table import Table
from segscore.evaluation.evaluation import Evaluation
from support.masks_on_disk import pillow, write

_PRESENT = 20
"""Classes in the target of an image, at most."""


def made_up(images: int, classes: int, confusions: int, model: int = 0) -> Evaluation:
    """Return an evaluation of made-up counts; targets depend on images and classes alone.

    Each image has as many confusions at most, of its classes with any; they depend on the model.
    """
    same, own = np.random.default_rng(0), np.random.default_rng([1, model])
    keys, pixels, offsets = [], [], [0]
    for _ in range(images):
        present = np.sort(same.choice(classes, min(classes, _PRESENT), replace=False))
        whole = same.integers(50_000, 200_000, len(present))
        missed, called = own.integers(len(present), size=confusions), own.integers(classes, size=confusions)
        # What is left of a class is never nothing.
        most = whole[missed] / (np.bincount(missed, minlength=len(present))[missed] + 1)
        wrong = np.maximum(1, (most * own.uniform(0, 0.6, confusions)).astype(np.int64))
        right = whole - np.bincount(missed, wrong, len(present)).astype(np.int64)
        pairs = np.concatenate([present * classes + present, present[missed] * classes + called])
        found, place = np.unique(pairs, return_inverse=True)
        keys.append(found)
        pixels.append(np.bincount(place, np.concatenate([right, wrong])).astype(np.int64))
        offsets.append(offsets[-1] + len(found))
    target, pred = np.divmod(np.concatenate(keys), classes)
    names = tuple(f"city_{i // 100:03d}/frame_{i:05d}" for i in range(images))
    table = Table(np.array(offsets), target, pred, np.concatenate(pixels))
    return Evaluation(Classes([f"class {i}" for i in range(classes)]), names, table)


def write_thousand(folder: Path) -> Path:
    """Write a thousand images of 480 x 360 pixels, with photographs and predictions of two models.

    The files of 40 of them have many names; the second model has predictions of other images.
    """
    random = np.random.default_rng(0)
    y, x = np.mgrid[:360, :480]
    for i in range(40):
        shift = random.uniform(0, 40, 2)
        waves = np.sin((x + shift[0]) / 31) * np.cos((y + shift[1]) / 23) * 2 + y / 60
        target = waves.astype(np.uint8) % 19
        noise = random.random((36, 48)).repeat(10, 0).repeat(10, 1)
        pred = np.where(noise < 0.2 + i / 100, (target + 1) % 19, target)
        smooth = Image.fromarray(random.integers(256, size=(90, 120, 3), dtype=np.uint8)).resize((480, 360))
        write(folder / "pred", {f"{i:04d}.png": pred})
        write(folder / "target", {f"{i:04d}.png": target})
        write(folder / "image", {f"{i:04d}.jpg": pillow(smooth, "JPEG", quality=92)})
    for i in range(40, 1_000):
        for side, suffix in (("pred", "png"), ("target", "png"), ("image", "jpg")):
            os.link(folder / side / f"{i % 40:04d}.{suffix}", folder / side / f"{i:04d}.{suffix}")
    (folder / "other").mkdir()
    for i in range(1_000):
        os.link(folder / "pred" / f"{(7 * i + 3) % 40:04d}.png", folder / "other" / f"{i:04d}.png")
    return folder
