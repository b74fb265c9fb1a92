"""Measures: what is asked to be measured of shapes, and what is no such question."""

import math
from typing import Any

import numpy as np
import pytest

from segscore import ArgumentError, FileFormatError
from segscore.base.naming import said
from segscore.base.shown import brief
from segscore.counts.measures import NOTHING, Measures, unlike
from segscore.counts.widths import pixels_of, width_of
from support.refused import refused

INF, NAN, HUGE = math.inf, math.nan, pytest.param(10**400, id="huge")


def asked(**options: Any) -> Measures:
    return Measures.of(**{"distances": True, **options})


def test_nothing_is_measured_unless_it_is_asked_for() -> None:
    assert Measures.of() == NOTHING
    assert not NOTHING
    assert NOTHING.to_dict() == {}
    assert Measures.of(distances=True)
    assert Measures.of(boundary=1)


def test_surfaces_are_of_areas_where_a_spacing_is_given() -> None:
    plain, spaced = asked(), asked(spacing=(1, 1))
    assert (plain.surface, plain.unit, plain.spacing) == ("voxels", "px", None)
    assert (spaced.surface, spaced.unit, spaced.spacing) == ("area", "mm", (1.0, 1.0))
    assert asked(spacing=(1, 1), surface="voxels").surface == "voxels"
    assert asked(surface="area").unit == "px"


@pytest.mark.parametrize(
    "spacing", [[3, 0.8, 0.8], np.array([3, 0.8, 0.8]), (np.float64(3), 0.8, 0.8), iter((3, 0.8, 0.8))]
)
def test_a_spacing_is_any_sequence_of_numbers(spacing: Any) -> None:
    assert asked(spacing=spacing, dims=3).spacing == (3.0, 0.8, 0.8)


@pytest.mark.parametrize(
    "spacing",
    [
        *((1,), (1, 1, 1), (), (1, 0), (1, -1), (1, NAN), (1, INF), (1, "1"), (True, 1), (1, None), (1, 1j)),
        *(5, "11", "1,1", b"ab", {1.0, 2.0}, {1: 1, 2: 2}, np.ones((2, 2)), HUGE),
    ],
)
def test_what_is_no_spacing(spacing: Any) -> None:
    assert refused(ArgumentError, asked, spacing=spacing) == (
        "expected one positive number as `spacing` of each of 2 axes, found "
        f"{brief(spacing)}\n"
        "hint: in the order of the axes of the array, such as `spacing=[0.8, 0.8]`"
    )


@pytest.mark.parametrize(("spacing", "found"), [((1e31, 1), "(1e+31, 1.0)"), ((1, 9e-31), "(1.0, 9e-31)")])
def test_spacings_of_which_no_squares_are_numbers(spacing: Any, found: str) -> None:
    assert refused(ArgumentError, asked, spacing=spacing) == (
        f"`spacing` is {found}, expected numbers from 1e-30 to 1e+30\n"
        "hint: in a unit in which voxels of the image have some size, such as mm"
    )
    assert asked(spacing=(1e-30, 1e30)).spacing == (1e-30, 1e30)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("spacing", (1, 1)),
        ("surface", "area"),
        ("within", 5),
        ("tolerances", 2),
        ("empty", "skip"),
        ("empty", 3),
    ],
)
def test_options_of_distances_are_not_taken_without_them(option: str, value: Any) -> None:
    assert refused(ArgumentError, Measures.of, boundary=1, **{option: value}) == (
        f"`{option}` is given without `distances`\n"
        "hint: distances between surfaces are asked for with `distances=True`"
    )


@pytest.mark.parametrize("distances", [1, "yes", None, (1, 1)])
def test_distances_are_measured_or_not(distances: Any) -> None:
    assert refused(ArgumentError, Measures.of, distances=distances) == (
        f"`distances` is {distances!r}, expected True or False\n"
        "hint: distances between surfaces are asked for with `distances=True`"
    )


@pytest.mark.parametrize("surface", ["mesh", "Area", 1, ["voxels"], ""])
def test_surfaces_that_there_are_not(surface: Any) -> None:
    assert (
        refused(ArgumentError, asked, surface=surface)
        == f'`surface` is {surface!r}\nhint: it is "voxels" or "area"'
    )


@pytest.mark.parametrize("within", [0, 0.0, -1, NAN, INF, "5", True, [5], HUGE])
def test_bounds_of_distances_that_are_none(within: Any) -> None:
    assert refused(ArgumentError, asked, within=within) == (
        f"`within` is {brief(within)}, expected a number above 0\n"
        "hint: in the unit of the spacing, such as 5.0"
    )


