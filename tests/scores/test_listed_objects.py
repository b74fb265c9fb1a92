"""The table of all objects: what became of each, which one it matches, and by how much."""

from typing import Any

import numpy as np
import pytest

from segscore import Evaluation, InstanceEvaluator
from support.instances import NAMES, drawn

TARGET = np.array([[1, 1, 1, 1, 0, 0], [2, 2, 3, 3, 3, 3], [9, 9, 9, 9, 9, 9]])
PRED = np.array([[4, 4, 5, 5, 0, 0], [7, 7, 7, 7, 7, 7], [8, 8, 8, 8, 8, 8]])
OF_PRED = {4: "car", 5: "car", 7: "car", 8: "sky"}


def made() -> Evaluation:
    """Return two images: a car in two halves, one on a crowd, and sky; and predictions without a score."""
    judge = InstanceEvaluator(["car", "sky"], things=["car"])
    of_target = {1: "car", 2: "car", 3: ("car", "crowd"), 9: "sky"}
    scores = {4: 0.9, 5: 0.5, 7: 0.1, 8: 0.0}
    judge.add(
        target=TARGET, pred=PRED, target_segments=of_target, pred_segments=OF_PRED, scores=scores, name="a"
    )
    sky = {"target_segments": {1: "sky"}, "pred_segments": {4: "sky"}}
    judge.add(target=np.array([[1, 1]]), pred=np.array([[4, 4]]), **sky, name="b")
    return judge.result()


def test_each_object_has_a_row() -> None:
    rows = made().listed_objects(0.5).to_frame("pyarrow").to_pylist()
    titles = ("image", "side", "id", "name", "pixels", "score", "outcome", "match", "iou")
    assert [tuple(row[title] for title in titles) for row in rows] == [
        ("a", "target", 1, "car", 4, None, "matched", 4, 0.5),
        ("a", "target", 2, "car", 2, None, "missed", None, None),
        ("a", "target", 3, "car", 4, None, "uncounted", None, None),
        ("a", "target", 9, "sky", 6, None, "matched", 8, 1.0),
        ("a", "pred", 4, "car", 2, 0.9, "matched", 1, 0.5),
        ("a", "pred", 5, "car", 2, 0.5, "invented", None, None),
        ("a", "pred", 7, "car", 6, 0.1, "uncounted", None, None),
        ("a", "pred", 8, "sky", 6, 0.0, "matched", 9, 1.0),
        ("b", "target", 1, "sky", 2, None, "matched", 4, 1.0),
        ("b", "pred", 4, "sky", 2, None, "matched", 1, 1.0),
    ]
    assert [row["area"] for row in rows] == [row["pixels"] for row in rows]
    flags = {kind: [i for i, row in enumerate(rows) if row[kind]] for kind in ("crowd", "split", "merged")}
    assert flags == {"crowd": [2], "split": [0], "merged": []}
    columns = made().listed_objects(0.5).columns()
    assert {title: values.dtype.kind for title, values in columns.items()} == {
        **dict.fromkeys(("image", "side", "name", "outcome"), "O"),
        **dict.fromkeys(("id", "pixels"), "i"),
        **dict.fromkeys(("area", "score", "match", "iou"), "f"),
        **dict.fromkeys(("crowd", "split", "merged"), "b"),
    }


def test_at_any_overlap_one_prediction_may_match_several() -> None:
    columns = made().listed_objects("any").columns()
    assert columns["match"][:2].tolist() == [4, 7]  # both halves reach the same IoU, and the first one counts
    assert columns["outcome"][:8].tolist() == ["matched", "matched", "uncounted", *["matched"] * 5]
    assert columns["match"][4:8].tolist() == [1, 1, 2, 9]
    assert columns["iou"][:8].tolist() == pytest.approx(
        [1 / 2, 1 / 3, np.nan, 1, 1 / 2, 1 / 2, 1 / 3, 1], nan_ok=True
    )


def iou_by_hand(image: dict[str, Any], target: int, pred: int) -> float:
    """Return the IoU of two segments, without predicted pixels on void."""
    own, other = image["target"] == target, image["pred"] == pred
    other = other & (image["target"] != 0)
    return float((own & other).sum() / (own | other).sum())


@pytest.mark.parametrize("iou", [0.5, 0.75])
def test_outcomes_add_up_to_those_of_classes(iou: float) -> None:
    images = {f"frame_{seed}": drawn(seed) for seed in range(12)}
    judge = InstanceEvaluator(NAMES)
    for name, image in images.items():
        judge.add(**image, name=name)
    ev = judge.result()
    rows = ev.listed_objects(iou).to_frame("pyarrow").to_pylist()
    counts = {
        outcome: [
            sum(row["outcome"] == outcome and row["name"] == name and row["side"] == side for row in rows)
            for name in NAMES
        ]
        for outcome, side in (("matched", "target"), ("missed", "target"), ("invented", "pred"))
    }
    listed = ev.listed_objects(iou)
    assert sum(counts["missed"]) == len(listed.missed) > 0
    assert sum(counts["invented"]) == len(listed.invented) > 0
    for i, name in enumerate(NAMES):
        tp, fp, fn = (counts[outcome][i] for outcome in ("matched", "invented", "missed"))
        assert ev.metric(f"f1.{name}@{iou}") == pytest.approx(2 * tp / (2 * tp + fp + fn))
    matched = [row for row in rows if row["outcome"] == "matched" and row["side"] == "target"]
    assert len(matched) > 5
    for row in matched:
        by_hand = iou_by_hand(images[row["image"]], row["id"], int(row["match"]))
        assert row["iou"] == pytest.approx(by_hand)
        assert by_hand >= iou
    both = {
        (row["image"], row["match"], row["id"])
        for row in rows
        if row["outcome"] == "matched" and row["side"] == "pred"
    }
    assert both == {(row["image"], row["id"], row["match"]) for row in matched}
