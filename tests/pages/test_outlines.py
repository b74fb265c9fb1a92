"""Outlines of objects that may overlap: where they lie, and what their colours say."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from segscore import Evaluation
from segscore.io.places import Files
from segscore.pages.outlines import OUTLINES, outlines_of
from segscore.results.copies import with_files
from support import detections
from support.masks_on_disk import pixels as shown

MATCHED, WRONG, OTHER = OUTLINES.values()
NONE = (0, 0, 0)
# Two targets that overlap, of which one is found, and one that is not; a crowd; an invented prediction.
TARGETS = [(5, 5, 20, 20, 0), (15, 15, 20, 20, 0), (40, 40, 10, 10, 0), (2, 45, 30, 10, 1)]
PREDICTED = [(5, 5, 20, 20), (15, 15, 20, 20), (40, 5, 12, 12), (4, 46, 10, 6)]


def evaluated(folder: Path) -> Evaluation:
    """Return the evaluation of one image of 60 x 60."""
    target = detections.targets(1)
    target["annotations"] = [
        {
            "id": number,
            "image_id": 1,
            "category_id": 1,
            "iscrowd": crowd,
            "area": width * height,
            "segmentation": detections.polygon(x, y, width, height),
        }
        for number, (x, y, width, height, crowd) in enumerate(TARGETS)
    ]
    pred = [
        {"image_id": 1, "category_id": 1, "score": 0.5, "segmentation": detections.polygon(*box)}
        for box in PREDICTED
    ]
    return detections.evaluated(folder, target, pred)


def lines(boxes: list[tuple[Any, ...]], colours: list[tuple[int, ...]], width: int) -> Any:
    """Return the colour of each pixel, those of later boxes over those of earlier ones."""
    found = np.zeros((60, 60, 3), np.uint8)
    for (x, y, across, down, *_), colour in zip(boxes, colours, strict=True):
        inside = np.zeros((60, 60), bool)
        inside[y : y + down, x : x + across] = True
        inside[y + width : y + down - width, x + width : x + across - width] = False
        found[inside] = colour
    return found


def test_outlines_have_the_colour_of_what_became_of_an_object(tmp_path: Path) -> None:
    found = outlines_of(evaluated(tmp_path), 0)
    assert found.reason == ""
    order = [3, 0, 1, 2]  # what is not counted is lowest, and what is wrong uppermost
    colours = [OTHER, MATCHED, MATCHED, WRONG]
    for png, boxes in ((found.target, TARGETS), (found.pred, PREDICTED)):
        np.testing.assert_array_equal(shown(png), lines([boxes[i] for i in order], colours, 2))


@pytest.mark.parametrize("scale", [1, 3])
def test_they_lie_over_the_photograph(tmp_path: Path, scale: int) -> None:
    ev = evaluated(tmp_path)
    Image.new("RGB", (60 * scale, 60 * scale), (9, 8, 7)).save(tmp_path / "a.png")
    ev = with_files(ev, {ev.names[0]: Files(None, None, str(tmp_path / "a.png"))})
    picture = shown(outlines_of(ev, 0).pred)
    expected = lines([PREDICTED[i] for i in (3, 0, 1, 2)], [OTHER, MATCHED, MATCHED, WRONG], 2)
    expected[(expected == 0).all(axis=-1)] = (9, 8, 7)
    np.testing.assert_array_equal(picture, expected)
    Image.new("RGB", (60, 90)).save(tmp_path / "a.png")  # of another shape, so not of this image
    assert NONE in {tuple(one) for one in shown(outlines_of(ev, 0).pred).reshape(-1, 3).tolist()}


def test_lines_of_large_images_are_seen_in_small_pictures(tmp_path: Path) -> None:
    png = outlines_of(evaluated(tmp_path), 0, side=20).target
    picture = shown(png)
    assert picture.shape[:2] == (20, 20)
    # The square from row and column 40 to 50 is 3 pixels of the picture wide, and its line all of it.
    assert (picture[14:16, 14:16] == WRONG).all()


def test_why_there_are_none_is_said(tmp_path: Path) -> None:
    ev = evaluated(tmp_path)
    (tmp_path / "pred.json").write_text(json.dumps([]))
    assert outlines_of(ev, 0).reason == "the masks have changed since they were scored"
    (tmp_path / "pred.json").unlink()
    said = "the files of annotations and results are no longer where they were"
    assert outlines_of(ev, 0) == (b"", b"", said)
