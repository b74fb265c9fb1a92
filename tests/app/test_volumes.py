"""Volumes in the application: their slices are in its pages."""

import os
import shutil

import numpy as np
import pytest

from segscore import Workspace
from support.applications import Visitor
from support.masks_on_disk import png, write
from support.pages import Page
from support.workspaces import add_dataset

RANDOM = np.random.default_rng(0)
TARGETS = RANDOM.integers(0, 2, (2, 4, 6, 7))


@pytest.fixture
def visitor(tmp_path):
    for name, target in zip("ab", TARGETS, strict=True):
        first, second = (np.where(RANDOM.random(target.shape) < 0.4, 0, target) for _ in range(2))
        write(
            tmp_path,
            {
                f"image/{name}.png": png(np.zeros((6, 7, 3), int), 8, 2),
                f"target/{name}.npy": target,
                f"v1/{name}.npy": first,
                f"v2/{name}.npy": second,
            },
        )
    workspace = Workspace.init(tmp_path / "own")
    options = {"images": tmp_path / "image", "targets": tmp_path / "target"}
    add_dataset(workspace, **options, classes=2, dims=3)
    for version in ("v1", "v2"):
        workspace.models.add("net", version=version, predictions=tmp_path / version)
        workspace.run(f"net:{version}", "streets", progress=False)
    with Visitor(workspace) as visitor:
        yield visitor


def sliders(visitor, address):
    return len(list(Page(visitor.get(address).text).id("cards").every(class_="slide")))


@pytest.mark.parametrize("address", ["/runs/r1", "/compare?run=r1&run=r2", "/runs/r1/report.html"])
def test_slices_are_shown_wherever_pictures_are(visitor, address):
    assert sliders(visitor, address) == 6


def test_files_that_are_gone_are_shown_again_when_they_are_back(visitor, tmp_path):
    os.rename(tmp_path / "target", tmp_path / "elsewhere")
    assert "2 images cannot be shown" in Page(visitor.get("/runs/r1").text).id("pictures").text
    os.rename(tmp_path / "elsewhere", tmp_path / "target")
    assert sliders(visitor, "/runs/r1") == 6
    os.rename(tmp_path / "v1", tmp_path / "elsewhere")
    assert sliders(visitor, "/runs/r1") == 6  # as runs do not change, the page is kept


def test_a_target_is_shown_alone_where_predictions_are_no_longer_known(visitor, tmp_path):
    shutil.rmtree(tmp_path / "own" / ".segscore" / "models" / "net")
    with Visitor(Workspace(tmp_path / "own")) as later:
        page = Page(later.get("/runs/r1").text)
    said = "The predictions of 2 images cannot be shown: the model is no longer there."
    assert page.id("pictures").text.count(said) == 1
    for strip in page.id("cards").every(class_="strip"):
        parts = [image.attributes["data-part"] for image in strip.every("img")]
        assert parts in (["photograph"], ["target"])
        missing = [one.text for one in strip.every(class_="no-picture")]
        assert missing == ["the model is no longer there"] * (2 if parts == ["target"] else 0)


def test_a_slice_has_no_address(visitor):
    answer = visitor.get("/runs/r1/pictures/0/target")
    assert (answer.status_code, answer.text) == (404, "slices of volumes are in the page of the run")
    assert visitor.get("/runs/r1/pictures/0/photograph").status_code == 200
