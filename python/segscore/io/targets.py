"""Targets by their names, where no other files have to be found for them."""

from collections.abc import Collection
from typing import NamedTuple

from segscore.base.naming import arg
from segscore.base.shown import first
from segscore.base.wording import many, show
from segscore.errors import PairingError
from segscore.io.by_class import PartsByPath, of_classes
from segscore.io.doubled import index_of
from segscore.io.kinds import MASK_SUFFIXES
from segscore.io.left_out import LeftOut, undescribed, unread
from segscore.io.lists import ListLike, chosen, name_list
from segscore.io.patterns import ids_under, split_pattern
from segscore.io.sources import SourceLike, find_files


class Named(NamedTuple):
    """Targets, and the files that are none."""

    paths: dict[str, str]
    """By name, sorted."""
    parts: PartsByPath
    left_out: tuple[LeftOut, ...]


def named_targets(
    target: SourceLike,
    pattern: str | None,
    classes: Collection[str],
    list: ListLike | None = None,
    *,
    suffixes: frozenset[str] | None = MASK_SUFFIXES,
) -> Named:
    """Return targets by their names; arguments and errors are those of `pair`.

    Of a pattern counts what it says of targets.
    """
    template = None if pattern is None else split_pattern(pattern)[1]
    found = find_files("target", target, suffixes)
    targets, parts = of_classes(found, template, classes, allowed=True, tasks=False, argument="pairing")
    # The names of masks that are made of several files are known; files that are no part of one have none.
    known = zip(ids_under(targets, None if parts else template), targets.paths, strict=True)
    ids = tuple([name if not parts or path in parts else None for name, path in known])
    index = index_of(targets, ids, template)
    if not index:
        some = first([*map(show, targets.files)], 3)
        raise PairingError(
            f"{arg('target')}: expected targets under the pattern {show(str(template))}, found none among "
            f"{many(len(targets.files), 'file')} in {targets.where}: {some}",
            f"describe their names with {arg('pairing')}, or leave it out",
        )
    if list is not None:
        of_list = sorted(str(ids[i]) for i in chosen(name_list(list), targets, ids).last)
        return Named({name: targets.paths[index[name]] for name in of_list}, parts, ())
    lone = sorted(file for file, name in zip(targets.files, ids, strict=True) if name is None)
    paths = {name: targets.paths[index[name]] for name in sorted(index)}
    return Named(paths, parts, (*undescribed(targets, lone), *unread(targets)))
