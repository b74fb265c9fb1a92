"""Datumaro's JSON: outlines, run lengths, groups, z, classes with colours, and what is wrong with files."""

from pathlib import Path
from typing import Any

import numpy as np

from segscore._core import Masks, decode_mask
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
    labels,
    planes,
    written,
)


def outline(label: object, box: tuple[int, int, int, int], **more: Any) -> dict[str, Any]:
    return {
        "id": 0,
        "type": "polygon",
        "attributes": {},
        "group": 0,
        "label_id": label,
        "points": corners(*box),
        "z_order": 0,
        **more,
    }


def mask(label: object, box: tuple[int, int, int, int], **more: Any) -> dict[str, Any]:
    text = Masks.read(HEIGHT, WIDTH, [[np.array(corners(*box), float)]]).strings()[0].decode()
    return {"type": "mask", "label_id": label, "rle": {"counts": text, "size": [HEIGHT, WIDTH]}, **more}


def file(*objects: object, **changes: Any) -> dict[str, Any]:
    colours = [{"label_id": 1, "r": 1, "g": 2, "b": 3}, {"label_id": 7, "r": 1, "g": 2, "b": 3}]
    return {
        "infos": {},
        "categories": {
            "label": {"labels": [{"name": "dog"}, {"name": "car", "parent": ""}]},
            "mask": {"colormap": colours},
        },
        "items": [
            {
                "id": "sub/a.b",
                "annotations": [*objects],
                "image": {"path": "a.b.jpg", "size": [HEIGHT, WIDTH]},
            }
        ],
        **changes,
    }


def test_objects_lie_by_z(tmp_path: Path) -> None:
    found = read_annotations(
        written(
            tmp_path,
            file(
                mask(0, DOG, z_order=2),
                outline(1, CAR, attributes={"is_crowd": True}),
                {"type": "label", "label_id": 0},
                {"type": "bbox", "bbox": [1, 1, 2, 2]},
                {"type": "polyline", "points": [1, 1, 2, 2]},
            ),
        )
    )
    assert (found.format, found.names, dict(found.colours)) == (
        "datumaro",
        ("dog", "car"),
        {"car": (1, 2, 3)},
    )
    assert (classes_of(found), [one.crowd for one in found.images[0].objects]) == (
        ["dog", "car"],
        [False, True],
    )
    assert (found.images[0].image.name, found.images[0].image.file) == ("sub/a.b", "a.b.jpg")
    made = found.label_maps()
    pixels = decode_mask(made.contents[0], "", max_pixels=99, colours=False)[0]
    assert pixels.tolist() == labels((2, CAR), (1, DOG)).tolist()
    assert made.facts[1:4] == (
        "painted as COCO does, those of higher z on top",
        "1 left out: objects with a box and no mask",
        "1 left out: lines and points, which have no area",
    )


def test_those_of_one_group_are_one_object(tmp_path: Path) -> None:
    boxes = (0, 0, 2, 2), (4, 3, 2, 2), (6, 0, 1, 1)
    parts = [outline(1, boxes[0], group=4), mask(1, boxes[1], group=4), outline(0, DOG, group=4)]
    found = read_annotations(written(tmp_path, file(*parts, outline(1, boxes[2], group=4))))
    assert classes_of(found) == ["car", "dog"]
    assert [one.tolist() for one in planes(found)] == [bits(*boxes).tolist(), bits(DOG).tolist()]


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    objects = [
        outline(2, CAR),
        outline(None, CAR),
        outline(1, CAR, points=[1, 2, 3, 4]),
        outline(1, CAR, points=[1, None]),
        outline(1, CAR, z_order="x"),
        mask(1, CAR, rle=3),
        mask(1, CAR, rle={"counts": "0", "size": [8, 6]}),
        3,
    ]
    content = file(*objects)
    content["items"] += [{"id": "b", "annotations": [], "image": {"size": 3}}, {"id": 7}]
    content["categories"]["label"]["labels"].append({"name": "car"})
    content["categories"]["mask"] = {"colormap": None}
    assert findings(written(tmp_path, content)) == [
        "categories.label.labels[2]: expected a `name` of its own, found 'car' again",
        "items[0].annotations[0]: expected a `label_id` below 2, found 2",
        "items[0].annotations[1]: expected a whole number as `label_id`, found none",
        "items[0].annotations[3]: expected a list of points, found None in it",
        "items[0].annotations[4]: expected a whole number as `z_order`, found 'x'",
        "items[0].annotations[5]: expected an `rle`, found 3",
        "items[0].annotations[6]: expected a mask of 6 x 8, as its image is, found a `size` of [8, 6]",
        "items[0].annotations[7]: expected an object, found 3",
        "items[1]: expected a height and a width as the `size` of an image, found 3",
        "items[2]: expected a text as `id`, found 7",
        "items[0].annotations[2]: expected polygons of three points or more, found 4 numbers",
    ]
