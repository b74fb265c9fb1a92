"""ONNX files as models: what they are given, and what comes out."""

import numpy as np
import pytest
from PIL import Image

import segscore
from segscore import predict
from support.processes import python
from support.tiny_models import SAME, model, save

IMAGE = np.arange(24, dtype=np.uint8).reshape(2, 4, 3) * 10
PLANES = IMAGE.transpose(2, 0, 1)


@pytest.fixture
def same(tmp_path):
    return save(tmp_path / "same.onnx", SAME)


def test_what_the_file_says_is_read_from_it(same):
    made = predict.onnx(same, threads=1)
    assert (made.path, made.external, made.threads, made.channels) == (str(same), (), 1, "rgb")
    given, output = made.input, made.output
    assert (given.name, given.dtype, given.layout) == ("x", np.float32, "nchw")
    assert (given.size, given.batch) == ((2, 4), None)
    assert (output.name, output.labels, output.class_axis, output.classes) == ("y", False, 1, 3)
    assert made.classes == 3
    assert not made.takes_paths


def test_by_default_values_are_given_as_they_are(same):
    prediction = predict.onnx(same)(IMAGE)
    assert prediction.labels is None
    assert prediction.class_axis == 0
    assert prediction.size == (2, 4)
    assert prediction.logits.dtype == np.float32
    np.testing.assert_array_equal(prediction.logits, PLANES)
    assert not prediction.logits.flags.writeable


@pytest.mark.parametrize("channels", ["rgb", "bgr"])
@pytest.mark.parametrize(
    ("scale", "mean", "std"),
    [
        (1 / 255, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
        (None, [123.675, 116.28, 103.53], None),
        (None, None, 2),
        (1 / 127.5, np.float32(1), None),
    ],
)
def test_scale_mean_and_std_are_of_red_green_and_blue(same, channels, scale, mean, std):
    made = predict.onnx(same, scale=scale, mean=mean, std=std, channels=channels)
    one = [np.broadcast_to(1.0 if given is None else given, 3) for given in (scale, std)]
    expected = (IMAGE * one[0] - (0 if mean is None else np.asarray(mean, np.float64))) / one[1]
    planes = expected.transpose(2, 0, 1).astype(np.float32)
    np.testing.assert_array_equal(made(IMAGE).logits, planes[:: 1 if channels == "rgb" else -1])


@pytest.mark.parametrize(
    ("text", "options", "axis"),
    [
        (model("float[n,2,4,3]"), {}, -1),
        (model("float[n,c,h,w]"), {"layout": "nchw", "size": "image"}, 0),
        (model("float[n,h,w,c]"), {"layout": "nhwc", "size": "image"}, -1),
        (model("float[1,3,h,w]"), {"size": "image"}, 0),
        (model("float16[n,3,2,4]"), {}, 0),
        (model("uint8[n,3,2,4]", "float[n,3,2,4]", "y = Cast<to=1>(x)"), {}, 0),
        (model("float[n,3,2,4]", "double[n,3,2,4]", "y = Cast<to=11>(x)"), {}, 0),
        (
            model("float[n,3,2,4]", "float[n,2,4,3]", "y = Transpose<perm=[0,2,3,1]>(x)"),
            {"class_axis": -1},
            -1,
        ),
    ],
)
def test_layouts_and_types(tmp_path, text, options, axis):
    prediction = predict.onnx(save(tmp_path / "m.onnx", text), **options)(IMAGE)
    assert prediction.class_axis == axis
    assert prediction.size == (2, 4)
    np.testing.assert_array_equal(np.moveaxis(prediction.logits, axis, -1), IMAGE)


@pytest.mark.parametrize(("shape", "keepdims"), [("n,2,4", 0), ("n,1,2,4", 1)])
def test_labels(tmp_path, shape, keepdims):
    text = model("float[n,3,2,4]", f"int64[{shape}]", f"y = ArgMax<axis=1, keepdims={keepdims}>(x)")
    made = predict.onnx(save(tmp_path / "m.onnx", text))
    prediction = made(IMAGE)
    assert prediction.logits is prediction.class_axis is made.classes is None
    np.testing.assert_array_equal(prediction.labels, np.full((2, 4), 2))
    assert prediction.size == (2, 4)
    assert not prediction.labels.flags.writeable
    assert list(prediction.given((9, 9))) == ["pred"]


def test_one_of_several_outputs_is_named(tmp_path):
    text = "(float[n,3,2,4] x) => (float[n,3,2,4] y, float[n,3,2,4] z) { y = Identity(x) z = Neg(x) }"
    made = predict.onnx(save(tmp_path / "m.onnx", text), output="z")
    np.testing.assert_array_equal(made(IMAGE).logits, -PLANES.astype(np.float32))


def test_images_of_another_size_are_resized_as_pillow_does(same):
    image = np.random.default_rng(0).integers(0, 256, (7, 9, 3), np.uint8)
    expected = np.asarray(Image.fromarray(image).resize((4, 2), Image.Resampling.BILINEAR))
    np.testing.assert_array_equal(predict.onnx(same)(image).logits, expected.transpose(2, 0, 1))


@pytest.mark.parametrize("batch", ["n", "1", "2", "5"])
def test_a_batch_is_the_same_as_one_by_one(tmp_path, batch):
    made = predict.onnx(save(tmp_path / "m.onnx", model(f"float[{batch},3,2,4]", body="y = Neg(x)")))
    images = list(np.random.default_rng(0).integers(0, 256, (3, 2, 4, 3), np.uint8))
    together = made.batch(images)
    assert len(together) == 3
    for image, prediction in zip(images, together, strict=True):
        np.testing.assert_array_equal(prediction.logits, -image.transpose(2, 0, 1).astype(np.float32))
        np.testing.assert_array_equal(made(image).logits, prediction.logits)
    assert made.batch([]) == ()


def test_images_of_several_sizes_are_given_as_they_are(tmp_path):
    made = predict.onnx(save(tmp_path / "m.onnx", model("float[n,3,h,w]")), size="image")
    sizes = [(2, 4), (2, 4), (3, 3), (2, 4)]
    assert [p.size for p in made.batch([np.zeros((*size, 3), np.uint8) for size in sizes])] == sizes


def test_from_files_to_scores(same, tmp_path):
    judge = segscore.Evaluator(["red", "green", "blue"])
    made = predict.onnx(same, size=(2, 4))
    for name, colour in (("a", 0), ("b", 1)):
        image = np.zeros((4, 8, 3), np.uint8)
        image[..., colour] = 200
        Image.fromarray(image).save(tmp_path / f"{name}.png")
        target = np.full((4, 8), colour)
        judge.add(target=target, name=name, **made(tmp_path / f"{name}.png").given(target.shape))
    assert judge.result().scores.pixel_accuracy == 1


def test_names_of_a_repr_tell_the_model(same):
    text = repr(predict.onnx(same, threads=1))
    assert text.startswith(f"OnnxPredictor(path='{same}', external=(), input=Input(name='x'")
    assert "session" not in text


def test_packages_are_loaded_when_they_are_used(same):
    code = """
import sys, segscore
heavy = {"PIL", "onnxruntime"}
assert "segscore.predict" not in sys.modules
segscore.predict.function(len)
assert not heavy & set(sys.modules)
segscore.predict.onnx(sys.argv[1])
assert heavy & set(sys.modules) == {"onnxruntime"}
"""
    assert python(code, same) == ""
