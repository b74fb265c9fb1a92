"""One metric of the latest runs of models on datasets, as a table; `history` fills it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from segscore.base.values import Frozen
from segscore.base.wording import many, visible
from segscore.scores.alike import SideBySide, extent
from segscore.scores.main import MAIN_PIXELS
from segscore.text.numbers import number
from segscore.text.plain import WIDTH, wrapped
from segscore.text.table import table
from segscore.workspace.runs.run import Run

_NOTED = 8
"""Runs that a note names, at most."""


@dataclass(frozen=True, repr=False)
class Grid(Frozen):
    """One metric of the latest run of each model on each dataset.

    Attributes
    ----------
    metric : str
        Its name.
    models, datasets : tuple of str
        Names and versions, in the order in which they were first run.
    runs : mapping of (str, str) to Run
        The latest run of a model on a dataset, where there is one.
    values : mapping of (str, str) to float
        Its metric; NaN where undefined.
    best : mapping of str to float
        The highest value of each dataset with two or more to choose from: of runs that scored all images, and
        of models that were not trained on any of them.
    unlike : mapping of str to SideBySide
        Of each dataset where a mean is over unlike classes, in the order of the models that were run on it:
        the mean over the classes that all have, by which they are judged.
    apart : mapping of str to str
        Of each dataset where a number of shapes was not measured in one way, why; none of its runs is best.
    """

    metric: str
    models: tuple[str, ...]
    datasets: tuple[str, ...]
    runs: Mapping[tuple[str, str], Run]
    values: Mapping[tuple[str, str], float]
    best: Mapping[str, float]
    unlike: Mapping[str, SideBySide] = field(default_factory=dict)
    apart: Mapping[str, str] = field(default_factory=dict)

    def on(self, dataset: str) -> list[str]:
        """Return the models that were run on a dataset."""
        return [model for model in self.models if (model, dataset) in self.runs]

    def judged(self, model: str, dataset: str) -> float:
        """Return what a run is judged by: its value, or that over the classes that all have."""
        found = self.unlike.get(dataset)
        return self.values[model, dataset] if found is None else found.values[self.on(dataset).index(model)]

    def is_best(self, model: str, dataset: str) -> bool:
        """Whether a run is the best of these on its dataset."""
        run = self.runs.get((model, dataset))
        return run is not None and run.comparable and self.judged(model, dataset) == self.best.get(dataset)

    def __repr__(self) -> str:
        """Return a short form with what it is of."""
        models, datasets = many(len(self.models), "model"), many(len(self.datasets), "dataset")
        return f"<Grid of {visible(self.metric)}: {models} on {datasets}>"

    def __str__(self) -> str:
        """Return it as a table, the best of each dataset marked, in 80 columns."""
        return grid_text(self)


def grid_text(grid: Grid, *, width: int = WIDTH) -> str:
    """Return models against datasets, the best of each dataset marked."""
    if not grid.models:
        return "no run"
    rows = []
    for model in grid.models:
        cells = []
        for dataset in grid.datasets:
            value = grid.values.get((model, dataset))
            best = grid.is_best(model, dataset)
            cells.append(" " if value is None else f"{number(value)}{'*' if best else ' '}")
        rows.append((model, *cells))
    lines = table((visible(grid.metric), *(f"{name} " for name in grid.datasets)), rows, width)
    note = "* the best of these on its dataset"
    if not all(run.comparable for run in grid.runs.values()):
        note += ", of runs that scored all of its images by models that were not trained on them"
    if len(grid.datasets) > 1:
        note += "; scores on other datasets or versions do not compare"
    notes = (note, *unlike_notes(grid))
    return "\n".join([*lines, "", *(line for one in notes for line in wrapped(one, width))])


def unlike_notes(grid: Grid) -> list[str]:
    """Return on which datasets runs do not compare, and on which means are over unlike classes, and why."""
    return [
        *grid.apart.values(),
        *_unlike_classes(grid),
    ]


def _unlike_classes(grid: Grid) -> list[str]:
    return [
        f"means on {dataset} are over unlike classes ({extent(found.covers)}): the best is that of "
        f"the {many(found.shared, 'class')} that all have, "
        + ", ".join(f"{model} {number(grid.judged(model, dataset))}" for model in grid.on(dataset)[:_NOTED])
        for dataset, found in grid.unlike.items()
    ]


def usual_metric(runs: Iterable[Run]) -> str:
    """Return what most runs are judged by: ``mean_iou``, or such as ``mean_ap`` of objects."""
    return Counter([*(run.main for run in runs), MAIN_PIXELS.whole]).most_common(1)[0][0]
