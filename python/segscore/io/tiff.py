"""TIFF files become arrays, or a precise refusal (TIFF 6.0, Adobe 1992; BigTIFF as libtiff has it).

The tables of all blocks are held against the file before memory is taken and anything is decoded. Whatever
makes well-known readers see different pixels is refused: an orientation, white as zero, blocks that are
missing. What labels mean is not known here.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO

import numpy as np
import numpy.typing as npt

from segscore.base.wording import many, show
from segscore.errors import READ, MaskError, of_core
from segscore.io.array_files import readable
from segscore.io.arrays import Array
from segscore.io.opening import opened
from segscore.io.tiff_blocks import CODECS, JPEG, Coding, decode
from segscore.io.tiff_tags import Tag, TaggedFile, Tags

_KINDS = {1: "u", 2: "i", 3: "f"}
"""NumPy's letters for the values of SampleFormat."""
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE = range(4)
_OTHERS = {4: "a transparency mask", 5: "CMYK", 6: "YCbCr", 8: "CIELab", 9: "ICCLab", 10: "ITULab"}
_REDUCED = 1
_UNASSOCIATED = 2
"""Of ExtraSamples: alpha that has not been multiplied into the colours."""
_TIFF = "a TIFF"
_BANDS = "save the values that the model was trained with"
_PAGES = "save the volume with a directory for each image, or as `.npy`"


@dataclass(frozen=True, slots=True)
class Page:
    """One image of a file, as its directory says."""

    height: int
    width: int
    coding: Coding
    photometric: int
    extra: tuple[int, ...]
    """What the samples beyond those of the colour are, as ExtraSamples says."""
    palette: bytes | None
    """Red, green and blue of each index, if samples are indices."""
    offsets: npt.NDArray[np.uint64]
    counts: npt.NDArray[np.uint64]
    """Where each block begins, and how many bytes it has, row after row of blocks."""
    planar: bool = False
    """Whether samples lie in planes, one after the other, each with blocks of its own."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Height, width and, if there are several samples a pixel, these."""
        samples = self.coding.samples
        return (self.height, self.width, samples) if samples > 1 else (self.height, self.width)

    @property
    def kind(self) -> tuple[object, ...]:
        """What images have in common that form a volume."""
        return self.shape, self.coding.dtype, self.photometric, self.extra, self.palette

    def boxes(self) -> Iterator[tuple[slice, slice]]:
        """Yield the rows and columns of each block, as far as they are within the image."""
        rows, columns = self.coding.rows, self.coding.columns
        for y in range(0, self.height, rows):
            for x in range(0, self.width, columns):
                yield slice(y, min(y + rows, self.height)), slice(x, min(x + columns, self.width))


def read_tiff(path: str, *, max_pixels: int) -> tuple[Array, bool, bytes | None]:
    """Return the pixels of a file, whether they are colours, and their palette if they are indices.

    Colours are uint8 (height, width, 3 or 4), gray with alpha (height, width, 2). Several images of one kind
    are a volume; smaller copies of an image are passed over.
    """
    place = show(path)
    with opened(path, _TIFF) as content:
        file = TaggedFile(content, place)
        pages = _pages(file, max_pixels)
        first = pages[0]
        shape = first.shape if len(pages) == 1 else (len(pages), *first.shape)
        pixels = np.empty(shape, first.coding.dtype.newbyteorder("="))
        for page, image in zip(pages, pixels if len(pages) > 1 else [pixels], strict=True):
            _decode(file, page, image)
    if first.coding.samples == 1:
        return pixels, False, first.palette
    if first.extra and first.extra != (_UNASSOCIATED,) and (pixels[..., -1] < 255).any():
        raise MaskError(
            f"{place}: its pixels have a value beyond their colour that is no plain alpha",
            "save labels alone, or colours with alpha that is not multiplied into them",
        )
    return pixels, True, None


def decode_bands(content: bytes, path: str, *, max_pixels: int) -> Array:
    """Return all values of a photograph in memory, (height, width, bands), whatever they stand for.

    Bands may lie pixel by pixel, in planes, or in a directory each.
    """
    file = TaggedFile(BytesIO(content), show(path))
    pages = [_page(file, tags, bands=True) for tags in file.directories() if not _is_copy(tags)]
    if not pages:
        file.damaged("it holds no image")
    if len({(page.shape, page.coding.dtype) for page in pages}) > 1:
        raise MaskError(
            f"{file.place}: expected one photograph in the TIFF, found {len(pages):,} images of all kinds",
            "save each as a file",
        )
    pages = [plane for page in pages for plane in _planes(page)]
    first = pages[0]
    pixels = first.height * first.width
    if pixels > max_pixels:
        said = f"{(first.height, first.width)} is more than max_pixels = {max_pixels:,}"
        raise of_core("too-many-pixels", said, file.place)
    for page in pages:
        _check_blocks(file, page)
    samples = first.coding.samples
    values = np.empty((first.height, first.width, samples * len(pages)), first.coding.dtype.newbyteorder("="))
    for i, page in enumerate(pages):
        _decode(file, page, values[..., i * samples : (i + 1) * samples])
    return values


