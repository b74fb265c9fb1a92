"""Names of datasets, models and versions: which ones there may be, and how one is referred to.

Nothing is looked up here.
"""

import re

from segscore.base.naming import by_face
from segscore.errors import ArgumentError

MAX_LENGTH = 64
_ALLOWED = re.compile(rf"[A-Za-z0-9_][A-Za-z0-9_.-]{{0,{MAX_LENGTH - 1}}}", re.ASCII)
_COUNTED = re.compile(r"v([1-9][0-9]{0,8})", re.ASCII)


def checked_name(what: str, name: object) -> str:
    """Return the name of a "dataset", "model" or "version", or raise ArgumentError.

    Examples
    --------
    >>> checked_name("dataset", "camvid-11.small")
    'camvid-11.small'
    """
    if not isinstance(name, str) or not _ALLOWED.fullmatch(name):
        raise ArgumentError(
            f"{name!r} is no name of a {what}",
            f"a name has 1 to {MAX_LENGTH} letters (A to Z), digits, `-`, `_` and `.`, and begins with "
            "neither dash nor dot",
        )
    return name


def split_reference(what: str, reference: object) -> tuple[str, str | None]:
    """Return the name and the version, None for the latest, that a reference speaks of.

    `what` is named: "dataset", "model".

    Examples
    --------
    >>> split_reference("dataset", "camvid:v2"), split_reference("dataset", "camvid")
    (('camvid', 'v2'), ('camvid', None))
    """
    parts = reference.split(":", 1) if isinstance(reference, str) else reference
    if not isinstance(parts, list | tuple) or not 1 <= len(parts) <= 2:
        raise ArgumentError(
            f"{reference!r} names no {what}",
            f'write its name, or with a version "NAME:VERSION", such as "my-{what}:v2"',
        )
    name = checked_name(what, parts[0])
    return name, checked_name("version", parts[1]) if len(parts) == 2 else None


def next_version(versions: tuple[str, ...]) -> str:
    """Return the version that comes after these: v1, v2, and so on.

    Examples
    --------
    >>> next_version(()), next_version(("v1", "first-try", "v7"))
    ('v1', 'v8')
    """
    numbers = [int(found[1]) for version in versions if (found := _COUNTED.fullmatch(version))]
    return f"v{max(numbers, default=0) + 1}"


def taken(kind: str, name: str, version: str, versions: tuple[str, ...]) -> ArgumentError:
    """Return the error for a version that there is already."""
    return ArgumentError(
        f"{kind} {name} has a version {version} already, and versions never change",
        f"leave the version out to add it as {next_version(versions)}, or name another one",
    )


def adding(kind: str) -> str:
    """Return what adds a version of a "dataset" or "model", as messages name it."""
    return by_face(f"`segscore {kind} add`", forms=f"`Add a {kind}`")
