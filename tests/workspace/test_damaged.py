"""Runs whose files are damaged or of a later segscore, and workspaces that cannot be written."""

import json
import os
import re
import sqlite3
import tempfile
import warnings
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from segscore import (
    FileFormatError,
    SegscoreWarning,
    Workspace,
    WorkspaceError,
)
from segscore.workspace.runs import running
from segscore.workspace.store import index
from support import hints
from support.command_line import run as command
from support.processes import AS_NOBODY, python
from support.refused import refused
from support.some_runs import NETS, add_function, kept, names_of, run, write_images, ws

__all__ = ["ws"]
COPY = "bring it back from a copy; or `segscore rm r2` removes the run, and the same can be run anew"


@pytest.fixture
def runs(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of three finished runs and of one that was interrupted."""
    monkeypatch.setattr(running, "_SHOW_EVERY", 0.0)
    add_function(ws)
    for _ in range(3):
        run(ws, again=True)
    interrupt(ws)
    return ws.path / ".segscore/runs"


def interrupt(ws: Workspace, **options: Any) -> None:
    def stop(now: Any) -> None:
        if now.done >= 3:
            raise RuntimeError

    with pytest.raises(RuntimeError):
        run(ws, again=True, progress=stop, **options)


def ids(ws: Workspace) -> list[str]:
    return [one.id for one in ws.runs()]


@pytest.mark.parametrize("content", [b"", b"{", b'{"schema": 1}', b"\xff"])
def test_a_damaged_manifest_hides_no_other_run(ws: Workspace, runs: Path, content: bytes) -> None:
    path = runs / "r2/run.json"
    path.write_bytes(content)
    said = (
        f"{path}: expected the manifest of run r2, version run, found another kind of file or a damaged one"
    )
    # The index knows it still.
    assert ids(ws) == ["r1", "r2", "r3"]
    assert refused(FileFormatError, str, ws.runs()["r2"]) == f"{said}\nhint: {COPY}"
    assert refused(FileFormatError, lambda: ws.runs()["r2"].evaluation) == f"{said}\nhint: {COPY}"
    assert refused(FileFormatError, ws.reindex) == f"{said}\nhint: {COPY}"
    (ws.path / ".segscore/index.db").unlink()
    assert refused(FileFormatError, ws.reindex) == f"{said}\nhint: {COPY}"
    with pytest.warns(SegscoreWarning) as told:
        assert ids(ws) == ["r1", "r3"]
    assert [str(one.message) for one in told] == [f"run r2 is left out: {said}\nhint: {COPY}"]
    assert ids(ws) == ["r1", "r3"]  # told once
    assert (list(ws.models), list(ws.datasets)) == (["net"], ["noise"])
    assert run(ws).id == "r3"
    assert run(ws, again=True).id == "r4"
    ws.remove("r2")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Workspace(ws.path).reindex() == 5


def test_a_run_that_the_index_does_not_know_is_removed(ws: Workspace, runs: Path) -> None:
    for name in ("run.json", "evaluation.npz"):
        (runs / "r2" / name).write_bytes(b"garbage")
    (ws.path / ".segscore/index.db").write_bytes(b"garbage" * 1000)
    assert COPY in command("reindex").stderr
    assert "error: there is no run `r9`\n" in command("rm", "r2", "r9").stderr
    (ws.path / ".segscore/index.db").write_bytes(b"garbage" * 1000)
    found = command("rm", "r2")
    assert (found.exit_code, found.stdout, found.stderr) == (0, "run r2 removed\n", "")
    assert command("reindex").exit_code == 0
    assert ids(ws) == ["r1", "r3"]
    found = command("rm", "r2")
    assert (found.exit_code, found.stderr) == (
        2,
        "error: there is no run `r2`\nhint: the nearest are `r3`, `r1`\n",
    )


def test_a_manifest_of_a_later_segscore_hides_no_other_run(ws: Workspace, runs: Path) -> None:
    path = runs / "r2/run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "schema": 2}))
    (ws.path / ".segscore/index.db").unlink()
    with pytest.warns(SegscoreWarning) as told:
        assert ids(ws) == ["r1", "r3"]
    assert str(told[0].message) == (
        f"run r2 is left out: {path}: expected schema 1 at most, found 2: it was written by a later "
        "segscore\n"
        "hint: update segscore: `pip install --upgrade segscore`"
    )


def test_a_manifest_that_lacks_something_hides_no_other_run(ws: Workspace, runs: Path) -> None:
    path = runs / "r2/run.json"
    about = json.loads(path.read_text())
    del about["summary"]["metrics"]
    path.write_text(json.dumps(about))
    ws.reindex()
    with pytest.warns(SegscoreWarning) as told:
        assert ids(ws) == ["r1", "r3"]
    assert str(told[0].message) == (
        f"run r2 is left out: {path}: expected the manifest of run r2, found another kind of file or a "
        f"damaged one\nhint: {COPY}"
    )


def test_a_damaged_evaluation_is_named(ws: Workspace, runs: Path) -> None:
    path = runs / "r2/evaluation.npz"
    path.write_bytes((runs / "r1/evaluation.npz").read_bytes()[:-1])
    message = (
        f"{path}: expected the evaluation of run r2, found another kind of file or a damaged "
        f"one\nhint: {COPY}"
    )
    assert len(str(ws.runs()).splitlines()) == 4
    assert ws.runs()["r2"].metrics["mean_iou"] == ws.runs()["r1"].metrics["mean_iou"]
    assert refused(FileFormatError, lambda: ws.runs()["r2"].evaluation) == message
    assert refused(FileFormatError, str, ws.runs()["r2"]) == message
    assert refused(FileFormatError, ws.runs()["r2"].metric, "precision.1") == message
    path.unlink()
    assert refused(FileFormatError, lambda: ws.runs()["r2"].evaluation) == (
        f"{path}: cannot be read: No such file or directory\nhint: {COPY}"
    )
    assert ws.reindex() == 5


@pytest.mark.parametrize("damage", ["bytes", "table", "text", "nothing", "kind", "later"])
def test_what_was_interrupted_and_is_damaged_is_listed(ws: Workspace, runs: Path, damage: str) -> None:
    path = runs / "r4/pending.db"
    if damage == "bytes":
        path.write_bytes(b"no database at all" * 100)
    else:
        statement = {
            "table": "DROP TABLE about",
            "text": "UPDATE about SET text = '{'",
            "nothing": "UPDATE about SET text = '{}'",
            "kind": """UPDATE about SET text = replace(text, '"total": 7', '"total": "7"')""",
            "later": "PRAGMA user_version = 7",
        }[damage]
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(statement)
    message = (
        f"{path}: expected schema 1 at most, found 7: it was written by a later segscore\n"
        "hint: update segscore: `pip install --upgrade segscore`"
        if damage == "later"
        else f"{path}: expected what run r4 has done so far, found a damaged file\n"
        "hint: `segscore rm r4` removes it; then run the same anew"
    )
    (left,) = ws.unfinished()
    assert (left.id, left.problem) == ("r4", message)
    listed = command("runs").stdout.replace("\n", "")
    assert message.replace("\n", "").replace(" ", "") in listed.replace(" ", "")
    # Nothing else minds, and nobody removes it but the user.
    assert run(ws, again=True).id == "r5"
    ws.reindex()
    assert path.exists()
    ws.remove("r4")
    assert ws.unfinished() == []


def test_outcomes_that_are_damaged(ws: Workspace, runs: Path) -> None:
    with closing(sqlite3.connect(runs / "r4/pending.db")) as connection, connection:
        connection.execute("UPDATE outcomes SET pred = x'00'")
    assert refused(FileFormatError, run, ws, again=True) == (
        f"{runs}/r4/pending.db: expected what run r4 has done so far, found a damaged file\n"
        "hint: `segscore rm r4` removes it; then run the same anew"
    )
    ws.remove("r4")
    assert run(ws, again=True).id == "r5"


def test_a_locked_index(ws: Workspace, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "WAIT", 0.1)
    path = ws.path / ".segscore/index.db"
    with index.writing(path):
        assert refused(WorkspaceError, run, ws, again=True) == (
            f"{path}: another process has held the workspace for more than 0.1 seconds\n"
            "hint: wait until it ends, and try again"
        )
    # All images were dealt with, and nothing is computed again.
    assert [(left.id, left.done) for left in ws.unfinished()] == [("r4", 7)]
    assert run(ws, again=True).id == "r4"


def test_a_read_only_workspace_can_be_read() -> None:
    with tempfile.TemporaryDirectory() as place:  # that of pytest is closed to others
        root = Path(place)
        write_images(root, names_of(7))
        (root / "nets.py").write_text(NETS)
        code = """
import os, sys
os.chdir(sys.argv[1])
from segscore import Workspace
from support.some_runs import add_images
ws = Workspace.init(".")
add_images(ws)
ws.models.add("net", python="nets:labels")
def stop(now):
    if now.done > 2:
        raise RuntimeError
ws.run("net", "noise", progress=False)
try:
    ws.run("net", "noise", again=True, progress=stop)
except RuntimeError:
    pass
"""
        tests = {"PYTHONPATH": f"{Path(__file__).parents[1]}:{os.environ.get('PYTHONPATH', '')}"}
        python(code, root, env=tests)
        for path in (root, *root.rglob("*")):
            os.chmod(path, 0o555 if path.is_dir() else 0o444)
        code = f"""
import os, sys
from segscore import SegscoreError, Workspace
from segscore.workspace.runs.environment import environment
os.chdir(sys.argv[1])
ws = Workspace(".")
str(ws.runs()["r1"]), environment()  # they import what they need
{AS_NOBODY}
print([run.id for run in ws.runs()], [(left.id, left.held, left.problem) for left in ws.unfinished()])
print(len(str(ws.runs()["r1"])) > 100, ws.run("net", "noise", progress=False).id)
for call in (
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
        assert python(code, root, env=tests).splitlines() == [
            "['r1'] [('r2', False, None)]",
            "True r1",
            f"OutputError {folder}/runs/r2/evaluation.npz: cannot be written: Permission denied",
            where,
            f"OutputError {folder}/runs/r1/note.txt: cannot be written: Permission denied",
            where,
            f"OutputError {folder}/runs/r1: cannot be removed: Permission denied",
            "hint: make the workspace writable",
            f"OutputError {folder}/index.db: the workspace cannot be written: attempt to write a readonly "
            "database",
            "hint: make its folder writable and free some room on its disk",
        ]
        for path in (root, *root.rglob("*")):
            os.chmod(path, 0o755)


@pytest.mark.slow
def test_a_full_disk_ends_a_run_that_can_go_on(ws: Workspace) -> None:
    add_function(ws)
    code = """
import resource, sys
from segscore import OutputError, Workspace
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
try:
    Workspace(".").run("net", "noise", progress=False)
except OutputError as error:
    print(error)
"""
    said = set()
    for limit in (0, 100, 600, 2_000, 5_000, 12_000, 16_000):
        # Python would keep the module `nets` cut off at the limit, and could not read it the next time.
        printed = python(code, limit, env={"PYTHONDONTWRITEBYTECODE": "1"})
        said |= {re.sub(r"/r\d+/", "/r/", printed)}
        # A run is there as a whole or not at all, and the index is sound.
        assert all(len(one.evaluation.names) == len(kept(one)) == 7 for one in ws.runs())
        with closing(sqlite3.connect(ws.path / ".segscore/index.db")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    hint = "make its folder writable and free some room on its disk"
    places = ("index.db", "runs/begin.db", "runs/r/pending.db")
    assert len(said) > 1
    assert said <= {""} | {
        f"{ws.path}/.segscore/{place}: the workspace cannot be written: disk I/O error\nhint: {hint}\n"
        for place in places
    }
    found = [(run(ws, again=True).folder / "evaluation.npz").read_bytes() for _ in range(2)]
    assert {(one.folder / "evaluation.npz").read_bytes() for one in ws.runs()} == set(found)
    assert len(set(found)) == 1
