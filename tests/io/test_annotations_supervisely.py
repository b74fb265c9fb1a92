"""Supervisely's JSON: projects, outlines with holes, bitmaps, and what is wrong with files."""

import io
import zlib
from base64 import b64encode
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from segscore.io.annotations.paths import is_annotated
from segscore.io.annotations.pngs import bits_of
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

META = {
    "classes": [{"title": "dog", "shape": "any", "color": "#0A0B0C"}, {"title": "car", "color": "red"}],
    "tags": [],
}


def bitmap(mask: np.ndarray, mode: str) -> str:
    """Return pixels as the data of a bitmap: gray, of a palette whose 0 is clear, or with alpha."""
    gray = mask.astype(np.uint8) * 255
    if mode == "P":
        image, more = Image.fromarray(mask.astype(np.uint8)), {"transparency": 0}
        image.putpalette([0, 0, 0, 255, 255, 255])
    else:
        image, more = Image.fromarray(gray if mode == "L" else np.dstack([gray] * 4)), {}
    file = io.BytesIO()
    image.save(file, "PNG", **more)
    return b64encode(zlib.compress(file.getvalue())).decode()


def of_bitmap(label: str, data: object, origin: object) -> dict[str, Any]:
    return {"classTitle": label, "geometryType": "bitmap", "bitmap": {"data": data, "origin": origin}}


def of_polygon(label: object, exterior: object, interior: object = ()) -> dict[str, Any]:
    return {
        "classTitle": label,
        "geometryType": "polygon",
        "points": {"exterior": exterior, "interior": interior},
    }


def file(*objects: object, **changes: Any) -> dict[str, Any]:
    return {
        "description": "",
        "tags": [],
        "size": {"height": HEIGHT, "width": WIDTH},
        "objects": [*objects],
        **changes,
    }


def project(folder: Path, *objects: object) -> Path:
    written(folder, META, "meta.json")
    written(folder, file(*objects), "ds0/ann/a.b.jpg.json")
    written(folder, {"camera": 3}, "ds0/meta/a.b.jpg.json")
    return folder


def test_a_project(tmp_path: Path) -> None:
    mask = bits((0, 0, 2, 1), (1, 1, 1, 2), height=3, width=2)
    found = read_annotations(
        project(
            tmp_path,
            of_bitmap("car", bitmap(mask, "L"), [3, 2]),
            of_bitmap("car", bitmap(mask, "P"), [-1, 0]),
            of_bitmap("dog", bitmap(mask, "RGBA"), [7, 5]),
            of_polygon(
                "car", pairs(corners(0, 0, 6, 6)), [pairs(corners(1, 1, 2, 2)), pairs(corners(2, 2, 2, 3))]
            ),
            {"classTitle": "car", "geometryType": "rectangle", "points": {"exterior": [[1, 2], [3, 4]]}},
            {"classTitle": "car", "geometryType": "line", "points": {"exterior": [[1, 2], [3, 4]]}},
        )
    )
    assert (found.format, found.names, dict(found.colours)) == (
        "supervisely",
        ("dog", "car"),
        {"dog": (10, 11, 12)},
    )
    assert (found.images[0].image.name, found.images[0].image.file) == ("ds0/a.b", "ds0/a.b.jpg")
    assert classes_of(found) == ["car", "car", "dog", "car"]
    expected = [
        bits((3, 2, 2, 1), (4, 3, 1, 2)),
        bits((0, 0, 1, 3)),
        bits((7, 5, 1, 1)),
        bits((0, 0, 6, 6)) & ~bits((1, 1, 2, 2), (2, 2, 2, 3)),
    ]
    assert [one.tolist() for one in planes(found)] == [one.tolist() for one in expected]
    assert found.facts[2:] == (
        "1 left out: objects with a box and no mask",
        "1 left out: lines and points, which have no area",
    )


