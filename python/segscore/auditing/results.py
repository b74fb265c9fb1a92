"""What an audit comes to: findings, and the facts about the ground truth. Nothing is looked for here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from segscore.base.values import Frozen
from segscore.classes.classes import Ints

Severity: TypeAlias = Literal["error", "warning", "note"]
Evidence: TypeAlias = int | float | str | tuple[int, ...] | tuple[str, ...]

SEVERITIES: Mapping[str, Severity] = MappingProxyType(
    {
        "unknown-labels": "error",
        "void-not-ignored": "error",
        "missing-predictions": "error",
        "other-size": "error",
        "not-scored": "error",
        "other-ids": "warning",
        "shifted": "warning",
        "void-predicted": "warning",
        "void-only-predicted": "warning",
        "void-class": "warning",
        "unknown-predictions": "warning",
        "resized-mask": "warning",
        "jpeg-mask": "warning",
        "constant-prediction": "warning",
        "swapped-classes": "warning",
        "inverted": "warning",
        "doubled-predictions": "warning",
        "identical": "warning",
        "never-predicted": "note",
        "never-present": "note",
        "doubled-images": "note",
        "extra-predictions": "note",
        "resized-predictions": "note",
    }
)
"""Every kind of finding. An error cannot be scored; a warning is suspicious; a note is a fact."""


@dataclass(frozen=True)
class Finding(Frozen):
    """One thing that an audit found.

    Attributes
    ----------
    kind : str
        A key of `SEVERITIES`.
    message : str
        What is seen, without a full stop.
    evidence : mapping
        What it was told from, by name, read-only: label `values`, `pixels` and `images` concerned, the
        `first` such image or `files`; `mean_iou` as it is and, where there is a likely repair,
        `repaired_mean_iou`, computed from the counts as if it were done.
    hint : str
        What to do.
    """

    kind: str
    message: str
    evidence: Mapping[str, Evidence]
    hint: str

    @property
    def severity(self) -> Severity:
        """``"error"``, ``"warning"`` or ``"note"``."""
        return SEVERITIES[self.kind]

    def __hash__(self) -> int:
        # Equal findings have equal texts; a mapping has no hash.
        return hash((self.kind, self.message, self.hint))


@dataclass(frozen=True, eq=False)
class Truth(Frozen):
    """Facts about the ground truth; K classes.

    Attributes
    ----------
    names : tuple of str
        The classes.
    images : int
        Targets that were read.
    pixels, void : int
        Pixels of all of them, and those of ignored labels.
    class_pixels, class_images : int64 (K,)
        Pixels of each class, and images that hold it; read-only.
    one_value : tuple of str
        Images whose target holds one label value only.
    sizes : mapping of (int, ...) to int
        Images of each shape, most frequent first; only of those whose shape is known.
    forms : mapping of str to int
        Images stored in each form, such as ``"PNG palette 8 bits"``; only where it is known.
    """

    names: tuple[str, ...]
    images: int
    pixels: int
    void: int
    class_pixels: Ints
    class_images: Ints
    one_value: tuple[str, ...]
    sizes: Mapping[tuple[int, ...], int] = field(default_factory=dict)
    forms: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the page of the ground truth, in 80 columns."""
        from segscore.auditing.text import truth_text

        return truth_text(self)


@dataclass(frozen=True, eq=False)
class Audit(Frozen):
    """What looks wrong with a dataset and its predictions, and what the ground truth holds.

    Attributes
    ----------
    findings : tuple of Finding
        Errors first, then warnings, then notes.
    truth : Truth
        The ground truth.
    """

    findings: tuple[Finding, ...]
    truth: Truth

    @property
    def suspicions(self) -> tuple[Finding, ...]:
        """The findings that are warnings."""
        return tuple(finding for finding in self.findings if finding.severity == "warning")

    def to_dict(self) -> dict[str, Any]:
        """Return findings and ground truth in plain Python values that JSON can hold.

        Returns
        -------
        dict
            ``findings``, a list with ``kind``, ``severity``, ``message``, ``hint`` and ``evidence`` of each;
            ``truth``, with what :class:`Truth` has: ``per_class`` is a list with one dict a class, and
            ``sizes`` one with a ``shape`` and its number of ``images`` each. Undefined
            numbers are None.
        """
        from segscore.auditing.text import audit_dict

        return audit_dict(self)

    def __str__(self) -> str:
        """Return the findings with their evidence and hints, in 80 columns."""
        from segscore.auditing.text import audit_text

        return audit_text(self)
