"""What offers class scores, and what is refused with a reason."""

import re
import sys

import ml_dtypes
import numpy as np
import pytest

from segscore import ArgumentError, ConfusionMatrix, DtypeError, Evaluator, ShapeError
from support import hints

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
def test_tensors_elsewhere_are_refused(torch, dtype):
    values = np.zeros((2, 3), np.float32 if dtype == "torch.float32" else np.uint16)
    with pytest.raises(DtypeError) as caught:
        ConfusionMatrix(2).update(logits=Tensor(values, dtype, device=2), target=[0, 0, 0], class_axis=0)
    assert str(caught.value) == (
        "`logits` is not in the memory of the CPU\nhint: move it there first: `logits.cpu()` or the like"
    )


# What is refused

CLASSES_ON = (
    "hint: say which axis of `logits` holds the classes: `class_axis=1` for (N, K, H, W), `class_axis=-1` "
    "for (H, W, K)"
)
SCORES = np.zeros((3, 4, 5), np.float32)
TARGET = np.zeros((4, 5), np.uint8)
KTH = f"hint: {hints.CHANNELS}"
SHAPES = (
    "hint: `class_axis` says which axis of `logits` holds the classes; without it the shapes are the same"
)
OTHERS = "hint: label maps are passed as `pred=`; scores of other types go through `.astype(np.float32)`"
EITHER = "hint: label maps are `pred=`; class scores are `logits=`, with `class_axis=`"
FINITE = "hint: 0.5 for probabilities, 0 for logits before a sigmoid"

