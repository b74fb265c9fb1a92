"""The order and the folding of the matrix in a browser: what cells say stays that of the counts."""

import numpy as np
import pytest

from segscore.text.numbers import percent
from support import chromium
from support.large import made_up
from support.pages import Page


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """An evaluation of many classes, the file of its report, and the data of its matrix."""
    path, ev = tmp_path_factory.mktemp("report") / "report.html", made_up(60, 171, 40)
    ev.write_report(path)
    return ev, path, Page(path.read_text()).data("confusion")


def labels_of(page):
    """Return the names of the rows and of the columns."""
    texts = page.locator("#matrix text:not(.axis):not(.cell)").all_text_contents()
    rows = len(texts) // 2
    return texts[:rows], texts[rows:]


@pytest.mark.parametrize("view", ["desktop", "phone"])
def test_classes_that_are_confused_most_have_names_and_the_others_are_one(report, open_page, view):
    ev, path, data = report
    page = open_page(path, view)
    rows, columns = labels_of(page)
    some = len(rows) - 1
    assert {"desktop": 40, "phone": 14}[view] == some
    kept = sorted(data["most"][:some])
    assert rows[:-1] == columns[:-2] == [data["names"][i] for i in kept]
    assert [rows[-1], *columns[-2:]] == [f"{171 - some} others"] * 2 + ["no class"]
    others = np.setdiff1d(np.arange(171), kept)
    matrix, said = page.locator("#matrix"), page.locator("#matrix-sentence")
    matrix.focus()
    for key in ("PageDown", "End", "ArrowLeft"):
        matrix.press(key)
    counts = ev.confusion.counts
    within, whole = int(counts[np.ix_(others, others)].sum()), int(counts[others].sum())
    assert said.inner_text() == (
        f"{percent(within, whole)} of the pixels of {len(others)} other classes were called one of "
        f"{len(others)} other classes, of which {int(np.diag(counts)[others].sum()):,} are right "
        f"({within:,} of {whole:,})."
    )
    matrix.press("PageUp")
    first = kept[0]
    called, whole = int(counts[first, others].sum()), int(counts[first].sum())
    assert said.inner_text() == (
        f"{percent(called, whole)} of {data['names'][first]} pixels were called one of {len(others)} other "
        f"classes ({called:,} of {whole:,})."
    )
    chromium.assert_fits(page)


def test_all_classes_are_drawn_where_they_are_asked_for(report, open_page):
    page = open_page(report[1])
    page.get_by_label("all 171").check()
    matrix, said = page.locator("#matrix"), page.locator("#matrix-sentence")
    matrix.focus()
    matrix.press("PageDown")
    assert " of class 170 pixels were called class 0" in said.inner_text()
    assert labels_of(page) == ([], [])


def test_an_order_by_similarity_is_that_of_python(report, open_page):
    ev, path, data = report
    page = open_page(path)
    page.get_by_label("by similarity").check()
    rows, _ = labels_of(page)
    kept = set(data["most"][:40])
    expected = [i for i in data["similar"] if i in kept]
    assert rows[:-1] == [data["names"][i] for i in expected]
    matrix = page.locator("#matrix")
    matrix.focus()
    matrix.press("ArrowRight")
    pixels, whole = int(ev.confusion.counts[expected[0], expected[1]]), int(ev.scores.target[expected[0]])
    assert page.locator("#matrix-sentence").inner_text() == (
        f"{percent(pixels, whole)} of {rows[0]} pixels were called {rows[1]} ({pixels:,} of {whole:,})."
    )


def test_a_class_that_is_chosen_is_among_those_that_are_drawn(report, open_page):
    _, path, data = report
    page = open_page(path)
    last = data["names"][data["most"][-1]]
    assert last not in labels_of(page)[0]
    page.locator("#threshold-class").select_option(label=last)
    assert last in labels_of(page)[0]
    assert (
        f" of {last} pixels were called {last}, which is right"
        in page.locator("#matrix-sentence").inner_text()
    )
    page.locator("#threshold-class").select_option(index=0)
    assert last not in labels_of(page)[0]


def test_few_classes_are_not_folded_and_two_have_one_order(open_page, tmp_path):
    made_up(10, 2, 5).write_report(tmp_path / "report.html")
    page = open_page(tmp_path / "report.html")
    for switch in ("#matrix-fold", "#matrix-order"):
        assert not page.locator(switch).is_visible()
    assert labels_of(page) == (["class 0", "class 1"], ["class 0", "class 1", "no class"])
