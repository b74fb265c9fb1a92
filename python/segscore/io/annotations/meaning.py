"""Which label each class of annotations has in a label map, and what pixels are that no object covers."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from segscore.base.naming import arg
from segscore.base.shown import first
from segscore.base.wording import many, show, visible
from segscore.classes.classes import Classes
from segscore.classes.folding import is_background, is_void
from segscore.classes.tables.drawn import MOST_LABEL
from segscore.errors import ClassesError

_SHOWN = 20


class Labels(NamedTuple):
    """What pixels become."""

    of_classes: tuple[int, ...]
    """The label of each class of the file."""
    rest: int
    """That of pixels of no object."""
    said: tuple[str, ...]
    """What these are, and what is ignored."""


def labels_for(names: Sequence[str], classes: Classes, where: str) -> Labels:
    """Return the labels of classes that somebody has defined, which are the same by their names."""
    known = dict(zip(classes.names, classes.labels, strict=True))
    none = next((label for label in classes.ignore if 0 <= label <= MOST_LABEL), None)
    background = next((name for name in classes.names if is_background(name)), None)
    if background is not None:
        known |= {name: known[background] for name in names if is_background(name) and name not in known}
    void = [name for name in names if name not in known and is_void(name)]
    lacking = [show(name) for name in names if name not in known and name not in void]
    if lacking:
        raise ClassesError(
            f"{where}: {many(len(lacking), 'class')} of the file {'is' if len(lacking) == 1 else 'are'} in "
            f"no class of {arg('classes')}: {first(lacking, _SHOWN)}",
            "classes are the same by their names; `segscore classes new --from` writes those of the file",
        )
    if background is None and none is None:
        raise ClassesError(
            f"{where}: pixels of no object are of no class of {arg('classes')}",
            f"name a class `background`, or leave such pixels out with {arg('ignore_index', 255)}",
        )
    if void and none is None:
        raise ClassesError(
            f"{where}: {first([*map(show, void)])} is no class by its name, and no label is ignored",
            f"say which one is, as {arg('ignore_index', 255)}; or call a class so, if it is one",
        )
    rest = known[background] if background is not None else none
    assert rest is not None
    labels = tuple(none if name in void and none is not None else known[name] for name in names)
    if strange := [label for label in (*labels, rest) if not 0 <= label <= MOST_LABEL]:
        raise ClassesError(
            f"{where}: expected labels of 0 to {MOST_LABEL:,} for classes of objects, found {strange[0]}",
            "label maps of objects are gray images",
        )
    if classes.label_rule is not None:
        wanted = np.array([*labels, rest], dtype=np.int64)
        # Labels are what pixels hold here, which the rule must leave as they are.
        if changed := wanted[classes.decoded("target", wanted) != wanted].tolist():
            raise ClassesError(
                f"{where}: {arg('classes')} make another label of pixels of {changed[0]}, by the rule "
                f"{show(classes.label_rule)}",
                "label maps of objects hold labels and no codes: give classes without a rule",
            )
    said = [
        f"pixels of no object are `{visible(background)}`"
        if background is not None
        else f"pixels of no object are ignored ({rest})"
    ]
    if void:
        said.append(f"pixels of {first([f'`{visible(name)}`' for name in void])} are ignored ({none})")
    return Labels(labels, rest, tuple(said))
