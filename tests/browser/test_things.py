"""Pages of models and datasets, tags, and more than two runs compared, in a browser."""

import re

import pytest

from segscore import SegscoreWarning
from segscore.workspace import compare_runs
from support import chromium
from support.applications import add_dataset, until, workspace_of
from support.serving import expect, served, visit

PAGES = {
    "model": "/model?name=net",
    "version": "/model?name=net:v2&metric=iou.sky",
    "dataset": "/dataset?name=streets:v2&audit=1",
    "several": "/compare?run=r1&run=r2&run=r3",
    "runs": "/runs?tag=baseline",
    "failed": "/runs/r5/images?failed=1",
}


@pytest.fixture(scope="module")
def things(tmp_path_factory):
    """Three versions of a model on two versions of a dataset, of which one failed on some images."""
    folder = tmp_path_factory.mktemp("things")
    workspace = workspace_of(folder, images=30)
    add_dataset(workspace, groups=None)
    workspace.models.add("net", predictions=folder / "targets", trained_on="streets:v1")
    for version in ("v1", "v2"):
        workspace.run(f"net:{version}", "streets:v1", progress=False)
    with pytest.warns(SegscoreWarning, match="was trained on"):
        workspace.run("net:v3", "streets:v1", progress=False)
    workspace.run("net:v2", "streets:v2", progress=False)
    for i in range(3):
        (folder / "worse" / f"sun_00{2 * i}.png").write_bytes(b"no picture")
    workspace.models.add("broken", predictions=folder / "worse")
    workspace.run("broken", "streets:v2", progress=False)
    workspace.tag("r1", "baseline", "a longer tag with <b>markup</b> in it")
    with served(workspace) as application:
        yield application


@pytest.mark.parametrize("name", PAGES)
def test_pages_fit_and_are_accessible(open_page, things, name, view):
    page = visit(open_page, things, view, PAGES[name])
    chromium.assert_fits(page)
    if view in ("desktop", "dark") or (view == "phone" and name in ("model", "several")):
        chromium.assert_accessible(page)


@pytest.mark.parametrize("path", ["/runs/r1", "/compare?run=r1&run=r2"])
def test_facts_are_lines_as_wide_as_their_column(open_page, things, path):
    page = visit(open_page, things, "phone", path)
    lines = page.locator("ul.facts li")
    assert lines.count() >= 2
    widths = lines.evaluate_all("all => all.map((one) => one.offsetWidth / one.parentElement.offsetWidth)")
    assert set(widths) == {1}


def test_names_of_images_that_begin_alike_can_be_told_apart_on_a_phone(open_page, things):
    page = visit(open_page, things, "phone", "/runs/r1/images?view=table")
    name = page.locator("table.images .name").first
    name.evaluate("name => { name.textContent = 'Seq05VD_'.repeat(8) + '1' }")
    assert name.evaluate("name => name.scrollWidth <= name.offsetWidth")
    assert name.evaluate("name => name.offsetHeight") > 40
    chromium.assert_fits(page)


def test_the_line_over_versions_leads_to_runs_and_shows_any_metric(open_page, things):
    runs = things.state.workspace.runs()
    page = visit(open_page, things, path="/model?name=net")
    assert page.locator("#trend .plot .point").count() == 4
    page.get_by_label("Metric").select_option("iou.sky")
    page.get_by_role("button", name="Show").click()
    trend = runs.trend("net", "iou.sky")
    rows = page.locator("#trend-table tbody tr")
    expect(rows).to_have_count(3)
    for i, point in enumerate(reversed(trend.points("streets:v1"))):
        expect(rows.nth(i)).to_contain_text(f"{point.value:.4f}")
        if i < 2:
            expect(rows.nth(i)).to_contain_text(f"{point.change:+.4f}")
    # The higher a value, the nearer its point is to the top.
    points = [page.locator(f'#trend .plot a[href="/runs/{run}"] .point') for run in ("r1", "r2", "r3")]
    boxes = [point.bounding_box() for point in points]
    values = [runs[run].metric("iou.sky") for run in ("r1", "r2", "r3")]
    assert values == sorted(values)
    assert boxes[0]["y"] > boxes[1]["y"] > boxes[2]["y"]
    assert boxes[0]["x"] < boxes[1]["x"] < boxes[2]["x"]
    points[1].click()
    expect(page).to_have_url(re.compile(r"/runs/r2$"))
    page.get_by_role("link", name="net:v2", exact=True).first.click()
    expect(page.locator("h1")).to_have_text("net:v2")


