"""Workspaces with odd files in them: manifests, notes and locks that nobody should have written."""

import json
import multiprocessing
import os
import warnings
from pathlib import Path
from typing import Any

import pytest

from segscore import FileFormatError, SegscoreWarning, Workspace
from segscore.workspace.runs import pending, running
from segscore.workspace.store.disk import MOST
from support.refused import refused
from support.some_runs import add_function, add_images, looks, run, write_images, ws

__all__ = ["ws"]
HINT = "bring it back from a copy; or `segscore rm r2` removes the run, and the same can be run anew"


@pytest.fixture
def runs(ws: Workspace) -> Path:
    """The folder of two finished runs."""
    add_function(ws)
    run(ws)
    run(ws, again=True)
    return ws.path / ".segscore/runs"


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


def interrupt(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(now: Any) -> None:
        if now.done >= 3:
            raise RuntimeError

    monkeypatch.setattr(running, "_SHOW_EVERY", 0.0)
    with pytest.raises(RuntimeError):
        run(ws, again=True, progress=stop)


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
    said = (
        f"{runs}/r2/run.json: expected the manifest of run r2, version run, found another kind of file or a "
        f"damaged one\nhint: {HINT}"
    )
    (ws.path / ".segscore/index.db").unlink()
    with pytest.warns(SegscoreWarning) as told:
        assert [one.id for one in ws.runs()] == ["r1"]
    assert [str(one.message) for one in told] == [f"run r2 is left out: {said}"]
    assert refused(FileFormatError, ws.reindex) == said
    assert (run(ws).id, run(ws, again=True).id) == ("r1", "r3")
    ws.remove("r2")
    assert ws.reindex() == 4
    assert [one.id for one in ws.runs()] == ["r1", "r3"]


def test_the_largest_number_loses_no_later_run(ws: Workspace, runs: Path) -> None:
    change(runs / "r2/run.json", ("number",), MOST - 1)
    ws.reindex()
    for _ in range(2):
        run(ws, again=True)
        (ws.path / ".segscore/index.db").unlink()
    assert [one.id for one in ws.runs()] == ["r1", "r2", "r3", "r4"]


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
        (("summary", "metrics", "mean_iou"), 10**400),
    ],
)
def test_a_summary_that_cannot_be(ws: Workspace, runs: Path, where: tuple[str, ...], value: Any) -> None:
    change(runs / "r2/run.json", where, value)
    ws.reindex()
    with pytest.warns(SegscoreWarning) as told:
        assert [one.id for one in ws.runs()] == ["r1"]
    assert [str(one.message) for one in told] == [
        f"run r2 is left out: {runs}/r2/run.json: expected the manifest of run r2, found another kind of "
        f"file or a damaged one\nhint: {HINT}"
    ]


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
    assert [one.id for one in ws.runs()] == ["r1", "r2"]
    assert refused(FileFormatError, str, ws.runs()["r2"]) == (
        f"{runs}/r2/run.json: expected the manifest of run r2, found another kind of file or a damaged one\n"
        f"hint: {HINT}"
    )


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
        f"{runs}/r2/run.json: expected schema 1, found None\nhint: {HINT}"
    )


def test_a_damaged_note_hides_no_run(ws: Workspace, runs: Path) -> None:
    ws.note("r1", "good")
    (runs / "r2/note.txt").write_bytes(b"\xff")
    said = (
        f"the note of run r2 is left out: {runs}/r2/note.txt: cannot be read: it is no text\n"
        'hint: write it anew: `segscore note r2 "TEXT"`'
    )
    with pytest.warns(SegscoreWarning) as told:
        listed = str(ws.runs())
    assert [str(one.message) for one in told] == [said]
    assert ("r1: good" in listed, "r2:" in listed) == (True, False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # told once
        assert list(ws.runs().columns()["note"]) == ["good", ""]
        assert "\nnote: " not in str(ws.runs()["r2"])
    ws.note("r2", "new")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list(Workspace(ws.path).runs().columns()["note"]) == ["good", "new"]


def test_a_run_whose_evaluation_has_gone_is_run_anew(ws: Workspace, runs: Path) -> None:
    (runs / "r2/evaluation.npz").unlink()
    said = f"run r2 is passed over: {runs}/r2/evaluation.npz: its evaluation is not there\nhint: {HINT}"
    with pytest.warns(SegscoreWarning) as told:
        assert run(ws).id == "r1"  # the same, and whole
    assert [str(one.message) for one in told] == [said]
    (runs / "r1/evaluation.npz").unlink()
    with pytest.warns(SegscoreWarning) as told:
        assert run(ws).id == "r3"
    assert [str(one.message) for one in told] == [said.replace("r2", "r1")]
    ws.remove("r1")
    ws.remove("r2")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert run(Workspace(ws.path)).id == "r3"


def test_files_in_the_place_of_runs(ws: Workspace, runs: Path) -> None:
    for name in ("r9", "r007x", "r99999999999999999999"):
        (runs / name).write_text("")
    assert (ws.reindex(), ws.unfinished(), len(ws.runs())) == (4, [], 2)
    assert run(ws, again=True).id == "r10"
    assert (runs / "r9").is_file()


def test_a_lock_that_is_no_lock(ws: Workspace, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt(ws, monkeypatch)
    (runs / "r3/lock.db").write_bytes(b"no database at all" * 100)
    (left,) = ws.unfinished()
    assert (left.id, left.held) == ("r3", False)
    assert refused(FileFormatError, run, ws, again=True) == (
        f"{runs}/r3/lock.db: expected what run r3 has done so far, found a damaged file\n"
        "hint: `segscore rm r3` removes it; then run the same anew"
    )
    ws.remove("r3")
    assert run(ws, again=True).id == "r4"


@pytest.mark.slow
def test_those_who_look_do_not_take_one_another_for_somebody_at_work(tmp_path: Path) -> None:
    pending.locked(tmp_path / "lock.db", 0).close()
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=looks, args=(str(tmp_path), 3_000)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 4
    with pending.Pending(tmp_path, {}):
        assert pending.is_held(tmp_path)
    assert not pending.is_held(tmp_path)
