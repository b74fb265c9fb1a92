"""Slices of volumes in a browser: moved with the keyboard, enlarged, still without scripts and on paper."""

import numpy as np
import pytest

from segscore import compare, evaluate
from support import chromium
from support.serving import expect
from support.volumes import nifti

SHAPE = (12, 20, 16)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A report of two volumes, and a comparison of two models."""
    folder = tmp_path_factory.mktemp("volumes")
    random = np.random.default_rng(0)
    for name in "ab":
        target = random.integers(0, 3, SHAPE).astype(np.uint8)
        nifti(folder / "target" / f"{name}.nii", target)
        for side, share in (("v1", 0.4), ("v2", 0.2)):
            pred = np.where(random.random(SHAPE) < share, 0, target)
            if side == "v1":
                pred[5] = 0  # the slice with most errors
            nifti(folder / side / f"{name}.nii", pred.astype(np.uint8))
    sides = [
        evaluate(pred=folder / side, target=folder / "target", classes=3, dims=3, progress=False)
        for side in ("v1", "v2")
    ]
    sides[0].write_report(folder / "report.html")
    compare(*sides, labels=("v1", "v2")).write_report(folder / "comparison.html")
    return folder


def test_slices_are_usable_in_every_view(pages, open_page, view):
    page = open_page(pages / "report.html", view)
    chromium.assert_usable(page, view)
    sliders = page.locator("#cards .slide input")
    assert sliders.count() == 6
    assert page.locator("#cards .slice").first.is_visible()
    assert sliders.first.is_visible() == (view != "print")  # on paper, nothing could be moved


def test_slices_of_two_models_are_usable(pages, open_page):
    page = open_page(pages / "comparison.html", "phone")
    chromium.assert_usable(page, "phone")
    assert page.locator("#cards .slide input").count() == 6


def shown(page):
    """Return what the first slices of the first volume are said to be, and their pictures."""
    slices = page.locator("#cards .slices").first
    sources = slices.locator("img").evaluate_all("images => images.map((image) => image.src)")
    return slices.locator(".slice").inner_text(), sources


def test_the_keyboard_moves_slices(pages, open_page):
    page = open_page(pages / "report.html")
    slider = page.locator("#cards .slide input").first
    expect(slider).to_have_accessible_name("Slices of a along the first axis (sagittal)")
    said, sources = shown(page)
    assert said.startswith("Slice 6 of 12 ")
    assert slider.get_attribute("aria-valuetext") == said
    slider.focus()
    page.keyboard.press("Home")
    assert shown(page)[0].startswith("Slice 1 of 12 along the first axis (sagittal), 0.8 mm apart: ")
    first = shown(page)[1]
    page.keyboard.press("ArrowRight")
    now, second = shown(page)
    assert now.startswith("Slice 2 of 12 ")
    assert slider.get_attribute("aria-valuetext") == now
    assert not set(first) & set(second)
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    assert shown(page) == (said, sources)


def test_an_enlarged_slice_is_moved_and_stays_enlarged(pages, open_page):
    page = open_page(pages / "report.html")
    page.locator("#cards .strip").first.click()
    slider = page.locator("#viewer-slices input")
    expect(slider).to_be_visible()
    page.keyboard.press("+")
    zoom = "panes => panes.style.getPropertyValue('--zoom')"
    panes = page.locator("#viewer-panes")
    images = panes.locator("img")
    before = images.first.get_attribute("src")
    page.keyboard.press("PageUp")
    said, sources = shown(page)
    assert said.startswith("Slice 7 of 12 ")
    expect(page.locator("#viewer-said")).to_have_text(said)
    assert said in page.locator("#viewer-scores").inner_text()
    assert [image.get_attribute("src") for image in images.all()] == sources
    assert before not in sources
    assert panes.evaluate(zoom) == "1.5"
    expect(panes.locator(".painted")).to_have_count(3)
    assert page.locator("#viewer-columns").inner_text() == "IoU, voxels of the target; of the whole volume"
    page.locator("#viewer .only", has_text="0").click()
    missed = page.locator("#viewer-split p").first.inner_text()
    assert missed == "Missed 0 voxels, 0.00% of its target"  # there is nothing but 0 in its place
    page.keyboard.press("a")
    chromium.assert_accessible(page)
    slider.focus()
    page.keyboard.press("PageDown")
    assert shown(page)[0].startswith("Slice 6 of 12 ")
    page.keyboard.press("ArrowUp")
    assert shown(page)[0].startswith("Slice 7 of 12 ")
    page.keyboard.press("Home")
    assert "Slice 1 of 12 along the first axis" in page.locator("#viewer-scores").inner_text()
    assert slider.get_attribute("aria-valuetext") == shown(page)[0]
    # Another axis begins where its own slider is, as enlarged as this one.
    page.get_by_role("button", name="Next image").click()
    assert "of 20 along the second axis" in page.locator("#viewer-scores").inner_text()
    assert panes.evaluate(zoom) == "1.5"
    assert page.locator("#viewer-place").inner_text() == "1 of 2 images"
    page.keyboard.press("Escape")
    expect(page.locator("#cards .strip").nth(1)).to_be_focused()


def test_without_scripts_a_still_picture_is_shown(browser, pages):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((pages / "report.html").as_uri())
    assert not page.locator("#cards .slide").first.is_visible()
    image = page.locator("#cards .slices img").first.bounding_box()
    # 20 x 16 voxels of 0.8 x 3 mm.
    assert image["height"] / image["width"] == pytest.approx(48 / 16, rel=0.05)
    assert page.locator("#cards .slice").first.is_visible()
    context.close()
