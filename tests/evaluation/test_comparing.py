"""Two models side by side: p-values of all swaps, differences of scores, and what is refused."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

import intervals
from segscore import ArgumentError, Classes, ConfusionMatrix, Evaluation, Evaluator, GateResult, compare
from segscore.results.compared_text import verdict
from segscore.results.gates import not_worse, not_worse_by
from segscore.scores.metric import headlines
from segscore.statistics.paired import judged
from support import hints, results
from support.refused import refused

CLASSES = Classes(["road", "sky"])
Masks = list[tuple[np.ndarray, np.ndarray, np.ndarray]]


def made(number: int, wrong: tuple[float, float] = (0.3, 0.2), seed: int = 0) -> Masks:
    """Return targets, and predictions of two models that are wrong in some of the pixels."""
    random = np.random.default_rng(seed)
    masks = []
    for _ in range(number):
        target = random.integers(0, 2, 50)
        one, other = (np.where(random.random(50) < share, 1 - target, target) for share in wrong)
        masks.append((target, one, other))
    return masks


def evaluated(
    masks: Masks, model: int, names: list[str] | None = None, classes: Classes = CLASSES
) -> Evaluation:
    images = [(mask[model], mask[0]) for mask in masks]
    names = [f"{i:03}" for i in range(len(masks))] if names is None else names
    return results.evaluated(classes, dict(zip(names, images, strict=True)))


def both(masks: Masks) -> tuple[Evaluation, Evaluation]:
    return evaluated(masks, 1), evaluated(masks, 2)


def test_differences_are_those_of_the_scores() -> None:
    a, b = both(made(40))
    found = compare(a, b)
    assert [one.name for one in found.differences] == [*headlines(CLASSES), "iou.road", "iou.sky"]
    for name in headlines(CLASSES):
        one = found[name]
        assert (one.a, one.b) == (getattr(a.scores, name), getattr(b.scores, name))
        assert one.difference == one.b - one.a
        assert one.low < one.difference < one.high
    assert found["iou.sky"].b == b.scores.iou[1]
    assert found.names == a.names


def test_p_values_are_those_of_all_swaps() -> None:
    masks = made(6, wrong=(0.4, 0.2), seed=5)
    a, b = both(masks)
    names = [*headlines(CLASSES), "iou.road", "iou.sky"]
    drawn = []
    for swap in product((False, True), repeat=6):
        sides = ConfusionMatrix(CLASSES), ConfusionMatrix(CLASSES)
        for (target, one, other), swapped in zip(masks, swap, strict=True):
            for side, pred in zip(sides, (other, one) if swapped else (one, other), strict=True):
                side.update(pred=pred, target=target)
        values = [[*(getattr(s.scores, name) for name in headlines(CLASSES)), *s.scores.iou] for s in sides]
        drawn.append(np.subtract(*values[::-1]))
    drawn = np.array(drawn)
    sizes = np.abs(drawn) / np.sqrt((drawn**2).mean(axis=0))
    exact = (sizes.max(axis=1)[:, None] >= sizes[0] - 1e-9).mean(axis=0)
    assert exact.min() == 2 / 64
    for resamples in (63, 2_000):
        found = compare(a, b, resamples=resamples, seed=resamples)
        assert [found[name].p for name in names] == exact.tolist()
    found = compare(a, b, resamples=62)  # some at random, of which each may come more than once
    assert [found[name].p for name in names] == pytest.approx(exact.tolist(), abs=0.2)


def test_the_other_way_round_everything_is_the_other_way_round() -> None:
    a, b = both(made(40))
    one, other = compare(a, b), compare(b, a)
    for there, back in zip(one.differences, other.differences, strict=True):
        assert (there.difference, there.p) == (-back.difference, back.p)
        assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
    assert [c.name for c in one.better] == [c.name for c in other.worse]


def test_the_order_of_images_does_not_matter() -> None:
    masks, names = made(30), [f"{i:03}" for i in range(30)]
    a, b = both(masks)
    turned = evaluated(masks[::-1], 2, names[::-1])
    assert compare(a, turned).differences == compare(a, b).differences


def test_a_model_is_not_better_than_itself() -> None:
    a, _ = both(made(40))
    found = compare(a, a, labels=("v1", "v1 again"))
    assert {(one.p, one.difference, one.significant) for one in found.differences} == {(1.0, 0.0, False)}
    assert {one.reason for one in found.differences} == {"no difference between images"}
    assert not found.better
    assert not found.worse
    assert str(found).startswith(
        "v1 again and v1 have the same counts in every image; they may be one and the\n  same\n"
    )


def test_images_that_got_better_and_worse() -> None:
    a, b = both(made(25))
    found, gain = compare(a, b), b.images.mean_image_iou - a.images.mean_image_iou
    assert len(found.better) == (gain > 0).sum()
    assert len(found.worse) == (gain < 0).sum()
    assert found.better[0].name == a.names[int(gain.argmax())]
    assert found.better[0].b - found.better[0].a == gain.max()
    assert found.worse[0].name == a.names[int(gain.argmin())]


def test_a_large_difference_is_found_and_said() -> None:
    found = compare(*both(made(60, wrong=(0.4, 0.1))), labels=("v1", "v2"))
    assert all(one.significant and one.p == 1 / 2001 for one in found.differences)
    text = str(found)
    assert text.startswith("v2 is better than v1: mean IoU +0.")
    assert "better in `road` and `sky`" in text.partition("\n")[0]
    assert max(map(len, text.split("\n"))) <= 80
    assert "over all 9 rows together; drawn and swapped: 60 images" in text


def test_swapping_whole_groups() -> None:
    masks = [mask for mask in made(30) for _ in range(4)]
    groups = [f"{i // 4:02}" for i in range(120)]
    alone, grouped = compare(*both(masks)), compare(*both(masks), groups=groups)
    assert (grouped.kind, grouped.units) == ("groups", 30)
    narrow, wide = alone["mean_iou"], grouped["mean_iou"]
    assert 1.5 < (wide.high - wide.low) / (narrow.high - narrow.low) < 2.7  # about the root of 4
    assert 1.5 < wide.detectable / narrow.detectable < 2.7


def test_images_that_only_one_model_has() -> None:
    masks = made(40)
    a, b = evaluated(masks[:38], 1), evaluated(masks[1:], 2, [f"{i:03}" for i in range(1, 40)])
    assert refused(ArgumentError, compare, a, b) == (
        "the evaluations hold different images: `a` has 1 that `b` lacks (`000`), "
        "`b` has 2 that `a` lacks (`038`, `039`)\n"
        'hint: compare those that both have with `on="common"`'
    )
    found = compare(a, b, on="common")
    assert found.only == (("000",), ("038", "039"))
    assert found.names == tuple(f"{i:03}" for i in range(1, 38))
    assert found["kappa"].a == evaluated(masks[1:38], 1).scores.kappa
    assert "left out: 2 images of b only, such as `038`" in str(found)


def test_what_was_not_measured_on_the_same_targets_is_refused() -> None:
    masks = made(40)
    a = evaluated(masks, 1)
    changed = [
        (np.where(np.arange(50) < 5, 1 - m[0], m[0]) if i in (3, 7) else m[0], *m[1:])
        for i, m in enumerate(masks)
    ]
    assert refused(ArgumentError, compare, a, evaluated(changed, 2)) == (
        "the evaluations were not measured on the same targets: 2 of 40 images differ in the pixels of their "
        "classes (`003`, `007`)\n"
        "hint: evaluate both models on one version of the ground truth, with the same ignored labels"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"on": "some"}, '`on` is \'some\'\nhint: it is "all", or "common" for the images that both have'),
        (
            {"resamples": -1},
            "expected `resamples` of 1 or more, found -1\nhint: 2,000 resamples are usual, more take longer",
        ),
        ({"groups": ["a"]}, f"expected one group for each of 3 images, found 1\nhint: {hints.IN_ORDER}"),
        ({"labels": ("x",)}, 'expected two texts as `labels`, found (\'x\',)\nhint: such as ("v1", "v2")'),
    ],
)
def test_wrong_arguments_are_answered(options: dict[str, object], message: str) -> None:
    assert refused(ArgumentError, compare, *both(made(3)), **options) == message


def test_other_evaluations_are_refused() -> None:
    masks = made(3)
    with pytest.raises(ArgumentError, match="two evaluations with different classes cannot be compared"):
        compare(evaluated(masks, 1), evaluated(masks, 2, classes=Classes(["road", "tree"])))
    with pytest.raises(ArgumentError, match="no image in common"):
        compare(evaluated(masks, 1), evaluated(masks, 2, ["x", "y", "z"]), on="common")
    with pytest.raises(ArgumentError, match=r"there is no compared metric `iou\.tree`"):
        compare(*both(masks))["iou.tree"]


def test_plain_values_hold_everything() -> None:
    found = compare(*both(made(40)), labels=("v1", "v2"))
    plain = found.to_dict()
    assert plain["models"] == ["v1", "v2"]
    assert plain["differences"][0]["p"] == found["mean_iou"].p
    assert len(plain["better"]) == len(found.better)
    assert compare(*both(made(5))).to_dict()["differences"][0]["low"] is None


@pytest.mark.slow
def test_equally_good_models_are_seldom_told_apart_and_a_loss_is_found() -> None:
    flags = [intervals.flagged(0.0, number)[0] for number in range(60)]
    assert sum(flags) <= 8  # 6 % of 1,000 pairs at most; of 60 at 5 %, more than 8 are one case in 300
    named = [intervals.flagged(intervals.LOSS, number)[1] for number in range(20)]
    assert sum(named) >= 16


def test_what_cannot_fail_is_no_gate() -> None:
    a, b = both(made(40, wrong=(0.1, 0.45)))
    assert not not_worse(compare(a, b)).passed
    assert refused(ArgumentError, compare, a, b, resamples=10) == (
        "expected at least 19 `resamples` for a level of 0.95, found 10\n"
        "hint: no p-value could be small enough; 2,000 are usual"
    )
    few = compare(*both(made(4, wrong=(0.1, 0.45))))
    assert np.isnan(few["mean_iou"].detectable)
    assert not_worse_by(few, 0.9).sentence == "it cannot be told: too few images (4), on 4 images"


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (1, "1 image no p-value is below 1"),
        (3, "3 images no p-value is below 0.25"),
        (5, "5 images no p-value is below 0.0625"),
    ],
)
def test_without_enough_swaps_there_is_no_test(number: int, told: str) -> None:
    masks = made(number, wrong=(0.5, 0.1))
    found = compare(*both(masks), labels=("v1", "v2"))
    gain = found["mean_iou"].difference
    assert found.untestable == f"with {told}"
    assert verdict(found) == f"Whether v2 differs from v1 cannot be tested: with {told}; mean IoU {gain:+.4f}"
    assert "beyond chance" not in str(found)
    assert np.isnan([(one.p, one.detectable) for one in found.differences]).all()
    assert not any(one.significant for one in found.differences)
    assert {one["p"] for one in found.to_dict()["differences"]} == {None}
    assert {one.reason for one in found.differences} == {f"too few images ({number})"}
    on = f"{number} image{'s' * (number > 1)}"
    assert f"\n{on}: " in str(found)
    assert not_worse(found) == GateResult("not worse", False, f"it cannot be told: with {told}, on {on}")


def test_groups_are_what_a_test_rests_on() -> None:
    """All but some images of many got better, but they are two groups."""
    found = compare(*both(made(60, wrong=(0.4, 0.1))), groups=["a", "b"] * 30)
    assert found.untestable == "with 2 groups no p-value is below 0.5"
    assert len(found.better) == 60
    assert (
        compare(*both(made(60, wrong=(0.4, 0.1))), groups=[f"{i % 6}" for i in range(60)]).untestable is None
    )
    assert compare(*both(made(60, wrong=(0.4, 0.1))), groups=["a", "b"] * 30, level=0.5).untestable is None


def test_intervals_beside_p_values_say_that_they_are_of_one_row() -> None:
    said = "an interval is of its row alone: it may leave 0 out where p is large"
    assert said in str(compare(*both(made(40))))
    assert said not in str(compare(*both(made(20))))


def test_the_same_model_passes_every_gate() -> None:
    a, _ = both(made(40))
    found = compare(a, a)
    assert found.identical
    for gate in (not_worse(found), not_worse_by(found, 0.001)):
        told = "both models have the same counts in every image, on 40 images"
        assert (gate.passed, gate.sentence) == (True, told)
    assert not compare(*both(made(40))).identical


def test_other_labels_of_predictions_are_no_other_classes() -> None:
    masks = made(40)
    judge = Evaluator(Classes(["road", "sky"], pred_labels=[7, 8]))
    for i, (target, _, other) in enumerate(masks):
        judge.add(pred=other + 7, target=target, name=f"{i:03}")
    a, b = both(masks)
    assert compare(a, judge.result()).differences == compare(a, b).differences


def test_groups_of_either_evaluation_are_taken() -> None:
    a, b = both(made(60))
    cities = tuple(f"{i // 2:02}" for i in range(60))
    grouped = compare(a, replace(b, groups=cities))
    assert grouped.differences == compare(replace(a, groups=cities), b).differences
    assert (grouped.kind, grouped.units) == ("groups", 30)
    assert refused(ArgumentError, compare, replace(a, groups=cities), replace(b, groups=cities[::-1])) == (
        "the evaluations hold different groups: `000` is in '00' and in '29'\n"
        "hint: say with `groups` which are meant"
    )


@pytest.mark.parametrize(("above", "p", "significant"), [(90, 0.91, False), (9, 0.1, True)])
def test_a_p_value_at_the_level_is_significant(above: int, p: float, significant: bool) -> None:
    # 1 - 0.9 is a little less than 0.1.
    swapped = np.array([[1.0]] * (99 - above) + [[2.0]] * above)
    found, _, told = judged(swapped, np.array([1.9]), 0.9)
    assert (found.tolist(), told.tolist()) == ([p], [significant])
