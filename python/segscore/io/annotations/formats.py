"""The formats of annotations, and how one is told from the others by what is in a file."""

import os
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from segscore.base.pointers import checked, way_out
from segscore.base.wording import reason, show
from segscore.classes.tables.drawn import is_coco, is_datumaro, is_panoptic
from segscore.errors import FileFormatError
from segscore.io.annotations.coco import read_coco
from segscore.io.annotations.cvat import read_cvat
from segscore.io.annotations.datumaro import read_datumaro
from segscore.io.annotations.drafts import NOTHING_KNOWN, Draft, json_of
from segscore.io.annotations.folders import file_above, files_of, walked
from segscore.io.annotations.kaggle import columns_of, read_kaggle
from segscore.io.annotations.label_studio import read_label_studio
from segscore.io.annotations.labelme import read_labelme
from segscore.io.annotations.others import Other, other_of_json, other_of_table, other_of_xml
from segscore.io.annotations.painting import Order
from segscore.io.annotations.paths import META_OF_SUPERVISELY, NAMES_OF_YOLO, OF_YOLO, is_of_texts
from segscore.io.annotations.supervisely import read_supervisely
from segscore.io.annotations.via import PROJECT, read_via
from segscore.io.annotations.yolo import read_yolo
from segscore.io.kinds import split_suffix


class Format(NamedTuple):
    """A format of annotations."""

    name: str
    title: str
    read: Callable[[Draft, str], None]
    order: Order
    """Which objects lie on top, unless somebody says otherwise."""


FORMATS: Mapping[str, Format] = {
    one.name: one
    for one in (
        Format("coco", "COCO's JSON", read_coco, "file"),
        Format("labelme", "LabelMe's JSON", read_labelme, "file"),
        Format("cvat", "CVAT's XML", read_cvat, "z"),
        Format("label-studio", "Label Studio's JSON", read_label_studio, "file"),
        Format("supervisely", "Supervisely's JSON", read_supervisely, "file"),
        Format("via", "VIA's JSON", read_via, "file"),
        Format("kaggle", "Kaggle's run lengths", read_kaggle, "file"),
        Format("datumaro", "Datumaro's JSON", read_datumaro, "z"),
        Format("yolo", "YOLO's text files", read_yolo, "area"),
    )
}
"""By their names."""
_HEAD = 1 << 12
"""Bytes at the beginning of a file that tell what it is."""
_BY_LINES = (".ndjson", ".jsonl")
"""Endings of files with a value of JSON on each line."""


def format_of(draft: Draft, path: str) -> Format:
    """Return the format of a file, or raise FileFormatError."""
    found = _told(draft, path)
    if draft.findings:
        raise draft.refused()
    if isinstance(found, str):
        return FORMATS[found]
    if found is None:
        raise FileFormatError(
            f"{show(path)}: expected annotations of a format that is known, found others",
            f"the formats are {', '.join(FORMATS)}; name one, if it is",
        )
    raise FileFormatError(f"{show(path)}: expected annotations, found {found.title}", found.hint)


def holds_objects(path: str) -> bool:
    """Whether a file is one of objects, and no list of classes alone; a panoptic one has none itself."""
    draft = Draft(NOTHING_KNOWN)
    found = _told(draft, path)
    return isinstance(found, str) and not (found == "coco" and is_panoptic(draft.parsed[path]))


def _told(draft: Draft, path: str) -> str | Other | None:
    """Return the name of the format that a file, or the first one of a folder, looks like, if it is any.

    What is known and not read is no name, but what it is.
    """
    if os.path.isdir(path):
        if any(os.path.isfile(os.path.join(path, name)) for name in NAMES_OF_YOLO):
            return "yolo"
        if os.path.isfile(os.path.join(path, META_OF_SUPERVISELY)):
            return "supervisely"
        if is_of_texts(path):
            if file_above(path, NAMES_OF_YOLO) is not None:
                return "yolo"
            raise FileFormatError(
                f"{show(path)}: expected a `data.yaml` with the `names` of classes, found texts alone, "
                "as YOLO's",
                "write it there: `names: [road, sky]`, in the order of the numbers in the texts",
            )
        if not any(split_suffix(name)[1] == ".json" for name, _ in walked(path)):
            raise FileFormatError(
                f"{show(path)}: expected files of annotations that end in .json, found none",
                f"{OF_YOLO}; without it, name the format",
            )
        path = next((file for _, file in files_of(draft, path, ".json")), "")
    ending = split_suffix(path)[1]
    if ending == ".csv":
        return _of_table(head := _head(path)) or other_of_table(head)
    if ending == ".xml":
        return "cvat" if b"<annotations" in (head := _head(path)) else other_of_xml(head)
    if ending in _BY_LINES:
        line, _, _ = _head(path).partition(b"\n")
        return other_of_json(dict.fromkeys(re.findall(r'"(\w+)":', line.decode("utf-8", "replace"))))
    content: Any = None
    with draft.at(path):
        content = draft.parsed[path] = json_of(draft, path) if path else None
    if isinstance(content, dict):
        if is_coco(content):
            return "coco"
        if isinstance(content.get("shapes"), list):
            return "labelme"
        if isinstance(content.get("size"), dict) and isinstance(content.get("objects"), list):
            return "supervisely"
        if is_datumaro(content):
            return "datumaro"
        first = next(iter(content.values()), None)
        if PROJECT in content or (isinstance(first, dict) and {"filename", "regions"} <= first.keys()):
            return "via"
    other = other_of_json(content)
    if other is None and isinstance(content, list) and content and isinstance(content[0], dict):
        return "label-studio" if "annotations" in content[0] else None
    return other


def _head(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return checked(file.read(_HEAD))
    except (OSError, ValueError) as error:
        raise FileFormatError(
            f"{show(path)}: cannot be read: {reason(error)}", way_out(error, "check that it is there")
        ) from error


def _of_table(head: bytes) -> str | None:
    line = head.decode("utf-8-sig", "replace").partition("\n")[0]
    return None if columns_of(line.strip().split(",")) is None else "kaggle"
