"""Several runs side by side: numbers are those of NumPy, the best is marked, and only what compares is."""

from pathlib import Path

import numpy as np
import pytest

from segscore import ArgumentError, SegscoreWarning, Workspace, compare
from segscore.workspace.several import compare_runs, earlier_first
from support.refused import refused

SIZE = (6, 10)
IMAGES = 4
FLIPPED = {"v1": 0.3, "v2": 0.1, "v3": 0.2}


def predictions() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return targets of three classes (IMAGES, H, W) and what each version makes of them."""
    random = np.random.default_rng(0)
    target = random.integers(0, 3, (IMAGES, *SIZE))
    preds = {
        version: np.where(random.random(target.shape) < share, (target + 1) % 3, target)
        for version, share in FLIPPED.items()
    }
    return target, preds


def iou(pred: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the IoU of each class, of all images together."""
    return np.array(
        [((pred == k) & (target == k)).sum() / ((pred == k) | (target == k)).sum() for k in range(3)]
    )


def write(folder: Path, masks: np.ndarray) -> Path:
    folder.mkdir()
    for i, mask in enumerate(masks):
        np.save(folder / f"{i}.npy", mask)
    return folder


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    """Runs of three versions, the last one first, and of a model that was trained on the images."""
    made = Workspace.init(tmp_path)
    target, preds = predictions()
    made.datasets.add(
        "noise",
        images=write(tmp_path / "image", target),
        targets=write(tmp_path / "target", target),
        classes=3,
        progress=False,
    )
    for version, pred in preds.items():
        made.models.add("net", predictions=write(tmp_path / version, pred))
    made.models.add("learned", predictions=tmp_path / "target", trained_on="noise")
    for version in ("v3", "v1", "v2"):
        made.run(f"net:{version}", "noise", progress=False)
    with pytest.warns(SegscoreWarning, match="was trained on"):
        made.run("learned", "noise", progress=False)
    return made


def test_runs_are_ordered_by_versions_and_then_by_when_they_were_run(ws: Workspace) -> None:
    ws.run("net:v1", "noise", again=True, progress=False)
    assert [run.id for run in earlier_first([*reversed(ws.runs())])] == ["r2", "r5", "r3", "r1", "r4"]


def test_metrics_and_classes_are_those_of_the_pixels(ws: Workspace) -> None:
    target, preds = predictions()
    found = compare_runs(earlier_first(ws.runs(model="net")))
    assert [run.model for run in found.runs] == ["net:v1", "net:v2", "net:v3"]
    assert (found.images, found.left_out, found.notes) == (IMAGES, 0, ())
    per_class = np.array([iou(pred, target) for pred in preds.values()])
    (mean,) = (row for row in found.metrics if row.metric == "mean_iou")
    assert mean.values == pytest.approx(per_class.mean(axis=1))
    assert mean.deltas == pytest.approx(per_class.mean(axis=1) - per_class[0].mean())
    assert (mean.best, mean.note) == ((False, True, False), "")
    (accuracy,) = (row for row in found.metrics if row.metric == "pixel_accuracy")
    assert accuracy.values == pytest.approx([(pred == target).mean() for pred in preds.values()])
    assert [row.metric for row in found.classes] == ["iou.0", "iou.1", "iou.2"]
    for k, row in enumerate(found.classes):
        assert row.values == pytest.approx(per_class[:, k])
        assert row.deltas == pytest.approx(per_class[:, k] - per_class[0, k])
        assert row.best == tuple(value == per_class[:, k].max() for value in per_class[:, k])
    two = compare(*(run.evaluation for run in found.runs[:2]))
    assert mean.deltas[1] == two["mean_iou"].b - two["mean_iou"].a


def test_a_model_that_was_trained_on_the_images_is_never_the_best(ws: Workspace) -> None:
    found = compare_runs(ws.runs())
    (mean,) = (row for row in found.metrics if row.metric == "mean_iou")
    assert mean.values[3] == 1
    assert mean.best == (False, False, True, False)
    text = str(found)
    assert "models that were trained on some of these images are not the best" in text
    assert f"{mean.values[2]:.4f}*" in text
    assert "1.0000*" not in text
    assert repr(found) == "<SideBySideRuns r1, r2, r3, r4: 4 images>"


