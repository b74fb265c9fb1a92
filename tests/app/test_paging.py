"""Parts of long lists, by what addresses ask for."""

import pytest

from segscore.app.paging import leaf


@pytest.mark.parametrize(
    ("asked", "number"),
    [("", 1), ("1", 1), ("3", 3), ("4", 3), ("0", 1), ("-2", 1), ("two", 1), ("9" * 5000, 1)],
)
def test_what_is_no_number_is_the_first_part_and_what_is_too_large_the_last(asked, number):
    assert leaf(asked, 201, 100) == (number, 3, 100 * (number - 1), 100 * number)


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 1), (100, 1), (101, 2), (200, 2), (201, 3)])
def test_as_many_parts_as_are_needed(count, pages):
    assert leaf("", count, 100).pages == pages
