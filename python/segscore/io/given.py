"""What is given for a side and is none: it is said of which side it is, what was found and what is taken."""

import os
from collections.abc import Iterator, Mapping
from os import PathLike
from typing import Any

from segscore.base.naming import arg
from segscore.base.values import is_bytes
from segscore.base.wording import show
from segscore.errors import ArgumentError
from segscore.io.addresses import address_in, doubtful, public
from segscore.io.objects import opens

_SIDES = "a folder, an address, a glob pattern, an array, or a list of paths, arrays or what opens as bytes"


def check_side(role: str, masks: Any) -> None:
    """Raise ArgumentError for what is no side, and for a list that holds what is no mask."""
    if isinstance(masks, list | tuple):
        for i, item in enumerate(masks):
            _check_item(role, item, i)
    elif isinstance(masks, str | PathLike):
        check_path(masks, role)
    elif masks is None or isinstance(masks, Mapping | Iterator | set | frozenset) or opens(masks):
        raise ArgumentError(
            f"{arg(role)} is of type {_type_of(masks)}, expected {_SIDES}", _instead(role, masks)
        )


def check_here(path: str, argument: str | None = None) -> None:
    """Raise ArgumentError for an address in place of a file of this machine; nothing but masks is fetched."""
    if (address := address_in(path)) is not None:
        raise ArgumentError(
            f"{_of(argument)}expected a file of this machine, found the address {show(public(address))}",
            "download it, and give its path",
        )


def _of(argument: str | None) -> str:
    """Return the beginning of a message about an argument, if it is known which one."""
    return "" if argument is None else f"{arg(argument)}: "


def _type_of(masks: object) -> str:
    """Return the name of a type, with its package where that is not all that is called so."""
    package, name = type(masks).__module__.partition(".")[0], type(masks).__name__
    return f"{package}.{name}" if name == "Path" else name


def _instead(role: str, masks: Any) -> str:
    """Return what to give in place of what was found."""
    if callable(getattr(masks, "namelist", None)) or callable(getattr(masks, "getmembers", None)):
        return "give the path of the archive"
    if callable(getattr(masks, "iterdir", None)):
        return f"give the path of the archive, or what is in the folder as a list: `[*{role}.iterdir()]`"
    if is_bytes(masks):
        return f"a file is a list of one, `[{role}]`; labels are `np.frombuffer({role}, np.uint8)`"
    if opens(masks):
        return f"one image is a list of one: `[{role}]`"
    if isinstance(masks, Mapping):
        return f"give a list in the order of the other side, such as `[*{role}.values()]`"
    if isinstance(masks, Iterator):
        return f"make a list: `[*{role}]`"
    return "name where the masks are" if masks is None else "give a list, in the order of the other side"


def _check_item(role: str, item: object, i: int) -> None:
    if isinstance(item, str | PathLike):
        check_path(item, role)
    elif item is None or (isinstance(item, Mapping | Iterator | set | frozenset) and not opens(item)):
        keys = (
            f" with {', '.join(map(show, map(str, item))) or 'nothing'}" if isinstance(item, Mapping) else ""
        )
        raise ArgumentError(
            f"{arg(role)}: expected paths, arrays or what opens as bytes in the list, found "
            f"{type(item).__name__}{keys} at index {i}",
            "structs have `bytes` and `path`, and nothing else"
            if isinstance(item, Mapping)
            else "leave the image out on both sides"
            if item is None
            else "make an array of it",
        )


def check_path(path: str | PathLike[str], role: str | None = None) -> None:
    """Raise ArgumentError for the path that `pathlib` makes of an address, and for a `doubtful` address."""
    if hasattr(path, "fs"):
        return
    address = address_in(os.fsdecode(path))
    if address is not None and doubtful(address):
        raise ArgumentError(
            f"{_of(role)}expected an address whose password and path can be told apart, found an `@` behind "
            f"a slash or `?` in {show(public(address))}",
            "write `@` in a path as `%40`, and `/` and `?` in a password as `%2F` and `%3F`, or give "
            "password and port by `storage_options`",
        )
    if address is not None and address != os.fsdecode(path):
        raise ArgumentError(
            f"{_of(role)}expected an address as a text, found a path of {show(public(address))}, which has "
            "lost a slash",
            "give a text with `://`, as `pathlib.Path` takes a slash away",
        )
