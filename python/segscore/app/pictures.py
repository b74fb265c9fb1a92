"""Pictures of a run, made when a page asks for them.

They come from files of registered datasets and kept predictions alone. Bytes of files are never sent:
photographs and masks are decoded, made smaller, and encoded anew.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import replace

from segscore.app.state import State
from segscore.errors import ArgumentError, SegscoreError
from segscore.evaluation import Evaluation
from segscore.files import Files
from segscore.pictures import Picture, picture_of
from segscore.sources import show
from segscore.workspace import Dataset, Run
from segscore.workspace.keeping import kept_prediction
from segscore.workspace.predictors import prediction_files

KINDS = {"photograph": "image/jpeg", "target": "image/png", "pred": "image/png", "errors": "image/png"}
"""Parts of a picture, and of which kind each is."""


def dataset_of(state: State, run: Run) -> Dataset | None:
    """Return the version that a run was made on; None if it is gone, or another one of this name is there."""

    def found() -> Dataset:
        return state.workspace.datasets[run.dataset]

    try:
        dataset = state.datasets.get((run.dataset, run.dataset_digest), found)
    except SegscoreError:
        return None
    return dataset if dataset.digest == run.dataset_digest else None


def with_files(state: State, run: Run) -> tuple[Evaluation, str]:
    """Return the evaluation of a run with the places of its files, and why there are none."""
    evaluation = replace(run.evaluation, files={}, provenance={})
    dataset = dataset_of(state, run)
    if dataset is None:
        return evaluation, f"the dataset {run.dataset} is no longer as it was"
    predictions, reason = _predictions(state, run, dataset)
    places = zip(dataset.names, dataset.target_paths, dataset.image_paths, strict=True)
    known = set(evaluation.names)
    files = {
        name: Files(predictions.get(name), target, image) for name, target, image in places if name in known
    }
    return replace(evaluation, files=files), reason


def _predictions(state: State, run: Run, dataset: Dataset) -> tuple[Mapping[str, str], str]:
    """Return where the prediction of each image lies, and why there are none."""
    folder = run.predictions
    if folder is not None:
        root = os.path.join(os.path.realpath(folder), "")
        found = {}
        for name in dataset.names:
            path = kept_prediction(folder, name)
            # What a link leads to was not kept by the run.
            if path is not None and os.path.realpath(path).startswith(root):
                found[name] = str(path)
        return found, ""
    try:
        model = state.workspace.models[run.model]
        if model.digest == run.model_digest and model.form == "predictions":
            return prediction_files(model, dataset), ""
    except SegscoreError as error:
        return {}, error.message
    return {}, "no predictions were kept"


def picture(state: State, run: Run, evaluation: Evaluation, index: int) -> Picture:
    """Return the pictures of an image of a run.

    Raises
    ------
    ArgumentError
        If there is no such image.
    """
    if not 0 <= index < len(evaluation.names):
        raise ArgumentError(f"run {run.id} has no image {index}", f"it has {len(evaluation.names):,}")
    name = evaluation.names[index]

    def made() -> Picture:
        dataset = dataset_of(state, run)
        files = evaluation.files.get(name, Files())
        if dataset is None:
            return Picture(reason="the dataset is no longer as it was")
        place = dataset.names.index(name)
        # Masks are shown only if they hold what was scored; a photograph could be anything by now.
        is_image = _is(files.image, dataset.images[place].sha256)
        is_target = _is(files.target, dataset.targets[place].sha256)
        usable = Files(files.pred, files.target if is_target else None, files.image if is_image else None)
        only = replace(evaluation, files={name: usable})
        found = picture_of(only, name)
        if not is_image:
            gone = f"the photograph has changed, or is no longer there: {show(files.image or name)}"
            found = replace(found, photograph_reason=gone)
        if not is_target:
            gone = f"the target has changed, or is no longer there: {show(files.target or name)}"
            found = replace(found, reason=gone)
        return found

    return state.pictures.get((run.id, index), made)


def _is(path: str | None, sha256: str) -> bool:
    """Whether a file holds what it held when it was registered."""
    if path is None or not os.path.isfile(path):
        return False
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False
