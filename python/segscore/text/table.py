"""Tables as plain text of a given width."""

from collections.abc import Sequence
from io import StringIO

from segscore.text.names import cut

_GAP = 2
_NARROWEST_NAME = 5


def table(
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    width: int,
    *,
    left: Sequence[int] = (0,),
    flexible: int = 0,
) -> list[str]:
    """Return a table as lines of at most `width` columns of a terminal; cells of the flexible column are cut.

    Nothing in a cell is read as markup. Columns that are not `left` hold numbers and are aligned to the
    right.
    """
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    widths = [max(cell_len(cell) for cell in column) for column in zip(titles, *rows, strict=True)]
    others = sum(widths) - widths[flexible] + _GAP * (len(widths) - 1)
    room = max(width - others, _NARROWEST_NAME)
    made = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0))
    for i, title in enumerate(titles):
        made.add_column(title, no_wrap=True, justify="left" if i in left else "right")
    for row in rows:
        # Text, not str: a name is never read as markup.
        made.add_row(*(Text(cut(cell, room) if i == flexible else cell) for i, cell in enumerate(row)))
    page = StringIO()
    console = Console(
        file=page,
        width=room + others,
        color_system=None,
        force_terminal=False,
        force_jupyter=False,
        legacy_windows=False,
    )
    console.print(made)
    return [line.rstrip() for line in page.getvalue().splitlines()]
