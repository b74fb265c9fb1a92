"""Evaluations of many images and classes, made of random pair counts. Nothing here is a test."""

import numpy as np

from segscore import Classes
from segscore.evaluation import Evaluation
from segscore.table import Table


def made_up(images, classes, rows):
    """Return an evaluation of random pair counts: each image has some classes and some confusions."""
    random = np.random.default_rng(0)
    target, pred, offsets = [], [], [0]
    for _ in range(images):
        present = random.choice(classes, min(classes, 20), replace=False)
        pairs = np.concatenate([present * (classes + 1), random.integers(0, classes**2, rows)])
        keys = np.unique(pairs)
        target.append(keys // classes)
        pred.append(keys % classes)
        offsets.append(offsets[-1] + len(keys))
    t, p = np.concatenate(target), np.concatenate(pred)
    pixels = np.where(t == p, 5_000, random.integers(1, 900, len(t)))
    names = tuple(f"city_{i // 100:03d}/frame_{i:05d}" for i in range(images))
    return Evaluation(
        Classes([f"class {i}" for i in range(classes)]), names, Table(np.array(offsets), t, p, pixels)
    )
