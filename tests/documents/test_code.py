"""Code on pages that is no session runs, on files and names that the page takes for granted."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

import segscore
from segscore import Classes, Evaluation, Evaluator
from support.documents import Block, all_blocks
from support.executors import Breaking
from support.tiny_models import save_network
from support.trackers import Tracker, of_mlflow, of_wandb

BLOCKS = {
    f"{block.page}: {' '.join(block.code.split())[:50]}": block
    for block in all_blocks()
    if block.language == "python" and not block.is_session
}
TRAINING = "runs in tests/integrations/test_documents.py"
ENGINES = "runs in tests/integrations/test_engines.py"
ELSEWHERE = {
    "docs/scaling.md: ev.save": ENGINES,
    "docs/scaling.md: def counted": ENGINES,
    "docs/scaling.md: ws.run": "runs in tests/workspace/test_running_executors.py",
    "docs/training.md: ": TRAINING,
    "docs/workspace.md: from transformers": "loads a model from a hub",
}
"""Why code does not run here, by how it begins."""


def write_masks(folder: Path) -> None:
    """Write two images of 11 classes, what a model made of them, and photographs."""
    random = np.random.default_rng(0)
    for name in ("a", "b"):
        for place, shape in (("val/images", (8, 12, 3)), ("val/labels", (8, 12)), ("runs/v2", (8, 12))):
            (folder / place).mkdir(parents=True, exist_ok=True)
            Image.fromarray(random.integers(0, 11, shape, dtype=np.uint8)).save(
                folder / place / f"{name}.png"
            )


def evaluated(seed: int) -> Evaluation:
    """Return what a model did on 40 images."""
    random, judge = np.random.default_rng(seed), Evaluator(["road", "car", "bus"])
    for i in range(40):
        target = np.random.default_rng(i).integers(0, 3, (6, 6))
        pred = np.where(random.random((6, 6)) < 0.2, random.integers(0, 3, (6, 6)), target)
        judge.add(pred=pred, target=target, name=f"city{i % 4}_{i:02}")
    return judge.result()


def run(block: Block, **names: Any) -> dict[str, Any]:
    """Run the code with some names, and return all that there are after it."""
    exec(compile(block.code, f"{block.page}:{block.line + 1}", "exec"), names)
    return names


def a_model_is_run(block, folder, capsys):
    write_masks(folder)
    save_network(folder / "street-v2.onnx", 11, (8, 12))
    ev = run(block)["judge"].result()
    assert ev.names == ("a", "b")
    assert capsys.readouterr().out == f"{ev}\n"


def processes_share_images(block, folder, capsys):
    write_masks(folder)
    ask = "\n    print(ev.scores.mean_iou)"
    (folder / "script.py").write_text(block.code + ask)
    done = subprocess.run([sys.executable, "script.py"], capture_output=True, text=True, check=False)
    ev = segscore.evaluate(pred="runs/v2", target="val/labels", classes="camvid-11", progress=False)
    assert (done.returncode, done.stdout) == (0, f"{ev.scores.mean_iou}\n"), done.stderr


def what_was_counted_is_gone_on_with(block, folder, capsys):
    write_masks(folder)
    options = {"pred": "runs/v2", "target": "val/labels", "classes": "camvid-11", "progress": False}
    taken = {name: value for name, value in options.items() if name != "progress"}
    found = run(block, segscore=segscore, options=taken, executor=Breaking(1))["ev"]
    assert found == segscore.evaluate(**options)


def intervals_and_comparisons_are_made(block, folder, capsys):
    run(block, ev=evaluated(0), ev_v1=evaluated(1), ev_v2=evaluated(2), segscore=segscore)


def a_function_of_torch_predicts(block, folder, capsys):
    torch = pytest.importorskip("torch")
    network = run(block, np=np, torch=torch, model=torch.nn.Conv2d(3, 4, 3))["network"]
    predict = segscore.predict.function(network, class_axis=0)
    assert predict(np.zeros((8, 12, 3), np.uint8)).logits.shape == (4, 6, 10)


def a_function_of_transformers_predicts(block, folder, capsys):
    torch = pytest.importorskip("torch")
    taken = {"processor": lambda images, return_tensors: {"x": torch.from_numpy(images / 255)}}

    class Answer:
        def __init__(self, x: Any) -> None:
            self.logits = x.permute(2, 0, 1)[None]

    network = run(block, torch=torch, model=Answer, **taken)["network"]
    predict = segscore.predict.function(network, class_axis=0)
    assert predict(np.zeros((8, 12, 3), np.uint8)).logits.shape == (3, 8, 12)


def a_saved_network_is_a_function(block, folder, capsys):
    torch = pytest.importorskip("torch")
    torch.jit.trace(torch.nn.Conv2d(3, 4, 3), torch.zeros(1, 3, 8, 12)).save("unet.pt")
    assert run(block)["unet"](np.zeros((8, 12, 3), np.uint8)).shape == (4, 6, 10)


class Run(Tracker):
    """A run of a tracker, which is left like any context."""

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, *error: object) -> None:
        self.ended = True


def mlflow_holds_the_numbers(block, folder, capsys):
    active = Run(info=SimpleNamespace(run_id="r"))
    with pytest.MonkeyPatch.context() as patch:
        client = of_mlflow(patch, active, lambda: active)
        run(block, ev=evaluated(0), epoch=3, mlflow=sys.modules["mlflow"])
    numbers, report = client.told
    assert numbers[2] == [(name, value, 3) for name, value in evaluated(0).to_metrics().items()]
    assert (report[0], report[3]) == ("log_artifact", "segscore")


def wandb_holds_the_numbers(block, folder, capsys):
    begun = Run(id="r")
    with pytest.MonkeyPatch.context() as patch:
        of_wandb(patch, None, lambda project: begun)
        run(block, ev=evaluated(0), wandb=sys.modules["wandb"])
    assert [one[0] for one in begun.told] == ["log", "log_artifact"]
    assert begun.told[0][1] == evaluated(0).to_metrics()


def a_writer_has_the_numbers(block, folder, capsys):
    writer = Tracker()
    run(block, ev=evaluated(0), epoch=3, writer=writer)
    assert writer.told == [
        ("add_scalar", name, value, 3, {}) for name, value in evaluated(0).to_metrics().items()
    ]


HERE: dict[str, Callable[[Block, Path, Any], None]] = {
    "docs/models.md: def network(image): inputs": a_function_of_transformers_predicts,
    "docs/models.md: def network(image): x": a_function_of_torch_predicts,
    "docs/models.md: from pathlib": a_model_is_run,
    "docs/scaling.md: from concurrent": processes_share_images,
    "docs/scaling.md: try": what_was_counted_is_gone_on_with,
    "docs/statistics.md: ev.confidence_interval": intervals_and_comparisons_are_made,
    "docs/tracking.md: from segscore.integrations.tracking import log_mlf": mlflow_holds_the_numbers,
    "docs/tracking.md: from segscore.integrations.tracking import log_wan": wandb_holds_the_numbers,
    "docs/tracking.md: from segscore.integrations.tracking import log_ten": a_writer_has_the_numbers,
    "docs/workspace.md: import torch": a_saved_network_is_a_function,
}


@pytest.mark.filterwarnings("ignore::FutureWarning")  # of torch.jit
@pytest.mark.parametrize("name", BLOCKS)
def test_code_runs(name, tmp_path, monkeypatch, capsys):
    for begin, why in ELSEWHERE.items():
        if name.startswith(begin):
            pytest.skip(why)
    monkeypatch.chdir(tmp_path)
    found = [check for begin, check in HERE.items() if name.startswith(begin)]
    assert len(found) == 1, "`HERE` says how code of a page runs, `ELSEWHERE` why it does not run here"
    found[0](BLOCKS[name], tmp_path, capsys)


def test_every_reason_is_needed():
    for begin in (*ELSEWHERE, *HERE):
        assert any(name.startswith(begin) for name in BLOCKS), begin


def test_a_file_of_classes(tmp_path):
    blocks = [block for block in all_blocks() if block.language == "toml"]
    assert [block.page for block in blocks] == ["docs/classes.md"]
    (tmp_path / "classes.toml").write_text(blocks[0].code)
    classes = Classes.of(tmp_path / "classes.toml")
    assert classes.names == ("background", "car")
    assert classes.all_labels == ((0,), (1, 255))
