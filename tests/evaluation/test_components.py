"""Components of classes as objects, against SciPy's: what is found, missed and invented, in every layer."""

import pickle
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import ndimage

import segscore
from segscore import ArgumentError, Evaluation, Evaluator, ShapeError, evaluate
from segscore.counts.class_components import numbered_components
from segscore.counts.class_maps import ClassMaps
from segscore.scores.matching import Threshold
from support.refused import refused

NAMES = ("background", "core", "oedema")
STRUCTURES = {4: (2, 1), 8: (2, 2), 6: (3, 1), 18: (3, 2), 26: (3, 3)}
Labels = npt.NDArray[np.uint8]


def drawn(seed: int, dims: int) -> tuple[Labels, Labels]:
    """Return a target, some pixels of which are void, and a prediction of lesions that are moved or lost."""
    random = np.random.default_rng(seed)
    shape = tuple(random.integers(5, 14 if dims == 3 else 30, dims).tolist())
    target, pred = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    for _ in range(int(random.integers(0, 12))):
        label, start = int(random.integers(1, 3)), [int(random.integers(side)) for side in shape]
        size = random.integers(1, 5, dims).tolist()
        for mask in (target, pred):
            if random.random() < 0.85:
                moved = [max(0, one + int(random.integers(-1, 2))) for one in start]
                mask[tuple(slice(one, one + high) for one, high in zip(moved, size, strict=True))] = label
    target[random.random(shape) < 0.05] = 255
    return target, pred


def components_by_hand(labels: Labels, connectivity: int) -> list[tuple[int, npt.NDArray[np.bool_]]]:
    """Return the class and the mask of each component, in the order of their first pixels."""
    structure = ndimage.generate_binary_structure(*STRUCTURES[connectivity])
    found = []
    for label in (1, 2):
        numbers, count = ndimage.label(labels == label, structure)
        found += [(label, numbers == number) for number in range(1, count + 1)]
    return sorted(found, key=lambda one: int(one[1].argmax()))


def by_hand(target: Labels, pred: Labels, connectivity: int) -> dict[str, Any]:
    """Return what becomes of the components of one image, by masks of each."""
    targets, preds = (components_by_hand(one, connectivity) for one in (target, pred))
    void = target == 255
    counts = {name: np.zeros(3, int) for name in ("tp", "fp", "fn", "touched", "untouched", "lonely")}
    iou_sum, hit = np.zeros(3), set()
    for label, mask in targets:
        alike = [(j, one) for j, (other, one) in enumerate(preds) if other == label]
        ious = [(int((mask & one).sum()) / int((mask | one & ~void).sum()), j) for j, one in alike]
        best = max(ious, default=(0.0, -1))
        counts["touched" if best[0] > 0 else "untouched"][label] += 1
        if best[0] > 0.5:
            counts["tp"][label] += 1
            iou_sum[label] += best[0]
            hit.add(best[1])
        else:
            counts["fn"][label] += 1
    for j, (label, mask) in enumerate(preds):
        excused = 2 * (mask & void).sum() > mask.sum()
        touches = any(other == label and (mask & one).any() for other, one in targets)
        counts["lonely"][label] += not touches and not excused
        counts["fp"][label] += j not in hit and not excused
    sizes = [[int(mask.sum()) for _, mask in side] for side in (targets, preds)]
    labels = [[label for label, _ in side] for side in (targets, preds)]
    return {**counts, "iou": iou_sum, "pixels": [*chain(*sizes)], "label": [*chain(*labels)]}


def evaluated(seeds: range, dims: int, connectivity: Any, **options: Any) -> Evaluation:
    judge = Evaluator(
        NAMES, ignore_index=255, dims=dims, components=True, connectivity=connectivity, **options
    )
    for seed in seeds:
        target, pred = drawn(seed, dims)
        judge.add(pred=pred, target=target, name=f"case_{seed:02}")
    return judge.result()


