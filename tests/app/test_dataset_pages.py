"""Pages of versions of datasets: what they hold, what changed, who was evaluated, and their pictures."""

import io
import re
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image

from segscore import SegscoreWarning
from support.applications import SIZE, Visitor, add_dataset, attributes, rows_of, shown, text_of, workspace_of
from support.masks_on_disk import png
from support.pages import Page

IMAGES = 20


@pytest.fixture(scope="module")
def visitor(tmp_path_factory):
    """Two versions of a dataset, of which the second lacks an image, and three models."""
    workspace = workspace_of(tmp_path_factory.mktemp("datasets"), images=IMAGES)
    folder = workspace.path
    for side in ("less", "fewer"):
        (folder / side).mkdir()
    names = sorted(path.name for path in (folder / "targets").iterdir())
    for name in names[1:]:
        (folder / "fewer" / name).write_bytes((folder / "images" / name).read_bytes())
        content = (folder / "targets" / name).read_bytes()
        (folder / "less" / name).write_bytes(png(np.zeros(SIZE, np.uint8)) if name == names[-1] else content)
    add_dataset(workspace, images=folder / "fewer", targets=folder / "less", groups=None)
    workspace.models.add("near", predictions=folder / "better", trained_on="streets:v1")
    for model in ("net:v1", "net:v2"):
        workspace.run(model, "streets:v1", progress=False)
    with pytest.warns(SegscoreWarning, match="was trained on"):
        workspace.run("near", "streets:v1", progress=False)
    workspace.run("net:v1", "streets:v1", again=True, progress=False)
    with Visitor(workspace) as visitor:
        yield visitor


def test_shares_of_classes_are_those_of_the_files(visitor):
    folder = visitor.workspace.path
    masks = [np.asarray(Image.open(path)) for path in sorted((folder / "targets").iterdir())]
    pixels = [sum(int((mask == label).sum()) for mask in masks) for label in (0, 1)]
    images = [sum(bool((mask == label).any()) for mask in masks) for label in (0, 1)]
    void = sum(int((mask == 255).sum()) for mask in masks)
    answer = visitor.get("/dataset?name=streets:v1")
    assert rows_of(answer, "share-table") == [
        [
            name,
            label,
            f"{pixels[i]:,}",
            f"{100 * pixels[i] / sum(pixels):.2f}%",
            f"{images[i]}",
            f"{100 * images[i] / IMAGES:.1f}%",
        ]
        for i, (name, label) in enumerate((("road", "0"), ("sky", "1")))
    ]
    said = text_of(answer)
    assert (
        f"pixels {sum(pixels) + void:,} void {void:,} pixels, {100 * void / (sum(pixels) + void):.2f}%"
        in said
    )
    assert "20 x 30 20 images" in said
    assert visitor.workspace.datasets["streets:v1"].digest in said
    assert f"first target {folder}/targets/rain_001.png" in said
    assert "the latest version is v2" in said


def test_runs_are_ranked_and_the_latest_of_each_version_is_listed(visitor):
    runs = visitor.workspace.runs()
    for metric, address in (("mean_iou", ""), ("iou.sky", "&metric=iou.sky")):
        found = rows_of(visitor.get(f"/dataset?name=streets:v1{address}"), "ranked-table")
        value = {run.id: f"{run.metric(metric):.4f}" for run in runs}
        assert value["r2"] > value["r4"]
        # What was trained on the images comes last, whatever it scores.
        assert [[row[0], row[1], row[2].split()[0], row[3]] for row in found] == [
            ["1", "net:v2", value["r2"], "r2"],
            ["2", "net:v1", value["r4"], "r4"],
            ["", "near:v1", value["r3"], "r3"],
        ]
    said = text_of(visitor.get("/dataset?name=streets:v1"))
    assert "1 earlier run of the same versions is among all runs on it ." in said
    assert "4 runs of 3 versions of models." in said
    assert "Nobody yet." in text_of(visitor.get("/dataset?name=streets"))


def test_the_difference_of_two_versions_is_that_of_python(visitor):
    found = visitor.workspace.datasets.diff("streets:v1", "streets:v2")
    assert found.removed
    for address in ("/dataset?name=streets", "/dataset?name=streets:v1&against=streets:v2"):
        answer = visitor.get(address)
        said = text_of(answer)
        assert f"From streets:v1 to streets:v2 : {found.same} images with the same files" in said
        assert f"1 image removed {found.removed[0]}" in said
        assert f"1 image with another target {found.targets_changed[0]}" in said
        assert f"{len(found.groups_changed)} images in another group" in said
    answer = visitor.get("/dataset?name=streets:v1&against=avenues")
    assert answer.status_code == 200
    assert "there is no dataset avenues" in shown(answer)


