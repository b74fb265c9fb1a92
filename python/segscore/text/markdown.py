"""Results as Markdown: a table of classes, and a page for what a CI run shows.

The flavour is GitHub's, whose tables GitLab and pandoc read as well. Everything that a name may hold is
escaped where it enters, so that a class or a file can add neither markup nor HTML.
"""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from segscore.scores import summary
from segscore.text.names import visible

if TYPE_CHECKING:
    from segscore.results.compared import Comparison
    from segscore.results.evaluated import Evaluation
    from segscore.scores.gates import GateResult
    from segscore.scores.measured import Scores


def scores_markdown(scores: "Scores") -> str:
    """Return a table of all classes and their means, and what the means cover.

    Parameters
    ----------
    scores : Scores
        The scores.
    """
    rows, _ = summary.class_rows(scores, limit=None)
    return "\n".join([*_classes_table(scores, rows), "", escape(summary.of_scores(scores).coverage[0])])


def evaluation_markdown(evaluation: "Evaluation", *, gates: "Sequence[GateResult]" = ()) -> str:
    """Return an evaluation as a page: gates, headline numbers, classes, and what is to be said.

    Parameters
    ----------
    evaluation : Evaluation
        The evaluation.
    gates : sequence of GateResult
        What became of the gates.
    """
    result = summary.of_evaluation(evaluation)
    made_of = evaluation.provenance
    title = f"Scores of {made_of['pred']}" if "pred" in made_of else "Scores"
    numbers = [(escape(one.label), escape(one.text)) for one in result.headlines]
    blocks = [
        [f"## {escape(title)}"],
        [escape(result.opening)],
        [escape(result.suspicion)],
        _gates_table(gates),
        table(("score", "value"), numbers),
        _classes_table(evaluation.scores, result.rows),
        [f"- {escape(fact)}" for fact in result.facts],
        _not_scored(result),
        [escape(result.coverage[0])],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if any(block))


def comparison_markdown(comparison: "Comparison", *, gates: "Sequence[GateResult]" = ()) -> str:
    """Return a comparison as a page: gates, one sentence, the differences, and what is to be said."""
    from segscore.results import compared_text as shown

    one, two = comparison.labels
    rows = [[escape(cell) for cell in row] for row in shown.rows(comparison)]
    blocks = [
        [f"## {escape(two)} against {escape(one)}"],
        _gates_table(gates),
        [escape(shown.verdict(comparison))],
        table([escape(title) for title in shown.titles(comparison)], rows),
        [f"- {escape(fact)}" for fact in shown.facts(comparison)],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def table(titles: Sequence[str], rows: Iterable[Sequence[str]], *, left: Sequence[int] = (0,)) -> list[str]:
    """Return a table as lines.

    Parameters
    ----------
    titles : sequence of str
        One a column.
    rows : iterable of sequence of str
        Cells, escaped already.
    left : sequence of int
        The columns that are aligned to the left; the others hold numbers.
    """
    marks = [":---" if i in left else "---:" for i in range(len(titles))]
    return [f"| {' | '.join(cells)} |" for cells in (titles, marks, *rows)]


def escape(text: str) -> str:
    r"""Return a text that Markdown shows literally, on one line, in a cell and anywhere else.

    Notes
    -----
    CommonMark 0.31, section 2.4: a backslash before any ASCII punctuation makes it literal. GitHub's
    extensions add tables, ``~~``, ``$`` and links from bare addresses, which ``:``, ``@`` and the dot after
    ``www`` make.

    Examples
    --------
    >>> print(escape("a|b_c <b>"))
    a\|b\_c \<b\>
    """
    shown = re.sub(r"[\\`*_{}\[\]<>#|~&!$^@]|:(?=\S)", r"\\\g<0>", visible(text).strip())
    shown = re.sub(r"(?i)(www)(\.)", r"\1\\\2", shown)
    # What would open a list or draw a line at the start of one.
    return re.sub(r"^([-+](?=[-\s]|$)|\d+[.)](?=\s|$))", lambda mark: f"{mark[0][:-1]}\\{mark[0][-1]}", shown)


def _not_scored(result: summary.Summary) -> list[str]:
    if not result.failures:
        return []
    lines = ["Not scored:", "", *(f"- {escape(line)}" for line in result.failures)]
    return [*lines, "", *(f"- {escape(hint)}" for hint in result.hints)] if result.hints else lines


def _gates_table(gates: "Sequence[GateResult]") -> list[str]:
    judged = [
        (escape(gate.name), "passed" if gate.passed else "**failed**", escape(gate.sentence))
        for gate in gates
    ]
    return table(("gate", "result", "value"), judged, left=(0, 1, 2)) if judged else []


def _classes_table(scores: "Scores", rows: Iterable[Sequence[str]]) -> list[str]:
    cells = [[escape(cell) for cell in row] for row in rows]
    title, *means = summary.mean_row(scores)
    return table(summary.COLUMNS, [*cells, [f"**{title}**", *means]])
