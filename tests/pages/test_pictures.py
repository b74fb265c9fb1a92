"""Pictures of the report: masks in the classes' colours, errors, photographs, and why there are none."""

import base64
import io
import os
import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

import segscore
from segscore import ArgumentError, Classes, FileFormatError, PairingError, compare
from segscore.classes.colours import ERRORS, class_colours, other_colours
from segscore.io.places import Files
from segscore.pages.panels.strips import size_said
from segscore.pages.pictures import picture_of, shape_note
from segscore.pages.rankings import with_photographs
from segscore.pages.report import report_page
from support.masks_on_disk import RGB, pillow, pixels, png, write
from support.pages import Page
from support.refused import refused

CLASSES = Classes(
    ["road", "sky"], [3, 7], ignore=[255], colours={3: (128, 64, 128), 7: (70, 130, 180), 255: (1, 1, 1)}
)
TARGET = np.array([[3, 3, 7, 255], [3, 3, 7, 7]])
PRED = np.array([[3, 7, 7, 3], [3, 3, 9, 7]])


@pytest.fixture
def folder(tmp_path):
    write(tmp_path / "pred", {"a.png": PRED, "b.png": TARGET})
    write(tmp_path / "target", {"a.png": TARGET, "b.png": TARGET})
    image = Image.fromarray(np.full((20, 40, 3), (10, 200, 30), dtype=np.uint8))
    write(tmp_path / "image", {"a.png": pillow(image), "b.jpg": pillow(image, "JPEG")})
    return tmp_path


def scored(folder, pred="pred", **options):
    """Return the evaluation of the masks in two folders."""
    given = {"classes": CLASSES, "progress": False, **options}
    return segscore.evaluate(pred=folder / pred, target=folder / "target", **given)


@pytest.fixture
def ev(folder):
    with pytest.warns(segscore.SegscoreWarning, match="no class"):
        return scored(folder)


def test_masks_have_the_colours_of_the_classes(ev):
    made = picture_of(ev, "a")
    road, sky = class_colours(CLASSES)
    other = other_colours(CLASSES)
    assert other["ignored"] == (1, 1, 1)
    np.testing.assert_array_equal(pixels(made.target)[0], [road, road, sky, other["ignored"]])
    np.testing.assert_array_equal(pixels(made.pred)[1], [road, road, other["no class"], sky])
    wrong = [
        [ERRORS[key] for key in row]
        for row in (
            ("correct", "wrong", "correct", "ignored"),
            ("correct", "correct", "no class", "correct"),
        )
    ]
    np.testing.assert_array_equal(pixels(made.errors), wrong)
    seen = np.asarray(Image.open(io.BytesIO(made.errors)).convert("RGBA"))[..., 3]
    np.testing.assert_array_equal(seen, [[0, 255, 0, 255], [0, 0, 255, 0]])  # what is right is seen through
    assert (made.size, made.full_size, made.reason) == ((4, 2), (4, 2), "")


def test_large_masks_are_made_small_without_mixing_labels(tmp_path):
    random = np.random.default_rng(0)
    masks = {"a.png": random.choice([3, 7], (90, 300))}
    write(tmp_path / "target", masks)
    write(tmp_path / "pred", masks)
    ev = scored(tmp_path)
    made = picture_of(ev, "a", side=30)
    assert (made.size, made.full_size) == ((30, 9), (300, 90))
    assert size_said(made) == "shown at 30 x 9 of 300 x 90 pixels"
    assert size_said(picture_of(ev, "a")) == "300 x 90 pixels"
    expected = masks["a.png"][5::10, 5::10]
    colours = np.array([class_colours(CLASSES)[0 if label == 3 else 1] for label in expected.ravel()])
    np.testing.assert_array_equal(pixels(made.target).reshape(-1, 3), colours)


def test_masks_in_colours_and_resized_ones_are_shown(tmp_path):
    colours = np.array([[CLASSES.colours[3], CLASSES.colours[7]]], dtype=np.uint8)
    write(tmp_path / "target", {"a.png": png(colours, colour=RGB)})
    write(tmp_path / "pred", {"a.png": np.array([[3, 3, 7, 7], [3, 3, 7, 7]])})
    ev = scored(tmp_path, resize="nearest")
    made = picture_of(ev, "a")
    np.testing.assert_array_equal(pixels(made.target), colours)
    np.testing.assert_array_equal(pixels(made.pred), colours)


