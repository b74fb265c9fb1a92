"""Pictures of volumes: the right slices, pixels and words, in reports and in pages of comparisons."""

import base64
import json
import os
import warnings

import nibabel as nib
import numpy as np
import pytest

import segscore
from segscore import Classes, compare
from segscore.classes.colours import CHANGES, ERRORS, class_colours, other_colours
from segscore.pages.changes import change_of
from segscore.pages.pictures import picture_of
from segscore.pages.report import report_page
from segscore.pages.slices import MOST_SLICES
from support.masks_on_disk import pixels, write
from support.pages import Page, assert_closed
from support.volumes import affine, nifti

SHAPE = (6, 8, 5)
CLASSES = Classes(["background", "liver", "spleen"], ignore=[255])
RANDOM = np.random.default_rng(3)
TARGET = RANDOM.choice([0, 0, 0, 1, 2, 255], SHAPE).astype(np.uint8)
PRED = np.where(RANDOM.random(SHAPE) < 0.3, RANDOM.choice([0, 1, 2, 9], SHAPE), TARGET).astype(np.uint8)
PRED[PRED == 255] = 0
BETTER = np.where(RANDOM.random(SHAPE) < 0.5, PRED, np.where(TARGET == 255, 0, TARGET)).astype(np.uint8)
WRONG, WRONG_LATER = ((pred != TARGET) & (TARGET != 255) for pred in (PRED, BETTER))
COLOURS = np.array([*class_colours(CLASSES), *other_colours(CLASSES).values()])
UPRIGHT = np.array([[-1, 0, 0, 0], [0, 0, 2, 0], [0, -1, 0, 0], [0, 0, 0, 1.0]])
"""To the left, down and to the front, with steps of 1, 1 and 2 mm."""


@pytest.fixture
def folder(tmp_path):
    for side, labels in (("target", TARGET), ("pred", PRED), ("better", BETTER)):
        nifti(tmp_path / side / "a.nii.gz", labels, UPRIGHT)
        nifti(tmp_path / side / "b.nii.gz", np.where(labels == 9, 0, labels), affine())
    return tmp_path


@pytest.fixture
def ev(folder):
    return scored(folder)


def scored(folder, pred="pred", **options):
    """Return the evaluation of the volumes in two folders."""
    given = {"classes": CLASSES, "dims": 3, "progress": False, **options}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", segscore.SegscoreWarning)
        return segscore.evaluate(pred=folder / pred, target=folder / "target", **given)


def along(marked, axis):
    """Return the voxels of each slice, by NumPy."""
    return marked.sum(axis=tuple({0, 1, 2} - {axis}))


def drawn(volume, axis, index):
    """Return a slice of a volume laid as `UPRIGHT` is: head or front up, right or front on the left."""
    plane = volume.take(index, axis)
    # Sagittal: down and to the front. Coronal, of the first axis and the second one turned. Axial.
    plane = {0: plane[:, ::-1], 1: plane.T[::-1], 2: plane.T}[axis]
    return plane.repeat(2, axis=1) if axis == 0 else plane.repeat(2, axis=0) if axis == 1 else plane


def errors_of(target, pred):
    """Return the colours of a map of errors."""
    found = np.where(target == 255, 3, np.where(pred == 9, 2, target != pred))
    return np.array(list(ERRORS.values()))[found]


def in_colours(labels):
    return COLOURS[np.select([labels == 9, labels == 255], [3, 4], labels.astype(int))]


def test_the_slice_with_most_errors_is_shown_along_each_axis(ev):
    made = picture_of(ev, "a")
    assert (made.reason, made.target, made.size, len(made.axes)) == ("", b"", (0, 0), 3)
    titles = ["first axis (sagittal)", "second axis (axial)", "third axis (coronal)"]
    assert [axis.title for axis in made.axes] == titles
    for number, axis in enumerate(made.axes):
        counts = along(WRONG, number)
        index = int(counts.argmax())
        shown = axis.pictures[axis.first]
        apart = (1, 1, 2)[number]
        assert axis.said[axis.first] == (
            f"Slice {index + 1} of {SHAPE[number]} along the {titles[number]}, {apart} mm apart: "
            f"{counts[index]} voxels wrong"
        )
        assert list(shown) == ["target", "pred", "errors"]
        target, pred = (drawn(volume, number, index) for volume in (TARGET, PRED))
        np.testing.assert_array_equal(pixels(shown["target"]), in_colours(target))
        np.testing.assert_array_equal(pixels(shown["pred"]), in_colours(pred))
        np.testing.assert_array_equal(pixels(shown["errors"]), errors_of(target, pred))
        assert axis.size == target.shape[::-1]


def test_all_slices_of_a_small_volume_are_kept(ev):
    for number, axis in enumerate(picture_of(ev, "a").axes):
        assert len(axis.said) == len(axis.pictures) == SHAPE[number]
        for index, (said, shown) in enumerate(zip(axis.said, axis.pictures, strict=True)):
            assert said.startswith(f"Slice {index + 1} of {SHAPE[number]} ")
            np.testing.assert_array_equal(pixels(shown["pred"]), in_colours(drawn(PRED, number, index)))


