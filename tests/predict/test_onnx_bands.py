"""ONNX models of other images than red, green and blue, and labels that come as floats."""

import numpy as np
import pytest
import tifffile
from PIL import Image

from segscore import ArgumentError, ImageError, predict
from segscore.io.photographs import decode_bands, read_bands
from support.refused import refused
from support.tiny_models import model, save

RANDOM = np.random.default_rng(0)
BANDS = RANDOM.integers(0, 10_000, (6, 8, 5), np.uint16)


def bands_of(shape, **options):
    """Return a model that returns what it is given, as class scores."""
    return lambda folder: predict.onnx(save(folder / "m.onnx", model(f"float[{shape}]")), **options)


@pytest.mark.parametrize(
    ("shape", "options", "found"),
    [
        ("n,1,6,8", {}, ("nchw", 1)),
        ("n,6,8,1", {}, ("nhwc", 1)),
        ("n,5,6,8", {}, ("nchw", 5)),
        ("n,6,8,5", {}, ("nhwc", 5)),
        ("n,5,h,w", {"size": "image"}, ("nchw", 5)),
        ("n,13,64,64", {}, ("nchw", 13)),
        ("n,9,6,8", {"layout": "nchw"}, ("nchw", 9)),
        ("n,c,h,w", {"layout": "nchw", "size": "image"}, ("nchw", 3)),
    ],
)
def test_channels_are_counted_by_the_shape_of_the_input(tmp_path, shape, options, found):
    made = bands_of(shape, **options)(tmp_path)
    assert (made.input.layout, made.bands) == found


TIFFS = {
    "pixels.tif": {"planarconfig": "contig"},
    "tiles.tiff": {"planarconfig": "contig", "tile": (16, 16), "compression": "zlib"},
    "planes.tif": {"planarconfig": "separate"},
    "pages.tif": {},
}
ARRAYS = {"last.npy": BANDS, "first.npy": BANDS.transpose(2, 0, 1), "fortran.npy": np.asfortranarray(BANDS)}


@pytest.mark.parametrize("name", [*TIFFS, *ARRAYS])
def test_bands_are_given_as_they_are_stored(tmp_path, name):
    path = tmp_path / name
    if name in ARRAYS:
        np.save(path, ARRAYS[name])
    else:
        options = TIFFS[name]
        stored = BANDS if options.get("planarconfig") == "contig" else BANDS.transpose(2, 0, 1)
        tifffile.imwrite(path, stored, photometric="minisblack", **options)
    np.testing.assert_array_equal(read_bands(path, 5), BANDS)
    np.testing.assert_array_equal(decode_bands(path.read_bytes(), name, 5), BANDS)
    scores = bands_of("n,5,6,8", mean=[1, 2, 3, 4, 5], std=2)(tmp_path)(path).logits
    np.testing.assert_array_equal(scores, (BANDS.transpose(2, 0, 1) - np.c_[1:6][:, :, None]) / 2)


def test_values_of_another_size_are_resized_band_by_band(tmp_path):
    image = np.stack([np.full((12, 16), 40_000 + i, np.uint16) for i in range(5)], axis=-1)
    scores = bands_of("n,5,6,8")(tmp_path)(image).logits
    np.testing.assert_array_equal(scores[:, 3, 4], [40_000, 40_001, 40_002, 40_003, 40_004])
    gray = RANDOM.integers(0, 256, (12, 16, 1), np.uint8)
    expected = np.asarray(Image.fromarray(gray[..., 0]).resize((8, 6), Image.Resampling.BILINEAR))
    np.testing.assert_array_equal(bands_of("n,1,6,8")(tmp_path)(gray).logits[0], expected)


def test_gray_photographs_are_one_channel(tmp_path):
    gray = RANDOM.integers(0, 256, (6, 8), np.uint8)
    net = bands_of("n,1,6,8", scale=1 / 255)(tmp_path)
    Image.fromarray(gray).save(tmp_path / "gray.png")
    Image.fromarray(np.stack([gray] * 3, axis=-1)).save(tmp_path / "equal.png")
    Image.fromarray(gray).save(tmp_path / "gray.tif")
    np.save(tmp_path / "gray.npy", gray)
    for name in ("gray.png", "equal.png", "gray.tif", "gray.npy"):
        np.testing.assert_array_equal(net(tmp_path / name).logits[0], (gray / 255).astype(np.float32))


