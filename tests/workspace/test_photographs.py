"""Datasets without photographs, and photographs that do not fit their targets."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segscore import ArgumentError, PairingError, Workspace, WorkspaceError, evaluate
from support.command_line import failed, printed
from support.command_line import run as command
from support.masks_on_disk import RGB, array_file, png, write
from support.refused import refused, warned
from support.workspaces import ONNX, TARGETS, add_dataset, write_project

FLIPPED = {name: 1 - np.minimum(np.array(labels), 1) for name, labels in TARGETS.items()}


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    write_project(tmp_path)
    write(tmp_path, {f"pred/{name}.png": png(labels) for name, labels in FLIPPED.items()})
    monkeypatch.chdir(tmp_path)
    return Workspace.init(tmp_path)


# Without photographs


def test_a_dataset_without_photographs_is_evaluated_from_a_folder(ws: Workspace) -> None:
    whole = add_dataset(ws, "whole")
    printed("dataset", "add", "bare", "--targets", "target", "--classes", "classes.toml", "--no-progress")
    bare = ws.datasets["bare"]
    assert (bare.names, bare.images, bare.image_paths) == (whole.names, None, None)
    assert bare.digest != whole.digest
    assert (bare.truth.sizes, bare.truth.pixels) == (whole.truth.sizes, whole.truth.pixels)
    assert "without photographs: for folders of predictions alone\n" in printed("dataset", "show", "bare")
    ws.models.add("net", predictions="pred")
    done = ws.run("net", "bare", progress=False)
    expected = evaluate(pred="pred", target="target", classes="classes.toml", progress=False)
    assert done.evaluation.table == expected.table
    files = ws.evaluation(done.id).files
    assert {name: one.image for name, one in files.items()} == dict.fromkeys(TARGETS)
    ws.write_report(done.id, "page.html")
    assert "rain_1" in Path("page.html").read_text()
    printed("export", "--images", "images.csv")
    assert len(Path("images.csv").read_text().splitlines()) == 1 + 3


def test_its_files_are_verified_and_compared_with_other_versions(ws: Workspace) -> None:
    whole = add_dataset(ws)
    bare = add_dataset(ws, images=None, groups=r"^(\w+)_", attributes="attributes.csv")
    assert bare.groups == ("rain", "rain", "sun")
    assert bare.attributes["city"] == ("Bonn", "Bonn", "Ulm")
    found = ws.datasets.diff("streets:v1", "streets:v2")
    assert (found.images_changed, found.targets_changed) == (whole.names, ())
    Path("target/sun_1.png").write_bytes(png([[1, 1, 1], [1, 1, 1]]))
    assert refused(WorkspaceError, bare.check, verify=True).startswith(
        "1 of 3 files of dataset streets, version v2, changed since it was added:\n  target/sun_1.png: "
    )


def test_names_of_its_targets_may_need_a_pattern(ws: Workspace) -> None:
    for name in TARGETS:
        Path(f"target/{name}.png").rename(f"target/{name}_gt.png")
    for name, pattern in (("one", "{id}_gt"), ("two", "{id}_left:{id}_gt")):
        assert add_dataset(ws, name, images=None, pairing=pattern).names == tuple(TARGETS)
    assert refused(PairingError, add_dataset, ws, images=None, pairing="{id}_mask") == (
        "`target`: expected targets under the pattern {id}_mask, found none among 3 files in target: "
        "rain_1_gt.png, rain_2_gt.png, sun_1_gt.png\n"
        "hint: describe their names with `pairing`, or leave it out"
    )


def test_targets_of_one_file_a_class_need_no_photographs_either(ws: Workspace) -> None:
    for name, labels in TARGETS.items():
        files = {f"parts/{of}/{name}.png": png(np.array(labels) == i) for i, of in enumerate(("road", "sky"))}
        write(ws.path, files)
    made = add_dataset(ws, targets="parts", images=None, pairing="{class}/{id}", ignore_index=255)
    assert (made.names, len(made.by_path())) == (tuple(TARGETS), 6)
    assert made.truth.class_pixels.tolist() == add_dataset(ws, "whole").truth.class_pixels.tolist()


def test_files_that_are_no_targets_are_named(ws: Workspace) -> None:
    Path("target/b.jpg").touch()
    with warned("1 file among the targets left out, as JPEG is not read there: b.jpg"):
        assert add_dataset(ws, images=None).names == tuple(TARGETS)
    said = (
        "2 files among the targets left out, which the pattern does not describe: rain_1.png, rain_2.png; "
        "1 file among the targets left out, as JPEG is not read there: b.jpg"
    )
    with warned(said):
        assert add_dataset(ws, "sun", images=None, pairing="sun_{id}").names == ("1",)


def test_models_that_are_shown_photographs_are_refused_before_a_run(ws: Workspace) -> None:
    add_dataset(ws, images=None)
    Path("net.onnx").write_bytes(ONNX)
    ws.models.add("net", onnx="net.onnx")
    assert refused(ArgumentError, ws.run, "net", "streets") == (
        "net:v1 is an ONNX model, which needs photographs, but streets:v1 has none\n"
        "hint: add a version with `images=`, or run a folder of predictions"
    )
    assert "hint: add a version with `--images`, or" in failed(command("run", "net", "--on", "streets"))
    ws.models.add("masks", predictions="pred")
    said = "note: net:v1 on streets:v1 left out: the model needs photographs, and the dataset has none\n"
    assert "masks:v1" in printed("run", "--all", "--no-progress", said=said)
    assert [run.model for run in ws.runs()] == ["masks:v1"]


def test_what_a_model_was_trained_on_is_told_by_photographs(ws: Workspace) -> None:
    add_dataset(ws, images=None)
    assert refused(ArgumentError, ws.models.add, "net", predictions="pred", trained_on="streets") == (
        "`trained_on`: dataset streets:v1 has no photographs, which say what a model was trained on\n"
        "hint: give a folder of images, or a version of the dataset that has them"
    )
    ws.models.add("net", predictions="pred", trained_on="image")
    with warned(
        "net:v1 was trained on image; whether images of streets:v1 are among them cannot be told, as it has "
        "no photographs"
    ):
        ws.run("net", "streets", progress=False)


def test_a_manifest_of_which_only_some_images_have_photographs_is_damaged(ws: Workspace) -> None:
    add_dataset(ws)
    path = ws.path / ".segscore/datasets/streets/v1.json"
    content = json.loads(path.read_text())
    del content["images"][1]["image"]
    path.write_text(json.dumps(content))
    with pytest.raises(Exception, match="expected the manifest of dataset streets"):
        ws.datasets["streets"]


# Photographs that do not fit


def test_photographs_of_another_size_than_their_targets_are_named(ws: Workspace) -> None:
    Path("image/rain_1.png").write_bytes(png(np.zeros((3, 2, 3), int), 8, RGB))
    Image.new("RGB", (6, 4)).save("image/sun_1.jpg")
    Path("image/sun_1.png").unlink()
    with warned(
        "2 of 3 images have another size than the target, rows x columns:\n"
        "  image/rain_1.png: 3 x 2, target/rain_1.png: 2 x 3\n"
        "  image/sun_1.jpg: 4 x 6, target/sun_1.png: 2 x 3\n"
        "hint: check that these are the images of these targets, neither turned nor cut"
    ):
        add_dataset(ws)


def test_arrays_are_photographs_with_channels_first_or_last(ws: Workspace) -> None:
    for name, shape in zip(TARGETS, [(2, 3, 5), (5, 2, 3), (2, 3)], strict=True):
        Path(f"image/{name}.png").unlink()
        Path(f"image/{name}.npy").write_bytes(array_file(np.zeros(shape, np.uint16)))
    assert add_dataset(ws).names == tuple(TARGETS)
    Path("image/rain_2.npy").write_bytes(array_file(np.zeros((5, 3, 2), np.uint16)))
    with pytest.warns(match="1 of 3 images has another size.*\n  image/rain_2.npy: 5 x 3 x 2, target"):
        add_dataset(ws)


def test_of_many_the_first_are_named(ws: Workspace) -> None:
    labels = {f"target/{i:02d}.png": png([[0, 1]]) for i in range(30)}
    write(ws.path, {**labels, **{f"image/{i:02d}.png": png([[0], [1]]) for i in range(30)}})
    with pytest.warns() as told:
        add_dataset(ws, images="image/[0-9]*", targets="target/[0-9]*")
    lines = str(told[0].message).splitlines()
    assert lines[0].startswith("30 of 30 images have another size")
    assert lines[5:7] == ["  image/04.png: 2 x 1, target/04.png: 1 x 2", "  and 25 more"]


def test_files_that_are_no_photographs_are_named(ws: Workspace) -> None:
    Path("image/rain_1.png").write_bytes(b"<html>")
    with warned(
        "1 of 3 images cannot be read:\n"
        "  image/rain_1.png: expected an image (BMP, JPEG, PNG, TIFF, WEBP), found something else\n"
        "hint: models that are shown photographs fail on them; folders of predictions do not"
    ):
        add_dataset(ws)
