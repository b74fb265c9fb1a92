"""What goes wrong with models, images and datasets of a run, and what is said about it."""

import os
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from segscore import (
    ArgumentError,
    EvaluationError,
    PairingError,
    SegscoreWarning,
    Workspace,
    WorkspaceError,
)
from support import hints
from support.refused import refused
from support.some_runs import NETS, SIZE, add_function, add_images, names_of, run, write_images
from support.tiny_models import model, save


def write_net(body: str, ws: Workspace, **options: Any) -> None:
    """Add a function that does something else for the image `002`, whose first pixel it knows."""
    first = np.asarray(Image.open("image/002.png"))[0, 0].tolist()
    Path("nets.py").write_text(
        f"import sys\nimport numpy as np\ndef f(image):\n"
        f"    if image[0, 0].tolist() == {first}:\n        {body}\n"
        f"    return {'np.moveaxis(image, -1, 0) * np.float32(1)' if options else 'image[..., 0] % 3'}\n"
    )
    add_function(ws, "f", **options)


CHECK = "\nhint: check the function on this image; its own traceback says where it failed"


class Elsewhere:
    """What a tensor in the memory of a GPU looks like to whoever wants its numbers."""

    def __array__(self, *_: object, **__: object) -> Any:
        raise TypeError("can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() first.")


@pytest.mark.parametrize(
    ("body", "options", "message"),
    [
        ("raise ValueError('too dark')", {}, f"`nets:f` failed: ValueError: too dark{CHECK}"),
        ("sys.exit(3)", {}, f"`nets:f` failed: SystemExit: 3{CHECK}"),
        (
            "return image[1:, :, 0] % 3",
            {},
            "expected labels of the size of the image, (6, 8), from `nets:f`, found (5, 8)\n"
            "hint: resize in the function; or return class scores, which are resized later",
        ),
        (
            "return np.zeros((4, 6, 8), np.float32)",
            {"class_axis": 0},
            "`logits` needs one channel for each of 3 classes, found 4 on axis 0 of (4, 6, 8)\n"
            f"hint: {hints.CHANNELS}",
        ),
        (
            "return np.zeros((5, 7, 3), np.float32)",  # the shape returned, and not that of the target
            {"class_axis": 0},
            "`logits` needs one channel for each of 3 classes, found 5 on axis 0 of (5, 7, 3)\n"
            "hint: the last axis has 3: `class_axis=-1`",
        ),
        (
            f"from {__name__} import Elsewhere; return Elsewhere()",
            {},
            "`nets:f` returned no label map: `pred` is of type Elsewhere, which does not become an array: "
            "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() first.\n"
            "hint: return one integer label a pixel; or class scores as floats, and say by `class_axis=` "
            "which axis holds the classes",
        ),
    ],
)
def test_a_function_that_fails_on_one_image(
    ws: Workspace, body: str, options: dict[str, Any], message: str
) -> None:
    write_net(body, ws, **options)
    found = run(ws)
    (failure,) = found.evaluation.failures
    assert (failure.name, found.images, found.failures) == ("002", 6, 1)
    assert f"{failure.message}\nhint: {failure.hint}" == message
    assert "6 of 7 images scored" in str(found)
    raised = message.startswith("`nets:f` failed")
    assert list(found.manifest["tracebacks"]) == ["002"] * raised
    if raised:
        assert found.manifest["tracebacks"]["002"].startswith("Traceback (most recent call last):\n")
        assert body in found.manifest["tracebacks"]["002"]
        assert f"    {body}" in str(found)
        assert "where the model failed on 002:\n" in str(found)


def test_a_function_that_always_fails_ends_the_run(ws: Workspace) -> None:
    write_images(ws.path, names_of(30))
    add_images(ws)
    Path("nets.py").write_text(
        "def f(image):\n"
        "    with open('calls', 'a') as file:\n        file.write('.')\n"
        "    raise ValueError('no GPU')\n"
    )
    add_function(ws, "f")
    with pytest.raises(EvaluationError) as caught:
        run(ws)
    names = sorted(names_of(30))[:3]
    lines = str(caught.value).splitlines()
    assert lines[:6] == [
        "the first 20 images all failed, so the run was ended:",
        *(f"  {name}: `nets:f` failed: ValueError: no GPU" for name in names),
        "  and 17 more: `nets:f` failed: ValueError: no GPU",
        "of the first one:",
    ]
    assert (lines[6], lines[-2]) == ("Traceback (most recent call last):", "ValueError: no GPU")
    assert lines[-1] == CHECK[1:]
    assert len(caught.value.failures) == 20
    assert 20 <= os.path.getsize("calls") < 30
    # Nothing is left that would go on to fail.
    assert (len(ws.runs()), ws.unfinished()) == (0, [])
    assert os.listdir(ws.path / ".segscore/runs/r1") == []
    assert refused(EvaluationError, run, ws, dataset="noise:v1").startswith(
        "none of 7 images could be scored:\n  000: `nets:f` failed: ValueError: no GPU\n"
    )


