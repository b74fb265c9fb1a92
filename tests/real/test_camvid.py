"""Real masks of a street against counts of plain NumPy, and two real networks on its images."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import segscore
from segscore import Workspace, evaluate, predict
from support.command_line import printed
from support.some_runs import same_counts

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "camvid"
NEEDED = [FOLDER / name for name in ("reference.json", "image", "model", "target", "pred-v1", "pred-v2")]
MISSING = [str(path) for path in NEEDED if not path.exists()]

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)}"),
]


@pytest.mark.parametrize(("model", "mean_iou"), [("pred-v1", 0.319717), ("pred-v2", 0.424896)])
@pytest.mark.parametrize("threads", [1, 2])
def test_scores_equal_the_reference(model: str, mean_iou: float, threads: int) -> None:
    expected: dict[str, Any] = json.loads((FOLDER / "reference.json").read_text())[model]
    found = evaluate(pred=FOLDER / model, target=FOLDER / "target", classes="camvid-11", threads=threads)
    assert len(found.names) == 233
    assert found.failures == found.extra == ()
    assert found.confusion.counts.tolist() == expected["counts"]
    assert found.confusion.ignored == expected["ignored"]
    assert found.confusion.missed.sum() == 0
    scores = found.scores
    for name in ("iou", "dice", "mean_iou", "mean_dice", "pixel_accuracy"):
        np.testing.assert_allclose(getattr(scores, name), expected[name], rtol=0, atol=1e-12)
    assert round(scores.mean_iou, 6) == mean_iou


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_predictions_agree_with_those_made_elsewhere(version):
    images = sorted((FOLDER / "image").iterdir())
    assert len(images) == 26
    model = predict.onnx(FOLDER / "model" / f"street-{version}.onnx")
    judge, files = segscore.Evaluator("camvid-11"), segscore.Evaluator("camvid-11")
    same = pixels = 0
    for at in range(0, 26, 4):
        for path, prediction in zip(images[at : at + 4], model.batch(images[at : at + 4]), strict=True):
            target, kept = (
                np.asarray(Image.open(FOLDER / folder / path.name))
                for folder in ("target", f"pred-{version}")
            )
            same += np.count_nonzero(prediction.logits.argmax(axis=0) == kept)
            pixels += kept.size
            judge.add(target=target, name=path.stem, **prediction.given(target.shape))
            files.add(target=target, name=path.stem, pred=kept)
    assert same / pixels >= 0.999
    scores, expected = judge.result().scores, files.result().scores
    assert abs(scores.mean_iou - expected.mean_iou) < 1e-3


def test_two_models_are_added_run_listed_and_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SEGSCORE_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)
    printed("init")
    sides = ("--images", FOLDER / "image", "--targets", FOLDER / "target")
    extra = (
        "warning: 207 targets without an image left out, first 0001TP_008580: the dataset has the 26 "
        f"images in {FOLDER / 'image'}\n"
    )
    printed("dataset", "add", "camvid", *sides, "--classes", "camvid-11", said=extra)
    for version in ("v1", "v2"):
        printed("model", "add", "street", "--onnx", FOLDER / "model" / f"street-{version}.onnx")
    grid = printed("run", "street:v1", "street", "--on", "camvid", "--no-progress")
    first, second = Workspace(tmp_path).runs()
    assert [one.model for one in (first, second)] == ["street:v1", "street:v2"]
    assert f"{second.metrics['mean_iou']:.4f}*" in grid
    listed = printed("runs", "--sort", "mean_iou").splitlines()
    assert [line.split()[:3] for line in listed[1:3]] == [
        ["r2", "street:v2", "camvid:v1"],
        ["r1", "street:v1", "camvid:v1"],
    ]
    assert "26 images scored" in printed("show", "r2")
    for one, version in ((first, "v1"), (second, "v2")):
        assert one.predictions is not None
        same = pixels = 0
        for name in one.evaluation.names:
            folders = (FOLDER / f"pred-{version}", one.predictions)
            elsewhere, own = (np.asarray(Image.open(folder / f"{name}.png")) for folder in folders)
            same += np.count_nonzero(elsewhere == own)
            pixels += own.size
        assert pixels == 26 * 360 * 480
        assert same / pixels >= 0.999
    # What was kept is what was counted.
    dataset = Workspace(tmp_path).datasets["camvid"]
    files = [str(second.predictions / f"{name}.png") for name in dataset.names]
    counted = segscore.evaluate(
        pred=files, target=list(dataset.target_paths), classes="camvid-11", progress=False
    )
    assert same_counts(second.evaluation, counted)
    compared = segscore.compare(first.evaluation, second.evaluation)
    (difference,) = [one.difference for one in compared.differences if one.name == "mean_iou"]
    assert difference == pytest.approx(second.metrics["mean_iou"] - first.metrics["mean_iou"])
