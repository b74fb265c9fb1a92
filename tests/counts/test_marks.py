"""255 that may be void or a foreground: what is said where it is scored, or left out, by mistake."""

import pickle
import warnings
from pathlib import Path

import numpy as np
import pytest

import segscore
from segscore import Classes, ConfusionMatrix, Evaluator, SegscoreWarning
from support.coded import written
from support.command_line import run
from support.planted import Mask, scenes
from support.refused import warned

OWN = Classes(["background", "cell"], [0, [1, 255]])
BINARY = 'score with `classes="binary"` and `ignore_index=255`'
TAKEN = "take it from the class, and leave it out: `ignore_index=255`"
IGNORED = "255 is the only value of the targets beside 0: it is the foreground, and it is ignored"
FULL_SCALE = f'{IGNORED}\nhint: score with `classes="binary-255"`, and do not ignore 255'


def with_void(images: int) -> tuple[list[Mask], list[Mask]]:
    """Return masks of 0 and 1 with void in targets, as 255."""
    preds, targets = (side[:images] for side in scenes())
    return [(mask > 1).astype(np.uint8) for mask in preds], [
        np.where(mask == 255, 255, mask > 1).astype(np.uint8) for mask in targets
    ]


def said(images: int, name: str, way: str) -> str:
    """Return what is to be said of so many images."""
    many = "1 target holds" if images == 1 else f"{images} targets hold"
    return (
        f"{many} 255 beside 1, and both are `{name}`: beside other labels, 255 usually marks pixels to leave "
        f"out\nhint: where it does, {way}; where it is the class, write 1 in its place"
    )


@pytest.mark.parametrize("images", [1, 3, 20])
@pytest.mark.parametrize(
    ("classes", "name", "way"), [("binary-any", "foreground", BINARY), (OWN, "cell", TAKEN)]
)
def test_void_that_is_scored_as_a_class_is_said(
    tmp_path: Path, images: int, classes: object, name: str, way: str
) -> None:
    preds, targets = with_void(images)
    sides = written(tmp_path, {"pred": preds, "target": targets})
    text = said(images, name, way)
    with warned(text, __file__):
        ev = segscore.evaluate(**sides, classes=classes)
    truth = segscore.evaluate(pred=preds, target=targets, classes="binary", ignore_index=255)
    (found,) = (
        one for one in segscore.audit(**sides, classes=classes).findings if one.kind == "void-in-class"
    )
    assert f"{found.message}\nhint: {found.hint}" == text
    marked = sum(int((mask == 255).sum()) for mask in targets)
    assert (found.evidence["images"], found.evidence["pixels"]) == (images, marked)
    assert found.evidence["first"] == "00"
    assert ev.scores.mean_iou != truth.scores.mean_iou
    assert found.evidence["repaired_mean_iou"] == truth.scores.mean_iou
    assert [one.kind for one in ev.doubts] == ["void-in-class"]

    judge = Evaluator(classes)
    for pred, target in zip(preds, targets, strict=True):
        judge.add(pred=pred, target=target)
    with warned(text, __file__):
        assert judge.result().confusion.counts.tolist() == ev.confusion.counts.tolist()
    judge.result()  # it is said once
    cm = ConfusionMatrix(classes)
    with warned(said(1, name, way), __file__):
        for pred, target in zip(preds, targets, strict=True):
            cm.update(pred=pred, target=target)
    assert cm.counts.tolist() == ev.confusion.counts.tolist()
    for one in (cm.copy(), ConfusionMatrix(cm.classes) + cm, pickle.loads(pickle.dumps(cm))):
        one.update(pred=preds[0], target=targets[0])  # a warning is an error here


def test_commands_and_a_workspace_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    preds, targets = with_void(3)
    written(tmp_path, {"p": preds, "t": targets})
    text = said(3, "foreground", BINARY).partition("\n")[0]
    for command in ("evaluate", "audit"):
        told = run(command, "--pred", "p", "--target", "t", "--classes", "binary-any")
        assert told.exit_code == 0
        assert text in " ".join(f"{told.stdout} {told.stderr}".split())
    run("init")
    told = run("dataset", "add", "d", "--images", "p", "--targets", "t", "--classes", "binary-any")
    assert f"{text} hint: where it does, score with `--classes binary` and `--ignore 255`" in " ".join(
        told.stderr.split()
    )
    run("model", "add", "m", "--predictions", "p")
    told = run("run", "m", "--on", "d", "--no-progress")
    assert text in " ".join(f"{told.stdout} {told.stderr}".split())
    assert [one.kind for one in segscore.Workspace(tmp_path).evaluation("r1").doubts] == ["void-in-class"]