def test_nineteen_failures_end_no_run(ws: Workspace) -> None:
    write_images(ws.path, names_of(30))
    add_images(ws)
    Path("nets.py").write_text(
        "calls = []\n"
        "def f(image):\n"
        "    calls.append(1)\n"
        "    assert len(calls) > 19\n"
        "    return image[..., 0] % 3\n"
    )
    add_function(ws, "f")
    found = run(ws)
    assert (found.images, found.failures, len(found.manifest["tracebacks"])) == (11, 19, 19)


def test_images_that_cannot_be_read(ws: Workspace) -> None:
    Path("image/000.png").write_bytes(b"nothing")
    Path("image/002.png").write_bytes(Path("image/002.png").read_bytes()[:60])
    header = bytearray(Path("image/006.png").read_bytes())
    header[16:24] = (100_000).to_bytes(4, "big") * 2
    header[29:33] = zlib.crc32(bytes(header[12:29])).to_bytes(4, "big")
    Path("image/006.png").write_bytes(header)
    with pytest.warns(SegscoreWarning, match="1 of 7 images") as told:  # that their headers tell of
        add_images(ws)
    assert len(told) == 2
    add_function(ws)
    found = run(ws)
    assert (found.images, found.failures) == (4, 3)
    folder = f"{ws.path}/image"
    assert [f"{failure}\n{failure.hint}" for failure in found.evaluation.failures] == [
        f"000: {folder}/000.png: expected an image (BMP, JPEG, PNG, TIFF, WEBP), found something else\n"
        "save it as PNG; a Python function that takes paths reads any format",
        f"002: {folder}/002.png: the image is damaged: image file is truncated\nsave or copy it again",
        f"006: {folder}/006.png: the image is too large for Pillow: Image size (10000000000 pixels) exceeds "
        "limit of 178956970 pixels, could be decompression bomb DOS attack.\n"
        "raise `max_pixels` if the image is meant to be so large; else split it into tiles",
    ]
    assert found.manifest["tracebacks"] == {}


def test_onnx_models_that_do_not_fit(ws: Workspace) -> None:
    text = "(float[n,3,6,8] x, float[n,1,6,8] z) => (float[n,4,6,8] y) { y = Concat <axis=1> (x, z) }"
    save(Path("two.onnx"), text)
    save(Path("six.onnx"), "(float[n,3,6,8] x) => (float[n,6,6,8] y) { y = Concat <axis=1> (x, x) }")
    save(
        Path("one.onnx"),
        "(float[n,3,6,8] x) => (float[n,1,6,8] y) { y = ReduceMean <axes=[1], keepdims=1> (x) }",
    )
    for name in ("six", "one"):
        ws.models.add(name, onnx=f"{name}.onnx")
    assert refused(ArgumentError, run, ws, "six") == (
        "six:v1 gives scores of 6 channels, but noise:v1 has 3 classes\n"
        "hint: channel k holds the scores of the k-th class; run it on a dataset with its own classes"
    )
    assert refused(ArgumentError, run, ws, "one") == (
        f"one:v1 gives scores of 1 channel, but noise:v1 has 3 classes\nhint: {hints.LABELS_AS_SCORES}"
    )
    assert refused(ArgumentError, ws.models.add, "two", onnx="two.onnx") == (
        "two.onnx: expected one input, found 2: x (n, 3, 6, 8), z (n, 1, 6, 8)\n"
        "hint: export a model that takes an image only, or run it in a Python function"
    )
    # None of them leaves a run behind.
    assert (len(ws.runs()), ws.unfinished(), (ws.path / ".segscore/runs").exists()) == (0, [], False)