def test_a_page_shows_pictures_of_the_size_that_they_have(ev, folder):
    page = Page(report_page(ev, images=folder / "image"))
    cards = list(page.id("cards").every(class_="card"))
    assert [card.one(class_="name").text for card in cards] == ["a", "b"]
    for card in cards:
        parts = {image.attributes["data-part"]: image.attributes for image in card.every("img")}
        assert list(parts) == ["photograph", "target", "pred", "errors"]
        assert parts["photograph"]["src"].startswith("data:image/jpeg;base64,")
        assert (parts["pred"]["width"], parts["pred"]["height"]) == ("4", "2")
        shown = pixels(base64.b64decode(parts["target"]["src"].removeprefix("data:image/png;base64,")))
        np.testing.assert_array_equal(shown, pixels(picture_of(ev, card.one(class_="name").text).target))
        name = card.one(class_="name").text
        assert card.one("button").text == f"Enlarge {name}: Image Target Prediction Errors"
    legend = [
        li.text for li in page.root.one("ul", aria_label="Colours of target and prediction").every("li")
    ]
    assert legend == ["road", "sky", "no class", "ignored"]
    assert not list(Page(report_page(ev, thumbnails=0)).root.every("img"))
    assert len(list(Page(report_page(ev, thumbnails=1)).root.every(class_="card"))) == 1


def test_masks_that_have_moved_changed_or_broken_are_said(ev, folder):
    os.remove(folder / "pred" / "a.png")
    assert picture_of(ev, "a").reason == "the masks are no longer where they were"
    write(folder / "pred", {"a.png": PRED[::-1], "b.png": PRED})
    write(folder / "target", {"a.png": TARGET[::-1]})
    assert picture_of(ev, "a").reason == ""  # the same counts, wherever the pixels are
    assert picture_of(ev, "b").reason == "the masks have changed since they were scored"
    (folder / "pred" / "b.png").write_bytes(b"no PNG")
    assert picture_of(ev, "b").reason.startswith(f"{folder}/pred/b.png: ")
    os.rename(folder / "target", folder / "elsewhere")
    page = Page(report_page(ev, images=folder / "image"))
    text = page.id("pictures").text
    assert "2 images cannot be shown: the masks are no longer where they were." in text
    assert [image.attributes["data-part"] for image in page.root.every("img")] == ["photograph"] * 2
    assert not list(page.root.every(class_="no-picture"))


def test_a_target_is_shown_alone_where_predictions_are_missing(ev, folder):
    before = picture_of(ev, "a")
    os.rename(folder / "pred", folder / "elsewhere")
    made = picture_of(ev, "a")
    assert made.target == before.target
    assert (made.pred, made.errors, made.size, made.full_size) == (b"", b"", (4, 2), (4, 2))
    assert made.reason == "the masks are no longer where they were"
    page = Page(report_page(ev, images=folder / "image"))
    said = "The predictions of 2 images cannot be shown: the masks are no longer where they were."
    assert said in page.id("pictures").text
    for card in page.id("cards").every(class_="card"):
        assert [one.attributes["data-part"] for one in card.every("img")] == ["photograph", "target"]
        reasons = [one.text for one in card.every(class_="no-picture")]
        assert reasons == ["the masks are no longer where they were"] * 2
    legends = [one.attributes["aria-label"] for one in page.id("pictures").every("ul", class_="legend")]
    assert legends == ["Colours of target and prediction"]
    # A target with as many pixels of each label is taken for the one that was scored, and no other one.
    write(folder / "target", {"a.png": TARGET[::-1], "b.png": PRED})
    assert picture_of(ev, "a").target != b""
    assert picture_of(ev, "b").target == b""


def test_the_page_says_why_images_have_no_picture(ev):
    def limit(page):
        return [one.text for one in Page(page).root.every("p", id="picture-limit")]

    one = (
        "To stay small, the page has pictures of 1 image. A report with more of them is written with "
        "thumbnails in Python, or --thumbnails on the command line."
    )
    assert limit(report_page(ev, thumbnails=1)) == [one]
    for number in (0, 2):
        assert limit(report_page(ev, thumbnails=number)) == []


def test_a_pipe_is_never_opened(ev, folder):
    os.mkfifo(folder / "pipe.png")
    at_pipe = Files(str(folder / "pipe.png"), str(folder / "pipe.png"), str(folder / "pipe.png"))
    made = picture_of(replace(ev, files={"a": at_pipe}), "a")
    assert made.reason == "the masks are no longer where they were"
    assert made.photograph_reason == "the photographs are no longer where they were"


