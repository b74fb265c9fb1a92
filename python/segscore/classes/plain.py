"""Classes as what JSON can say, and back: saved evaluations and datasets of a workspace hold them in full.

What is read may come from anywhere: it is checked before it becomes `Classes`. No file is opened here.
"""

from dataclasses import asdict
from typing import Any

from segscore.classes.classes import Classes
from segscore.classes.labels import PredictionSpace
from segscore.errors import FileFormatError


def classes_dict(classes: Classes) -> dict[str, Any]:
    """Return classes as what JSON can say."""
    return {
        "names": classes.names,
        "labels": classes.labels,
        "ignore": classes.ignore,
        "ignored_classes": classes.ignored_class_labels,
        "not_in_mean": classes.not_in_mean,
        "colours": [[label, *colour] for label, colour in classes.colours.items()],
        "pred_labels": classes.pred_labels,
        "name": classes.name,
        "title": classes.title,
        "note": classes.note,
        "source": classes.source,
        "prediction_spaces": [asdict(space) for space in classes.prediction_spaces],
        **({} if classes.confirmed else {"confirmed": False}),
    }


def classes_of_dict(about: dict[str, Any]) -> Classes:
    """Return the classes that `classes_dict` made into this.

    Of anything else, FileFormatError, ClassesError, LookupError, TypeError or ValueError is raised.
    """
    return Classes(
        texts(about["names"]),
        about["labels"],
        ignore=about["ignore"],
        not_in_mean=about["not_in_mean"],
        colours={label: colour for label, *colour in about["colours"]},
        pred_labels=about["pred_labels"],
        name=text_or_none(about["name"]),
        title=text_or_none(about["title"]),
        note=text_or_none(about["note"]),
        source=texts(about["source"]),
        prediction_spaces=[_space(entry) for entry in about["prediction_spaces"]],
        confirmed=about.get("confirmed", True) is not False,
    ).ignoring(about["ignored_classes"])


def texts(values: Any) -> tuple[str, ...]:
    """Return texts as a tuple, or raise FileFormatError."""
    found = tuple(values)
    if isinstance(values, str) or not all(isinstance(text, str) for text in found):
        raise FileFormatError("a name is not a text")
    return found


def text_or_none(value: Any) -> str | None:
    """Return a text or None, or raise FileFormatError."""
    return None if value is None else texts([value])[0]


def _space(entry: dict[str, Any]) -> PredictionSpace:
    (name,) = texts([entry["name"]])
    return PredictionSpace(name, tuple(entry["labels"]), text_or_none(entry["note"]))
