"""The page of a comparison in a browser: the numbers of Python, and answers to pointer and keyboard."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from segscore import Classes, Comparison, Evaluator, compare, evaluate
from segscore.base.wording import visible
from segscore.results.compared_text import verdict
from support import chromium
from support.applications import until
from support.hostile_names import HOSTILE_NAMES


class Made(NamedTuple):
    """A comparison and the file of its page."""

    found: Comparison
    path: Path


@pytest.fixture(scope="module")
def made(masks, tmp_path_factory):
    """The page of two model versions."""
    folder = tmp_path_factory.mktemp("comparison")
    sides = [
        evaluate(pred=masks.folder / f"pred-{v}", target=masks.target, classes=masks.classes, progress=False)
        for v in ("v1", "v2")
    ]
    found = compare(*sides, labels=("v1", "v2"))
    half = found.names[len(found.names) // 2]
    # The targets stand for photographs: what they show does not matter here.
    found.write_report(
        folder / "comparison.html",
        images=masks.target,
        attributes={"half": lambda name: "first" if name < half else "second"},
    )
    return Made(found, folder / "comparison.html")


@pytest.fixture
def page(made, open_page):
    return open_page(made.path)


def test_it_is_usable_in_every_view(made, open_page, view):
    page = open_page(made.path, view)
    chromium.assert_fits(page)
    chromium.assert_accessible(page)
    for folded in page.locator("details > summary").all() if view != "print" else []:
        folded.click()
    chromium.assert_fits(page)
    chromium.assert_accessible(page)


def test_it_can_be_read_without_scripts(made, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(made.path.as_uri())
    assert page.locator("#count-better").inner_text() == f"{len(made.found.better):,}"
    assert page.locator("#class-table tbody tr").count() == len(made.found.evaluations[0].classes)
    assert not page.locator("#image-charts").is_visible()
    assert page.locator("#pictures .strip").first.is_visible()
    context.close()


def test_the_sentence_and_the_numbers_are_those_of_python(made, page):
    assert page.locator(".verdict").inner_text() == verdict(made.found).replace("`", "") + "."
    for row in page.locator("#headline-table tbody tr").all():
        name = row.locator("th").inner_text()
        if name == "mean IoU":
            one = made.found["mean_iou"]
            cells = row.locator("td").all_inner_texts()
            assert cells[:3] == [f"{one.a:.4f}", f"{one.b:.4f}", f"{one.difference:+.4f}"]
            break
    else:
        pytest.fail("no mean IoU")


def test_classes_are_sorted_and_filtered(made, page):
    def names():
        return page.locator("#class-table tbody tr:visible th .name").all_inner_texts()

    known = made.found.classes
    gained = [one.name[4:] for one in sorted(known, key=lambda one: -one.difference)]
    assert names()[: len(known)] == gained
    page.locator("#class-table th button", has_text="difference").click()
    assert names()[: len(known)] == gained[::-1]
    page.locator("#class-table th button", has_text="class").focus()
    page.keyboard.press("Enter")
    assert names() == sorted(names(), key=str.lower)
    page.locator("[data-filter]").fill(gained[0])
    assert gained[0] in names()
    assert all(gained[0] in name for name in names())


def test_the_charts_answer_to_pointer_and_keyboard(made, page):
    said = page.locator("#image-sentence")
    best = made.found.better[0]
    page.locator("#image-charts").focus()
    page.keyboard.press("Home")
    expected = f"{visible(best.name)}: mean IoU {best.a:.3f} under v1, {best.b:.3f} under v2"
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


@pytest.mark.parametrize("view", ["desktop", "phone"])
def test_hostile_names_are_shown_and_nothing_runs(open_page, view, tmp_path):
    names = list(HOSTILE_NAMES.values())
    random, sides = np.random.default_rng(0), []
    for share in (0.3, 0.2):
        judge = Evaluator(Classes(names))
        for i, name in enumerate(names):
            target = np.random.default_rng(i).integers(len(names), size=600)
            judge.add(pred=np.where(random.random(600) < share, 0, target), target=target, name=name)
        sides.append(judge.result())
    found = compare(*sides, labels=(names[0], names[3]), resamples=99)
    groups = {name: names[i % 7] for i, name in enumerate(names)}
    found.write_report(tmp_path / "c.html", attributes={names[5]: groups})
    page = open_page(tmp_path / "c.html", view)
    chromium.assert_fits(page)
    page.locator("#image-charts").focus()
    page.keyboard.press("Home")
    assert page.locator("#image-sentence").inner_text() != ""
    for index in range(5):
        page.locator("#picture-ranking").select_option(index=index)
    shown = page.locator("#class-table tbody th").evaluate_all("cells => cells.map(c => c.dataset.value)")
    assert sorted(shown) == sorted(visible(name) for name in names)
    chromium.assert_accessible(page)
