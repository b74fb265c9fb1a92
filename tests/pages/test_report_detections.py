"""The report of detections: COCO's twelve numbers, groups and images ranked by their objects."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import segscore
from segscore import Evaluation
from segscore.pages.comparison import comparison_page
from segscore.pages.report import report_page
from segscore.text.numbers import number
from support import detections
from support.pages import Page


@pytest.fixture(scope="module")
def ev(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    target = detections.targets(40)
    folder: Path = tmp_path_factory.mktemp("coco")
    return detections.evaluated(folder, target, detections.results(target, 0.7, 1))


@pytest.fixture(scope="module")
def text(ev: Evaluation) -> str:
    return report_page(ev, attributes={"half": lambda name: "ab"[name > "0020"]})


def test_it_has_the_twelve_numbers(ev: Evaluation, text: str) -> None:
    page = Page(text)
    assert page.panels == ["summary", "objects", "crops", "scenarios", "pictures"]
    rows = page.id("printed-table").rows()
    assert [row[-1] for row in rows] == [number(value) for value in ev.average_precision("coco").numbers]
    assert rows[0][:-1] == ["average precision", "0.50 to 0.95", "all", "100"]
    assert rows[-1][:-1] == ["average recall", "0.50 to 0.95", "large", "100"]
    assert "mean IoU" not in text


def test_average_precision_stands_first(ev: Evaluation, text: str) -> None:
    found = list(Page(text).id("summary").every(class_="figure"))
    said = {one.one("dt").text: one.one(class_="big").text for one in found}
    numbers = ev.average_precision("coco").numbers[:3]
    assert said == dict(zip(("mean AP", "mean AP50", "mean AP75"), map(number, numbers), strict=True))
    interval = ev.confidence_interval("mean_ap")
    assert f"95 % interval {interval.low:.4f} to {interval.high:.4f}" in found[0].text


def test_numbers_are_as_sure_as_images_say(ev: Evaluation, text: str) -> None:
    said = Page(text).pairs("objects")
    interval = ev.confidence_interval("mean_ap")
    assert f"95 % interval {interval.low:.4f} to {interval.high:.4f}" in said["mean AP"]


OVERLAPPING = "masks may overlap, so that no picture has all of them."


def test_without_photographs_there_are_no_pictures_of_whole_images(tmp_path: Path) -> None:
    a, b = detections.two_models(tmp_path, 12)
    page = Page(report_page(a)).id("pictures")
    assert page.one("p", class_="notice").text == f"There are no pictures: {OVERLAPPING}"
    assert page.one("p", class_="lede").text.endswith("Scores are of single images.")
    comparison = Page(comparison_page(segscore.compare(a, b))).id("pictures")
    assert comparison.one("p", class_="notice").text == f"There are no pictures: {OVERLAPPING}"


def test_photographs_stand_alone_without_colours_of_masks(tmp_path: Path) -> None:
    a, b = detections.two_models(tmp_path, 12)
    for name in a.names:
        Image.new("RGB", (60, 60)).save(tmp_path / f"{name}.png")
    page = Page(report_page(a, images=tmp_path)).id("pictures")
    assert page.one("p", class_="notice").text == f"The masks of 12 images cannot be shown: {OVERLAPPING}"
    assert page.one("p", class_="lede").text.endswith(
        "Scores are of single images; select one to enlarge it."
    )
    assert {one.attributes["data-part"] for one in page.every("img")} == {"photograph"}
    assert not list(page.every("ul", class_="legend"))
    page = Page(comparison_page(segscore.compare(a, b), images=tmp_path)).id("pictures")
    shown = len(list(page.every("img")))  # of those that changed
    assert shown > 8
    said = f"Masks cannot be shown for {shown} images: {OVERLAPPING}"
    assert page.one("p", class_="notice").text == said
    assert "Change" not in page.text
    assert not list(page.every("ul", class_="legend"))


def test_images_of_the_largest_objects_have_pictures(ev: Evaluation, tmp_path: Path) -> None:
    for name in ev.names:
        Image.new("RGB", (60, 60)).save(tmp_path / f"{name}.png")
    page = Page(report_page(ev, images=tmp_path, thumbnails=7))
    crops, pictures = page.id("crops"), page.id("pictures")
    ranked = {name for name, _ in ev.worst(2)} | {ev.worst(40)[-1][0]}
    first = {next(iter(cards.every(class_="name"))).text for cards in crops.every("ol")}
    assert not first <= ranked
    shown = {card.one(class_="name").text for card in pictures.one("ol", id="cards").every(class_="card")}
    assert (len(shown), shown >= first) == (7, True)


def test_groups_and_images_go_by_objects(ev: Evaluation, text: str) -> None:
    page = Page(text)
    half = ev.select(ev.names[:20])
    row = page.id("scenario-table-1").rows()[0]
    assert row[:3] == ["a", "20", f"{half.metric('mean_ap'):.4f}"]
    data = page.data("pictures")
    titles = [ranking["title"] for ranking in data["rankings"]]
    assert titles[0] == "mean F1 at IoU 0.5"
    assert set(titles[1:]) == {"F1 of dog at IoU 0.5", "F1 of cat at IoU 0.5"}
    worst = [data["names"][place] for place, _ in data["rankings"][0]["worst"]]
    assert worst == [name for name, _ in ev.worst(8)]
    total, *flat = data["behind"]["metric=f1.dog%400.5"]
    names = [data["names"][place] for place in flat[::2]]
    assert names == [name for name, _ in ev.worst(8, by="f1.dog@0.5")]
    assert total == np.count_nonzero(~np.isnan(ev.images.metric("f1.dog@0.5")))
