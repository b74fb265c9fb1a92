"""Volumes from end to end: folders as nnU-Net writes them, probabilities, and volumes without a header."""

import json
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
import tifffile

import segscore
from segscore import Classes, EvaluationError, evaluate
from support.command_line import printed
from support.refused import refused
from support.volumes import SPACING, nifti

TARGET = np.zeros((12, 14, 9), np.uint8)
TARGET[2:8, 3:9, 2:7] = 1
TARGET[9:11, 3:9, 2:7] = 2
TARGET[0] = 3
PRED = np.roll(np.where(TARGET == 3, 0, TARGET), 1, axis=0)
ARRAYS: dict[str, Any] = {"pred": [PRED], "target": [TARGET], "dims": 3}


def nnunet(folder: Path) -> dict[str, Any]:
    table = {"channel_names": {"0": "CT"}, "labels": {"background": 0, "liver": 1, "spleen": 2, "ignore": 3}}
    (folder / "dataset.json").write_text(json.dumps({**table, "numTraining": 2, "file_ending": ".nii.gz"}))
    for name in ("case_000", "case_001"):
        nifti(folder / "labelsTs" / f"{name}.nii.gz", TARGET)
        nifti(folder / "predictionsTs" / f"{name}.nii.gz", PRED)
    for name in ("dataset.json", "plans.json", "postprocessing.pkl"):  # which it writes beside predictions
        (folder / "predictionsTs" / name).write_bytes(b"{}")
    return {"pred": folder / "predictionsTs", "target": folder / "labelsTs", "dims": 3}


def test_folders_of_nnunet_are_scored_by_its_own_table(tmp_path: Path) -> None:
    found = evaluate(**nnunet(tmp_path), classes=str(tmp_path / "dataset.json"), distances=True)
    assert (found.names, found.extra, found.failures) == (("case_000", "case_001"), (), ())
    assert (found.classes.names, found.classes.ignore) == (("background", "liver", "spleen"), (3,))
    one = evaluate(
        **ARRAYS,
        classes=Classes.of(str(tmp_path / "dataset.json")),
        distances=True,
        spacing=SPACING,
    )
    np.testing.assert_array_equal(found.confusion.counts, 2 * one.confusion.counts)
    np.testing.assert_array_equal(found.surface.images.hausdorff()[1], one.surface.images.hausdorff()[0])
    assert "left_out" not in found.provenance


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8])
def test_probabilities_in_volumes_become_classes_by_a_threshold(tmp_path: Path, dtype: type) -> None:
    random = np.random.default_rng(3)
    target = random.integers(0, 2, TARGET.shape).astype(np.uint8)
    values = random.random(TARGET.shape) * (200 if dtype == np.uint8 else 1)
    nifti(tmp_path / "t/a.nii.gz", target)
    nifti(tmp_path / "p/a.nii.gz", values.astype(dtype))
    threshold = 100 if dtype == np.uint8 else 0.5
    found = evaluate(
        pred=tmp_path / "p", target=tmp_path / "t", classes=2, dims=3, threshold=threshold, distances=True
    )
    hard = (values.astype(dtype) >= threshold).astype(np.uint8)
    expected = evaluate(pred=[hard], target=[target], classes=2, dims=3, distances=True, spacing=SPACING)
    assert found.confusion == expected.confusion
    assert found.measured == expected.measured


def test_volumes_without_a_header_are_those_of_arrays(tmp_path: Path) -> None:
    for side, labels in (("p", PRED), ("t", TARGET)):
        (tmp_path / side).mkdir()
        np.save(tmp_path / side / "npy.npy", labels)
        np.savez(tmp_path / side / "npz.npz", labels)
        tifffile.imwrite(tmp_path / side / "tiff.tif", labels, photometric="minisblack")
    found = evaluate(pred=tmp_path / "p", target=tmp_path / "t", classes=4, dims=3, distances=True)
    expected = evaluate(**ARRAYS, classes=4, distances=True)
    assert found.names == ("npy", "npz", "tiff")
    np.testing.assert_array_equal(found.confusion.counts, 3 * expected.confusion.counts)
    for row in found.surface.images.hausdorff():
        np.testing.assert_array_equal(row, expected.surface.images.hausdorff()[0])


