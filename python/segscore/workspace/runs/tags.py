"""Tags of a run: short texts by which runs are found again, in a file with one a line, beside its note."""

from collections.abc import Iterable
from pathlib import Path

from segscore.base.values import one_or_several
from segscore.base.wording import many, shortened, show
from segscore.errors import ArgumentError
from segscore.io.writing import remove_parts, write_file
from segscore.workspace.runs.folders import changing
from segscore.workspace.store.disk import removing
from segscore.workspace.store.store import Store

TAGS = "tags.txt"
LONGEST = 50
_MOST = 20
"""Tags of one run."""
_MOST_BYTES = 100_000
"""No file of tags that was written here is as large."""


def checked_tag(text: object) -> str:
    """Return a tag with single blanks, or raise ArgumentError if it is none.

    Examples
    --------
    >>> checked_tag("  before   the summer ")
    'before the summer'
    """
    if not isinstance(text, str):
        raise ArgumentError(f"a tag is a text, found {text!r}", 'such as "baseline"')
    tag = " ".join(text.split())
    if not tag:
        raise ArgumentError("a tag is empty", 'a word, such as "baseline"')
    if len(tag) > LONGEST:
        raise ArgumentError(
            f"a tag begins with `{shortened(tag, 20)}` and has {len(tag):,} characters, expected at most "
            f"{LONGEST}",
            "write what is longer in the note",
        )
    if "," in tag or not tag.isprintable():
        raise ArgumentError(
            f"the tag {shortened(tag)!r} holds a comma, or what does not print",
            "commas stand between tags: give each of them by itself",
        )
    return tag


def checked_tags(given: object) -> list[str]:
    """Return the tags that a text is, or several are."""
    return [checked_tag(tag) for tag in one_or_several(given)]


def read_tags(folder: Path) -> tuple[str, ...]:
    """Return the tags in the folder of a run, sorted; OSError or ValueError where the file is damaged."""
    try:
        with (folder / TAGS).open("rb") as file:
            content = file.read(_MOST_BYTES)
    except FileNotFoundError:
        return ()
    if len(content) == _MOST_BYTES:
        raise ValueError
    return tuple(sorted({line for line in content.decode("utf-8").splitlines() if line}))


def change_tags(
    store: Store, run: str, folder: Path, *, add: Iterable[object] = (), remove: Iterable[object] = ()
) -> None:
    """Add tags to a run and remove others; a file that is damaged begins anew."""
    more, less = {checked_tag(tag) for tag in add}, {checked_tag(tag) for tag in remove}
    with changing(store):
        remove_parts(folder)
        try:
            before = set(read_tags(folder))
        except (OSError, ValueError):
            before = set()
        lacking = sorted(less - before)
        if lacking:
            raise ArgumentError(
                f"run {run} has no tag `{lacking[0]}`",
                f"it has {', '.join(f'`{tag}`' for tag in sorted(before))}" if before else "it has none",
            )
        after = sorted((before - less) | more)
        if len(after) > _MOST:
            raise ArgumentError(
                f"run {run} would have {many(len(after), 'tag')}, expected at most {_MOST}",
                "remove some of them first",
            )
        path = folder / TAGS
        if after:
            write_file(path, "".join(f"{tag}\n" for tag in after).encode())
        else:
            with removing(path):
                path.unlink(missing_ok=True)


def unreadable(run: str, path: Path, error: OSError | ValueError) -> str:
    """Return the warning about tags that cannot be read."""
    reason = error.strerror if isinstance(error, OSError) else "it is no such text"
    return (
        f"the tags of run {run} are left out: {show(str(path))}: cannot be read: {reason}"
        f"\nhint: write them anew: `segscore tag {run} TAG`"
    )
