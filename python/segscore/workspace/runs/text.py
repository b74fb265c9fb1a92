"""Runs as plain text: listings, pages, and tables of models against datasets.

No run is looked up or changed here, and nothing is printed.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from segscore.base.wording import many, short
from segscore.results.slices_text import groups_text
from segscore.text.names import listed, visible
from segscore.text.numbers import DASH, number
from segscore.text.plain import WIDTH, evaluation_text, wrapped
from segscore.text.table import table

if TYPE_CHECKING:
    from segscore.io.groups import Groups
    from segscore.workspace.history import Grid
    from segscore.workspace.runs.folders import Unfinished
    from segscore.workspace.runs.run import Run

_GROUPS = 8
"""Groups, or values of an attribute, that are shown."""


def runs_text(runs: "Sequence[Run]", *, metrics: Sequence[str] = ("mean_iou",), width: int = WIDTH) -> str:
    """Return one row a run.

    Parameters
    ----------
    runs : sequence of Run
        The runs.
    metrics : sequence of str
        What is shown of each; a dash where its classes lack it.
    width : int
        Columns of the terminal.
    """
    if not runs:
        return "no run"
    rows = [
        (
            run.id,
            run.model,
            run.dataset,
            *(DASH if (value := run.find(metric)) is None else number(value) for metric in metrics),
            f"{run.images:,}",
            f"{run.failures:,}" if run.failures else "",
            "*" if run.trained_images else "",
            run.ended[:16].replace("T", " "),
        )
        for run in runs
    ]
    titles = ("run", "model", "dataset", *map(visible, metrics), "images", "failed", "", "ended (UTC)")
    keep = [i for i in range(len(titles)) if titles[i] or any(row[i] for row in rows)]
    keep = [i for i in keep if titles[i] != "failed" or any(row[i] for row in rows)]
    shown = [[row[i] for i in keep] for row in rows]
    lines = table([titles[i] for i in keep], shown, width, left=(0, 1, 2), flexible=1)
    if any(run.trained_images for run in runs):
        lines += ["", "* images among them that the model was trained on"]
    noted = [(run.id, note) for run in runs if (note := run.note)]
    if noted:
        lines += [""]
    for name, note in noted:
        lines += wrapped(f"{name}: {visible(note)}", width)
    return "\n".join(lines)


def partial_text(run: "Run") -> str:
    """Return how many images were scored, where some could not be; else nothing."""
    return f"{run.images:,} of {many(run.images + run.failures, 'image')}" if run.failures else ""


def overlap_text(model: str, dataset: str, names: "Sequence[str]", total: int) -> str:
    """Return the sentence that says on which images of a dataset a model was trained.

    Parameters
    ----------
    model, dataset : str
        Names and versions.
    names : sequence of str
        These images, at least one.
    total : int
        Number of images of the dataset.
    """
    return (
        f"{model} was trained on {len(names):,} of {many(total, 'image')} of {dataset}: "
        f"{listed(names, limit=5, width=None)}; its scores on them say little about new images"
    )


def unfinished_text(runs: "Sequence[Unfinished]", *, width: int = WIDTH) -> str:
    """Return a line for each run that was interrupted, or is at work; empty if there is none."""
    lines = []
    for run in runs:
        said = f"{run.model} on {run.dataset}, {run.done:,} of {run.total:,} images, "
        said += "at work" if run.held else f"interrupted; `{_command(run)}` goes on with it"
        lines += f"{run.id}: {run.problem or said}".split("\n")
    return "\n".join(part for line in lines for part in wrapped(visible(line), width))


def _command(run: "Unfinished") -> str:
    usual = {"resize": None, "batch": 1}
    given = {name: run.options.get(name, value) for name, value in usual.items()}
    options = [f" --{name} {value}" for name, value in given.items() if value != usual[name]]
    kept = " --again" if run.again else ""
    kept += "" if run.keep_predictions else " --no-keep-predictions"
    return f"segscore run {run.model} --on {run.dataset}{''.join(options)}{kept}"


def run_text(run: "Run", *, slices: "Mapping[str, Groups]" = MappingProxyType({}), width: int = WIDTH) -> str:
    """Return the page of a run: what it was made of, and its scores.

    Parameters
    ----------
    run : Run
        The run.
    slices : mapping of str to Groups
        Its evaluation by groups and attributes; a few rows of each are shown.
    width : int
        Columns of the terminal.
    """
    facts = [
        f"run {run.id}: {run.model} on {run.dataset}",
        f"model {short(run.model_digest)}, dataset {short(run.dataset_digest)}, "
        f"started {run.started}, ended {run.ended}",
    ]
    environment = run.manifest["environment"]
    packages = ", ".join(f"{name} {version}" for name, version in environment["packages"].items())
    facts.append(
        f"segscore {run.manifest['segscore']}, Python {environment['python']}, {packages}, "
        f"threads {environment['threads']}, {environment['platform']}"
    )
    options = {name: value for name, value in run.options.items() if value is not None}
    facts.append("options: " + ", ".join(f"{name} {value}" for name, value in options.items()))
    if run.trained_images:
        facts.append(run.overlap)
    facts.append("no predictions were kept" if run.predictions is None else f"predictions: {run.predictions}")
    if run.note:
        facts += f"note: {run.note}".replace("\n", "\n  ").split("\n")
    lines = [line for fact in facts for line in wrapped(visible(fact), width)]
    tracebacks = run.manifest["tracebacks"]
    if tracebacks:
        name, text = next(iter(tracebacks.items()))
        of = "" if len(tracebacks) == 1 else f", the first of {len(tracebacks):,}"
        lines += ["", f"where the model failed on {visible(name)}{of}:"]
        lines += [f"  {visible(line)}" for line in text.rstrip().split("\n")]
    scores = evaluation_text(
        run.evaluation,
        next_step=f"`segscore compare {run.id} OTHER` compares two runs, `segscore runs` lists them",
        interval=run.interval,
    )
    parts = [
        groups_text(groups, title=title.removeprefix("attribute."), limit=_GROUPS, width=width)
        for title, groups in slices.items()
    ]
    # What the mean covers, and what can be done next, stays last.
    body, _, last = scores.rpartition("\n\n")
    return "\n\n".join(["\n".join(lines), body, *parts, last])


def grid_text(grid: "Grid", *, width: int = WIDTH) -> str:
    """Return models against datasets, the best of each dataset marked.

    Parameters
    ----------
    grid : Grid
        The metric of the latest runs.
    width : int
        Columns of the terminal.
    """
    if not grid.models:
        return "no run"
    rows = []
    for model in grid.models:
        cells = []
        for dataset in grid.datasets:
            value = grid.values.get((model, dataset))
            run = grid.runs.get((model, dataset))
            best = run is not None and run.comparable and value == grid.best.get(dataset)
            cells.append(" " if value is None else f"{number(value)}{'*' if best else ' '}")
        rows.append((model, *cells))
    lines = table((visible(grid.metric), *(f"{name} " for name in grid.datasets)), rows, width)
    note = "* the best on its dataset"
    if not all(run.comparable for run in grid.runs.values()):
        note += ", of runs that scored all of its images by models that were not trained on them"
    if len(grid.datasets) > 1:
        note += "; scores on other datasets or versions do not compare"
    return "\n".join([*lines, "", *wrapped(note, width)])
