"""Limits of texts from outside: what is too long or too large is refused before anything is made of it."""

from pathlib import Path

import pytest

from segscore.base import limits
from support.refused import refused


def test_numbers_are_read_as_python_reads_them() -> None:
    assert [limits.whole_number(text) for text in ("8", " -7 ", "1" * 100)] == [8, -7, int("1" * 100)]
    assert [limits.number(text) for text in ("0.5", "1e-3", "-2")] == [0.5, 0.001, -2.0]
    assert [limits.fraction(text) for text in ("1/255", "-3/4", "0.25")] == [1 / 255, -0.75, 0.25]


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (limits.whole_number, "9" * 101),
        (limits.whole_number, "1.5"),
        (limits.number, "9" * 5000),
        (limits.number, "1e999999999"),
        (limits.number, "nan"),
        (limits.fraction, "1e999999999"),
        (limits.fraction, "1/" + "9" * 5000),
        (limits.fraction, "1e9/2"),
    ],
)
def test_what_is_no_number_or_too_long(read: object, text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(text)  # type: ignore[operator]


def test_a_fraction_without_a_value() -> None:
    with pytest.raises(ZeroDivisionError):
        limits.fraction("1/0")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("(" * 500, "its brackets are nested too deep"),
        ("a{99999999999}", "the repetition number is too large"),
        ("(", "missing ), unterminated subpattern at position 0"),
        ("a" * 1001, "it has 1,001 characters, expected at most 1,000"),
    ],
)
def test_what_is_no_regular_expression_says_why(text: str, said: str) -> None:
    assert refused(ValueError, limits.pattern, text) == said


def test_no_more_of_a_file_is_read_than_it_may_hold(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    assert limits.content_of(tmp_path / "a", 5) == b"12345"
    assert refused(ValueError, limits.content_of, tmp_path / "a", 4) == "it holds more than 4 bytes"
    assert refused(ValueError, limits.content_of, "/dev/zero", 1000) == "it holds more than 1,000 bytes"
