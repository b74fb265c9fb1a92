"""Functions in a run: memory that they use again, odd failures, threads, and what waits in memory."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segscore import Workspace, WorkspaceError, _core
from segscore.predict import Prediction, function, prediction
from segscore.workspace.runs import pipeline
from support.refused import refused
from support.some_runs import (
    NAMES,
    SIZE,
    add_function,
    add_images,
    evaluated,
    kept,
    of_images,
    pixels,
    run,
    same_counts,
    write_images,
)

REUSED = f"""
import numpy as np
B = np.empty({SIZE}, np.uint8)
S = np.empty((3, *{SIZE}), np.float32)
Bs = np.empty((8, *{SIZE}), np.uint8)

def labels(image):
    np.copyto(B, image[..., 0] % 3)
    return B

def logits(image):
    np.copyto(S, np.moveaxis(image, -1, 0))
    return S

def batch(images):
    for i, image in enumerate(images):
        np.copyto(Bs[i], image[..., 0] % 3)
    return Bs[:len(images)]
"""


@pytest.mark.parametrize("batch", [1, 2, 4])
@pytest.mark.parametrize("name", ["labels", "logits", "batch"])
def test_a_function_may_use_the_memory_of_its_result_again(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch, name: str, batch: int
) -> None:
    Path("nets.py").write_text(REUSED)
    options = {"batch": {"takes": "batch"}, "logits": {"class_axis": 0}}.get(name, {})
    add_function(ws, name, **options)
    real = pipeline._count

    def late(*given: Any) -> Any:
        time.sleep(0.05)  # until the model has made what comes next
        return real(*given)

    monkeypatch.setattr(pipeline, "_count", late)
    found = run(ws, batch=batch)
    predictions = of_images(ws, lambda image: image.argmax(-1) if name == "logits" else image[..., 0] % 3)
    assert same_counts(found.evaluation, evaluated(ws, predictions))
    held = kept(found)
    assert all(np.array_equal(held[name], labels) for name, labels in predictions.items())


def test_a_prediction_owns_its_memory() -> None:
    held = np.zeros((2, 3), np.uint8)
    made = function(lambda _: held)(np.zeros((2, 3, 3), np.uint8))
    held[:] = 7
    assert made.labels is not None
    assert not made.labels.any()


WEIGHTS = """
from pathlib import Path
shift = int(Path("net.pt").read_text())

def f(image):
    return (image[..., 0] + shift) % 3
"""


def test_weights_that_change_are_another_model(ws: Workspace) -> None:
    Path("nets.py").write_text(WEIGHTS)
    Path("net.pt").write_text("0")
    ws.models.add("net", python="nets:f", files=["net.pt"])
    before = run(ws)
    Path("net.pt").write_text("1 ")
    assert refused(WorkspaceError, run, ws) == (
        "1 of 2 files of model net, version v1, changed since it was added:\n  net.pt: its content has "
        "changed\nhint: add a new version with `segscore model add`, or bring the files back; "
        "a version never changes"
    )
    ws.models.add("net", python="nets:f", files=["net.pt"])
    found = run(ws)
    assert (before.id, found.id, found.model) == ("r1", "r2", "net:v2")
    # The module is read again, which was imported with the weights as they were.
    expected = of_images(ws, lambda image: (image[..., 0] + np.uint8(1)) % 3)
    assert all(np.array_equal(labels, expected[name]) for name, labels in kept(found).items())


def test_another_module_that_changes_is_another_model(ws: Workspace) -> None:
    Path("nets.py").write_text("import beside\ndef f(image): return (image[..., 0] + beside.BY) % 3\n")
    for by in (0, 1):
        Path("beside.py").write_text(f"BY = {by}\n")
        ws.models.add("net", python="nets:f", files=["beside.py"])
        expected = of_images(ws, lambda image, by=by: (image[..., 0] + np.uint8(by)) % 3)
        found = kept(run(ws)).items()
        assert all(np.array_equal(labels, expected[name]) for name, labels in found)


ODD = """
import numpy as np

class Result(list):
    def {method}(self, *_):
        raise RuntimeError("of its own")

def f(images):
    made = [image[..., 0] % 3 for image in images]
    return Result(made) if any(image[0, 0].tolist() == {first} for image in images) else made
