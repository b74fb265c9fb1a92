"""What is wrong with a new dataset as far as that is known at once, so that its form can say it.

Folders are listed, and small files read: classes and attributes. No image and no mask is read, and no pattern
of groups searched for, which may take long: that is the business of a job, which can be cancelled.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from segscore.app.forms import LABELS
from segscore.base.wording import show
from segscore.classes.classes import Classes
from segscore.classes.presets import is_file
from segscore.errors import ArgumentError
from segscore.io.functions import READER
from segscore.io.groups import labels_of
from segscore.io.kinds import MASK_SUFFIXES
from segscore.io.reading import Reading
from segscore.io.sources import find_files
from segscore.workspace.registry.adding import found_files
from segscore.workspace.registry.versions import code_given

_FOLDERS = {"images": "images", "targets": "target"}
_FILES = {name: LABELS[name] for name in ("classes", "attributes", "list")}


def check_dataset(arguments: Mapping[str, Any], root: Path) -> None:
    """Raise an error if a dataset cannot be added with what the form gives `Datasets.add`.

    Folders, names of files, classes and attributes are looked at; and whether a file is given where the form
    asks for a folder, or something else where it asks for a file. The module of a reader is looked for, also
    in `root`, but not imported.
    """
    for name, role in _FOLDERS.items():
        label = LABELS[role]
        path = arguments.get(name, "")
        if os.path.lexists(path) and not os.path.isdir(path):
            find_files(role, path, MASK_SUFFIXES)  # which knows archives and tables
            raise ArgumentError(
                f"`{label}`: expected a folder or a glob pattern, found a file at {show(path)}",
                "give the folder that it is in",
            )
    for name, label in _FILES.items():
        path = str(arguments.get(name, ""))
        named = name == "classes" and not is_file(path)
        # What is no file may be without an end, and would keep the page for ever.
        if not named and os.path.exists(path) and not os.path.isfile(path):
            there = "a folder" if os.path.isdir(path) else "something else"
            raise ArgumentError(
                f"`{label}`: expected a file, found {there} at {show(path)}", "give the path of the file"
            )
    if "groups" in arguments:
        labels_of((), arguments["groups"])
    classes = Classes.of(arguments["classes"], arguments.get("ignore_index"))
    targets, attributes = arguments["targets"], arguments.get("attributes")
    code = arguments.get("read")
    read = None if code is None else code_given(root, code, READER, argument="read")
    reading = Reading.of({**arguments, "read": read})
    found_files(arguments.get("images"), targets, reading, classes, attributes)
