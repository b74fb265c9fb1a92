"""Whether photographs fit their targets, told from the headers of files; no pixel is decoded."""

from collections.abc import Iterator, Sequence

from segscore.auditing.files import header_of
from segscore.base.naming import marked
from segscore.base.shown import first_lines
from segscore.base.wording import many, show, size
from segscore.errors import SegscoreError
from segscore.io.array_files import array_file
from segscore.io.kinds import ARRAY_SUFFIXES, split_suffix
from segscore.io.masks import Read
from segscore.io.photographs import size_of

_SHOWN = 5
"""Files that a warning lists."""


def doubtful_photographs(images: Sequence[str], targets: Sequence[str], read: Read | None) -> Iterator[str]:
    """Yield a warning of photographs that are none, and one of those of another size than their targets.

    Where a function reads targets, their files do not tell their sizes.
    """
    broken, odd = [], []
    for image, target in zip(images, targets, strict=True):
        try:
            shape = _shape(image)
        except SegscoreError as error:
            broken.append(marked(error.message))
            continue
        expected = _shape(target) if read is None else None
        if shape is None or expected is None or expected[:2] in (shape[:2], shape[1:]):
            continue
        odd.append(f"{show(image)}: {size(shape)}, {show(target)}: {size(expected)}")
    total = many(len(images), "image")
    if broken:
        yield (
            f"{len(broken):,} of {total} cannot be read:{_lines(broken)}\n"
            "hint: models that are shown photographs fail on them; folders of predictions do not"
        )
    if odd:
        verb = "has" if len(odd) == 1 else "have"
        yield (
            f"{len(odd):,} of {total} {verb} another size than the target, rows x columns:{_lines(odd)}\n"
            "hint: check that these are the images of these targets, neither turned nor cut"
        )


def _shape(path: str) -> tuple[int, ...] | None:
    header = header_of(path)
    if header is not None:
        return header.shape
    return array_file(path).shape if split_suffix(path)[1] in ARRAY_SUFFIXES else size_of(path)


def _lines(found: Sequence[str]) -> str:
    return "".join(f"\n  {line}" for line in first_lines(found, _SHOWN))
