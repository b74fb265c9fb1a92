"""Pictures of evaluations that were saved: of the masks that were scored, and of nothing else."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import segscore
from segscore import Evaluation
from segscore.pages.pictures import picture_of
from segscore.pages.rankings import with_photographs
from segscore.pages.report import report_page
from support.masks_on_disk import pillow, write
from support.pages import Page

TARGET = np.array([[0, 0, 1], [0, 1, 1]], np.uint8)
PRED = np.array([[0, 1, 1], [0, 1, 1]], np.uint8)


@pytest.fixture
def ev(tmp_path: Path) -> Evaluation:
    write(tmp_path / "pred", {"a.png": PRED})
    write(tmp_path / "target", {"a.png": TARGET})
    write(tmp_path / "image", {"a.jpg": pillow(Image.new("RGB", (3, 2), (10, 200, 30)), "JPEG")})
    return segscore.evaluate(
        pred=tmp_path / "pred", target=tmp_path / "target", classes=["road", "sky"], progress=False
    )


def naming(ev: Evaluation, folder: Path, *files: Path) -> Evaluation:
    """Return what is read where somebody has put these files into a saved evaluation."""
    ev.save(folder / "ev.npz")
    with np.load(folder / "ev.npz") as arrays:
        columns = {**arrays}
    about = json.loads(columns["about"].tobytes()) | {"files": {"a": [str(file) for file in files]}}
    made = io.BytesIO()
    np.savez(made, **{**columns, "about": np.frombuffer(json.dumps(about).encode(), np.uint8)})
    (folder / "ev.npz").write_bytes(made.getvalue())
    return segscore.load(folder / "ev.npz")


def shown(ev: Evaluation) -> tuple[list[str], str]:
    """Return the pictures on the page of a report, and what it says of them."""
    page = Page(report_page(ev))
    return [one.attributes["data-part"] for one in page.root.every("img")], page.id("pictures").text


def test_masks_of_a_saved_evaluation_are_shown(tmp_path: Path, ev: Evaluation) -> None:
    ev.save(tmp_path / "ev.npz")
    found = segscore.load(tmp_path / "ev.npz")
    assert picture_of(found, "a") == picture_of(ev, "a")
    assert shown(found)[0] == ["target", "pred", "errors"]


def test_photographs_are_shown_of_folders_that_are_named(tmp_path: Path, ev: Evaluation) -> None:
    own = with_photographs(ev, tmp_path / "image")
    assert picture_of(own, "a").photograph != b""
    own.save(tmp_path / "own.npz")
    masks = tmp_path / "pred" / "a.png", tmp_path / "target" / "a.png"
    for found in (
        segscore.load(tmp_path / "own.npz"),
        naming(ev, tmp_path, *masks, tmp_path / "image" / "a.jpg"),
    ):
        assert found.files == ev.files
        assert shown(found)[0] == ["target", "pred", "errors"]
        assert "No photographs of the images are known." in shown(found)[1]
        again = with_photographs(found, tmp_path / "image")
        assert picture_of(again, "a") == picture_of(own, "a")


CHANGED = "the masks have changed since they were scored"
COLOURS = np.random.default_rng(3).integers(0, 256, (2, 3, 3)).astype(np.uint8)
PRIVATE = {
    "mask.png": (np.array([[0, 0, 1], [1, 1, 1]], np.uint8), CHANGED),
    "picture.png": (pillow(Image.fromarray(COLOURS[..., 0])), CHANGED),
    "photograph.jpg": (pillow(Image.fromarray(COLOURS), "JPEG"), "expected a mask, found JPEG"),
    "text.txt": (b"word = secret", "expected a mask, found a file of another kind"),
}


@pytest.mark.parametrize("name", PRIVATE)
def test_other_files_that_a_saved_evaluation_names_are_not_shown(
    tmp_path: Path, ev: Evaluation, name: str
) -> None:
    content, why = PRIVATE[name]
    write(tmp_path / "home", {name: content})
    path = tmp_path / "home" / name
    found = naming(ev, tmp_path, path, path, path)
    made = picture_of(found, "a")
    assert (made.target, made.pred, made.errors, made.photograph, made.axes) == (b"", b"", b"", b"", ())
    assert made.reason.removeprefix(f"{path}: ") == why
    assert shown(found)[0] == []
    assert "secret" not in report_page(found)
