"""Python functions as models: what they are called with, what they return, and how they fail."""

import sys

import ml_dtypes
import numpy as np
import pytest
from PIL import Image

from segscore import ArgumentError, Workspace, predict
from segscore.predict import function
from support import hints
from support.on_device import OnDevice
from support.refused import refused

IMAGE = np.random.default_rng(0).integers(0, 256, (4, 6, 3), np.uint8)
BRIGHT = IMAGE[..., 0] > 127


def bright(image):
    """Label pixels that are bright in red."""
    return image[..., 0] > 127


class Doubled:
    def __call__(self, images):
        return np.stack([bright(image) for image in images])


def fails(image):
    raise RuntimeError("out of memory\non the second line")


@pytest.fixture
def path(tmp_path):
    Image.fromarray(IMAGE).save(tmp_path / "frame_07.png")
    return tmp_path / "frame_07.png"


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64])
def test_labels(dtype, path):
    model = function(lambda image: bright(image).astype(dtype))
    for image in (IMAGE, path, str(path)):
        prediction = model(image)
        np.testing.assert_array_equal(prediction.labels, BRIGHT)
        assert prediction.labels.dtype == dtype
        assert prediction.logits is prediction.class_axis is model.classes is None
        assert not prediction.labels.flags.writeable


def test_what_lies_on_a_device_is_taken(path):
    scores = np.random.default_rng(1).normal(size=(3, 4, 6)).astype(np.float32)
    found = function(lambda _: OnDevice(scores), class_axis=0)(path)
    np.testing.assert_array_equal(found.logits, scores)
    np.testing.assert_array_equal(function(lambda image: OnDevice(bright(image)))(path).labels, BRIGHT)


@pytest.mark.parametrize("takes", ["array", "batch"])
def test_a_function_may_write_to_its_images_and_to_nobody_elses(path, takes):
    seen = []

    def darken(image):
        assert image.flags.writeable
        seen.append(image.copy())
        image //= 2
        return image[..., 0]

    def several(images):
        return [darken(image) for image in images]

    image = np.full((2, 3, 3), 200, np.uint8)
    image.flags.writeable = False
    net = predict.function(several if takes == "batch" else darken, takes=takes)
    for given in (image, path, image):
        net(given)
    assert (image == 200).all()
    assert np.array_equal(seen[0], seen[2])
    assert np.array_equal(seen[1], predict.read_image(path))


def test_what_the_function_returns_stays_writeable():
    kept = np.zeros((4, 6), np.uint8)
    function(lambda image: kept)(IMAGE)
    assert kept.flags.writeable


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, ml_dtypes.bfloat16])
def test_logits(axis, dtype):
    model = function(lambda image: np.moveaxis(image[::2].astype(dtype), -1, axis), class_axis=axis)
    prediction = model(IMAGE)
    assert (prediction.class_axis, prediction.size) == (axis, (2, 6))
    np.testing.assert_array_equal(np.moveaxis(prediction.logits, axis, -1), IMAGE[::2])
    resized = prediction.given((4, 6))
    assert list(resized) == ["logits", "class_axis"]
    assert np.moveaxis(resized["logits"], axis, -1).shape == (4, 6, 3)


def test_takes_paths(path):
    seen = []
    model = function(lambda image: seen.append(image) or np.zeros((1, 1), int), takes="path")
    assert model.takes_paths
    model.batch([path, str(path)])
    assert seen == [path, str(path)]
    assert refused(ArgumentError, model, IMAGE, name="frame_07") == (
        "frame_07: expected the path of an image, found ndarray\n"
        'hint: the function was declared with `takes="path"`'
    )


def test_takes_batches(path):
    model = function(Doubled(), takes="batch")
    assert len(model.batch([IMAGE, path, IMAGE])) == 3
    np.testing.assert_array_equal(model(IMAGE).labels, BRIGHT)


