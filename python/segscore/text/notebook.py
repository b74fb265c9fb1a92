"""Results as a small HTML table, for the output of a notebook cell.

Every text is escaped where it enters the page. No script, no style sheet, nothing loaded from elsewhere.
"""

from html import escape
from typing import TYPE_CHECKING

from segscore.scores import summary

if TYPE_CHECKING:
    from segscore.results.evaluated import Evaluation
    from segscore.scores.measured import Scores


def scores_html(scores: "Scores") -> str:
    """Return scores as an HTML fragment.

    Parameters
    ----------
    scores : Scores
        The scores.
    """
    return _fragment(summary.of_scores(scores))


def evaluation_html(evaluation: "Evaluation") -> str:
    """Return an evaluation as an HTML fragment; it opens with how many images were scored.

    Parameters
    ----------
    evaluation : Evaluation
        The evaluation.
    """
    return _fragment(summary.of_evaluation(evaluation))


def _fragment(result: summary.Summary) -> str:
    numbers = [f"{one.label} {one.text}" for one in result.headlines]
    head = _row("th", summary.COLUMNS)
    body = "".join(_row("td", row) for row in result.rows)
    parts = [
        _paragraph([line for line in (result.opening, result.suspicion) if line]),
        f"<table><thead>{head}</thead><tbody>{body}</tbody></table>",
        _paragraph(numbers),
        _paragraph(result.facts),
        _paragraph(["not scored:", *result.failures, *result.hints] if result.failures else []),
        _paragraph(result.coverage[:1]),
    ]
    return f"<div>{''.join(parts)}</div>"


def _row(tag: str, cells: tuple[str, ...]) -> str:
    first, *others = (escape(cell) for cell in cells)
    numbers = "".join(f'<{tag} style="text-align: right">{cell}</{tag}>' for cell in others)
    return f'<tr><{tag} style="text-align: left">{first}</{tag}>{numbers}</tr>'


def _paragraph(lines: list[str] | tuple[str, ...]) -> str:
    return f"<p>{'<br>'.join(escape(line) for line in lines)}</p>" if lines else ""