def test_arrays_and_merged_classes_have_no_pictures(ev):
    arrays = segscore.evaluate(pred=[TARGET], target=[TARGET], classes=CLASSES)
    assert not arrays.files
    assert "There are no pictures" in Page(report_page(arrays)).id("pictures").text
    assert not ev.merge({"all": ["road", "sky"]}).files
    assert (
        picture_of(arrays, "0").reason
        == "no picture is made of arrays, of files for each class, or of what a function reads"
    )


@pytest.mark.parametrize("shape", [(5,), (0, 3), (0, 3, 4)])
def test_masks_of_other_dimensions_are_no_pictures(tmp_path, shape):
    for side in ("pred", "target"):
        write(tmp_path / side, {"a.npy": np.full(shape, 3), "b.npy": np.full((2, 2), 3)})
    ev = scored(tmp_path, dims=3)
    assert picture_of(ev, "a").reason == f"a mask of shape {shape} is no picture"
    assert not picture_of(ev, "a").has_target


def test_files_read_by_a_function_are_shown_with_it(tmp_path):
    for side in ("pred", "target"):
        write(tmp_path / side, {"a.raw": bytes([3, 7])})

    def read(path):
        return np.fromfile(path, np.uint8)[None]

    ev = scored(tmp_path, read=read)
    assert picture_of(ev, "a", read=read).size == (2, 1)
    assert "give" not in picture_of(ev, "a").reason
    assert "expected a mask, found bare numbers" in picture_of(ev, "a").reason


def test_places_of_files_are_kept_but_not_compared(ev, folder, monkeypatch):
    assert ev.files["a"] == Files(str(folder / "pred" / "a.png"), str(folder / "target" / "a.png"))
    assert replace(ev, files={}) == ev
    assert list(ev.select(["b"]).files) == ["b"]
    ev.save(folder / "ev.npz")
    assert segscore.load(folder / "ev.npz").files == ev.files
    monkeypatch.chdir(folder)
    with pytest.warns(segscore.SegscoreWarning, match="no class"):
        nearby = segscore.evaluate(pred="pred", target="target", classes=CLASSES, progress=False)
    assert nearby.files == ev.files


@pytest.mark.parametrize(
    "entries", [{"z": ["p", "t", None]}, {"a": [1, "t", None]}, {"a": ["p"]}, [["a"]], {"a": None}]
)
def test_a_saved_file_with_wrong_places_is_refused(ev, tmp_path, monkeypatch, entries):
    from segscore.results import saved

    dumps = saved.json.dumps
    monkeypatch.setattr(saved.json, "dumps", lambda about: dumps({**about, "files": entries}))
    ev.save(tmp_path / "ev.npz")
    with pytest.raises(FileFormatError):
        segscore.load(tmp_path / "ev.npz")


def test_photographs_are_found_by_name_or_by_a_pattern(ev, folder):
    found = with_photographs(ev, folder / "image")
    assert {name: files.image for name, files in found.files.items()} == {
        "a": str(folder / "image" / "a.png"),
        "b": str(folder / "image" / "b.jpg"),
    }
    os.rename(folder / "image" / "a.png", folder / "image" / "a_rgb.png")
    assert [name for name, files in with_photographs(ev, folder / "image").files.items() if files.image] == [
        "b"
    ]
    found = with_photographs(ev, folder / "image", "{id}_rgb:{id}")
    assert [name for name, files in found.files.items() if files.image] == ["a"]
    page = Page(report_page(ev, images=folder / "image"))
    assert "Photographs were found for 1 of 2 images." in page.id("pictures").text
    os.rename(folder / "image" / "b.jpg", folder / "image" / "c.jpg")
    assert refused(PairingError, report_page, ev, images=folder / "image") == (
        f"no photograph in {folder}/image has the name of an image: found a_rgb, expected such as a\n"
        "hint: where the names differ, give a pattern: `image_pairing`"
    )


def test_photographs_that_cannot_be_shown_are_said(ev, folder, monkeypatch):
    (folder / "image" / "a.png").write_bytes(b"no PNG")
    text = Page(report_page(ev, images=folder / "image")).id("pictures").text
    assert f"The photographs of 1 image cannot be shown: {folder}/image/a.png: expected an image" in text
    monkeypatch.setitem(sys.modules, "PIL", None)
    text = Page(report_page(ev, images=folder / "image")).id("pictures").text
    assert (
        "The photographs of 2 images cannot be shown: images are read with Pillow, which is not installed."
        in text
    )


