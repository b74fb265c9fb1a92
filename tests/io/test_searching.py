"""Regular expressions that somebody gave are searched for as Python does, in a limited time."""

import re
from time import monotonic

import pytest

from segscore.errors import ArgumentError
from segscore.io.groups import labels_of
from segscore.io.searching import found_in
from support.refused import refused

NAMES = ("a_1", "b/ä_2", "\ud800_\n3", "", "none")


@pytest.mark.parametrize(
    "pattern", [r"^(.*)_", r"(?i)(N)", r"(?P<group>\d)|(x)", r"(?s)(_.?)", r"(\ud800)?_"]
)
def test_what_is_found_is_what_python_finds(pattern: str) -> None:
    compiled = re.compile(pattern)
    group = "group" if "group" in compiled.groupindex else 1
    expected = [match[group] if (match := compiled.search(name)) else None for name in NAMES]
    assert found_in(NAMES, compiled, group) == expected


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(a|a)*$", r"(.*)*\d", r"(a*)*(a*)*(a*)*b"])
def test_a_search_that_never_ends_is_ended(pattern: str) -> None:
    begun = monotonic()
    text = refused(ArgumentError, found_in, ["a" * 60 + "!"] * 3, re.compile(pattern), 1, seconds=0.5)
    assert monotonic() - begun < 10
    assert text == (
        f"`{pattern}` takes more than 0.5 s to be searched for in 3 names\n"
        "hint: repetitions within a repetition, as in `(a+)+`, are tried in all ways: write one repetition"
    )


def test_groups_are_told_by_texts_and_by_compiled_patterns() -> None:
    names = ("rain/1", "sun/2")
    assert labels_of(names, r"^(\w+)/") == labels_of(names, re.compile(r"^(\w+)/")) == ["rain", "sun"]
