"""Runs that measure boundaries and surfaces: what they measure, and which of them are the same run."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from segscore import ArgumentError, Classes, Evaluation, EvaluationError, FileFormatError, Workspace
from segscore.counts.measures import Measures
from segscore.workspace.runs import running
from segscore.workspace.runs.plans import run_digest
from support import some_runs
from support.masks_on_disk import write
from support.refused import refused, warned
from support.some_runs import add_function, add_images, evaluated, interrupted, of_images, run

ws = some_runs.ws

SHAPES: dict[str, Any] = {
    "boundary": ("2%", "20%"),
    "distances": True,
    "spacing": (2, 0.7),
    "tolerances": 1.5,
}


def labels(image: Any) -> Any:
    return image[..., 0] % 3


def best(image: Any) -> Any:
    return image.argmax(axis=-1)


def assert_measured(found: Evaluation, expected: Evaluation) -> None:
    """Check that the same was measured of the same images, whatever these are called."""
    assert found.measures == expected.measures
    assert found.measured == expected.measured
    assert {record.kind for record in found.measured} >= {"bands", "surfaces"}


@pytest.mark.parametrize("keep", [True, False], ids=["kept", "not kept"])
@pytest.mark.parametrize(
    ("function", "options", "made"),
    [("labels", {}, labels), ("logits", {"class_axis": 0}, best), ("path", {"takes": "path"}, labels)],
)
def test_functions_are_measured_as_their_predictions_are(
    ws: Workspace, function: str, options: Any, made: Any, keep: bool
) -> None:
    add_function(ws, function, **options)
    found = run(ws, keep_predictions=keep, **SHAPES)
    assert_measured(found.evaluation, evaluated(ws, of_images(ws, made), **SHAPES))


def test_class_scores_of_another_size_are_measured_at_that_of_the_target(ws: Workspace) -> None:
    add_function(ws, "half", class_axis=0)
    found = run(ws, keep_predictions=True, **SHAPES)
    shown = some_runs.kept(found)
    assert_measured(
        found.evaluation, evaluated(ws, {name: shown[name] for name in some_runs.NAMES}, **SHAPES)
    )
    assert (
        run(ws, keep_predictions=False, again=True, **SHAPES).evaluation.measured == found.evaluation.measured
    )


def test_folders_of_predictions_are_measured_as_they_are_evaluated(ws: Workspace) -> None:
    add_function(ws)
    ws.models.add("made", predictions=run(ws).predictions)
    found = run(ws, "made", **SHAPES)
    assert_measured(found.evaluation, evaluated(ws, of_images(ws, labels), **SHAPES))


def test_what_is_measured_tells_runs_apart(ws: Workspace) -> None:
    add_function(ws)
    ids = [
        run(ws, **options).id
        for options in (
            {},
            {"boundary": "2%"},
            {"boundary": 0.02},
            {"boundary": 2},
            {"boundary": "2%", "distances": True},
            {"distances": True},
            {"distances": True, "surface": "voxels", "tolerances": (2, 1)},
            {"distances": True, "surface": "area"},
            {"distances": True, "empty": "skip"},
            {"distances": False},
        )
    ]
    assert ids == ["r1", "r2", "r2", "r3", "r4", "r5", "r5", "r6", "r7", "r1"]


def test_the_record_of_a_run_holds_what_it_measures(ws: Workspace) -> None:
    add_function(ws)
    plain, found = run(ws), run(ws, **SHAPES)
    assert "measures" not in plain.options
    assert not plain.measures
    kept = Workspace(ws.path).runs()[found.id]
    assert kept.options["measures"] == {
        "boundary": [0.02, 0.2],
        "distances": True,
        "spacing": [2.0, 0.7],
        "surface": "area",
        "within": None,
        "tolerances": [1.5],
        "empty": "inf",
    }
    assert kept.measures == found.evaluation.measures == Measures.of(**SHAPES)


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each outcome is kept at once."""
    monkeypatch.setattr(running, "KEEP_EVERY", 0.0)
    monkeypatch.setattr(running, "SHOW_EVERY", 0.0)


@pytest.mark.usefixtures("often")
def test_a_run_that_measures_goes_on_as_if_it_had_never_stopped(ws: Workspace) -> None:
    add_function(ws)
    left = interrupted(ws, **SHAPES)
    assert 3 <= left.done < 7
    assert run(ws).id == "r2"  # which measures nothing, and is another one
    found, again = run(ws, **SHAPES), run(ws, again=True, **SHAPES)
    assert (found.id, again.id) == ("r1", "r3")
    files = [(one.folder / "evaluation.npz").read_bytes() for one in (found, again)]
    assert files[0] == files[1]


@pytest.mark.usefixtures("often")
def test_images_without_any_surface_are_kept_as_well(ws: Workspace) -> None:
    Path("nets.py").write_text("def f(image):\n    return image[..., 0] * 0\n")
    add_function(ws, "f")
    for name in some_runs.NAMES:  # of one class alone, and of void alone
        Image.fromarray(np.full(some_runs.SIZE, 9 * name.startswith("city"), np.uint8)).save(
            f"target/{name}.png"
        )
    add_images(ws, "flat", classes=2, ignore_index=9)
    interrupted(ws, "net", "flat", at=5, **SHAPES)
    found, again = run(ws, "net", "flat", **SHAPES), run(ws, "net", "flat", again=True, **SHAPES)
    assert found.evaluation.measured == again.evaluation.measured
    surfaces = next(record for record in found.evaluation.measured if record.kind == "surfaces")
    void = [name.startswith("city") for name in found.evaluation.names]
    assert (np.diff(surfaces.offsets) == 0).tolist() == void
    assert sum(void) == 3


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM records",
        "UPDATE records SET kind = 'boxes' WHERE kind = 'bands'",
        "UPDATE records SET kind = 'pairs' WHERE kind = 'bands'",
        "UPDATE records SET rows = x'0000' WHERE kind = 'surfaces'",
        "DROP TABLE records",
    ],
)
def test_what_was_measured_and_is_damaged_is_said(ws: Workspace, statement: str) -> None:
    add_function(ws)
    path = ws.path / ".segscore/runs" / interrupted(ws, **SHAPES).id / "pending.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)
    assert refused(FileFormatError, run, ws, **SHAPES) == (
        f"{path}: expected what run r1 has done so far, found a damaged file\n"
        "hint: `segscore rm r1` removes it; then run the same anew"
    )


