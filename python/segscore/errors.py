"""Every exception and warning that segscore raises.

Each one is also a built-in exception, so that code which does not know segscore can catch it. What a
message says is decided where the fact is known; only what can be done about what the core finds is looked
up here. What a message names is spelled as Python does it; `base.naming.spelled` spells it for other faces.
What is shown of a message has no control character in it: it may hold names of files and classes, and end
on a terminal.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final

import numpy as np

from segscore.base.foreign import metric_here, nearest_here
from segscore.base.naming import arg, by_face, marked, restored, said
from segscore.base.pointers import PULL
from segscore.base.wording import first_line, shortened, visible


def _shown(text: str) -> str:
    return "\n".join(map(visible, text.split("\n")))


class SegscoreError(Exception):
    """Base of every error that segscore raises on purpose.

    Parameters
    ----------
    message : str
        What was expected, what was found, and where.
    hint : str, optional
        What the user can do about it.
    kind : str
        What it is, where there is a way out and the class does not tell: "shape" (resizing may help), "model"
        or "reader" (the user's code failed, and its error is the cause), "no-numbers" (class scores are
        NaN), "memory" (there is no room to count more), "held" (another process is at work on the same) or
        "lost" (workers went with what they had).
    """

    kind = ""

    def __init__(self, message: str, hint: str | None = None, *, kind: str | None = None) -> None:
        self.message = said(message)
        self.hint = None if hint is None else said(hint)
        super().__init__(self.message, self.hint)
        if kind is not None:
            self.kind = kind

    def __str__(self) -> str:
        """Return the message and, on a line of its own, the hint."""
        return _shown(self.message if self.hint is None else f"{self.message}\nhint: {self.hint}")


class ShapeError(SegscoreError, ValueError):
    """Two label maps differ in shape, or a shape cannot be scored."""

    kind = "shape"


class DtypeError(SegscoreError, TypeError):
    """An array's type cannot hold labels."""


class LabelError(SegscoreError, ValueError):
    """A label map holds values that the classes do not know.

    Where it is of all images of a dataset, ``evaluation`` is that of those images whose labels are known, as
    ``on_error="skip"`` returns it; else, and where there are none, it is None.
    """

    evaluation: Any = None


class ClassesError(SegscoreError, ValueError):
    """A list of classes is not usable, or no preset or file has the name given."""


class PairingError(SegscoreError, ValueError):
    """Predictions and targets cannot be matched by name."""


class MaskError(SegscoreError, ValueError):
    """A mask file cannot be read as a label map."""


class ImageError(SegscoreError, ValueError):
    """An image file cannot be read as red, green and blue."""


class EvaluationError(SegscoreError, ValueError):
    """Some images could not be scored; ``failures`` has every one of them.

    ``evaluation`` is that of all the others, as ``on_error="skip"`` returns it, so that nothing that was
    counted is lost; None where no image was scored. Where an executor has lost shards, ``parts`` has what the
    others were evaluated to, for `Plan.merge`.
    """

    evaluation: Any = None
    parts: tuple[Any, ...] = ()

    def __init__(
        self,
        message: str,
        hint: str | None = None,
        failures: tuple[object, ...] = (),
        *,
        kind: str | None = None,
    ) -> None:
        super().__init__(message, hint, kind=kind)
        self.args = (self.message, self.hint, failures)
        self.failures = failures


class ArgumentError(SegscoreError, ValueError):
    """An argument has a value that it cannot have."""


class FileFormatError(SegscoreError, ValueError):
    """A file that should hold a saved result or a model holds something else."""


class OutputError(SegscoreError, OSError):
    """A result could not be written; nothing half-written is left behind."""


class WorkspaceError(SegscoreError, ValueError):
    """A workspace is not there, of a later segscore, damaged, or held by another process."""


class InternalError(SegscoreError, RuntimeError):
    """A defect in segscore itself. Please report it."""


class SegscoreWarning(UserWarning):
    """Something that changes how a score should be read."""

    def __init__(self, text: str) -> None:
        self.text = said(text)
        super().__init__(self.text)

    def __str__(self) -> str:
        """Return the text."""
        return _shown(self.text)


