"""Pixels: what the compiled part offers to the rest of the package."""

from collections.abc import Callable, Sequence
from os import PathLike
from typing import Any, final

import numpy as np
import numpy.typing as npt

_Column = npt.NDArray[np.int64]
_Size = tuple[int, int]
_Path = str | PathLike[str]
_Counted = tuple[PairCounts, tuple[_Size, _Size], tuple[bytes | None, bytes | None]]

__all__ = [
    "MAX_PIXELS",
    "Masks",
    "Matches",
    "PairCounts",
    "PngCounter",
    "Tally",
    "WeightedCells",
    "__version__",
    "available_threads",
    "boundary_rows",
    "cells",
    "coco_masks",
    "component_overlaps",
    "components",
    "count",
    "count_files",
    "count_logits",
    "counted_surface_rows",
    "decode_mask",
    "encode_mask",
    "highest",
    "inflate",
    "look_transposed",
    "read_coco",
    "read_mask",
    "stack",
    "surface_rows",
]

MAX_PIXELS: int
__version__: str

@final
class PairCounts:
    @staticmethod
    def from_columns(
        target: npt.NDArray[Any], pred: npt.NDArray[Any], pixels: npt.NDArray[Any]
    ) -> PairCounts: ...
    def columns(self) -> tuple[_Column, _Column, _Column]: ...
    @property
    def total(self) -> int: ...
    def __len__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class Tally:
    def __new__(cls) -> Tally: ...
    def unseen(self, pairs: PairCounts) -> PairCounts | None: ...
    def add(self, pairs: PairCounts) -> None: ...
    def snapshot(self) -> PairCounts: ...
    def clear(self) -> None: ...

@final
class WeightedCells:
    def __new__(
        cls,
        units: int,
        unit: _Column,
        image: _Column,
        label: _Column,
        counts: tuple[_Column, _Column, _Column],
        *,
        classes: int,
    ) -> WeightedCells: ...
    def sums(self, weights: npt.NDArray[np.uint8], *, threads: int) -> npt.NDArray[np.int64]: ...

_Mask = bytes | str | _Column | Sequence[npt.NDArray[np.float64]]

@final
class Masks:
    @staticmethod
    def read(height: int, width: int, masks: Sequence[_Mask], *, max_pixels: int = ...) -> Masks: ...
    @staticmethod
    def of_planes(planes: npt.NDArray[Any]) -> Masks: ...
    @staticmethod
    def of_labels(labels: npt.NDArray[Any], values: _Column) -> Masks: ...
    @property
    def size(self) -> _Size: ...
    def __len__(self) -> int: ...
    def pixels(self) -> _Column: ...
    def boxes(self) -> _Column: ...
    def bands(self, width: int) -> Masks: ...
    def window(self, top: int, left: int, height: int, width: int) -> Masks: ...
    def strings(self) -> list[bytes]: ...
    def counts(self) -> list[_Column]: ...
    def runs(self, mask: int) -> _Column: ...
    def planes(self) -> npt.NDArray[np.bool_]: ...
    def paint(
        self, order: Sequence[int], labels: Sequence[int], *, background: int
    ) -> tuple[npt.NDArray[Any], int, int]: ...
    def overlaps(self, others: Masks) -> tuple[_Column, _Column, _Column]: ...

_Columns6 = tuple[_Column, _Column, _Column, _Column, _Column, _Column]

@final
class Matches:
    def __new__(
        cls,
        object_offsets: _Column,
        objects: _Columns6,
        overlap_offsets: _Column,
        overlaps: tuple[_Column, _Column, _Column],
        bands: tuple[_Column, _Column] | None,
        *,
        classes: int,
        thresholds: Sequence[float],
        areas: Sequence[Sequence[float]],
        detections: int,
        heed_ignore: bool,
        threads: int,
    ) -> Matches: ...
    def precisions(
        self,
        recalls: Sequence[float],
        detections: Sequence[int],
        weights: npt.NDArray[np.uint32] | None,
        *,
        threads: int,
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]: ...
    def averages(
        self, recalls: Sequence[float], weights: npt.NDArray[np.uint8], *, threads: int
    ) -> npt.NDArray[np.float64]: ...

