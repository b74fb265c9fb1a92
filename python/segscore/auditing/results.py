"""What an audit comes to: findings, and the facts about the ground truth. Nothing is looked for here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from segscore.base.naming import PYTHON, Face, marked, said, spelled
from segscore.base.shown import first_lines
from segscore.base.values import Frozen, Ints
from segscore.base.wording import many, visible
from segscore.classes.labels import describe_label
from segscore.text.names import cut, listed
from segscore.text.numbers import DASH, number, percent, plain
from segscore.text.plain import WIDTH, wrapped
from segscore.text.table import table

Severity: TypeAlias = Literal["error", "warning", "note"]
Evidence: TypeAlias = int | float | str | tuple[int, ...] | tuple[str, ...]

SEVERITIES: Mapping[str, Severity] = MappingProxyType(
    {
        "unknown-labels": "error",
        "void-not-ignored": "error",
        "missing-predictions": "error",
        "other-size": "error",
        "not-scored": "error",
        "palette-colours": "warning",
        "palettes-differ": "warning",
        "threshold-scale": "warning",
        "transposed": "warning",
        "images-last": "warning",
        "one-hot": "warning",
        "mask-per-class": "warning",
        "misplaced": "warning",
        "unconfirmed-labels": "warning",
        "labels-of-models": "warning",
        "foreground-ignored": "warning",
        "void-in-class": "warning",
        "no-data-scored": "warning",
        "other-ids": "warning",
        "shifted": "warning",
        "scaled": "warning",
        "void-predicted": "warning",
        "void-only-predicted": "warning",
        "void-class": "warning",
        "unknown-predictions": "warning",
        "resized-mask": "warning",
        "jpeg-mask": "warning",
        "constant-prediction": "warning",
        "swapped-classes": "warning",
        "other-order": "warning",
        "inverted": "warning",
        "doubled-predictions": "warning",
        "identical": "warning",
        "void-by-name": "note",
        "one-class": "note",
        "never-predicted": "note",
        "never-present": "note",
        "doubled-images": "note",
        "extra-predictions": "note",
        "left-out-files": "note",
        "resized-predictions": "note",
    }
)
"""Every kind of finding. An error cannot be scored; a warning is suspicious; a note is a fact."""

MASKS, PREDICTIONS = "masks", "predictions"
"""What a limit is of where nothing in masks, or nothing else in predictions, could be looked for."""
FEW_IMAGES = 10
"""A class in fewer images than this is named: its score rests on what these happen to show."""
MAX_VALUES = 8
_REPR = 200
"""Columns of a message in the short form of a finding."""
MAX_SIZES = 5


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

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("message", "hint"):
            object.__setattr__(self, name, said(getattr(self, name)))

    def __repr__(self) -> str:
        """Return a short form with what was found."""
        return f"<Finding {self.kind}: {cut(visible(self.message), _REPR)}>"

    @property
    def severity(self) -> Severity:
        """``"error"``, ``"warning"`` or ``"note"``."""
        return SEVERITIES[self.kind]

    def __hash__(self) -> int:
        # Equal findings have equal texts; a mapping has no hash.
        return hash((self.kind, self.message, self.hint))


def warning_text(finding: Finding) -> str:
    """Return a finding as warnings say it: what is seen, and on a line of its own what to do."""
    return f"{marked(finding.message)}\nhint: {marked(finding.hint)}"


@dataclass(frozen=True)
class Limit(Frozen):
    """One thing that an audit could not look for; as a text it is its message.

    Attributes
    ----------
    kind : str
        The finding that it might have been, a key of `SEVERITIES` and the likeliest of several; ``"masks"``
        if nothing in masks could be looked for, ``"predictions"`` if nothing else in predictions could.
    message : str
        What it is, and how much data it takes, without a full stop.
    """

    kind: str
    message: str

    def __str__(self) -> str:
        return self.message


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

    def __repr__(self) -> str:
        """Return a short form with the share of void."""
        of = f"{many(self.images, 'image')}, {many(len(self.names), 'class')}"
        return f"<Truth of {of}: {_share(self.void, self.pixels)} void>"

    def __str__(self) -> str:
        """Return the page of the ground truth, in 80 columns."""
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
    limits : tuple of Limit
        What could not be looked for, as that takes more data, and how much.
    shard : str
        Of which shards of a plan it is, in words; empty for all images that there are.
    """

    findings: tuple[Finding, ...]
    truth: Truth
    limits: tuple[Limit, ...] = ()
    shard: str = ""

    @property
    def suspicions(self) -> tuple[Finding, ...]:
        """The findings that are warnings."""
        return suspicions(self.findings)

    def to_dict(self) -> dict[str, Any]:
        """Return findings and ground truth in plain Python values that JSON can hold.

        Returns
        -------
        dict
            ``findings``, a list with ``kind``, ``severity``, ``message``, ``hint`` and ``evidence`` of each;
            ``limits``, a list of texts, and ``limit_kinds``, the kind of each; ``truth``, with what
            :class:`Truth` has: ``per_class`` is a list with one dict a class, and ``sizes`` one with a
            ``shape`` and its number of ``images`` each; and of a shard alone, ``shard``. Undefined numbers
            are None.
        """
        truth = self.truth
        columns = (truth.names, plain(truth.class_pixels), plain(truth.class_images))
        values: dict[str, Any] = plain(
            {
                "findings": [finding_dict(one) | {"evidence": one.evidence} for one in self.findings],
                "limits": [limit.message for limit in self.limits],
                "limit_kinds": [limit.kind for limit in self.limits],
                "truth": {
                    "images": truth.images,
                    "pixels": truth.pixels,
                    "void": truth.void,
                    "per_class": [
                        {"name": name, "pixels": pixels, "images": images}
                        for name, pixels, images in zip(*columns, strict=True)
                    ],
                    "one_value": truth.one_value,
                    "sizes": [{"shape": shape, "images": images} for shape, images in truth.sizes.items()],
                    "forms": truth.forms,
                },
            }
        )
        return {**values, **({"shard": self.shard} if self.shard else {})}

    def __repr__(self) -> str:
        """Return a short form with how many findings there are."""
        return f"<{_opening(self).replace('audit', 'Audit', 1)}>"

    def __str__(self) -> str:
        """Return the findings with their evidence and hints, in 80 columns."""
        return audit_text(self)