@pytest.mark.parametrize(
    ("shape", "keep", "kind"),
    [("int64[n,1,6,8]", 1, 7), ("int64[n,6,8]", 0, 7), ("float[n,6,8]", 0, 1), ("double[n,6,8]", 0, 11)],
)
def test_labels_of_a_model_end_where_hints_lead(ws: Workspace, shape: str, keep: int, kind: int) -> None:
    """One channel of floats cannot be labels: neither a threshold nor none would do for three classes."""
    body = "i = ArgMax <axis=1, keepdims={}> (x) y = Cast <to={}> (i)"
    save(Path("floats.onnx"), model("float[n,3,6,8]", "float[n,1,6,8]", body.format(1, 1)))
    ws.models.add("floats", onnx="floats.onnx")
    assert refused(ArgumentError, run, ws, "floats").endswith(f"\nhint: {hints.LABELS_AS_SCORES}")
    save(Path("good.onnx"), model("float[n,3,6,8]", shape, body.format(keep, kind)))
    ws.models.add("good", onnx="good.onnx")
    assert run(ws, "good").failures == 0


def changed(path: str) -> str:
    """Return what is said of the dataset of which one file is not as it was."""
    return (
        "1 of 14 files of dataset noise, version v1, changed since it was added:\n"
        f"  {path}: its content has changed\nhint: {hints.NEW_VERSION}"
    )


def test_a_label_that_changed_is_refused_and_becomes_a_version(ws: Workspace) -> None:
    add_function(ws)
    old = run(ws)
    target = np.asarray(Image.open("target/002.png")).copy()
    target[3, 3] = (target[3, 3] + 1) % 3
    Image.fromarray(target).save("target/002.png")
    # Also where there is a run: it says nothing about what is there now.
    for options in ({}, {"again": True}, {"verify": True}):
        assert refused(WorkspaceError, run, ws, **options) == changed("target/002.png")
    add_images(ws)
    new = run(ws)
    assert (new.id, new.dataset) == ("r2", "noise:v2")
    assert new.metrics["mean_iou"] != old.metrics["mean_iou"]
    again = ws.runs()["r1"]
    assert (again.dataset, again.dataset_digest) == ("noise:v1", ws.datasets["noise:v1"].digest)
    assert again.evaluation == old.evaluation
    lines = str(ws.runs().grid()).splitlines()
    assert [line.split()[0] for line in lines[:2]] == ["mean_iou", "net:v1"]
    assert ("noise:v1" in lines[0], "noise:v2" in lines[0]) == (True, True)


OLD = (1_700_000_000_000_000_000,) * 2
"""Times of files that settled long ago."""


def save_flat(path: Path, array: np.ndarray) -> None:
    """Write an image whose size and time say nothing about its content."""
    Image.fromarray(array).save(path, compress_level=0)
    os.utime(path, ns=OLD)


OF_DATASET = (
    "1 of 14 files of dataset flat, version v1, changed since it was added:\n  {}: its content has changed\n"
    "hint: add a new version with `segscore dataset add`, or bring the files back; a version never changes"
)
OF_MODEL = (
    "1 of {} of model net, version v1, changed since it was added:\n  {}: its content has changed\n"
    "hint: add a new version with `segscore model add`, or bring the files back; a version never changes"
)


@pytest.mark.parametrize(
    ("form", "replaced", "message"),
    [
        ("labels", "image/002.png", OF_DATASET.format("image/002.png")),
        ("path", "image/002.png", OF_DATASET.format("image/002.png")),
        ("batch", "target/002.png", OF_DATASET.format("target/002.png")),
        ("masks", "target/002.png", OF_DATASET.format("target/002.png")),
        ("masks", "masks/002.png", OF_MODEL.format("7 files", "masks/002.png")),
        ("labels", "nets.py", OF_MODEL.format("1 file", "nets.py")),
    ],
)
def test_a_file_in_the_place_of_another_one_of_its_size_and_time_is_found(
    ws: Workspace, form: str, replaced: str, message: str
) -> None:
    for side in ("image", "target"):
        for path in Path(side).rglob("*.png"):
            masks = "masks" / path.relative_to(side)
            masks.parent.mkdir(parents=True, exist_ok=True)
            for copy in (path, masks):
                save_flat(copy, np.asarray(Image.open(path)))
    os.utime("nets.py", ns=OLD)
    add_images(ws, "flat")
    if form == "masks":
        ws.models.add("net", predictions=ws.path / "masks")
    else:
        add_function(ws, form, **({} if form == "labels" else {"takes": form}))
    if replaced == "nets.py":
        Path(replaced).write_text(NETS.replace("% 3", "% 2"))
        os.utime(replaced, ns=OLD)
    else:
        save_flat(Path(replaced), np.flip(np.asarray(Image.open(replaced))))
    parts = ws.datasets["flat"], ws.models["net"]
    assert [part.changes() for part in parts] == [{}, {}]
    assert refused(WorkspaceError, run, ws, dataset="flat") == message
    assert (len(ws.runs()), ws.unfinished()) == (0, [])
    # It is known from now on, so that no run is begun.
    assert [path for part in parts for path in part.changes()] == [replaced]


