"""What was measured of shapes in tables of groups, in LaTeX and in data frames."""

import re

import numpy as np
import pytest

from segscore.pages.report import report_page
from support.pages import Page
from support.shapes import shaped


def time_of(name):
    return name.split("_")[0]


@pytest.fixture(scope="module")
def ev():
    return shaped()


def test_groups_have_a_further_table(ev):
    groups = ev.group_by(time_of)
    below = str(groups).partition("\n\n")[2].split("\n")
    assert below[:2] == [
        "boundaries and surfaces:",
        "group  boundary IoU  Dice@1px  Dice@2px  HD95 px  ASSD px  missed  invented",
    ]
    assert below[4:] == ["", "surfaces of voxels beside another label, in px (no spacing was given)"]
    for line, (name, group) in zip(below[2:4], groups.items(), strict=True):
        numbers = (group.boundary.mean_iou, group.surface.mean_dice(1), group.surface.mean_dice(2))
        assert line.split() == [
            name,
            *(f"{value:.4f}" for value in numbers),
            "inf",
            "inf",
            str(group.surface.missed.sum()),
            str(group.surface.invented.sum()),
        ]


def test_groups_of_pixels_alone_have_none(ev):
    assert "boundaries" not in str(shaped(boundary=None, distances=False).group_by(time_of))
    assert "missed" not in str(shaped(distances=False).group_by(time_of))


def test_columns_that_have_no_room_are_below():
    text = str(shaped(tolerances=(1, 2, 3, 4), boundary=(1, 2)).group_by(time_of))
    assert max(map(len, text.split("\n"))) <= 80
    heads = [line for line in text.split("\n")[1:] if line.startswith("group")]
    assert len(heads) == 2
    titles = [title for head in heads for title in re.split("  +", head)[1:]]
    assert titles == [
        *("boundary IoU in 1 px", "boundary IoU in 2 px"),
        *("Dice@1px", "Dice@2px", "Dice@3px", "Dice@4px", "HD95 px", "ASSD px", "missed", "invented"),
    ]


def test_scenarios_of_a_page_have_them(ev):
    page = Page(report_page(ev, attributes={"time": time_of}))
    rows = {row[0]: row[1:] for row in page.id("scenario-shapes-1").rows()}
    for name, group in ev.group_by(time_of).items():
        numbers = (group.boundary.mean_iou, group.surface.mean_dice(1), group.surface.mean_dice(2))
        assert rows[name] == [*(f"{value:.4f}" for value in numbers), "infinite", "infinite"]
    titles = {th.text: th.attributes.get("data-worst") for th in page.id("scenario-shapes-1").every("th")}
    assert titles["mean HD95 in px"] == "high"
    assert titles["mean boundary IoU"] is None
    without = Page(report_page(shaped(boundary=None, distances=False), attributes={"time": time_of}))
    assert "scenario-table-1" in {e.attributes.get("id") for e in without.root.every("table")}
    assert "scenario-shapes-1" not in {e.attributes.get("id") for e in without.root.every("table")}


def test_latex_has_a_table_of_each(ev):
    text = ev.to_latex()
    assert text.startswith(ev.scores.to_latex())
    blocks = text.split("\n\n")
    assert [block.split("\n")[0] for block in blocks[1:]] == [
        "% boundaries",
        "% boundary or region",
        "% surfaces",
    ]
    road = [line for block in blocks[1:] for line in block.split("\n") if line.startswith("road")]
    iou, lower, trimap = ev.boundary.iou["road"], ev.boundary.min_iou["road"], ev.boundary.trimap_iou["road"]
    assert road[0] == rf"road & {iou:.4f} & {lower:.4f} & {trimap:.4f} \\"
    assert len(road) == 3
    assert all(block.count(r"\begin{tabular}") == block.count(r"\end{tabular}") == 1 for block in blocks)
    assert shaped(boundary=None, distances=False).to_latex().count("tabular") == 2


def test_markdown_has_a_title_above_each_table(ev):
    blocks = ev.to_markdown().split("\n\n")
    titles = [i for i, block in enumerate(blocks) if block.startswith("### ")]
    assert [blocks[i] for i in titles] == ["### boundaries", "### boundary or region", "### surfaces"]
    assert all(blocks[i + 1].startswith("| class |") for i in titles)


@pytest.mark.parametrize("backend", ["pandas", "polars", "pyarrow"])
def test_frames_have_a_row_a_class(ev, backend):
    pytest.importorskip(backend)
    boundary, surface = ev.boundary.to_frame(backend), ev.surface.to_frame(backend)
    columns = surface.column_names if backend == "pyarrow" else list(surface.columns)
    assert columns == ["name", "dice@1", "dice@2", "hd", "hd95", "assd", "masd", "missed", "invented"]
    assert len(boundary) == len(surface) == 4


def test_columns_are_those_of_python(ev):
    columns = ev.surface.columns()
    assert columns["name"].tolist() == ["road", "car", "sign", "tree"]
    np.testing.assert_array_equal(columns["dice@2"], ev.surface.dice(2))
    np.testing.assert_array_equal(columns["hd95"], ev.surface.mean_hausdorff(95).per_class)
    assert columns["missed"].tolist() == [0, 1, 0, 0]
    assert columns["invented"].tolist() == [0, 0, 2, 0]
    np.testing.assert_array_equal(ev.boundary.columns()["min_iou"], ev.boundary.min_iou)
    assert [row["name"] for row in ev.to_dict()["surface"]["per_class"]] == columns["name"].tolist()


def test_a_background_has_no_row_of_surfaces():
    binary = shaped(images=1, classes=("background", "car"))
    assert binary.surface.columns()["name"].tolist() == ["car"]
