"""The page of a comparison of many images and classes stays small, and is written in little time."""

import time
from dataclasses import replace

import pytest

import segscore
import segscore.pages.comparison
from segscore import compare
from support.large import made_up, write_thousand
from support.pages import Page

MB = 1_000_000


def test_a_thousand_images_with_24_pictures_take_3_megabytes_and_5_seconds(tmp_path):
    thousand = write_thousand(tmp_path)
    options = {"target": thousand / "target", "classes": "cityscapes-train-ids", "progress": False}
    one = segscore.evaluate(pred=thousand / "pred", **options)
    two = segscore.evaluate(pred=thousand / "other", **options)
    found = compare(one, two, resamples=99)
    begin = time.perf_counter()
    found.write_report(thousand / "comparison.html", images=thousand / "image")
    seconds, size = time.perf_counter() - begin, (thousand / "comparison.html").stat().st_size
    assert size < 3 * MB
    assert seconds < 5
    page = Page((thousand / "comparison.html").read_text())
    assert len(list(page.root.every("img"))) == 24 * 5


def test_ten_thousand_images_of_150_classes_take_5_megabytes_and_5_seconds(tmp_path):
    found = compare(made_up(10_000, 150, 20, model=1), made_up(10_000, 150, 20, model=2), resamples=99)
    begin = time.perf_counter()
    found.write_report(tmp_path / "comparison.html", attributes={"city": r"^(\w+)/"})
    seconds, size = time.perf_counter() - begin, (tmp_path / "comparison.html").stat().st_size
    assert size < 5 * MB
    assert seconds < 5
    page = Page((tmp_path / "comparison.html").read_text())
    assert len(page.data("images")["change"]) == 10_000
    assert len(page.id("class-table").rows()) == 150
    rows = page.id("scenario-table-1").rows()
    assert len(rows) == 100
    assert rows[59][5] != rows[60][5] == "— undefined: only the first groups have one"


@pytest.mark.parametrize("classes", [2, 171, 1_200])
def test_any_number_of_classes_is_compared(classes):
    found = compare(made_up(60, classes, 20, model=1), made_up(60, classes, 20, model=2), resamples=99)
    page = Page(segscore.pages.comparison.comparison_page(found))
    assert len(page.id("class-table").rows()) == min(classes, 1_000)
    more = "200 more classes are not shown." in page.id("classes").text
    assert more == (classes == 1_200)


def test_long_names_are_short_in_the_data_of_charts():
    one, two = (
        replace(side, names=tuple(f"{i:02}{'n' * 300}{i}" for i in range(30)))
        for side in (made_up(30, 3, 20, model=1), made_up(30, 3, 20, model=2))
    )
    names = Page(segscore.pages.comparison.comparison_page(compare(one, two))).data("images")["names"]
    assert {len(name) for name in names} == {80}
    assert len(set(names)) == 30