def test_names_of_functions():
    model = function(f"{__name__}:bright")
    np.testing.assert_array_equal(model(IMAGE).labels, BRIGHT)
    assert repr(model) == (f"FunctionPredictor(name='{__name__}:bright', takes='array', class_axis=None)")
    assert function("numpy:linalg.norm").name == "numpy:linalg.norm"
    assert function(fails).name == f"{__name__}:fails"
    assert function(Doubled()).name == f"{__name__}:Doubled"


@pytest.fixture
def modules(tmp_path, monkeypatch):
    (tmp_path / "segscore_broken.py").write_text("import segscore_nowhere\n")
    (tmp_path / "segscore_odd.py").write_text("number = 7\ndef one(): ...\ndef _hidden(): ...\n")
    (tmp_path / "segscore_empty.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in ("segscore_broken", "segscore_odd", "segscore_empty"):
        sys.modules.pop(name, None)


NOWHERE = "the module cannot be imported: ModuleNotFoundError: No module named 'segscore_nowhere'\nhint: "


def no_name(name):
    return f"expected the name of a function as `package.module:function`, found {name}\nhint: {hints.COLON}"


@pytest.mark.parametrize(
    ("file", "hint"),
    [
        ("nets.py", "`nets:f`"),
        ("./nets.py", "`nets:f`"),
        ("own/nets.py", "`own.nets:f`"),
        ("../nets.py", "`nets:f`, with .. in PYTHONPATH"),
        ("/a b/nets.py", "`nets:f`, with /a b in PYTHONPATH"),
    ],
)
def test_a_file_in_place_of_a_module(tmp_path, file, hint):
    expected = (
        f"expected the name of a function as `package.module:function`, found a file: {file}:f\n"
        f"hint: name its module: {hint}"
    )
    assert refused(ArgumentError, predict.function, f"{file}:f") == expected
    add = Workspace.init(tmp_path).models.add
    assert refused(ArgumentError, add, "net", python=f"{file}:f") == f"`python`: {expected}"


def no_axis(axis):
    return (
        f"`class_axis` is {axis}\n"
        "hint: it is 1 for (n, K, h, w) or -1 for (n, h, w, K) of an ONNX output, 0 for (K, h, w) or "
        "-1 for (h, w, K) of a function or a file"
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bright", no_name("bright")),
        (":bright", no_name(":bright")),
        (
            "segscore_nowhere.deeper:f",
            f"segscore_nowhere.deeper:f: {NOWHERE}add its folder to PYTHONPATH, or install its package",
        ),
        (
            "segscore_broken:f",
            f"segscore_broken:f: {NOWHERE}`python -c 'import segscore_broken'` shows where it fails",
        ),
        ("..relative:f", no_name("..relative:f")),
        ("segscore_odd:two", "segscore_odd:two: there is no two\nhint: it has one"),
        ("segscore_empty:f", "segscore_empty:f: there is no f\nhint: nothing in it can be called"),
        ("segscore_odd:number.f", "segscore_odd:number.f: there is no f\nhint: nothing in it can be called"),
        (
            "segscore_odd:number",
            "segscore_odd:number: expected a function, found int\n"
            "hint: name something that can be called with an image",
        ),
        (
            7,
            "expected a function or its name, found int\nhint: such as 'package.module:function'",
        ),
    ],
)
def test_names_of_nothing(modules, name, expected):
    assert refused(ArgumentError, function, name) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"takes": "image"}, "`takes` is 'image'\nhint: it is array, path or batch"),
        ({"class_axis": 1}, no_axis(1)),
        ({"class_axis": False}, no_axis(False)),
    ],
)
def test_options_that_cannot_be(options, expected):
    assert refused(ArgumentError, function, bright, **options) == expected


