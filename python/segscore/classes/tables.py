"""Tables of classes as other tools write them, told by their content.

Each reader returns arguments of `Classes`. Where a table says no label values, classes are numbered in its
order and count as not confirmed, as for masks in colours.
"""

import csv
import json
import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeAlias

from segscore.base.limits import whole_number
from segscore.base.wording import shortened, show
from segscore.errors import ClassesError

Arguments: TypeAlias = dict[str, Any]

_CVAT = re.compile(r"([^:]+):(?:(\d{1,3}),(\d{1,3}),(\d{1,3}))?:[^:]*:[^:]*")
_CAMVID = re.compile(r"(\d{1,3})\s+(\d{1,3})\s+(\d{1,3})\s+(\S.*)")
_COLOURS = ["name", "r", "g", "b"]
_VALUES = ["pixel value", "class"]
_KNOWN = (
    "tables of classes are known of CVAT (labelmap.txt), CamVid (label_colors.txt), Roboflow (_classes.csv), "
    "Label Studio, Datumaro, Hugging Face (id2label) and nnU-Net (dataset.json), and class_dict.csv; "
    "any other is written as TOML, as `segscore classes new` does"
)


class Row(NamedTuple):
    """A class of a table."""

    name: str
    label: int | None = None
    """None where the table has no numbers."""
    colour: tuple[int, int, int] | None = None


def parse(content: bytes, where: str) -> Arguments:
    """Return the arguments of `Classes` that the table of another tool holds; errors call it `where`."""
    try:
        text = content.decode("utf-8-sig")
    except ValueError as error:
        raise ClassesError(f"{where}: expected text, found bytes that are none: {error}", _KNOWN) from error
    begin = text.lstrip()[:1]
    read = _of_json if begin in ("{", "[") else _of_xml if begin == "<" else _of_lines
    try:
        return read(text) if begin else _unknown("an empty file")
    except ClassesError as error:
        raise ClassesError(f"{where}: {error.message}", error.hint) from error


def _unknown(found: str) -> Arguments:
    raise ClassesError(f"expected a table of classes, found {found}", _KNOWN)


def _arguments(rows: Iterable[Row], ignore: Iterable[int] = ()) -> Arguments:
    rows = list(rows)
    if not rows:
        return _unknown("one without classes")
    numbered = rows[0].label is not None
    labels = [row.label if row.label is not None else k for k, row in enumerate(rows)]
    return {
        "names": [row.name for row in rows],
        "labels": labels,
        "ignore": list(ignore),
        "colours": {k: row.colour for k, row in zip(labels, rows, strict=True) if row.colour is not None},
        "confirmed": numbered,
    }


# Lines


def _of_lines(text: str) -> Arguments:
    """Read the tables that have a class on each line."""
    lines = [(k, line.strip()) for k, line in enumerate(text.splitlines(), 1) if line.strip()]
    heads = [part.strip().lower() for part in lines[0][1].split(",")]
    if heads in (_COLOURS, _VALUES):
        return _of_csv(text, heads)
    # CVAT's begins with a comment that names its columns.
    body = [(k, line) for k, line in lines if not line.startswith("#")]
    for shape, expected in ((_CVAT, "`name:r,g,b:parts:actions`"), (_CAMVID, "`r g b name`")):
        if body and shape.fullmatch(body[0][1]):
            return _arguments(_matched(body, shape, expected))
    return _unknown(f"{show(shortened(lines[0][1]))} on its first line")


def _matched(lines: list[tuple[int, str]], shape: re.Pattern[str], expected: str) -> Iterable[Row]:
    """Read lines as those of CVAT's `labelmap.txt` (its format "Segmentation mask"), or of CamVid's."""
    for k, line in lines:
        if (found := shape.fullmatch(line)) is None:
            raise _wrong(k, expected, line)
        parts = found.groups()
        name, colour = (parts[0], parts[1:]) if shape is _CVAT else (parts[3], parts[:3])
        yield Row(name.strip(), None, None if colour[0] is None else _colour(colour, k))