def test_volumes_are_no_images_of_two_dimensions(tmp_path: Path) -> None:
    said = refused(EvaluationError, evaluate, **{**nnunet(tmp_path), "dims": 2}, classes=4)
    assert "`pred` has the shape (12, 14, 9), expected an image of 2 dimensions" in said
    assert "`dims=3` is for volumes" in said


def stacks(folder: Path, number: int = 4) -> dict[str, Any]:
    for side, labels in (("p", PRED), ("t", TARGET)):
        (folder / side).mkdir()
        for i in range(number):
            np.save(folder / side / f"{i}.npy", labels)
    return {"pred": folder / "p", "target": folder / "t", "classes": 4}


def test_distances_of_stacks_say_that_they_are_not_of_volumes(tmp_path: Path) -> None:
    sides = stacks(tmp_path)
    said = "distances are of images, as volumes need `dims=3`: 48 images of 4 stacks"
    found = evaluate(**sides, distances=True)
    assert said in str(found)
    assert found.to_dict()["derived"] == {"of_stacks": "48 images of 4 stacks"}
    found.save(tmp_path / "a.npz")
    assert said in str(segscore.load(tmp_path / "a.npz"))
    one = evaluate(pred=PRED, target=TARGET, classes=4, distances=True)
    assert one.to_dict()["derived"] == {"of_stacks": "12 images of 1 stack"}
    names = [f"image {i}" for i in range(len(PRED))]
    plain = (
        evaluate(**sides, boundary=1),
        evaluate(**sides, dims=3, distances=True),
        evaluate(pred=[*PRED], target=[*TARGET], classes=4, distances=True),
        evaluate(pred=PRED, target=TARGET, classes=4, distances=True, names=names),
    )
    for other in plain:
        assert other.to_dict()["derived"] == {}
        assert "volumes need" not in str(other)


def test_the_command_line_spells_what_volumes_need(tmp_path: Path) -> None:
    stacks(tmp_path)
    folders = ["--pred", str(tmp_path / "p"), "--target", str(tmp_path / "t"), "--classes", "4"]
    text = " ".join(printed("evaluate", *folders, "--distances").split())
    assert "distances are of images, as volumes need `--dims 3`: 48 images of 4 stacks" in text
    assert "volumes need" not in printed("evaluate", *folders, "--distances", "--dims", "3")


def test_planes_among_volumes_fail_by_their_names(tmp_path: Path) -> None:
    sides = {**stacks(tmp_path, 1), "dims": 3, "distances": True}
    for side, labels in (("p", PRED), ("t", TARGET)):
        np.save(tmp_path / side / "plane.npy", labels[0])
    for spacing in (None, (3, 0.8, 0.8)):
        said = refused(EvaluationError, evaluate, **sides, spacing=spacing)
        assert said.startswith(
            "1 of 2 images could not be scored:\n"
            "  plane: `target` has the shape (14, 9), expected an image of 3 dimensions\n"
            "hint: leave `dims=3` out where all images have 2 dimensions"
        )


def test_reports_and_audits_take_volumes(tmp_path: Path) -> None:
    found = evaluate(**nnunet(tmp_path), classes=str(tmp_path / "dataset.json"), distances=True)
    found.write_report(tmp_path / "r.html")
    assert "case_001" in (tmp_path / "r.html").read_text()
    audit = segscore.audit(**nnunet(tmp_path), classes=str(tmp_path / "dataset.json"))
    assert not [finding for finding in audit.findings if finding.code == "unreadable"]


def test_what_a_function_reads_has_no_place(tmp_path: Path) -> None:
    sides = nnunet(tmp_path)
    nifti(tmp_path / "predictionsTs/case_000.nii.gz", PRED, np.eye(4))

    def load(path: str) -> object:
        return np.asanyarray(nib.load(path).dataobj)

    found = evaluate(**sides, classes=4, read=load, distances=True)
    assert (found.names, found.measures.unit) == (("case_000", "case_001"), "px")
