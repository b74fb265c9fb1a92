"""What one image came to, under another name."""

from copy import copy
from dataclasses import fields, replace

import numpy as np
import pytest

from segscore._core import PairCounts
from segscore.counts.counted import Counted
from segscore.counts.failures import Failure
from segscore.counts.fits import Fit
from segscore.counts.image_spacings import Spacings
from segscore.counts.palettes import NO_PALETTES
from segscore.counts.thresholds import ScoreRange


def test_an_image_under_another_name_is_the_same_but_for_it() -> None:
    pairs = PairCounts.from_columns(*(np.array([number]) for number in (1, 2, 3)))
    image = Counted(
        "a",
        pairs,
        failure=None,
        fit=next(fit for fit in Fit if fit is not Fit.SAME),
        measured=(Spacings.of((3.0, 0.8, 0.8)),),
        palettes=copy(NO_PALETTES),
        values=ScoreRange(0.25, 0.75, 0.5, 255),
        tile=True,
    )
    for made, expected in (
        (image.named("b"), replace(image, name="b")),
        (image.named("b", tile=False), replace(image, name="b", tile=False)),
    ):
        for one in fields(Counted):
            assert getattr(made, one.name) is getattr(expected, one.name)


@pytest.mark.parametrize("tile", [None, False, True])
def test_a_failure_keeps_what_it_is(tile: bool | None) -> None:
    failed = Counted("a", None, Failure("a", "it is damaged"))
    assert failed.named("b", tile=tile).failure is failed.failure
