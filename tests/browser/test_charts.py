"""Charts of single images in a browser: they follow the chosen class, and show the numbers of Python."""

import numpy as np
import pytest

from segscore.base.wording import many
from segscore.scores.sizes import sizes_of
from support.serving import expect


@pytest.fixture(scope="module")
def report(sides, tmp_path_factory):
    """The evaluation of a model version and the file of its report."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    sides[1].write_report(path)
    return sides[1], path


@pytest.fixture
def page(report, open_page):
    return open_page(report[1])


def choose(page, name):
    """Choose a class in the table of classes."""
    page.locator("#class-table .choose").filter(has=page.get_by_text(name, exact=True)).click()


def bins_of(values):
    """Return how many IoU lie in each step of 0.05, by their hundredths as exact decimals."""
    edges = np.arange(0, 100, 5) / 100
    return np.bincount(np.searchsorted(edges, values, side="right") - 1, minlength=20).tolist()


def bars_of(page):
    """Return the numbers of the bars, from the table of them."""
    if not page.locator("#bar-rows").is_visible():
        page.locator("#bars > summary").click()
    page.locator("#bar-rows td").first.wait_for()
    return [int(text.replace(",", "")) for text in page.locator("#bar-rows td").all_inner_texts()]


def test_bars_are_those_of_images_and_of_the_class_that_is_chosen(report, page):
    ev = report[0]
    assert bars_of(page) == bins_of(ev.images.mean_image_iou)
    choose(page, "car")
    one = next(one for one in sizes_of(ev.cells) if ev.classes.names[one.label] == "car")
    assert bars_of(page) == bins_of(one.iou)
    assert page.locator("#bars-of").inner_text() == "images with car by its IoU"
    titles = page.locator("#distribution-chart .column title").all_text_contents()
    assert [int(title.split()[0]) for title in titles] == bins_of(one.iou)
    choose(page, "car")
    assert bars_of(page) == bins_of(ev.images.mean_image_iou)


def test_a_class_is_chosen_everywhere_at_once(report, page):
    choose(page, "car")
    index = str(report[0].classes.names.index("car"))
    for one in ("#threshold-class", "#size-class"):
        assert page.locator(one).input_value() == index
    pressed = page.locator('.choose[aria-pressed="true"]')
    assert pressed.all_inner_texts() == ["car", "car"]
    page.locator("#size-class").select_option(label="road")
    assert pressed.all_inner_texts() == ["road", "road"]
    assert page.locator("#bars-of").inner_text() == "images with road by its IoU"
    page.locator("#threshold-class").select_option(label="all of the mean")
    assert pressed.count() == 0
    page.locator("#class-table .choose").first.press("Enter")
    assert pressed.count() == 2


def test_images_are_ranked_by_the_class_that_is_chosen(report, page):
    ev = report[0]
    choose(page, "car")
    assert page.locator("#picture-ranking option:checked").inner_text() == "IoU of car"
    names = [name for name, _ in ev.worst(8, "iou.car")]
    assert sorted(page.locator("#pictures .card .name").all_inner_texts()) == sorted(names)
    choose(page, "car")
    assert page.locator("#picture-ranking option:checked").inner_text() == "mean image IoU"


def test_points_are_the_images_of_the_class_by_size(report, page):
    ev = report[0]
    choose(page, "car")
    one = next(one for one in sizes_of(ev.cells) if ev.classes.names[one.label] == "car")
    for chart in ("#chart-iou", "#chart-area"):
        path = page.locator(f"{chart} .points").get_attribute("d")
        assert path.count("M") == len(one.image)
    charts, said = page.locator("#size-charts"), page.locator("#size-sentence")
    charts.focus()
    for key, i in (("End", -1), ("Home", 0), ("ArrowRight", 1)):
        charts.press(key)
        pixels = many(int(one.target[i]), "pixel")
        assert said.inner_text() == (
            f"{ev.names[one.image[i]]}: {pixels} of car in the target, {one.pred[i]:,} called so, "
            f"IoU {one.iou[i]:.4f}"
        )
    ring = page.locator("#chart-iou .ring").bounding_box()
    charts.press("End")
    page.mouse.move(ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2)
    assert f"{ev.names[one.image[1]]}: " in said.inner_text()
    small = one.thirds[0]
    expect(page.locator("#size-told")).to_contain_text(
        f"median IoU is {small.median_iou:.4f} in the smallest third of them "
        f"({small.low:,} to {small.high:,} pixels)"
    )


def test_the_weakest_class_is_shown_until_one_is_chosen(report, page):
    ev = report[0]
    weakest = ev.classes.names[int(np.argmin(ev.scores.iou))]
    assert page.locator("#size-class option").first.inner_text() == f"the weakest: {weakest}"
    assert page.locator("#size-told").inner_text().startswith(f"{weakest} is in the targets of ")


@pytest.mark.parametrize(
    ("value", "digits"),
    [(0.03125, 4), (0.09375, 4), (0.5, 0), (1.5, 0), (0.125, 2), (0.375, 2), (2 / 3, 4), (0.00005, 4)],
)
def test_numbers_are_rounded_as_python_does(page, value, digits):
    assert page.evaluate(f"segscore.fixed({value!r}, {digits})") == f"{value:.{digits}f}"
