"""Values that smoothing and JPEG leave between labels, told from how many pixels each of them has."""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from segscore.base.values import Ints
from segscore.classes.classes import Classes
from segscore.classes.labels import FOREGROUND, NO_FILE, USUAL_MARKS, is_colour_label

STRAY_VALUES = 8
"""Different values between the classes that a smoothed mask has at least: doubling the size of a border
between two labels makes three values, and masks have many borders; a forgotten class makes one or two."""
STRAY_SHARE = 0.02
"""Largest share of all pixels that one such value has: they are found along borders only, and what is more
frequent is a class. JPEG at quality 75 gives one value up to 1.5 % of small masks full of borders."""
NEAR = 8
"""Values this close to a class are noise of JPEG, which keeps near what it blurs; smoothing spreads them
evenly from one class to the other."""
EXPLAINED = 0.95
"""Share of stray pixels that must lie between or near classes; JPEG leaves a few elsewhere."""
GAP = 50
"""Between a class and a class or void further away than this no class was forgotten, if these are all."""
TO_VOID = 3
"""Different values that smoothing makes at least between the classes and void far beyond them."""
UNEVEN = 2
"""How many times as many pixels one half of the way to void may have as the other, the middle in either:
smoothing leaves as many in both; classes that were forgotten, and instances, are numbered from below."""


def kind_of_strays(
    classes: Classes, side: Literal["pred", "target"], strays: Mapping[int, int], total: int
) -> str | None:
    """Return "resized-mask" or "jpeg-mask" if labels that are no class are of smoothing or JPEG, or None.

    `strays` has the pixels of each of them, of so many pixels in `total`.
    """
    of_classes = classes.all_labels if side == "target" else classes.all_pred_labels
    known = np.array(sorted(label for own in of_classes for label in own))
    values = np.array([value for value in strays if value not in USUAL_MARKS | {NO_FILE}])
    if not len(values) or (set(known.tolist()) == {0, FOREGROUND} and values.tolist() == [1]):
        return None  # neither JPEG nor smoothing makes 1 alone, which is the foreground
    pixels = np.array([strays[value] for value in values.tolist()])
    rare = pixels.max() <= STRAY_SHARE * total
    if all(map(is_colour_label, values.tolist())):
        return "resized-mask" if rare and len(values) >= STRAY_VALUES else None
    least = STRAY_VALUES
    void = max([*classes.all_ignored, *(strays.keys() & USUAL_MARKS)], default=-1) if side == "target" else -1
    if _lead_to(void, int(known[-1]), values, pixels):
        known, least = np.append(known, void), TO_VOID
    above = np.searchsorted(known, values)
    neighbours = known[np.maximum(above - 1, 0)], known[np.minimum(above, len(known) - 1)]
    near = np.minimum(*(np.abs(values - neighbour) for neighbour in neighbours)) <= NEAR
    between = (known[0] < values) & (values < known[-1])
    # Classes without gaps leave no room for strays: what lies beyond them is another class.
    if not between.any() or pixels[near | between].sum() < EXPLAINED * pixels.sum():
        return None
    # Between 0 and 255 there is no class that could have been forgotten, so that one value is enough.
    forgotten = len(values) < least or not rare
    if forgotten and not (len(known) == 2 and int(known[1]) - int(known[0]) > GAP):
        return None
    return "jpeg-mask" if pixels[near].sum() * 2 >= pixels.sum() else "resized-mask"


def _lead_to(void: int, last: int, values: Ints, pixels: Ints) -> bool:
    """Whether values beyond the last class lie on both sides of the middle between it and void, evenly."""
    low = pixels[(last < values) & (2 * values < last + void)].sum()
    high = pixels[(last + void < 2 * values) & (values < void)].sum()
    return void - last > GAP and bool(0 < max(low, high) <= UNEVEN * min(low, high))
