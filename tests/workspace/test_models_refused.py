"""Models of a workspace that are refused: manifests that were changed, and functions that are no models."""

from pathlib import Path
from typing import Any

import pytest

import segscore
from segscore import ArgumentError, FileFormatError, PairingError, Workspace
from support.masks_on_disk import png
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
