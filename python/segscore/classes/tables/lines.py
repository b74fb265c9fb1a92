"""Tables that have a class on each line: CVAT, CamVid, labelme, and tables with commas."""

import csv
import re
from collections.abc import Iterable

from segscore.base.wording import shortened, show
from segscore.classes.tables.rows import KNOWN, Arguments, Row, arguments, colour, number, unknown
from segscore.errors import ClassesError

_RGB = r"\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*"
_CVAT = re.compile(rf"([^:]+)(?::(?:{_RGB})?(?::[^:]*){{0,2}})?")
_CVAT_HEAD = re.compile(r"#\s*label\s*:\s*color_rgb\b.*")
_CVAT_FIRST = re.compile(rf"[^:]+:(?:{_RGB}(?::[^:]*){{0,2}}|\s*:[^:]*:[^:]*)")
"""Of a table without its head: a colon alone does not say that it is one."""
_CAMVID = re.compile(r"(\d{1,3})\s+(\d{1,3})\s+(\d{1,3})\s+(\S.*)")
_COLOURS = ["name", "r", "g", "b"]
_VALUES = ["pixel value", "class"]
_IGNORE, _BACKGROUND = "__ignore__", "_background_"
_MARKS = [-1, 255]
"""What labelme writes where `__ignore__` is: -1, and 255 in a file of 8 bits."""

Lines = list[tuple[int, str]]


def read(text: str) -> Arguments | None:
    """Return what a table says that has a class on each line, or None if this is none."""
    lines = [(k, line.strip()) for k, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        return None
    heads = [part.strip().lower() for part in lines[0][1].split(",")]
    if heads in (_COLOURS, _VALUES):
        return _of_csv(text, heads)
    # CVAT's begins with a comment that names its columns.
    body = [(k, line) for k, line in lines if not line.startswith("#")]
    if not body:
        return None
    first = body[0][1]
    if _CVAT_HEAD.fullmatch(lines[0][1]) or _CVAT_FIRST.fullmatch(first):
        return arguments(_of_cvat(body))
    if _CAMVID.fullmatch(first):
        return arguments(_of_camvid(body))
    return _of_labelme(lines) if first in (_IGNORE, _BACKGROUND) else None


def _of_cvat(lines: Lines) -> Iterable[Row]:
    """Read the lines of CVAT's `labelmap.txt` (its format "Segmentation mask")."""
    for k, line in lines:
        found = _matched(_CVAT, line, k, "`name:r,g,b:parts:actions`")
        name, *parts = found
        yield Row(name.strip(), None, None if parts[0] is None else colour(parts, f"line {k}"))


def _of_camvid(lines: Lines) -> Iterable[Row]:
    for k, line in lines:
        *parts, name = _matched(_CAMVID, line, k, "`r g b name`")
        yield Row(name.strip(), None, colour(parts, f"line {k}"))


def _of_labelme(lines: Lines) -> Arguments:
    """Read labelme's `labels.txt`, which is counted from -1, or its `class_names.txt`, counted from 0."""
    ignored = lines[0][1] == _IGNORE
    for place, (k, line) in enumerate(lines):
        # labelme counts lines that are empty as well.
        if k != place + lines[0][0]:
            raise ClassesError(f"line {k - 1}: expected a name, found an empty line", "take the line out")
        if line.startswith("#"):
            raise _wrong(k, "a name", line)
    names = [line for _, line in lines[ignored:]]
    return arguments([Row(name, k) for k, name in enumerate(names)], _MARKS if ignored else ())


def _of_csv(text: str, heads: list[str]) -> Arguments:
    """Read `class_dict.csv` of names and colours, or Roboflow's `_classes.csv` of values and names."""
    rows = []
    reader = csv.reader(text.splitlines(), skipinitialspace=True)
    try:
        lines = (parts for parts in reader if any(part.strip() for part in parts))
        next(lines)  # the heads
        for parts in lines:
            where = f"line {reader.line_num}"
            if len(parts) != len(heads):
                raise _wrong(reader.line_num, f"{len(heads)} values ({', '.join(heads)})", ", ".join(parts))
            if heads == _VALUES:
                rows.append(Row(parts[1].strip(), number(parts[0], where)))
            else:
                rows.append(Row(parts[0].strip(), None, colour(parts[1:], where)))
    except csv.Error as error:
        raise ClassesError(f"line {reader.line_num}: no CSV: {error}", KNOWN) from error
    return arguments(rows)


def _matched(shape: re.Pattern[str], line: str, k: int, expected: str) -> list[str]:
    if (found := shape.fullmatch(line)) is None:
        raise _wrong(k, expected, line)
    return [*found.groups()]


def _wrong(line: int, expected: str, found: str) -> ClassesError:
    return ClassesError(
        f"line {line}: expected {expected}, found {show(shortened(found))}", "write it as on the other lines"
    )


def unknown_line(text: str) -> ClassesError:
    """Return the error of a text that is no table."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), None)
    return unknown("an empty file" if first is None else f"{show(shortened(first))} on its first line")
