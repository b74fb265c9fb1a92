"""How formats of annotations are told: what is known and not read, and what is not there."""

from pathlib import Path

import pytest

from segscore import FileFormatError
from segscore.io.annotations.reading import read_annotations
from support.annotated import written
from support.refused import refused

LABELBOX = (
    "an export of Labelbox",
    "its masks are addresses, and nothing is fetched: write them as masks, or as COCO's JSON",
)
BOXES = "scores are of masks, not of boxes"


@pytest.mark.parametrize(
    ("name", "content", "found", "hint"),
    [
        ("a.ndjson", '{"data_row": {"id": "x"}, "projects": {}}\n{"data_row": {"id": "y"}}\n', *LABELBOX),
        ("a.json", [{"data_row": {"id": "x"}, "projects": {}}], *LABELBOX),
        ("a.json", [{"uuid": "x", "dataRow": {"id": "y"}, "mask": {}}], *LABELBOX),
        ("a.json", [{"ID": "x", "Labeled Data": "https://x/a.jpg", "Label": {"objects": []}}], *LABELBOX),
        ("a.json", {"label_classes": [], "images": []}, "Hasty's JSON", "export as COCO"),
        (
            "a.json",
            {"image": {"image_id": 1}, "annotations": []},
            "JSON of Segment Anything, which has no classes",
            "write COCO's JSON with categories",
        ),
        (
            "a.json",
            [{"image_id": 1, "category_id": 2, "score": 0.5}],
            "results of COCO, which say nothing of their images",
            'they are predictions of `instances="coco"`',
        ),
        (
            "a.json",
            [{"image": "a.jpg", "annotations": [{"label": "car", "coordinates": {}}]}],
            "JSON of CreateML, which has boxes alone",
            BOXES,
        ),
        (
            "dataset.json",
            {"labels": {"background": 0, "liver": 1}, "channel_names": {"0": "CT"}},
            "the `dataset.json` of nnU-Net",
            "its masks are in folders beside it: labelsTr and labelsTs",
        ),
        ("a.csv", "filename,region_shape_attributes,region_attributes\n", "VIA's table", "export as JSON"),
        (
            "a.xml",
            "<annotation><filename>a.jpg</filename></annotation>",
            "XML of Pascal VOC or of LabelMe's former site",
            "write masks, or COCO's JSON, which has outlines",
        ),
    ],
)
def test_what_other_files_are_is_said(
    tmp_path: Path, name: str, content: object, found: str, hint: str
) -> None:
    path = written(tmp_path, content, name)
    said = refused(FileFormatError, read_annotations, path)
    assert said == f"{path}: expected annotations, found {found}\nhint: {hint}"


@pytest.mark.parametrize("name", ["a.json", "a.csv", "a.xml", "a.ndjson"])
def test_a_file_that_is_not_there_is_said_to_be_so(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    assert refused(FileFormatError, read_annotations, path) == (
        f"{path}: cannot be read: No such file or directory\nhint: check that it is there"
    )
