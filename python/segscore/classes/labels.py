"""Label values, names and colours on their own: what one is, how it is written, what is refused.

Which of them belong together is known by `classes` alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import index as to_int
from typing import Any, TypeAlias, TypeVar

import numpy as np

from segscore.base.naming import arg
from segscore.base.shown import brief, first
from segscore.base.values import Bools, Ints, is_int, is_ordered, is_several
from segscore.errors import ClassesError

Colour: TypeAlias = tuple[int, int, int]
Labels: TypeAlias = Sequence[int | Sequence[int]]
"""The label value of each class, or its label values."""

_SHOWN = 8
"""Label values of one class that texts list."""

T = TypeVar("T")

USUAL_MARKS = frozenset({255, -1, -100})
"""Label values that often mark pixels to leave out: 255 in files, -1 and -100 in training code."""
FOREGROUND = 255
"""In masks of 0 and 255; beside other labels it is a mark."""
COLOUR_TAG = 1 << 56
"""Pixels of RGB masks are the labels ``COLOUR_TAG + 0xRRGGBB``, out of the way of every other label."""
NO_FILE = COLOUR_TAG << 1
"""The label of pixels that are of no class, as no file of a class claims them; no mask holds it."""
MAX_CLASSES = 65_536
"""The largest number of classes."""
MAX_LABELS = 1 << 18
"""The largest number of label values, of classes or ignored."""
_LABELS = "give a list: `labels=[…]`"
_INSTANCES = "are these instances? a label rule takes the class out of each: `value // 1000`"

_OF_PALETTE = 1 << 32
"""Set in the label of a colour that stands for an index of a palette, which is of another class."""

_OPAQUE_BITS = 24
_ALPHA_BITS = 32
_COLOUR_BITS = 33


def colour_label(colour: Colour) -> int:
    """Return the label value that a pixel of this colour has in an RGB mask."""
    red, green, blue = colour
    return COLOUR_TAG | red << 16 | green << 8 | blue


def colour_labels(colour: Colour) -> tuple[int, int]:
    """Return the label values that stand for a colour: of RGB masks, and of palettes where they decide."""
    return colour_label(colour), palette_label(colour)


def palette_label(colour: Colour) -> int:
    """Return the label value of an index whose palette gives it this colour, where the colours decide."""
    return colour_label(colour) | _OF_PALETTE


def is_colour_label(value: int) -> bool:
    """Whether a label value is a colour of an RGB or RGBA mask, or of a palette that decided."""
    return value >> _COLOUR_BITS == COLOUR_TAG >> _COLOUR_BITS


def of_colours(labels: Ints) -> Bools:
    """Return which label values are colours, of whatever masks."""
    return np.asarray(labels >> _COLOUR_BITS == COLOUR_TAG >> _COLOUR_BITS)


def any_colour(*columns: Ints) -> bool:
    """Whether any of these label values is a colour, of whatever masks."""
    for labels in columns:
        # That of hardly any is as large as a colour.
        if np.maximum.reduce(labels, initial=0) >= COLOUR_TAG and of_colours(labels).any():
            return True
    return False


def of_palettes(labels: Ints) -> Bools:
    """Return which label values are colours of palettes that decided."""
    return np.asarray(labels >> _ALPHA_BITS == (COLOUR_TAG | _OF_PALETTE) >> _ALPHA_BITS)


def describe_label(value: int) -> str:
    """Return a label value as a person writes it: ``7``, or ``colour (128, 64, 0)``; or whence it is.

    Examples
    --------
    >>> describe_label(7), describe_label(colour_label((128, 64, 0)))
    ('7', 'colour (128, 64, 0)')
    """
    if not is_colour_label(value):
        return "without the file of a class" if value == NO_FILE else str(value)
    bits = value & (1 << _ALPHA_BITS) - 1
    red, green, blue = bits >> 16 & 255, bits >> 8 & 255, bits & 255
    if bits >> _OPAQUE_BITS:
        return f"colour ({red}, {green}, {blue}) with alpha {255 - (bits >> _OPAQUE_BITS)}"
    return f"colour ({red}, {green}, {blue})"


def label_value(what: str, value: object) -> int:
    """Return `value` as a label value, or raise ClassesError."""
    if not is_int(value) or not -(2**63) <= to_int(value) < COLOUR_TAG:
        raise ClassesError(
            f"{what} {brief(value)} is no label value", "label values are integers below 2**56"
        )
    return to_int(value)


def sorted_labels(key: str, values: Iterable[int]) -> tuple[int, ...]:
    """Return label values of a key of classes, or of a file of them, sorted and each once."""
    return _sorted(f"`{key}`", values, f"give a list: `{key}=[…]`")


def ignored_labels(values: Iterable[int]) -> tuple[int, ...]:
    """Return label values that whoever scores leaves out, sorted and each once."""
    return _sorted(arg("ignore_index"), values, f"give a list: {arg('ignore_index', [0, 255], code='[…]')}")


def _sorted(what: str, values: Iterable[int], hint: str) -> tuple[int, ...]:
    return tuple(sorted({label_value(what, value) for value in _listed(what, values, hint)}))


def _listed(what: str, values: Iterable[T], hint: str) -> list[T]:
    if not is_several(values):
        raise ClassesError(f"expected {what} to be label values, found {brief(values)}", hint)
    found: list[T] = list(islice(values, MAX_LABELS + 1))
    if len(found) > MAX_LABELS:
        raise ClassesError(f"expected at most {MAX_LABELS:,} label values as {what}, found more", _INSTANCES)
    return found


def checked_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return class names as a tuple, or raise ClassesError."""
    if isinstance(names, str):
        raise ClassesError(
            f"expected a list of class names, found the text {names!r}",
            'name the classes one by one: ["road", "sky"]',
        )
    if not is_ordered(names):
        raise ClassesError(
            f"expected a list of class names, found a value of type {type(names).__name__}",
            "`Classes` takes names and, beside them, `labels`; `Classes.of` takes a number of classes",
        )
    checked = tuple(names)
    for name in checked:
        if not isinstance(name, str):
            raise ClassesError(
                f"class name {name!r} is not a text",
                "class names are texts; label values are given beside them, as `labels`",
            )
        if not name.strip():
            raise ClassesError(f"class name {name!r} is empty", "give each class a name")
    if not 1 <= len(checked) <= MAX_CLASSES:
        raise ClassesError(
            f"expected 1 to {MAX_CLASSES:,} classes, found {len(checked):,}",
            "are these instances? segscore compares classes" if checked else "name at least one class",
        )
    _check_different("class name `{}`", checked, "class names are all different")
    return tuple(map(str, checked))


