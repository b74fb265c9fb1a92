"""Names in results: shown literally, whatever they hold, in no more room than there is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from segscore import Failure
from segscore.base.wording import visible
from segscore.classes.classes import Classes
from segscore.results.summary import evaluation_text
from segscore.scores.summary import scores_text
from segscore.text.names import cut, listed
from support.results import HOSTILE, evaluation_of, scores_of

TWO = scores_of(Classes(["a", "b"]), [[1, 0, 0], [0, 1, 0]])


@pytest.mark.parametrize("count", [1, 2, 19, 171])
@pytest.mark.parametrize("name", ["c", "a name of usual length", "道路の白線" * 30, "n" * 300, *HOSTILE])
def test_any_classes_fit_80_columns(count, name):
    classes = Classes([f"{name}{i}" for i in range(count)], not_in_mean=range(3, count, 4))
    rng = np.random.default_rng(7)
    matrix = rng.integers(0, 2**50, (count, count + 1)) * rng.integers(0, 2, (count, 1))
    scores = scores_of(classes, matrix, ignored=2**60, images=123_456_789)
    lines = str(scores).split("\n")
    assert max(cell_len(line) for line in lines) <= 80
    assert all(line.isprintable() for line in lines)
    assert len({line.split("  ")[0] for line in lines[1 : count + 1]}) == count
    assert lines[-2].startswith("mean over ")
    assert lines[-1].startswith("next: ")


@given(st.lists(st.text(min_size=1).filter(str.strip), min_size=1, max_size=4, unique=True))
def test_any_names_fit_80_columns(names):
    scores = scores_of(Classes(names), np.eye(len(names), len(names) + 1))
    lines = str(scores).split("\n")
    assert max(cell_len(line) for line in lines) <= 80
    assert all(line.isprintable() for line in lines)
    assert lines[-2] == f"mean over {len(names)} of {len(names)} class{'es' if len(names) > 1 else ''}"


@pytest.mark.parametrize("width", [40, 60, 100, 200])
def test_a_wider_terminal_shows_more_of_a_name(width):
    scores = scores_of(Classes(["n" * 300]), [[1, 0]])
    table = scores_text(scores, next_step="…", width=width).split("\n")[:2]
    # The other columns and the gaps between them take up 46 columns; five are kept for names.
    assert max(cell_len(line) for line in table) == max(width, 46 + 5)
    assert table[1].startswith("n" * 2)


def test_hostile_names_are_shown_literally():
    scores = scores_of(Classes(HOSTILE), np.eye(len(HOSTILE), len(HOSTILE) + 1))
    rows = str(scores).split("\n")[1 : len(HOSTILE) + 1]
    assert [row.split("  ")[0] for row in rows] == [
        r"\x1b[31mred\x1b[0m",
        "[bold]x[/bold]",
        "<script>alert('&')</script>",
        "道路の白線道路の…の白線道路の白線",
        "n" * 17 + "…" + "n" * 16,
        r"two\nlines\r",
        r"right\u202eto left",
        r"undecodable \udcff",
        r":smiley: %s {0} \x1b",
        "cafe\u0301",
    ]


def test_hostile_file_names_are_shown_literally():
    evaluation = evaluation_of(
        TWO,
        requested=4,
        failures=(Failure("a\x1b[2J.png", "cannot read a\x1b[2J.png\nat all", "not \x07 so"),),
        extra=("[red]b\n.png",),
        unknown_predictions=((9, 1, "\r.png"),),
    )
    text = evaluation_text(evaluation, next_step="…")
    assert r"'a\x1b[2J.png': cannot read a\x1b[2J.png\nat all" in text
    assert r"hint: not \x07 so" in text
    assert r"`[red]b\n.png`" in text
    assert r"first in `\r.png`" in text
    assert text.replace("\n", "").isprintable()


def test_file_names_are_never_broken():
    long = "/".join(["folder"] * 30) + ".png"
    text = evaluation_text(evaluation_of(TWO, extra=(long,)), next_step="…")
    assert f"  `{long}`\n" in text


@given(st.text(), st.integers(1, 40))
def test_a_cut_name_fits(name, width):
    shown = visible(name)
    assert shown.isprintable()
    assert cell_len(cut(shown, width)) <= width
    assert cut(shown, cell_len(shown) + 1) == shown


def test_names_in_sentences_are_few_and_short():
    assert listed(["n" * 300, "b"]) == f"`{'n' * 12}…{'n' * 11}` and `b`"
    assert listed(["n" * 300], width=None) == f"`{'n' * 300}`"
    assert listed([str(i) for i in range(1003)]) == "`0`, `1`, `2` and 1,000 more"