def size_of_tiff(path: str) -> tuple[int, int]:
    """Return height and width of the first image of a file, or raise MaskError."""
    with readable(path, ValueError), opened(path, _TIFF) as content:
        file = TaggedFile(content, show(path))
        tags = next(file.directories(), None)
        if tags is None:
            file.damaged("it holds no image")
        return tags.number(Tag.HEIGHT), tags.number(Tag.WIDTH)


def _is_copy(tags: Tags) -> bool:
    """Whether an image is a smaller copy of another one."""
    return bool(tags.number(Tag.SUBFILE, 0) & _REDUCED)


def _planes(page: Page) -> list[Page]:
    """Return an image of one sample a pixel for each plane of one that is stored in planes; else itself."""
    samples = page.coding.samples
    if not page.planar or len(page.offsets) % samples or len(page.offsets) != len(page.counts):
        return [page]
    coding = replace(page.coding, samples=1)
    tables = zip(np.split(page.offsets, samples), np.split(page.counts, samples), strict=True)
    return [
        replace(page, coding=coding, offsets=offsets, counts=counts, planar=False)
        for offsets, counts in tables
    ]


def nodata_of(path: str) -> int | None:
    """Return the label that GDAL's tag calls no data; None if there is none, or no TIFF that can be read."""
    try:
        with opened(path, _TIFF) as content:
            said = float(next(TaggedFile(content, path).directories()).text(Tag.NODATA))
    except (MaskError, OSError, StopIteration, ValueError):
        return None
    return int(said) if said.is_integer() else None


def _pages(file: TaggedFile, max_pixels: int) -> list[Page]:
    """Return the images of a file, all of one kind, whose blocks are there; nothing of them has been read."""
    pages: list[Page] = []
    pixels = 0
    description = ""
    for tags in file.directories():
        if not pages:
            description = tags.text(Tag.DESCRIPTION)
        elif _is_copy(tags):
            continue
        pages.append(_page(file, tags))
        pixels += pages[-1].height * pages[-1].width
        if pixels > max_pixels:
            shape = pages[0].shape if len(pages) == 1 else (len(pages), *pages[0].shape)
            raise of_core("too-many-pixels", f"{shape} is more than max_pixels = {max_pixels:,}", file.place)
    if not pages:
        file.damaged("it holds no image")
    kinds = {page.kind for page in pages}
    if len(kinds) > 1:
        raise MaskError(
            f"{file.place}: expected one image in the TIFF, found {len(kinds):,}",
            f"save the labels alone, or give {READ} a function that picks the image",
        )
    for page in pages:
        _check_blocks(file, page)
    if len(pages) == 1:
        _check_stack(file, pages[0], description)
    return pages


def _page(file: TaggedFile, tags: Tags, *, bands: bool = False) -> Page:
    """Return what a directory says of an image that can be read: of labels or colours, or of any bands."""
    height, width = tags.number(Tag.HEIGHT), tags.number(Tag.WIDTH)
    if not height or not width:
        file.damaged(f"it claims {height:,} x {width:,} pixels")
    orientation = tags.number(Tag.ORIENTATION, 1)
    if orientation != 1:
        raise MaskError(
            f"{file.place}: the orientation of the TIFF is {orientation}, expected 1 (as stored) or none",
            "some readers turn such pixels, others do not: turn them as they are to be read, and save them "
            f"without the tag, or give {READ} a function that does",
        )
    photometric = tags.number(Tag.PHOTOMETRIC)
    if photometric == _WHITE_IS_ZERO:
        raise MaskError(
            f"{file.place}: zero is white in the TIFF (WhiteIsZero), expected BlackIsZero",
            "some readers invert such labels, others do not: save them as BlackIsZero, or give "
            f"{READ} a function that knows which are meant",
        )
    if tags.number(Tag.DEPTH, 1) != 1:
        raise MaskError(f"{file.place}: expected flat images in the TIFF, found one with a depth", _PAGES)
    coding = _coding(file, tags, height, width)
    extra = tuple(tags.numbers(Tag.EXTRA))
    planar = tags.number(Tag.PLANAR, 1) != 1 and coding.samples > 1
    shape = (coding.samples, height, width) if planar else (height, width, coding.samples)
    if bands and photometric not in (_BLACK_IS_ZERO, _RGB):
        found = _OTHERS.get(photometric, "a palette" if photometric == _PALETTE else f"space {photometric}")
        raise MaskError(f"{file.place}: expected gray, RGB or other bands, found {found}", _BANDS)
    if not bands:
        _check_samples(file, photometric, extra, coding, shape, planar=planar)
    offsets, counts = (Tag.TILES, Tag.TILE_BYTES) if coding.tiled else (Tag.STRIPS, Tag.STRIP_BYTES)
    palette = _palette(file, tags, coding) if photometric == _PALETTE else None
    tables = tags.table(offsets), tags.table(counts)
    return Page(height, width, coding, photometric, extra, palette, *tables, planar=planar)


