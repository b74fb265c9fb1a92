"""Rules of lesions against SciPy's components and dilation, mask by mask."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import ndimage

from segscore import ArgumentError, Evaluation, Evaluator, InstanceEvaluator
from segscore.counts.grown import Grown, grown
from segscore.scores.conventions.lesion_rules import LESION_RULES
from support.refused import refused

NAMES = ("background", "core", "oedema")
Mask = npt.NDArray[np.bool_]


def drawn(seed: int, dims: int = 3) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    random = np.random.default_rng(seed)
    shape = tuple(random.integers(10, 30, dims).tolist())
    target, pred = np.zeros((2, *shape), np.uint8)
    for _ in range(int(random.integers(0, 7))):
        start, label = [int(random.integers(side)) for side in shape], int(random.integers(1, 3))
        size = random.integers(1, 8, dims).tolist()
        for mask in (target, pred):
            if random.random() < 0.7:
                moved = [max(0, one + int(random.integers(-3, 4))) for one in start]
                mask[tuple(slice(one, one + high) for one, high in zip(moved, size, strict=True))] = label
    return target, pred


def evaluated(dims: int = 3, **options: Any) -> Evaluation:
    judge = Evaluator(NAMES, components=True, dims=dims, **options)
    for seed in range(40):
        target, pred = drawn(seed, dims)
        judge.add(target=target, pred=pred, name=f"case_{seed:02}")
    return judge.result()


def parts(mask: Mask) -> list[Mask]:
    """Return the components of a mask, all around."""
    numbers, count = ndimage.label(mask, np.ones((3,) * mask.ndim))
    return [numbers == number for number in range(1, count + 1)]


def brats(target: Mask, pred: Mask, steps: int, least: float) -> dict[str, float]:
    """Return the numbers of BraTS for one region of one case, one lesion after the other."""
    step = ndimage.generate_binary_structure(target.ndim, 2)
    larger = parts(ndimage.binary_dilation(target, step, iterations=steps))
    preds, dice, counts, touched = parts(pred), [], {"tp": 0, "fn": 0}, set()
    for region in larger:
        lesion = target & region
        own = [i for i, one in enumerate(preds) if (one & region).any()]
        touched |= {*own}
        if lesion.sum() <= least:
            continue
        both = np.any([preds[i] for i in own], axis=0) if own else np.zeros_like(pred)
        dice.append(2 * (both & lesion).sum() / (both.sum() + lesion.sum()))
        counts["tp" if own else "fn"] += 1
    fp = len(preds) - len(touched)
    return {"dice": sum(dice) / (len(dice) + fp) if dice or fp else 1.0, "fp": fp, **counts}


@pytest.mark.parametrize("name", [name for name in LESION_RULES if name.startswith("brats")])
def test_brats_is_what_single_lesions_come_to(name: str) -> None:
    rule = LESION_RULES[name]
    found = evaluated(dilation=rule.dilation).lesions_as(name)
    for label in (1, 2):
        expected = [
            brats(target == label, pred == label, rule.dilation, rule.least)
            for target, pred in map(drawn, range(40))
        ]
        for key in rule.numbers:
            values = [one[key] for one in expected]
            np.testing.assert_allclose(found.images[key][:, label], values, rtol=1e-14)
            assert found.means[key][label] == pytest.approx(np.mean(values), rel=1e-14)
        assert min(sum(one[key] for one in expected) for key in ("tp", "fn", "fp")) > 0
    assert np.isnan(found.means["dice"][0])


def test_volumes_are_in_millimetres_where_there_is_a_spacing() -> None:
    ev = evaluated(dilation=1, distances=True, spacing=(1.0, 1.0, 0.1))
    found = ev.lesions_as("brats-met").images
    expected = [brats(target == 1, pred == 1, 1, 20) for target, pred in map(drawn, range(40))]
    for key in ("dice", "tp", "fn", "fp"):
        np.testing.assert_allclose(found[key][:, 1], [one[key] for one in expected], rtol=1e-14)


@pytest.mark.parametrize("dims", [2, 3])
def test_masks_grow_as_by_scipy(dims: int) -> None:
    for seed in range(6):
        mask = drawn(seed, dims)[0] > 0
        for steps in (0, 1, 4):
            expected = mask
            if steps:
                step = ndimage.generate_binary_structure(dims, 2)
                expected = ndimage.binary_dilation(mask, step, iterations=steps)
            np.testing.assert_array_equal(grown(mask, steps), expected)


def test_panoptica_is_what_pairs_come_to() -> None:
    found = evaluated().lesions_as("panoptica").images
    for seed in range(40):
        target, pred = drawn(seed)
        for label in (1, 2):
            targets, preds = parts(target == label), parts(pred == label)
            pairs = [
                ((a & b).sum() / (a | b).sum(), i, j)
                for i, a in enumerate(targets)
                for j, b in enumerate(preds)
            ]
            iou, taken = [], set()
            for value, i, j in sorted(pairs, key=lambda pair: -pair[0]):
                if value >= 0.5 and not {(0, i), (1, j)} & taken:
                    iou.append(value)
                    taken |= {(0, i), (1, j)}
            everything = len(targets) + len(preds)
            rq = 2 * len(iou) / everything if everything else np.nan
            sq = np.mean(iou) if iou else 0 * rq
            dice = np.mean([2 * one / (1 + one) for one in iou]) if iou else 0 * rq
            expected = {"pq": sq * rq, "sq": sq, "rq": rq, "sq_dsc": dice, "pq_dsc": dice * rq}
            counts = {"tp": len(iou), "fn": len(targets) - len(iou), "fp": len(preds) - len(iou)}
            for key, value in {**expected, **counts}.items():
                np.testing.assert_allclose(found[key][seed, label], value, rtol=1e-14)


def test_parts_add_up_and_are_saved(tmp_path: Any) -> None:
    import segscore

    ev = evaluated(dilation=3)
    ev.save(tmp_path / "a.npz")
    read = segscore.load(tmp_path / "a.npz")
    assert read == ev
    some = read.select([f"case_{i:02}" for i in (3, 7, 11)])
    images = ev.lesions_as("brats-gli").images["dice"]
    np.testing.assert_array_equal(some.lesions_as("brats-gli").images["dice"], images[[3, 7, 11]])


def test_groups_that_cannot_be_are_no_record() -> None:
    ev = evaluated(dilation=1)
    (record,) = (one for one in ev.measured if isinstance(one, Grown))
    objects = ev.shapes.matching.objects
    assert record.are_of(objects)
    columns = record.columns()
    for name, at, value in (("object", -1, 10_000), ("side", 0, 1), ("group", 0, 99)):
        changed = {key: column.copy() for key, column in columns.items()}
        changed[name][at] = value
        assert not Grown(**changed).are_of(objects) or name == "group"
    fewer = {key: column[:-1] for key, column in columns.items() if key == "offsets"}
    assert not Grown(**{**columns, **fewer}).are_of(objects)
    one_group = {**columns, "group": np.zeros_like(columns["group"])}
    assert not Grown(**one_group).are_of(objects)


def test_what_is_shown() -> None:
    found = evaluated(dilation=1).lesions_as("brats-met")
    assert repr(found) == "<LesionsAs brats-met: dice, tp, fn, fp>"
    lines = str(found).splitlines()
    assert lines[0] == "BraTS 2023, MET: means over images"
    assert [line.split()[0] for line in lines[2:5]] == ["class", "core", "oedema"]
    assert lines[3].split()[1] == f"{found.means['dice'][1]:.4f}"
    told = found.to_dict()
    assert told["means"]["dice"] == [None, *found.means["dice"][1:].tolist()]
    assert told["differences"] == list(found.differences)


def test_what_cannot_be_asked_for() -> None:
    ev = evaluated(dilation=1)
    assert refused(ArgumentError, ev.lesions_as, "brats") == (
        "there is no convention `brats`\nhint: the nearest are `brats-ssa`, `brats-ped`, `brats-met`"
    )
    assert refused(ArgumentError, ev.lesions_as, "brats-gli") == (
        "`brats-gli` grows targets by 3, and they were grown by 1\n"
        "hint: evaluate with `components=True` and `dilation=3`"
    )
    assert refused(ArgumentError, evaluated(dilation=1, connectivity=6).lesions_as, "brats-met") == (
        "`brats-met` takes all neighbours, and components are of 6\nhint: evaluate without `connectivity`"
    )
    judge = InstanceEvaluator(["cell"])
    judge.add(target=[[1]], pred=[[1]])
    assert refused(ArgumentError, judge.result().lesions_as, "panoptica") == (
        "`panoptica` is of components, and objects were told apart by ids\n"
        "hint: evaluate masks of classes with `components=True`"
    )
    for given in (-1, 51, 1.5, True):
        assert refused(ArgumentError, Evaluator, 2, components=True, dilation=given) == (
            f"`dilation` is {given}, expected 0 to 50 steps\nhint: by which targets are grown, such as 3"
        )
    assert refused(ArgumentError, Evaluator, 2, dilation=1) == (
        "`dilation` is given without `components`\n"
        "hint: components of classes are told apart with `components=True`"
    )
