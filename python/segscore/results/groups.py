"""Groups of images: an evaluation for each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any, NamedTuple

import numpy as np

from segscore.base.shown import Shown, brief, first
from segscore.base.wording import many, visible
from segscore.errors import ArgumentError, unknown
from segscore.io.groups import By, Label, checked_labels, csv_columns, labels_of
from segscore.results.evaluated import E, Evaluated
from segscore.results.selecting import taken
from segscore.scores.alike import side_by_side
from segscore.scores.metric import column_metrics
from segscore.scores.named import number_of
from segscore.scores.numbers import Number
from segscore.scores.object_numbers import explained
from segscore.scores.shape_numbers import shape_column, shapes_shown
from segscore.scores.shape_summary import said
from segscore.text.names import cut
from segscore.text.numbers import DASH, number
from segscore.text.plain import WIDTH, section_blocks
from segscore.text.summary import MAX_ROWS, Section
from segscore.text.table import table

_WORST_WIDTH = 12
"""Columns for the name of the worst class, so that the groups' names have room."""


@dataclass(frozen=True, eq=False, repr=False)
class Groups(Shown, Mapping[Label, E]):
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

    _groups: dict[Label, E]

    def __getitem__(self, name: Label) -> E:
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
        shown = [f"{brief(name)}: {len(ev.names):,}" for name, ev in self._groups.items()]
        return f"<Groups of images: {first(shown)}>"

    def __str__(self) -> str:
        """Return one row of scores a group, in 80 columns."""
        return groups_text(self._groups)


def group_by(
    evaluation: E,
    by: By | None = None,
    *,
    csv: str | PathLike[str] | None = None,
    column: str | None = None,
    key: str = "name",
) -> Groups[E]:
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
        checked = checked_labels(names, csv_columns(names, csv, [column], key)[column])
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


def groups_text(
    groups: Mapping[str | int, Evaluated],
    *,
    title: str = "group",
    limit: int = MAX_ROWS,
    width: int = WIDTH,
) -> str:
    """Return one row a group as text, of the first ones; names are cut to the width."""
    first = next(iter(groups.values()))
    shown = columns_of(first)
    rows = []
    for name, evaluation in list(groups.items())[:limit]:
        numbers = (number(evaluation.metric(one.name)) for one in shown)
        worst, value = worst_class(evaluation)
        told = DASH if not worst else f"{cut(visible(worst), _WORST_WIDTH)} {number(value)}"
        rows.append((visible(str(name)), f"{len(evaluation.names):,}", *numbers, told))
    titles = (visible(title), "images", *(one.title for one in shown), "worst class")
    lines = table(titles, rows, width, left=(0, len(titles) - 1))
    if len(groups) > limit:
        lines.append(f"and {len(groups) - limit:,} more")
    if first.measures.of_pixels:
        lines += _unlike_lines(groups, title, limit, width)
        lines += _shape_lines(groups, title, limit, width)
    return "\n".join(lines)


class Column(NamedTuple):
    """A number of the whole of which tables of groups have a column."""

    name: str
    title: str
    explained: str


def columns_of(evaluation: Evaluated) -> list[Column]:
    """Return the columns of tables of groups: numbers of pixels, or of objects where no pixel has a class."""
    if evaluation.measures.of_pixels:
        return [Column(one.name, one.label, one.explained) for one in column_metrics(evaluation.classes)]
    measures, classes = evaluation.measures, evaluation.classes
    return [
        Column(one.name, shape_column(one, measures, classes), explained(one.metric, measures))
        for one in shape_numbers_of(evaluation)
    ]


def shape_numbers_of(evaluation: Evaluated) -> list[Number]:
    """Return the numbers of shapes of which tables of groups have a column."""
    names = shapes_shown(evaluation.measures, evaluation.classes)
    return [number_of(name, evaluation.classes) for name in names]


def _shape_lines(groups: Mapping[Label, Evaluated], title: str, limit: int, width: int) -> list[str]:
    """Return what was measured of the shapes, or of the objects, of each group; nothing where nothing was."""
    first = next(iter(groups.values()))
    measures, asked = first.measures, shape_numbers_of(first)
    if not asked:
        return []
    lacking = ("missed", "invented") if measures.distances else ()
    rows = [
        (
            visible(str(name)),
            *(number(one.metric(of.name), of.metric.digits) for of in asked),
            *(f"{getattr(one.surface, what).sum():,}" for what in lacking),
        )
        for name, one in list(groups.items())[:limit]
    ]
    titles = (visible(title), *(shape_column(of, measures, first.classes) for of in asked), *lacking)
    facts = (said(measures),) if measures.distances else ()
    parts = {
        "boundaries and surfaces": measures.boundary or measures.distances,
        "objects": measures.instances,
    }
    what = " and ".join(part for part, there in parts.items() if there)
    section = Section(what, titles, tuple(rows), facts)
    return [line for block in section_blocks(section, width) for line in ("", *block) if block]


def _unlike_lines(groups: Mapping[Label, Evaluated], title: str, limit: int, width: int) -> list[str]:
    """Return means over the classes that all groups have, where those of each are over others; or nothing."""
    parts = list(groups.values())
    found = side_by_side(parts[0].classes, [part.scores.counts for part in parts])
    if found is None:
        return []
    rows = [
        (visible(str(name)), f"{covers:,}", number(value))
        for name, covers, value in zip(groups, found.covers, found.values, strict=True)
    ][:limit]
    common = f"over the {many(found.shared, 'class')} that all have" if found.shared else "no class is in all"
    told = f"means are over the classes of each group; {common}:"
    return ["", told, *table((visible(title), "classes", "mean IoU"), rows, width)]


def worst_class(evaluation: Evaluated) -> tuple[str, float]:
    """Return the class of the mean with the lowest number, the first of equal ones, and the number.

    It is the IoU, or the average precision of detections; without a class that has one the name is empty.
    """
    classes = evaluation.classes
    if evaluation.measures.of_pixels:
        values = np.asarray(evaluation.scores.iou)
    else:
        values = np.array([evaluation.metric(evaluation.main.of_class(name)) for name in classes.names])
    of_mean = np.where(classes.in_mean, values, np.nan)
    if np.isnan(of_mean).all():
        return "", float("nan")
    i = int(np.nanargmin(of_mean))
    return classes.names[i], float(of_mean[i])