def test_as_many_slices_are_kept_as_there_is_room_for(tmp_path):
    target = RANDOM.integers(0, 3, (60, 20, 20)).astype(np.uint8)
    for side in ("target", "pred"):
        nifti(tmp_path / side / "a.nii", target if side == "target" else np.roll(target, 1, 0))
    ev = scored(tmp_path)

    def kept(room):
        axes = picture_of(ev, "a", room=room).axes
        taken = sum(len(png) for axis in axes for shown in axis.pictures for png in shown.values())
        return [len(axis.pictures) for axis in axes], taken

    assert kept(1 << 20)[0] == [MOST_SLICES, 20, 20]
    assert kept(0)[0] == [1, 1, 1]
    some, taken = kept(60_000)
    assert all(1 < number < MOST_SLICES for number in some)
    assert taken <= 66_000  # the first slices say what the others will take


def test_a_volume_without_errors_shows_most_foreground(tmp_path):
    for side in ("target", "pred"):
        nifti(tmp_path / side / "a.nii", np.where(TARGET == 255, 0, TARGET))
    for number, axis in enumerate(picture_of(scored(tmp_path), "a").axes):
        foreground = along((TARGET == 1) | (TARGET == 2), number)
        assert axis.said[axis.first].startswith(f"Slice {foreground.argmax() + 1} of ")
        assert axis.said[axis.first].endswith(": 0 voxels wrong")


def test_a_target_is_shown_alone_where_the_prediction_is_missing(ev, folder):
    before = picture_of(ev, "a")
    os.remove(folder / "pred" / "a.nii.gz")
    made = picture_of(ev, "a")
    assert made.reason == "the masks are no longer where they were"
    for number, axis in enumerate(made.axes):
        index = int(along((TARGET == 1) | (TARGET == 2), number).argmax())
        assert axis.said[axis.first] == before.axes[number].said[index].partition(":")[0]
        assert axis.pictures[axis.first] == {"target": before.axes[number].pictures[index]["target"]}
    page = Page(report_page(ev))
    (card, _) = page.id("cards").every(class_="card")
    assert [len(list(strip.every(class_="no-picture"))) for strip in card.every(class_="strip")] == [2] * 3
    assert "The predictions of 1 image cannot be shown" in page.id("pictures").text
    nifti(folder / "target" / "a.nii.gz", np.zeros(SHAPE, np.uint8), UPRIGHT)
    assert not picture_of(ev, "a").has_target


def test_volumes_that_have_changed_are_not_shown(ev, folder):
    nifti(folder / "pred" / "a.nii.gz", TARGET, UPRIGHT)
    assert picture_of(ev, "a").reason == "the masks have changed since they were scored"


@pytest.mark.parametrize(
    ("options", "apart", "size"),
    [
        ({}, "", (5, 8)),
        ({"distances": True, "spacing": (3, 0.5, 1)}, ", 3 mm apart", (10, 8)),
        ({"distances": True}, "", (5, 8)),
    ],
)
def test_volumes_without_a_header_have_the_spacing_that_is_given(tmp_path, options, apart, size):
    target = np.where(TARGET == 255, 0, TARGET)
    for side, labels in (("target", target), ("pred", np.where(WRONG, 0, target))):
        write(tmp_path / side, {"a.npy": labels})
    first = picture_of(scored(tmp_path, **options), "a").axes[0]
    assert first.said[0].startswith(f"Slice 1 of 6 along the first axis{apart}: ")
    assert (first.size, first.upright) == (size, False)


def test_volumes_read_by_a_function_have_no_places(folder):
    def read(path):
        return np.asarray(nib.load(path).dataobj)

    made = picture_of(scored(folder, read=read), "a", read=read)
    assert made.axes[0].said[0].startswith("Slice 1 of 6 along the first axis: ")


def test_a_change_shows_the_slices_that_changed_most(ev, folder):
    other = scored(folder, "better")
    made = change_of((ev, other), "a")
    fixed, broken = WRONG & ~WRONG_LATER, WRONG_LATER & ~WRONG
    assert made.reasons == ()
    for number, axis in enumerate(made.axes):
        counts = along(fixed, number), along(broken, number)
        index = int(sum(counts).argmax())
        said = f": {counts[0][index]} voxels fixed, {counts[1][index]} broken"
        assert axis.said[axis.first].endswith(said.replace(": 1 voxels", ": 1 voxel"))
        shown = axis.pictures[axis.first]
        assert list(shown) == ["target", "a", "b", "change"]
        states = [TARGET == 255, ~WRONG & ~WRONG_LATER, fixed, broken]
        change = np.select(states, [4, 0, 1, 2], 3)
        expected = np.array(list(CHANGES.values()))[drawn(change, number, index)]
        np.testing.assert_array_equal(pixels(shown["change"]), expected)
        np.testing.assert_array_equal(pixels(shown["b"]), in_colours(drawn(BETTER, number, index)))


