"""Classes with the label values of a model, scored against masks of the dataset that their names tell."""

import json
from pathlib import Path

import numpy as np
import pytest

import segscore
from segscore.classes.classes import Classes, load
from support.command_line import run
from support.masks_on_disk import write
from support.planted import Mask, Sides

ADE, CITY = load("ade20k-150"), load("cityscapes")


def written(tmp_path: Path, preset: Classes) -> str:
    """Return the path of what a model for this dataset says of its classes, in its own order from 0."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"id2label": {str(k): name for k, name in enumerate(preset.names)}}))
    return str(path)


def scenes(images: int, labels: list[int], *, right: int = 10) -> Sides:
    """Return targets with rows of such labels, and predictions of their places, some right and some not."""
    rng = np.random.default_rng(7)
    places = [rng.integers(0, len(labels), (11, 1)).repeat(100, 1) for _ in range(images)]
    targets: list[Mask] = [np.array(labels, np.uint8)[own] for own in places]
    preds: list[Mask] = [
        np.where(np.arange(11)[:, None] < right, own, (own + 5) % len(labels)).astype(np.uint8)
        for own in places
    ]
    return targets, preds


@pytest.mark.parametrize("images", [1, 3, 30])
@pytest.mark.parametrize("right", [11, 6])
def test_masks_of_ade20k_are_not_scored_as_a_model_counts_without_a_word(
    images: int, right: int, tmp_path: Path
) -> None:
    targets, preds = scenes(images, [*range(1, 150)], right=right)
    said = (
        'the classes have the label values of predictions of the preset "ade20k-150", whose targets have '
        f"others: read so, {right / 11:.2%} of all pixels are right, and now "
    )
    with pytest.warns(segscore.SegscoreWarning) as caught:
        ev = segscore.evaluate(pred=preds, target=targets, classes=written(tmp_path, ADE))
    assert said in str(caught[0].message)
    assert [f.kind for f in ev.findings if f.severity != "note"] == ["labels-of-models"]
    assert ev.findings[0].hint == 'score with `classes="ade20k-150"` and `pred_classes="zero-based"`'
    meant = segscore.evaluate(pred=preds, target=targets, classes="ade20k-150", pred_classes="zero-based")
    assert meant.scores.pixel_accuracy == right / 11
    table = written(tmp_path, ADE)
    assert segscore.evaluate(pred=preds, target=targets, classes="ade20k-150", pred_classes=table) == meant
    assert ev.scores.pixel_accuracy < 0.1


def test_it_is_said_by_commands_and_of_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    table = written(tmp_path, ADE)
    for side, masks in zip(("target", "pred"), scenes(1, [*range(1, 150)]), strict=True):
        write(tmp_path / side, {f"{k}.png": mask for k, mask in enumerate(masks)})
    shown = run("evaluate", "--pred", "pred", "--target", "target", "--classes", table)
    assert "hint: score with `--classes ade20k-150` and `--pred-classes zero-based`\n" in shown.stderr
    for command in (
        ("init",),
        ("dataset", "add", "rooms", "--targets", "target", "--classes", table),
        ("model", "add", "net", "--predictions", "pred"),
        ("run", "net", "--on", "rooms", "--no-progress"),
    ):
        done = run(*command)
        assert done.exit_code == 0, done.stderr
    assert [one.kind for one in segscore.Workspace(tmp_path).evaluation("r1").doubts] == ["labels-of-models"]
    assert 'the preset "ade20k-150"' in " ".join((done.stdout + done.stderr).split())


def test_ids_of_cityscapes_that_are_train_ids_as_well(tmp_path: Path) -> None:
    targets, preds = scenes(1, [7, 8, 11, 12, 13, 17])
    with pytest.warns(
        segscore.SegscoreWarning, match='of the preset "cityscapes", whose targets have others'
    ):
        ev = segscore.evaluate(pred=preds, target=targets, classes=written(tmp_path, CITY))
    assert ev.findings[0].hint == 'score with `classes="cityscapes"` and `pred_classes="train-ids"`'


@pytest.mark.parametrize("preset", [ADE, CITY])
@pytest.mark.parametrize("right", [11, 6, 1])
def test_masks_that_count_as_the_model_does_are_scored_in_silence(
    preset: Classes, right: int, tmp_path: Path
) -> None:
    targets, preds = scenes(3, [*range(19)], right=right)
    ev = segscore.evaluate(pred=preds, target=targets, classes=written(tmp_path, preset))
    assert "labels-of-models" not in {f.kind for f in ev.findings}
    assert ev.scores.pixel_accuracy == right / 11


def test_predictions_that_are_shifted_beside_converted_masks_are_told_as_such(tmp_path: Path) -> None:
    targets, preds = scenes(30, [*range(1, 20)])
    targets[0][0] = 255  # what converted masks have for what is no class
    ev = segscore.evaluate(pred=preds, target=targets, classes=written(tmp_path, ADE), ignore_index=255)
    assert [f.kind for f in ev.findings if f.severity != "note"] == ["shifted"]


def test_the_last_class_is_refused_with_the_preset(tmp_path: Path) -> None:
    targets, preds = scenes(1, [150])
    with pytest.raises(segscore.LabelError, match='these label values fit the preset "ade20k-150"'):
        segscore.evaluate(pred=preds, target=targets, classes=written(tmp_path, ADE))
