"""Runs as flat tables: one row a run, or one row an image or an object of each run.

How a table is written to a file is the business of `segscore.text.frames`.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from segscore.base.naming import arg
from segscore.errors import ArgumentError
from segscore.evaluation.evaluation import Evaluation
from segscore.scores.listed_objects import ListedObjects
from segscore.scores.object_summary import matched_at
from segscore.workspace.reports import ATTRIBUTE, image_attributes
from segscore.workspace.runs.run import Run

Columns = dict[str, npt.NDArray[Any]]


def run_columns(runs: Sequence[Run]) -> Columns:
    """Return one row a run.

    ``run``, ``model``, ``model_version``, ``dataset``, ``dataset_version``, the digests of both, ``started``
    and ``ended`` (ISO 8601 in UTC), ``options`` (JSON), ``note`` and ``tags`` (commas between) are texts;
    numbers of ``images``, ``failures`` and ``trained_images`` (those that the model was trained on) int64;
    then the metrics of all runs follow, float64: NaN where undefined, or where the dataset of a run has no
    such class.
    """
    metrics = list(dict.fromkeys(name for run in runs for name in run.metrics))
    return {
        "run": _texts(run.id for run in runs),
        **_versions(runs),
        "model_digest": _texts(run.model_digest for run in runs),
        "dataset_digest": _texts(run.dataset_digest for run in runs),
        "started": _texts(run.started for run in runs),
        "ended": _texts(run.ended for run in runs),
        "options": _texts(json.dumps(dict(run.options)) for run in runs),
        "note": _texts(run.note for run in runs),
        "tags": _texts(", ".join(run.tags) for run in runs),
        "images": np.array([run.images for run in runs], np.int64),
        "failures": np.array([run.failures for run in runs], np.int64),
        "trained_images": np.array([len(run.trained_images) for run in runs], np.int64),
        **{name: np.array([run.metrics.get(name, np.nan) for run in runs], np.float64) for name in metrics},
    }


def image_columns(runs: Sequence[Run]) -> Columns:
    """Return one row an image of each run.

    ``run``, ``model``, ``model_version``, ``dataset``, ``dataset_version``; ``group`` and, for each
    attribute, ``attribute.weather`` are texts, empty where none is known, as of a dataset that is no longer
    as it was; then follows what `ImageScores.columns` holds of the image. Runs that are damaged are left out
    with a warning; that is an error where no other is left.
    """
    runs = _whole(runs)
    parts = [run.evaluation.images.columns() for run in runs]
    lengths = [len(part["name"]) for part in parts]
    titles = list(dict.fromkeys(title for part in parts for title in part))
    about = {"run": _texts(run.id for run in runs), **_versions(runs)}
    columns = {title: np.repeat(values, lengths) for title, values in about.items()}
    columns |= _known(runs)
    for title in titles:
        lacking = (np.full(length, np.nan) for length in lengths)
        there = [part.get(title, nan) for part, nan in zip(parts, lacking, strict=True)]
        columns[title] = np.concatenate(there) if there else np.empty(0)
    return columns


def object_columns(runs: Sequence[Run]) -> Columns:
    """Return one row an object of each run that tells objects apart, or raise ArgumentError if none does.

    ``run``, ``model``, ``model_version``, ``dataset``, ``dataset_version`` are texts; then follows what
    `ListedObjects.columns` holds of the object, with matches from an IoU of 0.5 on, or above it where objects
    share no pixel, as panoptic quality has it. Runs that are damaged are left out as in `image_columns`.
    """
    runs = [run for run in runs if run.measures.instances]
    if not runs:
        raise ArgumentError(
            "no run tells objects apart",
            f"a dataset of objects, or {arg('components', True)}, makes runs that do",
        )
    runs = _whole(runs)
    parts = [_objects(run.evaluation) for run in runs]
    lengths = [len(part["id"]) for part in parts]
    about = {"run": _texts(run.id for run in runs), **_versions(runs)}
    columns = {title: np.repeat(values, lengths) for title, values in about.items()}
    return columns | {title: np.concatenate([part[title] for part in parts]) for title in parts[0]}


def _whole(runs: Sequence[Run]) -> Sequence[Run]:
    found = [run for run in runs if run.read() is not None]
    if runs and not found:
        _ = runs[0].evaluation  # It raises what is wrong.
    return found


def _objects(of: Evaluation) -> Columns:
    return ListedObjects(of.classes.names, of.names, matched_at(of.measures), of.shapes.matching).columns()


def _known(runs: Sequence[Run]) -> Columns:
    """Return the group and the attributes of each image of each run."""
    found: list[dict[str, Mapping[str, Any]]] = []
    for run in runs:
        names, groups = run.evaluation.names, run.evaluation.groups
        of = {} if groups is None else dict(zip(names, groups, strict=True))
        attributes = image_attributes(run.registered())
        found.append({"group": of, **{f"{ATTRIBUTE}{title}": by for title, by in attributes.items()}})
    return {
        title: _texts(
            str(by.get(title, {}).get(name, ""))
            for run, by in zip(runs, found, strict=True)
            for name in run.evaluation.names
        )
        for title in dict.fromkeys(title for by in found for title in by)
    }


def _versions(runs: Sequence[Run]) -> Columns:
    columns = {}
    for kind in ("model", "dataset"):
        parts = [getattr(run, kind).partition(":") for run in runs]
        columns[kind] = _texts(name for name, _, _ in parts)
        columns[f"{kind}_version"] = _texts(version for _, _, version in parts)
    return columns


def _texts(texts: Any) -> npt.NDArray[Any]:
    return np.array(list(texts), dtype=object)