def test_a_change_of_one_side_alone_shows_its_errors(ev, folder):
    other = scored(folder, "better")
    os.remove(folder / "better" / "a.nii.gz")
    made = change_of((ev, other), "a")
    assert made.reasons == (("b", "the masks are no longer where they were"),)
    errors = picture_of(ev, "a").axes
    assert [axis.said for axis in made.axes] == [axis.said for axis in errors]
    assert list(made.axes[0].pictures[0]) == ["target", "a"]


@pytest.mark.parametrize("shape", [(8, 6, 5), (48, 5)])
@pytest.mark.parametrize("turned", [False, True])
def test_targets_of_two_shapes_have_no_change(tmp_path, shape, turned):
    for side, labels in (("target", TARGET), ("pred", PRED)):
        write(tmp_path, {f"one/{side}/a.npy": labels, f"other/{side}/a.npy": labels.reshape(shape)})
    sides = [scored(tmp_path / of) for of in ("one", "other")]
    made = change_of(tuple(sides[::-1] if turned else sides), "a")
    said = "the targets of the two differ in shape"
    assert made.reasons == (("a", said), ("b", said))
    assert made.has_target
    assert not made.change


def sources_of(strip):
    return [image.attributes["src"] for image in strip.every("img")]


def content(source):
    return base64.b64decode(source.removeprefix("data:image/png;base64,"))


def test_a_report_holds_a_still_picture_and_a_slider_for_each_axis(ev):
    page = Page(report_page(ev))
    assert_closed(page)
    made = picture_of(ev, "a")
    card = next(card for card in page.id("cards").every(class_="card") if card.one(class_="name").text == "a")
    strips = list(card.every(class_="slices"))
    assert len(strips) == 3
    for strip, axis in zip(strips, made.axes, strict=True):
        said, first = axis.said[axis.first], axis.pictures[axis.first]
        assert strip.one(class_="slice").text == said
        button = strip.one("button")
        assert button.text == f"Enlarge a, {axis.title}: Target Prediction Errors"
        assert button.attributes["data-full"] == said
        assert [content(source) for source in sources_of(strip)] == list(first.values())
        sizes = {(image.attributes["width"], image.attributes["height"]) for image in strip.every("img")}
        assert sizes == {tuple(map(str, axis.size))}
        label, slider = strip.one("label"), strip.one("input")
        assert "hidden" in label.attributes  # until there are scripts to move it
        assert label.text == f"Slices of a along the {axis.title}"
        assert (slider.attributes["max"], slider.attributes["value"]) == (
            str(len(axis.said) - 1),
            str(axis.first),
        )
        assert slider.attributes["aria-valuetext"] == said
        kept = json.loads(strip.one("script").children[0])
        assert [name for name, *_ in kept] == list(axis.said)
        assert kept[axis.first] == [said]
        for (_, *sources), shown in zip(kept, axis.pictures, strict=True):
            if sources:
                assert [content(source) for source in sources] == list(shown.values())
    text = page.id("pictures").text
    assert (
        "Of a volume, the slice with most errors along each axis comes first. "
        "The head or the front is up, and the patient's right on the left."
    ) in text
    assert "No photographs" not in text


@pytest.mark.parametrize("compared", [False, True])
def test_fewer_volumes_keep_more_slices(ev, folder, monkeypatch, compared):
    shown = compare(ev, scored(folder, "better")) if compared else ev

    def kept(room, thumbnails):
        monkeypatch.setattr(f"segscore.pages.{'changes' if compared else 'report'}.ROOM", room)
        shown.write_report(folder / "page.html", thumbnails=thumbnails)
        page = Page((folder / "page.html").read_text())
        of_axes = [list(one.every("script")) for one in page.root.every(class_="slices")]
        return [len(json.loads(one[0].children[0])) if one else 1 for one in of_axes]

    assert kept(0, 2) == [1] * 6  # which need no slider
    assert kept(1 << 20, 2) == [*SHAPE, *SHAPE]
    half, whole = kept(8_000, 2), kept(8_000, 1)
    assert all(1 < some < more for some, more in zip(half[:3], whole, strict=True))


def test_volumes_without_directions_are_not_said_to_be_upright(tmp_path):
    for side in ("pred", "target"):
        write(tmp_path / side, {"a.npy": np.where(TARGET == 255, 0, TARGET)})
    text = Page(report_page(scored(tmp_path))).id("pictures").text
    assert "along each axis comes first." in text
    assert "The head" not in text


def test_a_comparison_has_sliders_as_well(ev, folder):
    compare(ev, scored(folder, "better")).write_report(folder / "c.html")
    page = Page((folder / "c.html").read_text())
    assert_closed(page)
    assert "the slice that changed most along each axis comes first." in page.id("pictures").text
    strips = list(page.id("cards").every(class_="slices"))
    assert len(strips) == 6
    for strip in strips:
        parts = [image.attributes["data-part"] for image in strip.every("img")]
        assert parts == ["target", "a", "b", "change"]
        assert all(len(kept) in (1, 5) for kept in json.loads(strip.one("script").children[0]))
