"""Whether labels look like codes of instances, told from the values alone, before there are classes.

What a rule of codes is stands in `rules`, and what goes wrong with one beside classes in `codes`.
"""

from collections.abc import Iterable, Set
from typing import NamedTuple

from segscore.base.shown import first
from segscore.base.wording import many
from segscore.classes.labels import USUAL_MARKS, is_colour_label

_LEAST = 1_000
"""Of labels below nobody thinks of instances."""
_NO_CODES = frozenset({(1 << 16) - 1})
"""Void in masks of 16 bits."""
_GAPS = 2
"""How many times as many numbers of instances there may be as are seen, and one more in each class: they are
counted in each image, and a few are hidden."""
_FEWEST = 2
"""Codes that are told; one alone is any number."""
_SHOWN = 5
_OF_SEGMENTS = 8
"""Colours in an image from which on they may be of its segments, if each is in one image alone."""
_IMAGES = 3
"""Images that tell whether colours are shared."""
_ALONE = 0.9
"""Share of colours of segments that are in one image alone; classes are in many."""
_COLOURS = 10
"""Colours all of whose red is a multiple of 10: chance makes that of so many once in 10**10 times."""
_ADE20K = "red // 10 * 256 + green"


class _Form(NamedTuple):
    """How a dataset makes a code of the label of a class and the number of an instance."""

    rule: str
    base: int
    first: bool
    """Whether the number comes first, and not the label."""

    def parts(self, code: int) -> tuple[int, int]:
        """Return label and number of a code."""
        high, low = divmod(code, self.base)
        return (low, high) if self.first else (high, low)


_FORMS = (
    _Form("value // 1000", 1000, first=False),
    _Form("value // 256", 256, first=False),
    _Form("value % 65536", 1 << 16, first=True),
)


def told(labels: Set[int], images: int, alone: int) -> tuple[str, str] | None:
    """Return what is said of labels of targets that look like codes of instances, and what to do; else None.

    `alone` is the number of labels that are in one of the `images` alone.

    Examples
    --------
    >>> told({7, 26_001, 26_002, 24_000}, 3, 2)[0]
    'labels such as 24000, 26001, 26002 look like codes of instances: class times 1000 and a number'
    """
    if labels and all(map(is_colour_label, labels)):
        return _of_colours(labels, images, alone)
    labels = labels - _NO_CODES - USUAL_MARKS
    codes = sorted(label for label in labels if label >= _LEAST and not is_colour_label(label))
    if 2 * sum(0 <= label < _LEAST for label in labels) > _LEAST:
        return None  # so many are counted, and no classes
    fitting = [(spread, form) for form in _FORMS if (spread := _spread(form, codes)) is not None]
    if not fitting:
        return None
    form = min(fitting)[1]
    small = sorted(label for label in labels if 0 < label < form.base)
    rule = form.rule if form.first else f"{form.rule} where value >= {form.base}"
    made = sorted({form.parts(code)[0] for code in codes} | {label for label in labels if label < form.base})
    how = "a number times 65536 and the class" if form.first else f"class times {form.base} and a number"
    other = (
        f"; where smaller ones ({first([*map(str, small)], _SHOWN)}) are codes of class 0, too, "
        f'label_rule = "{form.rule} where value >= 0"'
        if small and not form.first
        else ""
    )
    return (
        f"labels such as {first([*map(str, codes)], _SHOWN)} look like codes of instances: {how}",
        f'write label_rule = "{rule}" beside the classes, and give these the labels that it makes, '
        f"{first([*map(str, made)], _SHOWN)}{other}; where each label is a class of its own, leave them",
    )


def _spread(form: _Form, codes: Iterable[int]) -> tuple[int, int] | None:
    """Return how many classes codes are of and their largest number, if these are of a form; else None."""
    numbers: dict[int, set[int]] = {}
    codes = {*codes}
    if len(codes) < _FEWEST:
        return None
    for code in codes:
        label, number = form.parts(code)
        numbers.setdefault(label, set()).add(number)
    largest = [max(own) for own in numbers.values()]
    if not numbers or max(numbers) >= _LEAST or not any(largest):
        return None
    seen = sum(map(len, numbers.values()))
    counted = sum(largest) <= _GAPS * seen + len(numbers)
    return (len(numbers), max(largest)) if counted else None


def _of_colours(labels: Set[int], images: int, alone: int) -> tuple[str, str] | None:
    parts = [(label >> 16 & 255, label >> 8 & 255, label & 255) for label in labels]
    if len(parts) >= _COLOURS and not any(red % 10 for red, _, _ in parts):
        classes = {(red, green) for red, green, _ in parts}
        if len(classes) < len(parts):
            return (
                f"the {many(len(parts), 'colour')} look like codes of instances, whose number is the blue "
                "part, as those of ADE20K",
                f'write label_rule = "{_ADE20K}" beside the classes, and give these the labels that it makes',
            )
    codes = [code for red, green, blue in parts if (code := red + 256 * green + 65536 * blue) >= _LEAST]
    lonely = images >= _IMAGES and len(labels) >= _OF_SEGMENTS * images and alone >= _ALONE * len(labels)
    if not lonely and _spread(_FORMS[0], codes) is None:
        return None
    why = f"{alone:,} are in one image alone" if lonely else "these are a class times 1000 and a number"
    return (
        f"the {many(len(parts), 'colour')} look like ids of segments, red + 256 * green + 65536 * blue, as "
        f"panoptic masks have them: {why}",
        "which class a segment has is said in the JSON beside the masks (`segments_info`): write masks with "
        "the label of each segment's class, as gray PNG",
    )
