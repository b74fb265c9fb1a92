"""Runs whose files are damaged, odd or of a later segscore, and workspaces that cannot be written."""

import json
import os
import sqlite3
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import pytest

from segscore import ArgumentError, FileFormatError, SegscoreWarning, Workspace, WorkspaceError
from segscore.workspace.runs import pending, running
from segscore.workspace.store import index
from segscore.workspace.store.disk import MOST
from support.command_line import printed
from support.command_line import run as command
from support.processes import python
from support.refused import refused, warned
from support.some_runs import add_function, add_images, interrupted, run, write_images

COPY = "bring it back from a copy; or `segscore rm r2` removes the run, and the same can be run anew"


def ids(ws: Workspace) -> list[str]:
    return [one.id for one in ws.runs()]


def damaged(path: Path) -> str:
    """Return what is said of the damaged manifest or evaluation of run r2."""
    what = "manifest" if path.name == "run.json" else "evaluation"
    return f"{path}: expected the {what} of run r2, found another kind of file or a damaged one\nhint: {COPY}"


def change(path: Path, where: tuple[str, ...], value: Any) -> None:
    """Change what a JSON file says, or remove it where the value is None."""
    whole = json.loads(path.read_text())
    part = whole
    for key in where[:-1]:
        part = part[key]
    if value is None:
        del part[where[-1]]
    else:
        part[where[-1]] = value
    path.write_text(json.dumps(whole))


def left_out(said: str, run: str = "r2") -> AbstractContextManager[None]:
    """Expect one warning: that a run is left out, and why."""
    return warned(f"run {run} is left out: {said}")


