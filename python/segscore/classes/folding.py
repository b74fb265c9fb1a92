"""Raw label values become indices of classes, by a table where they are small and by a search where not."""

from collections.abc import Mapping

import numpy as np

from segscore.base.values import Ints
from segscore.classes.labels import Colour, colour_labels

_SMALL = 1 << 16
"""Labels that are nearer to 0 are looked up in a table of all between them."""


def index_of(index: dict[int, int], colours: Mapping[int, Colour]) -> tuple[Ints, Ints]:
    """Return label values, sorted, with the index of each; colours stand for the labels that they are of."""
    merged = index | {key: index[label] for label, c in colours.items() for key in colour_labels(c)}
    keys = np.array(sorted(merged), dtype=np.int64)
    return keys, np.array([merged[key] for key in keys.tolist()], dtype=np.int64)


def look_up(index: tuple[Ints, Ints], values: Ints, otherwise: int) -> Ints:
    """Return the index of each value, from what `index_of` returned."""
    keys, indices = index
    first, last = int(keys[0]), int(keys[-1])
    if max(-first, last) < _SMALL:  # a table is many times faster than a search
        table = np.full(last - first + 3, otherwise)
        table[keys - (first - 1)] = indices
        # What lies beyond the table, or comes round from its other end, is none of the labels.
        return table.take(values - (first - 1), mode="clip")
    at = keys.searchsorted(values)
    return np.where(keys.take(at, mode="clip") == values, indices.take(at, mode="clip"), otherwise)