def _palette(file: TaggedFile, tags: Tags, coding: Coding) -> bytes:
    colours = tags.table(Tag.COLOURS)
    if coding.bits > 16 or len(colours) != 3 << coding.bits:
        file.damaged(f"its palette has {many(len(colours), 'value')} for labels of {coding.bits} bits")
    # They have 16 bits, of which the upper ones are those of other formats; some programs write these alone.
    shift = 8 if colours.max() > 255 else 0
    return ((colours >> np.uint64(shift)) & np.uint64(255)).astype(np.uint8).reshape(3, -1).T.tobytes()


def _coding(file: TaggedFile, tags: Tags, height: int, width: int) -> Coding:
    """Return how the blocks of an image are stored."""
    samples = tags.number(Tag.SAMPLES, 1)
    bits, form = tags.of_all(Tag.BITS, samples), tags.of_all(Tag.FORMAT, samples)
    packed = form == 1 and samples == 1 and bits in (1, 2, 4)
    whole = form in (1, 2) and bits in (8, 16, 32, 64)
    if not packed and not whole and not (form == 3 and bits in (16, 32, 64)):
        raise MaskError(
            f"{file.place}: expected integers of 1, 2, 4, 8, 16, 32 or 64 bits in the TIFF, found "
            f"{bits} bits of sample format {form}",
            "save labels with 8 or 16 bits",
        )
    compression = tags.number(Tag.COMPRESSION, 1)
    if compression in JPEG:
        raise of_core("jpeg", "expected a mask of labels, found a TIFF with JPEG compression", file.place)
    fill, predictor = tags.number(Tag.FILL, 1), tags.number(Tag.PREDICTOR, 1)
    codec = CODECS.get(compression)
    if (
        codec is None
        or (fill != 1 and not (codec.bits and fill == 2))
        or (predictor != 1 and not (codec.predicted and predictor == 2 and whole))
        or (codec.bits and (bits != 1 or tags.number(Tag.GROUP_4, 0)))
    ):
        said = {"compression": compression, "predictor": predictor, "fill order": fill}
        ways = ", ".join(f"{name} {value}" for name, value in said.items() if value != 1)
        raise MaskError(
            f"{file.place}: the TIFF is stored in a way that is not read: {ways}",
            "save the mask without compression, or with Deflate, LZW, PackBits, Group 4 or Zstandard",
        )
    tiled = Tag.TILES in tags
    if tiled and Tag.STRIPS in tags:
        file.damaged("it has both strips and tiles")
    if not tiled and (Tag.TILE_WIDTH in tags or Tag.TILE_HEIGHT in tags):
        file.damaged("it has tiles without a table of them")
    if tiled:
        rows, columns = tags.number(Tag.TILE_HEIGHT), tags.number(Tag.TILE_WIDTH)
    else:
        rows, columns = min(tags.number(Tag.ROWS, height), height), width
    if not rows or not columns:
        file.damaged(f"its blocks have {rows:,} x {columns:,} pixels")
    dtype = np.dtype(f"{file.order}{_KINDS[form]}{max(bits, 8) // 8}")
    return Coding(compression, rows, columns, samples, bits, dtype, predictor, fill, tiled)


