"""Label Studio's JSON: outlines, ellipses, brushes, names of images, annotators, and what is wrong."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segscore import FileFormatError
from segscore.io.annotations.label_studio import unpacked
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
from support.refused import refused


def region(kind: str, labels: list[str], value: dict[str, Any], **more: Any) -> dict[str, Any]:
    size = {"original_width": WIDTH, "original_height": HEIGHT, "image_rotation": 0}
    return {
        "id": more.get("id", f"{kind}{labels}"),
        "type": kind,
        **size,
        "value": {**value, kind: labels},
        **more,
    }


def outline(label: str, box: tuple[int, int, int, int], **more: Any) -> dict[str, Any]:
    percent = np.array(pairs(corners(*box))) * (100 / WIDTH, 100 / HEIGHT)
    return region("polygonlabels", [label], {"points": percent.tolist(), "closed": True}, **more)


def task(*results: object, image: str = "/data/upload/3/0a1b2c3d-a.jpg", **more: Any) -> dict[str, Any]:
    annotation = {"id": 7, "completed_by": 1, "result": [*results], "was_cancelled": False}
    return {"id": 1, "data": {"text": "no image", "image": image}, "annotations": [annotation], **more}


def packed(mask: np.ndarray, sizes: tuple[int, int, int, int] = (3, 4, 8, 16)) -> list[int]:
    """Return pixels as a brush has them: runs of values that repeat, and other bytes as they are."""
    values = np.repeat(mask.ravel().astype(int) * 255, 4).tolist()
    text = f"{len(values):032b}{7:05b}" + "".join(f"{size - 1:04b}" for size in sizes)
    at = 0
    while at < len(values):
        end = at + 1
        while end < len(values) and values[end] == values[at] and end - at < 1 << sizes[-1]:
            end += 1
        size = next(i for i, size in enumerate(sizes) if end - at <= 1 << size)
        literal = end - at < 6
        words = values[at:end] if literal else values[at : at + 1]
        text += f"{0 if literal else 1}{size:02b}{end - at - 1:0{sizes[size]}b}" + "".join(
            f"{v:08b}" for v in words
        )
        at = end
    text += "0" * (-len(text) % 8)
    return [int(text[i : i + 8], 2) for i in range(0, len(text), 8)]


def brush(label: str, rle: object, **more: Any) -> dict[str, Any]:
    return region("brushlabels", [label], {"format": "rle", "rle": rle}, **more)


def test_regions_of_all_kinds(tmp_path: Path) -> None:
    ellipse = {"x": 50, "y": 50, "radiusX": 37.5, "radiusY": 50, "rotation": 0}
    geometry = {**outline("", DOG, id=["both"]), "type": "polygon"}
    found = read_annotations(
        written(
            tmp_path,
            [
                task(
                    outline("car", CAR),
                    brush("dog", packed(bits(DOG, (7, 5, 1, 1)))),
                    region("ellipselabels", ["car"], ellipse),
                    geometry,
                    {"id": ["both"], "type": "labels", "value": {"labels": ["cat"]}},
                    region("rectanglelabels", ["car"], {"x": 1, "y": 1, "width": 2, "height": 3}),
                    region("keypointlabels", ["car"], {"x": 1, "y": 1}),
                    {"id": "q", "type": "choices", "value": {"choices": ["good"]}},
                )
            ],
        )
    )
    assert (found.format, found.names, classes_of(found)) == (
        "label-studio",
        ("car", "cat", "dog"),
        ["car", "dog", "car", "cat"],
    )
    made = [one.tolist() for one in planes(found)]
    assert made[:2] + made[3:] == [one.tolist() for one in (bits(CAR), bits(DOG, (7, 5, 1, 1)), bits(DOG))]
    assert found.images[0].masks.boxes().tolist()[2] == [1, 0, 6, 6]
    assert found.facts[2:] == (
        "1 left out: objects with a box and no mask",
        "1 left out: lines and points, which have no area",
    )


@pytest.mark.parametrize("seed", range(6))
def test_brushes_are_unpacked_bit_by_bit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mask = rng.random((9, 11)) < (0.5, 0.05, 0.95, 0, 1, 0.2)[seed]
    sizes = (1, 2, 5, 16) if seed % 2 else (3, 4, 8, 16)
    values = unpacked(bytes(packed(mask, sizes)), 4 * mask.size)
    assert values.tolist() == np.repeat(mask.ravel() * 255, 4).tolist()


def test_a_brush_that_was_packed_by_hand() -> None:
    # 12 values of 8 bits; lengths of 3, 4, 5 and 9 bits; 8 times 0 as a run, then 4 bytes as they are.
    text = f"{12:032b}" + "00111" + "0010001101001000" + "1" + "00" + "111" + f"{0:08b}" + "0" + "00" + "011"
    text += "".join(f"{value:08b}" for value in (1, 2, 3, 255))
    text += "0" * (-len(text) % 8)
    content = bytes(int(text[i : i + 8], 2) for i in range(0, len(text), 8))
    assert unpacked(content, 12).tolist() == [0] * 8 + [1, 2, 3, 255]


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"image": "s3://bucket/x/b%20c.jpg?X-Amz-Signature=a/b"}, "b c"),
        ({"image": "/data/local-files/?d=folder/sub/d.png"}, "d"),
        ({"image": "https://example.org/image"}, "image"),
        ({"file_upload": "0a1b-e.jpg"}, "0a1b-e"),
    ],
)
def test_images_are_called_by_their_files(tmp_path: Path, more: dict[str, Any], name: str) -> None:
    found = read_annotations(written(tmp_path, [task(outline("car", CAR), **more)]))
    assert found.images[0].image.name == name


def test_an_annotator_is_chosen(tmp_path: Path) -> None:
    several = task(outline("car", CAR))
    other = {"completed_by": {"id": 12, "email": "x"}, "result": [outline("dog", DOG)]}
    cancelled = {"completed_by": 3, "result": [], "was_cancelled": True}
    several["annotations"] += [other, cancelled]
    path = written(tmp_path, [several, task(image="/x/b.jpg", annotations=[])])
    assert refused(FileFormatError, read_annotations, path) == (
        f"{path}, [0]: expected one annotation, found 2 by 1, 12\n"
        "hint: `read_annotations` takes as `annotator` whose annotations count"
    )
    found = read_annotations(path, annotator="12")
    assert (classes_of(found), found.facts[2:]) == (["dog"], ("1 left out: images without an annotation",))


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    good = packed(bits(CAR))
    results = [
        outline("car", CAR, image_rotation=90),
        region("polygonlabels", ["car"], {"points": [[1, 2], [3, 4]]}),
        region("polygonlabels", ["car", "dog"], {"points": [[1, 2], [3, 4], [5, 6]]}),
        region("ellipselabels", ["car"], {"x": 1, "y": None}),
        brush("car", good[:-3]),
        brush("car", packed(bits(CAR)[:4])),
        brush("car", [3, 4, 5]),
        brush("car", [256]),
        region("brushlabels", ["car"], {"format": "png", "rle": good}),
        {**outline("", CAR, id="lone"), "type": "polygon"},
        region("polygonlabels", ["car"], {"points": [[1, 2], [3, 100.2], [5, 6]]}),
        region("ellipselabels", ["car"], {"x": -3.5, "y": 1, "radiusX": 1, "radiusY": 1}),
    ]
    path = written(
        tmp_path,
        [
            task(*results),
            3,
            task(image=""),
            task(outline("car", CAR), outline("car", CAR, original_width=9), image="b.jpg"),
        ],
    )
    assert findings(path) == [
        "[0].annotations[0].result[0]: expected an image that is not turned, found one by 90 degrees",
        "[0].annotations[0].result[1]: expected 3 points or more, found 2",
        "[0].annotations[0].result[2]: expected one label of a region, found ['car', 'dog']",
        "[0].annotations[0].result[3]: expected a number as `y`, found none",
        "[0].annotations[0].result[4]: expected a brush, found one that ends within a number",
        "[0].annotations[0].result[5]: expected a brush of 192 values of 8 bits, found 128 of 8",
        "[0].annotations[0].result[6]: expected a brush, found one that ends within a number",
        "[0].annotations[0].result[7]: expected a brush as `rle` of bytes, found something else",
        "[0].annotations[0].result[8]: expected a brush as `rle` of bytes, found something else",
        "[0].annotations[0].result[9]: expected one label of a region, found none",
        "[0].annotations[0].result[10]: expected a percentage from 0 to 100, found 100.2",
        "[0].annotations[0].result[11]: expected a percentage from 0 to 100, found -3.5",
        "[1]: expected an object, found 3",
        "[2]: expected the address of an image in the data of a task, found "
        "{'image': '', 'text': 'no image'}",
        "[3]: expected results of one size, found (6, 8) and (6, 9)",
    ]
    with pytest.raises(Exception, match="expected a brush, found one that ends within its pixels"):
        unpacked(bytes(packed(np.eye(3)))[:-9], 36)
    boxes = [task(region("rectanglelabels", ["car"], {}))]
    assert refused(FileFormatError, read_annotations, written(tmp_path, boxes)).startswith(
        f"{path}: none of 1 object has a mask\nhint: "
    )
