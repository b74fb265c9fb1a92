"""The Trainer of transformers logs what one evaluator finds, by whichever way it hands out predictions."""

from pathlib import Path
from socket import socket
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from segscore import ArgumentError, DtypeError, Evaluator, LabelError
from support import loops
from support.loops import METRICS, OPTIONS
from support.refused import refused

loops.needed("torch", "transformers", "accelerate", "ignite", "torchmetrics")

import torch
from transformers import Trainer, TrainingArguments

from segscore.integrations.transformers import argmax_labels, compute_metrics
from support import loops_processes

pytestmark = pytest.mark.filterwarnings("ignore")  # of transformers and accelerate


class Segmenter(torch.nn.Module):
    """A network as the Trainer takes it, whose class scores may be of half the size."""

    def __init__(self, half: bool) -> None:
        super().__init__()
        self.model = loops.network()
        self.half = half

    def forward(self, pixel_values: Any, labels: Any) -> dict[str, Any]:
        logits = self.model(pixel_values)
        loss = loops.loss_of(logits, labels)
        return {"loss": loss, "logits": logits[..., ::2, ::2].contiguous() if self.half else logits}


def trainer_of(folder: Path, *, half: bool = False, **options: Any) -> Trainer:
    pairs = zip(loops.photographs(), loops.label_maps(), strict=True)
    data = [{"pixel_values": torch.from_numpy(x), "labels": torch.from_numpy(y)} for x, y in pairs]
    ways = {
        name: options.pop(name)
        for name in ("batch_eval_metrics", "eval_do_concat_batches")
        if name in options
    }
    arguments = TrainingArguments(
        output_dir=str(folder),
        use_cpu=True,
        report_to=[],
        label_names=["labels"],
        per_device_train_batch_size=loops.NUMBER,
        per_device_eval_batch_size=3,
        max_steps=2,
        optim="sgd",
        learning_rate=0.5,
        lr_scheduler_type="constant",
        max_grad_norm=0,
        save_strategy="no",
        disable_tqdm=True,
        **ways,
    )
    return Trainer(Segmenter(half), arguments, train_dataset=data, eval_dataset=data, **options)


WAYS = {
    "all class scores": {},
    "batches apart": {"eval_do_concat_batches": False},
    "label maps": {"preprocess_logits_for_metrics": argmax_labels},
    "batch by batch": {"batch_eval_metrics": True},
    "label maps, batch by batch": {
        "batch_eval_metrics": True,
        "preprocess_logits_for_metrics": argmax_labels,
    },
}


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("way", WAYS)
def test_what_is_logged_is_what_one_evaluator_finds(way: str, half: bool, tmp_path: Path) -> None:
    metrics = compute_metrics(**OPTIONS, metrics=METRICS)
    trainer = trainer_of(tmp_path, half=half, compute_metrics=metrics, **WAYS[way])
    trainer.train()
    model = trainer.model.model.eval()
    photographs = torch.from_numpy(loops.photographs())
    with torch.no_grad():
        scores = torch.cat([model(one) for one in photographs.split(3)])
    whole = loops.evaluated((scores[..., ::2, ::2] if half else scores).numpy())
    for _ in range(2):
        logged = trainer.evaluate()
        assert {name: logged[f"eval_{name}"] for name in METRICS} == loops.values_of(whole)
        assert metrics.evaluation.names == whole.names
        assert metrics.evaluation.table == whole.table


def test_two_processes_find_what_one_finds(tmp_path: Path) -> None:
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        (tmp_path / "port").write_text(str(free.getsockname()[1]))
    whole = loops.values_of(loops.evaluated(loops.scores_of(loops.network())))
    for found in loops_processes.of_two("trainer", tmp_path):
        assert found == {
            "batches False": whole,
            "images False": loops.NUMBER,  # and none that the sampler gave twice
            "batches True": whole,
            "images True": loops.NUMBER,
        }


def given(predictions: Any, labels: Any) -> SimpleNamespace:
    return SimpleNamespace(predictions=predictions, label_ids=labels)


def test_what_the_trainer_pads_is_left_out():
    metrics = compute_metrics(2, metrics=["pixel_accuracy"])
    target = np.array([[[0, 1, -100], [-100, -100, -100]]])
    for pred in (np.array([[[0, 0, -100], [-100, -100, -100]]]), np.zeros((1, 2, 3), int)):
        assert metrics(given(pred, target)) == {"pixel_accuracy": 0.5}
        assert metrics.evaluation.scores.ignored == 4
    assert compute_metrics(2, ignore_index=-100)(given(target, target))["mean_iou"] == 1


def test_the_first_of_several_outputs_are_the_class_scores():
    scores = np.array([[[[0.1, 0.9]], [[0.2, 0.3]]]], dtype=np.float32)
    found = compute_metrics(2, metrics=["pixel_accuracy"])(given((scores, scores), np.array([[[1, 1]]])))
    assert found == {"pixel_accuracy": 0.5}


def test_a_batch_that_is_wrong_ends_the_evaluation():
    metrics = compute_metrics(2, metrics=["pixel_accuracy"])
    right, wrong = np.array([[[0, 1]]]), np.array([[[0, 7]]])
    assert metrics(given(right, right), compute_result=False) == {}
    said = refused(LabelError, metrics, given(right, wrong))
    assert said.startswith("`target` holds the label 7 (1 pixel): neither class nor ignored")
    metrics(given(1 - right, right), compute_result=False)
    assert metrics(given(right, right), compute_result=True) == {"pixel_accuracy": 0.5}


@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy])
def test_label_maps_that_became_floats_are_told_from_class_scores(kind):
    metrics = compute_metrics(2)
    said = refused(DtypeError, metrics, given(kind(np.array([[[0.0, 1.0]]])), np.array([[[0, 1]]])))
    assert said == (
        "predictions are floats of shape (1, 1, 2), expected class scores (N, K, H, W), or label values "
        "(N, H, W) as integers\nhint: label maps that became floats are made integers again, as by `.long()`"
    )


# Label maps


def test_label_maps_are_those_that_an_evaluator_counts():
    random = np.random.default_rng(0)
    scores = torch.from_numpy(random.normal(size=(4, 5, 6, 7)).astype(np.float32))
    labels = torch.from_numpy(random.integers(0, 5, (4, 13, 16)))
    found = argmax_labels((scores, None), labels)
    assert (found.dtype, tuple(found.shape)) == (torch.int8, (4, 13, 16))
    one, other = Evaluator(5), Evaluator(5)
    one.add_batch(pred=found, target=labels)
    other.add_batch(logits=scores, target=labels, class_axis=1)
    assert one.result() == other.result()
    same = argmax_labels(scores, labels[:, :6, :7])
    assert torch.equal(same, scores.argmax(1).to(torch.int8))
    for classes, dtype in ((128, torch.int8), (129, torch.int32)):
        last = torch.arange(classes, dtype=torch.float32).reshape(1, -1, 1, 1)
        highest = argmax_labels(last, labels[:1, :1, :1])
        assert (highest.dtype, highest.item()) == (dtype, classes - 1)


def test_of_equal_scores_the_first_wins_and_nan_is_an_error():
    scores = torch.zeros(2, 3, 4, 4)
    labels = torch.zeros(2, 4, 4, dtype=torch.int64)
    assert argmax_labels(scores, labels).unique().tolist() == [0]
    scores[1, 2, 3, 1] = torch.nan
    assert refused(ArgumentError, argmax_labels, scores, labels) == (
        "`logits` of image 1 of the batch hold NaN\nhint: does the model diverge?"
    )
