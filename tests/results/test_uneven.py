"""Means over images that one model alone has: which images each is over, and those over what both have."""

import numpy as np
import pytest

from segscore import Classes, Evaluation, compare
from segscore.pages.comparison import comparison_page
from segscore.results.compared import Uneven
from support import results

CLASSES = Classes(["background", "cat"])
NAME = "mean_image_foreground_iou"


def evaluated(stray: int, right: int = 2) -> Evaluation:
    """Return four images with a cat, part of which is found, and four empty ones, some with a stray."""
    made = {}
    for i in range(8):
        target = np.zeros(10, dtype=np.uint8)
        target[:4] = i < 4
        pred = target * (np.arange(10) < right)
        pred[9] = 4 <= i < 4 + stray
        made[f"{i}"] = pred, target
    return results.evaluated(CLASSES, made)


@pytest.mark.parametrize(("strays", "covers", "shared"), [((0, 3), (4, 7), 4), ((3, 1), (7, 5), 5)])
def test_images_that_one_model_leaves_out_are_told_with_the_mean_over_the_others(
    strays: tuple[int, int], covers: tuple[int, int], shared: int
) -> None:
    a, b = evaluated(strays[0], 2), evaluated(strays[1], 3)
    found = compare(a, b, metrics=[NAME], labels=("v1", "v2"))
    empty = min(strays)
    values = (0.5 * 4 / (4 + empty), 0.75 * 4 / (4 + empty))
    assert found.uneven == (Uneven(NAME, covers, shared, pytest.approx(values)),)  # type: ignore[arg-type]
    # The model that found more of every cat has the lower mean.
    assert (found[NAME].difference < 0) == (strays == (0, 3))
    said = (
        f"{NAME} is over {covers[0]} images of v1 and {covers[1]} of v2: over the {shared} that both have "
        f"it is {values[0]:.4f} and {values[1]:.4f}"
    )
    for text in (str(found), found.to_markdown().replace("\\", ""), comparison_page(found)):
        assert said in " ".join(text.split())
    (plain,) = found.to_dict()["uneven"]
    assert plain == {
        "name": NAME,
        "images": list(covers),
        "shared": shared,
        "values": pytest.approx(list(values)),
    }


def test_nothing_is_said_where_both_have_the_same_images() -> None:
    assert compare(evaluated(2), evaluated(2, 3), metrics=[NAME]).uneven == ()
    # Images without any cat count 1, so that all are in.
    assert compare(evaluated(0), evaluated(3), metrics=[f"{NAME}_with_empty"]).uneven == ()


def test_no_image_may_be_common() -> None:
    nothing = {"a": (np.array([0, 1]), np.array([0, 0])), "b": (np.array([0, 0]), np.array([0, 0]))}
    other = {"a": nothing["b"], "b": nothing["a"]}
    one, two = (results.evaluated(CLASSES, made) for made in (nothing, other))
    (over,) = compare(one, two, metrics=[NAME]).uneven
    assert (over.covers, over.shared, np.isnan(over.values).all()) == ((1, 1), 0, True)
