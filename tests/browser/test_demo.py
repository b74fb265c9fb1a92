"""The workspace of the demo as somebody walks through it who has just been told of segscore."""

import re

import pytest

from segscore.workspace.demo import write_workspaces
from support import chromium
from support.serving import expect, served, visit


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The application on the workspace that the demo has made."""
    made = write_workspaces(tmp_path_factory.mktemp("demo") / "made")
    assert made.instead == ()
    with served(made.workspace) as application:
        yield application


def test_there_is_something_to_show_at_once(demo, open_page):
    page = visit(open_page, demo)
    runs = demo.state.workspace.runs()
    for name in ("net:v1", "net:v2", "organs:v1"):
        expect(page.get_by_role("button", name=f"Evaluate {name}", exact=True)).to_be_visible()

    page.goto(f"{page.url}runs/r2")
    expect(page.locator(".figure.main .big")).to_have_text(f"{runs['r2'].metric('mean_iou'):.4f}")
    expect(page.locator("main")).to_contain_text("The mean of 7 x 7 pixels")
    expect(page.locator("main")).to_contain_text("HD95")
    page.get_by_role("link", name=re.compile("All images")).first.click()
    pictures = page.locator("main img")
    expect(pictures.first).to_be_visible()
    expect(page.locator("main")).to_contain_text("24 images")

    page.goto(page.url.partition("/runs")[0] + "/compare?run=r1&run=r2")
    expect(page.locator("h1")).to_have_text("net:v2 (r2) compared with net:v1 (r1)")
    expect(page.locator("main")).to_contain_text("person")

    page.goto(page.url.partition("/compare")[0] + "/runs/r4")
    expect(page.locator("main")).to_contain_text("liver")
    expect(page.locator("main")).to_contain_text("mm")


def test_a_dataset_of_the_other_workspace_is_in_the_window(demo, open_page):
    page = visit(open_page, demo)
    page.get_by_role("link", name="Evaluate with a new dataset: net:v1").click()
    dialog = page.get_by_role("dialog")
    other = str(demo.state.workspace.datasets["evenings"].workspace)
    dialog.get_by_role("tab", name="Another workspace").click()
    dialog.get_by_role("link", name=other).click()
    part = dialog.get_by_role("tabpanel", name="Another workspace")
    expect(part.get_by_label("Dataset")).to_have_value("evenings")
    part.get_by_role("button", name=re.compile("evaluate", re.IGNORECASE)).click()
    expect(page.locator("#summary-title")).to_have_text("net:v1 on evenings:v1")
    made = demo.state.workspace.runs()[-1]
    assert (made.model, made.dataset) == ("net:v1", "evenings:v1")
    expect(page.locator(".figure.main .big")).to_have_text(f"{made.metric('mean_iou'):.4f}")


@pytest.mark.parametrize("path", ["/", "/runs/r2", "/runs/r4"])
def test_its_pages_are_for_everyone(demo, open_page, path):
    page = visit(open_page, demo, "phone", path)
    chromium.assert_fits(page)
    chromium.assert_accessible(page)
