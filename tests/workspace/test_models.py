"""Models of a workspace: what is recorded, and what is refused. No model is run."""

import ast
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from segscore import ArgumentError, FileFormatError, PairingError, Workspace, WorkspaceError
from segscore.workspace.registry.module_names import names_of
from support import hints
from support.refused import refused, warned
from support.tiny_models import save_external
from support.workspaces import ONNX, add_dataset, write_project

pytestmark = pytest.mark.filterwarnings("ignore:.*holds the same as version:segscore.SegscoreWarning")

CODE = """
import nowhere_to_be_found
from math import sqrt as root
def predict(image): ...
async def later(image): ...
class Net: ...
twice = lambda image: 2
"""


def changed(number: str, version: str, path: str, reason: str = "its content has changed") -> str:
    """Return what is said of a version of which one file is not as it was."""
    return (
        f"1 of {number} of model {version}, changed since it was added:\n  {path}: {reason}\n"
        "hint: add a new version with `segscore model add`, or bring the files back; a version never changes"
    )


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    write_project(tmp_path)
    monkeypatch.chdir(tmp_path)
    Path("net.onnx").write_bytes(ONNX)
    Path("package/inner").mkdir(parents=True)
    Path("package/__init__.py").write_text("raise RuntimeError")
    Path("package/inner/net.py").write_text(CODE)
    return Workspace.init(tmp_path)


