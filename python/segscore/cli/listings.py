"""Classes, presets, label values and versions as plain text for the command line."""

import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from segscore.base.wording import many, visible
from segscore.classes.causes import UNCONFIRMED, void_by_name
from segscore.classes.labels import describe_label, label_text
from segscore.cli.spelling import on_command_line
from segscore.counts.failures import failure_lines
from segscore.scores.alike import side_by_side
from segscore.text.names import listed
from segscore.text.numbers import DASH, number, percent
from segscore.text.plain import WIDTH, wrapped
from segscore.text.table import table

if TYPE_CHECKING:
    from segscore.classes.classes import Classes
    from segscore.counts.labels_found import LabelsFound
    from segscore.evaluation.evaluation import Evaluation

MAX_LABELS = 40


def presets_text(presets: "Sequence[Classes]", *, width: int = WIDTH) -> str:
    """Return a table of presets and what to do with one."""
    rows = [(classes.name or DASH, str(len(classes)), classes.title or "") for classes in presets]
    lines = table(("preset", "classes", "what it is"), rows, width, left=(0, 2), flexible=2)
    return "\n".join([*lines, "", "next: segscore classes camvid-11 shows one"])


def classes_text(classes: "Classes", *, width: int = WIDTH) -> str:
    """Return a table of the classes, what is ignored, and where it was read from."""
    rows = [row for i in range(len(classes)) for row in _class_rows(classes, i)]
    remarks = any(row[3] for row in rows)
    titles = ("class", "label", "colour", "remark")
    lines = [visible(classes.title or str(classes)), ""]
    columns = 4 if remarks else 3
    lines += table(titles[:columns], [row[:columns] for row in rows], width, left=(0, 3))
    ignored = ", ".join(map(str, classes.all_ignored)) or "none"
    lines += ["", *wrapped(f"ignored labels: {ignored}", width)]
    if classes.label_rule is not None:
        lines += wrapped(f"labels of targets are `{classes.label_rule}`", width)
    if (void := void_by_name(classes)) is not None:
        lines += wrapped("; ".join(void), width)
    if not classes.confirmed:
        lines += wrapped("; ".join(UNCONFIRMED), width)
    for space in classes.prediction_spaces:
        rule = "" if space.label_rule is None else f", of which labels are `{space.label_rule}`"
        note = f"{rule}: {visible(space.note)}" if space.note else rule
        lines += wrapped(f"prediction space `{visible(space.name)}`{note}", width)
    if classes.note:
        lines += wrapped(f"note: {visible(classes.note)}", width)
    lines += [f"source: {visible(source)}" for source in classes.source]
    return "\n".join(lines)


def labels_text(
    found: "LabelsFound",
    *,
    command: str,
    making: str,
    width: int = WIDTH,
) -> str:
    """Return the label values of both sides, the presets that may fit, and the command to go on with.

    That is one with a preset, or else one that starts a file of classes.
    """
    labels = sorted(found.target.keys() | found.pred.keys())
    target_total, pred_total = (max(sum(side.values()), 1) for side in (found.target, found.pred))
    rows = [
        (
            describe_label(label) + (f" ({visible(found.names[label])})" if label in found.names else ""),
            _share(found.target.get(label), target_total),
            _share(found.pred.get(label), pred_total),
        )
        for label in labels[:MAX_LABELS]
    ]
    lines = [f"labels of {many(found.images, 'image')}, as shares of their pixels", ""]
    lines += table(("label", "target", "pred"), rows, width)
    if len(labels) > MAX_LABELS:
        lines.append(f"and {len(labels) - MAX_LABELS:,} more")
    if found.failures:
        were = "was" if len(found.failures) == 1 else "were"
        lines += ["", f"{many(len(found.failures), 'image')} {were} not counted:"]
        lines += [f"  {visible(line)}" for line in failure_lines(found.failures)]
        hints = dict.fromkeys(failure.hint for failure in found.failures if failure.hint)
        lines += [f"  hint: {visible(on_command_line(hint))}" for hint in hints]
    lines += [""] if found.missing or found.extra else []
    for names, noun, partner in (
        (found.missing, "target", "prediction"),
        (found.extra, "prediction", "target"),
    ):
        if names:
            has = "has" if len(names) == 1 else "have"
            fact = f"{many(len(names), noun)} {has} no {partner}: {listed(names, width=None)}"
            lines += wrapped(fact, width)
    if found.left_out:
        lines += ["", *wrapped(found.left_out, width)]
    if found.palettes:
        lines += ["", *wrapped(found.palettes, width)]
    if found.codes:
        lines += ["", *wrapped("; ".join(found.codes), width)]
    for label in found.nodata:
        lines += [
            "",
            *wrapped(f"the targets call {label} no data (GDAL): `--ignore {label}` leaves it out", width),
        ]
    fitting = found.presets
    lines.append("")
    if found.pattern is not None:
        option = f"`--pairing {shlex.quote(found.pattern)}`"
        lines += wrapped(f"each class may have a file, as names look: {option} reads them so", width)
    for name, told in fitting:
        lines += wrapped(f"the preset `{name}` may fit: {told}", width)
    if found.pattern is not None:
        step = f"{command} --pairing {shlex.quote(found.pattern)}"
    elif fitting:
        step = f"{command} --classes {fitting[0][0]}"
    else:
        lines += wrapped(
            "what these labels mean is told by none of the presets (`segscore classes` lists them); "
            "`segscore classes new` starts a file",
            width,
        )
        step = f"{making} > classes.toml"
    return "\n".join([*lines, f"next: {visible(step)}"])


def versions_text(
    first_name: str, first: "Evaluation", second_name: str, second: "Evaluation", *, width: int = WIDTH
) -> str:
    """Return the scores of two versions side by side, and which has the higher mean IoU."""
    pairs = zip(second.classes.names, first.scores.iou.tolist(), second.scores.iou.tolist(), strict=True)
    rows = [(visible(name), *_compared(a, b)) for name, a, b in pairs]
    both = [evaluation.scores for evaluation in (first, second)]
    found = side_by_side(first.classes, [scores.counts for scores in both])
    means = [scores.mean_iou for scores in both] if found is None else list(found.values)
    rows.append(("mean IoU", *_compared(*means)))
    lines = table(("IoU", first_name, second_name, "change"), rows, width)
    change = means[1] - means[0]
    better, worse = (second_name, first_name) if change > 0 else (first_name, second_name)
    verdict = f"{better} is better than {worse}: mean IoU {max(means):.6f} against {min(means):.6f}"
    if found is not None:
        verdict += f", over the {many(found.shared, 'class')} that both have"
    return "\n".join([*lines, "", verdict if change else "both have the same mean IoU"])


def _compared(a: float, b: float) -> tuple[str, str, str]:
    return number(a), number(b), DASH if np.isnan(b - a) else f"{b - a:+.4f}"


def _share(pixels: int | None, total: int) -> str:
    return DASH if pixels is None else percent(pixels, total)


def _class_rows(classes: "Classes", i: int) -> Iterator[tuple[str, str, str, str]]:
    """Yield the row of a class, and one for each further colour."""
    labels = classes.all_labels[i]
    given = [colour for label in labels for colour in classes.all_colours.get(label, ())]
    first, *others = ["{:3} {:3} {:3}".format(*colour) for colour in given] or [DASH]
    yield visible(classes.names[i]), label_text(labels), first, "" if classes.in_mean[i] else "not in mean"
    for colour in others:
        yield "", "", colour, ""
