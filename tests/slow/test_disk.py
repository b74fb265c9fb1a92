"""Runs on disks that are full, closed or read at the wrong moment, and workspaces that are moved."""

import errno
import os
import shutil
import sqlite3
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from segscore import EvaluationError, FileFormatError, OutputError, Workspace, WorkspaceError
from segscore.workspace.runs import pending, running
from segscore.workspace.store import index
from support.command_line import run as command
from support.processes import AS_NOBODY, python
from support.some_runs import NETS, add_function, add_images, names_of, run, write_images, ws
from support.workspaces import refused

__all__ = ["ws"]


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders whose names were written to the disk."""
    found = []
    fsync = os.fsync

    def watched(number: int) -> None:
        if stat.S_ISDIR(os.fstat(number).st_mode):
            found.append(os.readlink(f"/proc/self/fd/{number}"))
        fsync(number)

    monkeypatch.setattr(os, "fsync", watched)
    return found


@contextmanager
def failing(
    monkeypatch: pytest.MonkeyPatch, where: Any, name: str, fails: Any, number: int = errno.ENOSPC
) -> Iterator[None]:
    """Let a function fail where what it is given is such that it `fails`."""
    usual = getattr(where, name)

    def failing(*args: Any, **kwargs: Any) -> Any:
        if fails(args[0]):
            raise OSError(number, os.strerror(number))
        return usual(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(where, name, failing)
        yield


def is_folder(number: int) -> bool:
    return stat.S_ISDIR(os.fstat(number).st_mode)


def test_names_of_new_folders_are_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, synced: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_images(tmp_path, names_of(3))
    made = Workspace.init(tmp_path / "a/b")
    root = f"{tmp_path}/a/b"
    assert set(synced) == {str(tmp_path), f"{tmp_path}/a", root, f"{root}/.segscore"}
    synced.clear()
    add_images(made, images="image", targets="target")
    Path("nets.py").write_text(NETS)
    add_function(made)
    made_of = {f"{root}/.segscore/{kind}s" for kind in ("dataset", "model")}
    assert set(synced) == {f"{root}/.segscore", *made_of} | {
        f"{folder}/{name}" for folder, name in zip(sorted(made_of), ("noise", "net"), strict=True)
    }
    synced.clear()
    run(made)
    sys.modules.pop("nets")
    runs = f"{root}/.segscore/runs"
    wanted = {
        f"{root}/.segscore",
        runs,
        f"{runs}/r1",
        f"{runs}/r1/predictions",
        f"{runs}/r1/predictions/city",
    }
    assert wanted <= set(synced)


@pytest.mark.filterwarnings("ignore:.*holds the same as version:segscore.SegscoreWarning")
def test_a_version_counts_once_its_file_is_written(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    with failing(monkeypatch, os, "fsync", is_folder):
        assert refused(OutputError, add_function, ws).endswith(
            "names of files cannot be written to the disk: No space left on device\n"
            "hint: check that the folder is readable, and on a disk with room"
        )
    assert list(ws.models) == []
    add_function(ws)
    with failing(monkeypatch, os, "fsync", is_folder):
        add_function(ws)  # Its folder is there already.
    assert ws.models["net"].version == "v2"


def test_a_run_that_has_ended_may_leave_something_behind(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_function(ws)
    with failing(monkeypatch, Path, "unlink", lambda path: path.name == "pending.db", errno.EACCES):
        found = run(ws)
    assert (found.folder / "pending.db").exists()
    assert (found.id, ws.unfinished(), [one.id for one in ws.runs()]) == ("r1", [], ["r1"])
    with failing(monkeypatch, Path, "unlink", lambda path: path.name == "pending.db", errno.EACCES):
        assert refused(OutputError, ws.reindex) == (
            f"{found.folder}/pending.db: cannot be removed: Permission denied\n"
            "hint: make the workspace writable"
        )
    ws.reindex()
    assert sorted(os.listdir(found.folder)) == ["evaluation.npz", "predictions", "run.json"]


def test_a_note_that_cannot_be_removed(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    add_function(ws)
    run(ws)
    ws.note("r1", "a")
    with failing(monkeypatch, Path, "unlink", lambda path: path.name == "note.txt", errno.EACCES):
        assert refused(OutputError, ws.note, "r1", "") == (
            f"{ws.path}/.segscore/runs/r1/note.txt: cannot be removed: Permission denied\n"
            "hint: make the workspace writable"
        )
    assert ws.runs()["r1"].note == "a"


def test_folders_that_nobody_may_look_into() -> None:
    with tempfile.TemporaryDirectory() as place:  # that of pytest is closed to others
        root = Path(place)
        root.chmod(0o755)
        Workspace.init(root)
        folder = root / ".segscore/runs/r2"
        folder.mkdir(parents=True)
        folder.chmod(0o700 if os.geteuid() == 0 else 0)
        code = f"""
