"""What ONNX models that cannot be used get: the whole text of each error."""

import _thread
import re
import sys
import threading

import numpy as np
import pytest

from segscore import ArgumentError, FileFormatError, predict
from support.refused import refused
from support.tiny_models import LOOP, SAME, model, save

IMAGE = np.zeros((2, 4, 3), np.uint8)


def says(error, text):
    """Whether an error says exactly this; `{…}` in it is whatever onnxruntime says."""
    pattern = re.escape(text).replace(re.escape("{…}"), "[^\n]+")
    return re.fullmatch(pattern, str(error.value)) is not None


BY_HAND = "hint: run the model in a Python function that prepares its input"
SMALLER = "expected at most 89,478,485\nhint: give or export a smaller size"
ENDS = "hint: export a model that ends in class scores (n, K, h, w) or in labels (n, h, w)"
UNCLEAR = (
    "from which it is not clear where the channels are\n"
    'hint: say it: `layout="nchw"` for (n, C, h, w), `layout="nhwc"` for (n, h, w, C)'
)


UNSCALED = (
    "as of values from 0 to 1, but the model is given values up to 255\n"
    "hint: say `scale=1/255` for a model that was trained on 0 to 1; or `scale=1` if these are of 0 to 255"
)

MODELS = [
    (
        "(float[n,3,2,4] x, float[1] t) => (float[n,3,2,4] y) { y = Add(x, t) }",
        "expected one input, found 2: x (n, 3, 2, 4), t (1)\n"
        "hint: export a model that takes an image only, or run it in a Python function",
    ),
    (
        "(float[n,3,2,4] x) => (float[n,3,2,4] y, float[n,3,2,4] z) { y = Identity(x) z = Neg(x) }",
        "expected one output, found 2: y (n, 3, 2, 4), z (n, 3, 2, 4)\nhint: say which: `output='y'`",
    ),
    (
        model("float[3,2,4]"),
        "the input x is tensor(float) (3, 2, 4), expected float, float16 or uint8 with four axes\n" + BY_HAND,
    ),
    (
        model("double[n,3,2,4]"),
        "the input x is tensor(double) (n, 3, 2, 4), expected float, float16 or uint8 with four axes\n"
        + BY_HAND,
    ),
    (model("float[n,5,2,4]"), f"the input x is tensor(float) (n, 5, 2, 4), {UNCLEAR}"),
    (model("float[n,c,2,4]"), f"the input x is tensor(float) (n, c, 2, 4), {UNCLEAR}"),
    (model("float[n,3,2,3]"), f"the input x is tensor(float) (n, 3, 2, 3), {UNCLEAR}"),
    (
        model("float[n,3,h,w]"),
        "the input x is tensor(float) (n, 3, h, w), which leaves its size open\n"
        'hint: say it: `size=(height, width)`, or `size="image"` to give each image as it is',
    ),
    (
        model("float[4097,3,2,4]"),
        "the input x is tensor(float) (4097, 3, 2, 4), expected a batch of at most 4,096 images\n"
        "hint: export the model with an open batch",
    ),
    (
        model("float[n,3,1,89478486]"),
        "the input x is tensor(float) (n, 3, 1, 89478486), to be given 1 x 89,478,486 pixels, " + SMALLER,
    ),
    (
        model("float[n,3,2,4]", "string[4]", "s = Shape(x) y = Cast<to=8>(s)"),
        "the output y is tensor(string) (4), expected class scores as floats or labels as numbers\n" + ENDS,
    ),
    (
        model("float[n,3,2,4]", "float[n,2]", "y = ReduceMax<axes=[1,3], keepdims=0>(x)"),
        "the output y is tensor(float) (n, 2), expected class scores of four axes, or labels of three\n"
        + ENDS,
    ),
    (
        model("float[n,3,2,4]", "int64[4]", "y = Shape(x)"),
        f"the output y is tensor(int64) (4), expected labels of three axes\n{ENDS}",
    ),
    (
        model("float[n,3,2,4]", "float[n,2,4,3]", "y = Transpose<perm=[0,2,3,1]>(x)"),
        "the output y: class scores of shape (n, 2, 4, 3) for an image of (2, 4) do not "
        "have the classes on axis 1\nhint: say where they are: `class_axis=-1`",
    ),
]
WITH_OPTIONS = [
    (SAME, {"output": "logits"}, "there is no output 'logits'\nhint: it has y (n, 3, 2, 4)"),
    (
        SAME,
        {"layout": "nhwc"},
        "the input x is tensor(float) (n, 3, 2, 4), expected 3 channels on axis 3 for `layout='nhwc'`\n"
        "hint: leave `layout` out where the file says it",
    ),
    (
        model("float[n,3,h,w]"),
        {"size": (30_000, 30_000)},
        f"the input x is tensor(float) (n, 3, h, w), to be given 30,000 x 30,000 pixels, {SMALLER}",
    ),
]


