"""Tables as plain text of a given width."""

from collections.abc import Sequence

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

    lines = [titles, *rows]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    others = sum(widths) - widths[flexible] + _GAP * (len(widths) - 1)
    room = max(width - others, _NARROWEST_NAME)
    lines = [[cut(cell, room) if i == flexible else cell for i, cell in enumerate(line)] for line in lines]
    widths[flexible] = max(cell_len(line[flexible]) for line in lines)

    def aligned(i: int, cell: str) -> str:
        cell = cell.rstrip()
        space = " " * (widths[i] - cell_len(cell))
        return cell + space if i in left else space + cell

    gap = " " * _GAP
    return [gap.join(aligned(i, cell) for i, cell in enumerate(line)).rstrip() for line in lines]
