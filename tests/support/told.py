"""What results and workspaces tell, as JSON holds it, to be compared with what they told before.

Nothing here is a test.
"""

from typing import Any

import numpy as np

from segscore import Classes, Comparison, ConfusionMatrix, Evaluation, Evaluator, Scores, Workspace
from segscore.workspace import Dataset, Model, Run


def plain(value: Any) -> Any:
    """Return a value as JSON gives it back; undefined numbers are None."""
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(part) for part in (value.tolist() if isinstance(value, np.ndarray) else value)]
    return None if isinstance(value, float) and np.isnan(value) else value


def told_classes(classes: Classes) -> Any:
    facts = ("names", "labels", "ignore", "not_in_mean", "pred_labels", "name", "title", "note")
    spaces = [(space.name, space.labels, space.note) for space in classes.prediction_spaces]
    told = {fact: getattr(classes, fact) for fact in facts}
    return plain({**told, "colours": dict(classes.colours), "prediction_spaces": spaces})


def told_scores(scores: Scores) -> Any:
    return plain({**scores.to_dict(), "classes": told_classes(scores.classes)})


def told_confusion_matrix(matrix: ConfusionMatrix) -> Any:
    return plain({"counts": matrix.counts, "scores": told_scores(matrix.scores)})


def told_evaluation(evaluation: Evaluation) -> Any:
    told = {key: value for key, value in evaluation.to_dict().items() if key not in ("schema", "segscore")}
    files = {name: (one.pred, one.target, one.image) for name, one in evaluation.files.items()}
    return plain(
        {
            **told,
            "classes": told_classes(evaluation.classes),
            "names": evaluation.names,
            "groups": evaluation.groups,
            "files": files,
            "provenance": dict(evaluation.provenance),
        }
    )


def told_evaluator(evaluator: Evaluator) -> Any:
    return {"images": len(evaluator), "result": told_evaluation(evaluator.result())}


def told_comparison(comparison: Comparison) -> Any:
    scores = [told_scores(evaluation.scores) for evaluation in comparison.evaluations]
    facts = {name: getattr(comparison, name) for name in ("names", "groups", "a", "b", "identical")}
    return plain({**comparison.to_dict(), **facts, "scores": scores})


def told_run(run: Run) -> Any:
    failures = [(failure.name, failure.message, failure.hint) for failure in run.evaluation.failures]
    return {"failures": failures, "trained_images": run.trained_images}


def told_dataset(dataset: Dataset) -> Any:
    facts = ("reference", "digest", "added", "names", "groups")
    return {
        **{fact: getattr(dataset, fact) for fact in facts},
        "classes": told_classes(dataset.classes),
        "attributes": dict(dataset.attributes),
        "pixels": dataset.truth.pixels,
    }


def told_model(model: Model) -> Any:
    facts = {fact: getattr(model, fact) for fact in ("reference", "digest", "added", "form", "source")}
    return {**facts, "options": dict(model.options), "trained_on": str(model.trained_on)}


def told_workspace(ws: Workspace) -> Any:
    runs = ws.runs()
    models = [ws.models[line.name, version] for line in ws.models.listing() for version in line.versions]
    return plain(
        {
            "columns": runs.columns(),
            "images": runs.columns(images=True),
            "runs": {run.id: told_run(run) for run in runs},
            "best": dict(runs.grid().best),
            "unfinished": [(one.id, one.model, one.dataset, one.done, one.total) for one in ws.unfinished()],
            "datasets": {name: told_dataset(ws.datasets[name]) for name in ws.datasets},
            "models": {model.reference: told_model(model) for model in models},
        }
    )


def known(found: Any, expected: Any) -> Any:
    """Return of what is told now only what was told then: later versions may tell more."""
    if isinstance(expected, dict):
        return {key: known(_called(found, key), value) for key, value in expected.items()}
    if isinstance(expected, list) and len(found) == len(expected):
        return [known(*pair) for pair in zip(found, expected, strict=True)]
    return found


def _called(found: dict[str, Any], key: str) -> Any:
    """Return what is called `key`, or what is now the name of such a mean of an image."""
    return found[key if key in found else key.replace("mean_", "mean_image_")]
