"""What the application sends of files: pictures of registered ones, made anew, and nothing from elsewhere."""

import base64
import io
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segscore import SegscoreWarning, Workspace, _core
from segscore.predict import read_image
from support.applications import SIZE, Visitor, add_dataset, png_of, workspace_of, write_project
from support.masks_on_disk import png

SECRET = "a line that nobody may read"
PARTS = ("photograph", "target", "pred", "errors")
FOREIGN = png_of(np.full((*SIZE, 3), 123, np.uint8))
"""A picture that is none of the workspace."""


@pytest.fixture(scope="module")
def computed(tmp_path_factory):
    """A workspace with two runs: of a folder of predictions, and of a function."""
    folder = tmp_path_factory.mktemp("files") / "own"
    workspace = workspace_of(folder, images=2)
    workspace.models.add("near", python="app_test_models:nearest")
    with Visitor(workspace) as visitor:  # whose jobs import functions in processes of their own
        for model in ("net", "near"):
            assert visitor.evaluated(model).state == "finished"
    return folder


@pytest.fixture
def visitor(computed, tmp_path):
    shutil.copytree(computed, tmp_path / "own")
    with Visitor(Workspace(tmp_path / "own")) as visitor:
        yield visitor


@pytest.fixture
def folder(visitor):
    return visitor.workspace.path


def opened(answer):
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGB"))


def test_pictures_are_of_the_image_target_prediction_and_errors(visitor, folder):
    pixels = {part: visitor.get(f"/runs/r2/pictures/0/{part}") for part in PARTS}
    kinds = [answer.headers["content-type"] for answer in pixels.values()]
    assert {answer.headers["x-shown"] for answer in pixels.values()} == {"30 x 20 pixels"}
    assert kinds == ["image/jpeg", "image/png", "image/png", "image/png"]
    photograph = read_image(folder / "images/rain_001.png")
    assert np.abs(opened(pixels["photograph"]).astype(int) - photograph).max() < 40
    assert tuple(opened(pixels["target"])[0, 5]) == (70, 130, 180)
    assert tuple(opened(pixels["pred"])[-1, 5]) == (128, 64, 128)
    assert opened(pixels["errors"]).shape == (*SIZE, 3)


WRONG = [
    "/runs/r2/pictures/-1/target",
    "/runs/r2/pictures/0/secret",
    "/runs/r2/pictures/0/%2e%2e%2f%2e%2e%2fevaluation.npz",
    "/runs/r2/pictures/0/target/../../../../run.json",
    "/runs/r2/pictures/..%2f..%2f/target",
    "/runs/r2/pictures/0%00/target",
    "/runs/r2/pictures/1e1/target",
    "/runs/r2/pictures/99999999999999999999/target",
    "/runs/r2/evaluation.npz",
    "/runs/r2/predictions/rain_001.png",
    "/runs/..%2f..%2fetc%2fpasswd",
    "/runs/%2e%2e/pictures/0/target",
    "/runs/r2%2f..%2fr1/pictures/0/target",
    "/runs/r02",
    "/runs/r2%00",
    "/static/../app.py",
    "/static/..%2f..%2f..%2f..%2fapp%2fguard.py",
    "/static/%2e%2e/templates/page.html",
    "/static/",
    "/static/app.js%00.css",
    "/.segscore/workspace.json",
    "/images/rain_001.png",
    "//etc/passwd",
    "/..%2f..%2f..%2fetc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/..\\..\\etc\\passwd",
]


@pytest.mark.parametrize("address", WRONG)
def test_what_is_no_page_is_not_found(visitor, address):
    answer = visitor.get(address)
    assert answer.status_code == 404
    assert answer.headers["content-type"].partition(";")[0] in ("text/html", "text/plain")
    assert "root:" not in answer.text


# Files that are not what they were


def linked(path, secret):
    path.unlink()
    path.symlink_to(secret)


@pytest.mark.parametrize(
    ("run", "place", "gone", "said"),
    [
        ("r2", "images", PARTS[:1], "the photograph has changed, or is no longer there: "),
        ("r2", "targets", PARTS[1:], "the target has changed, or is no longer there: "),
        ("r1", "better", PARTS[2:], ""),
        ("r2", ".segscore/runs/r2/predictions", PARTS[2:], ""),
    ],
)
def test_what_has_become_a_link_is_not_followed(visitor, folder, tmp_path, run, place, gone, said):
    secret = tmp_path / "private.png"
    secret.write_bytes(FOREIGN if place == "images" else png(np.ones(SIZE, np.uint8)))
    linked(folder / place / "rain_001.png", secret)
    for part in PARTS:
        answer = visitor.get(f"/runs/{run}/pictures/0/{part}")
        assert answer.status_code == (404 if part in gone else 200)
        if part in gone:
            assert answer.text.startswith(said)
            assert "private" not in answer.text