_LOAD = "`segscore.load` reads what was saved"


def check_kind(
    name: str, value: object, kinds: type | tuple[type, ...], what: str, hint: str = _LOAD
) -> None:
    """Raise ArgumentError if an argument is not of a kind of result."""
    if not isinstance(value, kinds):
        raise ArgumentError(f"expected {what} as `{name}`, found {type(value).__name__}", hint)


def flag(name: str, value: object, hint: str = "", *, or_else: str = "") -> bool:
    """Return what an argument switches on or off, also as a bool of NumPy, or raise ArgumentError.

    Texts and numbers are none: "no" would count as true. `or_else` is what the argument may be otherwise.

    Examples
    --------
    >>> flag("strict", True)
    True
    """
    if value is True or value is False:
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    raise ArgumentError(
        f"{arg(name)} is {shortened(repr(value))}, expected True or False{or_else}",
        hint or f"such as {arg(name, True)}",
    )


_NEAREST = 3
_CUTOFF = 0.4
"""Least likeness of a name that is proposed, 0 to 1."""


def _of_one(metric: str, known: Iterable[str]) -> str:
    """Return how a metric of classes is given a class, if it has none."""
    example = next((name for name in known if name.startswith(f"{metric}.")), None)
    return "" if example is None else f", and named with a class: `{example}`"


def unknown(what: str, name: object, known: Iterable[str]) -> ArgumentError:
    """Return the error for a name that there is not: it proposes the nearest names.

    `what` was named: "metric", "class", "image".
    """
    from difflib import get_close_matches

    names = list(known)
    if not isinstance(name, str):
        a = "an" if what[0] in "aeiou" else "a"
        return ArgumentError(f"{a} {what} is named by a text, found {name!r}", f"such as {names[0]!r}")
    name = shortened(name)
    ours = metric_here(name) if what == "metric" else None
    if ours is not None:
        hint = f"it is called `{ours}` here{_of_one(ours, names)}"
        return ArgumentError(f"there is no metric `{name}`", hint)
    near = nearest_here(name) if what == "metric" else None
    if near is not None:
        return ArgumentError(f"there is no metric `{name}`", f"the nearest is `{near}`")
    nearest = get_close_matches(name, names, n=_NEAREST, cutoff=_CUTOFF) or names[:_NEAREST]
    return ArgumentError(
        f"there is no {what} `{name}`",
        f"the nearest {'is' if len(nearest) == 1 else 'are'} {', '.join(f'`{near}`' for near in nearest)}",
    )


def hints_of(failures: Iterable[Any]) -> str | None:
    """Return the hints of failures as the hint of one error, each once; None if there are none."""
    return "\nhint: ".join(dict.fromkeys(marked(one.hint) for one in failures if one.hint)) or None


@contextmanager
def installed(what: str, how: str, error: type[SegscoreError] = ArgumentError) -> Iterator[None]:
    """Turn an import that fails into the error that says what needs the package, and how it is installed.

    What is there and cannot be imported may raise anything.
    """
    try:
        yield
    except ModuleNotFoundError as failure:
        raise error(f"{what}, which {_not_imported(failure)}", how) from None
    except Exception as failure:
        raise error(
            f"{what}, which {_not_imported(failure)}", f"it is there, and broken: remove it, then {how}"
        ) from failure


def import_failure(package: str) -> str:
    """Return why a package cannot be imported, as words behind its name; an empty text if it can be."""
    try:
        import_module(package)
    except Exception as failure:  # noqa: BLE001 - its code may raise anything
        return _not_imported(failure)
    return ""


NOT_INSTALLED: Final = "is not installed"


def _not_imported(failure: Exception) -> str:
    if isinstance(failure, ModuleNotFoundError):
        return NOT_INSTALLED
    return f"cannot be imported: {type(failure).__name__}: {first_line(failure)}"


READ = by_face("`read=`", command_line="`--read`", forms="the field `Reader`")
"""The argument that reads masks of other formats."""


