"""Models of a workspace as what can be run: how they are loaded, and where predictions are.

What a version of a model holds is known to `models`; images are of no concern here.
"""

import importlib
import os
import sys
from typing import Any

from segscore import predict
from segscore.errors import ArgumentError, WorkspaceError
from segscore.pairing import pair
from segscore.predict import Predictor
from segscore.sources import MASK_SUFFIXES, find_files, show
from segscore.workspace.datasets import Dataset
from segscore.workspace.models import OF_OUTPUT, Model


def predictor_of(model: Model, threads: int) -> Predictor:
    """Return a model as what can be called with images.

    Parameters
    ----------
    model : Model
        An ONNX file or a function.
    threads : int
        How many threads may run it.

    Raises
    ------
    ArgumentError, FileFormatError
        If it cannot be loaded, or an option does not fit.
    WorkspaceError
        If the name of a function leads to another file than it did when the model was added.
    """
    options: dict[str, Any] = {
        name: tuple(value) if name == "size" and isinstance(value, list) else value
        for name, value in model.options.items()
        if name not in OF_OUTPUT
    }
    if model.form == "onnx":
        return predict.onnx(model.path, threads=threads, **options)
    module = model.source.partition(":")[0]
    _import_from(model, module)
    return predict.function(model.source, **options)


def prediction_files(model: Model, dataset: Dataset) -> dict[str, str]:
    """Return the path of the prediction of each image that has one, of a model that is a folder of masks.

    Predictions are named as the images of the dataset are; or else as its targets, or by the pattern that
    the model was given.

    Raises
    ------
    PairingError
        If no prediction belongs to any of the images.
    """
    pattern = model.options.get("pairing")
    found = find_files("pred", model.path, MASK_SUFFIXES)
    if pattern is None and not set(dataset.names).isdisjoint(found.names):
        return dict(zip(found.names, found.paths, strict=True))
    names = dict(zip(dataset.target_paths, dataset.names, strict=True))
    paired = pair(model.path, list(dataset.target_paths), pattern)
    return {names[target]: pred for _, pred, target in paired.pairs}


def _import_from(model: Model, module: str) -> None:
    """Import the module of a function from where the model has it, not from where Python may find one."""
    parts = module.split(".")
    folder = os.path.dirname(model.path)
    above = len(parts) - (os.path.basename(model.path) != "__init__.py")
    root = os.path.abspath(os.path.join(folder, *[os.pardir] * above))
    sys.path.insert(0, root)
    try:
        found = importlib.import_module(module)
    except Exception as error:
        raise ArgumentError(
            f"{show(model.source)}: the module cannot be imported: {type(error).__name__}: {error}",
            "check that everything it imports is installed; the traceback above this one is its own",
        ) from error
    finally:
        sys.path.remove(root)
    file = getattr(found, "__file__", None)
    if file is None or os.path.realpath(file) != os.path.realpath(model.path):
        raise WorkspaceError(
            f"{show(model.source)}: expected the module in {show(model.path)}, found {show(str(file))}",
            "another module of this name was imported before; run the model in a process of its own",
        )
