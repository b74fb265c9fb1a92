"""Masks of several channels of which one tells labels are read as what they are, and colours as colours."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import segscore
from segscore import Classes, EvaluationError, LabelError
from segscore.counts.new_classes import new_classes
from segscore.pages.pictures import picture_of
from support.command_line import run
from support.masks_on_disk import pillow, write
from support.painted import Form, folders, gray
from support.planted import NAMES, Mask, scenes
from support.refused import refused
from support.tiff_files import EXTRA, tiff
from support.workspaces import add_dataset

COLOURED = Classes(
    NAMES, ignore=[255], colours={0: (0, 0, 0), 1: (70, 70, 70), 2: (128, 64, 128), 3: (0, 0, 142)}
)
PLAIN = Classes(NAMES, ignore=[255])


def rgb(mask: Mask) -> Image.Image:
    return gray(mask).convert("RGB")


def rgba(mask: Mask) -> Image.Image:
    return gray(mask).convert("RGBA")


def gray_alpha(mask: Mask) -> Image.Image:
    return gray(mask).convert("LA")


def in_alpha(mask: Mask) -> Image.Image:
    return Image.merge("LA", (gray(np.zeros_like(mask)), gray(mask)))


def in_alpha_of_red(mask: Mask) -> Image.Image:
    image = Image.new("RGB", gray(mask).size, (200, 30, 30))
    image.putalpha(gray(mask))
    return image


def truth(images: int, classes: Classes = PLAIN) -> segscore.Evaluation:
    pred, target = scenes()
    return segscore.evaluate(pred=pred[:images], target=target[:images], classes=classes)


FORMS = [rgb, rgba, gray_alpha, in_alpha, in_alpha_of_red]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("classes", [PLAIN, COLOURED], ids=["plain", "coloured"])
@pytest.mark.parametrize("kind", ["png", "tif"])
def test_the_channel_that_tells_labels_is_read(
    tmp_path: Path, form: Form, classes: Classes, kind: str
) -> None:
    for images in (1, 3, 20):
        for sides in ((form, gray), (gray, form), (form, form)):
            found = folders(tmp_path, *sides, images, kind)
            for read in (None, Image.open):
                ev = segscore.evaluate(**found, classes=classes, read=read)
                assert ev.confusion == truth(images, classes).confusion


def test_one_image_that_is_of_one_value_is_read_like_the_others(tmp_path: Path) -> None:
    # Black and opaque is label 0 of gray with alpha, and label 255 of a mask in the alpha.
    for form, value in ((gray_alpha, 0), (in_alpha, 255), (rgb, 0), (rgba, 0)):
        one = np.full((4, 4), value)
        for images in (one, np.arange(16).reshape(4, 4) % 2), (one, one * 0, one):
            folder = tmp_path / f"{form.__name__}{len(images)}"
            files = {f"{i}.png": pillow(form(image)) for i, image in enumerate(images)}
            write(folder / "t", files)
            write(folder / "p", {f"{i}.png": pillow(gray(image)) for i, image in enumerate(images)})
            ev = segscore.evaluate(pred=folder / "p", target=folder / "t", classes=256)
            assert ev.scores.pixel_accuracy == 1


def test_colours_of_classes_stay_colours(tmp_path: Path) -> None:
    # (70, 70, 70) is the colour of class 1 as well as gray.
    for colours in ([(0, 0, 0), (70, 70, 70)], [(70, 70, 70), (70, 70, 70)], [(0, 0, 0), (0, 0, 0)]):
        image = Image.fromarray(np.array([colours], np.uint8))
        labels = np.array([[{0: 0, 70: 1}[red] for red, _, _ in colours]])
        write(tmp_path, {"t/a.png": pillow(image), "p/a.png": labels})
        ev = segscore.evaluate(pred=tmp_path / "p", target=tmp_path / "t", classes=COLOURED)
        assert ev.scores.pixel_accuracy == 1


def test_gray_beside_colours_of_classes_is_a_colour_that_is_not_known(tmp_path: Path) -> None:
    for colours in ([(70, 70, 70), (3, 3, 3)], [(3, 3, 3), (0, 0, 142)]):
        write(
            tmp_path, {"t/a.png": pillow(Image.fromarray(np.array([colours], np.uint8))), "p/a.png": [[1, 1]]}
        )
        text = refused(
            LabelError, segscore.evaluate, pred=tmp_path / "p", target=tmp_path / "t", classes=COLOURED
        )
        assert text == (
            "`target` holds the label colour (3, 3, 3) (1 pixel): neither class nor ignored, first in a\n"
            "hint: RGB masks need the colours of the classes, exactly; was the mask resized or saved as JPEG?"
        )


def test_masks_in_alpha_beside_masks_in_gray_are_refused(tmp_path: Path) -> None:
    labels = np.array([[0, 1], [2, 3]])
    write(tmp_path / "p", dict.fromkeys(("a.png", "b.png"), labels))
    write(tmp_path / "t", {"a.png": pillow(in_alpha(labels)), "b.png": pillow(gray_alpha(labels))})
    text = refused(EvaluationError, segscore.evaluate, pred=tmp_path / "p", target=tmp_path / "t", classes=5)
    assert text == (
        "1 of 2 images could not be scored:\n"
        "  a: `target` holds colour (0, 0, 0) with alpha 3, expected labels\n"
        "hint: colours are read only where the classes have colours: give them some, or save label values\n"
        'hint: `on_error="skip"` scores the other images, and says so'
    )


def test_tiff_with_alpha_that_is_multiplied_or_unknown_is_refused_unless_opaque(tmp_path: Path) -> None:
    labels = np.array([[0, 1], [2, 3]], np.uint8)
    for extra in (0, 1):
        for alpha, said in (
            (255, ""),
            (9, "its pixels have a value beyond their colour that is no plain alpha"),
        ):
            pixels = np.dstack([labels, np.full_like(labels, alpha)])
            write(tmp_path, {"t/a.tif": tiff(pixels, tags={EXTRA: extra}), "p/a.png": labels})
            sides = {"pred": tmp_path / "p", "target": tmp_path / "t"}
            if not said:
                assert segscore.evaluate(**sides, classes=5).scores.pixel_accuracy == 1
                continue
            assert refused(EvaluationError, segscore.evaluate, **sides, classes=5) == (
                f"1 of 1 images could not be scored:\n  a: {tmp_path}/t/a.tif: {said}\n"
                "hint: save labels alone, or colours with alpha that is not multiplied into them"
            )


@pytest.mark.parametrize("form", FORMS)
def test_labels_and_classes_are_found_in_the_channel_that_tells_them(tmp_path: Path, form: Form) -> None:
    sides, usual = (folders(tmp_path / name, one, gray, 3) for name, one in (("a", form), ("b", gray)))
    found, expected = (new_classes(of["pred"]).splitlines()[1:] for of in (sides, usual))
    assert found == expected
    told, plain = (
        run("evaluate", "--pred", of["pred"], "--target", of["target"]).output for of in (sides, usual)
    )
    assert told.replace("/a/", "/b/") == plain


def test_the_audit_has_nothing_to_say_of_them(tmp_path: Path) -> None:
    for form in FORMS:
        sides = folders(tmp_path, form, form, 20)
        found = segscore.audit(**sides, classes=PLAIN)
        assert found.findings == truth(20).audit().findings


def test_a_run_reads_them_and_refuses_what_nobody_can_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folders(tmp_path, gray, rgb, 3)
    write(tmp_path / "image", {f"0{i}.png": pillow(rgb(scenes()[0][i])) for i in range(3)})
    (tmp_path / "first.py").write_text("def labels(image):\n    return image[..., 0]\n")
    ws = segscore.Workspace.init(tmp_path)
    add_dataset(ws, classes=COLOURED)
    ws.models.add("net", python="first:labels")
    done = ws.run("net", "streets", progress=False)
    assert ws.evaluation(done.id).confusion == truth(3, COLOURED).confusion


def test_a_run_refuses_one_colour_that_may_be_a_label(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    black = pillow(rgb(np.zeros((4, 4))))
    write(tmp_path, {f"{side}/0.png": black for side in ("image", "target")})
    (tmp_path / "second.py").write_text("def labels(image):\n    return image[..., 0]\n")
    ws = segscore.Workspace.init(tmp_path)
    add_dataset(ws, classes=Classes(NAMES, colours={1: (0, 0, 0)}))
    ws.models.add("net", python="second:labels")
    text = refused(EvaluationError, ws.run, "net", "streets", progress=False)
    assert (
        "0: `target` holds colour (0, 0, 0) alone, which may mean the class of that colour or the label 0"
        in text
    )
    assert "hint: save label values as gray PNG" in text


def test_pictures_show_what_was_scored(tmp_path: Path) -> None:
    for form in FORMS:
        sides = folders(tmp_path, gray, form, 1)
        picture = picture_of(segscore.evaluate(**sides, classes=PLAIN), "00")
        assert picture.reason == ""


def test_colours_that_are_none_are_refused_as_ever(tmp_path: Path) -> None:
    image = Image.fromarray(np.array([[(1, 2, 3), (4, 5, 6)]], np.uint8))
    write(tmp_path, {"t/a.png": pillow(image), "p/a.png": [[1, 1]]})
    text = refused(EvaluationError, segscore.evaluate, pred=tmp_path / "p", target=tmp_path / "t", classes=5)
    assert "expected a mask of labels (gray or palette), found RGB\n" in text


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("classes", [PLAIN, COLOURED], ids=["plain", "coloured"])
@pytest.mark.parametrize("options", [{"components": True}, {"boundary": 2}, {"distances": True}])
def test_shapes_of_what_all_images_tell_are_refused_with_what_helps(tmp_path, form, classes, options):
    with pytest.raises(EvaluationError) as caught:
        segscore.evaluate(**folders(tmp_path, form, form, 2), classes=classes, **options)
    assert [(failure.message, failure.hint) for failure in caught.value.failures] == 2 * [
        (
            "boundaries, distances and components are measured of the labels of each image by itself, and "
            "what the colours of this one stand for is told from all images together",
            "save masks as labels, one value for each class, such as gray PNG",
        )
    ]
