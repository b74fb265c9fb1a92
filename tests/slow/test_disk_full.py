"""Runs on a disk that is full at any moment: nothing that was finished is lost, and the run goes on later."""

import os
import resource
from collections import Counter
from pathlib import Path

import pytest

from kills import check_databases, content
from segscore import SegscoreError, Workspace
from segscore.workspace.runs import running
from support.full_disk import Disk, full
from support.some_runs import add_function, add_images, names_of, run, write_images, ws

__all__ = ["ws"]


@pytest.fixture
def begun(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace with a model that takes two images at once, and a run; each outcome is kept at once."""
    write_images(ws.path, names_of(5))
    for name in ("image", "target"):
        for path in (ws.path / name).rglob("00[56].png"):
            path.unlink()
    add_images(ws, "five")
    add_function(ws, "batch", takes="batch")
    monkeypatch.setattr(running, "_KEEP_EVERY", 0.0)
    monkeypatch.setattr(os, "fsync", lambda _: None)  # No power is cut, and thousands take their time.
    assert once_more(ws) == "r1"
    return ws


def once_more(ws: Workspace) -> str:
    return run(ws, "net", "five", batch=2, again=True, threads=1).id


def assert_nothing_lost(folder: Path, undisturbed: dict[str, str]) -> int:
    """Check all runs after a failure, go on, and return how many there were to go on with."""
    ws = Workspace(folder)
    found = ws.runs()
    assert found[0].id == "r1"
    assert all(content(one.folder) == undisturbed for one in found)
    check_databases(ws)
    left = ws.unfinished()
    assert [one.held or one.problem for one in left] in ([], [None])
    assert len(left) + len(found) <= 2
    last = once_more(ws)
    assert last == left[0].id if left else last not in {one.id for one in found}
    assert content(ws.runs()[last].folder) == undisturbed
    assert ws.unfinished() == []
    ws.reindex()
    assert [one.id for one in ws.runs()] == [*(one.id for one in found), last]
    for one in ws.runs()[1:]:
        assert sorted(os.listdir(one.folder)) == ["evaluation.npz", "predictions", "run.json"]
        ws.remove(one.id)
    return len(left)


@pytest.mark.parametrize("lasts", [True, False], ids=["full", "for_a_moment"])
def test_a_disk_that_is_full_at_any_moment(begun: Workspace, lasts: bool) -> None:
    undisturbed = content(begun.runs()["r1"].folder)
    with full(Disk(begun.path)) as disk:
        begun.remove(once_more(begun))
    moments = disk.moments
    # Files, folders and databases are all among them.
    assert {"open", "fsync", "replace", "mkdir", "INSERT", "COMMIT"} <= set(moments), Counter(moments)
    ended: list[SegscoreError] = []
    went_on = 0
    for first in range(1, len(moments) + 1):
        try:
            with full(Disk(begun.path, first, lasts=lasts)):
                once_more(Workspace(begun.path))
        except SegscoreError as error:
            ended.append(error)
        went_on += assert_nothing_lost(begun.path, undisturbed)
    assert all(error.hint for error in ended)
    # Otherwise the moments would have met nothing.
    assert len(ended) >= len(moments) // 2
    assert went_on >= len(moments) // 4


def test_files_that_may_not_grow_beyond_any_size(begun: Workspace) -> None:
    undisturbed = content(begun.runs()["r1"].folder)
    sizes = {path.stat().st_size for path in begun.runs()["r1"].folder.rglob("*") if path.is_file()}
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    ended: list[SegscoreError] = []
    # Databases grow by pages of 4,096 bytes.
    for size in sorted({0, *(size - 1 for size in sizes), *range(4095, 40_000, 4096)}):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, usual[1]))
        try:
            once_more(Workspace(begun.path))
        except SegscoreError as error:
            ended.append(error)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, usual)
        assert_nothing_lost(begun.path, undisturbed)
    assert all(error.hint for error in ended)
    assert len(ended) >= len(sizes)
