"""The page of a version of a dataset: what it holds, what changed, and who was evaluated on it."""

import math
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from segscore.app.page import Notice, part
from segscore.app.pictures import has_photographs
from segscore.app.run_views import marks_of, metric_choices, scored
from segscore.app.state import State, notice_of
from segscore.base.wording import many, show, size, visible
from segscore.classes.colours import class_colours, colour, other_colours
from segscore.classes.labels import label_text
from segscore.errors import SegscoreError
from segscore.io.shapes import PLANES, VOLUMES
from segscore.pages.page import Panel
from segscore.pages.panels.pictures import addressed
from segscore.pages.panels.strips import VIEWER
from segscore.pages.panels.viewed import viewed
from segscore.pages.queries import from_address, in_address
from segscore.scores.metric import sign_of
from segscore.scores.titles import metric_title
from segscore.text.numbers import percent
from segscore.text.summary import MAX_ROWS
from segscore.workspace import Dataset, Run, Runs
from segscore.workspace.grid import unlike_notes
from segscore.workspace.registry.datasets import label_list
from segscore.workspace.registry.differences import DatasetDifference, difference

_SAMPLES = 12
"""Images that are shown, from all over the dataset."""
_NAMES = 200
"""Names of images in which two versions differ that are listed, of each kind of difference."""
_SIZES = 6
"""Sizes of images that are listed."""
_CHANGED = 20
"""Files that have changed that are listed."""


def dataset_page(
    state: State, reference: str, metric: str = "", *, against: str = "", audit: bool = False
) -> str:
    """Return the page of a version of a dataset, the latest one for a name alone; an error if there is none.

    Runs are ranked by a metric as addresses write it, the mean IoU by default. `against` is another version,
    by default the one before, from which the differences are told; with `audit`, all targets are read, and
    what looks wrong with them is said.
    """
    workspace = state.workspace
    dataset = state.dataset(reference)
    notices: list[Notice] = []
    ranked: Panel | None = None
    runs = Runs([run for run in workspace.runs() if run.dataset == dataset.reference])
    try:
        ranked = _ranked(dataset, runs, from_address(metric) if metric else runs.main)
    except SegscoreError as error:
        notices.append(notice_of(error))
    panels = [
        _head(state, dataset, runs),
        _shares(dataset),
        ranked,
        _samples(dataset),
        _difference(state, dataset, against, notices),
        _audit(dataset, asked=audit),
    ]
    title = dataset.reference
    return state.page(panels, title=title, current="Datasets", notices=notices, sections=True)


def _head(state: State, dataset: Dataset, runs: Runs) -> Panel:
    truth, classes = dataset.truth, dataset.classes
    linked = dataset.workspace != state.workspace.path
    facts = [
        ("images", f"{truth.images:,}" + ("" if dataset.dims == PLANES else " volumes")),
        ("photographs", "none" if dataset.images is None else f"{len(dataset.images):,}"),
        ("classes", f"{len(classes):,}" + (f" of {visible(classes.name)}" if classes.name else "")),
        ("ignored labels", label_list(classes.all_ignored)),
        ("pixels", f"{truth.pixels:,}"),
        ("void", f"{truth.void:,} pixels, {percent(truth.void, truth.pixels)}"),
        *([("groups", f"{len(set(dataset.groups)):,}")] if dataset.groups is not None else []),
        *(
            [
                (
                    "attributes",
                    ", ".join(
                        f"{visible(title)} ({len(set(column)):,})"
                        for title, column in dataset.attributes.items()
                    ),
                )
            ]
            if dataset.attributes
            else []
        ),
        *(
            [("read by", f"{visible(dataset.reading.reader)} in {visible(dataset.reader.path)}")]
            if dataset.reader
            else []
        ),
        ("first target", visible(dataset.target_paths[0])),
        *([("first photograph", visible(dataset.image_paths[0]))] if dataset.image_paths else []),
        *([("linked from", visible(str(dataset.workspace)))] if linked else []),
        ("digest", dataset.digest),
    ]
    sizes = [(size(shape), number) for shape, number in truth.sizes.items()]
    return part(
        "dataset",
        "dataset.html",
        dataset=dataset,
        facts=facts,
        paths=("first target", "first photograph", "linked from", "read by", "digest"),
        sizes=sizes[:_SIZES],
        more_sizes=max(0, len(sizes) - _SIZES),
        forms=[(visible(form), number) for form, number in truth.forms.items()],
        one_value=len(truth.one_value),
        others=[one for one in reversed(dataset.versions) if one != dataset.version],
        models=len({run.model for run in runs}),
        runs=len(runs),
    )


def _shares(dataset: Dataset) -> Panel:
    """Return the pixels of each class in the targets, and the images that have it."""
    truth, classes = dataset.truth, dataset.classes
    scored_pixels = truth.pixels - truth.void
    colours = class_colours(classes)
    rows = [
        {
            "name": visible(name),
            "label": label_text(classes.all_labels[i]),
            "colour": colour(colours[i]),
            "pixels": int(truth.class_pixels[i]),
            "of_all": float(truth.class_pixels[i] / scored_pixels) if scored_pixels else 0.0,
            "share": percent(int(truth.class_pixels[i]), scored_pixels),
            "images": int(truth.class_images[i]),
            "ignored": bool(classes.ignored_classes[i]),
        }
        for i, name in enumerate(classes.names)
    ]
    present = [row for row in rows if row["pixels"]]
    shown = rows if len(rows) <= MAX_ROWS else present[:MAX_ROWS]
    return part(
        "classes",
        "dataset_classes.html",
        title="Classes",
        scripts=("table.js",),
        rows=shown,
        hidden=len(rows) - len(shown),
        absent=len(rows) - len(present),
        images=truth.images,
    )


