"""Places of files: where those of an image lie, and which may not be written over. Nothing is opened here."""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from mmap import ACCESS_READ, mmap
from os import PathLike, fspath
from typing import NamedTuple, TypeAlias

from segscore.base.wording import show
from segscore.errors import ArgumentError, OutputError
from segscore.io.absolute import real_path
from segscore.io.writing import check_folder, remove_parts


@dataclass(frozen=True, slots=True)
class Files:
    """Where the files of one image lie, as far as it is known.

    A path may come from a file that somebody else wrote, and what lies there may have changed: it is only
    ever opened as a mask or a photograph.

    Attributes
    ----------
    pred, target : str or None
        Paths of the masks.
    image : str or None
        Path of the photograph.
    contents : callable, optional
        A function from the path of target or photograph to the bytes that are decoded in place of whatever
        lies there; it raises SegscoreError where there are none to be shown.
    """

    pred: str | None = None
    target: str | None = None
    image: str | None = None
    contents: Callable[[str], bytes] | None = field(default=None, repr=False, compare=False)


FilesByName: TypeAlias = Mapping[str, Files]
"""The files of images by their names."""


class Kind(NamedTuple):
    """A kind of file: what messages call it, and what such files hold from their beginning on."""

    name: str
    content: re.Pattern[bytes]


PAGE = Kind("page", re.compile(rb"(?i)\s*<(!doctype )?html"))
SAVED = Kind("saved evaluation", re.compile(rb"(?s)PK\x03\x04.{26}about\.npy"))
NUMBERS = Kind(
    "JSON of segscore",
    re.compile(
        rb'(?s)\{\s*"(schema": [12],\s*"segscore"'
        rb'|models": \[\s*"(?:[^"\\]|\\.)*",\s*"(?:[^"\\]|\\.)*"\s*\],\s*"images"'
        rb'|findings": \[.*\s"truth": \{|classes": \[.*\s"conventions")'
    ),
)
RUNS = Kind(
    "table of runs",
    re.compile(rb'(?s)run,model,model_version,|\[\s*\{\s*"run": .*?,\s*"model": |PAR1.*model_version'),
)


def check_place(
    path: str | PathLike[str],
    *,
    kind: Kind | None = None,
    reads: Iterable[str | None] = (),
    append: bool = False,
) -> None:
    """Raise an error if a result may not be written there, before a long run and not after it.

    A file of any other kind is not replaced, nor one that the result `reads`; with `append`, a file that is
    there will be added to.
    """
    where = path_of(path, "write")
    check_folder(where, append=append)
    remove_parts(os.path.dirname(real_path(where)))
    if not os.path.isfile(where):
        return
    if _identity(where) in {_identity(other) for other in reads if other is not None}:
        raise OutputError(
            f"{show(where)}: expected a file to write, found one that the result is made from",
            "name another file",
        )
    if kind is not None and not _is(where, kind):
        raise OutputError(
            f"{show(where)}: expected an earlier {kind.name} to replace, found another kind of file",
            "name another file, or remove this one first",
        )


def path_of(path: str | PathLike[str], doing: str) -> str:
    """Return the path of a file to read or to write as text; what is no path is an ArgumentError."""
    try:
        return os.fsdecode(fspath(path))
    except TypeError:
        raise ArgumentError(
            f"`path`: expected the path of a file to {doing}, found {type(path).__name__}",
            "give a text or a `pathlib.Path`",
        ) from None


def paths_of(files: FilesByName) -> Iterable[str | None]:
    """Yield the places of masks and photographs."""
    for one in files.values():
        yield from (one.pred, one.target, one.image)


def _identity(path: str) -> tuple[int, int] | None:
    """Return what tells files apart, however they are named; None if there is no such file."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino


def _is(path: str, kind: Kind) -> bool:
    """Whether a file is of a kind, or empty; one that cannot be read may be anything."""
    try:
        with open(path, "rb") as file:
            if not os.fstat(file.fileno()).st_size:
                return True
            with mmap(file.fileno(), 0, access=ACCESS_READ) as content:
                return kind.content.match(content) is not None
    except OSError:
        return False
