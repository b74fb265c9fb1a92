"""Panoptic quality against masks of single segments, and in everything that shows or judges it."""

import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import segscore
from segscore import ArgumentError, Evaluation, InstanceEvaluator
from support.instances import NAMES, drawn, panoptic_by_hand
from support.refused import refused

IMAGES = [drawn(seed) for seed in range(40)]


def judged(images: list[dict[str, Any]], **options: Any) -> Evaluation:
    judge = InstanceEvaluator(NAMES, things=["car", "person"], **options)
    for i, image in enumerate(images):
        judge.add(**image, name=f"frame_{i:02}")
    return judge.result()


@pytest.fixture(scope="module")
def ev() -> Evaluation:
    return judged(IMAGES)


def test_sums_are_those_of_single_masks(ev: Evaluation) -> None:
    expected = panoptic_by_hand(IMAGES)
    panoptic = ev.panoptic
    for i, name in enumerate(NAMES):
        iou, tp, fp, fn = expected[name]
        assert (panoptic.tp[i], panoptic.fp[i], panoptic.fn[i]) == (tp, fp, fn)
        assert panoptic.iou_sum[i] == pytest.approx(iou, abs=1e-12)
        assert panoptic.pq[name] == pytest.approx(iou / (tp + fp / 2 + fn / 2), abs=1e-14)
        assert panoptic.sq[name] == pytest.approx(iou / tp, abs=1e-14)
        assert panoptic.rq[name] == tp / (tp + fp / 2 + fn / 2)
    assert min(panoptic.tp.min(), panoptic.fp.min(), panoptic.fn.min()) > 2
    assert panoptic.mean_pq == pytest.approx(np.mean([*panoptic.pq]), abs=1e-15)
    assert panoptic.things.mean_pq == pytest.approx(
        (panoptic.pq["car"] + panoptic.pq["person"]) / 2, abs=1e-15
    )
    assert panoptic.stuff.mean_sq == panoptic.sq["sky"]
    assert (panoptic.all.classes, panoptic.things.classes, panoptic.stuff.classes) == (3, 2, 1)


def test_objects_behind_the_numbers_are_listed(ev: Evaluation) -> None:
    for listed, counts, side in (
        (ev.panoptic.missed, ev.panoptic.fn, "target"),
        (ev.panoptic.invented, ev.panoptic.fp, "pred"),
    ):
        assert [sum(one.name == name for one in listed) for name in NAMES] == counts.tolist()
        assert [one.pixels for one in listed] == sorted((one.pixels for one in listed), reverse=True)
        for one in listed:
            image = IMAGES[int(one.image.removeprefix("frame_"))]
            assert image[f"{side}_segments"][one.id] == one.name
            assert (image[side] == one.id).sum() == one.pixels


def test_images_have_their_own(ev: Evaluation) -> None:
    images = ev.panoptic.images
    for i, image in enumerate(IMAGES):
        expected = panoptic_by_hand([image])
        values = [
            iou / (tp + fp / 2 + fn / 2) if tp + fp + fn else np.nan for iou, tp, fp, fn in expected.values()
        ]
        assert images.pq[i] == pytest.approx(values, abs=1e-14, nan_ok=True)
    assert ev.images.metric("pq.car").tolist() == pytest.approx(images.pq[:, 0].tolist(), nan_ok=True)
    assert ev.images.columns()["mean_pq"] == pytest.approx(images.mean_pq, nan_ok=True)
    assert ev.images.columns()["pq.sky"] == pytest.approx(images.pq[:, 2], nan_ok=True)
    worst = ev.worst(3, by="pq")
    assert [score for _, score in worst] == sorted(images.mean_pq[~np.isnan(images.mean_pq)])[:3]


def one(target: Any, pred: Any, of_target: Any, of_pred: Any, classes: Any = NAMES, **options: Any) -> Any:
    """Return the TP, FP and FN of the first class of one image."""
    judge = InstanceEvaluator(classes, **options)
    judge.add(target=np.array(target), pred=np.array(pred), target_segments=of_target, pred_segments=of_pred)
    panoptic = judge.result().panoptic
    return int(panoptic.tp[0]), int(panoptic.fp[0]), int(panoptic.fn[0])


