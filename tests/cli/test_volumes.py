"""Volumes on the command line."""

import json
from pathlib import Path

import numpy as np
import pytest

from segscore.evaluation.evaluating import evaluate
from support.command_line import failed, printed, run
from support.pages import Page
from support.volumes import SPACING, affine, nifti

TARGET = np.zeros((12, 14, 9), np.uint8)
TARGET[2:8, 3:9, 2:7] = 1
PRED = np.roll(TARGET, 1, axis=0)
CLASSES = 'classes = [{ label = 0, name = "background" }, { label = 1, name = "liver" }]\nname = "organs"\n'


@pytest.fixture
def sides(tmp_path: Path) -> list[str]:
    nifti(tmp_path / "t/case_0.nii.gz", TARGET)
    nifti(tmp_path / "p/case_0.nii.gz", PRED)
    (tmp_path / "organs.toml").write_text(CLASSES)
    folders = ["--pred", str(tmp_path / "p"), "--target", str(tmp_path / "t")]
    return [*folders, "--classes", str(tmp_path / "organs.toml"), "--dims", "3"]


def test_two_folders_of_volumes_are_measured_in_one_command(tmp_path: Path, sides: list[str]) -> None:
    text = printed("evaluate", *sides, "--distances")
    told = "surfaces of areas between voxels, in mm (each image with its own spacing, 0.8 x 0.8 x 3 mm)"
    assert told in " ".join(text.split())
    assert printed("evaluate", *sides, "--distances", "--spacing", "header") == text
    found = json.loads(printed("evaluate", *sides, "--distances", "--json", "-"))["surface"]
    assert (found["unit"], found["spacing"], found["surface"]) == ("mm", "header", "area")
    expected = evaluate(
        pred=[PRED],
        target=[TARGET],
        classes=["background", "liver"],
        dims=3,
        distances=True,
        spacing=SPACING,
    )
    assert found["mean_hd95"] == expected.surface.mean_distance("hd95").value
    again = printed("evaluate", *sides, "--distances", "--spacing", "0.8,0.8,3", "--json", "-")
    assert json.loads(again)["surface"]["mean_hd95"] == found["mean_hd95"]


def test_a_report_shows_slices_of_volumes(tmp_path: Path, sides: list[str]) -> None:
    printed("evaluate", *sides, "--report", str(tmp_path / "page.html"))
    page = Page((tmp_path / "page.html").read_text())
    wrong = (PRED != TARGET).sum(axis=(1, 2))
    assert page.id("cards").one(class_="name").text == "case_0"
    first = next(page.id("cards").every(class_="slice"))
    said = f"Slice {wrong.argmax() + 1} of 12 along the first axis (sagittal), 0.8 mm apart"
    assert first.text == f"{said}: {wrong.max()} voxels wrong"


def test_options_are_called_as_the_command_line_calls_them(tmp_path: Path, sides: list[str]) -> None:
    said = failed(run("evaluate", *sides, "--distances", "--spacing", "3,0.8,0.8"))
    assert "its spacing is (0.8, 0.8, 3) mm, expected (3, 0.8, 0.8) as `--spacing` says" in said
    assert "leave `--spacing` out to measure with that of each file" in said
    nifti(tmp_path / "p/case_0.nii.gz", PRED, affine((1, 1, 3)))
    said = failed(run("evaluate", *sides))
    assert "`pred` and `target` differ in spacing: (1, 1, 3) and (0.8, 0.8, 3) mm" in said


def test_classes_are_begun_from_volumes(tmp_path: Path, sides: list[str]) -> None:
    text = printed("classes", "new", "--from", str(tmp_path / "t"), "--dims", "3")
    assert "{ label = 1" in text
    labels = printed("evaluate", *sides[:4], "--dims", "3")
    assert "--dims 3 > classes.toml" in labels
