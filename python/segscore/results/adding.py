"""Evaluations of parts of a dataset added up: exactly what one evaluation of all its images is.

Counts are integers and images have names, so that neither the number of parts nor their order matters.
Nothing that was measured is computed again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeAlias, TypeVar, get_args

import numpy as np

from segscore.base.naming import arg
from segscore.base.values import Ints
from segscore.base.wording import many, show
from segscore.counts.checks import not_the_same
from segscore.counts.failures import Failure
from segscore.counts.measures import unlike
from segscore.counts.record import Record
from segscore.errors import ArgumentError, unknown
from segscore.io.groups import Label
from segscore.results.evaluated import E, Evaluated

R = TypeVar("R", bound=Record)

Duplicates: TypeAlias = Literal["error", "same"]
"""What becomes of an image that several parts bring with the same counts: an error, or one image."""

_HOW = "add up what `evaluate`, `Evaluator.result` and `load` return"
_NAMES = "give images of different parts different names"
_TEXTS = 3
"""What parts say differently of where they came from, at most, before the rest is counted."""


def merge(parts: Iterable[E], *, duplicates: Duplicates = "error") -> E:
    """Return the evaluation of the images of all parts; see `segscore.merge`, which knows plans as well."""
    every = list(parts)
    _check(every, duplicates)
    names = [name for part in every for name in part.names]
    owner = np.repeat(np.arange(len(every)), [len(part.names) for part in every])
    place = np.arange(len(names))
    if len(np.unique(owner)) > 1:  # those of one part stay in its order
        place = np.array(sorted(place.tolist(), key=names.__getitem__), dtype=np.int64)
    first = every[0]
    table, others = _stacked([part.table for part in every]), _measured(every)
    records: list[Record] = [table, *others]
    groups = _groups(every)
    doubled = [i for i in range(1, len(place)) if names[place[i]] == names[place[i - 1]]]
    for i in doubled:
        one, other = int(place[i - 1]), int(place[i])
        _check_doubled(names[one], records, groups, (one, other), duplicates)
    place = np.delete(place, doubled)
    return replace(
        first,
        names=tuple(names[i] for i in place.tolist()),
        table=table.take(place),
        measured=tuple(record.take(place) for record in others),
        failures=_failures(every, set(names), duplicates),
        extra=tuple(sorted({name for part in every for name in part.extra})),
        resized=_resized(every, owner[place], doubled=bool(doubled)),
        provenance=_provenance([part.provenance for part in every]),
        groups=None if groups is None else tuple(groups[i] for i in place.tolist()),
        files={name: files for part in reversed(every) for name, files in part.files.items()},
        part=None,
    )


def checked_duplicates(duplicates: str) -> Duplicates:
    """Return what becomes of an image that comes twice, or raise ArgumentError."""
    if duplicates not in get_args(Duplicates):
        raise unknown("way with duplicates", duplicates, get_args(Duplicates))
    return duplicates  # type: ignore[return-value]  # it is one of them


def _check(parts: Sequence[Any], duplicates: str) -> None:
    """Raise ArgumentError unless these are evaluations that can be added up."""
    checked_duplicates(duplicates)
    if not parts:
        raise ArgumentError("there are no evaluations to add up", "give one or more")
    for part in parts:
        if not isinstance(part, Evaluated):
            raise ArgumentError(f"expected evaluations, found {type(part).__name__}", _HOW)
    first = parts[0]
    for other in parts[1:]:
        if first.classes != other.classes:
            raise not_the_same("evaluations", first.classes, other.classes)
        if first.measures != other.measures:
            differing = unlike(vars(first.measures), vars(other.measures))
            raise ArgumentError(
                f"two evaluations with {differing} cannot be added", "make all of them with the same options"
            )


def _stacked(records: Sequence[R]) -> R:
    return type(records[0]).stack(records)


def _measured(parts: Sequence[Evaluated]) -> list[Record]:
    some = [part for part in parts if part.names] or parts[:1]
    return [_stacked([part.records[one.kind] for part in some]) for one in some[0].measured]


def _groups(parts: Sequence[Evaluated]) -> list[Label] | None:
    """Return the group of each image of all parts, in their order; None where no part has groups."""
    some = [part for part in parts if part.names]
    without = [part for part in some if part.groups is None]
    if len(without) == len(some):
        return None
    if without:
        have = "has" if len(without) == 1 else "have"
        raise ArgumentError(
            f"{len(without):,} of {many(len(some), 'part')} {have} no groups, such as that of "
            f"{show(without[0].names[0])}",
            f"evaluate all of them with {arg('groups')}, or none",
        )
    return [label for part in some for label in part.groups or ()]


def _check_doubled(
    name: str,
    records: Sequence[Record],
    groups: Sequence[Label] | None,
    places: tuple[int, int],
    duplicates: Duplicates,
) -> None:
    """Raise ArgumentError unless an image that comes twice may do so, and is the same both times."""
    if duplicates == "error":
        hint = f"{_NAMES}; where one image came twice, {arg('duplicates', 'same')}"
        raise ArgumentError(f"image {show(name)} comes in 2 parts", hint)
    if any(_rows(record, places[0]) != _rows(record, places[1]) for record in records):
        raise ArgumentError(f"image {show(name)} comes in 2 parts with different counts", _NAMES)
    if groups is not None and groups[places[0]] != groups[places[1]]:
        one, other = (groups[i] for i in places)
        raise ArgumentError(f"image {show(name)} is in the groups {one!r} and {other!r}", _NAMES)


def _rows(record: Record, image: int) -> list[list[int]]:
    rows = slice(*record.offsets[image : image + 2].tolist())
    _, *columns = record.columns().values()
    return [column[rows].tolist() for column in columns]


def _failures(parts: Sequence[Evaluated], scored: set[str], duplicates: Duplicates) -> tuple[Failure, ...]:
    found: dict[str, Failure] = {}
    for failure in (failure for part in parts for failure in part.failures):
        name = failure.name
        if name in scored:
            raise ArgumentError(
                f"image {show(name)} was scored in one part, and could not be in another: {failure.message}",
                "leave out the part in which it failed, or `select` images of one of them",
            )
        if name in found and (duplicates == "error" or found[name] != failure):
            raise ArgumentError(f"image {show(name)} could not be scored in 2 parts", _NAMES)
        found[name] = failure
    return tuple(found[name] for name in sorted(found))


def _resized(parts: Sequence[Evaluated], owner: Ints, *, doubled: bool) -> int:
    """Return how many predictions were resized, of images whose parts are these, int64 (n,)."""
    kept = np.bincount(owner, minlength=len(parts)).tolist()
    total = 0
    for part, images in zip(parts, kept, strict=True):
        if doubled and images < len(part.names) and 0 < part.resized < len(part.names):
            raise ArgumentError(
                f"{part.resized:,} of {len(part.names):,} predictions of a part were resized, and which ones "
                "is not kept",
                f"images of such parts cannot come twice: {_NAMES}",
            )
        total += images if part.resized == len(part.names) else part.resized
    return total


def _provenance(parts: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return what parts say of where they came from, each text once."""
    found: dict[str, dict[str, None]] = {}
    for part in parts:
        for key, text in part.items():
            found.setdefault(key, {})[text] = None
    return {key: _joined(list(texts)) for key, texts in found.items()}


def _joined(texts: Sequence[str]) -> str:
    more = len(texts) - _TEXTS
    return "; ".join(texts[:_TEXTS]) + (f"; and {more:,} more" if more > 0 else "")
