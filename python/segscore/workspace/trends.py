"""One metric over the versions of a model; `history` fills it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from segscore.base.naming import by_face
from segscore.base.values import Frozen
from segscore.base.wording import many, visible
from segscore.errors import ArgumentError, SegscoreError, unknown
from segscore.text.numbers import number, signed
from segscore.text.plain import WIDTH, wrapped
from segscore.text.table import table
from segscore.workspace.grid import Grid, unlike_notes
from segscore.workspace.runs.run import Run


class Point(NamedTuple):
    """A version of a model on a dataset.

    Attributes
    ----------
    version : str
        Such as ``v2``, without the name.
    run : Run
        The latest run.
    value : float
        Its metric; NaN where undefined.
    change : float
        The difference to the version before that has a value on this dataset. Where a mean is over unlike
        classes, that of the means over the classes that all versions have. NaN for the first, and where
        numbers of shapes were not measured in one way.
    before : Run or None
        The run of the version before that has a value on this dataset.
    """

    version: str
    run: Run
    value: float
    change: float
    before: Run | None


@dataclass(frozen=True, repr=False)
class Trend(Frozen):
    """One metric over the versions of a model.

    Attributes
    ----------
    model : str
        Its name.
    versions : tuple of str
        All of its versions, the oldest first.
    grid : Grid
        The metric of the latest run of each version on each dataset.
    """

    model: str
    versions: tuple[str, ...]
    grid: Grid

    @property
    def metric(self) -> str:
        """Its name."""
        return self.grid.metric

    @property
    def datasets(self) -> tuple[str, ...]:
        """The datasets with their versions, in the order in which they were first used."""
        return self.grid.datasets

    def points(self, dataset: str) -> tuple[Point, ...]:
        """Return the versions that were run on a dataset, the oldest first; none for another dataset."""
        found: list[Point] = []
        last, before = math.nan, None
        for version in self.versions:
            key = f"{self.model}:{version}", dataset
            if key not in self.grid.runs:
                continue
            value, judged = self.grid.values[key], self.grid.judged(*key)
            # Two that are infinite have no difference.
            known = dataset not in self.grid.apart and math.isfinite(judged) and math.isfinite(last)
            run = self.grid.runs[key]
            found.append(Point(version, run, value, judged - last if known else math.nan, before))
            if not math.isnan(judged):
                last, before = judged, run
        return tuple(found)

    def __repr__(self) -> str:
        """Return a short form with what it is of."""
        versions, datasets = many(len(self.versions), "version"), many(len(self.datasets), "dataset")
        return f"<Trend of {visible(self.metric)}: {versions} of {self.model} on {datasets}>"

    def __str__(self) -> str:
        """Return it as a table, one row a version, with the changes, in 80 columns."""
        return trend_text(self)


def trend_text(trend: Trend, *, width: int = WIDTH) -> str:
    """Return versions against datasets, each with its change."""
    points = {dataset: {one.version: one for one in trend.points(dataset)} for dataset in trend.datasets}
    rows = []
    for version in trend.versions:
        cells: list[str] = []
        for of in points.values():
            one = of.get(version)
            cells += ("", "") if one is None else (number(one.value), signed(one.change))
        rows.append((f"{trend.model}:{version}", *cells))
    titles = (visible(trend.metric), *(title for dataset in trend.datasets for title in (dataset, "change")))
    lines = table(titles, rows, width)
    notes = [line for one in unlike_notes(trend.grid) for line in wrapped(one, width)]
    return "\n".join([*lines, *(["", *notes] if notes else [])])


def not_run(model: object, known: Sequence[str]) -> SegscoreError:
    """Return the error for a model of which no version was run."""
    if known:
        return unknown("model with a run", model, known)
    return ArgumentError(
        f"there is no run of model `{model}`, nor any other run",
        by_face("`segscore run`", forms="`Evaluate`") + " makes one",
    )


def versions_of(runs: Sequence[Run]) -> tuple[str, ...]:
    """Return the versions of the model of runs, the oldest first; before them those that runs alone know."""
    registered = runs[0].model_versions
    known = dict.fromkeys(one.model.partition(":")[2] for one in runs)
    return (*(version for version in known if version not in registered), *registered)