CAR, MANY = {1: "car"}, ("car", "crowd")


@pytest.mark.parametrize(
    ("target", "pred", "of_target", "of_pred", "expected"),
    [
        # An IoU of exactly one half is no match.
        ([[1, 1]], [[1, 0]], CAR, CAR, (0, 1, 1)),
        # Void leaves the union: 2 of 3 pixels are shared, or 2 of 2.
        ([[1, 1, 1, 0, 0]], [[0, 1, 1, 1, 1]], CAR, CAR, (1, 0, 0)),
        # On void with half of its pixels it is wrong, with more it is not counted.
        ([[0, 0, 2, 2]], [[1, 1, 1, 1]], {2: "sky"}, CAR, (0, 1, 0)),
        ([[0, 0, 2]], [[1, 1, 1]], {2: "sky"}, CAR, (0, 0, 0)),
        # Void and a crowd of its class together; a crowd of another class does not help.
        ([[0, 3, 3, 2]], [[1, 1, 1, 1]], {2: "sky", 3: ("car", "crowd")}, CAR, (0, 0, 0)),
        ([[0, 3, 3, 2]], [[1, 1, 1, 1]], {2: "sky", 3: ("sky", "crowd")}, CAR, (0, 1, 0)),
        # A crowd is not missed, and not matched.
        ([[3, 3]], [[0, 0]], {3: ("car", "crowd")}, {}, (0, 0, 0)),
        ([[3, 3]], [[1, 1]], {3: ("car", "crowd")}, CAR, (0, 0, 0)),
        # Of two crowds of a class the last one counts.
        (
            [[3, 3, 4, 2]],
            [[1, 1, 1, 1]],
            {3: ("car", "crowd"), 4: ("car", "crowd"), 2: "sky"},
            CAR,
            (0, 1, 0),
        ),
        ([[3, 3, 3, 4]], [[1, 1, 1, 0]], {4: MANY, 3: MANY}, CAR, (0, 0, 0)),
        # Another class never matches.
        ([[1, 1]], [[1, 1]], CAR, {1: "sky"}, (0, 0, 1)),
        # Nothing on either side.
        ([[0]], [[0]], {}, {}, (0, 0, 0)),
    ],
)
def test_rules_of_void_and_crowds(
    target: Any, pred: Any, of_target: Any, of_pred: Any, expected: tuple[int, int, int]
) -> None:
    assert one(target, pred, of_target, of_pred) == expected


def test_a_background_is_no_void() -> None:
    cells = [[1, 1, 0, 0]], [[1, 1, 2, 0]], None, None, ["cell"]
    judge = InstanceEvaluator(["cell"], outside="background")
    judge.add(target=np.array(cells[0]), pred=np.array(cells[1]))
    ev = judge.result()
    cell = ev.classes.names.index("cell")
    assert (ev.panoptic.tp[cell], ev.panoptic.fp[cell], ev.panoptic.fn[cell]) == (1, 1, 0)
    assert ev.metric("foreground_iou") == pytest.approx(2 / 3)
    assert ev.metric("mean_pq") == ev.metric("pq.cell") == pytest.approx(1 / 1.5)
    assert one(*cells) == (1, 0, 0)  # where it is void


def test_undefined_and_missed_classes() -> None:
    judge = InstanceEvaluator(NAMES)
    judge.add(target=np.array([[1, 1]]), pred=np.array([[0, 0]]), target_segments=CAR, pred_segments={})
    ev = judge.result()
    assert ev.panoptic.pq.tolist() == pytest.approx([0, np.nan, np.nan], nan_ok=True)
    assert ev.panoptic.sq["car"] == 0  # as in COCO's own tool
    assert ev.panoptic.mean_pq == 0
    assert np.isnan(ev.panoptic.stuff.mean_pq)
    assert np.isnan(ev.metric("mean_pq_stuff"))