def test_tolerances_are_sorted_and_told_once() -> None:
    assert asked().tolerances == (1.0, 2.0)
    assert asked(tolerances=3).tolerances == (3.0,)
    assert asked(tolerances=[2, 0, 2.0, np.float32(0.5)]).tolerances == (0.0, 0.5, 2.0)
    for wrong in ((), range(16)):
        assert refused(ArgumentError, asked, tolerances=wrong) == (
            f"expected 1 to 15 `tolerances`, found {len(wrong)}\nhint: such as (1.0, 2.0)"
        )
    assert len(asked(tolerances=range(15)).tolerances) == 15


@pytest.mark.parametrize("tolerance", [-1, NAN, INF, "2", None, True, (1,)])
def test_tolerances_that_are_none(tolerance: Any) -> None:
    assert refused(ArgumentError, asked, tolerances=[1, tolerance]) == (
        f"expected a tolerance of 0 or more, found {tolerance!r}\n"
        "hint: in the unit of the spacing, such as 2.0"
    )


@pytest.mark.parametrize("empty", ["inf", "skip", "diagonal", 0, 374.0])
def test_what_missed_structures_are_taken_for(empty: Any) -> None:
    assert asked(empty=empty).empty == empty


@pytest.mark.parametrize("empty", ["nan", "Skip", -1, NAN, INF, True, None, ["skip"]])
def test_what_missed_structures_are_not_taken_for(empty: Any) -> None:
    assert refused(ArgumentError, asked, empty=empty) == (
        f'`empty` is {empty!r}\nhint: it is "inf", "skip", "diagonal", or a distance, such as 374.0'
    )


@pytest.mark.parametrize(
    ("given", "width"),
    [
        *((5, 5), ("5", 5), ("5px", 5), (" 5 px ", 5), ("5.0px", 5), (np.int64(5), 5), (65_535, 65_535)),
        *((0.02, 0.02), ("2%", 0.02), ("2 %", 0.02), ("0.02", 0.02), (".5%", 0.005), (np.float64(0.5), 0.5)),
    ],
)
def test_widths_are_pixels_or_shares_of_the_diagonal(given: Any, width: Any) -> None:
    found = width_of(given)
    assert (found, type(found)) == (width, type(width))


@pytest.mark.parametrize(
    "width",
    [
        *(0, -1, 1.0, 1.5, 0.0, -0.02, NAN, INF, True, None, [5], b"5"),
        *(
            "",
            "px",
            "%",
            "0px",
            "0%",
            "100%",
            "200%",
            "2.5px",
            "5mm",
            "-5",
            "1e3px",
            "1_0",
            "٣px",
            "..%",
            "nan",
        ),
    ],
)
def test_widths_that_are_none(width: Any) -> None:
    assert refused(ArgumentError, width_of, width) == (
        f"{width!r} is no width of a band\n"
        "hint: 5 or 5px are pixels, 0.02 or 2% are a share of the diagonal of the image, less than 1"
    )


@pytest.mark.parametrize("width", [65_536, "100000", "100000px", 10**20])
def test_widths_that_are_too_wide(width: Any) -> None:
    pixels = f"{int(str(width).removesuffix('px')):,}"
    assert refused(ArgumentError, width_of, width) == (
        f"a band of {pixels} px is wider than any, expected at most 65,535 px\n"
        "hint: a band that is wider than objects holds all of their pixels: such as 5, or 2% of the diagonal"
    )


@pytest.mark.parametrize("sign", [1, -1])
def test_numbers_of_more_digits_than_python_writes_are_refused(sign: int) -> None:
    huge, said = sign * 10**5_000, "<an integer of about 5,000 digits>"
    wide = f"a band of {said} px is wider than any, expected at most 65,535 px"
    for width in (huge, [huge]):
        told = refused(ArgumentError, Measures.of, boundary=width).splitlines()[0]
        assert told == (wide if sign > 0 else f"{said} is no width of a band")
    for given in ({"within": huge}, {"tolerances": huge}, {"spacing": huge}):
        assert said in refused(ArgumentError, Measures.of, distances=True, **given)


@pytest.mark.parametrize(
    ("boundary", "found"),
    [
        ((), "empty"),
        ((3, 1), "3 px, 1 px"),
        ((1, 1), "1 px, 1 px"),
        ((1, 0.02), "1 px, 2 % of the diagonal"),
        (("2%", "5px"), "2 % of the diagonal, 5 px"),
        ((0.02, 0.01), "2 % of the diagonal, 1 % of the diagonal"),
        (tuple(range(1, 17)), ", ".join(f"{width} px" for width in range(1, 17))),
    ],
)
def test_widths_rise_and_are_of_one_kind(boundary: Any, found: str) -> None:
    assert refused(ArgumentError, Measures.of, boundary=boundary) == (
        f"`boundary` is {found}, expected 1 to 15 widths, rising, all in pixels or all shares of the "
        "diagonal\nhint: such as `boundary=0.02` or `boundary=[1, 3, 5]`"
    )
    assert Measures.of(boundary=range(1, 16)).boundary == tuple(range(1, 16))


