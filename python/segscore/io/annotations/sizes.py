"""Sizes of images that annotations do not say: one for all, or those of the image files themselves."""

import os
from collections.abc import Callable
from os import PathLike

from segscore.base.naming import arg
from segscore.errors import ArgumentError, ImageError
from segscore.io.annotations.drafts import Size, wrong
from segscore.io.kinds import IMAGE_SUFFIXES, split_suffix
from segscore.io.sources import find_files


def sizes_of(
    size: tuple[int, int] | None, images: str | PathLike[str] | None
) -> Callable[[str, str], Size | None]:
    """Return what finds height and width of an image, by what it is called and the file that says so."""
    if size is not None:
        given = Size(*size)
        return lambda _, __: given
    if images is None:
        return _beside
    found = find_files("images", images, IMAGE_SUFFIXES)
    by_name: dict[str, str | None] = {}
    for name, path in zip(found.names, found.paths, strict=True):
        for key in {name, name.rpartition("/")[2]}:
            by_name[key] = None if key in by_name else path
    return lambda file, _: _looked_up(by_name, file)


def _beside(file: str, path: str) -> Size | None:
    """Return the size of the image that lies beside the file of annotations, if one does."""
    there = os.path.join(os.path.dirname(path), _last(file))
    return _size(there) if split_suffix(there)[1] in IMAGE_SUFFIXES and os.path.isfile(there) else None


def _looked_up(by_name: dict[str, str | None], file: str) -> Size | None:
    name = split_suffix(file.replace("\\", "/"))[0]
    for key in (name, _last(name)):
        if key in by_name:
            path = by_name[key]
            return wrong(f"expected one image called {key}, found several") if path is None else _size(path)
    return None


def _last(file: str) -> str:
    return file.replace("\\", "/").rpartition("/")[2]


def _size(path: str) -> Size:
    from segscore.io.photographs import size_of

    try:
        found = size_of(path)
    except ImageError as error:
        wrong(error.message)
    if found is None:
        raise ArgumentError(
            f"{arg('images')} needs Pillow, which is not installed", "pip install 'segscore[pillow]'"
        )
    return Size(*found, path)
