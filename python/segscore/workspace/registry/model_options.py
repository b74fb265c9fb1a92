"""Options of models that a version keeps.

They are checked when a model is added, as far as that is possible without running it.
"""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from segscore.errors import ArgumentError, unknown
from segscore.predict.options import OPTIONS, Form
from segscore.predict.pixels import numbers_table

_FORMS: Mapping[Form, str] = {
    "onnx": "an ONNX model",
    "python": "a Python function",
    "predictions": "a folder of predictions",
}
OF_OUTPUT = ("threshold", "pred_classes")
"""Options that say how what a model returns is read; the others are arguments of `segscore.predict`."""


def checked_options(form: Form, options: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return options as JSON gives them back.

    It is an error if a model of this form has no such option, or an option no such value.
    """
    given = {} if options is None else dict(options)
    own = {name: option for name, option in OPTIONS.items() if form in option.forms}
    for name, value in given.items():
        if not isinstance(name, str):
            raise ArgumentError(f"the name of an option is {name!r}", 'a text, such as "mean"')
        if name not in own:
            raise unknown(f"option of {_FORMS[form]}", name, own)
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise ArgumentError(
                f"option `{name}` is {value!r}", "a finite number, a text, true or false, or a list of these"
            ) from error
        own[name].check(form, value)
    numbers = {name: given.get(name) for name in ("scale", "mean", "std")}
    numbers_table(**numbers, dtype=np.dtype(np.float32))
    return dict(json.loads(json.dumps(given)))