def _ranked(dataset: Dataset, runs: Runs, metric: str) -> Panel:
    """Return the latest run of each model on it, the best first; those that do not compare come last."""
    if not len(runs):
        return part("ranked", "dataset_runs.html", title="Who was evaluated on it", rows=())
    grid = runs.grid(metric)

    def place(run: Run) -> tuple[bool, bool, float]:
        value = grid.judged(run.model, dataset.reference)
        undefined = math.isnan(value)
        return undefined, not run.comparable, 0.0 if undefined else -sign_of(metric) * value

    latest = sorted(grid.runs.values(), key=place)
    values = grid.values
    return part(
        "ranked",
        "dataset_runs.html",
        title="Who was evaluated on it",
        name=dataset.reference,
        metric=in_address(metric),
        metric_name=metric_title(metric),
        metrics=metric_choices(runs, metric),
        rows=[
            {
                **scored(run, values[run.model, dataset.reference]),
                "model": run.model,
                "comparable": run.comparable,
                "best": grid.is_best(run.model, dataset.reference),
                "other": run.dataset_digest != dataset.digest,
            }
            for run in latest
        ],
        earlier=len(runs) - len(latest),
        notes=[visible(note) for note in unlike_notes(grid)],
        marks=marks_of(latest, best=bool(grid.best), undefined=any(map(math.isnan, values.values()))),
    )


def _samples(dataset: Dataset) -> Panel:
    """Return targets with their photographs, spread over the dataset."""
    reason = (
        "slices of volumes are shown by runs"
        if dataset.dims == VOLUMES
        else "a function reads the targets, and a page runs no code of yours"
        if dataset.reader is not None
        else ""
    )
    count = len(dataset.names)
    chosen = sorted(
        {i * (count - 1) // max(1, min(_SAMPLES, count) - 1) for i in range(min(_SAMPLES, count))}
    )
    if dataset.instances:
        may = "maps of ids" if dataset.id_maps is not None else "masks of objects may overlap, and"
        reason = f"{may} are shown by runs"
    parts = [*(["photograph"] if has_photographs(dataset) else []), "target"]
    query = urlencode({"name": dataset.reference})
    cards = [
        {
            "name": visible(dataset.names[i]),
            "strip": addressed({one: f"/dataset/pictures/{i}/{one}?{query}" for one in parts}, ""),
        }
        for i in chosen
    ]
    colours = [
        (visible(name), colour(value))
        for name, value, pixels in zip(
            dataset.classes.names,
            class_colours(dataset.classes),
            dataset.truth.class_pixels.tolist(),
            strict=True,
        )
        if pixels
    ]
    if dataset.truth.void:
        colours.append(("ignored", colour(other_colours(dataset.classes)["ignored"])))
    # Scripts know the panel of pictures by its address.
    return part(
        "pictures",
        "dataset_pictures.html",
        title="Pictures",
        scripts=() if reason else VIEWER,
        cards=() if reason else cards,
        viewer=viewed(dataset.classes, {}, {}, []),
        reason=reason,
        count=count,
        legend=colours,
    )


def _difference(state: State, dataset: Dataset, against: str, notices: list[Notice]) -> Panel | None:
    """Return what differs from another version; None where there is no other one."""
    others = [f"{dataset.name}:{one}" for one in dataset.versions if one != dataset.version]
    if not others:
        return None
    at = dataset.versions.index(dataset.version)
    other = against or f"{dataset.name}:{dataset.versions[at - 1 if at else 1]}"
    found = None
    try:
        # The earlier one comes first, whichever was chosen.
        before = state.dataset(other)
        order = {f"{dataset.name}:{version}": i for i, version in enumerate(dataset.versions)}
        first, second = sorted((before, dataset), key=lambda one: order.get(one.reference, -1))
        found = difference(first, second)
    except SegscoreError as error:
        notices.append(notice_of(error))
    return part(
        "differences",
        "dataset_differences.html",
        title="What differs from another version",
        name=dataset.reference,
        others=others[::-1],
        against=other,
        found=found,
        kinds=list(_kinds(found)) if found else (),
        sentences=[visible(one) for one in (*found.classes_changed, *found.reading_changed)] if found else (),
    )


def _kinds(found: DatasetDifference) -> Iterator[dict[str, Any]]:
    """Yield the kinds of differences of images that there are."""
    for what, names in (
        ("added", found.added),
        ("removed", found.removed),
        ("with another image", found.images_changed),
        ("with another target", found.targets_changed),
        ("in another group", found.groups_changed),
        ("with other attributes", found.attributes_changed),
    ):
        if names:
            yield {
                "said": f"{many(len(names), 'image')} {what}",
                "names": [visible(name) for name in names[:_NAMES]],
                "more": max(0, len(names) - _NAMES),
            }


def _audit(dataset: Dataset, *, asked: bool) -> Panel:
    """Return what looks wrong with the targets, if that is asked for: all of them are read then."""
    said: dict[str, Any] = {"findings": (), "limits": (), "changed": (), "more": 0}
    reason = (
        "A function reads the targets, and a page runs no code of yours: "
        f'`Workspace.find().datasets["{dataset.reference}"].audit()` in Python does.'
        if dataset.reader is not None
        else ""
    )
    if asked and not reason:
        changed = dataset.changes()
        found = dataset.audit(progress=False)
        said = {
            "findings": found.findings,
            "limits": [limit.message for limit in found.limits],
            "changed": [f"{show(path)}: {why}" for path, why in sorted(changed.items())[:_CHANGED]],
            "more": max(0, len(changed) - _CHANGED),
        }
    return part(
        "audit",
        "dataset_audit.html",
        title="What looks wrong",
        name=dataset.reference,
        asked=asked and not reason,
        reason=reason,
        targets=len(dataset.target_files),
        **said,
    )