@pytest.mark.parametrize(
    ("text", "options", "expected"), [*((text, {}, expected) for text, expected in MODELS), *WITH_OPTIONS]
)
def test_models_that_need_more_or_cannot_be_used(tmp_path, text, options, expected):
    path = save(tmp_path / "m.onnx", text)
    assert refused(ArgumentError, predict.onnx, path, **options) == f"{path}: {expected}"


def number_of(value):
    return f"{value}, expected a finite number, or three of red, green and blue"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"channels": "gbr"}, "`channels` is 'gbr'\nhint: it is rgb or bgr"),
        ({"layout": "chw"}, "`layout` is 'chw'\nhint: it is nchw or nhwc"),
        ({"threads": 0}, "`threads` is 0, expected an integer of 1 or more"),
        ({"threads": True}, "`threads` is True, expected an integer of 1 or more"),
        (
            {"class_axis": 2},
            "`class_axis` is 2\n"
            "hint: it is 1 for (n, K, h, w) or -1 for (n, h, w, K) of an ONNX output, 0 for (K, h, w) or "
            "-1 for (h, w, K) of a function or a file",
        ),
        ({"size": 4}, '`size` is 4\nhint: it is (height, width) in pixels, or "image"'),
        ({"size": (0, 4)}, '`size` is (0, 4)\nhint: it is (height, width) in pixels, or "image"'),
        (
            {"size": (4, 2)},
            "`size` is (4, 2), but {path}: the input x is tensor(float) (n, 3, 2, 4)\n"
            "hint: leave `size` out where the file says it",
        ),
        (
            {"size": "image"},
            '`size` is "image", but {path}: the input x is tensor(float) (n, 3, 2, 4)\n'
            "hint: leave `size` out where the file says it",
        ),
        ({"scale": (1, 2, 3)}, "`scale` is (1, 2, 3), expected a finite number"),
        ({"scale": 0}, "`scale` is 0, expected anything but 0"),
        (
            {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)},
            f"`mean` is (0.485, 0.456, 0.406), {UNSCALED}",
        ),
        ({"mean": 0.5}, f"`mean` is 0.5, {UNSCALED}"),
        ({"mean": "0.5"}, number_of("`mean` is '0.5'")),
        ({"mean": [1, 2]}, number_of("`mean` is [1, 2]")),
        ({"mean": [[1], [1, 2]]}, number_of("`mean` is [[1], [1, 2]]")),
        ({"mean": float("inf")}, number_of("`mean` is inf")),
        ({"std": (1, 0, 1)}, "`std` is (1, 0, 1), expected anything but 0"),
        ({"scale": 1e300}, "`scale`, `mean` and `std` give numbers beyond float32\nhint: check their unit"),
    ],
)
def test_options_that_cannot_be(tmp_path, options, expected):
    path = save(tmp_path / "m.onnx", SAME)
    assert refused(ArgumentError, predict.onnx, path, **options) == expected.replace("{path}", str(path))


