"""Arrays of another device are counted as those of the CPU are, and no more crosses than has to."""

from types import SimpleNamespace

import numpy as np
import pytest

from segscore import Classes, ConfusionMatrix, DtypeError, Evaluator, SegscoreError, evaluate
from segscore.io.devices import away, is_traced
from support.on_device import OnDevice
from support.refused import refused

RANDOM = np.random.default_rng(0)


def scores_of(classes: int, dtype: str = "f4", shape=(6, 7)):
    """Return class scores with many ties."""
    return np.round(RANDOM.normal(size=(classes, *shape)), 1).astype(dtype)


def labels_of(classes: int, shape=(6, 7)):
    return RANDOM.integers(0, classes, shape)


def judged(classes, *images: dict, **options):
    judge = Evaluator(classes, **options)
    for image in images:
        judge.add(**image)
    return judge.result()


def both(call, **given) -> None:
    """Assert that a call says the same error of arrays wherever they lie."""
    here = said_of(call, **given)
    there = said_of(call, **{k: OnDevice(v) if isinstance(v, np.ndarray) else v for k, v in given.items()})
    assert here == there
    assert here is not None


def said_of(call, **given) -> str | None:
    try:
        call(**given)
    except SegscoreError as error:
        return f"{type(error).__name__}: {error}"
    return None


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize("classes", [2, 128, 256, 257])
def test_the_highest_class_is_found_where_the_scores_are(classes, dtype):
    scores, target = scores_of(classes, dtype), labels_of(classes)
    there = OnDevice(scores)
    found = judged(classes, {"logits": there, "class_axis": 0, "target": target})
    assert found == judged(classes, {"logits": scores, "class_axis": 0, "target": target})
    assert there.crossed == [("uint8" if classes <= 256 else "int16", 42)]


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
def test_classes_may_be_on_any_axis(axis):
    scores, target = scores_of(5), labels_of(5)
    there = OnDevice(np.moveaxis(scores, 0, axis))
    cm = ConfusionMatrix(5)
    cm.update(logits=there, class_axis=axis, target=target)
    np.testing.assert_array_equal(cm.counts.sum(0), np.bincount(scores.argmax(0).ravel(), minlength=5))
    assert there.crossed == [("uint8", 42)]


@pytest.mark.parametrize("axis", [None, 0, -1])
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize("threshold", [0.1, 0.7])
def test_a_threshold_is_applied_where_the_scores_are(threshold, dtype, axis):
    # What a type rounds to the threshold reaches it: 0.1 is less in 16 bits, and 0.7 in 32.
    scores = np.array([[0.1, 0.3], [0.7, 0.2999], [0.3001, -1]], dtype)
    target = np.array([[0, 1], [1, 0], [0, 1]])
    given = scores if axis is None else np.expand_dims(scores, axis)
    there = OnDevice(given)
    options = {"class_axis": axis, "threshold": threshold, "target": target}
    found = judged(2, {"logits": there, **options})
    assert found == judged(2, {"logits": given, **options})
    assert found.confusion.counts.sum(0).tolist() == ([1, 5] if threshold == 0.1 else [5, 1])
    assert there.crossed == [("bool", 6)]


def test_label_maps_on_one_device_are_counted_there():
    pred, target = labels_of(5), labels_of(5)
    target[0, 0], pred[0, 1], target[3] = -1, 9, 255
    classes = Classes(list("abcde"), ignore=[255, -1])
    crossed: list = []
    there = {"pred": OnDevice(pred, 0, crossed), "target": OnDevice(target, 0, crossed)}
    with pytest.warns(match="no class"):
        found = judged(classes, there)
    with pytest.warns(match="no class"):
        assert found == judged(classes, {"pred": pred, "target": target})
    pairs = len(found.table.pixels)
    assert 5 < pairs < 42
    assert crossed == [("int64", pairs)] * 2


@pytest.mark.parametrize("elsewhere", ["pred", "target"])
def test_a_label_map_crosses_in_as_few_bytes_as_hold_it(elsewhere):
    for most, crossing in ((255, "uint8"), (256, "int16"), (40_000, "int32"), (2**40, "int64")):
        labels = {"pred": labels_of(2), "target": labels_of(2)}
        labels[elsewhere][0, 0] = most
        there = OnDevice(labels[elsewhere])
        classes = Classes(["a", "b", "c"], [0, 1, most])
        found = judged(classes, {**labels, elsewhere: there})
        assert found == judged(classes, labels)
        assert there.crossed == [(crossing, 42)]
    negative = OnDevice(np.array([[-1, 100]]))
    judged(Classes(["a", "b"], [-1, 100]), {"pred": negative, "target": np.array([[-1, -1]])})
    assert negative.crossed == [("int8", 2)]