def test_a_file_and_a_folder_know_the_classes_above(tmp_path: Path) -> None:
    folder = project(tmp_path, of_polygon("car", pairs(corners(*CAR)))) / "ds0"
    for path in (folder, folder / "ann", folder / "ann" / "a.b.jpg.json"):
        found = read_annotations(path)
        assert ([one.image.name for one in found.images], found.names) == (["a.b"], ("dog", "car"))
    assert [is_annotated(str(path)) for path in (tmp_path, folder, folder / "ann")] == [True] * 3
    (tmp_path / "meta.json").rename(tmp_path / "other.json")
    assert not is_annotated(str(folder))
    (tmp_path / "other.json").unlink()
    alone = read_annotations(
        written(tmp_path / "x" / "y" / "z" / "w", file(of_polygon("cat", pairs(corners(*DOG)))), "a.png.json")
    )
    assert (alone.names, planes(alone)[0].tolist()) == (("cat",), bits(DOG).tolist())


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    good = bitmap(np.ones((2, 2)), "L")
    large = b64encode(zlib.compress(bytes(70_000))).decode()
    short = b64encode(zlib.compress(bytes(100))[:-6]).decode()
    objects = [
        of_polygon("cat", pairs(corners(*CAR))),
        of_polygon("car", [[1, 2]]),
        of_polygon("car", pairs(corners(*CAR)), [[[1, 2]]]),
        of_polygon("car", pairs(corners(*CAR)), 3),
        of_bitmap("car", good, [1]),
        of_bitmap("car", "?", [1, 1]),
        of_bitmap("car", b64encode(b"abc").decode(), [1, 1]),
        of_bitmap("car", large, [1, 1]),
        of_bitmap("car", short, [1, 1]),
        of_bitmap("car", bitmap(np.ones((9, 9)), "L"), [1, 1]),
        {"classTitle": "car", "geometryType": "cube"},
        of_polygon("car", [[1, 2], [3, 4], [5, 1e9]], [[[1, 1], [2, 2], [3, 1]]]),
    ]
    written(tmp_path, file(size=3), "ds0/ann/b.jpg.json")
    assert findings(project(tmp_path, *objects)) == [
        f"/ds0/ann/{line}"
        for line in (
            "a.b.jpg.json, objects[0]: expected a class that the file lists, found 'cat'",
            "a.b.jpg.json, objects[1]: expected 3 points or more, found 1",
            "a.b.jpg.json, objects[2]: expected 3 points or more, found 1",
            "a.b.jpg.json, objects[3]: expected a list of `interior`, found 3",
            "a.b.jpg.json, objects[4]: expected x and y as `origin` of a bitmap, found [1]",
            "a.b.jpg.json, objects[5]: expected a bitmap in base64 and zlib, found other bytes",
            "a.b.jpg.json, objects[6]: expected a bitmap in base64 and zlib, found other bytes",
            "a.b.jpg.json, objects[7]: expected a bitmap of at most 65,728 bytes, found more",
            "a.b.jpg.json, objects[8]: expected a bitmap, found one that is cut short",
            "a.b.jpg.json, objects[9]: expected a PNG of a mask: "
            "claims 9 x 9 pixels, more than max_pixels = 48",
            "a.b.jpg.json, objects[10]: expected a polygon or a bitmap as `geometryType`, found 'cube'",
            "b.jpg.json: expected the `size` of the image, found 3",
            "a.b.jpg.json, objects[11]: expected points of polygons within 1,000,000 pixels, found "
            "1000000000 as number 5",
        )
    ]


def test_pixels_of_colours_are_those_that_are_not_clear_or_not_black() -> None:
    def png(pixels: list[list[int]]) -> bytes:
        file = io.BytesIO()
        Image.fromarray(np.array([pixels], np.uint8)).save(file, "PNG")
        return file.getvalue()

    assert bits_of(png([[0, 0, 0, 0], [0, 0, 0, 255], [9, 9, 9, 1]]), 9).tolist() == [[False, True, True]]
    assert bits_of(png([[0, 0, 0], [0, 0, 9]]), 9).tolist() == [[False, True]]
