"""The main measure: what evaluations are judged and ranked by."""

import numpy as np
import pytest

from segscore import Classes, Evaluation, InstanceEvaluator, compare
from segscore.counts.measures import Instances, Measures
from segscore.pages.comparison import comparison_page
from segscore.pages.report import report_page
from segscore.scores.main import main_of, shown_of_whole
from support.pages import Page


@pytest.mark.parametrize(
    ("instances", "names", "found"),
    [
        ("", ["road", "sky"], ("mean_iou", "mean_image_iou", "iou.sky", "mean IoU", "mean image IoU")),
        ("panoptic", ["car", "sky"], ("mean_pq", "mean_pq", "pq.sky", "mean PQ", "mean PQ")),
        (
            "panoptic",
            ["background", "cell"],
            ("mean_f1@0.5", "mean_f1@0.5", "f1.sky@0.5", "mean F1 at IoU 0.5", "mean F1 at IoU 0.5"),
        ),
        (
            "components",
            ["background", "lesion"],
            ("mean_f1@any", "mean_f1@any", "f1.sky@any", "mean F1 at any overlap", "mean F1 at any overlap"),
        ),
        ("detections", ["car", "sky"], ("mean_ap", "mean_f1@0.5", "ap.sky", "mean AP", "mean F1 at IoU 0.5")),
    ],
)
def test_it_follows_from_what_was_measured(
    instances: Instances, names: list[str], found: tuple[str, ...]
) -> None:
    main = main_of(Measures(instances=instances), Classes(names))
    assert (main.whole, main.image, main.of_class("sky"), main.label, main.image_label) == found
    assert main.class_of(main.of_class("a.b@0.5")) == "a.b@0.5"
    assert main.class_of("kappa") == "kappa"


def test_pixels_have_headlines_where_they_have_classes() -> None:
    classes = Classes(["car", "sky"])
    assert shown_of_whole(Measures(), classes)[:2] == ["mean_iou", "mean_dice"]
    assert shown_of_whole(Measures(instances="detections"), classes) == [
        *("mean_ap", "mean_ap50", "mean_ap75", "mean_f1@0.5", "mean_f1@0.75")
    ]


def cells() -> Evaluation:
    """Return three images of cells: all found, one of two found, and one missed with two invented."""
    judge = InstanceEvaluator(["cell"], outside="background")
    judge.add(target=[[1, 1, 0, 2]], pred=[[1, 1, 0, 2]], name="a")
    judge.add(target=[[1, 1, 0, 2]], pred=[[0, 0, 0, 2]], name="b")
    judge.add(target=[[1, 0, 0, 0]], pred=[[0, 1, 0, 2]], name="c")
    judge.add(target=[[1, 0, 0, 0]], pred=[[0, 0, 0, 0]], name="d")
    return judge.result()


def test_images_of_objects_are_ranked_by_these() -> None:
    # Both c and d find nothing; c has three wrong objects, d one.
    ev = cells()
    assert ev.worst(4) == (("c", 0.0), ("d", 0.0), ("b", 2 / 3), ("a", 1.0))
    assert [name for name, _ in ev.best(4)] == ["a", "b", "d", "c"]
    assert ev.worst(4) == ev.worst(4, by="f1.cell@0.5")
    assert ev.worst(1, by="mean_image_iou") != ev.worst(1)
    assert repr(ev).endswith("4 images, mean F1 at IoU 0.5 0.545455>")
    assert repr(ev.images) == "<ImageScores of 4 images: mean F1 at IoU 0.5 0.0000 to 1.0000>"
    head = str(ev.images).splitlines()[0].split("  ")
    assert [title.strip() for title in head if title][-1] == "mean F1 at IoU 0.5"


def test_a_class_is_held_by_the_objects_of_a_target() -> None:
    judge = InstanceEvaluator(["car", "person"])
    judge.add(target=[[1, 0]], pred=[[1, 0]], target_segments={1: "car"}, pred_segments={1: "car"}, name="a")
    judge.add(target=[[1, 0]], pred=[[1, 2]], target_segments={1: "car"},
              pred_segments={1: "person", 2: "car"}, name="b")  # fmt: skip
    ranked = judge.result().worst(5, by="pq.person")
    assert (ranked[0], ranked[0].in_target, len(ranked)) == (("b", 0.0), False, 1)
    assert judge.result().images.held("pq.car").tolist() == [True, True]
    assert np.isnan(judge.result().images.metric("pq.person")[0])


def test_one_number_leads_in_all_outputs() -> None:
    # Of 6 targets 3 are found, and 2 of 5 predictions are invented: F1 is 6 / 11, as PQ of such masks is.
    ev = cells()
    assert str(ev).split("\n\n")[1].startswith("Mean F1 at IoU 0.5 0.55 (PQ 0.55). Foreground IoU 0.")
    assert ev.to_dict()["verdict"].startswith("Mean F1 at IoU 0.5 0.55 (PQ 0.55). ")
    assert repr(ev) == "<Evaluation of 2 classes: 4 images, mean F1 at IoU 0.5 0.545455>"
    assert "class  F1@0.5      PQ      SQ      RQ  F1@0.75" in str(ev)
    assert list(ev.to_metrics())[2] == "segscore/mean_f1/0.5"
    compared = compare(ev, ev)
    assert compared.differences[0] == compared.headline
    assert compared.headline.name == "mean_f1@0.5"
    page = Page(report_page(ev))
    first = next(page.id("summary").every(class_="figure"))
    assert (first.one("dt").text, first.one(class_="big").text) == ("mean F1 at IoU 0.5", "0.5455")
    assert next(page.id("objects").every("dt")).text == "mean F1 at IoU 0.5"
    headings = [one.text for one in page.id("object-table").every("th")]
    assert headings[:3] == ["class", "F1 at 0.5", "PQ"]
    assert next(Page(comparison_page(compared)).id("summary").every("dt")).text == "mean F1 at IoU 0.5"
