"""Runs as tables: models against datasets, columns, data frames, and the files that `export` writes."""

import sys

from segscore import Workspace
from support.some_runs import add_function, add_images, run, ws

__all__ = ["ws"]


def test_a_grid_keeps_the_order_in_which_pairs_were_run(ws: Workspace) -> None:
    add_function(ws)
    add_function(ws, "logits", "other", class_axis=0)
    add_images(ws, groups=r"(\d)$")
    for model, dataset in (("other", "noise:v1"), ("net", "noise:v1"), ("net", "noise:v2")):
        run(ws, model, dataset)
    run(ws, "other", "noise:v1", again=True)
    plain, ranked = ws.runs().grid(), ws.runs(sort="mean_iou").grid()
    assert [found.id for found in ws.runs(sort="mean_iou")] == ["r2", "r3", "r1", "r4"]
    for grid in (plain, ranked):
        assert (grid.models, grid.datasets) == (("other:v1", "net:v1"), ("noise:v1", "noise:v2"))
        assert [grid.runs[pair].id for pair in sorted(grid.runs)] == ["r2", "r3", "r4"]
    value = {pair: f"{plain.values[pair]:.4f}" for pair in plain.values}
    assert str(ranked) == str(plain)
    assert str(plain).splitlines() == [
        "mean_iou   noise:v1   noise:v2",
        f"other:v1     {value['other:v1', 'noise:v1']}",
        f"net:v1      {value['net:v1', 'noise:v1']}*     {value['net:v1', 'noise:v2']}",
        "",
        "* the best on its dataset; scores on other datasets or versions do not compare",
    ]
    assert str(ws.runs(dataset="noise:v1").grid()).endswith("\n\n* the best on its dataset")


def test_a_grid_shows_the_latest_of_runs_that_scored_differently(ws: Workspace) -> None:
    # Runs of one version score the same, unless its code calls what is not part of it.
    (ws.path / "nets_changing.py").write_text(
        "import sys\ndef f(image):\n    return (image[..., 0] + sys.offset) % 3\n"
    )
    ws.models.add("net", python="nets_changing:f")
    try:
        for sys.offset in (1, 2, 0):  # type: ignore[attr-defined]
            run(ws, again=True)
    finally:
        del sys.offset  # type: ignore[attr-defined]
    assert ws.runs(sort="mean_iou")[0].id == "r3"
    for found in (ws.runs(), ws.runs(sort="mean_iou")):
        (latest,) = found.grid().runs.values()
        assert latest.id == "r3"
