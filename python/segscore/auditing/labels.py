"""Rules about label values: unknown ones, marks of void, and masks that were resized or saved as JPEG."""

from collections.abc import Iterator

import numpy as np

from segscore.auditing.results import Evidence, Finding
from segscore.auditing.seen import Seen
from segscore.base.naming import arg
from segscore.base.values import Bools
from segscore.classes import causes
from segscore.classes.labels import USUAL_MARKS
from segscore.classes.strays import kind_of_strays
from segscore.counts.checks import better_spaces
from segscore.counts.palettes import Role
from segscore.counts.rows import by_label
from segscore.io.patterns import of_each_class

VOID_SHARE = 0.001
"""Share of pixels that void has at least where it tells swapped folders: annotators leave borders and
objects out, not single pixels."""
GAP = 50
"""A class 255 looks like a mark, not like one of many, if no other label of the targets is this close."""
MARK_PIXELS, MARK_IMAGES = 1_000, 5
"""Where a class 255 must be found, and never predicted, to be taken for a mark: a class that is that
frequent is predicted somewhere by any model that knows it."""


def unknown_targets(seen: Seen) -> Iterator[Finding]:
    """Yield the error of target labels that are neither class nor ignored."""
    if not seen.unknown.any():
        return
    labels = by_label(seen.rows[0], seen.rows[2], seen.unknown)
    evidence = seen.evidence("target", seen.unknown)
    error = causes.unknown_targets(
        seen.classes,
        labels,
        set(seen.rows[0].tolist()),
        int(seen.rows[2].sum()),
        where=str(evidence["first"]),
        nodata=seen.nodata,
        pattern=of_each_class(seen.names, seen.provenance),
    )
    marks = labels.keys() <= USUAL_MARKS and not causes.holds_foreground(set(seen.rows[0].tolist()))
    kind = "void-not-ignored" if marks else "unknown-labels"
    left_out: dict[str, Evidence] = {"repaired_mean_iou": evidence.pop("mean_iou")}
    yield Finding(kind, error.message, evidence | left_out, error.hint or "")


def no_data(seen: Seen) -> Iterator[Finding]:
    """Yield a warning where files of targets call a class no data, as GDAL's tag of TIFF does."""
    for label in sorted(seen.nodata & seen.classes.class_of.keys() - set(seen.classes.all_ignored)):
        of_label = seen.rows[0] == label
        if of_label.any():
            name = seen.classes.names[seen.classes.class_of[label]]
            yield Finding(
                "no-data-scored",
                f"targets call label {label} no data (GDAL), and it is scored as `{name}`",
                seen.evidence("target", of_label),
                f"leave it out with {arg('ignore_index', label)}, or write the masks without the tag",
            )


def marks_as_classes(seen: Seen) -> Iterator[tuple[int, Bools]]:
    """Yield 255 or -1, and its rows, where it is a class that is never predicted and apart from others."""
    alone = {own[0] for own in seen.classes.all_labels if len(own) == 1}
    marks = sorted(USUAL_MARKS & alone - set(seen.classes.all_ignored))
    if not marks:
        return
    target, pred, _ = seen.rows
    known = np.unique(target)
    if causes.holds_foreground(set(known.tolist())):
        return
    for mark in marks:
        others = known[known != mark]
        of_mark = target == mark
        if (
            not len(others)
            or len(seen.classes) < 3
            or (mark > 0 and others.max() > mark - GAP)
            or not of_mark.any()
            or np.isin(mark, pred)
        ):
            continue
        yield mark, of_mark


def are_many(seen: Seen, rows: Bools) -> bool:
    """Whether a mark is in so many pixels and images that a class would be predicted somewhere."""
    return bool(seen.rows[2][rows].sum() >= MARK_PIXELS) and len(seen.images_with(rows)) >= MARK_IMAGES