def _of_csv(text: str, heads: list[str]) -> Arguments:
    """Read `class_dict.csv` of names and colours, or Roboflow's `_classes.csv` of values and names."""
    rows = []
    reader = csv.reader(text.splitlines(), skipinitialspace=True)
    try:
        lines = (parts for parts in reader if any(part.strip() for part in parts))
        next(lines)  # the heads
        for parts in lines:
            if len(parts) != len(heads):
                raise _wrong(reader.line_num, f"{len(heads)} values ({', '.join(heads)})", ", ".join(parts))
            if heads == _VALUES:
                rows.append(Row(parts[1].strip(), _number(parts[0], f"line {reader.line_num}")))
            else:
                rows.append(Row(parts[0].strip(), None, _colour(parts[1:], reader.line_num)))
    except csv.Error as error:
        raise ClassesError(f"line {reader.line_num}: no CSV: {error}", _KNOWN) from error
    return _arguments(rows)


def _wrong(line: int, expected: str, found: str) -> ClassesError:
    return ClassesError(
        f"line {line}: expected {expected}, found {show(shortened(found))}", "write it as on the other lines"
    )


def _colour(parts: Iterable[str], line: int) -> tuple[int, int, int]:
    red, green, blue = (_number(part, f"line {line}") for part in parts)
    if max(red, green, blue) > 255 or min(red, green, blue) < 0:
        raise _wrong(line, "a colour of three numbers from 0 to 255", f"{red} {green} {blue}")
    return red, green, blue


def _number(given: object, where: str) -> int:
    """Return a label value, which JSON may give as a number or as a text."""
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    try:
        return whole_number(given) if isinstance(given, str) else _no_number()
    except ValueError:
        raise ClassesError(
            f"{where}: expected a whole number, found {show(shortened(str(given)))}",
            "label values are whole numbers",
        ) from None


def _no_number() -> int:
    raise ValueError


# JSON


