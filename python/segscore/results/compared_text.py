"""Two models side by side, as text, as plain values and as HTML."""

import math
from collections.abc import Sequence
from html import escape
from typing import Any

from segscore.base.naming import PYTHON, Face, arg, spelled
from segscore.base.wording import many, visible
from segscore.results.compared import BEING_COMPUTED, Compared
from segscore.scores.gates import GateResult, gates_markdown
from segscore.text import markdown
from segscore.text.names import cut, listed
from segscore.text.numbers import number, plain, signed
from segscore.text.plain import WIDTH, wrapped
from segscore.text.table import table

_IMAGES = 3
_LABEL = 9
"""Columns of a model's name in a title."""


def comparison_text(comparison: Compared, face: Face = PYTHON) -> str:
    """Return one sentence and the table of differences, in 80 columns."""
    told = [line for fact in facts(comparison) for line in wrapped(fact, WIDTH)]
    lines = [
        *wrapped(verdict(comparison), WIDTH),
        "",
        *table(titles(comparison), rows(comparison), WIDTH),
        "",
    ]
    hint = (
        "" if comparison.note is None else f"\n  hint: say which images belong together with {arg('groups')}"
    )
    return "\n".join([*lines, *told]) + spelled(hint, face)


def comparison_html(comparison: Compared) -> str:
    """Return an HTML fragment; every text in it is escaped."""
    head = "".join(f"<th>{escape(title)}</th>" for title in titles(comparison))
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows(comparison)
    )
    said = "<br>".join(escape(line) for line in facts(comparison))
    return (
        f"<div><p>{escape(verdict(comparison))}</p><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table><p>{said}</p></div>"
    )


def comparison_dict(comparison: Compared) -> dict[str, Any]:
    """Return all numbers in plain values; undefined ones are None."""
    numbers = ("a", "b", "difference", "low", "high", "p", "detectable")
    return {
        "models": list(comparison.labels),
        "images": len(comparison.names),
        "units": comparison.units,
        "kind": comparison.kind,
        "level": comparison.level,
        "note": comparison.note,
        "only": [list(names) for names in comparison.only],
        "unlike": [
            {
                "name": mean.name,
                "judged": mean.judged,
                "classes": list(mean.covers),
                "shared": mean.shared,
                "only": [list(names) for names in mean.only],
            }
            for mean in comparison.unlike
        ],
        "uneven": [
            {
                "name": over.name,
                "images": list(over.covers),
                "shared": over.shared,
                "values": [plain(value) for value in over.values],
            }
            for over in comparison.uneven
        ],
        "doubts": list(doubts(comparison)),
        "shape_notes": list(comparison.shape_notes),
        "differences": [
            {
                "name": one.name,
                **{name: plain(getattr(one, name)) for name in numbers},
                "reason": one.reason,
                "significant": one.significant,
                "better": one.better,
            }
            for one in comparison.differences
        ],
        "better": [change._asdict() for change in comparison.better],
        "worse": [change._asdict() for change in comparison.worse],
    }


def verdict(comparison: Compared) -> str:
    """Return the sentence that sums up."""
    one, two = (visible(label) for label in comparison.labels)
    if comparison.identical:
        return f"{two} and {one} have the same counts in every image; they may be one and the same"
    headline, classes, gain = comparison.headline, comparison.classes, comparison.mean_told
    if headline.reason == BEING_COMPUTED and comparison.untestable is None:
        return f"{two} and {one}: {gain}; whether they differ beyond chance is being computed"
    if math.isnan(headline.difference):
        told = f"{two} and {one} cannot be compared by {comparison.main.label}, which is undefined"
    elif comparison.untestable is not None:
        return f"Whether {two} differs from {one} cannot be tested: {comparison.untestable}; {gain}"
    elif not headline.significant and comparison.unlike:
        told = f"{two} and {one} cannot be told apart: {gain}"
    elif not headline.significant:
        by = comparison.main.label
        told = f"{two} and {one} cannot be told apart by {by} ({signed(headline.difference)})"
    else:
        word = "better" if headline.gain > 0 else "worse"
        told = f"{two} is {word} than {one}: {gain}"
    sides = []
    for word, sign in (("better", 1), ("worse", -1)):
        better = [one for one in classes if one.significant and sign * one.gain > 0]
        names = [comparison.main.class_of(one.name) for one in better]
        if names:
            sides.append(f"{word} in {listed(names)}")
    return f"{told}; {'; '.join(sides) if sides else 'no class differs beyond chance'}"


