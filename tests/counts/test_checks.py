"""Hints about predictions that are no class, which must not make the score worse."""

import numpy as np
import pytest

from segscore import Classes, ConfusionMatrix, SegscoreWarning
from segscore.base.naming import said
from segscore.counts.checks import better_spaces, check_labels

IGNORED = "only a target can be ignored: a prediction of an ignored label is wrong where a class is right"
LESS_ONE = 'these labels are in the prediction space `zero-based`: `pred_classes="zero-based"`'


def told(classes: Classes, target: np.ndarray, pred: np.ndarray) -> tuple[str, list[str]]:
    """Return the hint, and the spaces that are better."""
    cm = ConfusionMatrix(classes)
    with pytest.warns(SegscoreWarning):
        cm.update(pred=pred, target=target)
    rows = cm.to_rows()
    warning = check_labels(classes, rows)
    assert warning is not None
    return said(warning).partition("\nhint: ")[2], better_spaces(classes, rows)


@pytest.mark.parametrize("preset", ["potsdam", "loveda", "nyuv2-40", "ade20k-150"])
def test_a_space_is_offered_only_where_more_pixels_are_right(preset: str) -> None:
    classes = Classes.of(preset)
    random = np.random.default_rng(0)
    target = random.integers(0, 6, 5_000)  # a dataset of the user's own, whose labels lie in the range
    right = np.where(random.random(5_000) < 0.8, target, random.integers(0, 6, 5_000))
    assert told(classes, target, right) == (IGNORED, [])
    shifted = np.maximum(right - 1, 0)
    assert told(classes, target, shifted) == (LESS_ONE, ["zero-based"])
