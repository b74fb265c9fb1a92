"""Lines over places: where they are drawn, and at which values lines across stand."""

import math

import pytest

from segscore.app.charts import BOTTOM, TOP, Value, chart, ticks_of


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (0.612, 0.689, ["0.60", "0.62", "0.64", "0.66", "0.68", "0.70"]),
        (0.0, 1.0, ["0.0", "0.5", "1.0"]),
        (0.1, 0.9, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (3.0, 3.0, ["2.8", "2.9", "3.0", "3.1", "3.2"]),
        (0.0, 0.0, ["-0.05", "0.00", "0.05"]),
        (12.0, 480.0, ["0", "200", "400", "600"]),
        (0.70001, 0.70002, ["0.700010", "0.700015", "0.700020"]),
    ],
)
def test_lines_across_stand_at_round_values_around_all(low: float, high: float, texts: list[str]) -> None:
    ticks = ticks_of(low, high)
    assert [text for _, text in ticks] == texts
    assert ticks[0][0] <= low <= high <= ticks[-1][0]
    for value, text in ticks:
        assert value == pytest.approx(float(text))


def test_values_lie_where_their_numbers_say() -> None:
    line = [
        Value(0, 0.60, run="r1", text="one"),
        Value(2, 0.65, 0.61, 0.69),
        Value(1, math.nan),
        Value(3, math.inf),
    ]
    made = chart(["v1", "v2", "v3", "v4"], {"a": line, "b": [Value(3, 0.70)]}, marked=2)
    assert made is not None
    assert [text for _, text in made.ticks] == ["0.60", "0.65", "0.70"]
    height = BOTTOM - TOP
    one, two = made.lines[0].dots
    assert (one.x, one.y, one.low, one.high, one.run, one.text) == (12.5, BOTTOM, None, None, "r1", "one")
    assert (two.x, two.y) == (62.5, pytest.approx(BOTTOM - height / 2))
    assert (two.low, two.high) == (pytest.approx(BOTTOM - height * 0.1), pytest.approx(BOTTOM - height * 0.9))
    assert made.lines[0].segments == [(one, two)]
    assert [(line.name, line.number, len(line.dots)) for line in made.lines] == [("a", 0, 2), ("b", 1, 1)]
    assert made.lines[1].dots[0].y == pytest.approx(TOP)
    assert made.marked == 62.5
    assert chart(["v1"], {"a": [Value(0, math.nan)]}, marked=None) is None


def test_of_many_or_long_names_of_places_some_are_left_out() -> None:
    def names(places: list[str]) -> list[str]:
        made = chart(places, {"a": [Value(0, 1.0)]}, marked=None)
        assert made is not None
        return [text for _, text in made.places][::-1]

    assert names(["v1", "v2"]) == ["v1", "v2"]
    assert names([f"v{i}" for i in range(1, 51)]) == [f"v{i}" for i in range(5, 51, 5)]
    assert names(["x" * 64, "y" * 64, "z" * 64, "w" * 64, "u" * 64]) == [
        "x" * 11 + "…",
        "z" * 11 + "…",
        "u" * 11 + "…",
    ]
