"""What offers an array becomes labels without a copy; what holds no labels is refused with a reason."""

import array
import sys
from mmap import mmap

import numpy as np
import pytest
from PIL import Image

from segscore.errors import DtypeError, LabelError, ShapeError
from segscore.io.arrays import as_labels, as_logits, is_many
from segscore.predict import resize_logits
from segscore.results.confusion import ConfusionMatrix
from support import hints
from support.refused import refused


class Dlpack:
    """Offers DLPack and nothing else."""

    def __init__(self, values, device=1, error=None):
        self.values, self.device, self.error = values, device, error

    def __dlpack__(self, **options):
        if self.error is not None:
            raise self.error
        return self.values.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.device, 0


class DlpackAndArray(Dlpack):
    def __array__(self, dtype=None, copy=None):
        return self.values


class OldDlpack:
    """Offers DLPack as its first version was: no options, no device."""

    def __init__(self, values):
        self.values = values

    def __dlpack__(self, stream=None):
        return self.values.__dlpack__()


class Interface:
    def __init__(self, values):
        self.values, self.__array_interface__ = values, values.__array_interface__


class Negative:
    """A tensor as torch keeps the imaginary part of a conjugate: its memory holds the opposites."""

    def __init__(self, values, negative=True):
        self.values, self.negative, self.dtype = values, negative, f"torch.{values.dtype}"

    def detach(self):
        return self

    def is_neg(self):
        return self.negative

    def resolve_neg(self):
        return Negative(-self.values, negative=False)

    def __dlpack__(self, **options):
        return self.values.__dlpack__(**options)

    def __dlpack_device__(self):
        return 1, 0


class OffersArray:
    def __init__(self, values, error=None):
        self.values, self.error = values, error

    def __array__(self, dtype=None, copy=None):
        if self.error is not None:
            raise self.error
        return self.values


@pytest.fixture
def labels():
    return np.array([[0, 1, 1], [2, 2, 0]], dtype=np.uint8)


OFFERS = {
    "DLPack": Dlpack,
    "DLPack of pinned CUDA memory": lambda labels: Dlpack(labels, device=3),
    "DLPack of pinned ROCm memory": lambda labels: Dlpack(labels, device=11),
    "DLPack as it first was": OldDlpack,
    "__array__ where DLPack fails": lambda labels: DlpackAndArray(labels, error=BufferError("read-only")),
    "__array_interface__": Interface,
    "__array__": OffersArray,
    "memoryview": memoryview,
    "read-only memoryview": lambda labels: memoryview(labels).toreadonly(),
}


@pytest.mark.parametrize("offer", OFFERS.values(), ids=OFFERS)
def test_what_offers_an_array_is_read_where_it_lies_and_counted(offer, labels):
    found = as_labels(offer(labels), "pred")
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, labels)
    assert np.shares_memory(found, labels)
    cm = ConfusionMatrix(3)
    cm.update(pred=offer(labels), target=offer(labels[::-1].copy()))
    assert cm.counts.tolist() == [[0, 1, 1], [1, 0, 1], [1, 1, 0]]


@pytest.mark.parametrize("dtype", ["?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"])
def test_dlpack_carries_every_type_and_stride(dtype):
    values = np.arange(24).reshape(4, 6).astype(dtype)[::2, 1::2]
    found = as_labels(Dlpack(values), "pred")
    assert found.dtype == dtype
    assert np.shares_memory(found, values)
    np.testing.assert_array_equal(found, values)


@pytest.mark.parametrize(
    "buffer",
    [
        pytest.param(memoryview(np.array([0, 1, 2], np.int16)), id="memoryview"),
        *(array.array(code, [0, 1, 2]) for code in "bBhHiIlLqQ"),
        range(3),
        (0, 1, 2),
        [np.int64(0), np.uint8(1), 2],
    ],
    ids=repr,
)
def test_buffers_and_sequences_of_numbers_are_one_array(buffer):
    cm = ConfusionMatrix(3)
    cm.update(pred=buffer, target=[0, 1, 1])
    assert cm.counts.tolist() == [[1, 0, 0], [0, 1, 1], [0, 0, 0]]


