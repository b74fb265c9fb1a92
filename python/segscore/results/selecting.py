"""Parts of an evaluation by image: those that the user names, a predicate picks, or an array marks.

What was measured of the chosen images is taken as it is; no pixel and no file is read.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from segscore.base.values import Bools, Ints, is_several
from segscore.base.wording import many
from segscore.errors import ArgumentError, unknown
from segscore.io.places import files_of_images
from segscore.results.evaluated import E

Which: TypeAlias = Iterable[str] | Callable[[str], object] | npt.NDArray[np.bool_]
"""What images are chosen by."""

_WAYS = "give a list of names, a function from a name to True or False, or one True or False an image"


def select(evaluation: E, which: Which) -> E:
    """Return the evaluation of some images only.

    Parameters
    ----------
    evaluation : Evaluation
        All images.
    which : iterable of str, callable, or bool (n,)
        Names of images; or a function that is given each name and says whether to take it; or one
        truth value an image, in the order of the names.

    Returns
    -------
    Evaluation
        With these images in their order. Images that could not be scored and predictions without a target
        are in none; ``provenance["selection"]`` says how many images it was made from.

    Raises
    ------
    ArgumentError
        If there is no image of a name, the nearest of which it names; a name is given twice; the truth
        values are not as many as the images; or no image is chosen.

    Examples
    --------
    >>> from segscore import Evaluator
    >>> judge = Evaluator(["road", "sky"])
    >>> for name in ("day_1", "day_2", "night_1"):
    ...     judge.add(pred=[[0, 0], [1, 1]], target=[[0, 0], [0, 1]], name=name)
    >>> ev = judge.result()
    >>> part = select(ev, lambda name: name.startswith("day"))
    >>> part.names, part.provenance["selection"]
    (('day_1', 'day_2'), '2 of 3 images')
    >>> select(ev, ev.images.mean_image_iou < 0.5).names
    Traceback (most recent call last):
    segscore.errors.ArgumentError: no image is selected: 0 of 3
    hint: `ev.names` lists the images, `ev.images` has their scores
    """
    chosen = np.flatnonzero(_chosen(evaluation.names, which))
    if not len(chosen):
        raise ArgumentError(
            f"no image is selected: 0 of {len(evaluation.names):,}",
            "`ev.names` lists the images, `ev.images` has their scores",
        )
    return taken(evaluation, chosen)


def taken(evaluation: E, images: Ints) -> E:
    """Return the evaluation of these images, given by rising index, int64 (m,)."""
    kept, total = len(images), len(evaluation.names)
    before = evaluation.provenance.get("selection", many(total, "image"))
    if evaluation.failures:
        before += f" ({len(evaluation.failures):,} more could not be scored)"
    provenance = {**evaluation.provenance, "selection": f"{kept:,} of {before}"}
    if 0 < evaluation.resized < total:
        # Which ones they were is not kept, so that nothing is known of the part but this.
        provenance["resized"] = (
            f"{many(evaluation.resized, 'prediction')} among all {many(total, 'image')} "
            f"{'was' if evaluation.resized == 1 else 'were'} resized (nearest)"
        )
    names = tuple(evaluation.names[i] for i in images.tolist())
    return replace(
        evaluation,
        names=names,
        table=evaluation.table.take(images),
        measured=tuple(record.take(images) for record in evaluation.measured),
        groups=None if evaluation.groups is None else tuple(evaluation.groups[i] for i in images.tolist()),
        failures=(),
        extra=(),
        resized=kept if evaluation.resized == total else 0,
        files=files_of_images(evaluation.files, names),
        part=None,
        provenance=provenance,
    )


def _chosen(names: tuple[str, ...], which: Which) -> Bools:
    if callable(which):
        return np.array([bool(which(name)) for name in names], dtype=np.bool_)
    if not is_several(which):
        raise ArgumentError(f"images are selected by {which!r}", _WAYS)
    wanted = list(which)
    if wanted and all(isinstance(value, bool | np.bool_) for value in wanted):
        if len(wanted) != len(names):
            raise ArgumentError(
                f"expected one True or False for each of {many(len(names), 'image')}, found {len(wanted):,}",
                "they are in the order of `ev.names`",
            )
        return np.array(wanted, dtype=np.bool_)
    index = {name: i for i, name in enumerate(names)}
    chosen = np.zeros(len(names), dtype=np.bool_)
    for name in wanted:
        if not isinstance(name, str) or name not in index:
            raise unknown("image", name, names)
        if chosen[index[name]]:
            raise ArgumentError(f"image `{name}` is selected twice", "name each image once")
        chosen[index[name]] = True
    return chosen
