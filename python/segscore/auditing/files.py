"""Rules about images and files: doubled ones, missing ones, sizes that differ."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import lgamma, log, pi

import numpy as np
import numpy.typing as npt

from segscore.auditing.results import Finding
from segscore.auditing.seen import Seen
from segscore.base.naming import arg
from segscore.base.values import Ints
from segscore.base.wording import many, size
from segscore.counts.palettes import Role
from segscore.io.blobs import Blob
from segscore.io.by_class import Parts
from segscore.io.cases import Case
from segscore.io.left_out import LEFT_OUT
from segscore.io.masks import Read, is_png
from segscore.io.opening import opened

CHANCE = 1e-6
"""How many pairs of images may be expected to have as many pixels of every label by chance, for equal ones
to be called doubled. Two independent counts of n pixels are equal with a probability of about
1 / sqrt(4 pi n), so that masks of one value tell nothing, and many labels tell much."""
MANY = 10
"""Images with different targets that share a prediction, from which on they tell more together than two do:
m independent counts of n pixels are equal with a probability of about (2 pi n) ** ((1 - m) / 2) / sqrt(m)."""


def missing(seen: Seen) -> Iterator[Finding]:
    """Yield what has no partner, and what could not be counted."""
    if seen.missing:
        yield Finding(
            "missing-predictions",
            f"{many(len(seen.missing), 'target')} without a prediction",
            {"images": len(seen.missing), "files": seen.missing},
            f"write them, or leave these targets out; where names differ, give a {arg('pairing')}",
        )
    if seen.extra:
        yield Finding(
            "extra-predictions",
            f"{many(len(seen.extra), 'prediction')} without a target",
            {"images": len(seen.extra), "files": seen.extra},
            "they have no score; is this the right split of the dataset?",
        )
    if left_out := seen.provenance.get(LEFT_OUT):
        yield Finding(
            "left-out-files", left_out, {}, "are these masks? then give them in a format that is read"
        )
    if seen.resized:
        yield Finding(
            "resized-predictions",
            f"{many(seen.resized, 'prediction')} resized to the target, to nearest pixels",
            {"images": seen.resized},
            "scores at the size of the target are what others report; resize class scores, not labels",
        )


def failures(seen: Seen, headers: "Mapping[str, tuple[Header | None, Header | None]]") -> Iterator[Finding]:
    """Yield the errors of images that could not be counted, those of another size apart."""
    sizes: dict[str, str] = {}
    for failure in seen.failures:
        pred, target = headers.get(failure.name, (None, None))
        if pred is not None and target is not None and pred.shape != target.shape:
            sizes[failure.name] = f"{size(pred.shape)} for {size(target.shape)}"
    if sizes:
        kinds = ", ".join(f"{size} in {number:,}" for size, number in Counter(sizes.values()).most_common(3))
        yield Finding(
            "other-size",
            f"{many(len(sizes), 'prediction')} of another size than the target: {kinds}",
            {"images": len(sizes), "files": tuple(sizes)},
            f"write predictions in the size of their targets, or {arg('resize', 'nearest')}",
        )
    others = [failure for failure in seen.failures if failure.name not in sizes]
    if others:
        yield Finding(
            "not-scored",
            f"{many(len(others), 'image')} cannot be scored, first {others[0]}",
            {"images": len(others), "files": tuple(failure.name for failure in others)},
            others[0].hint or "see what each of them says",
        )


def doubled(seen: Seen) -> Iterator[Finding]:
    """Yield a warning where images share a prediction, and a note where they share the target as well."""
    target = _signatures(seen, "target")
    same_target: list[str] = []
    other_target: list[str] = []
    for members, telling in _alike(seen, target):
        if not telling:
            continue
        equal = (target[members] == target[members[0]]).all()
        (same_target if equal else other_target).extend(seen.names[k] for k in members.tolist())
    if other_target:
        yield Finding(
            "doubled-predictions",
            f"{len(other_target):,} images share a prediction, but not the target",
            {"images": len(other_target), "files": tuple(other_target)},
            "each image needs a prediction of its own: were files copied, or written under a wrong name?",
        )
    if same_target:
        yield copies(same_target, "share both prediction and target")


def copies(names: Sequence[str], what: str) -> Finding:
    """Return the note that images are in the dataset twice, with what tells so."""
    return Finding(
        "doubled-images",
        f"{len(names):,} images {what}: some are in the dataset twice",
        {"images": len(names), "files": tuple(names)},
        "they weigh twice in every score; leave the copies out",
    )


def untold(seen: Seen) -> int:
    """Return how many images share numbers of pixels that are too few to tell copies from chance."""
    target = _signatures(seen, "target")
    return sum(len(members) for members, telling in _alike(seen, target) if not telling)


def _alike(seen: Seen, target: npt.NDArray[np.uint64]) -> Iterator[tuple[Ints, bool]]:
    """Yield images whose predictions have as many pixels of every label, and whether that tells copies.

    Targets of one drawn shape may have the same pixels in all images, and so may their predictions: only
    where they differ do many images tell more than two.
    """
    images = len(seen.names)
    if images < 2:
        return
    _, first, group, size = np.unique(
        _signatures(seen, "pred"), return_index=True, return_inverse=True, return_counts=True
    )
    for i in np.flatnonzero(size > 1).tolist():
        members = np.flatnonzero(group == i)
        different = len(np.unique(target[members]))
        alike = different if different >= MANY else 2
        choices = lgamma(images + 1) - lgamma(alike + 1) - lgamma(images - alike + 1)
        yield members, _information(seen, first[i], alike) >= choices - log(CHANCE)


def _signatures(seen: Seen, side: Role) -> npt.NDArray[np.uint64]:
    """Return a number for each image that is equal where the pixels of every label of one side are.

    Each label has a factor that looks random (the finaliser of SplitMix64: G. Steele, D. Lea, C. Flood,
    OOPSLA 2014), so that sums of pixels times factors differ for different counts but by chance of 2**-64.
    """
    factors = (seen.table.pred if side == "pred" else seen.table.target).astype(np.uint64)
    factors += np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        factors = (factors ^ (factors >> np.uint64(shift))) * np.uint64(factor)
    factors ^= factors >> np.uint64(31)
    sums = np.zeros(len(factors) + 1, np.uint64)
    np.cumsum(factors * seen.table.pixels.astype(np.uint64), out=sums[1:])
    return sums[seen.table.offsets[1:]] - sums[seen.table.offsets[:-1]]


def _information(seen: Seen, image: int, alike: int) -> float:
    """Return minus the logarithm of the chance that so many images agree in all labels."""
    rows = slice(int(seen.table.offsets[image]), int(seen.table.offsets[image + 1]))
    _, at = np.unique(seen.table.pred[rows], return_inverse=True)
    pixels = np.bincount(at, weights=seen.table.pixels[rows])
    # One count follows from the others, as all have the same sum.
    each = (alike - 1) * np.log(2 * pi * np.sort(pixels)[:-1]) + log(alike)
    return float(0.5 * each.sum())


@dataclass(frozen=True)
class Header:
    """What is known of a mask before its pixels are read: its shape, and how it is stored."""

    shape: tuple[int, ...]
    form: str


_PNG_FORMS = {0: "gray", 2: "RGB", 3: "palette", 4: "gray with alpha", 6: "RGBA"}


def header_of(mask: object, read: Read | None = None) -> Header | None:
    """Return the header of a PNG or ``.npy`` file or of an array; None for anything else.

    What a function makes of a file, if it is to `read` it, is not known either, nor what is elsewhere. The
    places of width, height, bits and colour type are those of the PNG specification, 11.2.1 (IHDR).
    """
    if isinstance(mask, Parts):
        mask = mask.files[0].path
    if isinstance(mask, Blob) or (isinstance(mask, str) and read is not None):
        return None
    try:
        if isinstance(mask, str) and is_png(mask):
            with opened(mask, "a PNG") as file:
                start = file.read(26)
            width, height = (int.from_bytes(start[at : at + 4], "big") for at in (16, 20))
            form = f"PNG {_PNG_FORMS[start[25]]} {start[24]} bits"
            return Header((height, width), form) if start[12:16] == b"IHDR" else None
        if isinstance(mask, str):
            if not mask.endswith(".npy"):
                return None
            opened(mask, "a NumPy array file").close()
            mask = np.load(mask, mmap_mode="r")
    except (OSError, ValueError, LookupError):
        return None
    shape, dtype = getattr(mask, "shape", None), getattr(mask, "dtype", None)
    return None if shape is None else Header(tuple(shape), f"array of {dtype}")


def headers_of(cases: Sequence[Case], read: Read | None) -> dict[str, tuple[Header | None, Header | None]]:
    """Return the headers of the prediction and the target of each case, which a function may read."""
    return {case.name: (header_of(case.pred, read), header_of(case.target, read)) for case in cases}
