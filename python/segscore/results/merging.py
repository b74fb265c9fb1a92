"""Merged classes, such as car and bus as vehicle: the rows of an evaluation relabelled and summed.

A merged class has the label value of its first member, so that classes keep one label value each.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from segscore.base.values import Ints, is_several
from segscore.classes.classes import Classes
from segscore.classes.labels import first_and_further
from segscore.errors import ArgumentError, unknown
from segscore.results.evaluated import E


def merge(evaluation: E, groups: Mapping[str, Sequence[str]]) -> E:
    """Return the evaluation with several classes as one; what is confused among them is right.

    Parameters
    ----------
    evaluation : Evaluation
        With the classes as they are.
    groups : mapping of str to sequence of str
        The classes that each new class is made of, by its name. Classes that are not named stay.

    Returns
    -------
    Evaluation
        Of the same images. A new class stands where its first class stood, with the label value and the
        colour of that class; it is left out of means where all its classes were.
        ``provenance["merged"]`` says what was merged.

    Raises
    ------
    ArgumentError
        If there is no class of a name, the nearest of which it names; a class is given twice or is
        ignored; or a new name is that of a class that stays.
    ClassesError
        If a new name is no text, or empty.

    Examples
    --------
    >>> from segscore import Evaluator
    >>> judge = Evaluator(["road", "car", "bus"])
    >>> judge.add(pred=[[0, 1], [1, 2]], target=[[0, 1], [2, 1]])
    >>> ev = judge.result()
    >>> vehicles = merge(ev, {"vehicle": ["car", "bus"]})
    >>> ev.scores.iou.round(3).tolist(), vehicles.classes.names, vehicles.scores.iou.tolist()
    ([1.0, 0.333, 0.0], ('road', 'vehicle'), [1.0, 1.0])
    """
    classes = evaluation.classes
    named = _named(groups)
    members = _checked(classes, named)
    first = np.arange(len(classes))
    for indices in members.values():
        first[indices] = min(indices)
    made = _merged(classes, members, first)
    said = "; ".join(f"{name} = {' + '.join(given)}" for name, given in named.items())
    before = evaluation.provenance.get("merged")
    return replace(
        evaluation,
        classes=made,
        table=evaluation.table.merged(classes, first),
        measured=tuple(record.merged(classes, first) for record in evaluation.measured),
        files={},  # which hold the labels of the classes as they were
        part=None,
        provenance={**evaluation.provenance, "merged": said if before is None else f"{before}; {said}"},
    )


def _named(groups: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """Return the names of the classes of each group, which may be given one after the other."""
    if not isinstance(groups, Mapping) or not groups:
        raise ArgumentError(f"classes are merged by {groups!r}", _EXAMPLE)
    found: dict[str, tuple[str, ...]] = {}
    for name, given in groups.items():
        found[name] = tuple(given) if is_several(given) else ()
        if not found[name]:
            raise ArgumentError(f"`{name}` is merged of {given!r}", _EXAMPLE)
    return found


def _checked(classes: Classes, groups: Mapping[str, Sequence[str]]) -> dict[str, list[int]]:
    members: dict[str, list[int]] = {}
    taken: dict[str, str] = {}
    for name, given in groups.items():
        for member in given:
            if member not in classes.names:
                raise unknown("class", member, classes.names)
            if member in taken:
                raise ArgumentError(
                    f"class `{member}` is in `{taken[member]}` and in `{name}`"
                    if taken[member] != name
                    else f"class `{member}` is twice in `{name}`",
                    "a class is merged once; `ev.regions` scores regions that overlap",
                )
            taken[member] = name
            if classes.ignored_classes[classes.names.index(member)]:
                raise ArgumentError(
                    f"class `{member}` is ignored, so it cannot be merged", "merge classes that are scored"
                )
        members[name] = [classes.names.index(member) for member in given]
    for name in members:
        if name in classes.names and name not in taken:
            raise ArgumentError(
                f"class `{name}` stays, so no merged class can have its name",
                f"choose another name, or list `{name}` among the classes to merge",
            )
    return members


_EXAMPLE = 'name the classes that become one: {"vehicle": ["car", "bus"]}'


def _merged(classes: Classes, members: dict[str, list[int]], first: Ints) -> Classes:
    kept = np.flatnonzero(first == np.arange(len(classes))).tolist()
    names = dict(enumerate(classes.names)) | {min(indices): name for name, indices in members.items()}
    labels = {*classes.ignore, *(label for i in kept for label in classes.all_labels[i])}
    (firsts, further), (of_pred, further_of_pred) = (
        first_and_further(tuple(of[i] for i in kept)) for of in (classes.all_labels, classes.all_pred_labels)
    )
    in_mean = {int(first[i]) for i in np.flatnonzero(classes.in_mean).tolist()}
    outside = {classes.labels[i] for i in kept if i not in in_mean} & set(classes.not_in_mean)
    return replace(
        classes,
        names=tuple(names[i] for i in kept),
        labels=firsts,
        further_labels=further,
        not_in_mean=tuple(outside),
        colours={k: v for k, v in classes.colours.items() if k in labels},
        further_colours={k: v for k, v in classes.further_colours.items() if k in labels},
        pred_labels=None if classes.pred_labels is None else of_pred,
        further_pred_labels=() if classes.pred_labels is None else further_of_pred,
        name=None,
        title=None,
        note=None,
        source=(),
        prediction_spaces=(),
    )
