"""The commands of a workspace: what they print, and what wrong usage gets."""

from pathlib import Path

import pytest

from segscore import Workspace
from support.command_line import failed, printed, run
from support.masks_on_disk import png
from support.tiny_models import model, save
from support.workspaces import ONNX, write_project

ADD = ("dataset", "add", "streets", "--images", "image", "--targets", "target", "--classes", "classes.toml")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("SEGSCORE_WORKSPACE", raising=False)
    write_project(tmp_path)
    (tmp_path / "net.onnx").write_bytes(ONNX)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_dataset_and_a_model_from_an_empty_folder_on(project: Path, tmp_path: Path) -> None:
    assert printed("init") == (
        f"workspace made in {project}\n"
        "next: `segscore dataset add NAME --images DIR --targets DIR --classes NAME|FILE.toml`\n"
    )
    ws = Workspace(project)
    assert printed(*ADD, "--groups", r"^(\w+)_", "--attributes", "attributes.csv", "--ignore", "7,8") == (
        f"{ws.datasets['streets']}\n"
    )
    assert ws.datasets["streets"].classes.all_ignored == (7, 8, 255)
    (project / "target/sun_1.png").write_bytes(png([[1, 1, 1], [1, 1, 1]]))
    assert (
        printed(*ADD, "--version", "fixed", "--ignore", "7", "--ignore", "8") == f"{ws.datasets['streets']}\n"
    )
    assert printed("dataset", "list") == f"{ws.datasets}\n"
    assert printed("dataset", "show", "streets:v1") == f"{ws.datasets['streets:v1']}\n"
    assert printed("dataset", "show", "streets", "--verify") == (
        f"{ws.datasets['streets']}\n\nall files are as they were when it was added\n"
    )
    assert printed("dataset", "diff", "streets:v1", "streets") == (
        f"{ws.datasets.diff('streets:v1', 'streets:fixed')}\n"
    )
    save(project / "net.onnx", model("float[n,h,w,3]"))
    options = ("--mean", "0.5,0.4,0.3", "--std", "2", "--scale", "0.25", "--size", "512,1024")
    options = (*options, "--channels", "bgr", "--layout", "nhwc", "--trained-on", "streets:v1")
    assert printed("model", "add", "net", "--onnx", "net.onnx", *options) == f"{ws.models['net']}\n"
    assert dict(ws.models["net"].options) == {
        "mean": [0.5, 0.4, 0.3],
        "std": 2.0,
        "scale": 0.25,
        "size": [512, 1024],
        "channels": "bgr",
        "layout": "nhwc",
    }
    assert printed("model", "list") == f"{ws.models}\n"
    before = printed("dataset", "list"), printed("model", "list")
    (project / ".segscore/index.db").unlink()
    assert printed("reindex") == "3 versions of datasets and models, 0 runs\n"
    assert (printed("dataset", "list"), printed("model", "list")) == before


def test_a_linked_dataset_and_another_workspace(project: Path) -> None:
    printed("init")
    printed(*ADD)
    assert printed("init", "other").startswith(f"workspace made in {project}/other\nnext: ")
    linked = printed("dataset", "link", project, "streets", "--workspace", "other")
    assert linked == printed("dataset", "show", "streets")
    assert "streets is linked from" in printed("dataset", "list", "--workspace", "other")
    assert printed("model", "list", "--workspace", "other") == "no model yet\n"
    assert printed("reindex", "--workspace", "other") == "0 versions of datasets and models, 0 runs\n"


def test_wrong_usage_is_told(project: Path) -> None:
    none = (
        f"{project}: there is no workspace in this folder or above it\n"
        "hint: `segscore init` makes one; or name one by `--workspace`, or by the variable "
        "SEGSCORE_WORKSPACE"
    )
    for command in (("dataset", "list"), ("model", "list"), ("reindex",), ADD):
        assert failed(run(*command)) == none
    printed("init")
    assert failed(run("dataset", "show", "streets")) == (
        "there is no dataset `streets`, nor any other dataset\nhint: `segscore dataset add` adds one"
    )
    assert failed(run("model", "add", "net", "--onnx", "net.onnx", "--mean", "a,b")) == (
        "`--mean` is 'a,b', expected one number, or one for each channel\n"
        "hint: write numbers with commas between them, such as 0.485,0.456,0.406"
    )
    assert failed(run("model", "add", "net", "--onnx", "net.onnx", "--layout", "chw")) == (
        "`--layout` is 'chw'\nhint: it is nchw or nhwc"
    )
    assert failed(run("model", "add", "net")) == (
        "expected one of `--onnx`, `--python` and `--predictions`, found 0\n"
        "hint: a model is an ONNX file, a function as in `package.module:function`, or a folder of "
        "predictions"
    )


def test_files_that_a_function_reads(project: Path) -> None:
    printed("init")
    (project / "nets.py").write_text("def f(image): ...\n")
    for name in ("a.pt", "b.pt"):
        (project / name).write_bytes(name.encode())
    page = printed("model", "add", "net", "--python", "nets:f", "--files", "b.pt", "--files", "a.pt")
    assert page.splitlines()[2:] == ["python: nets:f", "with `a.pt` and `b.pt`"]
    (project / "b.pt").write_bytes(b"other")
    result = run("model", "show", "net", "--verify")
    assert result.exit_code == 2
    assert (
        "1 of 3 files of model net, version v1, changed since it was added:\n  b.pt: its content has changed"
        in (result.stderr)
    )
    assert failed(run("model", "add", "net", "--onnx", "a.pt", "--files", "b.pt")) == (
        "`--files` is given with `--onnx`, but belongs to `--python`\n"
        "hint: what an ONNX model or a folder of predictions is made of is known without it"
    )
