"""Which paths are those of annotations; no file but texts of YOLO is opened, and no reader is imported."""

import os
from collections.abc import Iterable
from itertools import islice

from segscore.base.limits import number, whole_number
from segscore.io.kinds import MASK_SUFFIXES, split_suffix

_SUFFIXES = frozenset({".csv", ".json", ".xml"})
NAMES_OF_YOLO = ("data.yaml", "dataset.yaml", "data.yml")
"""Files of the names of classes, which tell a folder of YOLO."""
META_OF_SUPERVISELY = "meta.json"
"""The file of classes, which tells a project of Supervisely."""
FOLDER_OF_SUPERVISELY = "ann"
"""The folder of annotations in each of its datasets."""
OF_YOLO = "YOLO's text files are known by a `data.yaml` in their folder, with the `names` of their classes"
"""What to do about a folder that is not known."""
CLASSES_OF_IDS = "objects.json"
"""The classes of ids, which `segscore convert` writes beside maps of ids: no annotations."""
_OF_FOLDERS, _TEXT = ".json", ".txt"
"""Endings of files of one image each."""
_OF_TEXTS = frozenset({_TEXT, ".jpg", ".jpeg"})
"""Endings of what is in a folder of YOLO's texts, which lacks the names of its classes."""
_MOST_TEXTS, _BEGINNING, _LEAST = 1_000, 1 << 12, 5
"""Texts that are looked into, as those without objects are empty; bytes of each, and numbers of a line."""


def is_annotated(path: str) -> bool:
    """Whether a path is that of annotations: a file of such an ending, or a folder of these and no masks."""
    if os.path.isfile(path):
        return split_suffix(path)[1] in _SUFFIXES
    names = _names_in(path)
    if not {*names}.isdisjoint((*NAMES_OF_YOLO, META_OF_SUPERVISELY)):
        return True
    if FOLDER_OF_SUPERVISELY in names and os.path.isfile(os.path.join(path, os.pardir, META_OF_SUPERVISELY)):
        return True
    shown = _shown(names)
    endings = {name.lower()[-len(_OF_FOLDERS) :] for name in shown}
    if not any(one.endswith((_OF_FOLDERS, _TEXT)) for one in endings):  # as in most folders of masks
        return False
    if _are_texts(path, shown):  # whoever reads it says what is missing
        return True
    return _OF_FOLDERS in endings and MASK_SUFFIXES.isdisjoint(split_suffix(name)[1] for name in shown)


def is_of_texts(path: str) -> bool:
    """Whether a folder holds texts as YOLO's are, and perhaps their photographs."""
    return _are_texts(path, _shown(_names_in(path)))


def _names_in(path: str) -> list[str]:
    try:
        return os.listdir(path)
    except (OSError, ValueError):
        return []


def _shown(names: Iterable[str]) -> list[str]:
    return [name for name in names if name != CLASSES_OF_IDS and not name.startswith(".")]


def _are_texts(path: str, names: list[str]) -> bool:
    texts = [name for name in names if name.lower().endswith(_TEXT)]
    if not texts or not {os.path.splitext(name)[1].lower() for name in names} <= _OF_TEXTS:
        return False
    return any(_begins_as_yolo(os.path.join(path, name)) for name in islice(texts, _MOST_TEXTS))


def _begins_as_yolo(path: str) -> bool:
    """Whether the first line of a file is the number of a class and others: a box or an outline."""
    if not os.path.isfile(path):  # a pipe would be waited for
        return False
    try:
        with open(path, "rb") as file:
            beginning = file.read(_BEGINNING)
        line, ended, _ = beginning.decode("utf-8-sig", "replace").lstrip().partition("\n")
        parts = line.split() if ended or len(beginning) < _BEGINNING else line.split()[:-1]
        whole_number(parts[0])
        return len([*map(number, parts)]) >= _LEAST
    except (OSError, ValueError, IndexError):
        return False
