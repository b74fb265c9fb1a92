"""The images behind a number: those that hold its pixels, and those of a search.

Everything is read from the counts that were kept of each image; no pixel and no file is read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias, get_args

import numpy as np

from segscore.base.values import Bools, Floats, Ints
from segscore.base.wording import visible
from segscore.counts.rows import joined
from segscore.errors import flag, unknown
from segscore.results.evaluated import Evaluated
from segscore.scores.images import check_number

NO_CLASS = "no class"
"""What a prediction is called that is none; among the indices of K classes it is K."""

Order: TypeAlias = Literal["worst", "best", "pixels", "name"]
"""How images are ordered: by the metric, by the pixels that are looked for, or by their names."""


def images_with(
    evaluation: Evaluated,
    n: int = 10,
    *,
    target: str | None = None,
    pred: str | None = None,
    wrong: bool = False,
) -> tuple[tuple[str, int], ...]:
    """Return the images with the most scored pixels of a kind, such as those of one confusion.

    Parameters
    ----------
    evaluation : Evaluation
        All images.
    n : int
        How many images, at least 0.
    target, pred : str, optional
        Classes that the pixels have in the target, and in the prediction; any by default. ``pred="no class"``
        is for predictions that are none, unless a class has this name.
    wrong : bool
        Whether only pixels count whose prediction is not their target: with `target`, those of the class that
        were not found; with `pred`, those that were called so and are not.

    Returns
    -------
    tuple of (str, int)
        Name of each image and its pixels, 1 or more, the most first; equal ones in the order of `names`.

    Raises
    ------
    ArgumentError
        If there is no such class, the nearest of which it names; or `n` is no number of images.

    Examples
    --------
    >>> from segscore import Evaluator
    >>> judge = Evaluator(["road", "sky"])
    >>> judge.add(pred=[[0, 0], [1, 1]], target=[[0, 0], [0, 0]], name="frame_07")
    >>> judge.add(pred=[[0, 0], [1, 0]], target=[[0, 0], [0, 1]], name="frame_08")
    >>> images_with(judge.result(), target="road", pred="sky")
    (('frame_07', 2), ('frame_08', 1))
    >>> images_with(judge.result(), pred="road", wrong=True)
    (('frame_08', 1),)
    """
    check_number(n)
    names = evaluation.classes.names
    at = None if target is None else _index(target, names)
    called = len(names) if pred == NO_CLASS and pred not in names else None
    if pred is not None and called is None:
        called = _index(pred, (*names, NO_CLASS))
    pixels = pixels_of(evaluation, at, called, wrong=flag("wrong", wrong))
    chosen = most(pixels)[:n].tolist()
    return tuple((evaluation.names[i], int(pixels[i])) for i in chosen)


def _index(name: str, names: Sequence[str]) -> int:
    if name not in names:
        raise unknown("class", name, names)
    return names.index(name)


def most(pixels: Ints) -> Ints:
    """Return the images that have any pixels, the most first; equal ones in their order."""
    order = np.argsort(-pixels, kind="stable")
    return order[: np.count_nonzero(pixels)]


def pixels_of(
    evaluation: Evaluated, target: int | None = None, pred: int | None = None, *, wrong: bool = False
) -> Ints:
    """Return the scored pixels of each image that are of a kind, int64 (n,), as `images_with` has it.

    Classes are given by their index; the prediction K of K classes is none.
    """
    cells, count = evaluation.cells, len(evaluation.classes)
    if target is not None and pred is not None and target != pred:
        return _confused(evaluation, target, pred)
    if target is not None:
        tp, in_target, _ = cells.of_class(target)
        if pred is not None:
            return np.zeros_like(tp) if wrong else tp
        return in_target - tp if wrong else in_target
    if pred == count:
        called = np.zeros_like(cells.pixels)
        np.add.at(called, cells.image, cells.pred)
        return cells.pixels - called
    if pred is not None:
        tp, _, in_pred = cells.of_class(pred)
        return in_pred - tp if wrong else in_pred
    return cells.wrong if wrong else cells.pixels


def _confused(evaluation: Evaluated, target: int, pred: int) -> Ints:
    classes, table = evaluation.classes, evaluation.table
    # Labels that targets have are few: what each of them and each row means need not be looked up twice.
    values = np.unique(table.target)
    meant = values[classes.fold(values, values)[0] == target]
    rows = np.flatnonzero(np.isin(table.target, meant))
    found = rows[classes.fold(table.target[rows], table.pred[rows])[1] == pred]
    made = np.zeros(len(evaluation.names), dtype=np.int64)
    np.add.at(made, table.image[found], table.pixels[found])
    return made


class Behind(NamedTuple):
    """The images with the most pixels of each cell, int64 (M,) each, by target and prediction."""

    target: Ints
    pred: Ints
    """K of K classes is no class."""
    image: Ints
    pixels: Ints


def behind_cells(evaluation: Evaluated, n: int, *, wrong: bool = True) -> Behind:
    """Return the n images with the most pixels of each cell, of wrong ones alone unless all are asked for."""
    table, width = evaluation.table, len(evaluation.classes) + 1
    target, pred = evaluation.classes.fold(table.target, table.pred)
    rows = np.flatnonzero((target >= 0) & (target != pred) if wrong else target >= 0)
    # Several labels may mean one class.
    (image, key), pixels = joined([table.image[rows], target[rows] * width + pred[rows]], table.pixels[rows])
    order = np.lexsort((-pixels, key))  # images of as many pixels stay in their order
    key, image, pixels = key[order], image[order], pixels[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    place = np.arange(len(key)) - np.repeat(first, np.diff(np.append(first, len(key))))
    kept = place < n
    return Behind(*np.divmod(key[kept], width), image[kept], pixels[kept])


@dataclass(frozen=True, kw_only=True)
class Search:
    """What images are looked for by; all that is given has to hold."""

    text: str = ""
    """Part of the name, as it is shown; in large or small letters."""
    image: int | None = None
    """One image, by its index."""
    target: int | None = None
    """As for `pixels_of`: images without such pixels are left out."""
    pred: int | None = None
    wrong: bool = False
    groups: Mapping[str, str] = field(default_factory=dict)
    """What images are by an attribute, as a text, by its title; an empty one is for their own groups."""
    metric: str = "mean_image_iou"
    """What images are ordered by and limited by; see `ImageScores.metric`."""
    low: float | None = None
    """The least value of the metric."""
    below: float | None = None
    """What the value of the metric is below."""
    order: Order | None = None
    """By default the pixels that are looked for, if any are, and the worst first otherwise."""

    @property
    def of_pixels(self) -> bool:
        """Whether pixels are looked for."""
        return self.target is not None or self.pred is not None or self.wrong

    @property
    def ordered(self) -> Order:
        """How images are ordered."""
        return self.order or ("pixels" if self.of_pixels else "worst")


class Found(NamedTuple):
    """The images that a search has found."""

    images: Ints
    """By index, int64 (m,), in their order."""
    pixels: Ints
    """Of *all* images: the pixels that were looked for, int64 (n,)."""
    values: Floats
    """Of *all* images: the metric, float64 (n,)."""


def find(evaluation: Evaluated, search: Search, groups: Mapping[str, Sequence[object]]) -> Found:
    """Return the images of a search; `groups` has what each image is by each attribute, as `Search` has it.

    An ArgumentError says that there is no such metric, title or order.
    """
    images = evaluation.images
    pixels = pixels_of(evaluation, search.target, search.pred, wrong=search.wrong)
    values = images.metric(search.metric)
    if search.ordered not in get_args(Order):
        raise unknown("order", search.ordered, get_args(Order))
    if search.ordered == "pixels":
        order = np.argsort(-pixels, kind="stable")
    elif search.ordered == "name":
        order = np.arange(len(evaluation.names))
    else:
        order = images.order(search.metric, best=search.ordered == "best")
    kept = _kept(evaluation, search, groups, pixels, values)
    return Found(order[kept[order]], pixels, values)


def _kept(
    evaluation: Evaluated,
    search: Search,
    groups: Mapping[str, Sequence[object]],
    pixels: Ints,
    values: Floats,
) -> Bools:
    kept = np.ones(len(evaluation.names), dtype=np.bool_)
    if search.of_pixels:
        kept &= pixels > 0
    with np.errstate(invalid="ignore"):
        if search.low is not None:
            kept &= values >= search.low
        if search.below is not None:
            kept &= values < search.below
    if search.image is not None:
        kept &= np.arange(len(kept)) == search.image
    for title, label in search.groups.items():
        if title not in groups:
            raise unknown("attribute", title, [*filter(None, groups), *([] if any(groups) else ["group"])])
        kept &= np.fromiter((str(one) == label for one in groups[title]), np.bool_, len(kept))
    text = search.text.strip().lower()
    if text:
        # Names are looked through last: of images that are left, one after the other.
        for i in np.flatnonzero(kept).tolist():
            kept[i] = text in visible(evaluation.names[i]).lower()
    return kept


def pixels_said(search: Search, names: Sequence[str]) -> str:
    """Return what an image has that is found by its pixels, of classes with these names; empty for any image.

    Examples
    --------
    >>> pixels_said(Search(target=0, pred=1), ("road", "sky")), pixels_said(Search(pred=2), ("road", "sky"))
    ('road called sky', 'pixels called no class')
    >>> pixels_said(Search(target=0, wrong=True), ("road", "sky"))
    'road that is missed'
    """

    def shown(index: int) -> str:
        return visible(names[index]) if index < len(names) else NO_CLASS

    if search.target is not None and search.pred is not None:
        same = search.target == search.pred
        return f"{shown(search.target)} {'found' if same else f'called {shown(search.pred)}'}"
    if search.target is not None:
        return f"{shown(search.target)} {'that is missed' if search.wrong else 'in the target'}"
    if search.pred == len(names):
        return f"pixels called {NO_CLASS}"
    if search.pred is not None:
        return f"{shown(search.pred)} {'where there is none' if search.wrong else 'in the prediction'}"
    return "wrong pixels" if search.wrong else ""
