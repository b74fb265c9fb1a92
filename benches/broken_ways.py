"""What a way to break a dataset is. The ways are in the modules named after what they break.

Each is a function whose docstring names it, and importing its module adds it to `WAYS`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from broken_data import VOID, Data, Form, Mask, Needs, gray, saved
from segscore import Classes, Evaluation

Make = Callable[[Data, Path, np.random.Generator], "Given"]


class Given(NamedTuple):
    """What segscore is given of a broken dataset."""

    options: dict[str, Any]
    """As `segscore.evaluate` takes them."""
    call: Callable[..., Evaluation] | None = None
    """What scores it in place of `evaluate`; it is not audited then."""


class Way(NamedTuple):
    """A way to break a dataset."""

    name: str
    make: Make
    told: frozenset[str]
    """The kinds of findings that name it, and what an audit says that it could not look for."""
    needs: Needs


WAYS: list[Way] = []
CLEAN: list[Way] = []
"""Ways to give a dataset that do not break it."""


def way(*told: str, ways: list[Way] = WAYS, **needs: Any) -> Callable[[Make], Make]:
    """Take a function as a way to break datasets that have what it needs; findings and limits name it."""

    def taken(make: Make) -> Make:
        ways.append(Way((make.__doc__ or "").rstrip("."), make, frozenset(told), Needs(**needs)))
        return make

    return taken


def classes_of(data: Data, *, colours: bool = False, labels: list[int] | None = None) -> Classes:
    """Return the classes of a dataset, with void."""
    own = list(range(data.classes)) if labels is None else labels
    painted = {label: data.colours[label].tolist() for label in (*own, VOID)} if colours else {}
    return Classes([f"class {i}" for i in range(data.classes)], own, ignore=[VOID], colours=painted)


def given(data: Data, pred: object = None, target: object = None, **options: Any) -> Given:
    """Return what is given of a dataset, one side of it broken or both."""
    sides = {"pred": data.pred if pred is None else pred, "target": data.target if target is None else target}
    return Given({"classes": classes_of(data), **sides, **options})


def both(
    data: Data, folder: Path, pred: Form = gray, target: Form = gray, kind: str = "png", **options: object
) -> Given:
    """Return what is given of a dataset in files, each side in a form of its own."""
    sides = saved(folder / "pred", data.pred, pred, kind), saved(folder / "target", data.target, target, kind)
    return given(data, *sides, **options)


def relabelled(masks: list[Mask], labels: list[int] | Mask) -> list[Mask]:
    """Return masks in which class i has the label i of a list; void stays."""
    new = np.arange(VOID + 1)
    new[: len(labels)] = labels
    return [new[mask] for mask in masks]


def of_two(data: Data, on: int = 255) -> tuple[list[Mask], list[Mask]]:
    """Return predictions and targets of two classes, 0 and `on`; void is background."""
    pred, target = ([np.where(mask == 1, on, 0) for mask in side] for side in (data.pred, data.target))
    return pred, target


BINARY = {"classes": (2, 2), "void": False}
MANY = {"images": (8, 14), "side": (64, 96), "accuracy": (0.88, 0.98)}
"""Images and accuracy by which other ids and orders of classes are told from models that learned nothing."""
