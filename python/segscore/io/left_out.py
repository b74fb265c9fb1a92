"""Files that somebody may take for masks and that are not compared, and what is said of them."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from segscore.base.shown import first
from segscore.base.wording import many, show
from segscore.io.kinds import KINDS, split_suffix
from segscore.io.sources import Source

LEFT_OUT = "left_out"
"""Entry of the provenance that says which files were left out, where some were."""
_SHOWN = 3
_ROLES = {"pred": "predictions", "target": "targets"}


class LeftOut(NamedTuple):
    """A file that is not compared."""

    role: str
    """The side that it is on."""
    file: str
    """Its relative path, with its ending."""
    why: str


def undescribed(source: Source, files: Iterable[str], *, tasks: bool = False) -> Iterator[LeftOut]:
    """Yield files that a pattern does not describe; of `tasks`, void is none."""
    why = f"which the pattern does not describe{', or calls void' if tasks else ''}"
    return (LeftOut(source.role, file, why) for file in files)


def unread(source: Source) -> Iterator[LeftOut]:
    """Yield files of a side that are of kinds that are not read."""
    for file in source.unread:
        yield LeftOut(source.role, file, f"as {KINDS[split_suffix(file)[1]].name} is not read there")


def left_out_text(files: Iterable[LeftOut]) -> str:
    """Return the sentence that says how many files were left out on which side, and why; else nothing.

    Examples
    --------
    >>> left_out_text([LeftOut("target", "b.jpg", "as JPEG is not read there")])
    '1 file among the targets left out, as JPEG is not read there: b.jpg'
    """
    groups: dict[tuple[str, str], list[str]] = {}
    for one in files:
        groups.setdefault((one.role, one.why), []).append(one.file)
    return "; ".join(
        f"{many(len(found), 'file')} among the {_ROLES.get(role, role)} left out, {why}: "
        + first([*map(show, found)], _SHOWN)
        for (role, why), found in groups.items()
    )
