"""Forms of the application: what their fields mean as arguments. Nothing is done here."""

import os
from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Any, cast

from segscore.app.faults import Faults
from segscore.app.fields import needed, one_of, path, text
from segscore.base.limits import pattern, whole_number
from segscore.base.naming import arg
from segscore.base.wording import shortened
from segscore.counts.measure_options import MeasureOptions
from segscore.counts.measure_texts import MEASURES, measures_written
from segscore.errors import ArgumentError
from segscore.io.shapes import Dims
from segscore.io.sources import number_or_path
from segscore.predict.options import FORMS, OPTIONS, Option
from segscore.text.option import Option as AnyOption
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


def _groups(fields: Mapping[str, str], name: str) -> str | None:
    given = text(fields, name)
    if given is not None:
        try:
            pattern(given)
        except ValueError as error:
            raise ArgumentError(
                f"{arg('groups')} is {shortened(given)!r}, expected a regular expression: {error}",
                r"write one such as ^(\w+)_",
            ) from error
    return given


def _targets(fields: Mapping[str, str], name: str) -> str:
    folder = "the path of a folder, or a glob pattern"
    return os.path.expanduser(needed(fields, name, LABELS["target"], folder))


def _classes(fields: Mapping[str, str], name: str) -> int | str:
    known = "a preset, the path of a TOML file or of another tool's table, or the number of classes"
    return number_or_path(needed(fields, name, LABELS["classes"], known))


def _dims(fields: Mapping[str, str], name: str) -> Dims | None:
    return DIMS.get(one_of(fields, name, LABELS["dims"], allowed=tuple(DIMS)) or "")


_DATASET: dict[str, tuple[str, Callable[[Mapping[str, str], str], Any]]] = {
    "version": ("version", text),
    "images": ("images", path),
    "targets": ("targets", _targets),
    "classes": ("classes", _classes),
    "ignore_index": ("ignore", _labels),
    "dims": ("dims", _dims),
    "groups": ("groups", _groups),
    "pairing": ("pairing", text),
    "list": ("list", path),
    "attributes": ("attributes", path),
    "read": ("read", text),
}
"""Arguments of `Datasets.add` in the order of the form: the field of each, and what reads it."""


def dataset_arguments(fields: Mapping[str, str], faults: Faults) -> dict[str, Any]:
    """Return the arguments of `Datasets.add` but for the name, those of fields that were filled in."""
    arguments = {}
    for name, (field, read) in _DATASET.items():
        with faults.at(field):
            arguments[name] = read(fields, field)
    return {name: value for name, value in arguments.items() if value is not None}


def dataset_fields(name: str, arguments: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields of the form on which a dataset is added as they were filled in.

    `arguments` are as `dataset_arguments` gave them, also after a way through JSON; the home in a path is
    written out.
    """
    labels = arguments.get("ignore_index", ())
    fields = {key: str(value) for key, value in arguments.items() if key != "ignore_index"}
    return {"name": name, **fields, **({"ignore": ", ".join(map(str, labels))} if labels else {})}


def shape_arguments(fields: Mapping[str, str], faults: Faults) -> MeasureOptions:
    """Return what is measured of shapes, as arguments of `Workspace.run`, those that were filled in."""
    return cast(MeasureOptions, _options(MEASURES, fields, faults))


def _options(table: Mapping[str, AnyOption], fields: Mapping[str, str], faults: Faults) -> dict[str, Any]:
    """Return the values of the options of a table that fields were filled in for."""
    found: dict[str, Any] = {}
    for name in table:
        with faults.at(name):
            found |= values_of({name: table[name]}, {name: text(fields, name)})
    return found


def shape_fields(arguments: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields of what is measured, among arguments of `Workspace.run`, as they were filled in."""
    given = {name: value for name, value in arguments.items() if name in MEASURES}
    return {name: found or ON for name, found in measures_written(cast(MeasureOptions, given)).items()}


def model_arguments(fields: Mapping[str, str], faults: Faults) -> dict[str, Any]:
    """Return the arguments of `Models.add` but for the name, and options that were filled in."""
    kind = None
    with faults.at("kind"):
        kind = needed(fields, "kind", "What it is", _ONE_FORM)
        if kind not in FORMS:
            raise ArgumentError(f"`What it is` is {kind!r}, expected {_ONE_FORM}", "choose one of them")
    arguments: dict[str, Any] = {"options": _options(OPTIONS, fields, faults)}
    with faults.at("version"):
        arguments["version"] = text(fields, "version")
    if kind in FORMS:
        with faults.at("source"):
            place = "the path of a file or folder, or the name of a function"
            source = needed(fields, "source", LABELS[kind], place)
            arguments[kind] = source if kind == "python" else os.path.expanduser(source)
    with faults.at("trained_on"):
        arguments["trained_on"] = path(fields, "trained_on")
    return arguments
