"""Runs of models on datasets: what comes out, what is kept, and what is not computed twice."""

import errno
import json
import os
import warnings
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import segscore
from segscore import ArgumentError, FileFormatError, OutputError, SegscoreWarning, Workspace
from segscore.io.masks import read_mask
from segscore.workspace import Run, RunProgress
from segscore.workspace.registry.datasets import digest_of_content
from segscore.workspace.runs.keeping import keep_prediction, kept_prediction
from support import hints, some_runs
from support.masks_on_disk import RGB, png, write
from support.refused import refused, warned
from support.some_runs import (
    NAMES,
    SIZE,
    add_function,
    add_images,
    evaluated,
    interrupted,
    kept,
    names_of,
    of_images,
    pixels,
    run,
    same_counts,
    write_images,
)
from support.tiny_models import save

INPUT = f"float[n,3,{SIZE[0]},{SIZE[1]}] x"


def as_made(ws: Workspace, found: Run, expected: Any, **options: Any) -> bool:
    """Whether a run holds and keeps what a function makes of each image, as one that keeps nothing does."""
    predictions = of_images(ws, expected)
    given = {"dataset": found.dataset, "batch": found.options["batch"]}
    again = run(ws, **given, again=True, keep_predictions=False)
    assert again.predictions is None
    held = kept(found)
    return (
        same_counts(found.evaluation, evaluated(ws, predictions, **options))
        and same_counts(again.evaluation, found.evaluation)
        and found.evaluation.names == tuple(held) == tuple(NAMES)
        and all(np.array_equal(held[name], labels) for name, labels in predictions.items())
    )


@pytest.mark.parametrize(
    "text",
    [
        f"({INPUT}) => (float[n,3,{SIZE[0]},{SIZE[1]}] y) {{ y = Identity(x) }}",
        f"({INPUT}) => (int64[n,{SIZE[0]},{SIZE[1]}] y) {{ y = ArgMax <axis=1, keepdims=0> (x) }}",
        "(float[4,3,6,8] x) => (float[4,3,6,8] y) { y = Identity(x) }",
    ],
    ids=["logits", "labels", "batches of one length"],
)
@pytest.mark.parametrize("batch", [1, 3])
def test_an_onnx_model(ws: Workspace, text: str, batch: int) -> None:
    save(Path("net.onnx"), text)
    ws.models.add("net", onnx="net.onnx")
    assert as_made(ws, run(ws, batch=batch), lambda image: image.argmax(-1))


def enlarged(image: Any) -> Any:
    """Return the labels of class scores that are resized before the highest wins."""
    small = np.moveaxis(image, -1, 0)[:, ::2, ::2].astype(np.float16)
    return segscore.predict.resize_logits(small, SIZE, class_axis=0).argmax(0)


@pytest.mark.parametrize(
    ("function", "options", "expected"),
    [
        ("labels", {}, lambda image: image[..., 0] % 3),
        ("path", {"takes": "path"}, lambda image: image[..., 0] % 3),
        ("batch", {"takes": "batch"}, lambda image: image[..., 0] % 3),
        ("logits", {"class_axis": 0}, lambda image: image.argmax(-1)),
        ("last", {"class_axis": -1}, lambda image: image.argmax(-1)),
        ("half", {"class_axis": 0}, enlarged),
    ],
)
def test_a_function(ws: Workspace, function: str, options: dict[str, Any], expected: Any) -> None:
    add_function(ws, function, **options)
    assert as_made(ws, run(ws), expected)


def test_a_threshold_and_labels_of_predictions(ws: Workspace) -> None:
    for name in NAMES:
        path = Path(f"target/{name}.png")
        Image.fromarray(np.asarray(Image.open(path)).clip(0, 1)).save(path)
    add_images(ws, "two", classes=2)
    add_function(ws, "one", class_axis=-1, threshold=0.4, pred_classes=[7, 9])
    found = run(ws, dataset="two")
    expected = {"classes": 2, "pred_classes": [7, 9]}
    assert as_made(ws, found, lambda image: np.where(image[..., 0] / 255 >= 0.4, 9, 7), **expected)


def test_a_folder_of_predictions(ws: Workspace) -> None:
    predictions = of_images(ws, lambda image: image[..., 1] % 3)
    write(Path("masks"), {f"{name}.png": array for name, array in predictions.items()})
    ws.models.add("net", predictions="masks")
    # What comes into the folder later is no part of the version.
    Path(f"masks/{NAMES[3]}.png").rename("three.png")
    ws.models.add("some", predictions="masks")
    Path("three.png").rename(f"masks/{NAMES[3]}.png")
    found = run(ws)
    assert found.predictions is None
    assert same_counts(found.evaluation, evaluated(ws, predictions))
    some = run(ws, "some")
    assert some.evaluation.names == tuple(name for name in NAMES if name != NAMES[3])
    assert [str(failure) for failure in some.evaluation.failures] == [
        f"{NAMES[3]}: there is no prediction of this name"
    ]
    assert (some.images, some.failures) == (6, 1)


