"""Kaggle's run lengths in CSV: in each row an image, and pairs of a start from 1 and a length, by columns."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np

from segscore.base.limits import whole_number
from segscore.base.naming import arg
from segscore.base.shown import brief, first
from segscore.base.values import Ints
from segscore.base.wording import show
from segscore.io.annotations.drafts import Draft, decoded, wrong
from segscore.io.annotations.record import Object

_IMAGES: Final = ("imageid", "image_id", "id", "image", "img", "filename")
_RUNS: Final = ("encodedpixels", "rle", "rle_mask", "segmentation", "annotation", "encoded_pixels")
_CLASSES: Final = ("classid", "class_id", "class", "label", "class_name")
_ONE = "object"
"""The class of rows that name none."""
_RELATIVE: Final = (
    "where starts are counted from the end of the run before, as in SIIM-ACR, count them from pixel 1"
)
_LONGEST = 1 << 27
"""Characters of a field."""


def read_kaggle(draft: Draft, path: str) -> None:
    """Read a table with a row an object, or one for each image without any."""
    with draft.at(path):
        content = decoded(draft.content(path))
        with _long_fields():
            _read(draft, path, csv.reader(io.StringIO(content, newline="")))


def _read(draft: Draft, path: str, rows: Iterator[list[str]]) -> None:
    try:
        head: list[str] = next(rows, [])
        found = columns_of(head)
        if found is None:
            said = first([*map(show, head)]) or "none"
            wrong(f"expected columns such as ImageId and EncodedPixels, found {said}")
        image, runs, named = found
        objects: dict[str, list[Object]] = {}
        sizes: dict[str, tuple[int, int] | None] = {}
        for line, row in enumerate(rows, 2):
            if not row:
                continue
            with draft.at(path, f"line {line}"):
                if len(row) != len(head):
                    wrong(f"expected {len(head)} fields, found {len(row)}")
                file = row[image]
                if file not in sizes:
                    sizes[file], objects[file] = None, []
                    sizes[file] = draft.size(file, path)
                size = sizes[file]
                if size is None or row[runs].strip() in ("", "-1", "nan"):
                    continue
                label = draft.label(row[named].strip() if named is not None else _ONE)
                objects[file].append(Object(f"line {line}", label, (_runs(row[runs], size),)))
        for file, size in sizes.items():
            if size is not None:
                with draft.at(path, show(file)):
                    draft.add(path, file, size, objects[file])
    except csv.Error as error:
        wrong(f"expected a table, found something else: {error}")


def columns_of(head: list[str]) -> tuple[int, int, int | None] | None:
    """Return where images, run lengths and, perhaps, classes stand in a table; None of another table."""
    names = [name.strip().lower() for name in head]
    image, runs, label = (
        next((names.index(one) for one in known if one in names), None)
        for known in (_IMAGES, _RUNS, _CLASSES)
    )
    return None if image is None or runs is None else (image, runs, label)


@contextmanager
def _long_fields() -> Iterator[None]:
    """Let fields be as long as run lengths are, which is a setting of the whole program."""
    before = csv.field_size_limit(_LONGEST)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _runs(text: str, size: tuple[int, int]) -> Ints:
    """Return run lengths by columns of pairs of starts and lengths, which do not overlap."""
    height, width = size
    try:
        numbers = np.array([whole_number(part) for part in text.split()], dtype=np.int64)
    except (ValueError, OverflowError):
        wrong(f"expected pairs of a start and a length, found {brief(text)}")
    if len(numbers) % 2:
        wrong(f"expected pairs of a start and a length, found {len(numbers)} numbers")
    starts, lengths = numbers[::2] - 1, numbers[1::2]
    order = np.argsort(starts, kind="stable")
    starts, lengths = starts[order], lengths[order]
    if (lengths < 1).any():
        wrong(f"expected lengths of 1 or more, found {int(lengths.min())}")
    ends = starts + lengths
    if (starts < 0).any():
        wrong(f"expected starts from 1 on, found {int(starts.min()) + 1}")
    if (ends > height * width).any():
        wrong(
            f"expected pixels 1 to {height} x {width} = {height * width}, found {int(ends.max())}; is it the "
            f"{arg('size')} of the images?"
        )
    if (starts[1:] < ends[:-1]).any():
        i = int(np.argmax(starts[1:] < ends[:-1]))
        wrong(
            f"expected runs that do not overlap, found them do so at pixel {int(starts[i + 1]) + 1}",
            _RELATIVE if (np.diff(numbers[::2]) < 0).any() else None,
        )
    edges = np.column_stack([starts, ends]).ravel()
    return np.diff(edges, prepend=0, append=height * width)
