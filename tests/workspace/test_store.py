"""Workspaces: where they are found, which names there are, and what happens to files and index."""

import errno
import fcntl
import json
import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from segscore import ArgumentError, FileFormatError, OutputError, Workspace, WorkspaceError
from segscore.workspace.store import index
from segscore.workspace.store.names import checked_name, next_version, split_reference
from segscore.workspace.store.store import Row, Store
from support import hints
from support.processes import AS_NOBODY, python
from support.refused import refused
from support.some_runs import add_images, interrupted, names_of, run, write_images

ROOM = "make its folder writable and free some room on its disk"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a workspace, which is the current one."""
    monkeypatch.delenv("SEGSCORE_WORKSPACE", raising=False)
    folder = tmp_path / "project"
    Workspace.init(folder)
    monkeypatch.chdir(folder)
    return folder


def add(root: Path, name: str = "net", version: str | None = None) -> Row:
    return Store(root).add("model", name, version, digest="0" * 64, summary={"a": 1}, content={"b": [2]})


# Where a workspace is


def test_a_workspace_is_found_upwards_and_by_the_variable(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "a" / "b").mkdir(parents=True)
    for start in (root, root / "a" / "b", root / ".segscore"):
        assert Workspace.find(start).path == root
    assert Workspace.find().path == Workspace(root / ".segscore").path == root
    other = Workspace.init(root / "a")
    monkeypatch.chdir(root / "a" / "b")
    assert Workspace.find().path == other.path
    monkeypatch.setenv("SEGSCORE_WORKSPACE", str(root))
    assert Workspace.find().path == root
    assert Workspace.find(".").path == other.path
    assert repr(other) == f"<Workspace '{root}/a'>"


def test_no_workspace_two_of_them_and_none_that_can_be_made(root: Path, tmp_path: Path) -> None:
    assert refused(WorkspaceError, Workspace.find, tmp_path) == (
        f"{tmp_path}: there is no workspace in this folder or above it\n"
        "hint: `segscore init` makes one; or name one by `--workspace`, or by the variable SEGSCORE_WORKSPACE"
    )
    assert refused(WorkspaceError, Workspace, tmp_path) == (
        f"{tmp_path}: there is no workspace: no .segscore/workspace.json in it\n"
        "hint: `segscore init` makes one there; `Workspace.find` looks in the folders above, too"
    )
    assert refused(WorkspaceError, Workspace.init, root) == (
        f"{root}: there is a workspace already\nhint: use it, or make one in another folder"
    )
    (tmp_path / "file").write_text("")
    assert refused(OutputError, Workspace.init, tmp_path / "file") == (
        f"{tmp_path}/file/.segscore: the folder cannot be made: Not a directory\n"
        "hint: check that the folder above it is writable, and on a disk with room"
    )
    assert refused(ArgumentError, Workspace, 3) == (
        "expected the folder of a workspace, found 3\nhint: give the path of a folder"
    )


# Names


@pytest.mark.parametrize(
    "name", ["", ".a", "-a", "a b", "a/b", "a:b", "é", "a" * 65, "a\n", "..", "v1\x1b[31m", None, 3, "道路"]
)
def test_odd_names_are_refused(name: object) -> None:
    said = f"{name!r} is no name of a dataset\nhint: {hints.NAME}"
    assert refused(ArgumentError, checked_name, "dataset", name) == said


@pytest.mark.parametrize("name", ["a", "_", "0", "A.b-c_d", "a" * 64, "v1.0"])
def test_usual_names_are_taken(name: str) -> None:
    assert checked_name("model", name) == name


def test_references() -> None:
    assert split_reference("model", ("a", "b")) == split_reference("model", "a:b") == ("a", "b")
    assert refused(ArgumentError, split_reference, "model", 3) == (
        '3 names no model\nhint: write its name, or with a version "NAME:VERSION", such as "my-model:v2"'
    )
    said = f"'' is no name of a version\nhint: {hints.NAME}"
    assert refused(ArgumentError, split_reference, "model", "a:") == said


def test_versions_are_counted_up() -> None:
    assert next_version(("v2", "v10", "v07", "w99", "v0")) == "v11"


# Files and index


def test_versions_are_files_in_the_order_in_which_they_were_added(root: Path) -> None:
    rows = [add(root), add(root, version="best"), add(root), add(root, "other")]
    assert [(row.name, row.version, row.number) for row in rows] == [
        ("net", "v1", 1),
        ("net", "best", 2),
        ("net", "v2", 3),
        ("other", "v1", 4),
    ]
    assert Store(root).rows("model") == rows
    assert Store(root).rows("model", "net") == rows[:3]
    assert Store(root).rows("dataset") == []
    manifest = Store(root).manifest("model", "net", "best")
    assert manifest["b"] == [2]
    assert manifest["number"] == 2
    assert sorted(os.listdir(root / ".segscore" / "models" / "net")) == ["best.json", "v1.json", "v2.json"]


def test_making_a_workspace_again_after_a_kill_keeps_what_is_there(root: Path) -> None:
    rows = [add(root)]
    (root / ".segscore/workspace.json").unlink()
    assert refused(WorkspaceError, Workspace, root) == (
        f"{root}: there is no workspace: no .segscore/workspace.json in it\n"
        "hint: `segscore init` makes one there; `Workspace.find` looks in the folders above, too"
    )
    Workspace.init(root)
    assert Store(root).rows("model") == rows


def test_a_version_never_changes(root: Path) -> None:
    add(root)
    before = (root / ".segscore/models/net/v1.json").read_bytes()
    assert refused(ArgumentError, add, root, "net", "v1") == (
        "model net has a version v1 already, and versions never change\n"
        "hint: leave the version out to add it as v2, or name another one"
    )
    assert (root / ".segscore/models/net/v1.json").read_bytes() == before


def test_an_index_that_is_gone_or_behind_comes_back(root: Path) -> None:
    rows = [add(root), add(root), add(root, "other")]
    (root / ".segscore/index.db").unlink()
    assert Workspace(root).reindex() == 3
    assert Store(root).rows("model") == rows
    (root / ".segscore/index.db").unlink()
    assert Store(root).rows("model") == rows
    assert add(root).version == "v3"
    # As if a process had been killed between the file and the index, in the middle of the next file.
    with closing(sqlite3.connect(root / ".segscore/index.db")) as connection, connection:
        connection.execute("DELETE FROM versions WHERE version = 'v3'")
    (root / ".segscore/models/net/.v4.json.0123456789abcdef.part").write_text('{"schema"')
    assert [row.version for row in Store(root).rows("model", "net")] == ["v1", "v2", "v3"]
    assert Workspace(root).reindex() == 4
    assert sorted(os.listdir(root / ".segscore/models/net")) == ["v1.json", "v2.json", "v3.json"]
    (root / ".segscore/models/net/v2.json").unlink()
    assert [row.version for row in Store(root).rows("model", "net")] == ["v1", "v3"]


def test_a_damaged_index_is_built_again(root: Path) -> None:
    rows = [add(root), add(root)]
    path = root / ".segscore/index.db"
    path.write_bytes(b"no database at all" * 100)
    assert refused(WorkspaceError, Store(root).rows, "model") == (
        f"{path}: the index is damaged: file is not a database\n"
        "hint: `segscore reindex` builds it again from the files beside it, which hold everything"
    )
    assert Workspace(root).reindex() == 2
    assert Store(root).rows("model") == rows


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"a"', b'{"schema": 1}', b"[" * 100_000, b"\xff\xfe"])
def test_a_damaged_manifest_is_named(root: Path, content: bytes) -> None:
    add(root)
    path = root / ".segscore/models/net/v1.json"
    path.write_bytes(content)
    message = (
        f"{path}: expected the manifest of model net, version v1, found another kind of file or a "
        f"damaged one\nhint: {hints.BRING_BACK}"
    )
    assert refused(FileFormatError, Store(root).manifest, "model", "net", "v1") == message
    assert refused(FileFormatError, Workspace(root).reindex) == message
    # The index is as it was.
    assert [row.version for row in Store(root).rows("model")] == ["v1"]


def test_a_manifest_under_another_name_is_refused(root: Path) -> None:
    add(root)
    folder = root / ".segscore/models/net"
    (folder / "v1.json").rename(folder / "v2.json")
    assert refused(FileFormatError, Store(root).rows, "model") == (
        f"{folder}/v2.json: expected the manifest of model net, version v2, found another kind of file or a "
        f"damaged one\nhint: {hints.BRING_BACK}"
    )


# Other schemas


LATER = "it was written by a later segscore\nhint: update segscore: `pip install --upgrade segscore`"


def test_what_a_later_segscore_wrote_is_refused(root: Path) -> None:
    add(root)
    path = root / ".segscore/models/net/v1.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema": 2}))
    assert refused(WorkspaceError, Store(root).manifest, "model", "net", "v1") == (
        f"{path}: expected schema 1 at most, found 2: {LATER}"
    )
    head = root / ".segscore/workspace.json"
    head.write_text('{"schema": 2}')
    assert refused(WorkspaceError, Workspace, root) == f"{head}: expected schema 1 at most, found 2: {LATER}"
    head.write_text('{"schema": "x"}')
    assert refused(FileFormatError, Workspace, root) == (
        f"{head}: expected schema 1, found 'x'\nhint: {hints.BRING_BACK}"
    )


def test_an_index_of_a_later_segscore_is_refused(root: Path) -> None:
    add(root)
    path = root / ".segscore/index.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 7")
    assert refused(WorkspaceError, Store(root).rows, "model") == (
        f"{path}: expected an index of schema 1 at most, found 7: {LATER}"
    )


def test_an_index_is_migrated_forward(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [add(root), add(root)]
    later = (*index.MIGRATIONS, "ALTER TABLE versions ADD COLUMN note TEXT; CREATE TABLE runs (id TEXT)")
    monkeypatch.setattr(index, "MIGRATIONS", later)
    with index.opened(root / ".segscore/index.db") as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)
        assert connection.execute("SELECT version, note FROM versions").fetchall() == [
            ("v1", None),
            ("v2", None),
        ]
    monkeypatch.setattr(index, "MIGRATIONS", index.MIGRATIONS[:1])
    assert rows[0].version == "v1"


# Disks and other processes


def test_a_workspace_that_another_process_holds(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(root)
    monkeypatch.setattr(index, "WAIT", 0.1)
    path = root / ".segscore/index.db"
    with index.writing(path):
        assert refused(WorkspaceError, add, root) == (
            f"{path}: another process has held the workspace for more than 0.1 seconds\n"
            "hint: wait until it ends, and try again"
        )
        assert [row.version for row in Store(root).rows("model")] == ["v1"]
    assert add(root).version == "v2"


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks(root: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    add(root)
    monkeypatch.setattr(index, "WAIT", 0.1)

    def lockf(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "lockf", lockf)
    path = root / ".segscore/index.db"
    # What SQLite says of such a file system is what it says of a workspace that another process holds.
    with index.writing(path):
        assert refused(OutputError, add, root) == (
            f"{path}: the file system has no locks, which keep several processes apart\n"
            "hint: move the workspace to a disk of this machine, or mount the file system with locks"
        )
        assert [row.version for row in Store(root).rows("model")] == ["v1"]


def test_a_workspace_that_is_read_only_can_be_read() -> None:
    with tempfile.TemporaryDirectory() as place:  # that of pytest is closed to others
        root = Path(place)
        write_images(root, names_of(7))
        ws = Workspace.init(root)
        add_images(ws)
        ws.models.add("net", predictions=root / "target")
        run(ws)
        interrupted(ws, at=7, again=True)
        for path in (root, *root.rglob("*")):
            os.chmod(path, 0o555 if path.is_dir() else 0o444)
        code = f"""
