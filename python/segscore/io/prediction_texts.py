"""Texts of Cityscapes that name predicted masks: a line of each, with the path, the label and the score.

A text belongs to the target whose file it is called after: ``aachen_000000_000019_leftImg8bit.txt`` to
``aachen_000000_000019_gtFine_instanceIds.png``.
"""

import math
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, Final, NamedTuple

from segscore.base.limits import number
from segscore.base.shown import brief, first_lines
from segscore.base.wording import many, show
from segscore.errors import PairingError
from segscore.io.sources import Source, find_files
from segscore.io.whole import content_of

TARGETS: Final = "_instanceIds"
_ENDINGS = ("_gtFine", "_gtCoarse")
_MOST_BYTES = 1 << 24
_SHOWN = 20
HINT = "a line is `path label score` of one mask, such as `masks/0.png 26 0.93`"
"""What a text that is refused should hold."""


class MaskLine(NamedTuple):
    """What a line says of a predicted mask."""

    path: str
    label: int
    score: float


class Texts(NamedTuple):
    """The images of a dataset, sorted by name: each with its target and its text."""

    names: tuple[str, ...]
    targets: tuple[str, ...]
    texts: tuple[str, ...]
    root: str
    """The folder of all predictions."""
    extra: tuple[str, ...]
    """Texts of no target."""


def are_texts(pred: Any) -> bool:
    """Whether predictions are texts and not masks: paths that end so, or a folder that holds such."""
    if isinstance(pred, list | tuple):
        return bool(pred) and all(map(are_texts, pred))
    if not isinstance(pred, str | os.PathLike):
        return False
    path = os.fspath(pred)
    if not isinstance(path, str):
        return False
    if not os.path.isdir(path):
        return path.lower().endswith(".txt")
    return any(_is_text_of_image(name) for _, _, names in os.walk(path) for name in names)


def _is_text_of_image(name: str) -> bool:
    stem, ending = os.path.splitext(name)
    return ending.lower() == ".txt" and len(stem.split("_")) >= 3  # city, sequence and frame


def find_texts(pred: Any, target: Any) -> Texts:
    """Find the text of each target, or raise PairingError."""
    targets = find_files("target", target, frozenset({".png"}))
    chosen = {
        _name_of(path): path
        for path, name in zip(targets.paths, targets.names, strict=True)
        if name.endswith(TARGETS)
    }
    if not chosen:
        raise PairingError(
            f"there is no target of a name such as *{TARGETS}.png in {targets.where}",
            "targets are those of Cityscapes, in which each pixel is the label of a class, or that times "
            "1000 and a number",
        )
    found = find_files("pred", pred, frozenset({".txt"}))
    by_target, extra = defaultdict(list), []
    for path, file in zip(found.paths, found.files, strict=True):
        own = _called_after(PurePath(path).stem, chosen)
        if own is None:
            extra.append(file)
        else:
            by_target[own].append(path)
    faults = [
        f"{show(name)}: there is no text of its predictions" for name in chosen if name not in by_target
    ]
    for name, paths in by_target.items():
        if len(paths) > 1:
            faults.append(
                f"{show(name)}: there are {many(len(paths), 'text')}: {', '.join(map(show, paths))}"
            )
    if faults:
        raise PairingError(
            "\n".join(first_lines(sorted(faults), _SHOWN)),
            "each image has one text, which is empty where nothing was found",
        )
    names = tuple(sorted(chosen))
    return Texts(
        names,
        tuple(chosen[name] for name in names),
        tuple(by_target[name][0] for name in names),
        _root(found),
        tuple(sorted(extra)),
    )


def _name_of(path: str) -> str:
    """Return the name of an image: that of its file without what says that it is a target."""
    stem = PurePath(path).stem.removesuffix(TARGETS)
    return next((stem.removesuffix(end) for end in _ENDINGS if stem.endswith(end)), stem)


def _called_after(stem: str, names: dict[str, str]) -> str | None:
    """Return the name that a text begins with, as a whole or before an underscore."""
    parts = stem.split("_")
    beginnings = ("_".join(parts[:end]) for end in range(len(parts), 0, -1))
    return next((beginning for beginning in beginnings if beginning in names), None)


def _root(found: Source) -> str:
    return os.path.abspath(found.root or os.path.commonpath([os.path.dirname(p) for p in found.paths]))


def read_text(path: str, root: str, faults: list[str]) -> list[MaskLine]:
    """Return the lines of a text; what is wrong with them is added to the faults, and left out."""
    try:
        lines = content_of(path, _MOST_BYTES, HINT).decode().splitlines()
    except UnicodeDecodeError:
        faults.append(f"{show(path)}: expected a text in UTF-8")
        return []
    found: dict[str, MaskLine] = {}
    for at, line in enumerate(lines, 1):
        if not line.strip():
            continue
        read = _read(line.split(), os.path.dirname(os.path.abspath(path)), root)
        if isinstance(read, str):
            faults.append(f"{show(path)}, line {at}: {read}")
        elif read.path in found:
            faults.append(f"{show(path)}, line {at}: {show(read.path)} is there twice")
        else:
            found[read.path] = read
    return list(found.values())


def _read(parts: list[str], folder: str, root: str) -> MaskLine | str:
    """Return what the parts of a line say, or what is wrong with them."""
    if len(parts) != 3:
        return f"expected a path, a label and a score, found {many(len(parts), 'part')}"
    path = os.path.normpath(os.path.join(folder, parts[0]))
    if os.path.isabs(parts[0]) or os.path.commonpath([path, root]) != root:
        return f"expected a path below the folder of predictions, found {brief(parts[0])}"
    numbers = list(_numbers(parts[1:]))
    if len(numbers) != 2 or not numbers[0].is_integer():
        return f"expected a label and a score, found {brief(' '.join(parts[1:]))}"
    return MaskLine(path, int(numbers[0]), numbers[1])


def _numbers(parts: list[str]) -> Iterator[float]:
    for part in parts:
        try:
            value = number(part)
        except ValueError:
            return
        if not math.isfinite(value):
            return
        yield value
