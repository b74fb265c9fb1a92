"""Runs whose images other processes see: what one process makes of them, also where a worker dies."""

import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from segscore import ArgumentError, EvaluationError, Workspace, WorkspaceError
from segscore.results.sharded import Place
from segscore.workspace import Run, RunProgress
from segscore.workspace.runs import shards
from support.executors import Deferred, OneProcessEach
from support.masks_on_disk import write
from support.refused import refused
from support.some_runs import NAMES, SIZE, add_function, kept, run
from support.tiny_models import save

NETS = """
import os, signal
import numpy as np

def failing(image):
    if image[0, 0, 0] % 2:
        raise ZeroDivisionError("odd")
    return image[..., 0] % 3

def deadly(image):
    here = os.path.dirname(__file__)
    if not os.path.exists(f"{here}/tame") and not image[0, 0, 0] % 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return image[..., 0] % 3
"""


def same(found: Run, expected: Run) -> None:
    """Check that two runs came to the same, and keep the same."""
    assert found.evaluation == expected.evaluation
    assert found.evaluation.provenance == expected.evaluation.provenance
    assert str(found.evaluation) == str(expected.evaluation)
    assert (found.metrics, found.options, found.manifest["tracebacks"]) == (
        expected.metrics,
        expected.options,
        expected.manifest["tracebacks"],
    )
    assert (found.predictions is None) == (expected.predictions is None)
    if expected.predictions is not None:
        one, other = kept(found), kept(expected)
        assert one.keys() == other.keys()
        assert all(np.array_equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("model", ["labels", "batch", "onnx", "predictions", "failing"])
def test_shares_of_a_run_are_what_one_process_makes(ws: Workspace, model: str) -> None:
    if model == "onnx":
        size = f"{SIZE[0]},{SIZE[1]}"
        save(Path("net.onnx"), f"(float[n,3,{size}] x) => (float[n,3,{size}] y) {{ y = Identity(x) }}")
        ws.models.add("net", onnx="net.onnx")
    elif model == "predictions":
        masks = np.random.default_rng(3).integers(0, 3, (len(NAMES), *SIZE)).astype(np.uint8)
        write(Path("made"), {f"{name}.png": mask for name, mask in zip(NAMES[1:], masks, strict=False)})
        ws.models.add("net", predictions="made")
    else:
        if model == "failing":
            Path("nets.py").write_text(NETS)
        ws.models.add("net", python=f"nets:{model}", options={"takes": "batch"} if model == "batch" else {})
    expected = run(ws, batch=None if model == "predictions" else 2)
    found = run(ws, batch=None if model == "predictions" else 2, again=True, executor=OneProcessEach())
    assert found.id != expected.id
    same(found, expected)


def test_a_pool_that_starts_anew_finds_the_workspace(ws: Workspace) -> None:
    add_function(ws)
    expected = run(ws)
    seen: list[RunProgress] = []
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as executor:
        found = ws.run("net", "noise", again=True, executor=executor, progress=seen.append)
        assert ws.run("net", "noise", executor=executor, progress=False).id == found.id
    same(found, expected)
    assert [seen[0].done, seen[-1].done, seen[-1].total] == [0, 7, 7]


def test_a_run_that_loses_its_workers_goes_on_later(ws: Workspace) -> None:
    Path("nets.py").write_text(NETS)
    ws.models.add("net", python="nets:deadly")
    with pytest.raises(EvaluationError, match=r"shard \d of 7 was lost twice, with 1 image: "):
        run(ws, executor=OneProcessEach())
    (left,) = ws.unfinished()
    assert left.total == 7
    Path("tame").touch()
    found = run(ws)
    assert (found.id, found.failures, len(kept(found))) == (left.id, 0, 7)
    same(found, run(ws, again=True))


def test_what_is_no_executor_leaves_no_run(ws: Workspace) -> None:
    add_function(ws)
    assert refused(ArgumentError, run, ws, executor="pool").startswith("`executor` is of type str, expected")
    assert ws.unfinished() == []


def test_a_worker_that_sees_another_workspace_says_so(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    add_function(ws)
    given: list[shards.RunShard] = []

    class Spied(Deferred):
        def submit(self, fn, /, *args, **kwargs):
            given.append(args[1])
            return super().submit(fn, *args, **kwargs)

    with pytest.raises(InterruptedError):
        run(ws, executor=Spied(), progress=lambda now: _raise(given))
    shard = pickle.loads(pickle.dumps(given[0]))
    assert len(shard.outcomes()) == 1
    other = replace(shard, place=Place(1, 7, "0" * 64))
    assert refused(WorkspaceError, other.outcomes) == (
        f"{ws.path}: expected net:v1 and noise:v1 as they are where the run was begun, found others\n"
        "hint: workers need the same files at the same path: put the workspace where all of them see it"
    )


def _raise(given: list[shards.RunShard]) -> None:
    if given:
        raise InterruptedError
