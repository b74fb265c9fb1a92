"""Forms of the application: what their fields mean as arguments. Nothing is done here."""

import os
from collections.abc import Mapping
from itertools import groupby
from typing import Any, cast

from segscore.app.fields import needed, one_of, path, text
from segscore.base.limits import pattern, whole_number
from segscore.base.naming import arg
from segscore.base.wording import shortened
from segscore.counts.measure_options import MeasureOptions
from segscore.counts.measure_texts import MEASURES, measures_read, measures_written
from segscore.errors import ArgumentError
from segscore.io.shapes import Dims
from segscore.io.sources import number_or_path
from segscore.predict.options import FORMS, OPTIONS, Option
from segscore.text.option import parts, values_of

LABELS: dict[str, str] = {
    "images": "Folder of images",
    "target": "Folder of targets",
    "classes": "Classes",
    "ignore_index": "Labels to leave out",
    "list": "List of images",
    "groups": "Groups",
    "attributes": "Attributes",
    "dims": "What images are",
    **dict.fromkeys(FORMS, "Where it is"),
    "trained_on": "Trained on",
}
"""Labels of fields by the arguments that messages name; those of models' options are in their table."""

ON = "on"
"""What the field of a switch holds that is on."""
_ONE_FORM = "{}, {} or {}".format(*FORMS)


def model_options() -> list[tuple[str, list[Option]]]:
    """Return the options of models under their headings."""
    return [(title, list(some)) for title, some in groupby(OPTIONS.values(), lambda option: option.heading)]


DIMS: dict[str, Dims] = {"2": 2, "3": 3}
"""Dimensions of an image, as the form of a dataset says them."""


def _labels(fields: Mapping[str, str], name: str) -> list[int] | None:
    """Return label values that stand between commas or blanks; None if there is nothing in the field."""
    given = text(fields, name)
    if given is None:
        return None
    try:
        found = list(map(whole_number, parts(given)))
    except ValueError:
        found = []
    if not found:
        raise ArgumentError(
            f"{arg('ignore_index')} is {shortened(given)!r}, expected whole numbers",
            "write whole numbers with commas between them, such as 0, 255",
        )
    return found


def dataset_arguments(fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the arguments of `Datasets.add` but for the name, those of fields that were filled in."""
    groups = text(fields, "groups")
    if groups is not None:
        try:
            pattern(groups)
        except ValueError as error:
            raise ArgumentError(
                f"{arg('groups')} is {shortened(groups)!r}, expected a regular expression: {error}",
                r"write one such as ^(\w+)_",
            ) from error
    folder = "the path of a folder, or a glob pattern"
    targets = needed(fields, "targets", LABELS["target"], folder)
    known = "a preset, the path of a TOML file or of another tool's table, or the number of classes"
    classes = needed(fields, "classes", LABELS["classes"], known)
    arguments = {
        "images": path(fields, "images"),
        "targets": os.path.expanduser(targets),
        "classes": number_or_path(classes),
        "ignore_index": _labels(fields, "ignore"),
        "version": text(fields, "version"),
        "groups": groups,
        "attributes": path(fields, "attributes"),
        "pairing": text(fields, "pairing"),
        "list": path(fields, "list"),
        "read": text(fields, "read"),
        "dims": DIMS.get(one_of(fields, "dims", LABELS["dims"], allowed=tuple(DIMS)) or ""),
    }
    return {name: value for name, value in arguments.items() if value is not None}


def dataset_fields(name: str, arguments: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields of the form on which a dataset is added as they were filled in.

    `arguments` are as `dataset_arguments` gave them, also after a way through JSON; the home in a path is
    written out.
    """
    labels = arguments.get("ignore_index", ())
    fields = {key: str(value) for key, value in arguments.items() if key != "ignore_index"}
    return {"name": name, **fields, **({"ignore": ", ".join(map(str, labels))} if labels else {})}


def shape_arguments(fields: Mapping[str, str]) -> MeasureOptions:
    """Return what is measured of shapes, as arguments of `Workspace.run`, those that were filled in."""
    return measures_read({name: text(fields, name) for name in MEASURES})


def shape_fields(arguments: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields of what is measured, among arguments of `Workspace.run`, as they were filled in."""
    given = {name: value for name, value in arguments.items() if name in MEASURES}
    return {name: found or ON for name, found in measures_written(cast(MeasureOptions, given)).items()}


def model_arguments(fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the arguments of `Models.add` but for the name, and options that were filled in."""
    kind = needed(fields, "kind", "What it is", _ONE_FORM)
    if kind not in FORMS:
        raise ArgumentError(f"`What it is` is {kind!r}, expected {_ONE_FORM}", "choose one of them")
    place = "the path of a file or folder, or the name of a function"
    source = needed(fields, "source", LABELS[kind], place)
    given = {name: text(fields, name) for name in OPTIONS}
    return {
        kind: source if kind == "python" else os.path.expanduser(source),
        "version": text(fields, "version"),
        "trained_on": path(fields, "trained_on"),
        "options": values_of(OPTIONS, given),
    }