def test_why_nobody_knows_whether_a_model_can_run_stays_with_it(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ws.models.add("net", onnx="net.onnx").untried == ""
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    why = "onnxruntime is not installed (`pip install 'segscore[run]'`)"
    with warned(f"model other: nobody knows whether it can run: {why}"):
        ws.models.add("other", onnx="net.onnx")
    found = ws.models["other"]
    assert found.untried == why
    assert found.digest == ws.models["net"].digest
    assert str(found).endswith(f"\nnot known to run: {why}")


def test_an_onnx_file(ws: Workspace) -> None:
    model = ws.models.add("net", onnx="net.onnx", options={"mean": (50.5, 0.25, 1), "channels": "bgr"})
    for found in (model, ws.models["net"], ws.models["net", "v1"]):
        assert (found.form, found.source, found.version) == ("onnx", "net.onnx", "v1")
        assert found.path == str(ws.path / "net.onnx")
        assert dict(found.options) == {"mean": [50.5, 0.25, 1], "channels": "bgr"}
        assert found.files[0].bytes == len(ONNX)
        assert found.trained_on is None
        assert repr(found) == "<Model net:v1 (onnx)>"
        found.check(verify=True)
    assert str(model) == (
        f"model net, version v1\nadded {model.added}, digest {model.digest[:12]}\nonnx: net.onnx\n"
        "mean: [50.5, 0.25, 1]\nchannels: bgr\n"
        "values go in as images hold them, 0 to 255 of 8 bits: no scale"
    )
    assert ws.models.add("net", onnx="net.onnx").digest != model.digest
    os.rename("net.onnx", "moved.onnx")
    again = ws.models.add("net", onnx="moved.onnx", options={"channels": "bgr", "mean": (50.5, 0.25, 1)})
    assert again.digest == model.digest
    assert again.versions == ("v1", "v2", "v3")
    said = changed("1 file", "net, version v1", "net.onnx", "No such file or directory")
    assert refused(WorkspaceError, model.check) == said


def test_weights_beside_an_onnx_file_are_part_of_it(ws: Workspace) -> None:
    Path("weights").mkdir()
    Path("weights/w.bin").write_bytes(bytes(12))
    save_external(Path("large.onnx"), "weights/w.bin")
    model = ws.models.add("large", onnx="large.onnx")
    assert [file.path for file in model.files] == ["large.onnx", "weights/w.bin"]
    model.check(verify=True)
    Path("weights/w.bin").write_bytes(b"x" * 12)
    said = changed("2 files", "large, version v1", "weights/w.bin")
    assert refused(WorkspaceError, model.check) == said
    assert ws.models.add("large", onnx="large.onnx").digest != model.digest
    Path("weights/w.bin").unlink()
    assert refused(FileFormatError, ws.models.add, "large", onnx="large.onnx") == (
        "large.onnx: weights at weights/w.bin are not there\n"
        "hint: copy the files of weights next to the model"
    )
    save_external(Path("large.onnx"), "../w.bin")
    assert refused(FileFormatError, ws.models.add, "large", onnx="large.onnx") == (
        "large.onnx: weights at ../w.bin lie outside the folder of the model\n"
        "hint: save the model and its weights in one folder; do not run a model whose origin you do not know"
    )
    Path("large.onnx").write_bytes(b"weights")
    assert refused(FileFormatError, ws.models.add, "large", onnx="large.onnx") == (
        "large.onnx: expected an ONNX model, found something else or a part of one\n"
        "hint: export or copy the model again"
    )


def test_a_function_is_found_without_importing_it(ws: Workspace) -> None:
    for function in ("predict", "later", "Net", "twice", "root"):
        model = ws.models.add(function, python=f"package.inner.net:{function}")
        assert (model.form, model.source) == ("python", f"package.inner.net:{function}")
        assert [file.path for file in model.files] == ["package/inner/net.py"]
        assert model.path == str(ws.path / "package/inner/net.py")
    assert not {"package", "package.inner"} & sys.modules.keys()
    assert len({ws.models[name].digest for name in ws.models}) == 5


def test_files_that_a_function_reads_are_part_of_it(ws: Workspace) -> None:
    Path("weights").mkdir()
    for name in ("unet.pt", "weights/b.pt"):
        Path(name).write_bytes(name.encode())
    files = ["weights/b.pt", Path("unet.pt"), "unet.pt"]
    model = ws.models.add("net", python="package.inner.net:predict", files=files)
    assert [file.path for file in model.files] == ["package/inner/net.py", "weights/b.pt", "unet.pt"]
    assert model.path == str(ws.path / "package/inner/net.py")
    assert str(model).endswith("\npython: package.inner.net:predict\nwith `weights/b.pt` and `unet.pt`")
    os.rename("weights/b.pt", "b.pt")
    again = ws.models.add("net", python="package.inner.net:predict", files=["unet.pt", "b.pt"])
    assert again.digest == model.digest
    assert ws.models.add("net", python="package.inner.net:predict").digest != model.digest
    Path("unet.pt").write_bytes(b"other")
    assert refused(WorkspaceError, again.check) == changed("3 files", "net, version v2", "unet.pt")
    assert ws.models.add("net", python="package.inner.net:predict", files=["unet.pt", "b.pt"]).digest not in (
        model.digest,
        ws.models["net", "v3"].digest,
    )


def test_a_folder_of_predictions(ws: Workspace) -> None:
    model = ws.models.add("masks", predictions="target")
    assert (model.form, model.source, len(model.files)) == ("predictions", "target", 3)
    os.rename("target", "elsewhere")
    assert ws.models.add("masks", predictions="elsewhere").digest == model.digest
    os.rename("elsewhere/sun_1.png", "elsewhere/sun_2.png")
    assert ws.models.add("masks", predictions="elsewhere").digest != model.digest
    os.mkdir("empty")
    assert refused(PairingError, ws.models.add, "masks", predictions="empty") == (
        "`predictions`: expected mask files (.bmp, .gif, .mha, .mhd, .nhdr, .nii, .nii.gz, .npy, "
        ".npz, .nrrd, .pbm, .pgm, .png, .pnm, .ppm, .tif, .tiff, .webp) in empty, found none\n"
        "hint: check the path; hidden files are passed over"
    )


def test_what_a_model_was_trained_on(ws: Workspace) -> None:
    dataset = add_dataset(ws)
    model = ws.models.add("a", onnx="net.onnx", trained_on="streets")
    assert model.trained_on is not None
    assert (model.trained_on.name, model.trained_on.digest) == ("streets:v1", dataset.digest)
    digests = {name: file.sha256 for name, file in zip(dataset.names, dataset.images, strict=True)}
    assert model.trained_on.images == digests
    assert str(model).endswith("of 8 bits: no scale\ntrained on streets:v1 (3 images)")
    folder = ws.models.add("b", onnx="net.onnx", trained_on="image").trained_on
    assert folder is not None
    assert (folder.name, folder.digest, folder.images) == ("image", None, digests)
    assert refused(ArgumentError, ws.models.add, "c", onnx="net.onnx", trained_on="street") == (
        "`trained_on`: there is neither a dataset nor a folder street\nhint: the datasets are `streets`"
    )
    day = model.added[:10]
    assert str(ws.models) == (
        "model  latest  versions  kind  trained on  digest             added\n"
        f"a      v1             1  onnx  streets:v1  {model.digest[:12]}  {day}\n"
        f"b      v1             1  onnx  image       {ws.models['b'].digest[:12]}  {day}"
    )


def test_names_and_versions(ws: Workspace) -> None:
    assert str(ws.models) == "no model yet"
    assert refused(ArgumentError, ws.models.__getitem__, "net") == (
        "there is no model `net`, nor any other model\nhint: `segscore model add` adds one"
    )
    ws.models.add("net", onnx="net.onnx", version="1.0")
    assert "net" in ws.models
    assert "net:1.0" in ws.models
    assert "net:v1" not in ws.models
    assert "ne:t:" not in ws.models
    assert (list(ws.models), len(ws.models), repr(ws.models)) == (["net"], 1, "<Models: net>")
    assert refused(ArgumentError, ws.models.__getitem__, "nets") == (
        "there is no model `nets`\nhint: the nearest is `net`"
    )
    for name, message in (
        (
            "net",
            "model net has a version 1.0 already, and versions never change\n"
            "hint: leave the version out to add it as v1, or name another one",
        ),
        ("a/b", f"'a/b' is no name of a model\nhint: {hints.NAME}"),
    ):
        assert refused(ArgumentError, ws.models.add, name, onnx="net.onnx", version="1.0") == message


FORMS = "a model is an ONNX file, a function as in `package.module:function`, or a folder of predictions"
FUNCTION = "hint: a model is a function that takes an image and returns labels or class scores"
MODULE = f"hint: {hints.OWN_MODULE.format('models:predict')}"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, f"expected one of `onnx`, `python` and `predictions`, found 0\nhint: {FORMS}"),
        (
            {"onnx": "a", "python": "b"},
            f"expected one of `onnx`, `python` and `predictions`, found 2\nhint: {FORMS}",
        ),
        ({"onnx": "a"}, "`onnx`: expected a file, found nothing at a\nhint: give the path of an ONNX file"),
        (
            {"predictions": "net.onnx"},
            "`predictions`: expected a folder, found a file at net.onnx\n"
            "hint: give the folder of the masks that the model has made",
        ),
        (
            {"python": "package.inner.net:nowhere_to_be_found"},
            "`python`: expected a function, found the module `nowhere_to_be_found` in "
            "{root}/package/inner/net.py\n" + FUNCTION,
        ),
        (
            {"python": "net.py"},
            "`python`: expected the name of a function as `package.module:function`, found net.py\n"
            f"hint: {hints.COLON}",
        ),
        (
            {"python": "package.outer:f"},
            "`python`: there is no module package.outer in the current folder, in that of the workspace, or "
            f"on the path of Python\n{MODULE}",
        ),
        (
            {"python": "package.inner.net:predictions"},
            "there is no function in package.inner.net `predictions`\nhint: the nearest is `predict`",
        ),
        (
            {"python": "broken:f"},
            "`python`: {root}/broken.py: cannot be read as Python: invalid syntax (<unknown>, line 1)\n"
            "hint: check the file that defines the function",
        ),
        (
            {"onnx": "net.onnx", "options": {"scale": float("nan")}},
            "option `scale` is nan\nhint: a finite number, a text, true or false, or a list of these",
        ),
        (
            {"onnx": "net.onnx", "options": {"takes": "path"}},
            "there is no option of an ONNX model `takes`\nhint: the nearest are `channels`, `threshold`",
        ),
        (
            {"python": "package.inner.net:predict", "options": {"mean": 3}},
            "there is no option of a Python function `mean`\n"
            "hint: the nearest are `takes`, `class_axis`, `threshold`",
        ),
        (
            {"predictions": "target", "options": {"channels": "rgb"}},
            "there is no option of a folder of predictions `channels`\n"
            "hint: the nearest are `class_axis`, `threshold`, `pred_classes`",
        ),
        (
            {"onnx": "net.onnx", "options": {3: 4}},
            'the name of an option is 3\nhint: a text, such as "mean"',
        ),
        (
            {"onnx": "net.onnx", "files": ["net.onnx"]},
            "`files` is given with `onnx`, but belongs to `python`\n"
            "hint: what an ONNX model or a folder of predictions is made of is known without it",
        ),
        (
            {"python": "package.inner.net:predict", "files": "unet.pt"},
            "`files` is 'unet.pt', expected a list of paths\nhint: such as `files=[\"unet.pt\"]`",
        ),
        (
            {"python": "package.inner.net:predict", "files": ["package"]},
            "`files`: expected a file, found a folder at package\n"
            "hint: name each file that the function reads, such as its weights",
        ),
    ],
)
def test_what_is_no_model(ws: Workspace, given: dict[str, object], message: str) -> None:
    Path("broken.py").write_text("def")
    text = refused(ArgumentError, ws.models.add, "net", **given)
    assert text == message.replace("{root}", str(ws.path))
    assert len(ws.models) == 0