@pytest.mark.parametrize(
    ("shape", "given", "expected", "mended"),
    [
        (
            "n,3,h,w",
            {"layout": "nhwc", "size": "image"},
            "3 channels on axis 3 for `layout='nhwc'`",
            "layout",
        ),
        (
            "n,4,h,w",
            {"layout": "nhwc", "size": "image"},
            "4 channels on axis 3 for `layout='nhwc'`",
            "layout",
        ),
        (
            "n,h,w,3",
            {"layout": "nchw", "size": "image"},
            "3 channels on axis 1 for `layout='nchw'`",
            "layout",
        ),
        ("n,3,8,8", {"size": "image"}, None, "size"),
        ("n,3,8,8", {"size": (4, 4)}, None, "size"),
    ],
)
def test_an_option_that_contradicts_the_file_is_to_be_left_out(tmp_path, shape, given, expected, mended):
    path = save(tmp_path / "m.onnx", model(f"float[{shape}]"))
    text = refused(ArgumentError, predict.onnx, path, **given)
    if expected is not None:
        assert f"({shape.replace(',', ', ')}), expected {expected}\n" in text
    assert text.endswith(f"\nhint: leave `{mended}` out where the file says it")
    del given[mended]
    predict.onnx(path, **given)


@pytest.mark.parametrize("given", [{}, {"size": "image"}])
@pytest.mark.parametrize(
    ("shape", "said", "size"),
    [("n,3,h,8", "(height, 8)", (6, 8)), ("n,6,w,3", "(6, width)", (6, 8))],
)
def test_a_size_of_which_the_file_says_half(tmp_path, shape, said, size, given):
    path = save(tmp_path / "m.onnx", model(f"float[{shape}]"))
    text = refused(ArgumentError, predict.onnx, path, **given)
    assert text.endswith(f"\nhint: say it: `size={said}`")
    assert predict.onnx(path, size=size).input.size == size


def test_a_model_that_takes_whole_numbers_is_not_given_others(tmp_path):
    path = save(tmp_path / "m.onnx", model("uint8[n,3,2,4]", "float[n,3,2,4]", "y = Cast<to=1>(x)"))
    assert refused(ArgumentError, predict.onnx, path, scale=1 / 255) == (
        "`scale`, `mean` and `std` are for models that take floats, this one takes uint8\n"
        "hint: leave them out: the model is given values from 0 to 255"
    )


def test_nan_names_the_image(tmp_path):
    log = predict.onnx(save(tmp_path / "m.onnx", model("float[n,3,2,4]", body="y = Log(x)")))
    assert np.isneginf(log(IMAGE).logits).all()  # no NaN, and so an answer
    divided = predict.onnx(save(tmp_path / "d.onnx", model("float[n,3,2,4]", body="y = Div(x, x)")))
    bright = IMAGE + np.uint8(9)
    partly = bright.copy()
    partly[0, 0] = 0
    assert refused(ArgumentError, divided.batch, [bright, partly], names=["a\nb", "frame_07"]) == (
        "frame_07: the class scores of 3 of 24 are NaN, expected numbers\n"
        "hint: the model divides by zero or overflows on this image, or was given the wrong `mean` and `std`"
    )


def test_classes_on_another_axis_than_the_file_says(tmp_path):
    text = model("float[n,3,h,w]", "float[a,b,c,d]", "y = Transpose<perm=[0,2,3,1]>(x)")
    path = save(tmp_path / "m.onnx", text)
    assert refused(ArgumentError, predict.onnx(path, size="image"), IMAGE, name="frame_07") == (
        f"frame_07: {path}: class scores of shape (1, 2, 4, 3) for an image of (2, 4) do not have the "
        "classes on axis 1\nhint: say where they are: `class_axis=-1`"
    )


def test_an_output_for_another_number_of_images(tmp_path):
    path = save(tmp_path / "m.onnx", model("float[n,3,2,4]", "float[a,b,c,d]", "y = Concat<axis=0>(x, x)"))
    assert refused(ArgumentError, predict.onnx(path).batch, [IMAGE, IMAGE]) == (
        f"image 0 to image 1: {path}: expected class scores of four axes for 2 images, found the shape "
        "(4, 3, 2, 4)\nhint: export a model that ends in class scores or in labels of every pixel"
    )


def test_a_model_that_fails_on_an_image(tmp_path):
    reshape = "<int64[4] shape = {1, 3, 2, 4}> { y = Reshape(x, shape) }"
    path = save(tmp_path / "m.onnx", f"(float[n,3,h,w] x) => (float[n,3,h,w] y) {reshape}")
    reshaped = predict.onnx(path, size="image")
    reshaped(IMAGE)
    with pytest.raises(ArgumentError) as error:
        reshaped(np.zeros((5, 5, 3), np.uint8), name="frame_07")
    assert says(
        error,
        f"frame_07: {path} failed on an input of (1, 3, 5, 5): {{…}}\n"
        "hint: check `size` and `layout`; the model may take other sizes, or need more memory",
    )
    assert error.value.__cause__ is not None


