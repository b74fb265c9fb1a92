"""The start of a TOML file of classes, from the label values and palettes of masks."""

import numpy as np

from segscore._core import read_palette
from segscore.base.wording import show
from segscore.classes.causes import USUAL_MARKS
from segscore.classes.labels import COLOUR_TAG, Colour, describe_label, is_colour_label
from segscore.counts.failures import failure_lines
from segscore.counts.labels_found import find_labels
from segscore.errors import ClassesError, EvaluationError
from segscore.io.masks import MAX_PIXELS, is_png, read_mask
from segscore.io.sources import MASK_SUFFIXES, find_files

_MOST = 1_000


def new_classes(masks: str) -> str:
    """Return a TOML file with a class for each label value found, with names to fill in.

    All masks of the folder, glob pattern or file are read. 255, -1 and -100 are ignored in it. Colours are
    those of the palettes, where all palettes that have a label agree on it; of RGB masks, each colour is a
    class. Labels and colours side by side, colours that are not opaque, and more label values than classes
    can be are a ClassesError.
    """
    paths = list(find_files("masks", masks, MASK_SUFFIXES).paths)
    found = find_labels(pred=paths, target=paths)
    if found.failures:
        bad = "\n".join(f"  {line}" for line in failure_lines(found.failures))
        raise EvaluationError(
            f"{len(found.failures):,} mask{'s' * (len(found.failures) > 1)} cannot be read:\n{bad}",
            failures=found.failures,
        )
    labels = sorted(found.target)
    if len(labels) > _MOST:
        raise ClassesError(
            f"{masks}: found {len(labels):,} different labels, more than {_MOST:,}",
            "are these instance ids, photographs, or masks that were saved as JPEG?",
        )
    total = sum(found.target.values())
    in_colour = {label for label in labels if is_colour_label(label)}
    if in_colour:
        _check_colours(paths, in_colour, set(labels) - in_colour)
        return _file(masks, _from_colours(found.target, total), [])
    colours = _palette(paths)
    marks = [label for label in labels if label in USUAL_MARKS]
    lines = [
        _line(label, f"class {label}", colours.get(label), found.target[label] / total)
        for label in labels
        if label not in marks
    ]
    return _file(masks, lines, marks)


def _check_colours(paths: list[str], in_colour: set[int], others: set[int]) -> None:
    """Refuse what no class can have, and name a mask that has it."""
    if others:
        raise ClassesError(
            f"{_first(paths, in_colour)} holds colours, and {_first(paths, others)} holds labels",
            "save all masks in one form, or name those of one form with a pattern: 'masks/*_color.png'",
        )
    clear = [label for label in sorted(in_colour) if label - COLOUR_TAG >= 1 << 24]
    if clear:
        raise ClassesError(
            f"{_first(paths, set(clear))} holds {describe_label(clear[0])}: the colour of a class is opaque",
            "save the masks without alpha, as RGB",
        )


def _first(paths: list[str], labels: set[int]) -> str:
    """Return the first mask that holds one of these labels."""
    wanted = list(labels)
    masks = ((path, np.asarray(read_mask(path, colours=True))) for path in paths)
    return next(show(path) for path, mask in masks if np.isin(mask, wanted).any())


def _from_colours(pixels: dict[int, int], total: int) -> list[str]:
    most = sorted(pixels, key=lambda label: (-pixels[label], label))
    parts = [((label >> 16) & 255, (label >> 8) & 255, label & 255) for label in most]
    return [
        _line(i, f"class {i}", colour, pixels[label] / total)
        for i, (label, colour) in enumerate(zip(most, parts, strict=True))
    ]


def _line(label: int, name: str, colour: Colour | None, share: float) -> str:
    shown = "" if colour is None else f", colour = [{colour[0]}, {colour[1]}, {colour[2]}]"
    return f'  {{ label = {label}, name = "{name}"{shown} }},  # {share:.2%} of the pixels'


def _file(masks: str, lines: list[str], marks: list[int]) -> str:
    where = masks if masks.isprintable() else ascii(masks)
    return "\n".join(
        [
            f"# Labels found in {where}. Give each class its name.",
            'name = "my-classes"',
            f"ignore = {marks}",
            "not_in_mean = []  # labels of classes, such as a background, that means leave out",
            "classes = [",
            *lines,
            "]",
            "",
        ]
    )


def _palette(paths: list[str]) -> dict[int, Colour]:
    """Return the colour of each palette index on which all palettes agree, doubled colours left out."""
    agreed: dict[int, Colour | None] = {}
    for path in paths:
        palette = read_palette(path, max_pixels=MAX_PIXELS) if is_png(path) else None
        for label, (red, green, blue) in enumerate(palette or []):
            colour = (red, green, blue)
            agreed[label] = colour if agreed.get(label, colour) == colour else None
    by_colour: dict[Colour, list[int]] = {}
    for label, agreed_colour in agreed.items():
        if agreed_colour is not None:
            by_colour.setdefault(agreed_colour, []).append(label)
    return {labels[0]: colour for colour, labels in by_colour.items() if len(labels) == 1}