@pytest.mark.parametrize(
    "content",
    [b"\0\1\2", bytearray(3), memoryview(b"\0\1\2"), mmap(-1, 3)],
    ids=lambda one: type(one).__name__,
)
def test_bytes_may_be_a_file_and_are_no_labels(content):
    kind = type(content)
    for name, other in (("pred", "target"), ("target", "pred")):
        sides = {name: content, other: [0, 1, 1]}
        assert refused(DtypeError, ConfusionMatrix(256).update, **sides) == (
            f"`{name}` is of type {kind.__name__}, expected an array\nhint: `Evaluator.add` and lists of "
            f"`evaluate` take files as bytes; labels are `np.frombuffer({name}, np.uint8)`"
        )
        several = {name: [content, content], other: [0, 1]}
        assert refused(DtypeError, ConfusionMatrix(256).update, **several) == (
            f"`{name}` is a list of {kind.__name__}, expected an array\nhint: `Evaluator.add` and lists of "
            f"`evaluate` take files as bytes; labels are `np.frombuffer({name}, np.uint8)`"
        )
    scores = {"logits": content, "target": [0, 1, 1], "class_axis": 0}
    assert refused(DtypeError, ConfusionMatrix(2).update, **scores) == (
        f"`logits` is of type {kind.__name__}, expected an array\nhint: scores are `np.frombuffer(logits, "
        "np.float32)`, and then have to be given their shape"
    )


@pytest.mark.parametrize("code", "bBhHiIlLqQ")
def test_buffers_are_not_copied(code):
    buffer = array.array(code, [0, 1, 2])
    assert np.shares_memory(as_labels(buffer, "pred"), np.frombuffer(buffer, dtype=code))


def test_a_tensor_whose_numbers_are_the_opposites_of_its_memory():
    scores = np.array([[0.25, -1.0], [-0.5, 3.0]], np.float32)
    assert np.array_equal(as_logits(Negative(-scores)), scores)
    assert np.array_equal(as_logits(Negative(scores, negative=False)), scores)
    assert np.array_equal(as_labels(Negative(np.array([-1, -2])), "pred"), [1, 2])
    cm = ConfusionMatrix(2)
    cm.update(logits=Negative(-scores), target=[0, 1], class_axis=0)
    assert cm.scores.pixel_accuracy == 1.0
    assert np.array_equal(resize_logits(Negative(-scores[None]), (2, 2), class_axis=0), scores[None])


def test_a_buffer_of_several_dimensions_keeps_its_shape():
    cm = ConfusionMatrix(2)
    cm.update(pred=memoryview(bytes([0, 1, 1, 1])).cast("B", (2, 2)), target=[[0, 0], [1, 1]])
    assert cm.counts.tolist() == [[1, 1], [0, 2]]


@pytest.mark.parametrize("mode", ["L", "P", "1", "I", "I;16"])
def test_images_of_pillow_are_read_by_label_and_palettes_by_index(mode):
    pixels = np.array([[0, 1, 1], [1, 0, 0]])
    dtype = {"1": bool, "I": np.int32, "I;16": np.uint16}.get(mode, np.uint8)
    image = Image.fromarray(pixels.astype(dtype))
    if mode == "P":
        image.putpalette([200, 10, 10, 3, 90, 4])
    assert image.mode == mode
    cm = ConfusionMatrix(2)
    cm.update(pred=image, target=pixels)
    cm.update(pred=[image, image], target=[pixels, image])
    assert cm.counts.tolist() == [[9, 0], [0, 9]]


MASKED = (
    "`{}` is a masked array, whose mask would be lost\n"
    "hint: write an ignored label into the masked pixels: `array.filled(255)` with `ignore_index=255`"
)
STACK = (
    "`{}` is a bool array of shape {} for {}: a stack of masks, which may overlap\n"
    "hint: a label map has one label a pixel: where masks do not overlap, use `stack.argmax(axis=0)`; "
    "a batch of yes/no masks has two classes"
)
RAGGED = (
    "`{}` is no array: its rows differ in length\n"
    "hint: pass rows of one length; several images are a list of arrays on both sides"
)


