"""The start of a TOML file of classes, from the label values and palettes of masks."""

import json
import os
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from segscore.base.wording import capital, show
from segscore.classes.causes import holds_foreground
from segscore.classes.classes import Classes, load
from segscore.classes.folding import is_void
from segscore.classes.labels import (
    COLOUR_TAG,
    FOREGROUND,
    USUAL_MARKS,
    Colour,
    describe_label,
    is_colour_label,
)
from segscore.classes.presets import TABLES
from segscore.counts.failures import failure_lines
from segscore.counts.labels_found import labels_of
from segscore.counts.palettes import PALETTES_HINT
from segscore.errors import ClassesError, EvaluationError, SegscoreWarning
from segscore.io.addresses import public
from segscore.io.annotations.paths import is_annotated
from segscore.io.by_class import BY_CLASS
from segscore.io.cases import masks_alone
from segscore.io.elsewhere import given_side
from segscore.io.kinds import split_suffix
from segscore.io.left_out import left_out_text, unread
from segscore.io.lists import ListLike, name_list
from segscore.io.masks import Read, read_mask
from segscore.io.reading import Reading
from segscore.io.shapes import PLANES, Dims
from segscore.io.sides import Side
from segscore.io.sources import find_files
from segscore.io.stacks import find_images
from segscore.text.plain import wrapped

_MOST = 1_000
_WIDTH = 108
"""Of what is said in remarks."""
ONE_THING = ("# As the only value beside 0, 255 is taken for the foreground, and not for a mark of void.",)
TWO_KINDS = (
    "# No mask holds both 1 and 255: they are taken for one class, in masks of two kinds. If 255 marks void,",
    "# write label = 1 and ignore = [255].",
)
OF_COLOURS = (
    "# The masks have colours and no numbers: the labels below go by shares of pixels, which no model knows.",
)
OF_ORDER = ("# The table has no numbers: the labels below go by its order, which the model may not know.",)
OF_ANNOTATIONS = (
    "# Annotations have no numbers: the labels below count their classes, which the model may not know.",
)
OF_VOID = (
    "# Ignored is what is no class by its name: {}. Where it is one all the same, move it to the classes."
)
OF_NAMES = (
    "# Files are named after classes, without numbers: the labels below go by names, which no model knows.",
)
OF_PALETTES = (
    "# The labels below are indices of palettes, whose order may mean nothing. Where palettes differ, each",
    "# colour is of the label that had it first: check them, as colours decide.",
)
MADE_UP = (
    "# Put the classes in the order of the model's channels, the first one as label 0, and then confirm it.",
    "# Until then, scores of predictions that have numbers come with a warning.",
    "confirmed = false",
)


