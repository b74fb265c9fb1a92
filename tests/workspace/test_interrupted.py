"""Runs that are interrupted and go on, under other processes and threads at the same time."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from segscore import ArgumentError, EvaluationError, Workspace, WorkspaceError
from segscore.workspace import RunProgress
from segscore.workspace.runs import environment, pending, plans, running
from support import some_runs
from support.refused import refused, warned
from support.some_runs import add_function, add_images, interrupted, names_of, run, stopping, write_images

COUNTING = """
import os, time
def f(image):
    with open("calls", "a") as file:
        file.write(".")
    if os.path.exists("slow"):
        time.sleep(0.05)
    if os.path.exists("interrupt") and os.path.getsize("calls") > 3:
        raise KeyboardInterrupt
    return image[..., 0] % 3
def several(images):
    return [f(image) for image in images]
"""


@pytest.fixture
def counted(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace with a function that counts its calls; each outcome is kept at once."""
    Path("nets.py").write_text(COUNTING)
    add_function(ws, "f")
    monkeypatch.setattr(running, "KEEP_EVERY", 0.0)
    return ws


def calls() -> int:
    return os.path.getsize("calls") if os.path.exists("calls") else 0


def assert_as_undisturbed(ws: Workspace, name: str, **options: Any) -> None:
    """Check a run against one that nothing interrupted."""
    found, again = ws.runs()[name], run(ws, again=True, **options)
    assert again.id != name
    assert content(found.folder) == content(again.folder)
    made = {"evaluation.npz", "intervals.kept", "run.json"} | (
        {"predictions"} if found.predictions else set()
    )
    assert set(os.listdir(found.folder)) == made


