"""A result in words: headline numbers, the rows of a table, facts, and what the mean covers."""

from dataclasses import dataclass
from typing import NamedTuple

MAX_ROWS = 1_000
"""A table of more classes than this shows the first of those that are present."""


class Headline(NamedTuple):
    """A number of the whole result."""

    metric: str
    """Its name, such as ``mean_iou``."""
    label: str
    """What texts call it."""
    value: str
    """With six decimals; a dash where it is undefined."""
    remark: str
    """Why it is undefined, or what else is to be said of it; may be empty."""

    @property
    def text(self) -> str:
        """The value, and the remark in parentheses."""
        return f"{self.value} ({self.remark})" if self.remark else self.value


class Section(NamedTuple):
    """A further table of classes, of what was measured besides."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    facts: tuple[str, ...]
    """One sentence each: the numbers of the whole, and what they are of."""


@dataclass(frozen=True)
class Summary:
    """A result as words."""

    columns: tuple[str, ...]
    """The titles of the table of classes."""
    rows: tuple[tuple[str, ...], ...]
    """One a class, a cell a column. A dash is an undefined score; the last cell then says why."""
    headlines: tuple[Headline, ...]
    """The numbers of the whole result, the most important first."""
    facts: tuple[str, ...]
    """One sentence each."""
    coverage: tuple[str, ...]
    """What the mean covers: the same sentence, in full first and then shorter."""
    sections: tuple[Section, ...] = ()
    opening: str = ""
    """How many images were scored; empty where that is not known."""
    verdict: str = ""
    """The sentences that sum up; empty where nothing is known of single images."""
    failures: tuple[str, ...] = ()
    """One line each; empty where every image was scored."""
    hints: tuple[str, ...] = ()
    """What can be done about the failures, one line each."""
    suspicion: str = ""
    """What an audit suspects, in one sentence; empty where it suspects nothing."""