def suspicions(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings that are warnings."""
    return tuple(finding for finding in findings if finding.severity == "warning")


def audit_text(audit: Audit, *, width: int = WIDTH, face: Face = PYTHON) -> str:
    """Return the findings as text, and their number first: what is seen, what it was told from, what to do.

    Sentences are wrapped, names are kept whole.
    """
    blocks = [[_opening(audit)], *(_finding_lines(finding, width, face) for finding in audit.findings)]
    if audit.limits:
        lines = (line for limit in audit.limits for line in wrapped(visible(limit.message), width - 2))
        blocks.append(["too little is known to look for", *(f"  {line}" for line in lines)])
    return "\n\n".join("\n".join(block) for block in blocks)


def _opening(audit: Audit) -> str:
    found = dict.fromkeys(("error", "warning", "note"), 0)
    for finding in audit.findings:
        found[finding.severity] += 1
    counts = [many(count, kind) for kind, count in found.items() if count]
    of = f" of {audit.shard}" if audit.shard else ""
    said = f"audit of {many(audit.truth.images, 'image')}{of}: {', '.join(counts) or 'nothing found'}"
    return f"{said}; {many(len(audit.limits), 'thing')} could not be looked for" if audit.limits else said


def _finding_lines(finding: Finding, width: int, face: Face) -> list[str]:
    head = f"{finding.severity}: {visible(finding.message)} ({finding.kind})"
    lines = wrapped(head, width)
    for text in ("; ".join(_evidence(finding)), f"hint: {visible(spelled(finding.hint, face))}"):
        lines += [f"  {line}" for line in wrapped(text, width - 2)]
    return lines


def _evidence(finding: Finding) -> list[str]:
    evidence, said = finding.evidence, []
    values = evidence.get("values", ())
    if isinstance(values, tuple) and values:
        shown = [describe_label(value) if isinstance(value, int) else value for value in values[:MAX_VALUES]]
        more = f" and {len(values) - MAX_VALUES:,} more" if len(values) > MAX_VALUES else ""
        said.append(f"values {', '.join(shown)}{more}")
    for key, noun in (("pixels", "pixel"), ("images", "image")):
        count = evidence.get(key)
        if isinstance(count, int) and count:
            said.append(many(count, noun))
    for key, word in (("first", "first in"), ("files", "files"), ("classes", "classes")):
        names = evidence.get(key)
        if isinstance(names, str | tuple) and names:
            every = [names] if isinstance(names, str) else [str(name) for name in names]
            said.append(f"{word} {listed(every, width=None)}")
    mean, repaired = evidence.get("mean_iou"), evidence.get("repaired_mean_iou")
    if isinstance(mean, float):
        said.append(f"mean IoU {number(mean)}")
    if isinstance(repaired, float):
        said.append(f"mean IoU after the likely repair {number(repaired)}")
    return said


def truth_text(truth: Truth, *, width: int = WIDTH) -> str:
    """Return the page of the ground truth: its classes, void, sizes, and what is rare."""
    pixels, images = truth.class_pixels.tolist(), truth.class_images.tolist()
    rows = [
        (visible(name), f"{n:,}", _share(n, truth.pixels), f"{i:,}", _share(i, truth.images))
        for name, n, i in zip(truth.names, pixels, images, strict=True)
    ]
    few = [name for name, i in zip(truth.names, images, strict=True) if 0 < i < FEW_IMAGES]
    none = [name for name, i in zip(truth.names, images, strict=True) if not i]
    facts = [f"void: {many(truth.void, 'pixel')} ({_share(truth.void, truth.pixels)} of all)"]
    if truth.sizes:
        facts.append(f"sizes: {_counted([(' x '.join(map(str, s)), n) for s, n in truth.sizes.items()])}")
    if truth.forms:
        facts.append(f"stored as: {_counted(list(truth.forms.items()))}")
    if few:
        facts.append(f"in fewer than {FEW_IMAGES} images: {listed(few, limit=len(few))}")
    if none:
        facts.append(f"in no image: {listed(none, limit=len(none))}")
    if truth.one_value:
        images_of_one = many(len(truth.one_value), "image")
        facts.append(f"masks of one value: {images_of_one}, {listed(truth.one_value, width=None)}")
    return "\n".join(
        [
            f"ground truth of {many(truth.images, 'image')}, {many(truth.pixels, 'pixel')}",
            "",
            *table(("class", "pixels", "of all", "images", "of all"), rows, width),
            "",
            *(line for fact in facts for line in wrapped(fact, width)),
        ]
    )


def finding_dict(finding: Finding) -> dict[str, Any]:
    """Return what a finding says, without its evidence, in plain Python values."""
    return {
        "kind": finding.kind,
        "severity": finding.severity,
        "message": finding.message,
        "hint": finding.hint,
    }


def _counted(numbers: Sequence[tuple[str, int]]) -> str:
    said = [f"{what} ({many(count, 'image')})" for what, count in numbers]
    return ", ".join(first_lines(said, MAX_SIZES))


def _share(part: int, whole: int) -> str:
    return percent(part, whole) if whole else DASH
