"""Boundaries and surfaces in the application: asked for in a form, and shown as Python has them."""

import pytest

from segscore import evaluate
from support import chromium
from support.serving import expect, visit

FORM = "/evaluate/new?model=net:v2"


@pytest.mark.parametrize("path", [FORM, "/datasets/new?model=net:v2"])
@pytest.mark.parametrize("view", ["desktop", "phone", "dark"])
def test_the_forms_are_usable_in_every_view(computed, open_page, view, path):
    chromium.assert_usable(visit(open_page, computed, view, path), view)


def test_the_panel_of_a_run_shows_what_python_measures(filled, open_page):
    page = visit(open_page, filled)
    page.get_by_role("link", name="Measure boundaries and surfaces, too: net:v2").click()
    page.get_by_label("Dataset").select_option("streets:v1")
    page.get_by_label("Bands along boundaries").fill("2%")
    page.get_by_label("Distances between surfaces").check()
    page.get_by_role("button", name="Evaluate", exact=True).click()
    expect(page.locator("h1")).to_have_text("Evaluation results")
    expect(page.locator("#state")).to_contain_text(
        "run r1, with bands of 2 % of the diagonal and distances of surfaces (voxels)."
    )
    expect(page.locator("#shape-table")).to_be_visible()

    folder = filled.state.workspace.path
    expected = evaluate(
        pred=folder / "better",
        target=folder / "targets",
        classes=folder / "classes.toml",
        boundary=0.02,
        distances=True,
        progress=False,
    )
    titles = page.locator("#shape-table thead th").all_inner_texts()
    cells = page.locator("#shape-table tbody tr", has_text="sky").locator("th, td").all_inner_texts()
    shown = {title.strip(): cell.strip() for title, cell in zip(titles, cells, strict=True)}
    assert shown["boundary IoU"] == f"{expected.boundary.iou['sky']:.4f}"
    assert shown["surface Dice at 2 px"] == f"{expected.surface.dice(2)['sky']:.4f}"
    assert shown["HD95 px"] == f"{expected.surface.images.hausdorff(95)[:, 1].mean():.2f}"
    main = page.locator("main")
    expect(main).to_contain_text("measures bands of 2 % of the diagonal and distances of surfaces (voxels)")
    expect(main).to_contain_text(f"{expected.surface.mean_hausdorff(95).value:.2f}")
    chromium.assert_usable(page, "desktop")
    page.get_by_role("link", name="Runs").first.click()
    expect(page.locator("#runs-table")).to_contain_text("bands and surfaces")
