"""Files of COCO as tables, and what is said of those that are wrong."""

import json

import numpy as np
import pytest

from segscore.classes import Classes
from segscore.counts.coco import read_coco
from segscore.counts.objects import BOX_ONLY, CROWD
from segscore.errors import FileFormatError
from support.coco_files import annotations, results
from support.lvis_files import annotations as lvis_annotations
from support.refused import refused


def as_file(content: object) -> bytes:
    """Return the bytes of a file."""
    return json.dumps(content, ensure_ascii=False).encode()


def test_tables_are_by_image_and_class() -> None:
    tables = read_coco(as_file(annotations()), as_file(results()))
    assert tables.image_ids.tolist() == [1, 2, 5]
    assert tables.image_names == ("1.jpg", "2.jpg", "5.jpg")
    assert (tables.heights.tolist(), tables.widths.tolist()) == ([40, 40, 120], [60, 60, 100])
    assert (tables.class_ids.tolist(), tables.class_names) == ([1, 3], ("dog", "cat"))
    objects, overlaps = tables.objects, tables.overlaps
    assert objects.offsets.tolist() == [0, 8, 14, 17]
    assert objects.side.tolist() == [0] * 3 + [1] * 5 + [0] * 3 + [1] * 3 + [0] + [1] * 2
    assert objects.label[:8].tolist() == [0, 0, 1, 0, 0, 0, 1, 1]
    assert objects.id[:8].tolist() == [1, 2, 3, 0, 1, 2, 3, 4]
    assert objects.pixels[:8].tolist() == [400, 600, 800, 360, 600, 600, 200, 240]
    assert objects.area[:8].tolist() == [400, 1024, 800, 360, 600, 600, 200, 240]
    assert objects.score[3:8].tolist() == [0.9, 0.8, 0.8, 0.6, 0.95]
    assert objects.flags.tolist() == [0, 0, CROWD] + [0] * 14
    assert not objects.void.any()
    objects.check(Classes(tables.class_names))
    overlaps.check(Classes(tables.class_names))
    assert overlaps.are_of(objects)
    assert overlaps.offsets.tolist() == [0, 11, 19, 21]
    rows = np.stack([overlaps.target, overlaps.pred, overlaps.pixels], axis=1)
    # As pycocotools decodes the masks and NumPy multiplies them.
    assert rows[:6].tolist() == [[0, 0, 360], [0, 3, 100], [0, 4, 180], [1, 1, 600], [1, 2, 570], [1, 3, 20]]
    assert rows[6:11].tolist() == [[2, 0, 120], [2, 1, 400], [2, 2, 380], [2, 3, 200], [2, 4, 20]]
    assert rows[11:15].tolist() == [[0, 0, 60], [0, 1, 10], [0, 2, 100], [1, 0, 60]]
    assert rows[15:19].tolist() == [[1, 1, 640], [1, 2, 1120], [2, 1, 640], [2, 2, 80]]
    assert rows[19:].tolist() == [[0, 0, 8100], [0, 1, 81]]


def test_areas_may_be_those_of_masks() -> None:
    tables = read_coco(as_file(annotations()), as_file(results()), area_from_mask=True)
    assert tables.objects.area.tolist() == tables.objects.pixels.tolist()


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_tables_are_the_same_with_any_number_of_threads(threads: int) -> None:
    files = as_file(annotations()), as_file(results())
    one, other = read_coco(*files, threads=1), read_coco(*files, threads=threads)
    assert (one.objects, one.overlaps) == (other.objects, other.overlaps)


def test_a_box_is_no_mask() -> None:
    target, pred = annotations(), results()
    del target["annotations"][0]["segmentation"]
    pred[1]["segmentation"] = []
    tables = read_coco(as_file(target), as_file(pred))
    assert np.flatnonzero(tables.objects.flags & BOX_ONLY).tolist() == [0, 4]
    assert tables.objects.pixels[[0, 4]].tolist() == [0, 0]


def test_all_that_is_wrong_with_both_files_is_one_error() -> None:
    target, pred = annotations(), results()
    target["annotations"][2]["segmentation"] = [[0, 0, 1e9, 0, 1, 1]]
    target["annotations"][4]["image_id"] = 7
    pred[3]["segmentation"]["size"] = [60, 40]
    del pred[9]["score"]
    hint = "\nhint: export the file again with the tool that it is from"
    files = as_file(target), as_file(pred)
    assert refused(FileFormatError, lambda: read_coco(*files, names=("t.json", "p.json"))) == (
        "t.json, annotations[2]: expected points of polygons within 1,000,000 pixels, "
        "found 1000000000 as number 2\n"
        "t.json, annotations[4]: expected an `image_id` of `images`, found 7\n"
        "p.json, results[3]: expected a mask of 40 x 60, as its image is, found 60 x 40\n"
        "p.json, results[9]: expected a `score`, found none" + hint
    )
    assert refused(FileFormatError, read_coco, as_file(annotations()), b"[NaN]") == (
        'pred: expected JSON, found "NaN]" at line 1, column 2' + hint
    )
    for result in pred:
        result["category_id"] = 4
    many = refused(FileFormatError, read_coco, as_file(annotations()), as_file(pred * 3)).splitlines()
    assert len(many) == 22
    assert many[20] == "and 16 more findings"