def test_predictions_that_are_named_as_targets(ws: Workspace) -> None:
    for folder, end in (("labels", "_gt"), ("masks", "_out"), ("same", "_gt")):
        targets = {f"{name}{end}.png": Path(f"target/{name}.png").read_bytes() for name in NAMES}
        write(Path(folder), targets)
    add_images(ws, "other", targets="labels", pairing="{id}:{id}_gt")
    ws.models.add("net", predictions="masks", options={"pairing": "{id}_out:{id}_gt"})
    ws.models.add("same", predictions="same")
    for model in ("net", "same"):
        found = run(ws, model, "other")
        assert found.evaluation.names == tuple(NAMES)
        assert found.metrics["mean_iou"] == 1.0


@pytest.mark.parametrize(
    ("code", "labels", "kind", "dtype"),
    [
        ("image[..., 0] % 3 + np.uint16(300)", [300, 301, 302], ".png", np.uint16),
        ("image[..., 0].astype(int) % 3 * 32_767 + 1", [1, 32_768, 65_535], ".png", np.uint16),
        ("image[..., 0] % 3 - np.int64(5)", [0, 1, 2], ".npy", np.int64),
        ("image[..., 0].astype('u4') % 3 + 70_000", [70_000, 70_001, 70_002], ".npy", np.uint32),
        ("image[..., 0] > 100", [0, 1, 2], ".png", np.uint8),
    ],
)
def test_predictions_are_kept_whatever_labels_they_hold(
    ws: Workspace, code: str, labels: list[int], kind: str, dtype: Any
) -> None:
    Path("nets.py").write_text(f"import numpy as np\ndef f(image):\n return {code}")
    add_function(ws, "f", pred_classes=labels)
    unknown = pytest.warns(SegscoreWarning, match=r"^`pred` holds the labels -4 \(110 pixels\), -5 ")
    with unknown if "- np" in code else nullcontext():
        found = run(ws)
    assert found.predictions is not None
    assert {path.suffix for path in found.predictions.rglob("*") if path.is_file()} == {kind}
    predictions = kept(found)
    assert {array.dtype for array in predictions.values()} == {np.dtype(dtype)}
    made = of_images(ws, lambda image: eval(code, {"np": np, "image": image}))
    assert all(np.array_equal(made[name], predictions[name]) for name in NAMES)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = evaluated(ws, predictions, pred_classes=labels)
    assert same_counts(found.evaluation, expected)


def test_groups_and_the_latest_versions(ws: Workspace) -> None:
    add_function(ws, "logits", class_axis=0)
    write_images(ws.path, ["new"], seed=3)
    groups = {name: name.partition("/")[0][:4] for name in [*NAMES, "new"]}
    dataset = add_images(ws, groups=groups)
    add_function(ws, "labels")
    found = run(ws)
    assert (found.model, found.dataset, found.id) == ("net:v2", "noise:v2", "r1")
    assert found.evaluation.groups == tuple(groups[name] for name in dataset.names)
    assert dict(found.evaluation.provenance) == {"model": "net:v2", "dataset": "noise:v2"}
    old = run(ws, "net:v1", "noise:v1")
    assert (old.model, old.dataset, old.id) == ("net:v1", "noise:v1", "r2")
    assert old.evaluation.groups is None
    assert [one.id for one in ws.runs(model="net:v1")] == ["r2"]
    assert [one.id for one in ws.runs(dataset="noise", sort="mean_iou")] == ["r1", "r2"]
    assert [one.id for one in ws.runs(model="net:v1", dataset="noise:v2")] == []
    for kind, reference, message in (
        ("model", "other", "model `other`\nhint: the nearest is `net`"),
        ("dataset", "nois", "dataset `nois`\nhint: the nearest is `noise`"),
        ("model", "net:v7", "version of model net `v7`\nhint: the nearest are `v2`, `v1`"),
    ):
        assert refused(ArgumentError, ws.runs, **{kind: reference}) == f"there is no {message}"


