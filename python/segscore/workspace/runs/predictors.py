"""Models of a workspace as what can be run: how they are loaded, and where predictions are.

What a version of a model holds is known to `registry.models`; images are of no concern here.
"""

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType

from segscore import predict
from segscore.base.wording import show
from segscore.classes.classes import Classes
from segscore.errors import WorkspaceError
from segscore.io.absolute import absolute_path, real_path
from segscore.io.by_class import Part, Parts, PartsByPath, names_used, numbers_of
from segscore.io.functions import MODEL, not_imported
from segscore.io.kinds import MASK_SUFFIXES
from segscore.io.pairing import pair
from segscore.io.sources import find_files
from segscore.predict import Predictor
from segscore.predict.options import arguments
from segscore.workspace.registry.datasets import Dataset
from segscore.workspace.registry.models import Model


def predictor_of(model: Model, threads: int) -> Predictor:
    """Return a model, an ONNX file or a function, as what can be called with images.

    If the name of a function leads to another file than it did when the model was added, that is a
    WorkspaceError.
    """
    options = arguments(model.options)
    if model.form == "onnx":
        # Images are read and predictions counted at the same time.
        return predict.onnx(model.path, threads=threads, spin=False, **options)
    _import_from(model, model.source.partition(":")[0])
    return predict.function(model.source, **options)


def prediction_files(model: Model, dataset: Dataset, classes: Classes) -> dict[str, str | Parts]:
    """Return the prediction of each image that has one, of a model that is a folder of masks, to be read.

    Predictions are named as the images of the dataset are; or else as its targets, or by the pattern that the
    model was given. If none belongs to any image, that is a PairingError.
    """
    pattern = model.options.get("pairing")
    found = find_files("pred", model.path, MASK_SUFFIXES)
    # What came into the folder later is no part of this version.
    own = {absolute_path(path): path for path in model.paths}
    if pattern is None and not set(dataset.names).isdisjoint(found.names):
        pairs = list(zip(found.names, found.paths, strict=True))
        parts: PartsByPath = {}
    else:
        names = dict(zip(dataset.target_paths, dataset.names, strict=True))
        targets = list(dataset.target_paths)
        paired = pair(model.path, targets, pattern, by_class=True, classes=classes.names)
        pairs = [(names[target], pred) for _, pred, target in paired.pairs]
        parts = paired.parts[0]
    numbers = numbers_of(classes, names_used(parts), of_pred=True)
    masks: dict[str, str | Parts] = {}
    for name, path in pairs:
        files = tuple(
            replace(part, path=own[whole])
            for part in parts.get(path, (Part("", path),))
            if (whole := absolute_path(part.path)) in own
        )
        if files:
            masks[name] = Parts(files, numbers) if path in parts else files[0].path
    return masks


@contextmanager
def importable(model: Model) -> Iterator[None]:
    """Let a function import what lies beside its package, also while it runs."""
    if model.form != "python":
        yield
        return
    parts = model.source.partition(":")[0].split(".")
    above = len(parts) - (os.path.basename(model.path) != "__init__.py")
    root = absolute_path(os.path.join(os.path.dirname(model.path), *[os.pardir] * above))
    sys.path.insert(0, root)
    try:
        yield
    finally:
        if root in sys.path:
            sys.path.remove(root)


_IMPORTED: dict[str, tuple[str, ...]] = {}
"""The SHA-256 of the files of modules that were imported here, and of what they read, as they were then."""


def _import_from(model: Model, module: str) -> None:
    """Import the module of a function from where the model has it, not from where Python may find one."""
    before = sys.modules.get(module)
    try:
        found = _imported(model, module, before)
    except (Exception, SystemExit) as error:
        hint = f"`python -c 'import {module}'` in {show(os.path.dirname(model.path))} shows where it fails"
        raise not_imported(model.source, error, hint, MODEL) from error
    file = getattr(found, "__file__", None)
    if file is None or real_path(file) != real_path(model.path):
        raise WorkspaceError(
            f"{show(model.source)}: expected the module in {show(model.path)}, found {show(str(file))}",
            "another module of this name was imported before; run the model in a process of its own",
        )
    _IMPORTED[module] = _digests(model)


def _imported(model: Model, module: str, before: ModuleType | None) -> ModuleType:
    if before is None:
        return importlib.import_module(module)
    file = getattr(before, "__file__", None)
    same = file is not None and real_path(file) == real_path(model.path)
    if same and _IMPORTED.get(module) != _digests(model):
        # Whoever imported it may have done so before a file changed.
        return importlib.reload(before)
    return before


def _digests(model: Model) -> tuple[str, ...]:
    return tuple(file.sha256 for file in model.files)
