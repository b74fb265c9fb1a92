"""Spacings of two samples: whether each image was measured with the same one in both."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from segscore.base.values import Ints
from segscore.base.wording import many
from segscore.counts.distance_options import shown_number
from segscore.counts.measures import HEADER, Measures
from segscore.scores.sample import Sample


def said_alike(a: Sample, b: Sample) -> tuple[Measures, Measures]:
    """Return what both measured, with a spacing of each image where that is known, however it was given."""
    one, two = a.shapes, b.shapes
    if one.spacings is None or two.spacings is None:
        return one.measures, two.measures
    return replace(one.measures, spacing=HEADER), replace(two.measures, spacing=HEADER)


def other_spacing(samples: tuple[Sample, Sample], orders: tuple[Ints, Ints]) -> str:
    """Return which image was measured with two spacings, of those that are compared; empty if none was.

    Both have surfaces, and their images in these orders, int64 (m,).
    """
    (a, b), (first, second) = samples, orders
    one, two = a.shapes.spacings, b.shapes.spacings
    if one is None or two is None:
        return _other_diagonal(samples, orders)
    if one.take(first) == two.take(second):
        return ""
    others = [
        (i, j)
        for i, j in zip(first.tolist(), second.tolist(), strict=True)
        if one.of_image(i) != two.of_image(j)
    ]
    i, j = others[0]
    more = f", and {many(len(others) - 1, 'more image')} with two as well" if len(others) > 1 else ""
    steps = f"{_shown(one.of_image(i))} and {_shown(two.of_image(j))}"
    return f"image `{a.names[i]}` was measured with spacing {steps}{more}"


def _other_diagonal(samples: tuple[Sample, Sample], orders: tuple[Ints, Ints]) -> str:
    """Return the same of what was saved before spacings were kept: only diagonals tell them apart."""
    first, second = (
        sample.shapes.surface.images.diagonal[order] for sample, order in zip(samples, orders, strict=True)
    )
    others = np.flatnonzero(~np.isnan(first) & ~np.isnan(second) & (first != second))
    if not len(others):
        return ""
    return f"image `{samples[0].names[orders[0][others[0]]]}` was measured with another spacing in each"


def _shown(spacing: Sequence[float]) -> str:
    return f"({', '.join(map(shown_number, spacing))})"
