"""Which paths are those of annotations; no file is opened, and no reader is imported."""

import os

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
_OF_FOLDERS = ".json"
"""The ending of files of one image each."""
_OF_TEXTS = frozenset({".txt", ".jpg", ".jpeg"})
"""Endings of what is in a folder of YOLO's texts, which lacks the names of its classes."""


def is_annotated(path: str) -> bool:
    """Whether a path is that of annotations: a file of such an ending, or a folder of these and no masks."""
    if os.path.isfile(path):
        return split_suffix(path)[1] in _SUFFIXES
    try:
        names = os.listdir(path)
    except (OSError, ValueError):
        return False
    if not {*names}.isdisjoint((*NAMES_OF_YOLO, META_OF_SUPERVISELY)):
        return True
    if FOLDER_OF_SUPERVISELY in names and os.path.isfile(os.path.join(path, os.pardir, META_OF_SUPERVISELY)):
        return True
    shown = [name for name in names if name != CLASSES_OF_IDS and not name.startswith(".")]
    if is_of_texts(shown):  # whoever reads it says what is missing
        return True
    if not any(name.lower().endswith(_OF_FOLDERS) for name in shown):  # as in most folders of masks
        return False
    return MASK_SUFFIXES.isdisjoint(split_suffix(name)[1] for name in shown)


def is_of_texts(names: list[str]) -> bool:
    """Whether what is in a folder are texts, as YOLO's are, and perhaps their photographs."""
    endings = {os.path.splitext(name)[1].lower() for name in names}
    return ".txt" in endings and endings <= _OF_TEXTS
