"""Options as commands and forms offer them: what each is called, what it is for, and how a text says a value.

Tables of options stand where their values have a meaning, and are read by all who offer, read or show them.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from segscore.base.naming import arg
from segscore.base.wording import shortened
from segscore.errors import ArgumentError


@dataclass(frozen=True, slots=True)
class Values:
    """What values an option has."""

    metavar: str
    """What stands for a value in a help; empty for a switch, which has none."""
    read: Callable[[str], Any] = str
    """From a text to a value; ValueError or ArithmeticError for a text that is none."""
    expected: str = ""
    """What such a text is to be, in words."""
    how: str = ""
    """How it is written."""


@dataclass(frozen=True, slots=True)
class Option:
    """An option, by the name of its argument."""

    name: str
    label: str
    """How its field is called."""
    help: str
    """What it is for."""
    example: str
    values: Values
    heading: str = ""
    """Under which forms have its field."""

    @property
    def is_switch(self) -> bool:
        """Whether it is given or not, without a value."""
        return not self.values.metavar

    def read(self, text: str) -> Any:
        """Return the value that a text stands for, or raise ArgumentError; any text turns a switch on."""
        if self.is_switch:
            return True
        try:
            return self.values.read(text)
        except (ValueError, ArithmeticError):
            raise ArgumentError(
                f"{arg(self.name)} is {shortened(text)!r}, expected {self.values.expected}",
                f"write {self.values.how}, such as {self.example}",
            ) from None


def values_of(table: Mapping[str, Option], texts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the options of a table that texts are given for; None, and False, are none."""
    given = ((name, texts.get(name)) for name in table)
    return {name: table[name].read(text) for name, text in given if text not in (None, False)}


def parts(text: str) -> list[str]:
    """Return what stands between commas or blanks."""
    return [part for part in re.split(r"[\s,;]+", text) if part]
