"""Folders of annotations, of which each image has a file of its own."""

import os

from segscore.base.wording import show
from segscore.io.annotations.drafts import Draft, wrong
from segscore.io.kinds import split_suffix

MOST_FILES = 1 << 20


def files_of(draft: Draft, path: str, suffix: str) -> list[tuple[str, str]]:
    """Return the files of an ending in a folder and all below it, or the one file, by what they are called.

    Names are relative and without the ending, and sorted. Links to folders are passed over.
    """
    if not os.path.isdir(path):
        return [(split_suffix(os.path.basename(path))[0], path)]
    found = []
    with draft.at(path):
        for folder, folders, files in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            below = os.path.relpath(folder, path).replace(os.sep, "/")
            before = "" if below == "." else f"{below}/"
            for file in files:
                name, own = split_suffix(file)
                if own == suffix and not file.startswith("."):
                    found.append((f"{before}{name}", os.path.join(folder, file)))
            if len(found) > MOST_FILES:
                wrong(f"expected at most {MOST_FILES:,} files, found more")
        if not found:
            wrong(f"expected files that end in {show(suffix)}, found none")
    return sorted(found)
