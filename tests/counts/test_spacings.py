"""Volumes in files are measured with their own spacing, and only where both sides lie in the same places."""

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk

import segscore
from segscore import ArgumentError, EvaluationError, Evaluator, evaluate
from segscore.io.volumes import grid_of
from support.masks_on_disk import Array
from support.refused import refused
from support.volumes import SPACING, affine, itk, nifti

TARGET = np.zeros((12, 14, 9), np.uint8)
TARGET[2:8, 3:9, 2:7] = 1
TARGET[9:11, 3:9, 2:7] = 2
PRED = np.roll(TARGET, 1, axis=0)
CLASSES = ["background", "liver", "spleen"]
DISTANCES = {"classes": CLASSES, "dims": 3, "distances": True}
RESAMPLE = (
    "resample predictions to the grids of their targets, with nearest neighbours: "
    "`nibabel.processing.resample_from_to(pred, target, order=0)`"
)
REORDER = (
    "bring both to one order of axes, in which no voxel changes, and save them: "
    "`nibabel.as_closest_canonical(image)`"
)


def pair(folder: Path, pred: Array = PRED, where: Array | None = None, name: str = "a.nii.gz") -> dict:
    nifti(folder / "t" / name, TARGET)
    nifti(folder / "p" / name, pred, where)
    return {"pred": folder / "p", "target": folder / "t"}


def failure(*args: object, **options: object) -> tuple[str, str]:
    said = refused(EvaluationError, evaluate, *args, **options)
    assert said.startswith("1 of 1 images could not be scored:\n  a: ")
    message, hint = said.removeprefix("1 of 1 images could not be scored:\n  a: ").split("\nhint: ")
    return message, hint


def test_the_spacing_of_files_is_that_of_distances(tmp_path: Path) -> None:
    found = evaluate(**pair(tmp_path), **DISTANCES)
    given = evaluate(pred=[PRED], target=[TARGET], **DISTANCES, spacing=SPACING)
    assert (found.measures.spacing, found.measures.surface, found.measures.unit) == ("header", "area", "mm")
    np.testing.assert_array_equal(found.surface.images.hausdorff(95), given.surface.images.hausdorff(95))
    np.testing.assert_array_equal(found.surface.dice(1), given.surface.dice(1))
    assert found.surface.images.hausdorff(100)[0, 1] == pytest.approx(0.8)
    assert "in mm (each image with its own spacing, 0.8 x 0.8 x 3 mm)" in " ".join(str(found).split())


def test_each_image_has_the_spacing_of_its_own_file(tmp_path: Path) -> None:
    judge = Evaluator(CLASSES, dims=3, distances=True, spacing="header")
    for name, step in (("a", 1.0), ("b", 2.5)):
        pair(tmp_path / name, PRED, affine((step, 1, 1)))
        for side, labels in (("p", PRED), ("t", TARGET)):
            nifti(tmp_path / side / f"{name}.nii", labels, affine((step, 1, 1)))
        judge.add(pred=PRED, target=TARGET, name=name, spacing=(step, 1, 1))
    found = evaluate(pred=tmp_path / "p", target=tmp_path / "t", **DISTANCES)
    assert found.surface.images.hausdorff(100)[:, 1].tolist() == [1.0, 2.5]
    assert found.surface.images.dice(1).tolist() == judge.result().surface.images.dice(1).tolist()
    found.save(tmp_path / "a.npz")
    assert segscore.load(tmp_path / "a.npz").measures == found.measures


