"""Files of annotations for fuzzing, one of each format, and how they are changed and read."""

import io
import json
import random
import zlib
from base64 import b64encode
from typing import Any

import numpy as np

import segscore
from changes import retold, rewritten
from segscore._core import encode_mask
from segscore.io.annotations.formats import FORMATS
from segscore.io.annotations.reading import read_annotations
from segscore.io.annotations.writing import coco_content

SIZE = (8, 6)
MAX_PIXELS = 1 << 16
_OUTLINE = [[1, 1], [5, 1], [5, 4]]
_FLAT = [1, 1, 5, 1, 5, 4]
_BITS = np.array([[0, 1], [1, 1]], np.uint8)


def _png() -> bytes:
    return encode_mask(_BITS)


def _contents() -> list[Any]:
    """Return what files of JSON hold."""
    image = {"id": 1, "file_name": "a.jpg", "height": 6, "width": 8}
    of_coco = {"image_id": 1, "category_id": 2}
    runs = {"size": [6, 8], "counts": [9, 3, 36]}
    size = {"original_width": 8, "original_height": 6, "image_rotation": 0}
    results = [
        {"id": "a", "type": "polygonlabels", "value": {"points": _OUTLINE, "polygonlabels": ["car"]}, **size},
        {"id": "b", "type": "ellipse", "value": {"x": 5, "y": 5, "radiusX": 9, "radiusY": 9}, **size},
        {"id": "b", "type": "labels", "value": {"labels": ["dog"]}},
        {
            "id": "c",
            "type": "brushlabels",
            "value": {"format": "rle", "rle": _brush(), "brushlabels": ["car"]},
            **size,
        },
    ]
    shapes = [
        {"name": "polygon", "all_points_x": [1, 5, 5], "all_points_y": [1, 1, 4]},
        {"name": "ellipse", "cx": 4, "cy": 3, "rx": 2, "ry": 1, "theta": 0.5},
        {"name": "rect", "x": 1, "y": 1, "width": 2, "height": 2},
    ]
    bitmap = {"origin": [1, 2], "data": b64encode(zlib.compress(_png())).decode()}
    return [
        {
            "images": [image],
            "categories": [{"id": 2, "name": "car", "supercategory": "none"}],
            "annotations": [
                {**of_coco, "segmentation": [_FLAT], "iscrowd": 0},
                {**of_coco, "segmentation": runs},
                {**of_coco, "segmentation": {**runs, "counts": "93T1"}},
            ],
        },
        {
            "imagePath": "a.jpg",
            "imageHeight": 6,
            "imageWidth": 8,
            "shapes": [
                {"label": "car", "points": _OUTLINE, "shape_type": "polygon", "group_id": 1},
                {"label": "car", "points": [[1, 1], [2, 3]], "shape_type": "circle", "group_id": 1},
                {
                    "label": "dog",
                    "points": [[1, 1], [2, 2]],
                    "shape_type": "mask",
                    "mask": b64encode(_png()).decode(),
                },
            ],
        },
        [{"data": {"image": "/a.jpg"}, "annotations": [{"completed_by": 1, "result": results}]}],
        {
            "size": {"height": 6, "width": 8},
            "objects": [
                {"classTitle": "car", "geometryType": "bitmap", "bitmap": bitmap},
                {
                    "classTitle": "dog",
                    "geometryType": "polygon",
                    "points": {"exterior": _OUTLINE, "interior": [_OUTLINE]},
                },
            ],
        },
        {
            "a.jpg1": {
                "filename": "a.jpg",
                "regions": [
                    {"shape_attributes": one, "region_attributes": {"kind": "car"}} for one in shapes
                ],
            }
        },
        {
            "categories": {
                "label": {"labels": [{"name": "car"}]},
                "mask": {"colormap": [{"label_id": 0, "r": 1}]},
            },
            "items": [
                {
                    "id": "a",
                    "image": {"path": "a.jpg", "size": [6, 8]},
                    "annotations": [
                        {"type": "polygon", "label_id": 0, "points": _FLAT, "group": 1, "z_order": 1},
                        {"type": "mask", "label_id": 0, "rle": runs, "attributes": {"is_crowd": True}},
                    ],
                }
            ],
        },
    ]


def _brush() -> list[int]:
    """Return 192 bytes of an image of 6 x 8 pixels, all of them 255, as one run."""
    text = f"{192:032b}{7:05b}{'0000' * 3}{'1111'}1{'11'}{191:016b}{255:08b}"
    text += "0" * (-len(text) % 8)
    return [int(text[i : i + 8], 2) for i in range(0, len(text), 8)]


CVAT = (
    b"<annotations><meta><task><labels><label><name>car</name><color>#ff0000</color></label></labels></task></meta>"
    b'<image id="0" name="a.jpg" width="8" height="6"><polygon label="car" points="1,1;5,1;5,4" z_order="1"/>'
    b'<mask label="car" rle="1, 2, 1" left="1" top="1" width="2" height="2"/>'
    b'<ellipse label="car" cx="4" cy="3" rx="2" ry="1" rotation="30"/></image></annotations>'
)
KAGGLE = b"ImageId,ClassId,EncodedPixels\na.jpg,car,1 3 9 2\nb.jpg,,\n"
YOLO = b"0 0.1 0.1 0.5 0.1 0.5 0.9\n1 0.1 0.1 0.5 0.1 0.5 0.9 0.75\n0 0.5 0.5 0.1 0.1\n"


def seeds() -> list[bytes]:
    """Return a file of each format."""
    return [*(json.dumps(one).encode() for one in _contents()), CVAT, KAGGLE, YOLO]


def changed(made: random.Random, content: bytes) -> bytes:
    """Return a file with other values, words or bytes."""
    return (retold if content[:1] in b"{[" else rewritten)(made, content)


def read(path: str) -> None:
    """Read a file as each format, and write what was read as label maps and as JSON; one must read it."""
    refused = None
    for name in FORMATS:
        try:
            found = read_annotations(path, name, size=SIZE, max_pixels=MAX_PIXELS)
        except segscore.SegscoreError as error:
            refused = error
            continue
        maps = found.label_maps()
        assert len(maps.contents) == len(found.images)
        json.dump(coco_content(found, outlines=True), io.StringIO())
        return
    assert refused is not None
    raise refused
