"""Two real networks run on real images in a workspace, from an empty folder on."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import segscore
from segscore import Workspace
from support.command_line import run as command
from support.some_runs import same_counts

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "camvid"
NEEDED = [FOLDER / name for name in ("image", "model", "target", "pred-v1", "pred-v2")]
MISSING = [str(path) for path in NEEDED if not path.exists()]

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)}"),
]


def printed(*arguments: object, warning: str = "") -> str:
    result = command(*arguments)
    assert (result.exit_code, result.stderr) == (0, warning)
    return result.stdout


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
    printed("dataset", "add", "camvid", *sides, "--classes", "camvid-11", warning=extra)
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