def floats(kind):
    return DtypeError, f"`{{}}` is {kind}, expected bools or integers\nhint: {hints.FLOATS}"


def of_type(kind):
    return DtypeError, f"`{{}}` is of type {kind}, expected bools or integers\nhint: {hints.INTEGERS}"


def no_array(kind, why):
    hint = "hint: pass a NumPy array or something that offers one"
    return DtypeError, f"`{{}}` is of type {kind}, which does not become an array: {why}\n{hint}"


def squeezed(side, axis):
    return f"`{side}.squeeze({axis})` is without the axis of length 1"


REFUSED = {
    "float64": (np.zeros(2), *floats("float64")),
    "float16": (np.float16(1), *floats("float16")),
    "empty float32": (np.zeros((0, 3), "f4"), *floats("float32")),
    "list of floats": ([[0.0]], *floats("float64")),
    "Pillow float": (Image.new("F", (2, 2)), *floats("float32")),
    "complex": (np.zeros(2, complex), *of_type("complex128")),
    "objects": (np.array([1, 2], dtype=object), *of_type("object")),
    "an object without dimension": (np.array(None), *of_type("object")),
    "a huge number": ([2**70], *of_type("object")),
    "texts": (np.array(["road"]), *of_type("<U4")),
    "characters": (array.array("u" if sys.version_info < (3, 13) else "w", "ab"), *of_type("<U1")),
    "records": (np.zeros(2, "u1,u1"), *of_type("[('f0', 'u1'), ('f1', 'u1')]")),
    "dates": (np.array(["2020"], "M8[D]"), *of_type("datetime64[D]")),
    "a dict": ({0: 1}, *of_type("dict")),
    "a generator": ((i for i in [1]), *of_type("generator")),
    "a text": (
        "mask.png",
        DtypeError,
        "`{}` is a text or a path, expected an array\nhint: `segscore.evaluate` reads files",
    ),
    "masked": (np.ma.array([0, 1]), DtypeError, MASKED),
    "masked without mask": (np.ma.array([0, 1]).astype(np.uint8), DtypeError, MASKED),
    "rows, one of them masked": ([np.array([0, 1]), np.ma.array([0, 1], mask=[0, 1])], DtypeError, MASKED),
    "ragged": ([[0, 1], [0]], ShapeError, RAGGED),
    "half nested": ([0, [1]], ShapeError, RAGGED),
    "empty and not": ([[], [1]], ShapeError, RAGGED),
    "on a GPU": (
        Dlpack(np.zeros(2, int), device=2),
        DtypeError,
        "`{0}` is not in the memory of the CPU\nhint: move it there first: `{0}.cpu()` or the like",
    ),
    "failing DLPack": (
        Dlpack(None, error=BufferError("strange memory")),
        *no_array("Dlpack", "strange memory"),
    ),
    "failing __array__": (OffersArray(None, error=TypeError("GPU")), *no_array("OffersArray", "GPU")),
    "no __array__ yet": (OffersArray(None, error=ValueError("lazy")), *no_array("OffersArray", "lazy")),
    "a stack": (np.zeros((19, 2, 2), bool), ShapeError, STACK.format("{}", "(19, 2, 2)", "19 classes")),
    "a batch of stacks": (
        np.zeros((1, 19, 2, 2), bool),
        ShapeError,
        STACK.format("{}", "(1, 19, 2, 2)", "19 classes"),
    ),
    "2**63": (
        np.array([0, 2**63], dtype=np.uint64),
        LabelError,
        "`{}` holds the label 9223372036854775808, expected less than 2**63\n"
        "hint: labels are 64-bit integers with sign; is this a bit mask or a hash?",
    ),
}


