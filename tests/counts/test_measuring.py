"""What is measured of an image, and of which images nothing can be measured."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import segscore
from segscore import ArgumentError, Classes, EvaluationError, Evaluator, LabelError, ShapeError, _core
from segscore.counts.record import Record
from support.by_hand import painted as masks
from support.masks_on_disk import pillow, png
from support.painted import CLASSES, Form, adaptive, folders, gray, indexed, painted
from support.planted import scenes
from support.refused import refused

AS_LABELS = "save masks as labels, one value for each class, such as gray PNG"
PRED, TARGET = masks(1, (9, 12), 2)


def evaluated(sides: dict[str, str], **options: Any) -> tuple[Record, ...]:
    return segscore.evaluate(**sides, classes=CLASSES, boundary="2%", distances=True, **options).measured


@pytest.mark.parametrize(
    ("pred", "target"),
    [(gray, painted), (painted, gray), (painted, painted), (indexed, gray), (indexed, painted)],
)
def test_files_of_colours_are_measured_as_the_labels_that_they_are(
    tmp_path: Path, pred: Form, target: Form
) -> None:
    of_pred, of_target = scenes()
    judge = Evaluator(CLASSES, boundary="2%", distances=True)
    for i in range(3):
        judge.add(pred=of_pred[i], target=of_target[i])
    assert evaluated(folders(tmp_path, pred, target, 3, "png")) == judge.result().measured


@pytest.mark.parametrize(("pred", "target"), [(gray, adaptive), (adaptive, gray), (adaptive, adaptive)])
def test_images_whose_palettes_decide_are_refused_by_name(tmp_path: Path, pred: Form, target: Form) -> None:
    sides = folders(tmp_path, pred, target, 3, "png")
    told = (
        "boundaries, distances and components are measured of the labels of each image by itself, and what "
        "the colours of this one stand for is told from all images together"
    )
    with pytest.raises(EvaluationError) as caught:
        evaluated(sides)
    assert [(failure.message, failure.hint) for failure in caught.value.failures] == [(told, AS_LABELS)] * 3
    names = [failure.name for failure in caught.value.failures]
    assert all(name in str(caught.value) for name in names)
    assert len(set(names)) == 3


def test_masks_whose_labels_a_rule_makes_are_refused() -> None:
    for rules in ({"label_rule": "value // 1000"}, {"pred_label_rule": "value // 1000"}):
        classes = Classes(["a", "b"], **rules)
        for options in ({"boundary": 1}, {"distances": True}):
            for call, given in (
                (Evaluator, {}),
                (segscore.evaluate, {"pred": [TARGET], "target": [TARGET]}),
            ):
                assert refused(ArgumentError, call, classes=classes, **given, **options) == (
                    "boundaries, distances and components are measured of the labels of each image by "
                    f"itself, and a rule makes the labels of these classes\nhint: {AS_LABELS}"
                )


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("options", [{}, {"within": 2.5}, {"spacing": (3, 0.8, 0.8)}])
def test_arrays_that_are_read_once_come_to_what_others_do(dims: int, options: dict[str, Any]) -> None:
    if "spacing" in options:
        options = {"spacing": options["spacing"][-dims:], "surface": "voxels"}
    target = np.zeros((6, 9, 70)[-dims:], np.uint8)
    target[2:5, 3:8] = 1
    target[1, :4] = 3
    pred = np.roll(target, 2, -1)
    names = Classes(["a", "b", "c", "d"], not_in_mean=[0])
    both = []
    for kind in (np.asarray, np.ndarray.tolist):  # of lists each reading is by itself
        judge = Evaluator(names, distances=True, dims=dims, **options)
        judge.add(pred=kind(pred), target=kind(target))
        both.append(judge.result())
    assert both[0].confusion == both[1].confusion
    assert both[0].measured == both[1].measured
    assert both[0].confusion.counts.sum() == target.size


def test_no_image_is_added_that_cannot_be_measured() -> None:
    judge = Evaluator(2, distances=True)
    refused(ShapeError, judge.add, pred=[0, 1], target=[0, 1])
    refused(ArgumentError, judge.add, pred=PRED, target=TARGET, spacing=(1, 1))
    refused(LabelError, judge.add, pred=PRED, target=TARGET + 7)
    assert len(judge) == 0


def test_images_of_one_dimension_have_no_shapes() -> None:
    for options in ({"boundary": 1}, {"distances": True}):
        judge = Evaluator(2, **options)
        assert refused(ShapeError, judge.add, pred=[0, 1, 1], target=[0, 0, 1]) == (
            "`target` has the shape (3,), expected an image of 2 dimensions\n"
            "hint: boundaries, distances and components are of images; lists of labels have none"
        )


# Images with a spacing of their own


def test_an_image_may_have_its_own_spacing() -> None:
    one, other = (Evaluator(2, distances=True, spacing=steps) for steps in ((1, 1), (3, 0.5)))
    one.add(pred=PRED, target=TARGET, spacing=(3, 0.5))
    other.add(pred=PRED, target=TARGET)
    assert one.result().measured == other.result().measured
    np.testing.assert_array_equal(
        one.result().surface.images.hausdorff(), other.result().surface.images.hausdorff()
    )


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "but no distances are measured"),
        ({"boundary": 1}, "but no distances are measured"),
        ({"distances": True}, "but distances are measured in pixels"),
    ],
)
def test_a_spacing_where_nothing_is_in_millimetres(options: Any, told: str) -> None:
    judge = Evaluator(2, **options)
    assert refused(ArgumentError, judge.add, pred=PRED, target=TARGET, spacing=(1, 1)) == (
        f"an image has a `spacing`, {told}\n"
        'hint: say `distances=True` and the `spacing` of most images where all begins, or `spacing="header"`'
    )


@pytest.mark.parametrize("spacing", [(1, 1, 1), (1, 0), "1,1"])
def test_a_spacing_of_an_image_that_is_none(spacing: Any) -> None:
    judge = Evaluator(2, distances=True, spacing=(1, 1))
    assert refused(ArgumentError, judge.add, pred=PRED, target=TARGET, spacing=spacing) == (
        f"expected one positive number as `spacing` of each of 2 axes, found {spacing!r}\n"
        "hint: in the order of the axes of the array, such as `spacing=[0.8, 0.8]`"
    )


@pytest.mark.parametrize("spacing", [None, (3, 0.8, 0.8), "header"])
def test_a_plane_is_not_measured_among_volumes(spacing: Any) -> None:
    judge = Evaluator(2, dims=3, distances=True, spacing=spacing)
    own = (3, 0.8, 0.8) if spacing == "header" else None
    for planes in ((0.8, 0.8), own):
        assert refused(ShapeError, judge.add, pred=PRED, target=TARGET, spacing=planes) == (
            f"`target` has the shape {TARGET.shape}, expected an image of 3 dimensions\n"
            "hint: leave `dims=3` out where all images have 2 dimensions: their borders are lines, those "
            "of volumes surfaces, and both make no mean"
        )
    judge.add(pred=PRED[None], target=TARGET[None], spacing=own)
    assert len(judge) == 1


def test_planes_are_counted_among_volumes() -> None:
    judge = Evaluator(2, dims=3)
    judge.add(pred=PRED, target=TARGET)
    judge.add(pred=PRED[None], target=TARGET[None])
    first, second = judge.result().images.pixels.tolist()
    assert first == second == TARGET.size


# Images without pixels, and files


@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (0, 0), (0, 4, 4), (4, 0, 4), (4, 4, 0)])
@pytest.mark.parametrize("surface", ["voxels", "area"])
def test_images_without_pixels_have_no_surface(shape: tuple[int, ...], surface: Any) -> None:
    bands = 1 if len(shape) == 2 else None
    judge = Evaluator(2, dims=len(shape), boundary=bands, distances=True, surface=surface)
    nothing = np.zeros(shape, np.uint8)
    judge.add(pred=nothing, target=nothing)
    found = judge.result()
    assert np.isnan(found.surface.images.hausdorff()).all()
    assert np.isnan(found.metric("surface_dice@2"))
    assert bands is None or np.isnan(found.metric("boundary_iou"))
    with pytest.raises(ArgumentError):
        found.metric("boundary_iou@7")


def test_masks_in_files_are_measured_as_those_in_memory(tmp_path: Path) -> None:
    for side, mask in (("pred", PRED), ("target", TARGET)):
        (tmp_path / side).mkdir()
        (tmp_path / side / "a.png").write_bytes(png(mask))
        (tmp_path / side / "b.png").write_bytes(pillow(Image.fromarray(mask.astype(np.uint8))))
        np.save(tmp_path / side / "c.npy", mask.astype(np.int64))
    options: dict[str, Any] = {"classes": 2, "boundary": (1, 2), "distances": True, "spacing": (2, 1)}
    ev = segscore.evaluate(pred=tmp_path / "pred", target=tmp_path / "target", threads=2, **options)
    memory = segscore.evaluate(pred=[PRED] * 3, target=[TARGET] * 3, **options)
    assert ev.measured == memory.measured
    assert ev.measures == memory.measures


def test_volumes_in_files_are_measured_as_those_in_memory(tmp_path: Path) -> None:
    pred, target = masks(3, (5, 9, 12), 3)
    for side, mask in (("pred", pred), ("target", target)):
        (tmp_path / side).mkdir()
        np.save(tmp_path / side / "a.npy", mask.astype(np.uint16))
    options: dict[str, Any] = {"classes": 3, "distances": True, "spacing": (3, 0.8, 0.8), "dims": 3}
    ev = segscore.evaluate(pred=tmp_path / "pred", target=tmp_path / "target", **options)
    assert ev.measured == segscore.evaluate(pred=[pred], target=[target], **options).measured


def test_images_that_bands_count_are_not_counted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """In NumPy's words, and by lists, which are no arrays, so that they are counted first."""
    random = np.random.default_rng(5)
    classes = Classes.of(4, ignore_index=[9, 250])
    labels = random.choice([0, 1, 2, 3, 9], (2, 3, 20, 30)).repeat(3, 2).astype(np.uint16)
    preds, targets = labels[0] % 4, labels[1]
    options = {"boundary": (1, 3), "segments": True, "distances": True}
    counted, by_bands = Evaluator(classes, **options), Evaluator(classes, **options)
    for pred, target in zip(preds, targets, strict=True):
        counted.add(pred=pred.tolist(), target=target.tolist())
    monkeypatch.setattr(_core, "count", None)
    for pred, target in zip(preds, targets, strict=True):
        by_bands.add(pred=pred, target=target)
    ev, expected = by_bands.result(), counted.result()
    assert ev.measured == expected.measured
    assert ev == expected
    scored = targets != 9
    cells = np.bincount(targets[scored] * 4 + preds[scored], minlength=16).reshape(4, 4)
    np.testing.assert_array_equal(ev.confusion.counts, cells)
    assert ev.confusion.ignored == (~scored).sum()


def test_what_is_wrong_is_said_alike_where_bands_count() -> None:
    judge = Evaluator(2, boundary=1)
    labels = np.array([[0, 1], [1, 2**63]], np.uint64)
    assert refused(LabelError, judge.add, pred=labels, target=labels) == refused(
        LabelError, Evaluator(2).add, pred=labels, target=labels
    )
    assert refused(ShapeError, judge.add, pred=labels[:1], target=labels) == refused(
        ShapeError, Evaluator(2).add, pred=labels[:1], target=labels
    )
    assert len(judge) == 0
