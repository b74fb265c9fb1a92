"""Members of zip and tar files, which need not be unpacked: shards of WebDataset, folders that were packed.

    pred = members("runs/v2-*.tar", "pred.png")

Archives are read where they are, on this machine or behind an address.
"""

import os
import stat
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from glob import glob
from itertools import islice
from os import PathLike
from threading import Lock
from typing import IO, Any, NamedTuple
from weakref import finalize

from segscore.base.wording import show
from segscore.errors import ArgumentError, FileFormatError, MaskError, PairingError
from segscore.io.addresses import Chain, is_address, local, public, secrets_of
from segscore.io.blobs import MAX_FOUND, Blob, Blobs, check_number, checked_names, unread
from segscore.io.discreet import discreet
from segscore.io.given import check_path
from segscore.io.handles import Handles
from segscore.io.kinds import split_suffix

_KINDS = (".zip", ".tar")
_PACKED = "members of a compressed tar cannot be read one by one: unpack it, or compress none of it"
_AS_FILES = "pack files themselves, as `tar --dereference` and `zip` do"


class _Member(NamedTuple):
    name: str
    size: int
    what: str
    """What it is, if it is no file; empty for a file, and for a folder, which is passed over."""
    found: Any


def is_archive(path: str) -> bool:
    """Whether a path is that of a zip or tar file of this machine."""
    return split_suffix(path)[1] in _KINDS and os.path.isfile(path)


def members(
    archives: str | PathLike[str] | Sequence[str | PathLike[str]],
    ending: str | None = None,
    *,
    storage_options: Mapping[str, Any] | None = None,
) -> Blobs:
    """Return the members of zip or tar files as masks that are matched by name, for `pred` or `target`.

    Parameters
    ----------
    archives : path, glob pattern, address, or list of these
        One archive, or several whose members are one side, such as shards of WebDataset. Tar files are not
        compressed.
    ending : str, optional
        What follows the first dot in names of the members that are meant, ``seg.png`` of ``0001.seg.png``;
        they are called by what is before it, folders included, as samples of WebDataset are. If not given,
        all members count as files of a folder do.
    storage_options : mapping, optional
        Of archives behind addresses, for fsspec; see :func:`segscore.evaluate`.

    Raises
    ------
    FileFormatError
        If an archive cannot be read, or is compressed as a whole.
    PairingError
        If no archive or no member is found, or one that is meant is a link or a device, or has a name that
        leads out of its folder or is too long.

    Examples
    --------
    >>> import tempfile, zipfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with zipfile.ZipFile(f"{folder}/a.zip", "w") as file:
    ...         file.writestr("val/1.jpg", b""), file.writestr("val/1.seg.png", b"")
    ...     members(f"{folder}/a.zip", "seg.png").files
    (None, None)
    ('val/1.png',)
    """
    paths = found_at(archives, "a zip or tar file")
    found: list[tuple[str, Blob]] = []
    for path in paths:
        archive = Archive(path, storage_options or {})
        found += archive.blobs(ending)
    where = called_together(paths, "archives")
    if not found:
        raise PairingError(
            f"expected members that end in {show(f'.{ending}')} in {where}, found none"
            if ending is not None
            else f"expected files in {where}, found none",
            "it is what follows the first dot of a name, such as `seg.png`" if ending is not None else None,
        )
    files, blobs = zip(*found, strict=True)
    return Blobs(where, files, blobs)


def found_at(given: object, what: str) -> list[str]:
    """Return the paths and addresses that are given, one or several, or that glob patterns describe."""
    several = given if isinstance(given, list | tuple) else [given]
    found: list[str] = []
    for item in several:
        if not isinstance(item, str | PathLike):
            raise ArgumentError(
                f"expected the path of {what}, found {type(item).__name__}", "give a path, or a list of paths"
            )
        check_path(item)
        check_path(one := local(os.fsdecode(item)))  # paths of other libraries may be addresses, too
        there = [one] if is_address(one) or os.path.lexists(one) else sorted(glob(one, recursive=True))
        if not there:
            raise PairingError(f"expected {what}, found nothing at {show(one)}", "check the path")
        found += there
    if not found:
        raise PairingError(f"expected {what}, found an empty list", "give at least one")
    return found


def called_together(paths: Sequence[str], what: str) -> str:
    """Return what messages call one or several files."""
    first = show(public(paths[0]))
    return first if len(paths) == 1 else f"{len(paths):,} {what}, the first {first}"


class _Open(NamedTuple):
    packed: zipfile.ZipFile | tarfile.TarFile
    members: Sequence[_Member]
    lock: Lock
    """Members share one file, in which threads would lose their places."""


_OPEN: Handles[_Open] = Handles(32)