def test_images_that_some_run_lacks_are_left_out(ws: Workspace, tmp_path: Path) -> None:
    target, preds = predictions()
    ws.datasets.add(
        "part",
        images=write(tmp_path / "less image", target[:3]),
        targets=write(tmp_path / "less", target[:3]),
        classes=3,
        progress=False,
    )
    ws.run("net:v2", "part", progress=False)
    found = compare_runs([ws.runs()[name] for name in ("r2", "r1", "r5")])
    assert (found.images, found.left_out) == (3, 1)
    (mean,) = (row for row in found.metrics if row.metric == "mean_iou")
    expected = [iou(preds[version][:3], target[:3]).mean() for version in ("v1", "v3", "v2")]
    assert mean.values == pytest.approx(expected)
    assert "on 3 images that all have scored; 1 other is left out" in " ".join(str(found).split())


def test_means_over_unlike_classes_are_compared_by_those_that_all_have(tmp_path: Path) -> None:
    ws = Workspace.init(tmp_path)
    target = np.array([[[0, 1, 2, 0, 1, 2]]])
    of = {"a": [[[1, 1, 2, 0, 1, 2]]], "b": [[[0, 1, 2, 0, 1, 3]]], "c": [[[0, 1, 2, 0, 1, 1]]]}
    ws.datasets.add(
        "few",
        images=write(tmp_path / "image", target),
        targets=write(tmp_path / "target", target),
        classes=4,
        progress=False,
    )
    for name, pred in of.items():
        ws.models.add(name, predictions=write(tmp_path / name, np.array(pred)))
        ws.run(name, "few", progress=False)
    found = compare_runs(ws.runs())
    (mean,) = (row for row in found.metrics if row.metric == "mean_iou")
    shared = [(1 / 2 + 2 / 3 + 1) / 3, (1 + 1 + 1 / 2) / 3, (1 + 2 / 3 + 1 / 2) / 3]
    assert mean.values == pytest.approx([shared[0], (1 + 1 + 1 / 2 + 0) / 4, shared[2]])
    assert mean.judged == pytest.approx(shared)
    assert mean.deltas == pytest.approx([value - shared[0] for value in shared])
    assert mean.best == (False, True, False)
    assert mean.note == "over 3 to 4 classes, compared by the 3 that all have"
    assert [row.metric for row in found.classes] == ["iou.0", "iou.1", "iou.2"]  # no target has the fourth


def test_shapes_are_compared_where_all_measured_them_alike(ws: Workspace) -> None:
    for version, options in (("v1", {"distances": True}), ("v2", {"distances": True, "boundary": 1})):
        ws.run(f"net:{version}", "noise", progress=False, **options)
    runs = ws.runs()
    both = compare_runs([runs["r5"], runs["r6"]])
    (hd95,) = (row for row in both.metrics if row.metric == "mean_hd95")
    assert hd95.values == (runs["r5"].metrics["mean_hd95"], runs["r6"].metrics["mean_hd95"])
    assert hd95.best == tuple(value == min(hd95.values) for value in hd95.values)
    assert both.notes == ("boundaries are not compared: measured of r6 alone",)
    three = compare_runs([runs["r5"], runs["r6"], runs["r1"]])
    assert not [row for row in three.metrics if "hd95" in row.metric]
    assert "surfaces are not compared: measured of r5 alone" in three.notes


def test_what_cannot_be_compared_is_said(ws: Workspace, tmp_path: Path) -> None:
    runs = ws.runs()
    assert refused(ArgumentError, compare_runs, runs[:1]) == (
        "1 run to compare, expected 2 to 10\nhint: choose as many"
    )
    assert refused(ArgumentError, compare_runs, [*runs] * 3).startswith(
        "12 runs to compare, expected 2 to 10"
    )
    assert refused(ArgumentError, compare_runs, [runs[0], runs[1], runs[0]]) == (
        "run r1 was chosen twice\nhint: choose others"
    )
    ws.datasets.add("four", targets=tmp_path / "target", classes=4, progress=False)
    ws.run("net:v1", "four", progress=False)
    assert refused(ArgumentError, compare_runs, [runs[0], ws.runs()["r5"]]).startswith(
        "two runs (r1 and r5) with different classes cannot be compared: `names`"
    )
    target, _ = predictions()
    ws.datasets.add("other", targets=write(tmp_path / "other", 2 - target), classes=3, progress=False)
    ws.run("net:v1", "other", progress=False)
    assert "target" in refused(ArgumentError, compare_runs, [runs[0], ws.runs()["r6"]])
