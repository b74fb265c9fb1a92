"""The likely cause of labels that do not fit, told from their values alone, and the way out.

No pixel, array or file is read here.
"""

import re
from collections.abc import Collection, Container, Iterable, Sequence, Set
from math import gcd
from typing import Literal

import numpy as np

from segscore.base.naming import arg
from segscore.base.shown import first
from segscore.base.wording import many, visible
from segscore.classes import presets
from segscore.classes.classes import Classes, load
from segscore.classes.codes import after_rule, are_codes, decoded, fitting_rules, left_out
from segscore.classes.folding import IGNORED, UNKNOWN
from segscore.classes.labels import FOREGROUND, NO_FILE, USUAL_MARKS, Colour, describe_label, is_colour_label
from segscore.classes.strays import kind_of_strays
from segscore.errors import LabelError

_COLOURS = 3
"""Colours from which on they say of which dataset they are: others share black and white."""
UNCONFIRMED = (
    "the label values of the classes were made up, and nobody has confirmed that they are those of the model",
    "put the classes in the order of the model's channels, in a TOML file that says `confirmed = true`; "
    "`segscore classes new --from` starts one from masks, or from a table of another tool",
)
"""What is said of predictions in numbers, where classes have numbers that were made up; and the hint."""

BINARY = 2
"""Most classes of a task in which 255 may be the foreground."""
_SHOWN = 5
_SMOOTHED = (
    "each is on few pixels, between other labels, as smoothing and JPEG make them: make the masks again from "
    "their source, resized to nearest and saved as PNG"
)
_ONLY_TARGETS = (
    "only a target can be ignored: a prediction of an ignored label is wrong where a class is right"
)


def void_by_name(classes: Classes) -> tuple[str, str] | None:
    """Return what is said where names in a table decided what is ignored, and the hint; None elsewhere."""
    if not classes.void_names:
        return None
    names = first([f"`{visible(name)}`" for name in classes.void_names])
    are, its, no = (
        ("is", "its name", "it is no class")
        if len(classes.void_names) == 1
        else ("are", "their names", "they are no classes")
    )
    return (
        f"{names} {are} ignored: by {its} in the table of classes, {no}",
        "what is a class all the same is made one in a TOML file: `segscore classes new --from` starts one "
        "from the table",
    )


def two_kinds(images: Iterable[Set[int]], least: int = 1) -> bool:
    """Whether masks are of two kinds, of 0 and 1 and of 0 and 255: in no image are 1 and 255 together.

    At least so many images are to be of each kind.
    """
    own = [image - {0} for image in images]
    enough = min(own.count({1}), own.count({FOREGROUND})) >= least
    return enough and all(one <= {1} or one == {FOREGROUND} for one in own)


def holds_foreground(seen: Set[int]) -> bool:
    """Whether 255 is the only label value of targets beside 0: a foreground then, and no mark of void."""
    return FOREGROUND in seen and seen <= {0, FOREGROUND}


def unknown_targets(
    classes: Classes,
    unknown: dict[int, int],
    seen: Iterable[int],
    total: int,
    *,
    where: str | None = None,
    nodata: Iterable[int] = (),
    pattern: str | None = None,
) -> LabelError:
    """Return the error for target labels that are neither class nor ignored.

    `unknown` holds the pixels of each such label value, of so many in `total`, `seen` known values too, and
    `where` is the first image, in name order, that holds one; `nodata` are labels that files call no data.
    By the `pattern`, if any, each class may have files of its own.
    """
    none = sorted(unknown.keys() & set(nodata))
    place = f", first in {where}" if where is not None else ""
    labels, known = set(unknown), set(seen)
    if none:
        hint = f"the targets call {', '.join(map(str, none))} no data (GDAL): {left_out(none)}"
    else:
        smoothed = kind_of_strays(classes, "target", unknown, total) is not None
        hint = likely_cause(classes, labels, known, smoothed)
    if pattern is not None and holds_foreground(labels | known):
        hint = f"if each class has a file, as names look: {arg('pairing', pattern)}; else {hint}"
    return LabelError(f"`target` holds {_listed(unknown)}: neither class nor ignored{place}", hint)


