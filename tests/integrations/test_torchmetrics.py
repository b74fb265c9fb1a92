"""A metric of torchmetrics finds what one evaluator finds, over processes, checkpoints and merges."""

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest

from segscore import ArgumentError, Evaluator, LabelError
from support import loops
from support.loops import METRICS, OPTIONS
from support.refused import refused

loops.needed("torch", "torchmetrics", "ignite")

import torch
from torchmetrics import MetricCollection
from torchmetrics.classification import MulticlassJaccardIndex

from segscore.integrations.torchmetrics import SegmentationScores
from support import loops_processes

pytestmark = pytest.mark.filterwarnings("ignore:::torch")


def metric(**changed) -> SegmentationScores:
    return SegmentationScores(**{**OPTIONS, "metrics": METRICS, **changed})


@pytest.fixture(scope="module")
def scores() -> torch.Tensor:
    """The class scores of a network that was trained on the images."""
    return torch.from_numpy(loops.scores_of(loops.trained()))


@pytest.fixture(scope="module")
def target() -> torch.Tensor:
    return torch.from_numpy(loops.label_maps())


def batches(*columns, size: int = 3):
    """Yield parts of columns, which are batches of images."""
    for start in range(0, len(columns[0]), size):
        yield tuple(column[start : start + size] for column in columns)


def floats(computed) -> dict[str, float]:
    """Return computed metrics as numbers of Python, which hold all that they do."""
    assert all(value.dtype == torch.float64 for value in computed.values())
    return {name: value.item() for name, value in computed.items()}


def test_a_loop_finds_what_one_evaluator_finds(scores, target):
    made = metric()
    expected = loops.evaluated(scores)
    for epoch in range(2):
        for one, labels in batches(scores, target):
            made.update(one, labels)
        assert floats(made.compute()) == loops.values_of(expected), epoch
        assert made.evaluation() == expected
        made.reset()
    assert 0.3 < expected.scores.mean_iou < 1


def test_label_maps_are_taken_as_well(scores, target):
    made = metric()
    for one, labels in batches(scores.argmax(1), target):
        made.update(one.to(torch.uint8), labels.to(torch.int32))
    assert made.evaluation() == loops.evaluated(scores)


@pytest.mark.parametrize("index", ["indices", "names"])
def test_an_image_that_comes_twice_counts_once(scores, target, index):
    names = loops.names()
    made = metric(names=names)
    images = names if index == "names" else torch.arange(len(names))
    for one, labels, which in batches(scores, target, images):
        made.update(one, labels, images=which)
    made.update(scores[:2], target[:2], images=images[:2])
    assert made.evaluation() == loops.evaluated(scores, names)


def test_a_forward_returns_the_metrics_of_the_batch_and_counts_it(scores, target):
    made = metric()
    for one, labels in batches(scores, target):
        found = made(one, labels)
        judge = Evaluator(**OPTIONS)
        judge.add_batch(logits=one, target=labels, class_axis=1)
        assert floats(found) == loops.values_of(judge.result())
    assert made.evaluation() == loops.evaluated(scores)


def test_a_checkpoint_goes_on_where_it_was_saved(scores, target, tmp_path: Path):
    made, resumed = metric(), metric()
    made.persistent(True)
    made.update(scores[:4], target[:4])
    torch.save({"metric": made.state_dict()}, tmp_path / "last.ckpt")
    saved = torch.load(tmp_path / "last.ckpt", weights_only=True)
    resumed.load_state_dict(saved["metric"])
    resumed.update(scores[4:], target[4:])
    assert resumed.evaluation() == loops.evaluated(scores)
    assert metric().state_dict() == {}  # as all metrics, unless it is asked for


@pytest.mark.parametrize("given", ["metric", "state"])
def test_states_merge(scores, target, given):
    one, other = metric(), metric()
    one.update(scores[:3], target[:3])
    other.update(scores[3:], target[3:])
    one.merge_state(other if given == "metric" else other.metric_state)
    whole = loops.evaluated(scores)
    assert one.evaluation().scores == whole.scores
    assert len(one.evaluation().names) == len(whole.names)


def test_a_metric_is_copied_and_sent_to_other_processes(scores, target):
    made = metric()
    made.update(scores, target)
    for other in (copy.deepcopy(made), pickle.loads(pickle.dumps(made)), made.clone()):
        assert other.evaluation() == made.evaluation()
        other.reset()
    assert made.evaluation() == loops.evaluated(scores)


def test_it_stands_beside_other_metrics(scores, target):
    peer = MulticlassJaccardIndex(3, ignore_index=255)
    every = MetricCollection({"segscore": metric(metrics=["mean_iou"]), "peer": peer})
    for one, labels, images in batches(scores, target, range(len(target))):
        every.update(preds=one, target=labels, images=images)  # which the other one does not take
    found = every.compute()
    assert found["mean_iou"].item() == loops.evaluated(scores).scores.mean_iou
    np.testing.assert_allclose(found["peer"].item(), found["mean_iou"].item(), rtol=1e-6)


def test_within_compiled_code_it_is_a_graph_break(scores, target):
    made, matrix = metric(), Evaluator(**OPTIONS)
    calls = []

    def backend(graph, _):
        calls.append(graph)
        return graph.forward

    @torch.compile(backend=backend)
    def step(one, labels):
        doubled = one * 2
        made.update(doubled, labels)
        matrix.add_batch(logits=doubled, target=labels, class_axis=1)
        return doubled + 1

    for one, labels in batches(scores, target, size=7):
        assert torch.equal(step(one, labels), one * 2 + 1)
    assert calls
    assert made.evaluation() == matrix.result() == loops.evaluated(scores)


def test_two_processes_with_a_padded_sampler_find_what_one_finds(tmp_path: Path):
    for found in loops_processes.of_two("metrics", tmp_path):
        whole = loops.evaluated(loops.scores_of(loops.network_of(found["weights"])))
        assert found["weights"] != loops.weights_of(loops.network())
        assert found["seen"] == 4  # of 7 images, one of which came twice
        assert found["with images"] == loops.values_of(whole)
        assert found["names"] == [str(i) for i in range(loops.NUMBER)]
        assert found["without"] != found["with images"]
        assert found["one process has none"] == found["with images"]
        assert found["after"] == found["with images"]
        assert found["ignite"] == found["with images"]


def test_a_batch_that_is_wrong_is_not_counted(scores, target):
    made = metric()
    made.update(scores, target)
    wrong = target.clone()
    wrong[1, 5, 5] = 9
    said = refused(LabelError, made.update, scores, wrong)
    assert said.startswith("`target` holds the label 9 (1 pixel): neither class nor ignored")
    said = refused(ArgumentError, made.update, scores, target, images=["a"] * 7)
    assert said.startswith("image a is told by its name, and the names of all images are not known\n")
    assert made.evaluation() == loops.evaluated(scores)
    refused(ArgumentError, metric, metrics=["mean_iuo"])


def test_the_metrics_are_drawn_by_torchmetrics(scores, target):
    pytest.importorskip("matplotlib").use("agg")
    made = metric()
    made.update(scores, target)
    computed = floats(made.compute())
    figure, axes = made.plot()
    assert {line.get_label(): line.get_ydata().item() for line in axes.lines} == pytest.approx(computed)
    below = figure.add_subplot()
    assert made.plot([made.compute(), made.compute()], ax=below) == (None, below)
    assert len(below.lines) == len(computed)
