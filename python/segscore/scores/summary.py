"""A result as words and formatted numbers, before anything is laid out.

Everything that a person is told about a result is worded here, once for the terminal and the notebook.
Names are already made visible; nothing is escaped for HTML and no line is broken here.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from segscore.base.wording import many, metric_label
from segscore.classes.labels import describe_label
from segscore.scores import metrics
from segscore.text.names import listed, visible
from segscore.text.numbers import number, percent

if TYPE_CHECKING:
    from segscore.counts.counting import Failure
    from segscore.results.evaluated import Evaluation
    from segscore.scores.gates import GateResult
    from segscore.scores.measured import Scores
    from segscore.statistics.intervals import Interval

COLUMNS = ("class", "IoU", "Dice", "precision", "recall", "of target")
MAX_ROWS = 1_000
"""A table of more classes than this shows the first of those that are present."""
MAX_FAILURES = 20
MAX_VALUES = 5
DERIVED = {"selection": "a selection of ", "group": "group: ", "merged": "merged: ", "resized": ""}
"""Entries of the provenance of an evaluation that was read from another one, and how each is introduced."""
_PLACES = {"pred": "predictions", "target": "targets", "pairing": "pairing pattern"}


class Headline(NamedTuple):
    """A number of the whole result.

    Attributes
    ----------
    metric : str
        Its name, such as ``mean_iou``.
    value : str
        With six decimals; a dash where it is undefined.
    remark : str
        Why it is undefined, or what else is to be said of it; may be empty.
    """

    metric: str
    value: str
    remark: str

    @property
    def label(self) -> str:
        """What the metric is called."""
        return metric_label(self.metric)

    @property
    def text(self) -> str:
        """The value, and the remark in parentheses."""
        return f"{self.value} ({self.remark})" if self.remark else self.value


@dataclass(frozen=True)
class Summary:
    """A result as words.

    Attributes
    ----------
    rows : tuple of tuple of str
        One row a class, one cell for each of `COLUMNS`. A dash is an undefined score; the last cell then
        says why.
    headlines : tuple of Headline
        The numbers of the whole result, the most important first.
    facts : tuple of str
        One sentence each.
    coverage : tuple of str
        What the mean covers: the same sentence, in full first and then shorter.
    opening : str
        How many images were scored; empty where that is not known.
    failures : tuple of str
        One line each; empty where every image was scored.
    hints : tuple of str
        What can be done about the failures, one line each.
    suspicion : str
        What an audit suspects, in one sentence; empty where it suspects nothing.
    """

    rows: tuple[tuple[str, ...], ...]
    headlines: tuple[Headline, ...]
    facts: tuple[str, ...]
    coverage: tuple[str, ...]
    opening: str = ""
    failures: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    suspicion: str = ""


def of_scores(scores: "Scores") -> Summary:
    """Return the summary of scores."""
    rows, hidden = class_rows(scores, limit=MAX_ROWS)
    facts = [*_pixel_facts(scores), *_class_facts(scores)]
    if hidden:
        facts.append(f"{hidden:,} of {many(len(scores.classes), 'class')} not shown: to_dict() holds all")
    return Summary(rows, _headlines(scores), tuple(facts), _coverage(scores))


def of_evaluation(evaluation: "Evaluation") -> Summary:
    """Return the summary of an evaluation: that of its scores, and what is to be said of its images."""
    summary = of_scores(evaluation.scores)
    scored, requested = len(evaluation.names), evaluation.requested
    opening = f"{many(scored, 'image')} scored"
    if scored != requested:
        opening = f"{scored:,} of {many(requested, 'image')} scored"
    image_iou = _headline("mean_image_iou", evaluation.mean_image_iou, "no image has a class of the mean")
    return replace(
        summary,
        opening=opening,
        headlines=(*summary.headlines, image_iou),
        facts=(*summary.facts, *_image_facts(evaluation)),
        failures=_failures(evaluation.failures),
        hints=_hints(evaluation.failures),
        suspicion=_suspicion(evaluation),
    )


def of_interval(interval: "Interval") -> str:
    """Return how sure a headline metric is, as a sentence."""
    name = metric_label(interval.metric)
    if interval.reason is not None:
        return f"no interval of {name}: {interval.reason}"
    note = "" if interval.note is None else f", {interval.note}"
    return f"{100 * interval.level:g} % interval of {name}: {interval.low:.4f} to {interval.high:.4f}{note}"


def of_gates(gates: "Sequence[GateResult]") -> tuple[str, ...]:
    """Return one sentence a gate; names and sentences are made visible."""
    return tuple(
        f"gate {'passed' if gate.passed else 'failed'}: {visible(gate.name)}: {visible(gate.sentence)}"
        for gate in gates
    )


def class_rows(scores: "Scores", *, limit: int | None) -> tuple[tuple[tuple[str, ...], ...], int]:
    """Return a row for each class, one cell for each of `COLUMNS`, and how many classes have none.

    Parameters
    ----------
    scores : Scores
        The scores.
    limit : int or None
        Most rows; of more classes, the first that are present have one.
    """
    count = len(scores.classes)
    all_shown = limit is None or count <= limit
    shown = range(count) if all_shown else np.flatnonzero(scores.present)[:limit].tolist()
    columns = (scores.iou, scores.dice, scores.precision, scores.recall)
    rows = tuple(
        (visible(scores.classes.names[i]), *(number(column[i]) for column in columns), _share(scores, i))
        for i in shown
    )
    return rows, count - len(rows)


def mean_row(scores: "Scores") -> tuple[str, ...]:
    """Return the means of the columns, a cell for each of `COLUMNS`; precision has none."""
    means = (scores.mean_iou, scores.mean_dice, None, scores.mean_accuracy, None)
    return ("mean", *("" if mean is None else number(mean) for mean in means))


def class_state(scores: "Scores", i: int) -> str:
    """Return why a class has no pixel in the target: "ignored", "absent", "only predicted"; else nothing.

    Parameters
    ----------
    scores : Scores
        The scores.
    i : int
        Index of the class.

    Returns
    -------
    str
        Empty for a class that the target holds.
    """
    if scores.classes.ignored_classes[i]:
        return "ignored"
    if not scores.present[i]:
        return "absent"
    return "" if scores.target[i] else "only predicted"


def origin(provenance: Mapping[str, str]) -> dict[str, str]:
    """Return where masks came from, by what it is; what the facts of a summary say is left out.

    Parameters
    ----------
    provenance : mapping of str to str
        Of an evaluation.

    Returns
    -------
    dict of str to str
        Names as they are.
    """
    return {_PLACES.get(key, key): value for key, value in provenance.items() if key not in DERIVED}


def _share(scores: "Scores", i: int) -> str:
    return class_state(scores, i) or percent(int(scores.target[i]), scores.pixels)


def _headlines(scores: "Scores") -> tuple[Headline, ...]:
    in_mean = scores.classes.in_mean
    with_target = int((in_mean & (scores.target > 0)).sum())
    all_of_mean = with_target == int((in_mean & scores.present).sum())
    absent, no_target = "no class of the mean is present", "no class of the mean is in the target"
    single = "target and prediction are one and the same class" if scores.pixels else "no pixel is scored"
    lines = []
    if scores.foreground_iou is not None and scores.foreground_dice is not None:
        neither = "it is in neither target nor prediction"
        lines.append(_headline("foreground_iou", scores.foreground_iou, neither))
        lines.append(_headline("foreground_dice", scores.foreground_dice, neither))
    return (
        *lines,
        _headline("mean_iou", scores.mean_iou, absent),
        _headline("mean_dice", scores.mean_dice, absent),
        _headline(
            "mean_accuracy",
            scores.mean_accuracy,
            no_target,
            "" if all_of_mean else f"over {many(with_target, 'class')} in the target",
        ),
        _headline("pixel_accuracy", scores.pixel_accuracy, "no pixel is scored"),
        _headline("frequency_weighted_iou", scores.frequency_weighted_iou, no_target),
        _headline("kappa", scores.kappa, single),
        _headline(
            "mcc",
            scores.mcc,
            "target or prediction holds one class only" if scores.pixels else "no pixel is scored",
        ),
    )


def _headline(metric: str, value: float, undefined: str, remark: str = "") -> Headline:
    return Headline(metric, number(value, 6), undefined if math.isnan(value) else remark)


def _pixel_facts(scores: "Scores") -> list[str]:
    images = "" if scores.images is None else f" in {many(scores.images, 'image')}"
    ignored = "none ignored"
    if scores.ignored:
        ignored = (
            f"{scores.ignored:,} ignored ({percent(scores.ignored, scores.pixels + scores.ignored)} of all)"
        )
    facts = [f"{many(scores.pixels, 'pixel')} scored{images}, {ignored}"]
    missed = int(scores.missed.sum())
    if missed:
        share = percent(missed, scores.pixels)
        facts.append(f"{many(missed, 'pixel')} missed ({share} of the scored): predicted as no class")
    return facts


def _class_facts(scores: "Scores") -> list[str]:
    facts = []
    never = scores.present & (scores.pred == 0)
    if never.any():
        names = scores.names_of(never)
        facts.append(f"{listed(names)} {_are(names)} never predicted: precision is undefined")
    only = scores.present & scores.classes.in_mean & (scores.target == 0)
    if only.any():
        names = scores.names_of(only)
        pixels = many(int(scores.pred[only].sum()), "pixel")
        without = float(metrics.class_mean(scores.iou, scores.classes.in_mean & ~only))
        mean = "undefined" if math.isnan(without) else number(without, 6)
        it = "it" if len(names) == 1 else "them"
        facts.append(
            f"{listed(names)} {_are(names)} only predicted ({pixels}): "
            f"IoU 0 is in the mean, which is {mean} without {it}"
        )
    return facts


def _image_facts(evaluation: "Evaluation") -> list[str]:
    unknown = evaluation.unknown_predictions
    facts = [
        f"{start}{visible(evaluation.provenance[key])}"
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


def _suspicion(evaluation: "Evaluation") -> str:
    messages = [finding.message for finding in evaluation.findings if finding.severity == "warning"]
    if not messages:
        return ""
    first = ", first" if len(messages) > 1 else ""
    said = f"audit: {many(len(messages), 'suspicion')}{first}: {visible(messages[0])}"
    return f"{said} (see `segscore audit` or ev.audit())"


def _failures(failures: Sequence["Failure"]) -> tuple[str, ...]:
    shown = failures[:MAX_FAILURES]
    lines = [f"{visible(failure.name)}: {visible(failure.message)}" for failure in shown]
    if len(failures) > len(shown):
        lines.append(f"and {len(failures) - len(shown):,} more; --json and to_dict() list all")
    return tuple(lines)


def _hints(failures: Sequence["Failure"]) -> tuple[str, ...]:
    hints = dict.fromkeys(failure.hint for failure in failures[:MAX_FAILURES] if failure.hint)
    return tuple(f"hint: {visible(hint)}" for hint in hints)


def _coverage(scores: "Scores") -> tuple[str, ...]:
    classes = scores.classes
    covered = int((scores.present & classes.in_mean).sum())
    opening = f"mean over {covered:,} of {many(len(classes), 'class')}"
    left_out = ~classes.in_mean & ~classes.ignored_classes
    reasons = [
        (scores.names_of(~scores.present & classes.in_mean), "absent from target and prediction", "absent"),
        (scores.names_of(left_out), "left out of the mean", "left out"),
        (scores.names_of(classes.ignored_classes), "ignored", "ignored"),
    ]
    given = [reason for reason in reasons if reason[0]]
    if not given:
        return (opening,)
    return (
        f"{opening}: {'; '.join(f'{listed(names)} {_are(names)} {long}' for names, long, _ in given)}",
        f"{opening}: {'; '.join(f'{listed(names)} {_are(names)} {short}' for names, _, short in given)}",
        f"{opening}: {', '.join(f'{len(names):,} {short}' for names, _, short in given)}",
    )


def _are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"
