"""Files that Git LFS has not fetched: each format says so, and what brings the file."""

from collections.abc import Callable
from pathlib import Path

import pytest

import segscore
from segscore import Classes, ClassesError, EvaluationError, FileFormatError, MaskError, Workspace
from segscore.base.pointers import is_pointer_at
from segscore.errors import ImageError
from segscore.io.columns import column
from segscore.io.photographs import read_image
from support.refused import refused

POINTER = (
    b"version https://git-lfs.github.com/spec/v1\n"
    b"oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
)
FOUND = "a Git LFS pointer, not the file itself"
HINT = "\nhint: `git lfs pull` brings the file"
VOLUMES = {
    ".nii": "a NIfTI file",
    ".nii.gz": "a NIfTI file",
    ".nrrd": "a NRRD file",
    ".mha": "a MetaImage file",
}
MASKS = {
    ".png": "a PNG",
    ".npy": "a NumPy array file",
    ".npz": "a NumPy archive",
    ".tif": "a TIFF",
    ".bmp": "a BMP or PNM file",
    ".gif": "a GIF or WebP file",
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def put(path: str) -> str:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(POINTER)
    return path


def said_of_masks(**options: object) -> str:
    both = {"pred": "masks", "target": "others", "classes": 2, "progress": False}
    return refused(EvaluationError, segscore.evaluate, **both, **options)


@pytest.mark.parametrize(("ending", "what"), [*MASKS.items(), *VOLUMES.items()])
def test_masks_and_volumes(ending: str, what: str) -> None:
    path = put(f"masks/a{ending}")
    put(f"others/a{ending}")
    said = said_of_masks(dims=3 if ending in VOLUMES else 2)
    first = f"1 of 1 images could not be scored:\n  a: {path}: expected {what}, found {FOUND}{HINT}"
    assert said.replace("others/", "masks/") == first


def test_a_mask_that_a_function_reads() -> None:
    for side in ("masks", "others"):
        put(f"{side}/a.xyz")

    def read(path: str) -> object:
        raise ValueError("no such format")

    said = said_of_masks(read=read)
    assert said.endswith(f"a.xyz: the reader failed on {FOUND}: ValueError: no such format{HINT}")


ANNOTATED: dict[str, dict[str, object]] = {
    "annotations.json": {},
    "export.xml": {},
    "runs.csv": {},
    "labelme/a.json": {"target": "labelme"},
    "objects.json": {"target": "objects.json", "pred": "objects.json", "instances": "coco"},
    "panoptic.json": {"target": "panoptic.json", "pred": "panoptic.json", "instances": "coco-panoptic"},
    "names.txt": {"target": "masks", "list": "names.txt", "classes": 2},
}


@pytest.mark.parametrize("path", ANNOTATED)
def test_texts(path: str) -> None:
    put("masks/a.png")
    put(path)
    options = {"pred": "masks", "target": path, "classes": None, **ANNOTATED[path]}
    said = refused(FileFormatError, segscore.evaluate, **options, progress=False)
    told = f"`list`: {path} cannot" if path == "names.txt" else f"{path}: cannot"
    assert said == f"{told} be read: it is {FOUND}{HINT}"


@pytest.mark.parametrize(
    ("kind", "path", "what", "read"),
    [
        (FileFormatError, "v2.npz", "a saved evaluation", segscore.load),
        (FileFormatError, "v2.parquet", "a saved evaluation", segscore.load),
        (ImageError, "image.jpg", "an image", read_image),
        (MaskError, "rows.parquet", "a file of Parquet", lambda path: list(column(path, "mask"))),
        (
            FileFormatError,
            "net.onnx",
            "an ONNX model",
            lambda path: Workspace.init().models.add("net", onnx=path),
        ),
    ],
)
def test_results_images_tables_and_models(
    kind: type[Exception], path: str, what: str, read: Callable[[str], object]
) -> None:
    assert refused(kind, read, put(path)) == f"{path}: expected {what}, found {FOUND}{HINT}"


def test_classes_and_workspaces() -> None:
    assert refused(ClassesError, Classes.of, put("c.toml")) == f"c.toml: cannot be read: it is {FOUND}{HINT}"
    ws = Workspace.init()
    path = put(f"{ws.path}/.segscore/models/net/v1.json")
    assert refused(FileFormatError, list, ws.models) == (
        f"{path}: expected the manifest of model net, version v1, found {FOUND}{HINT}"
    )


def test_what_is_no_pointer() -> None:
    assert not is_pointer_at("nothing")
    assert not is_pointer_at(".")
    Path("long").write_bytes(POINTER + b"x" * 1024)
    assert is_pointer_at(put("short"))
    assert not is_pointer_at("long")
