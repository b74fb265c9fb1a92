"""Datasets of volumes, and of images whose targets or predictions turn out to be batches."""

from pathlib import Path

import numpy as np
import pytest

from segscore import ArgumentError, EvaluationError, Workspace, evaluate
from segscore.base.naming import spelled
from segscore.cli.spelling import COMMAND_LINE
from support.command_line import run
from support.masks_on_disk import png, write
from support.refused import refused
from support.volumes import itk, nifti
from support.workspaces import add_dataset

RANDOM = np.random.default_rng(0)
TARGETS = RANDOM.integers(0, 2, (3, 4, 6, 7))
PREDS = np.where(RANDOM.random(TARGETS.shape) < 0.4, 0, TARGETS)
SEVERAL = (
    "hint: several images are a batch for `Evaluator.add_batch`, or a stack or list on both sides of "
    "`evaluate`; `dims=3` is for volumes"
)


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    folder = tmp_path / "project"
    for name, target, pred in zip("abc", TARGETS, PREDS, strict=True):
        write(
            folder,
            {
                f"image/{name}.png": png(np.zeros((6, 7, 3), int), 8, 2),
                f"volumes/{name}.npy": target,
                f"slices/{name}.npy": target[0],
                f"pred/{name}.npy": pred,
            },
        )
    monkeypatch.chdir(folder)
    return Workspace.init(folder)


def test_a_dataset_of_volumes_is_run_as_one(ws: Workspace) -> None:
    made = add_dataset(ws, targets="volumes", classes=2, dims=3)
    found = Workspace(ws.path).datasets["streets"]
    assert (made.dims, found.dims) == (3, 3)
    assert dict(found.truth.sizes) == {(4, 6, 7): 3}
    ws.models.add("net", predictions="pred")
    done = ws.run("net", "streets", progress=False)
    expected = evaluate(pred=PREDS, target=TARGETS, classes=2, dims=3)
    assert ws.evaluation(done.id).table == expected.table
    assert done.evaluation.mean_image_iou == expected.mean_image_iou
    assert made.digest != add_dataset(ws, "others", targets="slices", classes=2).digest


def test_batches_are_no_targets(ws: Workspace) -> None:
    text = refused(EvaluationError, add_dataset, ws, targets="volumes", classes=2)
    assert text == (
        "3 of 3 targets cannot be read:\n"
        + "\n".join(
            f"  {name}: `pred` has the shape (4, 6, 7), expected an image of 2 dimensions" for name in "abc"
        )
        + f"\n{SEVERAL}"
    )
    assert list(ws.datasets) == []
    assert refused(ArgumentError, add_dataset, ws, targets="volumes", classes=2, dims=4) == (
        "`dims` is 4, expected 2 or 3\nhint: images have 2 dimensions, volumes 3"
    )


def test_batches_are_no_predictions(ws: Workspace) -> None:
    add_dataset(ws, targets="slices", classes=2)
    ws.models.add("net", predictions="pred")
    with pytest.raises(EvaluationError) as caught:
        ws.run("net", "streets", progress=False)
    assert caught.value.message == "none of 3 images could be scored:\n" + "\n".join(
        f"  {name}: `pred` has the shape (4, 6, 7), expected an image of 2 dimensions" for name in "abc"
    )
    assert spelled(caught.value.hint or "", COMMAND_LINE) == (
        "`segscore evaluate` takes stacks of images, `.npy` or `.npz`, on both sides; "
        "`--dims 3` is for volumes"
    )


def test_the_command_line_adds_volumes(ws: Workspace) -> None:
    sides = ["--images", "image", "--targets", "volumes", "--classes", "2", "--workspace", ws.path]
    assert run("dataset", "add", "x", *sides).exit_code == 2
    assert run("dataset", "add", "x", *sides, "--dims", "3").exit_code == 0
    assert ws.datasets["x"].dims == 3


def test_volumes_in_nifti_are_run_as_they_lie(ws: Workspace) -> None:
    for name, target, pred in zip("abc", TARGETS, PREDS, strict=True):
        nifti(ws.path / f"nifti/{name}.nii.gz", target.astype(np.uint8))
        nifti(ws.path / f"made/{name}.nii.gz", pred.astype(np.uint8))
    ws.datasets.add("organs", targets="nifti", classes=2, dims=3)
    ws.models.add("unet", predictions="made")
    found = ws.run("unet", "organs", progress=False).evaluation
    assert found.confusion == evaluate(pred=[*PREDS], target=[*TARGETS], classes=2, dims=3).confusion


def test_headers_of_voxels_in_another_file_are_no_version(ws: Workspace) -> None:
    for name in "abc":
        itk(ws.path / f"heads/{name}.mhd", TARGETS[0].astype(np.uint8))
    assert refused(ArgumentError, ws.datasets.add, "organs", targets="heads", classes=2, dims=3) == (
        "heads/a.mhd: expected a file with all voxels, found a header of those in another file\n"
        "hint: a version keeps what each file holds: save volumes as `.mha`, `.nrrd` or `.nii.gz`"
    )