def test_parts_add_up_in_any_order(ev: Evaluation, tmp_path: Path) -> None:
    parts = [InstanceEvaluator(NAMES, things=["person", "car"]) for _ in range(3)]
    for i in reversed(range(len(IMAGES))):
        parts[i % 3].add(**IMAGES[i], name=f"frame_{i:02}")
    both = sum(pickle.loads(pickle.dumps(part)) for part in reversed(parts))
    assert both.result() == ev
    assert segscore.merge([part.result() for part in parts]) == ev
    assert both.result().panoptic.iou_sum.tolist() == ev.panoptic.iou_sum.tolist()
    ev.save(tmp_path / "ev.npz")
    again = segscore.load(tmp_path / "ev.npz")
    assert again == ev
    assert again.panoptic.pq.tolist() == ev.panoptic.pq.tolist()
    some = ev.select(lambda name: name < "frame_07")
    assert some == judged(IMAGES[:7]).select(lambda _: True)
    assert ev.group_by(lambda name: name[-1])["3"].panoptic.tp.sum() == sum(
        panoptic_by_hand([image])[name][1] for image in IMAGES[3::10] for name in NAMES
    )


def test_numbers_by_name(ev: Evaluation) -> None:
    panoptic = ev.panoptic
    assert ev.metric("pq.car") == panoptic.pq["car"]
    assert ev.metric("pq") == ev.metric("mean_pq") == pytest.approx(panoptic.mean_pq, abs=1e-15)
    assert ev.metric("mean_sq_things") == pytest.approx(panoptic.things.mean_sq, abs=1e-15)
    assert ev.metric("mean_rq_stuff") == panoptic.stuff.mean_rq
    assert [gate.passed for gate in ev.check({"pq.car": panoptic.pq["car"], "mean_pq": 0.99})] == [
        True,
        False,
    ]
    interval = ev.confidence_interval("mean_pq", resamples=200)
    assert interval.low < panoptic.mean_pq < interval.high
    told = ev.to_metrics("")
    assert told["mean_pq_things"] == pytest.approx(panoptic.things.mean_pq, abs=1e-15)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pq.car@0.5", "`pq.car@0.5` has no IoU from which on objects match\nhint: `pq.car` is above 0.5"),
        (
            "f1.car",
            "`f1.car` lacks the IoU from which on objects match\n"
            "hint: of pixels it is `dice.car`; of objects such as `f1@0.5`, or `f1@0.3:greedy` below an IoU "
            "of 0.5, or `f1@any` for any overlap",
        ),
        (
            "object_recall.car",
            "`object_recall.car` lacks the IoU from which on objects match\n"
            "hint: such as `f1@0.5`, or `f1@0.3:greedy` below an IoU of 0.5, or `f1@any` for any overlap",
        ),
        (
            "f1@much",
            "`f1@much` has no number as IoU from which on objects match\n"
            "hint: such as `f1@0.5`, or `f1@0.3:greedy` below an IoU of 0.5, or `f1@any` for any overlap",
        ),
        (
            "f1@1.5",
            "1.5 is no IoU from which on objects match\n"
            'hint: it is above 0, and 1 at most, such as 0.5, or "any"',
        ),
        (
            "f1@0.3",
            "`f1@0.3` lacks the rule of matching: below an IoU of 0.5 one object may match several\n"
            "hint: `f1@0.3:greedy` or `f1@0.3:hungarian`",
        ),
        (
            "f1@0.3:best",
            "there is no rule of matching `best`\nhint: the nearest are `greedy`, `hungarian`",
        ),
    ],
)
def test_names_that_are_none(ev: Evaluation, name: str, text: str) -> None:
    assert refused(ArgumentError, ev.metric, name) == text


def test_what_was_not_measured_is_said(ev: Evaluation) -> None:
    plain = segscore.Evaluator(2)
    plain.add(pred=[[0, 1]], target=[[0, 1]])
    text = (
        "objects were not told apart\n"
        "hint: `components=True` tells those of masks of classes apart that do not touch, and "
        "`InstanceEvaluator` takes maps of ids"
    )
    assert refused(ArgumentError, lambda: plain.result().panoptic) == text
    assert refused(ArgumentError, plain.result().metric, "mean_pq") == text
    assert refused(ArgumentError, lambda: ev.boundary).startswith("bands along boundaries were not measured")
    assert refused(ArgumentError, ev.scores.check, {"pq.car": 0.5}).startswith(
        "`pq.car` is read from the counts of each image, which these scores do not hold"
    )


