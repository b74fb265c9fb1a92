"""Datasets whose targets a function of the user reads, and runs on them."""

import functools
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segscore import ArgumentError, EvaluationError, FileFormatError, Workspace, WorkspaceError, evaluate
from segscore.workspace import Run
from segscore.workspace.registry.datasets import Dataset
from support.command_line import printed
from support.masks_on_disk import png, write
from support.refused import refused

RANDOM = np.random.default_rng(5)
TARGETS = RANDOM.integers(0, 3, (3, 6, 8))
PREDS = np.where(RANDOM.random(TARGETS.shape) < 0.3, 0, TARGETS)
NAMES = ["road", "sky", "car"]
CODE = """
import numpy as np

SEEN = []

def of_text(path):
    import own_table
    SEEN.append(path)
    with open(path) as file:
        return own_table.LABELS[np.array([list(map(int, line)) for line in file.read().split()])]

def turned(path):
    import PIL.Image
    SEEN.append(path)
    return 2 - np.asarray(PIL.Image.open(path))

def predict(image):
    return image[..., 0]

def made():
    return lambda path: None

unnamed = made()
"""


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """Targets as texts of digits and as PNG with labels turned round, and a module that reads both."""
    for i, (target, pred) in enumerate(zip(TARGETS, PREDS, strict=True)):
        pixels = np.repeat(pred[..., np.newaxis], 3, axis=-1)
        masks = {f"pred/{i}.png": pred, f"turned/{i}.png": 2 - target, f"images/{i}.png": png(pixels, 8, 2)}
        write(tmp_path, masks)
        scores = {f"scores/{i}.npy": np.eye(3, dtype=np.float32)[pred], f"same/{i}.npy": pred}
        write(tmp_path, scores)
    write_texts(tmp_path / "texts", TARGETS)
    (tmp_path / "code").mkdir()
    (tmp_path / "code/own_reader.py").write_text(CODE)
    (tmp_path / "code/own_table.py").write_text("import numpy as np\nLABELS = 8 - np.arange(9)\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "code")])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.chdir(tmp_path)
    forget()
    yield Workspace.init(tmp_path)
    forget()


def write_texts(folder: Path, masks: Any) -> None:
    """Write masks in the form that `of_text` reads."""
    folder.mkdir(parents=True)
    for i, mask in enumerate(masks):
        text = "\n".join("".join(map(str, row)) for row in (8 - mask).tolist())
        (folder / f"{i}.txt").write_text(text)


def forget() -> None:
    for name in ("own_reader", "own_table"):
        sys.modules.pop(name, None)


def add(ws: Workspace, name: str = "streets", **given: Any) -> Dataset:
    usual = {"targets": "texts", "read": "own_reader:of_text", "classes": NAMES, "progress": False}
    return ws.datasets.add(name, **{**usual, **given})


def run_on(ws: Workspace, dataset: str = "streets", **model: Any) -> Run:
    ws.models.add("net", **{**({} if model else {"predictions": "pred"}), **model})
    return ws.run("net", dataset, progress=False)


EXPECTED = {"pred": list(PREDS), "target": list(TARGETS), "classes": NAMES}


def test_a_version_keeps_the_function_and_the_digest_of_its_code(ws: Workspace) -> None:
    made = add(ws)
    forget()
    found = Workspace(ws.path).datasets["streets"]
    shown = printed("dataset", "show", "streets")
    assert "own_reader" not in sys.modules  # nothing that only looks runs it
    assert shown == f"{made}\n"
    assert "\ntargets are read by own_reader:of_text in code/own_reader.py\n" in shown
    assert found.truth.class_pixels.tolist() == [(label == TARGETS).sum() for label in range(3)]
    assert found.names == ("0", "1", "2")
    assert f"{ws.path}/code/own_reader.py" in found.by_path()
    assert np.array_equal(np.asarray(found.reading.read("texts/1.txt")), TARGETS[1])  # type: ignore[misc]


def test_a_function_is_kept_as_its_name_is(ws: Workspace) -> None:
    named = add(ws)
    import own_reader  # type: ignore[import-not-found]

    assert add(ws, "others", read=own_reader.of_text).digest == named.digest
    given = ("--targets", "texts", "--classes", 3, "--read", "own_reader:of_text")
    printed("dataset", "add", "lines", *given)
    assert ws.datasets["lines"].reading == named.reading
    os.rename("turned", "texts/turned")
    assert add(ws, targets="texts/turned", read="own_reader:turned").digest != named.digest


@pytest.mark.parametrize(
    ("model", "resize"),
    [
        ({"predictions": "pred"}, None),
        ({"predictions": "same"}, None),
        ({"predictions": "scores", "options": {"class_axis": -1}}, None),
        ({"python": "own_reader:predict"}, None),
        ({"python": "own_reader:predict"}, "nearest"),
    ],
)
@pytest.mark.parametrize(("targets", "reader"), [("texts", "of_text"), ("turned", "turned")])
def test_what_is_predicted_is_not_read_with_it(
    ws: Workspace, model: dict[str, Any], resize: Any, targets: str, reader: str
) -> None:
    add(ws, images="images", targets=targets, read=f"own_reader:{reader}")
    seen = sys.modules["own_reader"].SEEN
    assert sorted(map(os.path.basename, seen)) == sorted(os.listdir(targets))  # each once
    seen.clear()
    ws.models.add("net", **model)
    done = ws.run("net", "streets", resize=resize, progress=False)
    assert done.evaluation.table == evaluate(**EXPECTED).table  # type: ignore[arg-type]
    read = [name for name in sys.modules["own_reader"].SEEN if f"/{targets}/" in name]
    assert len(read) == len(sys.modules["own_reader"].SEEN) == 3


def test_predictions_are_read_with_a_function_of_their_own(ws: Workspace) -> None:
    write_texts(ws.path / "predicted", PREDS)
    add(ws, targets="turned", read="own_reader:turned")
    forget()
    given = ("--predictions", "predicted", "--read", "own_reader:of_text")
    shown = printed("model", "add", "net", *given)
    assert shown == printed("model", "show", "net")
    assert "own_reader" not in sys.modules
    assert "\nread: own_reader:of_text\n" in shown
    plain = ws.models.add("plain", predictions="pred")
    done = ws.run("net", "streets", progress=False)
    assert done.evaluation.table == evaluate(**EXPECTED).table  # type: ignore[arg-type]
    assert ws.run(plain.reference, "streets", progress=False).evaluation.table == done.evaluation.table
    assert ws.evaluation(done.id).provenance == {
        "read": "targets are read by own_reader:turned; predictions are read by own_reader:of_text"
    }
    Path("code/own_reader.py").write_text(CODE + "\n")
    assert refused(WorkspaceError, ws.models["net"].check) == (
        "1 of 4 files of model net, version v1, changed since it was added:\n  code/own_reader.py: its "
        "content has changed\nhint: add a new version with `segscore model add`, or bring the files back; "
        "a version never changes"
    )
    second = ws.models.add("net", predictions="predicted", options={"read": "own_reader:of_text"})
    assert second.digest != ws.models["net:v1"].digest
    path = ws.path / ".segscore/models/net/v2.json"
    path.write_text(path.read_text().replace('"own_reader:of_text"', '"own_reader:turned"'))
    refused(FileFormatError, ws.models.__getitem__, "net")


def test_it_is_found_where_it_was_wherever_that_is_now(
    ws: Workspace, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(ws, images="images")
    ws.models.add("net", predictions="pred")
    there = tmp_path_factory.mktemp("elsewhere") / "project"
    os.rename(ws.path, there)
    monkeypatch.setattr(sys, "path", [path for path in sys.path if not path.startswith(str(ws.path))])
    monkeypatch.chdir(there.parent)
    forget()
    moved, path = Workspace(there), [*sys.path]
    done = moved.run("net", "streets", progress=False)
    assert done.evaluation.table == evaluate(**EXPECTED).table  # type: ignore[arg-type]
    assert sys.path == path
    moved.datasets["streets"].check(verify=True)
    linked = Workspace.init(there.parent / "other")
    linked.link(there, "streets")
    linked.models.add("net", predictions=there / "pred")
    assert linked.run("net", "streets", progress=False).evaluation.table == done.evaluation.table


def test_each_class_has_a_file_that_it_reads(ws: Workspace) -> None:
    for label, name in enumerate(NAMES[1:], start=1):
        write_texts(ws.path / "classes" / name, label == TARGETS)
    found = add(ws, targets="classes", pairing="{class}/{id}", classes=["background", *NAMES[1:]])
    assert found.truth.class_pixels.tolist() == [(label == TARGETS).sum() for label in range(3)]


def test_results_name_the_function(ws: Workspace) -> None:
    add(ws, images="images")
    done = run_on(ws)
    said = "targets are read by own_reader:of_text"
    forget()
    evaluation = ws.evaluation(done.id)
    assert evaluation.to_dict()["derived"] == {"read": said}
    assert said in str(done)
    assert dict(done.options) == {"resize": None, "read": "own_reader:of_text"}
    ws.write_report(done.id, "page.html")
    page = Path("page.html").read_text()
    assert said in page
    assert "no picture is made of arrays, of files for each class, or of what a function reads" in page
    assert "own_reader" not in sys.modules
    import own_reader

    masks = evaluate(pred=["texts/0.txt"], target=["texts/0.txt"], classes=3, read=own_reader.of_text)
    assert masks.to_dict()["derived"] == {"read": "masks are read by own_reader:of_text"}


def test_code_that_changed_is_another_dataset(ws: Workspace) -> None:
    add(ws)
    run_on(ws)
    Path("code/own_reader.py").write_text(CODE.replace("LABELS[", "LABELS[8 + 0 * "))
    message = refused(WorkspaceError, ws.run, "net", "streets", progress=False)
    assert message == (
        "1 of 4 files of dataset streets, version v1, changed since it was added:\n"
        "  code/own_reader.py: its content has changed\n"
        "hint: add a new version with `segscore dataset add`, or bring the files back; "
        "a version never changes"
    )
    assert add(ws).truth.class_pixels.tolist() == [TARGETS.size, 0, 0]  # its module is imported again


def test_what_differs_between_versions(ws: Workspace) -> None:
    add(ws)
    with Path("code/own_reader.py").open("a") as file:
        file.write("\n# another\n")
    add(ws)
    add(ws, targets=[f"same/{i}.npy" for i in range(3)], read=None)
    assert ws.datasets.diff("streets:v1", "streets:v2").reading_changed == (
        "the code of `own_reader:of_text`, which reads targets, is another one",
    )
    assert str(ws.datasets.diff("streets:v2", "streets:v3")).endswith(
        "\ntargets are read by no function, were read by `own_reader:of_text`"
    )


def local() -> Any:
    def read(path: str) -> None: ...

    return read


def of_program(path: str) -> None: ...


of_program.__module__ = "__main__"
KEPT = (
    "hint: its name and its file are kept, not the function: write it in a module of your own, outside of "
    "other functions, and import it from there"
)


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (7, "a function or its name, found int\nhint: such as `my_project.masks:read`"),
        (
            functools.partial(print),
            f"a function that a module has under its own name, found functools:partial\n{KEPT}",
        ),
        *(
            (read, f"a function that a module has under its own name, found {name}\n{KEPT}")
            for read, name in (
                (lambda path: path, f"{__name__}:<lambda>"),
                (local(), f"{__name__}:local.<locals>.read"),
                (of_program, "__main__:of_program"),
            )
        ),
    ],
)
def test_functions_that_nobody_finds_again_are_refused(ws: Workspace, read: object, said: str) -> None:
    assert refused(ArgumentError, add, ws, read=read) == f"`read`: expected {said}"
    assert "streets" not in ws.datasets