def new_classes(
    masks: str,
    pairing: str | None = None,
    list: ListLike | None = None,
    read: Read | None = None,
    dims: Dims = PLANES,
) -> str:
    """Return a TOML file with a class for each label value found, with names to fill in.

    All masks of the folder, glob pattern or file are read, or those that a list names. 255, -1 and -100 are
    ignored in it, but 255 is the foreground where it is the only value beside 0. Colours are those of the
    palettes, each of the label that has it first; of RGB masks, each colour is a class. Where each class has
    a file of its own, as `{class}` in a pattern says, the names are known. Labels and colours side by side,
    colours that are not opaque, and more label values than classes can be are a ClassesError.

    Of a table of classes as another tool writes it, and of annotations, the file says what these say.
    """
    if pairing is None and list is None and read is None and (told := _of_one_file(masks)) is not None:
        return told
    reading = Reading(read=read, dims=dims)
    source = find_files("masks", given_side("masks", masks, None, opened=read is None), reading.suffixes)
    if list is not None and pairing is None:
        source = Side.of(source, None, None).chosen(name_list(list)).source
    paths = [*source.paths]
    # Files of other endings may have the same name.
    names = source.names if len({*source.names}) == len(paths) else source.files
    if pairing is None:
        reading = replace(reading, names=names)
    cases = (
        find_images(paths, paths, reading, None) if pairing is None else masks_alone(source, pairing, list)
    )
    found = labels_of(cases, reading, alone=True)
    if found.failures:
        bad = "\n".join(f"  {line}" for line in failure_lines(found.failures))
        raise EvaluationError(
            f"{len(found.failures):,} mask{'s' * (len(found.failures) > 1)} cannot be read:\n{bad}",
            failures=found.failures,
        )
    for said in (left_out_text(unread(source)), cases.provenance.get(BY_CLASS)):
        if said:
            warnings.warn(SegscoreWarning(said), stacklevel=2)
    labels = sorted(found.target)
    if len(labels) > _MOST:
        raise ClassesError(
            f"{_shown(public(masks))}: found {len(labels):,} different labels, more than {_MOST:,}",
            f"{found.codes[0]}: {found.codes[1]}"
            if found.codes
            else "are these instance ids, photographs, or masks that were saved as JPEG?",
        )
    if found.codes:
        warnings.warn(SegscoreWarning("\nhint: ".join(found.codes)), stacklevel=2)
    coded = [f"# {line}" for said in found.codes or () for line in wrapped(f"{capital(said)}.", _WIDTH)]
    total = sum(found.target.values())
    head = f"# Labels found in {_shown(public(masks))}. Give each class its name."
    in_colour = {label for label in labels if is_colour_label(label)}
    if in_colour:
        _check_colours(paths, in_colour, set(labels) - in_colour, read)
        return _file(head, _from_colours(found.target, total), [], [*coded, *OF_COLOURS, *MADE_UP])
    if found.palettes:
        warnings.warn(SegscoreWarning(f"{found.palettes}\nhint: {PALETTES_HINT}"), stacklevel=2)
    foreground = holds_foreground(set(labels))
    named: dict[str, Sequence[int]] = {}
    marks: Sequence[int] = []
    void: dict[int, str] = {}
    if found.names:
        of_label = {0: "background", **found.names}
        void = {label: name for label, name in sorted(found.names.items()) if is_void(name)}
        named = {name: [label] for label, name in sorted(of_label.items()) if label not in void}
        marks = [*void]
    elif foreground or found.two_kinds:
        named = {"background": [0], "foreground": [FOREGROUND] if foreground else [1, FOREGROUND]}
    else:
        marks = [label for label in labels if label in {*USUAL_MARKS, *found.nodata}]
        named = {f"class {label}": [label] for label in labels if label not in marks}
    lines = [
        _line(
            own,
            name,
            next((found.colours[label] for label in own if label in found.colours), ()),
            sum(found.target.get(label, 0) for label in own) / total,
        )
        for name, own in named.items()
    ]
    ignored = [_ignored(label, found.colours.get(label, ())) for label in marks]
    one_thing = ONE_THING if foreground else TWO_KINDS if found.two_kinds else ()
    remarks = [
        *coded,
        *_of_void(void.values()),
        *(OF_NAMES if found.names else one_thing),
        *(OF_PALETTES if found.palettes else ()),
        *(MADE_UP if found.names or found.palettes else ()),
    ]
    return _file(head, lines, ignored, remarks)


def _of_one_file(path: str) -> str | None:
    """Return the file of annotations, which may be a folder, or of a table; None for masks."""
    if is_annotated(path):
        from segscore.io.annotations.formats import holds_objects
        from segscore.io.annotations.reading import read_classes

        if holds_objects(path):
            return classes_of(read_classes(path), path)
    return _of_table(path) if os.path.isfile(path) and _may_be_table(path) else None


def _may_be_table(path: str) -> bool:
    suffix = split_suffix(path)[1]
    return not suffix or suffix in TABLES


def _of_table(path: str) -> str:
    """Return the file of a table: the reader of files of classes says what is wrong with it."""
    return _of_classes(load(Path(path)), path, OF_ORDER)


