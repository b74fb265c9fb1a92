"""Pictures of a run, made when a page asks for them.

They come from files of registered datasets and kept predictions alone. Bytes of files are never sent:
photographs and masks are decoded, made smaller, and encoded anew.
"""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import replace

from segscore.app.state import State
from segscore.errors import ArgumentError
from segscore.evaluation import Evaluation
from segscore.files import Files, with_files
from segscore.pictures import Picture, picture_of
from segscore.sources import show
from segscore.workspace import Dataset, Run
from segscore.workspace.reports import dataset_of_run

KINDS = {"photograph": "image/jpeg", "target": "image/png", "pred": "image/png", "errors": "image/png"}
"""Parts of a picture, and of which kind each is."""


def dataset_of(state: State, run: Run) -> Dataset | None:
    """Return the version that a run was made on; None if it is gone, or another one of this name is there."""
    key = (run.dataset, run.dataset_digest)
    return state.datasets.get(key, lambda: dataset_of_run(run, state.workspace.datasets))


def verified(evaluation: Evaluation, dataset: Dataset | None, names: Iterable[str]) -> Evaluation:
    """Return the evaluation with the places of files of some images, as far as these hold what they held.

    Masks are shown only if they hold what was scored, but a photograph could be anything by now: what a
    link leads to, for example.

    Parameters
    ----------
    evaluation : Evaluation
        Of a run, with the places of its files.
    dataset : Dataset or None
        That the run was made on.
    names : iterable of str
        The images.
    """
    if dataset is None:
        return with_files(evaluation, {})
    place = {name: i for i, name in enumerate(dataset.names)}
    found = {}
    for name in names:
        files = evaluation.files.get(name)
        if files is not None:
            image, target = dataset.images[place[name]], dataset.targets[place[name]]
            found[name] = Files(
                files.pred,
                files.target if _holds(files.target, target.sha256) else None,
                files.image if _holds(files.image, image.sha256) else None,
            )
    return with_files(evaluation, found)


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
        if dataset is None:
            reason = "the dataset is no longer as it was"
            return Picture(reason=reason, photograph_reason=reason)
        usable = verified(evaluation, dataset, [name])
        found, before, now = picture_of(usable, name), evaluation.files[name], usable.files[name]
        changed = "has changed, or is no longer there:"
        if now.image is None:
            found = replace(found, photograph_reason=f"the photograph {changed} {show(before.image or name)}")
        if now.target is None:
            found = replace(found, reason=f"the target {changed} {show(before.target or name)}")
        return found

    return state.pictures.get((run.id, index), made)


def _holds(path: str | None, sha256: str) -> bool:
    """Whether a file holds what it held when it was registered."""
    if path is None or not os.path.isfile(path):
        return False
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False