import sys
from segscore import SegscoreError, Workspace
ws = Workspace(sys.argv[1])
{AS_NOBODY}
print(ws.unfinished())
for call in (ws.runs, lambda: ws.remove("r2")):
    try:
        call()
    except SegscoreError as error:
        print(type(error).__name__, error)
"""
        assert python(code, root).splitlines() == [
            "[]",
            f"FileFormatError {folder}: cannot be read: Permission denied",
            "hint: check that the file is there and readable",
            f"OutputError {folder}: cannot be removed: Permission denied",
            "hint: make the workspace writable",
        ]
        folder.chmod(0o755)


def test_a_database_that_cannot_be_begun_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    connect = pending._connect

    def watched(path: Path, **options: Any) -> sqlite3.Connection:
        opened.append(connect(path, **options))
        return opened[-1]

    monkeypatch.setattr(pending, "_connect", watched)
    with pytest.raises(FileFormatError):
        pending.Pending(tmp_path, {"what": object()})  # no JSON
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened[0].execute("SELECT 1")
    assert not pending.is_held(tmp_path)
    assert pending.about(tmp_path) is None


# What may end a run, and what may not


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Progress is told for each image."""
    monkeypatch.setattr(running, "_SHOW_EVERY", 0.0)


@pytest.mark.usefixtures("often")
def test_an_error_of_the_progress_function_ends_no_run_for_good(ws: Workspace) -> None:
    def tell(now: Any) -> None:
        if now.done >= 3:
            raise EvaluationError("enough")

    add_function(ws)
    assert refused(EvaluationError, run, ws, progress=tell) == "enough"
    (left,) = ws.unfinished()
    assert left.done >= 3
    assert run(ws).id == "r1"


@pytest.mark.usefixtures("often")
def test_an_index_that_cannot_be_read_at_the_end_deletes_nothing(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "WAIT", 0.1)
    path = ws.path / ".segscore/index.db"
    add_function(ws)

    def damage(now: Any) -> None:
        if now.done == now.total:
            path.write_bytes(b"no database at all" * 100)

    assert refused(WorkspaceError, run, ws, progress=damage).startswith(f"{path}: the index is damaged: ")
    ws.reindex()
    assert [(left.id, left.done) for left in ws.unfinished()] == [("r1", 7)]

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA user_version")

        def hold(now: Any) -> None:
            if now.done == now.total and not other.in_transaction:
                other.execute("BEGIN EXCLUSIVE")

        assert refused(WorkspaceError, run, ws, progress=hold) == (
            f"{path}: another process has held the workspace for more than 0.1 seconds\n"
            "hint: wait until it ends, and try again"
        )
    assert [(left.id, left.done) for left in ws.unfinished()] == [("r1", 7)]
    assert run(ws).id == "r1"


# A workspace that is moved


@pytest.mark.usefixtures("often")
def test_a_workspace_that_is_moved(
    ws: Workspace, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(now: Any) -> None:
        if now.done >= 3:
            raise RuntimeError

    add_function(ws)
    ws.models.add("again", python="nets:labels")
    first, second = run(ws), run(ws, "again")
    before = (str(ws.runs()), first.metrics, first.evaluation)
    with pytest.raises(RuntimeError):
        run(ws, again=True, progress=stop)
    place = tmp_path_factory.mktemp("elsewhere") / "project"
    old = ws.path
    shutil.move(old, place)
    old.mkdir()
    monkeypatch.chdir(place)
    sys.modules.pop("nets")  # A process of its own would import it from the new place.
    moved = Workspace(place)
    assert (str(moved.runs()), moved.runs()["r1"].metrics, moved.runs()["r1"].evaluation) == before
    assert moved.evaluation("r1").files["000"].target == f"{place}/target/000.png"
    assert moved.evaluation("r1").files["000"].pred == f"{place}/.segscore/runs/r1/predictions/000.png"
    assert (run(moved).id, run(moved, "again", verify=True).id) == (first.id, second.id)
    compared = command("compare", "r1", "r2")
    assert (compared.exit_code, compared.stderr) == (0, "")
    assert [left.id for left in moved.unfinished()] == ["r3"]
    assert run(moved, again=True).id == "r3"
    assert moved.runs()["r3"].evaluation == first.evaluation
    assert all(str(old) not in path.read_text() for path in (place / ".segscore").rglob("*.json"))
    moved.write_report("r1", place / "r1.html")
    assert moved.reindex() == 6
    assert str(Workspace(place).runs()).splitlines()[1:3] == before[0].splitlines()[1:3]
