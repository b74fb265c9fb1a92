"""Listings, tables and comparisons of runs of which some measured shapes, and not all in the same way."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyarrow import parquet

from segscore import ArgumentError, SegscoreWarning, Workspace, compare
from support import some_runs
from support.command_line import failed, printed
from support.command_line import run as command
from support.refused import refused
from support.some_runs import add_function, interrupted, run

ws = some_runs.ws


FLAT = "def flat(image):\n    return image[..., 0] * 0\ndef more(image):\n    return image[..., 0] % 4\n"
"""Functions of which one finds a class alone, and the other one all of four."""


def cells(line: str) -> list[str]:
    return line.split()[:-2]


@pytest.fixture
def shapes(ws: Workspace) -> Workspace:
    """Runs without shapes, with bands, with surfaces in pixels of two models, and in millimetres."""
    add_function(ws)
    add_function(ws, "logits", "other", class_axis=0)
    run(ws)
    run(ws, boundary="5%")
    run(ws, distances=True)
    run(ws, "other", distances=True, boundary=1)
    run(ws, distances=True, spacing=(2, 0.7))
    return ws


def test_what_a_run_measured_is_listed_and_on_its_page(shapes: Workspace) -> None:
    lines = printed("runs").splitlines()
    assert lines[0].split() == ["run", "model", "dataset", "mean_iou", "shapes", "images", "ended", "(UTC)"]
    assert [line[35:45].strip() for line in lines[1:6]] == ["", "bands", "surfaces", "both", "surfaces"]
    pages = [" ".join(printed("show", f"r{i}").split()) for i in (1, 2, 5)]
    given = "options: batch 1, interpolation bilinear"
    assert f"{given} predictions: " in pages[0]
    assert f"{given}, measures bands of 5 % of the diagonal predictions: " in pages[1]
    assert f"{given}, measures distances of surfaces (area, spacing 2 x 0.7 mm) predictions: " in pages[2]
    assert "mean boundary IoU" not in pages[0]
    found = shapes.runs()
    assert f"mean boundary IoU {found['r2'].evaluation.boundary.mean_iou:.6f}, in a band" in pages[1]
    assert f"mean HD95 {found['r5'].evaluation.surface.mean_hausdorff(95).value:.6f} mm" in pages[2]


def test_numbers_of_shapes_are_kept_with_the_others(shapes: Workspace) -> None:
    kept = [set(run.metrics) for run in shapes.runs()]
    assert [one - kept[0] for one in kept] == [
        set(),
        {"mean_boundary_iou"},
        distances := {"mean_surface_dice@1", "mean_surface_dice@2", "mean_hd95", "mean_assd"},
        distances | {"mean_boundary_iou"},
        distances,
    ]
    one = shapes.runs()["r3"]
    images = one.evaluation.surface.images.hausdorff(95)
    assert one.metrics["mean_hd95"] == pytest.approx(np.nanmean(images, axis=0).mean())
    assert one.metric("hd95.1") == pytest.approx(np.nanmean(images[:, 1]))
    columns = shapes.runs().columns()
    assert np.isnan(columns["mean_hd95"]).tolist() == [True, True, False, False, False]
    assert json.loads(columns["options"][1])["measures"]["boundary"] == [0.05]


def test_runs_are_listed_and_sorted_by_numbers_of_shapes(shapes: Workspace) -> None:
    value = {run.id: run.find("mean_hd95") for run in shapes.runs()}
    assert (value["r1"], value["r2"]) == (None, None)
    text = printed("runs", "--metric", "mean_hd95", "--metric", "hd95.2")
    assert [cells(line)[3] for line in text.splitlines()[1:4]] == ["—", "—", f"{value['r3']:.4f}"]
    apart = (
        "mean_hd95 on noise:v1 does not compare: r3 measures distances of surfaces (voxels), r5 distances of "
        "surfaces (area, spacing 2 x 0.7 mm)"
    )
    assert apart in " ".join(text.split())
    assert apart not in " ".join(printed("runs").split())
    order = [run.id for run in shapes.runs(sort="mean_hd95")]
    least = sorted(("r3", "r4", "r5"), key=lambda name: value[name] or math.inf)
    assert order == [*least, "r1", "r2"]
    assert refused(ArgumentError, run(shapes, again=True).metric, "mean_hd95") == (
        "distances of surfaces were not measured\n"
        "hint: evaluate with `distances=True`: counts of pixels do not say where these are"
    )


def test_the_best_is_marked_among_runs_that_measured_alike(shapes: Workspace) -> None:
    apart = shapes.runs().grid("mean_hd95")  # r4 in pixels, r5 in millimetres
    assert (apart.best, [*apart.apart]) == ({}, ["noise:v1"])
    text = printed("runs", "--grid", "--metric", "mean_hd95")
    assert "*" not in text.split("\n\n")[0]
    assert (
        "mean_hd95 on noise:v1 does not compare: r5 measures distances of surfaces (area, spacing 2 x 0.7 mm)"
        ", r4 bands of 1 px and distances of surfaces (voxels)"
    ) in " ".join(text.split())
    shapes.remove("r5")
    alike = shapes.runs().grid("mean_hd95")  # r3 without bands, of which distances do not hang
    values = {model: run.metrics["mean_hd95"] for (model, _), run in alike.runs.items()}
    assert alike.apart == {}
    assert alike.best == {"noise:v1": min(values.values())}
    assert shapes.runs().grid("mean_iou").apart == {}
    assert [*shapes.runs().grid("mean_boundary_iou").apart] == []  # the latest run of net has no bands


def test_a_run_that_is_damaged_hides_no_other_one(shapes: Workspace) -> None:
    (shapes.runs()["r3"].folder / "evaluation.npz").write_bytes(b"damaged")
    text = printed("runs", "--metric", "mean_hd95")
    assert f"{shapes.runs()['r3'].metrics['mean_hd95']:.4f}" in text
    # What it has measured is known without its evaluation.
    assert "mean_hd95 on noise:v1 does not compare: r3 measures" in " ".join(text.split())
    for name in ("r4", "r5"):
        (shapes.runs()[name].folder / "evaluation.npz").write_bytes(b"damaged")
    assert "does not compare" not in printed("runs", "--metric", "mean_hd95")


def test_a_damaged_run_over_other_classes_is_never_the_best(ws: Workspace) -> None:
    """What can be read is alike, of one run alone or none; the damaged one is over other classes."""
    with Path("nets.py").open("a") as file:
        file.write(FLAT)
    ws.datasets.add("two", images="image", targets="target", classes=4, ignore_index=255, progress=False)
    for name, function in (("other", "more"), ("again", "more"), ("good", "labels")):
        add_function(ws, function, name)
        run(ws, name, "two")
    for i in range(1, 4):
        values = ws.runs()["r1"].metrics["mean_iou"], ws.runs()["r2"].metrics["mean_iou"]
        (ws.runs()[f"r{4 - i}"].folder / "evaluation.npz").write_bytes(b"damaged")
        with pytest.warns(SegscoreWarning, match="is left out"):
            grid = Workspace(ws.path).runs().grid("mean_iou")
        found = grid.unlike["two:v1"]
        assert np.isnan(found.values).tolist() == [one >= 3 - i for one in range(3)]
        assert found.values[: 3 - i] == values[: 3 - i]
        assert (found.covers, found.shared) == ((4, 4, 3), 4 if i < 3 else 3)
        assert grid.best == ({"two:v1": values[0]} if i == 1 else {})
        assert not grid.is_best("good:v1", "two:v1")
        assert "means on two:v1 are over unlike classes (3 to 4)" in " ".join(str(grid).split())
        with pytest.warns(SegscoreWarning, match="is left out"):
            runs = Workspace(ws.path).runs(sort="mean_iou")
        assert [run.id for run in runs] == ["r1", "r2", "r3"]


def test_means_of_shapes_are_taken_as_they_are_over_unlike_classes(ws: Workspace) -> None:
    Path("nets.py").write_text(FLAT)
    ws.datasets.add("two", images="image", targets="target", classes=4, ignore_index=255, progress=False)
    for name in ("flat", "more"):
        add_function(ws, name, name)
        run(ws, name, "two", boundary=1, distances=True)
    grid = ws.runs().grid("mean_boundary_iou")
    assert grid.unlike == {}
    assert grid.values["more:v1", "two:v1"] == ws.runs()["r2"].evaluation.boundary.mean_iou
    assert ws.runs()["r1"].metrics["mean_hd95"] == math.inf
    assert [run.id for run in ws.runs(sort="mean_surface_dice@1")] == ["r2", "r1"]
    assert "inf" in printed("runs", "--grid", "--metric", "mean_hd95")


def test_runs_with_and_without_shapes_are_compared(shapes: Workspace) -> None:
    text = printed("compare", "r1", "r3")
    assert "surfaces are not compared: measured of net:v1 (r3) alone" in " ".join(text.split())
    text = printed("compare", "r3", "r4")
    two = [shapes.evaluation(name) for name in ("r3", "r4")]
    found = {one.name: one for one in compare(*two).differences}
    assert found["mean_surface_dice@2"].a == shapes.runs()["r3"].metrics["mean_surface_dice@2"]
    assert "mean_sur…_dice@2" in text
    assert "boundaries are not compared: measured of other:v1 (r4) alone" in " ".join(text.split())
    apart = "surfaces are not compared: (voxels) in net:v1 (r3), (area, spacing 2 x 0.7 mm) in net:v1 (r5)"
    assert apart in " ".join(printed("compare", "r3", "r5").split())


def test_tables_of_runs_hold_what_is_infinite(ws: Workspace) -> None:
    Path("nets.py").write_text(FLAT)
    add_function(ws, "flat", "flat")
    run(ws, "flat", distances=True)
    run(ws, "flat")
    assert math.isinf(Workspace(ws.path).runs()["r1"].metrics["mean_hd95"])
    for ending in ("json", "csv", "parquet"):
        assert command("export", f"runs.{ending}").exit_code == 0
    assert parquet.read_table("runs.parquet").to_pydict()["mean_hd95"][0] == math.inf
    assert [row["mean_hd95"] for row in json.loads(Path("runs.json").read_text())] == ["inf", None]
    assert command("export", "images.csv", "--images").exit_code == 0
    assert "hd95" in Path("images.csv").read_text().splitlines()[0]


@pytest.mark.parametrize(
    ("options", "given"),
    [
        ({"boundary": "2%"}, "--boundary 0.02"),
        ({"boundary": (1, 3), "distances": True}, "--boundary 1,3 --distances"),
        (
            {"distances": True, "spacing": (2, 0.7), "tolerances": (0.5, 1.5), "empty": 9, "within": 4},
            "--distances --spacing 2,0.7 --within 4 --tolerances 0.5,1.5 --empty 9",
        ),
        ({"distances": True, "surface": "area"}, "--distances --surface area"),
    ],
)
def test_the_command_that_goes_on_with_a_run_measures_the_same(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch, options: Any, given: str
) -> None:
    add_function(ws)
    monkeypatch.setattr("segscore.workspace.runs.running.KEEP_EVERY", 0.0)
    interrupted(ws, **options)
    told = " ".join(printed("runs").split())
    assert f"interrupted; `segscore run net:v1 --on noise:v1 {given}` goes on with it" in told
    printed("run", "net:v1", "--on", "noise:v1", *given.split(), "--no-progress")
    assert [one.id for one in ws.runs()] == ["r1"]
    assert ws.unfinished() == []


def test_options_of_the_command_are_those_of_evaluate(ws: Workspace, monkeypatch: Any) -> None:
    add_function(ws)
    seen: list[dict[str, Any]] = []
    real: Callable[..., Any] = Workspace.run

    def spy(self: Workspace, *given: Any, **options: Any) -> Any:
        seen.append(options)
        return real(self, *given, **options)

    monkeypatch.setattr(Workspace, "run", spy)
    options = (
        "--boundary",
        "2%,10%",
        "--distances",
        "--spacing",
        "3,0.8",
        "--tolerance",
        "1,2.5",
        "--empty",
        "374",
    )
    printed("run", "net", "--on", "noise", "--no-progress", *options)
    assert {name: seen[0][name] for name in ("boundary", "distances", "spacing", "tolerances", "empty")} == {
        "boundary": ["2%", "10%"],
        "distances": True,
        "spacing": [3.0, 0.8],
        "tolerances": [1.0, 2.5],
        "empty": 374.0,
    }
    assert "surface" not in seen[0]
    assert failed(command("run", "net", "--on", "noise", "--tolerance", "2")) == (
        "`--tolerance` is given without `--distances`\n"
        "hint: distances between surfaces are asked for with `--distances`"
    )
    assert failed(command("run", "net", "--on", "noise", "--distances", "--spacing", "1;2")) == (
        "`--spacing` is '1;2', expected finite numbers with commas between\n"
        "hint: write the distance along each axis, such as 3,0.8,0.8"
    )
