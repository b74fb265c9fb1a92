"""Classes: names, label values, what is ignored, colours; the only place that knows labels.

Everything else works on raw label values (before :meth:`Classes.fold`) or on class indices (after it).
Reading the definitions from TOML files is the task of `presets`; no pixel is ever seen here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from operator import index as to_int
from os import PathLike
from types import MappingProxyType
from typing import TypeAlias, TypeGuard

import numpy as np

from segscore.base.naming import arg, marked
from segscore.base.shown import as_text, brief, first
from segscore.base.values import Bools, Frozen, Ints, is_int, lazy, readonly
from segscore.classes.folding import index_of, look_up
from segscore.classes.labels import (
    MAX_CLASSES,
    Colour,
    PredictionSpace,
    checked_colours,
    checked_labels,
    checked_names,
    checked_sources,
    colour_labels,
    sorted_labels,
)
from segscore.classes.presets import contents, names
from segscore.errors import ClassesError

IGNORED = -1
"""Index that :meth:`Classes.fold` gives to an ignored target."""
UNKNOWN = -2
"""Index that :meth:`Classes.fold` gives to a target that is neither class nor ignored."""


@dataclass(frozen=True)
class Classes(Frozen):
    """The classes of a dataset: immutable, compared by value but for what is for people, and `confirmed`.

    Parameters
    ----------
    names : sequence of str
        One name a class, all different, at least one.
    labels : sequence of int, optional
        The label value of each class in the masks; 0 to K-1 if not given.
    ignore : iterable of int
        Label values whose target pixels are left out of every score. None may be a class.
    not_in_mean : iterable of int
        Label values of classes that stay in the confusion matrix but are left out of means,
        such as a background.
    colours : mapping of int to (red, green, blue), optional
        Colours (0 to 255 each) of label values, classes or ignored ones. RGB masks can be read only
        where the classes have colours.
    pred_labels : sequence of int, optional
        The label value of each class in *predictions*, where it differs from `labels`.
    name, title, note : str, optional
        Of the dataset, for people.
    source : tuple of str
        Where the definition was read from.
    prediction_spaces : tuple of PredictionSpace
        Other label values that predictions of this dataset often have.
    confirmed : bool
        False where label values were made up, as for masks in colours: scores of predictions that have
        numbers come with a warning then.

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
    ignored_class_labels: tuple[int, ...] = field(default=(), kw_only=True, repr=False)

    def __init__(
        self,
        names: Sequence[str],
        labels: Sequence[int] | None = None,
        *,
        ignore: Iterable[int] = (),
        not_in_mean: Iterable[int] = (),
        colours: Mapping[int, Sequence[int]] | None = None,
        pred_labels: Sequence[int] | None = None,
        name: str | None = None,
        title: str | None = None,
        note: str | None = None,
        source: Sequence[str] = (),
        prediction_spaces: Sequence[PredictionSpace] = (),
        confirmed: bool = True,
        ignored_class_labels: Iterable[int] = (),
    ) -> None:
        def put(key: str, value: object) -> None:
            object.__setattr__(self, key, value)

        put("names", checked_names(names))
        count = len(self.names)
        put(
            "labels",
            tuple(range(count)) if labels is None else checked_labels("label", labels, count),
        )
        put("ignore", sorted_labels("ignore", ignore))
        put("not_in_mean", sorted_labels("not_in_mean", not_in_mean))
        put("colours", MappingProxyType(checked_colours({} if colours is None else colours)))
        space = None if pred_labels is None else checked_labels("prediction label", pred_labels, count)
        put("pred_labels", None if space == self.labels else space)
        put("name", name)
        put("title", title)
        put("note", note)
        put("source", checked_sources(source))
        put("prediction_spaces", tuple(prediction_spaces))
        put("confirmed", confirmed)
        put("ignored_class_labels", sorted_labels("ignore_index", ignored_class_labels))
        self._check()

    def _check(self) -> None:
        known = set(self.labels)
        both = known.intersection(self.ignore)
        if both:
            label = min(both)
            raise ClassesError(
                f"label {label} is both class `{self.names[self.labels.index(label)]}` and ignored",
                "a label is one or the other: take it out of `ignore` or out of the classes",
            )
        strangers = set(self.not_in_mean) - known
        if strangers:
            raise ClassesError(
                f"`not_in_mean` names label {min(strangers)}, which is no class",
                "`not_in_mean` takes label values of classes; to leave pixels out, use `ignore`",
            )
        strangers = set(self.colours) - known - set(self.ignore)
        if strangers:
            raise ClassesError(
                f"`colours` names label {min(strangers)}, which is neither class nor ignored",
                "colours are given by label value",
            )
        seen: dict[Colour, int] = {}
        for label, colour in self.colours.items():
            if colour in seen:
                raise ClassesError(
                    f"labels {seen[colour]} and {label} have the same colour {colour}",
                    "give each label a colour of its own, or none",
                )
            seen[colour] = label
        spaces: set[str] = set()
        for space in self.prediction_spaces:
            checked_labels(f"prediction label of `{space.name}`", space.labels, len(self))
            if space.name in spaces:
                raise ClassesError(
                    f"prediction space `{space.name}` is given twice",
                    "prediction spaces have names of their own",
                )
            spaces.add(space.name)

    def __len__(self) -> int:
        """Return the number of classes, K."""
        return len(self.names)

    def __str__(self) -> str:
        """Return the name of the dataset, or the number of classes."""
        return self.name or f"{len(self)} class{'es' if len(self) != 1 else ''}"

    def __repr__(self) -> str:
        """Return a short form: the first names and what is ignored."""
        names = first([brief(name) for name in self.names[:5]])
        ignored = brief(sorted({*self.ignore, *self.ignored_class_labels}))
        named = "" if self.name is None else f"{brief(self.name)}: "
        return f"<Classes {named}{len(self)} ({names}), ignore={ignored}>"

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
            The number of classes, the name of a preset, the path of a TOML file, the names of the
            classes, or classes.
        ignore_index : int or iterable of int, optional
            Further label values to ignore; they may be classes, which then have no row.
        pred_classes : optional
            The label values of predictions, as for :meth:`with_predictions`.

        Raises
        ------
        ClassesError
            If there is no such preset or file, or it does not define usable classes.
        """
        classes = _from_spec(spec)
        if ignore_index is not None:
            classes = classes.ignoring(ignore_index)
        return classes if pred_classes is None else classes.with_predictions(pred_classes)

    def ignoring(self, labels: int | Iterable[int]) -> "Classes":
        """Return the same classes with further ignored label values, which may be classes.

        Raises
        ------
        ClassesError
            If these are no label values, or no class is left.
        """
        wanted = labels if isinstance(labels, Iterable) else (labels,)
        new = set(sorted_labels("ignore_index", wanted))
        inside = new & set(self.labels)
        if len(inside | set(self.ignored_class_labels)) == len(self):
            raise ClassesError(
                "every class is ignored, so nothing is left to score",
                f"{arg('ignore_index')} takes the labels to leave out, such as 255",
            )
        return replace(
            self,
            ignore=tuple(set(self.ignore) | (new - inside)),
            ignored_class_labels=tuple(set(self.ignored_class_labels) | inside),
        )

    def with_predictions(self, spec: "ClassesLike | Sequence[int]") -> "Classes":
        """Return the same classes where predictions have other label values.

        Parameters
        ----------
        spec : str, int, path, sequence of int, or Classes
            The name of one of `prediction_spaces`; or the label values, one a class; or the number
            of classes (labels 0 to K-1 in the order of the classes); or a preset, file or Classes
            with the same class names.

        Raises
        ------
        ClassesError
            If there is no such space, preset or file, or it does not have one label value a class.
        """
        for space in self.prediction_spaces:
            if isinstance(spec, str) and space.name == spec:
                return replace(self, pred_labels=space.labels)
        if is_int(spec):
            if spec != len(self):
                raise ClassesError(
                    f"{arg('pred_classes')} is {spec}, but there are {len(self)} classes",
                    "a number means label values 0 to K-1 in the order of the classes",
                )
            return replace(self, pred_labels=tuple(range(len(self))))
        if _are_ints(spec):
            return replace(self, pred_labels=tuple(spec))
        try:
            other = _from_spec(spec)
        except ClassesError as error:
            spaces = ", ".join(f"`{space.name}`" for space in self.prediction_spaces)
            known = f"the prediction spaces of `{self}` are {spaces}; " if spaces else ""
            raise ClassesError(
                f"{arg('pred_classes')}: {marked(error.message)}", f"{known}{marked(error.hint or '')}"
            ) from error
        by_name = dict(zip(other.names, other.labels, strict=True))
        absent = [name for name in self.names if name not in by_name]
        if absent:
            raise ClassesError(
                f"{arg('pred_classes')} has no class `{absent[0]}`"
                + (f" (nor {len(absent) - 1} more)" if len(absent) > 1 else ""),
                "classes of predictions are matched by name: use the same names as the target's",
            )
        return replace(self, pred_labels=tuple(by_name[name] for name in self.names))

    @property
    def background(self) -> int | None:
        """Index of the background of a binary task: two classes, one of them named so; else None."""
        if len(self) != 2:
            return None
        found = [i for i, name in enumerate(self.names) if name.casefold() == "background"]
        return found[0] if len(found) == 1 else None

    @lazy
    def ignored_classes(self) -> Bools:
        """bool (K,): classes whose label is ignored; they have no row and are NaN."""
        return readonly(np.isin(np.array(self.labels), np.array(self.ignored_class_labels, dtype=np.int64)))

    @lazy
    def in_mean(self) -> Bools:
        """bool (K,): classes that means take in, where they are present."""
        outside = np.array(self.not_in_mean, dtype=np.int64)
        return readonly(~np.isin(np.array(self.labels), outside) & ~self.ignored_classes)

    @property
    def all_ignored(self) -> tuple[int, ...]:
        """Every ignored label value, those that would be classes included."""
        return tuple(sorted({*self.ignore, *self.ignored_class_labels}))

    def fold(self, target: Ints, pred: Ints) -> tuple[Ints, Ints]:
        """Turn raw label values into class indices.

        Parameters
        ----------
        target, pred : int64 (M,)
            Label values of pair counts.

        Returns
        -------
        target, pred : int64 (M,)
            For targets 0 to K-1, `IGNORED` or `UNKNOWN`; for predictions 0 to K-1, or K where the
            value is no class ("none").
        """
        return look_up(self._target_index, target, UNKNOWN), look_up(self._pred_index, pred, len(self))

    @lazy
    def _target_index(self) -> tuple[Ints, Ints]:
        index = {label: i for i, label in enumerate(self.labels)}
        index.update(dict.fromkeys(self.all_ignored, IGNORED))
        return index_of(index, self.colours)

    @lazy
    def _pred_index(self) -> tuple[Ints, Ints]:
        labels = self.labels if self.pred_labels is None else self.pred_labels
        ignored = set(self.ignored_class_labels)
        by_target = {t: i for i, t in enumerate(self.labels) if t not in ignored}
        index = {p: by_target.get(t, len(self)) for t, p in zip(self.labels, labels, strict=True)}
        # Colours belong to classes, not to one side's label values, so they go through the target's.
        colours = {
            key: by_target.get(t, len(self)) for t, c in self.colours.items() for key in colour_labels(c)
        }
        return index_of(index | colours, {})


ClassesLike: TypeAlias = Classes | int | str | PathLike[str] | Sequence[str]
"""Whatever :meth:`Classes.of` makes classes of."""


def load(spec: str | PathLike[str]) -> Classes:
    """Return the classes of a preset, or of a TOML file, which a text with a slash or ``.toml`` in it is."""
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


def _are_ints(spec: object) -> TypeGuard[Sequence[int]]:
    values = spec.tolist() if isinstance(spec, np.ndarray) else spec
    return isinstance(values, Sequence) and not isinstance(values, str) and all(is_int(x) for x in values)


def _from_spec(spec: object) -> Classes:
    if isinstance(spec, Classes):
        return spec
    if is_int(spec):
        count = to_int(spec)
        if not 1 <= count <= MAX_CLASSES:
            raise ClassesError(f"expected 1 to {MAX_CLASSES:,} classes, found {count:,}", _SPECS)
        return Classes([str(i) for i in range(count)])
    if isinstance(spec, str | PathLike):
        return load(spec)
    if isinstance(spec, Sequence):
        return Classes(spec)
    raise ClassesError(f"expected classes, found a value of type {type(spec).__name__}", _SPECS)


_SPECS = "give the number of classes, a list of their names, a preset or a TOML file"
