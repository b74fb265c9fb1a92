"""Options of the pages of an evaluation and of a comparison: what is no use is refused with what to give."""

from pathlib import Path
from typing import Any

import pytest

from segscore import ArgumentError, Comparison, Evaluation, compare
from segscore.pages.report import report_page
from support import hints
from support.refused import refused
from support.results import evaluated

FACTS = 'hint: such as `{"model": "net v2"}`'
NOTES = 'hint: such as `["some images were trained on"]`'
ATTRIBUTES = 'hint: such as `{"weather": {"a": "rain", "b": "sun"}}`'
PAIR = "hint: one for the first model, and one for the second"


@pytest.fixture
def ev() -> Evaluation:
    return evaluated(["road", "sky"], {name: ([[0, 1]], [[0, 0]]) for name in ("a", "b")})


@pytest.fixture
def both(ev: Evaluation) -> Comparison:
    return compare(ev, ev)


def fails(name: str) -> str:
    raise ZeroDivisionError(f"no {name}")


def ends(name: str) -> str:
    raise SystemExit(f"no {name}")


WRONG_IN_BOTH: list[tuple[dict[str, Any], str]] = [
    *(
        ({"thumbnails": n}, f"`thumbnails` is {n!r}\nhint: {hints.NUMBER_OF_IMAGES}")
        for n in (-1, 1_001, 2.0, True, None)
    ),
    ({"attributes": 5}, f"`attributes`: expected a mapping from titles, found 5\n{ATTRIBUTES}"),
    ({"attributes": {3: "(.)"}}, f"`attributes`: expected titles that are texts, found 3\n{ATTRIBUTES}"),
    *(
        (
            {"attributes": {"weather": call}},
            f"the function of attribute `weather` failed for image `a`: {error}: no a\n"
            "hint: it is given the name of an image and returns the name of a group",
        )
        for call, error in ((fails, "ZeroDivisionError"), (ends, "SystemExit"))
    ),
    (
        {"attributes": {"weather": lambda name: 0.5}},
        "the group of `a` is 0.5\nhint: a group is named by a text or an integer",
    ),
    ({"title": 5}, '`title`: expected text, found 5\nhint: such as `title="Night scenes"`'),
    ({"title": b"x"}, "`title`: expected text, found b'x'\nhint: such as `title=\"Night scenes\"`"),
    ({"read": 5}, "`read`: expected a function, found 5\nhint: it is given a path and returns an array"),
    ({"read": "x"}, "`read`: expected a function, found 'x'\nhint: it is given a path and returns an array"),
    ({"image_pairing": 5}, "`image_pairing` needs `images`\nhint: name the folder of photographs"),
]
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"about": 5}, f"`about`: expected a mapping of texts, found 5\n{FACTS}"),
    ({"about": "x"}, f"`about`: expected a mapping of texts, found 'x'\n{FACTS}"),
    ({"about": {"a": 5}}, f"`about`: expected texts, found 5\n{FACTS}"),
    ({"about": {5: "a"}}, f"`about`: expected texts, found 5\n{FACTS}"),
    ({"notes": 5}, f"`notes`: expected a list of texts, found 5\n{NOTES}"),
    ({"notes": "abc"}, f"`notes`: expected a list of texts, found 'abc'\n{NOTES}"),
    ({"notes": [5]}, f"`notes`: expected texts, found 5\n{NOTES}"),
]
WRONG_OF_TWO: list[tuple[dict[str, Any], str]] = [
    ({"about": 5}, f"`about`: expected a pair, found 5\n{PAIR}"),
    ({"about": {}}, f"`about`: expected a pair, found {{}}\n{PAIR}"),
    ({"about": ({}, {"a": 5})}, f"`about`: expected texts, found 5\n{FACTS}"),
    ({"notes": "ab"}, f"`notes`: expected a pair, found 'ab'\n{PAIR}"),
    ({"notes": ("a", "b")}, f"`notes`: expected a list of texts, found 'a'\n{NOTES}"),
    ({"notes": ([], [], [])}, f"`notes`: expected a pair, found ([], [], [])\n{PAIR}"),
]


@pytest.mark.parametrize(
    ("page", "options", "text"),
    [
        *(("ev", options, text) for options, text in WRONG_IN_BOTH + WRONG),
        *(("both", options, text) for options, text in WRONG_IN_BOTH + WRONG_OF_TWO),
    ],
)
def test_wrong_options_are_answered(
    request: pytest.FixtureRequest, tmp_path: Path, page: str, options: dict[str, Any], text: str
) -> None:
    write_report = request.getfixturevalue(page).write_report
    assert refused(ArgumentError, write_report, tmp_path / "a.html", **options) == text
    assert not list(tmp_path.iterdir())


def test_an_option_that_there_is_not(ev: Evaluation, both: Comparison) -> None:
    for made in (ev, both):
        assert refused(TypeError, made.write_report, "/dev/null", foo=1) == (
            "write_report() got an unexpected keyword argument 'foo'"
        )


def test_the_cause_of_a_function_that_fails_is_kept(ev: Evaluation) -> None:
    with pytest.raises(ArgumentError) as caught:
        report_page(ev, attributes={"weather": fails})
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_options_that_may_be_given(ev: Evaluation, both: Comparison) -> None:
    usual: dict[str, Any] = {"attributes": {"weather": lambda name: f"w{name}"}, "title": None, "read": None}
    page = report_page(ev, **usual, about={"model": "net v2"}, notes=("beware", "of the fog"), images=None)
    assert all(text in page for text in ("wa", "net v2", "beware", "of the fog"))
    report_page(ev, attributes=None, about=None)
    both.write_report("/dev/null", **usual, about=({}, {"a": "b"}), notes=[["c"], ()])
    assert "of the fog" not in report_page(ev)
