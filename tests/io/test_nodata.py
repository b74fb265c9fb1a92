"""What the files of targets call no data is offered as the ignored label, wherever labels are asked for."""

import warnings
from pathlib import Path

import numpy as np
import pytest

import segscore
from segscore import Classes, EvaluationError, LabelError
from segscore.counts.new_classes import new_classes
from segscore.io.cases import Case, nodata_labels
from support.command_line import run
from support.masks_on_disk import write
from support.planted import NAMES
from support.refused import refused
from support.tiff_files import NODATA, tiff
from support.workspaces import add_dataset

LABELS = np.array([[0, 1, 1], [2, 9, 9]], np.uint8)


def folders(folder: Path, images: int, nodata: bytes = b"9\0") -> dict[str, str]:
    content = tiff(LABELS, tags={NODATA: nodata})
    write(folder / "t", {f"{i:02d}.tif": content for i in range(images)})
    write(folder / "p", {f"{i:02d}.png": LABELS % 3 for i in range(images)})
    return {"pred": str(folder / "p"), "target": str(folder / "t")}


@pytest.mark.parametrize(
    ("said", "label"),
    [
        (b"9\0", {9}),
        (b"-9999\0", {-9999}),
        (b"255.0 \0", {255}),
        (b"nan\0", set()),
        (b"\0", set()),
        (b"x\0", set()),
    ],
)
def test_the_tag_is_read(tmp_path: Path, said: bytes, label: set[int]) -> None:
    target = folders(tmp_path, 1, said)["target"]
    cases = [Case("a", LABELS, f"{target}/00.tif"), Case("b", LABELS, LABELS), Case("c", "", "none.tif")]
    assert nodata_labels(cases) == label


@pytest.mark.parametrize("images", [1, 3, 30])
def test_an_unknown_label_that_is_no_data_may_be_left_out(tmp_path: Path, images: int) -> None:
    sides = folders(tmp_path, images)
    hint = "hint: the targets call 9 no data (GDAL): `ignore_index=9`"
    assert refused(LabelError, segscore.evaluate, **sides, classes=3) == (
        f"`target` holds the label 9 ({2 * images} pixels): neither class nor ignored, first in 00\n{hint}"
    )
    told = run("evaluate", "--pred", sides["pred"], "--target", sides["target"], "--classes", "3")
    assert "hint: the targets call 9 no data (GDAL): `--ignore 9`" in told.stderr
    (finding,) = [one for one in segscore.audit(**sides, classes=3).findings if one.severity == "error"]
    assert f"hint: {finding.hint}" == hint
    assert segscore.evaluate(**sides, classes=3, ignore_index=9).scores.pixel_accuracy == 1
    write(tmp_path, {"p/more.png": [[0]], "t/more.png": [[0]]})
    first, *_ = segscore.evaluate(**sides, classes=3, on_error="skip").failures
    assert f"hint: {first.hint}" == hint
    write(tmp_path, {"p/more.png": b""})
    assert refused(EvaluationError, segscore.evaluate, **sides, classes=3).count(hint) == 1


def test_labels_that_were_found_say_it(tmp_path: Path) -> None:
    sides = folders(tmp_path, 3)
    told = run("evaluate", "--pred", sides["pred"], "--target", sides["target"]).output
    assert "the targets call 9 no data (GDAL): `--ignore 9` leaves it out" in told
    assert "ignore = [9]" in new_classes(sides["target"])
    sides = folders(tmp_path / "other", 3, b"77\0")
    assert "no data" not in run("evaluate", "--pred", sides["pred"], "--target", sides["target"]).output
    assert "ignore = []" in new_classes(sides["target"])


def test_no_data_that_is_scored_is_a_finding(tmp_path: Path) -> None:
    sides = folders(tmp_path, 3, b"0\0")
    classes = Classes(["sky", "road", "car", "void"], [0, 1, 2, 9])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        findings = segscore.audit(**sides, classes=classes).findings
    (finding,) = [one for one in findings if one.kind == "no-data-scored"]
    assert (finding.severity, finding.message, finding.hint) == (
        "warning",
        "targets call label 0 no data (GDAL), and it is scored as `sky`",
        "leave it out with `ignore_index=0`, or write the masks without the tag",
    )
    kinds = [one.kind for one in segscore.audit(**sides, classes=3, ignore_index=[0, 9]).findings]
    assert "no-data-scored" not in kinds


def test_a_dataset_that_is_added_says_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"target/0.tif": tiff(LABELS, tags={NODATA: b"9\0"}), "image/0.png": LABELS})
    ws = segscore.Workspace.init(tmp_path)
    text = refused(LabelError, add_dataset, ws, classes=Classes(NAMES))
    assert text.endswith("hint: the targets call 9 no data (GDAL): `ignore_index=9`")