@pytest.mark.parametrize("read", [os.remove, "os:remove", "posix:remove"])
def test_functions_of_python_itself_are_no_readers(ws: Workspace, read: Any) -> None:
    module = read.split(":")[0] if isinstance(read, str) else read.__module__
    assert refused(ArgumentError, add, ws, read=read) == (
        f"expected a function of your own, found one of {module}, which comes with Python\n"
        "hint: a reader is a function that takes a path and returns an array of labels"
    )
    assert len(os.listdir("texts")) == 3


def test_a_reader_that_fails(ws: Workspace) -> None:
    message = refused(EvaluationError, add, ws, targets="turned")
    assert message.startswith(
        "3 of 3 targets cannot be read:\n  0: turned/0.png: the reader failed: UnicodeDecode"
    )
    add(ws)
    ws.models.add("net", predictions="pred")
    Path("code/own_table.py").write_text("LABELS = None")  # which nobody knew that it reads
    forget()
    assert refused(EvaluationError, ws.run, "net", "streets", progress=False).startswith(
        f"none of 3 images could be scored:\n  0: {ws.path}/texts/0.txt: the reader failed: TypeError: "
    )
    Path("code/own_reader.py").write_text("def of_text(path): ...\nraise SystemExit")
    assert refused(ArgumentError, add, ws) == (
        "own_reader:of_text: the module cannot be imported: SystemExit: \n"
        f"hint: `python -c 'import own_reader'` in {ws.path}/code shows where it fails"
    )
    assert (len(ws.runs()), ws.unfinished()) == (0, [])
