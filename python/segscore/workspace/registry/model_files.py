"""Which files a version of a model is made of, and what its digest calls them, wherever they lie."""

import os
import warnings
from collections.abc import Sequence

from segscore.base.limits import MOST_JSON
from segscore.base.naming import arg, marked
from segscore.base.wording import show
from segscore.counts.coco import check_results
from segscore.errors import ArgumentError, FileFormatError, SegscoreWarning
from segscore.io.absolute import real_path
from segscore.io.functions import MODEL
from segscore.io.kinds import split_suffix
from segscore.io.left_out import left_out_text, unread
from segscore.io.panoptic import PanopticFile, read_panoptic
from segscore.io.sources import AnyPath, Source, find_files
from segscore.io.whole import content_of
from segscore.predict.external import external_files
from segscore.predict.options import Form
from segscore.workspace.registry.module_names import check_function
from segscore.workspace.registry.versions import code_given
from segscore.workspace.store.store import Store

_BEGINNING = 64
_BEFORE = b"\xef\xbb\xbf \t\r\n"
"""What may stand before a value of JSON."""
_PANOPTIC = b'"segments_info"'
"""What each panoptic file holds, and no other one."""
_OF_RESULTS = (
    'predictions of objects are a list of {"image_id", "category_id", "segmentation", "score"}, or a '
    'panoptic file, {"annotations": [{"image_id", "file_name", "segments_info"}]}'
)


def python_files(
    store: Store, source: str, beside: Sequence[AnyPath] | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return names and paths, as `files_of_model` does, of a function: its code, and what it reads beside."""
    if isinstance(beside, str | bytes | os.PathLike):
        like = arg("files", ["unet.pt"], code='["unet.pt"]')
        raise ArgumentError(f"{arg('files')} is {beside!r}, expected a list of paths", f"such as {like}")
    paths = sorted({os.fsdecode(path) for path in beside or ()}, key=lambda path: (_name(path), path))
    for path in paths:
        if not os.path.isfile(path):
            raise _no_file("files", path, "name each file that the function reads, such as its weights")
    code = code_given(store.root, source, MODEL, argument="python")
    check_function(code, "python")
    return ("", *map(_name, paths)), (code.file, *paths)


def _no_file(argument: str, path: str, hint: str) -> ArgumentError:
    there = "a folder" if os.path.isdir(path) else "nothing"
    return ArgumentError(f"{arg(argument)}: expected a file, found {there} at {show(path)}", hint)


def _name(path: str) -> str:
    """Return what the digest calls a file, wherever it lies."""
    return os.path.basename(path)


def files_of_model(
    form: Form, source: str, suffixes: frozenset[str] | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names, as the digest has them, and the paths of what a model is made of.

    Files of predictions are those with these endings.
    """
    if form == "predictions" and is_results(source):
        found_in = panoptic_file(source)
        if found_in is None and os.path.isfile(source):  # whoever reads its digest says so
            check_results(source, _OF_RESULTS)
        images = () if found_in is None else tuple(found_in.images.values())
        return ("", *(image.name for image in images)), (source, *(image.path for image in images))
    if form == "predictions":
        found = found_predictions(source, suffixes)
        if said := left_out_text(unread(found)):
            warnings.warn(SegscoreWarning(said), stacklevel=4)
        return found.names, found.paths
    check_onnx_file(source)
    # Weights beside it are as much a part of the model as what is in the file itself.
    beside = external_files(source)
    folder = os.path.dirname(real_path(source))
    return ("", *(os.path.relpath(path, folder) for path in beside)), (source, *beside)


def is_results(source: str) -> bool:
    """Whether predictions are a file with the results of all images, and no folder of masks."""
    return source.lower().endswith(".json") and not os.path.isdir(source)


def panoptic_file(source: str) -> PanopticFile | None:
    """Return what a panoptic file of predictions holds; None of a list of results."""
    try:
        with open(source, "rb") as file:
            beginning = file.read(_BEGINNING).lstrip(_BEFORE)
    except OSError:  # whoever reads its digest says so
        return None
    if not beginning.startswith(b"{"):
        return None
    content = content_of(source, MOST_JSON, "check that it is there")
    try:
        return read_panoptic(source, "predictions", content)
    except FileFormatError as error:
        if _PANOPTIC in content:  # it is one, and what is wrong with it is said
            raise
        raise FileFormatError(marked(error.message), _OF_RESULTS) from error


def found_predictions(source: str, suffixes: frozenset[str] | None) -> Source:
    """Return the masks in a folder of predictions, or raise what `Models.add` raises where it is none."""
    found = find_files("predictions", source, suffixes)
    if found.listed:
        raise ArgumentError(
            f"{arg('predictions')}: expected a folder, found a file at {show(source)}",
            "give the folder of the masks that the model has made",
        )
    return found


def check_onnx_file(source: str) -> None:
    """Raise ArgumentError unless there is a file."""
    if not os.path.isfile(source):
        raise _no_file("onnx", source, "give the path of an ONNX file")


def registered_names(form: Form, source: str, paths: Sequence[str]) -> tuple[str, ...]:
    """Return the names, as the digest has them, of files that a manifest names by their paths."""
    if form == "predictions" and is_results(source):
        return ("", *(split_suffix(os.path.basename(path))[0] for path in paths[1:]))
    if form == "predictions":
        return tuple(split_suffix(os.path.relpath(path, source).replace(os.sep, "/"))[0] for path in paths)
    if form == "python":
        return ("", *map(_name, paths[1:]))
    folder = os.path.dirname(real_path(source))
    return ("", *(os.path.relpath(path, folder) for path in paths[1:]))
