"""Text files of YOLO: a line an object, the number of its class and x and y in shares of width and height.

A line of four numbers behind the class is a box and no outline. One number more than pairs is a score.
"""

import os
import re
from collections.abc import Iterator

import numpy as np

from segscore.base.limits import number, whole_number
from segscore.base.shown import brief
from segscore.base.wording import show
from segscore.io.annotations.drafts import Draft, decoded, within, wrong
from segscore.io.annotations.folders import file_above, files_of, walked
from segscore.io.annotations.paths import NAMES_OF_YOLO
from segscore.io.annotations.record import Object, Polygons
from segscore.io.kinds import IMAGE_SUFFIXES, split_suffix

_LABELS, _IMAGES = "labels", "images"
_NO_LABELS = {"classes", "readme", "train", "val", "test"}
"""Files of text in a folder of labels that are none."""
_BOX = 4
_MOST_CLASSES = 65_536


def read_yolo(draft: Draft, path: str) -> None:
    """Read a dataset, whose files lie in folders called `labels`, a folder of such files, or one file."""
    _names(draft, path)
    files, roots = _labels_of(draft, path)
    images = {name: of for before, root in roots.items() for name, of in _images_of(before, root)}
    for name in sorted(files if os.path.isfile(path) else {*files, *images}):
        file = files.get(name)
        photograph, there = images.get(name, (f"{name}.jpg", path))
        with draft.at(path if file is None else file):
            if file is None:  # an image without objects
                draft.add(path, name, draft.size(photograph, there), (), shown=photograph)
                continue
            size = draft.size(photograph, there)
            draft.add(file, name, size, _objects(draft, file, size), shown=photograph)


def _labels_of(draft: Draft, path: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return files of labels by the names of images, and their folders by what is before these names."""
    found = files_of(draft, path, ".txt")
    inside = [one for one in found if _LABELS in one[0].split("/")[:-1]]
    files, roots = {}, {}
    for name, file in inside or found:
        *folders, last = name.split("/")
        if not inside:
            if last.lower() not in _NO_LABELS:
                files[name], roots[""] = file, path if os.path.isdir(path) else os.path.dirname(path)
            continue
        place = len(folders) - folders[::-1].index(_LABELS)
        before = "/".join(folders[: place - 1])
        files["/".join([*folders[: place - 1], *folders[place:], last])] = file
        roots[before] = os.path.join(path, *folders[:place])
    return files, roots


def _names(draft: Draft, path: str) -> None:
    """Read the names of classes, if their file is found."""
    file = file_above(path, NAMES_OF_YOLO)
    if file is None:
        return
    with draft.at(file):
        for name in names_of(draft.content(file)):
            draft.label(name)
        draft.listed = True


def names_of(content: bytes) -> list[str]:
    """Return the `names` of a file of YAML: a list, or numbers from 0 with names."""
    lines = decoded(content).splitlines()
    starts = [i for i, line in enumerate(lines) if re.match(r"names\s*:", line)]
    if not starts:
        wrong("expected `names` of classes, found none")
    if len(starts) > 1:
        wrong(f"expected `names` of classes once, found them {len(starts)} times")
    rest = lines[starts[0] + 1 :]
    first = lines[starts[0]].partition(":")[2].strip()
    found = _in_brackets(" ".join([first, *rest])) if first.startswith(("[", "{")) else _in_lines(rest)
    if not found or sorted(number for number, _ in found) != [*range(len(found))]:
        other = brief(found or first) if found or first else "none"
        wrong(f"expected `names` as a list, or numbers from 0 with names, found {other}")
    names = [name for _, name in sorted(found)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        wrong(f"expected `names` that differ, found {show(twice)} more than once")
    return names


def _in_brackets(text: str) -> list[tuple[int, str]]:
    """Return the names of a list, or of a mapping, that may go on for some lines, with their numbers."""
    is_list = text.startswith("[")
    inner = re.match(r"\[([^]]*)\]" if is_list else r"\{([^}]*)\}", text)
    if inner is None:
        wrong("expected a list of `names` that ends, found none")
    parts = [part for part in _split(inner[1]) if part.strip()]
    if is_list:
        return [(i, _plain(part)) for i, part in enumerate(parts)]
    pairs = [re.match(r"\s*(\d{1,5})\s*:\s*(.+)$", part) for part in parts]
    return [(int(pair[1]), _plain(pair[2])) for pair in pairs if pair is not None]


def _in_lines(lines: list[str]) -> list[tuple[int, str]]:
    """Return the names of one line each, with their numbers."""
    found: list[tuple[int, str]] = []
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = re.match(r"\s*-\s+(.+)$", line) or re.match(r"\s+(\d{1,5})\s*:\s*(.+)$", line)
        if match is None:
            break
        parts = match.groups()
        found.append((int(parts[0]) if len(parts) == 2 else len(found), _plain(parts[-1])))
    return found


def _split(text: str) -> list[str]:
    """Return what stands between commas that are in no quotes."""
    return re.findall(r"""\s*(?:"[^"]*"|'[^']*'|[^,'"][^,]*)""", text)


def _plain(text: str) -> str:
    """Return a name without its quotes, or without the comment behind it."""
    text = text.strip()
    quoted = re.match(r"""(["'])(.*?)\1""", text)
    return quoted[2] if quoted is not None else re.sub(r"\s+#.*", "", text)


def _images_of(before: str, root: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield images where YOLO looks for them: names without ending, each with its ending and its path."""
    there = _beside(os.path.abspath(root))
    if there == os.path.abspath(root):
        return
    for below, file in walked(there):
        whole = f"{before}/{below}" if before else below
        name, ending = split_suffix(whole)
        if ending in IMAGE_SUFFIXES:
            yield name, (whole, file)


def _beside(path: str) -> str:
    """Return where the image of a file of labels lies: in `images` in place of the last `labels`."""
    parts = path.split(os.sep)
    if _LABELS not in parts:
        return path
    last = len(parts) - 1 - parts[::-1].index(_LABELS)
    return os.sep.join([*parts[:last], _IMAGES, *parts[last + 1 :]])


def _objects(draft: Draft, file: str, size: tuple[int, int]) -> Iterator[Object]:
    known = [*draft.classes]
    for i, line in enumerate(decoded(draft.content(file)).splitlines(), 1):
        with draft.at(file, f"line {i}"):
            if (one := _object(draft, known, f"line {i}", line.split(), size)) is not None:
                yield one


def _object(
    draft: Draft, known: list[str], place: str, parts: list[str], size: tuple[int, int]
) -> Object | None:
    if not parts:
        return None
    try:
        label, numbers = whole_number(parts[0]), [number(part) for part in parts[1:]]
    except ValueError:
        wrong(f"expected a number of a class and shares of the size, found {brief(' '.join(parts))}")
    if not 0 <= label < (len(known) if draft.listed else _MOST_CLASSES):
        wrong(f"expected the number of a class below {len(known) or _MOST_CLASSES}, found {label}")
    name = known[label] if draft.listed else str(label)
    pairs, score = (numbers[:-1], numbers[-1]) if len(numbers) % 2 else (numbers, None)
    shares = within(np.array(pairs), 1, "a share")
    if len(pairs) == _BOX:
        return Object(place, draft.label(name), ())
    if len(pairs) < 2 * 3:
        wrong(f"expected 3 points or more, found {len(numbers)} numbers behind the class")
    height, width = size
    scaled = shares.reshape(-1, 2) * (width, height)
    return Object(place, draft.label(name), (Polygons((scaled.ravel(),)),), score=score)
