"""Labelling configurations of Label Studio, whose colours are those of its own display."""

import re
from typing import Any

from segscore.base.wording import reason
from segscore.classes.tables.rows import KNOWN, Arguments, Row, arguments, name, unknown
from segscore.errors import ClassesError

_BRUSHES = ("BrushLabels", "PolygonLabels", "BitmaskLabels")
"""What marks pixels."""
_PROLOG = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
"""What may stand before a declaration, which stands nowhere else."""


def of_xml(text: str) -> Arguments:
    """Read a configuration as it is written."""
    from xml.etree import ElementTree as ET

    prolog = _PROLOG.match(text)
    if prolog is not None and text.startswith("<!", prolog.end()):
        raise unknown("XML with declarations of its own, which are not read")
    try:
        root = ET.fromstring(text)  # noqa: S314 - there are no entities, as just seen
    except (ValueError, RecursionError, ET.ParseError) as error:
        raise ClassesError(f"no XML: {reason(error)}", KNOWN) from error
    tags = [tag for tag in root.iter() if tag.tag in _BRUSHES]
    if not tags:
        raise unknown(f"XML without any of {', '.join(f'`{kind}`' for kind in _BRUSHES)}")
    names = [label.get("alias") or label.get("value") for tag in tags for label in tag.iter("Label")]
    if None in names:
        raise ClassesError("expected a `value` of each `Label`, found one without", "give each one a value")
    return _of_names(names)


def parsed(table: dict[str, Any]) -> list[list[object]]:
    """Return the labels of each tag that marks pixels, of a configuration as the SDK parses it."""
    tags = [tag for tag in table.values() if isinstance(tag, dict) and tag.get("type") in _BRUSHES]
    return [tag["labels"] for tag in tags if isinstance(tag.get("labels"), list)]


def of_parsed(table: dict[str, Any]) -> Arguments:
    """Read a configuration as the SDK parses it."""
    return _of_names([name(one, "`labels`") for labels in parsed(table) for one in labels])


def of_project(table: dict[str, Any]) -> Arguments:
    """Read a project as the API gives it, which holds its configuration as a text."""
    return of_xml(name(table["label_config"], "`label_config`"))


def _of_names(names: list[Any]) -> Arguments:
    """Return a class for each name: a label that polygons and brushes mark is one class."""
    return arguments(Row(one) for one in dict.fromkeys(names))
