"""The file of classes that `segscore convert` writes beside maps of ids, which are scored as of one class."""

import json
import os
import warnings
from typing import Any

from segscore.base.limits import MOST_JSON, content_of
from segscore.base.naming import arg
from segscore.base.pointers import POINTER, PULL, PointerError
from segscore.base.shown import first
from segscore.base.wording import many, show
from segscore.errors import SegscoreWarning
from segscore.io.annotations.paths import CLASSES_OF_IDS

_SHOWN = 8
"""Classes that the warning names."""


def warn_of_classes(targets: object, *, stacklevel: int) -> None:
    """Warn if a file beside maps of ids tells classes or crowds of them, which nothing heeds."""
    if not isinstance(targets, str | os.PathLike):
        return
    path = os.path.join(os.fsdecode(targets), CLASSES_OF_IDS)
    try:
        objects = _objects(json.loads(content_of(path, MOST_JSON)))
    except PointerError:
        said = f"{show(path)} is {POINTER}: whether it tells classes or crowds apart is not known"
        warnings.warn(SegscoreWarning(f"{said}\nhint: {PULL}"), stacklevel=stacklevel + 1)
        return
    except (OSError, ValueError, RecursionError):  # it is not there, or another file of this name
        return
    names = sorted({one["class"] for one in objects if isinstance(one.get("class"), str)})
    told = [f"{many(len(names), 'class')} ({first([*map(show, names)], _SHOWN)})"] if len(names) > 1 else []
    if any(one.get("crowd") is True for one in objects):
        told.append("crowds")
    if not told:
        return
    warnings.warn(
        SegscoreWarning(
            f"{arg('instances', 'ids')} takes each id for an object of one class: what {show(path)} tells of "
            f"{' and '.join(told)} is not heeded\nhint: score the annotations that the maps were made of, "
            f"with {arg('instances', 'coco')}; `InstanceEvaluator` takes the class of each id"
        ),
        stacklevel=stacklevel + 1,
    )


def _objects(found: Any) -> list[dict[str, Any]]:
    images = found.values() if isinstance(found, dict) else ()
    return [
        one for image in images if isinstance(image, dict) for one in image.values() if isinstance(one, dict)
    ]
