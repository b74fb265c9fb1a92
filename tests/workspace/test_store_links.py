"""Datasets of other workspaces, and what differs between versions."""

import os
import shutil
from pathlib import Path

import pytest

from segscore import ArgumentError, Classes, Workspace, WorkspaceError
from support import hints
from support.masks_on_disk import png
from support.refused import refused
from support.workspaces import add_dataset, write_project

pytestmark = pytest.mark.filterwarnings("ignore:.*holds the same as version:segscore.SegscoreWarning")


@pytest.fixture
def other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace with a dataset; the current folder is its own."""
    write_project(tmp_path / "other")
    monkeypatch.chdir(tmp_path / "other")
    ws = Workspace.init(".")
    add_dataset(ws)
    return ws


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return Workspace.init(tmp_path / "mine")


def test_a_linked_dataset_is_used_and_listed_with_where_it_is_from(other: Workspace, ws: Workspace) -> None:
    linked = ws.link(other.path, "streets")
    assert (linked.reference, linked.workspace) == ("streets:v1", other.path)
    linked.check(verify=True)
    add_dataset(ws, "own", images=other.path / "image", targets=other.path / "target")
    assert list(ws.datasets) == ["own", "streets"]
    assert "streets:v1" in ws.datasets
    day = linked.added[:10]
    assert str(ws.datasets) == (
        "dataset  latest  versions  images  classes  pixels       added\n"
        f"own      v1             1       3        2      18  {day}\n"
        f"streets  v1             1       3        2      18  {day}\n"
        "\n"
        f"streets is linked from\n  {other.path}"
    )
    assert [line.workspace for line in ws.datasets.listing()] == [None, other.path]
    # Versions that are added there are seen here.
    add_dataset(other)
    assert ws.datasets["streets"].version == "v2"
    assert ws.datasets["streets:v1"].version == "v1"
    assert ws.datasets.diff("streets:v1", "own").same == 3
    assert ws.link(other.path / ".segscore", "streets").version == "v2"  # once more is no harm


def test_links_that_cannot_be_made(other: Workspace, ws: Workspace, tmp_path: Path) -> None:
    assert refused(ArgumentError, other.link, other.path, "streets") == (
        f"{other.path}: expected another workspace, found this one\nhint: its datasets are here already"
    )
    assert refused(WorkspaceError, ws.link, tmp_path, "streets") == (
        f"{tmp_path}: there is no workspace: no folder .segscore in it\n"
        "hint: give the folder of the project whose dataset it is"
    )
    assert refused(ArgumentError, ws.link, other.path, "street") == (
        "there is no dataset `street`\nhint: the nearest is `streets`"
    )
    assert refused(ArgumentError, ws.link, other.path, "a b") == (
        f"'a b' is no name of a dataset\nhint: {hints.NAME}"
    )
    empty = Workspace.init(tmp_path / "empty")
    assert refused(WorkspaceError, ws.link, empty.path, "streets") == (
        f"{empty.path}: there is no dataset in this workspace\nhint: `segscore dataset add` adds one there"
    )
    ws.link(other.path, "streets")
    assert refused(ArgumentError, empty.link, ws.path, "streets") == (
        f"{ws.path}: dataset `streets` is itself linked from {other.path}\nhint: link it from there"
    )
    assert refused(ArgumentError, add_dataset, ws) == (
        f"dataset `streets` is linked from {other.path}, which alone can add versions\n"
        "hint: add it there, or under another name here"
    )
    add_dataset(empty)
    assert refused(ArgumentError, ws.link, empty.path, "streets") == (
        f"dataset `streets` is linked from {other.path} already\n"
        f"hint: remove {ws.path}/.segscore/links/streets.json to link it from elsewhere"
    )
    assert refused(ArgumentError, empty.link, other.path, "streets") == (
        "there is a dataset `streets` in this workspace already\nhint: a linked dataset keeps its name"
    )


def test_a_broken_link_is_reported_and_breaks_nothing(
    other: Workspace, ws: Workspace, tmp_path: Path
) -> None:
    ws.link(other.path, "streets")
    add_dataset(ws, "own")
    os.rename(other.path, tmp_path / "moved")
    message = (
        f"the link to dataset streets is broken: {other.path}: there is no workspace any more\n"
        "hint: bring it back, link it from elsewhere by `segscore dataset link`, or remove "
        f"{ws.path}/.segscore/links/streets.json"
    )
    assert refused(WorkspaceError, ws.datasets.__getitem__, "streets") == message
    assert list(ws.datasets) == ["own"]
    assert "streets" not in ws.datasets
    assert [line.problem for line in ws.datasets.listing()] == [None, message]
    shown = str(ws.datasets)
    assert shown.startswith("dataset  latest  versions  images  classes  pixels       added\nown      v1 ")
    assert shown.split("\n\n")[1].replace("\n  ", " ") == message
    assert ws.link(tmp_path / "moved", "streets").workspace == tmp_path / "moved"
    shutil.rmtree(tmp_path / "moved" / ".segscore" / "datasets")
    link = ws.path / ".segscore/links/streets.json"
    assert refused(WorkspaceError, ws.datasets.__getitem__, "streets") == (
        f"the link to dataset streets is broken: {tmp_path}/moved: there is no dataset `streets` any more\n"
        "hint: bring it back, link it from elsewhere by `segscore dataset link`, or remove "
        f"{link}"
    )
    link.write_text('{"workspace": 3}')
    message = (
        f"the link to dataset streets is broken: {link}: expected a link, found another kind of file or a "
        "damaged one\nhint: bring it back, link it from elsewhere by `segscore dataset link`, or remove "
        f"{link}"
    )
    assert [line.problem for line in ws.datasets.listing()] == [None, message]
    assert refused(WorkspaceError, ws.datasets.__getitem__, "streets") == message


def test_what_differs_between_versions(other: Workspace) -> None:
    Path("target/sun_1.png").write_bytes(png([[1, 1, 1], [1, 1, 1]]))
    Path("image/rain_1.png").write_bytes(png([[1, 0, 1], [1, 0, 1]]))
    for side in ("image", "target"):
        os.rename(f"{side}/rain_2.png", f"{side}/fog_\n.png")
    classes = Classes(["road", "air"], [0, 1], ignore=[255, 7], not_in_mean=[0])
    add_dataset(other, classes=classes, groups=lambda name: name[:3])
    found = other.datasets.diff("streets:v1", "streets")
    assert (found.a, found.b, found.same) == ("streets:v1", "streets:v2", 0)
    assert (found.added, found.removed) == (("fog_\n",), ("rain_2",))
    assert (found.images_changed, found.targets_changed) == (("rain_1",), ("sun_1",))
    assert found.groups_changed == ("rain_1", "sun_1")
    assert found.attributes_changed == ()
    assert str(found) == (
        "from streets:v1 to streets:v2: 0 images with the same files\n"
        "1 image added: `fog_\\n`\n"
        "1 image removed: `rain_2`\n"
        "1 image with another image: `rain_1`\n"
        "1 image with another target: `sun_1`\n"
        "2 images in another group: `rain_1` and `sun_1`\n"
        "class `air` is new\n"
        "class `sky` is gone\n"
        "ignored labels are 7, 255, were 255\n"
        "labels outside the mean are 0, were none"
    )


def test_differences_of_classes_and_attributes(other: Workspace) -> None:
    add_dataset(other, classes=Classes(["road", "sky"], [0, 1], ignore=[255], name="streets"))
    assert str(other.datasets.diff("streets:v1", "streets:v2")) == (
        "from streets:v1 to streets:v2: 3 images with the same files\nnothing differs"
    )
    add_dataset(other, classes=Classes(["sky", "road"], [1, 0], ignore=[255]), attributes="attributes.csv")
    assert str(other.datasets.diff("streets:v2", "streets:v3")) == (
        "from streets:v2 to streets:v3: 3 images with the same files\n"
        "3 images with other attributes: `rain_1`, `rain_2` and `sun_1`\n"
        "classes differ in their order, colours, predictions or texts"
    )
    add_dataset(other, classes=Classes(["sky", "road"], [0, 1], ignore=[255]))
    assert other.datasets.diff("streets:v3", "streets:v4").classes_changed == (
        "class `sky` has label 0, had 1",
        "class `road` has label 1, had 0",
    )


def test_the_page_of_a_dataset(other: Workspace) -> None:
    dataset = add_dataset(other, groups=r"^(\w+)_", attributes="attributes.csv")
    assert str(dataset) == (
        "dataset streets, version v2, the latest\n"
        f"added {dataset.added}, digest {dataset.digest[:12]}\n"
        "other versions: `v1`\n"
        "classes: 2 of streets, ignored labels 255\n"
        "groups: rain (2), sun (1)\n"
        "camera: left (2), right (1)\n"
        "city: Bonn (2), Ulm (1)\n"
        "\n"
        "ground truth of 3 images, 18 pixels\n"
        "\n"
        "class  pixels  of all  images   of all\n"
        "road        9  50.00%       3  100.00%\n"
        "sky         8  44.44%       2   66.67%\n"
        "\n"
        "void: 1 pixel (5.56% of all)\n"
        "sizes: 2 x 3 (3 images)\n"
        "stored as: PNG gray 8 bits (3 images)\n"
        "in fewer than 10 images: `road` and `sky`\n"
        "masks of one value: 1 image, `rain_2`"
    )
    assert str(other.datasets["streets:v1"]).startswith("dataset streets, version v1; the latest is v2\n")
