"""One, two and many classes, no, few and many failures: every number is NumPy's, and leads to its images."""

import csv
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image

from segscore import Classes, Workspace
from support import chromium
from support.serving import expect, origin_of, served, visit

SIZE = (16, 24)
VOID = 255
CASES = {  # classes, images, and how many of these have a broken prediction
    "one class": (1, 12, 0),
    "two classes": (2, 30, 3),
    "many classes, many failures": (171, 60, 40),
}


class Case(NamedTuple):
    """An application with one run, what is to be on its pages, and which images failed."""

    application: Any
    names: list[str]
    counts: np.ndarray  # (images, classes, classes): target, prediction
    failed: set[str]
    targets: np.ndarray  # pixels of each class in all targets, also of those whose prediction is broken

    @property
    def iou(self) -> np.ndarray:
        return iou_of(self.counts.sum(axis=0))

    def ranked(self, values: np.ndarray, *, lowest: bool) -> list[str]:
        """Return the names of images by a value; equal ones stay in their order."""
        order = np.argsort(values if lowest else -values, kind="stable")
        return [self.names[i] for i in order]


def iou_of(counts):
    """Return the IoU of each class, NaN for those that are nowhere; `counts` is (..., C, C)."""
    right = np.diagonal(counts, axis1=-2, axis2=-1)
    union = counts.sum(axis=-1) + counts.sum(axis=-2) - right
    return np.where(union > 0, right / np.maximum(union, 1), np.nan)


@pytest.fixture(scope="module", params=CASES)
def case(request, tmp_path_factory):
    """Patches of labels of which some are taken for others, with void."""
    classes, images, broken = CASES[request.param]
    folder, random = tmp_path_factory.mktemp("any"), np.random.default_rng(classes)
    names, counts, failed, targets = [], [], set(), np.zeros(classes, int)
    for side in ("image", "target", "pred"):
        (folder / side).mkdir()
    for i in range(images):
        name = f"image_{i:03}"
        target = np.kron(random.integers(0, classes, (4, 6)), np.ones((4, 4), int))
        pred = np.where(random.random(SIZE) < 0.7, target, random.integers(0, classes, SIZE))
        held = random.random(SIZE) > (0.1 if classes > 1 else 0)  # void and one class alone would be a doubt
        for side, labels in (("image", pred), ("target", np.where(held, target, VOID)), ("pred", pred)):
            Image.fromarray(labels.astype(np.uint8)).save(folder / side / f"{name}.png")
        targets += np.bincount(target[held], minlength=classes)
        if i < broken:
            (folder / "pred" / f"{name}.png").write_bytes(b"no picture")
            failed.add(name)
            continue
        names.append(name)
        pairs = np.bincount((target * classes + pred)[held], minlength=classes**2)
        counts.append(pairs.reshape(classes, classes))
    workspace = Workspace.init(folder)
    workspace.models.add("net", predictions=folder / "pred")
    workspace.datasets.add(
        "made",
        images=folder / "image",
        targets=folder / "target",
        classes=Classes([f"class {i}" for i in range(classes)], ignore=[VOID] if classes > 1 else []),
        progress=False,
    )
    workspace.run("net", "made", progress=False)
    with served(workspace) as application:
        yield Case(application, names, np.array(counts), failed, targets)


def test_the_first_screen_says_what_numpy_does(case, open_page):
    page = visit(open_page, case.application, path="/runs/r1")
    first = page.locator("#summary .figure.main .big")
    assert first.get_attribute("title") == f"{np.nanmean(case.iou):.6f}"
    verdict = page.locator("#summary .verdict").inner_text()
    if len(case.iou) == 1:
        assert "class 0 is the only class: its IoU is its recall" in verdict
    elif len(case.iou) > 2:
        weakest, held = np.argsort(case.iou, kind="stable")[:3], case.counts.sum(axis=(0, 2)) > 0
        told = [f"class {i} {case.iou[i]:.2f}{'' if held[i] else ' (only predicted)'}" for i in weakest]
        assert f"Weakest: {', '.join(told)}" in verdict
    opening = page.locator("#summary .lede").inner_text()
    assert f"{len(case.names)} " in opening
    expect(page.locator("#class-table tbody tr")).to_have_count(len(case.iou))
    chromium.assert_usable(page, "desktop")