def test_a_function_that_raises_is_told_with_its_image_and_its_traceback():
    with pytest.raises(ArgumentError) as error:
        function(fails).batch([IMAGE], names=["frame_07"])
    assert str(error.value) == (
        f"frame_07: `{__name__}:fails` failed: RuntimeError: 'out of memory\\non the second line'\n"
        "hint: check the function on this image; its own traceback says where it failed"
    )
    cause = error.value.__cause__
    assert isinstance(cause, RuntimeError)
    assert cause.__traceback__.tb_next.tb_frame.f_code.co_name == "fails"


def test_an_interrupt_is_not_a_failure_of_the_function():
    def interrupted(image):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        function(interrupted)(IMAGE)


ONE = 'hint: of one image; a function that takes and returns several is declared with `takes="batch"`'
DROP = "hint: drop the axis of the images: `[0]` of what is returned"


def no_labels(found):
    return (
        f"`{{f}}` returned no label map: `pred` is {found}\n"
        "hint: return one integer label a pixel; or class scores as floats, and say by `class_axis=` which "
        "axis holds the classes"
    )


def no_scores(shape, hint=ONE):
    return f"expected class scores (K, h, w) or (h, w, K) from `{{f}}`, found the shape {shape}\n{hint}"


@pytest.mark.parametrize(
    ("returned", "axis", "expected"),
    [
        (np.zeros((4, 6), np.float32), None, no_labels("float32, expected bools or integers")),
        (None, None, no_labels("of type NoneType, expected bools or integers")),
        ("labels.png", None, no_labels("a text or a path, expected an array")),
        (
            np.zeros((3, 4, 6), np.uint8),
            0,
            "`{f}` returned no class scores: `logits` is uint8, expected float16, bfloat16, float32 or "
            "float64\nhint: return floats; for a function that returns labels leave `class_axis` out",
        ),
        (
            np.zeros((1, 4, 6), np.uint8),
            None,
            f"expected a label map (H, W) from `{{f}}`, found the shape (1, 4, 6)\n{DROP}",
        ),
        (
            np.zeros((2, 4, 6), np.uint8),
            None,
            f"expected a label map (H, W) from `{{f}}`, found the shape (2, 4, 6)\n{ONE}",
        ),
        (np.zeros((1, 3, 4, 6)), 0, no_scores("(1, 3, 4, 6)", DROP)),
        (np.zeros((2, 3, 4, 6)), 0, no_scores("(2, 3, 4, 6)")),
        (np.zeros((4, 6)), 0, no_scores("(4, 6)")),
        (np.zeros((0, 4, 6)), 0, no_scores("(0, 4, 6)")),
        (
            np.zeros((6, 4), int),
            None,
            "expected labels of the size of the image, (4, 6), from `{f}`, found (6, 4)\n"
            "hint: resize in the function; or return class scores, which are resized later",
        ),
        (
            np.array([[[np.nan, 1, np.inf]]]),
            0,
            "the class scores of 1 of 3 are NaN, expected numbers\n"
            "hint: the model divides by zero or overflows on this image, or was given the wrong `mean` and "
            "`std`",
        ),
    ],
)
def test_outputs_that_are_no_predictions(returned, axis, expected):
    model = function(lambda image: returned, class_axis=axis)
    expected = expected.replace("{f}", model.name)
    assert refused(ArgumentError, model, IMAGE, name="frame_07") == f"frame_07: {expected}"


@pytest.mark.parametrize(
    ("returned", "found"), [([BRIGHT], 1), (None, "NoneType"), (np.zeros((3, 4, 6), int), 3)]
)
def test_a_batch_of_another_length(returned, found):
    model = function(lambda images: returned, takes="batch")
    assert refused(ArgumentError, model.batch, [IMAGE, IMAGE]) == (
        f"image 0 to image 1: expected 2 predictions from `{model.name}`, found {found}\n"
        'hint: a function with `takes="batch"` gets a list of images and returns as many predictions'
    )


def test_a_predictor_is_what_both_kinds_are():
    assert isinstance(function(bright), predict.Predictor)
    assert issubclass(predict.OnnxPredictor, predict.Predictor)
