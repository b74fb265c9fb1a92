"""LabelMe's JSON: shapes of all kinds, groups, sizes, folders, and what is wrong with files."""

from base64 import b64encode
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

import segscore
from segscore._core import encode_mask
from segscore.io.annotations.reading import read_annotations
from support.annotated import (
    CAR,
    DOG,
    HEIGHT,
    WIDTH,
    bits,
    classes_of,
    corners,
    findings,
    pairs,
    planes,
    written,
)


def file(*shapes: dict[str, Any] | object, **changes: Any) -> dict[str, Any]:
    """Return what a file holds."""
    size = {"imageHeight": HEIGHT, "imageWidth": WIDTH}
    return {
        "version": "5.5.0",
        "imagePath": "..\\photos\\a.jpg",
        "imageData": None,
        "shapes": [*shapes],
        **size,
        **changes,
    }


def shape(label: object, points: object, kind: object = "polygon", **more: Any) -> dict[str, Any]:
    """Return a shape."""
    return {"label": label, "points": points, "shape_type": kind, **more}


def test_shapes_of_all_kinds(tmp_path: Path) -> None:
    x, y, across, down = CAR
    encoded = b64encode(encode_mask(bits((0, 0, 2, 2), height=3, width=2).astype(np.uint8) * 255)).decode()
    old = shape("car", pairs(corners(*CAR)))
    del old["shape_type"]
    found = read_annotations(
        written(
            tmp_path,
            file(
                old,
                shape("dog", [[x + across, y], [x, y + down]], "rectangle"),
                shape("car", [[6.2, 4.9], [7, 7]], "mask", mask=encoded),
                shape("cat", pairs(corners(*DOG)), "oriented_rectangle", flags={}),
                shape("cat", [[1, 1], [2, 2]], "line"),
                shape("cat", [[1, 1]], "point"),
            ),
            "a.json",
        )
    )
    assert (found.format, found.names, classes_of(found)) == (
        "labelme",
        ("car", "cat", "dog"),
        ["car", "dog", "car", "cat"],
    )
    assert [one.tolist() for one in planes(found)] == [
        bits(one).tolist() for one in (CAR, CAR, (6, 5, 2, 1), DOG)
    ]
    assert (found.images[0].image.name, found.images[0].image.file) == ("a", "a.jpg")
    assert found.facts == (
        "4 objects of 3 classes in 1 image, read as LabelMe's JSON",
        "painted as COCO does, later ones of the file on top",
        "2 left out: lines and points, which have no area",
    )


def test_circles_are_nearly_round(tmp_path: Path) -> None:
    circle = shape("car", [[50, 40], [50, 70]], "circle")
    found = read_annotations(written(tmp_path, file(circle, imageHeight=90, imageWidth=100)))
    picture = Image.new("L", (1000, 900))
    ImageDraw.Draw(picture).ellipse((200, 100, 800, 700), fill=1)
    area = np.asarray(picture).sum() / 100
    assert abs(found.images[0].masks.pixels()[0] / area - 1) < 0.005
    assert found.images[0].masks.boxes().tolist() == [[20, 10, 60, 60]]


def test_shapes_of_one_label_and_group_are_one_object(tmp_path: Path) -> None:
    parts = [shape("car", pairs(corners(*box)), group_id=3) for box in ((0, 0, 2, 2), (4, 3, 2, 2))]
    other = shape("dog", pairs(corners(*DOG)), group_id=3)
    found = read_annotations(
        written(tmp_path, file(parts[0], other, parts[1], shape("car", pairs(corners(*CAR)))))
    )
    assert classes_of(found) == ["car", "dog", "car"]
    assert planes(found)[0].tolist() == bits((0, 0, 2, 2), (4, 3, 2, 2)).tolist()
    mixed = shape("car", [[1, 1], [3, 3]], "rectangle", group_id=0)
    encoded = b64encode(encode_mask(np.ones((1, 2), np.uint8))).decode()
    mask = shape("car", [[6, 0], [7, 0]], "mask", group_id=0, mask=encoded)
    found = read_annotations(written(tmp_path, file(mixed, mask)))
    assert planes(found)[0].tolist() == bits((1, 1, 2, 2), (6, 0, 2, 1)).tolist()


