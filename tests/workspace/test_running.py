"""Runs of models on datasets: what comes out, what is kept, and what is not computed twice."""

import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import segscore
from segscore import ArgumentError, SegscoreWarning, Workspace
from segscore.io.masks import read_mask
from segscore.workspace import RunProgress
from segscore.workspace.runs.keeping import keep_prediction
from support import hints, some_runs
from support.some_runs import (
    SIZE,
    add_function,
    add_images,
    evaluated,
    kept,
    names_of,
    pixels,
    run,
    same_counts,
    write_images,
    ws,
)
from support.tiny_models import save

__all__ = ["ws"]
NAMES = sorted(names_of(7))
INPUT = f"float[n,3,{SIZE[0]},{SIZE[1]}] x"


def of_images(ws: Workspace, call: Any) -> dict[str, Any]:
    """Return what a function makes of each image."""
    return {name: call(image) for name, image in zip(NAMES, pixels(ws.path / "image", NAMES), strict=True)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"({INPUT}) => (float[n,3,{SIZE[0]},{SIZE[1]}] y) {{ y = Identity(x) }}", lambda im: im.argmax(-1)),
        (
            f"({INPUT}) => (int64[n,{SIZE[0]},{SIZE[1]}] y) {{ y = ArgMax <axis=1, keepdims=0> (x) }}",
            lambda im: im.argmax(-1),
        ),
    ],
    ids=["logits", "labels"],
)
@pytest.mark.parametrize("batch", [1, 3])
def test_an_onnx_model(ws: Workspace, text: str, expected: Any, batch: int) -> None:
    save(Path("net.onnx"), text)
    ws.models.add("net", onnx="net.onnx")
    found = run(ws, batch=batch)
    predictions = of_images(ws, expected)
    assert same_counts(found.evaluation, evaluated(ws, predictions))
    assert found.evaluation.names == tuple(NAMES)
    assert {name: array.tolist() for name, array in kept(found).items()} == {
        name: array.tolist() for name, array in predictions.items()
    }
    again = run(ws, batch=batch, again=True, keep_predictions=False)
    assert again.predictions is None
    assert same_counts(again.evaluation, found.evaluation)


@pytest.mark.parametrize(
    ("function", "options", "expected"),
    [
        ("labels", {}, lambda im: im[..., 0] % 3),
        ("path", {"takes": "path"}, lambda im: im[..., 0] % 3),
        ("batch", {"takes": "batch"}, lambda im: im[..., 0] % 3),
        ("logits", {"class_axis": 0}, lambda im: im.argmax(-1)),
        ("last", {"class_axis": -1}, lambda im: im.argmax(-1)),
    ],
)
def test_a_function(ws: Workspace, function: str, options: dict[str, Any], expected: Any) -> None:
    add_function(ws, function, **options)
    found = run(ws)
    predictions = of_images(ws, expected)
    assert same_counts(found.evaluation, evaluated(ws, predictions))
    assert all(np.array_equal(array, predictions[name]) for name, array in kept(found).items())
    assert same_counts(run(ws, again=True, keep_predictions=False).evaluation, found.evaluation)


def test_class_scores_are_resized_before_the_highest_wins(ws: Workspace) -> None:
    add_function(ws, "half", class_axis=0)

    def expected(image: Any) -> Any:
        small = np.moveaxis(image, -1, 0)[:, ::2, ::2].astype(np.float16)
        return segscore.predict.resize_logits(small, SIZE, class_axis=0).argmax(0)

    found = run(ws)
    assert same_counts(found.evaluation, evaluated(ws, of_images(ws, expected)))
    assert same_counts(run(ws, again=True, keep_predictions=False).evaluation, found.evaluation)


def test_a_threshold_and_labels_of_predictions(ws: Workspace) -> None:
    for name in NAMES:
        path = Path(f"target/{name}.png")
        Image.fromarray(np.asarray(Image.open(path)).clip(0, 1)).save(path)
    add_images(ws, "two", classes=2)
    add_function(ws, "one", class_axis=-1, threshold=0.4, pred_classes=[7, 9])
    found = run(ws, dataset="two")
    predictions = of_images(ws, lambda image: np.where(image[..., 0] / 255 >= 0.4, 9, 7))
    expected = evaluated(ws, predictions, classes=2, pred_classes=[7, 9])
    assert same_counts(found.evaluation, expected)
    assert found.evaluation.scores.mean_iou == expected.scores.mean_iou
    assert all(np.array_equal(array, predictions[name]) for name, array in kept(found).items())
    assert same_counts(run(ws, dataset="two", again=True, keep_predictions=False).evaluation, expected)