def test_equal_runs_are_not_computed_twice(ws: Workspace) -> None:
    Path("nets.py").write_text(
        "def f(image):\n with open('calls', 'a') as file:\n  file.write('.')\n return image[..., 0] % 3\n"
    )
    add_function(ws, "f")
    first = run(ws)
    assert run(ws, keep_predictions=False).id == "r1"
    assert Path("calls").read_text() == "." * 7
    assert first.digest == ws.runs()["r1"].digest
    again = run(ws, again=True)
    assert (again.id, again.digest, Path("calls").read_text()) == ("r2", first.digest, "." * 14)
    assert (again.folder / "evaluation.npz").read_bytes() == (first.folder / "evaluation.npz").read_bytes()
    assert run(ws).id == "r2"
    assert run(ws, resize="nearest").id == "r3"
    assert run(ws, batch=2).id == "r4"
    assert len(ws.runs()) == 4
    assert ws.unfinished() == []
    assert sorted(os.listdir(first.folder)) == ["evaluation.npz", "intervals.kept", "predictions", "run.json"]


def test_progress_is_told(ws: Workspace) -> None:
    add_function(ws)
    told: list[RunProgress] = []
    found = run(ws, progress=told.append)
    assert [told[0].done, told[-1].done, told[-1].total, told[-1].failures] == [0, 7, 7, 0]
    assert told[-1].mean_iou == found.metrics["mean_iou"]
    assert np.isnan(told[0].mean_iou)
    assert {one.id for one in told} == {"r1"}


def test_labels_of_another_size(ws: Workspace) -> None:
    halves = {
        name: target[::2, ::2] for name, target in zip(NAMES, pixels(ws.path / "target", NAMES), strict=True)
    }
    targets = write(ws.path / "small", {f"{name}.png": half for name, half in halves.items()})
    with pytest.warns(SegscoreWarning, match="7 of 7 images have another size"):
        add_images(ws, "small", targets=targets)
    add_function(ws)
    found = run(ws, dataset="small", resize="nearest")
    expected = segscore.evaluate(
        pred=list(of_images(ws, lambda image: image[..., 0] % 3).values()),
        target=list(halves.values()),
        classes=3,
        ignore_index=255,
        resize="nearest",
    )
    assert same_counts(found.evaluation, expected)
    assert found.evaluation.resized == 7


def test_images_that_the_model_was_trained_on(ws: Workspace) -> None:
    ws.models.add("net", python="nets:labels", trained_on="noise")
    overlap = (
        "net:v1 was trained on 7 of 7 images of noise:v1: `000`, `002`, `004`, `006`, `city/001` and 2 more; "
        "its scores on them say little about new images"
    )
    hint = "evaluate on images that are not among those of noise:v1"
    with warned(f"{overlap}\nhint: {hint}", at=some_runs.__file__):
        found = run(ws)
    assert (found.trained_images, found.overlap) == (tuple(NAMES), overlap)
    # It scores more, but does not compare with one that knew none of them.
    add_function(ws, "logits", "other", class_axis=0)
    assert run(ws, "other").metric("mean_iou") < found.metric("mean_iou")
    assert [one.id for one in ws.runs(sort="mean_iou")] == ["r2", "r1"]


def test_notes(ws: Workspace) -> None:
    add_function(ws)
    found = run(ws)
    assert found.note == ""
    ws.note("r1", "brighter images\nnext time ü")
    assert found.note == "brighter images\nnext time ü"
    ws.note("r1", "")
    assert (found.note, (found.folder / "note.txt").exists()) == ("", False)


def test_a_function_in_a_package(ws: Workspace) -> None:
    Path("nets_of_a_team/inner").mkdir(parents=True)
    Path("nets_of_a_team/__init__.py").touch()
    Path("nets_of_a_team/inner/__init__.py").write_text("from .other import f\n")
    Path("nets_of_a_team/inner/other.py").write_text("def f(image):\n    return image[..., 0] % 3\n")
    ws.models.add("net", python="nets_of_a_team.inner:f")
    ws.models.add("other", python="nets_of_a_team.inner.other:f")
    predictions = of_images(ws, lambda image: image[..., 0] % 3)
    for model in ("net", "other"):
        assert same_counts(run(ws, model).evaluation, evaluated(ws, predictions))


def test_a_dataset_of_another_workspace(ws: Workspace, tmp_path: Path) -> None:
    other = Workspace.init(tmp_path / "other")
    other.link(ws.path, "noise")
    other.models.add("net", python="nets:labels")
    found = run(other)
    assert same_counts(found.evaluation, evaluated(ws, of_images(ws, lambda image: image[..., 0] % 3)))
    assert len(ws.runs()) == 0
    assert run(other).id == "r1"