def classes_of(classes: Classes, path: str) -> str:
    """Return the file of the classes that annotations name."""
    return _of_classes(classes, path, OF_ANNOTATIONS)


def _of_classes(classes: Classes, path: str, of_order: Sequence[str]) -> str:
    lines = [
        _line(own, name, classes.all_colours.get(own[0], ()))
        for name, own in zip(classes.names, classes.all_labels, strict=True)
    ]
    ignored = [_ignored(label, classes.all_colours.get(label, ())) for label in classes.ignore]
    remarks: tuple[str, ...] = (
        *_of_void(classes.void_names),
        *(() if classes.confirmed else (*of_order, *MADE_UP)),
    )
    return _file(f"# Classes of {_shown(path)}.", lines, ignored, remarks)


def _of_void(names: Iterable[str]) -> Iterator[str]:
    """Yield the remark that says what is ignored by its name."""
    if void := ", ".join(map(_shown, names)):
        yield OF_VOID.format(void)


def _check_colours(paths: list[str], in_colour: set[int], others: set[int], read: Read | None) -> None:
    """Refuse what no class can have, and name a mask that has it."""
    if others:
        raise ClassesError(
            f"{_first(paths, in_colour, read)} holds colours, and {_first(paths, others, read)} holds labels",
            "save all masks in one form, or name those of one form with a pattern: 'masks/*_color.png'",
        )
    clear = [label for label in sorted(in_colour) if label - COLOUR_TAG >= 1 << 24]
    if clear:
        raise ClassesError(
            f"{_first(paths, set(clear), read)} holds {describe_label(clear[0])}: "
            "the colour of a class is opaque",
            "save the masks without alpha, as RGB",
        )


def _first(paths: list[str], labels: set[int], read: Read | None) -> str:
    """Return the first mask that holds one of these labels."""
    wanted = [*labels]
    masks = ((path, np.asarray(read_mask(path, read=read, colours=True))) for path in paths)
    return next(show(path) for path, mask in masks if np.isin(mask, wanted).any())


def _from_colours(pixels: dict[int, int], total: int) -> list[str]:
    most = sorted(pixels, key=lambda label: (-pixels[label], label))
    parts = [((label >> 16) & 255, (label >> 8) & 255, label & 255) for label in most]
    return [
        _line([i], f"class {i}", (colour,), pixels[label] / total)
        for i, (label, colour) in enumerate(zip(most, parts, strict=True))
    ]


def _line(labels: Sequence[int], name: str, colours: Sequence[Colour], share: float | None = None) -> str:
    values = f"label = {labels[0]}" if len(labels) == 1 else f"labels = {[*labels]}"
    # A text of JSON is one of TOML, but for DEL.
    text = json.dumps(name, ensure_ascii=False).replace("\x7f", "\\u007f")
    remark = "" if share is None else f"  # {share:.2%} of the pixels"
    return f"  {{ {values}, name = {text}{_colours(colours)} }},{remark}"


def _ignored(label: int, colours: Sequence[Colour]) -> str:
    return f"{{ label = {label}{_colours(colours)} }}" if colours else str(label)


def _colours(colours: Sequence[Colour]) -> str:
    lists = [list(colour) for colour in colours]
    return "" if not lists else f", colour = {lists[0]}" if len(lists) == 1 else f", colours = {lists}"


def _shown(path: str) -> str:
    return path if path.isprintable() else ascii(path)


def _file(head: str, lines: list[str], ignored: list[str], remarks: Sequence[str] = ()) -> str:
    return "\n".join(
        [
            head,
            *remarks,
            'name = "my-classes"',
            f"ignore = [{', '.join(ignored)}]",
            "not_in_mean = []  # labels of classes, such as a background, that means leave out",
            "classes = [",
            *lines,
            "]",
            "",
        ]
    )
