"""Told: what is to be said of labels where it may be that they mean something else, and what to do."""

from typing import NamedTuple


class Told(NamedTuple):
    """A sentence and its hint."""

    message: str
    hint: str

    def __str__(self) -> str:
        return f"{self.message}\nhint: {self.hint}"
