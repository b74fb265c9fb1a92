"""What the application says of runs that are incomplete or of other images, and of what is left out."""

import re
import shutil

import pytest

from segscore import SegscoreWarning
from support.applications import Visitor, add_dataset, forgotten, text_of, workspace_of

__all__ = ["forgotten"]
pytestmark = pytest.mark.usefixtures("forgotten")
PARTIAL = """
def partial(image):
    if image[0, 0].sum() == 0:
        raise ValueError("`dark` image")
    return (image[:, :, 2] > 127).astype("uint8")
"""


@pytest.fixture(scope="module")
def visitor(tmp_path_factory):
    """Runs of `net` on two datasets, one of fewer images, and one that has scored some images alone."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("flows")
    workspace = workspace_of(folder, images=10)
    for side in ("images", "targets"):
        (folder / "few" / side).mkdir(parents=True)
        for path in sorted((folder / side).iterdir())[3:7]:
            shutil.copy(path, folder / "few" / side)
    few = {side: folder / "few" / side for side in ("images", "targets")}
    workspace.datasets.add("few", classes=folder / "classes.toml", progress=False, **few)
    for path in sorted((folder / "images").iterdir())[:3]:
        Image.new("RGB", (30, 20)).save(path)
    add_dataset(workspace, "dark")
    with (folder / "app_test_models.py").open("a") as file:
        file.write(PARTIAL)
    workspace.models.add("near", python="app_test_models:nearest", trained_on="streets:v1")
    workspace.models.add("some", python="app_test_models:partial")
    with Visitor(workspace) as visitor:
        for model, dataset in (("net:v1", "dark"), ("net:v1", "few"), ("net:v2", "dark"), ("some", "dark")):
            assert visitor.evaluated(model, dataset).state == "finished"
        yield visitor


def choices(answer, control):
    """Return the values of a control."""
    inside = re.search(rf'<select id="{control}".*?</select>', answer.text, re.DOTALL)
    return re.findall(r'<option value="([^"]+)"', inside[0])


def test_the_earlier_of_two_runs_comes_first(visitor):
    for either, first, second in ((("r3", "r1"), "r1", "r3"), (("r1", "r3"), "r1", "r3")):
        answer = visitor.get("/compare", params={"either": either})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/compare?run={first}&run={second}")
    assert "net:v2 (r3) compared with net:v1 (r1)" in text_of(visitor.get("/compare?run=r1&run=r3"))


def test_both_forms_that_compare_let_the_earlier_run_come_first(visitor):
    page = visitor.get("/runs")
    assert re.findall(r'<input type="checkbox" name="(\w+)"', page.text) == ["either"] * 4
    head = visitor.get("/runs/r3").text
    assert '<input type="hidden" name="either" value="r3">' in head
    assert '<select id="other" name="either">' in head
    # Of one that is chosen alone, too.
    chosen = re.findall(r'<option value="(r\d)" selected>', visitor.get("/compare?run=r1").text)
    assert chosen == ["r1", "r4"]


def test_a_run_is_to_be_compared_with_one_on_the_same_dataset_first(visitor):
    assert choices(visitor.get("/runs/r1"), "other") == ["r4", "r3", "r2"]
    assert choices(visitor.get("/runs/r2"), "other") == ["r4", "r3", "r1"]
    assert choices(visitor.get("/runs/r4"), "other") == ["r3", "r1", "r2"]


def test_what_is_left_out_of_a_comparison_is_said_first(visitor):
    shown = text_of(visitor.get("/compare?run=r1&run=r2"))
    heading = "net:v1 on few:v1 (r2) compared with net:v1 on dark:v1 (r1)"
    said = (
        "Only the 4 images that both have are compared: 4 of 10 of net:v1 (r1) and 4 of 4 of net:v1 (r2). "
        "The scores are of these alone, and not those of all images."
    )
    assert f"{heading} {said}" in shown
    shown = text_of(visitor.get("/compare?run=r1&run=r4"))
    assert "some:v1 (r4) compared with net:v1 (r1) Only the 7 images that both have are compared: " in shown
    assert "that both have" not in text_of(visitor.get("/compare?run=r1&run=r3"))


def test_a_run_that_lacks_images_says_so_wherever_its_score_is(visitor):
    score = f"{visitor.workspace.runs()['r4'].metric('mean_iou'):.4f}"
    home = text_of(visitor.get("/"))
    assert f"run r4, mean IoU {score} of 7 of 10 images" in home
    assert f"{score} on dark:v1 7 of 10 images" in home
    runs = text_of(visitor.get("/runs"))
    assert f"{score} ‡ 7 of 10 images 7 of 10 " in runs
    legend = "‡ Some images could not be scored: the score is that of the others."
    assert legend in runs
    matrix = text_of(visitor.get("/matrix"))
    assert f"{score} ‡ 7 of 10 images" in matrix
    for mark in (legend, "· Not evaluated.", "IoU of sky"):
        assert mark in matrix
    assert f"some:v1 on dark:v1 · {score} (7 of 10 images)" in text_of(visitor.get("/compare"))
    assert home.count("7 of 10 images") == 2


def test_the_best_is_marked_only_where_runs_compare(tmp_path):
    workspace = workspace_of(tmp_path, 4)
    workspace.models.add("near", python="app_test_models:nearest", trained_on="streets:v1")
    workspace.run("net:v1", "streets", progress=False)
    assert workspace.runs().grid().best == {}
    with pytest.warns(SegscoreWarning, match="was trained on"):
        workspace.run("near", "streets", progress=False)
    assert workspace.runs().grid().best == {}
    with Visitor(workspace) as visitor:
        shown = text_of(visitor.get("/matrix"))
        assert "best on this dataset" not in shown
        assert "Bold" not in shown
        workspace.run("net:v2", "streets", progress=False)
        best = workspace.runs()["r3"].metric("mean_iou")
        assert workspace.runs().grid().best == {"streets:v1": best}
        shown = text_of(visitor.get("/matrix"))
        assert f"{best:.4f} best on this dataset" in shown
        assert (
            "Bold The best of these on its dataset, of models that were not trained on its images." in shown
        )
        assert "† The model was trained on some of these images" in shown
        assert "·" not in shown.partition("Bold")[2].partition("segscore")[0]


def test_failures_are_set_as_code(visitor):
    page = visitor.get("/runs/r4").text
    assert "<code>app_test_models:partial</code>" in page
    assert "`app_test_models:partial`" not in page


def test_times_say_their_zone(visitor):
    assert "ended (UTC)" in text_of(visitor.get("/runs"))
    assert "added (UTC)" in text_of(visitor.get("/datasets"))
    assert re.search(r"added \d{4}-\d\d-\d\d \d\d:\d\d UTC", text_of(visitor.get("/")))
    assert re.search(r'title="run r\d, \d{4}-\d\d-\d\d \d\d:\d\d UTC"', visitor.get("/matrix").text)


def test_jobs_that_are_not_listed_are_counted(tmp_path, monkeypatch):
    monkeypatch.setattr("segscore.app.state._ENDED", 1)
    with Visitor(workspace_of(tmp_path, 2)) as visitor:
        for _ in range(3):
            visitor.evaluated("net")
        page = visitor.get("/")
        assert page.text.count('data-job="') == 1
        assert "2 earlier jobs that have ended are not listed here; Runs lists all results." in text_of(page)


def test_a_note_keeps_its_lines_and_is_not_too_long(visitor):
    visitor.sent("/runs/r1/note", note="one\r\ntwo")
    assert visitor.workspace.runs()["r1"].note == "one\ntwo"
    answer = visitor.form("/runs/r1/note", note="a" * 10_001)
    assert answer.status_code == 400
    assert "expected a note of at most 10,000 characters, found 10,001" in answer.text
    assert visitor.workspace.runs()["r1"].note == "one\ntwo"
    visitor.sent("/runs/r1/note", note="")


def test_the_whole_of_a_note_is_shown_in_its_lines(visitor, tmp_path):
    workspace = visitor.workspace
    workspace.note("r2", "one\n\nand \x1b two")
    assert "\nnote: one\n  \n  and \\x1b two\n" in str(workspace.runs()["r2"])
    workspace.write_report("r2", tmp_path / "r2.html", thumbnails=0)
    assert "<dd>one\n\nand \\x1b two</dd>" in (tmp_path / "r2.html").read_text()
    workspace.note("r2", "")
