"""A result in words: headline numbers, the rows of a table, facts, and what the mean covers."""

from dataclasses import dataclass
from typing import NamedTuple

MAX_ROWS = 1_000
"""A table of more classes than this shows the first of those that are present."""


class Headline(NamedTuple):
    """A number of the whole result.

    Attributes
    ----------
    metric, label : str
        Its name, such as ``mean_iou``, and what texts call it.
    value : str
        With six decimals; a dash where it is undefined.
    remark : str
        Why it is undefined, or what else is to be said of it; may be empty.
    """

    metric: str
    label: str
    value: str
    remark: str

    @property
    def text(self) -> str:
        """The value, and the remark in parentheses."""
        return f"{self.value} ({self.remark})" if self.remark else self.value


@dataclass(frozen=True)
class Summary:
    """A result as words.

    Attributes
    ----------
    columns : tuple of str
        The titles of the table of classes.
    rows : tuple of tuple of str
        One row a class, one cell for each of `columns`. A dash is an undefined score; the last cell then
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

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    headlines: tuple[Headline, ...]
    facts: tuple[str, ...]
    coverage: tuple[str, ...]
    opening: str = ""
    failures: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    suspicion: str = ""
