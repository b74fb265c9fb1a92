"""What is to be compared: cases, files by name and arrays by position. Nothing is read here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike, fspath
from typing import Any, NamedTuple, TypeAlias

from segscore.errors import PairingError, SegscoreError, ShapeError
from segscore.io.arrays import is_many
from segscore.io.kinds import MASK_SUFFIXES, kind_of
from segscore.io.left_out import LEFT_OUT, left_out_text
from segscore.io.pairing import Pairing, missing_error, pair
from segscore.io.reading import Reading
from segscore.io.tiff import nodata_of

Masks: TypeAlias = Any
"""A folder, a glob pattern, a list of paths, an array or a list of arrays."""


class Case(NamedTuple):
    """A prediction and its target, each the path of a mask (str), an array, or a `Layer` of a stack."""

    name: str
    pred: object
    target: object
    class_axis: int | None = None
    """Which axis of the prediction holds the classes, if it is class scores."""
    problem: SegscoreError | None = None
    """Why the two cannot be compared, if that is known before they are read."""


@dataclass(frozen=True)
class Cases:
    """What is to be compared."""

    cases: list[Case]
    pairing: Pairing | None = None
    """How files were matched, if these are files."""
    provenance: Mapping[str, str] = field(default_factory=dict)
    """Where they were found."""
    alone: bool = False
    """Whether each side is one array, and no list."""

    @property
    def by_name(self) -> bool:
        """Whether files were matched by name, and not by position."""
        found = self.pairing
        return found is not None and not (found.pattern is None and found.pred.listed and found.target.listed)

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of targets without a prediction."""
        return () if self.pairing is None else self.pairing.missing

    @property
    def extra(self) -> tuple[str, ...]:
        """Predictions without a target."""
        return () if self.pairing is None else self.pairing.extra

    @property
    def missing_error(self) -> PairingError:
        """The error that lists all missing predictions of files that were matched by name."""
        assert self.pairing is not None
        return missing_error(self.pairing)


def nodata_labels(cases: Iterable[Case]) -> frozenset[int]:
    """Return the labels that targets call no data themselves, as GDAL's tag of TIFF files does."""
    targets = (case.target for case in cases if isinstance(case.target, str))
    kinds = ((path, kind_of(path)) for path in targets)
    found = {nodata_of(path) for path, kind in kinds if kind is not None and kind.reader == "tiff"}
    return frozenset(label for label in found if label is not None)


def find_cases(pred: Masks, target: Masks, reading: Reading) -> Cases:
    """Find out what is to be compared, files by name and lists of arrays by position.

    With a threshold, gray pictures are predictions, too.
    """
    if _is_paths(pred) and _is_paths(target):
        suffixes = None if reading.read is not None else MASK_SUFFIXES
        shares = reading.threshold is not None
        found = pair(
            pred, target, reading.pairing, suffixes=suffixes, shares=shares, named=reading.names is not None
        )
        provenance = {"pred": _described(pred), "target": _described(target)}
        if reading.pairing is not None:
            provenance["pairing"] = reading.pairing
        if found.left_out:
            provenance[LEFT_OUT] = left_out_text(found.left_out)
        return Cases([Case(*names) for names in found.pairs], found, provenance)
    preds, targets = _listed(pred), _listed(target)
    if len(preds) != len(targets):
        raise ShapeError(
            f"`pred` and `target` differ in length: {len(preds)} and {len(targets)}",
            "give one target for each prediction",
        )
    pairs = enumerate(zip(preds, targets, strict=True))
    alone = not _is_list(pred) and not _is_list(target)
    return Cases([Case(str(i), p, t) for i, (p, t) in pairs], alone=alone)


def _is_paths(masks: Masks) -> bool:
    if isinstance(masks, list | tuple):
        return all(isinstance(mask, str | PathLike) for mask in masks)
    return isinstance(masks, str | PathLike)


def _described(masks: Masks) -> str:
    return f"{len(masks)} paths" if isinstance(masks, list | tuple) else fspath(masks)


def _is_list(masks: Masks) -> bool:
    """Whether these are several masks; lists of numbers are one array."""
    return isinstance(masks, list | tuple) and (
        not masks or is_many(masks) or any(isinstance(mask, str | PathLike) for mask in masks)
    )


def _listed(masks: Masks) -> Sequence[object]:
    several = masks if _is_list(masks) else [masks]
    return [fspath(mask) if isinstance(mask, PathLike) else mask for mask in several]
