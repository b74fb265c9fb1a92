"""The report of large evaluations stays small, and is written in little time."""

import time

import numpy as np
import pytest

import segscore
import segscore.pages.report
from support.large import made_up, write_thousand
from support.pages import Page

MB = 1_000_000


def test_a_thousand_images_with_24_pictures_take_3_megabytes_and_5_seconds(tmp_path):
    thousand = write_thousand(tmp_path)
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
    data = Page(segscore.pages.report.report_page(ev)).data("confusion")
    assert len(data["names"]) == classes
    cells = np.array(data["cells"]).reshape(-1, 3)
    np.testing.assert_array_equal(ev.confusion.counts[cells[:, 0], cells[:, 1]], cells[:, 2])
