"""Intervals that are kept of runs: the same as computed ones, and believed only where they are whole."""

import json
import multiprocessing
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from segscore import Workspace
from segscore.errors import SegscoreError
from segscore.pages import intervals as computing
from segscore.pages.intervals import Intervals, intervals_of
from segscore.statistics.intervals import Interval
from segscore.workspace.runs import finishing
from segscore.workspace.runs import intervals as keeping
from segscore.workspace.runs.intervals import INTERVALS, kept_intervals, made_intervals
from segscore.workspace.runs.keeping import KeptPredictions
from support.applications import add_dataset, workspace_of
from support.intervals import keep_again, of_run

IMAGES = 60


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a run of 60 images in two groups, whose classes are in all of them."""
    folder = tmp_path_factory.mktemp("made")
    workspace_of(folder, IMAGES).run("net:v1", "streets", progress=False)
    return folder


@pytest.fixture
def workspace(made: Path, tmp_path: Path) -> Workspace:
    """A copy of it for each test."""
    return Workspace(shutil.copytree(made, tmp_path / "copy"))


def bits(found: Intervals) -> list[tuple[Any, ...]]:
    """Return all that intervals hold, floats as their bits."""
    every = [*found.whole.values(), *(one for of in found.scenarios for one in of.values())]
    return [
        tuple(value.hex() if isinstance(value, float) else value for value in vars(one).values())
        for one in every
    ] + [tuple(of) for of in (found.whole, *found.scenarios)]


def test_kept_intervals_are_the_computed_ones_to_the_last_bit(workspace: Workspace) -> None:
    run, evaluation, scenarios = of_run(workspace)
    found = kept_intervals(run, evaluation, scenarios)
    assert found is not None
    again = intervals_of(evaluation, scenarios)
    assert bits(found) == bits(again)
    assert list(found.scenarios[0]) == ["rain", "sun"]
    rain = found.scenarios[0]["rain"]
    assert rain.low < rain.value == scenarios[0].groups["rain"].scores.mean_iou < rain.high
    assert found.whole["mean_iou"].reason == "too few groups (2)"
    assert found.none == again.none == ""


def test_every_number_is_read_as_it_was_written(workspace: Workspace) -> None:
    run, evaluation, scenarios = of_run(workspace)
    made = intervals_of(evaluation, scenarios)
    odd = [float("nan"), float("inf"), 5e-324, -0.1, 1 / 3]
    names = list(made.whole)
    whole = {
        name: Interval(name, value, -value, value / 3, 0.95, 60, "images", "reason", "note")
        for name, value in zip(names, odd, strict=False)
    } | {name: made.whole[name] for name in names[len(odd) :]}
    told = Intervals(whole, "", made.scenarios)
    keeping.keep_intervals(run, scenarios, told)
    found = kept_intervals(run, evaluation, scenarios)
    assert found is not None
    assert bits(found) == bits(told)


def damaged(path: Path) -> bytes:
    content = bytearray(path.read_bytes())
    content[-40] ^= 1
    return bytes(content)


def head_with(**values: Any) -> Callable[[Path], bytes]:
    def changed(path: Path) -> bytes:
        head, _, body = path.read_bytes().partition(b"\n")
        return json.dumps({**json.loads(head), **values}).encode() + b"\n" + body

    return changed


def body_with(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], bytes]:
    """Return what changes a file and its digest with it, as somebody may who means harm."""

    def changed(path: Path) -> bytes:
        head, _, body = path.read_bytes().partition(b"\n")
        told = json.loads(body)
        change(told)
        written = json.dumps(told).encode()
        digest = keeping.hashlib.sha256(written).hexdigest()
        return json.dumps({**json.loads(head), "sha256": digest}).encode() + b"\n" + written

    return changed


@pytest.mark.parametrize(
    "change",
    [
        damaged,
        lambda path: path.read_bytes()[:-7],
        lambda _: b"",
        lambda _: b"[[[" * 100_000,
        lambda _: b"\xff\x00\n{}",
        head_with(schema=0),
        head_with(schema=2),
        head_with(definition=0),
        head_with(run="0" * 64),
        head_with(evaluation="0" * 64),
        body_with(lambda told: told.pop("none")),
        body_with(lambda told: told["whole"].pop()),
        body_with(lambda told: told["whole"].reverse()),
        body_with(lambda told: told["whole"][0].update(low="0.5")),
        body_with(lambda told: told["whole"][0].update(units=-1)),
        body_with(lambda told: told["whole"][0].update(reason=7)),
        body_with(lambda told: told["scenarios"].clear()),
        body_with(lambda told: told["scenarios"][0].update(title="weather")),
        body_with(lambda told: told["scenarios"][0]["groups"].pop("sun")),
        body_with(lambda told: told["scenarios"][0]["groups"]["sun"].update(metric="kappa")),
    ],
)
def test_what_is_not_as_it_was_written_is_computed_again(
    workspace: Workspace, change: Callable[[Path], bytes]
) -> None:
    run, evaluation, scenarios = of_run(workspace)
    path = run.folder / INTERVALS
    before = path.read_bytes()
    path.write_bytes(change(path))
    assert kept_intervals(run, evaluation, scenarios) is None
    assert bits(made_intervals(run, evaluation, scenarios)) == bits(intervals_of(evaluation, scenarios))
    assert path.read_bytes() == before


def test_intervals_of_another_run_are_not_believed(workspace: Workspace) -> None:
    workspace.run("net:v2", "streets", progress=False)
    (one, *_), (two, evaluation, scenarios) = (of_run(workspace, name) for name in ("r1", "r2"))
    (two.folder / INTERVALS).write_bytes((one.folder / INTERVALS).read_bytes())
    assert kept_intervals(two, evaluation, scenarios) is None


def test_a_run_that_has_none_gets_them_once(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    run, evaluation, scenarios = of_run(workspace)
    path = run.folder / INTERVALS
    before = path.read_bytes()
    path.unlink()
    assert kept_intervals(run, evaluation, scenarios) is None
    made_intervals(run, evaluation, scenarios)
    assert path.read_bytes() == before
    monkeypatch.setattr(computing, "confidence_intervals", None)
    assert made_intervals(run, evaluation, scenarios).none == ""


def test_nothing_is_kept_where_nothing_can_be_written(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, evaluation, scenarios = of_run(workspace)
    (run.folder / INTERVALS).unlink()

    def refused(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("segscore.io.writing._replace", refused)
    assert bits(made_intervals(run, evaluation, scenarios)) == bits(intervals_of(evaluation, scenarios))
    assert sorted(os.listdir(run.folder)) == ["evaluation.npz", "run.json"]


def test_a_run_that_was_removed_meanwhile_gets_no_file(workspace: Workspace) -> None:
    run, evaluation, scenarios = of_run(workspace)
    assert run.manifest
    workspace.remove("r1")
    assert os.listdir(run.folder) == []
    made_intervals(run, evaluation, scenarios)
    assert os.listdir(run.folder) == []


def test_a_run_ends_whatever_comes_of_its_intervals(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise SegscoreError("too many")

    monkeypatch.setattr(keeping, "intervals_of", failing)
    run = workspace.run("net:v2", "streets", progress=False)
    assert sorted(os.listdir(run.folder)) == ["evaluation.npz", "run.json"]


def test_a_run_that_fails_keeps_none(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(finishing.saved, "write", failing)
    with pytest.raises(OSError, match="No space left"):
        workspace.run("net:v2", "streets", progress=False)
    assert not list(workspace.path.rglob(f"r2/{INTERVALS}"))


def test_a_kept_file_does_not_hide_why_there_are_none(tmp_path: Path) -> None:
    made = workspace_of(tmp_path, 6)
    add_dataset(made, "alone", groups=None)
    made.run("net:v1", "alone", progress=False)
    run, evaluation, scenarios = of_run(made)
    found = kept_intervals(run, evaluation, scenarios)
    assert found is not None
    assert (scenarios, found.scenarios) == ((), ())
    assert found.whole["mean_iou"].reason == "too few images (6)"


def test_two_processes_keep_the_same(workspace: Workspace) -> None:
    run, evaluation, scenarios = of_run(workspace)
    before = (run.folder / INTERVALS).read_bytes()
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        list(pool.map(keep_again, [str(workspace.path)] * 2, [3] * 2))
    made_intervals(run, evaluation, scenarios)
    assert (run.folder / INTERVALS).read_bytes() == before
    assert sorted(os.listdir(run.folder)) == ["evaluation.npz", INTERVALS, "run.json"]


def test_predictions_that_were_kept_are_found_and_no_links(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "predictions", tmp_path / "elsewhere"
    for path in ("a.png", "city/b.npy", "city/c.png", "city/c.npy", "city/deep/d.png", "e.jpg"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(b"")
    elsewhere.mkdir()
    (elsewhere / "f.png").write_bytes(b"")
    (folder / "f.png").symlink_to(elsewhere / "f.png")
    (folder / "linked").symlink_to(elsewhere)
    (folder / "g.png").mkdir()
    names = ["a", "city/b", "city/c", "city/deep/d", "e", "f", "linked/f", "g", "../elsewhere/f", "no/where"]
    found = {name: path for name in names if (path := KeptPredictions(folder).of(name)) is not None}
    assert found == {
        "a": f"{folder}/a.png",
        "city/b": f"{folder}/city/b.npy",
        "city/c": f"{folder}/city/c.png",
        "city/deep/d": f"{folder}/city/deep/d.png",
    }
    assert not any(map(KeptPredictions(tmp_path / "nowhere").of, names))
