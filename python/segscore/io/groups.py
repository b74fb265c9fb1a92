"""Groups of images, such as the weather or the city of a scene: an evaluation for each.

A group's evaluation is a selection of the whole one. A table of attributes may be read from a CSV file;
masks are never read.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from segscore.errors import ArgumentError, FileFormatError
from segscore.io.sources import show
from segscore.results.selecting import taken
from segscore.scores.metric import unknown

if TYPE_CHECKING:
    from segscore.results.evaluated import Evaluation

Label: TypeAlias = str | int
"""What names a group."""
By: TypeAlias = (
    Mapping[str, Label] | Callable[[str], Label] | str | re.Pattern[str] | Sequence[Label] | Iterable[Label]
)
"""What says which group an image is in."""

_NAMED = 3


@dataclass(frozen=True, eq=False, repr=False)
class Groups(Mapping[Label, "Evaluation"]):
    r"""The evaluations of groups of images by the groups' names, sorted; it never changes.

    Examples
    --------
    >>> from segscore import Evaluator
    >>> judge = Evaluator(["road", "sky"])
    >>> for name in ("rain_1", "sun_1", "sun_2"):
    ...     judge.add(pred=[[0, 0], [1, 1]], target=[[0, 0], [0, 1]], name=name)
    >>> groups = group_by(judge.result(), r"^(\w+)_")
    >>> {name: len(ev.names) for name, ev in groups.items()}
    {'rain': 1, 'sun': 2}
    """

    _groups: dict[Label, "Evaluation"]

    def __getitem__(self, name: Label) -> "Evaluation":
        """Return the evaluation of a group.

        Raises
        ------
        ArgumentError
            If there is no such group; it names the nearest ones.
        """
        if name not in self:
            raise unknown("group", str(name), map(str, self._groups))
        return self._groups[name]

    def __contains__(self, name: object) -> bool:
        """Whether there is a group of this name."""
        return isinstance(name, str | int) and name in self._groups

    def get(self, name: Label, default: Any = None) -> Any:
        """Return the evaluation of a group, or `default` if there is no such group."""
        return self._groups.get(name, default)

    def __iter__(self) -> Iterator[Label]:
        """Go through the names of the groups, sorted."""
        return iter(self._groups)

    def __len__(self) -> int:
        """Return the number of groups."""
        return len(self._groups)

    def __repr__(self) -> str:
        """Return a short form with the number of images of each of the first groups."""
        first = [f"{name!r}: {len(ev.names):,}" for name, ev in list(self._groups.items())[:4]]
        return f"<Groups of images: {', '.join(first)}{', …' if len(self) > 4 else ''}>"

    def __str__(self) -> str:
        """Return one row of scores a group, in 80 columns."""
        from segscore.results.slices_text import groups_text

        return groups_text(self._groups)


def group_by(
    evaluation: "Evaluation",
    by: By | None = None,
    *,
    csv: str | PathLike[str] | None = None,
    column: str | None = None,
    key: str = "name",
) -> Groups:
    r"""Return the evaluation of each group of images.

    Parameters
    ----------
    evaluation : Evaluation
        All images.
    by : mapping, callable, str, re.Pattern or sequence
        By default the groups that the evaluation has. The group of every image, a text or an integer: a
        mapping from names, which may have further names; a function of the name; a regular expression
        that is searched for in the name, whose only group or whose group ``(?P<group>…)`` is the group; or
        a sequence of n groups in the order of the names.
    csv : path, optional
        Instead of `by`, a CSV file in UTF-8 with a line of titles.
    column, key : str
        The titles of the columns of groups and of names of images.

    Returns
    -------
    Groups
        Sorted; every image is in one group. ``provenance["group"]`` of an evaluation is its name.

    Raises
    ------
    ArgumentError
        If an image has no group, or the arguments do not go together.
    FileFormatError
        If the CSV file cannot be read, lacks a column or an image, or has two lines for one.

    Examples
    --------
    >>> from segscore import Evaluator
    >>> judge = Evaluator(["road", "sky"])
    >>> for name in ("bonn/1", "ulm/1", "ulm/2"):
    ...     judge.add(pred=[[0, 0], [1, 1]], target=[[0, 0], [0, 1]], name=name)
    >>> print(group_by(judge.result(), lambda name: name.split("/")[0]))
    group  images  mean IoU  mean Dice  pixel accuracy  worst class
    bonn        1    0.5833     0.7333          0.7500  sky 0.5000
    ulm         2    0.5833     0.7333          0.7500  sky 0.5000
    """
    if by is None and csv is None and column is None:
        by = evaluation.groups
    if (by is None) == (csv is None) or (csv is None) != (column is None):
        raise ArgumentError(
            "images are grouped by `by`, or by `csv` and `column`", 'such as `csv="a.csv", column="weather"`'
        )
    names = evaluation.names
    if csv is not None:
        assert column is not None
        checked = _checked(names, csv_columns(names, csv, [column], key)[column])
    else:
        checked = labels_of(names, by)
    order = {label: i for i, label in enumerate(sorted(set(checked)))}
    at = np.array([order[label] for label in checked], dtype=np.int64)
    # A stable sort keeps the images of each group in their order.
    parts = np.split(np.argsort(at, kind="stable"), np.cumsum(np.bincount(at, minlength=len(order)))[:-1])
    outer = f"{evaluation.provenance['group']}, " if "group" in evaluation.provenance else ""
    made = {}
    for label, images in zip(order, parts, strict=True):
        part = taken(evaluation, images)
        made[label] = replace(part, provenance={**part.provenance, "group": f"{outer}{label}"})
    return Groups(made)


def labels_of(names: tuple[str, ...], by: object) -> list[Label]:
    """Return the group of each image.

    Parameters
    ----------
    names : tuple of str
        The images.
    by : mapping, callable, str, re.Pattern or sequence
        As for :func:`group_by`, which says what is raised.
    """
    return _checked(names, _labels(names, by))


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
    if not isinstance(by, Iterable):
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
        pattern = re.compile(by)
    except re.error as error:
        raise ArgumentError(f"`{by}` is no regular expression: {error}", _PATTERN) from error
    if not isinstance(pattern.pattern, str) or (pattern.groups != 1 and "group" not in pattern.groupindex):
        raise ArgumentError(
            f"expected a regular expression with one group, found {pattern.groups} in `{pattern.pattern!s}`",
            _PATTERN,
        )
    found = [pattern.search(name) for name in names]
    group = "group" if "group" in pattern.groupindex else 1
    labels = [None if match is None else match[group] for match in found]
    absent = [name for name, label in zip(names, labels, strict=True) if label is None]
    if absent:
        raise ArgumentError(f"`{pattern.pattern}` finds no group: {_listed(absent)} none", _PATTERN)
    return [label for label in labels if label is not None]


_PATTERN = r'such as r"^(\w+)_": what matches within the parentheses is the group of the image'


def csv_columns(
    names: tuple[str, ...], path: str | PathLike[str], columns: Sequence[str] | None = None, key: str = "name"
) -> dict[str, list[str]]:
    """Return columns of a CSV file, each with one text an image.

    Parameters
    ----------
    names : tuple of str
        The images.
    path : path
        A file in UTF-8 with a line of titles; lines of further images are passed over.
    columns : sequence of str, optional
        Titles of the columns; by default all but that of the names.
    key : str
        The title of the column of names.

    Raises
    ------
    FileFormatError
        If it cannot be read, lacks a column or an image, or has two lines for one.
    """
    import csv

    path = fspath(path)
    where = show(path)
    try:
        # Undecodable bytes are read as they are in the names of files.
        with open(path, encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            lines = [line for line in csv.reader(file) if line]
    except (OSError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise FileFormatError(f"{where}: cannot be read: {reason}", "give the path of a CSV file") from error
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


def _checked(names: tuple[str, ...], labels: Sequence[object]) -> list[Label]:
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
