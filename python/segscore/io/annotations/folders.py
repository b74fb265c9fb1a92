"""Folders of annotations, of which each image has a file of its own."""

import os
from collections.abc import Collection, Iterator

from segscore.base.wording import show
from segscore.io.annotations.drafts import Draft, wrong
from segscore.io.kinds import split_suffix

MOST_FILES = 1 << 20
_FOLDERS = 3
"""In which a file is looked for that is of all images: their own one, and those above."""


def files_of(draft: Draft, path: str, suffix: str) -> list[tuple[str, str]]:
    """Return the files of an ending in a folder and all below it, or the one file, by what they are called.

    Names are relative and without the ending, and sorted. Links to folders are passed over.
    """
    if not os.path.isdir(path):
        return [(split_suffix(os.path.basename(path))[0], path)]
    found = []
    with draft.at(path):
        for name, file in walked(path):
            stem, own = split_suffix(name)
            if own == suffix:
                found.append((stem, file))
            if len(found) > MOST_FILES:
                wrong(f"expected at most {MOST_FILES:,} files, found more")
        if not found:
            wrong(f"expected files that end in {show(suffix)}, found none")
    return sorted(found)


def walked(path: str) -> Iterator[tuple[str, str]]:
    """Yield the names in a folder and all below it, relative to it, and the files; hidden ones are not."""
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        below = os.path.relpath(folder, path).replace(os.sep, "/")
        before = "" if below == "." else f"{below}/"
        for file in files:
            if not file.startswith("."):
                yield f"{before}{file}", os.path.join(folder, file)


def file_above(path: str, names: Collection[str]) -> str | None:
    """Return the file of one of these names that lies in a folder, or up to two above it, if one does."""
    above = os.path.abspath(path if os.path.isdir(path) else os.path.dirname(path))
    for _ in range(_FOLDERS):
        for name in names:
            if os.path.isfile(file := os.path.join(above, name)):
                return file
        above = os.path.dirname(above)
    return None