COMPARES_CLASSES: Final = "are these instance ids? segscore compares classes"
_AGAIN = "write or copy the file again"
_OF_CORE: Final[dict[str, tuple[type[SegscoreError], str | None]]] = {
    "shape-mismatch": (
        ShapeError,
        "compare maps of one size; "
        + by_face(
            f"{arg('resize', 'nearest')} of `evaluate` and `Evaluator` resizes",
            command_line=f"{arg('resize', 'nearest')} resizes",
            forms=f"{arg('resize', 'nearest')} resizes",
        )
        + " predictions in two dimensions to their targets",
    ),
    "transposed": (ShapeError, "they look transposed: exchange height and width on one side"),
    "not-resizable": (ShapeError, "pass images one by one, as (height, width)"),
    "dimensions": (
        ShapeError,
        "pass images one by one, as (height, width), and volumes as (depth, height, width)",
    ),
    "too-many-voxels": (ShapeError, "cut the array into parts, and score them as images of their own"),
    "band-widths": (ArgumentError, "such as 5, or (1, 3, 5)"),
    "spacing": (ArgumentError, "such as (3, 0.8, 0.8), in the order of the axes of the array"),
    "connectivity": (ArgumentError, "it is how many neighbours a voxel has"),
    "too-many-runs": (LabelError, "are these labels, or is it noise? cut the array into parts if they are"),
    "within": (ArgumentError, "such as 5.0, in the unit of the spacing"),
    "too-many-labels": (LabelError, COMPARES_CLASSES),
    "too-many-distances": (
        LabelError,
        "are these masks noise? distances up to a bound are fewer: those beyond it are one",
    ),
    "logits-shape": (
        ShapeError,
        f"{arg('class_axis')} says which axis of `logits` holds the classes; without it the shapes are the "
        "same",
    ),
    "channels": (ShapeError, "channel k holds the scores of the k-th class"),
    "not-a-number": (
        ArgumentError,
        "NaN has no place among scores: look for a division by zero or an overflow in the model",
    ),
    "label-too-large": (LabelError, "labels are 64-bit integers with sign; is this a bit mask or a hash?"),
    "too-many-pairs": (LabelError, COMPARES_CLASSES),
    "bad-masks": (
        MaskError,
        "run lengths cover the whole image, column by column; polygons lie in its pixels: export them again",
    ),
    "bad-rows": (ArgumentError, "a total of pixels stays below 2**63, and no count below one"),
    "permission-denied": (MaskError, "check the file's permissions"),
    "unreadable": (MaskError, "check that the file is there and readable"),
    "jpeg": (MaskError, "JPEG changes label values, so it cannot hold a mask: export the masks as PNG"),
    "empty-file": (MaskError, _AGAIN),
    "converted-line-ends": (MaskError, "copy the file again, as binary"),
    "pointer": (MaskError, PULL),
    "not-png": (
        MaskError,
        f"rename the file to its true type, or give {READ} a function that reads it",
    ),
    "colours": (
        MaskError,
        "colours are read only where the classes have colours: give them some, or save label values",
    ),
    "not-labels": (MaskError, "save the labels as gray or palette, 1 to 16 bits"),
    "too-many-pixels": (MaskError, f"if the mask is really this large, raise {arg('max_pixels')}"),
    "truncated": (MaskError, _AGAIN),
    "damaged": (MaskError, _AGAIN),
    "out-of-memory": (MaskError, f"use fewer threads, or a lower {arg('max_pixels')}"),
    "not-encodable": (MaskError, None),
    "cancelled": (InternalError, None),
    "defect": (InternalError, "this is a bug: please report it with the call that led to it"),
}
"""What the core finds by its codes (`Error::code` in `src/error.rs`): the error and its hint."""


_SAVED: Final = {said(hint): hint for _, hint in _OF_CORE.values() if hint is not None}


def saved_hint(hint: list[Any] | str | None) -> str | None:
    """Return a hint that was saved; one of the core's that was saved as Python spells it is known again."""
    return None if hint is None else restored(_SAVED.get(hint, hint) if isinstance(hint, str) else hint)


def of_core(code: str, message: str, place: str | None) -> SegscoreError:
    """Return the error for what the core found; its place, a file, stands in front of the message."""
    error, hint = _OF_CORE[code]
    return error(message if place is None else f"{place}: {message}", hint)
