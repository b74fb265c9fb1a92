"""Which patterns would match more names than the present one does, and how that is said. No file is read."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from segscore.base.naming import arg, said
from segscore.base.wording import show
from segscore.errors import ArgumentError, PairingError
from segscore.io.patterns import ID, candidates, marked, split_pattern, words_of_classes
from segscore.io.sides import IMAGES, Both, Side


def proposed(
    both: Both, used: Collection[str], matched: int, named: Collection[str], argument: str
) -> str | None:
    """Say what would match more targets than the present pattern does: another one, or other spelling.

    `used` are the paths of files that have a partner, `matched` the number of pairs, and `named` the classes
    that the present pattern finds files of.
    """
    names = [
        [name for name, path in zip(source.names, source.paths, strict=True) if path not in used]
        for source in (both.pred, both.target)
    ]
    known = {*(named if both.tasks else both.classes or ())}
    if both.tasks and not named:
        pred, target = map(words_of_classes, names)
        known = pred & target
    in_parts = [
        marked(own, known if both.by_class and source.role != IMAGES else ())
        for own, source in zip(names, (both.pred, both.target), strict=True)
    ]
    best, found = _best(both, candidates(*in_parts), matched, known)
    # Where names of both sides hold classes, these may be those of images.
    doubtful = not named and all(own != every for own, every in zip(in_parts, names, strict=True))
    if in_parts != names and (doubtful or not found):
        most, others = _best(both, candidates(*names), matched, known)
        if both.tasks and found:  # each file is a mask of its own, however it is described
            best, found = (most, others) if most >= best else (best, found)
        else:
            best, found = max(best, most), found | others
    partner = "an image" if both.pred.role == IMAGES else "a prediction"
    spelled = {spelling(name): name for name in reversed(names[0])}
    alike = ((spelled.get(spelling(name), name), name) for name in names[1])
    near = [(pred, name) for pred, name in alike if pred != name]
    if matched + len(near) > best:
        have = "has" if len(near) == 1 else "have"
        return (
            f"{len(near)} of these targets {have} {partner} whose name differs "
            "only in upper and lower case, leading zeros or the encoding of accents, such as "
            f"{show(near[0][0])} for {show(near[0][1])}; rename one side"
        )
    if len(found) == 1:
        ((pattern, counts),) = found.values()
        return f"{arg(argument, pattern)} would match {counts}"
    if found:
        rows = [f"\n  {arg(argument, pattern)}: {counts}" for pattern, counts in found.values()]
        return f"each of these would match more:{''.join(sorted(rows, key=said))}"
    if in_parts != names and not (matched or named):
        sides = ["{id}_{class}" if own != every else ID for own, every in zip(in_parts, names, strict=True)]
        return f"files that are named after classes are described as in {arg(argument, ':'.join(sides))}"
    return None


def _best(
    both: Both, patterns: Sequence[str], least: int, known: Collection[str]
) -> tuple[int, dict[frozenset[tuple[str, str]], tuple[str, str]]]:
    """Return the most pairs of any pattern, and each pattern that finds so many, if these are more than that.

    Of patterns that find the same pairs, the first one counts. Several that find others, and no half of the
    images of either side, are nothing: short numbers within long names agree by chance.
    """
    best = least
    by_chance = True
    found: dict[frozenset[tuple[str, str]], tuple[str, str]] = {}
    for pattern, (preds, targets), (of_pred, of_target) in _tried(both, patterns, known):
        common = frozenset(
            [
                (preds.source.paths[of_pred[name]], targets.source.paths[of_target[name]])
                for name in of_pred.keys() & of_target.keys()
            ]
        )
        if len(common) > best:
            best, found, by_chance = len(common), {}, True
        if len(common) == best > least:
            others = sum(targets.lone)
            fewer = min(len(of_target) + others, len(of_pred) + sum(preds.lone))
            by_chance &= 2 * best < fewer
            counts = f"{best} of {len(of_target)} targets" + (
                f" and leave out {others} other file{'s' * (others != 1)}" if others else ""
            )
            found.setdefault(common, (pattern, counts))
    return (least, {}) if by_chance and len(found) > 1 else (best, found)


def _tried(
    both: Both, patterns: Sequence[str], known: Collection[str]
) -> Iterator[tuple[str, tuple[Side, Side], tuple[dict[str, int], dict[str, int]]]]:
    """Yield each pattern that gives files of a side names of their own, both sides, and where names are."""
    for pattern in patterns:
        try:
            preds, targets = both.under(split_pattern(pattern))
            indices = preds.index, targets.index
        except (ArgumentError, PairingError):
            continue
        if not (both.by_class and any(_tears(side, known) for side in (preds, targets))):
            yield pattern, (preds, targets), indices


def _tears(side: Side, known: Collection[str]) -> bool:
    """Whether a side leaves out some of the files that an image has for its classes."""
    if side.parts:
        return False
    groups = marked(side.source.names, known)
    taken = Counter(group for group, name in zip(groups, side.ids, strict=True) if name is not None)
    return any(1 < number > taken[group] for group, number in Counter(groups).items())


def spelling(name: str) -> str:
    """Return what is the same of names that differ in case, leading zeros or the encoding of accents."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", unicodedata.normalize("NFC", name).casefold())
