"""Objects that open as bytes: bytes themselves, open files, and paths of other libraries.

Among these are `OpenFile` of fsspec, `UPath`, `zipfile.Path`, files of obstore, and what columns of images
hold: mappings of ``bytes`` and ``path``. None of these libraries is imported.
"""

import os
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from threading import Lock
from typing import Any, TypeGuard

from segscore.base.values import is_bytes
from segscore.base.wording import show
from segscore.errors import ArgumentError, MaskError
from segscore.io.addresses import doubtful, is_address, public
from segscore.io.blobs import Blob, some_bytes

_ONE: dict[int, Lock] = {}
"""Open files may share the one file that they are in, as members of a tar do: they are read one by one."""
_LOCAL = ("", "file", "local")
_STRUCT = {"bytes", "path"}
_NO_TEXT: Any = object.__str__


def opens(item: object) -> bool:
    """Whether an object opens as bytes, or is the path of a file of this machine."""
    if isinstance(item, str | PathLike) or is_bytes(item) or _is_struct(item):
        return True
    if isinstance(item, type) or any(hasattr(item, name) for name in ("shape", "__array_interface__")):
        return False
    return callable(getattr(item, "read", None)) or callable(getattr(item, "open", None))


def blob_of(item: object, nameless: str) -> str:
    """Return the path of an object that is a file of this machine, else its blob, perhaps a `nameless` one.

    Addresses as texts are left as they are.
    """
    if isinstance(item, str):
        return item
    if isinstance(item, PathLike) and _is_local(item):
        return os.fsdecode(item)
    if is_bytes(item):
        return Blob.of(nameless, Content(bytes(item)), size=len(item))
    if _is_struct(item):
        content, path = item["bytes"], item["path"]
        if not (content is None or is_bytes(content)) or not (path is None or isinstance(path, str)):
            kinds = type(content).__name__, type(path).__name__
            raise ArgumentError(
                f"{nameless}: expected a struct of bytes and a text, found {kinds[0]} and {kinds[1]}",
                "either may be None",
            )
        if content is None:
            there = path is not None and not is_address(path)
            return str(path) if there else Blob.of(nameless, Nothing(path))
        return Blob.of(f"{nameless}/{path}" if path else nameless, Content(bytes(content)), size=len(content))
    name = _name_of(item)
    return Blob.of(name or nameless, Object(item, name is not None and is_address(name)))


def _is_struct(item: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(item, Mapping) and item.keys() == _STRUCT


def _is_local(item: PathLike[str]) -> bool:
    """Whether the system opens a path; those of other libraries say what opens them."""
    system = getattr(item, "fs", None)
    if system is None:
        return True
    protocol = getattr(system, "protocol", "")
    named = protocol if isinstance(protocol, tuple) else (protocol,)
    return any(one in _LOCAL for one in named) and not getattr(item, "compression", None)


def _name_of(item: Any) -> str | None:
    """Return what an object is called, without secrets; None if nothing says it, or it may be one."""
    full = getattr(item, "full_name", None)  # of files of fsspec
    if not isinstance(full, str) and callable(getattr(item, "open", None)) and type(item).__str__ != _NO_TEXT:
        full = str(item)
    if isinstance(full, str):
        return None if doubtful(full) else public(full)
    name = getattr(item, "name", None)  # of open files
    return name if isinstance(name, str) and name else None


@dataclass(frozen=True, eq=False, repr=False)
class Content:
    """Bytes in memory."""

    content: bytes

    def read(self, _: Blob, most: int, start: int = 0) -> bytes:
        """Return at most so many of the bytes."""
        return self.content[start : start + most]

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes."""
        from hashlib import sha256

        return sha256(self.content).hexdigest()

    def address(self, _: Blob) -> None:
        """Return nothing: what is in memory has no address."""

    def secrets(self, _: Blob) -> Sequence[object]:
        """Return nothing: nobody is asked for it."""
        return ()


@dataclass(frozen=True, eq=False, repr=False)
class Nothing:
    """What a struct holds that has neither bytes nor a path of this machine."""

    path: str | None

    def read(self, blob: Blob, _: int, __: int = 0) -> bytes:
        """Raise the error for it."""
        raise no_image(blob, self.path)

    def address(self, _: Blob) -> None:
        """Return nothing: there is nothing to find."""

    def secrets(self, _: Blob) -> Sequence[object]:
        """Return nothing: nobody is asked for it."""
        return ()


def no_image(blob: Blob, address: str | None) -> MaskError:
    """Return the error for a struct that has neither bytes nor a path, or an address in place of one."""
    if address is None:
        return MaskError(f"{show(blob)}: the row has no image", "leave it out, or give it one")
    # Whoever wrote the table would have this machine ask another one.
    return MaskError(
        f"{show(blob)}: expected bytes or a path of this machine, found the address {show(public(address))}",
        "give the addresses themselves, as a list with `names`",
    )


@dataclass(frozen=True, eq=False, repr=False)
class Object:
    """An object that opens, or an open file; in a process that is forked its store is made anew."""

    item: Any
    addressed: bool
    _process: int = field(default_factory=os.getpid)

    def __reduce__(self) -> tuple[object, ...]:
        return Object, (self.item, self.addressed)

    def read(self, blob: Blob, most: int, start: int = 0) -> bytes:
        """Return at most so many bytes, or raise LargerError; what cannot seek goes on where it was."""
        item = self.item
        if getattr(getattr(item, "fs", None), "_pid", self._process) != os.getpid():
            item = pickle.loads(pickle.dumps(item))  # noqa: S301 - what was made here a moment ago
        system: Any = getattr(item, "fs", None)
        if callable(getattr(system, "cat_file", None)) and not getattr(item, "compression", None):
            return some_bytes(system, item.path, most, start)
        if callable(getattr(item, "read", None)):
            with _ONE.setdefault(os.getpid(), Lock()):
                if item.seekable():
                    item.seek(start)
                return _bytes(blob, item, most)
        try:
            opened = item.open("rb")
        except TypeError:  # of fsspec, which was told the mode before
            opened = item.open()
        with opened as file:
            return _bytes(blob, file, start + most)[start:]

    def address(self, blob: Blob) -> str | None:
        """Return the address of a file, if it has one."""
        return str(blob) if self.addressed else None

    def secrets(self, _: Blob) -> Sequence[object]:
        """Return the options of the file system that it is in."""
        return (getattr(getattr(self.item, "fs", None), "storage_options", {}),)


def _bytes(blob: Blob, file: Any, most: int) -> bytes:
    """Return what is read of a file, which may hand out less at a time than is asked for."""
    parts: list[bytes] = []
    while most > 0 and (part := file.read(most)):
        if isinstance(part, str):
            raise MaskError(
                f"{show(blob)}: expected a file that was opened as binary, found text",
                "open it with the mode `rb`",
            )
        # A number is no buffer, of which `bytes` would make as many zeros.
        parts.append(part if isinstance(part, bytes) else memoryview(part).tobytes())
        most -= len(parts[-1])
    return parts[0] if len(parts) == 1 else b"".join(parts)
