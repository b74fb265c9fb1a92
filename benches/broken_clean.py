"""Datasets that are as they should be, in the forms that people keep them in."""

from pathlib import Path

import numpy as np

from broken_data import VOID, Data, gray, indexed, one_bit, painted, saved, shares_of, tiff
from broken_ways import BINARY, CLEAN, Given, both, classes_of, given, of_two, way


@way(ways=CLEAN)
def arrays(data: Data, _: Path, __: np.random.Generator) -> Given:
    """Arrays."""
    return given(data)


@way(ways=CLEAN)
def gray_files(data: Data, folder: Path, _: np.random.Generator) -> Given:
    """Gray PNG."""
    return both(data, folder)


@way(ways=CLEAN)
def tiff_files(data: Data, folder: Path, _: np.random.Generator) -> Given:
    """TIFF."""
    return both(data, folder, tiff, tiff, "tif")


@way(ways=CLEAN)
def palette_files(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """One palette, with or without colours of classes."""
    form, colours = indexed(data), bool(rng.integers(2))
    return both(data, folder, form, form, classes=classes_of(data, colours=colours))


@way(ways=CLEAN)
def black_files(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """One palette in which another class than the first one, or void, is black."""
    colours = data.colours.copy()
    if rng.integers(2):
        colours[int(rng.integers(1, data.classes))] = 0
        return both(data, folder, indexed(data, colours), indexed(data, colours))
    colours[VOID] = 0
    return both(data, folder, gray, indexed(data, colours))


@way(ways=CLEAN)
def colour_files(data: Data, folder: Path, _: np.random.Generator) -> Given:
    """RGB in the colours of classes."""
    return both(data, folder, painted(data), painted(data), classes=classes_of(data, colours=True))


@way(ways=CLEAN, **BINARY)
def full_scale_files(data: Data, folder: Path, _: np.random.Generator) -> Given:
    """Masks of 0 and 255."""
    pred, target = of_two(data)
    return both(data._replace(pred=pred, target=target), folder, classes="binary-255")


@way(ways=CLEAN, **BINARY)
def two_kinds(data: Data, folder: Path, _: np.random.Generator) -> Given:
    """Masks of 0 and 1 beside masks of 0 and 255."""
    forms = [gray, lambda mask: gray(255 * mask)]
    pred, target = saved(folder / "a", data.pred, forms), saved(folder / "b", data.target, forms)
    return given(data, pred, target, classes="binary-any")


@way(ways=CLEAN, **BINARY)
def three_kinds(data: Data, folder: Path, _: np.random.Generator) -> Given:
    """Masks of 0 and 1 as PNG of one bit, gray PNG and PNG with a palette, one after the other."""
    forms = [one_bit, gray, indexed(data)]
    pred, target = saved(folder / "a", data.pred, forms), saved(folder / "b", data.target, forms[::-1])
    return given(data, pred, target, classes="binary")


@way(ways=CLEAN, **BINARY)
def probability_files(data: Data, folder: Path, rng: np.random.Generator) -> Given:
    """Probabilities as floats or as gray PNG, percents and logits as floats, each with its threshold."""
    shares = shares_of(data, rng)
    if rng.integers(2):
        pred = saved(folder / "a", [np.where(one < 0.5, 254, 256) * one for one in shares])
        return given(data, pred, saved(folder / "b", data.target), classes="binary", threshold=0.5)
    factor, offset, threshold = [(1, 0, 0.5), (100, 0, 50), (8, -4, 0)][int(rng.integers(3))]
    values = [factor * one + offset for one in shares]
    return given(data, values, classes="binary", threshold=threshold)
