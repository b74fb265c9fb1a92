"""Evaluations of parts added up: what one evaluation of all images is, whatever the parts and their order."""

import pickle
import time
from dataclasses import replace

import numpy as np
import pytest

import segscore
from segscore import ArgumentError, Evaluation, Evaluator, SegscoreError
from segscore.counts.table import Table


def judged(names, *, classes=("road", "sky"), seed=0, **options) -> Evaluation:
    """Return the evaluation of images that hang on their names alone."""
    judge = Evaluator(list(classes), **options)
    for name in names:
        random = np.random.default_rng([seed, *name.encode()])
        judge.add(pred=random.integers(0, 2, (6, 7)), target=random.integers(0, 2, (6, 7)), name=name)
    return judge.result()


def said(call) -> str:
    """Return what the error of a call says."""
    with pytest.raises(ArgumentError) as caught:
        call()
    return str(caught.value)


def errors(message: str, hint: str) -> str:
    """Return an error with its hint, as it is shown."""
    return f"{message}\nhint: {hint}"


NAMES = [f"{where}/{i:02}" for where in ("b", "a") for i in range(12)]


@pytest.mark.parametrize(
    "options", [{}, {"boundary": 2, "distances": True, "spacing": (1, 2), "surface": "voxels"}]
)
@pytest.mark.parametrize("number", [1, 2, 5, 24])
def test_parts_in_any_order_are_the_whole(options, number):
    whole = judged(NAMES, **options)
    parts = [judged(NAMES[i::number], **options) for i in range(number)]
    order = np.random.default_rng(number).permutation(number).tolist()
    for found in (
        segscore.merge(parts[i] for i in order),
        sum(parts),
        pickle.loads(pickle.dumps(segscore.merge(parts))),
        segscore.merge([segscore.merge(parts[: number // 2 + 1]), *parts[number // 2 + 1 :]]),
    ):
        assert found == whole
        assert found.scores.mean_iou == whole.scores.mean_iou
        assert type(found) is Evaluation


def test_all_that_is_kept_of_parts_is_kept(tmp_path):
    one, two = judged(["a", "c"]), judged(["b"])
    failure = segscore.Failure("d", "broken")
    one = replace(
        one,
        groups=("x", "y"),
        extra=("z",),
        failures=(failure,),
        resized=2,
        provenance={"pred": "p", "target": "1"},
    )
    two = replace(two, groups=("y",), extra=("e",), provenance={"pred": "p", "target": "2"})
    found = two + one
    assert found.names == ("a", "b", "c")
    assert found.groups == ("x", "y", "y")
    assert found.extra == ("e", "z")
    assert found.failures == (failure,)
    assert found.resized == 2
    assert found.provenance == {"pred": "p", "target": "2; 1"}
    found.save(tmp_path / "both.npz")
    assert segscore.load(tmp_path / "both.npz") == found


def test_a_part_without_images_is_a_part():
    whole = judged(["a"])
    none = replace(whole, names=(), table=Table.stack([]), groups=None)
    assert segscore.merge([none, whole]) == whole
    assert segscore.merge([replace(whole, groups=("x",)), none]).groups == ("x",)


def test_an_image_that_comes_twice_is_one_only_if_it_is_the_same():
    one, two = judged(["a", "b"]), judged(["b", "c"])
    both = segscore.merge([one, two], duplicates="same")
    assert both == judged(["a", "b", "c"])
    twice = "give images of different parts different names"
    assert said(lambda: one + two) == errors(
        "image b comes in 2 parts", f'{twice}; where one image came twice, `duplicates="same"`'
    )
    other = judged(["b", "c"], seed=1)
    assert said(lambda: segscore.merge([one, other], duplicates="same")) == errors(
        "image b comes in 2 parts with different counts", twice
    )
    groups = replace(one, groups=("x", "y")), replace(two, groups=("x", "z"))
    assert said(lambda: segscore.merge(groups, duplicates="same")) == errors(
        "image b is in the groups 'y' and 'x'", twice
    )


def test_an_image_that_failed_in_one_part_is_named():
    one, two = judged(["a", "b"]), judged(["c"])
    failed = replace(two, failures=(segscore.Failure("a", "broken"),))
    hint = "leave out the part in which it failed, or `select` images of one of them"
    assert said(lambda: one + failed) == errors(
        "image a was scored in one part, and could not be in another: broken", hint
    )
    again = replace(judged(["d"]), failures=failed.failures)
    twice = "give images of different parts different names"
    assert said(lambda: failed + again) == errors("image a could not be scored in 2 parts", twice)
    assert segscore.merge([failed, again], duplicates="same").failures == failed.failures


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([], "there are no evaluations to add up"),
        ([1], "expected evaluations, found int"),
        (lambda: [judged("a"), judged("b", classes=("road", "car"))], "names"),
        (lambda: [judged("a"), judged("b", boundary=2)], "boundary"),
        (
            lambda: [replace(judged("a"), groups=("x",)), judged("b")],
            "1 of 2 parts has no groups, such as that of b",
        ),
    ],
)
def test_what_cannot_be_added_up_is_an_error(parts, said):
    with pytest.raises(ArgumentError, match=said):
        segscore.merge(parts() if callable(parts) else parts)


def test_other_ways_with_duplicates_are_none():
    with pytest.raises(SegscoreError, match="there is no way with duplicates `keep`"):
        segscore.merge([judged("a")], duplicates="keep")


def test_parts_some_of_whose_predictions_were_resized_cannot_come_twice():
    one = replace(judged(["a", "b"]), resized=1)
    with pytest.raises(ArgumentError, match="1 of 2 predictions of a part were resized"):
        segscore.merge([judged(["b"]), one], duplicates="same")
    assert segscore.merge([one, replace(judged(["c"]), resized=1)]).resized == 2


def test_a_thousand_parts_take_seconds():
    rows = np.arange(6)
    table = Table(
        np.arange(51) * 6, np.tile(rows // 2 % 2, 50), np.tile(rows % 2, 50), np.ones(300, np.int64)
    )
    first = judged("a")
    parts = [
        replace(first, names=tuple(f"{k:04}_{i:02}" for i in range(50)), table=table) for k in range(1000)
    ]
    before = time.process_time()
    found = segscore.merge(reversed(parts))
    assert time.process_time() - before < 5
    assert len(found.names) == 50_000
    assert found.scores.pixels == 300_000