"""


@pytest.mark.parametrize("method", ["__len__", "__iter__"])
def test_a_result_that_cannot_be_read_fails_with_its_image_alone(ws: Workspace, method: str) -> None:
    first = pixels(ws.path / "image", ["002"])[0][0, 0].tolist()
    Path("nets.py").write_text(ODD.format(method=method, first=first))
    add_function(ws, "f", takes="batch")
    found = run(ws)
    (failure,) = found.evaluation.failures
    assert (failure.name, failure.message) == ("002", "`nets:f` failed: RuntimeError: of its own")
    assert found.images == 6
    assert "of its own" in found.manifest["tracebacks"]["002"]


@pytest.mark.parametrize(
    ("owner", "where", "error", "message"),
    [
        (prediction, "decode_image", ValueError(), "ValueError"),
        (pipeline, "count_given", ValueError(), "ValueError"),
        (Prediction, "given", MemoryError("no room for 8 GB"), "MemoryError: no room for 8 GB"),
    ],
)
def test_any_exception_stays_with_its_image(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch, owner: Any, where: str, error: Exception, message: str
) -> None:
    add_function(ws, "half", class_axis=0)
    real: Callable[..., Any] = getattr(owner, where)
    calls = []

    def raising(*given: Any, **named: Any) -> Any:
        calls.append(given)
        if len(calls) == 3:
            raise error
        return real(*given, **named)

    monkeypatch.setattr(owner, where, raising)
    found = run(ws, threads=1)
    (failure,) = found.evaluation.failures
    assert (failure.name, failure.message, found.images) == (NAMES[2], message, 6)
    assert failure.hint == "the traceback of the run says where it was raised"
    assert message in found.manifest["tracebacks"][NAMES[2]]


def test_long_tracebacks_are_cut_at_their_beginning(ws: Workspace) -> None:
    Path("nets.py").write_text(
        f"def f(image):\n    if image[0, 0].tolist() == "
        f"{pixels(ws.path / 'image', ['002'])[0][0, 0].tolist()}:\n"
        "        raise ValueError('x' * 50_000 + 'the end')\n    return image[..., 0] % 3\n"
    )
    add_function(ws, "f")
    text = run(ws).manifest["tracebacks"]["002"]
    head, _, rest = text.partition("\n")
    assert head.startswith("(3")
    assert head.endswith(" characters left out)")
    assert len(rest) == 20_000
    assert rest.endswith("the end\n")


def test_only_the_first_tracebacks_are_kept(ws: Workspace) -> None:
    write_images(ws.path, [f"{i:03d}" for i in range(48)], seed=1)
    add_images(ws)
    Path("nets.py").write_text(
        "def f(image):\n    assert image[0, 0, 0] < 100, 'too bright'\n    return image[..., 0] % 3\n"
    )
    add_function(ws, "f")
    found = run(ws)
    names = sorted(failure.name for failure in found.evaluation.failures)
    assert len(names) > 20
    tracebacks = found.manifest["tracebacks"]
    assert sorted(tracebacks) == names[:20]
    more = f"\n({len(names) - 20} tracebacks of other images left out)\n"
    assert [text.endswith(f"AssertionError: too bright\n{more}") for text in tracebacks.values()] == [
        *[False] * 19,
        True,
    ]


@pytest.mark.parametrize("threads", [1, 2])
def test_no_more_threads_than_were_asked_for(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    add_function(ws, "logits", class_axis=0)
    asked, used, own = [], set(), threading.get_ident()
    for name in ("count", "count_logits", "highest"):
        real = getattr(_core, name)

        def core(*given: Any, real: Any = real, threads: int, **named: Any) -> Any:
            asked.append(threads)
            used.add(threading.get_ident())
            return real(*given, threads=threads, **named)

        monkeypatch.setattr(_core, name, core)
    monkeypatch.setattr("segscore.counts.threads.LARGE", 1)
    monkeypatch.setattr("segscore.counts.threads.SHARE", 1)
    reading = prediction.decode_image
    monkeypatch.setattr(
        prediction, "decode_image", lambda *given: used.add(threading.get_ident()) or reading(*given)
    )
    run(ws, threads=threads)
    run(ws, threads=threads, keep_predictions=False, again=True)
    assert set(asked) == {1}
    assert own not in used
    assert len(used) <= 2 * threads  # of two runs


@pytest.mark.parametrize("takes", ["array", "batch"])
def test_what_waits_is_bounded_in_bytes(ws: Workspace, monkeypatch: pytest.MonkeyPatch, takes: str) -> None:
    one, batch = SIZE[0] * SIZE[1] * 3, 1 if takes == "array" else 2
    monkeypatch.setattr(pipeline, "_ROOM", one)
    began, ended = [], []
    reading, predicting = prediction.decode_image, pipeline._predict

    def read(content: bytes, path: str) -> Any:
        began.append(path)
        return reading(content, path)

    def predict(*given: Any) -> Any:
        # Those that it is given, and at most a batch that is read ahead.
        assert len(began) <= len(ended) + 2 * batch
        ended.extend(given[2])
        return predicting(*given)

    monkeypatch.setattr(prediction, "decode_image", read)
    monkeypatch.setattr(pipeline, "_predict", predict)
    add_function(ws, "batch" if takes == "batch" else "labels", takes=takes)
    found = run(ws, batch=batch, threads=4)
    assert (found.images, len(ended)) == (7, 7)


def test_predictions_that_wait_are_bounded_in_bytes(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "_ROOM", SIZE[0] * SIZE[1] * 3 * 4 - 1)
    add_function(ws, "logits", class_axis=0)
    waiting, most = 0, 0
    counting, predicting = pipeline._count, pipeline._predict

    def predict(*given: Any) -> Any:
        nonlocal waiting, most
        waiting += 1
        most = max(most, waiting)
        return predicting(*given)

    def count(*given: Any) -> Any:
        nonlocal waiting
        threading.Event().wait(0.05)
        found = counting(*given)
        waiting -= 1
        return found

    monkeypatch.setattr(pipeline, "_predict", predict)
    monkeypatch.setattr(pipeline, "_count", count)
    run(ws)
    assert most == 1