import sys
from segscore import SegscoreError, Workspace
from segscore.workspace.runs.environment import environment
ws = Workspace(sys.argv[1])
str(ws.runs()["r1"]), environment()  # they import what they need
folder = ws.path / ".segscore"
folder.chmod(0o755)
(folder / sys.argv[2]).unlink(missing_ok=True)
folder.chmod(0o555)
{AS_NOBODY}
print([run.id for run in ws.runs()], [(left.id, left.held, left.problem) for left in ws.unfinished()])
print(len(str(ws.runs()["r1"])) > 100, ws.run("net", "noise", progress=False).id)
for call in (
    lambda: ws.models.add("net", predictions=ws.path / "image"),
    lambda: ws.run("net", "noise", again=True, progress=False),
    lambda: ws.note("r1", "a"),
    lambda: ws.remove("r1"),
    lambda: ws.reindex(),
):
    try:
        call()
    except SegscoreError as error:
        print(type(error).__name__, error)
"""
        folder = root / ".segscore"
        where = f"hint: {hints.FOLDER}"
        assert python(code, root, "nothing").splitlines() == [
            "['r1'] [('r2', False, None)]",
            "True r1",
            f"OutputError {folder}/models/net/v2.json: cannot be written: Permission denied",
            where,
            f"OutputError {folder}/runs/r2/evaluation.npz: cannot be written: Permission denied",
            where,
            f"OutputError {folder}/runs/r1/note.txt: cannot be written: Permission denied",
            where,
            f"OutputError {folder}/runs/r1: cannot be removed: Permission denied",
            "hint: make the workspace writable",
            f"OutputError {folder}/index.db: the workspace cannot be written: attempt to write a readonly "
            "database",
            f"hint: {ROOM}",
        ]
        # Not even an index is there, nor can one be made.
        assert python(code, root, "index.db").splitlines()[2:4] == [
            f"OutputError {folder}/index.db: the workspace cannot be written: unable to open database file",
            f"hint: {ROOM}",
        ]
        for path in (root, *root.rglob("*")):
            os.chmod(path, 0o755)


def test_an_index_without_room_loses_no_version(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(root)
    connect = index._connect

    def crowded(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        connection.execute("PRAGMA max_page_count = 1")  # SQLite takes the pages that there are
        return connection

    big = {"a": "x" * 20_000}
    monkeypatch.setattr(index, "_connect", crowded)
    row = Store(root).add("model", "net", None, digest="", summary=big, content={})
    assert row.version == "v2"
    assert [found.version for found in Store(root).rows("model")] == ["v1", "v2"]
    assert refused(OutputError, Workspace(root).reindex) == (
        f"{root}/.segscore/index.db: the workspace cannot be written: database or disk is full\nhint: {ROOM}"
    )
    monkeypatch.setattr(index, "_connect", connect)
    assert add(root).version == "v3"
    assert [found.number for found in Store(root).rows("model")] == [1, 2, 3]
    assert Workspace(root).reindex() == 3
