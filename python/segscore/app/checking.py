"""What is wrong with a new dataset or model as far as that is known at once, so that its form can say it.

Folders are listed, and small files read: classes and attributes. No image and no mask is read, no model is
tried, and no pattern of groups searched for, which may take long: of datasets that is the business of a job,
which can be cancelled.
"""

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from segscore.app.faults import Faults
from segscore.app.forms import LABELS
from segscore.base.wording import show
from segscore.classes.classes import Classes
from segscore.classes.presets import is_file
from segscore.errors import ArgumentError
from segscore.io.annotations.paths import is_annotated
from segscore.io.functions import MODEL, READER
from segscore.io.groups import labels_of
from segscore.io.kinds import MASK_SUFFIXES
from segscore.io.reading import Reading
from segscore.io.sources import find_files
from segscore.predict.options import FORMS
from segscore.workspace import Workspace
from segscore.workspace.registry.adding import found_files
from segscore.workspace.registry.collections import training_dataset
from segscore.workspace.registry.model_files import check_onnx_file, found_predictions
from segscore.workspace.registry.models import checked_options
from segscore.workspace.registry.module_names import check_function
from segscore.workspace.registry.versions import code_given

_FOLDERS = {"images": "images", "targets": "target"}


def check_dataset(arguments: Mapping[str, Any], root: Path, faults: Faults) -> None:
    """Find why a dataset cannot be added with what the form gives `Datasets.add`; some may be missing.

    Folders, names of files, classes and attributes are looked at; and whether a file is given where the form
    asks for a folder, or something else where it asks for a file. The module of a reader is looked for, also
    in `root`, but not imported. How images and targets match is looked at once nothing else is wrong.
    """
    targets = arguments.get("targets", "")
    drawn = "read" not in arguments and is_annotated(
        targets
    )  # how images match is found out where it is read
    for name, role in _FOLDERS.items():
        with faults.at(name):
            if not (drawn and name == "targets"):
                _check_folder(role, arguments.get(name, ""))
    for name in ("attributes", "list"):
        with faults.at(name):
            _check_file(LABELS[name], arguments.get(name, ""))
    if "groups" in arguments:
        with faults.at("groups"):
            labels_of((), arguments["groups"])
    read = None
    if "read" in arguments:
        with faults.at("read"):
            read = code_given(root, arguments["read"], READER, argument="read")
    if "classes" in arguments:
        with faults.at("classes", "ignore"):
            given = arguments["classes"]
            if is_file(str(given)):
                _check_file(LABELS["classes"], str(given))
            classes = Classes.of(given, arguments.get("ignore_index"))
    if not faults and not drawn:
        with faults.at():
            reading = Reading.of({**arguments, "read": read})
            images, attributes = arguments.get("images"), arguments.get("attributes")
            found_files(images, arguments["targets"], reading, classes, attributes)


def _check_folder(role: str, path: str) -> None:
    if os.path.lexists(path) and not os.path.isdir(path):
        find_files(role, path, MASK_SUFFIXES)  # which knows archives and tables
        raise ArgumentError(
            f"`{LABELS[role]}`: expected a folder or a glob pattern, found a file at {show(path)}",
            "give the folder that it is in",
        )


def _check_file(label: str, path: str) -> None:
    # What is no file may be without an end, and would keep the page for ever.
    if os.path.exists(path) and not os.path.isfile(path):
        there = "a folder" if os.path.isdir(path) else "something else"
        raise ArgumentError(
            f"`{label}`: expected a file, found {there} at {show(path)}", "give the path of the file"
        )


def check_model(arguments: Mapping[str, Any], workspace: Workspace, faults: Faults) -> None:
    """Find why a model cannot be added with what the form gives `Models.add`; some may be missing.

    Whether there are such files, function, options and training images is looked at; nothing is run.
    """
    options = arguments["options"]
    form = next((form for form in FORMS if form in arguments), None)
    if form is not None:
        faults.each(partial(checked_options, form), options)
        with faults.at("source"):
            source = arguments[form]
            if form == "python":
                check_function(code_given(workspace.path, source, MODEL, argument="python"), "python")
            elif form == "onnx":
                check_onnx_file(source)
            else:
                found_predictions(source, MASK_SUFFIXES if options.get("read") is None else None)
    if arguments.get("trained_on") is not None:
        with faults.at("trained_on"):
            training_dataset(workspace.datasets, arguments["trained_on"])
