"""Runs that are set aside: gone for everybody, brought back as they were, never half there."""

import os
import shutil

import pytest

from segscore import ArgumentError, Workspace, WorkspaceError
from segscore.workspace.runs import aside as module
from segscore.workspace.runs import pending
from support.refused import refused
from support.some_runs import add_function, interrupted, run, ws

__all__ = ["ws"]
GONE = (
    "run r1 cannot be brought back: what was kept of it is not there any more\nhint: a run that was removed "
    "is kept for ten minutes, and no longer than the application is there; run the same anew"
)


def contents(folder):
    """Return the bytes of all files of a run by their paths, but for locks."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "lock.db")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture
def folder(ws):
    add_function(ws)
    return ws.path / ".segscore" / "runs" / "r1"


def test_a_finished_run_is_set_aside_and_brought_back_as_it_was(ws, folder):
    run(ws)
    ws.note("r1", "kept")
    before, scores = contents(folder), ws.runs()["r1"].metric("mean_iou")
    ws.aside.add("r1")
    for elsewhere in (ws, Workspace(ws.path)):
        assert (len(elsewhere.runs()), elsewhere.unfinished()) == (0, [])
        assert refused(ArgumentError, elsewhere.runs().__getitem__, "r1").startswith("there is no run `r1`")
    said = "there is no run r1 to remove\nhint: it may have been removed elsewhere"
    assert refused(ArgumentError, ws.aside.add, "r1") == said
    assert run(ws).id == "r2"  # its number stays taken
    ws.aside.bring_back("r1")
    assert contents(folder) == before
    assert [one.id for one in Workspace(ws.path).runs()] == ["r1", "r2"]
    assert (ws.runs()["r1"].note, ws.runs()["r1"].metric("mean_iou")) == ("kept", scores)
    assert refused(ArgumentError, ws.aside.bring_back, "r1") == GONE
    ws.aside.delete()
    assert contents(folder) == before  # what is not aside is not touched


def test_a_run_that_has_begun_is_set_aside_and_goes_on_afterwards(ws, folder):
    begun = interrupted(ws)
    before = contents(folder)
    with pending.Pending(folder):
        said = "a process is at work on run r1\nhint: end it first; what it has done so far goes, too"
        assert refused(WorkspaceError, ws.aside.add, "r1") == said
    ws.aside.add("r1")
    assert ws.unfinished() == []
    ws.aside.bring_back("r1")
    assert contents(folder) == before
    assert ws.unfinished() == [begun]
    assert run(ws).id == "r1"


def test_what_is_deleted_for_good_cannot_be_brought_back(ws, folder):
    run(ws)
    ws.aside.add("r1")
    ws.aside.delete(older_than=60)
    ws.aside.delete("r2")
    assert contents(folder)
    ws.aside.delete()
    assert contents(folder) == {}
    assert refused(ArgumentError, ws.aside.bring_back, "r1") == GONE
    assert refused(ArgumentError, ws.aside.add, "r7").startswith("there is no run r7 to remove")
    assert run(ws).id == "r2"


def test_remove_deletes_what_is_aside_and_so_does_tidying_up(ws, folder):
    for tidy in (lambda: ws.remove("r1"), ws.reindex):
        shutil.rmtree(folder, ignore_errors=True)
        run(ws)
        ws.aside.add("r1")
        tidy()
        assert contents(folder) == {}


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_a_process_that_is_killed_leaves_a_run_that_is_there_or_not(ws, folder, monkeypatch, steps):
    # One that was killed when it had ended, and before what only a run at work needs was removed.
    interrupted(ws)
    shutil.copy(folder / "pending.db", ws.path / "pending.db")
    run(ws)
    shutil.move(ws.path / "pending.db", folder / "pending.db")
    before, rename, done = contents(folder), os.rename, []

    def killed(old, new):
        if len(done) == steps:
            raise KeyboardInterrupt
        done.append(old)
        rename(old, new)

    monkeypatch.setattr(module.os, "rename", killed)
    if steps < 2:
        with pytest.raises(KeyboardInterrupt):
            ws.aside.add("r1")
    else:
        ws.aside.add("r1")
    monkeypatch.undo()
    monkeypatch.chdir(ws.path)
    assert [one.id for one in ws.runs()] == (["r1"] if steps < 2 else [])
    assert ws.unfinished() == []
    if steps:
        ws.aside.bring_back("r1")
    assert contents(folder) == before


def test_a_deletion_that_is_interrupted_brings_nothing_back(ws, folder, monkeypatch):
    run(ws)
    ws.aside.add("r1")

    def killed(folder):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "empty", killed)
    with pytest.raises(KeyboardInterrupt):
        ws.aside.delete()
    assert contents(folder)
    assert refused(ArgumentError, ws.aside.bring_back, "r1") == GONE
    ws.reindex()
    assert contents(folder) == {}
