"""Fields of forms as browsers send them, and what stands in one. Nothing is done here."""

import os
from collections.abc import Mapping
from urllib.parse import parse_qsl

from segscore.base.limits import MOST_TEXT
from segscore.base.wording import shortened
from segscore.errors import ArgumentError

MAX_FIELDS = 100
_DIGITS = 16
"""Numbers have fewer digits."""

Fields = dict[str, str]


def fields_of(body: bytes) -> Fields:
    """Return the fields of a form as a browser sends it; of several with the same name the last."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            encoding="utf-8",
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError as error:
        raise ArgumentError(f"the form cannot be read: {error}", "send it again from its page") from error
    # Browsers end lines of texts as the Internet does.
    return {name: value.replace("\r\n", "\n") for name, value in pairs}


def text(fields: Mapping[str, str], name: str) -> str | None:
    """Return a field without blanks around it, None if there is nothing in it."""
    found = fields.get(name, "").strip()
    if len(found) > MOST_TEXT:
        raise ArgumentError(
            f"a field begins with `{shortened(found, 20)}` and has {len(found):,} characters, "
            f"expected at most {MOST_TEXT:,}",
            "shorten it, and send the form again",
        )
    return found or None


def whole(given: str) -> int:
    """Return a number that a form or an address holds; 0 for what is no number, or has 16 digits or more."""
    return int(given) if given.isdecimal() and len(given) < _DIGITS else 0


def path(fields: Mapping[str, str], name: str) -> str | None:
    """Return a path, in which ``~`` is the home of whoever runs the application."""
    given = text(fields, name)
    return None if given is None else os.path.expanduser(given)


def needed(fields: Mapping[str, str], name: str, label: str, expected: str) -> str:
    """Return a field that must be filled in, of which messages say what is `expected` in it."""
    given = text(fields, name)
    if given is None:
        raise ArgumentError(f"`{label}` is empty, expected {expected}", "fill it in, and send the form again")
    return given


def one_of(fields: Mapping[str, str], name: str, label: str, *, allowed: tuple[str, ...]) -> str | None:
    """Return a field that is one of these texts, None if there is nothing in it."""
    given = text(fields, name)
    if given is not None and given not in allowed:
        raise ArgumentError(
            f"`{label}` is {given!r}, expected {', '.join(allowed)} or nothing",
            "write it like this, or leave it empty",
        )
    return given
