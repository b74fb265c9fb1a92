"""Files of objects that are known and not read here: what they are, and what to do about them."""

from typing import Any, Final, NamedTuple

from segscore.base.naming import arg


class Other(NamedTuple):
    """A kind of files."""

    title: str
    hint: str


_LABELBOX: Final = Other(
    "an export of Labelbox",
    "its masks are addresses, and nothing is fetched: write them as masks, or as COCO's JSON",
)
_HASTY: Final = Other("Hasty's JSON", "export as COCO")
_SAM: Final = Other("JSON of Segment Anything, which has no classes", "write COCO's JSON with categories")
_RESULTS: Final = Other(
    "results of COCO, which say nothing of their images",
    f"they are predictions of {arg('instances', 'coco')}",
)
_CREATE_ML: Final = Other("JSON of CreateML, which has boxes alone", "scores are of masks, not of boxes")
_NNUNET: Final = Other(
    "the `dataset.json` of nnU-Net", "its masks are in folders beside it: labelsTr and labelsTs"
)
_OF_VIA: Final = Other("VIA's table", "export as JSON")
_OF_XML: Final = Other(
    "XML of Pascal VOC or of LabelMe's former site", "write masks, or COCO's JSON, which has outlines"
)


def other_of_json(content: Any) -> Other | None:
    """Return what a value of JSON is of, if that is known; of a list, what its first entry is of."""
    of_list = isinstance(content, list)
    one = content[0] if of_list and content else content
    if not isinstance(one, dict):
        return None
    keys = one.keys()
    if "data_row" in keys or "dataRow" in keys or {"Labeled Data", "Label"} <= keys:
        return _LABELBOX
    if {"label_classes", "images"} <= keys:
        return _HASTY
    if isinstance(one.get("labels"), dict) and keys & {"channel_names", "modality"}:
        return _NNUNET
    if {"image", "annotations"} <= keys:
        return _CREATE_ML if isinstance(one["image"], str) else _SAM
    return _RESULTS if of_list and {"image_id", "category_id"} <= keys else None


def other_of_table(head: bytes) -> Other | None:
    """Return what a table is of, by its beginning."""
    return _OF_VIA if b"region_shape_attributes" in head.partition(b"\n")[0] else None


def other_of_xml(head: bytes) -> Other | None:
    """Return what a file of XML is of, by its beginning."""
    return _OF_XML if b"<annotation>" in head else None
