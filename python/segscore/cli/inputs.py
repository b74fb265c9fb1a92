"""What commands are given: evaluations that `--save` wrote, and the workspace."""

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypedDict

from segscore.base.naming import arg
from segscore.base.wording import show
from segscore.cli.options import is_run, width_and_height
from segscore.errors import ArgumentError, FileFormatError
from segscore.io.addresses import is_address
from segscore.io.annotations.paths import is_annotated
from segscore.io.archives import is_archive
from segscore.io.kinds import IMAGE_SUFFIXES, MASK_SUFFIXES, SHARE_SUFFIXES
from segscore.io.sides import IMAGES
from segscore.io.sources import find_files
from segscore.pages.options import THUMBNAILS

if TYPE_CHECKING:
    from segscore.evaluation.evaluation import Evaluation
    from segscore.io.annotations.reading import Annotations
    from segscore.io.masks import Read
    from segscore.workspace import Workspace


def saved_evaluation(path: str) -> "Evaluation":
    """Return the evaluation in a file, or say what else is there and how to get one."""
    if os.path.isdir(path):
        raise FileFormatError(
            f"{show(path)}: expected a saved evaluation, found a folder",
            "score the masks in it first: `segscore evaluate --save FILE.npz` writes such a file",
        )
    from segscore.evaluation.parts import load

    try:
        return load(path)
    except FileFormatError as error:
        if _is_json(path):
            raise FileFormatError(
                f"{show(path)}: expected a saved evaluation, found JSON",
                "`--json` writes no counts of single images; score them again with `--save FILE.npz`",
            ) from error
        raise


def given_evaluation(given: str, workspace: str | None) -> "tuple[Evaluation, str]":
    """Return the evaluation of a file or of a run, and what to call it.

    What is given is the id of a run, unless there is a file of that name.
    """
    if is_run(given) and not os.path.exists(given):
        found = opened_workspace(workspace)
        return found.evaluation(given), f"{found.runs()[given].model} ({given})"
    return saved_evaluation(given), given


def opened_workspace(path: str | None) -> "Workspace":
    """Return the workspace that `--workspace` names, or the one that is found without it."""
    from segscore.workspace import Workspace

    return Workspace.find() if path is None else Workspace(path)


class Pictures(TypedDict):
    """What `--images`, `--image-pairing` and `--thumbnails` say of the pictures on a page."""

    images: str | None
    image_pairing: str | None
    thumbnails: int


def checked_pictures(
    images: str | None, image_pairing: str | None, thumbnails: int | None, report: str | None
) -> Pictures:
    """Return the options of pictures, or raise an error before a long run and not after it."""
    if thumbnails is not None:
        if report is None:
            raise ArgumentError("`--thumbnails` needs `--report`", "pictures are shown on its page")
        from segscore.pages.options import check_thumbnails

        check_thumbnails(thumbnails)
    if images is not None:
        if report is None:
            raise ArgumentError("`--images` needs `--report`", "photographs are shown on its page")
        find_files(IMAGES, images, IMAGE_SUFFIXES)
    elif image_pairing is not None:
        raise ArgumentError("`--image-pairing` needs `--images`", "name the folder of photographs")
    number = THUMBNAILS if thumbnails is None else thumbnails
    return {"images": images, "image_pairing": image_pairing, "thumbnails": number}


def reader_named(text: str | None) -> "Read | None":
    """Return the function that reads masks, which may lie in the current folder; its module is run."""
    if text is None:
        return None
    from segscore.io.code import code_of
    from segscore.io.functions import READER

    code = code_of(text, READER, argument="read")
    if code.root not in sys.path:
        sys.path.insert(0, code.root)
    return code.function()


def files_read(
    *others: str | None,
    pred: str | None = None,
    target: str | None = None,
    images: str | None = None,
    shares: bool = False,
    any_file: bool = False,
) -> Iterator[str]:
    """Yield the files that a command reads: masks and photographs of folders or patterns, and others."""
    yield from (one for one in others if one is not None)
    masks = None if any_file else MASK_SUFFIXES
    given = (
        ("pred", pred, MASK_SUFFIXES | SHARE_SUFFIXES if shares and not any_file else masks),
        ("target", target, masks),
        (IMAGES, images, IMAGE_SUFFIXES),
    )
    for role, source, suffixes in given:
        if source is None or is_address(source):
            continue
        if is_archive(source) or (role == "target" and not any_file and is_annotated(source)):
            yield source
        else:
            yield from find_files(role, source, suffixes).paths


def sized(size: str | None, max_pixels: int, **sides: str) -> "dict[str, Annotations]":
    """Return the sides that are annotations, whose images are of one size where files do not say theirs.

    Without a size there are none: who evaluates reads annotations by itself.
    """
    if size is None:
        return {}
    of_all, drawn = width_and_height(size), {side: path for side, path in sides.items() if is_annotated(path)}
    if not drawn:
        raise ArgumentError(
            f"{arg('size')} is given without annotations",
            "masks and COCO's own files say how large images are",
        )
    from segscore.io.annotations.reading import read_annotations

    return {side: read_annotations(path, size=of_all, max_pixels=max_pixels) for side, path in drawn.items()}


def _is_json(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(64).lstrip().startswith(b"{")
    except (OSError, ValueError):
        return False