def titles(comparison: Compared) -> tuple[str, ...]:
    """Return the titles of the columns."""
    one, two = (cut(visible(label), _LABEL) for label in comparison.labels)
    return ("", one, two, "difference", f"{100 * comparison.level:g} % interval", "p")


def rows(comparison: Compared) -> list[tuple[str, ...]]:
    """Return the cells of each difference."""
    return [
        (
            visible(comparison.main.class_of(comparison.title(one))),
            number(one.a),
            number(one.b),
            signed(one.difference),
            one.reason or f"{one.low:+.4f} to {one.high:+.4f}",
            f"{number(one.p)}{' *' if one.significant else '  '}",
        )
        for one in comparison.differences
    ]


def facts(comparison: Compared) -> list[str]:
    """Return what is to be said about images and the level."""
    better, worse, number = comparison.better, comparison.worse, len(comparison.names)
    same = number - len(better) - len(worse)
    changed = f"{len(better):,} better, {len(worse):,} worse, {same:,} the same or undefined"
    lines = [f"{many(number, 'image')}: {changed}"]
    for word, changes in (("most gained", better), ("most lost", worse)):
        if changes:
            told = [f"{cut(visible(c.name), 40)} {c.a:.3f} to {c.b:.3f}" for c in changes[:_IMAGES]]
            lines.append(f"{word}: {'; '.join(told)}")
    for label, names in zip(comparison.labels, comparison.only, strict=True):
        if names:
            lines.append(
                f"left out: {len(names):,} images of {visible(label)} only, such as {listed(names[:1])}"
            )
    lines += unlike_facts(comparison)
    lines += shape_facts(comparison)
    if comparison.untestable is None:
        lines.append(
            f"* beyond chance at {1 - comparison.level:.2g}, over all {len(comparison.judged)} rows "
            f"together; drawn and swapped: {comparison.units:,} {comparison.kind}"
        )
        if any(one.reason is None for one in comparison.differences):
            lines.append("an interval is of its row alone: it may leave 0 out where p is large")
    for label, told_of in zip(comparison.labels, doubts(comparison), strict=True):
        lines += [f"{visible(label)}: {visible(doubt)}" for doubt in told_of]
    if comparison.note is not None:
        lines.append(f"intervals and p-values hold {comparison.note}")
    return lines


def unlike_facts(comparison: Compared) -> list[str]:
    """Return which classes and images only one of two means is over."""
    said = []
    for mean in comparison.unlike:
        for label, names in zip(comparison.labels, mean.only, strict=True):
            if names:
                are = "is" if len(names) == 1 else "are"
                said.append(
                    f"{listed(names)} {are} predicted by {visible(label)} alone and in no target: "
                    "means are judged over the classes that both have"
                )
    one, two = map(visible, comparison.labels)
    for over in comparison.uneven:
        (of_one, of_two), (a, b) = over.covers, map(number, over.values)
        said.append(
            f"{visible(over.name)} is over {of_one:,} images of {one} and {of_two:,} of {two}: "
            f"over the {over.shared:,} that both have it is {a} and {b}"
        )
    return list(dict.fromkeys(said))


def shape_facts(comparison: Compared) -> list[str]:
    """Return what there is to know of shapes: of which numbers less is better, and what is not compared."""
    lower = [comparison.title(one) for one in comparison.differences if one.better == "lower"]
    said = [f"lower is better: {listed(lower)}"] if lower else []
    return [*said, *map(visible, comparison.shape_notes)]


def doubts(comparison: Compared) -> tuple[list[str], list[str]]:
    """Return what each of both is not, and what was said of the meaning of labels when it was made."""
    first, second = (
        [f"not the whole, but {one.shard}"] * bool(one.shard) + [finding.message for finding in one.doubts]
        for one in comparison.evaluations
    )
    return first, second


def comparison_markdown(comparison: Compared, *, gates: Sequence[GateResult] = ()) -> str:
    """Return a comparison as a page: gates, one sentence, the differences, and what is to be said."""
    one, two = comparison.labels
    cells = [[markdown.escape(cell) for cell in row] for row in rows(comparison)]
    blocks = [
        [f"## {markdown.escape(two)} against {markdown.escape(one)}"],
        gates_markdown(gates),
        [markdown.escape(verdict(comparison))],
        markdown.table([markdown.escape(title) for title in titles(comparison)], cells),
        [f"- {markdown.escape(fact)}" for fact in facts(comparison)],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)