MEASURES: list[Any] = [3, {"boundary": 3}, {**Measures.of(distances=True).to_dict(), "surface": "mesh"}]
"""What no run can have measured."""


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize("measures", MEASURES, ids=str)
def test_a_run_that_is_said_to_measure_what_cannot_be_is_damaged(ws: Workspace, measures: Any) -> None:
    add_function(ws)
    found, left = run(ws, boundary=1), interrupted(ws, boundary=2)
    path = found.folder / "run.json"
    whole = json.loads(path.read_text())
    options = whole["summary"]["options"] | {"measures": measures}
    digests = (found.model, found.model_digest), (found.dataset, found.dataset_digest)
    whole["summary"]["options"] = options
    whole["digest"] = run_digest(*digests, options)
    path.write_text(json.dumps(whole))
    (ws.path / ".segscore/index.db").unlink()
    hint = "bring it back from a copy; or `segscore rm r1` removes the run, and the same can be run anew"
    said = (
        f"{path}: expected the manifest of run r1, found another kind of file or a damaged one\nhint: {hint}"
    )
    with warned(f"run r1 is left out: {said}"):
        assert list(Workspace(ws.path).runs()) == []
    database = ws.path / f".segscore/runs/{left.id}/pending.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        about = json.loads(connection.execute("SELECT text FROM about").fetchone()[0])
        about["options"]["measures"] = measures
        connection.execute("UPDATE about SET text = ?", [json.dumps(about)])
    (listed,) = Workspace(ws.path).unfinished()
    assert listed.problem == (
        f"{database}: expected what run r2 has done so far, found a damaged file\n"
        "hint: `segscore rm r2` removes it; then run the same anew"
    )


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            {"tolerances": 2},
            "`tolerances` is given without `distances`\n"
            "hint: distances between surfaces are asked for with `distances=True`",
        ),
        (
            {"distances": True, "spacing": (1, 1, 1)},
            "expected one positive number as `spacing` of each of 2 axes, found (1, 1, 1)\n"
            "hint: in the order of the axes of the array, such as `spacing=[0.8, 0.8]`",
        ),
    ],
)
def test_what_cannot_be_measured_leaves_no_run_behind(ws: Workspace, options: Any, told: str) -> None:
    add_function(ws)
    assert refused(ArgumentError, run, ws, **options) == told
    with pytest.raises(TypeError, match=r"^Workspace.run\(\) got an unexpected keyword argument 'space'$"):
        run(ws, space=3)
    assert list(ws.runs()) == ws.unfinished() == []


def test_classes_of_codes_are_not_measured(ws: Workspace) -> None:
    codes = Classes(["a", "b", "c"], label_rule="value // 1000 where value >= 1000", ignore=[255])
    add_images(ws, "codes", classes=codes, ignore_index=None)
    add_function(ws)
    assert refused(ArgumentError, run, ws, "net", "codes", distances=True) == (
        "boundaries, distances and components are measured of the labels of each image by itself, and a rule "
        "makes the labels of these classes\n"
        "hint: save masks as labels, one value for each class, such as gray PNG"
    )


def test_an_image_that_fails_takes_no_other_with_it(ws: Workspace) -> None:
    Path("odd.py").write_text(
        "import numpy as np\ndef f(image):\n"
        "    labels = image[..., 0] % 3\n    return labels[::2, ::2] if image[0, 0, 0] % 2 else labels\n"
    )
    ws.models.add("odd", python="odd:f")
    small = [name for name, odd in of_images(ws, lambda image: image[0, 0, 0] % 2).items() if odd]
    found = run(ws, "odd", **SHAPES).evaluation
    assert [failure.name for failure in found.failures] == small
    whole = {name: made for name, made in of_images(ws, labels).items() if name not in small}
    assert_measured(found, evaluated(ws, whole, **SHAPES))


def test_predictions_that_are_resized_are_measured_at_the_size_of_their_targets(ws: Workspace) -> None:
    halves = of_images(ws, lambda image: labels(image)[::2, ::2])
    write(ws.path / "halves", {f"{name}.npy": made for name, made in halves.items()})
    ws.models.add("halves", predictions=ws.path / "halves")
    found = run(ws, "halves", resize="nearest", **SHAPES).evaluation
    assert_measured(found, evaluated(ws, halves, resize="nearest", **SHAPES))


def test_images_that_all_fail_say_why(ws: Workspace) -> None:
    Path("none.py").write_text("import numpy as np\ndef f(image):\n    return np.zeros((5, 5), np.uint8)\n")
    ws.models.add("none", python="none:f")
    with pytest.raises(EvaluationError, match=r"^none of 7 images could be scored:"):
        run(ws, "none", **SHAPES)
    assert ws.unfinished() == []