def void_class(seen: Seen) -> Iterator[Finding]:
    """Yield a warning where 255 or -1 is a class, but looks like the mark of void."""
    for mark, of_mark in marks_as_classes(seen):
        if not are_many(seen, of_mark):
            continue
        evidence = seen.evidence("target", of_mark)
        yield Finding(
            "void-class",
            f"{mark} is a class of the targets and never predicted: it looks like the mark of void",
            evidence | {"repaired_mean_iou": seen.without(of_mark).mean_iou},
            f"{arg('ignore_index', mark)} leaves these pixels out",
        )


def smoothed(seen: Seen, side: Role) -> str | None:
    """Return the kind of finding if the stray values of one side are those of smoothing or JPEG."""
    rows = seen.unknown if side == "target" else seen.missed
    found = by_label(seen.side(side), seen.rows[2], rows)
    return kind_of_strays(seen.classes, side, found, int(seen.rows[2].sum()))


_SMOOTHED = {
    "resized-mask": (
        "between the classes, as resizing with smoothing makes them",
        "resized to nearest",
    ),
    "jpeg-mask": ("close to those of the classes, as JPEG makes them", "saved without loss, as PNG"),
}


def strays(seen: Seen) -> Iterator[Finding]:
    """Yield a warning for each side whose stray values were made by smoothing or JPEG."""
    sides: tuple[tuple[Role, Bools], ...] = (("target", seen.unknown), ("pred", seen.missed))
    for side, rows in sides:
        kind = smoothed(seen, side) if rows.any() else None
        if kind is not None:
            message, hint = _SMOOTHED[kind]
            share = {"repaired_mean_iou": seen.without(rows).mean_iou}
            yield Finding(
                kind,
                f"`{side}` holds values {message}",
                seen.evidence(side, rows) | share,
                f"masks of labels are {hint}: make these again from their source",
            )


def unknown_predictions(seen: Seen) -> Iterator[Finding]:
    """Yield warnings about predictions that are no class, by what their values usually mean."""
    rest = seen.missed
    if not rest.any() or smoothed(seen, "pred") is not None:
        return
    for kind, chosen in (
        ("void-only-predicted", _void_of_targets(seen)),
        ("void-predicted", rest & np.isin(seen.rows[1], list(USUAL_MARKS))),
        ("unknown-predictions", rest),
    ):
        rows = chosen & rest
        if rows.any():
            rest = rest & ~rows
            yield _prediction(seen, kind, rows)


def _void_of_targets(seen: Seen) -> Bools:
    """Return the rows that predict void, if no target has it and they are many."""
    target, pred, pixels = seen.rows
    void = list(seen.classes.ignore)
    rows = seen.missed & np.isin(pred, void)
    enough = pixels[rows].sum() >= VOID_SHARE * pixels.sum()
    return rows if enough and not np.isin(target, void).any() else np.zeros_like(rows)


def _prediction(seen: Seen, kind: str, rows: Bools) -> Finding:
    labels = by_label(seen.rows[1], seen.rows[2], rows)
    evidence = seen.evidence("pred", rows)
    listed = causes.unknown_predictions(seen.classes, labels, str(evidence["first"]))
    if kind == "void-only-predicted":
        evidence["repaired_mean_iou"] = seen.exchanged().mean_iou
        return Finding(
            kind,
            "void is in the predictions only: are the two folders swapped?",
            evidence,
            "targets hold void, models do not predict it: check what is given as `pred` and as `target`; if "
            "both are right, let the model choose among the classes, without the mark",
        )
    evidence["repaired_mean_iou"] = seen.without(rows).mean_iou
    if kind == "void-predicted":
        return Finding(
            kind,
            f"the mark of void is predicted: {listed}",
            evidence,
            "only a target can be ignored; let the model choose among the classes, without the mark",
        )
    return Finding(
        kind,
        listed,
        evidence,
        causes.prediction_hint(
            seen.classes, set(labels), better_spaces(seen.classes, seen.rows), {*seen.rows[1].tolist()}
        ),
    )
