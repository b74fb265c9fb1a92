"""What the targets of a version of a dataset hold, as manifests have it."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from segscore.auditing.results import Truth
from segscore.base.values import Ints
from segscore.classes.classes import Classes
from segscore.classes.plain import texts


def truth_dict(truth: Truth) -> dict[str, Any]:
    """Return what manifests say of the targets of a version."""
    return {
        "images": truth.images,
        "pixels": truth.pixels,
        "void": truth.void,
        "class_pixels": truth.class_pixels.tolist(),
        "class_images": truth.class_images.tolist(),
        "one_value": list(truth.one_value),
        "sizes": [[list(size), number] for size, number in truth.sizes.items()],
        "forms": [[form, number] for form, number in truth.forms.items()],
    }


def truth_of_dict(entry: Mapping[str, Any], classes: Classes) -> Truth:
    """Return what a manifest says of targets, or raise what damaged manifests raise."""
    return Truth(
        names=classes.names,
        images=int(entry["images"]),
        pixels=int(entry["pixels"]),
        void=int(entry["void"]),
        class_pixels=_column(entry["class_pixels"], classes),
        class_images=_column(entry["class_images"], classes),
        one_value=texts(entry["one_value"]),
        sizes={tuple(map(int, size)): int(number) for size, number in entry["sizes"]},
        forms={texts([form])[0]: int(number) for form, number in entry["forms"]},
    )


def _column(values: Any, classes: Classes) -> Ints:
    column = np.array(values, dtype=np.int64)
    if column.shape != (len(classes),):
        raise ValueError
    return column
