"""Results as LaTeX: a table of classes for a paper.

Everything that a name may hold is escaped where it enters, so that a class cannot run a command.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from segscore.scores import summary
from segscore.text.names import visible
from segscore.text.numbers import DASH

if TYPE_CHECKING:
    from segscore.scores.measured import Scores

_LITERAL = {
    **{c: f"\\{c}" for c in "&%$#_{}"},
    "\\": "\\textbackslash{}",
    "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}",
    "`": "\\textasciigrave{}",
    "'": "\\textquotesingle{}",
    '"': "\\textquotedbl{}",
    # Other characters in the fonts that are LaTeX's default.
    "<": "\\textless{}",
    ">": "\\textgreater{}",
    "|": "\\textbar{}",
    # Behind the end of a row, these would be arguments of it.
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
    DASH: "---",
}


def scores_latex(scores: "Scores") -> str:
    """Return a ``tabular`` of all classes and their means, with rules of the package booktabs.

    Parameters
    ----------
    scores : Scores
        The scores.

    Returns
    -------
    str
        Lines without a final line end; comments say what the means cover and what the table needs.
    """
    rows, _ = summary.class_rows(scores, limit=None)
    columns = "l" + "r" * (len(summary.COLUMNS) - 1)
    return "\n".join(
        [
            f"% {visible(summary.of_scores(scores).coverage[0])}",
            r"% needs \usepackage{booktabs}",
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            _row(summary.COLUMNS),
            r"\midrule",
            *(_row(row) for row in rows),
            r"\midrule",
            _row(summary.mean_row(scores)),
            r"\bottomrule",
            r"\end{tabular}",
        ]
    )


def escape(text: str) -> str:
    r"""Return a text that LaTeX shows literally, on one line.

    Notes
    -----
    The commands for characters are those of LaTeX2e's text encodings (``fntguide``); characters beyond
    ASCII stay as they are, as LaTeX reads UTF-8. Hyphens are kept apart, so that two make no dash.

    Examples
    --------
    >>> print(escape("50% of a_b"))
    50\% of a\_b
    """
    shown = re.sub(r"-(?=-)", "-\0", visible(text))
    return "".join(_LITERAL.get(c, c) for c in shown).replace("\0", "{}")


def _row(cells: Sequence[str]) -> str:
    return f"{' & '.join(escape(cell) for cell in cells)} \\\\"
