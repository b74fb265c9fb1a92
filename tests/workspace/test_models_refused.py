"""Models of a workspace that are refused: manifests that were changed, and functions that are no models."""

from pathlib import Path
from typing import Any

import pytest

import segscore
from segscore import ArgumentError, FileFormatError, PairingError, Workspace
from segscore.io import functions
from segscore.io.code import Code
from segscore.workspace.registry.module_names import check_function
from support.command_line import run
from support.masks_on_disk import png, write
from support.refused import refused
from support.workspaces import ONNX


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace in the current folder."""
    monkeypatch.chdir(tmp_path)
    Path("net.onnx").write_bytes(ONNX)
    return Workspace.init(tmp_path)


@pytest.mark.parametrize(
    ("name", "given", "was", "now"),
    [
        ("onnx", {"onnx": "net.onnx", "options": {"scale": 2.0}}, '"scale": 2.0', '"scale": 3.0'),
        ("python", {"python": "nets:predict"}, '"nets:predict"', '"nets:other"'),
        ("masks", {"predictions": "masks"}, "masks/", "other/"),
        ("digest", {"predictions": "masks"}, '"digest": "', '"digest": "0'),
    ],
)
def test_a_manifest_that_says_other_than_its_digest_is_refused(
    ws: Workspace, name: str, given: dict[str, Any], was: str, now: str
) -> None:
    Path("masks/a").mkdir(parents=True)
    for file in ("masks/a/0.png", "masks/1.png"):
        Path(file).write_bytes(png([[0, 1]]))
    Path("nets.py").write_text("def predict(image): ...\ndef other(image): ...\n")
    ws.models.add(name, **given)
    ws.models[name].check()
    path = ws.path / f".segscore/models/{name}/v1.json"
    text = path.read_text()
    path.write_text(text.replace(was, now, 1))
    assert refused(FileFormatError, ws.models.__getitem__, name) == (
        f"{path}: expected the manifest of model {name}, version v1, found another kind of file or a damaged "
        "one\nhint: bring it back from a copy, or move it out of the workspace"
    )
    path.write_text(text)
    ws.models[name].check()


def test_functions_of_python_itself_are_no_models(ws: Workspace) -> None:
    # They would be called with each image, or its path: `os.remove` with `takes="path"` removes them all.
    for source in ("os:remove", "shutil:rmtree", "xml.dom.minidom:parse", "json:load"):
        module = source.partition(":")[0]
        message = (
            f"expected a function of your own, found one of {module}, which comes with Python\n"
            "hint: a model is a function that takes an image and returns labels or class scores"
        )
        assert refused(ArgumentError, ws.models.add, "net", python=source) == message
        assert refused(ArgumentError, segscore.predict.function, source, takes="path") == message
    assert "builtins, which" in refused(ArgumentError, segscore.predict.function, "builtins:print")
    # A module of one's own may have such a name.
    Path("code.py").write_text("def predict(image): ...\n")
    assert ws.models.add("net", python="code:predict").path == f"{ws.path}/code.py"


def test_an_archive_is_no_folder_of_predictions(ws: Workspace) -> None:
    Path("masks.zip").touch()
    assert refused(PairingError, ws.models.add, "net", predictions="masks.zip") == (
        "`predictions`: expected a folder, found an archive at masks.zip\n"
        "hint: unpack it, and give the folder of what is in it"
    )


CODE = """
import numpy as np
LABELS = [1, 2]

class Own:
    size = 5
    @staticmethod
    def read(path): ...

class Net:
    def predict(self, image): ...

class Wide(Net): ...

made = Own().read

class Late: ...
Late.predict = Net.predict

class Given: ...
setattr(Given, "predict", Net.predict)

class Twice: ...
def wrapped(twice): return Net
Twice = wrapped(Twice)

