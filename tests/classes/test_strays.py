"""Values that smoothing leaves between labels: told from forgotten classes by their number and pixels."""

import numpy as np
import pytest

import segscore
from segscore import Classes
from segscore.classes.strays import kind_of_strays

SMOOTHED = (
    "each is on few pixels, between other labels, as smoothing and JPEG make them: make the masks again from "
    "their source, resized to nearest and saved as PNG"
)


def few(*values: int) -> dict[int, int]:
    return dict.fromkeys(values, 10)


@pytest.mark.parametrize(
    ("classes", "strays", "kind"),
    [
        (Classes.of(4, 255), few(66, 129, 192), "resized-mask"),
        (Classes.of(4), few(66, 129, 192, 255), "resized-mask"),  # void is not ignored yet
        (Classes.of(4, 255), few(4, 5, 6, 253, 254), "jpeg-mask"),
        (Classes.of(4, 255), few(66, 129), None),
        (Classes.of(4, 255), {66: 10, 129: 10, 192: 300}, None),  # which is frequent
        (Classes.of(19, 255), few(*range(19, 34)), None),  # ids of another space
        (Classes.of(21, 255), few(*range(21, 182)), None),
        (Classes.of(4, 255), few(*range(4, 100)), None),  # instances
        (Classes(["a", "b"], [0, 100]), few(*range(10, 90, 10)), "resized-mask"),
        (Classes(["a", "b", "c"], [0, 100, 200]), few(50, 150), None),
    ],
)
def test_values_between_labels(classes: Classes, strays: dict[int, int], kind: str | None) -> None:
    assert kind_of_strays(classes, "target", strays, 10_000) == kind


@pytest.mark.parametrize("images", [1, 3, 30])
def test_targets_that_were_smoothed_are_said_to_be(images: int) -> None:
    mask = np.zeros((80, 80), np.int64)
    mask[20:60, 20:60], mask[:, 70:] = 3, 255
    small = (mask[:, :-1] * 3 + mask[:, 1:]) // 4, (mask[:, :-1] * 2 + mask[:, 1:] * 2) // 4
    smooth = np.concatenate([*small, (mask[:, :-1] + mask[:, 1:] * 3) // 4])
    names = [f"im{i}" for i in range(images)]
    sides = {"pred": [np.zeros_like(smooth)] * images, "target": [smooth] * images}
    with pytest.raises(segscore.LabelError) as error:
        segscore.evaluate(**sides, classes=4, ignore_index=255, names=names)
    assert error.value.hint == SMOOTHED
    with pytest.raises(segscore.LabelError) as error:
        segscore.Evaluator(4, ignore_index=255).add(pred=smooth * 0, target=smooth, name="a")
    assert error.value.hint == SMOOTHED
    found = segscore.audit(**sides, classes=4, ignore_index=255).findings
    assert {"unknown-labels", "resized-mask"} <= {one.kind for one in found}
