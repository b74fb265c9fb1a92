"""Colours of errors and changes: told apart by all people, in light and dark, and the same on cards."""

import itertools
import re

import numpy as np
import pytest

from segscore.classes.colours import CHANGES, ERRORS
from segscore.pages.page import STYLES, asset

# What people see who lack one kind of cones, in linear RGB (Machado, Oliveira and Fernandes 2009, table 1).
VISION = {
    "usual": np.eye(3),
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritanopia": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}
TOGETHER = {
    "errors": ["ground", "held", "wrong", "no-class", "ignored"],
    "errors of a class": ["ground", "held", "missed", "false"],
    "changes": ["ground", "held", "fixed", "broken", "wrong-in-both", "ignored"],
}
LEAST = 20
"""Distance in CIELAB (CIE 1976); 2.3 is one that is just seen."""


def shown(kind, dark):
    """Return the colour of a kind of pixels, from the style sheet."""
    sheet = "".join(map(asset, STYLES))
    text = re.search(rf"\.kind-{kind}\b[^{{]*\{{ fill: ([^;]*);", sheet).group(1)
    if text.startswith("var("):
        text = re.search(rf"{text[4:-1]}: ([^;]*);", sheet).group(1)
    found = re.findall("#([0-9a-f]{6})", text)
    return tuple(bytes.fromhex(found[dark if len(found) > 1 else 0]))


def lab(colour, vision):
    """Return a colour of sRGB in CIELAB, as it is seen."""
    share = np.array(colour) / 255
    linear = np.array(vision) @ np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    xyz = np.array([[0.4125, 0.3576, 0.1804], [0.2127, 0.7152, 0.0722], [0.0193, 0.1192, 0.9503]])
    x, y, z = np.cbrt(np.maximum(xyz @ linear.clip(0, 1), 0.0089) / (0.9505, 1, 1.0888))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("kinds", TOGETHER.values(), ids=TOGETHER)
@pytest.mark.parametrize("vision", VISION.values(), ids=VISION)
def test_kinds_that_stand_together_are_told_apart(vision, kinds, dark):
    seen = {kind: lab(shown(kind, dark), vision) for kind in kinds}
    for one, other in itertools.combinations(kinds, 2):
        assert np.linalg.norm(seen[one] - seen[other]) >= LEAST, (one, other)


def test_cards_and_enlarged_pictures_have_the_same_colours():
    for names, first in ((ERRORS, "correct"), (CHANGES, "right in both")):
        found = [shown("ground" if name == first else name.replace(" ", "-"), False) for name in names]
        assert found == [*names.values()]


def test_what_is_right_is_darker_in_the_dark_than_what_is_wrong():
    ground, *others = (lab(shown(kind, True), np.eye(3))[0] for kind in ("ground", "held", "wrong", "missed"))
    assert ground < 20
    assert others[0] < 40 < min(others[1:])