def test_an_input_for_which_there_is_no_memory(tmp_path, monkeypatch):
    path = save(tmp_path / "m.onnx", model("float[9,2,4,3]"))

    def fill(*_):
        raise MemoryError("Unable to allocate 8 GiB")

    monkeypatch.setattr("segscore.predict.models.fill", fill)
    assert refused(ArgumentError, predict.onnx(path), IMAGE, name="frame_07") == (
        f"frame_07: {path} failed on an input of (9, 2, 4, 3): Unable to allocate 8 GiB\n"
        "hint: check `size` and `layout`; the model may take other sizes, or need more memory"
    )


@pytest.mark.parametrize(
    ("image", "found"),
    [
        (IMAGE.astype(np.float32), "float32 (2, 4, 3)"),
        (IMAGE[..., 0], "uint8 (2, 4)"),
        (IMAGE[:0], "uint8 (0, 4, 3)"),
        (np.zeros((2, 4, 4), np.uint8), "uint8 (2, 4, 4)"),
    ],
)
def test_images_of_another_kind(tmp_path, image, found):
    assert refused(ArgumentError, predict.onnx(save(tmp_path / "m.onnx", SAME)), image) == (
        f"image 0: expected an image as uint8 (H, W, 3), found {found}\n"
        "hint: `segscore.predict.read_image` reads files as red, green and blue"
    )


def test_as_many_names_as_images(tmp_path):
    same = predict.onnx(save(tmp_path / "m.onnx", SAME))
    text = "expected one name an image, found 0 for 1 images"
    assert refused(ArgumentError, same.batch, [IMAGE], names=[]) == text


def test_a_file_that_onnxruntime_cannot_load(tmp_path):
    path = save(tmp_path / "m.onnx", model("float[n,3,2,4]", body="y = NoSuchThing(x)"))
    with pytest.raises(FileFormatError) as error:
        predict.onnx(path)
    assert says(
        error,
        f"{path}: onnxruntime {sys.modules['onnxruntime'].__version__} cannot load the model: {{…}}\n"
        "hint: export the model again, for an opset that this version knows",
    )
    assert error.value.__cause__ is not None


def test_names_that_are_no_text(tmp_path):
    path = save(tmp_path / "m.onnx", SAME.replace("n,", "batches,"))
    path.write_bytes(path.read_bytes().replace(b"batches", b"batch\xbes"))
    assert refused(FileFormatError, predict.onnx, path) == (
        f"{path}: expected names in UTF-8, found other bytes in a name of the model\n"
        "hint: export or copy the model again"
    )


def test_without_onnxruntime(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert refused(ArgumentError, predict.onnx, save(tmp_path / "m.onnx", SAME)) == (
        "ONNX models are run by onnxruntime, which is not installed\nhint: `pip install 'segscore[run]'`"
    )


def test_an_interrupt_ends_a_model_that_does_not(tmp_path):
    net = predict.onnx(save(tmp_path / "loop.onnx", LOOP))
    before = set(threading.enumerate())
    timer = threading.Timer(0.2, _thread.interrupt_main)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        net(IMAGE)
    for left in set(threading.enumerate()) - before:
        left.join(20)
        assert not left.is_alive()


@pytest.mark.parametrize(
    "given",
    [
        {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225), "scale": 1 / 255},
        {"mean": 0.5, "std": 0.5, "scale": 1},
        {"mean": (123.675, 116.28, 103.53), "std": (58.395, 57.12, 57.375)},
        {"mean": (0, 0, 0), "std": (1, 1, 1)},
        {"mean": (1, 100, 100)},
        {"std": 0.5},
    ],
)
def test_a_mean_that_fits_the_scale_or_was_meant(tmp_path, given):
    assert predict.onnx(save(tmp_path / "net.onnx", SAME), **given)(IMAGE).logits.shape == (3, 2, 4)
