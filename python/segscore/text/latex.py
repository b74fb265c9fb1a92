"""LaTeX: rows of a table for a paper.

Everything that a name may hold is escaped where it enters, so that a class cannot run a command.
"""

import re
from collections.abc import Iterable, Sequence

from segscore.base.wording import visible
from segscore.text.numbers import DASH
from segscore.text.summary import Section

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


def escape(text: str) -> str:
    r"""Return a text that LaTeX shows literally, on one line.

    The commands for characters are those of LaTeX2e's text encodings (``fntguide``); characters beyond
    ASCII stay as they are, as LaTeX reads UTF-8. Hyphens are kept apart, so that two make no dash.

    Examples
    --------
    >>> print(escape("50% of a_b"))
    50\% of a\_b
    """
    shown = re.sub(r"-(?=-)", "-\0", visible(text))
    return "".join(_LITERAL.get(c, c) for c in shown).replace("\0", "{}")


def tabular(columns: Sequence[str], rows: Iterable[Sequence[str]], *, last: Sequence[str] = ()) -> list[str]:
    """Return a table of names and numbers as lines, with a last row of its own where there is one."""
    return [
        rf"\begin{{tabular}}{{l{'r' * (len(columns) - 1)}}}",
        r"\toprule",
        row(columns),
        r"\midrule",
        *map(row, rows),
        *([r"\midrule", row(last)] if last else []),
        r"\bottomrule",
        r"\end{tabular}",
    ]


def section_lines(section: Section) -> list[str]:
    """Return a further table, whose title and facts are comments."""
    told = [f"% {visible(line)}" for line in (section.title, *section.facts)]
    return [*told, *tabular(section.columns, section.rows)]


def row(cells: Sequence[str]) -> str:
    """Return cells as a row of a ``tabular``, escaped."""
    return f"{' & '.join(escape(cell) for cell in cells)} \\\\"