@pytest.mark.parametrize("labels", [[0, 2**40], [0, 2**23], [-(2**62), 5]])
def test_labels_that_are_far_apart_cross(labels):
    classes = Classes(["a", "b"], labels)
    pred, target = (np.array(labels)[labels_of(2)] for _ in range(2))
    found = judged(classes, {"pred": OnDevice(pred), "target": OnDevice(target)})
    assert found == judged(classes, {"pred": pred, "target": target})


def test_label_maps_of_two_devices_cross():
    pred, target = OnDevice(labels_of(3), 0), OnDevice(labels_of(3), 1)
    found = judged(3, {"pred": pred, "target": target})
    assert found == judged(3, {"pred": pred.inside, "target": target.inside})
    assert pred.crossed == target.crossed == [("uint8", 42)]


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int8, np.uint16, np.int32, np.int64])
def test_labels_of_all_types_are_counted(dtype):
    pred, target = (labels_of(2).astype(dtype) for _ in range(2))
    expected = judged(2, {"pred": pred, "target": target})
    for one, other in (
        (OnDevice(pred), OnDevice(target)),
        (OnDevice(pred), target),
        (pred, OnDevice(target)),
    ):
        assert judged(2, {"pred": one, "target": other}) == expected


def test_a_batch_is_counted_image_by_image():
    scores, target = scores_of(3, shape=(4, 6, 7)), labels_of(3, (4, 6, 7))
    target[0], target[1] = 2, 0
    names = list("badc")
    here, there = Evaluator(3), Evaluator(3)
    crossed: list = []
    given = {"logits": np.moveaxis(scores, 0, 1), "target": target, "class_axis": 1, "names": names}
    here.add_batch(**given)
    there.add_batch(
        **given | {"logits": OnDevice(given["logits"], 0, crossed), "target": OnDevice(target, 0, crossed)}
    )
    assert here.result() == there.result()
    pairs = np.diff(here.result().table.offsets).tolist()
    assert crossed == [("int64", number) for number in pairs for _ in range(2)]
    labels = {"pred": scores.argmax(0), "target": target}
    for judge, lie in ((here, np.asarray), (there, OnDevice)):
        judge.add_batch(**{side: lie(one) for side, one in labels.items()})
    assert here.result() == there.result()
    assert len(here) == 8


def test_shapes_are_measured_and_scores_resized_as_on_the_cpu():
    scores, target = scores_of(3, shape=(5, 8)), labels_of(3, (10, 16))
    options = {"boundary": 2, "distances": True}
    for given in ({"logits": scores, "class_axis": 0}, {"pred": labels_of(3, (10, 16))}):
        (side, array), *more = given.items()
        found = judged(3, {side: OnDevice(array), **dict(more), "target": OnDevice(target)}, **options)
        assert found == judged(3, {**given, "target": target}, **options)
    binary = {"threshold": 0.0, "target": target % 2}
    found = judged(2, {"logits": OnDevice(scores[0]), **binary}, **options)
    assert found == judged(2, {"logits": scores[0], **binary}, **options)
    classes = Classes(["a", "b", "c"], [7, 300, 9])
    here = {"logits": scores_of(3, shape=(10, 16)), "class_axis": 0, "target": np.array([7, 300, 9])[target]}
    assert judged(classes, here | {"logits": OnDevice(here["logits"])}, **options) == judged(
        classes, here, **options
    )


def test_lists_and_stacks_are_evaluated_wherever_they_lie():
    pred, target, scores = labels_of(3, (4, 6, 7)), labels_of(3, (4, 6, 7)), scores_of(3, shape=(4, 6, 7))
    scores = np.moveaxis(scores, 0, 1)
    for predicted, axis in ((pred, None), (scores, 1)):
        options = {"classes": 3, "class_axis": axis}
        here = evaluate(pred=predicted, target=target, **options)
        assert evaluate(pred=OnDevice(predicted), target=OnDevice(target), **options) == here
        lists = [list(map(OnDevice, side)) for side in (predicted, target)]
        options["class_axis"] = None if axis is None else 0
        found = evaluate(pred=lists[0], target=lists[1], **options)
        assert found.table == here.table


# Errors


@pytest.mark.parametrize("place", [(0, 0, 0), (2, 3, 1), (4, 5, 6)])
@pytest.mark.parametrize("axis", [0, 2])
def test_nan_is_found_at_its_place(place, axis):
    scores = scores_of(5)
    scores[place] = np.nan
    scores[-1, -1, -1] = np.nan
    given = np.moveaxis(scores, 0, axis).copy()
    both(ConfusionMatrix(5).update, logits=given, class_axis=axis, target=labels_of(5))
    both(ConfusionMatrix(2).update, logits=scores[place[0]], threshold=0.5, target=labels_of(2))
    both(ConfusionMatrix(2).update, logits=scores[4:], class_axis=0, threshold=0.5, target=labels_of(2))
    both(Evaluator(5).add, logits=given, class_axis=axis, target=labels_of(5, (12, 14)))


