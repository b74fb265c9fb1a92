"""Files: where the masks and the photograph of an image lie. Nothing is opened here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from segscore.results.evaluated import Evaluation


@dataclass(frozen=True, slots=True)
class Files:
    """Where the files of one image lie, as far as it is known.

    A path may come from a file that somebody else wrote, and what lies there may have changed: it is only
    ever opened as a mask or a photograph.

    Attributes
    ----------
    pred, target : str or None
        Paths of the masks.
    image : str or None
        Path of the photograph.
    contents : callable, optional
        A function from the path of target or photograph to the bytes that are decoded in place of whatever
        lies there; it raises SegscoreError where there are none to be shown.
    """

    pred: str | None = None
    target: str | None = None
    image: str | None = None
    contents: Callable[[str], bytes] | None = field(default=None, repr=False, compare=False)


FilesByName: TypeAlias = Mapping[str, Files]
"""The files of images by their names."""


def with_files(evaluation: "Evaluation", files: FilesByName) -> "Evaluation":
    """Return the evaluation with these places of files, and with all that has been computed from its counts.

    Parameters
    ----------
    evaluation : Evaluation
        It stays as it is.
    files : mapping of str to Files
        By the images' names.
    """
    other = replace(evaluation, files=files)
    given = {field.name for field in fields(evaluation)}
    other.__dict__.update({name: value for name, value in vars(evaluation).items() if name not in given})
    return other