def test_bands_are_of_images_of_two_dimensions() -> None:
    assert refused(ArgumentError, Measures.of, boundary=1, dims=3) == (
        "`boundary` is given for images of 3 dimensions, and bands are measured of 2\n"
        "hint: the borders of volumes are compared with `distances=True`"
    )


def test_a_share_of_the_diagonal_is_a_pixel_at_least() -> None:
    assert pixels_of((0.001, 0.02, 0.1), 30, 40) == (1, 1, 5)
    assert pixels_of((0.02,), 480, 360) == (12,)  # that of the API of Boundary IoU
    assert pixels_of((1, 7), 3, 4) == (1, 7)


EVERY = [
    NOTHING,
    Measures.of(boundary=(1, 3)),
    Measures.of(boundary="2%", distances=True, spacing=(0.5, 2), within=7, tolerances=3, empty="diagonal"),
    Measures.of(distances=True, spacing=(3, 0.8, 0.8), surface="voxels", empty=374, dims=3),
    Measures.of(components=True),
    Measures.of(boundary=2, components=True, connectivity=4),
    Measures.of(distances=True, components=True, connectivity=18, dims=3),
]


@pytest.mark.parametrize("measures", EVERY, ids=range(7))
def test_plain_values_come_back(measures: Measures) -> None:
    assert Measures.from_dict(measures.to_dict()) == measures


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"spacing": [1, 0]}, "expected one positive number as `spacing` of each of 2 axes, found [1, 0]"),
        ({"distances": "yes"}, "`distances` is 'yes', expected True or False"),
        ({"distances": False}, "`spacing` is given without `distances`"),
        ({"boundary": [-1]}, "-1 is no width of a band"),
        ({"boundary": {1: 2}}, "{1: 2} is no width of a band"),
        ({"boundary": bytearray(b"a")}, "bytearray(b'a') is no width of a band"),
        ({"tolerances": {1: 2}}, "expected a tolerance of 0 or more, found {1: 2}"),
        ({"empty": None}, "`empty` is None"),
        ({"within": NAN}, "`within` is nan, expected a number above 0"),
        ({"surface": {}}, "`surface` is {}"),
        ({"tolerances": [NAN]}, "expected a tolerance of 0 or more, found nan"),
    ],
)
def test_plain_values_that_are_none(changed: dict[str, Any], told: str) -> None:
    values = {**EVERY[2].to_dict(), **changed}
    found = refused(FileFormatError, Measures.from_dict, values)
    assert found.splitlines()[0] == f"what was measured is not said as expected: {told}"


def test_an_array_of_no_dimensions_is_one_value() -> None:
    given = {name: np.array(value) for name, value in (("boundary", 3), ("tolerances", 1.5))}
    alone = {name: value.item() for name, value in given.items()}
    assert Measures.of(distances=True, **given) == Measures.of(distances=True, **alone)


@pytest.mark.parametrize("lacking", EVERY[2].to_dict())
def test_plain_values_without_one_of_them(lacking: str) -> None:
    values = {name: value for name, value in EVERY[2].to_dict().items() if name != lacking}
    assert refused(FileFormatError, Measures.from_dict, values) == (
        f"what was measured is not said as expected: {lacking!r}"
    )


@pytest.mark.parametrize("values", [[1], "text", 3, {"spacing": 3}])
def test_values_of_another_kind(values: Any) -> None:
    refused(FileFormatError, Measures.from_dict, values)


def test_what_is_measured_in_words() -> None:
    assert [measures.said for measures in EVERY] == [
        "nothing but pixels",
        "bands of 1 px, 3 px",
        "bands of 2 % of the diagonal and distances of surfaces (area, spacing 0.5 x 2 mm, up to 7 mm)",
        "distances of surfaces (voxels, spacing 3 x 0.8 x 0.8 mm)",
        "components (all neighbours)",
        "bands of 2 px and components (4 neighbours)",
        "distances of surfaces (voxels) and components (18 neighbours)",
    ]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"instances": "panoptic"}, "there are no objects of 'panoptic' with stuff ()"),
        ({"stuff": [1]}, "there are no objects of 'components' with stuff (1,)"),
        ({"components": False}, "`connectivity` is given without `components`"),
        ({"components": False, "connectivity": None}, "there are no objects of 'components' with stuff ()"),
        ({"connectivity": 5}, "`connectivity` is 5, expected 4 or 8 for images, or 6, 18 or 26 for volumes"),
    ],
)
def test_components_that_files_do_not_say_as_expected(changed: dict[str, Any], told: str) -> None:
    values = {**EVERY[5].to_dict(), **changed}
    found = refused(FileFormatError, Measures.from_dict, values)
    assert found.splitlines()[0] == f"what was measured is not said as expected: {told}"
    different = unlike(vars(EVERY[1]), vars(Measures.of(boundary=(1, 5), distances=True)))
    assert said(different) == "`boundary` (1, 3) and (1, 5), `distances` False and True"
    assert unlike(vars(EVERY[1]), vars(EVERY[1])) == ""