def test_places_are_those_of_the_file_also_behind_what_cannot_be_read() -> None:
    target = annotations()
    target["images"].insert(0, target["images"][2])
    target["annotations"][0] = {"id": "first\u202e" + "." * 50}
    target["annotations"][4]["image_id"] = 7
    said = refused(FileFormatError, read_coco, as_file(target), as_file(results())).splitlines()
    assert said[:5] == [
        "target, annotations[0]: expected a whole number below 2**63 as `category_id`, found none",
        'target, annotations[0]: expected a whole number below 2**63 as `id`, found "first\\u{202e}'
        + "." * 33
        + "...",
        "target, annotations[0]: expected a whole number below 2**63 as `image_id`, found none",
        "target, annotations[4]: expected an `image_id` of `images`, found 7",
        "target, images[3]: expected ids that differ, found 5 twice",
    ]


def test_what_refers_to_an_entry_that_is_refused_is_not_wrong() -> None:
    target, pred = annotations(), results()
    (image, other, _), (cat, *_) = target["images"], target["categories"]
    image["height"], other["width"], cat["name"] = str(image["height"]), 1 << 20, None
    target["annotations"][0]["category_id"] = pred[0]["image_id"] = 77
    for text in (as_file(target), json.dumps(target, indent=1).encode()):
        said = refused(FileFormatError, lambda text=text: read_coco(text, as_file(pred), max_pixels=20_000))
        assert said.splitlines()[:-1] == [
            "target, annotations[0]: expected a `category_id` of `categories`, found 77",
            "target, categories[0]: expected a text as `name`, found none",
            f"target, images[0]: expected a whole number of 0 to 2**32 - 1 as `height`, "
            f'found "{image["height"]}"',
            f"target, images[1]: claims {1 << 20} x {other['height']} pixels, more than max_pixels = 20000",
            "pred, results[0]: expected an `image_id` of `images`, found 77",
        ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "expected JSON, found an empty file"),
        ("{}".encode("utf-16"), "expected JSON in UTF-8, found UTF-16"),
        (
            b'{"images": [',
            "expected JSON up to its end, found the end of the file at line 1, column 12",
        ),
        (b'{"images": NaN}', 'expected JSON, found "NaN}" at line 1, column 12'),
        (
            b'[{"image_id": 1, "score": 1}]',
            "expected an object with lists of `images`, `annotations` and `categories`, found a list",
        ),
        (b'{"a\xff": 1}', 'expected JSON, found "\ufffd\\": 1}" at line 1, column 4'),
        ('\n{x"\u202e'.encode(), 'expected JSON, found "x\\"\\u{202e}" at line 2, column 2'),
    ],
)
def test_a_file_that_cannot_be_read_says_nothing_of_the_other_one(text: bytes, said: str) -> None:
    hint = "\nhint: export the file again with the tool that it is from"
    assert refused(FileFormatError, read_coco, text, as_file(results())) == f"target: {said}{hint}"


def test_lists_and_ids_that_are_missing_are_all_that_is_told() -> None:
    target = annotations()
    del target["images"], target["categories"][0]["id"]
    assert refused(FileFormatError, read_coco, as_file(target), as_file(results())).splitlines()[:-1] == [
        "target: expected a list of `images`, found none",
        "target, categories[0]: expected a whole number below 2**63 as `id`, found none",
    ]


def test_a_mark_before_a_text_is_passed_over() -> None:
    mark = b"\xef\xbb\xbf"
    found = read_coco(mark + as_file(annotations()), mark + as_file(results()))
    assert (
        found.image_ids.tolist() == read_coco(as_file(annotations()), as_file(results())).image_ids.tolist()
    )


def test_lists_that_are_empty_are_no_fault_of_what_refers_to_them() -> None:
    for name in ("images", "categories"):
        for federated in (False, True):
            target = {**lvis_annotations(), name: []}
            tables = read_coco(as_file(target), as_file(results()), federated=federated)
            assert not (tables.image_names if name == "images" else tables.class_names)