def unknown_predictions(classes: Classes, unknown: dict[int, int], where: str | None = None) -> str:
    """Return the sentence that says which predictions are no class, on pixels that are scored."""
    place = f", first in {where}" if where is not None else ""
    space = f" in {arg('pred_classes')}" if classes.pred_labels is not None else ""
    return f"`pred` holds {_listed(unknown)}: no class{space}{place}"


def prediction_hint(
    classes: Classes, unknown: set[int], better: Container[str], seen: Set[int] = frozenset()
) -> str:
    """Return what to do about predicted label values that are no class; `seen` are all that are predicted.

    ``better`` are the names of the prediction spaces in which more pixels are right: others are not offered.
    """
    if unknown == {NO_FILE}:
        return "where they are background, name a class so; else let the model choose a class for each pixel"
    unknown = unknown - {NO_FILE}
    labels = classes.all_pred_labels
    of_ignored = (own for own, ignored in zip(labels, classes.ignored_classes, strict=True) if ignored)
    if unknown <= {label for own in of_ignored for label in own}:
        return _ONLY_TARGETS
    if classes.pred_label_rule is None and are_codes(classes, unknown):
        return (
            "predictions hold labels, and these look like codes as the targets have them: name the same "
            f"classes as {arg('pred_classes')}, too"
        )
    for space in classes.prediction_spaces:
        own = space.all_labels
        if unknown <= {label for one in own for label in one} and own != labels and space.name in better:
            given = arg("pred_classes", space.name)
            return f"these labels are in the prediction space `{space.name}`: {given}"
    if classes.pred_labels is not None and unknown <= classes.class_of.keys():
        return (
            "these are label values of targets: where predictions use them too, leave "
            f"{arg('pred_classes')} out"
        )
    if unknown <= set(classes.all_ignored):
        return _ONLY_TARGETS
    if all(map(is_colour_label, unknown)):
        return (
            _exchanged(classes, "pred", seen | unknown)
            or preset_of_colours(classes, unknown)
            or "predictions in colours need the colours of the classes, exactly"
        )
    return f"where predictions use other label values than targets, say so with {arg('pred_classes')}"


