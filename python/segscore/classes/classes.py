"""Classes: names, label values, what is ignored, colours; the only place that knows labels.

Everything else works on raw label values (before :meth:`Classes.fold`) or on class indices (after it).
Reading the definitions from TOML files is the task of `presets`; no pixel is ever seen here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from operator import index as to_int
from os import PathLike
from types import MappingProxyType
from typing import TypeAlias, TypeGuard

import numpy as np

from segscore.base.naming import arg, marked
from segscore.base.shown import as_text, brief, first
from segscore.base.values import is_int
from segscore.classes.folding import Folding
from segscore.classes.labels import (
    MAX_CLASSES,
    Colour,
    Labels,
    PredictionSpace,
    as_given,
    checked_colours,
    checked_labels,
    checked_names,
    checked_sources,
    first_and_further,
    ignored_labels,
    sorted_labels,
)
from segscore.classes.presets import contents, names
from segscore.classes.rules import rule_of
from segscore.errors import ClassesError, flag


@dataclass(frozen=True)
class Classes(Folding):
    """The classes of a dataset: immutable, compared by value but for what is for people, and `confirmed`.

    Parameters
    ----------
    names : sequence of str
        One name a class, all different, at least one.
    labels : sequence of int or of sequences of int, optional
        The label value of each class in the masks, or a list of several for one class, of which the attribute
        has the first; 0 to K-1 if not given.
    ignore : iterable of int
        Label values whose target pixels are left out of every score. None may be a class. With a
        `label_rule` they are values that pixels have, which are no codes then, or labels after the rule.
    not_in_mean : iterable of int
        Label values of classes that stay in the confusion matrix but are left out of means,
        such as a background.
    colours : mapping of int to (red, green, blue) or to a sequence of these, optional
        Colours (0 to 255 each) of label values, classes or ignored ones, of which the attribute has the
        first. RGB masks can be read only where the classes have colours.
    pred_labels : sequence of int or of sequences of int, optional
        The label values of each class in *predictions*, where they differ from `labels`.
    label_rule : str, optional
        What labels of targets are, where pixels hold codes: ``"value // 1000 where value >= 1000"`` for ids
        of instances, or ``"red // 10 * 256 + green"``. Label values of classes are those after the rule.
    pred_label_rule : str, optional
        The same of predictions, which hold labels otherwise.
    name, title, note : str, optional
        Of the dataset, for people.
    source : tuple of str
        Where the definition was read from.
    prediction_spaces : tuple of PredictionSpace
        Other label values that predictions of this dataset often have.
    confirmed : bool
        False where label values were made up, as for masks in colours: scores of predictions that have
        numbers come with a warning then.
    void_names : tuple of str
        What a table of another tool called void, whose label values are ignored therefore; scores say so.

    Raises
    ------
    ClassesError
        If a name or a label is doubled, a label is both class and ignored, lengths differ, or there
        are no classes or more than 65,536.

    Examples
    --------
    >>> classes = Classes(["road", "sky"], ignore=[255])
    >>> classes.labels, len(classes)
    ((0, 1), 2)
    """

    names: tuple[str, ...]
    labels: tuple[int, ...] = ()
    ignore: tuple[int, ...] = field(default=(), kw_only=True)
    not_in_mean: tuple[int, ...] = field(default=(), kw_only=True)
    colours: Mapping[int, Colour] = field(default_factory=dict, kw_only=True, hash=False)
    pred_labels: tuple[int, ...] | None = field(default=None, kw_only=True)
    name: str | None = field(default=None, kw_only=True)
    title: str | None = field(default=None, kw_only=True, compare=False)
    note: str | None = field(default=None, kw_only=True, compare=False)
    source: tuple[str, ...] = field(default=(), kw_only=True, compare=False)
    prediction_spaces: tuple[PredictionSpace, ...] = field(default=(), kw_only=True)
    confirmed: bool = field(default=True, kw_only=True, compare=False)
    void_names: tuple[str, ...] = field(default=(), kw_only=True, compare=False, repr=False)
    ignored_class_labels: tuple[int, ...] = field(default=(), kw_only=True, repr=False)
    label_rule: str | None = field(default=None, kw_only=True)
    pred_label_rule: str | None = field(default=None, kw_only=True)
    further_labels: tuple[tuple[int, ...], ...] = field(default=(), kw_only=True, repr=False)
    """Of each class, its label values behind the first one; empty where all classes have one."""
    further_pred_labels: tuple[tuple[int, ...], ...] = field(default=(), kw_only=True, repr=False)
    """The same of `pred_labels`."""
    further_colours: Mapping[int, tuple[Colour, ...]] = field(
        default_factory=dict, kw_only=True, hash=False, repr=False
    )
    """Colours of label values behind the first one, where there are any."""

    def __init__(
        self,
        names: Sequence[str],
        labels: Labels | None = None,
        *,
        ignore: Iterable[int] = (),
        not_in_mean: Iterable[int] = (),
        colours: Mapping[int, Sequence[int] | Sequence[Sequence[int]]] | None = None,
        pred_labels: Labels | None = None,
        name: str | None = None,
        title: str | None = None,
        note: str | None = None,
        source: Sequence[str] = (),
        prediction_spaces: Sequence[PredictionSpace] = (),
        confirmed: bool = True,
        void_names: Sequence[str] = (),
        ignored_class_labels: Iterable[int] = (),
        label_rule: str | None = None,
        pred_label_rule: str | None = None,
        further_labels: Sequence[Sequence[int]] = (),
        further_pred_labels: Sequence[Sequence[int]] = (),
        further_colours: Mapping[int, Sequence[Colour]] = MappingProxyType({}),
    ) -> None:
        own = vars(self)  # where a frozen dataclass keeps its fields
        own["names"] = checked_names(names)
        count = len(self.names)
        of_targets: tuple[tuple[int, ...], tuple[tuple[int, ...], ...]] = tuple(range(count)), ()
        if labels is not None or further_labels:
            given = of_targets[0] if labels is None else labels
            of_targets = first_and_further(checked_labels("label", given, count, further_labels))
        of_predictions = (
            (None, ())
            if pred_labels is None
            else first_and_further(
                checked_labels("prediction label", pred_labels, count, further_pred_labels)
            )
        )
        if of_predictions == of_targets:
            of_predictions = None, ()
        own["labels"], own["further_labels"] = of_targets
        own["pred_labels"], own["further_pred_labels"] = of_predictions
        own["ignore"] = sorted_labels("ignore", ignore)
        outside = sorted_labels("not_in_mean", not_in_mean)
        strangers = set(outside) - self.class_of.keys()
        if strangers:
            raise ClassesError(
                f"`not_in_mean` names label {min(strangers)}, which is no class",
                "`not_in_mean` takes label values of classes; to leave pixels out, use `ignore`",
            )
        own["not_in_mean"] = tuple(sorted({self.labels[self.class_of[label]] for label in outside}))
        all_colours = checked_colours({} if colours is None else colours)
        for label, more in further_colours.items():
            all_colours[label] = tuple(dict.fromkeys([*all_colours[label], *more]))
        own["colours"] = MappingProxyType({label: every[0] for label, every in all_colours.items()})
        others = {label: every[1:] for label, every in all_colours.items() if len(every) > 1}
        own["further_colours"] = MappingProxyType(others)
        own["name"] = name
        own["title"] = title
        own["note"] = note
        own["source"] = checked_sources(source)
        own["prediction_spaces"] = tuple(prediction_spaces)
        own["confirmed"] = flag("confirmed", confirmed)
        own["void_names"] = tuple(void_names)
        own["ignored_class_labels"] = ignored_labels(ignored_class_labels)
        own["label_rule"] = None if label_rule is None else rule_of(label_rule).text
        own["pred_label_rule"] = None if pred_label_rule is None else rule_of(pred_label_rule).text
        self._check()

    def _check(self) -> None:
        both = self.class_of.keys() & set(self.ignore)
        if both:
            label = min(both)
            raise ClassesError(
                f"label {label} is both class `{self.names[self.class_of[label]]}` and ignored",
                "a label is one or the other: take it out of `ignore` or out of the classes",
            )
        strangers = set(self.colours) - self.class_of.keys() - set(self.ignore)
        if strangers:
            raise ClassesError(
                f"`colours` names label {min(strangers)}, which is neither class nor ignored",
                "colours are given by label value",
            )
        seen: dict[Colour, int] = {}
        for label, own in self.all_colours.items():
            for colour in own:
                other = seen.setdefault(colour, label)
                if self.class_of.get(other) != self.class_of.get(label):
                    raise ClassesError(
                        f"labels {other} and {label} have the same colour {colour}",
                        "give each label a colour of its own, or none",
                    )
        spaces: set[str] = set()
        for space in self.prediction_spaces:
            checked_labels(f"prediction label of `{space.name}`", space.labels, len(self))
            if space.label_rule is not None:
                rule_of(space.label_rule)
            if space.name in spaces:
                raise ClassesError(
                    f"prediction space `{space.name}` is given twice",
                    "prediction spaces have names of their own",
                )
            spaces.add(space.name)

    def __str__(self) -> str:
        """Return the name of the dataset, or the number of classes."""
        return self.name or f"{len(self)} class{'es' if len(self) != 1 else ''}"

    def __repr__(self) -> str:
        """Return a short form: the first names and what is ignored."""
        names = first([brief(name) for name in self.names[:5]])
        ignored = brief(sorted({*self.ignore, *self.ignored_class_labels}))
        named = "" if self.name is None else f"{brief(self.name)}: "
        several = f", labels={brief(as_given(self.all_labels))}" if self.further_labels else ""
        colours = f", {len(self.label_of_colour)} colours" if self.further_colours else ""
        rule = f", label_rule={self.label_rule!r}" if self.label_rule is not None else ""
        return f"<Classes {named}{len(self)} ({names}){several}{colours}{rule}, ignore={ignored}>"

    def _repr_html_(self) -> str:
        return as_text(repr(self))

    @staticmethod
    def of(
        spec: "ClassesLike",
        ignore_index: int | Iterable[int] | None = None,
        pred_classes: "ClassesLike | Sequence[int] | None" = None,
    ) -> "Classes":
        """Return classes from whatever names them.

        Parameters
        ----------
        spec : int, str, path, sequence of str, or Classes
            The number of classes, the name of a preset, the path of a TOML file or of a table of another tool
            (`segscore classes new --from` reads them), the names of the classes, or classes. Annotations of
            objects, of COCO or Datumaro, are a table of the classes that they have as `target`, which are
            those of the file and a background.
        ignore_index : int or iterable of int, optional
            Further label values to ignore; they may be classes, which then have no row.
        pred_classes : optional
            The label values of predictions, as for :meth:`with_predictions`.

        Raises
        ------
        ClassesError
            If there is no such preset or file, or it does not define usable classes.
        """
        if is_int(spec) and (ignore_index is None or is_int(ignore_index)):
            classes = _numbered(to_int(spec), None if ignore_index is None else to_int(ignore_index))
        else:
            classes = _from_spec(spec)
            classes = classes if ignore_index is None else classes.ignoring(ignore_index)
        return classes if pred_classes is None else classes.with_predictions(pred_classes)

    def ignoring(self, labels: int | Iterable[int]) -> "Classes":
        """Return the same classes with further ignored label values, which may be classes.

        Raises
        ------
        ClassesError
            If these are no label values, or no class is left.
        """
        wanted = labels if isinstance(labels, Iterable) else (labels,)
        new = set(ignored_labels(wanted))
        left = [tuple(label for label in own if label not in new) for own in self.all_labels]
        # A class with labels that are left keeps them, and loses the others.
        out = {own[0] for own, rest in zip(self.all_labels, left, strict=True) if not rest}
        kept = [rest or own for own, rest in zip(self.all_labels, left, strict=True)]
        if len(out | set(self.ignored_class_labels)) == len(self):
            raise ClassesError(
                "every class is ignored, so nothing is left to score",
                f"{arg('ignore_index')} takes the labels to leave out, such as 255",
            )
        firsts, further = first_and_further(tuple(kept))
        moved = dict(zip(self.labels, firsts, strict=True))
        return replace(
            self,
            labels=firsts,
            further_labels=further,
            ignore=tuple(set(self.ignore) | (new - {label for own in kept for label in own})),
            not_in_mean=tuple(moved[label] for label in self.not_in_mean),
            ignored_class_labels=tuple({moved[label] for label in self.ignored_class_labels} | out),
        )

    def with_predictions(self, spec: "ClassesLike | Sequence[int]") -> "Classes":
        """Return the same classes where predictions have other label values.

        Parameters
        ----------
        spec : str, int, path, sequence of int or of sequences of int, or Classes
            The name of one of `prediction_spaces`; or the label values of each class; or the number
            of classes (labels 0 to K-1 in the order of the classes); or a preset, file or Classes
            with the same class names.

        Raises
        ------
        ClassesError
            If there is no such space, preset or file, or it does not have one label value a class.
        """
        for space in self.prediction_spaces:
            if isinstance(spec, str) and space.name == spec:
                return self._predicted(space.labels, space.label_rule)
        if is_int(spec):
            if spec != len(self):
                raise ClassesError(
                    f"{arg('pred_classes')} is {spec}, but there are {len(self)} classes",
                    "a number means label values 0 to K-1 in the order of the classes",
                )
            return self._predicted(range(len(self)))
        if _are_labels(spec):
            return self._predicted(spec)
        try:
            other = _from_spec(spec)
        except ClassesError as error:
            spaces = ", ".join(f"`{space.name}`" for space in self.prediction_spaces)
            known = f"the prediction spaces of `{self}` are {spaces}; " if spaces else ""
            raise ClassesError(
                f"{arg('pred_classes')}: {marked(error.message)}", f"{known}{marked(error.hint or '')}"
            ) from error
        by_name = dict(zip(other.names, other.all_labels, strict=True))
        absent = [name for name in self.names if name not in by_name]
        if absent:
            raise ClassesError(
                f"{arg('pred_classes')} has no class `{absent[0]}`"
                + (f" (nor {len(absent) - 1} more)" if len(absent) > 1 else ""),
                "classes of predictions are matched by name: use the same names as the target's",
            )
        return self._predicted([by_name[name] for name in self.names], other.label_rule)

    def _predicted(self, labels: Labels, rule: str | None = None) -> "Classes":
        firsts, further = first_and_further(checked_labels("prediction label", labels, len(self)))
        return replace(self, pred_labels=firsts, further_pred_labels=further, pred_label_rule=rule)


ClassesLike: TypeAlias = Classes | int | str | PathLike[str] | Sequence[str]
"""Whatever :meth:`Classes.of` makes classes of."""


def load(spec: str | PathLike[str]) -> Classes:
    """Return the classes of a preset, or of a file, which a text with a slash or a known ending is."""
    return _preset(spec) if isinstance(spec, str) and spec in names() else _made(spec)


@cache
def _preset(name: str) -> Classes:
    return _made(name)


def _made(spec: str | PathLike[str]) -> Classes:
    where, values = contents(spec)
    try:
        return Classes(**values)
    except ClassesError as error:
        raise ClassesError(f"{where}: {marked(error.message)}", error.hint) from error


def _are_labels(spec: object) -> TypeGuard[Labels]:
    values = spec.tolist() if isinstance(spec, np.ndarray) else spec
    if not isinstance(values, Sequence) or isinstance(values, str):
        return False
    return all(is_int(x) or (isinstance(x, list | tuple | range) and all(map(is_int, x))) for x in values)


@lru_cache(8)  # a matrix for each image is made of the same numbers
def _numbered(count: int, ignored: int | None) -> Classes:
    if not 1 <= count <= MAX_CLASSES:
        raise ClassesError(f"expected 1 to {MAX_CLASSES:,} classes, found {brief(count)}", _SPECS)
    classes = Classes([str(i) for i in range(count)])
    return classes if ignored is None else classes.ignoring(ignored)


def _from_spec(spec: object) -> Classes:
    if isinstance(spec, Classes):
        return spec
    if is_int(spec):
        return _numbered(to_int(spec), None)
    if isinstance(spec, str | PathLike):
        return load(spec)
    if isinstance(spec, Sequence):
        return Classes(spec)
    raise ClassesError(f"expected classes, found a value of type {type(spec).__name__}", _SPECS)


_SPECS = "give the number of classes, a list of their names, a preset or a TOML file"