def test_images_without_a_spacing_of_their_own_are_refused_where_all_have_one(tmp_path: Path) -> None:
    judge = Evaluator(CLASSES, dims=3, distances=True, spacing="header")
    said = refused(ArgumentError, judge.add, pred=PRED, target=TARGET)
    assert said == (
        "an image has no `spacing` of its own\n"
        "hint: give `spacing` as numbers, one for each axis of an image in the order of its axes; or leave "
        "it out, where no image has one, to measure in pixels"
    )
    arrays = {"pred": [PRED], "target": [TARGET]}
    assert said in refused(EvaluationError, evaluate, **arrays, **DISTANCES, spacing="header")
    for side, labels in (("p", PRED), ("t", TARGET)):
        itk(tmp_path / side / "a.nrrd", labels)
        content = (tmp_path / side / "a.nrrd").read_bytes()
        (tmp_path / side / "a.nrrd").write_bytes(content.replace(b"space directions:", b"#"))
    sides = {"pred": tmp_path / "p", "target": tmp_path / "t"}
    assert failure(**sides, **DISTANCES) == (
        f"{tmp_path}/t/a.nrrd: expected a spacing in its header, found none",
        "give `spacing` as numbers, one for each axis in the order of the file; all 1 measure in voxels",
    )
    in_voxels = evaluate(**sides, **DISTANCES, spacing=(1, 1, 1))
    assert in_voxels.surface.images.hausdorff(100)[0, 1] == 1


def test_a_header_whose_spacing_cannot_be_measured_with_is_named(tmp_path: Path) -> None:
    sides = pair(tmp_path, PRED, affine((1e31, 1, 1)))
    nifti(tmp_path / "t" / "a.nii.gz", TARGET, affine((1e31, 1, 1)))
    assert failure(**sides, **DISTANCES) == (
        f"{tmp_path}/t/a.nii.gz: its spacing is (1e+31, 1, 1) mm, expected numbers from 1e-30 to 1e+30",
        "save it with the spacing of its voxels",
    )


def test_images_with_and_without_a_spacing_are_not_measured_together(tmp_path: Path) -> None:
    sides = pair(tmp_path)
    for side, labels in (("p", PRED), ("t", TARGET)):
        np.save(tmp_path / side / "b.npy", labels)
    assert refused(ArgumentError, evaluate, **sides, **DISTANCES) == (
        "1 of 2 images are volumes with a spacing in their files, such as a, and others have none, such as "
        "b\nhint: give `spacing` for all, or evaluate them apart: distances in mm and in pixels make no mean"
    )
    assert evaluate(**sides, **DISTANCES, spacing=SPACING).measures.spacing == SPACING
    assert len(evaluate(**sides, classes=CLASSES, dims=3).names) == 2


def test_files_without_headers_are_measured_in_pixels(tmp_path: Path) -> None:
    for side, labels in (("p", PRED), ("t", TARGET)):
        (tmp_path / side).mkdir()
        np.save(tmp_path / side / "b.npy", labels)
    found = evaluate(pred=tmp_path / "p", target=tmp_path / "t", **DISTANCES)
    assert (found.measures.spacing, found.measures.unit, found.measures.surface) == (None, "px", "voxels")


def test_a_spacing_that_is_given_is_that_of_the_files(tmp_path: Path) -> None:
    sides = pair(tmp_path)
    given = evaluate(**sides, **DISTANCES, spacing=(0.8, 0.8, 3))
    assert given.measured == evaluate(**sides, **DISTANCES).measured
    assert failure(**sides, **DISTANCES, spacing=(3, 0.8, 0.8)) == (
        f"{tmp_path}/t/a.nii.gz: its spacing is (0.8, 0.8, 3) mm, expected (3, 0.8, 0.8) as `spacing` says",
        "leave `spacing` out to measure with that of each file, in the order of the file's axes",
    )


def test_planes_have_a_spacing_too(tmp_path: Path) -> None:
    for side in ("p", "t"):
        (tmp_path / side).mkdir()
        image = sitk.GetImageFromArray(TARGET[5])
        image.SetSpacing((2.0, 0.5))
        sitk.WriteImage(image, str(tmp_path / side / "a.mha"))
    found = evaluate(pred=tmp_path / "p", target=tmp_path / "t", classes=CLASSES, distances=True)
    assert (found.measures.spacing, found.surface.mean_distance("hd").value) == ("header", 0.0)