@pytest.mark.parametrize("address", ["/runs/r2/report.html", "/compare?run=r1&run=r2"])
def test_pages_with_pictures_within_follow_no_link(visitor, folder, tmp_path, address):
    (tmp_path / "private.png").write_bytes(FOREIGN)
    linked(folder / "images/rain_001.png", tmp_path / "private.png")
    found = re.findall(r"data:image/jpeg;base64,([\w+/=]+)", visitor.get(address).text)
    assert len(found) == 1
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(found[0]))))
    assert pixels.std() > 20


def test_a_link_to_the_same_bytes_is_what_was_registered(visitor, folder, tmp_path):
    shutil.copy(folder / "images/rain_001.png", tmp_path / "moved.png")
    linked(folder / "images/rain_001.png", tmp_path / "moved.png")
    assert visitor.get("/runs/r2/pictures/0/photograph").status_code == 200


@pytest.mark.parametrize("what", ["text", "folder", "pipe", "device", "itself", "nothing"])
def test_what_is_no_picture_brings_nothing(visitor, folder, tmp_path, what):
    for side in ("images", "targets"):
        path = folder / side / "rain_001.png"
        path.unlink()
        if what == "text":
            (tmp_path / "secret").write_text(SECRET)
            path.symlink_to(tmp_path / "secret")
        elif what == "folder":
            path.mkdir()
        elif what == "pipe":
            os.mkfifo(path)
        elif what == "device":
            path.symlink_to("/dev/zero")
        elif what == "itself":
            path.symlink_to(path)
    for part in PARTS:
        answer = visitor.get(f"/runs/r2/pictures/0/{part}")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert SECRET not in answer.text


def test_targets_are_shown_where_predictions_were_removed(visitor, folder):
    reason = "predictions were not kept, or have been removed"
    shutil.rmtree(folder / ".segscore/runs/r2/predictions")
    with Visitor(Workspace(folder)) as later:
        page = later.get("/runs/r2")
        shown = re.findall(r'<img src="/runs/r2/pictures/\d+/(\w+)"', page.text)
        assert shown == ["photograph", "target"] * 2
        assert page.text.count(f'<span class="no-picture">{reason}</span>') == 4
        assert f"The predictions of all images cannot be shown: {reason}." in page.text
        assert "Colours of errors" not in page.text
        assert later.get("/runs/r2/pictures/0/target").status_code == 200
        answer = later.get("/runs/r2/pictures/0/pred")
        assert (answer.status_code, answer.text) == (404, reason)


def instead(monkeypatch, owner, name, path, content):
    """Put other bytes in the place of a file once, right before something is read."""
    before = getattr(owner, name)

    def changed(*given, **options):
        path.unlink()
        path.write_bytes(content)
        monkeypatch.setattr(owner, name, before)
        return before(*given, **options)

    monkeypatch.setattr(owner, name, changed)


def test_what_takes_the_place_of_a_photograph_after_it_was_compared_is_not_shown(
    visitor, folder, monkeypatch
):
    path = folder / "images/rain_001.png"
    real = read_image(path)
    instead(monkeypatch, Image, "open", path, FOREIGN)
    shown = opened(visitor.get("/runs/r2/pictures/0/photograph"))
    assert path.read_bytes() == FOREIGN
    assert np.abs(shown.astype(int) - real).max() < 40


def test_what_takes_the_place_of_a_target_after_it_was_compared_is_not_shown(visitor, folder, monkeypatch):
    path, pred = folder / "targets/rain_001.png", folder / ".segscore/runs/r2/predictions/rain_001.png"
    target, called = (_core.read_mask(one, max_pixels=1000, colours=False)[0] for one in (path, pred))
    # The same pairs of labels in other places: counts alone do not tell.
    other = target.copy()
    for label in np.unique(called):
        other[called == label] = target[called == label][::-1]
    assert (other != target).any()
    instead(monkeypatch, _core, "read_mask", path, png(other))
    shown = opened(visitor.get("/runs/r2/pictures/0/target"))
    assert path.read_bytes() == png(other)
    assert [tuple(shown[y, 5]) for y in (0, -1)] == [(70, 130, 180), (128, 64, 128)]
    assert len(np.unique(shown[:, 5:].reshape(len(shown), -1, 3).std(axis=1))) == 1


