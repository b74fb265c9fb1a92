"""Pictures of a run, made when a page asks for them.

They come from files of registered datasets and kept predictions alone. Bytes of files are never sent:
photographs and masks are decoded, made smaller, and encoded anew.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from importlib.util import find_spec

from segscore.app.state import State
from segscore.base.wording import show
from segscore.errors import ArgumentError, SegscoreError
from segscore.evaluation.evaluation import Evaluation
from segscore.io.places import Files, files_of_images, with_contents
from segscore.pages.outlines import Outlined, outlines_of
from segscore.pages.pictures import Picture, picture_of, registered_target
from segscore.results.copies import with_files
from segscore.workspace import Dataset, Run
from segscore.workspace.reports import placed
from segscore.workspace.store.digests import bytes_as_registered

KINDS = {"photograph": "image/jpeg", "target": "image/png", "pred": "image/png", "errors": "image/png"}
"""Parts of a picture, and of which kind each is."""
OUTLINED = {"targets": "Targets", "predictions": "Predictions"}
"""Pictures of the outlines of objects that may overlap, and what they are called."""


def dataset_of(state: State, run: Run) -> Dataset | None:
    """Return the version that a run was made on; None if it is gone, or another one of this name is there."""
    key = (run.dataset, run.dataset_digest)
    # What is gone may come back: the folder of another workspace that is not mounted, for example.
    return state.datasets.get(key, run.registered, keep=lambda found: found is not None)


def verified(evaluation: Evaluation, dataset: Dataset | None) -> Evaluation:
    """Return the evaluation of a run with files that bring the bytes that were registered, or none.

    Masks are shown only if they hold what was scored, but a photograph could be anything by now: what a link
    leads to, for example. The bytes that are compared are those that are decoded, so that nothing can take
    their place in between; and a file of another size is not read at all.
    """
    if dataset is None:
        return with_files(evaluation, {})
    return with_files(evaluation, with_contents(evaluation.files, contents_of(dataset)))


def evaluation_of(state: State, run: Run) -> Evaluation:
    """Return the evaluation of a run, which never changes, with places of files that are `verified`."""
    dataset = dataset_of(state, run)
    return state.evaluations.get(
        run_key(run, dataset), lambda: verified(placed(run, dataset, state.workspace.models), dataset)
    )


def run_key(run: Run, dataset: Dataset | None) -> tuple[object, ...]:
    """Return what results of a run are kept by that depend on whether its dataset is there."""
    return *identity(run), dataset is None


def identity(run: Run) -> tuple[str, ...]:
    """Return what tells a run from all others: one that was removed may leave its id to another one."""
    return run.id, run.digest, run.ended


def addresses_of(
    run: Run, index: int, *, masks: bool, photograph: bool, target: bool = True
) -> dict[str, str]:
    """Return where pictures of an image are, by their parts; of masks that may overlap there are none."""
    parts = ["photograph"] if photograph else []
    parts += [*(["target"] if target else []), *(["pred", "errors"] if masks and target else [])]
    return {name: f"/runs/{run.id}/pictures/{index}/{name}" for name in parts}


def outline_addresses(run: Run, index: int) -> dict[str, str]:
    """Return where outlines of the objects of an image are, by their parts."""
    return {part: f"/runs/{run.id}/pictures/{index}/{part}" for part in OUTLINED}


def has_photographs(dataset: Dataset | None) -> bool:
    """Whether photographs of a dataset can be shown."""
    return dataset is not None and dataset.images is not None and find_spec("PIL") is not None


def contents_of(dataset: Dataset) -> Callable[[str], bytes]:
    """Return what brings the bytes of a file of a dataset if they are those that were registered."""
    return partial(_registered, dataset)


def of_dataset(state: State, dataset: Dataset, index: int) -> Picture:
    """Return the pictures of a target of a dataset and of its photograph, or why there are none."""
    if not 0 <= index < len(dataset.names):
        raise ArgumentError(
            f"dataset {dataset.reference} has no image {index}", f"it has {len(dataset.names):,}"
        )

    def made() -> Picture:
        mask, photographs = dataset.masks[index], dataset.image_paths
        # What a function reads is not drawn: a page runs no code of the user.
        target = mask if isinstance(mask, str) and dataset.reader is None else None
        files = Files(None, target, None if photographs is None else photographs[index])
        return registered_target(dataset.classes, replace(files, contents=contents_of(dataset)))

    return state.pictures.get((dataset.reference, dataset.digest, index), made, keep=_whole)


def no_predictions(state: State, run: Run) -> str:
    """Return why what the model predicted lies in no files; empty if it does."""
    try:
        if run.predictions is not None or state.workspace.models[run.model].form == "predictions":
            return ""
    except SegscoreError:
        return "the model is no longer there"
    return "predictions were not kept, or have been removed"


def sought(state: State, run: Run, evaluation: Evaluation, names: Iterable[str]) -> Evaluation:
    """Return the evaluation with predictions of images that were not there when it was made, and are now."""
    lacking = any(name in evaluation.files and evaluation.files[name].pred is None for name in names)
    if not lacking or no_predictions(state, run):
        return evaluation
    dataset = dataset_of(state, run)
    files = placed(run, dataset, state.workspace.models).files
    return verified(with_files(evaluation, files_of_images(files, evaluation.files)), dataset)


def picture(state: State, run: Run, evaluation: Evaluation, index: int) -> Picture:
    """Return the pictures of an image of a run, or why there are none; the evaluation is from `verified`."""
    if not 0 <= index < len(evaluation.names):
        raise ArgumentError(f"run {run.id} has no image {index}", f"it has {len(evaluation.names):,}")
    name = evaluation.names[index]
    if name not in evaluation.files:
        reason = "the dataset is no longer as it was"
        return Picture(reason=reason, photograph_reason=reason)
    files = evaluation.files[name]

    def made() -> Picture:
        found = sought(state, run, evaluation, [name])
        if name in found.files and found.files[name].pred is None:
            reason = no_predictions(state, run) or "the prediction is no longer where it was"
            return replace(picture_of(found, name), reason=reason)
        return picture_of(found, name)

    found = state.pictures.get((*run_key(run, dataset_of(state, run)), index), made, keep=_whole)
    if found.axes:
        return replace(found, reason="slices of volumes are in the page of the run")
    return replace(
        found,
        reason=_placed(found.reason, files.target),
        photograph_reason=_placed(found.photograph_reason, files.image),
    )


def outlined(state: State, run: Run, evaluation: Evaluation, index: int) -> Outlined:
    """Return the outlines of the objects of an image of a run; the evaluation is from `verified`."""
    if not 0 <= index < len(evaluation.names) or evaluation.measures.of_pixels:
        raise ArgumentError(f"run {run.id} has no outlines of image {index}", "objects that may overlap have")
    return state.outlines.get(
        (*run_key(run, dataset_of(state, run)), index),
        lambda: outlines_of(evaluation, index),
        keep=lambda found: not found.reason,
    )


def _whole(found: Picture) -> bool:
    """Whether nothing is missing: what is may be back when it is asked for again."""
    return not (found.reason or found.photograph_reason)


_CHANGED = "has changed, or is no longer there"


def _placed(reason: str, path: str | None) -> str:
    """Return a reason with the file that it is about, where it names none."""
    return f"{reason}: {show(path)}" if path is not None and reason.endswith(_CHANGED) else reason


def _registered(dataset: Dataset, path: str) -> bytes:
    """Return the bytes of a file, or raise ArgumentError unless they are those that were registered."""
    what, files = "target", dataset.target_files
    if path not in files:
        what, files = "photograph", dataset.image_files
    content = bytes_as_registered(path, files[path])
    if content is None:
        raise ArgumentError(f"the {what} {_CHANGED}")
    return content