@pytest.mark.parametrize("images", [2, 4, 20])
def test_masks_of_two_kinds_are_silent(images: int) -> None:
    preds, targets = with_void(images)
    of_two = [np.where(mask == 255, 0, mask) * (255 if i % 2 else 1) for i, mask in enumerate(targets)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for classes in ("binary-any", OWN):
            assert segscore.evaluate(pred=preds, target=of_two, classes=classes).doubts == ()
            judge, cm, batch = Evaluator(classes), ConfusionMatrix(classes), ConfusionMatrix(classes)
            judge.add_batch(pred=np.stack(preds), target=np.stack(of_two))
            assert judge.result().doubts == ()
            for pred, target in zip(preds, of_two, strict=True):
                cm.update(pred=pred, target=target)
            batch.update(pred=np.stack(preds), target=np.stack(of_two))
            batch.update(pred=preds, target=of_two)
            batch.update(pred=np.ravel(preds), target=np.ravel(of_two))
            assert (cm.scores.mean_iou, cm.scores.pixels) == (batch.scores.mean_iou, batch.scores.pixels / 3)


@pytest.mark.parametrize(
    ("labels", "options"),
    [
        ([0, [1, 250, 255]], {}),  # these are counted
        ([[0, 255], 1], {}),  # what is void is background
        ([0, 255], {}),
        ([0, [1, 255]], {"label_rule": "value // 1000 where value >= 1000"}),
        ([0, [1, 255]], {"ignore": [255]}),
    ],
)
def test_labels_that_were_chosen_for_a_class_are_not_doubted(
    labels: list[object], options: dict[str, object]
) -> None:
    if "ignore" in options:
        classes = Classes(["a", "b"], labels).ignoring(255)
    else:
        classes = Classes(["a", "b"], labels, **options)
    assert classes.marked_class is None


@pytest.mark.parametrize("images", [1, 3, 20])
@pytest.mark.parametrize("classes", [1, 2, "binary"])
def test_an_ignored_foreground_is_said_of_what_was_added(images: int, classes: object) -> None:
    preds, targets = ([np.where(mask == 1, 255, 0) for mask in side] for side in with_void(images))
    judge, cm = (made(classes, ignore_index=255) for made in (Evaluator, ConfusionMatrix))
    for pred, target in zip(preds, targets, strict=True):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # predictions of no class
            judge.add(pred=pred, target=target)
            cm.update(pred=pred, target=target)
    with warned(FULL_SCALE, __file__):
        found = judge.result().scores
    copies = cm.copy(), cm + ConfusionMatrix(cm.classes), pickle.loads(pickle.dumps(cm))
    for one in (*copies, cm):
        repr(one)
        with warned(FULL_SCALE, __file__):
            assert one.scores == found
        assert (one.scores, one.copy().scores, (one + one).scores.pixels) == (found, found, 2 * found.pixels)
        assert pickle.loads(pickle.dumps(one)).scores == found
    cm.reset()
    cm.update(pred=targets[0], target=targets[0])
    with warned(FULL_SCALE, __file__):
        assert cm.scores.ignored == (targets[0] == 255).sum()


def test_a_target_of_background_and_void_is_no_foreground_beside_others() -> None:
    void, both = np.array([[0, 255]]), np.array([[0, 1]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for made in (Evaluator, ConfusionMatrix):
            one = made("binary", ignore_index=255)
            add = one.add if isinstance(one, Evaluator) else one.update
            add(pred=both, target=void)
            add(pred=both, target=both)
            scores = (one.result() if isinstance(one, Evaluator) else one).scores
            assert (scores.mean_iou, scores.ignored) == (1, 1)


def test_a_warning_that_is_made_an_error_comes_again() -> None:
    cm, judge = (made("binary", ignore_index=255) for made in (ConfusionMatrix, Evaluator))
    cm.update(pred=[[0, 1]], target=[[0, 255]])
    judge.add(pred=[[0, 1]], target=[[0, 255]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(2):
            with pytest.raises(SegscoreWarning, match="it is ignored"):
                cm.scores  # noqa: B018 - reading says it
            with pytest.raises(SegscoreWarning, match="it is ignored"):
                judge.result()
