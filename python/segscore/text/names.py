"""How names are shown: literally, on one line, in no more room than there is.

Names of classes and files are the user's own and may hold anything. What is done to them for HTML,
Markdown and LaTeX stands in `notebook`, `markdown` and `latex`.
"""

from collections.abc import Sequence

from segscore.base.wording import visible

__all__ = ["ELLIPSIS", "cut", "listed", "visible"]

ELLIPSIS = "…"


def cut(text: str, width: int) -> str:
    """Return a text that takes up at most `width` columns, its middle replaced by an ellipsis if need be.

    Both ends stay, because long names often differ in one of them only. The text holds no control characters;
    most East Asian characters take two columns of a terminal.

    Examples
    --------
    >>> cut("marking--discrete--crosswalk-zebra", 16)
    'marking-…k-zebra'
    """
    from rich.cells import cell_len, set_cell_size

    if cell_len(text) <= width:
        return text
    tail_width = (width - 1) // 2
    head = set_cell_size(text, width - 1 - tail_width)
    # Cutting from the end is cutting the reversed text from its start.
    tail = set_cell_size(text[::-1], tail_width)[::-1]
    return head.rstrip() + ELLIPSIS + tail.lstrip()


def listed(names: Sequence[str], limit: int = 3, width: int | None = 24) -> str:
    """Return one name or more as a list within a sentence, in backticks, the last ones as their number.

    Each may take up `width` columns; None is for names that are of use only as a whole.

    Examples
    --------
    >>> listed(["car"]), listed(["car", "bus"]), listed(list("abcde"))
    ('`car`', '`car` and `bus`', '`a`, `b`, `c` and 2 more')
    """
    shown = [visible(name) for name in names[:limit]]
    shown = [f"`{name if width is None else cut(name, width)}`" for name in shown]
    if len(names) > limit:
        shown.append(f"{len(names) - limit:,} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
