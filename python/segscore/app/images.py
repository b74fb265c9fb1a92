"""The page of a run's images: those that a search finds, as pictures or as a table, also as a file."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from segscore.app.image_table import (
    FORMATS,
    VIEWS,
    Addresses,
    Asked,
    asked_of,
    columns_of,
    found_of,
    groups_of,
    heading_of,
    images_address,
    ordered_by,
)
from segscore.app.page import part
from segscore.app.paging import leaf
from segscore.app.pictures import (
    OUTLINED,
    addresses_of,
    dataset_of,
    evaluation_of,
    has_photographs,
    no_predictions,
    outline_addresses,
)
from segscore.app.spelling import in_forms
from segscore.app.state import State
from segscore.base.wording import visible
from segscore.classes.colours import ERRORS, class_colours, colour
from segscore.counts.failures import Failure, alike
from segscore.evaluation.evaluation import Evaluation
from segscore.io.shapes import VOLUMES
from segscore.pages.outlines import OUTLINES
from segscore.pages.page import Panel
from segscore.pages.panels.pictures import TITLES, addressed, legend
from segscore.pages.panels.strips import VIEWER, Strip
from segscore.pages.panels.viewed import viewed
from segscore.pages.queries import NONE, field_of, group_title, in_address, words_of
from segscore.results.finding import NO_CLASS, Search, behind_cells
from segscore.results.selecting import taken
from segscore.scores.metric import METRICS
from segscore.scores.object_summary import matched_at
from segscore.scores.titles import metric_title
from segscore.workspace import Run

_CARDS, _ROWS = 24, 100
"""Images of one page, as pictures and as rows."""
_ORDERS = {"worst": "worst first", "best": "best first", "pixels": "most pixels first", "name": "by name"}
_NUMBER = r"[+\-]?(\d+\.?\d*|\.\d+)([eE][+\-]?\d+)?|[+\-]?inf"
"""What browsers take for a number in a form; others say so on a page."""
_CONFUSIONS = 10
"""Confusions of one image that are listed."""
_MOST_LABELS = 500
"""Groups of one title that can be chosen from a list."""


def images_page(state: State, run: Run, given: Mapping[str, str]) -> str:
    """Return the page of images that a query asks for."""
    evaluation = evaluation_of(state, run)
    asked = asked_of(given, evaluation)
    body = _failures(run, evaluation.failures) if asked.failed else _found(state, run, evaluation, asked)
    return state.page([body], title=f"Images of {run.id}: {run.model} on {run.dataset}", current="Runs")


def _found(state: State, run: Run, evaluation: Evaluation, asked: Asked) -> Panel:
    search, names = asked.search, evaluation.classes.names
    dataset = dataset_of(state, run)
    photographs, of_pixels = has_photographs(dataset), evaluation.measures.of_pixels
    pictured = bool(evaluation.files) and (dataset is None or dataset.dims != VOLUMES)
    # Outlines take reading files of all objects, so that one image alone has them.
    alone = search.image is not None and not of_pixels
    pictured = pictured and (photographs or of_pixels or alone)
    view = (asked.view or "grid") if pictured else "table"
    groups = groups_of(state, run, evaluation)
    found = found_of(evaluation, search, groups)
    page = leaf(asked.page, len(found.images), _CARDS if view == "grid" else _ROWS)
    shown = found.images[page.start : page.stop]
    address = Addresses(run, search, view, len(names))
    columns = columns_of(evaluation, search, found)
    main = ordered_by(columns, search)
    lacking = no_predictions(state, run)
    rows = [
        {
            "name": visible(evaluation.names[i]),
            "address": address(Search(image=i), view=""),
            "cells": [column.text(i) for column in columns],
            "groups": [visible(str(labels[i])) for labels in groups.values()],
            "score": main.said(i),
            "strip": _strip(run, i, lacking, photographs=photographs, of_pixels=of_pixels, outlines=alone)
            if view == "grid" and evaluation.names[i] in evaluation.files
            else None,
        }
        for i in shown.tolist()
    ]
    return part(
        "images",
        "images.html",
        run=run,
        scripts=VIEWER if view == "grid" else (),
        rows=rows,
        viewer=viewed(
            evaluation.classes, {"pred": evaluation}, TITLES, [evaluation.names[i] for i in shown.tolist()]
        ),
        view=view,
        views=[(one, address(search, view=one)) for one in VIEWS] if pictured else [],
        said=words_of(search, names),
        found=len(found.images),
        total=len(evaluation.names),
        failures=len(evaluation.failures),
        headings=[heading_of(column, search, address) for column in columns],
        by_name=address(replace(search, order="name")),
        by=search.ordered,
        group_titles=[group_title(title) for title in groups],
        page=page,
        previous=address(search, page=page.number - 1) if page.number > 1 else "",
        next=address(search, page=page.number + 1) if page.number < page.pages else "",
        files=[(kind, address(search, file=kind)) for kind in FORMATS],
        objects=len(evaluation.shapes.matching.objects.id) if evaluation.measures.instances else 0,
        everything=address(Search()) if search != Search() else "",
        form=_form(evaluation, search, groups),
        alone=_alone(evaluation, search.image, address) if search.image is not None and rows else None,
        legend=legend(class_colours(evaluation.classes), evaluation.scores),
        errors=[] if lacking or not of_pixels else [(name, colour(value)) for name, value in ERRORS.items()],
        outlines=[(name, colour(value)) for name, value in OUTLINES.items()] if alone and rows else [],
    )


def _strip(run: Run, i: int, lacking: str, *, photographs: bool, of_pixels: bool, outlines: bool) -> Strip:
    """Return the pictures of an image, with outlines of its objects where these are wanted."""
    addresses = addresses_of(run, i, masks=not lacking, photograph=photographs, target=of_pixels)
    strip = addressed(addresses, visible(lacking))
    if outlines:
        strip["parts"] += [
            {"part": part, "title": OUTLINED[part], "source": address}
            for part, address in outline_addresses(run, i).items()
        ]
    return strip


def _alone(evaluation: Evaluation, image: int, address: Addresses) -> dict[str, Any]:
    """Return what is known of one image: each class that it has, and what is confused with what."""
    part = taken(evaluation, np.array([image]))
    if not evaluation.measures.of_pixels:
        return {"objects": _objects(part), "classes": [], "confusions": []}
    scores, names = part.scores, [*map(visible, evaluation.classes.names), NO_CLASS]
    colours = class_colours(evaluation.classes)
    classes = [
        {
            "name": names[i],
            "colour": colour(colours[i]),
            "address": address(Search(target=i), view=""),
            "target": f"{scores.target[i]:,}",
            "pred": f"{scores.pred[i]:,}",
            "right": f"{scores.tp[i]:,}",
            "iou": float(scores.iou[i]),
        }
        for i in np.flatnonzero((scores.target > 0) | (scores.pred > 0)).tolist()
    ]
    pairs = behind_cells(part, 1)
    most = np.argsort(-pairs.pixels, kind="stable")[:_CONFUSIONS].tolist()
    confusions = [
        {
            "target": names[pairs.target[i]],
            "pred": names[pairs.pred[i]],
            "address": address(Search(target=int(pairs.target[i]), pred=int(pairs.pred[i])), view=""),
            "pixels": f"{pairs.pixels[i]:,}",
        }
        for i in most
    ]
    return {"objects": [], "classes": classes, "confusions": confusions}


def _objects(part: Evaluation) -> list[dict[str, Any]]:
    """Return what became of the objects of one image, by class."""
    found = part.shapes.matching.at(matched_at(part.measures))
    colours, counts = class_colours(part.classes), [of[0] for of in (found.tp, found.fn, found.fp)]
    return [
        {
            "name": visible(part.classes.names[i]),
            "colour": colour(colours[i]),
            "f1": float(part.images.of_main[0, i]),
            "counts": [int(of[i]) for of in counts],
        }
        for i in np.flatnonzero(sum(counts)).tolist()
    ]


def _failures(run: Run, failures: Sequence[Failure]) -> Panel:
    """Return the images that could not be scored; those of which the same is said stand together."""
    groups = alike(failures)
    return part(
        "images",
        "images_failed.html",
        run=run,
        groups=[
            {
                "said": in_forms(said),
                "count": len(of),
                "hint": in_forms(of[0].hint or ""),
                "names": [visible(one.name) for one in of[:_ROWS]],
                "more": max(0, len(of) - _ROWS),
            }
            for said, of in list(groups.items())[:_ROWS]
        ],
        more=sum(len(of) for of in list(groups.values())[_ROWS:]),
        failed=len(failures),
        requested=run.images + run.failures,
        back=images_address(run),
    )


def _form(evaluation: Evaluation, search: Search, groups: Mapping[str, Sequence[object]]) -> dict[str, Any]:
    names = [visible(name) for name in evaluation.classes.names]
    classes = [(str(i), name) for i, name in enumerate(names)]
    chosen = {
        "target": "" if search.target is None else str(search.target),
        "pred": NONE if search.pred == len(names) else "" if search.pred is None else str(search.pred),
        "metric": in_address(search.metric),
        "order": search.order or "",
    }
    usual = [name for name in evaluation.images.columns() if _is_whole(name)]
    usual = usual if evaluation.measures.of_pixels else [evaluation.main.image]
    image_of_class = evaluation.main_of_tables.image_of_class
    metrics = dict.fromkeys([*usual, *map(image_of_class, evaluation.classes.names), search.metric])
    return {
        "text": visible(search.text),
        "chosen": chosen,
        "targets": classes,
        "preds": [*classes, (NONE, NO_CLASS)],
        "wrong": search.wrong,
        "of_pixels": evaluation.measures.of_pixels,
        "number": _NUMBER,
        "filtered": search.of_pixels or bool(search.groups) or (search.low, search.below) != (None, None),
        "metrics": [(in_address(name), metric_title(name)) for name in metrics],
        "low": "" if search.low is None else f"{search.low:g}",
        "below": "" if search.below is None else f"{search.below:g}",
        "orders": list(_ORDERS.items()),
        "groups": [
            {
                "name": field_of(title),
                "title": group_title(title),
                "labels": [(in_address(label), visible(label)) for label in _labels(labels)],
                "chosen": in_address(search.groups.get(title, "")),
            }
            for title, labels in groups.items()
        ],
    }


def _is_whole(name: str) -> bool:
    return name in METRICS and METRICS[name].of == "whole"


def _labels(labels: Sequence[object]) -> list[str]:
    return sorted({str(label) for label in labels})[:_MOST_LABELS]