@pytest.mark.parametrize("connectivity", STRUCTURES)
def test_components_match_as_by_hand(connectivity: int) -> None:
    dims = STRUCTURES[connectivity][0]
    ev = evaluated(range(40), dims, connectivity)
    expected = [by_hand(*drawn(seed, dims), connectivity) for seed in range(40)]
    found, any_overlap = (ev.shapes.matching.at(one) for one in (Threshold(), Threshold.of("any")))
    for i, one in enumerate(expected):
        for name in ("tp", "fp", "fn"):
            np.testing.assert_array_equal(getattr(found, name)[i], one[name])
        np.testing.assert_allclose(found.iou[i], one["iou"], rtol=1e-12)
        for name, of in (("tp", "touched"), ("fn", "untouched"), ("fp", "lonely")):
            np.testing.assert_array_equal(getattr(any_overlap, name)[i], one[of])
    objects = ev.shapes.matching.objects
    assert objects.pixels.tolist() == [*chain(*(one["pixels"] for one in expected))]
    assert objects.label.tolist() == [*chain(*(one["label"] for one in expected))]
    tp, fn, fp = (sum(one[name][1] for one in expected) for name in ("touched", "untouched", "lonely"))
    assert len(ev.panoptic.missed_at("any")) == sum(one["untouched"].sum() for one in expected)
    assert len(ev.panoptic.invented_at("any")) == sum(one["lonely"].sum() for one in expected)
    assert ev.panoptic.missed_at(0.501) == ev.panoptic.missed
    assert ev.metric("object_recall.core@any") == tp / (tp + fn)
    assert ev.metric("object_precision.core@any") == tp / (tp + fp)
    assert ev.metric("f1.core@any") == 2 * tp / (2 * tp + fp + fn)
    assert min(tp, fn, fp) > 0


def test_pixels_are_scored_as_without_components() -> None:
    ev, plain = evaluated(range(6), 2, None), Evaluator(NAMES, ignore_index=255)
    for seed in range(6):
        target, pred = drawn(seed, 2)
        plain.add(pred=pred, target=target, name=f"case_{seed:02}")
    assert ev.scores == plain.result().scores
    assert ev.findings == plain.result().findings
    judged = f"mean F1 at any overlap {ev.metric('mean_f1@any'):.6f}"
    assert repr(ev) == repr(plain.result()).replace(f"mean IoU {ev.scores.mean_iou:.6f}", judged)


def test_all_around_are_neighbours_unless_it_is_said() -> None:
    for dims, around in ((2, 8), (3, 26)):
        ev, said = (evaluated(range(6), dims, one) for one in (None, around))
        assert ev.shapes.matching.objects == said.shapes.matching.objects
        assert ev != said or ev.measures == said.measures


def test_numbers_are_those_of_the_map_of_components() -> None:
    target, pred = drawn(3, 2)
    target[target == 255] = 0
    judge = Evaluator(NAMES, components=True)
    judge.add(pred=pred, target=target, name="a")
    for one in judge.result().panoptic.missed:
        here = segscore.components(target) == one.id
        assert here.sum() == one.pixels
        assert {NAMES[label] for label in target[here]} == {one.name}


@pytest.mark.parametrize("connectivity", STRUCTURES)
def test_maps_of_them_are_numbered_as_objects_are(connectivity: Any) -> None:
    classes = segscore.Classes.of(NAMES, 255)
    for seed in range(10):
        both = drawn(seed, STRUCTURES[connectivity][0])
        maps = ClassMaps.of(classes, *both, (np.unique(both[0]), np.unique(both[1])))
        for found, labels in zip(numbered_components(maps, connectivity), both, strict=True):
            expected = np.zeros(labels.shape, np.int64)
            for number, (_, mask) in enumerate(components_by_hand(labels, connectivity), 1):
                expected[mask] = number
            assert found.tolist() == expected.tolist()


def test_classes_may_have_several_labels_and_predictions_their_own() -> None:
    target, pred = drawn(3, 2)
    one = Evaluator(NAMES, ignore_index=255, components=True)
    one.add(pred=pred, target=target, name="a")
    other = Evaluator([*NAMES[:2], "oedema"], ignore_index=255, pred_classes=[0, 7, 9], components=True)
    other.add(pred=np.array([0, 7, 9], np.uint8)[pred], target=target, name="a")
    assert one.result().shapes.matching.objects == other.result().shapes.matching.objects
    assert one.result().shapes.matching.overlaps == other.result().shapes.matching.overlaps


