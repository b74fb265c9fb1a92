"""What is asked about the images of a run: its address, the columns of its table, and the table as a file."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from segscore.app.faults import of_query
from segscore.app.pictures import dataset_of, evaluation_of
from segscore.app.state import State
from segscore.base.values import Bools
from segscore.base.wording import shortened
from segscore.errors import ArgumentError
from segscore.evaluation.evaluation import Evaluation
from segscore.pages.queries import query_of, search_of, switch_of
from segscore.results.finding import Found, Order, Search, find, pixels_said
from segscore.scores.images import NOT_IN_TARGET
from segscore.scores.metric_row import Metric
from segscore.scores.named import number_of
from segscore.scores.object_summary import matched_at
from segscore.scores.titles import metric_title
from segscore.text.numbers import number
from segscore.workspace import Run
from segscore.workspace.reports import ATTRIBUTE, image_attributes

_USUAL = ("mean_image_iou", "pixel_accuracy")
"""Metrics that each row has."""
VIEWS = ("grid", "table")
"""How the images are shown."""
FORMATS = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
"""Kinds of files that the table is saved as, by their endings."""


class Asked(NamedTuple):
    """What is asked of the page: which images, and how they are shown."""

    search: Search
    view: str = ""
    """One of `VIEWS`; empty for what there is."""
    page: str = ""
    """Of a list that is long; see `leaf`."""
    failed: bool = False
    """Whether the images are listed that could not be scored."""


def asked_of(given: Mapping[str, str], evaluation: Evaluation) -> Asked:
    """Return what a query asks for, of the images of a run; a QueryError says what cannot be."""
    with of_query():
        view = given.get("view", "")
        if view not in ("", *VIEWS):
            raise ArgumentError(
                f"`view` of the address is {shortened(view)!r}, expected {' or '.join(VIEWS)}",
                "leave it out for what there is",
            )
        search = search_of(given, len(evaluation.classes), evaluation.main_of_tables.image)
        return Asked(search, view, given.get("page", ""), failed=switch_of(given, "failed"))


def found_of(evaluation: Evaluation, search: Search, groups: Mapping[str, Sequence[object]]) -> Found:
    """Return the images that a query searches for; a QueryError says what there is not."""
    with of_query():
        return find(evaluation, search, groups)


def images_address(run: Run) -> str:
    """Return the address of the page of all images of a run."""
    return f"/runs/{run.id}/images"


class Addresses(NamedTuple):
    """Addresses of this page, and of its table as a file."""

    run: Run
    search: Search
    view: str
    classes: int

    def __call__(self, search: Search, *, view: str | None = None, page: int = 1, file: str = "") -> str:
        """Return the address of what a search finds, in the view of now unless another one is named."""
        view = self.view if view is None else view
        more = [f"view={view}" if view and not file else "", f"page={page}" if page > 1 else ""]
        query = "&".join(filter(None, [query_of(search, self.classes), *more]))
        return f"{images_address(self.run)}{file and '.'}{file}{query and '?'}{query}"


class Column(NamedTuple):
    """A column of the table, of all images."""

    title: str
    values: npt.NDArray[Any]
    name: str = ""
    """Of the number; empty for pixels."""
    metric: Metric | None = None
    looked_for: bool = False
    """Whether these are the pixels that are looked for."""
    held: Bools | None = None
    """Which images have in their target what the number is of; None for pixels."""

    def text(self, image: int) -> str:
        """Return the value of an image."""
        value = self.values[image]
        return f"{int(value):,}" if self.metric is None else number(float(value), self.metric.digits)

    def said(self, image: int) -> str:
        """Return the value of an image with what it is."""
        if self.metric is None:
            return f"{self.text(image)} px: {self.title}"
        absent = self.held is not None and not self.held[image] and not np.isnan(self.values[image])
        return f"{self.title} {self.text(image)}{f', {NOT_IN_TARGET}' if absent else ''}"


def columns_of(evaluation: Evaluation, search: Search, found: Found) -> list[Column]:
    """Return the columns of images: their usual scores, and what is looked for."""
    columns, main = [], evaluation.main_of_tables
    if search.of_pixels:
        columns.append(Column(pixels_said(search, evaluation.classes.names), found.pixels, looked_for=True))
    of_class = dict.fromkeys(
        main.image_of_class(evaluation.classes.names[i])
        for i in (search.target, search.pred)
        if i is not None and i < len(evaluation.classes)
    )
    of_pixels = evaluation.measures.of_pixels
    usual = _USUAL if of_pixels else (main.image,)
    metrics = dict.fromkeys([search.metric, *usual, *of_class])
    for name in metrics:
        values = found.values if name == search.metric else evaluation.images.metric(name)
        metric = number_of(name, evaluation.classes).metric
        columns.append(Column(metric_title(name), values, name, metric, held=evaluation.images.held(name)))
    if of_pixels:
        return [*columns, Column("wrong pixels", evaluation.cells.wrong)]
    found_objects = evaluation.shapes.matching.at(matched_at(evaluation.measures))
    missed, invented = (one.sum(axis=1) for one in (found_objects.fn, found_objects.fp))
    return [*columns, Column("missed", missed), Column("invented", invented)]


def ordered_by(columns: Sequence[Column], search: Search) -> Column:
    """Return the column that images are ordered by, or that of the metric."""
    by_pixels = search.ordered == "pixels"
    fitting = (c for c in columns if (c.looked_for if by_pixels else c.name == search.metric))
    return next(fitting, columns[-1])


def heading_of(column: Column, search: Search, address: Addresses) -> dict[str, Any]:
    """Return a heading: what it is, where it leads to, and how it is sorted now."""
    if column.looked_for:
        now = "descending" if search.ordered == "pixels" else ""
        return {"title": column.title, "address": address(replace(search, order="pixels")), "sorted": now}
    if column.metric is None:
        return {"title": column.title, "address": "", "sorted": ""}
    here = search.metric == column.name and search.ordered in ("worst", "best")
    order: Order = "best" if here and search.ordered == "worst" else "worst"
    rising = (search.ordered == "worst") == (column.metric.sign > 0)
    now = "" if not here else "ascending" if rising else "descending"
    if search.metric != column.name:
        # Limits are those of a metric, and mean nothing for another one.
        search = replace(search, metric=column.name, low=None, below=None)
    return {"title": column.title, "address": address(replace(search, order=order)), "sorted": now}


def groups_of(state: State, run: Run, evaluation: Evaluation) -> dict[str, Sequence[object]]:
    """Return what each image is by each attribute of the dataset, and for "" by its groups."""
    found: dict[str, Sequence[object]] = {}
    if evaluation.groups is not None:
        found[""] = evaluation.groups
    for title, of in image_attributes(dataset_of(state, run)).items():
        found[title] = [of.get(name, "") for name in evaluation.names]
    return found


def images_columns(state: State, run: Run, given: Mapping[str, str]) -> dict[str, npt.NDArray[Any]]:
    """Return the table that a query asks for, all its pages: a column by its title.

    ``name`` and groups are texts, pixels int64, and scores float64.
    """
    evaluation = evaluation_of(state, run)
    asked = asked_of(given, evaluation)
    groups = groups_of(state, run, evaluation)
    found = found_of(evaluation, asked.search, groups)
    at = found.images
    columns: dict[str, npt.NDArray[Any]] = {"name": np.array(evaluation.names, dtype=object)[at]}
    for title, labels in groups.items():
        columns[f"{ATTRIBUTE}{title}" if title else "group"] = np.array(
            [str(label) for label in labels], dtype=object
        )[at]
    if evaluation.measures.of_pixels:
        columns["pixels"] = evaluation.cells.pixels[at]
    for column in columns_of(evaluation, asked.search, found):
        title = "found_pixels" if column.looked_for else column.name or column.title.replace(" ", "_")
        columns[title] = column.values[at]
    return columns
