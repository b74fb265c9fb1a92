"""Hostile names in pages for notebooks and in Markdown: shown, and nothing runs, loads or leaves."""

import pytest
from markdown_it import MarkdownIt

from segscore import Classes, Evaluator, compare
from segscore.base.wording import visible
from support import chromium
from support.hostile_names import HOSTILE_NAMES

NAMES = list(HOSTILE_NAMES.values())


@pytest.fixture(scope="module")
def result():
    """The evaluation of one image for each name; every name is a class, too, and all is right."""
    judge = Evaluator(Classes(NAMES))
    for i, name in enumerate(NAMES):
        judge.add(pred=[i], target=[i], name=name)
    return judge.result()


def of_markdown(text):
    return MarkdownIt("commonmark", {"html": True}).enable("table").render(text)


PAGES = {
    "notebook": lambda result: result._repr_html_(),
    "markdown": lambda result: of_markdown(result.to_markdown()),
    "conventions": lambda result: result.explain()._repr_html_(),
    "comparison": lambda result: compare(result, result, labels=(NAMES[0], NAMES[3]))._repr_html_(),
}


def write(folder, body):
    path = folder / "page.html"
    page = f"<!doctype html><html lang=en><meta charset=utf-8><title>t</title><body>{body}<h6>the end</h6>"
    path.write_text(page, encoding="utf-8")
    return path


@pytest.mark.parametrize("page", PAGES)
def test_names_are_shown_and_nothing_runs(open_page, result, tmp_path, page):
    shown = open_page(write(tmp_path, PAGES[page](result)))
    for element in shown.locator("td, p, summary").all()[:200]:
        element.dispatch_event("mouseover")
        element.dispatch_event("click")
    assert shown.locator("h6").inner_text() == "the end"
    assert shown.locator("script, img, svg, iframe, a, base, input, textarea, h1, font").count() == 0
    if page in {"notebook", "markdown"}:
        cells = shown.locator("td:first-child").evaluate_all("cells => cells.map(cell => cell.textContent)")
        assert {visible(name).strip() for name in NAMES} <= {cell.strip() for cell in cells}


@pytest.mark.parametrize(
    "attack",
    [
        "script element",
        "script element in capitals, with blanks",
        "handler of an image",
        "handler of a drawing",
        "frame with a document",
        "page that moves on",
        "comment that ends",
        "JSON in a script element",
    ],
)
def test_the_same_names_would_run_if_they_were_markup(browser, tmp_path, attack):
    _, watch = chromium.open_watched(browser, write(tmp_path, HOSTILE_NAMES[attack]))
    watch.wait()
    assert watch.close()[0].startswith(("dialog: ", "request outside: ", "another file: "))
