"""Lists of images that could not be scored: what is the same of many is said of three and counted."""

from collections import Counter
from collections.abc import Sequence

from segscore.base.naming import marked
from segscore.base.wording import show
from segscore.counts.counting import Failure
from segscore.io.kinds import split_suffix

_SHOWN = 20
"""Lines of failures that a list has."""
_ALIKE = 3
"""Images of which the same is said one by one."""


def failure_lines(failures: Sequence[Failure], more: str = "", *, limit: int = _SHOWN) -> list[str]:
    """Return a line for each failure, but not for all of which the same is said; `more` says where all are.

    They keep the marks of what they name, to be part of a message.

    Examples
    --------
    >>> failed = [Failure(f"{i}", f"target/{i}.png: the file is empty") for i in range(9)]
    >>> failure_lines(failed)[2:]
    ['2: target/2.png: the file is empty', 'and 6 more: the file is empty']
    """
    lines: list[str] = []
    alike: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for failure in failures:
        said = _without_file(failure)
        if len(lines) < limit and alike[said] < _ALIKE:
            alike[said] += 1
            lines.append(f"{show(failure.name)}: {marked(failure.message)}")
        else:
            left[said] += 1
    others = sum(number for said, number in left.items() if said not in alike)
    lines += [f"and {number:,} more: {said}" for said, number in left.items() if said in alike]
    return lines + ([f"and {others:,} more{more}"] if others else [])


def _without_file(failure: Failure) -> str:
    """Return what is said of an image without the file of it that the message begins with."""
    message = marked(failure.message)
    path, colon, said = message.partition(": ")
    return said if colon and split_suffix(path)[0].endswith(failure.name) else message