@pytest.fixture
def runs(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of three finished runs and of one that was interrupted."""
    monkeypatch.setattr(running, "SHOW_EVERY", 0.0)
    add_function(ws)
    for _ in range(3):
        run(ws, again=True)
    interrupted(ws, again=True)
    return ws.path / ".segscore/runs"


@pytest.mark.parametrize("content", [b"", b"{", b'{"schema": 1}', b"\xff"])
def test_a_damaged_manifest_hides_no_other_run(ws: Workspace, runs: Path, content: bytes) -> None:
    path = runs / "r2/run.json"
    path.write_bytes(content)
    said = damaged(path).replace("run r2,", "run r2, version run,")
    # The index knows it still.
    assert ids(ws) == ["r1", "r2", "r3"]
    assert refused(FileFormatError, str, ws.runs()["r2"]) == said
    assert refused(FileFormatError, lambda: ws.runs()["r2"].evaluation) == said
    assert refused(FileFormatError, ws.reindex) == said
    (ws.path / ".segscore/index.db").unlink()
    assert refused(FileFormatError, ws.reindex) == said
    with left_out(said):
        assert ids(ws) == ["r1", "r3"]
    assert ids(ws) == ["r1", "r3"]  # told once
    assert (list(ws.models), list(ws.datasets)) == (["net"], ["noise"])
    assert run(ws).id == "r3"
    assert run(ws, again=True).id == "r4"
    ws.remove("r2")
    assert Workspace(ws.path).reindex() == 5


def test_a_run_that_the_index_does_not_know_is_removed(ws: Workspace, runs: Path) -> None:
    for name in ("run.json", "evaluation.npz"):
        (runs / "r2" / name).write_bytes(b"garbage")
    (ws.path / ".segscore/index.db").write_bytes(b"garbage" * 1000)
    assert COPY in command("reindex").stderr
    assert "error: there is no run `r9`\n" in command("rm", "r2", "r9").stderr
    (ws.path / ".segscore/index.db").write_bytes(b"garbage" * 1000)
    assert printed("rm", "r2") == "run r2 removed\n"
    assert command("reindex").exit_code == 0
    assert ids(ws) == ["r1", "r3"]
    found = command("rm", "r2")
    assert (found.exit_code, found.stderr) == (
        2,
        "error: there is no run `r2`\nhint: the nearest are `r3`, `r1`\n",
    )


def test_a_manifest_of_a_later_segscore_hides_no_other_run(ws: Workspace, runs: Path) -> None:
    path = runs / "r2/run.json"
    change(path, ("schema",), 2)
    (ws.path / ".segscore/index.db").unlink()
    with left_out(
        f"{path}: expected schema 1 at most, found 2: it was written by a later segscore\n"
        "hint: update segscore: `pip install --upgrade segscore`"
    ):
        assert ids(ws) == ["r1", "r3"]


def test_a_damaged_evaluation_is_named(ws: Workspace, runs: Path) -> None:
    path = runs / "r2/evaluation.npz"
    path.write_bytes((runs / "r1/evaluation.npz").read_bytes()[:-1])
    message = damaged(path)
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


@pytest.mark.parametrize("file", ["run.json", "evaluation.npz"])
def test_a_damaged_run_stops_no_command_over_all_runs(ws: Workspace, runs: Path, file: str) -> None:
    path = runs / "r1" / file
    path.write_bytes(b"garbage")
    said = damaged(path).replace("r2", "r1")
    if file == "run.json":
        said = said.replace("run r1,", "run r1, version run,")
    exported = command("export", "images.csv", "--images")
    assert (exported.exit_code, exported.stderr) == (0, f"warning: run r1 is left out: {said}\n")
    assert exported.stdout.startswith("14 rows of ")
    with left_out(said, "r1"):
        columns = ws.runs().columns(images=True)
    assert columns["run"].tolist() == ["r2"] * 7 + ["r3"] * 7
    value = ws.runs()["r2"].metric("precision.1")
    numbers = f"numbers of run r1 are left out: {said}"
    for how in (("--metric", "precision.1"), ("--sort", "precision.1")):
        listed = command("runs", *how)
        assert (listed.exit_code, listed.stderr) == (0, f"warning: {numbers}\n")
        shown = {line.split()[0]: line.split()[3] for line in listed.stdout.splitlines()[1:4]}
        assert shown == {"r1": "—", "r2": f"{value:.4f}", "r3": f"{value:.4f}"}
    with warned(numbers):
        assert [one.id for one in Workspace(ws.path).runs(sort="precision.1")] == ["r2", "r3", "r1"]
    ws.remove("r3")
    ws.remove("r2")
    assert refused(FileFormatError, ws.runs().columns, images=True) == said
    assert refused(FileFormatError, ws.runs().grid, "precision.1") == said


def test_one_damage_is_told_once_where_no_run_has_a_metric(ws: Workspace, runs: Path) -> None:
    path = runs / "r1/evaluation.npz"
    path.write_bytes(b"garbage")
    with warned(f"numbers of run r1 are left out: {damaged(path).replace('r2', 'r1')}"):
        found = Workspace(ws.path).runs()
        assert "`nope`" in refused(ArgumentError, found.grid, "nope")
        assert set(found.columns(images=True)["run"]) == {"r2", "r3"}  # which leaves out all of it


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
        f"{path}: expected schema 3 at most, found 7: it was written by a later segscore\n"
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


# Odd files: manifests, notes and locks that nobody should have written


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("number",), 2**70),
        (("number",), 2**63 - 1),
        (("number",), 0),
        (("number",), True),
        (("added",), "\ud800"),
        (("digest",), "\ud800"),
        (("digest",), 3),
        (("summary",), ["a"]),
    ],
)
def test_a_head_that_no_index_can_hold(ws: Workspace, runs: Path, where: tuple[str, ...], value: Any) -> None:
    change(runs / "r2/run.json", where, value)
    said = damaged(runs / "r2/run.json").replace("run r2,", "run r2, version run,")
    (ws.path / ".segscore/index.db").unlink()
    with left_out(said):
        assert ids(ws) == ["r1", "r3"]
    assert refused(FileFormatError, ws.reindex) == said
    ws.remove("r2")
    assert (ws.reindex(), ids(ws)) == (4, ["r1", "r3"])


def test_the_largest_number_loses_no_later_run(ws: Workspace, runs: Path) -> None:
    change(runs / "r2/run.json", ("number",), MOST - 1)
    ws.reindex()
    for _ in range(2):
        run(ws, again=True)
        (ws.path / ".segscore/index.db").unlink()
    assert ids(ws) == ["r1", "r3", "r2", "r4", "r5"]


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("summary", "model", "name"), "a\x1b[31m"),
        (("summary", "dataset", "version"), "../v1"),
        (("summary", "dataset", "digest"), 3),
        (("summary", "images"), 2**70),
        (("summary", "images"), 0),
        (("summary", "failures"), -1),
        (("summary", "trained_images"), [1]),
        (("summary", "started"), "\udcff"),
        (("summary", "options"), []),
        (("summary", "options"), {"resize": "nearest"}),
        (("summary", "model", "digest"), "0" * 64),
        (("digest",), "0" * 64),
        (("summary", "metrics"), None),
        (("summary", "metrics", "mean_iou"), 10**400),
    ],
)
def test_a_summary_that_cannot_be(ws: Workspace, runs: Path, where: tuple[str, ...], value: Any) -> None:
    change(runs / "r2/run.json", where, value)
    ws.reindex()
    with left_out(damaged(runs / "r2/run.json")):
        assert ids(ws) == ["r1", "r3"]


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("environment",), None),
        (("environment", "packages"), "numpy"),
        (("environment", "packages", "numpy"), 2),
        (("environment", "threads"), "2"),
        (("tracebacks",), None),
        (("tracebacks",), ["000"]),
        (("segscore",), None),
        (("evaluation",), None),
    ],
)
def test_a_manifest_that_lacks_what_its_page_shows(
    ws: Workspace, runs: Path, where: tuple[str, ...], value: Any
) -> None:
    change(runs / "r2/run.json", where, value)
    assert ids(ws) == ["r1", "r2", "r3"]
    assert refused(FileFormatError, str, ws.runs()["r2"]) == damaged(runs / "r2/run.json")


def test_names_of_images_that_are_no_text_damage_nothing(ws: Workspace) -> None:
    name = os.fsdecode(b"caf\xe9")
    write_images(ws.path, [name])
    add_images(ws)
    Path("nets.py").write_text(
        "calls = []\n"
        "def f(image):\n"
        "    calls.append(1)\n"
        "    if len(calls) == 5:\n"
        "        raise ValueError('\\udce9')\n"
        "    return image[..., 0] % 3\n"
    )
    ws.models.add("net", python="nets:f", trained_on="noise")
    with pytest.warns(SegscoreWarning, match="was trained on"):
        found = run(ws)
    ws.reindex()
    assert ws.runs()[found.id].trained_images == ws.datasets["noise"].names
    assert [failure.name for failure in found.evaluation.failures] == [name]
    assert "where the model failed on caf\\udce9:\n" in str(found)


def test_a_manifest_without_a_schema(ws: Workspace, runs: Path) -> None:
    change(runs / "r2/run.json", ("schema",), None)
    assert refused(FileFormatError, ws.reindex) == (
        f"{runs}/r2/run.json: expected schema 1, found None\nhint: {COPY}"
    )


def test_a_damaged_note_hides_no_run(ws: Workspace, runs: Path) -> None:
    ws.note("r1", "good")
    (runs / "r2/note.txt").write_bytes(b"\xff")
    said = (
        f"the note of run r2 is left out: {runs}/r2/note.txt: cannot be read: it is no text\n"
        'hint: write it anew: `segscore note r2 "TEXT"`'
    )
    with warned(said):
        listed = str(ws.runs())
    assert ("r1: good" in listed, "r2:" in listed) == (True, False)
    assert list(ws.runs().columns()["note"]) == ["good", "", ""]  # told once
    assert "\nnote: " not in str(ws.runs()["r2"])
    ws.note("r2", "new")
    assert list(Workspace(ws.path).runs().columns()["note"]) == ["good", "new", ""]


def test_a_run_whose_evaluation_has_gone_is_run_anew(ws: Workspace, runs: Path) -> None:
    ws.remove("r4")
    ws.remove("r3")
    (runs / "r2/evaluation.npz").unlink()
    said = f"run r2 is passed over: {runs}/r2/evaluation.npz: its evaluation is not there\nhint: {COPY}"
    with warned(said):
        assert run(ws).id == "r1"  # the same, and whole
    (runs / "r1/evaluation.npz").unlink()
    with warned(said.replace("r2", "r1")):
        assert run(ws).id == "r5"
    ws.remove("r1")
    ws.remove("r2")
    assert run(Workspace(ws.path)).id == "r5"


def test_files_in_the_place_of_runs(ws: Workspace, runs: Path) -> None:
    for name in ("r9", "r007x", "r99999999999999999999"):
        (runs / name).write_text("")
    assert (ws.reindex(), len(ws.unfinished()), len(ws.runs())) == (5, 1, 3)
    ws.remove("r4")
    assert run(ws, again=True).id == "r10"
    assert (runs / "r9").is_file()


def test_a_run_that_cannot_go_on(ws: Workspace, runs: Path) -> None:
    with closing(sqlite3.connect(runs / "r4/pending.db")) as connection, connection:
        connection.execute("UPDATE outcomes SET pred = x'00'")
    (left,) = ws.unfinished()
    assert (left.id, left.held) == ("r4", False)
    assert refused(FileFormatError, run, ws, again=True) == (
        f"{runs}/r4/pending.db: expected what run r4 has done so far, found a damaged file\n"
        "hint: `segscore rm r4` removes it; then run the same anew"
    )
    ws.remove("r4")
    assert run(ws, again=True).id == "r5"


@pytest.mark.parametrize("file", ["begin.db", "r4/lock.db"])
@pytest.mark.parametrize(
    "content", [b"no database at all" * 100, b"\0" * 5000, b"SQLite format 3\0" + b"x" * 999]
)
def test_a_lock_that_is_damaged_is_emptied_and_keeps_others_out(
    ws: Workspace, runs: Path, file: str, content: bytes
) -> None:
    (runs / file).write_bytes(content)
    (left,) = ws.unfinished()
    assert (left.id, left.held) == ("r4", False)
    ws.reindex()
    with closing(pending.locked(runs / file, 0)):
        # Whoever comes while it is held, and finds it damaged, takes it from nobody.
        # This process would lose its lock if it closed the file.
        python(f"with open({str(runs / file)!r}, 'wb') as file: file.write({content!r})")
        assert "has held the workspace" in refused(WorkspaceError, pending.locked, runs / file, 0)
    assert run(ws, again=True).id == "r4"
    ws.note("r4", "it goes on")
