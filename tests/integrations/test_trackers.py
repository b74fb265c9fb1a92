"""Trackers themselves, without a network, hold the numbers and the report that they were given."""

import json
from pathlib import Path

import pytest

from segscore import Evaluator
from segscore.integrations.tracking import log_mlflow, log_tensorboard, log_wandb
from support import loops
from support.hostile_names import HOSTILE_NAMES

loops.needed("alembic", "mlflow", "sqlalchemy", "tensorboard", "wandb", group="trackers")

import mlflow
import wandb
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(300)]  # of these packages

NAMES = [*HOSTILE_NAMES.values(), "road", "@1"]


@pytest.fixture(scope="module")
def ev():
    """An evaluation whose classes have names of all kinds."""
    judge = Evaluator(NAMES)
    labels = [[*range(len(NAMES))]]
    judge.add(pred=labels, target=labels, name="a")
    return judge.result()


def test_mlflow(ev, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/m.db")
    client = mlflow.MlflowClient()
    with mlflow.start_run() as active:
        log_mlflow(ev, step=4, report=True)
    other = client.create_run(active.info.experiment_id)
    log_mlflow(ev, other.info.run_id, metrics=["mean_iou"])
    log_mlflow(ev, other, step=1, prefix="val/", metrics=["mean_iou"])
    assert mlflow.active_run() is None
    assert client.get_run(active.info.run_id).data.metrics == ev.to_metrics()
    assert client.get_metric_history(active.info.run_id, "segscore/mean_iou")[0].step == 4
    (file,) = client.list_artifacts(active.info.run_id, "segscore")
    assert file.path == "segscore/report.html"
    page = Path(client.download_artifacts(active.info.run_id, file.path, str(tmp_path)))
    assert page.read_text().startswith("<!doctype html>")
    two = {
        f"{prefix}{name}" for prefix in ("segscore/", "val/") for name in ("images", "failures", "mean_iou")
    }
    assert client.get_run(other.info.run_id).data.metrics.keys() == two
    assert len(client.search_runs([active.info.experiment_id])) == 2


def test_wandb(ev, tmp_path, monkeypatch):
    monkeypatch.setenv("WANDB_DIR", str(tmp_path))
    monkeypatch.setenv("WANDB_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("WANDB_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("WANDB_SILENT", "true")
    with wandb.init(mode="offline", project="p", dir=str(tmp_path)) as run:
        log_wandb(ev, report=True)
        log_wandb(ev, run, prefix="val/", metrics=["iou.road"])
        given = {**ev.to_metrics(), **ev.to_metrics("val/", metrics=["iou.road"])}
        kept = {name: run.summary[name] for name in given}
        folder = Path(run.dir).parent
    assert kept == given
    assert next(folder.glob("*.wandb")).stat().st_size > 1000


def test_tensorboard(ev, tmp_path):
    log_tensorboard(ev, tmp_path, step=3, report=True)
    read = EventAccumulator(str(tmp_path))
    read.Reload()
    found = {name: [(one.step, one.value) for one in read.Scalars(name)] for name in read.Tags()["scalars"]}
    expected = {name: [(3, pytest.approx(value))] for name, value in ev.to_metrics().items()}
    assert found == expected
    assert json.dumps(sorted(found))  # no half of a character
    assert (tmp_path / "report.html").read_text().startswith("<!doctype html>")
