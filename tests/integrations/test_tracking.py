"""What trackers are given, told by stand-ins for their packages; `test_trackers` has these."""

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from segscore import ArgumentError, Evaluator
from segscore.integrations.tracking import log_mlflow, log_tensorboard, log_wandb
from support.refused import refused
from support.trackers import Tracker, of_mlflow, of_wandb


@pytest.fixture(scope="module")
def ev():
    judge = Evaluator(["road", "on/off", "sky"])
    judge.add(pred=[[0, 0, 1, 1]], target=[[0, 0, 0, 1]], name="a")
    return judge.result()


def test_mlflow_is_given_the_numbers_of_the_active_run_or_of_another(ev, monkeypatch):
    client = of_mlflow(monkeypatch, SimpleNamespace(info=SimpleNamespace(run_id="active")))
    log_mlflow(ev)
    log_mlflow(ev, "other", step=7, prefix="val/", metrics=["iou.on/off"])
    log_mlflow(ev, SimpleNamespace(info=SimpleNamespace(run_id="third")), metrics=[])
    first, second, third = client.told
    assert first == (
        "log_batch",
        "active",
        [(name, value, 0) for name, value in ev.to_metrics().items()],
        {},
    )
    values = [("val/images", 1.0, 7), ("val/failures", 0.0, 7), ("val/iou.on_x2f_off", 0.5, 7)]
    assert second == ("log_batch", "other", values, {})
    assert third[1] == "third"


def test_mlflow_is_given_no_more_numbers_at_once_than_it_takes(monkeypatch):
    client = of_mlflow(monkeypatch, None)
    judge = Evaluator(1200)
    labels = [[*range(1200)]]
    judge.add(pred=labels, target=labels, name="a")
    ev = judge.result()
    log_mlflow(ev, "r")
    sizes = [len(batch) for _, _, batch, _ in client.told]
    assert sizes == [1000, len(ev.to_metrics()) - 1000]
    assert [one for _, _, batch, _ in client.told for one in batch] == [
        (name, value, 0) for name, value in ev.to_metrics().items()
    ]


def test_the_report_of_mlflow_is_there_while_it_is_logged(ev, monkeypatch):
    client = of_mlflow(monkeypatch, None)
    seen = []
    client.log_artifact = lambda run, path, folder: seen.append(
        (run, folder, Path(path).read_text()[:15], path)
    )
    log_mlflow(ev, "r", report=True)
    log_mlflow(ev, "r", report=True, prefix="")
    assert [one[:3] for one in seen] == [("r", "segscore", "<!doctype html>"), ("r", None, "<!doctype html>")]
    assert seen[0][3].endswith("/report.html")
    assert not Path(seen[0][3]).exists()


def test_wandb_is_given_the_numbers_and_the_report(ev, monkeypatch):
    active, other = Tracker(id="a1"), Tracker(id="b2")
    of_wandb(monkeypatch, active)
    log_wandb(ev, metrics=["mean_iou"])
    log_wandb(ev, other, step=3, prefix="", metrics=["iou.road"], report=True)
    mean = ev.scores.mean_iou
    assert active.told == [
        ("log", {"segscore/images": 1.0, "segscore/failures": 0.0, "segscore/mean_iou": mean}, {"step": None})
    ]
    (numbers, (what, artifact, _)) = other.told
    assert numbers == ("log", {"images": 1.0, "failures": 0.0, "iou.road": 2 / 3}, {"step": 3})
    assert (what, artifact.name) == ("log_artifact", "b2-segscore")
    assert artifact.given == {"type": "evaluation"}
    assert [*artifact.files] == ["report.html"]
    assert artifact.files["report.html"].startswith("<!doctype html>")


def test_a_writer_is_given_the_numbers_and_the_report_goes_to_its_folder(ev, tmp_path):
    writer = Tracker(log_dir=str(tmp_path))
    log_tensorboard(ev, writer, step=2, metrics=["mean_iou"], report=True)
    mean = ev.scores.mean_iou
    expected = [("segscore/images", 1.0), ("segscore/failures", 0.0), ("segscore/mean_iou", mean)]
    assert writer.told == [("add_scalar", name, value, 2, {}) for name, value in expected]
    assert (tmp_path / "report.html").read_text().startswith("<!doctype html>")


def test_no_run_is_begun(ev, monkeypatch):
    of_mlflow(monkeypatch, None)
    of_wandb(monkeypatch, None)
    assert refused(ArgumentError, log_mlflow, ev) == (
        "no run of MLflow is active, and none is given\nhint: begin one first: `with mlflow.start_run():`"
    )
    assert refused(ArgumentError, log_wandb, ev) == (
        "no run of Weights & Biases is active, and none is given\nhint: begin one first: `with wandb.init():`"
    )


@pytest.mark.parametrize(
    ("log", "package", "said"),
    [
        (log_mlflow, "mlflow", "runs of MLflow need mlflow"),
        (log_wandb, "wandb", "runs of Weights & Biases need wandb"),
        (log_tensorboard, "tensorboard", "logs of TensorBoard need tensorboard"),
    ],
)
def test_a_package_that_is_missing_is_named(ev, monkeypatch, tmp_path, log, package, said):
    monkeypatch.setitem(sys.modules, package, None)
    assert refused(ArgumentError, log, ev, tmp_path) == (
        f"{said}, which is not installed\nhint: `pip install 'segscore[{package}]'`"
    )


@pytest.mark.parametrize("step", ["x", 1.5, -1, True, 2**63, float("nan")])
def test_a_step_that_is_none_reaches_no_tracker(ev, monkeypatch, tmp_path, step):
    client, run, writer = of_mlflow(monkeypatch, "r"), Tracker(id="a1"), Tracker()
    of_wandb(monkeypatch, run)
    for log, place in ((log_mlflow, "r"), (log_wandb, run), (log_tensorboard, writer)):
        assert refused(ArgumentError, log, ev, place, step=step) == (
            f"`step` is {step!r}, expected an integer of 0 or more\nhint: such as the epoch"
        )
    assert (client.told, run.told, writer.told) == ([], [], [])
    assert refused(ArgumentError, log_tensorboard, ev, tmp_path / "logs", step=step).startswith("`step` is ")
    assert not (tmp_path / "logs").exists()


def test_a_step_of_numpy_is_an_integer(ev):
    writer = Tracker()
    log_tensorboard(ev, writer, step=np.int64(0), metrics=[])
    assert [(type(told[3]), told[3]) for told in writer.told] == [(int, 0), (int, 0)]


def test_what_cannot_be_logged_is_refused(ev, tmp_path):
    assert refused(ArgumentError, log_tensorboard, ev, 3) == (
        "`writer` is 3\nhint: it is a SummaryWriter, or a folder of logs"
    )
    assert refused(ArgumentError, log_tensorboard, ev.scores, Tracker()) == (
        "expected an Evaluation, found Scores\nhint: `judge.result()` and `segscore.evaluate(…)` return one"
    )
    assert refused(ArgumentError, log_tensorboard, ev, Tracker(), report=True) == (
        "`writer` does not say in which folder it writes, so that a report has no place\n"
        "hint: write it yourself: `ev.write_report(PATH)`"
    )
    writer = Tracker(log_dir=str(tmp_path))
    assert refused(ArgumentError, log_tensorboard, ev, writer, report="yes") == (
        "`report` is 'yes', expected True or False\nhint: such as `report=True`"
    )
    assert writer.told == []
