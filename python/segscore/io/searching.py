"""Regular expressions that somebody gave, in names of images: they are given a time.

Some are tried in more ways than there is time for, and nothing ends a search within Python. Which ones is not
told by their looks: all are searched in a process of their own, which can be ended.
"""

import json
import re
from collections.abc import Sequence

from segscore.base.wording import many, shortened
from segscore.errors import ArgumentError

_SEARCH = """
import json, re, sys
pattern, group, names = json.load(sys.stdin)
found = map(re.compile(pattern).search, names)
json.dump([match and match[group] for match in found], sys.stdout)
"""


def found_in(
    names: Sequence[str], pattern: re.Pattern[str], group: int | str, *, seconds: float = 10
) -> list[str | None]:
    """Return what a group of a pattern is in each name, None where the name does not have it.

    It is an ArgumentError if it takes longer than so many seconds.
    """
    import subprocess
    import sys

    command = [sys.executable, "-I", "-S", "-c", _SEARCH]
    given = json.dumps([pattern.pattern, group, names])
    try:
        done = subprocess.run(  # noqa: S603 - it is Python itself, and what is searched for is no code
            command, input=given, capture_output=True, encoding="ascii", timeout=seconds, check=True
        )
    except subprocess.TimeoutExpired:
        raise ArgumentError(
            f"`{shortened(pattern.pattern)}` takes more than {seconds:g} s to be searched for in "
            f"{many(len(names), 'name')}",
            "repetitions within a repetition, as in `(a+)+`, are tried in all ways: write one repetition",
        ) from None
    found: list[str | None] = json.loads(done.stdout)
    return found