def likely_cause(classes: Classes, unknown: set[int], seen: set[int], smoothed: bool = False) -> str:
    """Return what unknown target labels usually mean, and what to do; `seen` are all labels of the targets.

    `smoothed` says that they have as few pixels as values which smoothing makes.

    Examples
    --------
    >>> from segscore.base.naming import said
    >>> said(likely_cause(Classes(["road", "sky"]), {255}, {0, 1, 255}))
    '255 usually marks pixels to leave out: `ignore_index=255`'
    """
    known = classes.class_of.keys()
    if all(map(is_colour_label, unknown)):
        exchanged = _exchanged(classes, "target", seen | unknown)
        if exchanged is not None:
            return exchanged
    if (after := after_rule(classes, unknown)) is not None:
        return after
    if all(map(is_colour_label, unknown)):
        return (
            preset_of_colours(classes, seen | unknown)
            or "RGB masks need the colours of the classes, exactly; was the mask resized or saved as JPEG?"
        )
    if known == {0, FOREGROUND} and seen <= {0, 1}:
        return 'masks of 0 and 1 are the preset "binary"'
    if known == {0, FOREGROUND} and unknown == {1}:
        return 'masks of 0 and 1 beside masks of 0 and 255 are the preset "binary-any"'
    if known == {0, FOREGROUND} and all(0 < label < FOREGROUND for label in unknown):
        return (
            "masks of 0 and 255 hold nothing between: was the mask resized with smoothing, or saved as JPEG?"
        )
    if classes.background is not None and known == {0, 1} and unknown == {FOREGROUND} and 1 in seen:
        return (
            'masks of 0 and 1 beside masks of 0 and 255 are the preset "binary-any"; where '
            f"255 marks pixels to leave out, {left_out([FOREGROUND])}"
        )
    if holds_foreground(seen | unknown):
        if len(classes) <= BINARY:
            return 'masks of 0 and 255 are the preset "binary-255"'
        if unknown == {FOREGROUND}:
            return (
                'as the only value beside 0, 255 is the foreground of the preset "binary-255"; where it '
                f"marks pixels to leave out, {left_out([FOREGROUND])}"
            )
    if smoothed:
        return _SMOOTHED
    rules = fitting_rules(classes, seen | unknown)
    if rules and not any(load(name).label_rule in rules for name in fitting_presets(seen | unknown)):
        named = " or ".join(f"`{rule}`" for rule in rules)
        return f"these look like codes, whose labels are {named}: say so as `label_rule`, beside the classes"
    marks = sorted(unknown & USUAL_MARKS)
    others = _other_ids(classes, seen, set(marks))
    if unknown == set(marks):
        mean = "usually marks" if len(marks) == 1 else "usually mark"
        leave_out = f"{', '.join(map(str, marks))} {mean} pixels to leave out: {left_out(marks)}"
        return (
            leave_out
            if others is None
            else f"{leave_out}; but all labels fit {others}, other ids of the same classes"
        )
    if others is not None:
        return f"these label values fit {others}: are they other ids of the same classes?"
    values = (seen | unknown) - set(classes.all_ignored) - set(marks)
    factor = factor_of(values, known)
    if factor > 1 and len(values) > BINARY:
        return (
            f"these look like the classes multiplied by {factor}: divide the labels by {factor}, or give the "
            "classes these label values"
        )
    shifted = {label + 1 for label in known}
    beyond = max(known) + 1
    if unknown - set(marks) == {beyond} and seen - set(classes.ignore) - set(marks) <= shifted:
        looks = f"labels {min(shifted)} to {beyond} look" if len(shifted) > 1 else f"label {beyond} looks"
        return f"{looks} like the classes shifted by one: subtract 1, or give the classes these label values"
    fitting = fitting_presets(seen, number=len(classes))
    if fitting and unknown <= set(load(fitting[0]).ignore):
        return f'leave them out with {left_out(sorted(unknown))}, as the preset "{fitting[0]}" does'
    if fitting:
        named = " or ".join(f'"{name}"' for name in fitting[:3])
        return f"these label values fit the preset {named}: are they other ids of the same classes?"
    if unknown - set(marks) == {beyond} and known == set(range(beyond)):
        return (
            f"labels 0 to {beyond} are one more than the classes: name the class that is missing, leave it "
            f"out with {arg('ignore_index', beyond)}, or, if 0 is no class, number the classes from 1"
        )
    return f"give these labels to classes, or leave them out with {arg('ignore_index')}"


def _exchanged(classes: Classes, side: Literal["target", "pred"], labels: Set[int]) -> str | None:
    """Return the hint that red and blue are exchanged, where all colours of a side are known after that."""
    colours = np.array([label for label in labels if is_colour_label(label)])
    if classes.has_coloured_codes(side) and len(colours) < _COLOURS:
        return None  # a rule makes classes of many colours
    others = colours & ~0xFF00FF | (colours & 0xFF) << 16 | (colours & 0xFF0000) >> 16
    found = classes.decoded(side, others)
    target, pred = classes.fold(found, found)
    # Void has a colour as classes have, and may be predicted.
    known = target != UNKNOWN if side == "target" else (pred < len(classes)) | (target == IGNORED)
    if not known.all():
        return None
    return (
        "red and blue look exchanged, as OpenCV has them (BGR): all colours are known without that. Exchange "
        "them where the masks are written, as `cv2.imwrite(path, mask[..., ::-1])` does"
    )


def preset_of_colours(classes: Classes, labels: set[int]) -> str | None:
    """Return the hint to take a preset that has these colours, one of the same classes if there is one."""
    fitting = [name for name, _ in told_presets(labels)] if all(map(is_colour_label, labels)) else []
    same = [name for name in fitting if load(name).names == classes.names]
    named = " or ".join(f'"{name}"' for name in same or fitting)
    return f"these colours are those of the preset {named}" if named else None


