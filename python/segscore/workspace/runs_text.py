"""Runs as a text: a row each, and what is to be said of their numbers."""

from collections.abc import Sequence

from segscore.base.wording import visible
from segscore.text.numbers import DASH, number
from segscore.text.plain import WIDTH, wrapped
from segscore.text.table import table
from segscore.workspace.alike import measured_apart, same_classes
from segscore.workspace.runs.run import Run


def runs_text(runs: Sequence[Run], *, metrics: Sequence[str] = (), width: int = WIDTH) -> str:
    """Return one row a run; a metric that its classes lack is a dash. By default what runs are judged by."""
    if not runs:
        return "no run"
    metrics = metrics or [*dict.fromkeys(run.main for run in runs)]
    rows = [
        (
            run.id,
            run.model,
            run.dataset,
            *(DASH if (value := run.find(metric)) is None else number(value) for metric in metrics),
            "both" if len(run.measures.shapes) > 1 else "".join(run.measures.shapes),
            f"{run.images:,}",
            f"{run.failures:,}" if run.failures else "",
            "*" if run.trained_images else "",
            run.ended[:16].replace("T", " "),
        )
        for run in runs
    ]
    numbers = [*map(visible, metrics)]
    titles = ("run", "model", "dataset", *numbers, "shapes", "images", "failed", "", "ended (UTC)")
    seldom = ("shapes", "failed", "")
    keep = [i for i in range(len(titles)) if titles[i] not in seldom or any(row[i] for row in rows)]
    shown = [[row[i] for i in keep] for row in rows]
    left = [at for at, i in enumerate(keep) if i < 3 or titles[i] == "shapes"]
    lines = table([titles[i] for i in keep], shown, width, left=left, flexible=1)
    for dataset in dict.fromkeys(run.dataset for run in runs):
        for why in filter(None, (measured_apart(runs, dataset, metric) for metric in metrics)):
            lines += ["", *wrapped(why, width)]
        if not same_classes(run for run in runs if run.dataset == dataset):
            note = (
                f"means on {dataset} are over unlike classes: they are sorted by those that all have, and "
                "`segscore compare` judges by those of both"
            )
            lines += ["", *wrapped(note, width)]
    if any(run.trained_images for run in runs):
        lines += ["", "* images among them that the model was trained on"]
    noted = [(run.id, said) for run in runs if (said := _remarks(run))]
    if noted:
        lines += [""]
    for name, note in noted:
        lines += wrapped(f"{name}: {visible(note)}", width)
    return "\n".join(lines)


def _remarks(run: Run) -> str:
    """Return the tags of a run in brackets, and its note."""
    tags = f"[{', '.join(run.tags)}]" if run.tags else ""
    return " ".join(filter(None, (tags, run.note)))