def test_files_that_change_while_a_run_is_at_work(ws: Workspace) -> None:
    Path("nets.py").write_text(
        "def f(image):\n"
        "    with open('image/city/005.png', 'ab') as file:\n        file.write(b' ')\n"
        "    return image[..., 0] % 3\n"
    )
    add_function(ws, "f")
    assert refused(WorkspaceError, run, ws) == changed("image/city/005.png")
    # Nothing goes on with what was read of other files.
    assert (len(ws.runs()), ws.unfinished()) == (0, [])


def test_names_that_are_not_known(ws: Workspace) -> None:
    add_function(ws)
    for names, message in (
        (("nett",), "model `nett`\nhint: the nearest is `net`"),
        (("net:v2",), "version of model net `v2`\nhint: the nearest is `v1`"),
        (("net", "noisy"), "dataset `noisy`\nhint: the nearest is `noise`"),
    ):
        assert refused(ArgumentError, run, ws, *names) == f"there is no {message}"
    assert refused(ArgumentError, ws.runs().__getitem__, "r1") == (
        "there is no run `r1`, nor any other\nhint: `segscore run` makes one"
    )
    run(ws)
    assert (
        refused(ArgumentError, ws.runs().__getitem__, "r11")
        == "there is no run `r11`\nhint: the nearest is `r1`"
    )
    assert refused(ArgumentError, ws.runs, sort="mean_ion") == (
        "there is no metric `mean_ion`\nhint: the nearest are `mean_iou`, `mean_iiou`, `mean_aji`"
    )
    assert refused(ArgumentError, run, ws, batch=0) == (
        "`batch` is 0, expected 1 to 4,096\nhint: how many images at once"
    )
    assert refused(ArgumentError, run, ws, resize="linear") == (
        "`resize` is 'linear'\nhint: it is \"nearest\", or left out"
    )
    assert refused(ArgumentError, ws.note, "r1", "x" * 10_001) == (
        "expected a note of at most 10,000 characters, found 10,001\n"
        "hint: write what is longer in a file of its own, and name it in the note"
    )


def test_another_module_of_the_same_name(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    add_function(ws)
    other = ws.path / "other"
    other.mkdir()
    (other / "nets.py").write_text(NETS)
    monkeypatch.syspath_prepend(other)
    import nets  # noqa: F401

    assert refused(WorkspaceError, run, ws) == (
        f"nets:labels: expected the module in {ws.path}/nets.py, found {other}/nets.py\n"
        "hint: another module of this name was imported before; use this one in a process of its own"
    )


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import nowhere", "ModuleNotFoundError: No module named 'nowhere'"),
        ("raise RuntimeError('no GPU')", "RuntimeError: no GPU"),
        ("import sys\nsys.exit(2)", "SystemExit: 2"),
    ],
)
def test_a_module_that_cannot_be_imported(ws: Workspace, code: str, said: str) -> None:
    Path("nets.py").write_text(f"{code}\n{NETS}")
    add_function(ws)
    assert refused(ArgumentError, run, ws) == (
        f"nets:labels: the module cannot be imported: {said}\n"
        f"hint: `python -c 'import nets'` in {ws.path} shows where it fails"
    )
    assert ws.unfinished() == []


def test_a_function_may_import_what_lies_beside_it_at_any_time(ws: Workspace) -> None:
    Path("beside.py").write_text("def call(image):\n    return image[..., 0] % 3\n")
    Path("nets.py").write_text("def f(image):\n    import beside\n    return beside.call(image)\n")
    add_function(ws, "f")
    before = list(sys.path)
    assert run(ws).failures == 0
    assert sys.path == before


def test_a_folder_with_predictions_of_other_images(ws: Workspace) -> None:
    Path("masks").mkdir()
    Image.fromarray(np.zeros(SIZE, np.uint8)).save("masks/elsewhere.png")
    ws.models.add("net", predictions="masks")
    assert refused(PairingError, run, ws) == (
        "expected predictions and targets of the same name, found none:\n"
        f"  `pred`: 1 file in {ws.path}/masks: elsewhere.png\n"
        "  `target`: 7 files in the list of 7 paths: 000.png, 002.png, 004.png, …\n"
        "hint: describe the names with `pairing`, for example '{id}_gtFine_labelIds' for targets whose "
        "predictions are {id}, or '{id}_pred:{id}_gt'"
    )
    assert ws.unfinished() == []
