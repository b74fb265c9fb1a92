"""Rules about what labels were taken for: those that whoever evaluates is told at once, besides any audit.

They read facts and the summed rows alone, as each evaluation asks them.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from segscore.auditing.results import Finding
from segscore.auditing.seen import Seen
from segscore.base.naming import arg
from segscore.base.values import Bools
from segscore.base.wording import many
from segscore.classes import presets
from segscore.classes.causes import UNCONFIRMED, two_kinds, void_by_name
from segscore.classes.classes import Classes, load
from segscore.classes.folding import UNKNOWN
from segscore.classes.labels import FOREGROUND, of_colours, of_palettes
from segscore.counts import marks
from segscore.counts.doubts import DOUBTS
from segscore.counts.palettes import DECIDED_HINT, PALETTES_DECIDED, Role
from segscore.counts.rows import Rows
from segscore.counts.told import Told
from segscore.text.numbers import percent

IMAGES = 5
"""Images of either kind, as a void mark may be all that a few images hold."""
_NAMES = 10
"""Classes from which on their names say of which dataset they are."""


def doubtful(seen: Seen, sides: Sequence[Role] = ("target", "pred")) -> Iterator[Finding]:
    """Yield what puts the meaning of labels in doubt; a dataset has targets alone."""
    if seen.classes.colours:  # only theirs decide
        for side in sides:
            yield from _read_by_colour(seen, side)
    yield from foreground_ignored(seen)
    yield from void_in_class(seen)
    if not seen.classes.confirmed and (numbers := ~of_colours(seen.side("pred"))).any():
        message, hint = UNCONFIRMED
        yield Finding("unconfirmed-labels", message, seen.evidence("pred", numbers), hint)
    if (void := void_by_name(seen.classes)) is not None:
        yield Finding("void-by-name", void[0], {"classes": seen.classes.void_names}, void[1])
    if "pred" in sides:
        yield from labels_of_models(seen)
    for name, sentence in seen.told.items():
        yield Finding(DOUBTS[name].kind, sentence, {"images": len(seen.names)}, DOUBTS[name].hint)


def foreground_ignored(seen: Seen) -> Iterator[Finding]:
    """Yield the warning that the foreground of masks of 0 and 255 is left out."""
    if FOREGROUND not in seen.classes.all_ignored:
        return
    target, pred, _ = seen.rows
    told = marks.foreground_ignored(seen.classes, target, pred)
    if told is None and are_two_kinds(seen, IMAGES):
        told = Told(
            "some targets are of 0 and 1 and others of 0 and 255, which is ignored: no image has 1 and 255",
            f"score with {arg('classes', 'binary-any')}, and do not ignore 255",
        )
    if told is not None:
        evidence = seen.evidence("target", target == FOREGROUND)
        yield Finding("foreground-ignored", told.message, evidence, told.hint)


def void_in_class(seen: Seen) -> Iterator[Finding]:
    """Yield the warning that 255 is scored as a class whose other labels stand beside it."""
    if seen.classes.marked_class is None:
        return
    images = marks.marked_images(seen.classes, seen.table.image, seen.table.target)
    if not images.size:
        return
    marked = seen.rows[0] == FOREGROUND
    told = marks.void_in_class(seen.classes, len(images))
    evidence = seen.evidence("target", marked) | {
        "images": len(images),
        "first": seen.names[images[0]],
        "repaired_mean_iou": seen.without(marked).mean_iou,
    }
    yield Finding("void-in-class", told.message, evidence, told.hint)


def are_two_kinds(seen: Seen, least: int) -> bool:
    """Whether targets are of 0 and 1 and of 0 and 255, which is ignored, at least so many of each kind."""
    if not marks.ignores_foreground(seen.classes) or not set(seen.rows[0].tolist()) <= {0, 1, FOREGROUND}:
        return False
    images: dict[int, set[int]] = {}
    for image, label in zip(seen.table.image.tolist(), seen.table.target.tolist(), strict=True):
        images.setdefault(image, set()).add(label)
    return two_kinds(images.values(), least)


def labels_of_models(seen: Seen) -> Iterator[Finding]:
    """Yield the warning that the classes have the label values of a model, and targets those of the dataset.

    Names tell the dataset, as of a model's `id2label`; and the pixels that are right, which reading is meant.
    """
    classes = seen.classes
    # Numbers, which are the names where only the number of classes was given, tell no dataset.
    if classes.name is not None or len(classes) < _NAMES or all(map(str.isdecimal, classes.names)):
        return
    pixels, right = seen.rows[2], _right(classes, seen.rows)
    if 2 * pixels[right].sum() > pixels.sum():
        return
    for preset in map(load, presets.names()):
        same = sum(one.strip() == other for one, other in zip(classes.names, preset.names, strict=False))
        if len(preset) != len(classes) or 2 * same < len(classes):
            continue
        for space in preset.prediction_spaces:
            as_meant = _right(preset.with_predictions(space.name), seen.rows)
            if (
                space.all_labels == classes.all_labels == classes.all_pred_labels != preset.all_labels
                and not (preset.fold(*seen.rows[:2])[0] == UNKNOWN).any()
                and pixels[as_meant].sum() > 2 * pixels[right].sum()
            ):
                shares = [percent(pixels[rows].sum(), pixels.sum()) for rows in (as_meant, right)]
                yield Finding(
                    "labels-of-models",
                    f'the classes have the label values of predictions of the preset "{preset.name}", whose '
                    f"targets have others: read so, {shares[0]} of all pixels are right, and now {shares[1]}",
                    seen.evidence("target", as_meant),
                    f"score with {arg('classes', str(preset.name))} and {arg('pred_classes', space.name)}",
                )
                return


def _right(classes: Classes, rows: Rows) -> Bools:
    """Return which rows are of pixels that are predicted as what they are."""
    target, pred = classes.fold(*rows[:2])
    return np.asarray((target >= 0) & (target == pred))


def _read_by_colour(seen: Seen, side: Role) -> Iterator[Finding]:
    """Yield the warning that colours decided against the indices that they stand for."""
    rows = of_palettes(seen.side(side))
    if not rows.any():
        return
    evidence = seen.evidence(side, rows)
    what = many(len(seen.images_with(rows)), "target" if side == "target" else "prediction")
    yield Finding(
        "palette-colours",
        f"{what} read by {PALETTES_DECIDED}",
        evidence,
        DECIDED_HINT,
    )