WRONG = {
    "no axis": lambda: {"logits": scores_of(3), "target": labels_of(3)},
    "another axis": lambda: {"logits": scores_of(3), "target": labels_of(3), "class_axis": 1},
    "no such axis": lambda: {"logits": scores_of(3), "target": labels_of(3), "class_axis": 3},
    "integers": lambda: {"logits": labels_of(3, (3, 6, 7)), "target": labels_of(3), "class_axis": 0},
    "floats": lambda: {"pred": scores_of(3)[0], "target": labels_of(3)},
    "float targets": lambda: {"pred": labels_of(3), "target": scores_of(3)[0]},
    "complex": lambda: {"pred": labels_of(3).astype(complex), "target": labels_of(3)},
    "an unknown label": lambda: {"pred": labels_of(3), "target": labels_of(3) + 5},
    "an unknown label of scores": lambda: {
        "logits": scores_of(3), "target": labels_of(3) + 5, "class_axis": 0
    },
    "other shapes": lambda: {"pred": labels_of(3, (6, 9)), "target": labels_of(3)},
    "transposed": lambda: {"pred": labels_of(3, (7, 6)), "target": labels_of(3)},
    "other shapes of scores": lambda: {
        "logits": scores_of(3, shape=(6, 7, 2)), "target": labels_of(3), "class_axis": 0
    },
    "one-hot": lambda: {"pred": np.eye(3, dtype=int)[labels_of(3)], "target": labels_of(3)},
    "colours": lambda: {
        "pred": np.zeros((20, 20, 3), np.uint8), "target": np.zeros((20, 20, 3), np.uint8)
    },
    "a stack of masks": lambda: {"pred": np.zeros((4, 6, 7), bool), "target": np.zeros((4, 6, 7), bool)},
}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_wrong_is_said_as_on_the_cpu(kind):
    given = WRONG[kind]()
    both(ConfusionMatrix(3).update, **given)
    both(Evaluator(3).add, **given)


def test_images_that_are_batches_are_refused_as_on_the_cpu():
    batch = {"pred": labels_of(3, (4, 6, 7)), "target": labels_of(3, (4, 6, 7))}
    both(Evaluator(3).add, **batch)
    both(Evaluator(3).add_batch, **{side: one[0] for side, one in batch.items()})
    both(Evaluator(3).add_batch, pred=batch["pred"][:2], target=batch["target"])
    narrow = labels_of(3, (6, 7, 1))
    both(Evaluator(3).add_batch, pred=narrow, target=narrow)
    no_colours = labels_of(3, (8, 9, 3))  # of 64 bits, and of one byte a pixel where they cross
    both(Evaluator(3).add, pred=no_colours, target=no_colours)


class Unknown:
    """Lies on a device, and nobody knows how to work with it there."""

    shape, dtype = (3, 2, 2), "float32"

    def __dlpack_device__(self):
        return 2, 0

    def __dlpack__(self):
        raise BufferError


STANDING_FOR = {
    "Tracer": "jax._src.core",
    "SymbolicTensor": "tensorflow.python.framework.tensor",
    "FakeTensor": "torch._subclasses.fake_tensor",
}


@pytest.mark.parametrize(("name", "module"), STANDING_FOR.items())
def test_what_stands_for_a_value_is_refused(name, module):
    base = type(name, (), {"__module__": module})
    traced = type("DynamicTracer", (base,), {"__module__": module})()
    assert is_traced(type(traced))
    hint = "\nhint: call it outside the compiled function, on what this returns"
    for side, cm in (("pred", ConfusionMatrix(2)), ("target", ConfusionMatrix(2))):
        labels = {"pred": np.zeros((2, 2), int), "target": np.zeros((2, 2), int), side: traced}
        assert refused(DtypeError, cm.update, **labels) == (
            f"`{side}` has no values yet: it is a DynamicTracer of code that is compiled{hint}"
        )
    said = refused(DtypeError, ConfusionMatrix(2).update, logits=traced, class_axis=0, target=[[0]])
    assert said == f"`logits` has no values yet: it is a DynamicTracer of code that is compiled{hint}"
    assert not is_traced(type("Tracer", (), {"__module__": "mine"}))


def test_what_is_here_is_not_away():
    assert away(np.zeros(2)) is None
    assert away([1, 2]) is None
    assert away(Unknown()) is None
    assert away(SimpleNamespace(__dlpack_device__=lambda: (1, 0))) is None
    assert away(OnDevice([1])).shape == (1,)
