"""The page of a comparison in a browser: the numbers of Python, and answers to pointer and keyboard."""

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from segscore import Comparison, compare
from segscore.base.wording import visible
from segscore.results.compared_text import verdict
from support import chromium
from support.applications import until


class Made(NamedTuple):
    """A comparison and the file of its page."""

    found: Comparison
    path: Path


@pytest.fixture(scope="module")
def made(sides, shown, tmp_path_factory):
    """The page of two model versions."""
    path = tmp_path_factory.mktemp("comparison") / "comparison.html"
    found = compare(*sides, labels=("v1", "v2"))
    found.write_report(path, **shown)
    return Made(found, path)


@pytest.fixture
def page(made, open_page):
    return open_page(made.path)


def test_it_is_usable_in_every_view(made, open_page, view):
    page = open_page(made.path, view)
    chromium.assert_usable(page, view)


def test_the_sentence_and_the_numbers_are_those_of_python(made, page):
    assert page.locator(".verdict").inner_text() == verdict(made.found).replace("`", "") + "."
    one = made.found["mean_iou"]
    cells = page.get_by_role("row", name=re.compile("^mean IoU")).first.locator("td").all_inner_texts()
    assert cells[:3] == [f"{one.a:.4f}", f"{one.b:.4f}", f"{one.difference:+.4f}"]


def test_it_can_be_read_without_scripts(made, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(made.path.as_uri())
    assert page.locator("#count-better").inner_text() == f"{len(made.found.better):,}"
    assert page.locator("#class-table tbody tr").count() == len(made.found.evaluations[0].classes)
    assert not page.locator("#image-charts").is_visible()
    assert page.locator("#pictures .strip").first.is_visible()
    context.close()


def test_classes_are_sorted_by_what_they_gained(made, page):
    known = made.found.classes
    gained = [one.name[4:] for one in sorted(known, key=lambda one: -one.difference)]
    names = page.locator("#class-table tbody tr:visible th .name")
    assert names.all_inner_texts()[: len(known)] == gained
    page.locator("#class-table th button", has_text="difference").click()
    assert names.all_inner_texts()[: len(known)] == gained[::-1]


def test_the_charts_answer_to_pointer_and_keyboard(made, page):
    said = page.locator("#image-sentence")
    best = made.found.better[0]
    page.locator("#image-charts").focus()
    page.keyboard.press("Home")
    expected = f"{visible(best.name)}: mean image IoU {best.a:.3f} under v1, {best.b:.3f} under v2"
    assert said.inner_text().startswith(expected)
    assert page.locator(".ring:visible").count() == 2
    page.keyboard.press("End")
    last = said.inner_text()
    count = int(np.count_nonzero(~np.isnan(made.found.b - made.found.a)))
    assert last.endswith(f"{count:,} of {count:,}")
    page.locator("#chart-rank svg").hover(position={"x": 48, "y": 60})
    assert said.inner_text().startswith(expected)
    rings = page.locator("#chart-both .ring")
    x, y = (float(rings.get_attribute(name)) for name in ("cx", "cy"))
    page.keyboard.press("End")
    page.locator("#chart-both svg").hover(position={"x": x, "y": y})
    assert said.inner_text().startswith(expected)


def test_images_are_ranked_both_ways_and_by_class(made, page):
    def cards():
        return page.locator("#cards .card:visible .card-title .name").all_inner_texts()

    page.get_by_label("gained most").check()
    assert cards() == [visible(one.name) for one in made.found.better[:8]]
    page.get_by_label("lost most").check()
    assert cards() == [visible(one.name) for one in made.found.worse[:8]]
    page.get_by_label("gained most").check()
    one, two = (
        side.images.iou[[side.names.index(name) for name in made.found.names]]
        for side in made.found.evaluations
    )
    title = page.locator("#picture-ranking option").nth(1).inner_text()
    page.locator("#picture-ranking").select_option(label=title)
    i = made.found.evaluations[0].classes.names.index(title.removeprefix("IoU of "))
    gain = np.nan_to_num((two - one)[:, i])
    assert cards()[0] == made.found.names[int(np.argmax(gain))]


def test_an_image_is_enlarged_with_both_predictions(made, page):
    page.get_by_label("gained most").check()
    strip = page.locator(".strip").first
    strip.focus()
    page.keyboard.press("Enter")
    viewer = page.locator("#viewer")
    assert viewer.locator("figcaption").all_inner_texts() == ["Image", "Target", "v1", "v2", "Change"]
    until(lambda: page.evaluate("document.querySelectorAll('#viewer img')[3].complete"))
    box = viewer.locator(".view").nth(3).bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_timeout(100)
    page.mouse.move(box["x"] + box["width"] / 2 + 2, box["y"] + box["height"] / 2)
    said = page.locator("#viewer-said").inner_text()
    assert {part.split(": ")[0] for part in said.split(" · ")} == {"Target", "v1", "v2"}
    page.keyboard.press("Escape")
    assert not viewer.is_visible()
    assert strip.evaluate("element => element === document.activeElement")
