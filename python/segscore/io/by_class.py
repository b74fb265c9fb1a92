"""Masks of several files, one for each class: how these are found by a pattern, and become labels.

Each file has two values, of which the one that is not 0 is the class. A class without a file is absent from
the image; a pixel that several files claim is an error.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeAlias

import numpy as np

from segscore.base.naming import arg, by_face
from segscore.base.shown import first
from segscore.base.wording import many, show, visible
from segscore.classes.classes import Classes
from segscore.classes.folding import is_background, is_void, may_be_background
from segscore.classes.labels import COLOUR_TAG, NO_FILE, describe_label, of_colours
from segscore.errors import ArgumentError, ClassesError, MaskError, PairingError, ShapeError, unknown
from segscore.io.arrays import Array
from segscore.io.patterns import CLASS, matches_under
from segscore.io.sources import Source

BY_CLASS = "by_class"
"""Entry of the provenance that says what pixels are that no file claims, where each class has a file."""
PartsByPath: TypeAlias = Mapping[str, tuple["Part", ...]]
"""The files of masks, by the path of the first of each."""
_FOREGROUND = "foreground"
TASKS = "each file of a class is a mask of its own, called after image and class"
SCORES_OF_CLASSES = (
    f"probabilities of all classes are one array (K, H, W) an image, for {arg('class_axis', 0)}"
)
_SCORES_OF_TASKS = f"predictions that are probabilities have {arg('threshold', 0.5)}"
_BLACK = bytes(3)
_SHOWN = 5
_FEW = 3
_LONGEST = 64
"""Characters of the name of a class that is not known, at most."""
_LONGEST_VOID = 16
"""The same of one that is called void."""


@dataclass(frozen=True)
class Part:
    """The file of one class."""

    name: str
    """Of the class."""
    path: str


class Numbers(NamedTuple):
    """What pixels become whose class is named by a file."""

    labels: Mapping[str, int]
    """The label of each class."""
    rest: int | None
    """That of pixels that no file claims, if there may be such."""
    said: str
    """What these are."""


@dataclass(frozen=True)
class Parts:
    """One mask of several files."""

    files: tuple[Part, ...]
    numbers: Numbers

    @property
    def names(self) -> tuple[str, ...]:
        """Of the classes that have a file."""
        return tuple(part.name for part in self.files)

    @property
    def paths(self) -> tuple[str, ...]:
        """Where the files lie."""
        return tuple(part.path for part in self.files)

    def read(self, read: Callable[[str], tuple[object, bytes | None]]) -> Array:
        """Return the labels; `read` returns those of one file, or colours as labels, and its palette."""
        labels, rest = self.numbers.labels, self.numbers.rest
        scores = _SCORES_OF_TASKS if self.numbers.said == TASKS else SCORES_OF_CLASSES
        taken: Counter[tuple[str, str]] = Counter()
        owner = np.zeros(0, np.uint16)
        for i, part in enumerate(self.files):
            values, palette = read(part.path)
            claimed = _claimed(part, np.asarray(values), palette, scores)
            owner = owner if i else np.zeros(claimed.shape, np.uint16)
            if claimed.shape != owner.shape:
                raise ShapeError(
                    f"{show(part.path)}: the files of one mask differ in shape: {owner.shape} of "
                    f"`{self.files[0].name}` and {claimed.shape} of `{part.name}`",
                    "write all classes of an image in one size",
                    kind="",
                )
            others, pixels = np.unique(owner[claimed], return_counts=True)
            for other, number in zip(others.tolist(), pixels.tolist(), strict=True):
                if other:
                    taken[self.files[other - 1].name, part.name] += number
            owner[claimed] = i + 1
        if taken:
            raise _overlapping(self.files[0].path, taken)
        if rest is None and not owner.all():
            raise _unclaimed(self.files[0].path, int((owner == 0).sum()))
        numbers = [0 if rest is None else rest, *(labels[part.name] for part in self.files)]
        narrow = min(numbers) >= 0 and max(numbers) < 256
        return np.array(numbers, np.uint8 if narrow else np.int64)[owner]


def _claimed(part: Part, labels: Array, palette: bytes | None, scores: str) -> Array:
    """Return the pixels of a class, of the labels of its file: those that are neither 0, black nor clear.

    Messages say what is done with `scores`.
    """
    if labels.dtype.kind not in "bui":
        raise MaskError(
            f"{show(part.path)}: expected 0 and one other value as integers in the file of a class, found "
            f"{labels.dtype}",
            f"save it as integers: `labels.astype(int)`; {scores}",
        )
    colours = labels.dtype == np.int64 and labels.size and of_colours(labels).all()
    claimed: Array = (labels != COLOUR_TAG) & (labels >> 24 & 255 != 255) if colours else labels != 0
    values = labels[claimed]
    if not values.size:
        return claimed
    if (values != values[0]).any():
        seen = first([*map(describe_label, np.unique(labels).tolist())], _SHOWN)
        raise MaskError(
            f"{show(part.path)}: expected 0 and one other value in the file of a class, found {seen}",
            f"write 0 and 255; was the mask resized, or saved as JPEG? {scores}",
        )
    value = int(values[0])
    if palette is not None and value > 0 and palette[3 * value :][:3] == _BLACK != palette[:3]:
        raise MaskError(
            f"{show(part.path)}: its palette makes 0 the colour {tuple(palette[:3])} and {value} black, so "
            "that indices and colours say the opposite",
            "write the class as 255 and all else as 0, in gray",
        )
    return claimed


def _overlapping(path: str, taken: Mapping[tuple[str, str], int]) -> MaskError:
    said = "; ".join(f"`{a}` and `{b}` in {many(pixels, 'pixel')}" for (a, b), pixels in taken.items())
    return MaskError(
        f"{show(path)}: classes of files that belong together overlap: {said}",
        f"a pixel has one class; if several are meant, {arg('classes', 'binary')} scores each file as a mask "
        "of its own",
    )


def _unclaimed(path: str, pixels: int) -> MaskError:
    are = "pixel is" if pixels == 1 else "pixels are"
    return MaskError(
        f"{show(path)}: {pixels:,} {are} of no class: no file of the mask claims them",
        f"name a class `background`, or leave such pixels out with {arg('ignore_index', 255)}",
    )


def of_classes(
    source: Source,
    template: str | None,
    classes: Collection[str] | None,
    *,
    allowed: bool,
    tasks: bool,
    argument: str,
) -> tuple[Source, PartsByPath, Mapping[str, tuple[str, ...]]]:
    """Return a side with one file for each mask, and the files of masks that are made of several.

    Also returned are files of the same class of an image, by the names of images that have several such.
    """
    if template is None or CLASS not in template:
        return source, {}, {}
    if not allowed:
        raise ArgumentError(
            f"{arg(argument)}: `{CLASS}` is for masks of several files, found {show(template)} for "
            f"{arg(source.role)}",
            "leave it out: each image has one file there",
        )
    return _grouped(source, template, None if tasks else classes, tasks=tasks)


def _grouped(
    source: Source, template: str, known: Collection[str] | None, *, tasks: bool = False
) -> tuple[Source, PartsByPath, Mapping[str, tuple[str, ...]]]:
    """Return a side with the first file of each mask in place of all, and the files of each by that one.

    Files that are not read are parts as well, to fail there, if no other one is that part. What the template
    does not describe has no name. A class that is not `known` is a PairingError, unless it is called void.
    With `tasks`, each file is a mask of its own, but for void.
    """
    every = source.of((*source.files, *source.unread)) if source.unread else source
    loose = matches_under(every, template)
    known = _likely(source, template) if known is None else {*known, *_void(source, template, known)}
    sure = matches_under(every, template, known) if known else loose
    parts: dict[str, dict[str, int]] = {}
    doubled: dict[str, list[int]] = {}
    strange: dict[str, list[str]] = {}
    left: list[int] = []
    unread: list[str] = []
    for i, file in enumerate(every.files):
        read = i < len(source.files)
        if (match := sure[i]) is None or (tasks and is_void(match["class"])):
            if not read:
                unread.append(file)
            elif match is not None or (other := loose[i]) is None:
                left.append(i)
            else:
                strange.setdefault(other["class"], []).append(file)
            continue
        name, of_class = match["id"], match["class"]
        name = f"{name}/{of_class}" if tasks else name
        if of_class not in (of := parts.setdefault(name, {})):
            of[of_class] = i
        elif read:
            doubled.setdefault(name, [of[of_class]]).append(i)
        else:
            unread.append(file)
    if strange:
        raise _strange(source, template, strange, known)
    leading = {min(of.values()): name for name, of in parts.items()}
    kept = sorted((*leading, *left))
    side = replace(
        source,
        files=tuple([every.files[i] for i in kept]),
        names=tuple([leading.get(i, every.names[i]) for i in kept]),
        suffixes=tuple([every.suffixes[i] for i in kept]),
        paths=tuple([every.paths[i] for i in kept]),
        unread=tuple(unread),
    )
    by_path = {
        every.paths[i]: tuple([Part(of, every.paths[at]) for of, at in sorted(parts[name].items())])
        for i, name in leading.items()
    }
    return side, by_path, {name: tuple([every.files[i] for i in found]) for name, found in doubled.items()}


def refuse_doubled(source: Source, doubled: Mapping[str, tuple[str, ...]]) -> None:
    """Raise PairingError for images that have several files of a class, as `of_classes` found them."""
    if doubled:
        rows = "".join(f"\n  {show(name)}: {', '.join(map(show, of))}" for name, of in doubled.items())
        raise PairingError(
            f"{arg(source.role)}: expected one file for each class of an image, found several:{rows}",
            "rename files, or give a pattern that describes one of them",
        )


def _likely(source: Source, template: str) -> set[str]:
    """Return the names of classes of which nothing is known but that images and classes have many files each.

    Each name is cut in all ways; where several are as good, the image has the longest name.
    """
    longest = min(max(map(len, source.names)), _LONGEST)
    ways = [matches_under(source, template, length=length) for length in range(1, longest + 1)]
    cut = [
        [(found["id"], found["class"]) for found in of if found is not None] for of in zip(*ways, strict=True)
    ]
    images = Counter(image for of in cut for image, _ in of)
    classes = Counter(name for of in cut for _, name in of)
    best = [max(of, key=lambda one: (images[one[0]] * classes[one[1]], len(one[0]))) for of in cut if of]
    return {name for _, name in best}


def _void(source: Source, template: str, known: Collection[str]) -> set[str]:
    """Return the names of files that are called as void is, where no class that is known is."""
    if any(map(is_void, known)):
        return set()
    named = matches_under(source, template, known) if known else [None] * len(source.files)
    others = source.only([i for i, match in enumerate(named) if match is None])
    ways = (matches_under(others, template, length=length) for length in range(1, _LONGEST_VOID + 1))
    return {match["class"] for of in ways for match in of if match is not None and is_void(match["class"])}


def _strange(
    source: Source, template: str, found: Mapping[str, list[str]], known: Collection[str]
) -> PairingError:
    rows = "".join(
        f"\n  {show(name)}: {many(len(files), 'file')}, such as {show(files[0])}"
        for name, files in sorted(found.items())
    )
    hint = (
        "binary classes are for one class here: describe the files of one, as "
        f"{show(template.replace(CLASS, min(found)))} does, or name all classes in a file, which "
        "`segscore classes new` starts"
        if _are_binary(known)
        else "a number of classes gives them no names: name them "
        + by_face(f"as {arg('classes', sorted(found))}, or in a file", command_line="in a file")
        + ", which `segscore classes new` starts"
        if all(name.isdigit() for name in known)
        else f"{unknown('class', min(found), known).hint}; leave other files out with a glob pattern"
    )
    return PairingError(
        f"{arg(source.role)}: the pattern {show(template)} finds names that no class has:{rows}", hint
    )


def names_used(parts: PartsByPath) -> set[str]:
    """Return the classes that files are of."""
    return {part.name for files in parts.values() for part in files}


def lacking(masks: Mapping[str, Collection[str]], which: str) -> str:
    """Say of which images a file lacks, of a class that half of all or more have one of; else nothing.

    `masks` are the classes of each image, and `which` says what the files are.
    """
    files = Counter(name for names in masks.values() for name in names)
    usual = {name for name, number in files.items() if 2 * number >= len(masks)}
    found = {image: sorted(usual.difference(names)) for image, names in masks.items()}
    rows = [
        f"{show(image)} ({first([f'`{name}`' for name in names], _FEW)})"
        for image, names in sorted(found.items())
        if names
    ]
    if not rows:
        return ""
    return f"{many(len(rows), which)} without the file of a class that others have: {first(rows, _FEW)}"


def are_tasks(classes: Classes | None) -> bool:
    """Whether each file of a class is a binary mask of its own, as binary classes without a name say."""
    return classes is not None and _are_binary(classes.names)


def _are_binary(names: Collection[str]) -> bool:
    others = [name.casefold() for name in names if not is_background(name)]
    return len(names) == 2 and others == [_FOREGROUND]


def numbered(names: Collection[str]) -> Numbers:
    """Return labels for classes that are known from files alone: counted from 1, but for a background."""
    rest = next(filter(may_be_background, sorted(names)), None)
    counted = sorted({*names} - {rest})
    labels = {} if rest is None else {rest: 0}
    labels |= {name: i for i, name in enumerate(counted, start=1)}
    return Numbers(labels, 0, "pixels that no file claims have the label 0")


def numbers_of(classes: Classes, used: Collection[str], *, of_pred: bool, tasks: bool = False) -> Numbers:
    """Return the labels of classes, some of which files of a side are `used` for.

    What no file claims is the background, if a class is called so that no file is of. Else it is ignored in
    targets, if a label is, and no class in predictions; so are the pixels of files that are called void, if
    no class is. With `tasks`, any class is the foreground.
    """
    values = classes.labels if classes.pred_labels is None or not of_pred else classes.pred_labels
    labels = dict(zip(classes.names, values, strict=True))
    if tasks:
        assert classes.background is not None
        foreground = values[1 - classes.background]
        return Numbers(dict.fromkeys(used, foreground), values[classes.background], TASKS)
    rests = filter(may_be_background, classes.names)
    none = NO_FILE if of_pred else next(iter(classes.ignore), None)
    rest, unclaimed = none, ""
    if (background := next((name for name in rests if name not in used), None)) is not None:
        rest, unclaimed = labels[background], f"pixels that no file claims are `{background}`"
    elif of_pred:
        unclaimed = "predicted pixels that no file claims are of no class"
    elif none is not None:
        unclaimed = f"pixels of targets that no file claims are ignored ({none})"
    void = sorted(name for name in used if name not in labels and is_void(name))
    if not void:
        return Numbers(labels, rest, unclaimed)
    shown = first([f"`{visible(name)}`" for name in void])
    if none is None:
        raise ClassesError(
            f"files are named after {shown}, which is no class by its name, and no label is ignored",
            f"say which one is, as {arg('ignore_index', 255)}; or call a class so, if it is one",
        )
    are = (
        f"predicted pixels of {shown} are of no class"
        if of_pred
        else f"pixels of {shown} are ignored ({none})"
    )
    said = "; ".join(filter(None, (unclaimed, are)))
    return Numbers(labels | dict.fromkeys(void, none), rest, said)