def test_images_that_failed_are_listed(case, open_page):
    page = visit(open_page, case.application, path="/runs/r1/images?view=table")
    status = page.get_by_role("status").filter(has_text="images")
    total = len(case.names) + len(case.failed)
    link = status.get_by_role("link", name="could not be scored")
    if not case.failed:
        assert link.count() == 0
        return
    expect(status).to_contain_text(f"{len(case.failed)} could not be scored")
    link.click()
    expect(page.locator("main")).to_contain_text(f"{len(case.failed)} of {total}")
    group = page.locator(".failed-alike > li")  # what is said of all of them is said once
    expect(group).to_have_count(1)
    expect(group.locator("strong")).to_have_text(f"{len(case.failed)} images")
    group.locator("summary").click()
    assert set(group.locator(".folded-names li").all_inner_texts()) == case.failed
    chromium.assert_usable(page, "desktop")


def test_a_class_ranks_images(case, open_page):
    of_images = iou_of(case.counts)[:, 0]
    held = case.counts[:, 0].sum(axis=1) > 0
    page = visit(
        open_page,
        case.application,
        path="/runs/r1/images?view=table&target=0&metric=iou.class+0&order=worst",
    )
    expect(page.locator("main")).to_contain_text(f"{held.sum()} of {len(case.names)} images")
    expected = [case.names[i] for i in np.argsort(of_images, kind="stable") if held[i]]
    assert page.locator("table.images tbody th .name").all_inner_texts() == expected
    chromium.assert_usable(page, "desktop")


def test_the_largest_confusion_leads_to_its_images(case, open_page, tmp_path):
    page = visit(open_page, case.application, path="/runs/r1")
    whole = case.counts.sum(axis=0)
    np.fill_diagonal(whole, 0)
    if len(whole) == 1:
        assert page.locator("#confusion-table").count() == 0
        return
    target, pred = np.unravel_index(whole.argmax(), whole.shape)
    page.locator("#confusion-table a.behind").first.click()
    page.wait_for_url(f"**/runs/r1/images?target={target}&pred={pred}")
    pixels = case.counts[:, target, pred]
    found = case.ranked(pixels, lowest=False)[: np.count_nonzero(pixels)]
    cards = page.locator("#cards .card-title .name").all_inner_texts()
    assert cards == found[:24]
    with page.expect_download() as saved:
        page.get_by_role("link", name="CSV").click()
    saved.value.save_as(tmp_path / "images.csv")
    with (tmp_path / "images.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["name"], int(row["found_pixels"])) for row in rows] == [
        (name, pixels[case.names.index(name)]) for name in found
    ]


def test_the_report_says_the_same_and_has_the_images(case, open_page, tmp_path):
    path = tmp_path / "report.html"
    page = visit(open_page, case.application, path="/runs/r1")
    path.write_bytes(page.request.get(f"{origin_of(case.application)}/runs/r1/report.html").body())
    page = open_page(path)
    whole = page.locator("#summary .figure.main .big").get_attribute("title")
    assert whole == f"{np.nanmean(case.iou):.6f}"
    in_target = case.counts.sum(axis=2) > 0  # the mean of an image is that of the classes of its target
    of_images = np.nanmean(np.where(in_target, iou_of(case.counts), np.nan), axis=1)
    bars = page.locator("#bar-rows tr")
    page.locator("#bars > summary").click()
    counted = [int(text.replace(",", "")) for text in bars.locator("td").all_inner_texts()]
    assert sum(counted) == len(case.names)
    names = page.locator("#cards .card-title .name").all_inner_texts()
    assert names == case.ranked(of_images, lowest=True)[: len(names)]
    chromium.assert_fits(page)


def test_the_dataset_shows_the_share_of_each_class(case, open_page):
    page = visit(open_page, case.application, path="/dataset?name=made:v1")
    rows = page.locator("#share-table tbody tr")
    expect(rows).to_have_count(len(case.iou))
    shown = {
        row.locator("th .name").inner_text(): row.locator("td").nth(1).inner_text() for row in rows.all()
    }
    assert shown == {f"class {i}": f"{pixels:,}" for i, pixels in enumerate(case.targets)}
    chromium.assert_usable(page, "desktop")
