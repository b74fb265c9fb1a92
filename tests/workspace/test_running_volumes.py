"""Runs on datasets of volumes, whose surfaces are measured with the spacing of their files."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segscore import ArgumentError, EvaluationError, Workspace, evaluate
from support.command_line import failed, printed
from support.command_line import run as command
from support.masks_on_disk import png, write
from support.refused import refused
from support.volumes import SPACING, nifti
from support.workspaces import ONNX

TARGETS = np.zeros((3, 9, 8, 7), np.uint8)
TARGETS[:, 2:6, 2:5, 2:5] = 1
PREDS = np.roll(TARGETS, 1, axis=1)
PREDS[1] = 0


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace with the same volumes as NIfTI and as arrays, and folders of predictions of both."""
    for name, target, pred in zip("abc", TARGETS, PREDS, strict=True):
        nifti(tmp_path / f"target/{name}.nii.gz", target)
        nifti(tmp_path / f"pred/{name}.nii.gz", pred)
        write(tmp_path, {f"arrays/{name}.npy": target, f"made/{name}.npy": pred})
        write(tmp_path, {f"image/{name}.png": png(np.zeros((9, 8, 3), int), 8, 2)})
    monkeypatch.chdir(tmp_path)
    made = Workspace.init(tmp_path)
    for name, targets in (("organs", "target"), ("arrays", "arrays")):
        made.datasets.add(name, targets=targets, classes=2, dims=3, progress=False)
    made.models.add("unet", predictions="pred")
    made.models.add("made", predictions="made")
    return made


@pytest.mark.parametrize(
    ("model", "dataset", "options", "expected"),
    [
        ("unet", "organs", {}, {"spacing": SPACING}),
        ("made", "organs", {}, {"spacing": SPACING}),  # its targets say where voxels lie
        ("unet", "organs", {"surface": "voxels"}, {"spacing": SPACING, "surface": "voxels"}),
        ("unet", "arrays", {"spacing": "header"}, {"spacing": SPACING}),  # its predictions do
        ("made", "arrays", {}, {}),
        ("made", "arrays", {"spacing": (3, 0.8, 0.8)}, {"spacing": (3, 0.8, 0.8)}),
    ],
)
def test_surfaces_are_measured_in_the_unit_of_their_files(
    ws: Workspace, model: str, dataset: str, options: Any, expected: Any
) -> None:
    found = ws.run(model, dataset, distances=True, **options, progress=False).evaluation
    arrays = evaluate(pred=[*PREDS], target=[*TARGETS], classes=2, dims=3, distances=True, **expected)
    assert found.measured == arrays.measured
    assert found.surface.unit == ("mm" if expected else "px")
    # A voxel along the first axis, of 0.8 or 3 mm; one structure is missed.
    step = expected.get("spacing", (1,))[0]
    assert found.surface.images.hausdorff(100)[:, 1].tolist() == pytest.approx([step, np.inf, step])


@pytest.mark.parametrize(
    ("model", "dataset", "options", "told"),
    [
        (
            "unet",
            "organs",
            {"spacing": SPACING[::-1]},
            "  {name}: target/{name}.nii.gz: its spacing is (0.8, 0.8, 3) mm, expected (3, 0.8, 0.8) as "
            "`spacing` says",
        ),
        ("made", "arrays", {"spacing": "header"}, "  {name}: an image has no `spacing` of its own"),
        (
            "unet",
            "arrays",
            {},
            "  {name}: an image has a `spacing`, but distances are measured in pixels",
        ),
    ],
)
def test_spacings_that_are_not_those_of_the_files_are_refused(
    ws: Workspace, model: str, dataset: str, options: Any, told: str
) -> None:
    with pytest.raises(EvaluationError) as caught:
        ws.run(model, dataset, distances=True, **options, progress=False)
    assert caught.value.message.replace(f"{ws.path}/", "") == "\n".join(
        ["none of 3 images could be scored:", *(told.format(name=name) for name in "abc")]
    )


def test_bands_are_not_measured_of_volumes(ws: Workspace) -> None:
    assert refused(ArgumentError, ws.run, "unet", "organs", boundary=2, progress=False) == (
        "`boundary` is given for images of 3 dimensions, and bands are measured of 2\n"
        "hint: the borders of volumes are compared with `distances=True`"
    )


def test_models_that_are_shown_photographs_cannot_be_run_on_volumes(ws: Workspace) -> None:
    ws.datasets.add("shown", images="image", targets="target", classes=2, dims=3, progress=False)
    Path("net.onnx").write_bytes(ONNX)
    ws.models.add("net", onnx="net.onnx")
    assert refused(ArgumentError, ws.run, "net", "shown", progress=False) == (
        "net:v1 is an ONNX model, which needs photographs, but shown:v1 holds volumes\n"
        "hint: save what it makes of each volume, and run a folder of predictions"
    )
    said = "note: net:v1 on shown:v1 left out: the model needs photographs, and the dataset holds volumes\n"
    printed("run", "net", "unet", "--on", "shown", "--all", "--no-progress", said=said)
    assert [run.model for run in ws.runs()] == ["unet:v1"]
    assert failed(command("run", "net", "--on", "organs")).startswith("net:v1 is an ONNX model, which needs ")
