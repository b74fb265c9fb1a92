"""Cases whose masks are elsewhere: their bytes are fetched, and copied to files where readers need these."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from os import PathLike

import numpy as np

from segscore.base.naming import marked
from segscore.base.wording import show
from segscore.errors import MaskError
from segscore.io.arrays import palette_of
from segscore.io.blobs import SMALL, Blob, Fetching, Held, most_bytes
from segscore.io.by_class import Parts
from segscore.io.cases import Case
from segscore.io.kinds import KINDS, split_suffix
from segscore.io.masks import (
    MAX_PIXELS,
    decode_mask,
    folder_of_copies,
    is_png,
    read_with_palette,
    write_copy,
)
from segscore.io.objects import blob_of, opens
from segscore.io.opening import opened

FETCHES = 32
"""Images that are fetched at a time: a store takes some 50 milliseconds to answer, however many ask it."""
_STARTS = {
    b"\x89PNG": ".png",
    b"\x93NUMPY": ".npy",
    b"PK\x03\x04": ".npz",
    b"II*\0": ".tif",
    b"MM\0*": ".tif",
    b"II+\0": ".tif",
    b"MM\0+": ".tif",
    b"GIF8": ".gif",
    b"RIFF": ".webp",
    b"BM": ".bmp",
    b"\xff\xd8\xff": ".jpg",
}
"""What files of a kind begin with."""

Contents = Mapping[int, bytes]
"""The bytes of blobs, by what tells these apart: several may be called the same."""


def is_elsewhere(case: Case) -> bool:
    """Whether a mask of a case is no file of this machine."""
    pred, target = case.pred, case.target
    if type(pred) is str and type(target) is str:  # as nearly all are: a blob is another type of text
        return False
    return any(map(_blobs_of, (pred, target)))


def _blobs_of(mask: object) -> tuple[Blob, ...]:
    paths = mask.paths if isinstance(mask, Parts) else (mask,)
    return tuple([path for path in paths if isinstance(path, Blob)])


def in_places(cases: Sequence[Case]) -> list[int]:
    """Return the numbers of cases in the order that their masks lie in, where a place says it by numbers.

    Archives and tables are read from their beginning to their end.
    """
    places: dict[int, int] = {}

    def at(i: int) -> tuple[int, int]:
        blobs = _blobs_of(cases[i].target) or _blobs_of(cases[i].pred)
        if not blobs or not isinstance(blobs[0].key, int):
            return -1, 0
        return places.setdefault(id(blobs[0].place), len(places)), blobs[0].key

    return sorted(range(len(cases)), key=at)


def contents_of(case: Case, fetching: Fetching, held: Held) -> Contents:
    """Return the bytes of all masks of a case that are elsewhere, or raise MaskError."""
    blobs = {id(blob): blob for mask in (case.pred, case.target) for blob in _blobs_of(mask)}
    return {key: fetching.content(blob, held) for key, blob in blobs.items()}


def ending_of(blob: Blob, content: bytes) -> str:
    """Return the ending that says how a blob is read: that of its name, or of what it begins with."""
    ending = split_suffix(blob)[1]
    if ending in KINDS:
        return ending
    return next((kind for start, kind in _STARTS.items() if content.startswith(start)), ".png")


def pngs_of(case: Case, contents: Contents) -> list[tuple[bytes, str]] | None:
    """Return the bytes of prediction and target and what messages call them, if both are PNG; else None.

    One of them that is a file of this machine is read as well, where that is possible.
    """
    if case.class_axis is not None or case.problem is not None:
        return None
    found = []
    for mask in (case.pred, case.target):
        if isinstance(mask, Blob):
            content = contents[id(mask)]
            if ending_of(mask, content) != ".png":
                return None
        elif isinstance(mask, str) and is_png(mask):
            try:
                with opened(mask, "a PNG") as file:
                    content = file.read(SMALL + 1)
            except (OSError, MaskError):
                return None  # which its reader says better
            if len(content) > SMALL:
                return None
        else:
            return None
        found.append((content, show(mask)))
    return found


def opened_mask(mask: object, name: str, *, colours: bool) -> tuple[object, bytes | None]:
    """Return the labels of an argument that opens as bytes, and their palette; anything else as it is."""
    if isinstance(mask, np.ndarray):
        return mask, None  # as most are, and to ask what else it may be takes as long as to count its pixels
    if isinstance(mask, str | PathLike) or not opens(mask):
        return mask, palette_of(mask)
    blob = blob_of(mask, name)
    if not isinstance(blob, Blob):
        return read_with_palette(blob, colours=colours)
    with ExitStack() as held:
        content = Fetching(most_bytes(MAX_PIXELS)).content(blob, held)
    ending = ending_of(blob, content)
    named = blob if split_suffix(blob)[1] == ending else f"{blob}{ending}"
    return decode_mask(content, named, colours=colours)


@contextmanager
def copied(case: Case, contents: Contents) -> Iterator[tuple[Case, Mapping[str, str]]]:
    """Yield a case with blobs as files in a folder of its own, and what messages are to call these."""
    called: dict[str, str] = {}

    def copy(path: str) -> str:
        if not isinstance(path, Blob):
            return path
        content = contents[id(path)]
        made = os.path.join(folder, f"{len(called)}{ending_of(path, content)}")
        write_copy(made, content, path)
        called[show(made)] = show(path)
        return made

    def local(mask: object) -> object:
        if isinstance(mask, Parts):
            return replace(mask, files=tuple(replace(part, path=copy(part.path)) for part in mask.files))
        return copy(mask) if isinstance(mask, str) else mask

    with folder_of_copies(next(map(str, (*_blobs_of(case.target), *_blobs_of(case.pred))))) as folder:
        target = local(case.target)
        pred = target if case.pred is case.target else local(case.pred)
        yield case._replace(pred=pred, target=target), called


def renamed(text: str, called: Mapping[str, str]) -> str:
    """Return a message with files as they are called elsewhere."""
    text = marked(text)
    for copy, name in called.items():
        text = text.replace(copy, name)
    return text
