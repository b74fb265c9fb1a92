"""Python functions as models: PyTorch, Hugging Face and anything else are one small function away.

No framework is imported here, and nothing is counted or written.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from segscore.base.naming import arg, marked
from segscore.base.wording import show
from segscore.errors import ArgumentError, SegscoreError
from segscore.io.arrays import as_floats, as_labels, as_scores
from segscore.io.devices import Away
from segscore.io.functions import MODEL, function_named, name_of
from segscore.predict.options import OPTIONS, check_options
from segscore.predict.prediction import Array, Prediction, Predictor, check_numbers


@dataclass(frozen=True, eq=False)
class FunctionPredictor(Predictor):
    """A Python function as a model; made by :func:`segscore.predict.function`.

    Attributes
    ----------
    call : callable
        The function.
    name : str
        ``package.module:function``, as messages call it.
    takes : "array", "path" or "batch"
        What it is called with.
    class_axis : int or None
        Which axis of its class scores holds the classes; None for a function that returns labels.
    """

    call: Callable[[Any], Any] = field(repr=False)
    name: str
    takes: Literal["array", "path", "batch"] = "array"
    class_axis: int | None = None

    @property
    def takes_paths(self) -> bool:
        """Whether it is called with paths."""
        return self.takes == "path"

    @property
    def classes(self) -> int | None:
        """None: what a function returns is known when it has returned."""
        return None

    def _predict(self, images: Sequence[Any], names: Sequence[str]) -> list[Prediction]:
        if self.takes == "batch":
            together = f"{names[0]} to {names[-1]}" if len(names) > 1 else names[0]
            returned = self._called([image.copy() for image in images], together)
            found = len(returned) if isinstance(returned, list) else type(returned).__name__
            if found != len(images):
                raise ArgumentError(
                    f"{show(together)}: expected {len(images)} predictions from `{self.name}`, found {found}",
                    f"a function with {arg('takes', 'batch')} gets a list of images and returns as many "
                    "predictions",
                )
        else:
            returned = (
                self._called(image if self.takes == "path" else image.copy(), name)
                for image, name in zip(images, names, strict=True)
            )
        return [
            self._prediction(one, image, name)
            for one, image, name in zip(returned, images, names, strict=True)
        ]

    def _called(self, given: object, name: str) -> Any:
        """Call the function with what is its own: it may write to arrays, as PyTorch asks of all of them."""
        try:
            returned = self.call(given)
            # The length and the elements may come from code of its own, too.
            return list(returned) if self.takes == "batch" and hasattr(returned, "__len__") else returned
        except (Exception, SystemExit) as error:  # a function that ends the program has failed, too
            raise ArgumentError(
                f"{show(name)}: `{self.name}` failed: {type(error).__name__}: {show(str(error))}",
                "check the function on this image; its own traceback says where it failed",
                kind="model",
            ) from error

    def _prediction(self, returned: object, image: Array | str, name: str) -> Prediction:
        axis = self.class_axis
        try:
            found = as_labels(returned, "pred") if axis is None else as_scores(returned)
        except SegscoreError as error:
            raise ArgumentError(
                f"{show(name)}: `{self.name}` returned no {'label map' if axis is None else 'class scores'}: "
                f"{marked(error.message)}",
                "return one integer label a pixel; or class scores as floats, and say by "
                f"{arg('class_axis', code='')} which axis holds the classes"
                if axis is None
                else f"return floats; for a function that returns labels leave {arg('class_axis')} out",
            ) from error
        # Scores of a device cross as they are: they are kept, and resized to the labels later.
        array = found.scores_here() if isinstance(found, Away) else found
        expected = 2 if axis is None else 3
        if array.ndim != expected or array.size == 0:
            what = "a label map (H, W)" if axis is None else "class scores (K, h, w) or (h, w, K)"
            raise ArgumentError(
                f"{show(name)}: expected {what} from `{self.name}`, found the shape {array.shape}",
                "drop the axis of the images: `[0]` of what is returned"
                if array.ndim == expected + 1 and array.shape[0] == 1
                else "of one image; a function that takes and returns several is declared with "
                f"{arg('takes', 'batch')}",
            )
        # It is counted while the function may write its next result into the same memory.
        array = array.copy()
        if axis is None:
            if isinstance(image, np.ndarray) and array.shape != image.shape[:2]:
                raise ArgumentError(
                    f"{show(name)}: expected labels of the size of the image, {image.shape[:2]}, from "
                    f"`{self.name}`, found {array.shape}",
                    "resize in the function; or return class scores, which are resized later",
                )
            return Prediction(labels=array)
        array = as_floats(array)
        check_numbers(array, name)
        return Prediction(logits=array, class_axis=axis)


def function(
    call: Callable[[Any], Any] | str,
    *,
    takes: Literal["array", "path", "batch"] = "array",
    class_axis: int | None = None,
) -> FunctionPredictor:
    """Return a Python function as a model.

    Parameters
    ----------
    call : callable or str
        The function, or ``"package.module:function"``, which is imported. It returns the prediction of an
        image: a label map, integers (H, W) of the image's size; or, with `class_axis`, class scores as
        floats of any size. Tensors of other packages will do, if they are in the memory of the CPU.
    takes : "array", "path" or "batch"
        What the function is called with: a uint8 array (H, W, 3) of red, green and blue, which it may write
        to; the path of an image; or a list of such arrays, for which it returns as many predictions.
    class_axis : 0 or -1, optional
        Which axis of the class scores of an image holds the classes: 0 for (K, h, w), -1 for (h, w, K).
        It is never guessed from a shape.

    Returns
    -------
    FunctionPredictor
        To be called with images.

    Raises
    ------
    ArgumentError
        If there is no such function, or an option has no such value.

    Examples
    --------
    >>> model = function(lambda image: (image[..., 2] > 100).astype("uint8"))
    >>> model(np.full((1, 2, 3), 200, np.uint8)).labels
    array([[1, 1]], dtype=uint8)
    """
    OPTIONS["takes"].check("python", takes)
    check_options("python", class_axis=class_axis)
    if isinstance(call, str):
        return FunctionPredictor(function_named(call, MODEL), call, takes, class_axis)
    if not callable(call):
        raise ArgumentError(
            f"expected a function or its name, found {type(call).__name__}",
            "such as 'package.module:function'",
        )
    return FunctionPredictor(call, name_of(call), takes, class_axis)
