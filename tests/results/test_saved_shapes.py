"""What was measured of shapes, in files: it comes back as it was, and what cannot have been does not."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segscore import Classes, Evaluation, Evaluator, FileFormatError, load
from support.by_hand import painted
from support.refused import refused

CLASSES = Classes(["background", "liver", "spleen"], ignore=[255], not_in_mean=[0])
OPTIONS: dict[str, Any] = {
    "boundary": (1, 3),
    "distances": True,
    "spacing": (2, 0.7),
    "within": 9.0,
    "segments": True,
    "tolerances": 3,
    "empty": "skip",
}
INFINITE, NAN, NEGATIVE = (int(np.float64(value).view(np.int64)) for value in (np.inf, np.nan, -1.0))
LARGEST = int(np.float64(np.finfo(np.float64).max).view(np.int64))


def made(**options: Any) -> Evaluation:
    judge = Evaluator(CLASSES, **options)
    for seed in range(3):
        pred, target = painted(seed, (20, 24), 3)
        judge.add(pred=pred, target=target, name=f"case_{seed}")
    return judge.result()


@pytest.mark.parametrize("options", [OPTIONS, {"boundary": "2%"}, {"distances": True}])
def test_evaluations_come_back_with_their_shapes(tmp_path: Path, options: dict[str, Any]) -> None:
    ev = made(**options)
    ev.save(tmp_path / "a.npz")
    found = load(tmp_path / "a.npz")
    assert found == ev
    assert (found.measures, found.measured) == (ev.measures, ev.measured)
    assert str(found) == str(ev)
    assert found.to_dict() == ev.to_dict()


def test_a_file_without_shapes_has_none(tmp_path: Path) -> None:
    made().save(tmp_path / "a.npz")
    found = load(tmp_path / "a.npz")
    assert (found.measured, bool(found.measures)) == ((), False)


# Files that lie


@pytest.fixture(scope="module")
def arrays(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("saved") / "a.npz"
    made(**OPTIONS).save(path)
    with np.load(path, allow_pickle=False) as found:
        return {**found}


def refusal(path: Path, arrays: dict[str, Any], **about: object) -> str:
    """Return what is said of a file of these arrays, without its path."""
    text = {**json.loads(arrays["about"].tobytes()), **about}
    kept = {name: value for name, value in text.items() if value is not None}
    file = io.BytesIO()
    np.savez(file, **{**arrays, "about": np.frombuffer(json.dumps(kept).encode(), np.uint8)})
    path.write_bytes(file.getvalue())
    return refused(FileFormatError, load, path).splitlines()[0].removeprefix(f"{path}: ")


NO_FIT = "its columns do not fit together"
UNSORTED = "its rows are not sorted, or two are of the same elements"


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        *((f"bands.{name}", -1, f"`bands`: {NO_FIT}")
          for name in ("target", "pred", "target_bin", "pred_bin", "unmet")),
        ("bands.target", 3, f"`bands`: {NO_FIT}"),
        ("bands.pred", 4, f"`bands`: {NO_FIT}"),
        ("bands.target_bin", 256, f"`bands`: {NO_FIT}"),
        ("bands.pred_bin", 256, f"`bands`: {NO_FIT}"),
        ("bands.unmet", 4, f"`bands`: {NO_FIT}"),
        ("bands.pixels", 0, f"`bands`: {NO_FIT}"),
        ("bands.pixels", -5, f"`bands`: {NO_FIT}"),
        ("bands.pixels", 2**62, f"`bands`: {NO_FIT}"),
        *((f"segments.{name}", value, f"`segments`: {NO_FIT}")
          for name, values in {"label": (-1, 3), "side": (-1, 2), "met": (-1, 2), "count": (0, 2**62)}.items()
          for value in values),
        ("surfaces.label", -1, f"`surfaces`: {NO_FIT}"),
        ("surfaces.label", 3, f"`surfaces`: {NO_FIT}"),
        ("surfaces.side", 2, f"`surfaces`: {NO_FIT}"),
        ("surfaces.side", -1, f"`surfaces`: {NO_FIT}"),
        ("surfaces.squared_bits", NAN, f"`surfaces`: {NO_FIT}"),
        ("surfaces.squared_bits", NEGATIVE, f"`surfaces`: {NO_FIT}"),
        *((f"surfaces.{name}_bits", bits, f"`surfaces`: {NO_FIT}")
          for name in ("size", "diagonal") for bits in (NAN, INFINITE, NEGATIVE, 0)),
        ("surfaces.size_bits", LARGEST, f"`surfaces`: {NO_FIT}"),  # of several elements
        ("surfaces.count", 0, f"`surfaces`: {NO_FIT}"),
        ("surfaces.count", -1, f"`surfaces`: {NO_FIT}"),
        ("surfaces.count", 2**62, f"`surfaces`: {NO_FIT}"),
        *(("spacings.step_bits", bits, f"`spacings`: {NO_FIT}")
          for bits in (NAN, INFINITE, NEGATIVE, LARGEST, 0)),
    ],
)  # fmt: skip
def test_rows_that_cannot_have_been_measured(
    tmp_path: Path, arrays: dict[str, Any], column: str, value: int, told: str
) -> None:
    for at in (0, -1):
        changed = arrays[column].astype(np.int64)
        changed[at] = value
        assert refusal(tmp_path / "a.npz", {**arrays, column: changed}) == told


def test_what_is_right_is_of_segments_of_both_sides_and_no_class_of_none(
    tmp_path: Path, arrays: dict[str, Any]
) -> None:
    right = arrays["bands.target"] == arrays["bands.pred"]
    for row, pred, unmet in ((np.flatnonzero(right)[0], None, 1), (np.flatnonzero(~right)[0], 3, 2)):
        changed = {name: arrays[name].copy() for name in ("bands.pred", "bands.unmet")}
        changed["bands.unmet"][row] = unmet
        if pred is not None:
            changed["bands.pred"][row] = pred
        assert refusal(tmp_path / "a.npz", {**arrays, **changed}) == f"`bands`: {NO_FIT}"


@pytest.mark.parametrize("kind", ["bands", "segments", "surfaces"])
def test_rows_in_another_order_or_twice(tmp_path: Path, arrays: dict[str, Any], kind: str) -> None:
    names = [name for name in arrays if name.startswith(f"{kind}.") and not name.endswith("offsets")]
    for rows in ([1, 0], [0, 0]):
        changed = {}
        for name in names:
            changed[name] = arrays[name].copy()
            changed[name][:2] = arrays[name][rows]
        assert refusal(tmp_path / "a.npz", {**arrays, **changed}) == f"`{kind}`: {UNSORTED}"


def test_one_image_has_one_diagonal(tmp_path: Path, arrays: dict[str, Any]) -> None:
    changed = arrays["surfaces.diagonal_bits"].copy()
    changed[0] = np.float64(5).view(np.int64)
    told = refusal(tmp_path / "a.npz", {**arrays, "surfaces.diagonal_bits": changed})
    assert told == f"`surfaces`: {NO_FIT}"


@pytest.mark.parametrize(
    ("about", "told"),
    [
        ({"records": ["bands"]}, "its records are not those of what was measured"),
        ({"records": None}, "its records are not those of what was measured"),
        ({"measures": None}, "its records are not those of what was measured"),
        ({"measures": {}}, "its records are not those of what was measured"),
        ({"measures": {"spacing": 3}}, "what was measured is not said as expected: 'boundary'"),
        ({"measures": [3]}, "what was measured is not said as expected: list indices must be integers or "
         "slices, not str"),
        ({"records": ["bands", "surfaces", "shapes"]}, "expected records of `pairs`, `bands`, `segments`, "
         "`surfaces`, `spacings`, `objects`, `overlaps`, `grown`, `object_bands`, `overlap_bands`, "
         "found `shapes` of a later segscore"),
    ],
)  # fmt: skip
def test_records_and_what_was_asked_for_are_alike(
    tmp_path: Path, arrays: dict[str, Any], about: dict[str, Any], told: str
) -> None:
    assert refusal(tmp_path / "a.npz", arrays, **about) == told


def test_no_band_is_beyond_the_widths(tmp_path: Path, arrays: dict[str, Any]) -> None:
    for name in ("bands.target_bin", "bands.pred_bin"):
        changed = arrays[name].copy()
        changed[-1] = 3
        told = refusal(tmp_path / "a.npz", {**arrays, name: changed})
        assert told == "its records are not those of what was measured"


def test_voxels_have_no_size(tmp_path: Path) -> None:
    made(distances=True).save(tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz", allow_pickle=False) as found:
        arrays = {**found}
    sizes = np.full(len(arrays["surfaces.size_bits"]), 2.0).view(np.int64)
    told = refusal(tmp_path / "b.npz", {**arrays, "surfaces.size_bits": sizes})
    assert told == "its records are not those of what was measured"


@pytest.mark.parametrize("axes", [1, 4, 1000])
def test_spacings_are_of_two_or_three_axes(tmp_path: Path, arrays: dict[str, Any], axes: int) -> None:
    changed = {"boundary": [], "segments": False, "spacing": [1.0] * axes}
    measures = json.loads(arrays["about"].tobytes())["measures"] | changed
    told = refusal(tmp_path / "a.npz", arrays, measures=measures)
    dims = 2 if axes < 2 else 3
    assert f"expected one positive number as `spacing` of each of {dims} axes, found" in told