@pytest.mark.parametrize(
    ("name", "bands", "said"),
    [
        (
            "rgb.png",
            1,
            "the model takes 1 channel, found 3 channels\nhint: save it in gray as it was done for training",
        ),
        (
            "rgb.png",
            5,
            "the model takes 5 channels, found 3 channels\n"
            "hint: save the channels that the model was trained with, as TIFF or `.npy`",
        ),
        (
            "five.npy",
            4,
            "the model takes 4 channels, found 5 channels\n"
            "hint: save the channels that the model was trained with, as TIFF or `.npy`",
        ),
        (
            "five.tif",
            1,
            "the model takes 1 channel, found 5 channels\nhint: save it in gray as it was done for training",
        ),
        (
            "five.npy",
            3,
            "the model takes 3 channels, found 5 channels\n"
            "hint: save the channels that the model was trained with, as TIFF or `.npy`",
        ),
        (
            "flat.npy",
            4,
            "the model takes 4 channels, found the shape (2, 3, 4, 5)\n"
            "hint: save the channels that the model was trained with, as TIFF or `.npy`",
        ),
        (
            "cube.npy",
            4,
            "in the shape (4, 6, 4) it is not clear which axis holds 4 channels\n"
            "hint: save it with rows and columns of other lengths, or as TIFF",
        ),
        (
            "floats.npy",
            3,
            "expected colours as uint8, found float32\n"
            "hint: save values from 0 to 255; a Python function that takes paths reads any others",
        ),
        (
            "palette.tif",
            1,
            "expected gray, RGB or other bands, found a palette\n"
            "hint: save the values that the model was trained with",
        ),
    ],
)
def test_photographs_of_other_channels_are_refused_with_both_counts(tmp_path, name, bands, said):
    Image.fromarray(RANDOM.integers(0, 256, (6, 8, 3), np.uint8)).save(tmp_path / "rgb.png")
    np.save(tmp_path / "five.npy", BANDS)
    tifffile.imwrite(tmp_path / "five.tif", BANDS, photometric="minisblack", planarconfig="contig")
    np.save(tmp_path / "flat.npy", np.zeros((2, 3, 4, 5)))
    np.save(tmp_path / "cube.npy", np.zeros((4, 6, 4)))
    np.save(tmp_path / "floats.npy", np.zeros((6, 8, 3), np.float32))
    Image.fromarray(np.zeros((6, 8), np.uint8)).convert("P").save(tmp_path / "palette.tif")
    path = tmp_path / name
    assert refused(ImageError, read_bands, path, bands) == f"{path}: {said}"


@pytest.mark.parametrize(
    ("options", "image", "said"),
    [
        (
            {"scale": 1 / 255},
            np.linspace(0, 1, 240).reshape(6, 8, 5),
            "frame_07: its values are from 0 to 1, but `scale` is for values up to 255\n"
            "hint: add the model without `scale`, or save images with values up to 255",
        ),
        (
            {},
            np.full((6, 8, 5), np.inf),
            "frame_07: the model takes numbers of float32, found values that are not finite\n"
            "hint: save the image with the values that the model was trained on",
        ),
        (
            {},
            np.zeros((6, 8, 4)),
            "frame_07: expected numbers (H, W, 5), found float64 (6, 8, 4)\n"
            "hint: the model takes images of 5 channels",
        ),
    ],
)
def test_values_that_a_model_is_not_given(tmp_path, options, image, said):
    net = bands_of("n,5,6,8", **options)(tmp_path)
    assert refused(ArgumentError, net, image, name="frame_07") == said


def test_a_model_of_bytes_is_given_no_others(tmp_path):
    text = model("uint8[n,5,6,8]", "float[n,5,6,8]", "y = Cast<to=1>(x)")
    net = predict.onnx(save(tmp_path / "m.onnx", text))
    assert refused(ArgumentError, net, BANDS, name="frame_07") == (
        "frame_07: the model takes numbers of uint8, found uint16\n"
        "hint: save the image with the values that the model was trained on"
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"mean": [1, 2, 3]}, "`mean` is [1, 2, 3], expected a finite number, or 5 of its channels"),
        (
            {"channels": "bgr"},
            '`channels="bgr"` is for models of three colours, this one takes 5\n'
            "hint: leave `channels` out: channels are given as they are stored",
        ),
    ],
)
def test_options_of_colours_do_not_fit_other_channels(tmp_path, options, said):
    assert refused(ArgumentError, bands_of("n,5,6,8", **options), tmp_path) == said


# Labels as floats


WHOLE = model("float[n,3,2,4]", "float[n,2,4]", "i = ArgMax<axis=1, keepdims=0>(x) y = Cast<to=1>(i)")
SHARES = model("float[n,3,2,4]", "float[n,2,4]", "y = ReduceMean<axes=[1], keepdims=0>(x)")


def test_floats_that_are_whole_numbers_are_labels(tmp_path):
    image = RANDOM.integers(0, 256, (2, 4, 3), np.uint8)
    made = predict.onnx(save(tmp_path / "m.onnx", WHOLE))(image)
    assert made.labels.dtype == np.int64
    np.testing.assert_array_equal(made.labels, image.argmax(axis=-1))


def test_floats_that_are_no_whole_numbers_are_no_labels(tmp_path):
    path = save(tmp_path / "m.onnx", SHARES)
    image = np.zeros((2, 4, 3), np.uint8)
    image[1, :2, 0] = 1
    assert refused(ArgumentError, predict.onnx(path), image, name="frame_07") == (
        f"frame_07: {path}: expected whole numbers as labels, found 0.333333 among 2 of 8 values that "
        "are none\n"
        "hint: class scores and probabilities have four axes: export (n, K, h, w), or (n, 1, h, w) with "
        "`threshold=0.5`"
    )
