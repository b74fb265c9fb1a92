"""Masks that are elsewhere: whatever `evaluate` is given for a side becomes paths, blobs or arrays."""

import os
from collections.abc import Mapping
from os import PathLike
from typing import Any

from segscore.base.naming import arg
from segscore.errors import ArgumentError
from segscore.io.addresses import Address, is_address, local
from segscore.io.archives import is_archive, members
from segscore.io.blobs import Blob, Blobs
from segscore.io.given import check_path, check_side
from segscore.io.objects import blob_of, opens


def given_side(role: str, masks: Any, options: Mapping[str, Any] | None, *, opened: bool) -> Any:
    """Return a side with addresses, archives and objects that open as bytes as blobs; all else as it is.

    Where addresses are not `opened` here, as a function reads them, they are called by their public form.
    """
    check_side(role, masks)
    if options is not None and not opened:
        raise ArgumentError(
            f"`storage_options` is given with {arg('read')}, which reads addresses itself",
            "leave one of them out",
        )
    # The path of a folder, as universal_pathlib has it.
    if hasattr(masks, "storage_options") and is_address(str(masks)):
        masks, options = str(masks), masks.storage_options
        check_path(masks, role)
    if isinstance(masks, PathLike):
        masks = os.fsdecode(masks)
    if isinstance(masks, str) and not isinstance(masks, Blob):
        if is_address(masks) and not opened:
            return Address.of(masks)
        if not is_address(path := local(masks)):
            return members(path) if is_archive(path) else path
        from segscore.io.stores import listed

        return listed(role, masks, checked_options(options))
    if not isinstance(masks, list | tuple) or not any(map(opens, masks)):
        return masks
    found = [blob_of(item, _nameless(role, i)) if opens(item) else item for i, item in enumerate(masks)]
    far = [isinstance(item, str) and is_address(item) and not isinstance(item, Blob) for item in found]
    if not opened:
        return [Address.of(item) if there else item for item, there in zip(found, far, strict=True)]
    if not any(far):
        return found
    found = [local(item) if there else item for item, there in zip(found, far, strict=True)]
    far = [there and is_address(item) for item, there in zip(found, far, strict=True)]
    from segscore.io.stores import Store, check_packages

    options = checked_options(options)
    check_packages([item for item, there in zip(found, far, strict=True) if there], options)
    store = Store("", options)
    return [store.blob(item) if there else item for item, there in zip(found, far, strict=True)]


def check_options(options: object, *sides: Any) -> None:
    """Raise ArgumentError for options of stores that nothing is opened with."""
    if options is None or not checked_options(options):
        return
    items = (item for side in sides for item in (side if isinstance(side, list | tuple) else (side,)))
    if not any(_is_of_store(item) for item in items):
        raise ArgumentError(
            "`storage_options` is given, and no address that would be opened with it",
            "leave it out; `members` and `column` have one of their own",
        )


def _is_of_store(item: Any) -> bool:
    """Whether something is an address as a text, or a path that is one, as universal_pathlib has it."""
    if isinstance(item, Blob):
        return False
    return is_address(item) if isinstance(item, str) else hasattr(item, "storage_options")


def _nameless(role: str, i: int) -> str:
    """Return what messages call an item of a list that has no name."""
    return f"<{role}>/{i}"


def are_nameless(role: str, masks: object) -> bool:
    """Whether nothing of a side has a name, so that images are numbered as arrays are."""
    if isinstance(masks, Blobs) or not isinstance(masks, list | tuple):
        return False
    return all(isinstance(mask, Blob) and mask == _nameless(role, i) for i, mask in enumerate(masks))


def checked_options(options: object) -> Mapping[str, Any]:
    """Return the options of stores, or raise ArgumentError."""
    if options is None:
        return {}
    if not isinstance(options, Mapping) or not all(isinstance(name, str) for name in options):
        raise ArgumentError(
            f"`storage_options` is of type {type(options).__name__}, expected a mapping of options of "
            "fsspec by their names",
            'such as `{"anon": True}`',
        )
    return options
