"""The report in a browser: every panel shows the numbers of Python, and answers to pointer and keyboard."""

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from segscore import Evaluation
from segscore.scores.summary import class_rows
from segscore.text.numbers import percent
from support import chromium
from support.large import made_up
from support.serving import expect


class Made(NamedTuple):
    """An evaluation and the file of its report."""

    ev: Evaluation
    path: Path


@pytest.fixture(scope="module")
def report(sides, shown, tmp_path_factory):
    """The report of a model version; that of another one is made alike."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    sides[1].write_report(path, **shown)
    return Made(sides[1], path)


@pytest.fixture
def page(report, open_page):
    return open_page(report.path)


def names_of(page):
    """Return the names of the classes that are shown."""
    return page.locator("#class-table tbody tr:visible th .name").all_inner_texts()


def test_it_is_usable_in_every_view(report, open_page, view):
    page = open_page(report.path, view)
    chromium.assert_usable(page, view)


def test_the_whole_is_that_of_python(report, page):
    shown = page.locator(".figure .big").all_inner_texts()
    scores = report.ev.scores
    values = (scores.mean_iou, scores.mean_dice, scores.mean_accuracy, scores.pixel_accuracy)
    assert shown == [f"{value:.4f}" for value in values]
    interval = report.ev.confidence_interval()
    assert interval.reason is None
    assert f"{interval.low:.4f} to {interval.high:.4f}" in page.locator(".figure").first.inner_text()


def test_classes_are_sorted_and_filtered(report, page):
    ev, heading = report.ev, page.locator("#class-table thead th", has_text="IoU").first
    names = np.array(ev.classes.names)
    assert names_of(page) == list(names)
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    assert names_of(page) == list(names[np.argsort(ev.scores.iou, kind="stable")])
    heading.get_by_role("button").press("Enter")
    assert heading.get_attribute("aria-sort") == "descending"
    assert names_of(page)[0] == names[np.argmax(ev.scores.iou)]
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") is None
    assert names_of(page) == list(names)
    page.get_by_label("Filter").fill("  CAR ")
    assert names_of(page) == [name for name in names if "car" in name]
    assert page.locator("[data-filter-count]").inner_text() == f"1 of {len(names)}"
    page.get_by_label("Filter").fill("")
    rows, _ = class_rows(ev.scores, limit=None)
    cells = page.locator("#class-table tbody tr").first.locator("td").all_inner_texts()
    assert {text.strip() for text in cells} >= set(rows[0][1:])


def said_of(ev, row, column):
    """Return the sentence of a cell as a share of its row, from the counts."""
    pixels, whole = int(ev.confusion.counts[row, column]), int(ev.scores.target[row])
    share = percent(pixels, whole)
    right = ", which is right" if row == column else ""
    names = ev.classes.names
    return f"{share} of {names[row]} pixels were called {names[column]}{right} ({pixels:,} of {whole:,})."


def test_the_matrix_says_the_cell_under_keyboard_and_pointer(report, page):
    ev, matrix, said = report.ev, page.locator("#matrix"), page.locator("#matrix-sentence")
    matrix.focus()
    assert said.inner_text() == said_of(ev, 0, 0)
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowUp"):
        matrix.press(key)
    assert said.inner_text() == said_of(ev, 0, 2)
    for key in ("PageDown", "Home"):
        matrix.press(key)
    assert said.inner_text() == said_of(ev, len(ev.classes) - 1, 0)
    matrix.press("End")
    assert said.inner_text().startswith(f"0.00% of {ev.classes.names[-1]} pixels were called no class")
    mark = page.locator("#matrix .mark").bounding_box()
    matrix.press("Home")
    matrix.press("PageUp")
    page.mouse.move(mark["x"] - mark["width"] / 2, mark["y"] + mark["height"] / 2)  # the cell beside it
    last = len(ev.classes) - 1
    assert said.inner_text() == said_of(ev, last, last)
    page.get_by_label("share of the prediction (columns)").check()
    pixels, whole = int(ev.confusion.counts[last, last]), int(ev.scores.pred[last])
    matrix.press("ArrowUp")
    matrix.press("ArrowDown")
    name = ev.classes.names[last]
    assert said.inner_text() == (
        f"{percent(pixels, whole)} of the pixels called {name} are {name}, which is right "
        f"({pixels:,} of {whole:,})."
    )
    page.get_by_label("pixels", exact=True).check()
    matrix.press("ArrowUp")
    matrix.press("ArrowDown")
    assert said.inner_text() == f"{pixels:,} pixels of {name} were called {name}, which is right."


@pytest.mark.parametrize("threshold", [0, 0.37, 0.5, 0.9, 1])
def test_the_slider_counts_what_is_correct(report, page, threshold):
    correct = report.ev.correct_at(threshold)
    page.get_by_label("Threshold of IoU").fill(str(round(threshold * 100)))
    assert page.locator("#threshold-value").inner_text() == f"{threshold:.2f}"
    assert page.locator("#images-share").inner_text() == f"{correct.images:,}"
    share = percent(correct.images, correct.of_images)
    assert page.locator("#images-of").inner_text() == f"of {correct.of_images:,} images are correct ({share})"
    share = percent(correct.cells, correct.of_cells)
    assert page.locator("#cells-share").inner_text() == f"{correct.cells:,}"
    assert (
        page.locator("#cells-of").inner_text()
        == f"of {correct.of_cells:,} classes in images are correct ({share})"
    )
    page.get_by_label("Classes in images", exact=True).select_option(label="car")
    i = report.ev.classes.names.index("car")
    assert page.locator("#cells-share").inner_text() == f"{correct.class_cells[i]:,}"


def ranking(page):
    """Return names and scores of the images that are listed, in the order of their ranks."""
    listed = [
        [card.locator(one).inner_text() for one in (".rank", ".name", ".score")]
        for card in page.locator("#pictures .card").all()
    ]
    listed.sort(key=lambda card: int(card[0].removesuffix(".")))
    assert [rank for rank, _, _ in listed] == [f"{i + 1}." for i in range(len(listed))]
    return tuple((name, re.search(r"\d\.\d{4}.*", score)[0]) for _, name, score in listed)


def formatted(ranked):
    said = {True: "", False: ", not in this target"}
    return tuple((image[0], f"{image[1]:.4f}{said[image.in_target]}") for image in ranked)


def test_images_are_ranked_overall_and_by_class(report, page):
    ev = report.ev
    assert ranking(page) == formatted(ev.worst(8))
    page.get_by_label("best", exact=True).check()
    assert ranking(page) == formatted(ev.best(8))
    page.get_by_label("by", exact=True).select_option(label="IoU of car")
    assert ranking(page) == formatted(ev.best(8, "iou.car"))
    page.get_by_label("worst", exact=True).check()
    assert ranking(page) == formatted(ev.worst(8, "iou.car"))


def test_images_without_pictures_are_lines_below_the_others(report, page):
    limit = page.locator("#picture-limit")
    for way in ("worst", "best"):
        page.get_by_label(way, exact=True).check()
        for index in range(page.locator("#picture-ranking option").count()):
            page.locator("#picture-ranking").select_option(index=index)
            assert page.locator("#cards .card").count() == page.locator("#cards .strip").count()
            assert page.locator("#others .strip").count() == 0
            assert limit.is_visible() is (page.locator("#others .card").count() > 0)
    page.get_by_label("by", exact=True).select_option(label="IoU of bicyclist")
    page.get_by_label("best", exact=True).check()
    assert page.locator("#others .card").count() > 0
    assert "pictures of 24 images" in limit.inner_text()
    heights = [card.bounding_box()["height"] for card in page.locator("#others .card").all()]
    assert max(heights) < 40
    shown, listed = (page.locator(one).bounding_box() for one in ("#cards", "#others"))
    assert shown["y"] + shown["height"] < listed["y"]


def test_an_image_is_enlarged_moved_and_left_by_keys(report, page):
    first = page.locator(".strip").first
    first.press("Enter")
    viewer = page.get_by_role("dialog")
    assert viewer.locator("#viewer-title").inner_text() == report.ev.worst(1)[0][0]
    assert viewer.locator("figcaption").all_inner_texts() == ["Image", "Target", "Prediction", "Errors"]
    picture = viewer.locator("img").nth(1)
    width = picture.bounding_box()["width"]
    page.keyboard.press("+")
    assert picture.bounding_box()["width"] == pytest.approx(1.5 * width, rel=0.01)
    page.keyboard.press("0")
    assert picture.bounding_box()["width"] == pytest.approx(width, rel=0.01)
    page.keyboard.press("ArrowRight")
    assert viewer.locator("#viewer-title").inner_text() == report.ev.worst(2)[1][0]
    viewer.locator(".view").nth(1).hover()
    classes = "|".join([*report.ev.classes.names, "ignored", "no class"])
    expect(page.locator("#viewer-said")).to_have_text(
        re.compile(f"^Target: ({classes}) · Prediction: ({classes})$")
    )
    chromium.assert_accessible(page)
    page.keyboard.press("Escape")
    assert not viewer.is_visible()
    assert page.evaluate("document.activeElement.classList.contains('strip')")


def test_the_theme_is_switched(page):
    def ground():
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    light = ground()
    page.get_by_role("button", name="Switch to the dark theme").click()
    assert ground() != light
    chromium.assert_accessible(page)
    page.get_by_role("button", name="Switch to the light theme").click()
    assert ground() == light


def test_keyboards_reach_the_results_past_the_head(page):
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the results"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    path = tmp_path_factory.mktemp("large") / "report.html"
    made_up(10_000, 150, 60).write_report(path)
    return path


@pytest.mark.parametrize("view", ["desktop", "phone"])
def test_ten_thousand_images_of_150_classes_open(large, open_page, view):
    page = open_page(large, view)
    page.locator("#matrix path").first.wait_for()
    chromium.assert_fits(page)
    matrix, said = page.locator("#matrix"), page.locator("#matrix-sentence")
    page.get_by_label("all 150").check()
    matrix.focus()
    for key in ("PageDown", "End", "ArrowLeft"):
        matrix.press(key)
    assert " of class 149 pixels were called class 149, which is right" in said.inner_text()
    mark = page.locator("#matrix .mark").bounding_box()
    assert 0 <= mark["x"] <= page.viewport_size["width"] - mark["width"]


@pytest.mark.parametrize("classes", [2, 19, 171])
def test_matrices_of_any_size_fit(open_page, tmp_path, classes):
    made_up(30, classes, 60).write_report(tmp_path / "report.html")
    page = open_page(tmp_path / "report.html")
    box, picture = (page.locator(one).bounding_box() for one in ("#matrix", "#matrix svg"))
    assert 100 < picture["width"] <= box["width"]
