"""Targets by their names, where no other files have to be found for them."""

from collections.abc import Collection
from itertools import compress
from typing import NamedTuple

from segscore.base.naming import arg
from segscore.base.shown import first
from segscore.base.wording import many, show
from segscore.errors import PairingError
from segscore.io.by_class import PartsByPath
from segscore.io.kinds import MASK_SUFFIXES
from segscore.io.left_out import LeftOut, undescribed, unread
from segscore.io.lists import ListLike, name_list
from segscore.io.patterns import split_pattern
from segscore.io.sides import Side
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
    targets = Side.of(find_files("target", target, suffixes), template, classes)
    source = targets.source
    if all(targets.lone):
        some = first([*map(show, source.files)], 3)
        raise PairingError(
            f"{arg('target')}: expected targets under the pattern {show(str(template))}, found none among "
            f"{many(len(source.files), 'file')} in {source.where}: {some}",
            f"describe their names with {arg('pairing')}, or leave it out",
        )
    left_out: tuple[LeftOut, ...] = ()
    if list is None:
        lone = sorted(compress(source.files, targets.lone))
        left_out = (*undescribed(source, lone), *unread(source))
    else:
        targets = targets.chosen(name_list(list))
    paths = {name: targets.source.paths[i] for name, i in sorted(targets.index.items())}
    return Named(paths, targets.parts, left_out)
