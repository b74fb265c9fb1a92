"""Workspaces as plain text: listings, pages of datasets and models, and what differs between versions."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from segscore.auditing.text import truth_text
from segscore.base.wording import many, short
from segscore.text.names import listed, visible
from segscore.text.numbers import DASH
from segscore.text.plain import WIDTH, wrapped
from segscore.text.table import table

if TYPE_CHECKING:
    from segscore.workspace.registry.datasets import Dataset
    from segscore.workspace.registry.differences import DatasetDifference
    from segscore.workspace.registry.models import Model
    from segscore.workspace.store.listing import Listed

_VALUES = 6
"""Groups, or values of an attribute, that are named."""
_NAMES = 8
"""Images of one kind of difference that are named."""


def datasets_text(lines: "Sequence[Listed]", *, width: int = WIDTH) -> str:
    """Return one row a dataset, and below them the links that are broken.

    Parameters
    ----------
    lines : sequence of Listed
        The datasets.
    width : int
        Columns of the terminal.
    """
    working = [line for line in lines if line.problem is None]
    rows = [
        (
            line.name,
            line.versions[-1],
            f"{len(line.versions):,}",
            _number(line.summary, "images"),
            _number(line.summary, "classes"),
            _number(line.summary, "pixels"),
            line.added[:10],
        )
        for line in working
    ]
    titles = ("dataset", "latest", "versions", "images", "classes", "pixels", "added")
    blocks = [table(titles, rows, width, left=(0, 1))] if rows else [["no dataset yet"]]
    from_others = [
        f"{line.name} is linked from {visible(str(line.workspace))}" for line in working if line.workspace
    ]
    broken = [line.problem.split("\n") for line in lines if line.problem is not None]
    blocks += [
        [part for sentence in lone for part in wrapped(visible(sentence), width)]
        for lone in (from_others, *broken)
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def models_text(lines: "Sequence[Listed]", *, width: int = WIDTH) -> str:
    """Return one row a model.

    Parameters
    ----------
    lines : sequence of Listed
        The models.
    width : int
        Columns of the terminal.
    """
    if not lines:
        return "no model yet"
    rows = [
        (
            line.name,
            line.versions[-1],
            f"{len(line.versions):,}",
            visible(str(line.summary.get("form", DASH))),
            visible(str(line.summary.get("trained_on") or DASH)),
            short(line.digest),
            line.added[:10],
        )
        for line in lines
    ]
    titles = ("model", "latest", "versions", "kind", "trained on", "digest", "added")
    return "\n".join(table(titles, rows, width, left=(0, 1, 3, 4, 5)))


def dataset_text(dataset: "Dataset", *, width: int = WIDTH) -> str:
    """Return the page of a version of a dataset.

    Parameters
    ----------
    dataset : Dataset
        The version.
    width : int
        Columns of the terminal.
    """
    others = [version for version in dataset.versions if version != dataset.version]
    latest = dataset.version == dataset.versions[-1]
    facts = [
        f"dataset {dataset.name}, version {dataset.version}"
        f"{'' if not others else ', the latest' if latest else f'; the latest is {dataset.versions[-1]}'}",
        f"added {dataset.added}, digest {short(dataset.digest)}",
    ]
    if others:
        facts.append(f"other versions: {listed(others, limit=_VALUES)}")
    classes = dataset.classes
    named = "" if classes.name is None else f" of {visible(classes.name)}"
    facts.append(f"classes: {len(classes)}{named}, ignored labels {_labels(classes.all_ignored)}")
    if dataset.groups is not None:
        facts.append(f"groups: {_values(dataset.groups)}")
    facts += [f"{visible(title)}: {_values(column)}" for title, column in dataset.attributes.items()]
    head = [line for fact in facts for line in wrapped(fact, width)]
    return "\n".join([*head, "", truth_text(dataset.truth, width=width)])


def difference_text(found: "DatasetDifference", *, width: int = WIDTH) -> str:
    """Return what differs between two versions, a line for each kind of difference.

    Parameters
    ----------
    found : DatasetDifference
        The difference.
    width : int
        Columns of the terminal.
    """
    kinds = [
        ("added", found.added),
        ("removed", found.removed),
        ("with another image", found.images_changed),
        ("with another target", found.targets_changed),
        ("in another group", found.groups_changed),
        ("with other attributes", found.attributes_changed),
    ]
    said = [
        f"{many(len(names), 'image')} {what}: {listed(names, limit=_NAMES, width=None)}"
        for what, names in kinds
        if names
    ]
    said += [visible(sentence) for sentence in found.classes_changed]
    if not said:
        said.append("nothing differs")
    opening = f"from {found.a} to {found.b}: {many(found.same, 'image')} with the same files"
    return "\n".join(line for sentence in (opening, *said) for line in wrapped(sentence, width))


def model_text(model: "Model", *, width: int = WIDTH) -> str:
    """Return the page of a version of a model.

    Parameters
    ----------
    model : Model
        The version.
    width : int
        Columns of the terminal.
    """
    facts = [
        f"model {model.name}, version {model.version}",
        f"added {model.added}, digest {short(model.digest)}",
        f"{model.form}: {visible(model.source)}",
    ]
    if model.form != "predictions" and len(model.files) > 1:
        facts.append(f"with {listed([file.path for file in model.files[1:]], limit=_VALUES, width=None)}")
    facts += [f"{visible(key)}: {visible(str(value))}" for key, value in model.options.items()]
    if model.trained_on is not None:
        facts.append(f"trained on {visible(str(model.trained_on))}")
    return "\n".join(line for fact in facts for line in wrapped(fact, width))


def _number(summary: Any, key: str) -> str:
    value = summary.get(key)
    return f"{value:,}" if isinstance(value, int) else DASH


def _labels(labels: Iterable[int]) -> str:
    return ", ".join(map(str, labels)) or "none"


def _values(column: Iterable[object]) -> str:
    counted = Counter(map(str, column))
    shown = [f"{visible(value) or DASH} ({number:,})" for value, number in counted.most_common(_VALUES)]
    more = [f"and {len(counted) - _VALUES:,} more"] if len(counted) > _VALUES else []
    return ", ".join([*shown, *more])
