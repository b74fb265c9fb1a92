"""Objects and what they share as records: what is refused of those that were saved."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from segscore import Classes, FileFormatError
from segscore.counts.kinds import are_of
from segscore.counts.measures import Measures
from segscore.counts.objects import Objects, Overlaps, bits
from support.refused import refused

CLASSES = Classes(["car", "person"])
OBJECTS = Objects(
    np.array([0, 3, 3, 5]),
    side=np.array([0, 0, 1, 0, 1]),
    id=np.array([7, 8, 7, 1, 2]),
    label=np.array([0, 1, 0, 1, 1]),
    pixels=np.array([5, 3, 8, 2, 0]),
    area_bits=bits([5, 3, 8, 2, 0]),
    score_bits=bits([0, 0, 0.5, 0, 1]),
    flags=np.array([0, 1, 0, 0, 0]),
    void=np.array([0, 0, 2, 0, 0]),
    place=np.array([0, 1, 0, 0, 0]),
)
OVERLAPS = Overlaps(
    np.array([0, 2, 2, 2]), target=np.array([0, 1]), pred=np.array([0, 0]), pixels=np.array([4, 2])
)
MEASURES = Measures(instances="panoptic", stuff=(1,))


def test_records_are_read_as_they_were() -> None:
    assert Objects.of_columns(OBJECTS.columns(), 3, CLASSES) == OBJECTS
    assert Overlaps.of_columns(OVERLAPS.columns(), 3, CLASSES) == OVERLAPS
    assert are_of([OBJECTS, OVERLAPS], MEASURES)
    assert Measures.from_dict(MEASURES.to_dict()) == MEASURES
    assert OBJECTS.targets.tolist() == [2, 0, 1]
    assert [rows.tolist() for rows in OVERLAPS.rows_in(OBJECTS)] == [[0, 1], [2, 2]]
    assert OBJECTS.take(np.array([2, 0])).id.tolist() == [1, 2, 7, 8, 7]


@pytest.mark.parametrize(
    ("column", "row", "value", "message"),
    [
        ("side", 0, 2, "its columns do not fit together"),
        ("label", 0, 2, "its columns do not fit together"),
        ("pixels", 0, -1, "its columns do not fit together"),
        ("area_bits", 0, int(bits([-1.0])[0]), "its columns do not fit together"),
        ("area_bits", 0, int(bits([np.inf])[0]), "its columns do not fit together"),
        ("score_bits", 2, int(bits([np.nan])[0]), "its columns do not fit together"),
        ("flags", 0, 128, "its columns do not fit together"),
        ("void", 2, 9, "its columns do not fit together"),
        ("place", 1, 0, "its rows are not sorted, or two are of the same elements"),
        ("side", 2, 0, "its rows are not sorted, or two are of the same elements"),
        ("id", 1, 7, "two objects of a side have one id"),
    ],
)
def test_objects_that_no_image_has_are_refused(column: str, row: int, value: int, message: str) -> None:
    changed = getattr(OBJECTS, column).copy()
    changed[row] = value
    columns = OBJECTS.columns() | {column: changed}
    assert refused(FileFormatError, Objects.of_columns, columns, 3, CLASSES) == message


@pytest.mark.parametrize(("column", "value"), [("target", -1), ("pred", -1), ("pixels", 0)])
def test_overlaps_of_nothing_are_refused(column: str, value: int) -> None:
    columns: dict[str, Any] = OVERLAPS.columns() | {column: np.array([value, 2])}
    assert refused(FileFormatError, Overlaps.of_columns, columns, 3, CLASSES) == (
        "its columns do not fit together"
    )


def test_overlaps_are_of_objects_that_there_are() -> None:
    far = replace(OVERLAPS, target=np.array([0, 2]))
    assert not are_of([OBJECTS, far], MEASURES)
    assert not are_of([OBJECTS, replace(OVERLAPS, pred=np.array([0, 1]))], MEASURES)
    assert not are_of([OBJECTS, replace(OVERLAPS, pixels=np.array([4, 4]))], MEASURES)
    voided = replace(OBJECTS, void=np.array([0, 0, 5, 0, 0]))  # of 8 pixels, 4 of which are shared
    assert not are_of([voided, OVERLAPS], MEASURES)
    assert not are_of([OBJECTS, OVERLAPS.take(np.array([0]))], MEASURES)
    assert not are_of([OBJECTS], MEASURES)
    assert not are_of([OBJECTS, OVERLAPS], Measures())


@pytest.mark.parametrize("values", [{"instances": "some"}, {"stuff": ["a"]}, {"instances": "", "stuff": [1]}])
def test_what_was_measured_of_objects_is_checked(values: dict[str, Any]) -> None:
    with pytest.raises(
        FileFormatError, match="what was measured is not said as expected: there are no objects of"
    ):
        Measures.from_dict(MEASURES.to_dict() | values)
