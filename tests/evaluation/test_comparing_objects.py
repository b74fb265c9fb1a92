"""Two models of objects side by side: judged by average precision, panoptic quality or F1."""

from pathlib import Path

import numpy as np
import pytest

from segscore import ArgumentError, Evaluation, InstanceEvaluator, compare
from segscore.pages.comparison import comparison_page
from segscore.results.compared_text import verdict
from support import detections
from support.instances import NAMES, drawn
from support.pages import Page
from support.refused import refused


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Evaluation, Evaluation]:
    return detections.two_models(tmp_path_factory.mktemp("coco"))


def segments(images: int = 8, *, lost: bool = False) -> Evaluation:
    """Return what became of segments, of which some may be lost."""
    judge = InstanceEvaluator(NAMES, things=["car", "person"])
    for seed in range(images):
        given = drawn(seed)
        for one in [*given["pred_segments"]][: 1 if lost and seed % 2 else 0]:
            given["pred"] = np.where(given["pred"] == one, 0, given["pred"])
            del given["pred_segments"][one], given["scores"][one]
        judge.add(**given, name=f"{seed:02}")
    return judge.result()


def test_detections_are_judged_by_their_average_precision(pair: tuple[Evaluation, Evaluation]) -> None:
    found = compare(*pair, labels=("v1", "v2"))
    names = [one.name for one in found.differences]
    assert names == [
        *("mean_ap", "mean_ap50", "mean_ap75", "mean_f1@0.5", "mean_f1@0.75"),
        *("ap.dog", "ap.cat"),
    ]
    for one in found.differences:
        assert (one.a, one.b) == (pair[0].metric(one.name), pair[1].metric(one.name))
    assert found.headline == found["mean_ap"]
    assert [one.name for one in found.classes] == ["ap.dog", "ap.cat"]
    assert found.a.tolist() == pair[0].images.metric("mean_f1@0.5").tolist()
    assert repr(found).endswith(f"on 40 images: mean_ap {found.headline.difference:+.4f}>")
    first = [line.partition(" ")[0] for line in str(found).splitlines()]
    assert first[first.index("dog") + 1] == "cat"


def test_segments_are_judged_by_their_panoptic_quality() -> None:
    one, two = segments(), segments(lost=True)
    found = compare(one, two)
    names = [of.name for of in found.differences]
    assert names[:3] == ["mean_pq", "mean_pq_things", "mean_pq_stuff"]
    assert "mean_iou" in names
    assert [of.name for of in found.classes] == ["pq.car", "pq.person", "pq.sky"]
    assert found.headline.difference == two.panoptic.mean_pq - one.panoptic.mean_pq > 0
    assert "by mean PQ (+0." in verdict(found)
    gained = two.panoptic.images.mean_pq - one.panoptic.images.mean_pq
    assert found.better[0].b - found.better[0].a == np.nanmax(gained) > 0


def test_pixels_judge_where_objects_are_not_alike() -> None:
    one = segments()
    judge = InstanceEvaluator(NAMES)
    for seed in range(8):
        judge.add(**drawn(seed), name=f"{seed:02}")
    found = compare(one, judge.result())
    assert found.headline.name == "mean_iou"
    assert [of.name for of in found.classes] == ["iou.car", "iou.person", "iou.sky"]


def test_detections_that_are_not_alike_have_nothing_in_common(
    tmp_path: Path, pair: tuple[Evaluation, Evaluation]
) -> None:
    target = detections.targets(40)
    other = detections.evaluated(tmp_path, target, detections.results(target, 0.6, 1), area_from="mask")
    assert refused(ArgumentError, lambda: compare(pair[0], other, labels=("v1", "v2"))) == (
        "there is nothing to compare the evaluations by: objects are detections in v1, detections by the "
        "rules of `mask-area` in v2, and masks that may overlap have no pixels of classes\n"
        "hint: evaluate both models with the same options"
    )


def test_other_objects_are_other_targets(tmp_path: Path, pair: tuple[Evaluation, Evaluation]) -> None:
    target = detections.targets(40)
    pred = detections.results(target, 0.6, 1)
    target["annotations"] = target["annotations"][::-1]  # the same ones in another order are the same targets
    again = detections.evaluated(tmp_path, target, pred)
    assert compare(pair[0], again).headline.difference == pytest.approx(0, abs=0.01)
    for one in target["annotations"]:
        if one["image_id"] in (3, 7):
            one["area"] += 1
    other = detections.evaluated(tmp_path, target, pred)
    assert refused(ArgumentError, lambda: compare(pair[0], other)) == (
        "the evaluations were not measured on the same targets: 2 of 40 images differ in their objects "
        "(`0003`, `0007`)\nhint: evaluate both models on one version of the ground truth"
    )


def test_a_page_is_of_what_models_are_judged_by(pair: tuple[Evaluation, Evaluation]) -> None:
    found = compare(*pair)
    text = comparison_page(found, attributes={"half": lambda name: str(name < "0020")})
    page = Page(text)
    assert page.panels == ["summary", "classes", "images", "pictures", "scenarios", "origin"]
    assert "mean IoU" not in text
    rows = {row[0]: row[1:] for row in page.id("class-table").rows()}
    assert rows["cat"][:2] == [f"{one.metric('ap.cat'):.4f}" for one in pair]
    assert rows["cat"][-1] == str(int(pair[0].shapes.matching.held[:, 1].sum()))
    assert page.id("images").text.startswith("Images Mean F1 at IoU 0.5 of single images: ")
    parts = {row[0]: row[2:4] for row in page.id("scenario-table-1").rows()}
    first = [one.select(one.images.name[:19]).metric("mean_ap") for one in pair]
    assert parts["True"] == [f"{value:.4f}" for value in first]
