"""The spacing of each image goes with its surfaces: into files, parts and texts, and tells what compares."""

import io
import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segscore import ArgumentError, Evaluation, Evaluator, FileFormatError, compare, load
from segscore.counts.image_spacings import Spacings
from support.by_hand import painted
from support.refused import refused

STEPS = {"case_05": (1.0, 1.0), "case_06": (2.0, 0.5), "case_07": (3.0, 0.8)}


def made(steps: dict[str, Any] = STEPS, *, seed: int = 0, **options: Any) -> Evaluation:
    judge = Evaluator(["a", "b", "c"], **{"distances": True, "spacing": (1, 1), **options})
    for name, own in steps.items():
        pred, target = painted(ord(name[-1]), (20, 24), 3)
        spacing = None if judge._measures.unit == "px" else own
        judge.add(pred=np.roll(pred, seed, axis=0), target=target, name=name, spacing=spacing)
    return judge.result()


def spacings(evaluation: Evaluation) -> list[tuple[float, ...]]:
    found = evaluation.records["spacings"]
    assert isinstance(found, Spacings)
    return [found.of_image(i) for i in range(len(evaluation.names))]


def former(evaluation: Evaluation, path: Path, **about: object) -> Evaluation:
    """Return the evaluation as it is read from a file of before spacings were kept."""
    evaluation.save(path)
    with np.load(path, allow_pickle=False) as found:
        arrays: dict[str, Any] = {name: found[name] for name in found if not name.startswith("spacings.")}
    text = {**json.loads(arrays["about"].tobytes()), "records": ["surfaces"], **about}
    file = io.BytesIO()
    np.savez(file, **{**arrays, "about": np.frombuffer(json.dumps(text).encode(), np.uint8)})
    path.write_bytes(file.getvalue())
    return load(path)


# Where it goes


def test_each_image_has_its_own(tmp_path: Path) -> None:
    ev = made()
    assert spacings(ev) == [*STEPS.values()]
    assert ev.shapes.spacings is ev.records["spacings"]
    ev.save(tmp_path / "a.npz")
    for found in (load(tmp_path / "a.npz"), pickle.loads(pickle.dumps(ev))):
        assert found == ev
        assert spacings(found) == [*STEPS.values()]
    assert spacings(ev.select(["case_07", "case_05"])) == [(1.0, 1.0), (3.0, 0.8)]
    assert {name: spacings(part) for name, part in ev.group_by(lambda name: name[-1]).items()} == {
        name[-1]: [steps] for name, steps in STEPS.items()
    }
    assert spacings(ev.merge({"e": ["a"]})) == [*STEPS.values()]


def test_evaluators_add_up_with_them() -> None:
    one, other = (Evaluator(2, dims=3, distances=True, spacing="header") for _ in range(2))
    one.add(pred=[[[0, 1]]], target=[[[0, 1]]], name="b", spacing=(1, 2, 3))
    other.add(pred=[[[0, 1]]], target=[[[0, 1]]], name="a", spacing=(3, 2, 1))
    assert spacings((one + other).result()) == [(3.0, 2.0, 1.0), (1.0, 2.0, 3.0)]


def test_a_spacing_of_all_is_that_of_each() -> None:
    ev = made({"x": None, "y": None}, spacing=(0.5, 4))
    assert spacings(ev) == [(0.5, 4.0)] * 2


def test_in_pixels_there_is_none() -> None:
    for options in ({"spacing": None}, {"distances": False, "boundary": 1, "spacing": None}):
        ev = made(**options)
        assert "spacings" not in ev.records
        assert ev.shapes.spacings is None
        assert not any("spacing" in image for image in ev.to_dict()["images"])


# In words and in JSON


