"""What evaluations and their parts hold as columns of integers and as what JSON can say, and back.

Files and pickles have these. What is read may come from anywhere: it is checked before it is used.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeAlias, TypeVar

import numpy.typing as npt

from segscore.base.values import narrowed
from segscore.base.wording import show
from segscore.classes.classes import Classes
from segscore.classes.plain import text_or_none, texts
from segscore.counts.failures import Failure
from segscore.counts.kinds import KINDS
from segscore.counts.record import Record
from segscore.counts.table import Table
from segscore.errors import ArgumentError, FileFormatError
from segscore.io.groups import Label, labels_of
from segscore.io.places import Files, FilesByName

R = TypeVar("R", bound=Record)

Column: TypeAlias = npt.NDArray[Any]


def column_place(kind: str, name: str) -> str:
    """Return what a column of a record is called among those of others."""
    return name if kind == Table.kind else f"{kind}.{name}"


def columns_of(records: Iterable[Record]) -> dict[str, Column]:
    """Return the columns of records, each in the smallest type that holds it."""
    return {
        column_place(record.kind, name): narrowed(column)
        for record in records
        for name, column in record.columns().items()
    }


def record_of(made: type[R], columns: Mapping[str, Any], images: int, classes: Classes) -> R:
    """Return a record of some of these columns, which are untrusted, or raise FileFormatError."""
    found = {name: columns[column_place(made.kind, name)] for name in made.column_names()}
    try:
        return made.of_columns(found, images, classes)
    except FileFormatError as error:
        where = "" if made.kind == Table.kind else f"`{made.kind}`: "
        raise FileFormatError(f"{where}{error.message}") from error


def kinds_of(about: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the kinds of the records that there are; those of pair counts alone name none."""
    kinds = (Table.kind, *texts(about.get("records", ())))
    for kind in kinds:
        if kind not in KINDS:
            known = ", ".join(f"`{known}`" for known in KINDS)
            raise FileFormatError(f"expected records of {known}, found `{show(kind)}` of a later segscore")
    if len(set(kinds)) != len(kinds):
        raise FileFormatError("two of its records are of the same kind")
    return kinds


def groups_of(names: tuple[str, ...], values: Any) -> tuple[Label, ...]:
    """Return the group of each image, or raise FileFormatError."""
    if not isinstance(values, list):
        raise FileFormatError("its groups are not a list")
    try:
        return tuple(labels_of(names, values))
    except ArgumentError as error:
        raise FileFormatError(error.message) from error


def files_entries(files: FilesByName) -> dict[str, list[str | None]]:
    """Return where masks lie as JSON can say it.

    The third place is empty: that of a photograph, which nothing would tell from any other picture.
    """
    return {name: [one.pred, one.target, None] for name, one in files.items()}


def files_of(names: tuple[str, ...], entries: Mapping[str, Any]) -> dict[str, Files]:
    """Return where masks lie, by the names of images, or raise what such entries raise.

    A photograph that a file names is left out: masks are shown if they are those that were scored, but of
    photographs nothing is known, so that one could be any picture of this machine.
    """
    if set(entries) - set(names):
        raise FileFormatError("it names files of an image that it does not have")
    return {
        name: Files(text_or_none(pred), text_or_none(target)) for name, (pred, target, _) in entries.items()
    }


def failure_entries(failures: Sequence[Failure]) -> list[dict[str, Any]]:
    """Return failures as JSON can say them."""
    return [{**asdict(failure), "parts": failure.parts()} for failure in failures]


def failure_of(entry: Mapping[str, Any]) -> Failure:
    """Return a failure, or raise what such entries raise."""
    name, message = texts([entry["name"], entry["message"]])
    hint, kind = text_or_none(entry["hint"]), text_or_none(entry.get("kind"))
    # What was saved before texts were kept with what they name has none of their parts.
    message, hint = entry.get("parts", (message, hint))
    return Failure.kept(name, message, hint, kind)