def factor_of(values: Collection[int], labels: Collection[int]) -> int:
    """Return what all values were multiplied by, if they are labels of classes without it; else 1."""
    factor = gcd(*values)
    return factor if factor > 1 and all(value // factor in labels for value in values) else 1


def _other_ids(classes: Classes, seen: set[int], marks: set[int]) -> str | None:
    """Return what gives the same classes other label values, which hold all those seen, or None."""
    fitting = [(name, load(name)) for name in fitting_presets(seen, number=len(classes))]
    same = [name for name, preset in fitting if preset.names == classes.names]
    differs = [(load(name).all_labels, load(name).label_rule) for name in same[:1]]
    if differs and differs[0] != (classes.all_labels, classes.label_rule):
        return " or ".join(f'the preset "{name}"' for name in same)
    for space in classes.prediction_spaces:
        own = space.all_labels
        if seen - marks <= {label for one in own for label in one} and own != classes.all_labels:
            return f"the prediction space `{space.name}`"
    return None


def told_presets(
    seen: set[int], places: Iterable[str] = (), palette: Sequence[Colour] = ()
) -> list[tuple[str, str]]:
    """Return presets that something speaks for, and what: colours, names in places of files, or 0 and 255.

    ``palette`` has the colour of each palette index, where the masks have palettes.
    That labels lie in the range of a preset says nothing: small numbers lie in that of nearly all.

    Examples
    --------
    >>> told_presets({0, 1, 11}), told_presets({0, 1, 255}, ["data/VOC2012/labels"])
    ([], [('pascal-voc', 'its name is in the path')])
    """
    if seen and all(map(is_colour_label, seen)):
        colours = {((label >> 16) & 255, (label >> 8) & 255, label & 255) for label in seen}
        return [
            (name, "its colours are those of the masks")
            for name in presets.names()
            if len(colours) >= _COLOURS and colours <= load(name).label_of_colour.keys()
        ]
    if seen <= {0, FOREGROUND} and FOREGROUND in seen:
        return [("binary-255", "the masks hold 0 and 255")]
    fitting = fitting_presets(seen)
    by_palette = [name for name in fitting if _has_colours(load(name), seen, palette)]
    if by_palette:
        return [(name, "its colours are those of the palette") for name in by_palette]
    words = {word for place in places for word in re.split(r"[^a-z0-9]+", place.lower())}
    return [
        (name, "its name is in the path")
        for name in fitting
        if not name.startswith("binary") and any(word.startswith(_word(name)) for word in words)
    ]


def _has_colours(classes: Classes, seen: set[int], palette: Sequence[Colour]) -> bool:
    """Whether a palette has the colours of classes for all labels seen, of which enough have one."""
    known = [label for label in seen if label in classes.colours]
    owner = classes.label_of_colour
    same = all(label < len(palette) and owner.get(palette[label]) == label for label in known)
    return same and len({classes.colours[label] for label in known}) >= _COLOURS


def _word(preset: str) -> str:
    """Return the word of a preset's name that no other dataset has."""
    first, _, rest = preset.partition("-")
    return rest.partition("-")[0] if first == "pascal" else first


def fitting_presets(seen: set[int], *, number: int | None = None) -> list[str]:
    """Return the presets whose classes and ignored labels hold all label values seen.

    Those with the fewest classes that were not seen come first; `number` is that of classes, if it is known.
    """
    found = []
    taken: dict[tuple[object, ...], str] = {}
    for name in presets.names():
        preset = load(name)
        labels = preset.class_of.keys()
        held = seen if preset.label_rule is None else set(decoded(preset.label_rule, seen))
        if number is not None and len(preset) != number:
            continue
        if held <= labels | set(preset.ignore) and held & labels:
            same = preset.names, preset.all_labels, preset.ignore
            if not name.startswith(f"{taken.setdefault(same, name)}-"):  # which adds colours or codes alone
                found.append((len(labels - held), name))
    return [name for _, name in sorted(found)]


def _listed(unknown: dict[int, int]) -> str:
    claimed = {value: pixels for value, pixels in unknown.items() if value != NO_FILE}
    if claimed != unknown:
        rest = f"{many(unknown[NO_FILE], 'pixel')} without the file of a class"
        return f"{_listed(claimed)}, and {rest}" if claimed else rest
    most = sorted(unknown.items(), key=lambda item: (-item[1], item[0]))
    shown = ", ".join(f"{describe_label(value)} ({many(pixels, 'pixel')})" for value, pixels in most[:_SHOWN])
    left = len(most) - _SHOWN
    more = f" and {many(left, 'more label')}" if left > 0 else ""
    word = "label" if len(most) == 1 else "labels"
    return f"the {word} {shown}{more}"
