"""Palettes of masks: what the colours behind indices say of labels, beside the indices themselves.

Which indices an image uses is read from its rows. Where classes have colours, and a palette gives the indices
those of other classes, the colours decide: the rows then hold labels that are colours of palettes.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from segscore._core import PairCounts, stack
from segscore.base.values import Ints
from segscore.base.wording import show
from segscore.classes import codes
from segscore.classes.classes import Classes
from segscore.classes.folding import IGNORED, UNKNOWN
from segscore.classes.labels import USUAL_MARKS, Colour, palette_label
from segscore.errors import LabelError
from segscore.io.arrays import Array, pack_colours

Palettes: TypeAlias = tuple[bytes | None, bytes | None]
"""Red, green and blue of each index of a prediction and of its target; None where pixels are no indices."""
Painted: TypeAlias = tuple[str, PairCounts, Palettes]
"""The name of an image, its pair counts as its masks have them, and its palettes."""
Decision: TypeAlias = Mapping[int, int] | LabelError
"""The labels that indices become, none if they stand; or why nobody can know what is meant."""
Decisions: TypeAlias = tuple[Mapping[bytes, Decision], Mapping[bytes, Decision]]
"""What each palette of predictions, and each of targets, is taken for."""

NO_PALETTES: Palettes = (None, None)
Role: TypeAlias = Literal["pred", "target"]
"""Of which side a mask is."""
ROLES: tuple[Role, ...] = ("pred", "target")

PALETTES_HINT = (
    "an index may be another class in each file: save label values as gray PNG, or give the classes their "
    "colours, which decide then"
)
"""What to do about palettes that differ."""
PALETTES_DECIDED = "the colours of palettes, which give indices the colours of other classes"
DECIDED_HINT = (
    "these masks are of one class to what reads colours, and of another one to what reads indices: save "
    "label values as gray PNG"
)
_GRAY = bytes(shade for shade in range(256) for _ in range(3))
_BLACK = (0, 0, 0)
_USUAL = (_BLACK, (255, 255, 255))
"""Colours of many palettes: beside others that no class has, they do not say that a palette is of classes."""
_SHOWN = 3
_MOVED = 2
"""Colours at other indices that tell palettes of two sides apart: one alone, such as black, may be chance."""


def as_meant(classes: Classes, pairs: PairCounts, palettes: Palettes, *, scores: bool) -> PairCounts:
    """Return the pair counts of one image as its palettes and codes mean them.

    It is a LabelError if nobody can know. Predictions of class scores have labels and no codes.
    """
    if palettes != NO_PALETTES and classes.colours:
        pairs = decided(pairs, palettes, decisions(classes, [("", pairs, palettes)]))
    return decoded(classes, pairs, scores=scores)


class Codes(NamedTuple):
    """Values of pixels of which nobody can know whether they are labels or codes."""

    twofold: Mapping[int, int]
    """Ignored values of targets that are of a class by the rule, with one that the rule makes ignored."""
    unsure: Mapping[Role, Sequence[int]]
    """Labels of classes that a division takes for codes."""
    void: Mapping[Role, bool]
    """Whether 255 marks void, and is no code of the class that the rule makes of it."""


def codes_said(classes: Classes, target: Ints, pred: Ints) -> Codes:
    """Return what labels before any rule say of rules, of one image or of all."""
    sides: dict[Role, Ints] = {"target": target, "pred": pred}
    return Codes(
        classes.twofold(target),
        {side: classes.unsure(side, own) for side, own in sides.items()},
        {side: classes.marks_void(side, own) for side, own in sides.items()},
    )


def decoded(classes: Classes, pairs: PairCounts, *, scores: bool, said: Codes | None = None) -> PairCounts:
    """Return the pair counts of an image with the labels of codes; those of class scores have none.

    It is a LabelError if nobody can know of a value whether it is a label: other images `said` which are
    like this, or this one alone does.
    """
    if classes.label_rule is None and (scores or classes.pred_label_rule is None):
        return pairs
    target, pred, pixels = pairs.columns()
    said = codes_said(classes, target, pred) if said is None else said
    for value, other in said.twofold.items():
        if (target == value).any():
            raise codes.twofold(classes, value, other)
    for side, own in (("target", target), *(() if scores else (("pred", pred),))):
        if found := [label for label in said.unsure[side] if (own == label).any()]:
            raise codes.unsure(classes, side, found)
    labels = pred if scores else classes.decoded("pred", pred, void=said.void["pred"])
    return PairCounts.from_columns(
        classes.decoded("target", target, void=said.void["target"]), labels, pixels
    )


def labels_meant(classes: Classes, side: Role, labels: Array, palette: bytes | None) -> Array:
    """Return the labels of one mask as its palette means them; a LabelError if nobody can know."""
    if palette is not None and classes.colours:
        decision = _decision(classes, side, _colours(palette, labels))
        if isinstance(decision, LabelError):
            raise decision
        labels = _mapped(labels, decision).reshape(labels.shape) if decision else labels
    return classes.decoded(side, labels)


def decisions(classes: Classes, images: Sequence[Painted]) -> Decisions:
    """Return what each palette of images is taken for.

    All images that share a palette share its fate: one may use indices alone whose colours are known, and
    another one show that the palette is not that of the classes. Which indices they use is looked for only
    where any colour of the palette is that of another class.
    """
    found: tuple[dict[bytes, Decision], dict[bytes, Decision]] = {}, {}
    for both in dict.fromkeys(palettes for _, _, palettes in images):
        for of, palette in zip(found, both, strict=True):
            if palette is not None:
                of[palette] = {}
    doubtful = {palette for palette in found[0] | found[1] if _may_contradict(classes, palette)}
    if doubtful:
        for of, side, used in zip(found, ROLES, _used(images), strict=True):
            of |= {palette: _decision(classes, side, used[palette]) for palette in of if palette in doubtful}
    return found


def decided(pairs: PairCounts, palettes: Palettes, found: Decisions) -> PairCounts:
    """Return the pair counts of an image after `decisions`, or raise what one of them is.

    Where colours decided, no row holds an index any more.
    """
    pred, target = (
        {} if palette is None else of[palette] for palette, of in zip(palettes, found, strict=True)
    )
    for error in (target, pred):
        if isinstance(error, LabelError):
            raise error
    assert not isinstance(pred, LabelError)
    assert not isinstance(target, LabelError)
    if not pred and not target:
        return pairs
    targets, preds, pixels = pairs.columns()
    return PairCounts.from_columns(_mapped(targets, target), _mapped(preds, pred), pixels)


def _mapped(labels: Array, mapping: Mapping[int, int]) -> Ints:
    values, at = np.unique(labels, return_inverse=True)
    return np.array([mapping.get(value, value) for value in values.tolist()], dtype=np.int64)[at]


def _used(images: Sequence[Painted]) -> tuple[dict[bytes, dict[int, Colour]], dict[bytes, dict[int, Colour]]]:
    """Return the indices that are used of each palette of predictions and of targets, with their colours."""
    offsets, targets, preds, _ = stack([pairs for _, pairs, _ in images])
    lengths = np.diff(offsets)
    pred, target = (
        _used_on([palettes[side] for _, _, palettes in images], lengths, labels)
        for side, labels in enumerate((preds, targets))
    )
    return pred, target


def _used_on(palettes: Sequence[bytes | None], lengths: Ints, labels: Ints) -> dict[bytes, dict[int, Colour]]:
    """Return the indices that are used of each palette of one side; `lengths` are the rows of each image."""
    number: dict[bytes, int] = {}
    of_image = [-1 if palette is None else number.setdefault(palette, len(number)) for palette in palettes]
    sizes = np.array([*(len(palette) // 3 for palette in number), 0])  # the last is that of no palette
    starts = np.cumsum(sizes) - sizes
    at = np.repeat(np.array(of_image, dtype=np.int64), lengths)
    there = (labels >= 0) & (labels < sizes[at])
    seen = np.zeros(starts[-1], dtype=np.bool_)
    seen[starts[at[there]] + labels[there]] = True
    return {
        palette: _colours(palette, np.flatnonzero(seen[starts[i] : starts[i + 1]]))
        for palette, i in number.items()
    }


def _colours(palette: bytes, labels: Array) -> dict[int, Colour]:
    """Return the colours of the indices among labels; none where each index is its own shade of gray."""
    if len(palette) > 3 and palette == _GRAY[: len(palette)]:
        return {}
    there = np.unique(labels[(labels >= 0) & (labels < len(palette) // 3)]).tolist()
    return {i: (palette[3 * i], palette[3 * i + 1], palette[3 * i + 2]) for i in there}


@lru_cache(256)
def _may_contradict(classes: Classes, palette: bytes) -> bool:
    """Whether any colour of a palette is that of another class than its index, on either side."""
    colours = pack_colours(np.frombuffer(palette, dtype=np.uint8).reshape(-1, 3))
    indices = np.arange(len(colours))
    by_index = classes.fold(classes.decoded("target", indices), classes.decoded("pred", indices))
    by_colour = classes.fold(colours, colours)
    known = by_colour[0] != UNKNOWN
    return any((known & (one != other)).any() for one, other in zip(by_index, by_colour, strict=True))


def _decision(classes: Classes, side: Role, used: Mapping[int, Colour]) -> Decision:
    """Return the labels that indices become: their colours, if any of these is that of another class."""
    indices = np.array(list(used), dtype=np.int64)
    painted = {index: palette_label(colour) for index, colour in used.items()}
    colours = np.array(list(painted.values()), dtype=np.int64)
    column = 1 if side == "pred" else 0
    by_index, by_colour = (
        classes.fold(labels, labels)[column] for labels in (classes.decoded(side, indices), colours)
    )
    coloured = classes.label_of_colour
    known = np.array([colour in coloured for colour in used.values()], dtype=np.bool_)
    wrong = known & (by_index != by_colour)
    if not wrong.any():
        return {}
    if known.all():
        return painted
    if all(colour in _USUAL for colour, one in zip(used.values(), wrong.tolist(), strict=True) if one):
        return {}
    said = [
        f"index {index} is {_called(classes, one)}, its colour {colour} is "
        + (_called(classes, other) if is_known else "that of no class")
        for index, colour, one, other, is_known in zip(
            used, used.values(), by_index.tolist(), by_colour.tolist(), known.tolist(), strict=True
        )
    ]
    shown = [said[i] for which in (wrong, ~known) for i in np.flatnonzero(which)[:_SHOWN].tolist()]
    return LabelError(
        f"`{side}` has a palette that contradicts the classes, and is known in part: {'; '.join(shown)}",
        "where the colours are right, give each class its colour; where the indices are, save labels as gray "
        "PNG, or take classes without colours",
    )


def _called(classes: Classes, index: int) -> str:
    if 0 <= index < len(classes):
        return f"`{classes.names[index]}`"
    return "ignored" if index == IGNORED else "no class"


def differing(images: Sequence[Painted], classes: Classes | None, *, alone: bool = False) -> str:
    """Return the sentence that says how palettes differ between images, or between both sides; else nothing.

    Of one side no index may have two colours. Both sides may be coloured by different tools, but not with the
    same colours at other indices; and black, that of the background, is not another one on one side alone,
    where classes have no colours. `alone` says that there are targets only.
    """
    every = {palette for _, _, palettes in images for palette in palettes if palette is not None}
    ordered = (classes is None or not classes.colours) and any(map(_has_black_later, every))
    if len(every) < 2 and not ordered:
        return ""
    by_side = _used(images)
    for i, of in reversed(list(enumerate(by_side))):  # a dataset has targets alone
        seen: dict[int, tuple[Colour, bytes]] = {}
        for palette, used in of.items():
            for index, colour in used.items():
                other, its = seen.setdefault(index, (colour, palette))
                if other != colour:
                    places = [_first(images, i, index, one) for one in (its, palette)]
                    return (
                        f"the palettes of `{ROLES[i]}` differ: index {index} has the colour {other} in "
                        f"{show(places[0])} and {colour} in {show(places[1])}"
                    )
    pred, target = ({colour: i for used in of.values() for i, colour in used.items()} for of in by_side)
    moved = sorted(colour for colour in pred.keys() & target.keys() if pred[colour] != target[colour])
    if len(moved) >= _MOVED:
        colour = moved[0]
        return (
            f"the palettes of `pred` and `target` differ: the colour {colour} is index {pred[colour]} of "
            f"`pred` and {target[colour]} of `target`"
        )
    return _black_moved(classes, pred, target, alone=alone) if ordered else ""


def _has_black_later(palette: bytes) -> bool:
    """Whether black is a colour of a palette, and not the first one."""
    return any(palette[:3]) and any(not any(palette[i : i + 3]) for i in range(3, len(palette), 3))


def _black_moved(
    classes: Classes | None, pred: Mapping[Colour, int], target: Mapping[Colour, int], *, alone: bool
) -> str:
    """Return the sentence that black is another class than 0 on one side alone; void may be black."""
    void = USUAL_MARKS if classes is None else {*USUAL_MARKS, *classes.all_ignored}
    at = {side: own.get(_BLACK) for side, own in zip(ROLES, (pred, target), strict=True)}
    if at["pred"] == at["target"] and not alone:
        return ""
    for side, own in reversed([*zip(ROLES, (pred, target), strict=True)]):
        index, of_0 = at[side], next((colour for colour, i in own.items() if i == 0), None)
        if index and index not in void and of_0 is not None:
            return (
                f"the palettes of `{side}` look like those of a picture program, whose order means nothing: "
                f"black, the usual background, is index {index}, and index 0 is the colour {of_0}"
            )
    return ""


def told_colours(images: Sequence[Painted]) -> dict[int, tuple[Colour, ...]]:
    """Return the colours of the indices of targets: each is of the index that has it first, and of one alone.

    A colour that two indices of one palette have tells neither.
    """
    palettes = _used(images)[1].values()
    shared = {colour for used in palettes for colour, n in Counter(used.values()).items() if n > 1}
    owner: dict[Colour, int] = {}
    for used in palettes:
        for index, colour in used.items():
            owner.setdefault(colour, index)
    found: dict[int, tuple[Colour, ...]] = {}
    for colour, index in owner.items():
        if colour not in shared:
            found[index] = (*found.get(index, ()), colour)
    return found


def _first(images: Sequence[Painted], side: int, index: int, palette: bytes) -> str:
    """Return the first image that uses an index of a palette."""
    return next(
        name
        for name, pairs, palettes in images
        if palettes[side] == palette and index in pairs.columns()[1 - side]
    )