def bytes_read() -> int:
    """Return how much this process has read of files."""
    return int(Path("/proc/self/io").read_text().split()[1])


@pytest.mark.parametrize("side", ["images", "targets"])
def test_a_file_that_has_grown_is_not_read(visitor, folder, side):
    path, parts = folder / side / "rain_001.png", {"images": "photograph", "targets": "target"}
    os.truncate(path, 16 << 30)  # which takes up no room
    before = bytes_read()
    answer = visitor.get(f"/runs/r2/pictures/0/{parts[side]}")
    assert bytes_read() - before < 1 << 20
    assert answer.text.startswith(f"the {parts[side]} has changed, or is no longer there: ")


@pytest.mark.parametrize("place", ["images/rain_001.png", "targets/rain_001.png", "better/rain_001.png"])
def test_a_file_that_is_back_is_shown_again(visitor, folder, place):
    parts = {"images": "photograph", "targets": "target", "better": "pred"}
    picture = f"/runs/r1/pictures/0/{parts[place.partition('/')[0]]}"
    (folder / place).rename(folder / "elsewhere.png")
    assert visitor.get(picture).status_code == 404
    missing = visitor.get("/compare?run=r1&run=r2").text
    (folder / "elsewhere.png").rename(folder / place)
    assert visitor.get(picture).status_code == 200
    assert visitor.get("/compare?run=r1&run=r2").text.count("data:image/") > missing.count("data:image/")


def test_a_dataset_that_was_not_there_for_a_while_is_shown_again(tmp_path):
    other = tmp_path / "other"
    write_project(other, 2)
    add_dataset(Workspace.init(other), "linked")
    workspace = workspace_of(tmp_path / "own", 2)
    workspace.link(other, "linked")
    workspace.run("net:v1", "linked", progress=False)
    workspace.run("net:v2", "linked", progress=False)
    with Visitor(workspace) as visitor:
        other.rename(tmp_path / "not mounted")
        for page in ("/runs/r2", "/compare?run=r1&run=r2"):
            assert "<img" not in visitor.get(page).text
        assert visitor.get("/runs/r2/pictures/0/target").status_code == 404
        (tmp_path / "not mounted").rename(other)
        for page in ("/runs/r2", "/compare?run=r1&run=r2"):
            assert "<img" in visitor.get(page).text
        assert visitor.get("/runs/r2/pictures/0/target").status_code == 200


def test_the_report_of_many_images_and_classes_shows_those_it_chooses(tmp_path):
    # The first image is the worst of 20 classes, so that those of the other ten are looked at as well.
    rows = [(np.repeat(np.arange(20), 10), np.full(200, 99))]
    for i in range(1, 381):
        label = i % 20 if i <= 320 else 20 + i % 10
        target = np.full(200, label)
        wrong = 20 + i // 20 if i <= 320 else (i - 320) // 10
        rows.append((target, np.where(np.arange(200) < wrong, 99, target)))
    for side in ("images", "targets", "preds"):
        (tmp_path / side).mkdir()
    for i, (target, pred) in enumerate(rows):
        (tmp_path / f"images/{i}.png").write_bytes(png_of(np.zeros((10, 20, 3), np.uint8)))
        for side, labels in (("targets", target), ("preds", pred)):
            (tmp_path / f"{side}/{i}.png").write_bytes(png(labels.astype(np.uint8).reshape(10, 20)))
    workspace = Workspace.init(tmp_path)
    sides = {"images": tmp_path / "images", "targets": tmp_path / "targets"}
    workspace.datasets.add("many", **sides, classes=30, progress=False)
    workspace.models.add("net", predictions=tmp_path / "preds")
    with pytest.warns(SegscoreWarning, match="holds the label 99"):
        workspace.run("net", "many", progress=False)
    with Visitor(workspace) as visitor:
        page = visitor.get("/runs/r1/report.html").text
    assert page.count("data:image/jpeg;base64,") == 24
    assert page.count("data:image/png;base64,") == 3 * 24
    assert "cannot be shown" not in page