@pytest.mark.parametrize(
    ("source", "options", "text"),
    [
        ({"onnx": "net.onnx"}, {"std": 0}, "`std` is 0, expected anything but 0"),
        (
            {"onnx": "net.onnx"},
            {"size": [0, 5]},
            '`size` is [0, 5]\nhint: it is (height, width) in pixels, or "image"',
        ),
        (
            {"onnx": "net.onnx"},
            {"class_axis": 7},
            "`class_axis` is 7\nhint: it is 1 for (n, K, h, w) or -1 for (n, h, w, K) of an ONNX output, "
            "0 for (K, h, w) or -1 for (h, w, K) of a function or a file",
        ),
        (
            {"python": "package.inner.net:predict"},
            {"takes": "all"},
            "`takes` is 'all'\nhint: it is array, path or batch",
        ),
        (
            {"python": "package.inner.net:predict"},
            {"threshold": True},
            "`threshold` is True\nhint: it is a finite number",
        ),
        (
            {"predictions": "target"},
            {"pairing": 3},
            "`pairing` is 3\nhint: it is a pattern, such as {id}_pred:{id}_gt",
        ),
    ],
)
def test_options_that_no_model_has_a_use_for_are_refused_at_once(
    ws: Workspace, source: dict[str, Any], options: dict[str, object], text: str
) -> None:
    assert refused(ArgumentError, ws.models.add, "net", **source, options=options) == text
    assert "net" not in ws.models


