"""Labels that classes do not know, and classes that are not the same: the errors for them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from itertools import takewhile
from reprlib import Repr
from typing import Any

import numpy as np

from segscore.base.values import Bools
from segscore.classes import causes
from segscore.classes.classes import Classes
from segscore.classes.labels import of_colours, of_palettes
from segscore.counts.palettes import DECIDED_HINT, PALETTES_DECIDED
from segscore.counts.rows import Rows, by_label, faults
from segscore.errors import ArgumentError, LabelError


def check_labels(
    classes: Classes,
    rows: Rows,
    *,
    seen: Iterable[int] = (),
    where: Callable[[Bools], str | None] = lambda _: None,
    strict: bool = False,
    nodata: Callable[[], Iterable[int]] = tuple,
    pattern: Callable[[], str | None] = lambda: None,
) -> str | None:
    """Return a warning about predictions that are no class, or None; an unknown target is a LabelError.

    With `strict`, the warning is one, too. `seen` are target labels that were counted before, which help to
    tell the cause; `where` leads from rows, bool (M,), to the name of the first image that has one of them,
    `nodata` to the labels that files of targets call no data, and `pattern` to one by
    which each class may have files of its own.
    """
    target, pred, pixels = rows
    unknown, missed = faults(classes, rows)
    if np.count_nonzero(unknown):  # in a tenth of the time of `any`
        labels = by_label(target, pixels, unknown)
        raise causes.unknown_targets(
            classes,
            labels,
            {*seen, *target.tolist()},
            int(pixels.sum()),
            where=where(unknown),
            nodata=nodata(),
            pattern=pattern(),
        )
    if not np.count_nonzero(missed):
        return None
    labels = by_label(pred, pixels, missed)
    message = causes.unknown_predictions(classes, labels, where(missed))
    hint = causes.prediction_hint(classes, set(labels), better_spaces(classes, rows), {*pred.tolist()})
    if strict:
        raise LabelError(message, hint)
    return f"{message}; counted as missed\nhint: {hint}"


def better_spaces(classes: Classes, rows: Rows) -> list[str]:
    """Return the names of the prediction spaces of classes in which more pixels of the rows are right."""

    def right(by: Classes) -> int:
        target, pred = by.fold(rows[0], by.decoded("pred", rows[1]) if by is not classes else rows[1])
        return int(rows[2][(target >= 0) & (target == pred)].sum())

    now = right(classes)
    spaces = classes.prediction_spaces
    return [one.name for one in spaces if right(classes.with_predictions(one.name)) > now]


def warning_of(
    classes: Classes,
    rows: Rows,
    *,
    seen: Iterable[int] = (),
    where: Callable[[Bools], str | None] = lambda _: None,
    strict: bool = False,
) -> str | None:
    """Return what is to be said of arrays that come one by one, or None; see `check_labels`."""
    missed = check_labels(classes, rows, seen=seen, where=where, strict=strict)
    if not classes.confirmed and not of_colours(rows[1]).all():
        unconfirmed = "\nhint: ".join(causes.UNCONFIRMED)
        missed = unconfirmed if missed is None else f"{unconfirmed}\n{missed}"
    if (void := causes.void_by_name(classes)) is not None:
        by_name = "\nhint: ".join(void)
        missed = by_name if missed is None else f"{by_name}\n{missed}"
    if not classes.colours:  # only theirs decide
        return missed
    sides = [
        f"`{side}`" for side, labels in (("pred", rows[1]), ("target", rows[0])) if of_palettes(labels).any()
    ]
    if not sides:
        return missed
    said = f"{' and '.join(sides)} read by {PALETTES_DECIDED}\nhint: {DECIDED_HINT}"
    return said if missed is None else f"{said}\n{missed}"


def not_the_same(what: str, one: Classes, other: Classes, done: str = "added") -> ArgumentError:
    """Return the error of adding `what` with different classes: it names the first field that differs."""
    name = next(
        f.name for f in fields(Classes) if f.compare and getattr(one, f.name) != getattr(other, f.name)
    )
    values = [getattr(classes, name) for classes in (one, other)]
    first, second = (tuple(value.items()) if isinstance(value, Mapping) else value for value in values)
    return ArgumentError(
        f"two {what} with different classes cannot be {done}: {_difference(name, first, second)}",
        "make both with the same classes",
    )


def _difference(name: str, first: Any, second: Any) -> str:
    """Return where two values of a field begin to differ."""
    short = Repr()
    short.maxstring = short.maxother = 80
    if not (isinstance(first, tuple) and isinstance(second, tuple)):
        return f"`{name}` is {short.repr(first)} and {short.repr(second)}"
    start = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False))))
    if start < min(len(first), len(second)):
        return f"`{name}[{start}]` is {short.repr(first[start])} and {short.repr(second[start])}"
    which, longer = ("first", first) if len(first) > len(second) else ("second", second)
    return (
        f"`{name}` has {len(first):,} and {len(second):,} entries, and the {which} "
        f"{'goes on' if start else 'begins'} with {short.repr(longer[start])}"
    )
