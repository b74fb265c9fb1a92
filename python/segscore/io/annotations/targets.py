"""Annotations in the place of masks: their readers are imported where there are some."""

import os
from os import PathLike
from typing import TYPE_CHECKING, Any

from segscore.base.wording import show
from segscore.io.annotations.paths import is_annotated
from segscore.io.blobs import Blob

if TYPE_CHECKING:
    from segscore.io.annotations.reading import Annotations

ANNOTATED = "annotations"
"""Entry of the provenance that says what label maps were made of, and how."""


def annotated(given: Any, max_pixels: int, *, scored: bool = False) -> "Annotations | None":
    """Return the annotations that are given, or a file of which is named; None of other things.

    Unless they are `scored`, they are targets, and an object that has a score is a FileFormatError.
    """
    named = isinstance(given, str | PathLike) and not isinstance(given, Blob)
    if not (is_annotated(os.fsdecode(given)) if named else hasattr(given, "label_maps")):
        return None
    from segscore.io.annotations.reading import Annotations, read_annotations

    found = given if isinstance(given, Annotations) else read_annotations(given, max_pixels=max_pixels)
    if not scored:
        _check_unscored(found)
    return found


def _check_unscored(found: "Annotations") -> None:
    """Raise FileFormatError for targets with scores, which an outline has that lost a number."""
    from segscore.io.whole import refused

    wrong = [
        f"{show(painted.image.path)}, {one.place}: expected a target, which has no score, found the score "
        f"{one.score}"
        for painted in found.images
        for one in painted.image.objects
        if one.score is not None
    ]
    if wrong:
        raise refused(
            wrong, "one number more than pairs of x and y is read as a score: check that none is lost"
        )
