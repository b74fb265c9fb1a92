"""Numbers and the report of an evaluation for trackers of experiments: MLflow, Weights & Biases, TensorBoard.

Each function writes into a run that is there already, and begins none. Its package is imported when it is
called.
"""

import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from segscore.base.shown import brief
from segscore.base.values import is_int
from segscore.errors import ArgumentError, flag, installed
from segscore.evaluation.evaluation import Evaluation
from segscore.results.flat import PREFIX

REPORT = "report.html"
_BATCH = 1000
"""Numbers that MLflow takes at once."""
_MOST_STEPS = 2**63 - 1
"""Trackers keep steps in 64 bits."""


def log_mlflow(
    evaluation: Evaluation,
    run: Any = None,
    *,
    step: int | None = None,
    prefix: str = PREFIX,
    metrics: Iterable[str] | None = None,
    report: bool = False,
) -> None:
    """Log the numbers of an evaluation to a run of MLflow.

    Parameters
    ----------
    evaluation : Evaluation
        What was scored.
    run : mlflow.entities.Run or str, optional
        The run, or its id; by default the one that is active.
    step : int, optional
        Such as the epoch; 0 or more.
    prefix, metrics
        As for :meth:`segscore.Evaluation.to_metrics`.
    report : bool
        Whether the report is logged as well, as the artifact ``report.html`` in a folder of the prefix.

    Raises
    ------
    ArgumentError
        If no run is given or active, there is no such number or step, or MLflow is not installed.
    """
    with installed("runs of MLflow need mlflow", "`pip install 'segscore[mlflow]'`"):
        import mlflow
    active = mlflow.active_run() if run is None else run
    if active is None:
        raise _no_run("MLflow", "with mlflow.start_run():")
    run_id = active if isinstance(active, str) else active.info.run_id
    client, now = mlflow.MlflowClient(), int(time.time() * 1000)
    step, values, wanted = _step(step), _values(evaluation, prefix, metrics), flag("report", report)
    logged = [mlflow.entities.Metric(name, value, now, step or 0) for name, value in values.items()]
    for first in range(0, len(logged), _BATCH):
        client.log_batch(run_id, logged[first : first + _BATCH])
    with _written(evaluation, wanted=wanted) as path:
        if path is not None:
            client.log_artifact(run_id, path, prefix.strip("/") or None)


def log_wandb(
    evaluation: Evaluation,
    run: Any = None,
    *,
    step: int | None = None,
    prefix: str = PREFIX,
    metrics: Iterable[str] | None = None,
    report: bool = False,
) -> None:
    """Log the numbers of an evaluation to a run of Weights & Biases.

    Parameters
    ----------
    evaluation : Evaluation
        What was scored.
    run : wandb.Run, optional
        The run; by default the one that is active.
    step : int, optional
        Such as the epoch; 0 or more, by default the next step of the run.
    prefix, metrics
        As for :meth:`segscore.Evaluation.to_metrics`.
    report : bool
        Whether the report is logged as well, as the file ``report.html`` of an artifact of the type
        ``evaluation``.

    Raises
    ------
    ArgumentError
        If no run is given or active, there is no such number or step, or wandb is not installed.
    """
    with installed("runs of Weights & Biases need wandb", "`pip install 'segscore[wandb]'`"):
        import wandb
    active = wandb.run if run is None else run
    if active is None:
        raise _no_run("Weights & Biases", "with wandb.init():")
    step, values, wanted = _step(step), _values(evaluation, prefix, metrics), flag("report", report)
    active.log(values, step=step)
    with _written(evaluation, wanted=wanted) as path:
        if path is not None:
            artifact = wandb.Artifact(f"{active.id}-segscore", type="evaluation")
            artifact.add_file(path, name=REPORT)
            active.log_artifact(artifact)


def log_tensorboard(
    evaluation: Evaluation,
    writer: Any,
    *,
    step: int | None = None,
    prefix: str = PREFIX,
    metrics: Iterable[str] | None = None,
    report: bool = False,
) -> None:
    """Log the numbers of an evaluation for TensorBoard.

    Parameters
    ----------
    evaluation : Evaluation
        What was scored.
    writer : object or path
        Whatever has ``add_scalar(name, value, step)``, such as ``torch.utils.tensorboard.SummaryWriter``; or
        a folder of logs, to which a file is added.
    step : int, optional
        Such as the epoch; 0 or more.
    prefix, metrics
        As for :meth:`segscore.Evaluation.to_metrics`.
    report : bool
        Whether the report is written as well: ``report.html`` in the folder of logs. A writer has to say
        which one that is, as ``log_dir``.

    Raises
    ------
    ArgumentError
        If the writer is none, there is no such number or step, or tensorboard is not installed, which is
        needed to write to a folder.
    OutputError
        If the report cannot be written.
    """
    step, values, wanted = _step(step), _values(evaluation, prefix, metrics), flag("report", report)
    of_folder = isinstance(writer, str | os.PathLike)
    if not of_folder and not callable(getattr(writer, "add_scalar", None)):
        raise ArgumentError(f"`writer` is {writer!r}", "it is a SummaryWriter, or a folder of logs")
    folder: Any = writer if of_folder else getattr(writer, "log_dir", None)
    if wanted and folder is None:
        said = "`writer` does not say in which folder it writes, so that a report has no place"
        raise ArgumentError(said, "write it yourself: `ev.write_report(PATH)`")
    if of_folder:
        _add_events(os.fspath(writer), values, step)
    else:
        for name, value in values.items():
            writer.add_scalar(name, value, step)
    if wanted:
        evaluation.write_report(os.path.join(folder, REPORT))


def _add_events(folder: str, values: dict[str, float], step: int | None) -> None:
    """Add a file of events to a folder of logs, for which neither torch nor tensorflow is needed."""
    with installed("logs of TensorBoard need tensorboard", "`pip install 'segscore[tensorboard]'`"):
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.summary.writer.event_file_writer import EventFileWriter
    writer = EventFileWriter(folder)
    scalars = [Summary.Value(tag=name, simple_value=value) for name, value in values.items()]
    writer.add_event(Event(wall_time=time.time(), step=step or 0, summary=Summary(value=scalars)))
    writer.close()


def _values(evaluation: object, prefix: str, metrics: Iterable[str] | None) -> dict[str, float]:
    if not isinstance(evaluation, Evaluation):
        found = type(evaluation).__name__
        raise ArgumentError(
            f"expected an Evaluation, found {found}", "`judge.result()` and `segscore.evaluate(…)` return one"
        )
    return evaluation.to_metrics(prefix, metrics=metrics)


def _step(step: object) -> int | None:
    """Return a step as all trackers take it, or raise ArgumentError."""
    if step is None:
        return None
    if not is_int(step) or not 0 <= step <= _MOST_STEPS:
        raise ArgumentError(f"`step` is {brief(step)}, expected an integer of 0 or more", "such as the epoch")
    return int(step)


def _no_run(tracker: str, begin: str) -> ArgumentError:
    return ArgumentError(f"no run of {tracker} is active, and none is given", f"begin one first: `{begin}`")


@contextmanager
def _written(evaluation: Evaluation, *, wanted: bool) -> Iterator[str | None]:
    """Yield the path of the report as long as it is there; None where it is not wanted."""
    if not wanted:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="segscore-") as folder:
        path = os.path.join(folder, REPORT)
        evaluation.write_report(path)
        yield path
