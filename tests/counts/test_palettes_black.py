"""Palettes in which black, the usual background, is not index 0, as picture programs order colours."""

import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

import segscore
from segscore import Classes, Evaluator, SegscoreWarning
from segscore.counts.new_classes import MADE_UP, OF_PALETTES, new_classes
from support.command_line import run
from support.masks_on_disk import pillow, write
from support.painted import COLOURS, Form, folders, gray, indexed, painted
from support.planted import NAMES, Mask, scenes
from support.workspaces import add_dataset

UNCOLOURED = Classes(NAMES, ignore=[255])
BLACK = np.concatenate([np.zeros((1, 3), np.uint8), COLOURS[:2], COLOURS[3:]])
"""Colours of labels of which the first class is black."""
HERE, PROGRAM = np.arange(256), np.array([2, 0, 1, *range(3, 256)])
"""Indices of the labels, as they are and as a program orders them."""


def saying(side: str) -> str:
    return (
        f"the palettes of `{side}` look like those of a picture program, whose order means nothing: black, "
        "the usual background, is index 2, and index 0 is the colour (70, 130, 180)"
    )


def form(order: npt.NDArray[np.int64], colours: npt.NDArray[np.uint8] = BLACK) -> Form:
    """Return what saves labels as indices in some order."""
    own = np.zeros_like(colours)
    own[order] = colours
    return lambda mask: indexed(order[mask], own)


def found_in(sides: dict[str, str], classes: Classes = UNCOLOURED) -> list[str]:
    """Return what an evaluation and an audit both find, and whoever evaluates is warned of."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", SegscoreWarning)
        ev = segscore.evaluate(**sides, classes=classes)
    by = [
        [f.message for f in findings if f.kind == "palettes-differ"]
        for findings in (ev.findings, segscore.audit(**sides, classes=classes).findings)
    ]
    assert by == [[str(one.message).partition("\n")[0] for one in said]] * 2
    return by[0]


@pytest.mark.parametrize("kind", ["png", "tif"])
@pytest.mark.parametrize("images", [1, 3, 20])
@pytest.mark.parametrize(("pred", "target", "side"), [(PROGRAM, gray, "pred"), (gray, PROGRAM, "target")])
def test_on_one_side_it_is_a_finding(
    tmp_path: Path, pred: object, target: object, side: str, images: int, kind: str
) -> None:
    forms = [one if callable(one) else form(one) for one in (pred, target)]  # type: ignore[arg-type]
    assert found_in(folders(tmp_path, *forms, images, kind)) == [saying(side)]


def test_beside_a_palette_in_the_order_of_labels_it_is_a_finding(tmp_path: Path) -> None:
    # Colours of their own, so that black alone is on both sides.
    other = (BLACK // 2 + 9).astype(np.uint8)
    other[0] = 0
    sides = folders(tmp_path, form(PROGRAM), form(HERE, other), 3)
    assert found_in(sides) == [saying("pred")]


@pytest.mark.parametrize("images", [1, 3, 20])
def test_what_may_be_meant_is_silent(tmp_path: Path, images: int) -> None:
    void = COLOURS.copy()
    void[255] = 0
    colours = {i: BLACK[i].tolist() for i in (0, 1, 2, 3, 4, 255)}
    late = np.roll(BLACK[:5], 2, axis=0)
    coloured = Classes(NAMES, ignore=[255], colours={i: late[i].tolist() for i in range(5)})
    late = np.concatenate([late, COLOURS[5:]])
    for name, pred, target, classes in (
        ("both sides", form(PROGRAM), form(PROGRAM), UNCOLOURED),
        ("black void", gray, form(HERE, void), UNCOLOURED),
        ("black first", gray, form(HERE), UNCOLOURED),
        ("colours of classes", gray, form(HERE, late), coloured),
        ("colours decide", form(HERE), gray, Classes(NAMES, ignore=[255], colours=colours)),
    ):
        assert found_in(folders(tmp_path / name, pred, target, images), classes) == [], name


def test_images_of_pillow_are_looked_at_too() -> None:
    judge = Evaluator(UNCOLOURED)
    judge.add(pred=form(PROGRAM)(scenes()[0][0]), target=scenes()[1][0])
    with pytest.warns(SegscoreWarning) as said:
        found = judge.result()
    assert [str(one.message).partition("\nhint: ")[0] for one in said] == [saying("pred")]
    assert [f.message for f in found.doubts] == [saying("pred")]


def test_targets_alone_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    targets = {f"0{i}.png": pillow(form(PROGRAM)(scenes()[1][i])) for i in range(3)}
    write(tmp_path / "target", targets)
    write(tmp_path / "image", {name: pillow(painted(scenes()[1][i])) for i, name in enumerate(targets)})
    with pytest.warns(SegscoreWarning) as found:
        text = new_classes(str(tmp_path / "target"))
    assert [str(one.message).partition("\n")[0] for one in found] == [saying("target")]
    assert text.splitlines()[1:6] == [*OF_PALETTES, *MADE_UP]
    ws = segscore.Workspace.init(tmp_path)
    with pytest.warns(SegscoreWarning) as found:
        add_dataset(ws, classes=UNCOLOURED)
    assert [str(one.message).partition("\n")[0] for one in found] == [saying("target")]


def test_labels_are_listed_with_it(tmp_path: Path) -> None:
    sides = folders(tmp_path, form(PROGRAM), gray, 3)
    shown = run("evaluate", "--pred", sides["pred"], "--target", sides["target"])
    assert saying("pred") in " ".join(shown.stdout.split())


def test_an_image_of_a_picture_program_is_one(tmp_path: Path) -> None:
    def adaptive(mask: Mask) -> Image.Image:
        return Image.fromarray(BLACK[mask]).convert("P", palette=Image.Palette.ADAPTIVE, colors=8)

    (said,) = found_in(folders(tmp_path, adaptive, gray, 1))
    assert said.startswith("the palettes of `pred` look like those of a picture program")
