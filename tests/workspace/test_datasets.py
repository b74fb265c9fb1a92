"""Datasets of a workspace: versions, what they hold, what differs, and files that changed under them."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from segscore import (
    ArgumentError,
    EvaluationError,
    FileFormatError,
    LabelError,
    PairingError,
    Workspace,
    WorkspaceError,
)
from support import hints
from support.masks_on_disk import png
from support.refused import refused, warned
from support.workspaces import OLD_NS, TARGETS, add_dataset, write_project

pytestmark = pytest.mark.filterwarnings("ignore:.*holds the same as version:segscore.SegscoreWarning")


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    folder = tmp_path / "project"
    write_project(folder)
    monkeypatch.chdir(folder)
    return Workspace.init(folder)


def change(path: str, labels: object, *, mtime: int | None = None) -> None:
    Path(path).write_bytes(png(labels))  # type: ignore[arg-type]
    if mtime is not None:
        os.utime(path, ns=(mtime, mtime))


# What a version holds


def test_a_version_holds_what_was_there(ws: Workspace, tmp_path: Path) -> None:
    made = add_dataset(ws, groups=r"^(\w+)_", attributes="attributes.csv")
    found = Workspace(ws.path).datasets["streets"]
    every = np.array(list(TARGETS.values()))
    for dataset in (made, found):
        assert (dataset.name, dataset.version, dataset.versions) == ("streets", "v1", ("v1",))
        assert dataset.names == ("rain_1", "rain_2", "sun_1")
        assert dataset.groups == ("rain", "rain", "sun")
        assert dict(dataset.attributes) == {
            "camera": ("left", "right", "left"),
            "city": ("Bonn", "Bonn", "Ulm"),
        }
        assert dataset.classes.names == ("road", "sky")
        assert dataset.classes.name == "streets"
        assert dataset.classes.ignore == (255,)
        assert [file.path for file in dataset.images] == [f"image/{name}.png" for name in TARGETS]
        assert dataset.target_paths[0] == f"{tmp_path}/project/target/rain_1.png"
        assert dataset.image_paths[0] == f"{tmp_path}/project/image/rain_1.png"
        assert dataset.targets[0].mtime_ns == OLD_NS
        assert dataset.targets[0].bytes == os.path.getsize("target/rain_1.png")
        assert dataset.workspace == ws.path
        assert dataset.truth.class_pixels.tolist() == [(every == label).sum() for label in (0, 1)] == [9, 8]
        assert dataset.truth.class_images.tolist() == [(every == label).any((1, 2)).sum() for label in (0, 1)]
        assert (dataset.truth.void, dataset.truth.pixels, dataset.truth.one_value) == (1, 18, ("rain_2",))
        assert dataset.truth.sizes == {(2, 3): 3}
        assert repr(dataset) == "<Dataset streets:v1 of 3 images>"
    assert made.digest == found.digest


def test_versions_and_references(ws: Workspace) -> None:
    first = add_dataset(ws)
    best = add_dataset(ws, version="best")
    assert add_dataset(ws, "other").version == "v1"
    assert ws.datasets["streets"].version == "best"
    assert ws.datasets["streets", "v1"].version == ws.datasets["streets:v1"].version == "v1"
    assert ws.datasets["streets:v1"].versions == ("v1", "best")
    assert first.digest == best.digest
    assert list(ws.datasets) == ["other", "streets"]
    assert len(ws.datasets) == 2
    assert repr(ws.datasets) == "<Datasets: other, streets>"
    assert "streets" in ws.datasets
    assert "streets:best" in ws.datasets
    assert "streets:v2" not in ws.datasets
    assert "s" not in ws.datasets
    assert 3 not in ws.datasets
    assert add_dataset(ws).version == "v2"


def test_content_decides_the_digest_and_not_the_place(ws: Workspace, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    write_project(other)
    here = add_dataset(ws)
    there = add_dataset(ws, images=other / "image", targets=other / "target")
    assert here.digest == there.digest
    assert there.images[0].path == f"{other}/image/rain_1.png"
    assert add_dataset(ws, groups=r"^(\w+)_").digest != here.digest
    assert add_dataset(ws, ignore_index=7).digest != here.digest


def test_a_project_can_be_moved(ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_dataset(ws)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "project").rename(tmp_path / "moved")
    dataset = Workspace("moved").datasets["streets"]
    dataset.check(verify=True)
    assert dataset.target_paths[0] == f"{tmp_path}/moved/target/rain_1.png"


# What is refused


def test_names_that_are_unknown_or_taken(ws: Workspace) -> None:
    assert refused(ArgumentError, ws.datasets.__getitem__, "streets") == (
        "there is no dataset `streets`, nor any other dataset\nhint: `segscore dataset add` adds one"
    )
    add_dataset(ws)
    for name, message in (
        ("street", "there is no dataset `street`\nhint: the nearest is `streets`"),
        ("streets:v2", "there is no version of dataset streets `v2`\nhint: the nearest is `v1`"),
    ):
        assert refused(ArgumentError, ws.datasets.__getitem__, name) == message
    # Files are not even looked for.
    for name, version, message in (
        (
            "streets",
            "v1",
            "dataset streets has a version v1 already, and versions never change\n"
            "hint: leave the version out to add it as v2, or name another one",
        ),
        ("../a", None, f"'../a' is no name of a dataset\nhint: {hints.NAME}"),
        ("streets", "v 1", f"'v 1' is no name of a version\nhint: {hints.NAME}"),
    ):
        assert refused(ArgumentError, add_dataset, ws, name, version=version, images="none") == message


def test_images_and_targets_that_do_not_match(ws: Workspace) -> None:
    os.rename("target/rain_1.png", "target/rain_01.png")
    os.remove("target/rain_2.png")
    assert refused(PairingError, add_dataset, ws) == (
        "2 of 3 images have no target in target:\n  rain_1.png\n  rain_2.png\n"
        "hint: 1 of these targets has an image whose name differs only in upper and lower case, leading "
        "zeros or the encoding of accents, such as rain_1 for rain_01; rename one side"
    )
    os.remove("target/rain_01.png")
    assert refused(PairingError, add_dataset, ws) == (
        "2 of 3 images have no target in target:\n  rain_1.png\n  rain_2.png\n"
        "hint: add their targets, or name the images that are to count with a glob pattern"
    )
    os.rename("target/sun_1.png", "target/x.png")
    assert refused(PairingError, add_dataset, ws) == (
        "expected images and targets of the same name, found none:\n"
        "  `images`: 3 files in image: rain_1.png, rain_2.png, sun_1.png\n"
        "  `target`: 1 file in target: x.png\n"
        "hint: describe the names with `pairing`, for example '{id}_gtFine_labelIds' for targets whose "
        "images are {id}, or '{id}_image:{id}_gt'"
    )
    assert len(ws.datasets) == 0


def test_targets_without_an_image_are_left_out_and_said(ws: Workspace) -> None:
    os.remove("image/sun_1.png")
    said = "1 target without an image left out, first sun_1: the dataset has the 2 images in image"
    with warned(said):
        dataset = add_dataset(ws)
    assert dataset.names == ("rain_1", "rain_2")


def test_images_of_other_kinds_and_patterns_for_names(ws: Workspace) -> None:
    for name in TARGETS:
        os.rename(f"image/{name}.png", f"image/{name}_left.JPG")
    dataset = add_dataset(ws, pairing="{id}_left:{id}")
    assert dataset.names == tuple(TARGETS)
    assert dataset.images[0].path == "image/rain_1_left.JPG"
    os.mkdir("none")
    Path("none/a.txt").touch()
    assert refused(PairingError, add_dataset, ws, images="none") == (
        "`images`: expected image files (.bmp, .jpeg, .jpg, .npy, .pgm, .png, .ppm, .tif, .tiff, .webp) in "
        "none, found 1 of other kinds, such as a.txt\nhint: save images as PNG or JPEG"
    )


def test_images_that_are_the_targets(ws: Workspace) -> None:
    assert refused(PairingError, add_dataset, ws, images="target") == (
        "`images` and `target` are the same file in 3 of 3 pairs, the first target/rain_1.png\n"
        "hint: a mask that is compared with itself is always perfect; check both paths"
    )


def test_targets_that_cannot_be_read_or_hold_other_labels(ws: Workspace) -> None:
    change("target/rain_2.png", [[0, 9, 9], [0, 0, 0]])
    assert refused(LabelError, add_dataset, ws) == (
        "`target` holds the label 9 (2 pixels): neither class nor ignored, first in rain_2\n"
        f"hint: {hints.GIVE_LABELS}"
    )
    Path("target/rain_1.png").write_bytes(b"")
    Path("target/sun_1.png").write_bytes(b"x")
    with pytest.raises(EvaluationError) as caught:
        add_dataset(ws)
    assert [failure.name for failure in caught.value.failures] == ["rain_1", "sun_1"]  # type: ignore[attr-defined]
    assert str(caught.value) == (
        "2 of 3 targets cannot be read:\n"
        "  rain_1: target/rain_1.png: expected a PNG, found an empty file\n"
        "  sun_1: target/sun_1.png: expected a PNG, found a file of another kind\n"
        "hint: write or copy the file again\n"
        "hint: rename the file to its true type, or give `read=` a function that reads it"
    )
    assert len(ws.datasets) == 0


def test_attributes_and_groups_that_do_not_fit(ws: Workspace) -> None:
    Path("a.csv").write_text("name,camera\nrain_1,left\n")
    assert refused(FileFormatError, add_dataset, ws, attributes="a.csv") == (
        "a.csv: `rain_2`, `sun_1` have no line\nhint: its names are such as `rain_1`"
    )
    assert refused(ArgumentError, add_dataset, ws, groups=r"^(sun)") == (
        "`^(sun)` finds no group: `rain_1`, `rain_2` have none\n"
        'hint: such as r"^(\\w+)_": what matches within the parentheses is the group of the image'
    )
    assert len(ws.datasets) == 0


def test_files_that_are_gone_are_all_named(ws: Workspace) -> None:
    paths = [["image/rain_1.png", "image/none.png"], ["target/rain_1.png", "target/none.png"]]
    assert refused(ArgumentError, add_dataset, ws, images=paths[0], targets=paths[1]) == (
        "2 files cannot be read:\n  image/none.png: No such file or directory\n"
        "  target/none.png: No such file or directory\nhint: check that they are there and readable"
    )


@pytest.mark.parametrize("key", ["images", "classes", "truth", "attributes", "digest"])
def test_a_manifest_that_was_changed_is_refused(ws: Workspace, key: str) -> None:
    add_dataset(ws)
    path = ws.path / ".segscore/datasets/streets/v1.json"
    content = json.loads(path.read_text())
    del content[key]
    path.write_text(json.dumps(content))
    message = (
        f"{path}: expected the manifest of dataset streets, version v1, found another kind of file or a "
        f"damaged one\nhint: {hints.BRING_BACK}"
    )
    assert refused(FileFormatError, ws.datasets.__getitem__, "streets") == message
    content = json.loads(path.read_text()) | {"images": [], "classes": {}, "digest": "0", "attributes": []}
    path.write_text(json.dumps(content))
    assert refused(FileFormatError, ws.datasets.__getitem__, "streets") == message


# Files that change under a version


def test_a_label_changed_by_one_pixel_is_refused(ws: Workspace) -> None:
    dataset = add_dataset(ws)
    dataset.check()
    change("target/sun_1.png", [[1, 1, 1], [1, 1, 1]])
    message = (
        "1 of 6 files of dataset streets, version v1, changed since it was added:\n"
        f"  target/sun_1.png: its content has changed\nhint: {hints.NEW_VERSION}"
    )
    assert refused(WorkspaceError, dataset.check) == message
    second = add_dataset(ws)
    second.check(verify=True)
    assert refused(WorkspaceError, ws.datasets["streets:v1"].check) == message
    assert (second.version, second.versions) == ("v2", ("v1", "v2"))


def test_a_change_of_the_same_size_and_time_is_found_by_reading(ws: Workspace) -> None:
    made = add_dataset(ws)
    path = ws.path / "target/rain_1.png"
    was = path.read_bytes()
    damaged = bytearray(was)
    damaged[-20] ^= 1
    path.write_bytes(damaged)
    os.utime(path, ns=(OLD_NS, OLD_NS))
    assert made.changes() == {}
    # What was read once is remembered.
    for verify in (True, False):
        assert made.changes(verify=verify) == {"target/rain_1.png": "its content has changed"}
    path.write_bytes(was)
    os.utime(path, ns=(OLD_NS, OLD_NS))
    assert made.changes() == {}
    made.check()


def test_a_version_that_holds_what_another_one_does_is_told_of(ws: Workspace) -> None:
    add_dataset(ws)
    with warned("dataset streets: version v2 holds the same as version v1"):
        add_dataset(ws)


def test_a_file_that_has_just_changed_is_always_read(ws: Workspace) -> None:
    change("target/sun_1.png", [[1, 1, 1], [0, 1, 1]])
    now = os.stat("target/sun_1.png").st_mtime_ns
    dataset = add_dataset(ws)
    change("target/sun_1.png", [[1, 1, 1], [1, 0, 1]], mtime=now)
    assert dataset.changes() == {"target/sun_1.png": "its content has changed"}


def test_a_touch_is_no_change_and_files_that_are_gone_are_named(ws: Workspace) -> None:
    dataset = add_dataset(ws)
    os.utime("target/sun_1.png", ns=(OLD_NS + 1, OLD_NS + 1))
    assert dataset.changes() == {}
    os.remove("image/rain_1.png")
    os.rename("target", "moved")
    assert refused(WorkspaceError, dataset.check) == (
        "4 of 6 files of dataset streets, version v1, changed since it was added:\n"
        "  image/rain_1.png: No such file or directory\n"
        "  target/rain_1.png: No such file or directory\n"
        "  target/rain_2.png: No such file or directory\n"
        f"  target/sun_1.png: No such file or directory\nhint: {hints.NEW_VERSION}"
    )


def test_digests_are_those_of_the_bytes(ws: Workspace) -> None:
    from hashlib import sha256

    dataset = add_dataset(ws, threads=3)
    for file, path in zip(dataset.targets, dataset.target_paths, strict=True):
        assert file.sha256 == sha256(Path(path).read_bytes()).hexdigest()