def test_a_folder_has_a_file_an_image(tmp_path: Path) -> None:
    written(tmp_path, file(shape("dog", pairs(corners(*DOG)))), "seq.1/b.json")
    written(tmp_path, file(), "a.json")
    written(tmp_path, "{", ".hidden/c.json")
    found = read_annotations(tmp_path)
    assert [(one.image.name, one.image.file) for one in found.images] == [
        ("a", "a.jpg"),
        ("seq.1/b", "seq.1/a.jpg"),
    ]
    assert [len(one.objects) for one in found.images] == [0, 1]


def test_a_folder_takes_the_place_of_targets(tmp_path: Path) -> None:
    for name, shapes in (("a", ()), ("b", (shape("dog", pairs(corners(*DOG))),))):
        written(tmp_path / "labels", file(*shapes), f"{name}.json")
        (tmp_path / "pred").mkdir(exist_ok=True)
        Image.new("L", (WIDTH, HEIGHT)).save(tmp_path / "pred" / f"{name}.png")
    with pytest.warns(segscore.SegscoreWarning, match="the label values of the classes were made up"):
        ev = segscore.evaluate(pred=tmp_path / "pred", target=tmp_path / "labels", progress=False)
    assert (ev.names, ev.confusion.counts.tolist()) == (("a", "b"), [[86, 0], [10, 0]])


def test_sizes_that_old_files_lack_are_those_of_the_image_beside(tmp_path: Path) -> None:
    path = written(tmp_path, file(shape("car", pairs(corners(*CAR))), imageHeight=None, imageWidth=None))
    assert findings(path) == [": expected the size of a.jpg, which the file does not say"]
    Image.new("L", (9, 7)).save(tmp_path / "a.jpg")
    assert read_annotations(path).images[0].masks.size == (7, 9)


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    written(
        tmp_path,
        file(
            3,
            shape(None, []),
            shape("car", [[1, 2], [3, 4]]),
            shape("car", [[1, 2], [3, 4], [5]]),
            shape("car", [[1, 2], [3, 4], [5, None]]),
            shape("car", [[1, 2], [3, 4], [5, 1e7]]),
            shape("car", [[1, 2]], "rectangle"),
            shape("car", [[1, 2]], {"a": 1}),
            shape("car", [[1, 2], [2, 3]], "mask"),
            shape("car", [[1, 2], [2, 3]], "mask", mask="?"),
            shape("car", [[1, 2], [2, 3]], "mask", mask="AAAA"),
            shape("car", [[1e30, 2], [1e30, 3]], "mask", mask="AAAA"),
            shape("car", [], group_id=[1]),
            shape("car", [[0, 0], [3e300, 4e300]], "circle"),
        ),
        "a.json",
    )
    written(tmp_path, file(shapes=3), "b.json")
    written(tmp_path, file(imageHeight="6"), "c.json")
    assert findings(tmp_path, "labelme") == [
        "/a.json, shapes[0]: expected an object, found 3",
        "/a.json, shapes[1]: expected the name of a class, found None",
        "/a.json, shapes[2]: expected 3 points or more, found 2",
        "/a.json, shapes[3]: expected points of two numbers, found [5]",
        "/a.json, shapes[4]: expected points of two numbers, found [5, None]",
        "/a.json, shapes[6]: expected 2 points or more, found 1",
        "/a.json, shapes[7]: expected a `shape_type` of LabelMe, found {'a': 1}",
        "/a.json, shapes[8]: expected a text as `mask`, found none",
        "/a.json, shapes[9]: expected a PNG in base64, found other characters",
        "/a.json, shapes[10]: expected a PNG of a mask: expected a PNG, found a file of another kind",
        "/a.json, shapes[11]: expected a mask near the image, found one at 1e+30, 2.0",
        "/a.json, shapes[12]: expected a number as `group_id`, found [1]",
        "/a.json, shapes[13]: expected an ellipse within 1,000,000 pixels, "
        "found one at 0, 0 of 5e+300 x 5e+300",
        "/b.json: expected a list of `shapes`, found 3",
        "/c.json: expected a height and a width of an image, found '6' and 8",
        "/a.json, shapes[5]: expected points of polygons within 1,000,000 pixels, found 10000000 as number 5",
    ]
    assert findings(tmp_path / "none", "labelme")[0].startswith(": cannot be read: ")
    (tmp_path / "empty").mkdir()
    assert findings(tmp_path / "empty", "labelme") == [": expected files that end in .json, found none"]
