"""Predictions that hold what their targets hold at other places, as square masks that are transposed do."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import segscore
from segscore.auditing.placement import Placement
from segscore.auditing.seen import Seen
from segscore.counts.table import Table
from support.planted import CLASSES, HEIGHT, Mask, scenes

CAMVID = Path(__file__).parents[3] / "shared" / "data" / "camvid"
HINT = (
    "look at one beside its target: is it transposed, which no shape tells of square images, or flipped, or "
    "rotated?"
)


def square(images: int) -> tuple[list[Mask], list[Mask]]:
    preds, targets = ([mask[:, :HEIGHT] for mask in side[:images]] for side in scenes())
    return preds, targets


def kinds(preds: list[Mask], targets: list[Mask], classes: object = CLASSES) -> list[str]:
    found = segscore.audit(pred=preds, target=targets, classes=classes, progress=False)
    limits = [limit.kind for limit in found.limits if limit.kind == "misplaced"]
    return [one.kind for one in found.findings if one.severity != "note"] + [f"no {kind}" for kind in limits]


@pytest.mark.parametrize("images", [10, 20])
@pytest.mark.parametrize("change", [np.transpose, np.rot90])
def test_squares_that_are_transposed_or_rotated_are_found(
    change: Callable[[Mask], Mask], images: int
) -> None:
    preds, targets = square(images)
    assert kinds(preds, targets) == []
    preds = [change(mask) for mask in preds]
    assert kinds(preds, targets) == ["misplaced"]
    found = segscore.evaluate(pred=preds, target=targets, classes=CLASSES)
    assert found.audit().findings == found.findings
    (finding,) = (one for one in found.findings if one.kind == "misplaced")
    kappa, allowed = expected(preds, targets)
    assert finding.message == (
        "predictions hold the classes of their images, hardly more of them in place than by chance: kappa "
        f"within images is {kappa:.4f}, and their shares allow {allowed:.4f}"
    )
    assert finding.hint == HINT


def expected(preds: list[Mask], targets: list[Mask]) -> tuple[float, float]:
    """Return kappa and the highest one, by the definitions."""
    pixels = right = both = chance = 0.0
    for pred, target in zip(preds, targets, strict=True):
        p, t = pred[target != 255], target[target != 255]
        pixels, right = pixels + t.size, right + (p == t).sum()
        for label in range(5):
            both += min((p == label).sum(), (t == label).sum())
            chance += (p == label).sum() * (t == label).sum() / t.size
    return (right - chance) / (pixels - chance), (both - chance) / (pixels - chance)


def test_few_images_do_not_tell() -> None:
    preds, targets = square(9)
    assert kinds(preds, targets) == []
    assert kinds([mask.T for mask in preds], targets) == ["no misplaced"]


def test_predictions_of_other_images_and_noise_of_the_right_shares_are_not_said_to_be_transposed() -> None:
    rng = np.random.default_rng(4)
    preds, targets = square(20)
    shares = np.bincount(np.concatenate(preds).ravel(), minlength=5) / np.size(preds)
    noise = [rng.choice(5, size=mask.shape, p=shares) for mask in targets]
    assert "misplaced" not in kinds(preds[1:] + preds[:1], targets)
    assert kinds(noise, targets) == ["no misplaced"]


def test_nothing_is_told_from_nothing() -> None:
    table = Table(np.zeros(2, np.int64), *np.zeros((3, 0), np.int64))
    assert not Placement.of(Seen(CLASSES, ("a",), table)).by_chance


@pytest.mark.skipif(not CAMVID.is_dir(), reason=f"needs {CAMVID}")
@pytest.mark.parametrize("model", ["pred-v1", "pred-v2"])
def test_of_real_scenes(model: str) -> None:
    names = sorted(path.name for path in (CAMVID / "target").iterdir())[::6]
    preds, targets = (
        [np.asarray(Image.open(CAMVID / side / name))[:, 60:420] for name in names]
        for side in (model, "target")
    )
    for label in (None, 0, 3, 8):
        own = preds if label is None else [(mask == label).astype(np.uint8) for mask in preds]
        true = targets if label is None else [np.where(mask == 11, 255, mask == label) for mask in targets]
        classes = segscore.Classes.of(11, 11) if label is None else segscore.Classes.of(2, 255)
        assert "misplaced" not in kinds(own, true, classes)
        assert "misplaced" in kinds([mask.T for mask in own], true, classes), label
    assert "misplaced" not in kinds(preds[1:] + preds[:1], targets, classes)
