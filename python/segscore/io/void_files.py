"""Files that are called void beside masks of the same images: what they hold is no mask of its own.

Where a pattern says which part of a name is that of a class, they are found by it, and are no concern here.
"""

import re
from collections.abc import Iterable, Iterator

from segscore.base.naming import arg
from segscore.base.wording import many, show
from segscore.classes.folding import is_void
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
    gaps = {name: [*_gaps(name, void=True)] for name in masks}
    called = {name: own for name, own in gaps.items() if own}
    if not called:
        return
    beside = {*gaps, *others} - {*called}
    taken = {gap for name in beside for gap in _gaps(name, void=False)}
    found = [
        name for name, own in called.items() if any(gap in taken or _without(*gap) & beside for gap in own)
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


def _gaps(name: str, *, void: bool) -> Iterator[tuple[str, str]]:
    """Yield what stands before and after words that may be a class, or are what void is called."""
    words = [match.span() for match in _WORD.finditer(name)]
    for i, (start, _) in enumerate(words):
        for _, end in words[i : i + _MOST_WORDS]:
            piece = name[start:end]
            if "/" in piece or any(map(str.isdigit, piece)):
                break
            gap = name[:start], name[end:]
            if any(gap) and (not void or is_void(piece)):
                yield gap


def _without(before: str, after: str) -> set[str]:
    """Return what names are that have no such words."""
    return {before.rstrip(_BETWEEN) + after, before + after.lstrip(_BETWEEN)} - {""}