def test_a_manifest_that_is_damaged(ws: Workspace) -> None:
    ws.models.add("net", onnx="net.onnx")
    path = ws.path / ".segscore/models/net/v1.json"
    path.write_text(path.read_text().replace('"onnx"', '"caffe"'))
    assert refused(FileFormatError, ws.models.__getitem__, "net") == (
        f"{path}: expected the manifest of model net, version v1, found another kind of file or a damaged "
        f"one\nhint: {hints.BRING_BACK}"
    )


# Which names of a module may be called, as its code says without being run

NAMING = """
import time, os.path
import numpy as np
from math import sqrt as root
SIZE, NOTHING = 512, print
MEAN = [0.5]
late = None
model = load() if SIZE else None
if SIZE:
    def predict(image):
        helper = 1
        def inner(image): ...
        global late, made
        late = made = predict
class Net:
    def method(self, image): ...
try:
    import cupy as xp
except ImportError:
    xp = wrapped(np)
twice = lambda image: 2
"""


def test_names_that_may_be_called_are_told_from_those_that_may_not() -> None:
    names = names_of(ast.parse(NAMING))
    may = {"root", "SIZE", "NOTHING", "late", "made", "model", "predict", "Net", "xp", "twice"}
    assert names.callable == may
    assert names.others == {
        "time": "the module",
        "os": "the module",
        "np": "the module",
        "MEAN": "the value",
    }
    assert not names.open


@pytest.mark.parametrize("code", ["from a import *", "def __getattr__(name): ..."])
def test_a_module_may_have_names_that_its_code_does_not_say(code: str) -> None:
    assert names_of(ast.parse(code)).open


def test_a_module_without_names() -> None:
    names = names_of(ast.parse("print()"))
    assert (names.callable, names.others, names.open) == (frozenset(), {}, False)
