"""ONNX models that are tried once, in a process of their own."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from segscore import ArgumentError, FileFormatError, Workspace
from segscore.predict import trial
from segscore.predict.trial import try_onnx
from support.applications import is_alive, until
from support.refused import refused
from support.tiny_models import LOOP, SAME, model, save

OPEN = model("float[n,3,h,w]")
RESHAPE = "(float[n,3,{0}] x) => (float[n,3,{0}] y) <int64[4] s = {{1, 3, 3, 3}}> {{ y = Reshape(x, s) }}"
SHARES = model("float[n,3,2,4]", "float[n,2,4]", "y = ReduceMean<axes=[1], keepdims=0>(x)")


def tried(folder, text, **options):
    return try_onnx(str(save(folder / "m.onnx", text)), options, threads=1)


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (SAME, {"scale": 1 / 255, "mean": [0.5, 0.4, 0.3]}),
        (model("float[n,5,6,8]"), {}),
        (model("float[7,1,6,8]"), {}),
        (model("float16[n,3,2,4]"), {}),
        (OPEN, {"size": "image"}),
        (OPEN, {"size": (6, 8)}),
    ],
)
def test_models_that_run(tmp_path, text, options):
    assert tried(tmp_path, text, **options) == ""


def test_models_that_can_never_run_are_refused_with_the_reason(tmp_path):
    path = tmp_path / "m.onnx"
    assert refused(ArgumentError, tried, tmp_path, OPEN).startswith(
        f"{path}: the input x is tensor(float) (n, 3, h, w), which leaves its size open\nhint: say it: `size="
    )
    text = refused(ArgumentError, tried, tmp_path, RESHAPE.format("2,4"))
    assert text.startswith(f"a made-up image: {path} failed on an input of (1, 3, 2, 4): ")
    assert text.endswith(
        "\nhint: check `size` and `layout`; the model may take other sizes, or need more memory"
    )
    text = refused(ArgumentError, tried, tmp_path, SHARES)
    assert text.startswith(f"a made-up image: {path}: expected whole numbers as labels, found ")
    path.write_bytes(b"\x08\x08")
    assert refused(FileFormatError, try_onnx, str(path), {}, threads=1).startswith(f"{path}: onnxruntime ")


def test_what_one_image_does_not_tell_is_no_reason_to_refuse(tmp_path):
    assert tried(tmp_path, RESHAPE.format("h,w"), size="image").startswith(
        f"a made-up image: {tmp_path}/m.onnx failed on an input of (1, 3, 256, 256): "
    )
    divided = model("float[n,3,2,4]", body="z = Sub(x, x) y = Div(z, z)")
    assert tried(tmp_path, divided) == (
        "a made-up image: the class scores of 24 of 24 are NaN, expected numbers"
    )


def test_a_model_that_does_not_end_has_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(trial, "PATIENCE", 2.5)
    begin = time.monotonic()
    assert tried(tmp_path, LOOP) == "it had not ended after 2.5 seconds on one image"
    assert time.monotonic() - begin < 20


def test_a_model_that_crashes_takes_nobody_with_it(tmp_path, monkeypatch):
    path = tmp_path / "python"
    path.write_text("#!/bin/sh\nkill -SEGV $$\n")
    path.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(path))
    assert refused(ArgumentError, tried, tmp_path, SAME) == (
        f"{tmp_path}/m.onnx: onnxruntime crashed on one image (signal 11)\n"
        "hint: export the model again; another version of onnxruntime may run it"
    )
    path.write_text("#!/bin/sh\nexit 3\n")
    assert tried(tmp_path, SAME) == "the process that tried it ended with code 3"
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    assert tried(tmp_path, SAME) == "no process could be started: No such file or directory"


def test_without_onnxruntime_nothing_is_tried(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert tried(tmp_path, SAME) == "onnxruntime is not installed (`pip install 'segscore[run]'`)"


@pytest.mark.slow
def test_an_interrupt_ends_a_trial_and_adds_nothing(tmp_path):
    Workspace.init(tmp_path)
    save(tmp_path / "m.onnx", LOOP)
    # The Ctrl-C reaches the command alone, which ends the process that it began.
    command = [sys.executable, "-m", "segscore", "model", "add", "net", "--onnx", "m.onnx"]
    with subprocess.Popen(
        command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        until(lambda: children.read_text().split())
        time.sleep(0.5)
        (child,) = map(int, children.read_text().split())
        process.send_signal(signal.SIGINT)
        assert (process.wait(20), process.stderr.read()) == (130, "interrupted\n")
    until(lambda: not is_alive(child), 5)
    assert "no model yet" in str(Workspace(tmp_path).models)
