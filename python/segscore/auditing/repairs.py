"""Rules that try a repair on the counts: other ids, labels shifted by one, classes in another order.

A repair is suspected only if it raises scores by far more than chance or a poor model can.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from math import sqrt, tanh
from typing import Any

import numpy as np
import numpy.typing as npt

from segscore.auditing.results import Evidence, Finding
from segscore.auditing.seen import Seen
from segscore.base.naming import arg
from segscore.base.values import Ints
from segscore.classes import presets
from segscore.classes.causes import BINARY, factor_of
from segscore.classes.classes import load
from segscore.classes.labels import FOREGROUND, NO_FILE, USUAL_MARKS, as_given, colour_labels
from segscore.counts.palettes import Role
from segscore.scores.assignment import best_assignment
from segscore.scores.scores import Scores

IMAGES = 5
"""Images that a suspicion of one or two classes needs: an untrained model takes one class for another in a
few images by chance, and the same way in all of them only if the labels are at fault."""
PIXELS = 1_000
"""Target pixels that a class needs to be counted among those that rise."""
RISE = 0.2
"""How far the IoU of a class must rise. Random predictions of two classes or more stay within half of it."""
REACHED = 0.25
"""IoU that a class must reach: a repair that is right makes the class usable."""
CLASSES, CLASSES_BROUGHT_IN = 3, 1
"""Classes that must rise by other ids: a constant prediction that is renamed raises one, two halves of an
image two. One is enough where the repair turns labels that are no class into classes, as something is wrong
with these anyway."""
INVERTED, INVERTED_IMAGES = 0.5, 10
"""IoU that both classes must reach, and images, where there are two classes only, so that no other class can
vouch for the model: one that learned nothing and parts images at some height is right or wrong as a whole."""
FOLLOWS = 0.7
"""Correlation over the images of how much of a class there is and how much of the other is predicted, which
two classes need besides: a model that parts all images at one height does not follow what they hold. By
chance 10 images reach it once in 80 times, 20 images once in 3,000."""
FOLLOWING = 5
"""Images with both classes that are enough where both reach more, and follow by more than chance."""
_INVERTED_IN_FEW = 0.75
"""IoU that both classes must reach then."""
_BEYOND_CHANCE = 3.9
"""Standard deviations of the correlation, as R. A. Fisher transforms it (Metron 1 (1921)): chance comes to so
many in 5 to 9 images once in 2,000 times or less."""
GAIN = 0.1
"""How far mean IoU must rise. Weak models have a mean IoU of 0.3, and about 0.02 with shifted labels."""
FEW = 3
"""Classes in other places that vouch for each other in fewer images than these."""
ACCURATE = 0.5
"""Share of pixels that must be right in fewer images, and twice as many as are so without the repair."""
ASSIGNED = 300
"""Most classes that are assigned, those with the most target pixels: time grows with the third power."""
_TIE = 1e-9
"""What decides for a class in its own place where others are as good."""
SHOWN_CLASSES = 6
SHOWN = 30
"""Label values that a hint writes out at most."""
ORDERS = frozenset({"other-order", "swapped-classes", "inverted"})
"""Kinds of findings that say of classes that others stand in their places."""
VALUES = 10
"""Label values that tell other ids of targets by themselves."""


@dataclass(frozen=True)
class Repair:
    """Label values of one side, as they are and as they should be."""

    kind: str
    side: Role
    mapping: Mapping[int, int]
    message: str
    hint: str


def renumbered(seen: Seen) -> Finding | None:
    """Return the warning of other label values, or of another order, whichever explains more."""
    # Other ids exchange classes as well, and classes in another order are often shifted but for one.
    return max([*_other_ids(seen), *_rearranged(seen)], key=_reached, default=None)


def _reached(finding: Finding) -> float:
    repaired = finding.evidence.get("repaired_mean_iou", np.inf)
    assert isinstance(repaired, float)
    return repaired


def _other_ids(seen: Seen) -> Iterator[Finding]:
    """Yield a warning where one side has label values of another space, is shifted by one, or scaled."""
    sides: tuple[Role, ...] = ("target", "pred") if seen.unknown.any() else ("pred",)
    for side in sides:
        tried = [(repair, seen.relabelled(side, repair.mapping)) for repair in _candidates(seen, side)]
        values = set(seen.side(side).tolist())
        good = [
            (repair, scores)
            for repair, scores in tried
            if _is_better(seen, side, scores, whole=values == repair.mapping.keys())
        ]
        if good:
            repair, scores = max(good, key=lambda one: one[1].mean_iou)
            evidence = _evidence(seen, side) | {"repaired_mean_iou": scores.mean_iou}
            yield Finding(repair.kind, repair.message, evidence, repair.hint)
            return
    if len(seen.names) >= IMAGES:
        yield from _fitting_targets(seen)


def _evidence(seen: Seen, side: Role) -> dict[str, Evidence]:
    return {
        "values": tuple(np.unique(seen.side(side)).tolist()),
        "pixels": int(seen.rows[2].sum()),
        "images": len(seen.names),
        "mean_iou": seen.scores.mean_iou,
    }


def _candidates(seen: Seen, side: Role) -> Iterator[Repair]:
    labels = seen.classes.all_labels if side == "target" else seen.classes.all_pred_labels
    every = {label: own[0] for own in labels for label in own}
    strange = bool((seen.unknown if side == "target" else seen.missed).any())
    which = "targets" if side == "target" else "predictions"
    for name, hint, other in _spaces(seen, side, named=strange):
        if other != labels:
            mapping = {one: own[0] for ones, own in zip(other, labels, strict=True) for one in ones}
            yield Repair("other-ids", side, mapping, f"the {which} look like {name}", hint)
    values = set(seen.side(side).tolist()) - {*seen.classes.all_ignored, NO_FILE}
    for kind, how, others, do in _changes(list(every), values):
        rest = iter(others)
        regrouped = tuple(tuple(next(rest) for _ in own) for own in labels)
        given = _or_given(seen, regrouped) if side == "pred" else ", or give the classes these label values"
        mapping = dict(zip(others, every.values(), strict=True))
        yield Repair(
            kind,
            side,
            mapping,
            f"the {which} look {how}",
            f"{do.format(f'the labels of the {which}')}{given}",
        )


def _changes(labels: Sequence[int], values: Set[int]) -> Iterator[tuple[str, str, list[int], str]]:
    """Yield what may have happened to the labels of classes: kind, words, labels afterwards, what to do.

    `values` are those that masks hold, beside ignored ones.
    """
    yield "shifted", "shifted up by one", [label + 1 for label in labels], "subtract 1 from {}"
    # In masks of bytes, 0 - 1 is 255, which is often ignored; beside 0 alone it is the foreground.
    in_bytes = min(labels) == 0 and -1 not in values and FOREGROUND not in labels and len(labels) > BINARY
    down = [FOREGROUND if in_bytes and label == 0 else label - 1 for label in labels]
    yield "shifted", "shifted down by one", down, "add 1 to {}"
    factor = factor_of(values, labels)
    if factor > 1:
        yield (
            "scaled",
            f"multiplied by {factor}",
            [factor * label for label in labels],
            f"divide {{}} by {factor}",
        )
    cut = [label % 256 for label in labels]
    if max(labels) > FOREGROUND and len(set(cut)) == len(cut):
        yield "other-ids", "cut to 8 bits", cut, "write {} with 16 bits"


def _or_given(seen: Seen, labels: tuple[tuple[int, ...], ...]) -> str:
    """Return the end of a hint that gives the label values of predictions, where they can be read."""
    coded = seen.classes.pred_label_rule is not None  # which no list of labels says
    return f", or {arg('pred_classes', as_given(labels))}" if len(labels) <= SHOWN and not coded else ""


def _spaces(seen: Seen, side: Role, *, named: bool) -> Iterator[tuple[str, str, tuple[tuple[int, ...], ...]]]:
    """Yield other label values of the same classes: what they are called, the hint, and the values."""
    classes, count = seen.classes, len(seen.classes)

    def hint(pred: str | int | list[Any], target: str) -> str:
        return arg("pred_classes", pred) if side == "pred" else f"score with {target}"

    own = "classes that have the label values of the targets"
    for space in classes.prediction_spaces:
        yield f"the prediction space `{space.name}`", hint(space.name, own), space.all_labels
    if side == "pred" and classes.pred_labels is not None:
        yield "label values of targets", f"leave {arg('pred_classes')} out", classes.all_labels
    if named:
        for name in presets.names():
            preset = load(name)
            if set(preset.names) == set(classes.names):
                labels = classes.with_predictions(preset).all_pred_labels
                given: str | list[Any] = name
            else:
                labels, given = preset.all_labels, as_given(preset.all_labels)
            if len(preset) == count:
                yield f'label values of the preset "{name}"', hint(given, arg("classes", name)), labels
    yield f"labels 0 to {count - 1}", hint(count, own), tuple((i,) for i in range(count))


def _is_better(seen: Seen, side: Role, after: Scores, *, whole: bool) -> bool:
    """Whether a repair raises enough classes, by enough, for chance to be ruled out.

    `whole` says that the labels seen are those that it expects, all of them and no others.
    """
    before = seen.scores
    old, new = np.nan_to_num(before.iou), np.nan_to_num(after.iou)
    rises = (after.target >= PIXELS) & (new - old >= RISE) & (new >= REACHED)
    if side == "target":
        brought_in = after.pixels > before.pixels
    else:
        brought_in = 2 * int(after.missed.sum()) < int(before.missed.sum())
    gain = np.nan_to_num(after.mean_iou) - np.nan_to_num(before.mean_iou)
    if brought_in and whole:
        return bool(gain > 0)  # every label is explained, and some were no class
    few = len(seen.names) < IMAGES
    if few and not _is_far_better(seen, after):
        return False
    enough = CLASSES_BROUGHT_IN if brought_in and not few else CLASSES
    return bool(rises.sum() >= enough and gain >= GAIN)


def _fitting_targets(seen: Seen) -> Iterator[Finding]:
    """Yield a warning where all target values are those of another space, and few of them are classes."""
    classes = seen.classes
    values = set(seen.rows[0].tolist()) - USUAL_MARKS
    usual = values & classes.class_of.keys()
    for space in classes.prediction_spaces:
        its = {label for own in space.all_labels for label in own}
        if len(values) >= VALUES and values <= its and 2 * len(usual) < len(values):
            yield Finding(
                "other-ids",
                f"the targets look like the prediction space `{space.name}`: "
                f"only {len(usual)} of their {len(values)} label values are classes",
                _evidence(seen, "target"),
                "score with classes that have the label values of the targets",
            )


def _rearranged(seen: Seen) -> Iterator[Finding]:
    """Yield a warning where classes are predicted in place of others: the best assignment of all of them."""
    scores = seen.scores
    chosen = np.flatnonzero(scores.present)
    chosen = np.sort(chosen[np.argsort(-scores.target[chosen], kind="stable")[:ASSIGNED]])
    iou = _crossed(seen, chosen)
    own, frequent = np.diagonal(iou), scores.target[chosen] >= PIXELS
    likely = (iou >= REACHED) & (iou - own[:, None] >= RISE)
    if not likely[frequent].any():
        return
    best = best_assignment(iou + np.eye(len(iou)) * _TIE)
    rising = likely[np.arange(len(best)), best]
    order = np.arange(len(seen.classes))
    order[chosen[rising]] = taken = chosen[best[rising]]
    # Classes that tell nothing keep their place where it is free.
    order[np.setdiff1d(taken, chosen[rising])] = np.setdiff1d(chosen[rising], taken)
    # Rare classes are told, but tell nothing themselves.
    moved = np.flatnonzero(rising & frequent)
    reached, others = iou[moved, best[moved]], np.delete(own, moved)[np.delete(frequent, moved)]
    if len(moved) >= 2 and _is_sure(seen, chosen[moved], order, reached, others):
        yield _rearrangement(seen, np.flatnonzero(order != np.arange(len(order))), order)


def _crossed(seen: Seen, chosen: Ints) -> npt.NDArray[np.float64]:
    """Return the IoU that each of some classes, as targets, would have with each of them as predicted."""
    target, pred = seen.folded
    place = np.full(len(seen.classes) + 1, -1)
    place[chosen] = np.arange(len(chosen))
    rows = (target >= 0) & (place[target] >= 0) & (place[pred] >= 0)
    both = np.zeros((len(chosen), len(chosen)))
    np.add.at(both, (place[target[rows]], place[pred[rows]]), seen.rows[2][rows])
    # In floats, as two sums may be beyond 64 bits together.
    target_pixels, pred_pixels = (
        side[chosen].astype(float) for side in (seen.scores.target, seen.scores.pred)
    )
    either = target_pixels[:, None] + pred_pixels[None, :] - both
    return np.asarray(both / np.maximum(either, 1))


def _is_sure(
    seen: Seen,
    moved: Ints,
    order: Ints,
    reached: npt.NDArray[np.float64],
    others: npt.NDArray[np.float64],
) -> bool:
    """Whether so many classes are so good in other places that a model which learned nothing is ruled out."""
    target, pred = seen.folded
    rows = np.isin(target, moved) & (pred < len(order)) & (pred == order[np.maximum(target, 0)])
    images = len(seen.images_with(rows))
    if len(moved) < FEW and set(moved.tolist()) != set(order[moved].tolist()):
        return False  # A class that gives way to two others does not vouch for the model.
    if len(moved) < FEW and not len(others):
        # Nothing else vouches for the model.
        least = INVERTED if images >= INVERTED_IMAGES else _INVERTED_IN_FEW
        return bool(reached.min() >= least) and _follows(seen, images, *moved.tolist())
    if images >= IMAGES:
        # A model that takes two classes for each other, and gets the others right, has learned all of them.
        return bool(np.mean(others if len(moved) < FEW else [*others, *reached]) >= REACHED)
    return len(moved) >= FEW and _is_far_better(seen, seen.relabelled("pred", _mapping(seen, order)))


def _is_far_better(seen: Seen, after: Scores) -> bool:
    """Whether a repair is beyond doubt in fewer images than a suspicion needs otherwise."""
    before = np.nan_to_num(seen.scores.pixel_accuracy)
    return bool(after.pixel_accuracy >= max(ACCURATE, 2 * before))


def _follows(seen: Seen, images: int, i: int, j: int) -> bool:
    """Whether images with more targets of class i have more predictions of class j; few images, much more."""
    parts = [(target[:, i], pred[:, j], target[:, j]) for _, target, pred in seen.cells.blocks()]
    *amounts, others = np.array([np.concatenate(side) for side in zip(*parts, strict=True)], dtype=float)
    least = FOLLOWS
    if images < INVERTED_IMAGES:
        both = (amounts[0] > 0) & (others > 0)
        if both.sum() < FOLLOWING:
            return False
        least = tanh(_BEYOND_CHANCE / sqrt(both.sum() - 3))
        amounts = [amount[both] for amount in amounts]
    spread = np.std(amounts, axis=1)
    if not spread.all():
        return False
    products = np.prod(amounts - np.mean(amounts, axis=1, keepdims=True), axis=0)
    return bool(products.mean() / spread.prod() >= least)


def _mapping(seen: Seen, order: Ints) -> dict[int, int]:
    """Return the predicted values as they should be, where class `order[i]` is predicted for class i."""
    classes = seen.classes
    labels, own = classes.all_pred_labels, classes.all_labels
    mapping: dict[int, int] = {}
    for i, k in enumerate(order.tolist()):
        colours = [one for label in own[k] for one in classes.all_colours.get(label, ())]
        its = (*labels[k], *(label for one in colours for label in colour_labels(one)))
        mapping |= dict.fromkeys(its, labels[i][0])
    return mapping


def _rearrangement(seen: Seen, moved: Ints, order: Ints) -> Finding:
    names, labels = seen.classes.names, as_given(seen.classes.all_pred_labels)
    target, pred = seen.folded
    evidence = seen.evidence("pred", np.isin(target, moved) & np.isin(pred, moved) & (target != pred))
    evidence["repaired_mean_iou"] = seen.relabelled("pred", _mapping(seen, order)).mean_iou
    own = seen.classes.all_pred_labels
    shown = _or_given(seen, tuple(own[k] for k in order.tolist()))
    if len(moved) > 2:
        stand = [f"`{names[order[i]]}` for `{names[i]}`" for i in moved.tolist()]
        more = f" and {len(stand) - SHOWN_CLASSES:,} more" if len(stand) > SHOWN_CLASSES else ""
        return Finding(
            "other-order",
            f"the predictions look numbered in another order: {', '.join(stand[:SHOWN_CLASSES])}{more}",
            evidence,
            f"give the classes the numbers of the model's channels{shown}",
        )
    i, j = moved.tolist()
    exchange = f"exchange {labels[i]} and {labels[j]} in the predictions"
    if len(names) == 2:
        return Finding(
            "inverted",
            f"the predictions look inverted: `{names[0]}` is where `{names[1]}` should be",
            evidence,
            f"{exchange}{shown}",
        )
    return Finding(
        "swapped-classes",
        f"`{names[i]}` and `{names[j]}` look swapped in the predictions",
        evidence,
        f"{exchange}{shown}",
    )
