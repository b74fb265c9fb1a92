"""Classes as what JSON can say, and back: saved evaluations and datasets of a workspace hold them in full.

What is read may come from anywhere: it is checked before it becomes `Classes`. No file is opened here.
"""

from typing import Any

from segscore.classes.classes import Classes
from segscore.classes.labels import PredictionSpace, as_given
from segscore.errors import FileFormatError

FOR_PEOPLE = ("title", "note", "source")
"""What classes say about themselves beside what they mean."""


def classes_dict(classes: Classes) -> dict[str, Any]:
    """Return classes as what JSON can say."""
    return {
        "names": classes.names,
        "labels": as_given(classes.all_labels),
        "ignore": classes.ignore,
        "ignored_classes": classes.ignored_class_labels,
        "not_in_mean": classes.not_in_mean,
        "colours": [[label, *one] for label, own in classes.all_colours.items() for one in own],
        "pred_labels": None if classes.pred_labels is None else as_given(classes.all_pred_labels),
        "name": classes.name,
        "title": classes.title,
        "note": classes.note,
        "source": classes.source,
        "prediction_spaces": [_space_dict(space) for space in classes.prediction_spaces],
        **({} if classes.confirmed else {"confirmed": False}),
        **({"void_names": classes.void_names} if classes.void_names else {}),
        **({} if classes.label_rule is None else {"label_rule": classes.label_rule}),
        **({} if classes.pred_label_rule is None else {"pred_label_rule": classes.pred_label_rule}),
    }


def _space_dict(space: PredictionSpace) -> dict[str, Any]:
    rule = {} if space.label_rule is None else {"label_rule": space.label_rule}
    return {"name": space.name, "labels": space.labels, "note": space.note, **rule}


def classes_of_dict(about: dict[str, Any]) -> Classes:
    """Return the classes that `classes_dict` made into this.

    Of anything else, FileFormatError, ClassesError, LookupError, TypeError or ValueError is raised.
    """
    colours: dict[Any, list[Any]] = {}
    for label, *colour in about["colours"]:
        colours.setdefault(label, []).append(colour)
    return Classes(
        texts(about["names"]),
        about["labels"],
        ignore=about["ignore"],
        not_in_mean=about["not_in_mean"],
        colours=colours,
        pred_labels=about["pred_labels"],
        name=text_or_none(about["name"]),
        title=text_or_none(about["title"]),
        note=text_or_none(about["note"]),
        source=texts(about["source"]),
        prediction_spaces=[_space(entry) for entry in about["prediction_spaces"]],
        confirmed=about.get("confirmed", True) is not False,
        void_names=texts(about.get("void_names", ())),
        label_rule=text_or_none(about.get("label_rule")),
        pred_label_rule=text_or_none(about.get("pred_label_rule")),
    ).ignoring(about["ignored_classes"])


def texts(values: Any) -> tuple[str, ...]:
    """Return texts as a tuple, or raise FileFormatError."""
    found = tuple(values)
    # Millions of names have one type, which takes a fraction of the time to find out that asking each takes.
    if isinstance(values, str) or not all(issubclass(kind, str) for kind in {*map(type, found)}):
        raise FileFormatError("a name is not a text")
    return found


def text_or_none(value: Any) -> str | None:
    """Return a text or None, or raise FileFormatError."""
    return None if value is None else texts([value])[0]


def _space(entry: dict[str, Any]) -> PredictionSpace:
    (name,) = texts([entry["name"]])
    labels = tuple(tuple(own) if isinstance(own, list) else own for own in entry["labels"])
    return PredictionSpace(name, labels, text_or_none(entry["note"]), text_or_none(entry.get("label_rule")))