def checked_labels(
    what: str, labels: Labels, count: int, further: Sequence[Sequence[int]] = ()
) -> tuple[tuple[int, ...], ...]:
    """Return the label values of each of `count` classes, all different, or raise ClassesError.

    A class has one value or a list of them; `further` has more of each class.
    """
    listed = [_of_class(what, entry) for entry in _listed("`labels`", labels, _LABELS)]
    if len(listed) != count:
        raise ClassesError(
            f"expected one {what} for each of {count} classes, found {len(listed)}",
            "give as many as there are class names",
        )
    if further:
        both = zip(listed, further, strict=True)
        listed = [(*own, *(label_value(what, value) for value in more)) for own, more in both]
    if sum(map(len, listed)) > MAX_LABELS:
        raise ClassesError(
            f"expected at most {MAX_LABELS:,} label values of classes, found {sum(map(len, listed)):,}",
            _INSTANCES,
        )
    owner: dict[int, int] = {}
    for i, own in enumerate(listed):
        for label in own:
            if label in owner:
                whose = f"classes {owner[label]} and {i}" if owner[label] != i else f"class {i}"
                raise ClassesError(
                    f"{what} {label} is given twice, to {whose}", "each class has a label value of its own"
                )
            owner[label] = i
    return tuple(listed)


