"""Sentences of pages where there is one of a thing, or none, and scores of images that have none."""

import numpy as np
import pytest

from segscore import Classes, Evaluator, compare, evaluate
from segscore.counts.doubts import DOUBTS
from segscore.pages.comparison import comparison_page
from segscore.pages.report import report_page
from segscore.results.summary import DERIVED, origin
from segscore.scores.metric import label_of
from support.masks_on_disk import write
from support.pages import Page

CLASSES = Classes(["background", "road", "car"], ignore=[255], not_in_mean=[0])


def scored(*pairs):
    """Return the evaluation of as many images."""
    judge = Evaluator(["road", "sky"], ignore_index=255)
    for i, (pred, target) in enumerate(pairs):
        judge.add(pred=pred, target=target, name=f"image {i}")
    return judge.result()


@pytest.mark.parametrize(
    ("pred", "target", "sentence"),
    [
        ([0, 0, 1], [0, 0, 0], "1 pixel is wrong, 33.33% of the scored."),
        ([0, 1, 1], [0, 0, 0], "2 pixels are wrong, 66.67% of the scored."),
        ([0, 0, 0], [0, 0, 0], "No scored pixel is wrong."),
        ([0, 0, 0], [255, 255, 255], "No pixel is scored."),
    ],
)
@pytest.mark.filterwarnings("ignore::segscore.SegscoreWarning")
def test_the_matrix_says_how_many_pixels_are_wrong(pred, target, sentence):
    said = Page(report_page(scored((pred, target)))).id("confusion").one("p", class_="lede").text
    assert said.startswith(sentence)


def test_a_comparison_says_how_many_pixels_are_wrong():
    one, two = ([([*pred, 0], [0, 0, 0])] * 2 for pred in ([0, 1], [0, 0]))
    said = Page(comparison_page(compare(scored(one[0], two[0]), scored(*two)))).id("confusion").text
    assert "1 pixel is wrong under a, and 0 under b (-1)." in said
    both = Page(comparison_page(compare(scored(*one), scored(*two)))).id("confusion").text
    assert "2 pixels are wrong under a, and 0 under b (-2)." in both


def evaluated(noise, images=60):
    """Return an evaluation in which a share of the cars is missed."""
    judge, random = Evaluator(["road", "car", "sky"]), np.random.default_rng(0)
    for i in range(images):
        target = np.repeat([0, 1, 2], [50, 50, 50])
        pred = np.where((target == 1) & (random.random(150) < noise + 0.01 * (i % 5)), 0, target)
        judge.add(pred=pred, target=target, name=f"{i:02d}")
    return judge.result()


def classes_of(*sides):
    return Page(comparison_page(compare(*sides))).id("classes").one("p", class_="lede").text


def test_classes_that_changed_by_chance_and_those_that_did_not_are_counted_apart():
    bad, good = evaluated(0.3), evaluated(0.1)
    assert "Beyond chance 2 got better and 0 worse; 1 did not change." in classes_of(bad, good)
    assert "Beyond chance 0 got better and 0 worse; 3 did not change." in classes_of(bad, bad)
    assert "Beyond chance 0 got better and 0 worse; 2 may have changed by chance; 1 did not change." in (
        classes_of(evaluated(0.106, 6), evaluated(0.1, 6))
    )
    assert classes_of(evaluated(0.3, 3), evaluated(0.1, 3)).endswith(
        "What may be chance cannot be told: with 3 images no p-value is below 0.25."
    )


def test_what_did_not_change_is_not_called_chance():
    same = evaluated(0.3)
    figures = Page(comparison_page(compare(same, same))).id("summary").one("dl", class_="figures").text
    assert figures.count("no difference") == 4
    assert "may be chance" not in figures


def test_metrics_have_one_name_on_both_pages():
    one, two = evaluated(0.3), evaluated(0.1)
    report, comparison = Page(report_page(one)), Page(comparison_page(compare(one, two)))
    labels = [row[0] for row in comparison.id("headline-table").rows()]
    assert "frequency-weighted IoU" in labels
    assert set(labels) <= set(report.pairs("summary"))
    for name in ("mean_iou", "mean_dice", "pixel_accuracy", "mean_accuracy", "frequency_weighted_iou", "mcc"):
        assert label_of(name) in labels


def test_conventions_of_other_tools_are_counted_without_those_of_segscore():
    ev = evaluated(0.3)
    tools = [result.convention.tool for result in ev.explain().results]
    others = [tool for tool in tools if tool != "segscore"]
    assert len(others) == len(tools) - 2
    assert Page(report_page(ev)).id("conventions").one("summary").text == (
        f"This evaluation under {len(others)} conventions of {len(set(others))} other tools, "
        "and under segscore\u2019s own"
    )


@pytest.fixture
def sides(tmp_path):
    """Two evaluations of files; the target of the image ``empty`` has no class of the mean."""
    for name, label in (("empty.png", 0), ("full.png", 1), ("other.png", 1)):
        target = np.full((8, 8), label, np.uint8)
        write(tmp_path / "target", {name: target})
        for side, wrong in (("a", 4), ("b", 2)):
            pred = target.copy()
            pred[:wrong] = 2
            write(tmp_path / side, {name: pred})
    options = {"target": tmp_path / "target", "classes": CLASSES, "progress": False}
    return [evaluate(pred=tmp_path / side, **options) for side in ("a", "b")]


def test_images_without_a_mean_say_so_on_their_cards(sides):
    report, comparison = Page(report_page(sides[0])), Page(comparison_page(compare(*sides)))
    reason = "— (no class of the mean is in the target)"
    for page, accuracy in ((report, "0.5000"), (comparison, "0.500 to 0.750 (+0.250)")):
        card = next(one for one in page.root.every(class_="card") if "Enlarge empty:" in one.text)
        assert card.one("span", class_="score").text == f"mean image IoU {reason}"
        scores = card.one("button").attributes["data-scores"]
        assert scores == f"mean image IoU {reason}, pixel accuracy {accuracy}"
        assert "nan" not in page.root.one("main").text


def test_photographs_are_counted_whether_or_not_a_folder_was_given(sides, tmp_path):
    page, other = report_page(sides[0]), comparison_page(compare(*sides))
    for text in (page, other):
        assert "No photographs of the images are known." in Page(text).id("pictures").text
    write(tmp_path / "image", {"full.png": np.zeros((8, 8), np.uint8)})
    page = report_page(sides[0], images=tmp_path / "image")
    other = comparison_page(compare(*sides), images=tmp_path / "image")
    for text in (page, other):
        assert "Photographs were found for 1 of 3 images." in Page(text).id("pictures").text


def test_what_facts_and_findings_say_is_not_where_masks_came_from() -> None:
    assert not DERIVED.keys() & DOUBTS.keys()
    said = dict.fromkeys([*DERIVED, *DOUBTS], "a sentence")
    assert origin({"pred": "p", "list": "val.txt", "threshold": "0.5", **said}) == {
        "predictions": "p",
        "list of images": "val.txt",
        "threshold": "0.5",
    }
