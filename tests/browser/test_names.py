"""Hostile names in all that a browser shows: nothing runs, leaves, or breaks the layout."""

from dataclasses import replace

import numpy as np
import pytest
from markdown_it import MarkdownIt

from segscore import Classes, Evaluator, Failure, compare
from segscore.base.wording import visible
from segscore.io.places import Files
from support import chromium
from support.hostile_names import HOSTILE_NAMES
from support.hostile_workspace import hostile_workspace
from support.serving import served, visit

NAMES = tuple(HOSTILE_NAMES.values())


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
    "attack", ["script element", "handler of an image", "page that moves on", "comment that ends"]
)
def test_the_same_names_would_run_if_they_were_markup(browser, tmp_path, attack):
    _, watch = chromium.open_watched(browser, write(tmp_path, HOSTILE_NAMES[attack]))
    watch.wait()
    assert watch.close()[0].startswith(("dialog: ", "request outside: ", "another file: "))


def judged(wrong):
    """Return the evaluation of an image for each name; a share of pixels is called the second class."""
    random, judge = np.random.default_rng(0), Evaluator(Classes(NAMES))
    for i, name in enumerate(NAMES):
        target = np.random.default_rng(i).integers(len(NAMES), size=500)
        judge.add(pred=np.where(random.random(500) < wrong, 1, target), target=target, name=name)
    return judge.result()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A report and a comparison in which all that can has hostile names."""
    folder, ev = tmp_path_factory.mktemp("names"), judged(0.3)
    attributes = {NAMES[0]: dict(zip(NAMES, NAMES, strict=True))}
    about = {name: name for name in NAMES}
    hostile = replace(
        ev,
        failures=tuple(Failure(f"{name}!", name, name) for name in NAMES),
        extra=NAMES,
        provenance=about,
        files={name: Files(*[f"/nowhere/{name}"] * 3) for name in NAMES},
    )
    said = {"title": NAMES[0], "about": about, "notes": NAMES}
    hostile.write_report(folder / "report.html", **said, attributes=attributes)
    compared = compare(ev, judged(0.2), labels=(NAMES[0], NAMES[3]), resamples=99)
    compared.write_report(folder / "comparison.html", attributes=attributes)
    return folder


@pytest.mark.parametrize("view", ["desktop", "phone"])
@pytest.mark.parametrize("name", ["report", "comparison"])
def test_names_are_shown_and_do_nothing(pages, open_page, name, view):
    page = open_page(pages / f"{name}.html", view)
    shown = page.locator("#class-table tbody th").evaluate_all("all => all.map(one => one.dataset.value)")
    assert sorted(shown) == sorted(visible(name) for name in NAMES)
    chromium.assert_fits(page)
    for chart in page.locator("#matrix, #image-charts").all():
        chart.press("Home")
    for index in range(5):
        page.locator("#picture-ranking").select_option(index=index)
        chromium.assert_fits(page)
    chromium.assert_accessible(page)


def test_names_do_nothing_where_scripts_show_them(pages, open_page):
    page = open_page(pages / "report.html")
    matrix, said = page.locator("#matrix"), page.locator("#matrix-sentence")
    matrix.focus()
    for i, name in enumerate(NAMES):
        assert (
            f" of {visible(name)} pixels were called {visible(NAMES[i])}, which is right"
            in said.text_content()
        )
        matrix.press("ArrowRight")
        matrix.press("ArrowDown")
    page.get_by_label("Classes in images", exact=True).select_option(index=3)
    for index in (0, 1, 30):
        page.get_by_label("by", exact=True).select_option(index=index)
    page.get_by_label("best", exact=True).check()
    page.get_by_label("Filter").fill("<")
    page.locator("#class-table thead button").first.click()
    chromium.assert_fits(page)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    with served(hostile_workspace(tmp_path_factory.mktemp("hostile"))) as application:
        yield application


@pytest.mark.parametrize("view", ["desktop", "phone"])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/runs",
        "/runs/r1",
        "/evaluation?model=one&dataset=hostile",
        "/evaluate/dataset?model=one&workspace=<script>alert(1)</script>",
        "/runs/r1/images",
        "/runs/r1/images?view=table&image=0",
        "/compare?run=r1&run=r2",
        "/matrix",
    ],
)
def test_nothing_runs_and_nothing_breaks(open_page, hostile, path, view):
    page = visit(open_page, hostile, view, path)
    page.wait_for_load_state("networkidle")
    chromium.assert_fits(page)
    assert page.locator("h1").count() == 1
