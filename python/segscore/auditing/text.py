"""Audits as plain text and plain values: the findings with their hints, and the page of the ground truth."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from segscore.base.wording import many
from segscore.classes.labels import describe_label
from segscore.text.names import listed, visible
from segscore.text.numbers import DASH, number, percent, plain
from segscore.text.plain import WIDTH, wrapped
from segscore.text.table import table

if TYPE_CHECKING:
    from segscore.auditing.results import Audit, Finding, Truth

FEW_IMAGES = 10
"""A class in fewer images than this is named: its score rests on what these happen to show."""
MAX_VALUES = 8
MAX_SIZES = 5


def audit_text(audit: "Audit", *, width: int = WIDTH) -> str:
    """Return the findings as text: what is seen, what it was told from, what to do.

    Parameters
    ----------
    audit : Audit
        The audit.
    width : int
        Columns of the terminal; sentences are wrapped, names are kept whole.

    Returns
    -------
    str
        Lines without a final line end; the first counts the findings.
    """
    found = dict.fromkeys(("error", "warning", "note"), 0)
    for finding in audit.findings:
        found[finding.severity] += 1
    counts = [many(count, kind) for kind, count in found.items() if count]
    opening = f"audit of {many(audit.truth.images, 'image')}: {', '.join(counts) or 'nothing found'}"
    blocks = [[opening], *(_finding_lines(finding, width) for finding in audit.findings)]
    return "\n\n".join("\n".join(block) for block in blocks)


def _finding_lines(finding: "Finding", width: int) -> list[str]:
    head = f"{finding.severity}: {visible(finding.message)} ({finding.kind})"
    lines = wrapped(head, width)
    for text in ("; ".join(_evidence(finding)), f"hint: {visible(finding.hint)}"):
        lines += [f"  {line}" for line in wrapped(text, width - 2)]
    return lines


def _evidence(finding: "Finding") -> list[str]:
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


def truth_text(truth: "Truth", *, width: int = WIDTH) -> str:
    """Return the page of the ground truth: its classes, void, sizes, and what is rare.

    Parameters
    ----------
    truth : Truth
        The facts.
    width : int
        Columns of the terminal.

    Returns
    -------
    str
        Lines without a final line end.
    """
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


def finding_dict(finding: "Finding") -> dict[str, Any]:
    """Return what a finding says, without its evidence, in plain Python values."""
    return {
        "kind": finding.kind,
        "severity": finding.severity,
        "message": finding.message,
        "hint": finding.hint,
    }


def audit_dict(audit: "Audit") -> dict[str, Any]:
    """Return an audit in plain Python values that JSON can hold; undefined numbers are None.

    Parameters
    ----------
    audit : Audit
        The audit.

    Returns
    -------
    dict
        ``findings``, each with its ``evidence`` by name; and ``truth``, whose ``per_class`` has one dict a
        class, whose ``sizes`` have one for each ``shape``, and whose ``forms`` hold a number of images each.
    """
    truth = audit.truth
    columns = (truth.names, plain(truth.class_pixels), plain(truth.class_images))
    values: dict[str, Any] = plain(
        {
            "findings": [finding_dict(one) | {"evidence": one.evidence} for one in audit.findings],
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
    return values


def _counted(numbers: Sequence[tuple[str, int]]) -> str:
    said = [f"{what} ({many(count, 'image')})" for what, count in numbers[:MAX_SIZES]]
    more = [f"and {len(numbers) - MAX_SIZES:,} more"] if len(numbers) > MAX_SIZES else []
    return ", ".join([*said, *more])


def _share(part: int, whole: int) -> str:
    return percent(part, whole) if whole else DASH
