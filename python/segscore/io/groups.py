"""Groups of images, such as the weather or the city of a scene: which one each image is in, told by its name.

A table of attributes may be read from a CSV file; masks are never read.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from io import StringIO
from os import PathLike, fspath
from typing import TypeAlias

import numpy as np

from segscore.base import limits
from segscore.base.naming import by_face
from segscore.base.pointers import way_out
from segscore.base.values import is_ordered
from segscore.base.wording import reason, shortened, show
from segscore.errors import ArgumentError, FileFormatError
from segscore.io.searching import found_in

Label: TypeAlias = str | int
"""What names a group."""
By: TypeAlias = (
    Mapping[str, Label] | Callable[[str], Label] | str | re.Pattern[str] | Sequence[Label] | Iterable[Label]
)
"""What says which group an image is in."""

_NAMED = 3
_MOST_CSV = 1 << 28
"""Bytes of a table of attributes."""


def labels_of(names: tuple[str, ...], by: object) -> list[Label]:
    """Return the group of each image; `by` is as for `results.groups.group_by`, which says what is raised."""
    return checked_labels(names, _labels(names, by))


def _labels(names: tuple[str, ...], by: object) -> Sequence[object]:
    if isinstance(by, Mapping):
        absent = [name for name in names if name not in by]
        if absent:
            raise ArgumentError(
                f"{_listed(absent)} no group", "give each image a group, or `select` those that have one"
            )
        return [by[name] for name in names]
    if isinstance(by, str | re.Pattern):
        return _of_pattern(names, by)
    if callable(by):
        return [by(name) for name in names]
    if not is_ordered(by):
        raise ArgumentError(
            f"images are grouped by {by!r}",
            "give a mapping, a function, a regular expression or one group an image",
        )
    labels = list(by)
    if len(labels) != len(names):
        raise ArgumentError(
            f"expected one group for each of {len(names):,} images, found {len(labels):,}",
            "they are in the order of `ev.names`",
        )
    return labels


def _of_pattern(names: tuple[str, ...], by: str | re.Pattern[str]) -> list[str]:
    try:
        pattern = limits.pattern(by) if isinstance(by, str) else by
    except ValueError as error:
        raise ArgumentError(f"`{shortened(str(by))}` is no regular expression: {error}", _PATTERN) from error
    if not isinstance(pattern.pattern, str) or (pattern.groups != 1 and "group" not in pattern.groupindex):
        raise ArgumentError(
            f"expected a regular expression with one group, found {pattern.groups} in `{pattern.pattern!s}`",
            _PATTERN,
        )
    group = "group" if "group" in pattern.groupindex else 1
    if isinstance(by, str):
        labels = found_in(names, pattern, group)
    else:  # it is code, as a function is
        matches = [pattern.search(name) for name in names]
        labels = [None if match is None else match[group] for match in matches]
    absent = [name for name, label in zip(names, labels, strict=True) if label is None]
    if absent:
        raise ArgumentError(f"`{pattern.pattern}` finds no group: {_listed(absent)} none", _PATTERN)
    return [label for label in labels if label is not None]


_PATTERN = "such as " + by_face(r'r"^(\w+)_"', forms=r"`^(\w+)_`")
_PATTERN += ": what matches within the parentheses is the group of the image"


def csv_columns(
    names: tuple[str, ...], path: str | PathLike[str], columns: Sequence[str] | None = None, key: str = "name"
) -> dict[str, list[str]]:
    """Return columns of a CSV file, each with one text an image; by default all but the column of names.

    The file is UTF-8 with a line of titles; lines of further images are passed over. One that cannot be read,
    lacks a column or an image, or has two lines for one, is a FileFormatError.
    """
    import csv

    path = fspath(path)
    where = show(path)
    try:
        # Undecodable bytes are read as they are in the names of files.
        text = limits.content_of(path, _MOST_CSV).decode("utf-8-sig", errors="surrogateescape")
        lines = [line for line in csv.reader(StringIO(text, newline="")) if line]
    except (OSError, ValueError, csv.Error) as error:
        raise FileFormatError(
            f"{where}: cannot be read: {reason(error)}", way_out(error, "give the path of a CSV file")
        ) from error
    titles = lines[0] if lines else []
    asked = [title for title in titles if title != key] if columns is None else columns
    for title in (key, *asked):
        if titles.count(title) != 1:
            raise FileFormatError(
                f"{where}: expected one column `{title}`, found {titles.count(title)}",
                f"its columns are {', '.join(f'`{t}`' for t in titles)}" if titles else "the file is empty",
            )
    at = titles.index(key)
    found: dict[str, list[str]] = {}
    wanted = set(names)
    for line in lines[1:]:
        if len(line) != len(titles):
            raise FileFormatError(
                f"{where}: expected {len(titles)} cells in each line, found {len(line)} in `{line[0]}`",
                "cells that hold a comma stand in double quotes",
            )
        if line[at] in found and line[at] in wanted:
            raise FileFormatError(f"{where}: two lines are of image `{line[at]}`", "each image has one line")
        found[line[at]] = line
    absent = [name for name in names if name not in found]
    if absent:
        nearest = (
            f"its names are such as `{next(iter(found))}`" if found else "it has no lines but the titles"
        )
        raise FileFormatError(f"{where}: {_listed(absent)} no line", nearest)
    return {title: [found[name][titles.index(title)] for name in names] for title in asked}


def checked_labels(names: tuple[str, ...], labels: Sequence[object]) -> list[Label]:
    """Return the group of each image, or raise an error where one has none."""
    if set(map(type, labels)) in ({str}, {int}) and len(labels) == len(names):
        return list(labels)  # type: ignore[arg-type]  # as all are that a dataset has
    checked: list[Label] = []
    for name, given in zip(names, labels, strict=True):
        label = given.item() if isinstance(given, np.generic) else given
        if not isinstance(label, str | int):
            raise ArgumentError(
                f"the group of `{name}` is {label!r}", "a group is named by a text or an integer"
            )
        if checked and type(label) is not type(checked[0]):
            raise ArgumentError(
                f"`{names[0]}` is in group {checked[0]!r}, `{name}` in group {label!r}",
                "name all groups by texts, or all by integers",
            )
        checked.append(label)
    return checked


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:_NAMED])
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"{shown}{more} {'has' if len(names) == 1 else 'have'}"
