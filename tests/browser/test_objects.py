"""Objects in a browser: the image with the worst missed object is two clicks away, where these are shown."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from segscore.app.server import Application
from segscore.counts.objects import TARGET
from segscore.evaluation.evaluation import Evaluation
from segscore.scores.object_summary import matched_at
from support import chromium, detections
from support.serving import expect, served, visit


@pytest.fixture(scope="module")
def pets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    with served(detections.workspace_of(tmp_path_factory.mktemp("pets"))) as application:
        yield application


def worst_missed(evaluation: Evaluation) -> str:
    """Return the image with the largest object that is missed."""
    objects = evaluation.shapes.matching.objects
    rows = evaluation.shapes.matching.at(matched_at(evaluation.measures)).missed
    assert (objects.side[rows] == TARGET).all()
    return evaluation.names[objects.image[rows[objects.pixels[rows].argmax()]]]


@pytest.mark.parametrize("view", ["desktop", "phone", "dark"])
@pytest.mark.parametrize("path", ["/runs/r1", "/runs/r1/images?image=3", "/compare?run=r1&run=r2"])
def test_pages_of_objects_are_usable_in_every_view(
    pets: Application, open_page: Callable, view: str, path: str
) -> None:
    chromium.assert_usable(visit(open_page, pets, view, path), view)


def test_the_worst_missed_object_is_two_clicks_from_the_runs(pets: Application, open_page: Callable) -> None:
    name = worst_missed(pets.state.workspace.runs()["r1"].evaluation)
    page = visit(open_page, pets, path="/runs")
    page.locator("#runs-table").get_by_role("link", name="r1", exact=True).click()
    page.locator("#crops .card a").first.click()
    expect(page.locator("main")).to_contain_text("Its objects")
    expect(page.locator(".card .name").first).to_have_text(name)


def test_a_photograph_alone_is_enlarged_without_what_needs_masks(
    pets: Application, open_page: Callable
) -> None:
    page = visit(open_page, pets, path="/runs/r1/images")
    page.locator("#cards .strip").first.click()
    acts = page.locator("#viewer .viewer-head button:visible")
    assert acts.all_inner_texts() == ["←", "→", "−", "+", "Fit", "Keys", "Close"]  # noqa: RUF001 - as on the page


def test_a_report_leads_to_it_in_two_clicks(open_page: Callable, tmp_path: Path) -> None:
    target = detections.targets(40)
    ev = detections.evaluated(tmp_path, target, detections.results(target, 0.6, 1))
    ev.write_report(tmp_path / "report.html")
    page = open_page(tmp_path / "report.html")
    page.locator("#crops").get_by_role("link", name="missed").click()
    page.locator("#crops .card a").first.click()
    expect(page.locator("#behind")).to_be_visible()
    expect(page.locator("#others")).to_contain_text(worst_missed(ev))
    chromium.assert_usable(page, "desktop")