def content(folder: Path) -> dict[str, bytes]:
    """Return what was computed: the evaluation and the predictions."""
    paths = [folder / "evaluation.npz", *folder.glob("predictions/**/*.*")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Progress is told for each image."""
    monkeypatch.setattr(running, "SHOW_EVERY", 0.0)


@pytest.mark.parametrize(
    "error", [RuntimeError("enough"), EvaluationError("enough"), KeyboardInterrupt()], ids=repr
)
@pytest.mark.usefixtures("often")
def test_a_run_goes_on_after_an_exception(counted: Workspace, error: BaseException) -> None:
    with pytest.raises(type(error)) as caught:
        run(counted, progress=stopping(3, error))
    assert caught.value is error
    assert len(counted.runs()) == 0
    (left,) = counted.unfinished()
    assert (left.id, left.model, left.dataset, left.total) == ("r1", "net:v1", "noise:v1", 7)
    assert (left.held, left.problem) == (False, None)
    assert 3 <= left.done < 7
    before = calls()
    told: list[RunProgress] = []
    found = run(counted, progress=told.append)
    assert found.id == "r1"
    assert calls() - before == 7 - left.done
    assert [told[0].before, told[0].done, told[-1].done] == [left.done, left.done, 7]
    assert told[-1].mean_iou == found.metrics["mean_iou"]
    assert found.started == left.started
    assert counted.unfinished() == []
    assert_as_undisturbed(counted, "r1")


def test_a_run_goes_on_after_an_interrupt_of_the_function(counted: Workspace) -> None:
    Path("interrupt").touch()
    with pytest.raises(KeyboardInterrupt):
        run(counted)
    Path("interrupt").unlink()
    (left,) = counted.unfinished()
    assert left.done < 4
    assert run(counted).id == "r1"
    assert_as_undisturbed(counted, "r1")


RUN = """
import sys
from segscore import Workspace
from segscore.workspace.runs import running
running.KEEP_EVERY = 0
print("ready", flush=True)
Workspace(".").run("net", "noise", progress=False)
"""


def started(code: str = RUN) -> subprocess.Popen[str]:
    """Start a run in a process of its own, and wait until it has dealt with some images."""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    while calls() < 3:
        assert process.poll() is None
    return process


def test_a_run_goes_on_after_a_kill(counted: Workspace) -> None:
    Path("slow").touch()
    with started() as process:
        process.send_signal(signal.SIGKILL)
    Path("slow").unlink()
    (left,) = counted.unfinished()
    assert (left.id, left.held) == ("r1", False)
    assert left.done < 7
    assert run(counted).id == "r1"
    assert_as_undisturbed(counted, "r1")


@pytest.mark.slow
def test_a_second_process_at_the_same_run(counted: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending, "_WAIT", 0.05)
    Path("slow").touch()
    write_images(counted.path, names_of(300))
    add_images(counted)
    with started() as process:
        message = (
            "another process is at work on run r1\n"
            "hint: wait until it ends; or end it and run the same again, which goes on where it was"
        )
        assert refused(WorkspaceError, run, counted) == message
        assert refused(WorkspaceError, run, counted, again=True) == message
        (left,) = counted.unfinished()
        assert left.held
        assert refused(WorkspaceError, counted.remove, "r1") == (
            "a process is at work on run r1\nhint: end it first; what it has done so far goes, too"
        )
        # Nothing of it is tidied up.
        counted.reindex()
        # Other runs do not wait for it.
        assert run(counted, dataset="noise:v1").id == "r2"
        Path("slow").unlink()
        assert process.wait(60) == 0
    assert [one.id for one in counted.runs()] == ["r2", "r1"]
    assert counted.unfinished() == []
    assert_as_undisturbed(counted, "r1")


def test_two_threads_at_the_same_run(counted: Workspace) -> None:
    Path("slow").touch()

    def work(_: int) -> str:
        try:
            return run(counted).id
        except WorkspaceError as error:
            return str(error.message)

    with ThreadPoolExecutor(3) as pool:
        met = list(pool.map(work, range(3)))
    assert set(met) <= {"r1", "another process is at work on run r1"}
    assert "r1" in met
    assert [one.id for one in counted.runs()] == ["r1"]


@pytest.mark.usefixtures("often")
def test_a_prediction_that_has_gone_is_made_again(counted: Workspace) -> None:
    counted.models.add("batch", python="nets:several", options={"takes": "batch"})
    left = interrupted(counted, "batch", at=4, batch=2)
    folder = counted.path / ".segscore/runs/r1/predictions"
    (folder / "000.png").unlink()
    before = calls()
    told: list[RunProgress] = []
    found = run(counted, "batch", batch=2, progress=told.append)
    # Its neighbour goes through the model, too: what is in a batch never depends on an interrupt.
    assert calls() - before == 7 - left.done + 2
    assert [told[0].done, told[-1].done] == [left.done - 1, 7]
    assert found.metrics["mean_iou"] == told[-1].mean_iou
    assert_as_undisturbed(counted, "r1", model="batch", batch=2)


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize("kept_first", [True, False])
def test_a_run_goes_on_with_other_wishes_for_predictions(counted: Workspace, kept_first: bool) -> None:
    left = interrupted(counted, keep_predictions=kept_first)
    before = calls()
    found = run(counted, keep_predictions=not kept_first)
    assert (found.id, found.predictions is None) == ("r1", kept_first)
    # Predictions that were not kept are made again.
    assert calls() - before == (7 - left.done if kept_first else 7)
    assert counted.unfinished() == []
    assert_as_undisturbed(counted, "r1", keep_predictions=not kept_first)


def test_a_finished_run_without_predictions_is_none_with_them(counted: Workspace) -> None:
    assert run(counted, keep_predictions=False).id == "r1"
    assert run(counted, keep_predictions=False).id == "r1"
    assert run(counted).id == "r2"
    for keep in (True, False):
        assert run(counted, keep_predictions=keep).id == "r2"
    run(counted, keep_predictions=False, again=True)
    assert run(counted).id == "r2"


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize("changed", ["numpy", "segscore"])
def test_a_run_that_was_begun_with_other_versions_begins_anew(
    counted: Workspace, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    interrupted(counted)
    now = environment.environment()
    other = {name: version for name, version in now.items() if name != "pillow"} | {changed: "0.1"}
    for module in (running, plans):
        monkeypatch.setattr(module, "environment", lambda: other)
    before = calls()
    parts = sorted([f"{changed} {now[changed]} (now 0.1)", f"pillow {now['pillow']} (now not installed)"])
    said = f"run r1 was begun with other versions: {', '.join(parts)}; it is begun anew"
    with warned(said, at=some_runs.__file__):
        found = run(counted)
    assert (found.id, calls() - before, counted.unfinished()) == ("r2", 7, [])
    assert os.listdir(counted.path / ".segscore/runs/r1") == []
    # What is finished is known by its model, dataset and options alone.
    monkeypatch.undo()
    assert run(counted).id == "r2"


@pytest.mark.usefixtures("often")
def test_removing_runs(counted: Workspace) -> None:
    for _ in range(3):
        run(counted, again=True)
    interrupted(counted, again=True)
    counted.note("r2", "the second")
    for name in ("r2", "r4", "r3"):
        counted.remove(name)
        assert os.listdir(counted.path / ".segscore/runs" / name) == []
    assert [one.id for one in counted.runs()] == ["r1"]
    assert counted.unfinished() == []
    for name in ("r2", "r5", "../models"):
        assert refused(ArgumentError, counted.remove, name) == (
            f"there is no run `{name}`\nhint: the nearest is `r1`"
        )
    assert counted.reindex() == 3
    # A number is never given again.
    assert run(counted, again=True).id == "r5"
    counted.remove("r5")
    counted.remove("r1")
    assert run(counted).id == "r6"


def kept_of(runs: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in runs.glob("r*/**/*") if path.is_file()}


@pytest.mark.usefixtures("often")
def test_reindex_tidies_up_and_leaves_what_can_go_on(counted: Workspace) -> None:
    run(counted)
    interrupted(counted, again=True)
    runs = counted.path / ".segscore/runs"
    before = kept_of(runs)
    left_over = [
        "r1/pending.db",  # killed between the manifest and the end
        "r1/lock.db",
        "r1/.note.txt.0123.part",
        "r2/.evaluation.npz.0123.part",
        "r3/evaluation.npz",  # killed while it was removed
        "r3/predictions/city/000.png",
        "r4/pending.db",  # killed before anything was known of it
        "r4/lock.db",
    ]
    for name in left_over:
        (runs / name).parent.mkdir(parents=True, exist_ok=True)
        (runs / name).touch()
    assert [one.id for one in counted.runs()] == ["r1"]
    assert [one.id for one in counted.unfinished()] == ["r2"]
    assert counted.reindex() == 3
    assert kept_of(runs) == before
    assert sorted(path.name for path in runs.glob("r*")) == ["r1", "r2", "r3", "r4"]
    assert run(counted, again=True).id == "r2"
    assert run(counted, again=True).id == "r5"


def test_a_lock_is_one_file_that_a_kill_leaves_behind(tmp_path: Path) -> None:
    lock = pending.locked(tmp_path / "lock.db", 0)
    assert os.listdir(tmp_path) == ["lock.db"]
    with pytest.raises(WorkspaceError):
        pending.locked(tmp_path / "lock.db", 0)
    lock.close()
    pending.locked(tmp_path / "lock.db", 0).close()
    assert os.listdir(tmp_path) == ["lock.db"]


@pytest.mark.slow
def test_an_interrupt_of_the_command_says_what_was_kept(counted: Workspace) -> None:
    write_images(counted.path, names_of(300))
    add_images(counted)
    add_function(counted, "f", "first")
    run(counted, "first")
    finished = f"{counted.runs()}\n"
    Path("calls").unlink()
    Path("slow").touch()
    command = [sys.executable, "-m", "segscore", "run", "first", "net", "--on", "noise"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while calls() < 5:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate()
    (left,) = counted.unfinished()
    assert 3 <= left.done < 300
    assert (process.returncode, output) == (130, finished)
    assert errors.endswith(
        f"kept: run r2: net:v1 on noise:v2, {left.done} of 300 images\n"
        "hint: run the same to go on with it\ninterrupted\n"
    )
    Path("slow").unlink()
    assert run(counted).id == "r2"
    assert_as_undisturbed(counted, "r2")
