"""Intervals that come into a page once they are there: nothing that one reads moves, and errors are said."""

from threading import Event

import pytest

from segscore.app import results
from segscore.workspace.runs.intervals import INTERVALS
from support.applications import workspace_of
from support.serving import expect, origin_of, served, visit

PLACES = """() => Array.from(document.querySelectorAll("h1, h2, h3, .figure, tr"), one => {
    const { x, y, width, height } = one.getBoundingClientRect()
    return [x, y + scrollY, width, height].map(Math.round).join(" ")
})"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    made = workspace_of(tmp_path_factory.mktemp("large"), 60)
    for version in ("v1", "v2"):
        made.run(f"net:{version}", "streets", progress=False)
        (made.runs()[-1].folder / INTERVALS).unlink()
    return made


@pytest.fixture(scope="module")
def application(workspace):
    """The application on it, which outlasts each page: a page tells its console if nobody answers."""
    with served(workspace) as running:
        yield running


@pytest.mark.parametrize("path", ["/runs/r1", "/compare?run=r1&run=r2"])
def test_a_page_is_filled_in(application, open_page, monkeypatch, path) -> None:
    monkeypatch.setattr(results, "AT_ONCE", 0)
    allowed = Event()
    for name in ("made_intervals", "compare"):
        real = getattr(results, name)

        def later(*given, real=real, **more):
            assert allowed.wait(60)
            return real(*given, **more)

        monkeypatch.setattr(results, name, later)
    page = visit(open_page, application, "desktop", path)
    expect(page.locator("[data-later=notes]")).to_contain_text("Intervals are being computed")
    page.locator("#scenarios th button", has_text="images").first.click()
    page.locator("#scenarios th button", has_text="images").first.focus()
    before = page.evaluate(PLACES)
    allowed.set()
    expect(page.locator(".waiting")).to_have_count(0)
    expect(page.locator("[data-later=notes]")).not_to_contain_text("being computed")
    assert [place.split()[0::2] for place in page.evaluate(PLACES)] == [
        place.split()[0::2] for place in before
    ]
    assert page.evaluate("document.activeElement.textContent") == "images"
    expect(page.locator("#scenario-table-1 tbody")).to_contain_text(" to ")


def test_what_goes_wrong_is_said_in_place(application, browser, workspace, monkeypatch) -> None:
    monkeypatch.setattr(results, "AT_ONCE", 0)

    def failing(*_: object) -> None:
        raise results.ArgumentError("these cannot be computed", "why")

    monkeypatch.setattr(results, "made_intervals", failing)
    for path in workspace.path.rglob(INTERVALS):
        path.unlink()
    # Its console says that a page could not be had, so that it is not watched.
    with browser.new_context() as context:
        page = context.new_page()
        assert page.request.get(application.address, max_redirects=0).status == 303
        page.goto(f"{origin_of(application)}/runs/r2")
        expect(page.locator("[data-later=notes] .notice.error")).to_have_text(
            "Intervals cannot be shown: these cannot be computed why"
        )
        assert set(page.locator(".waiting .hidden").all_text_contents()) == {"not computed"}
