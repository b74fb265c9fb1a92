"""Which prediction belongs to which target, decided by names alone.

Names are compared exactly: upper and lower case differ, and a near match is no match. What does not match is
listed, and a pattern that would match is proposed, never applied. No file is read: `sources` finds them.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import compress
from typing import NamedTuple

from segscore.base.naming import arg
from segscore.base.shown import first
from segscore.base.wording import show
from segscore.errors import ArgumentError, PairingError
from segscore.io.by_class import TASKS, PartsByPath, names_used
from segscore.io.doubled import index_of, refuse_itself
from segscore.io.kinds import IMAGE_SUFFIXES, MASK_SUFFIXES, SHARE_SUFFIXES
from segscore.io.left_out import LeftOut, undescribed, unread
from segscore.io.lists import ListLike, chosen, name_list
from segscore.io.patterns import ID, split_pattern, told_apart
from segscore.io.proposals import proposed, spelling
from segscore.io.sides import IMAGES, Both
from segscore.io.sources import Source, SourceLike, find_files


class Pair(NamedTuple):
    """One prediction and its target: the name that they share, and the path of each."""

    name: str
    pred: str
    target: str


@dataclass(frozen=True, slots=True)
class Pairing:
    """What `pair` found; every file that may be a mask is in exactly one of the four tuples.

    Attributes
    ----------
    pairs : tuple of Pair
        Sorted by name.
    missing : tuple of str
        Names of targets that have no prediction, sorted.
    extra : tuple of str
        Files among the predictions that have no target or are not described by the pattern, sorted:
        relative paths with their endings.
    left_out : tuple of LeftOut
        Files among the targets that the pattern does not describe, so that they are no targets, and files of
        either side that may be taken for masks, but are of kinds that are not read. Of the latter those are
        in `pairs`, to fail there, whose names no other file of their side has, and a file of the other side.
        With a list, files of images that it does not name are in none of the four.
    pattern : str or None
        The pattern that was used.
    pred, target : Source
        The files of each side.
    parts : tuple of mapping
        The files of masks that are made of several, on each side, by the first of them, which stands for all.
    both : Both or None
        What was known before the pattern, of files that are matched by name.
    """

    pairs: tuple[Pair, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    pattern: str | None
    pred: Source = field(repr=False, compare=False)
    target: Source = field(repr=False, compare=False)
    parts: tuple[PartsByPath, PartsByPath] = field(default=({}, {}), repr=False, compare=False)
    both: Both | None = field(default=None, repr=False, compare=False)


def pair(
    pred: SourceLike,
    target: SourceLike,
    pattern: str | None = None,
    *,
    suffixes: frozenset[str] | None = MASK_SUFFIXES,
    images: bool = False,
    shares: bool = False,
    named: bool = False,
    list: ListLike | None = None,
    by_class: bool = False,
    classes: Collection[str] | None = None,
    tasks: bool = False,
    argument: str = "pairing",
) -> Pairing:
    """Find the prediction of every target.

    Parameters
    ----------
    pred, target : path, or list or tuple of paths
        Each side is one of these:

        - a folder: all mask files in it and in the folders below it. A file's name is its path from
          that folder, with ``/`` between folders and without the ending: ``aachen/0001``.
        - a glob pattern such as ``runs/*/masks/**/*.png``, where ``**`` stands for any number of
          folders. Names start after the last folder before the first wildcard.
        - a list of paths. A file's name is that of the file alone, ``0001``, whatever else is in the list;
          beside a folder or pattern it has as many of its folders as a name of the other side. Addresses
          such as ``s3://bucket/0001.png`` are names as they are.
        - a single file or address: a list of one path.

        Two lists are matched by position, everything else by name. Hidden files and folders (with
        a leading dot) are passed over in folders and under ``*``.
    pattern : str, optional
        How names are built, where they differ between the sides. ``{id}`` is what a target shares
        with its prediction, folders included. ``PRED:TARGET`` describes both sides; a pattern with
        a single ``{id}`` describes targets whose predictions are named by the id alone:

        - ``{id}_gtFine_labelIds`` matches the target ``aachen/01_gtFine_labelIds.png`` with the
          prediction ``aachen/01.png``; other files, as ``aachen/01_gtFine_color.png``, are no
          targets then.
        - ``{id}_pred:{id}_gt`` matches ``01_pred.png`` with ``01_gt.png``.
        - ``*`` stands for any text that is not part of the id, as much as possible, and ``*/`` at
          the start for any folders or none: ``*/{id}_gt`` matches ``aachen/01_gt.png`` with
          ``01.png``.
        - ``{class}`` is what differs between the files of one mask, if each class has its own: with
          ``{id}_{class}`` the target ``01`` is made of ``01_cat.png`` and ``01_dog.png``, and with
          ``{class}/{id}:{class}/{id}`` both sides have a folder for each class.
        - An ending is not needed. With one, only files with that ending count: ``{id}.png``.
        - In lists a pattern without a folder is one of file names, and ``gt/{id}`` begins at any folder
          ``gt``.
    suffixes : frozenset of str or None, optional
        File name endings that count as masks in folders and glob patterns, in lower case with their
        dot; None for any file.
    images : bool, optional
        Whether `pred` are the photographs of the targets: other endings count, and messages say images.
    shares : bool, optional
        Whether gray pictures count as predictions, whose values are probabilities.
    named : bool, optional
        Whether the pairs of two lists get their names afterwards: they stay in the order of the lists.
    list : path, or sequence of str, optional
        Names of the only images that count, one a line, or pairs of paths; see :func:`segscore.evaluate`.
    by_class : bool, optional
        Whether masks may be made of several files.
    classes : collection of str, optional
        The names that these may be of, if they are known.
    tasks : bool, optional
        Whether each of these files is a mask of its own, called ``id/class``.
    argument : str, optional
        What messages call the pattern.

    Returns
    -------
    Pairing
        With at least one pair. Targets without a prediction are in ``missing``; `missing_error`
        turns them into an error.

    Raises
    ------
    PairingError
        If a side has no files or two files of one name, no pair matches, lists differ in length, or
        files would be compared with themselves (which only two lists may ask for).
    ArgumentError
        If a side is no path or list of paths, or the pattern is malformed.

    Examples
    --------
    >>> from segscore.io.pairing import pair
    >>> pair(["run/7_pred.png", "run/8_pred.png"], ["gt/7_mask.npy"], "{id}_pred:{id}_mask")
    Pairing(pairs=(Pair(name='7', pred='run/7_pred.png', target='gt/7_mask.npy'),), missing=(), \
extra=('run/8_pred.png',), left_out=(), pattern='{id}_pred:{id}_mask')
    """
    templates: tuple[str | None, str | None] = (None, None)
    if pattern is not None:
        templates = split_pattern(pattern, argument)
    ours = suffixes if suffixes is None or not shares else suffixes | SHARE_SUFFIXES
    found = (
        find_files(IMAGES, pred, IMAGE_SUFFIXES) if images else find_files("pred", pred, ours),
        find_files("target", target, suffixes),
    )
    if pattern is None and all(source.listed for source in found):
        if list is not None:
            raise ArgumentError(
                f"{arg('list')} is given with two lists of paths",
                "it chooses files of folders; leave out of both lists what is not to be scored",
            )
        return _by_position(*found, named=named)

    both = Both(*found, by_class, classes, tasks, argument)
    preds, targets = both.under(templates)
    if list is None:
        pred_index, target_index = preds.index, targets.index
    else:
        picked = chosen(name_list(list), targets.source, targets.ids, preds.source, preds.ids)
        targets.index_among(picked.loose)
        targets = targets.only(picked.last)
        both = both.with_targets(targets)
        target_index = targets.index
        if picked.first is None:
            pred_index = preds.index_among(target_index)
        else:
            preds.index_among(picked.loose_first)
            paired = zip(picked.first, target_index, strict=True)
            pred_index = {name: i for i, name in paired if i is not None}
    names = sorted(target_index)
    common = [(name, pred_index[name], target_index[name]) for name in names if name in pred_index]
    pairs = tuple([Pair(name, preds.source.paths[i], targets.source.paths[j]) for name, i, j in common])
    # One folder may hold both sides.
    used = {path for pair in pairs for path in pair[1:]}
    used |= {part.path for side in (preds, targets) for parts in side.parts.values() for part in parts}
    lone = _chosen(targets.source, targets.lone, used)
    extra = _chosen(preds.source, [name not in target_index for name in preds.ids], used)
    undescribed_ones = undescribed(targets.source, lone, tasks=tasks and bool(targets.parts))
    left_out = (*undescribed_ones, *unread(preds.source), *unread(targets.source))
    pairing = Pairing(
        pairs=pairs,
        missing=tuple([name for name in names if name not in pred_index]),
        extra=extra if list is None else (),
        left_out=left_out if list is None else (),
        pattern=pattern,
        pred=preds.source,
        target=targets.source,
        parts=(preds.parts, targets.parts),
        both=both,
    )
    if not common:
        raise _nothing_matches(pairing, preds.lone.count(False), len(target_index), argument)
    if not (preds.source.listed and targets.source.listed):
        refuse_itself(preds.source, targets.source, common)
    return pairing


def missing_error(pairing: Pairing) -> PairingError:
    """Return the error that lists every target without a prediction; its hint is a pattern that would fit."""
    missing, scored = len(pairing.missing), len(pairing.pairs)
    names = "".join(f"\n  {show(name)}" for name in pairing.missing)
    others = (
        "take them out of the list"
        if _noun(pairing.pred) == "image"  # of a dataset
        else f"score the rest with {arg('on_error', 'skip')}"
    )
    return PairingError(
        f"{missing} of {missing + scored} targets {_have(missing)} no {_noun(pairing.pred)} in "
        f"{pairing.pred.where}:{names}",
        proposal(pairing) or f"add what is missing, or {others}",
    )


def _chosen(source: Source, which: list[bool], used: set[str]) -> tuple[str, ...]:
    """Return the chosen files of a side that are not in use on the other one."""
    found = compress(zip(source.files, source.paths, strict=True), which)
    return tuple(sorted([file for file, path in found if path not in used]))


def _by_position(preds: Source, targets: Source, *, named: bool) -> Pairing:
    if len(preds.files) != len(targets.files):
        raise PairingError(
            "expected two lists of the same length, which are matched by position, "
            f"found {len(preds.files)} in `{preds.role}` and {len(targets.files)} in `target`",
            f"to match lists by name, give a pattern such as {arg('pairing', ID)}",
        )
    if named:
        numbers = map(str, range(len(targets.files)))
        return Pairing(
            tuple(map(Pair, numbers, preds.paths, targets.paths)), (), (), (), None, preds, targets
        )
    index_of(targets, targets.names, None)
    _refuse_other_order(preds, targets)
    pairs = map(Pair, targets.names, preds.paths, targets.paths)
    return Pairing(tuple(sorted(pairs)), (), (), (), None, preds, targets)


def _refuse_other_order(preds: Source, targets: Source) -> None:
    """Raise PairingError for lists whose names tell the same images, in different order."""
    (of_preds, pred), (of_targets, target) = (told_apart(side.names) for side in (preds, targets))
    if of_preds == of_targets:
        return
    ids, other = (list(map(spelling, side)) for side in (of_preds, of_targets))
    if ids == other or sorted(ids) != sorted(other) or len(set(ids)) < len(ids):
        return
    i = next(i for i, name in enumerate(ids) if name != other[i])
    exact = sorted(of_preds) == sorted(of_targets)
    names = exact and pred == target
    raise PairingError(
        f"two lists are matched by position, and these hold the same {'names' if names else 'images'} in "
        "different order: "
        f"at index {i} `{preds.role}` has {show(preds.paths[i])} and `target` {show(targets.paths[i])}",
        f"sort both lists, or match them by name with {arg('pairing', ID if names else f'{pred}:{target}')}"
        if exact and not {*"*:"} & {*pred, *target}
        else "give both lists in the same order",
    )


def _nothing_matches(pairing: Pairing, preds: int, targets: int, argument: str) -> PairingError:
    pattern = pairing.pattern
    what = "name" if pattern is None else f"id under the pattern {show(pattern)}"
    lines = [f"expected {_noun(pairing.pred)}s and targets of the same {what}, found none:"]
    assert pairing.both is not None
    sides = (pairing.both.pred, pairing.both.target)
    for side, number, parts in zip(sides, (preds, targets), pairing.parts, strict=True):
        total = len(side.files)
        files = f"{total} file{'s' * (total != 1)} in {side.where}"
        fit = "" if pattern is None else f", {number} {'masks' if parts else 'of them'} as the pattern says"
        shown = [file.rpartition("/")[2] if side.listed else file for file in sorted(side.files)]
        lines.append(f"  {arg(side.role)}: {files}{fit}: {first([*map(show, shown)], 3)}")
    if pairing.both.tasks and any(pairing.parts):
        described = f"{TASKS}: these are to match on both sides; or give the names of the classes"
    else:
        described = None
    return PairingError(
        "\n".join(lines),
        proposal(pairing, argument)
        or described
        or f"describe the names with {arg(argument)}, for example '{ID}_gtFine_labelIds' for targets "
        f"whose {_noun(pairing.pred)}s are {{id}}, "
        f"or '{{id}}_{pairing.pred.role.removesuffix('s')}:{{id}}_gt'",
    )


def _noun(source: Source) -> str:
    return "image" if source.role == IMAGES else "prediction"


def _have(number: int) -> str:
    return "has" if number == 1 else "have"


def proposal(pairing: Pairing, argument: str = "pairing") -> str | None:
    """Say what would match more targets than the present pairing: a pattern, or other spelling."""
    assert pairing.both is not None
    known = names_used(pairing.parts[0]) | names_used(pairing.parts[1])
    used = {path for row in pairing.pairs for path in row[1:]}
    used |= {part.path for parts in pairing.parts for first in used & parts.keys() for part in parts[first]}
    return proposed(pairing.both, used, len(pairing.pairs), known, argument)
