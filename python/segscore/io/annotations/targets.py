"""Annotations in the place of masks: their readers are imported where there are some."""

import os
from os import PathLike
from typing import TYPE_CHECKING, Any

from segscore.io.annotations.paths import is_annotated
from segscore.io.blobs import Blob

if TYPE_CHECKING:
    from segscore.io.annotations.reading import Annotations

ANNOTATED = "annotations"
"""Entry of the provenance that says what label maps were made of, and how."""


def annotated(target: Any, max_pixels: int) -> "Annotations | None":
    """Return the annotations that targets are, or a file of which they name; None of others."""
    named = isinstance(target, str | PathLike) and not isinstance(target, Blob)
    if not (is_annotated(os.fsdecode(target)) if named else hasattr(target, "label_maps")):
        return None
    from segscore.io.annotations.reading import Annotations, read_annotations

    return target if isinstance(target, Annotations) else read_annotations(target, max_pixels=max_pixels)
