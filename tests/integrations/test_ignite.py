"""A metric of PyTorch Ignite finds what one evaluator finds; on two processes beside torchmetrics."""

import pytest

from segscore import LabelError
from support import loops
from support.loops import METRICS, OPTIONS
from support.refused import refused

loops.needed("torch", "ignite")

import torch
from ignite.engine import create_supervised_evaluator

from segscore.integrations.ignite import SegmentationScores

pytestmark = pytest.mark.filterwarnings("ignore:::ignite")


def data(size: int = 3):
    """Return batches of photographs and targets."""
    photographs, labels = torch.from_numpy(loops.photographs()), torch.from_numpy(loops.label_maps())
    return list(zip(photographs.split(size), labels.split(size), strict=True))


def test_an_engine_has_the_metrics_and_the_evaluation():
    made = loops.trained()
    metric = SegmentationScores(**OPTIONS, metrics=METRICS)
    engine = create_supervised_evaluator(made)
    metric.attach(engine, "scores")
    judge = loops.evaluated(torch.cat([made(one) for one, _ in data()]).detach().numpy())
    for _ in range(2):
        found = engine.run(data()).metrics
        assert {name: found[name] for name in METRICS} == found["scores"] == loops.values_of(judge)
        assert metric.evaluation == judge


def test_an_output_says_which_images_it_has():
    made = loops.trained()
    metric = SegmentationScores(**OPTIONS, metrics=METRICS, names=loops.names())
    names = iter([*loops.names()[:3], *loops.names()[3:6], *loops.names()[6:]])

    def told(output):
        scores, target = output
        return scores, target, [next(names) for _ in target]

    metric = SegmentationScores(**OPTIONS, metrics=METRICS, names=loops.names(), output_transform=told)
    engine = create_supervised_evaluator(made)
    metric.attach(engine, "scores")
    engine.run(data())
    assert metric.evaluation == loops.evaluated(
        torch.cat([made(one) for one, _ in data()]).detach().numpy(), loops.names()
    )


def test_label_maps_are_taken_as_well_and_checked():
    metric = SegmentationScores(2)
    labels = torch.tensor([[[0, 1, 1]]])
    metric.update((labels, labels))
    assert metric.compute()["mean_iou"] == 1
    assert refused(LabelError, metric.update, (labels, labels + 1)).startswith("`target` holds the label 2 ")
    assert metric.compute()["pixel_accuracy"] == 1
