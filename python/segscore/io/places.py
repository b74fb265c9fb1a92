"""Places of files: where those of an image lie, and which may not be written over. Nothing is opened here."""

import os
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from mmap import ACCESS_READ, mmap
from os import PathLike, fspath
from typing import NamedTuple, TypeAlias

from segscore.base.values import Frozen
from segscore.base.wording import many, show
from segscore.errors import ArgumentError, OutputError
from segscore.io.absolute import real_path
from segscore.io.writing import check_folder, remove_parts


@dataclass(frozen=True, slots=True)
class Files:
    """Where the files of one image lie, as far as it is known.

    Paths of masks may come from a file that somebody else wrote, and what lies there may have changed: they
    are only ever opened as masks, which are shown if they are those that were scored.

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


class FilesAsAsked(Frozen, Mapping[str, Files], ABC):
    """The files of images by their names, made as they are asked for: of very many images few are shown."""

    @property
    @abstractmethod
    def _known(self) -> Mapping[str, object]:
        """What the files of each image are made of."""

    def __repr__(self) -> str:
        """Return a short form with the number of images."""
        return f"<Files of {many(len(self), 'image')}>"

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self._known)

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._known)

    def __contains__(self, name: object) -> bool:
        """Whether an image has this name, for which no path is made."""
        return name in self._known


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class FileColumns(FilesAsAsked):
    """The files of images as columns."""

    places: Mapping[str, int]
    """The place of each image in the columns."""
    preds: Callable[[str], str | None]
    """From the name of an image to its prediction."""
    targets: Sequence[str | None]
    images: Sequence[str] | None
    contents: Callable[[str], bytes] | None = None
    """As in `Files`."""

    def __getitem__(self, name: str) -> Files:
        """Return the files of an image."""
        i = self.places[name]
        image = None if self.images is None else self.images[i]
        return Files(self.preds(name), self.targets[i], image, self.contents)

    @property
    def _known(self) -> Mapping[str, object]:
        return self.places


def parent(path: str) -> str:
    """Return the folder of a file, with the slash between both; nothing where there is none."""
    return path[: path.rfind("/") + 1]


@dataclass(frozen=True, eq=False, repr=False)
class FilesAsGiven(FilesAsAsked):
    """The masks of images, as whole paths."""

    masks: Mapping[str, tuple[str | None, str | None]]
    """Prediction and target of each image, as they were given."""
    folders: Mapping[str, str]
    """The whole paths of their folders; each ends in a slash."""

    def __getitem__(self, name: str) -> Files:
        """Return the files of an image."""
        pred, target = map(self._whole, self.masks[name])
        return Files(pred, target)

    def _whole(self, path: str | None) -> str | None:
        if path is None:
            return None
        folder = parent(path)
        return self.folders[folder] + path[len(folder) :]

    @property
    def _known(self) -> Mapping[str, object]:
        return self.masks


def files_of_images(files: FilesByName, names: Iterable[str]) -> FilesByName:
    """Return the files of those images that have one of the names."""
    if isinstance(files, FileColumns):
        return replace(files, places={name: files.places[name] for name in names if name in files.places})
    if isinstance(files, FilesAsGiven):
        return replace(files, masks={name: files.masks[name] for name in names if name in files.masks})
    return {name: files[name] for name in names if name in files}


def with_contents(files: FilesByName, contents: Callable[[str], bytes]) -> FilesByName:
    """Return the files with the bytes of targets and photographs from a function, as in `Files`."""
    if isinstance(files, FileColumns):
        return replace(files, contents=contents)
    return {name: replace(one, contents=contents) for name, one in files.items()}


def photographs_in(files: FilesByName) -> int:
    """Return how many images have a photograph whose place is known."""
    if isinstance(files, FilesAsGiven):
        return 0
    if isinstance(files, FileColumns):
        return 0 if files.images is None else len(files)
    return sum(one.image is not None for one in files.values())


class Kind(NamedTuple):
    """A kind of file: what messages call it, and what such files hold from their beginning on."""

    name: str
    content: re.Pattern[bytes]


PAGE = Kind("page", re.compile(rb"(?i)\s*<(!doctype )?html"))
SAVED = Kind("saved evaluation", re.compile(rb"(?s)PK\x03\x04.{26}about\.npy|PAR1.*segscore\.evaluation"))
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
