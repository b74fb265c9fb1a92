"""Models of a workspace as what can be run: how they are loaded, and where predictions are.

What a version of a model holds is known to `registry.models`; images are of no concern here.
"""

from dataclasses import replace

from segscore import predict
from segscore.base.wording import show
from segscore.classes.classes import Classes
from segscore.counts.instances import Segmented
from segscore.errors import PairingError
from segscore.evaluation.instance_images import segments_in
from segscore.io.absolute import absolute_path
from segscore.io.by_class import Part, Parts, PartsByPath, names_used, numbers_of
from segscore.io.pairing import pair
from segscore.io.panoptic import read_panoptic
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
    if model.code is not None:
        model.code.function()  # from where the model has it
    return predict.function(model.source, **options)


def panoptic_predictions(
    model: Model, dataset: Dataset, content: bytes | None = None
) -> tuple[dict[str, str], dict[str, Segmented]]:
    """Return the maps of ids of a panoptic file by the names of images, and their segments.

    Images are the same by what both files call them. The file is not opened where its content is given.
    """
    segments = dataset.segments
    assert segments is not None
    file = read_panoptic(model.path, "pred", content)
    found = segments_in(file, dataset.classes)
    own = {absolute_path(path): path for path in model.paths}
    maps = {
        name: own[whole]
        for name, key in segments.keys.items()
        if key in file.images and (whole := absolute_path(file.images[key].path)) in own
    }
    if not maps:
        raise PairingError(
            f"no image of {show(model.path)} is in {dataset.reference}", "images are the same by `image_id`"
        )
    return maps, {name: found[segments.keys[name]] for name in maps}


def prediction_files(model: Model, dataset: Dataset, classes: Classes) -> dict[str, str | Parts]:
    """Return the prediction of each image that has one, of a model that is a folder of masks, to be read.

    Predictions are named as the images of the dataset are; or else as its targets, or by the pattern that the
    model was given. If none belongs to any image, that is a PairingError.
    """
    pattern = model.options.get("pairing")
    suffixes = model.reading.suffixes
    found = find_files("pred", model.path, suffixes)
    # What came into the folder later is no part of this version.
    own = {absolute_path(path): path for path in model.paths}
    if pattern is None and not set(dataset.names).isdisjoint(found.names):
        pairs = list(zip(found.names, found.paths, strict=True))
        parts: PartsByPath = {}
    else:
        names = dict(zip(dataset.target_paths, dataset.names, strict=True))
        targets = list(dataset.target_paths)
        paired = pair(model.path, targets, pattern, suffixes=suffixes, by_class=True, classes=classes.names)
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
