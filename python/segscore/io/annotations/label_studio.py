"""Label Studio's JSON: tasks with outlines, ellipses and brush strokes in percent of an image or packed."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
import numpy.typing as npt

from segscore.base.naming import by_face
from segscore.base.shown import brief, first
from segscore.base.values import is_int
from segscore.io.annotations.drafts import (
    NO_AREA,
    NO_MASK,
    Draft,
    ellipse,
    entry,
    finite,
    items,
    json_of,
    points,
    within,
    wrong,
)
from segscore.io.annotations.record import Mask, Object, Polygons, runs_of
from segscore.io.kinds import IMAGE_SUFFIXES, split_suffix

_LEFT_OUT: Final = {"rectangle": NO_MASK, **dict.fromkeys(("keypoint", "vector"), NO_AREA)}
_MASKS: Final = {"polygon", "ellipse", "brush"}
_CHANNELS = 4
"""Of the pixels that a brush packs: red, green, blue, and whether it was there."""
_OF_ANNOTATORS = by_face(
    "`read_annotations` takes as `annotator` whose annotations count",
    command_line="`segscore convert` takes by `--annotator` whose annotations count",
)


def read_label_studio(draft: Draft, path: str) -> None:
    """Read an export of tasks as JSON."""
    with draft.at(path):
        tasks = json_of(draft, path)
        if not isinstance(tasks, list):
            wrong(f"expected a list of tasks, found {brief(tasks)}")
        for i, task in enumerate(tasks):
            with draft.at(path, f"[{i}]"):
                _read_task(draft, path, f"[{i}]", entry(task))


def _read_task(draft: Draft, path: str, place: str, task: dict[str, Any]) -> None:
    chosen = _chosen(draft, [entry(one) for one in items(task, "annotations")])
    if chosen is None:
        draft.left_out["images without an annotation"] += 1
        return
    number, annotation = chosen
    results = [entry(one) for one in items(annotation, "result")]
    file = _file_of(task)
    sizes = [(one.get("original_height"), one.get("original_width")) for one in results]
    said = [one for one in dict.fromkeys(map(brief, sizes)) if one != brief((None, None))]
    if len(said) > 1:
        wrong(f"expected results of one size, found {' and '.join(said)}")
    known = next((one for one in sizes if one != (None, None)), (None, None))
    size = draft.size(file, path, *known)
    labels = {_id(one): found for one in results if (found := _labels(one))}
    objects = []
    for i, one in enumerate(results):
        where = f"{place}.annotations[{number}].result[{i}]"
        with draft.at(path, where):
            if (mask := _mask_of(draft, one, size)) is not None:
                objects.append(Object(where, _label(draft, labels.get(_id(one), [])), (mask,)))
    draft.add(path, file, size, objects)


def _id(result: Mapping[str, Any]) -> str:
    """Return what geometry and labels of one region have in common."""
    return repr(result.get("id"))


def _label(draft: Draft, labels: list[Any]) -> int:
    if len(labels) != 1:
        wrong(f"expected one label of a region, found {brief(labels) if labels else 'none'}")
    return draft.label(labels[0])


def _chosen(draft: Draft, found: list[dict[str, Any]]) -> tuple[int, dict[str, Any]] | None:
    """Return the annotation of the one who is asked for, or the only one; None if there is none."""
    left = [(i, one) for i, one in enumerate(found) if not one.get("was_cancelled")]
    if (wanted := draft.options.annotator) is not None:
        left = [(i, one) for i, one in left if str(_who(one)) == wanted]
    if len(left) > 1:
        by = first([brief(_who(one)) for _, one in left])
        wrong(f"expected one annotation, found {len(left)} by {by}", _OF_ANNOTATORS)
    return left[0] if left else None


def _who(annotation: Mapping[str, Any]) -> object:
    by = annotation.get("completed_by")
    return by.get("id") if isinstance(by, dict) else by


def _file_of(task: Mapping[str, Any]) -> str:
    """Return the file of the image of a task: what was uploaded, or the last part of its address."""
    if isinstance(uploaded := task.get("file_upload"), str) and uploaded:
        return uploaded
    data = entry(task.get("data"), "the data of a task")
    texts = [one for one in (data.get("image"), *data.values()) if isinstance(one, str)]
    for text in texts:
        parts = urlsplit(text)
        # Files of the machine of Label Studio are given as a query: /data/local-files/?d=folder/a.jpg
        local = parse_qs(parts.query).get("d")
        last = unquote(local[0] if local else parts.path).rpartition("/")[2]
        if split_suffix(last)[1] in IMAGE_SUFFIXES:
            return last
    if not texts or not texts[0].rpartition("/")[2]:
        wrong(f"expected the address of an image in the data of a task, found {brief(data)}")
    return texts[0].rpartition("/")[2]


def _labels(result: Mapping[str, Any]) -> list[Any]:
    value = result.get("value")
    kind = result.get("type")
    if not isinstance(value, dict) or not isinstance(kind, str):
        return []
    found = value.get(kind, value.get("labels"))
    return found if isinstance(found, list) and (kind == "labels" or _kind(kind) in _MASKS) else []


def _kind(kind: str) -> str:
    return kind.removesuffix("labels")


def _mask_of(draft: Draft, one: dict[str, Any], size: tuple[int, int]) -> Mask | None:
    """Return the mask of a result; None of what has none."""
    kind = _kind(str(one.get("type")))
    if draft.leaves_out(kind, _LEFT_OUT) or kind not in _MASKS:
        return None
    value = entry(one.get("value"), "the value of a region")
    if one.get("image_rotation"):
        wrong(f"expected an image that is not turned, found one by {brief(one['image_rotation'])} degrees")
    height, width = size
    if kind == "polygon":
        shares = within(points(value.get("points")), 100, "a percentage").reshape(-1, 2)
        return Polygons(((shares * (width / 100, height / 100)).ravel(),))
    if kind == "ellipse":
        x, y, across, down = (finite(value, name) for name in ("x", "y", "radiusX", "radiusY"))
        within(np.array([x, y]), 100, "a percentage")
        wide, tall = width / 100, height / 100
        turned = finite(value, "rotation") if "rotation" in value else 0.0
        return Polygons((ellipse(x * wide, y * tall, across * wide, down * tall, turned),))
    packed = value.get("rle")
    if (
        value.get("format") != "rle"
        or not isinstance(packed, list)
        or not all(is_int(one) and 0 <= one < 256 for one in packed)
    ):
        wrong("expected a brush as `rle` of bytes, found something else")
    values = unpacked(bytes(packed), _CHANNELS * height * width)
    return runs_of(values.reshape(height, width, _CHANNELS)[..., -1] > 0, 0, 0, height, width)


class _Bits:
    """Bits of bytes, from the first one on."""

    def __init__(self, content: bytes) -> None:
        self.content, self.at = content, 0
        self.end = 8 * len(content)

    def read(self, size: int) -> int:
        """Return the number that so many bits make."""
        last = self.at + size
        if last > self.end:
            wrong("expected a brush, found one that ends within a number")
        part = self.content[self.at >> 3 : (last + 7) >> 3]
        self.at = last
        return int.from_bytes(part, "big") >> (-last & 7) & ((1 << size) - 1)

    def words(self, number: int) -> npt.NDArray[np.uint8]:
        """Return so many bytes."""
        last = self.at + 8 * number
        if last > self.end:
            wrong("expected a brush, found one that ends within its pixels")
        part = np.frombuffer(self.content[self.at >> 3 : (last + 7) >> 3], np.uint8)
        shift, self.at = self.at & 7, last
        if shift == 0:
            return part
        shifted: npt.NDArray[np.uint8] = np.bitwise_or(part[:-1] << shift, part[1:] >> (8 - shift))
        return shifted


def unpacked(content: bytes, number: int) -> npt.NDArray[np.uint8]:
    """Return so many bytes that were packed as runs and as they are, behind their number and their bits."""
    bits = _Bits(content)
    found, size = bits.read(32), bits.read(5) + 1
    if (found, size) != (number, 8):
        wrong(f"expected a brush of {number} values of 8 bits, found {found} of {size}")
    sizes = [bits.read(4) + 1 for _ in range(4)]
    values = np.zeros(number, np.uint8)
    at = 0
    while at < number:
        is_run = bits.read(1)
        end = at + 1 + bits.read(sizes[bits.read(2)])
        if end > number:
            wrong(f"expected a brush of {number} values, found more")
        values[at:end] = bits.read(8) if is_run else bits.words(end - at)
        at = end
    return values
