"""Where results go that are not shown: files whose places are checked before a long run begins."""

from pathlib import Path

from segscore.atomic import append_file, check_folder
from segscore.cli.spelling import option
from segscore.errors import ArgumentError

_FILES = ("save", "report")
"""Outputs that never go to standard output."""


def add_page(path: str, page: str) -> None:
    """Add a page to the end of a file."""
    # A blank line before and after it keeps it apart from what others add.
    append_file(path, f"\n{page}\n\n".encode())


def check_outputs(files: dict[str, str | None]) -> None:
    """Raise an error, before a long run and not after it, if an output has no place of its own."""
    places: dict[str, str] = {}
    for name, file in files.items():
        if file is None:
            continue
        if name in _FILES or file != "-":
            check_folder(file, append=name == "summary")
        place = "-" if file == "-" and name not in _FILES else str(Path(file).absolute())
        if place in places:
            both = f"`{option(name)}` and `{option(places[place])}`"
            raise ArgumentError(
                f"{both} both go to standard output" if place == "-" else f"{both} name the same file",
                "name a file for one of them" if place == "-" else "name two files",
            )
        places[place] = name
