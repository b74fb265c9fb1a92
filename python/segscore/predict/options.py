"""Options of models: what a file, a function or a folder cannot say by itself.

Whatever offers, reads, checks or keeps them takes them from `OPTIONS`: functions of Python, workspaces, the
command line and forms. What they mean for a model is known to those that run it.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from segscore.base.limits import fraction, number, whole_number
from segscore.base.naming import arg
from segscore.base.values import is_int
from segscore.errors import ArgumentError
from segscore.io.sources import values_or_path
from segscore.text import option as any_option
from segscore.text.option import parts

Form: TypeAlias = Literal["onnx", "python", "predictions"]
"""What a model can be: an ONNX file, a Python function, or a folder of predictions."""


class About(NamedTuple):
    """What a form of models is called."""

    message: str
    """In messages."""
    listing: str
    """In a row of a list."""
    title: str
    """Where it is chosen."""
    help: str
    """What it is for."""


FORMS: Mapping[Form, About] = {
    "onnx": About("an ONNX model", "ONNX", "ONNX file", "Run by onnxruntime."),
    "python": About(
        "a Python function",
        "Python function",
        "Python function",
        "From an image to labels or logits: `my_project.models:predict`. It is code, and may do whatever you "
        "may: add none that you do not trust.",
    ),
    "predictions": About(
        "a folder of predictions",
        "folder of predictions",
        "Folder of predictions",
        "Masks that a model has made, named as images or targets; of objects, the JSON file of its results.",
    ),
}
"""Each form of models, in the order in which they are shown."""

RESULTS: Final = "file of results"
"""What predictions are in a list that are one file with the objects of all images."""


@dataclass(frozen=True, slots=True)
class Values(any_option.Values):
    """What values an option of models has."""

    holds: Callable[[Form, Any], bool] | None = None
    """Whether a model of a form can be given a value; None where this is known where it is used."""
    words: str = ""
    """The values for which it holds."""


@dataclass(frozen=True, slots=True)
class Option(any_option.Option):
    """An option of models."""

    values: Values
    forms: tuple[Form, ...] = ()
    """Models that have it."""

    def check(self, form: Form, value: Any) -> None:
        """Raise ArgumentError for a value that a model of a form cannot be given."""
        if self.values.holds is not None and not self.values.holds(form, value):
            raise ArgumentError(f"{arg(self.name)} is {value!r}", f"it is {self.values.words}")


def check_options(form: Form, **given: Any) -> None:
    """Raise ArgumentError for the first option that has no such value; None stands for the default."""
    for name, value in given.items():
        if value is not None:
            OPTIONS[name].check(form, value)


def _each(text: str) -> float | list[float]:
    """Return one number for all channels where only one was given."""
    found = list(map(number, parts(text)))
    if not found:
        raise ValueError
    return found[0] if len(found) == 1 else found


def _size(text: str) -> str | list[int]:
    if text == "image":
        return text
    height, width = map(whole_number, parts(text))
    return [height, width]


def _is_size(_: Form, value: Any) -> bool:
    sides = value if isinstance(value, list | tuple) else ()
    return value == "image" or (len(sides) == 2 and all(is_int(side) and side > 0 for side in sides))


def _is_axis(form: Form, value: Any) -> bool:
    return is_int(value) and value in ((1, -1) if form == "onnx" else (0, -1))


def _is_number(_: Form, value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_text(_: Form, value: Any) -> bool:
    return isinstance(value, str)


def _one_of(*allowed: str) -> Values:
    return Values(
        "|".join(allowed),
        holds=lambda _, value: value in allowed,
        words=f"{', '.join(allowed[:-1])} or {allowed[-1]}",
    )


_EACH = Values("R,G,B", _each, "one number, or one for each channel", "numbers with commas between them")
_FRACTION = Values("NUMBER", fraction, "a number", "a fraction or a decimal")
_NUMBER = Values("NUMBER", number, "a number", "it in digits", _is_number, "a finite number")
_SIZE = Values(
    "HEIGHT,WIDTH|image",
    _size,
    "2 whole numbers",
    "whole numbers with commas between them",
    _is_size,
    '(height, width) in pixels, or "image"',
)
_AXIS = Values(
    "INTEGER",
    whole_number,
    "a whole number",
    "it in digits",
    _is_axis,
    "1 for (n, K, h, w) or -1 for (n, h, w, K) of an ONNX output, 0 for (K, h, w) or -1 for (h, w, K) of a "
    "function or a file",
)
_OUTPUT = Values("NAME", holds=_is_text, words="the name of an output")
_FUNCTION = Values("MODULE:FUNCTION", holds=_is_text, words="a name, such as my_project.masks:read")
_PATTERN = Values("PATTERN", holds=_is_text, words="a pattern, such as {id}_pred:{id}_gt")

_ONNX: tuple[Form, ...] = ("onnx",)
_CHANNELS, _LAYOUT = _one_of("rgb", "bgr"), _one_of("nchw", "nhwc")
_TAKES = _one_of("array", "path", "batch")

_BY_HEADING: Mapping[str, tuple[Option, ...]] = {
    "Input of an ONNX file": (
        Option(
            "scale", "Scale", "What values from 0 to 255 are multiplied by.", "1/255", _FRACTION, forms=_ONNX
        ),
        Option(
            "mean",
            "Mean",
            "What is then taken from red, green and blue, or from each channel.",
            "0.485,0.456,0.406",
            _EACH,
            forms=_ONNX,
        ),
        Option(
            "std",
            "Standard deviation",
            "What they are divided by in the end.",
            "0.229,0.224,0.225",
            _EACH,
            forms=_ONNX,
        ),
        Option(
            "size",
            "Size",
            "Height and width, or `image`, where the file leaves it open.",
            "512,1024",
            _SIZE,
            forms=_ONNX,
        ),
        Option(
            "channels",
            "Order of colours",
            "The order of colours: `rgb`, the default, or `bgr`.",
            "rgb",
            _CHANNELS,
            forms=_ONNX,
        ),
        Option(
            "layout",
            "Order of axes",
            "The order of axes, if the file does not say it: `nchw` or `nhwc`.",
            "nchw",
            _LAYOUT,
            forms=_ONNX,
        ),
    ),
    "Functions, and what models return": (
        Option(
            "takes",
            "What the function is given",
            "What the function is given: an `array`, the default, a `path`, or a `batch` of arrays.",
            "array",
            _TAKES,
            forms=("python",),
        ),
        Option(
            "class_axis",
            "Axis of classes",
            "Which axis of scores holds classes: 0 or -1 of a function or files, 1 or -1 of ONNX.",
            "0",
            _AXIS,
            forms=tuple(FORMS),
        ),
        Option(
            "output", "Output", "Which of several outputs of an ONNX file.", "logits", _OUTPUT, forms=_ONNX
        ),
        Option(
            "threshold",
            "Threshold",
            "For scores of one channel: class 1 from here on.",
            "0.5",
            _NUMBER,
            forms=tuple(FORMS),
        ),
    ),
    "Labels and names": (
        Option(
            "pred_classes",
            "Label values",
            "Label values of predictions where they differ: a prediction space, a preset, a list of them, …",
            "cityscapes",
            Values("TEXT", values_or_path),
            forms=tuple(FORMS),
        ),
        Option(
            "pairing",
            "Pairing pattern",
            "How names of predictions and targets differ.",
            "{id}_pred:{id}_gt",
            _PATTERN,
            forms=("predictions",),
        ),
        Option(
            "read",
            "Reader",
            "A function from a path to an array, for other formats. It is code, which runs in each run: name "
            "none that you do not trust.",
            "my_project.masks:read",
            _FUNCTION,
            forms=("predictions",),
        ),
    ),
}
OPTIONS: dict[str, Option] = {
    option.name: replace(option, heading=heading)
    for heading, options in _BY_HEADING.items()
    for option in options
}
"""Each option of models, by its name, in the order in which they are shown."""
OF_OUTPUT = ("threshold", "pred_classes")
"""Those that say how what a model returns is read; the others are arguments of `segscore.predict`."""


def arguments(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `segscore.predict` among options, also after a way through JSON."""
    return {
        name: tuple(value) if name == "size" and isinstance(value, list) else value
        for name, value in options.items()
        if name not in OF_OUTPUT
    }
