"""What every table of classes becomes: rows, and the arguments of `Classes` that they make."""

from collections.abc import Iterable
from contextlib import suppress
from itertools import compress
from typing import Any, NamedTuple, TypeAlias

from segscore.base.limits import whole_number
from segscore.base.wording import shortened, show
from segscore.classes.folding import is_void
from segscore.classes.labels import Colour
from segscore.errors import ClassesError

Arguments: TypeAlias = dict[str, Any]

KNOWN = (
    "tables of classes are known of CVAT (labelmap.txt), CamVid (label_colors.txt), Roboflow (_classes.csv), "
    "Label Studio, Datumaro, labelme (labels.txt), COCO (categories), Supervisely (meta.json), Hugging Face "
    "(id2label) and nnU-Net (dataset.json), and class_dict.csv; any other is written as TOML, as "
    "`segscore classes new` does"
)


class Row(NamedTuple):
    """A class of a table."""

    name: str
    label: int | None = None
    """None where the table has no numbers."""
    colour: Colour | None = None


def arguments(rows: Iterable[Row], ignore: Iterable[int] = ()) -> Arguments:
    """Return what rows say; without label values, classes are numbered in their order and not confirmed.

    Entries that are called void are ignored, and keep the number of their place.
    """
    rows = list(rows)
    scored = [not is_void(row.name) for row in rows]
    if not any(scored):
        raise unknown("one without classes" if not rows else "one of void alone")
    numbered = rows[0].label is not None
    labels = [row.label if row.label is not None else k for k, row in enumerate(rows)]
    return {
        "names": list(compress((row.name for row in rows), scored)),
        "labels": list(compress(labels, scored)),
        "ignore": [*ignore, *(label for label, one in zip(labels, scored, strict=True) if not one)],
        "void_names": [row.name for row, one in zip(rows, scored, strict=True) if not one],
        "colours": {k: row.colour for k, row in zip(labels, rows, strict=True) if row.colour is not None},
        "confirmed": numbered,
    }


def unknown(found: str) -> ClassesError:
    """Return the error of a file that is no table."""
    return ClassesError(f"expected a table of classes, found {found}", KNOWN)


def name(given: object, where: str) -> str:
    """Return the name of a class, which JSON may give as anything."""
    return as_written(given, where).strip()


def as_written(given: object, where: str) -> str:
    """Return the name of a class as it is written."""
    if isinstance(given, str):
        return given
    raise ClassesError(f"{where}: expected a name, found {shortened(repr(given))}", "write a text")


def number(given: object, where: str) -> int:
    """Return a label value, which JSON may give as a number or as a text."""
    found = given if isinstance(given, int) and not isinstance(given, bool) else None
    if isinstance(given, str):
        with suppress(ValueError):
            found = whole_number(given)
    if found is not None and found >= 0:
        return found
    raise ClassesError(
        f"{where}: expected a whole number from 0, found {show(shortened(str(given)))}",
        "label values are whole numbers from 0",
    )


def colour(parts: object, where: str) -> Colour:
    """Return a colour of its three parts."""
    if not isinstance(parts, list | tuple) or len(parts) != 3:
        raise _no_colour(str(parts), where)
    red, green, blue = (number(part, where) for part in parts)
    if max(red, green, blue) > 255:
        raise _no_colour(f"{red} {green} {blue}", where)
    return red, green, blue


def _no_colour(found: str, where: str) -> ClassesError:
    return ClassesError(
        f"{where}: expected a colour of three numbers from 0 to 255, found {show(shortened(found))}",
        "write red, green and blue",
    )
