"""Scripts of panels: large inputs, and a panel that fails while all others work."""

import numpy as np
import pytest

from segscore import Classes, compare
from segscore.counts.table import Table
from segscore.evaluation.evaluation import Evaluation
from support import chromium
from support.serving import expect

DENSE = 400
"""Most classes that the heat map is drawn for."""


def dense(classes, images=2):
    """Return an evaluation in which every class is called every other one."""
    target, pred = (part.ravel() for part in np.indices((classes, classes)))
    pixels = np.where(target == pred, 5_000, 1 + (target + pred) % 50)
    table = Table(
        np.arange(images + 1) * len(target), *(np.tile(one, images) for one in (target, pred, pixels))
    )
    names = tuple(f"frame_{i}" for i in range(images))
    return Evaluation(Classes([f"class {i}" for i in range(classes)]), names, table)


def many(images, seed):
    """Return an evaluation of images of two classes, each with a score of its own."""
    wrong = np.random.default_rng(seed).integers(1, 900, images)
    columns = np.tile([[0, 0], [0, 1], [1, 1]], (images, 1)).T
    pixels = np.stack([1_000 - wrong, wrong, np.full(images, 1_000)], axis=1).ravel()
    names = tuple(f"frame_{i:06}" for i in range(images))
    return Evaluation(Classes(["road", "sky"]), names, Table(np.arange(images + 1) * 3, *columns, pixels))


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    path = tmp_path_factory.mktemp("small") / "report.html"
    dense(5).write_report(path)
    return path


def test_the_heat_map_of_400_dense_classes_is_drawn_and_what_follows_works(open_page, tmp_path):
    dense(DENSE).write_report(tmp_path / "report.html")
    page = open_page(tmp_path / "report.html")
    page.locator("#matrix").focus()
    expect(page.locator("#matrix-sentence")).to_contain_text("which is right")
    for tools in ("#matrix-tools", "#distribution-tools", "#picture-tools"):
        expect(page.locator(tools)).to_be_visible()


def test_a_comparison_of_100_000_images_is_drawn_and_what_follows_works(open_page, tmp_path):
    images = 100_000
    found = compare(many(images, 1), many(images, 2), labels=("v1", "v2"), resamples=1_000)
    found.write_report(tmp_path / "comparison.html")
    page = open_page(tmp_path / "comparison.html")
    expect(page.locator("#chart-both svg")).to_be_visible()
    expect(page.locator("#picture-tools")).to_be_visible()
    page.locator("#image-charts").focus()
    page.keyboard.press("End")
    expect(page.locator("#image-sentence")).to_contain_text(f"{images:,} of {images:,}")


@pytest.mark.parametrize(
    ("panel", "broken", "others"),
    [
        ("confusion", "data-confusion", ("#distribution-tools", "#picture-tools")),
        ("images", "data-images", ("#matrix-tools", "#picture-tools")),
        ("pictures", "data-pictures", ("#matrix-tools", "#distribution-tools")),
    ],
)
def test_a_panel_that_fails_says_so_and_leaves_the_others_alone(browser, small, panel, broken, others):
    page, watch = chromium.open_watched(browser, "about:blank")
    page.add_init_script(f"""
        const found = Document.prototype.getElementById;
        Document.prototype.getElementById = function (id) {{
            const block = found.call(this, id);
            return id === "{broken}" ? {{ textContent: "{{}}" }} : block;
        }};
    """)
    page.goto(small.as_uri())
    warned = page.locator(f"#{panel} .notice.warning")
    expect(warned).to_contain_text("Something of this part does not work: ")
    expect(page.locator(".notice.warning", has_text="does not work")).to_have_count(1)
    for tools in others:
        expect(page.locator(tools)).to_be_visible()
    expect(page.locator("#theme")).to_be_visible()
    problems = watch.close()
    assert len(problems) == 1
    assert problems[0].startswith("console error: TypeError")
