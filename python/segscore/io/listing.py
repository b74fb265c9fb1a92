"""What lies below a folder of a store: no more files than are looked for, with what the store tells of them.

Some stores, such as S3, list all that is below a folder, page by page; others list one folder at a time.
"""

from collections.abc import Mapping
from typing import Any

from segscore.io import blobs

_PAGED = {"s3fs": "max_items"}
"""What packages call the number of files after which their own listing ends."""


_FIND = "_find"
"""What fsspec calls the listing of a store that is asynchronous."""


def files_below(system: Any, top: str, depth: int | None, where: str) -> Mapping[str, Any]:
    """Return the files below a folder of a file system of fsspec, and what is known of them.

    They lie in so many folders at most. More than a dataset has are a PairingError; a store that lists folder
    by folder, or can be told when to end, is not asked for all of them. Of a page without links, which is a
    file, nothing is known.
    """
    kind = _kind_of(system)
    if depth is None and _lists_itself(kind):
        end = _PAGED.get(kind.__module__.partition(".")[0])
        most = {} if end is None else {end: blobs.MAX_FOUND + 1}
        found: dict[str, Any] = system.find(top, detail=True, **most)
        blobs.check_number(len(found), where)
        return found
    found, todo, seen = {}, [(top, depth)], 0
    while todo:
        folder, left = todo.pop()
        try:
            entries = system.ls(folder, detail=True)
        except FileNotFoundError:
            continue  # by now, or a link that leads nowhere
        within = []
        for about in entries:
            name = about["name"].rstrip("/")
            if about["type"] != "directory":
                found[about["name"]] = about
            elif name != folder.rstrip("/") and left != 1:
                within.append((name, None if left is None else left - 1))
        blobs.checked_names([name for name, _ in within], where)
        todo += within
        seen += len(within)
        blobs.check_number(len(found) + seen, where, "files and folders")
    if not found and system.isfile(top):
        found[top] = {}
    return found


def _kind_of(system: Any) -> type:
    """Return the class of a file system, or of the one that is behind a cache."""
    from fsspec.implementations.cached import CachingFileSystem

    return type(system.fs if isinstance(system, CachingFileSystem) else system)


def _lists_itself(kind: type) -> bool:
    from fsspec.asyn import AsyncFileSystem
    from fsspec.spec import AbstractFileSystem

    if getattr(kind, "find", None) is not AbstractFileSystem.find:
        return True
    return getattr(kind, _FIND, None) not in (None, getattr(AsyncFileSystem, _FIND))