@pytest.mark.parametrize("side", ["pred", "target"])
@pytest.mark.parametrize(("value", "error", "text"), REFUSED.values(), ids=REFUSED)
def test_what_holds_no_labels_is_refused_with_a_reason_and_changes_nothing(side, value, error, text):
    cm = ConfusionMatrix(19)
    cm.update(pred=[1], target=[1])
    before = cm.copy()
    # The other side has the same shape where there is one, so that nothing else is wrong.
    other = {"pred": "target", "target": "pred"}[side]
    if side == "target":  # which is never made of class scores
        text = text.replace(hints.FLOATS, hints.FLOAT_TARGET)
    shape = value.shape if isinstance(value, np.ndarray) else ()
    assert refused(error, cm.update, **{side: value, other: np.zeros(shape, np.uint8)}) == text.format(side)
    assert cm == before


def test_a_released_buffer_is_refused():
    released = memoryview(b"\0\1")
    released.release()
    assert refused(DtypeError, as_labels, released, "pred") == of_type("memoryview")[1].format("pred")


@pytest.mark.parametrize("shape", [(19, 4), (2, 3)])
def test_bools_of_two_dimensions_are_a_label_map(shape):
    cm = ConfusionMatrix(19)
    cm.update(pred=np.ones(shape, bool), target=np.zeros(shape, np.uint8))
    assert cm.counts[0, 1] == shape[0] * shape[1]


def test_a_batch_of_yes_no_masks_is_a_label_map_of_two_classes():
    cm = ConfusionMatrix("binary")
    cm.update(pred=np.ones((4, 5, 6), bool), target=np.zeros((4, 5, 6), bool))
    assert cm.counts.tolist() == [[0, 120], [0, 0]]


def test_a_stack_for_one_class_is_refused_too():
    sides = {"pred": np.zeros((1, 2, 3), bool), "target": np.zeros((1, 2, 3), np.uint8)}
    text = STACK.format("pred", "(1, 2, 3)", "1 class")
    assert refused(ShapeError, ConfusionMatrix(1).update, **sides) == text


@pytest.mark.parametrize(
    ("pred", "target", "named", "hint"),
    [
        ((3, 4), (4, 3), "(3, 4) and (4, 3)", hints.TRANSPOSED),
        ((12,), (3, 4), "(12,) and (3, 4)", hints.SIZES),
        ((1, 3, 4), (4, 3), "(1, 3, 4) and (4, 3)", hints.SIZES),
        ((0, 5), (5, 0), "(0, 5) and (5, 0)", hints.SIZES),
        ((0,), (3,), "(0,) and (3,)", hints.SIZES),
        ((1, 3, 4), (3, 4), "(1, 3, 4) and (3, 4)", squeezed("pred", 0)),
        ((2, 3, 4), (2, 1, 3, 4), "(2, 3, 4) and (2, 1, 3, 4)", squeezed("target", 1)),
        ((1, 1, 4), (1, 4), "(1, 1, 4) and (1, 4)", squeezed("pred", 1)),
        (
            (1, 2, 1),
            (2,),
            "(1, 2, 1) and (2,)",
            "`pred.squeeze((0, 2))` is without the axes of length 1",
        ),
        ((), (1,), "() and (1,)", squeezed("target", 0)),
    ],
)
def test_sizes_that_differ_are_both_named(pred, target, named, hint):
    sides = {"pred": np.zeros(pred, np.uint8), "target": np.zeros(target, np.int64)}
    text = f"`pred` and `target` differ in shape: {named}\nhint: {hint}"
    assert refused(ShapeError, ConfusionMatrix(2).update, **sides) == text


@pytest.mark.parametrize(
    ("value", "many"),
    [
        ([np.zeros(2, int)], True),
        ((np.zeros(2, int), Image.new("L", (2, 2)), Dlpack(np.zeros(2, int))), True),
        ([], False),
        ([0, 1], False),
        ([np.int64(0), np.int64(1)], False),
        ([[0, 1], np.array([0, 1])], False),
        (np.zeros((2, 2), int), False),
    ],
)
def test_only_a_list_of_arrays_is_several_images(value, many):
    assert is_many(value) is many
