"""Stores: files behind addresses such as ``s3://bucket/pred``, listed and read through fsspec.

It is imported when there is an address to open, and not before. Retries, credentials and caches are those of
the store.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from threading import Lock, get_ident
from typing import Any, TypeAlias
from urllib.parse import unquote

from segscore.base.naming import arg
from segscore.base.wording import show
from segscore.errors import ArgumentError, PairingError, installed
from segscore.io.addresses import Chain, doubtful, lowered, public, secrets_of
from segscore.io.blobs import Blob, Blobs, checked_names, some_bytes
from segscore.io.discreet import discreet
from segscore.io.globs import Glob
from segscore.io.kinds import KINDS, split_suffix
from segscore.io.listing import files_below

_WHERE = "check the address, and that you may list what is there"
_LINKS = (
    "check the address; of web servers those folders are found that are pages with links to their files: "
    "else give a list of addresses"
)
_OPTIONS = (
    "they are given to fsspec as they are: check their names and types, which are those of its file system"
)
_AFTER_FORK = (
    'start processes by spawn or forkserver, `multiprocessing.get_context("spawn")`, or evaluate in other '
    "processes before anything is read in this one"
)


_Shared: TypeAlias = tuple[Any, AbstractContextManager[object]]
"""A file system, and what a thread holds while it uses it."""


@dataclass(frozen=True, eq=False, repr=False)
class Store:
    """Files of one kind of address, opened anew in each process."""

    rest: str = ""
    """The archives that they are in, as in `Chain`."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """For fsspec; they may be secret, and are shown nowhere."""
    _opened: dict[tuple[object, ...], _Shared] = field(default_factory=dict)
    _opening: dict[tuple[object, ...], Lock] = field(default_factory=dict)

    def __reduce__(self) -> tuple[object, ...]:
        return Store, (self.rest, self.options)

    def blob(self, address: str, size: int | None = None, shown: str | None = None) -> Blob:
        """Return the file of an address, in whichever archives it is, under its public form or as shown."""
        chain = Chain.of(address)
        text = f"{public(chain.rest[2:])}/{chain.path}" if chain.rest else shown or public(address)
        key = address.removesuffix(self.rest)
        return Blob.of(text, self, None if key == text else key, size)

    def _address(self, blob: Blob) -> str:
        return (str(blob) if blob.key is None else str(blob.key)) + self.rest

    def read(self, blob: Blob, most: int, start: int = 0) -> bytes:
        """Return at most so many bytes of a file, or raise LargerError."""
        address = self._address(blob)
        try:
            with self.system(address) as (system, path):
                return some_bytes(system, path, most, start)
        except (TypeError, AttributeError):
            if not self.options:
                raise
            with discreet(partial(unopened, address, self.options), *self.secrets(blob)):
                raise

    def address(self, blob: Blob) -> str | None:
        """Return the address of a file without secrets."""
        return public(self._address(blob)) if self.rest else str(blob)

    def secrets(self, blob: Blob) -> Sequence[object]:
        """Return the options, and what is secret in the address of a file."""
        return self.options, secrets_of(self._address(blob))

    @contextmanager
    def system(self, address: str) -> Iterator[tuple[Any, str]]:
        """Yield the file system of an address and the path in it; of archives, to one thread at a time."""
        chain = Chain.of(address)
        system, lock = self._shared(chain)
        from fsspec.core import strip_protocol

        with lock:
            yield system, str(strip_protocol(f"{chain.protocol}://{chain.path}"))

    def _shared(self, chain: Chain) -> _Shared:
        """Return a file system that this thread may use, and what it has to hold meanwhile."""
        # Or bucket: some systems are of one alone.
        server = "" if chain.rest else chain.path.partition("/")[0]
        here = (os.getpid(), chain.scheme, chain.rest, server)
        found = self._found(here)
        if found is not None:
            return found
        with self._opening.setdefault(here, Lock()):  # an archive is opened by one thread for all
            return self._found(here) or self._open(here, chain)

    def _found(self, here: tuple[object, ...]) -> _Shared | None:
        return self._opened.get(here) or self._opened.get((*here, get_ident()))

    def _open(self, here: tuple[object, ...], chain: Chain) -> _Shared:
        path = "" if chain.rest else chain.path
        system = opened(f"{chain.scheme}://{path}{chain.rest}", self.options)
        from fsspec.archive import AbstractArchiveFileSystem

        if isinstance(system, AbstractArchiveFileSystem):
            # It holds one open file, in which threads would lose their places.
            return self._opened.setdefault(here, (system, Lock()))
        # What is asynchronous takes calls of all threads; others have an instance for each.
        key = here if system.async_impl else (*here, get_ident())
        return self._opened.setdefault(key, (system, nullcontext()))


def listed(role: str, address: str, options: Mapping[str, Any]) -> Blob | Blobs:
    """Return the file of an address, or all files of a folder, or those that a glob pattern describes."""
    chain = Chain.of(address)
    store = Store(chain.rest, options)
    path, asked = chain.path, False
    if chain.is_web:
        path, *more = re.split("[?#]", path, maxsplit=1)
        asked = bool(more)
    parts = path.split("/")
    wild = {*"*["} if chain.is_web else {*"*?["}
    plain = next((i for i, part in enumerate(parts) if wild & {*part}), len(parts))
    alone = plain == len(parts)
    if alone and asked and path.endswith("/"):
        raise PairingError(
            f"{arg(role)}: {show(public(address))} cannot be listed with what follows `?` or `#`", _LINKS
        )
    if alone and (asked or (chain.is_web and split_suffix(path)[1] in KINDS)):
        return store.blob(address)
    root = "/".join(parts[:plain]).rstrip("/")
    rest = tuple(filter(None, parts[plain:])) or ("**",)
    found: Mapping[str, Any] = {}
    with (
        discreet(partial(unopened, address, options), options, secrets_of(address)),
        suppress(FileNotFoundError),
        store.system(f"{chain.scheme}://{root}{chain.rest}") as (system, top),
    ):
        if alone and not chain.is_web and system.info(top)["type"] == "file":
            return store.blob(address)
        depth = None if "**" in rest else len(rest)
        found = files_below(system, top, depth, show(public(address)))
    if [*found.values()] == [{}]:  # a page without links
        if alone and not path.endswith("/"):
            return store.blob(address)
        raise PairingError(
            f"{arg(role)}: expected links to files at {show(public(address))}, found none", _LINKS
        )
    if not found:
        why = ": the server has answered 404" if chain.is_web else ""
        raise PairingError(
            f"{arg(role)}: expected a folder, a file or a glob pattern, found nothing at "
            f"{show(public(address))}{why}",
            _LINKS if chain.is_web else _WHERE,
        )
    return _below(store, chain._replace(path=root), top, found, Glob(rest))


def _below(store: Store, root: Chain, top: str, found: Mapping[str, Any], glob: Glob) -> Blobs:
    """Return the files that a store has found below a folder and a pattern describes, by their names."""
    start = len(_path_of(top, root).rstrip("/"))
    where = public(f"{root.scheme}://{root.path}{root.rest}")
    beginning = f"{root.scheme}://{root.path}{'/' if root.path else ''}"
    blobs: list[tuple[str, Blob]] = []
    for path, about in found.items():
        if about["type"] == "file":
            file = _path_of(path, root)[start:].lstrip("/")
            name = unquote(file.partition("?")[0]) if root.is_web else file
            address, shown = f"{beginning}{file}{root.rest}", None
            if doubtful(address):  # though what is found below a folder has no password in it
                if root.is_web:
                    address = f"{beginning}{file.replace('@', '%40')}"
                else:
                    shown = f"{public(beginning)}{file}"
            blobs.append((name, store.blob(address, about.get("size"), shown)))
    checked_names([name for name, _ in blobs], show(where))
    # Two links of a web server may lead to files of one name, which is said where names are looked up.
    kept = sorted([(name, blob) for name, blob in blobs if glob.describes(name)], key=lambda one: one[0])
    return Blobs(show(where), tuple([name for name, _ in kept]), tuple([blob for _, blob in kept]))


def _path_of(path: str, root: Chain) -> str:
    """Return a path in a store; those of web servers are addresses, with the same scheme or a safer one."""
    return path.partition("://")[2] if root.is_web else path


_USED: dict[str, int] = {}
"""The process in which a module of stores was used first."""


def opened(address: str, options: Mapping[str, Any]) -> Any:
    """Return the file system of an address, or raise ArgumentError."""
    where = show(public(address))
    with installed(f"{where} is opened by fsspec", "`pip install 'segscore[remote]'` brings it"):
        from fsspec.core import url_to_fs
    chosen = _options(address, options)
    with discreet(partial(unopened, address, options), options, secrets_of(address)):
        try:
            system, _ = url_to_fs(lowered(address), **chosen)
        except ImportError as error:
            raise ArgumentError(
                f"{where} cannot be opened: {error}", "install by pip what it names"
            ) from error
    module = type(system).__module__.partition(".")[0]
    if module == "obstore" and _USED.setdefault(module, os.getpid()) != os.getpid():
        raise ArgumentError(
            f"{where} is opened by {module}, which hangs in a process that was forked after it had been used",
            _AFTER_FORK,
        )
    return system


def check_packages(addresses: Iterable[str], options: Mapping[str, Any]) -> None:
    """Raise ArgumentError where a package is missing that opens addresses, before each of them fails."""
    first = {chain.scheme: address for address in addresses if not (chain := Chain.of(address)).rest}
    for address in first.values():
        opened(address, options)


def _options(address: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options for an address, without those that are for other kinds of stores by their names."""
    from fsspec import available_protocols

    ours, known = {Chain.of(part).scheme for part in address.split("::")}, {*available_protocols()}
    for name, value in options.items():
        if name in known and not isinstance(value, Mapping):
            raise ArgumentError(
                f"`storage_options`: expected a mapping of options for {name}, found {type(value).__name__}",
                f'such as `{{"{name}": {{…}}}}`, with what fsspec calls them',
            )
    return {
        name: dict(value) if isinstance(value, Mapping) else value
        for name, value in options.items()
        if name in ours or not (isinstance(value, Mapping) and name in known)
    }


def unopened(address: str, options: Mapping[str, Any], error: BaseException, why: str) -> ArgumentError:
    """Return the error for what cannot be opened or listed."""
    where, hint = f"{show(public(address))} cannot be opened", _WHERE
    if options and isinstance(error, TypeError | AttributeError):  # what fsspec was not made for
        where += f" with {', '.join(_names(options))} of `storage_options`"
        hint = _OPTIONS
    return ArgumentError(f"{where}: {why}", hint)


def _names(options: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of options as messages show them, those for one kind of store with it."""
    for name, value in options.items():
        if isinstance(value, Mapping) and value:
            yield from (show(f"{name}.{inner}") for inner in value)
        else:
            yield show(name)
