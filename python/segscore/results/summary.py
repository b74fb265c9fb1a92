"""An evaluation in words, as text, HTML of notebooks, Markdown and plain values."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from segscore.auditing.results import finding_dict, suspicions
from segscore.base.naming import PYTHON, Face, arg, spelled
from segscore.base.wording import many, visible
from segscore.classes.labels import describe_label
from segscore.counts.doubts import DOUBTS
from segscore.counts.failures import Failure, failure_lines
from segscore.io.annotations.targets import ANNOTATED
from segscore.io.by_class import BY_CLASS
from segscore.io.left_out import LEFT_OUT
from segscore.io.reading import READ_BY
from segscore.io.stacks import STACKS
from segscore.results.evaluated import GRAY, SHARD, Evaluated
from segscore.results.verdict import verdict
from segscore.scores.gates import GateResult, gates_markdown, of_gates
from segscore.scores.metric import image_metrics, whole_metrics
from segscore.scores.metric_row import Metric
from segscore.scores.object_summary import object_coverage, object_headlines
from segscore.scores.shape_summary import sections, shapes_dict
from segscore.scores.summary import class_table_markdown, headline, of_scores, scores_dict, scores_latex
from segscore.statistics.intervals import Interval, of_interval
from segscore.text.latex import section_lines
from segscore.text.markdown import escape, not_scored, table
from segscore.text.names import listed
from segscore.text.notebook import fragment
from segscore.text.numbers import plain
from segscore.text.plain import WIDTH, laid_out
from segscore.text.summary import Section, Summary

MAX_FAILURES = 20
MAX_VALUES = 5
DERIVED = {
    SHARD: "not the whole, but shard ",
    "selection": "a selection of ",
    "group": "group: ",
    "merged": "merged: ",
    "resized": "",
    BY_CLASS: "",
    LEFT_OUT: "",
    ANNOTATED: "",
    READ_BY: "",
    GRAY: "",
    STACKS: f"distances are of images, as volumes need {arg('dims', 3)}: ",
}
"""Entries of the provenance that say what is and is not in an evaluation, and how each is introduced."""
NO_PLACES = frozenset({*DERIVED, *DOUBTS})
"""Entries that do not say where masks came from; what an audit makes of doubts is a finding."""
_PLACES = {"pred": "predictions", "target": "targets", "pairing": "pairing pattern", "list": "list of images"}
"""What others are called, if not by their names."""

SCHEMA = 2
"""Version of the keys and their meaning."""
_MAX_MATRIX = 256
"""Most classes whose confusion matrix is written: its size grows with their square."""


def of_evaluation(evaluation: Evaluated, face: Face = PYTHON, *, interval: Interval | None = None) -> Summary:
    """Return the summary of an evaluation: that of its scores, and what is to be said of its images.

    `interval` is that of the first headline.
    """
    summary, shapes = of_scores(evaluation.scores), evaluation.shapes
    if not shapes.measures.of_pixels:
        summary = replace(summary, rows=(), headlines=(), facts=(), coverage=(object_coverage(shapes),))
    scored, requested = len(evaluation.names), evaluation.requested
    opening = f"{many(scored, 'image')} scored"
    if scored != requested:
        opening = f"{scored:,} of {many(requested, 'image')} scored"
    if evaluation.part is not None:
        opening = f"shard {evaluation.part.place.said}: {opening}"
    of_images = [
        headline(metric, evaluation.metric(metric.name), evaluation.scores)
        for metric in _over_images(evaluation)
        if summary.headlines
    ]
    return replace(
        summary,
        opening=opening,
        verdict=verdict(evaluation, interval),
        headlines=(*object_headlines(shapes), *summary.headlines, *of_images),
        sections=sections(shapes),
        facts=(*summary.facts, *_image_facts(evaluation, face)),
        failures=_failures(evaluation.failures),
        hints=_hints(evaluation.failures, face),
        suspicion=_suspicion(evaluation),
    )


def _over_images(evaluation: Evaluated) -> list[Metric]:
    return [one for one in whole_metrics(evaluation.classes) if one.over_images and one.headline]


def origin(provenance: Mapping[str, str]) -> dict[str, str]:
    """Return where masks came from, by what it is; what facts and findings say is left out."""
    return {_PLACES.get(key, key): value for key, value in provenance.items() if key not in NO_PLACES}


def _image_facts(evaluation: Evaluated, face: Face) -> list[str]:
    # Where no object is found, nothing is predicted.
    unknown = () if evaluation.shapes.measures.names_classes else evaluation.unknown_predictions
    facts = [
        f"{spelled(start, face)}{visible(evaluation.provenance[key])}"
        for key, start in DERIVED.items()
        if key in evaluation.provenance
    ]
    facts += [
        f"prediction {describe_label(value)} is no class: {many(pixels, 'pixel')}, first in `{visible(name)}`"
        for value, pixels, name in unknown[:MAX_VALUES]
    ]
    if len(unknown) > MAX_VALUES:
        facts.append(f"{len(unknown) - MAX_VALUES:,} more predicted values are no class; to_dict() lists all")
    if evaluation.resized == 1:
        facts.append("1 prediction was resized to its target (nearest)")
    elif evaluation.resized:
        facts.append(f"{evaluation.resized:,} predictions were resized to their targets (nearest)")
    if evaluation.extra:
        extra = evaluation.extra
        has = "has" if len(extra) == 1 else "have"
        names = listed(extra, width=None)
        facts.append(f"{many(len(extra), 'prediction')} {has} no target and no score: {names}")
    return facts


def _suspicion(evaluation: Evaluated) -> str:
    messages = [finding.message for finding in suspicions(evaluation.findings)]
    if not messages:
        return ""
    first = ", first" if len(messages) > 1 else ""
    said = f"audit: {many(len(messages), 'suspicion')}{first}: {visible(messages[0])}"
    return f"{said} (see `segscore audit` or ev.audit())"


def _failures(failures: Sequence[Failure]) -> tuple[str, ...]:
    return tuple(map(visible, failure_lines(failures, "; --json and to_dict() list all", limit=MAX_FAILURES)))


def _hints(failures: Sequence[Failure], face: Face) -> tuple[str, ...]:
    hints = dict.fromkeys(failure.hint for failure in failures[:MAX_FAILURES] if failure.hint)
    return tuple(f"hint: {visible(spelled(hint, face))}" for hint in hints)


def evaluation_text(
    evaluation: Evaluated,
    *,
    next_step: str,
    gates: Sequence[GateResult] = (),
    interval: Interval | None = None,
    width: int = WIDTH,
    face: Face = PYTHON,
) -> str:
    """Return an evaluation as text; it says first how many images were scored, then what sums it up.

    `next_step` and `width` are as for `scores_text`; `interval` is how sure the mean IoU is.
    """
    result = of_evaluation(evaluation, face, interval=interval)
    if interval is not None:
        result = replace(result, facts=(of_interval(interval), *result.facts))
    return laid_out(result, of_gates(gates), next_step, width)


def evaluation_html(evaluation: Evaluated) -> str:
    """Return an evaluation as an HTML fragment; it opens with how many images were scored."""
    return fragment(of_evaluation(evaluation))


def evaluation_dict(evaluation: Evaluated, *, version: str) -> dict[str, Any]:
    """Return what `scores_dict` does, and what is to be said of the images, in plain Python values.

    ``verdict`` sums up. Findings are those of an audit of the counts, without their evidence; ``derived``
    says what a selection, a group or merged classes were made from; ``images`` has one dict an image, with
    the metrics of its columns, and the spacing that it was measured with, in mm.
    """
    about_images: dict[str, Any] = {
        "images_scored": len(evaluation.names),
        "images_requested": evaluation.requested,
        "verdict": verdict(evaluation),
        **{
            metric.name: evaluation.metric(metric.name) if evaluation.shapes.measures.of_pixels else math.nan
            for metric in _over_images(evaluation)
        },
        "resized": evaluation.resized,
        "failures": [{"name": f.name, "message": f.message, "hint": f.hint} for f in evaluation.failures],
        "extra": evaluation.extra,
        "findings": [finding_dict(finding) for finding in evaluation.findings],
        "derived": {key: evaluation.provenance[key] for key in DERIVED if key in evaluation.provenance},
        "unknown_predictions": [
            {"value": value, "pixels": pixels, "first_image": name}
            for value, pixels, name in evaluation.unknown_predictions
        ],
    }
    images = evaluation.images
    wholes = [metric.name for metric in image_metrics(evaluation.classes)]
    keys = ("name", "pixels", *wholes)
    columns = (images.name, images.pixels, *(images.of_pixels(name) for name in wholes))
    if evaluation.shapes.spacings is not None:
        keys, columns = (*keys, "spacing"), (*columns, evaluation.shapes.spacings.steps)
    rows = zip(*(plain(column) for column in columns), strict=True)
    return {
        "schema": SCHEMA,
        "segscore": version,
        **{key: plain(value) for key, value in about_images.items()},
        **{k: v for k, v in scores_dict(evaluation.scores).items() if k != "images_scored"},
        **shapes_dict(evaluation.shapes),
        "counts": plain(evaluation.confusion.counts) if len(evaluation.classes) <= _MAX_MATRIX else None,
        "images": [dict(zip(keys, row, strict=True)) for row in rows],
    }


def evaluation_latex(evaluation: Evaluated) -> str:
    """Return the table of classes, and those of what was measured besides, each a ``tabular``."""
    tables = [scores_latex(evaluation.scores)]
    tables += ["\n".join(section_lines(section)) for section in sections(evaluation.shapes)]
    return "\n\n".join(tables)


def evaluation_markdown(evaluation: Evaluated, *, gates: Sequence[GateResult] = ()) -> str:
    """Return an evaluation as a page: gates, headline numbers, classes, and what is to be said."""
    result = of_evaluation(evaluation)
    made_of = evaluation.provenance
    title = f"Scores of {made_of['pred']}" if "pred" in made_of else "Scores"
    numbers = [(escape(one.label), escape(one.text)) for one in result.headlines]
    blocks = [
        [f"## {escape(title)}"],
        [escape(result.opening)],
        [escape(result.suspicion)],
        [escape(result.verdict)],
        gates_markdown(gates),
        table(("score", "value"), numbers),
        class_table_markdown(evaluation.scores, result.rows) if result.rows else [],
        *(block for section in result.sections for block in _section_markdown(section)),
        [f"- {escape(fact)}" for fact in result.facts],
        not_scored(result),
        [escape(result.coverage[0])],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if any(block))


def _section_markdown(section: Section) -> list[list[str]]:
    rows = [[escape(cell) for cell in row] for row in section.rows]
    return [
        [f"### {escape(section.title)}"],
        table(section.columns, rows),
        [f"- {escape(fact)}" for fact in section.facts],
    ]
