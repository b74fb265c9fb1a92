"""Options of models: what a file, a function or a folder cannot say by itself, and which values there are.

They are checked when a model is added, as far as that is possible without running it.
"""

import json
import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import numpy as np

from segscore.base.values import is_int
from segscore.errors import ArgumentError, unknown
from segscore.predict.pixels import numbers_table

Form: TypeAlias = Literal["onnx", "python", "predictions"]
_FORMS: Mapping[Form, str] = {
    "onnx": "an ONNX model",
    "python": "a Python function",
    "predictions": "a folder of predictions",
}
OF_OUTPUT = ("threshold", "pred_classes")
"""Options that say how what a model returns is read; the others are arguments of `segscore.predict`."""
OPTIONS: Mapping[Form, tuple[str, ...]] = {
    "onnx": (
        "mean",
        "std",
        "scale",
        "size",
        "channels",
        "layout",
        "output",
        "class_axis",
        *OF_OUTPUT,
    ),
    "python": ("takes", "class_axis", *OF_OUTPUT),
    "predictions": ("pairing", "pred_classes"),
}
"""What the file cannot say, by the form of a model."""


def checked_options(form: Form, options: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return options as JSON gives them back.

    It is an error if a model of this form has no such option, or an option no such value.
    """
    given = {} if options is None else dict(options)
    for name, value in given.items():
        if not isinstance(name, str):
            raise ArgumentError(f"the name of an option is {name!r}", 'a text, such as "mean"')
        if name not in OPTIONS[form]:
            raise unknown(f"option of {_FORMS[form]}", name, OPTIONS[form])
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise ArgumentError(
                f"option `{name}` is {value!r}", "a finite number, a text, true or false, or a list of these"
            ) from error
        wanted = _VALUES.get(name)
        if wanted is not None and not wanted[0](form, value):
            raise ArgumentError(f"`{name}` is {value!r}", f"it is {wanted[1]}")
    numbers = {name: given.get(name) for name in ("scale", "mean", "std")}
    numbers_table(**numbers, dtype=np.dtype(np.float32))
    return dict(json.loads(json.dumps(given)))


def _is_size(value: Any) -> bool:
    sides = value if isinstance(value, list | tuple) else ()
    return value == "image" or (len(sides) == 2 and all(is_int(side) and side > 0 for side in sides))


def _is_axis(form: Form, value: Any) -> bool:
    return is_int(value) and value in ((1, -1) if form == "onnx" else (0, -1))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


_VALUES: Mapping[str, tuple[Callable[[Form, Any], bool], str]] = MappingProxyType(
    {
        "size": (lambda _, value: _is_size(value), '(height, width) in pixels, or "image"'),
        "channels": (lambda _, value: value in ("rgb", "bgr"), "rgb or bgr"),
        "layout": (lambda _, value: value in ("nchw", "nhwc"), "nchw or nhwc"),
        "output": (lambda _, value: isinstance(value, str), "the name of an output"),
        "takes": (lambda _, value: value in ("array", "path", "batch"), "array, path or batch"),
        "class_axis": (_is_axis, "1 or -1 of an ONNX output, 0 or -1 of what a function returns"),
        "threshold": (lambda _, value: _is_number(value), "a finite number"),
        "pairing": (lambda _, value: isinstance(value, str), "a pattern, such as {id}_pred:{id}_gt"),
    }
)
"""What each option may be, those of numbers aside, and the same in words."""