@pytest.mark.parametrize(("unit", "size"), [(0, 1.0), (1, 1000.0), (2, 1.0), (3, 0.001)])
def test_units_of_nifti_become_millimetres(tmp_path: Path, unit: int, size: float) -> None:
    path = nifti(tmp_path / "a.nii", TARGET)
    content = bytearray(path.read_bytes())
    content[123] = unit  # xyzt_units
    path.write_bytes(content)
    grid = grid_of(str(path))
    assert grid.spacing == pytest.approx([step * size for step in SPACING])
    assert grid.origin == pytest.approx([-10 * size, 4 * size, 7 * size])


@pytest.mark.parametrize(("unit", "size"), [("mm", 1.0), ("um", 0.001), ("m", 1000.0)])
def test_units_of_nrrd_become_millimetres(tmp_path: Path, unit: str, size: float) -> None:
    path = itk(tmp_path / "a.nrrd", TARGET)
    units = "space units: " + " ".join([f'"{unit}"'] * 3)
    path.write_bytes(path.read_bytes().replace(b"space origin", f"{units}\nspace origin".encode(), 1))
    assert grid_of(str(path)).spacing == pytest.approx([step * size for step in SPACING])
    path.write_bytes(path.read_bytes().replace(f'"{unit}"'.encode(), b'"ft"'))
    assert grid_of(str(path)).spacing is None


def test_spacings_of_nrrd_alone_say_no_directions(tmp_path: Path) -> None:
    path = itk(tmp_path / "a.nrrd", TARGET)
    lines = [line for line in path.read_bytes().split(b"\n") if not line.startswith(b"space")]
    path.write_bytes(b"\n".join(lines).replace(b"\nencoding", b"\nspacings: 0.8 0.8 3\nencoding", 1))
    found = grid_of(str(path))
    assert (found.spacing, found.directions, found.origin) == (SPACING, None, None)


# Both sides lie in the same places


def test_rounding_of_places_is_no_difference(tmp_path: Path) -> None:
    sides = pair(tmp_path, PRED, affine(np.array(SPACING) * 1.0005, (-10.01, 4, 7), turn=5e-4))
    assert evaluate(**sides, **DISTANCES).names == ("a",)


@pytest.mark.parametrize(
    ("where", "message", "hint"),
    [
        (affine((0.8, 0.8, 2.5)), "in spacing: (0.8, 0.8, 2.5) and (0.8, 0.8, 3) mm", RESAMPLE),
        (affine(turn=0.1), "in orientation: axes to RAS are 5.73 degrees apart", RESAMPLE),
        (affine() @ np.diag([-1, 1, 1, 1]), "in orientation: axes lead to LAS and RAS", REORDER),
        (affine()[:, [1, 0, 2, 3]], "in orientation: axes lead to ARS and RAS", REORDER),
        (
            affine(origin=(-10, 4, 9)),
            "in place: their first voxels are 2 mm apart, at (-10, 4, 9) and (-10, 4, 7)",
            RESAMPLE,
        ),
    ],
)
def test_volumes_that_lie_elsewhere_are_not_compared(
    tmp_path: Path, where: Array, message: str, hint: str
) -> None:
    expected = f"`pred` and `target` differ {message}", hint
    assert failure(**pair(tmp_path, PRED, where), **DISTANCES) == expected
    assert failure(**pair(tmp_path, PRED, where), classes=CLASSES, dims=3) == expected


def test_hints_bring_volumes_together(tmp_path: Path) -> None:
    sides = pair(tmp_path, PRED[::-1], affine(origin=(-10 + 11 * 0.8, 4, 7)) @ np.diag([-1, 1, 1, 1]))
    assert failure(**sides, **DISTANCES)[1] == REORDER
    for side in sides.values():
        nib.save(nib.as_closest_canonical(nib.load(side / "a.nii.gz")), side / "a.nii.gz")
    found = evaluate(**sides, **DISTANCES)
    assert found.confusion == evaluate(pred=[PRED], target=[TARGET], classes=CLASSES, dims=3).confusion