@pytest.mark.parametrize(
    ("steps", "spacing", "told"),
    [
        ({"x": None, "y": None}, (0.5, 4), "spacing 0.5 x 4 mm"),
        ({"x": (0.5, 4), "y": (0.5, 4)}, (1, 1), "spacing 0.5 x 4 mm"),
        ({"x": (0.5, 4), "y": (0.5, 4)}, "header", "each image with its own spacing, 0.5 x 4 mm"),
        (STEPS, (1, 1), "each image with its own spacing, 1 to 3 x 0.5 to 1 mm"),
        (STEPS, "header", "each image with its own spacing, 1 to 3 x 0.5 to 1 mm"),
    ],
)
def test_units_are_said_with_the_spacings_of_images(steps: Any, spacing: Any, told: str) -> None:
    ev = made(steps, spacing=spacing)
    assert f"surfaces of areas between voxels, in mm ({told})" in " ".join(str(ev).split())
    assert f"({told})" in ev.to_markdown()


def test_json_has_that_of_each_image() -> None:
    found = json.loads(json.dumps(made().to_dict()))
    assert {image["name"]: tuple(image["spacing"]) for image in found["images"]} == STEPS
    assert found["surface"]["spacing"] == [1.0, 1.0]


# Files


def test_a_file_of_before_is_read(tmp_path: Path) -> None:
    ev = made(spacing="header")
    found = former(ev, tmp_path / "a.npz")
    assert found.shapes.spacings is None
    assert [*found.records] == ["pairs", "surfaces"]
    np.testing.assert_array_equal(found.surface.images.hausdorff(), ev.surface.images.hausdorff())
    assert "in mm (each image with its own spacing)" in " ".join(str(found).split())
    found.save(tmp_path / "b.npz")
    assert load(tmp_path / "b.npz") == found


def test_an_evaluator_of_before_goes_on() -> None:
    judge = Evaluator(2, distances=True, spacing="header")
    for name in ("a", "b"):
        judge.add(pred=[[0, 1]], target=[[0, 1]], name=name, spacing=(1, 2))
    before = judge._named["a"]
    kept = tuple(record for record in before.measured if record.kind != "spacings")
    judge._named["a"] = replace(before, measured=kept)
    found = judge.result()
    assert [*found.records] == ["pairs", "surfaces"]
    assert found.surface.images.hausdorff()[:, 1].tolist() == [0, 0]


NO_FIT = "`spacings`: its columns do not fit together"
OTHERS = "its records are not those of what was measured"


@pytest.mark.parametrize(
    ("offsets", "steps", "about", "told"),
    [
        ([0, 2, 4, 6], [1.0] * 6, {}, None),
        ([0, 3, 6, 9], [1.0] * 9, {}, OTHERS),  # the spacing of most has two axes
        ([0, 1, 2, 3], [1.0] * 3, {}, NO_FIT),
        ([0, 4, 8, 12], [1.0] * 12, {}, NO_FIT),
        ([0, 0, 0, 0], [], {}, NO_FIT),
        ([0, 2, 4, 7], [1.0] * 7, {}, NO_FIT),
        ([0, 2, 4, 6], [1.0] * 5, {}, NO_FIT),
        ([0, 2, 4, 6], [1.0] * 6, {"spacing": None}, OTHERS),
    ],
)  # fmt: skip
def test_spacings_that_cannot_have_been(
    tmp_path: Path, offsets: list[int], steps: list[float], about: dict[str, Any], told: str | None
) -> None:
    path = tmp_path / "a.npz"
    made(surface="voxels").save(path)
    with np.load(path, allow_pickle=False) as found:
        arrays: dict[str, Any] = {**found}
    text = json.loads(arrays["about"].tobytes())
    text["measures"] |= about
    file = io.BytesIO()
    changed = {
        "about": np.frombuffer(json.dumps(text).encode(), np.uint8),
        "spacings.offsets": np.array(offsets),
        "spacings.step_bits": np.array(steps).view(np.int64),
    }
    np.savez(file, **{**arrays, **changed})
    path.write_bytes(file.getvalue())
    if told is None:
        assert spacings(load(path)) == [(1.0, 1.0)] * 3
    else:
        assert refused(FileFormatError, load, path).splitlines()[0] == f"{path}: {told}"


