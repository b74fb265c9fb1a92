"""Every line of code in the document on training loops runs, and prints what one evaluator finds."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import segscore
from segscore import Evaluator
from support import loops

loops.needed("torch", "torchmetrics", "lightning", "transformers", "accelerate", "keras", "ignite")

import lightning
import torch
from ignite.engine import create_supervised_evaluator
from torch.utils.data import DataLoader, TensorDataset
from transformers import Trainer, TrainingArguments

pytestmark = pytest.mark.filterwarnings("ignore")  # of Lightning, transformers and Keras

DOCUMENT = Path(__file__).parents[2] / "docs" / "training.md"
PARTS = re.split(r"^## ", DOCUMENT.read_text(), flags=re.MULTILINE)
CODE = {part.splitlines()[0]: re.findall(r"^```python\n(.*?)^```", part, re.S | re.M) for part in PARTS}
CLASSES = 11


@pytest.fixture(scope="module")
def data() -> tuple[Any, Any]:
    random = np.random.default_rng(0)
    return random.normal(size=(5, 3, 8, 9)).astype("f4"), random.integers(0, CLASSES, (5, 8, 9))


@pytest.fixture
def given(data, tmp_path, monkeypatch) -> dict[str, Any]:
    """What the document takes for granted."""
    monkeypatch.chdir(tmp_path)
    photographs, targets = map(torch.from_numpy, data)
    torch.manual_seed(0)
    net = torch.nn.Conv2d(3, CLASSES, 3, padding=1).eval().requires_grad_(False)
    return {
        "segscore": segscore,
        "net": net,
        "names": [f"frame_{i}" for i in range(5)],
        "loader": DataLoader(TensorDataset(torch.arange(5), photographs, targets), batch_size=2),
        "batches": list(zip(photographs.split(2), targets.split(2), strict=True)),
    }


def mean_iou(given: dict[str, Any]) -> float:
    judge = Evaluator("camvid-11")
    for _, photographs, target in given["loader"]:
        judge.add_batch(logits=given["net"](photographs), target=target, class_axis=1)
    return judge.result().scores.mean_iou


def test_all_code_is_run_here():
    assert {title: len(code) for title, code in CODE.items()} == {
        "# Scores in a training loop": 2,
        "torchmetrics and Lightning": 2,
        "Hugging Face transformers": 1,
        "Keras": 1,
        "PyTorch Ignite": 1,
    }


def run(title: str, given: dict[str, Any], capsys) -> str:
    for code in CODE[title]:
        exec(code, given)
    return capsys.readouterr().out


def test_a_loop_of_ones_own(given, capsys, tmp_path):
    given["torch"] = torch
    torch.distributed.init_process_group("gloo", init_method=f"file://{tmp_path}/m", rank=0, world_size=1)
    try:
        printed = run("# Scores in a training loop", given, capsys)
    finally:
        torch.distributed.destroy_process_group()
    assert printed == f"{mean_iou(given)}\n" * 2


def test_torchmetrics_and_lightning(given, capsys):
    given["lightning"] = lightning
    printed = run("torchmetrics and Lightning", given, capsys)
    value = torch.tensor(mean_iou(given), dtype=torch.float64)
    assert printed == f"{value!s} {given['metric'].evaluation().worst(3)}\n"
    options = {"logger": False, "enable_progress_bar": False, "enable_checkpointing": False}
    trainer = lightning.Trainer(accelerator="cpu", **options)
    logged = trainer.validate(given["Segmenter"](), given["loader"], verbose=False)
    assert logged[0]["mean_iou"] == mean_iou(given)


def test_transformers(given, data, capsys):
    class Model(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = given["net"]

        def forward(self, pixel_values: Any, labels: Any) -> Any:
            return {"loss": torch.zeros(()), "logits": self.net(pixel_values)}

    pairs = zip(*map(torch.from_numpy, data), strict=True)
    given |= {
        "Trainer": Trainer,
        "TrainingArguments": TrainingArguments,
        "model": Model(),
        "dataset": [{"pixel_values": photograph, "labels": target} for photograph, target in pairs],
    }
    assert run("Hugging Face transformers", given, capsys).splitlines()[-1] == f"{mean_iou(given)}"


def test_keras(given, data, capsys, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    import keras

    photographs, targets = data[0].transpose(0, 2, 3, 1), data[1]
    model = keras.Sequential([keras.Input((8, 9, 3)), keras.layers.Conv2D(CLASSES, 3, padding="same")])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    given |= {"keras": keras, "photographs": photographs, "targets": targets, "model": model}
    printed = run("Keras", given, capsys)
    judge = Evaluator("camvid-11")
    judge.add_batch(logits=model.predict_on_batch(photographs), target=targets, class_axis=-1)
    assert given["scores"].evaluation == judge.result()
    assert printed.splitlines()[-1] == str(judge.result().worst(3))


def test_ignite(given, capsys):
    given["create_supervised_evaluator"] = create_supervised_evaluator
    assert run("PyTorch Ignite", given, capsys) == f"{mean_iou(given)}\n"
