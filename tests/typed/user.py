"""What a user writes, for a type checker alone: each name has its type, and each wrong call is an error.

An ignored error that is none is one itself, as strict checking has it.
"""

from concurrent.futures import ProcessPoolExecutor
from typing import assert_type

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

import segscore
from segscore import (
    Audit,
    Comparison,
    ConfusionMatrix,
    Evaluation,
    Evaluator,
    Interval,
    Part,
    Scores,
    Workspace,
)
from segscore.workspace import Run, Unfinished

cm = ConfusionMatrix(["road", "sky"], ignore_index=255)
cm.update(pred=[[0, 1]], target=[[0, 0]])
assert_type(cm.counts, npt.NDArray[np.int64])
assert_type(cm.scores, Scores)
assert_type(cm + cm, ConfusionMatrix)

ev = segscore.evaluate(pred="runs/v2", target="val/labels", classes="camvid-11")
assert_type(ev, Evaluation)
assert_type(ev.scores.mean_iou, float)
assert_type(ev.scores.iou["road"], float)
assert_type(ev.scores.iou[0], np.float64)
assert_type(ev.scores.iou[1:], npt.NDArray[np.float64])
assert_type(ev.select(["a"]), Evaluation)
assert_type(ev.confidence_interval("mean_iou"), Interval)
assert_type(ev.group_by()["rain"], Evaluation)
assert_type(segscore.load("v2.npz"), Evaluation)
assert_type(segscore.audit(pred="runs/v2", target="val/labels", classes="camvid-11"), Audit)

plan = segscore.plan(pred="runs/v2", target="val/labels", classes="camvid-11", boundary="2%")
parts = [shard.evaluate() for shard in plan.shards(16)]
assert_type(parts, list[Part])
assert_type(plan.merge(parts), Evaluation)
assert_type(segscore.merge([segscore.load("p1.npz"), parts[1]]), Evaluation)
with ProcessPoolExecutor() as executor:
    segscore.evaluate(pred="runs/v2", target="val/labels", classes="camvid-11", executor=executor, shards=8)

comparison = segscore.compare(ev, ev, labels=("v1", "v2"))
assert_type(comparison, Comparison)
assert_type(comparison.differences[0].p, float)

judge = Evaluator("camvid-11", boundary="2%", distances=True, spacing=(0.5, 0.5), empty="skip")
judge.add(pred=[0, 1], target=[0, 0], name="frame_07")
assert_type(judge.result(), Evaluation)

figure, axes = plt.subplots()
assert_type(segscore.plots.confusion_matrix(ev, axes), Axes)
figure.savefig("matrix.png")

workspace = Workspace("work")
assert_type(workspace, Workspace)
assert_type(workspace.run_shard("unet", "streets", 3, 16), Run | Unfinished)
assert_type(segscore.__version__, str)
assert_type(segscore.predict.MAX_PIXELS, int)

segscore.evaluate(preds="runs/v2", target="val/labels", classes="camvid-11")  # type: ignore[call-arg]
segscore.evaluate("runs/v2", "val/labels", classes="camvid-11")  # type: ignore[call-arg]
Evaluator(2, distance=True)  # type: ignore[call-arg]
Evaluator(2, boundary=0.02, distances="yes")  # type: ignore[arg-type]
workspace.run("unet", "streets", boundary=(1, 3), surface="mesh")  # type: ignore[arg-type]
segscore.evaluate(pred="a", target="b", classes=2, executor="pool")  # type: ignore[arg-type]
plan.shards(number="16")  # type: ignore[arg-type]
segscore.evalute(pred="runs/v2", target="val/labels", classes=2)  # type: ignore[attr-defined]
segscore.compare(ev, "v2.npz")  # type: ignore[arg-type]
cm.update(1, 2)  # type: ignore[call-arg]
ConfusionMatrix(num_classes=2)  # type: ignore[call-arg]
cm.scores.tp = cm.missed  # type: ignore[misc]
judge.compute()  # type: ignore[attr-defined]
cm.scores.f1  # type: ignore[attr-defined] # noqa: B018 - it is looked at for its type
