"""Folders whose paths begin with what somebody types, so that no path has to be typed as a whole.

Names of folders alone are told: no file is named, opened, or looked into.
"""

import os
from typing import Any

from segscore.base.limits import MOST_TEXT
from segscore.base.wording import reason, visible

_LOOKED_AT = 10_000
"""Entries of a folder that are looked at; reading the names of all might take long."""
_TOLD = 100
"""Folders that are told."""


def folders_of(typed: str, here: str) -> dict[str, Any]:
    """Return the folders whose paths begin with a text, in plain values.

    A relative path begins in `here`, and ``~`` is the home of whoever runs the application. Folders whose
    names begin with a dot are told to those who type it; names that no form can hold are left out.

    Returns
    -------
    dict
        ``folders``, each with the ``path`` to go on with, written as it was typed, and its name as it is
        ``shown``; and what is ``said`` of the folder as a whole: why it has none, or that there are more.
    """
    typed = typed.lstrip()
    if len(typed) > MOST_TEXT or not is_text(typed):
        return _none("this is no path of a folder")
    before, _, begun = typed.rpartition("/")
    before += "/" if "/" in typed else ""
    folder = os.path.join(here, os.path.expanduser(before))
    try:
        with os.scandir(folder) as entries:
            found, more = _found(entries, begun)
    except OSError as error:
        return _none(reason(error))
    found.sort(key=lambda name: (not name.startswith(begun), name.casefold(), name))
    if len(found) > _TOLD:
        more = f"and {len(found) - _TOLD:,} more: type on"
    told = [{"path": f"{before}{name}/", "shown": visible(name)} for name in found[:_TOLD]]
    return {"folders": told, "said": more or ("" if told else "no folder in it begins like this")}


def _found(entries: "os._ScandirIterator[str]", begun: str) -> tuple[list[str], str]:
    """Return the names of folders that begin with a text, and what is said where not all were looked at."""
    found: list[str] = []
    for number, entry in enumerate(entries):
        if number == _LOOKED_AT:
            return found, f"there are more than {_LOOKED_AT:,} entries: not all were looked at"
        name = entry.name
        if name.startswith(".") and not begun.startswith("."):
            continue
        if name.casefold().startswith(begun.casefold()) and is_text(name) and _is_folder(entry):
            found.append(name)
    return found, ""


def is_text(name: str) -> bool:
    """Whether a field of a form can hold a name: it has no bytes that are no UTF-8, and no line ends."""
    return not any(character < " " or "\ud800" <= character <= "\udfff" for character in name)


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads in a circle
        return False


def _none(said: str) -> dict[str, Any]:
    return {"folders": [], "said": said}