def _of_class(what: str, entry: int | Sequence[int]) -> tuple[int, ...]:
    if isinstance(entry, (list, tuple, range)) or (isinstance(entry, np.ndarray) and entry.ndim > 0):
        if not len(entry):
            raise ClassesError(f"a class has no {what}", "give each class one label value or more")
        return tuple(label_value(what, value) for value in _listed("`labels`", entry, _LABELS))
    return (label_value(what, entry),)


def first_and_further(
    labels: tuple[tuple[int, ...], ...],
) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]:
    """Return the first label value of each class, and the others; none where no class has others."""
    further = tuple(own[1:] for own in labels)
    return tuple(own[0] for own in labels), further if any(further) else ()


def as_given(labels: tuple[tuple[int, ...], ...]) -> list[Any]:
    """Return the label values of each class as they are given, as a list only where there are several."""
    return [list(own) if len(own) > 1 else own[0] for own in labels]


def label_text(labels: Iterable[int]) -> str:
    """Return the label values of a class as texts have them, of very many the first.

    Examples
    --------
    >>> label_text((1, 255))
    '1, 255'
    """
    return first(list(map(describe_label, labels)), _SHOWN)


def _check_different(what: str, values: Sequence[object], hint: str) -> None:
    owner: dict[object, int] = {}
    for i, value in enumerate(values):
        if value in owner:
            said = f"{what.format(value)} is given twice, to classes {owner[value]} and {i}"
            raise ClassesError(said, hint)
        owner[value] = i


def checked_colours(colours: Mapping[int, object]) -> dict[int, tuple[Colour, ...]]:
    """Return the colours of each label value, each part 0 to 255, or raise ClassesError."""
    if not isinstance(colours, Mapping):
        raise ClassesError(
            f"expected `colours` to be a mapping, found a value of type {type(colours).__name__}",
            "colours are given by label value: `colours={0: (128, 64, 128)}`",
        )
    checked: dict[int, tuple[Colour, ...]] = {}
    for label, given in colours.items():
        several = isinstance(given, list | tuple) and bool(given) and all(map(is_several, given))
        found = [_colour(label, one) for one in (given if several else [given])]  # type: ignore[attr-defined]
        checked[label_value("`colours`", label)] = tuple(dict.fromkeys(found))
    return checked


def _colour(label: object, colour: object) -> Colour:
    parts = tuple(colour) if is_ordered(colour) else ()
    if len(parts) != 3 or not all(is_int(part) and 0 <= part <= 255 for part in parts):
        raise ClassesError(
            f"colour of label {label} is {brief(colour)}",
            "a colour is [red, green, blue], each 0 to 255",
        )
    return int(parts[0]), int(parts[1]), int(parts[2])


def checked_sources(source: object) -> tuple[str, ...]:
    """Return where classes were read from as a tuple of texts, or raise ClassesError."""
    texts = (source,) if isinstance(source, str) else source
    if not isinstance(texts, Sequence) or not all(isinstance(text, str) for text in texts):
        raise ClassesError(f"expected `source` to be texts, found {source!r}", "name each file that was read")
    return tuple(texts)


@dataclass(frozen=True)
class PredictionSpace:
    """Other label values under which predictions of a dataset's classes are often stored.

    Attributes
    ----------
    name : str
        For example ``"train-ids"``.
    labels : tuple of int
        One label value a class, in the order of the classes, or a tuple of several.
    note : str or None
        Who writes predictions like this.
    label_rule : str or None
        What labels of predictions are, computed of their pixels, as for `Classes`.
    """

    name: str
    labels: tuple[int | tuple[int, ...], ...]
    note: str | None = None
    label_rule: str | None = None

    @property
    def all_labels(self) -> tuple[tuple[int, ...], ...]:
        """The label values of each class."""
        return tuple(own if isinstance(own, tuple) else (own,) for own in self.labels)