def _check_samples(
    file: TaggedFile,
    photometric: int,
    extra: Sequence[int],
    coding: Coding,
    shape: tuple[int, ...],
    *,
    planar: bool,
) -> None:
    """Refuse pixels that are neither labels nor colours of bytes one after the other."""
    if photometric not in (_BLACK_IS_ZERO, _RGB, _PALETTE):
        found = _OTHERS.get(photometric, f"the colour space {photometric}")
        raise MaskError(
            f"{file.place}: expected labels, or RGB pixels of uint8, found {found}",
            "save label values, or colours as RGB",
        )
    colour = photometric == _RGB
    samples = (3 if colour else 1) + len(extra)
    painted = photometric != _PALETTE and coding.dtype == np.uint8 and len(extra) <= 1 and not planar
    if coding.samples == samples and (samples == 1 or painted):
        return
    what = "RGB" if colour else many(coding.samples, "value") + " a pixel"
    raise MaskError(
        f"{file.place}: expected labels, or RGB pixels of uint8, found {what}"
        f"{' in separate planes' * planar} of {coding.dtype.newbyteorder('=')} and shape {shape}",
        "save label values, or colours with three or four bytes a pixel one after the other",
    )


def _check_blocks(file: TaggedFile, page: Page) -> None:
    """Refuse tables of blocks that do not fit the image or the file."""
    coding, offsets, counts = page.coding, page.offsets, page.counts
    down, across = math.ceil(page.height / coding.rows), math.ceil(page.width / coding.columns)
    blocks = down * across
    for found in (offsets, counts):
        if len(found) != blocks:
            file.damaged(f"it lists {many(len(found), 'block')} of pixels, expected {blocks:,}")
    missing = int(((offsets == 0) | (counts == 0)).sum())
    if missing:
        raise MaskError(
            f"{file.place}: {missing:,} of {blocks:,} blocks of pixels are missing from the TIFF",
            "readers fill them with different values: write the mask again, and whole "
            "(GDAL: without `SPARSE_OK`)",
        )
    size = np.uint64(file.size)
    beyond = int(((offsets > size) | (counts > size - np.minimum(offsets, size))).sum())
    if beyond:
        said = f"the TIFF is truncated: {beyond:,} of {blocks:,} blocks of pixels end beyond it"
        raise of_core("truncated", said, file.place)
    file.claim(int(counts.sum()))
    order = np.argsort(offsets)
    shared = int((offsets[order][1:] < (offsets + counts)[order][:-1]).sum())
    if shared:
        file.damaged(f"blocks of pixels overlap: {shared:,} of {blocks:,} begin within another one")
    last = coding.rows if coding.tiled else page.height - (down - 1) * coding.rows
    needed = np.full(blocks, coding.least_of(coding.rows), np.uint64)
    needed[blocks - across :] = coding.least_of(last)
    small = np.flatnonzero(counts < needed)
    if len(small):
        first = small[0]
        file.damaged(f"a block of pixels has {counts[first]:,} bytes, and needs {needed[first]:,} at least")


def _check_stack(file: TaggedFile, page: Page, description: str) -> None:
    """Refuse a stack of which only the first image has a directory, as some programs write it."""
    images = 1
    if description.startswith("ImageJ="):
        lines = dict(line.split("=", 1) for line in description.splitlines() if "=" in line)
        said = lines.get("images", "1")
        images = int(said) if said.isdecimal() and len(said) < 10 else 1
    elif description.startswith('{"shape":') and '"truncated": true' in description:
        images = 2
    held = file.size - int(page.offsets[0])
    if images > 1 and held >= images * page.coding.bytes_of(page.height):
        raise MaskError(
            f"{file.place}: the TIFF is a stack with a directory for its first image alone", _PAGES
        )


def _decode(file: TaggedFile, page: Page, image: Array) -> None:
    """Write the pixels of a page into an array of its shape."""
    coding = page.coding
    step = coding.bytes_of(coding.rows)
    if coding.plain and not coding.tiled and (np.diff(page.offsets) == step).all():
        # Strips that follow each other are one, as long as the image.
        coding = replace(coding, rows=page.height)
        page = replace(page, coding=coding, offsets=page.offsets[:1], counts=page.counts.sum(keepdims=True))
    for box, offset, count in zip(page.boxes(), page.offsets.tolist(), page.counts.tolist(), strict=True):
        rows, columns = (side.stop - side.start for side in box)
        stored = coding.rows if coding.tiled else rows
        file.file.seek(offset)
        data = file.file.read(min(count, coding.bytes_of(stored)) if coding.plain else count)
        block = decode(data, coding, stored, file.place)
        image[box] = block[:rows, :columns].reshape(image[box].shape)
