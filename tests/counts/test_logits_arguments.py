"""What offers class scores, and what is refused with a reason."""

import sys

import ml_dtypes
import numpy as np
import pytest

from segscore import ArgumentError, ConfusionMatrix, DtypeError, Evaluator, ShapeError
from support import hints
from support.refused import refused

# What offers scores


class Tensor:
    """Has what a tensor of torch on the CPU has, as far as it matters."""

    def __init__(self, values, dtype, *, device=1, gradient=False):
        self.values, self.dtype, self.device, self.gradient = values, dtype, device, gradient

    def detach(self):
        return Tensor(self.values, self.dtype, device=self.device)

    def view(self, dtype):
        assert not self.gradient
        return Tensor(self.values.view(np.int16), dtype, device=self.device)

    def __dlpack_device__(self):
        return self.device, 0

    def __dlpack__(self, **options):
        if self.gradient or self.dtype == "torch.bfloat16":
            raise BufferError("cannot be exported")
        return self.values.__dlpack__(**options)

    def __array__(self, dtype=None, copy=None):
        raise TypeError("got unsupported type")


@pytest.fixture
def torch(monkeypatch):
    module = type("torch", (), {"int16": "torch.int16"})
    monkeypatch.setitem(sys.modules, "torch", module)
    return module


@pytest.mark.parametrize("gradient", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float16", "float64", "bfloat16"])
def test_tensors_are_read_where_they_lie_and_without_their_gradients(torch, dtype, gradient):
    logits = (
        np.random.default_rng(7)
        .standard_normal((4, 5, 6))
        .astype(dtype if dtype != "bfloat16" else ml_dtypes.bfloat16)
    )
    target = np.zeros((5, 6), int)
    shown = logits.view(np.uint16) if dtype == "bfloat16" else logits
    cm = ConfusionMatrix(4)
    cm.update(logits=Tensor(shown, f"torch.{dtype}", gradient=gradient), target=target, class_axis=0)
    same = ConfusionMatrix(4)
    same.update(pred=logits.astype(np.float64).argmax(axis=0), target=target)
    assert cm == same


@pytest.mark.parametrize("dtype", ["torch.float32", "torch.bfloat16"])
def test_tensors_elsewhere_that_nobody_can_work_with_are_refused_without_a_large_copy(torch, dtype):
    values = Tensor(np.zeros((2, 3), np.float32 if dtype == "torch.float32" else np.uint16), dtype, device=2)
    assert refused(DtypeError, ConfusionMatrix(2).update, logits=values, target=[0, 0, 0], class_axis=0) == (
        "`logits` is not in the memory of the CPU\n"
        "hint: find the highest class where they are, and pass it as `pred=`: one byte a pixel in place of "
        "the scores of all classes"
    )


# What is refused

CLASSES_ON = (
    "hint: say which axis of `logits` holds the classes: `class_axis=1` for (N, K, H, W), `class_axis=-1` "
    "for (H, W, K)"
)
SCORES = np.zeros((3, 4, 5), np.float32)
TARGET = np.zeros((4, 5), np.uint8)
SHAPES = (
    "hint: `class_axis` says which axis of `logits` holds the classes; without it the shapes are the same"
)
NOT_OF_LABELS = (
    "`{0}` is given with `pred`, but belongs to `logits`\n"
    "hint: class scores are passed as `logits=`; for label maps leave `{0}` out"
)
MISSING = f"`class_axis` is missing, and is never guessed from the shape\n{CLASSES_ON}"


def either(found):
    hint = "hint: label maps are `pred=`; class scores are `logits=`, with `class_axis=`"
    return ArgumentError, f"expected either `pred` or `logits`, found {found}\n{hint}"


def no_axis(axis):
    text = f"`class_axis` is {axis}, but `logits` has the shape (3, 4, 5)\n"
    return ArgumentError, f"{text}hint: axes are counted from 0, or from -1 at the end"


def channels(number, found, hint=hints.CHANNELS):
    text = f"`logits` needs one channel for each of {number} classes, found {found}"
    return ShapeError, f"{text}\nhint: {hint}"


def no_size(scores):
    return ShapeError, f"`logits` and `target` differ in shape: {scores}, and (4, 5)\n{SHAPES}"


def no_number(threshold):
    hint = "hint: 0.5 for probabilities, 0 for logits before a sigmoid"
    return ArgumentError, f"`threshold` is {threshold!r}, expected a finite number\n{hint}"


def no_scores(kind):
    hint = "hint: label maps are passed as `pred=`; scores of other types go through `.astype(np.float32)`"
    return DtypeError, f"`logits` is {kind}, expected float16, bfloat16, float32 or float64\n{hint}"


def scores(values=SCORES, axis=0):
    return {"logits": values, "class_axis": axis}


def single(threshold=0.5, values=SCORES[0]):
    return {"logits": values, "threshold": threshold}


REFUSED = {
    "neither": (3, {}, *either("neither")),
    "both": (3, {"pred": TARGET, **scores()}, *either("both")),
    "an axis of label maps": (
        3,
        {"pred": TARGET, "class_axis": 0},
        ArgumentError,
        NOT_OF_LABELS.format("class_axis"),
    ),
    "a threshold of label maps": (
        2,
        {"pred": TARGET, "threshold": 0.0},
        ArgumentError,
        NOT_OF_LABELS.format("threshold"),
    ),
    "no axis": (3, {"logits": SCORES}, ArgumentError, MISSING),
    "an axis that is no number": (
        3,
        scores(axis="channels"),
        ArgumentError,
        f"`class_axis` is 'channels', expected an integer\n{CLASSES_ON}",
    ),
    "an axis that is not there": (3, scores(axis=3), *no_axis(3)),
    "a negative axis that is not there": (3, scores(axis=-4), *no_axis(-4)),
    "the wrong axis": (3, scores(axis=1), *channels(3, "4 on axis 1 of (3, 4, 5)")),
    "one channel too many": (2, scores(axis=-3), *channels(2, "3 on axis 0 of (3, 4, 5)")),
    "one channel for two classes": (
        2,
        scores(SCORES[:1]),
        *channels(
            2,
            "1 on axis 0 of (1, 4, 5)",
            "single-channel scores need a `threshold`, such as 0.5 for probabilities",
        ),
    ),
    "one channel for three classes": (
        3,
        scores(SCORES[:1]),
        *channels(3, "1 on axis 0 of (1, 4, 5)", hints.LABELS_AS_SCORES),
    ),
    "another shape": (
        3,
        scores(np.zeros((3, 4), np.float32)),
        *no_size("(3, 4), which is (4,) without class axis 0"),
    ),
    "single channel of another shape": (2, single(values=SCORES[0, 0]), *no_size("(5,)")),
    "a threshold for three classes": (
        3,
        single(),
        ArgumentError,
        "`threshold` tells two classes apart, found 3 classes\n"
        "hint: leave it out: the highest of the scores of all classes wins",
    ),
    "a threshold for two channels": (
        2,
        {**scores(SCORES[:2]), "threshold": 0.5},
        ShapeError,
        "`threshold` is for one channel, found 2 on axis 0 of (2, 4, 5)\n"
        "hint: leave `threshold` out, and the highest score wins; or `class_axis`, where there is no such "
        "axis",
    ),
    "a threshold of NaN": (2, single(float("nan")), *no_number(float("nan"))),
    "a threshold without end": (2, single(float("inf")), *no_number(float("inf"))),
    "a threshold that is true": (2, single(True), *no_number(True)),
    "a threshold in words": (2, single("0.5"), *no_number("0.5")),
    "integers": (3, scores(SCORES.astype(np.int64)), *no_scores("int64")),
    "the bits of bfloat16 without their type": (3, scores(SCORES.astype(np.uint16)), *no_scores("uint16")),
    "long doubles": (3, scores(SCORES.astype(np.longdouble)), *no_scores(np.dtype(np.longdouble))),
    "floats of eight bits": (3, scores(SCORES.astype(ml_dtypes.float8_e5m2)), *no_scores("float8_e5m2")),
    "a masked array": (
        3,
        scores(np.ma.array(SCORES)),
        DtypeError,
        "`logits` is a masked array, whose mask would be lost\n"
        "hint: leave pixels out by an ignored label in the target, and pass `logits.data`",
    ),
    "a path": (
        3,
        scores("scores.npy"),
        DtypeError,
        "`logits` is a text or a path, expected an array\nhint: load the scores first: `np.load`",
    ),
    "ragged lists": (
        2,
        scores([[0.0], [0.0, 1.0]]),
        ShapeError,
        "`logits` is no array: its rows differ in length\n"
        "hint: pass rows of one length; several images are a list of arrays on both sides",
    ),
}


@pytest.mark.parametrize(("number", "given", "error", "text"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_scores_is_refused_with_a_reason_and_changes_nothing(number, given, error, text):
    cm, judge = ConfusionMatrix(number), Evaluator(number)
    cm.update(pred=[1], target=[1])
    before = cm.copy()
    for call in (cm.update, judge.add):
        assert refused(error, call, **given, target=TARGET) == text
    assert cm == before
    assert len(judge) == 0


def test_a_matrix_never_resizes():
    for given, said in (
        (scores(np.zeros((3, 4, 6), np.float32)), "(3, 4, 6), which is (4, 6) without class axis 0"),
        (single(values=SCORES[:, 0]), "(3, 5)"),
    ):
        number = 2 if "threshold" in given else 3
        assert refused(ShapeError, ConfusionMatrix(number).update, **given, target=TARGET) == no_size(said)[1]


def test_a_batch_of_one_has_another_shape_than_its_target():
    text = no_size("(1, 3, 4, 5), which is (1, 4, 5) without class axis 1")[1]
    assert (
        refused(ShapeError, ConfusionMatrix(3).update, **scores(SCORES[None], axis=1), target=TARGET) == text
    )


def test_a_target_with_an_axis_of_its_own_for_the_channel_says_squeeze():
    given = {**scores(SCORES[None], axis=1), "target": TARGET[None, None]}
    assert refused(ShapeError, ConfusionMatrix(3).update, **given) == (
        "`logits` and `target` differ in shape: (1, 3, 4, 5), which is (1, 4, 5) without class axis 1, and "
        "(1, 1, 4, 5)\nhint: `target.squeeze(1)` is without the axis of length 1"
    )
