"""What a run is shown with: where its files lie, what it was made of, and parts of it by attributes.

Nothing is written here, and no mask is read.
"""

from collections.abc import Callable
from dataclasses import replace

from segscore.base.wording import short
from segscore.errors import SegscoreError
from segscore.evaluation.evaluation import Evaluation
from segscore.io.places import FileColumns
from segscore.pages.options import ReportOptions
from segscore.results.groups import Groups
from segscore.results.summary import NO_PLACES
from segscore.workspace.registry.collections import Models
from segscore.workspace.registry.datasets import Dataset
from segscore.workspace.runs.keeping import KeptPredictions
from segscore.workspace.runs.plans import options_text
from segscore.workspace.runs.predictors import panoptic_predictions, prediction_files
from segscore.workspace.runs.run import Run

ATTRIBUTE = "attribute."
"""What stands before the title of an attribute, so that it is no group and no metric."""


def placed(run: Run, dataset: Dataset | None, models: Models) -> Evaluation:
    """Return the evaluation of a run with the places of its files, as far as they are known."""
    # A saved file may name any place; those of a run are known from what is registered.
    kept = {key: said for key, said in run.evaluation.provenance.items() if key in NO_PLACES}
    evaluation = replace(run.evaluation, files={}, provenance=kept)
    if dataset is None:
        return evaluation
    known = set(evaluation.names)
    # What a function reads is not drawn: a page runs no code of the user.
    drawn = dataset.reader is None
    files = FileColumns(
        places={name: i for i, name in enumerate(dataset.names) if name in known},
        preds=_predictions(run, dataset, models),
        targets=[mask if drawn and isinstance(mask, str) else None for mask in dataset.masks],
        images=dataset.image_paths,
    )
    return replace(evaluation, files=files)


def image_attributes(dataset: Dataset | None) -> dict[str, dict[str, str]]:
    """Return what else is known of the images of a dataset: attributes by title, then by name."""
    if dataset is None:
        return {}
    return {
        title: dict(zip(dataset.names, column, strict=True)) for title, column in dataset.attributes.items()
    }


def slices(run: Run, dataset: Dataset | None) -> dict[str, Groups[Evaluation]]:
    """Return the evaluation of a run by groups and by each attribute; empty where neither is known.

    The names are ``group``, and ``attribute.weather`` for an attribute.
    """
    found = {} if run.evaluation.groups is None else {"group": run.evaluation.group_by()}
    for title, of in image_attributes(dataset).items():
        found[f"{ATTRIBUTE}{title}"] = run.evaluation.group_by(of)
    return found


def report_options(run: Run, dataset: Dataset | None) -> ReportOptions:
    """Return what the report of a run says about it; see `segscore.pages.report.write_report`."""
    options = options_text(run.options)
    about = {
        "run": run.id,
        "model": f"{run.model} ({short(run.model_digest)})",
        "dataset": f"{run.dataset} ({short(run.dataset_digest)})",
        "ended": f"{run.ended[:16].replace('T', ' ')} UTC",
        "segscore": str(run.manifest["segscore"]),
        **({"options": options} if options else {}),
        **({"note": run.note} if run.note else {}),
    }
    return {
        "title": f"{run.model} on {run.dataset}",
        "about": about,
        "attributes": dict(image_attributes(dataset)),
        "notes": [run.overlap] if run.trained_images else [],
    }


def _predictions(run: Run, dataset: Dataset, models: Models) -> Callable[[str], str | None]:
    """Return what tells where the prediction of an image lies, if it was kept or is a file anyway."""
    folder, files = run.predictions, dict[str, str]()
    if folder is None:
        try:
            model = models[run.model]
            if model.digest == run.model_digest and model.is_panoptic:
                return panoptic_predictions(model, dataset)[0].get
            if model.digest == run.model_digest and model.is_results:
                return lambda _: model.path  # which has those of all images
            # Class scores are no masks that can be shown, and a page runs no code of the user.
            masks = model.form == "predictions" and not model.reading.of_scores and model.reader is None
            if model.digest == run.model_digest and masks:
                found = prediction_files(model, dataset, run.evaluation.classes)
                files = {name: mask for name, mask in found.items() if isinstance(mask, str)}
        except SegscoreError:
            pass  # The model is gone, and with it what it has made.
        return files.get
    return KeptPredictions(folder).of