@final
class PngCounter:
    def __new__(cls) -> PngCounter: ...
    def count(
        self,
        pred: tuple[bytes, _Path],
        target: tuple[bytes, _Path],
        *,
        max_pixels: int,
        colours: bool,
        resize: bool,
    ) -> _Counted: ...

def count(
    target: npt.NDArray[Any], pred: npt.NDArray[Any], *, resize: bool = False, threads: int = 1
) -> PairCounts: ...
def count_logits(
    target: npt.NDArray[Any],
    logits: npt.NDArray[Any],
    *,
    class_axis: int | None,
    threshold: int | None = None,
    threads: int = 1,
) -> PairCounts: ...
def highest(
    logits: npt.NDArray[Any], *, class_axis: int, threads: int = 1
) -> npt.NDArray[np.uint8] | npt.NDArray[np.uint16]: ...
def boundary_rows(
    target: npt.NDArray[Any],
    pred: npt.NDArray[Any],
    *,
    widths: Sequence[int],
    ignored: Sequence[int] | None = None,
    segments: bool = False,
    threads: int = 1,
) -> tuple[list[_Column], list[_Column]]: ...
def surface_rows(
    target: npt.NDArray[Any],
    pred: npt.NDArray[Any],
    *,
    spacing: Sequence[float],
    corners: bool,
    kinds: bytes | None = None,
    within: float | None = None,
    labels: Sequence[int] | None = None,
    ignored: Sequence[int] | None = None,
    threads: int = 1,
) -> tuple[_Column, _Column, _Column, npt.NDArray[np.float64], _Column]: ...
def counted_surface_rows(
    target: npt.NDArray[Any],
    pred: npt.NDArray[Any],
    *,
    spacing: Sequence[float],
    corners: bool,
    labels: Sequence[int],
    kinds: bytes | None = None,
    within: float | None = None,
    threads: int = 1,
) -> tuple[tuple[_Column, _Column, _Column, npt.NDArray[np.float64], _Column], PairCounts]: ...
def components(
    labels: npt.NDArray[Any], *, connectivity: int, background: int | None
) -> npt.NDArray[np.unsignedinteger[Any]]: ...
def component_overlaps(
    target: npt.NDArray[Any], pred: npt.NDArray[Any], *, connectivity: int, background: int | None
) -> tuple[list[_Column], list[_Column]]: ...
def read_coco(
    target: bytes,
    pred: bytes,
    *,
    max_pixels: int,
    area_from_mask: bool,
    federated: bool,
    band: tuple[float, bool] | None,
    threads: int,
) -> tuple[
    list[tuple[str, str, int, str]],
    tuple[_Column, _Column, _Column, list[str]],
    tuple[_Column, list[str]],
    tuple[_Column, list[_Column]],
    tuple[_Column, list[_Column]],
    list[_Column],
]: ...
def coco_masks(
    target: bytes, pred: bytes, images: Sequence[int], *, max_pixels: int, threads: int
) -> tuple[_Column, list[str], list[tuple[Masks, Masks]]]: ...
def available_threads() -> int: ...
def look_transposed(pred: Sequence[int], target: Sequence[int]) -> bool: ...
def cells(
    offsets: _Column, target: _Column, pred: _Column, pixels: _Column, *, classes: int
) -> list[_Column]: ...
def stack(parts: Sequence[PairCounts]) -> tuple[_Column, _Column, _Column, _Column]: ...
def count_files(
    pairs: Sequence[tuple[_Path, _Path]],
    *,
    max_pixels: int,
    colours: bool,
    resize: bool,
    threads: int,
    most_rows: int,
    tick: Callable[[int], object],
) -> list[_Counted | Exception]: ...
def read_mask(path: _Path, *, max_pixels: int, colours: bool) -> tuple[npt.NDArray[Any], bytes | None]: ...
def decode_mask(
    content: bytes, path: _Path, *, max_pixels: int, colours: bool
) -> tuple[npt.NDArray[Any], bytes | None]: ...
def inflate(data: bytes, out: npt.NDArray[Any], *, gzip: bool) -> bool: ...
def encode_mask(labels: npt.NDArray[Any], *, palette: Sequence[Sequence[int]] | None = None) -> bytes: ...
