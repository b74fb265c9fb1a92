"""The numbers of an evaluation as one flat dict of finite floats, under names that trackers take.

Names are those of `named`, with what trackers refuse written as its code; which numbers there are is decided
by the metrics and by what was measured.
"""

import math
import re
from collections.abc import Iterable

from segscore.classes.classes import Classes
from segscore.counts.measures import Measures
from segscore.errors import ArgumentError
from segscore.results.evaluated import Evaluated
from segscore.scores.main import MAIN_PIXELS, main_of
from segscore.scores.metric import headlines
from segscore.scores.named import numbers_of
from segscore.scores.shape_numbers import shapes_shown

PREFIX = "segscore/"
"""What names begin with unless something else is asked for."""
LONGEST = 250
"""Characters of a name that MLflow takes."""
_REFUSED = re.compile(r"(?P<at>@(?=[0-9]))|[^\w\-. ]|_(?=x)")
_DIGEST = 16


def shown_names(measures: Measures, classes: Classes) -> list[str]:
    """Return the names of what is told of a dataset: headlines, the IoU of each class, and shapes.

    Of objects, what they are judged by comes first; of those whose masks may overlap nothing is of pixels.
    """
    main, of_shapes = main_of(measures, classes), shapes_shown(measures, classes)
    if not measures.of_pixels:
        return [*of_shapes, *map(main.of_class, classes.names)]
    of_pixels = [*headlines(classes, of_images=True), *map(MAIN_PIXELS.of_class, classes.names)]
    first = [] if main == MAIN_PIXELS else [main.whole]
    return list(dict.fromkeys([*first, *of_pixels, *of_shapes]))


def metrics_of(evaluated: Evaluated, prefix: str, metrics: Iterable[str] | None) -> dict[str, float]:
    """Return numbers by name, those that are no finite numbers left out, and how many images were scored.

    `Evaluation.to_metrics` says more, and what is raised.
    """
    if not isinstance(prefix, str):
        raise ArgumentError(f"`prefix` is {prefix!r}", 'it is a text, such as "val/"')
    classes = evaluated.classes
    names = shown_names(evaluated.measures, classes) if metrics is None else metrics
    values = {number.name: evaluated.metric(number.name) for number in numbers_of(names, classes)}
    told = {"images": len(evaluated.names), "failures": len(evaluated.failures), **values}
    return {written(name, prefix): float(value) for name, value in told.items() if math.isfinite(value)}


def written(name: str, prefix: str = "") -> str:
    """Return a name as trackers take it, behind a prefix, which stays as it is; unlike names stay unlike.

    Letters and digits of any script, and ``_-.`` and blanks, stay as they are, and ``@`` before a digit is a
    slash. Anything else is written as its code, ``_x2f_`` for a slash; so is an underscore before an x. What
    is too long ends in a digest.

    Examples
    --------
    >>> [written(name) for name in ("iou.traffic light", "iou.on/off", "iou.box_xl", "surface_dice.car@2")]
    ['iou.traffic light', 'iou.on_x2f_off', 'iou.box_x5f_xl', 'surface_dice.car/2']
    """
    # Decoded, a slash is an `@` and a code its character, so that no two names become one.
    found = prefix + _REFUSED.sub(lambda match: "/" if match.lastgroup else f"_x{ord(match[0]):x}_", name)
    if len(found) <= LONGEST:
        return found
    from hashlib import sha256

    digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]
    return f"{found[: LONGEST - _DIGEST - 1]}_{digest}"
