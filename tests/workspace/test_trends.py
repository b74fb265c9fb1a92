"""One metric over the versions of a model: which runs it is of, and what changed from one to the next."""

import math
from pathlib import Path

import numpy as np
import pytest

from segscore import ArgumentError, SegscoreWarning, Workspace
from segscore.workspace import Runs
from support.refused import refused

TARGET = np.array([[0, 0, 0, 0, 1, 1, 1, 1]])
WRONG = {"v1": 3, "v2": 1, "v3": 2}
"""Pixels of class 1 that each version takes for class 0."""


def iou(wrong: int) -> tuple[float, float]:
    """Return the IoU of both classes."""
    return 4 / (4 + wrong), (4 - wrong) / 4


def mean(wrong: int) -> float:
    return sum(iou(wrong)) / 2


def add_version(ws: Workspace, version: str, labels: np.ndarray) -> None:
    folder = ws.path / version
    folder.mkdir()
    np.save(folder / "a.npy", labels)
    ws.models.add("net", predictions=folder, version=version)


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    """Four versions of a model, of which the last was not run, and two versions of a dataset."""
    made = Workspace.init(tmp_path)
    for side, labels in {"image": TARGET, "target": TARGET, "other": 1 - TARGET}.items():
        (tmp_path / side).mkdir()
        np.save(tmp_path / side / "a.npy", labels)
    for targets in ("target", "other"):
        made.datasets.add(
            "streets", images=tmp_path / "image", targets=tmp_path / targets, classes=2, progress=False
        )
    for version, wrong in WRONG.items():
        labels = TARGET.copy()
        labels[0, 4 : 4 + wrong] = 0
        add_version(made, version, labels)
    add_version(made, "v4", TARGET)
    made.models.add("other", predictions=tmp_path / "v1")
    # Not in the order of versions.
    for model in ("net:v3", "net:v1", "other", "net:v2"):
        made.run(model, "streets:v1", progress=False)
    made.run("net:v2", "streets:v2", progress=False)
    return made


def test_points_are_in_the_order_of_versions_with_the_change_from_the_one_before(ws: Workspace) -> None:
    trend = ws.runs().trend("net")
    assert (trend.model, trend.metric, trend.versions) == ("net", "mean_iou", ("v1", "v2", "v3", "v4"))
    assert trend.datasets == ("streets:v1", "streets:v2")
    points = trend.points("streets:v1")
    assert [(one.version, one.run.id) for one in points] == [("v1", "r2"), ("v2", "r4"), ("v3", "r1")]
    values = [mean(wrong) for wrong in WRONG.values()]
    assert [one.value for one in points] == pytest.approx(values)
    assert math.isnan(points[0].change)
    assert [one.change for one in points[1:]] == pytest.approx(np.diff(values))
    (only,) = trend.points("streets:v2")
    assert (only.run.id, math.isnan(only.change)) == ("r5", True)
    assert trend.points("avenues:v1") == ()
    assert repr(trend) == "<Trend of mean_iou: 4 versions of net on 2 datasets>"


def test_any_metric_has_a_trend_and_the_latest_run_of_a_version_is_taken(ws: Workspace) -> None:
    again = ws.run("net:v1", "streets:v1", again=True, progress=False)
    points = ws.runs().trend("net", "iou.1").points("streets:v1")
    assert [one.value for one in points] == [iou(wrong)[1] for wrong in WRONG.values()]
    assert points[0].run.id == again.id == "r6"
    assert ws.runs(sort="mean_iou").trend("net", "iou.1").points("streets:v1") == points


def test_a_trend_is_written_as_a_table(ws: Workspace) -> None:
    a, b, c = (mean(wrong) for wrong in WRONG.values())
    other = ws.runs()["r5"].metrics["mean_iou"]
    assert [line.split() for line in str(ws.runs().trend("net")).splitlines()] == [
        ["mean_iou", "streets:v1", "change", "streets:v2", "change"],
        ["net:v1", f"{a:.4f}", "—"],
        ["net:v2", f"{b:.4f}", f"{b - a:+.4f}", f"{other:.4f}", "—"],
        ["net:v3", f"{c:.4f}", f"{c - b:+.4f}"],
        ["net:v4"],
    ]


def test_versions_over_unlike_classes_change_by_the_mean_over_those_that_all_have(tmp_path: Path) -> None:
    ws = Workspace.init(tmp_path)
    target = np.array([[0, 1, 2, 0, 1, 2]])
    for side in ("image", "target"):
        (tmp_path / side).mkdir()
        np.save(tmp_path / side / "a.npy", target)
    ws.datasets.add(
        "streets", images=tmp_path / "image", targets=tmp_path / "target", classes=4, progress=False
    )
    for version, labels in {"v1": [[1, 1, 2, 0, 1, 2]], "v2": [[0, 1, 2, 0, 1, 3]]}.items():
        add_version(ws, version, np.array(labels))
        ws.run(f"net:{version}", "streets", progress=False)
    trend = ws.runs().trend("net")
    first, second = trend.points("streets:v1")
    # v2 alone predicts class 3, with an IoU of 0.
    assert first.value == pytest.approx((1 / 2 + 2 / 3 + 1) / 3)
    assert second.value == pytest.approx((1 + 1 + 1 / 2 + 0) / 4)
    assert second.change == pytest.approx((1 + 1 + 1 / 2) / 3 - (1 / 2 + 2 / 3 + 1) / 3)
    assert "means on streets:v1 are over unlike classes (3 and 4)" in " ".join(str(trend).split())
    # A run that is damaged is not judged, and changes nothing for the others.
    add_version(ws, "v3", target)
    last = ws.run("net:v3", "streets", progress=False)
    (last.folder / "evaluation.npz").unlink()
    with pytest.warns(SegscoreWarning, match="run r3 is left out: .*: cannot be read: No such file"):
        points = ws.runs().trend("net").points("streets:v1")
    assert points[:2] == (first, second)
    assert (points[2].value, math.isnan(points[2].change)) == (1.0, True)


def test_a_grid_of_chosen_models_is_in_their_order(ws: Workspace) -> None:
    grid = ws.runs().grid(models=["net:v2", "net:v1"])
    assert (grid.models, grid.datasets) == (("net:v2", "net:v1"), ("streets:v1", "streets:v2"))
    assert grid.best == {"streets:v1": pytest.approx(mean(WRONG["v2"]))}
    assert set(grid.runs) == {
        ("net:v2", "streets:v1"),
        ("net:v2", "streets:v2"),
        ("net:v1", "streets:v1"),
    }


def test_what_has_no_trend_is_said(ws: Workspace) -> None:
    assert refused(ArgumentError, ws.runs().trend, "nett") == (
        "there is no model with a run `nett`\nhint: the nearest is `net`"
    )
    assert refused(ArgumentError, Runs([]).trend, "net") == (
        "there is no run of model `net`, nor any other run\nhint: `segscore run` makes one"
    )
    assert refused(ArgumentError, ws.runs().trend, "net", "iou.car").startswith("there is no class `car`")