def read(path): ...
open("ran", "w").close()
"""
MODEL = "a model is a function that takes an image and returns labels or class scores"
READER = "a reader is a function that takes a path and returns an array of labels"


@pytest.fixture
def code(ws: Workspace) -> Workspace:
    """A workspace beside a module that leaves a file where it is run."""
    Path("rd.py").write_text(CODE)
    write(ws.path, {"masks/a.png": [[0, 1]]})
    return ws


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("rd:nosuch", "there is no function in rd `nosuch`\nhint: the nearest are "),
        ("rd:raed", "there is no function in rd `raed`\nhint: the nearest are `read`, `wrapped`, `made`"),
        ("rd:np", "`{argument}`: expected a function, found the module `np` in {path}\nhint: {what}"),
        ("rd:LABELS", "`{argument}`: expected a function, found the value `LABELS` in {path}\nhint: {what}"),
        ("rd:Own.nosuch", "there is no function in rd:Own `nosuch`\nhint: the nearest is `read`"),
        ("rd:Own.size", "`{argument}`: expected a function, found the value `size` in {path}\nhint: {what}"),
    ],
)
@pytest.mark.parametrize("argument", ["python", "read"])
def test_a_function_that_there_is_not_is_refused_and_nothing_is_run(
    code: Workspace, argument: str, name: str, said: str
) -> None:
    what = MODEL if argument == "python" else READER
    message = said.format(argument=argument, path=code.path / "rd.py", what=what)
    models = code.models
    if argument == "python":
        tried = [(models.add, {"name": "net", "python": name})]
        commands = [("model", "add", "net", "--python", name)]
    else:
        given = {"targets": "masks", "classes": 2, "read": name, "progress": False}
        options = {"predictions": "masks", "options": {"read": name}}
        tried = [(models.add, {"name": "net", **options}), (code.datasets.add, {"name": "d", **given})]
        commands = [
            ("model", "add", "net", "--predictions", "masks", "--read", name),
            ("dataset", "add", "d", "--targets", "masks", "--classes", "2", "--read", name),
        ]
    for add, options in tried:
        assert refused(ArgumentError, add, **options).startswith(message)
    for command in commands:
        told = run(*command)
        assert told.exit_code == 2
        assert told.stderr.startswith(f"error: {message.replace(f'`{argument}`: ', f'`--{argument}`: ')}")
    assert not Path("ran").exists()


@pytest.mark.parametrize(
    "name",
    [
        "Own.read",
        "Net.predict",
        "Wide.predict",
        "Late.predict",
        "Given.predict",
        "Twice.predict",
        "read.inner",
    ],
)
def test_what_only_running_code_tells_is_taken(code: Workspace, name: str) -> None:
    code.models.add("net", python=f"rd:{name}")
    assert code.models["net"].source == f"rd:{name}"
    assert not Path("ran").exists()


@pytest.mark.parametrize(
    "given", ["globals()['read'] = len", "vars().update(read=len)", "exec('read = len')"]
)
@pytest.mark.parametrize("argument", ["python", "read"])
def test_names_that_a_module_gives_itself_are_taken(ws: Workspace, argument: str, given: str) -> None:
    Path("giver.py").write_text(f"def other(path): ...\n{given}\n")
    check_function(Code("giver:read", str(ws.path / "giver.py"), functions.READER), argument)


@pytest.mark.parametrize("argument", ["python", "read"])
def test_compiled_modules_are_not_looked_into(ws: Workspace, argument: str) -> None:
    Path("built.so").write_bytes(b"\x7fELF\0")
    check_function(Code("built:read", str(ws.path / "built.so"), functions.READER), argument)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[1]", "p.json, results[0]: expected an object, found 1"),
        ('"x"', "p.json: expected a list of results, found a text"),
        ("", "p.json: expected JSON, found an empty file"),
        (
            '[{"image_id": 1, "category_id": 1, "segmentation": {"size": [2, 2], "counts": [4]}}]',
            "p.json, results[0]: expected a `score`, found none",
        ),
        ('{"model": "unet"}', "p.json: 1 fault:\n  `annotations` is None, expected a list"),
    ],
)
def test_a_json_file_that_holds_no_predictions(tmp_path: Path, content: str, said: str) -> None:
    ws = Workspace.init(tmp_path)
    path = tmp_path / "p.json"
    path.write_text(content)
    assert refused(FileFormatError, ws.models.add, "net", predictions=path) == (
        f"{tmp_path}/{said}\n"
        'hint: predictions of objects are a list of {"image_id", "category_id", "segmentation", "score"}, or '
        'a panoptic file, {"annotations": [{"image_id", "file_name", "segments_info"}]}'
    )
    assert [*ws.models] == []
    path.write_text("[]")
    assert ws.models.add("net", predictions=path).is_results


def test_a_panoptic_file_without_its_folder_is_told_where_that_is_looked_for(tmp_path: Path) -> None:
    ws = Workspace.init(tmp_path)
    path = tmp_path / "p.json"
    path.write_text('{"annotations": [{"image_id": 1, "file_name": "a.png", "segments_info": []}]}')
    assert refused(FileFormatError, ws.models.add, "net", predictions=path) == (
        f"{path}: 1 fault:\n  its PNG files are looked for in {tmp_path}/p, which is no folder\n"
        'hint: it is {"annotations": [{"image_id", "file_name", "segments_info": [{"id", "category_id", '
        '"iscrowd"}]}], "categories": [{"id", "name", "isthing"}]}, with PNG files in a folder of its name'
    )
    path.write_text('{"images": [], "categories": [], "annotations": [{"id": 1, "segmentation": []}]}')
    assert refused(FileFormatError, ws.models.add, "net", predictions=path) == (
        f"{path}: expected COCO's panoptic format, found objects with masks of their own\n"
        'hint: predictions of objects are a list of {"image_id", "category_id", "segmentation", "score"}, or '
        'a panoptic file, {"annotations": [{"image_id", "file_name", "segments_info"}]}'
    )
