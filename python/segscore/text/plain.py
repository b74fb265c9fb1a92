"""Results as plain text for terminals and files: no colour, no escape sequence, 80 columns.

What is said is worded in `summary`; this module decides only where it stands.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from segscore.scores import summary
from segscore.text.table import table

if TYPE_CHECKING:
    from segscore.results.evaluated import Evaluation
    from segscore.scores.gates import GateResult
    from segscore.scores.measured import Scores
    from segscore.statistics.intervals import Interval

WIDTH = 80


def scores_text(scores: "Scores", *, next_step: str, width: int = WIDTH) -> str:
    """Return scores as text.

    Parameters
    ----------
    scores : Scores
        The scores.
    next_step : str
        What to try next: the last line is ``next: …``.
    width : int
        Columns of the terminal. Names of classes are cut to fit and sentences are wrapped; names of files
        and the last line are kept whole.

    Returns
    -------
    str
        Lines without a final line end. The last but one says what the mean covers.
    """
    return _lay_out(summary.of_scores(scores), (), next_step, width)


def evaluation_text(
    evaluation: "Evaluation",
    *,
    next_step: str,
    gates: "Sequence[GateResult]" = (),
    interval: "Interval | None" = None,
    width: int = WIDTH,
) -> str:
    """Return an evaluation as text; the first line says how many images were scored.

    Parameters
    ----------
    evaluation : Evaluation
        The evaluation.
    next_step, width
        As for `scores_text`.
    gates : sequence of GateResult
        What became of the gates.
    interval : Interval, optional
        How sure the mean IoU is.

    Returns
    -------
    str
        Lines without a final line end. The last but one says what the mean covers.
    """
    result = summary.of_evaluation(evaluation)
    if interval is not None:
        result = replace(result, facts=(summary.of_interval(interval), *result.facts))
    return _lay_out(result, summary.of_gates(gates), next_step, width)


def _lay_out(result: summary.Summary, gates: Sequence[str], next_step: str, width: int) -> str:
    from rich.cells import cell_len

    label_width = max(len(one.label) for one in result.headlines)
    numbers = [f"{one.label:>{label_width}} {one.text}" for one in result.headlines]
    skipped = (*result.failures, *result.hints)
    failures = ["not scored:", *(f"  {line}" for line in skipped)] if skipped else []
    fitting = [line for line in result.coverage if cell_len(line) <= width]
    coverage = (fitting or result.coverage[-1:])[0]
    blocks = [
        [result.opening] if result.opening else [],
        wrapped(result.suspicion, width) if result.suspicion else [],
        table(summary.COLUMNS, result.rows, width),
        numbers,
        [line for fact in result.facts for line in wrapped(fact, width)],
        failures,
        [line for gate in gates for line in wrapped(gate, width)],
        [coverage, f"next: {next_step}"],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def wrapped(sentence: str, width: int) -> list[str]:
    """Return a sentence as lines, broken between words, never within a name that is longer than a line."""
    from rich.cells import cell_len

    lines: list[str] = []
    for word in sentence.split(" "):
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(f"  {word}" if lines else word)
    return lines
