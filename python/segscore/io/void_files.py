"""Files that are called void beside masks of the same images: what they hold is no mask of its own.

Where a pattern says which part of a name is that of a class, they are found by it, and are no concern here.
"""

import re
from collections.abc import Iterable, Iterator

from segscore.base.naming import arg
from segscore.base.wording import many, show
from segscore.classes.folding import is_void, may_hold_void
from segscore.errors import PairingError

_WORD = re.compile(r"[^\W_]+")
_MOST_WORDS = 3
"""Words that what void is called may have, as in "don't care"; of names of classes as many are tried."""
_BETWEEN = "_-. /"
"""What stands between the words of names."""


def refuse_void(masks: Iterable[str], others: Iterable[str] = ()) -> None:
    """Raise PairingError if names of masks are what void is called, and those of others differ in that alone.

    `others` are names of masks beside them that are not scored.
    """
    own = {*masks}
    if not may_hold_void("\n".join(own)):
        return
    called = {name: {*_gaps_of_void(name)} for name in own if may_hold_void(name)}
    called = {name: gaps for name, gaps in called.items() if gaps}
    beside = {*own, *others} - {*called}
    taken = _taken({gap for gaps in called.values() for gap in gaps}, beside)
    found = [
        name
        for name, gaps in called.items()
        if not gaps.isdisjoint(taken) or any(_without(*gap) & beside for gap in gaps)
    ]
    if not found:
        return
    rows = "".join(f"\n  {show(name)}" for name in sorted(found))
    raise PairingError(
        f"{arg('target')}: expected a mask for each name, found {many(len(found), 'file')} called as "
        f"void is, beside masks of the same image{'s' * (len(found) != 1)}:{rows}",
        "where each class of an image has a file, describe them with `{class}`, as in "
        f"{arg('pairing', '{id}_{class}')}; else draw void into the masks, with a label of its own that "
        f"{arg('ignore_index')} leaves out, and move these files elsewhere",
    )


def _gaps_of_void(name: str) -> Iterator[tuple[str, str]]:
    """Yield what stands before and after words of a name that are what void is called."""
    for start, ends in _runs(name):
        yield from ((name[:start], name[end:]) for end in ends if is_void(name[start:end]))


def _taken(gaps: set[tuple[str, str]], names: Iterable[str]) -> set[tuple[str, str]]:
    """Return which of these gaps have other words in them in one of the names."""
    befores = {before for before, _ in gaps}
    lengths = {len(before) for before in befores}
    return {
        gap
        for name in names
        if any(name[:length] in befores for length in lengths)
        for start, ends in _runs(name)
        if name[:start] in befores
        for end in ends
        if (gap := (name[:start], name[end:])) in gaps
    }


def _runs(name: str) -> Iterator[tuple[int, list[int]]]:
    """Yield where words that may be a class begin in a name, with all places where they may end."""
    words = [match.span() for match in _WORD.finditer(name)]
    for i, (start, _) in enumerate(words):
        ends = list[int]()
        for _, end in words[i : i + _MOST_WORDS]:
            piece = name[start:end]
            if "/" in piece or any(map(str.isdigit, piece)):
                break
            if start or end < len(name):
                ends.append(end)
        yield start, ends


def _without(before: str, after: str) -> set[str]:
    """Return what names are that have no such words."""
    return {before.rstrip(_BETWEEN) + after, before + after.lstrip(_BETWEEN)} - {""}
