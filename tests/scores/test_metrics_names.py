"""Metrics by name give what scores give, with any leading axes, and unknown names are answered."""

import numpy as np
import pytest

from segscore import ArgumentError, Classes, ConfusionMatrix
from segscore.scores.metric import HEADLINES, PER_CLASS, Metric, headlines

CLASSES = Classes(["road", "sky", "car.red"], not_in_mean=[1])


@pytest.fixture
def matrices() -> list[ConfusionMatrix]:
    random, made = np.random.default_rng(0), []
    for _ in range(3):
        cm = ConfusionMatrix(CLASSES)
        cm.update(pred=random.integers(0, 3, 99), target=random.integers(0, 3, 99))
        made.append(cm)
    return made


def counts(matrices: list[ConfusionMatrix]) -> list[np.ndarray]:
    scores = [cm.scores for cm in matrices]
    return [np.stack([getattr(s, name) for s in scores]) for name in ("tp", "target", "pred")]


@pytest.mark.parametrize("name", HEADLINES)
def test_a_headline_is_that_of_the_scores(matrices: list[ConfusionMatrix], name: str) -> None:
    found = Metric.of(name, CLASSES)(*counts(matrices), CLASSES.in_mean)
    assert found.tolist() == [getattr(cm.scores, name) for cm in matrices]


@pytest.mark.parametrize("formula", PER_CLASS)
def test_a_metric_of_a_class_is_that_of_the_scores(matrices: list[ConfusionMatrix], formula: str) -> None:
    found = Metric.of(f"{formula}.car.red", CLASSES)(*counts(matrices))
    assert found.tolist() == [getattr(cm.scores, formula)[2] for cm in matrices]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "meaniou",
            "there is no metric `meaniou`\nhint: the nearest are `mean_iou`, ",
        ),
        ("iou.cat", "there is no class `cat`\nhint: the nearest is `car.red`"),
        ("zzz.sky", "there is no metric `zzz.sky`\nhint: "),
        (7, "a metric is named by a text, found 7\nhint: such as 'mean_iou'"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(name: object, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        Metric.of(name, CLASSES)
    assert str(caught.value).startswith(message)


def test_a_binary_task_has_metrics_of_its_foreground() -> None:
    classes = Classes(["background", "crack"])
    cm = ConfusionMatrix(classes)
    cm.update(pred=[0, 1, 1, 1], target=[0, 0, 1, 1])
    found = [
        float(Metric.of(name, classes)(*(c[0] for c in counts([cm])))) for name in headlines(classes)[:2]
    ]
    assert found == [cm.scores.foreground_iou, cm.scores.foreground_dice]
    with pytest.raises(ArgumentError, match="there is no metric `foreground_iou`"):
        Metric.of("foreground_iou", CLASSES)