@dataclass(frozen=True, eq=False, repr=False)
class Archive:
    """A zip or tar file, which is opened anew in each process."""

    path: str
    """Or an address."""
    options: Mapping[str, Any]

    def blobs(self, ending: str | None) -> list[tuple[str, Blob]]:
        """Return the members that are meant, by what they are called."""
        found = []
        for key, member in enumerate(_OPEN.get(self, self._opened).members):
            if (file := _called(member.name, ending)) is None:
                continue
            if member.what:
                raise PairingError(
                    f"expected files in {show(public(self.path))}, found {member.what} at "
                    f"{show(member.name)}",
                    _AS_FILES,
                )
            text = f"{public(self.path)}/{member.name}"
            found.append((file, Blob.of(text, self, key, member.size)))
        checked_names([file for file, _ in found], show(public(self.path)))
        return found

    def read(self, blob: Blob, most: int, start: int = 0) -> bytes:
        """Return at most so many bytes of a member."""
        packed, every, lock = _OPEN.get(self, self._opened)
        assert isinstance(blob.key, int)
        member = every[blob.key] if blob.key < len(every) else None
        if member is None or blob != f"{public(self.path)}/{member.name}":
            raise MaskError(f"{show(blob)}: the archive has changed since it was listed", "list it again")
        with lock, _file_of(packed, member) as file:
            file.seek(start)
            return file.read(most)

    def address(self, blob: Blob) -> str | None:
        """Return the address of a member, as fsspec writes it."""
        path = self.path if is_address(self.path) else os.path.abspath(self.path)
        scheme = split_suffix(Chain.of(path).path if is_address(path) else path)[1].removeprefix(".")
        return f"{scheme}://{blob[len(public(self.path)) + 1 :]}::{public(path)}"

    def secrets(self, _: Blob | None = None) -> Sequence[object]:
        """Return the options, and what is secret in the address."""
        return self.options, secrets_of(self.path)

    def _opened(self) -> _Open:
        where = show(public(self.path))
        with discreet(partial(_no_archive, where), *self.secrets()), ExitStack() as held:
            file = held.enter_context(self._file())
            start = file.read(4)
            file.seek(0)
            packed: zipfile.ZipFile | tarfile.TarFile
            if start[:2] == b"PK":
                packed = zipfile.ZipFile(file)
                found = [_of_zip(info) for info in packed.infolist() if not info.is_dir()]
            else:
                packed = tarfile.open(fileobj=file, mode="r:")  # noqa: SIM115 - as long as members are read
                found = [_of_tar(info) for info in islice(packed, MAX_FOUND + 1) if not info.isdir()]
            check_number(len(found), where)
            held.pop_all()
            finalize(packed, file.close)
        return _Open(packed, found, Lock())

    def _file(self) -> IO[bytes]:
        if not is_address(self.path):
            from segscore.io.opening import opened

            return opened(self.path, "a zip or tar file")
        from segscore.io.stores import Store

        with Store(Chain.of(self.path).rest, self.options).system(self.path) as (system, path):
            file: IO[bytes] = system.open(path, "rb")
            return file


def _no_archive(where: str, error: BaseException, why: str) -> FileFormatError:
    if not isinstance(error, zipfile.BadZipFile | tarfile.TarError | EOFError):
        return unread(where, error, why)
    return FileFormatError(
        f"expected a zip or tar file at {where}, found another kind of file: {why}", _PACKED
    )


def _called(name: str, ending: str | None) -> str | None:
    """Return what a member is called as a file of a folder; None for one that is not meant."""
    name = name.lstrip("/")
    while name.startswith("./"):
        name = name[2:]
    folder, slash, file = name.rpartition("/")
    if ending is None:
        hidden = any(part.startswith(".") and part != ".." for part in name.split("/"))
        return None if hidden else name
    key, _, rest = file.partition(".")
    meant = key and rest == ending.removeprefix(".")
    return f"{folder}{slash}{key}{split_suffix(file)[1]}" if meant else None


def _file_of(packed: zipfile.ZipFile | tarfile.TarFile, member: _Member) -> IO[bytes]:
    if isinstance(packed, zipfile.ZipFile):
        return packed.open(member.found)
    file = packed.extractfile(member.found)
    assert file is not None, "it is a file"
    return file


def _of_zip(info: zipfile.ZipInfo) -> _Member:
    kind = stat.S_IFMT(info.external_attr >> 16)
    what = "a link" if kind == stat.S_IFLNK else "a device or pipe" if kind not in (0, stat.S_IFREG) else ""
    return _Member(info.filename, info.file_size, what, info)


def _of_tar(info: tarfile.TarInfo) -> _Member:
    what = "a link" if info.issym() or info.islnk() else "" if info.isreg() else "a device or pipe"
    return _Member(info.name, info.size, what, info)