def test_what_no_mean_takes_in_has_no_components() -> None:
    classes = segscore.Classes(("a", "b", "c"), not_in_mean=(2,))
    judge = Evaluator(classes, components=True)
    judge.add(pred=[[0, 1, 2, 1]], target=[[0, 1, 2, 2]], name="a")
    assert judge.result().shapes.matching.objects.label.tolist() == [0, 1, 0, 1, 1]


def test_parts_add_up_and_are_saved(tmp_path: Path) -> None:
    whole = evaluated(range(8), 2, 4)
    first, second = (evaluated(part, 2, 4) for part in (range(3, 8), range(3)))
    assert sum([first, second]) == whole
    assert pickle.loads(pickle.dumps(whole)) == whole
    whole.save(tmp_path / "a.npz")
    assert segscore.load(tmp_path / "a.npz") == whole
    some = whole.select(["case_01", "case_05"])
    assert some.panoptic.tp.sum() == whole.panoptic.images.tp[[1, 5]].sum()


def test_files_are_read_and_everything_shows_components(tmp_path: Path) -> None:
    from PIL import Image

    for side in (0, 1):
        (tmp_path / str(side)).mkdir()
        for seed in range(6):
            Image.fromarray(drawn(seed, 2)[side]).save(tmp_path / str(side) / f"case_{seed:02}.png")
    options: dict[str, Any] = {"classes": NAMES, "ignore_index": 255, "progress": False}
    ev = evaluate(pred=tmp_path / "1", target=tmp_path / "0", components=True, connectivity=4, **options)
    assert ev.measured == evaluated(range(6), 2, 4).measured
    text = str(ev)
    assert "mean F1 at any overlap" in text
    assert "F1@any" in text
    assert "without any overlap" in text
    told = ev.to_dict()["panoptic"]
    assert told["per_class"][1]["f1@any"] == ev.metric("f1.core@any")
    assert told["all"]["mean_pq"] == ev.panoptic.mean_pq
    assert not ev.check({"f1.core@any": 0.999})
    assert ev.check({"f1.core@any": ev.metric("f1.core@any") - 1e-6, "mean_pq": ev.panoptic.mean_pq - 1e-6})
    of_images = [by_hand(*drawn(seed, 2), 4) for seed in range(6)]
    f1 = [
        2 * one["touched"][1] / max(1, 2 * one["touched"][1] + one["untouched"][1] + one["lonely"][1])
        for one in of_images
        if one["touched"][1] + one["untouched"][1] + one["lonely"][1]
    ]
    assert [value for _, value in ev.worst(6, by="f1.core@any")] == sorted(f1)
    page = tmp_path / "report.html"
    ev.write_report(page)
    assert "F1 at any" in page.read_text()
    compared = segscore.compare(ev, evaluated(range(6), 2, 8))
    assert "components (4 neighbours)" in str(compared)


def test_what_has_no_components_is_refused() -> None:
    assert refused(ArgumentError, Evaluator, 2, connectivity=8) == (
        "`connectivity` is given without `components`\n"
        "hint: components of classes are told apart with `components=True`"
    )
    assert refused(ArgumentError, Evaluator, 2, components=True, connectivity=26) == (
        "`connectivity=26` and `dims=2` do not fit together\n"
        "hint: 4 and 8 are of images, 6, 18 and 26 of volumes"
    )
    assert refused(ShapeError, Evaluator(2, components=True).add, pred=[0, 1], target=[0, 1]) == (
        "`target` has the shape (2,), expected an image of 2 dimensions\n"
        "hint: boundaries, distances and components are of images; lists of labels have none"
    )
    judge = Evaluator(2)
    judge.add(pred=[[0, 1]], target=[[0, 1]], name="a")
    assert refused(ArgumentError, judge.result().metric, "mean_pq") == (
        "objects were not told apart\n"
        "hint: `components=True` tells those of masks of classes apart that do not touch, and "
        "`InstanceEvaluator` takes maps of ids"
    )
    assert refused(ArgumentError, evaluated(range(3), 2, 8).metric, "f1@any:greedy").startswith(
        "`f1@any:greedy` has no number as IoU from which on objects match\n"
    )