def test_shapes_that_differ_are_to_be_resampled(tmp_path: Path) -> None:
    assert failure(**pair(tmp_path, PRED[1:]), **DISTANCES) == (
        "`pred` and `target` differ in shape: (11, 14, 9) and (12, 14, 9)",
        RESAMPLE,
    )


def test_formats_are_compared_as_they_lie(tmp_path: Path) -> None:
    nifti(tmp_path / "t" / "a.nii.gz", TARGET)
    itk(tmp_path / "p" / "a.mha", PRED)
    found = evaluate(pred=tmp_path / "p", target=tmp_path / "t", **DISTANCES)
    assert found.surface.images.hausdorff(100)[0, 1] == pytest.approx(0.8)


def test_places_that_are_not_said_are_not_compared(tmp_path: Path) -> None:
    sides = pair(tmp_path, PRED, affine(origin=(0, 0, 0)), name="a.nii")
    content = bytearray((tmp_path / "p/a.nii").read_bytes())
    content[252:256] = bytes(4)  # neither `qform` nor `sform`
    (tmp_path / "p/a.nii").write_bytes(content)
    found = evaluate(**sides, **DISTANCES)
    assert found.surface.images.hausdorff(100)[0, 1] == pytest.approx(0.8)


def test_voxels_of_two_sizes_are_refused(tmp_path: Path) -> None:
    sides = pair(tmp_path, name="a.nii")
    content = bytearray((tmp_path / "t/a.nii").read_bytes())
    content[80:84] = np.array([2], "<f4").tobytes()  # of the first axis, in `pixdim`
    (tmp_path / "t/a.nii").write_bytes(content)
    assert failure(**sides, **DISTANCES)[0] == (
        f"{tmp_path}/t/a.nii: its voxels have two sizes, (0.8, 0.8, 3) by the affine and (2, 0.8, 3) by "
        "`pixdim`"
    )


def test_distances_are_not_measured_along_axes_that_lean(tmp_path: Path) -> None:
    leaning = affine((1, 1, 1))
    leaning[0, 1] = 0.5
    for side, labels in (("p", PRED), ("t", TARGET)):
        image = nib.Nifti1Image(labels, leaning)
        image.set_qform(None, 0)
        nib.save(image, nifti(tmp_path / side / "a.nii", labels))
    message, _ = failure(pred=tmp_path / "p", target=tmp_path / "t", **DISTANCES)
    assert message == (
        f"{tmp_path}/t/a.nii: its axes are not at right angles, and distances are measured along them"
    )
    assert evaluate(pred=tmp_path / "p", target=tmp_path / "t", classes=CLASSES, dims=3).names == ("a",)


def test_files_of_one_class_each_lie_in_the_same_places(tmp_path: Path) -> None:
    for side, labels in (("p", PRED), ("t", TARGET)):
        for label in (1, 2):
            nifti(tmp_path / side / f"a_{CLASSES[label]}.nii.gz", (labels == label).astype(np.uint8))
    options = {**DISTANCES, "pairing": "{id}_{class}:{id}_{class}"}
    found = evaluate(pred=tmp_path / "p", target=tmp_path / "t", **options)
    assert found.surface.images.hausdorff(100)[0, 1] == pytest.approx(0.8)
    moved = tmp_path / "p/a_spleen.nii.gz"
    nifti(moved, (PRED == 2).astype(np.uint8), affine(origin=(0, 4, 7)))
    message, _ = failure(pred=tmp_path / "p", target=tmp_path / "t", **options)
    assert message.startswith(f"{moved} and {tmp_path}/p/a_liver.nii.gz differ in place")
