"""Forms as browsers send them: their fields, and what these mean as arguments. Nothing is done here."""

import os
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any
from urllib.parse import parse_qsl

from segscore.errors import ArgumentError

MAX_FIELDS = 100
_NUMBERS = re.compile(r"[\s,;]+")

Fields = dict[str, str]


def fields_of(body: bytes) -> Fields:
    """Return the fields of a form; of several with the same name the last.

    Raises
    ------
    ArgumentError
        If it is no form.
    """
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            encoding="utf-8",
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError as error:
        raise ArgumentError(f"the form cannot be read: {error}", "send it again from its page") from error
    # Browsers end lines of texts as the Internet does.
    return {name: value.replace("\r\n", "\n") for name, value in pairs}


def text(fields: Mapping[str, str], name: str) -> str | None:
    """Return a field without blanks around it, None if there is nothing in it."""
    return fields.get(name, "").strip() or None


def path(fields: Mapping[str, str], name: str) -> str | None:
    """Return a path, in which ``~`` is the home of whoever runs the application."""
    given = text(fields, name)
    return None if given is None else os.path.expanduser(given)


def needed(fields: Mapping[str, str], name: str, what: str) -> str:
    """Return a field that must be filled in, or raise ArgumentError."""
    given = text(fields, name)
    if given is None:
        raise ArgumentError(f"{what} is missing", "fill it in")
    return given


def numbers(fields: Mapping[str, str], name: str, what: str, lengths: tuple[int, ...]) -> list[float] | None:
    """Return several numbers that stand between commas or blanks, None if there are none.

    Raises
    ------
    ArgumentError
        If there are more or fewer, or something else.
    """
    given = text(fields, name)
    if given is None:
        return None
    try:
        found = [float(part) for part in _NUMBERS.split(given) if part]
    except ValueError:
        found = []
    if len(found) not in lengths:
        raise ArgumentError(
            f"{what} is {given!r}, expected {' or '.join(map(str, lengths))} "
            f"number{'' if lengths == (1,) else 's'}",
            "write numbers with commas between them, such as 0.485, 0.456, 0.406",
        )
    return found


def _of_colours(found: list[float] | None) -> float | list[float] | None:
    """Return one number for all colours where only one was given."""
    return found[0] if found is not None and len(found) == 1 else found


def whole_numbers(
    fields: Mapping[str, str], name: str, what: str, lengths: tuple[int, ...]
) -> list[int] | None:
    """Return several whole numbers, as `numbers` does; `lengths` that are empty stand for any."""
    given = text(fields, name)
    if given is None:
        return None
    try:
        found = [int(part) for part in _NUMBERS.split(given) if part]
    except ValueError:
        found = []
    if not found or (lengths and len(found) not in lengths):
        raise ArgumentError(
            f"{what} is {given!r}, expected whole numbers", "write them with commas between them"
        )
    return found


def one_of(fields: Mapping[str, str], name: str, what: str, allowed: tuple[str, ...]) -> str | None:
    """Return a field that is one of these texts, None if it is empty, or raise ArgumentError."""
    given = text(fields, name)
    if given is not None and given not in allowed:
        raise ArgumentError(f"{what} is {given!r}", f"it is {' or '.join(allowed)}")
    return given


def dataset_arguments(fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the arguments of `Datasets.add` but for the name, in plain values."""
    classes = needed(fields, "classes", "The choice of classes")
    pattern = text(fields, "groups")
    if pattern is not None:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ArgumentError(
                f"the groups are {pattern!r}, which is no regular expression: {error}",
                r"write one such as ^(\w+)_",
            ) from error
    arguments = {
        "images": os.path.expanduser(needed(fields, "images", "The folder of images")),
        "targets": os.path.expanduser(needed(fields, "targets", "The folder of targets")),
        "classes": int(classes) if classes.isdecimal() and len(classes) < 9 else os.path.expanduser(classes),
        "ignore_index": whole_numbers(fields, "ignore", "What is left out", ()),
        "version": text(fields, "version"),
        "groups": pattern,
        "attributes": path(fields, "attributes"),
        "pairing": text(fields, "pairing"),
    }
    return {name: value for name, value in arguments.items() if value is not None}


def model_arguments(fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the arguments of `Models.add` but for the name."""
    kind = one_of(fields, "kind", "The kind of model", ("onnx", "python", "predictions"))
    if kind is None:
        raise ArgumentError("the kind of model is missing", "choose one of the three")
    source = needed(fields, "source", "The place of the model")
    threshold = numbers(fields, "threshold", "The threshold", (1,))
    axis = whole_numbers(fields, "class_axis", "The axis of classes", (1,))
    size, pred_classes = text(fields, "size"), text(fields, "pred_classes")
    options = {
        "mean": _of_colours(numbers(fields, "mean", "The mean", (1, 3))),
        "std": _of_colours(numbers(fields, "std", "The standard deviation", (1, 3))),
        "scale": _fraction(fields),
        "size": size if size == "image" else whole_numbers(fields, "size", "The input size", (2,)),
        "channels": one_of(fields, "channels", "The order of colours", ("rgb", "bgr")),
        "layout": one_of(fields, "layout", "The order of axes", ("nchw", "nhwc")),
        "output": text(fields, "output"),
        "takes": one_of(fields, "takes", "What the function is given", ("array", "path", "batch")),
        "class_axis": None if axis is None else axis[0],
        "threshold": None if threshold is None else threshold[0],
        "pred_classes": None if pred_classes is None else _number_or_name(pred_classes),
        "pairing": text(fields, "pairing"),
    }
    return {
        kind: source if kind == "python" else os.path.expanduser(source),
        "version": text(fields, "version"),
        "trained_on": path(fields, "trained_on"),
        "options": {name: value for name, value in options.items() if value is not None},
    }


def _number_or_name(given: str) -> int | str:
    """Return a number of classes, or the name of a preset or a path."""
    return int(given) if given.isdecimal() and len(given) < 9 else os.path.expanduser(given)


def _fraction(fields: Mapping[str, str]) -> float | None:
    given = text(fields, "scale")
    try:
        return None if given is None else float(Fraction(given))
    except (ValueError, ZeroDivisionError, OverflowError):
        raise ArgumentError(f"The scale is {given!r}, expected a number", "write 1/255, or 0.5") from None
