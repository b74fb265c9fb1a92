"""The audit says nothing of clean data, whatever is drawn and however masks are stored."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

import segscore
from segscore import Audit, Classes, Finding
from segscore.demo import write_demo
from support.masks_on_disk import pillow, write
from support.painted import Form, folders, gray, indexed
from support.planted import CLASSES, NAMES, Mask, Sides, binary, draw, scenes, spread

SPREAD = Classes(NAMES, [0, 40, 80, 120, 160], ignore=[255])
CAMVID = Path(__file__).parents[3] / "shared" / "data" / "camvid"
IMAGES = (1, 3, 20)


def warned(audit: Audit) -> list[Finding]:
    return [finding for finding in audit.findings if finding.severity != "note"]


@pytest.mark.parametrize("images", IMAGES)
@pytest.mark.parametrize(
    ("base", "classes"),
    [(lambda s: s, CLASSES), (binary, "binary"), (lambda s: binary(s, 255), "binary-255"), (spread, SPREAD)],
    ids=["scenes", "binary", "binary-255", "spread"],
)
def test_of_label_maps(base: Callable[[Sides], Sides], classes: object, images: int) -> None:
    preds, targets = base(scenes())
    audit = segscore.audit(pred=preds[:images], target=targets[:images], classes=classes)
    assert audit.findings == ()


def test_of_models_that_learned_nothing() -> None:
    rng = np.random.default_rng(20260101)
    for number in range(1_000):
        (preds, targets), classes = draw(rng)
        judge = segscore.Evaluator(classes)
        for pred, target in zip(preds, targets, strict=True):
            judge.add(pred=pred, target=target)
        assert warned(judge.result().audit()) == [], number


def test_of_models_that_part_few_images_at_some_height() -> None:
    # Upside down they are right about most pixels, as all images are alike.
    rng = np.random.default_rng(20260102)
    rows = np.arange(96)[:, None]
    reached = 0
    for number in range(100):
        shift, jitter, images = rng.integers(-6, 7), int(rng.integers(1, 6)), int(rng.integers(4, 10))
        targets = [np.repeat(rows > 48 + rng.integers(-12, 13), 64, axis=1) for _ in range(images)]
        preds = [
            np.repeat(rows <= 48 + shift + rng.integers(-jitter, jitter + 1), 64, axis=1) for _ in targets
        ]
        ev = segscore.evaluate(pred=preds, target=targets, classes="binary", progress=False)
        reached += (
            segscore.evaluate(
                pred=[~mask for mask in preds], target=targets, classes="binary", progress=False
            ).scores.mean_iou
            >= 0.75
        )
        assert warned(ev.audit()) == [], number
    assert reached > 33
    # One class an image, taken at random.
    for number in range(100):
        targets = [np.full((40, 50), rng.integers(2)) for _ in range(int(rng.integers(4, 10)))]
        preds = [np.full((40, 50), rng.integers(2)) for _ in targets]
        preds[0][0, 0] = 1 - preds[0][0, 0]
        found = warned(segscore.audit(pred=preds, target=targets, classes="binary", progress=False))
        assert "inverted" not in [finding.kind for finding in found], number


def voc_colours() -> npt.NDArray[np.uint8]:
    """Return the palette of PASCAL VOC: bits 0, 1, 2 of a label are the highest ones of its colours."""
    label, colours = np.arange(256), np.zeros((256, 3), np.int64)
    for bit in range(8):
        colours |= (label[:, None] >> (3 * bit + np.arange(3)) & 1) << (7 - bit)
    return colours.astype(np.uint8)


def voc(mask: Mask) -> Image.Image:
    return indexed(mask, voc_colours())


@pytest.mark.parametrize("images", IMAGES)
@pytest.mark.parametrize("pred", [gray, voc], ids=["gray", "palette"])
@pytest.mark.parametrize("classes", ["pascal-voc", CLASSES], ids=["colours", "none"])
def test_of_palettes_of_voc(tmp_path: Path, classes: object, pred: Form, images: int) -> None:
    sides = folders(tmp_path, pred, voc, images)
    audit = segscore.audit(**sides, classes=classes)
    assert warned(audit) == []
    assert audit.truth.forms == {"PNG palette 8 bits": images}


@pytest.mark.parametrize("images", IMAGES)
def test_of_masks_of_0_and_255(tmp_path: Path, images: int) -> None:
    for side, masks in zip(("pred", "target"), binary(scenes(), 255), strict=True):
        write(tmp_path / side, {f"{i:02}.png": mask for i, mask in enumerate(masks[:images])})
    audit = segscore.audit(pred=tmp_path / "pred", target=tmp_path / "target", classes="binary-255")
    assert audit.findings == ()


@pytest.mark.parametrize("images", IMAGES)
def test_of_png_of_three_kinds(tmp_path: Path, images: int) -> None:
    kinds: list[Form] = [lambda mask: Image.fromarray(mask > 0), gray, voc]
    for first, (side, masks) in enumerate(zip(("pred", "target"), binary(scenes()), strict=True)):
        files = {f"{i:02}.png": pillow(kinds[(first + i) % 3](mask)) for i, mask in enumerate(masks[:images])}
        write(tmp_path / side, files)
    audit = segscore.audit(pred=tmp_path / "pred", target=tmp_path / "target", classes="binary")
    assert audit.findings == ()


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_of_the_demo(tmp_path: Path, version: str) -> None:
    demo = write_demo(tmp_path / "demo")
    audit = segscore.audit(pred=getattr(demo, version), target=demo.target, classes=demo.classes)
    assert audit.findings == ()


@pytest.mark.shared
@pytest.mark.skipif(not (CAMVID / "target").exists(), reason=f"needs {CAMVID}")
@pytest.mark.parametrize("model", ["pred-v1", "pred-v2"])
def test_of_real_predictions(model: str) -> None:
    audit = segscore.audit(pred=CAMVID / model, target=CAMVID / "target", classes="camvid-11")
    assert audit.findings == ()
    assert audit.truth.sizes == {(360, 480): 233}