def perfect(image: dict[str, Any]) -> dict[str, Any]:
    """Return an image whose prediction is its target, without crowds."""
    segments = {one: of for one, of in image["target_segments"].items() if isinstance(of, str)}
    pred = np.where(np.isin(image["target"], [*segments]), image["target"], 0)
    return image | {"pred": pred, "pred_segments": segments, "scores": None}


def test_models_are_compared_by_it(ev: Evaluation) -> None:
    best = judged([perfect(image) for image in IMAGES])
    assert best.panoptic.mean_pq == 1
    compared = segscore.compare(ev, best)
    found = {row.name: row for row in compared.differences}
    assert found["mean_pq"].difference == pytest.approx(1 - ev.panoptic.mean_pq, abs=1e-12)
    other = InstanceEvaluator(NAMES)
    for i, image in enumerate(IMAGES):
        other.add(**image, name=f"frame_{i:02}")
    told = str(segscore.compare(ev, other.result()))
    assert "objects are not compared: panoptic with `sky` as stuff in a, panoptic in b" in told
    assert "mean_pq" not in told


def test_evaluators_that_differ_do_not_add_up() -> None:
    some, others = InstanceEvaluator(NAMES), InstanceEvaluator(NAMES, things=["car"])
    assert refused(ArgumentError, lambda: some + others) == (
        "two evaluators with `stuff` () and (1, 2) cannot be added\nhint: make both with the same options"
    )
    classes = segscore.Classes(["background", "cell"], ignore=[255])
    cells = InstanceEvaluator(classes, outside="background"), InstanceEvaluator(classes)
    assert refused(ArgumentError, lambda: cells[0] + cells[1]) == (
        "two evaluators with `outside` 'background' and 'void' cannot be added\n"
        "hint: make both with the same options"
    )
    nothing: dict[str, Any] = {"target": [[0]], "pred": [[0]], "target_segments": {}, "pred_segments": {}}
    some.add(**nothing, name="a")
    text = "an image named `a` was added before\nhint: names are all different"
    assert refused(ArgumentError, lambda: some + some) == text
    assert refused(ArgumentError, lambda: some.add(**nothing, name="a")) == text
    assert refused(ArgumentError, lambda: some.add(**nothing, name=3)) == (  # type: ignore[arg-type]
        "`name` is of type int\nhint: name images by texts"
    )


def test_classes_that_are_no_things() -> None:
    assert refused(ArgumentError, lambda: InstanceEvaluator(NAMES, things="car")) == (
        "`things` is 'car'\nhint: it is a list of classes, such as [\"car\"]"
    )
    assert refused(ArgumentError, lambda: InstanceEvaluator(NAMES, things=["cat"])).startswith(
        "there is no class `cat`"
    )
    assert InstanceEvaluator(NAMES, things=["car", 2])._measures.stuff == (1,)
    assert InstanceEvaluator(["cell"], outside="background", things=["cell"])._measures.stuff == ()
    assert refused(
        ArgumentError, lambda: InstanceEvaluator(NAMES).add(target=[[1]], pred=[[1]], pred_segments={1: 0})
    ).startswith("`target_segments` is not given, and there are 3 classes that an id may be of")