def _of_json(text: str) -> Arguments:
    try:
        table = json.loads(text, object_pairs_hook=_unique)
    except ClassesError:
        raise
    except (ValueError, RecursionError) as error:
        raise ClassesError(f"no JSON: {error}", _KNOWN) from error
    if isinstance(table, dict):
        for is_it, read in _JSON:
            if is_it(table):
                return read(table)
        return _unknown(f"JSON with the keys {', '.join(map(show, list(table)[:5]))}")
    return _unknown("a list in JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON, of which no key is given twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        doubled = next(key for key in found if keys.count(key) > 1)
        raise ClassesError(f"the key {show(shortened(doubled))} is given twice", "give each one once")
    return found


def _named(table: object, what: str) -> Iterable[Row]:
    """Read an object of label values and names."""
    if not isinstance(table, dict):
        raise ClassesError(f"expected `{what}` to be an object of ids and names", 'write {"0": "road"}')
    for key, name in table.items():
        if not isinstance(name, str):
            raise ClassesError(f"`{what}`: expected a name for {show(key)}, found {name!r}", "write a text")
        yield Row(name, _number(key, f"`{what}`"))


def _of_hugging_face(table: dict[str, Any]) -> Arguments:
    """Read `id2label` of a model's or a dataset's config, or a file of nothing else."""
    return _arguments(
        sorted(_named(table.get("id2label", table), "id2label"), key=lambda row: row.label or 0)
    )


def _of_datumaro_meta(table: dict[str, Any]) -> Arguments:
    """Read Datumaro's `dataset_meta.json`: ids with names, and a colour for each in their order."""
    rows = list(_named(table["label_map"], "label_map"))
    colours = table.get("segmentation_colors") or [None] * len(rows)
    if not isinstance(colours, list) or len(colours) != len(rows):
        raise ClassesError(
            f"expected as many `segmentation_colors` as names, {len(rows)}, found "
            f"{len(colours) if isinstance(colours, list) else show(shortened(str(colours)))}",
            "give each class a colour, or leave them out",
        )
    coloured = [None if c is None else tuple(c) if isinstance(c, list) else (c,) for c in colours]
    return _arguments(row._replace(colour=c) for row, c in zip(rows, coloured, strict=True))


def _of_datumaro(table: dict[str, Any]) -> Arguments:
    """Read the categories of Datumaro's own format, which stand in the order of their ids."""
    categories = table["categories"]
    try:
        names = [entry["name"] for entry in categories["label"]["labels"]]
        map_ = categories["mask"]["colormap"] if categories.get("mask") else []
        colours = {entry["label_id"]: (entry["r"], entry["g"], entry["b"]) for entry in map_}
    except (TypeError, KeyError) as error:
        raise ClassesError(
            f"`categories`: expected labels with names, found none: {error}", _KNOWN
        ) from error
    return _arguments(Row(name, k, colours.get(k)) for k, name in enumerate(names))


def _of_nnunet(table: dict[str, Any]) -> Arguments:
    """Read nnU-Net's `dataset.json`: names with label values, those of `ignore` apart, or ids with names."""
    given = table["labels"]
    if all(key.isdecimal() for key in given):  # of its first version
        return _arguments(_named(given, "labels"))
    names, labels, ignore = [], [], []
    owner: dict[int, str] = {}
    for name, value in given.items():
        own = [_number(one, f"label {show(name)}") for one in (value if isinstance(value, list) else [value])]
        if name == "ignore":
            ignore += own
            continue
        for label in own:
            if owner.setdefault(label, name) != name:
                raise ClassesError(
                    f"label {label} belongs to the regions {show(owner[label])} and {show(name)}, "
                    "which overlap",
                    "score the labels as classes of their own, written as TOML, and regions with "
                    "`Evaluation.regions`",
                )
        names.append(name)
        labels.append(own)
    return {"names": names, "labels": labels, "ignore": ignore, "colours": {}, "confirmed": True}


_BRUSHES = ("BrushLabels", "PolygonLabels", "BitmaskLabels")
"""What marks pixels in Label Studio."""


def _brushes(table: dict[str, Any]) -> list[list[object]]:
    """Return the labels of each tag that marks pixels, of a config as Label Studio's SDK parses it."""
    tags = [tag for tag in table.values() if isinstance(tag, dict) and tag.get("type") in _BRUSHES]
    return [tag["labels"] for tag in tags if isinstance(tag.get("labels"), list)]


def _of_label_studio(table: dict[str, Any]) -> Arguments:
    return _arguments(Row(str(name)) for labels in _brushes(table) for name in labels)


_JSON: tuple[tuple[Callable[[dict[str, Any]], bool], Callable[[dict[str, Any]], Arguments]], ...] = (
    (lambda table: "id2label" in table, _of_hugging_face),
    (lambda table: bool(table) and all(key.isdecimal() for key in table), _of_hugging_face),
    (lambda table: "label_map" in table, _of_datumaro_meta),
    (lambda table: isinstance(table.get("categories"), dict), _of_datumaro),
    (lambda table: isinstance(table.get("labels"), dict), _of_nnunet),
    (lambda table: bool(_brushes(table)), _of_label_studio),
)


# XML


def _of_xml(text: str) -> Arguments:
    """Read a labelling config of Label Studio, whose colours are those of its own display."""
    from xml.etree import ElementTree as ET

    if "<!" in text.replace("<!--", ""):
        return _unknown("XML with declarations of its own, which are not read")
    try:
        root = ET.fromstring(text)  # noqa: S314 - there are no entities, as just seen
    except (ValueError, RecursionError, ET.ParseError) as error:
        raise ClassesError(f"no XML: {error}", _KNOWN) from error
    brushes = [tag for kind in _BRUSHES for tag in root.iter(kind)]
    if not brushes:
        return _unknown(f"XML without any of {', '.join(f'`{kind}`' for kind in _BRUSHES)}")
    names = [label.get("alias") or label.get("value") for tag in brushes for label in tag.iter("Label")]
    if None in names:
        raise ClassesError("expected a `value` of each `Label`, found one without", "give each one a value")
    return _arguments(Row(name) for name in names if name is not None)
