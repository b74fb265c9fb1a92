"""Tags of runs: they are added, removed and found by, one process at a time, whatever is given."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from segscore import ArgumentError, Workspace
from support.command_line import printed
from support.refused import refused, warned


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Three runs of one model."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SEGSCORE_WORKSPACE", raising=False)
    made = Workspace.init(tmp_path)
    for side in ("image", "target"):
        (tmp_path / side).mkdir()
        np.save(tmp_path / side / "a.npy", np.array([[0, 1]]))
    made.datasets.add("streets", targets=tmp_path / "target", classes=2, progress=False)
    made.models.add("net", predictions=tmp_path / "target")
    for _ in range(3):
        made.run("net", "streets", again=True, progress=False)
    return made


def ids(ws: Workspace, tag: object) -> list[str]:
    return [run.id for run in ws.runs(tag=tag)]  # type: ignore[arg-type]


def test_runs_are_found_by_their_tags(ws: Workspace) -> None:
    assert ws.runs()["r1"].tags == ()
    ws.tag("r1", "paper", "  base   line ")
    ws.tag("r2", "paper")
    ws.tag("r2", "paper", "ünï")
    assert [run.tags for run in ws.runs()] == [("base line", "paper"), ("paper", "ünï"), ()]
    assert ids(ws, "paper") == ["r1", "r2"]
    assert ids(ws, ["paper", "base line"]) == ["r1"]
    assert [run.id for run in ws.runs(tag="paper", model="net", sort="mean_iou")] == ["r1", "r2"]
    ws.untag("r1", "paper")
    assert ids(ws, "paper") == ["r2"]
    ws.untag("r1", "base line")
    assert not (ws.runs()["r1"].folder / "tags.txt").exists()
    assert Workspace(ws.path).runs()["r2"].tags == ("paper", "ünï")


def test_tags_are_on_the_page_of_a_run_and_in_lists(ws: Workspace) -> None:
    ws.tag("r2", "paper", "best")
    ws.note("r2", "with half of the images")
    assert "\ntags: best, paper\n" in str(ws.runs()["r2"])
    assert str(ws.runs()).endswith("\nr2: [best, paper] with half of the images")
    printed("tag", "r3", "paper")
    assert [line.split()[0] for line in printed("runs", "--tag", "paper").splitlines()[1:3]] == ["r2", "r3"]
    assert "r3" not in printed("runs", "--tag", "paper", "--tag", "best")
    printed("tag", "r3", "paper", "--remove")
    assert ws.runs()["r3"].tags == ()


@pytest.mark.parametrize(
    ("tag", "message"),
    [
        ("  ", 'a tag is empty\nhint: a word, such as "baseline"'),
        (3, 'a tag is a text, found 3\nhint: such as "baseline"'),
        (
            "a" * 51,
            f"a tag begins with `{'a' * 20}…` and has 51 characters, expected at most 50\n"
            "hint: write what is longer in the note",
        ),
        (
            "a,b",
            "the tag 'a,b' holds a comma, or what does not print\n"
            "hint: commas stand between tags: give each of them by itself",
        ),
        (
            "a\u202eb",
            "the tag 'a\\u202eb' holds a comma, or what does not print\n"
            "hint: commas stand between tags: give each of them by itself",
        ),
        (
            "\udcff",
            "the tag '\\udcff' holds a comma, or what does not print\n"
            "hint: commas stand between tags: give each of them by itself",
        ),
    ],
)
def test_what_is_no_tag_is_refused(ws: Workspace, tag: object, message: str) -> None:
    for call in (ws.tag, ws.untag):
        assert refused(ArgumentError, call, "r1", "good", tag) == message
    assert refused(ArgumentError, ws.runs, tag=tag) == message
    assert ws.runs()["r1"].tags == ()


def test_what_cannot_be_done_is_said_and_changes_nothing(ws: Workspace) -> None:
    assert refused(ArgumentError, ws.runs, tag="paper") == (
        "there is no tag `paper`, nor any other\nhint: `segscore tag` gives a run one"
    )
    assert refused(ArgumentError, ws.untag, "r1", "paper") == "run r1 has no tag `paper`\nhint: it has none"
    ws.tag("r1", *map(str, range(20)))
    assert refused(ArgumentError, ws.tag, "r1", "paper") == (
        "run r1 would have 21 tags, expected at most 20\nhint: remove some of them first"
    )
    assert len(ws.runs()["r1"].tags) == 20
    assert refused(ArgumentError, ws.untag, "r1", "1", "paper").startswith(
        "run r1 has no tag `paper`\nhint: it has `0`, "
    )
    assert len(ws.runs()["r1"].tags) == 20
    assert refused(ArgumentError, ws.runs, tag="1x").startswith(
        "there is no tag `1x`\nhint: the nearest are `1"
    )
    assert refused(ArgumentError, ws.tag, "r1") == 'no tag is given\nhint: name one, such as "baseline"'
    assert refused(ArgumentError, ws.tag, "r9", "paper").startswith("there is no run `r9`")


@pytest.mark.parametrize("content", [b"\xff", b"a\n" * 60_000])
def test_damaged_tags_hide_no_run(ws: Workspace, content: bytes) -> None:
    path = ws.runs()["r1"].folder / "tags.txt"
    path.write_bytes(content)
    said = (
        f"the tags of run r1 are left out: {path}: cannot be read: it is no such text\n"
        "hint: write them anew: `segscore tag r1 TAG`"
    )
    with warned(said):
        assert ws.runs()["r1"].tags == ()
    ws.tag("r1", "paper")
    assert path.read_text() == "paper\n"


def test_tags_that_are_added_at_once_are_all_kept(ws: Workspace) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda i: Workspace(ws.path).tag("r1", f"tag {i}"), range(12)))
    assert sorted(ws.runs()["r1"].tags) == sorted(f"tag {i}" for i in range(12))
