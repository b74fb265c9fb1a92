"""The report of large evaluations stays small, and is written in little time."""

import os
import time

import numpy as np
import pytest
from PIL import Image

import segscore
import segscore.report
from large import made_up
from masks_on_disk import pillow, write
from pages import Page

MB = 1_000_000


@pytest.fixture(scope="module")
def thousand(tmp_path_factory):
    """A thousand images of 480 x 360 pixels with photographs; the files of 40 of them under many names."""
    folder = tmp_path_factory.mktemp("thousand")
    random = np.random.default_rng(0)
    y, x = np.mgrid[:360, :480]
    for i in range(40):
        shift = random.uniform(0, 40, 2)
        waves = np.sin((x + shift[0]) / 31) * np.cos((y + shift[1]) / 23) * 2 + y / 60
        target = waves.astype(np.uint8) % 19
        noise = random.random((36, 48)).repeat(10, 0).repeat(10, 1)
        pred = np.where(noise < 0.2 + i / 100, (target + 1) % 19, target)
        smooth = Image.fromarray(random.integers(256, size=(90, 120, 3), dtype=np.uint8)).resize((480, 360))
        write(folder / "pred", {f"{i:04d}.png": pred})
        write(folder / "target", {f"{i:04d}.png": target})
        write(folder / "image", {f"{i:04d}.jpg": pillow(smooth, "JPEG", quality=92)})
    for i in range(40, 1_000):
        for side, suffix in (("pred", "png"), ("target", "png"), ("image", "jpg")):
            os.link(folder / side / f"{i % 40:04d}.{suffix}", folder / side / f"{i:04d}.{suffix}")
    return folder


def test_a_thousand_images_with_24_pictures_take_3_megabytes_and_5_seconds(thousand):
    ev = segscore.evaluate(
        pred=thousand / "pred", target=thousand / "target", classes="cityscapes-train-ids", progress=False
    )
    begin = time.perf_counter()
    ev.write_report(thousand / "report.html", images=thousand / "image")
    seconds, size = time.perf_counter() - begin, (thousand / "report.html").stat().st_size
    assert size < 3 * MB
    assert seconds < 5
    page = Page((thousand / "report.html").read_text())
    assert len(list(page.root.every("img"))) == 24 * 4


def test_ten_thousand_images_of_150_classes_take_5_megabytes(tmp_path):
    ev = made_up(10_000, 150, 60)
    ev.write_report(tmp_path / "report.html")
    assert (tmp_path / "report.html").stat().st_size < 5 * MB
    data = Page((tmp_path / "report.html").read_text()).data("confusion")
    assert len(data["cells"]) == 3 * np.count_nonzero(ev.confusion.counts)


@pytest.mark.parametrize("classes", [2, 171])
def test_the_least_and_the_most_classes_of_usual_datasets_are_drawn(classes):
    ev = made_up(50, classes, 400)
    data = Page(segscore.report.report_page(ev)).data("confusion")
    assert len(data["names"]) == classes
    cells = np.array(data["cells"]).reshape(-1, 3)
    np.testing.assert_array_equal(ev.confusion.counts[cells[:, 0], cells[:, 1]], cells[:, 2])
