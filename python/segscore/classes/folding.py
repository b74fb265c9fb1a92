"""What each label value means, of classes that are defined: look-ups of labels, colours and codes.

Raw label values become indices of classes, by a table where they are small and by a search where not.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np

from segscore.base.values import Bools, Frozen, Ints, lazy, readonly
from segscore.classes.labels import Colour, colour_labels
from segscore.classes.rules import rule_of

IGNORED = -1
"""Index that :meth:`Folding.fold` gives to an ignored target."""
UNKNOWN = -2
"""Index that :meth:`Folding.fold` gives to a target that is neither class nor ignored."""

_BACKGROUND = ("background", "bg")
_VOID = {
    *(
        "void",
        "voidlabel",
        "unlabeled",
        "unlabelled",
        "notlabeled",
        "notlabelled",
        "unannotated",
        "notannotated",
    ),
    *("ignore", "ignored", "ignorelabel", "dontcare", "donotcare"),
}
"""Names of what is no class, without what parts words. A background is one, "other" and "unknown" may be."""
_BETWEEN_WORDS = " _'\u2019-"
_MARK, _GAP = 255, 50
"""What marks void in files of bytes, unless another code of the class that a rule makes of it is this close:
codes of one class are counted."""
_UNNAMED = "0"
"""The first of classes that have no names."""
_SMALL = 1 << 16
"""Labels that are nearer to 0 are looked up in a table of all between them."""


def is_background(name: str) -> bool:
    """Whether a class is called as that of all other pixels is."""
    return name.casefold() in _BACKGROUND


def may_be_background(name: str) -> bool:
    """Whether a class is called so, or is the first one of classes without names."""
    return is_background(name) or name == _UNNAMED


def is_void(name: str) -> bool:
    """Whether a table or a file is called as what nobody calls a class.

    Examples
    --------
    >>> is_void("__ignore__"), is_void("Don't care"), is_void("background")
    (True, True, False)
    """
    return _in_one_word(name) in _VOID


def may_hold_void(text: str) -> bool:
    """Whether what void is called may stand somewhere in a text, of many names as soon as of one.

    Examples
    --------
    >>> may_hold_void("frame_07_Dont-Care.png"), may_hold_void("frame_07_road.png")
    (True, False)
    """
    found = _in_one_word(text)
    return any(word in found for word in _VOID)


def _in_one_word(text: str) -> str:
    for gap in _BETWEEN_WORDS:
        text = text.replace(gap, "")
    return text.casefold()


class Folding(Frozen):
    """Base of classes: all that is looked up in the fields that define them."""

    names: tuple[str, ...]
    labels: tuple[int, ...]
    further_labels: tuple[tuple[int, ...], ...]
    ignore: tuple[int, ...]
    not_in_mean: tuple[int, ...]
    colours: Mapping[int, Colour]
    further_colours: Mapping[int, tuple[Colour, ...]]
    pred_labels: tuple[int, ...] | None
    further_pred_labels: tuple[tuple[int, ...], ...]
    ignored_class_labels: tuple[int, ...]
    label_rule: str | None
    pred_label_rule: str | None

    def __len__(self) -> int:
        """Return the number of classes, K."""
        return len(self.names)

    @property
    def background(self) -> int | None:
        """Index of the background of a binary task: two classes, one of them named so; else None."""
        if len(self) != 2:
            return None
        found = [i for i, name in enumerate(self.names) if is_background(name)]
        return found[0] if len(found) == 1 else None

    @property
    def all_labels(self) -> tuple[tuple[int, ...], ...]:
        """The label values of each class."""
        return _together(self.labels, self.further_labels)

    @property
    def all_pred_labels(self) -> tuple[tuple[int, ...], ...]:
        """The label values of each class in predictions."""
        if self.pred_labels is None:
            return self.all_labels
        return _together(self.pred_labels, self.further_pred_labels)

    @lazy
    def class_of(self) -> dict[int, int]:
        """Index of the class of each label value, ignored classes included."""
        if not self.further_labels:
            return {label: i for i, label in enumerate(self.labels)}
        return {label: i for i, own in enumerate(self.all_labels) for label in own}

    @property
    def all_colours(self) -> dict[int, tuple[Colour, ...]]:
        """The colours of each label value that has any."""
        return {label: (one, *self.further_colours.get(label, ())) for label, one in self.colours.items()}

    @property
    def label_of_colour(self) -> dict[Colour, int]:
        """The label value of each colour."""
        return {colour: label for label, own in self.all_colours.items() for colour in own}

    @lazy
    def in_colours(self) -> bool:
        """Whether pixels in colours mean something."""
        return bool(self.colours) or self.has_coloured_codes("target") or self.has_coloured_codes("pred")

    def has_coloured_codes(self, side: Literal["target", "pred"]) -> bool:
        """Whether colours are codes, of which a rule makes labels."""
        rule = self.label_rule if side == "target" else self.pred_label_rule
        return rule is not None and rule_of(rule).of_colours

    @lazy
    def ignored_classes(self) -> Bools:
        """bool (K,): classes whose label is ignored; they have no row and are NaN."""
        return readonly(self._with_label(self.ignored_class_labels))

    @lazy
    def in_mean(self) -> Bools:
        """bool (K,): classes that means take in, where they are present."""
        return readonly(~self._with_label((*self.not_in_mean, *self.ignored_class_labels)))

    def _with_label(self, labels: tuple[int, ...]) -> Bools:
        """Return which classes have one of these as their first label value, bool (K,)."""
        chosen = frozenset(labels)
        return np.array([label in chosen for label in self.labels], dtype=np.bool_)

    @lazy
    def all_ignored(self) -> tuple[int, ...]:
        """Every ignored label value, those that would be classes included."""
        if not self.ignored_class_labels:
            return self.ignore
        ignored = self.ignored_classes
        return tuple(sorted({*self.ignore, *(label for label, i in self.class_of.items() if ignored[i])}))

    @lazy
    def marked_class(self) -> int | None:
        """Index of the class that has 255 as one label beside others far from it, and not 0; else None.

        In masks of two kinds, of 0 and 1 and of 0 and 255, it is that; a rule of codes is asked about 255.
        """
        found = self.class_of.get(_MARK)
        if found is None or self.label_rule is not None or _MARK in self.all_ignored:
            return None
        others = {*self.all_labels[found]} - {_MARK}
        return found if others and all(label != 0 and _MARK - label > _GAP for label in others) else None

    def decoded(self, side: Literal["target", "pred"], labels: Ints, *, void: bool | None = None) -> Ints:
        """Return the labels of codes, by the rule of one side; without one, labels are what they are.

        A value that is ignored is no code. One whose label is neither class nor ignored stays what it is, so
        that whoever is told of it finds it in the mask; unless that is a label, too. So does 255 where it
        marks `void`, which these labels tell if it is not known, as `marks_void` does.
        """
        text = self.label_rule if side == "target" else self.pred_label_rule
        if text is None:
            return labels
        marks, known = self._void_and_known[side]
        found = rule_of(text)(labels)
        itself = np.isin(labels, known)
        as_it_is = np.isin(labels, marks) | ~(np.isin(found, known) | itself)
        if self.marks_void(side, labels) if void is None else void:
            as_it_is |= (labels == _MARK) & ~itself
        return np.where(as_it_is, labels, found)

    def marks_void(self, side: Literal["target", "pred"], labels: Ints) -> bool:
        """Whether 255 marks void by itself, among values of which a rule would make it a class.

        It does where no other value of that class is near: it is no code of whatever a division makes of it.
        """
        text = self.label_rule if side == "target" else self.pred_label_rule
        if text is None:
            return False
        rule = rule_of(text)
        (after,) = rule(np.array([_MARK])).tolist()
        if after in (_MARK, *self.all_ignored):
            return False
        others = labels[(rule(labels) == after) & (labels != _MARK)]
        return not (np.abs(others - _MARK) <= _GAP).any()

    @lazy
    def _void_and_known(self) -> dict[str, tuple[Ints, Ints]]:
        """Of each side, the values that are void before any rule, and the labels after it that are known."""
        found = {}
        for side, own in (("target", self.all_labels), ("pred", self.all_pred_labels)):
            labels = {label for of_class in own for label in of_class}
            values = set(self.ignore) - labels, {*self.ignore, *labels}
            marks, known = (np.array(sorted(every), dtype=np.int64) for every in values)
            found[side] = marks, known
        return found

    def twofold(self, labels: Ints) -> dict[int, int]:
        """Return ignored values of which the rule of targets makes a class, where others become the same.

        `labels` are values before the rule. With each found comes another one that the rule makes it.
        """
        if self.label_rule is None:
            return {}
        marks, known = self._void_and_known["target"]
        values = np.unique(labels)
        after = rule_of(self.label_rule)(values)
        is_mark = np.isin(values, marks)
        becoming = dict(zip(after[~is_mark][::-1].tolist(), values[~is_mark][::-1].tolist(), strict=True))
        doubtful = is_mark & np.isin(after, known) & ~np.isin(after, marks)
        return {mark: becoming[mark] for mark in values[doubtful].tolist() if mark in becoming}

    def unsure(self, side: Literal["target", "pred"], labels: Ints) -> list[int]:
        """Return labels of classes of which a mere division makes another one, as if they were codes.

        `labels` are values before the rule. That others become these labels does not make them codes: a
        group of objects has its class beside codes of that class. Beyond doubt they are codes where small
        values are numbers of other classes, too, one of them is no label, and each that is one has codes.
        """
        text = self.label_rule if side == "target" else self.pred_label_rule
        rule = None if text is None else rule_of(text)
        if rule is None or rule.divisor is None:
            return []
        marks, known = self._void_and_known[side]
        values = np.unique(labels)
        found = rule(values)
        is_label, becomes = np.isin(values, known), np.isin(found, known)
        small = (values > 0) & (values < rule.divisor) & (values != _MARK) & ~np.isin(values, marks)
        codes = (values >= rule.divisor) & becomes
        if (
            (small & ~is_label).any()
            and np.isin(values[small], values[codes] % rule.divisor).all()
            and np.isin(values[small & is_label], found[codes]).all()
        ):
            return []
        own: list[int] = values[small & is_label & becomes].tolist()
        return own

    def fold(self, target: Ints, pred: Ints) -> tuple[Ints, Ints]:
        """Turn raw label values into class indices.

        Parameters
        ----------
        target, pred : int64 (M,)
            Label values of pair counts; of codes, those after the rule.

        Returns
        -------
        target, pred : int64 (M,)
            For targets 0 to K-1, `IGNORED` or `UNKNOWN`; for predictions 0 to K-1, or K where the
            value is no class ("none").
        """
        return self._target_index.of(target), self._pred_index.of(pred)

    @lazy
    def labels_rise(self) -> bool:
        """Whether classes come in the order of their labels."""
        return all(one < other for one, other in pairwise(self.labels))

    @lazy
    def _target_index(self) -> "_Index":
        index = self.class_of | dict.fromkeys(self.all_ignored, IGNORED)
        if self.colours:
            colours = self.label_of_colour.items()
            index |= {key: index[label] for c, label in colours for key in colour_labels(c)}
        return _Index.made(index, UNKNOWN)

    @lazy
    def _pred_index(self) -> "_Index":
        none = len(self)
        if self.pred_labels is None:
            return self._target_index.with_none(none)
        found = [none if ignored else i for i, ignored in enumerate(self.ignored_classes.tolist())]
        index = {p: i for i, own in zip(found, self.all_pred_labels, strict=True) for p in own}
        if self.colours:
            # They belong to classes, not to one side's label values, so they go through the target's.
            by_label = {label: found[i] for label, i in self.class_of.items()}
            colours = {c: by_label.get(label, none) for c, label in self.label_of_colour.items()}
            index |= {key: i for c, i in colours.items() for key in colour_labels(c)}
        return _Index.made(index, none)


def _together(labels: tuple[int, ...], further: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
    if not further:
        return tuple([(own,) for own in labels])
    return tuple([(own, *more) for own, more in zip(labels, further, strict=True)])


class _Index(NamedTuple):
    """The class of each label value, and of all others."""

    labels: Ints
    """Label values, rising."""
    classes: Ints
    otherwise: int
    before: Ints = readonly(np.array(0))
    """The value before the first label; an array of no dimension, which is subtracted in half of the time."""
    table: Ints | None = None
    """The classes of values from that one to behind the last label, if these are few."""

    @classmethod
    def made(cls, index: dict[int, int], otherwise: int) -> "_Index":
        """Return what `index` says, and otherwise the other one."""
        values = sorted(index)
        labels = np.array(values, dtype=np.int64)
        classes = np.array([index[value] for value in values], dtype=np.int64)
        first, last = values[0], values[-1]
        if max(-first, last) >= _SMALL:
            return cls(labels, classes, otherwise)
        # A table is many times faster than a search.
        before, table = np.array(first - 1), np.full(last - first + 3, otherwise)
        table[labels - before] = classes
        return cls(labels, classes, otherwise, before, table)

    def with_none(self, none: int) -> "_Index":
        """Return the same of predictions: what is ignored or unknown in targets is `none` of the classes."""
        table = None if self.table is None else np.where(self.table < 0, none, self.table)
        return _Index(self.labels, np.where(self.classes < 0, none, self.classes), none, self.before, table)

    def of(self, values: Ints) -> Ints:
        """Return the class of each value."""
        if self.table is not None:
            # What lies beyond the table, or comes round from its other end, is none of the labels.
            return np.asarray(self.table.take(values - self.before, mode="clip"))
        at = self.labels.searchsorted(values)
        found = self.classes.take(at, mode="clip")
        return np.asarray(np.where(self.labels.take(at, mode="clip") == values, found, self.otherwise))