# What is compared

OTHER = {**STEPS, "case_07": (1.0, 1.0)}


def test_another_spacing_of_one_image_is_named() -> None:
    a, b = made(), made(OTHER, seed=1)
    found = compare(a, b)
    told = "image `case_07` was measured with spacing (3, 0.8) and (1, 1)"
    assert found.shape_notes == (f"surfaces are not compared: {told}",)
    assert found.to_dict()["shape_notes"] == list(found.shape_notes)
    assert not [one.name for one in found.differences if "hd95" in one.name or "surface" in one.name]
    assert refused(ArgumentError, compare, a, b, metrics=["hd95.b"]) == (
        f"`hd95.b` cannot be compared: {told}\nhint: evaluate both models with the same spacing of each image"
    )


def test_others_are_counted() -> None:
    a, b = made(), made({**OTHER, "case_06": (0.5, 2.0)})  # whose diagonal tells as well
    assert compare(a, b).shape_notes == (
        "surfaces are not compared: image `case_06` was measured with spacing (2, 0.5) and (0.5, 2), and "
        "1 more image with two as well",
    )


def test_spacings_of_one_diagonal_are_told_apart() -> None:
    """Of an image that is as high as it is wide."""
    target = np.zeros((9, 9), int)
    target[3:6, 3:7] = 1
    sides = []
    for steps in ((1, 2), (2, 1)):
        judge = Evaluator(2, distances=True, spacing="header")
        judge.add(pred=target, target=target, name="x", spacing=steps)
        sides.append(judge.result())
    assert (sides[0].surface.images.diagonal == sides[1].surface.images.diagonal).all()
    (note,) = compare(*sides).shape_notes
    assert note == "surfaces are not compared: image `x` was measured with spacing (1, 2) and (2, 1)"


def test_images_that_are_not_compared_may_have_any() -> None:
    a, b = made(), made({name: OTHER[name] for name in ("case_07", "case_05")})
    assert len(compare(a, b, on="common").shape_notes) == 1
    found = compare(a, made({"case_05": (1, 1), "case_06": (2, 0.5)}), on="common")
    assert not found.shape_notes
    assert "mean_hd95" in {one.name for one in found.differences}


def test_it_does_not_matter_how_a_spacing_was_given() -> None:
    steps = dict.fromkeys(STEPS, (2.0, 0.5))
    found = compare(made(steps, spacing=(2, 0.5)), made(steps, spacing="header", seed=1), metrics=["hd.b"])
    assert not found.shape_notes
    assert {"mean_surface_dice@1", "mean_hd95", "hd.b"} <= {one.name for one in found.differences}


def test_millimetres_are_no_pixels() -> None:
    steps = dict.fromkeys(STEPS, (1.0, 1.0))
    a, b = made(steps, spacing=None), made(steps, surface="voxels")
    assert compare(a, b).shape_notes == (
        "surfaces are not compared: (voxels) in a, (voxels, spacing 1 x 1 mm) in b",
    )


def test_diagonals_tell_spacings_of_files_of_before_apart(tmp_path: Path) -> None:
    a, b = former(made(), tmp_path / "a.npz"), made(OTHER, seed=1)
    for sides in ((a, b), (b, a), (a, former(b, tmp_path / "b.npz"))):
        assert compare(*sides).shape_notes == (
            "surfaces are not compared: image `case_07` was measured with another spacing in each",
        )
    assert not compare(a, made(seed=1)).shape_notes
    header = former(made(spacing="header"), tmp_path / "b.npz")
    assert compare(a, header).shape_notes == (
        "surfaces are not compared: (area, spacing 1 x 1 mm) in a, (area, each image with its own spacing) "
        "in b",
    )