def test_a_dataset_shows_its_pictures_shares_and_who_was_evaluated(open_page, things):
    workspace = things.state.workspace
    page = visit(open_page, things, path="/dataset?name=streets:v1")
    truth = workspace.datasets["streets:v1"].truth
    cells = page.locator("#share-table tbody tr").nth(0).locator("td")
    expect(cells.nth(1)).to_have_text(f"{truth.class_pixels[0]:,}")
    expect(page.locator("#ranked-table tbody tr").nth(0)).to_contain_text("net:v2")
    picture = page.locator('#pictures img[data-part="target"]').first
    picture.scroll_into_view_if_needed()
    until(lambda: picture.evaluate("image => image.naturalWidth") == 30)
    page.locator("#pictures .strip").first.click()
    expect(page.locator("#viewer")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Look at all 30 targets now").click()
    expect(page.locator("#audit")).to_contain_text("All files are as they were when this version was added.")
    page.get_by_role("button", name="Show").last.click()
    expect(page.locator("#differences")).to_contain_text("30 images in another group")


def test_filters_of_images_are_folded_on_a_phone_alone(open_page, things):
    chosen = visit(open_page, things, "phone", "/runs/r2/images").get_by_label("Target", exact=True)
    expect(chosen).not_to_be_visible()
    chosen.page.locator("summary", has_text="Filters").click()
    expect(chosen).to_be_visible()
    expect(
        visit(open_page, things, "phone", "/runs/r2/images?target=0").get_by_label("Target", exact=True)
    ).to_be_visible()
    page = visit(open_page, things, path="/runs/r2/images")
    expect(page.get_by_label("Target", exact=True)).to_be_visible()
    expect(page.locator("summary", has_text="Filters")).not_to_be_visible()


@pytest.mark.parametrize(
    ("path", "label", "button", "right", "wrong"),
    [
        ("/runs/r2", "Tags for r2, with commas between", "Add", "a" * 50 + ", b", "a" * 51),
        ("/runs/r2/images", "Score from", "Show", "-1.5e-3", "half"),
        ("/runs/r2/images", "below", "Show", "inf", "0,5"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(open_page, things, path, label, button, right, wrong):
    page = visit(open_page, things, path=path)
    if label.startswith("Tags"):
        page.locator("summary", has_text="Note, tags, remove").click()
    field = page.get_by_label(label, exact=True).locator("visible=true")
    field.fill(right)
    assert field.evaluate("field => field.validity.valid")
    field.fill(wrong)
    before = page.url
    field.locator("xpath=ancestor::form").get_by_role("button", name=button, exact=True).click()
    assert field.evaluate("field => field.validity.patternMismatch")
    assert page.url == before


def test_tags_are_added_and_removed_and_several_runs_are_compared(open_page, things):
    workspace = things.state.workspace
    page = visit(open_page, things, path="/runs")
    page.get_by_label("More about r2").click()
    page.get_by_label("Tags for r2").fill("paper, second")
    page.get_by_role("button", name="Add").locator("visible=true").click()
    expect(page.get_by_role("row", name=re.compile("^r2"))).to_contain_text("paper")
    assert workspace.runs()["r2"].tags == ("paper", "second")
    page.get_by_label("More about r2").click()
    page.get_by_role("button", name="Remove tag second from r2").click()
    expect(page.locator(".tags-of-all")).not_to_contain_text("second")
    page.locator(".tags-of-all").get_by_role("link", name=re.compile("^paper")).click()
    expect(page.locator("#runs-table tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Show all runs").click()
    for run in ("r3", "r2", "r1"):
        page.get_by_label(re.compile(f"Compare {run}:")).check()
    page.get_by_role("button", name="Compare the chosen").click()
    expect(page).to_have_url(re.compile(r"/compare\?run=r1&run=r2&run=r3$"))
    found = compare_runs([workspace.runs()[run] for run in ("r1", "r2", "r3")])
    rows = page.locator("#several-table tbody tr")
    expect(rows).to_have_count(len(found.metrics))
    for i, row in enumerate(found.metrics):
        expect(rows.nth(i).locator("td").nth(1)).to_contain_text(f"{row.values[1]:.4f}")
        expect(rows.nth(i).locator("td").nth(1)).to_contain_text(f"{row.deltas[1]:+.4f}")
    page.get_by_role("link", name="r1 to r3").click()
    expect(page.locator("h1")).to_contain_text("net:v3 (r3) compared with net:v1 (r1)")