REFUSED = {
    "neither": (3, {}, ArgumentError, f"expected either `pred` or `logits`, found neither\n{EITHER}"),
    "both": (
        3,
        {"pred": TARGET, "logits": SCORES, "class_axis": 0},
        ArgumentError,
        f"expected either `pred` or `logits`, found both\n{EITHER}",
    ),
    "an axis of label maps": (
        3,
        {"pred": TARGET, "class_axis": 0},
        ArgumentError,
        "`class_axis` is given with `pred`, but belongs to `logits`\n"
        "hint: class scores are passed as `logits=`; for label maps leave `class_axis` out",
    ),
    "a threshold of label maps": (
        2,
        {"pred": TARGET, "threshold": 0.0},
        ArgumentError,
        "`threshold` is given with `pred`, but belongs to `logits`\n"
        "hint: class scores are passed as `logits=`; for label maps leave `threshold` out",
    ),
    "no axis": (
        3,
        {"logits": SCORES},
        ArgumentError,
        f"`class_axis` is missing, and is never guessed from the shape\n{CLASSES_ON}",
    ),
    "an axis that is no number": (
        3,
        {"logits": SCORES, "class_axis": "channels"},
        ArgumentError,
        f"`class_axis` is 'channels', expected an integer\n{CLASSES_ON}",
    ),
    "an axis that is not there": (
        3,
        {"logits": SCORES, "class_axis": 3},
        ArgumentError,
        "`class_axis` is 3, but `logits` has the shape (3, 4, 5)\n"
        "hint: axes are counted from 0, or from -1 at the end",
    ),
    "a negative axis that is not there": (
        3,
        {"logits": SCORES, "class_axis": -4},
        ArgumentError,
        "`class_axis` is -4, but `logits` has the shape (3, 4, 5)\n"
        "hint: axes are counted from 0, or from -1 at the end",
    ),
    "the wrong axis": (
        3,
        {"logits": SCORES, "class_axis": 1},
        ShapeError,
        f"`logits` needs one channel for each of 3 classes, found 4 on axis 1 of (3, 4, 5)\n{KTH}",
    ),
    "one channel too many": (
        2,
        {"logits": SCORES, "class_axis": -3},
        ShapeError,
        f"`logits` needs one channel for each of 2 classes, found 3 on axis 0 of (3, 4, 5)\n{KTH}",
    ),
    "one channel for two classes": (
        2,
        {"logits": SCORES[:1], "class_axis": 0},
        ShapeError,
        "`logits` needs one channel for each of 2 classes, found 1 on axis 0 of (1, 4, 5)\n"
        "hint: single-channel scores need a `threshold`, such as 0.5 for probabilities",
    ),
    "another size": (
        3,
        {"logits": np.zeros((3, 4, 6), np.float32), "class_axis": 0},
        ShapeError,
        "`logits` and `target` differ in shape: (3, 4, 6), which is (4, 6) without class axis 0, and (4, 5)\n"
        + SHAPES,
    ),
    "a batch of one": (
        3,
        {"logits": SCORES[None], "class_axis": 1},
        ShapeError,
        "`logits` and `target` differ in shape: (1, 3, 4, 5), which is (1, 4, 5) without class axis 1, and "
        f"(4, 5)\n{SHAPES}",
    ),
    "single channel of another shape": (
        2,
        {"logits": SCORES, "threshold": 0.5},
        ShapeError,
        f"`logits` and `target` differ in shape: (3, 4, 5), and (4, 5)\n{SHAPES}",
    ),
    "a threshold for three classes": (
        3,
        {"logits": SCORES[0], "threshold": 0.5},
        ArgumentError,
        "`threshold` tells two classes apart, found 3 classes\n"
        "hint: leave it out: the highest of the scores of all classes wins",
    ),
    "a threshold for two channels": (
        2,
        {"logits": SCORES[:2], "threshold": 0.5, "class_axis": 0},
        ShapeError,
        "`threshold` is for one channel, found 2 on axis 0 of (2, 4, 5)\n"
        "hint: leave `threshold` out, and the highest score wins; or `class_axis`, where there is no such "
        "axis",
    ),
    "a threshold of NaN": (
        2,
        {"logits": SCORES[0], "threshold": float("nan")},
        ArgumentError,
        f"`threshold` is nan, expected a finite number\n{FINITE}",
    ),
    "a threshold without end": (
        2,
        {"logits": SCORES[0], "threshold": float("inf")},
        ArgumentError,
        f"`threshold` is inf, expected a finite number\n{FINITE}",
    ),
    "a threshold that is true": (
        2,
        {"logits": SCORES[0], "threshold": True},
        ArgumentError,
        f"`threshold` is True, expected a finite number\n{FINITE}",
    ),
    "a threshold in words": (
        2,
        {"logits": SCORES[0], "threshold": "0.5"},
        ArgumentError,
        f"`threshold` is '0.5', expected a finite number\n{FINITE}",
    ),
    "integers": (
        3,
        {"logits": SCORES.astype(np.int64), "class_axis": 0},
        DtypeError,
        f"`logits` is int64, expected float16, bfloat16, float32 or float64\n{OTHERS}",
    ),
    "the bits of bfloat16 without their type": (
        3,
        {"logits": SCORES.astype(np.uint16), "class_axis": 0},
        DtypeError,
        f"`logits` is uint16, expected float16, bfloat16, float32 or float64\n{OTHERS}",
    ),
    "long doubles": (
        3,
        {"logits": SCORES.astype(np.longdouble), "class_axis": 0},
        DtypeError,
        f"`logits` is {np.dtype(np.longdouble)}, expected float16, bfloat16, float32 or float64\n{OTHERS}",
    ),
    "floats of eight bits": (
        3,
        {"logits": SCORES.astype(ml_dtypes.float8_e5m2), "class_axis": 0},
        DtypeError,
        f"`logits` is float8_e5m2, expected float16, bfloat16, float32 or float64\n{OTHERS}",
    ),
    "a masked array": (
        3,
        {"logits": np.ma.array(SCORES), "class_axis": 0},
        DtypeError,
        "`logits` is a masked array, whose mask would be lost\n"
        "hint: leave pixels out by an ignored label in the target, and pass `logits.data`",
    ),
    "a path": (
        3,
        {"logits": "scores.npy", "class_axis": 0},
        DtypeError,
        "`logits` is a text or a path, expected an array\nhint: load the scores first: `np.load`",
    ),
    "ragged lists": (
        2,
        {"logits": [[0.0], [0.0, 1.0]], "class_axis": 0},
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
        with pytest.raises(error, match=f"^{re.escape(text)}$"):
            call(**given, target=TARGET)
    assert cm == before
    assert len(judge) == 0
