"""Runs on disks that are full, closed or read at the wrong moment, and workspaces that are moved."""

import errno
import os
import resource
import shutil
import sqlite3
import stat
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from kills import check_databases, content
from segscore import FileFormatError, OutputError, SegscoreError, Workspace, WorkspaceError
from segscore.workspace.runs import pending, running
from segscore.workspace.store import index
from support import hints
from support.command_line import run as command
from support.full_disk import Disk, full
from support.processes import AS_NOBODY, python
from support.refused import refused
from support.some_runs import NETS, add_function, add_images, interrupted, names_of, run, write_images, ws

__all__ = ["ws"]

pytestmark = pytest.mark.slow


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


def test_names_of_new_folders_are_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced, fsync = set(), os.fsync

    def watched(number: int) -> None:
        if is_folder(number):
            synced.add(os.readlink(f"/proc/self/fd/{number}"))
        fsync(number)

    monkeypatch.setattr(os, "fsync", watched)
    monkeypatch.chdir(tmp_path)
    write_images(tmp_path, names_of(3))
    made = Workspace.init(tmp_path / "a/b")
    root = f"{tmp_path}/a/b"
    assert synced == {str(tmp_path), f"{tmp_path}/a", root, f"{root}/.segscore"}
    synced.clear()
    add_images(made, images="image", targets="target")
    Path("nets.py").write_text(NETS)
    add_function(made)
    made_of = {f"{root}/.segscore/{kind}s" for kind in ("dataset", "model")}
    assert synced == {f"{root}/.segscore", *made_of} | {
        f"{folder}/{name}" for folder, name in zip(sorted(made_of), ("noise", "net"), strict=True)
    }
    synced.clear()
    run(made)
    sys.modules.pop("nets")
    runs = f"{root}/.segscore/runs"
    made = ("", "/r1", "/r1/predictions", "/r1/predictions/city")
    assert {f"{root}/.segscore", *(f"{runs}{folder}" for folder in made)} <= synced


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
    assert sorted(os.listdir(found.folder)) == ["evaluation.npz", "intervals.kept", "predictions", "run.json"]


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
            f"hint: {hints.READABLE}",
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
    monkeypatch.setattr(running, "SHOW_EVERY", 0.0)


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
    add_function(ws)
    ws.models.add("again", python="nets:labels")
    first, second = run(ws), run(ws, "again")
    before = (str(ws.runs()), first.metrics, first.evaluation)
    interrupted(ws, again=True)
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


@pytest.fixture
def begun(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace with a model that takes two images at once, and a run; each outcome is kept at once."""
    write_images(ws.path, names_of(5))
    for name in ("image", "target"):
        for path in (ws.path / name).rglob("00[56].png"):
            path.unlink()
    add_images(ws, "five")
    add_function(ws, "batch", takes="batch")
    monkeypatch.setattr(running, "KEEP_EVERY", 0.0)
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
        # Where there was no room for its intervals, a run has none.
        assert {*os.listdir(one.folder)} - {"intervals.kept"} == {"evaluation.npz", "predictions", "run.json"}
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