def test_photographs_are_made_small(ev, folder):
    large = Image.fromarray(np.random.default_rng(0).integers(255, size=(600, 1200, 3), dtype=np.uint8))
    large.save(folder / "image" / "a.png")
    made = picture_of(with_photographs(ev, folder / "image"), "a")
    assert Image.open(io.BytesIO(made.photograph)).size == (480, 240)


def test_a_photograph_of_another_shape_is_told(ev, folder):
    one = "Image (60 x 20 pixels, another shape than the masks)"
    pillow_image = Image.fromarray(np.zeros((20, 60, 3), dtype=np.uint8))
    (folder / "image" / "a.png").write_bytes(pillow(pillow_image))
    pages = [report_page(ev, images=folder / "image")]
    write(folder / "better", {"a.png": TARGET, "b.png": TARGET})
    compare(ev, scored(folder, "better")).write_report(folder / "c.html", images=folder / "image")
    pages.append((folder / "c.html").read_text())
    for page in pages:
        text = Page(page).id("pictures").text
        assert (text.count(one), text.count("another shape")) == (1, 1)


@pytest.mark.parametrize(
    ("photograph", "masks", "fits"),
    [
        ((40, 20), (4, 2), True),
        ((4, 2), (40, 20), True),
        ((1023, 767), (512, 384), True),
        ((512, 384), (1023, 767), True),
        ((100, 50), (480, 360), False),
        ((360, 480), (480, 360), False),
        ((482, 360), (480, 360), False),
        ((0, 0), (480, 360), True),
        ((100, 50), (0, 0), True),
    ],
)
def test_shapes_that_are_one_but_for_rounding(photograph, masks, fits):
    assert (shape_note(photograph, masks) == "") == fits


def test_made_up_colours_differ():
    colours = class_colours(Classes([str(i) for i in range(171)]))
    assert len(set(colours)) == 171
    assert all(0 <= part <= 255 for colour in colours for part in colour)


def test_a_background_is_gray_unless_it_has_a_colour():
    gray = (205, 210, 214)
    assert class_colours(Classes(["Background", "car"]))[0] == gray
    others = class_colours(Classes(["sky", "bg", "background", "car"]))
    assert others[1] == gray
    assert gray not in (others[0], *others[2:])
    assert others[3] == class_colours(Classes(["sky", "road", "tree", "car"]))[3]
    assert class_colours(Classes(["background", "car"], colours={0: (1, 2, 3)}))[0] == (1, 2, 3)
    assert gray not in class_colours(Classes.of(3))


def test_more_colours_than_a_palette_holds_are_no_picture(tmp_path):
    labels = np.arange(400).reshape(20, 20)
    for side in ("pred", "target"):
        write(tmp_path / side, {"a.npy": labels})
    ev = scored(tmp_path, classes=400)
    assert picture_of(ev, "a").reason == "more than 256 classes in one picture"


def test_wrong_photographs_are_argument_errors(ev):
    with pytest.raises(ArgumentError):
        with_photographs(ev, 3)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (5, "`image_pairing`: expected a pattern as text, found int"),
        (
            "{id",
            "`image_pairing`: expected a pattern for targets with one `{id}`, or PRED:TARGET with one `{id}` "
            "on each side of one colon, found {id\n"
            "hint: for example '{id}_gtFine_labelIds', or '{id}_pred:{id}_gt'; a colon within a name is `*`",
        ),
    ],
)
def test_patterns_of_photographs_are_called_by_their_own_name(ev, folder, pattern, text):
    assert refused(ArgumentError, report_page, ev, images=folder / "image", image_pairing=pattern) == text


def test_a_pattern_of_photographs_is_proposed_by_its_own_name(ev, folder):
    for name in ("a.png", "b.jpg"):
        path = folder / "image" / name
        path.rename(path.with_stem(f"{path.stem}_rgb"))
    text = refused(PairingError, report_page, ev, images=folder / "image", image_pairing="{id}_rgb:{id}_gt")
    assert text.endswith('\nhint: `image_pairing="{id}_rgb:{id}"` would match 2 of 2 targets')
    one = {"images": [folder / "image" / "a_rgb.png"], "image_pairing": "{id}_depth:{id}_gt"}
    hint = refused(PairingError, report_page, ev, **one).partition("\nhint: ")[2]
    assert hint
    assert "pairing" not in hint.replace("image_pairing", "")
