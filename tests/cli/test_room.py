"""Disks without room: what is found before counting, what is said afterwards, and that no count is lost."""

import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import segscore
from support.command_line import EVALUATE, evaluate, failed, printed, run
from support.full_disk import Disk, full
from support.hints import FOLDER

KEPT = "hint: what was counted is kept: move {} to where there is room for it\n"
NO_ROOM = "cannot be written: No space left on device"
EVALUATED = ("--classes", "classes.toml")
CHECKED = 2
"""Moments of one output that is looked at before the run: its block is opened, and synced."""


@pytest.fixture
def temporary(
    folders: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The folder of temporary files, on another disk than the current one."""
    made = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(made))
    return made


@pytest.mark.parametrize("option", ["--save", "--json", "--report", "--summary"])
def test_a_disk_that_is_full_is_found_before_anything_is_counted(folders: Path, option: str) -> None:
    file = "v1.npz" if option == "--save" else "v1"
    with full(Disk(folders, first=1)):
        result = run("evaluate", "--pred", "nowhere", "--target", "nowhere", *EVALUATED, option, file)
    assert failed(result) == f"{file}: {NO_ROOM}\nhint: {FOLDER}"
    assert sorted(path.name for path in folders.iterdir()) == ["classes.toml", "pred", "target"]


def test_what_is_looked_at_leaves_nothing_behind(folders: Path) -> None:
    printed(*EVALUATE, *EVALUATED, "--save", "v1.npz", "--json", "v1.json")
    assert sorted(path.name for path in folders.iterdir()) == [
        "classes.toml",
        "pred",
        "target",
        "v1.json",
        "v1.npz",
    ]


@pytest.mark.parametrize("shard", [True, False])
def test_what_was_counted_is_kept_where_there_is_room(folders: Path, temporary: Path, shard: bool) -> None:
    options = (*EVALUATED, "--save", "v1.npz", *(("--shard", "1/1") if shard else ()))
    with full(Disk(folders, first=CHECKED + 1)):
        result = evaluate(*options)
    (kept,) = temporary.glob("segscore-*/v1.npz")
    assert (result.exit_code, result.stderr) == (
        2,
        f"error: v1.npz: {NO_ROOM}\n{KEPT.format(kept)}",
    )
    assert "Mean IoU" in result.stdout
    found = segscore.load(kept)
    assert (found.names, found.part is not None) == (("a", "b"), shard)
    assert not Path("v1.npz").exists()
    if shard:
        assert printed("merge", kept).startswith("2 images scored\n")


def test_what_is_saved_to_a_device_that_is_full_is_kept_under_a_name_of_its_own(
    folders: Path, temporary: Path
) -> None:
    result = evaluate(*EVALUATED, "--save", "/dev/full", "--json", "v1.json")
    (kept,) = temporary.glob("segscore-*/evaluation.npz")
    assert (result.exit_code, result.stderr) == (
        2,
        f"note: `v1.json` is written\nerror: /dev/full: {NO_ROOM}\n{KEPT.format(kept)}",
    )
    assert segscore.load(kept).names == ("a", "b")


def test_each_output_that_fails_is_said(folders: Path, temporary: Path) -> None:
    printed(*EVALUATE, *EVALUATED, "--json", "v1.json")
    before = Path("v1.json").read_bytes()
    with full(Disk(folders, first=3 * CHECKED + 1)):
        result = evaluate(*EVALUATED, "--save", "v1.npz", "--json", "v1.json", "--report", "v1.html")
    (kept,) = temporary.glob("segscore-*/v1.npz")
    assert (result.exit_code, result.stderr) == (
        2,
        f"error: v1.npz: {NO_ROOM}\n{KEPT.format(kept)}"
        f"error: v1.html: {NO_ROOM}\nhint: {FOLDER}\n"
        f"error: v1.json: {NO_ROOM}\nhint: {FOLDER}\n"
        "note: v1.json is of an earlier command: this one has written nothing to it\n",
    )
    assert Path("v1.json").read_bytes() == before


@contextmanager
def limited(most: int) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_can_be_kept_nowhere_is_said_to_be_lost(folders: Path, temporary: Path) -> None:
    with full(Disk(temporary.parent, first=CHECKED + 1)):
        result = evaluate(*EVALUATED, "--save", "v1.npz", "--shard", "1/1")
    assert (result.exit_code, result.stderr) == (
        2,
        f"error: v1.npz: {NO_ROOM}\nhint: make room and evaluate again, as what was counted is lost: it "
        f"could not be kept in {temporary} either (No space left on device)\n",
    )
    assert [*temporary.iterdir(), *folders.glob("*.npz"), *folders.glob(".*")] == []


def test_files_that_may_not_grow_are_found_as_early_as_they_can_be(folders: Path) -> None:
    too_large = "cannot be written: File too large\nhint:"
    with limited(1024):
        result = run("evaluate", "--pred", "nowhere", "--target", "nowhere", *EVALUATED, "--save", "v1.npz")
    assert failed(result) == f"v1.npz: {too_large} {FOLDER}"
    with limited(1 << 16):
        result = evaluate(*EVALUATED, "--save", "v1.npz", "--report", "v1.html")
    assert (result.exit_code, result.stderr) == (
        2,
        f"note: `v1.npz` is written\nerror: v1.html: {too_large} {FOLDER}\n",
    )
    assert segscore.load("v1.npz").names == ("a", "b")
    assert [*folders.glob(".*"), *folders.glob("*.html")] == []


def test_a_file_of_an_earlier_command_is_not_taken_for_a_new_one(folders: Path) -> None:
    options = (*EVALUATED, "--save", "p1.npz", "--shard", "1/2", "--json", "p1.json", "--summary", "p1.md")
    printed(*EVALUATE, *options)
    before = {name: Path(name).read_bytes() for name in ("p1.npz", "p1.json", "p1.md")}
    Path("pred/b.png").unlink()
    result = evaluate(*options)
    earlier = "is of an earlier command: this one has written nothing to it"
    assert (result.exit_code, result.stderr) == (
        2,
        "error: 1 of 2 targets has no prediction in pred:\n  b\n"
        "hint: add what is missing, or score the rest with `--on-error skip`\n"
        f"note: p1.npz {earlier}\nnote: p1.json {earlier}\n",
    )
    assert {name: Path(name).read_bytes() for name in before} == before
    Path("p1.json").unlink()
    printed(*EVALUATE, *options, "--on-error", "skip")
    assert Path("p1.npz").read_bytes() != before["p1.npz"]


def test_no_file_is_called_earlier_that_was_not_there_or_is_written(folders: Path) -> None:
    result = evaluate(*EVALUATED, "--save", "v1.npz", "--fail-under", "mean_iou=0.99")
    assert (result.exit_code, result.stderr.count("note")) == (1, 0)
    again = evaluate(*EVALUATED, "--save", "v1.npz", "--fail-under", "mean_iou=0.99")
    assert (again.exit_code, again.stderr) == (1, result.stderr)
    gone = evaluate("--classes", "none.toml", "--save", "v2.npz")
    assert (gone.exit_code, gone.stderr.count("note")) == (2, 0)
