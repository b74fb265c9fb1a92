"""Fields of forms as browsers send them, and what stands in one. Nothing is done here."""

import os
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from segscore.errors import ArgumentError

MAX_FIELDS = 100
_NUMBERS = re.compile(r"[\s,;]+")

Fields = dict[str, str]


def fields_of(body: bytes) -> Fields:
    """Return the fields of a form; of several with the same name the last.

    Parameters
    ----------
    body : bytes
        As a browser sends it.

    Returns
    -------
    dict of str to str
        Texts by the names of fields.

    Raises
    ------
    ArgumentError
        If it is no form.
    """
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
    """Return a field without blanks around it.

    Parameters
    ----------
    fields : mapping of str to str
        Of the form.
    name : str
        Of the field.

    Returns
    -------
    str or None
        None if there is nothing in it.
    """
    return fields.get(name, "").strip() or None


def path(fields: Mapping[str, str], name: str) -> str | None:
    """Return a path, in which ``~`` is the home of whoever runs the application."""
    given = text(fields, name)
    return None if given is None else os.path.expanduser(given)


def needed(fields: Mapping[str, str], name: str, label: str, expected: str) -> str:
    """Return a field that must be filled in.

    Parameters
    ----------
    fields : mapping of str to str
        Of the form.
    name : str
        Of the field.
    label : str
        What the form calls it.
    expected : str
        What is to be in it.

    Returns
    -------
    str
        Without blanks around it.

    Raises
    ------
    ArgumentError
        If there is nothing in it.
    """
    given = text(fields, name)
    if given is None:
        raise ArgumentError(f"`{label}` is empty, expected {expected}", "fill it in, and send the form again")
    return given


def numbers(
    fields: Mapping[str, str], name: str, label: str, *, lengths: tuple[int, ...]
) -> list[float] | None:
    """Return several numbers that stand between commas or blanks.

    Parameters
    ----------
    fields, name, label
        See `needed`.
    lengths : tuple of int
        How many there may be.

    Returns
    -------
    list of float or None
        None if there is nothing in the field.

    Raises
    ------
    ArgumentError
        If there are more or fewer, or something else.
    """
    given = text(fields, name)
    if given is None:
        return None
    try:
        found = [float(part) for part in _NUMBERS.split(given) if part]
    except ValueError:
        found = []
    if len(found) not in lengths:
        raise ArgumentError(
            f"`{label}` is {given!r}, expected {' or '.join(map(str, lengths))} "
            f"number{'' if lengths == (1,) else 's'}",
            "write numbers with commas between them, such as 0.485, 0.456, 0.406",
        )
    return found


def whole_numbers(
    fields: Mapping[str, str], name: str, label: str, *, lengths: tuple[int, ...] = ()
) -> list[int] | None:
    """Return several whole numbers, as `numbers` does; `lengths` that are empty stand for any."""
    given = text(fields, name)
    if given is None:
        return None
    try:
        found = [int(part) for part in _NUMBERS.split(given) if part]
    except ValueError:
        found = []
    if not found or (lengths and len(found) not in lengths):
        many = f"{' or '.join(map(str, lengths))} " if lengths else ""
        raise ArgumentError(
            f"`{label}` is {given!r}, expected {many}whole number{'' if lengths == (1,) else 's'}",
            "write whole numbers with commas between them, such as 0, 255",
        )
    return found


def one_of(fields: Mapping[str, str], name: str, label: str, *, allowed: tuple[str, ...]) -> str | None:
    """Return a field that is one of these texts.

    Parameters
    ----------
    fields, name, label
        See `needed`.
    allowed : tuple of str
        What may be in it.

    Returns
    -------
    str or None
        None if there is nothing in the field.

    Raises
    ------
    ArgumentError
        If there is something else.
    """
    given = text(fields, name)
    if given is not None and given not in allowed:
        raise ArgumentError(
            f"`{label}` is {given!r}, expected {', '.join(allowed)} or nothing",
            "write it like this, or leave it empty",
        )
    return given
