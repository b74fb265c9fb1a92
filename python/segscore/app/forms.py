"""Forms of the application: what their fields mean as arguments. Nothing is done here."""

import os
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from segscore.app.fields import needed, numbers, one_of, path, text, whole_numbers
from segscore.errors import ArgumentError

Read: TypeAlias = Callable[[Mapping[str, str], str, str], Any]
"""From the fields of a form, the name and the label of one of them, to its value; None if it is empty."""


def _text(fields: Mapping[str, str], name: str, _: str) -> str | None:
    return text(fields, name)


def _number(fields: Mapping[str, str], name: str, label: str) -> float | None:
    found = numbers(fields, name, label, lengths=(1,))
    return None if found is None else found[0]


def _whole_number(fields: Mapping[str, str], name: str, label: str) -> int | None:
    found = whole_numbers(fields, name, label, lengths=(1,))
    return None if found is None else found[0]


def _of_colours(fields: Mapping[str, str], name: str, label: str) -> float | list[float] | None:
    """Return one number for all colours where only one was given."""
    found = numbers(fields, name, label, lengths=(1, 3))
    return found[0] if found is not None and len(found) == 1 else found


def _size(fields: Mapping[str, str], name: str, label: str) -> str | list[int] | None:
    given = text(fields, name)
    return given if given == "image" else whole_numbers(fields, name, label, lengths=(2,))


def _fraction(fields: Mapping[str, str], name: str, label: str) -> float | None:
    given = text(fields, name)
    try:
        return None if given is None else float(Fraction(given))
    except (ValueError, ZeroDivisionError, OverflowError):
        raise ArgumentError(
            f"`{label}` is {given!r}, expected a number", "write a fraction or a decimal: 1/255, or 0.5"
        ) from None


def _labels(fields: Mapping[str, str], name: str, _: str) -> int | str | None:
    """Return a number of classes, or the name of a preset or a path."""
    given = text(fields, name)
    if given is None:
        return None
    return int(given) if given.isdecimal() and len(given) < 9 else os.path.expanduser(given)


class Option(NamedTuple):
    """An option of models: its name, how the form labels, explains and exemplifies it, and what it means."""

    name: str
    label: str
    hint: str
    example: str
    read: Read


MODEL_OPTIONS = (
    (
        "Input of an ONNX file",
        (
            Option("scale", "Scale", "What values from 0 to 255 are multiplied by.", "1/255", _fraction),
            Option(
                "mean", "Mean", "Then taken from red, green and blue.", "0.485, 0.456, 0.406", _of_colours
            ),
            Option("std", "Standard deviation", "Then divides them.", "0.229, 0.224, 0.225", _of_colours),
            Option(
                "size",
                "Size",
                "Height and width, or `image`, where the file leaves it open.",
                "512, 1024",
                _size,
            ),
            Option(
                "channels",
                "Order of colours",
                "`rgb` or `bgr`.",
                "rgb",
                partial(one_of, allowed=("rgb", "bgr")),
            ),
            Option(
                "layout",
                "Order of axes",
                "`nchw` or `nhwc`.",
                "nchw",
                partial(one_of, allowed=("nchw", "nhwc")),
            ),
        ),
    ),
    (
        "Functions, and what models return",
        (
            Option(
                "takes",
                "What the function is given",
                "An `array`, a `path`, or a `batch` of arrays.",
                "array",
                partial(one_of, allowed=("array", "path", "batch")),
            ),
            Option(
                "class_axis",
                "Axis of classes",
                "Of scores: 0 or -1 of a function, 1 or -1 of ONNX.",
                "0",
                _whole_number,
            ),
            Option("output", "Output", "ONNX: which of several.", "logits", _text),
            Option("threshold", "Threshold", "For scores of one channel.", "0.5", _number),
        ),
    ),
    (
        "Labels and names",
        (
            Option(
                "pred_classes",
                "Label values",
                "Where predictions have others: a preset, for example.",
                "cityscapes",
                _labels,
            ),
            Option(
                "pairing",
                "Pairing pattern",
                "How names of predictions and targets differ.",
                "{id}_pred:{id}_gt",
                _text,
            ),
        ),
    ),
)
"""Options of models, under their headings."""

_KINDS = ("onnx", "python", "predictions")
_ONE_KIND = f"{', '.join(_KINDS[:-1])} or {_KINDS[-1]}"


def dataset_arguments(fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the arguments of `Datasets.add` but for the name.

    Parameters
    ----------
    fields : mapping of str to str
        Of the form on which a dataset is added.

    Returns
    -------
    dict
        Plain values; what was left empty is not in it.

    Raises
    ------
    ArgumentError
        If a field cannot be what it is.
    """
    pattern = text(fields, "groups")
    if pattern is not None:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ArgumentError(
                f"`Groups` is {pattern!r}, expected a regular expression: {error}",
                r"write one such as ^(\w+)_",
            ) from error
    folder = "the path of a folder, or a glob pattern"
    images = needed(fields, "images", "Folder of images", folder)
    targets = needed(fields, "targets", "Folder of targets", folder)
    needed(fields, "classes", "Classes", "a preset, the path of a TOML file, or the number of classes")
    arguments = {
        "images": os.path.expanduser(images),
        "targets": os.path.expanduser(targets),
        "classes": _labels(fields, "classes", "Classes"),
        "ignore_index": whole_numbers(fields, "ignore", "Labels to leave out"),
        "version": text(fields, "version"),
        "groups": pattern,
        "attributes": path(fields, "attributes"),
        "pairing": text(fields, "pairing"),
    }
    return {name: value for name, value in arguments.items() if value is not None}


def dataset_fields(name: str, arguments: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields of the form on which a dataset is added as they were filled in.

    Parameters
    ----------
    name : str
        Of the dataset.
    arguments : mapping
        As `dataset_arguments` gave them, also after a way through JSON.

    Returns
    -------
    dict of str to str
        What was left empty is not in it. The home in a path is written out.
    """
    labels = arguments.get("ignore_index", ())
    fields = {key: str(value) for key, value in arguments.items() if key != "ignore_index"}
    return {"name": name, **fields, **({"ignore": ", ".join(map(str, labels))} if labels else {})}


def model_arguments(fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the arguments of `Models.add` but for the name.

    Parameters
    ----------
    fields : mapping of str to str
        Of the form on which a model is added.

    Returns
    -------
    dict
        Plain values; options that were left empty are not in it.

    Raises
    ------
    ArgumentError
        If a field cannot be what it is.
    """
    kind = needed(fields, "kind", "What it is", _ONE_KIND)
    if kind not in _KINDS:
        raise ArgumentError(f"`What it is` is {kind!r}, expected {_ONE_KIND}", "choose one of them")
    place = "the path of a file or folder, or the name of a function"
    source = needed(fields, "source", "Where it is", place)
    read = {
        option.name: option.read(fields, option.name, option.label)
        for _, options in MODEL_OPTIONS
        for option in options
    }
    return {
        kind: source if kind == "python" else os.path.expanduser(source),
        "version": text(fields, "version"),
        "trained_on": path(fields, "trained_on"),
        "options": {name: value for name, value in read.items() if value is not None},
    }