def test_a_folder_of_predictions(ws: Workspace) -> None:
    predictions = of_images(ws, lambda image: image[..., 1] % 3)
    for name, array in predictions.items():
        path = Path(f"masks/{name}.png")
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(array).save(path)
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
    for name in NAMES:
        Path(f"labels/{name}_gt.png").parent.mkdir(parents=True, exist_ok=True)
        Path(f"masks/{name}_out.png").parent.mkdir(parents=True, exist_ok=True)
        Path(f"labels/{name}_gt.png").write_bytes(Path(f"target/{name}.png").read_bytes())
        Path(f"masks/{name}_out.png").write_bytes(Path(f"target/{name}.png").read_bytes())
        Path(f"same/{name}_gt.png").parent.mkdir(parents=True, exist_ok=True)
        Path(f"same/{name}_gt.png").write_bytes(Path(f"target/{name}.png").read_bytes())
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
    if "- np" in code:
        with pytest.warns(SegscoreWarning) as told:
            found = run(ws)
        assert [str(one.message) for one in told] == [
            "`pred` holds the labels -4 (110 pixels), -5 (99 pixels), -3 (92 pixels): no class, "
            "first in 000; counted as missed\n"
            f"hint: {hints.OTHER_LABELS}"
        ]
    else:
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
    for kind, reference, text in (
        ("model", "other", "there is no model `other`\nhint: the nearest is `net`"),
        ("dataset", "nois", "there is no dataset `nois`\nhint: the nearest is `noise`"),
        ("model", "net:v7", "there is no version of model net `v7`\nhint: the nearest are `v2`, `v1`"),
    ):
        with pytest.raises(ArgumentError) as caught:
            ws.runs(**{kind: reference})
        assert str(caught.value) == text


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
    assert sorted(os.listdir(first.folder)) == ["evaluation.npz", "predictions", "run.json"]


def test_progress_is_told(ws: Workspace) -> None:
    add_function(ws)
    told: list[RunProgress] = []
    found = run(ws, progress=told.append)
    assert [told[0].done, told[-1].done, told[-1].total, told[-1].failures] == [0, 7, 7, 0]
    assert told[-1].mean_iou == found.metrics["mean_iou"]
    assert np.isnan(told[0].mean_iou)
    assert {one.id for one in told} == {"r1"}


def test_labels_of_another_size(ws: Workspace) -> None:
    add_images(ws, "small", targets=smaller(ws.path))
    add_function(ws)
    found = run(ws, dataset="small", resize="nearest")
    predictions = of_images(ws, lambda image: image[..., 0] % 3)
    targets = pixels(ws.path / "small", NAMES)
    expected = segscore.evaluate(
        pred=list(predictions.values()), target=targets, classes=3, ignore_index=255, resize="nearest"
    )
    assert same_counts(found.evaluation, expected)
    assert found.evaluation.resized == 7


def smaller(folder: Path) -> Path:
    """Write the targets at half of their size."""
    for name in NAMES:
        path = folder / "small" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.open(folder / "target" / f"{name}.png").resize((4, 3), Image.Resampling.NEAREST).save(path)
    return folder / "small"


def test_images_that_the_model_was_trained_on(ws: Workspace) -> None:
    ws.models.add("net", python="nets:labels", trained_on="noise")
    with pytest.warns(SegscoreWarning) as told:
        found = run(ws)
    assert [str(one.message) for one in told] == [
        "net:v1 was trained on 7 of 7 images of noise:v1: `000`, `002`, `004`, `006`, `city/001` and 2 more; "
        "its scores on them say little about new images\n"
        "hint: evaluate on images that are not among those of noise:v1"
    ]
    assert told[0].filename == some_runs.__file__
    assert found.trained_images == tuple(NAMES)
    assert f"{found.overlap}\nhint: " in str(told[0].message)
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


def test_a_model_that_takes_batches_of_one_length(ws: Workspace) -> None:
    save(Path("net.onnx"), "(float[4,3,6,8] x) => (float[4,3,6,8] y) { y = Identity(x) }")
    ws.models.add("net", onnx="net.onnx")
    expected = evaluated(ws, of_images(ws, lambda image: image.argmax(-1)))
    assert same_counts(run(ws).evaluation, expected)
    assert same_counts(run(ws, batch=3).evaluation, expected)


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
    for name in NAMES:
        path = Path(f"painted/{name}.png")
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(table[np.asarray(Image.open(f"target/{name}.png"))]).save(path)
    classes = segscore.Classes(["a", "b", "c"], ignore=[255], colours=colours)
    add_images(ws, "painted", targets="painted", classes=classes, ignore_index=None)
    add_function(ws, "logits", class_axis=0)
    found = run(ws, dataset="painted")
    expected = evaluated(ws, of_images(ws, lambda image: image.argmax(-1)))
    assert found.metrics["mean_iou"] == expected.scores.mean_iou
    again = run(ws, dataset="painted", again=True, keep_predictions=False)
    assert same_counts(again.evaluation, found.evaluation)


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
