"""Markdown: tables, and what pages of CI runs show.

The flavour is GitHub's, whose tables GitLab and pandoc read as well. Everything that a name may hold is
escaped where it enters, so that a class or a file can add neither markup nor HTML.
"""

import re
from collections.abc import Iterable, Sequence

from segscore.base.wording import visible
from segscore.text.summary import Summary


def table(titles: Sequence[str], rows: Iterable[Sequence[str]], *, left: Sequence[int] = (0,)) -> list[str]:
    """Return a table as lines; cells are escaped already, and columns that are not `left` hold numbers."""
    marks = [":---" if i in left else "---:" for i in range(len(titles))]
    return [f"| {' | '.join(cells)} |" for cells in (titles, marks, *rows)]


def escape(text: str) -> str:
    r"""Return a text that Markdown shows literally, on one line, in a cell and anywhere else.

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


def not_scored(result: Summary) -> list[str]:
    """Return the images that have no score, and why, as lines."""
    if not result.failures:
        return []
    lines = ["Not scored:", "", *(f"- {escape(line)}" for line in result.failures)]
    return [*lines, "", *(f"- {escape(hint)}" for hint in result.hints)] if result.hints else lines