def test_what_is_printed() -> None:
    judge = InstanceEvaluator(NAMES, things=["car", "person"])
    judge.add(
        target=np.array([[1, 1, 1, 2, 2, 2], [9, 9, 9, 9, 9, 0]]),
        pred=np.array([[4, 4, 4, 5, 5, 5], [7, 7, 7, 7, 7, 0]]),
        target_segments={1: "car", 2: "car", 9: "sky"},
        pred_segments={4: "car", 5: "person", 7: "sky"},
        name="frame_07",
    )
    ev = judge.result()
    assert repr(ev) == "<Evaluation of 3 classes: 1 images, mean PQ 0.555556>"
    lines = str(ev).splitlines()
    assert lines[2:4] == [
        "Mean PQ 0.56 (things 0.33, stuff 1.00). Mean IoU 0.50. Weakest: `person` 0.00",
        "  (only predicted). All wrong pixels are `car` called `person`.",
    ]
    assert lines[10:13] == [
        "               mean PQ 0.555556",
        "     mean PQ of things 0.333333",
        "      mean PQ of stuff 1.000000",
    ]
    start = lines.index("objects:")
    assert lines[start : start + 13] == [
        "objects:",
        "class       PQ      SQ      RQ  F1@0.5  F1@0.75  matched  missed  invented",
        "car     0.6667  1.0000  0.6667  0.6667   0.6667        1       1         0",
        "person  0.0000  0.0000  0.0000  0.0000   0.0000        0       0         1",
        "sky     1.0000  1.0000  1.0000  1.0000   1.0000        1       0         0",
        "",
        "mean PQ 0.555556, SQ 0.666667, RQ 0.555556, over 3 classes",
        "mean PQ of things 0.333333, SQ 0.500000, RQ 0.333333, over 2 classes",
        "mean PQ of stuff 1.000000, SQ 1.000000, RQ 1.000000, over 1 class",
        "mean object accuracy at IoU 0.5 0.500000, AJI 0.500000, AJI+ 0.500000",
        "2 of 3 objects of targets matched above an IoU of 0.5, 1 missed; 1 of 3 objects",
        "  of predictions invented",
        "",
    ]
    assert "mean PQ" in ev._repr_html_()
    assert "| car | 0.6667 |" in ev.to_markdown()
    assert "PQ" in ev.to_latex()
    found = ev.to_dict()["panoptic"]
    assert found["things"] == {"mean_pq": 1 / 3, "mean_sq": 0.5, "mean_rq": 1 / 3, "classes": 2}
    assert found["per_class"][0] == {
        "name": "car",
        "stuff": False,
        "pq": 2 / 3,
        "sq": 1,
        "rq": 2 / 3,
        "tp": 1,
        "fp": 0,
        "fn": 1,
        "iou_sum": 1,
        "f1@0.5": 2 / 3,
        "f1@0.75": 2 / 3,
        "object_accuracy@0.5": 1 / 2,
        "aji": 1 / 2,
        "aji_plus": 1 / 2,
    }
    frame = ev.panoptic.to_frame("pyarrow").to_pydict()
    assert frame["pq"] == [pytest.approx(2 / 3), 0, 1]
    assert [finding.kind for finding in ev.findings] == ["never-present"]
    assert ev.doubts == ()


def test_lists_of_objects_are_those_of_panoptic_quality() -> None:
    judge = InstanceEvaluator(NAMES)
    for i, image in enumerate(IMAGES[:6]):
        judge.add(**image, name=f"frame_{i}")
    ev = judge.result()
    for kind in ("split", "merged"):
        assert getattr(ev.listed_objects(), kind) == getattr(ev.panoptic, kind)
    assert ev.listed_objects(0.75).missed == ev.panoptic.missed_at(0.75) != ()
    assert ev.listed_objects(0.75).invented == ev.panoptic.invented_at(0.75) != ()


def test_masks_that_overlap_have_no_pixels_of_classes() -> None:
    """Detections are objects alone: no pixel has one class, and nothing is said of those."""
    judge = InstanceEvaluator(NAMES)
    for i, image in enumerate(IMAGES[:6]):
        judge.add(**image, name=f"frame_{i}")
    panoptic = judge.result()
    table = type(panoptic.table)(np.zeros(7, dtype=np.int64), *[np.empty(0, dtype=np.int64)] * 3)
    ev = replace(panoptic, table=table, measures=replace(panoptic.measures, instances="detections"))
    text = str(ev)
    f1 = ev.metric("mean_f1@0.5")
    ap = [ev.metric(name) for name in ("ap", "ap50", "ap75")]
    said = "Mean AP {:.2f} (AP50 {:.2f}, AP75 {:.2f}).".format(*ap)
    assert text.startswith(f"6 images scored\n\n{said}\n")
    assert not any(word in text for word in ("nan", "pixel", "mean IoU", "PQ"))
    assert f"mean F1 at IoU 0.5 {f1:.6f}" in text
    assert repr(ev) == f"<Evaluation of 3 classes: 6 images, mean AP {ap[0]:.6f}>"
    assert refused(ArgumentError, lambda: ev.panoptic) == (
        "masks of detections may overlap, and panoptic quality is of masks that do not\n"
        "hint: their numbers are `ap` and `f1@0.5`; maps with one id in each pixel have the others"
    )
    assert "panoptic" not in ev.to_dict()
    assert "pixel" not in ev.to_markdown() + ev._repr_html_()