def test_targets_that_are_painted(ws: Workspace) -> None:
    colours = {0: (128, 0, 0), 1: (0, 128, 0), 2: (0, 0, 128), 255: (0, 0, 0)}
    table = np.zeros((256, 3), np.uint8)
    table[list(colours)] = list(colours.values())
    targets = zip(NAMES, pixels(ws.path / "target", NAMES), strict=True)
    write(Path("painted"), {f"{name}.png": png(table[target], colour=RGB) for name, target in targets})
    classes = segscore.Classes(["a", "b", "c"], ignore=[255], colours=colours)
    add_images(ws, "painted", targets="painted", classes=classes, ignore_index=None)
    add_function(ws, "logits", class_axis=0)
    found = run(ws, dataset="painted")
    expected = evaluated(ws, of_images(ws, lambda image: image.argmax(-1)))
    assert found.metrics["mean_iou"] == expected.scores.mean_iou
    again = run(ws, dataset="painted", again=True, keep_predictions=False)
    assert same_counts(again.evaluation, found.evaluation)


# Where predictions are kept: whole or not at all, and within the folder of the run

LABELS = np.ones((2, 3), np.uint8)


@pytest.mark.parametrize("most", [1, 2, 255, 256, 65_536])
@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (7, 1), (33, 47)])
def test_masks_that_are_kept_are_read_as_they_were(tmp_path: Path, shape: tuple[int, int], most: int) -> None:
    labels = np.random.default_rng(0).integers(0, most, (*shape, 2))
    for kind in ("C", "F"):
        for array in (np.asarray(labels[..., 0], order=kind), labels[::-1, :, 1]):
            keep_prediction(tmp_path, "mask", array)
            path = tmp_path / "mask.png"
            assert np.array_equal(np.asarray(Image.open(path)), array)
            assert np.array_equal(read_mask(str(path), colours=False), array)


@pytest.mark.parametrize(
    "name", ["../../../escaped", "city/../../escaped", "/escaped", "city//a", "a\0b", "..", ""]
)
def test_a_linked_dataset_cannot_name_files_elsewhere(tmp_path: Path, ws: Workspace, name: str) -> None:
    there = tmp_path / "there"
    write_images(there, names_of(2))
    other = Workspace.init(there)
    add_images(other, "theirs")
    ws.link(there, "theirs")
    (path,) = other.path.glob(".segscore/datasets/theirs/*.json")
    content = json.loads(path.read_text())
    content["images"][0]["name"] = name
    content["digest"] = digest_of_content(content)
    path.chmod(0o644)
    path.write_text(json.dumps(content))
    add_function(ws)
    assert refused(FileFormatError, run, ws, dataset="theirs") == (
        f"{path}: expected the manifest of dataset theirs, version v1, found another kind of file or a "
        "damaged one\n"
        f"hint: {hints.BRING_BACK}"
    )


@pytest.mark.parametrize("name", ["../escaped", "away/escaped", "a/../../escaped"])
def test_nothing_is_written_outside_the_folder_of_a_run(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "predictions"
    folder.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (folder / "away").symlink_to(tmp_path / "elsewhere")
    assert refused(OutputError, keep_prediction, folder, name, LABELS) == (
        f"{folder / name}.png: the prediction cannot be kept: its name leads out of the folder of the run\n"
        "hint: add the dataset anew with names of files within its folders"
    )
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["away", "elsewhere", "predictions"]


def test_a_prediction_that_cannot_be_written_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_prediction(tmp_path, "city/a", LABELS)
    path = tmp_path / "city/a.png"
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert refused(OutputError, keep_prediction, tmp_path, "city/a", LABELS * 2) == (
        f"{path}: the prediction cannot be kept: No space left on device\n"
        "hint: free some room and run the same again, which goes on here; or add `--no-keep-predictions`"
    )
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == ["a.png"]


def test_a_prediction_of_the_other_kind_takes_the_place_of_the_first(tmp_path: Path) -> None:
    for labels, suffix in ((LABELS, ".png"), (-LABELS.astype(int), ".npy"), (LABELS, ".png")):
        keep_prediction(tmp_path, "a", labels)
        assert os.listdir(tmp_path) == [f"a{suffix}"]
        assert kept_prediction(tmp_path, "a") == tmp_path / f"a{suffix}"


def test_what_a_kill_left_of_a_prediction_is_removed(ws: Workspace) -> None:
    add_function(ws)
    interrupted(ws, at=0)
    folder = ws.path / ".segscore/runs/r1/predictions/city"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".001.png.0123456789abcdef.part").write_bytes(b"half")
    assert len(kept(run(ws))) == 7
    assert not list(folder.glob(".*"))