def test_pictures_are_made_of_registered_files_alone(visitor, tmp_path):
    answer = visitor.get("/dataset?name=streets:v1")
    pictures = [address for address in attributes(answer, "img", "src") if address]
    assert len(pictures) == 2 * 12
    assert pictures[:2] == [
        "/dataset/pictures/0/photograph?name=streets%3Av1",
        "/dataset/pictures/0/target?name=streets%3Av1",
    ]
    assert pictures[-1] == f"/dataset/pictures/{IMAGES - 1}/target?name=streets%3Av1"
    assert "12 of 20 targets, from the first to the last," in shown(answer)
    folder = visitor.workspace.path
    names = visitor.workspace.datasets["streets:v1"].names
    found = visitor.get(pictures[1])
    assert found.headers["content-type"] == "image/png"
    picture = np.asarray(Image.open(io.BytesIO(found.content)).convert("RGB"))
    mask = np.asarray(Image.open(folder / "targets" / f"{names[0]}.png"))
    assert (picture[mask == 0] == (128, 64, 128)).all()
    assert (picture[mask == 1] == (70, 130, 180)).all()
    photograph = visitor.get(pictures[0])
    assert photograph.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(photograph.content)).size == SIZE[::-1]


def test_files_that_changed_are_not_shown_but_found(visitor):
    folder = visitor.workspace.path
    names = visitor.workspace.datasets["streets:v1"].names
    target, photograph = folder / "targets" / f"{names[3]}.png", folder / "images" / f"{names[3]}.png"
    before = target.read_bytes(), photograph.read_bytes()
    try:
        target.write_bytes(png(np.full(SIZE, 9, np.uint8)))
        photograph.unlink()
        photograph.symlink_to("/etc/hostname")
        for part, what in (("target", "target"), ("photograph", "photograph")):
            answer = visitor.get(f"/dataset/pictures/3/{part}?name=streets:v1")
            assert (answer.status_code, answer.text) == (
                404,
                f"the {what} has changed, or is no longer there",
            )
        said = text_of(visitor.get("/dataset?name=streets:v1&audit=1"))
        assert f"targets/{names[3]}.png: its content has changed" in said
        assert re.search("error .*label 9", said)
    finally:
        target.write_bytes(before[0])
        photograph.unlink()
        photograph.write_bytes(before[1])
    assert visitor.get("/dataset/pictures/3/target?name=streets:v1").status_code == 200


def test_labels_are_audited_when_that_is_asked_for(visitor):
    said = text_of(visitor.get("/dataset?name=streets:v1"))
    assert "Look at all 20 targets now" in said
    said = text_of(visitor.get("/dataset?name=streets:v1&audit=1"))
    assert "All files are as they were when this version was added." in said
    audit = visitor.workspace.datasets["streets:v1"].audit(progress=False)
    for finding in audit.findings:
        assert finding.message in said


def test_what_there_is_not_is_said(visitor):
    for address in (
        "/dataset",
        "/dataset?name=moon",
        "/dataset?name=streets:v9",
        f"/dataset?name={quote('<b>')}",
    ):
        assert visitor.get(address).status_code == 404
    for address in (
        "/dataset/pictures/99/target?name=streets:v1",
        "/dataset/pictures/0/pred?name=streets:v1",
        "/dataset/pictures/0/target?name=moon",
        "/dataset/pictures/0/target",
    ):
        assert visitor.get(address).status_code == 404
    for query, said in (
        ("audit=2", "audit of the address is '2', expected 1 or nothing leave it out for all others"),
        ("name=streets:v1", "name is in the address 2 times, expected it once leave one of them"),
    ):
        answer = visitor.get(f"/dataset?name=streets:v1&{query}")
        assert answer.status_code == 400
        assert Page(answer.text).root.one(id="message").text == f"This cannot be shown {said} Models"
    answer = visitor.get("/dataset?name=streets:v1&metric=iou.moon")
    assert answer.status_code == 200
    assert "there is no class moon" in shown(answer)


def test_no_code_of_the_user_is_run_for_a_page(visitor, tmp_path):
    folder = visitor.workspace.path
    (folder / "read_for_pages.py").write_text(
        "import numpy as np\nfrom PIL import Image\nread = lambda path: np.asarray(Image.open(path))\n"
    )
    add_dataset(visitor.workspace, "own", read="read_for_pages:read")
    (folder / "read_for_pages.py").write_text("raise SystemExit(3)\n")
    answer = visitor.get("/dataset?name=own&audit=1")
    said = text_of(answer)
    assert "A function reads the targets, and a page runs no code of yours" in said
    assert not [address for address in attributes(answer, "img", "src") if address]
    assert visitor.get("/dataset/pictures/0/target?name=own").status_code == 404
