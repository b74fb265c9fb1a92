"""VIA's JSON: shapes of all kinds, exports and projects, the attribute that is the class, what is wrong."""

from pathlib import Path
from typing import Any

import numpy as np

from segscore import FileFormatError
from segscore.io.annotations.reading import read_annotations
from support.annotated import CAR, DOG, HEIGHT, WIDTH, bits, classes_of, findings, planes, written
from support.refused import refused

SIZE = (WIDTH, HEIGHT)


def outline(box: tuple[int, int, int, int]) -> dict[str, Any]:
    x, y, across, down = box
    xs, ys = [x, x + across, x + across, x], [y, y, y + down, y + down]
    return {"name": "polygon", "all_points_x": xs, "all_points_y": ys}


def region(shape: object, **attributes: object) -> dict[str, Any]:
    return {"shape_attributes": shape, "region_attributes": attributes}


def file(*regions: object, name: object = "a.b.jpg") -> dict[str, Any]:
    return {f"{name}71410": {"filename": name, "size": 71410, "regions": [*regions], "file_attributes": {}}}


def test_shapes_of_all_kinds(tmp_path: Path) -> None:
    x, y, width, height = DOG
    shapes = [
        region(outline(CAR), kind="car"),
        region(
            {"name": "rect", "x": x, "y": y, "width": width, "height": height},
            kind={"dog": True, "cat": False},
        ),
        region({"name": "circle", "cx": 4, "cy": 3, "r": 2}, kind="car "),
        region({"name": "ellipse", "cx": 4, "cy": 3, "rx": 3, "ry": 1, "theta": 0}, kind="car"),
        region({"name": "polyline", "all_points_x": [1, 2], "all_points_y": [1, 2]}, kind="car"),
        region({"name": "point", "cx": 1, "cy": 2}, kind="car"),
    ]
    found = read_annotations(written(tmp_path, {**file(*shapes), **file(name="c.jpg")}), size=SIZE)
    assert (found.format, found.names, classes_of(found)) == (
        "via",
        ("car", "dog"),
        ["car", "dog", "car", "car"],
    )
    assert [one.tolist() for one in planes(found)[:2]] == [bits(CAR).tolist(), bits(DOG).tolist()]
    assert found.images[0].masks.boxes().tolist()[2] == [2, 1, 4, 4]
    assert abs(planes(found)[3].sum() - 3 * np.pi) < 2
    assert [one.image.name for one in found.images] == ["a.b", "c"]
    assert found.facts[2:] == ("2 left out: lines and points, which have no area",)
    lines = written(tmp_path, file(*shapes[-2:]))
    assert refused(FileFormatError, lambda: read_annotations(lines, size=SIZE)) == (
        f"{lines}: none of 2 objects has a mask\nhint: scores are of masks, not of lines and points"
    )


def test_projects_and_files_of_before(tmp_path: Path) -> None:
    old = file()
    old["a.b.jpg71410"]["regions"] = {"0": region(outline(CAR)), "1": region(outline(DOG))}
    for content in (old, {"_via_settings": {}, "_via_img_metadata": old}):
        found = read_annotations(written(tmp_path, content), size=SIZE)
        assert (found.names, [one.tolist() for one in planes(found)]) == (
            ("object",),
            [bits(CAR).tolist(), bits(DOG).tolist()],
        )


def test_the_attribute_that_is_the_class_must_be_told(tmp_path: Path) -> None:
    path = written(tmp_path, file(region(outline(CAR), kind="car", colour="red")))
    assert refused(FileFormatError, lambda: read_annotations(path, size=SIZE)) == (
        f"{path}: expected one attribute of regions, found kind, colour\n"
        "hint: `read_annotations` takes as `attribute` which one is the class"
    )
    assert read_annotations(path, size=SIZE, attribute="colour").names == ("red",)
    assert findings(path, size=SIZE, attribute="age") == [
        "a.b.jpg71410, regions[0]: expected a class as the attribute age, found none"
    ]


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    shapes = [
        3,
        region(3),
        region({"name": ["cube"]}),
        region({**outline(CAR), "all_points_x": [1, 2, 3]}),
        region({"name": "polygon", "all_points_x": [1, 2], "all_points_y": [1, 2]}),
        region({"name": "polygon", "all_points_x": [1, 2, "3"], "all_points_y": [1, 2, 3]}),
        region({"name": "rect", "x": 1}),
        region({"name": "circle", "cx": 1, "cy": 2, "r": None}),
    ]
    assert findings(written(tmp_path, file(*shapes)), size=SIZE) == [": expected a region, found 3"]
    content = {**file(*shapes[1:]), "b": {"filename": 3, "regions": []}, **file(name="a.b.png")}
    assert findings(written(tmp_path, content), size=SIZE) == [
        "a.b.jpg71410, regions[0]: expected `shape_attributes`, found 3",
        "a.b.jpg71410, regions[1]: expected a shape of VIA, found ['cube']",
        "a.b.jpg71410, regions[2]: expected as many x as y of points, found 3 and 4",
        "a.b.jpg71410, regions[3]: expected 3 points or more, found 2",
        "a.b.jpg71410, regions[4]: expected a list of `all_points_x`, found '3' in it",
        "a.b.jpg71410, regions[5]: expected a number as `y`, found none",
        "a.b.jpg71410, regions[6]: expected a number as `r`, found none",
        "b: expected a text as `filename`, found 3",
        "a.b.png71410: expected images of different names, found a.b twice",
    ]
    assert findings(written(tmp_path, {"a": {"filename": "a.jpg", "regions": 7}}), size=SIZE) == [
        ": expected a list of `regions`, found 7"
    ]
