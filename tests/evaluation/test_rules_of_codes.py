"""Rules that make labels of codes, where values may be labels themselves or void."""

from pathlib import Path

import numpy as np
import pytest

import segscore
from segscore import Classes, Evaluator
from support.coded import truth, written
from support.command_line import run
from support.planted import CLASSES, WIDTH, Mask, scenes
from support.refused import refused

BY_THOUSAND = Classes(CLASSES.names, label_rule="value // 1000")


def thousands(mask: Mask, void: int) -> Mask:
    """Return labels as codes of which void is none."""
    return np.where(mask == 255, void, 1000 * mask + 9)


@pytest.mark.parametrize("void", [255, 65_535])
@pytest.mark.parametrize("images", [1, 3, 20])
@pytest.mark.parametrize("kind", ["png", "npy", "tif"])
def test_void_is_ignored_by_the_value_that_pixels_have(
    tmp_path: Path, void: int, images: int, kind: str
) -> None:
    preds, targets = (side[:images] for side in scenes())
    codes = [thousands(mask, void).astype(np.uint16) for mask in targets]
    sides = written(tmp_path, {"pred": [mask.astype(np.uint8) for mask in preds], "target": codes}, kind)
    expected = truth(scenes(), images, CLASSES)
    ev = segscore.evaluate(**sides, classes=BY_THOUSAND, ignore_index=void)
    assert (ev.confusion.counts == expected).all()
    assert ev.scores.ignored == sum(int((mask == 255).sum()) for mask in targets)
    judge = Evaluator(BY_THOUSAND, ignore_index=void)
    for pred, target in zip(preds, codes, strict=True):
        judge.add(pred=pred, target=target)
    assert (judge.result().confusion.counts == expected).all()
    (tmp_path / "mine.toml").write_text(
        f"ignore = [{void}]\nlabel_rule = 'value // 1000'\n"
        f"classes = [{', '.join(f'{{label = {i}, name = {n!r}}}' for i, n in enumerate(CLASSES.names))}]\n"
    )
    own = segscore.evaluate(**sides, classes=tmp_path / "mine.toml")
    assert (own.confusion.counts == expected).all()


def test_codes_of_no_class_are_named_as_they_are_in_the_file() -> None:
    preds, targets = (side[:1] for side in scenes())
    with pytest.raises(segscore.LabelError) as error:
        segscore.evaluate(pred=preds, target=[thousands(targets[0], 65_535)], classes=BY_THOUSAND)
    assert str(error.value) == (
        "`target` holds the label 65535 (512 pixels): neither class nor ignored, first in 0\n"
        "hint: the rule `value // 1000` makes 65 of them, which is no class: leave them out with "
        "`ignore_index=65535`, or give the label to a class"
    )
    of_many = np.where(targets[0] == 255, 65_000 + np.arange(WIDTH), thousands(targets[0], 0))
    with pytest.raises(
        segscore.LabelError, match=r"makes 65 of them.* leave them out with `ignore_index=65`,"
    ):
        segscore.evaluate(pred=preds, target=[of_many], classes=BY_THOUSAND)


def test_a_value_that_may_be_void_or_a_class_is_refused(tmp_path: Path) -> None:
    preds, targets = (side[:3] for side in scenes())
    codes = [thousands(mask, void) for mask, void in zip(targets, (255, 255_001, 255), strict=True)]
    classes = Classes.of(BY_THOUSAND, 255)
    said = (
        "`target` holds 255, which is ignored and which the rule `value // 1000` makes `sky`, beside 255001, "
        "which it makes 255"
    )
    found = segscore.evaluate(pred=preds, target=codes, classes=classes, on_error="skip")
    assert [str(failure) for failure in found.failures] == [f"0: {said}", f"2: {said}"]
    assert found.failures[0].hint == (
        "ignore values that pixels have, and no label after the rule: 255001 and others like it where 255 is "
        "`sky`, and 255 as well where it is void"
    )
    both = np.concatenate([codes[0], codes[1]])
    with pytest.raises(segscore.LabelError, match="which is ignored and which the rule"):
        Evaluator(classes).add(pred=np.concatenate(preds[:2]), target=both)
    meant = segscore.evaluate(pred=preds, target=codes, classes=BY_THOUSAND, ignore_index=[255, 255_001])
    assert (meant.confusion.counts == truth((preds, targets), 3, CLASSES)).all()


UNMARKED = (
    "`target` holds the label 255 (512 pixels): neither class nor ignored, first in {}\n"
    "hint: 255 usually marks pixels to leave out, and no code of `sky`, which the rule `value // 1000` makes "
    "of it, is near: {}; where it is a code, give the class both labels, [0, 255]"
)


def test_a_mark_of_which_the_rule_makes_a_class_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (pred,), (target,) = (side[:1] for side in scenes())
    codes = thousands(target, 255)
    python = UNMARKED.format("0", "`ignore_index=255`")
    assert (
        refused(segscore.LabelError, segscore.evaluate, pred=[pred], target=[codes], classes=BY_THOUSAND)
        == python
    )
    judge, cm = Evaluator(BY_THOUSAND), segscore.ConfusionMatrix(BY_THOUSAND)
    said = python.replace(", first in 0", "")
    assert refused(segscore.LabelError, judge.add, pred=pred, target=codes) == said
    assert refused(segscore.LabelError, cm.update, pred=pred, target=codes) == said
    (finding,) = (
        one
        for one in segscore.audit(pred=[pred], target=[codes], classes=BY_THOUSAND).findings
        if one.severity == "error"
    )
    assert (finding.kind, f"{finding.message}\nhint: {finding.hint}") == ("void-not-ignored", python)
    written(tmp_path, {"p": [pred.astype(np.uint8)], "t": [codes.astype(np.uint16)]})
    own = f"classes = [{', '.join(f'{{label = {i}, name = {n!r}}}' for i, n in enumerate(CLASSES.names))}]\n"
    Path("mine.toml").write_text(f"label_rule = 'value // 1000'\n{own}")
    told = run("evaluate", "--pred", "p", "--target", "t", "--classes", "mine.toml")
    assert (told.exit_code, told.stderr) == (2, f"error: {UNMARKED.format('00', '`--ignore 255`')}\n")
    run("init")
    told = run("dataset", "add", "d", "--targets", "t", "--classes", "mine.toml")
    assert (told.exit_code, told.stderr) == (2, f"error: {UNMARKED.format('00', '`--ignore 255`')}\n")
    # Where it is a code, the class has both labels.
    labels = [[0, 255], *range(1, len(CLASSES))]
    meant = Classes(CLASSES.names, labels, label_rule="value // 1000")
    found = segscore.evaluate(pred=[pred], target=[codes], classes=meant)
    assert found.scores.target[0] == np.isin(target, [0, 255]).sum()


def test_codes_up_to_255_are_codes() -> None:
    (pred,), (target,) = (side[:1] for side in scenes())
    codes = np.where(target == 255, 255 - np.arange(WIDTH) % 51, thousands(target, 0))
    found = segscore.evaluate(pred=[pred], target=[codes], classes=BY_THOUSAND)
    assert found.scores.target[0] == np.isin(target, [0, 255]).sum()


def test_a_mark_that_the_rule_makes_void_is_void() -> None:
    (pred,), (target,) = (side[:1] for side in scenes())
    classes = Classes(CLASSES.names[1:], range(1, len(CLASSES)), ignore=[0], label_rule="value // 1000")
    found = segscore.evaluate(pred=[np.maximum(pred, 1)], target=[thousands(target, 255)], classes=classes)
    assert found.scores.ignored == np.isin(target, [0, 255]).sum()


def test_a_mark_that_is_predicted_is_no_class() -> None:
    (pred,), (target,) = (side[:1] for side in scenes())
    wrong = thousands(np.where(target == 1, 255, pred), 255)
    with pytest.warns(segscore.SegscoreWarning, match="`pred` holds the label 255"):
        found = segscore.evaluate(
            pred=[wrong], target=[target], classes=Classes.of(CLASSES, 255, BY_THOUSAND)
        )
    assert found.scores.missed[1] == (target == 1).sum()
    assert "void-predicted" in [one.kind for one in found.findings]


def test_labels_without_instances_are_no_codes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    preds, targets = scenes()
    stuff = [np.where(mask > 1, thousands(mask, 65_535), mask) for mask in targets]
    rule = "value // 1000"
    said = (
        f"`target` holds 1, which is the label of a class, and of which the rule `{rule}` makes 0\n"
        f"hint: `{rule} where value >= 1000` leaves labels what they are, and `{rule} where value >= 0` says "
        "that all are codes"
    )
    classes = Classes(CLASSES.names, ignore=[65_535], label_rule=rule)
    for images in (1, 3, len(preds)):
        text = refused(
            segscore.EvaluationError,
            segscore.evaluate,
            pred=preds[:images],
            target=stuff[:images],
            classes=classes,
        )
        message, _, hint = said.partition("\n")
        assert f"  0: {message}" in text
        assert text.endswith(hint)
    assert refused(segscore.LabelError, Evaluator(classes).add, pred=preds[0], target=stuff[0]) == said
    cm = segscore.ConfusionMatrix(classes)
    assert refused(segscore.LabelError, cm.update, pred=preds[0], target=stuff[0]) == said
    of_preds = Classes(CLASSES.names, label_rule=rule)
    text = refused(
        segscore.LabelError,
        segscore.ConfusionMatrix(CLASSES, pred_classes=of_preds).update,
        pred=np.where(preds[0] > 1, 1000 * preds[0], preds[0]),
        target=targets[0],
    )
    assert text == said.replace("target", "pred")
    kinds = [one.kind for one in segscore.audit(pred=preds, target=stuff, classes=classes).findings]
    assert kinds[0] == "not-scored"

    mixed = Classes(CLASSES.names, ignore=[65_535], label_rule=f"{rule} where value >= 1000")
    found = segscore.evaluate(pred=preds, target=stuff, classes=mixed)
    assert (found.confusion.counts == truth((preds, targets), len(preds), CLASSES)).all()
    every = Classes(CLASSES.names, ignore=[65_535], label_rule=f"{rule} where value >= 0")
    assert segscore.evaluate(pred=preds, target=stuff, classes=every).scores.target[1] == 0
    # One image alone may lack the codes that tell; those of all images do.
    codes = [thousands(mask, 65_535) for mask in targets]
    assert (
        segscore.evaluate(pred=preds, target=codes, classes=classes).confusion.counts
        == (truth((preds, targets), len(preds), CLASSES))
    ).all()

    monkeypatch.chdir(tmp_path)
    written(tmp_path, {"p": [preds[0].astype(np.uint8)], "t": [stuff[0].astype(np.uint16)]})
    own = f"classes = [{', '.join(f'{{label = {i}, name = {n!r}}}' for i, n in enumerate(CLASSES.names))}]\n"
    Path("mine.toml").write_text(f"label_rule = '{rule}'\nignore = [65535]\n{own}")
    told = run("evaluate", "--pred", "p", "--target", "t", "--classes", "mine.toml")
    assert told.exit_code == 2
    assert "00: `target` holds 1, which is the label of a class" in told.stderr
    run("init")
    told = run("dataset", "add", "d", "--targets", "t", "--classes", "mine.toml")
    assert told.exit_code == 2
    assert "00: `target` holds 1, which is the label of a class" in told.stderr


@pytest.mark.parametrize("images", [1, 3, 20])
def test_groups_beside_their_instances_are_no_codes(tmp_path: Path, images: int) -> None:
    preds, targets = (side[:images] for side in scenes())
    # The objects of every other column are a group, which has the label of its class.
    groups = np.arange(WIDTH) % 2 == 0
    mixed = [np.where(groups | (mask == 0), mask, 1000 * mask + 3) for mask in targets]
    mixed = [np.where(mask == 255, 65_535, each) for mask, each in zip(targets, mixed, strict=True)]
    rule = "value // 1000"
    classes = Classes(CLASSES.names, ignore=[65_535], label_rule=rule)
    said = (
        f"`target` holds 1, 2, 3, 4, which are labels of classes, and of which the rule `{rule}` makes 0\n"
        f"hint: `{rule} where value >= 1000` leaves labels what they are, and `{rule} where value >= 0` says "
        "that all are codes"
    )
    sides = {"pred": preds, "target": mixed}
    text = refused(segscore.EvaluationError, segscore.evaluate, **sides, classes=classes)
    assert f"  0: {said.partition(chr(10))[0]}" in text
    (found, *_) = segscore.audit(**sides, classes=classes).findings
    assert found.kind == "not-scored"
    for update in (Evaluator(classes).add, segscore.ConfusionMatrix(classes).update):
        assert refused(segscore.LabelError, update, pred=preds[0], target=mixed[0]) == said
    text = refused(
        segscore.LabelError,
        segscore.ConfusionMatrix(CLASSES, pred_classes=classes).update,
        pred=np.where(preds[0] > 0, 1000 * preds[0] + groups * 3 * preds[0], 1),
        target=targets[0],
    )
    assert text == said.replace("target", "pred").replace("1, 2, 3, 4, which are labels of classes", ONE)
    meant = Classes(CLASSES.names, ignore=[65_535], label_rule=f"{rule} where value >= 1000")
    expected = truth((preds, targets), images, CLASSES)
    assert (segscore.evaluate(**sides, classes=meant).confusion.counts == expected).all()


ONE = "1, which is the label of a class"


@pytest.mark.parametrize(
    ("values", "unsure"),
    [
        ([1, 1003], [1]),
        ([1, 1001, 1002], [1]),
        ([0, 1, 2, 1000, 1001], [1, 2]),
        ([1, 2, 7, 1001, 1002, 1007], [1, 2]),  # class 2 has no codes
        ([1, 2, 7, 1001, 1002, 2007], []),
        ([1, 2, 7, 1001, 2002], [1, 2]),  # no other object has the number 7
        ([7, 8, 1001, 2002], []),
        ([1, 255, 1001], [1]),
    ],
)
def test_small_values_are_codes_only_beyond_doubt(values: list[int], unsure: list[int]) -> None:
    assert BY_THOUSAND.unsure("target", np.array(values)) == unsure


@pytest.mark.parametrize("base", [256, 1000])
def test_a_mark_is_judged_over_all_images(base: int) -> None:
    classes = Classes(["a", "b"], label_rule=f"value // {base}")
    # Codes of `a` are counted up to 255 in the first image, and few in the second one.
    targets = [np.array([[*range(205, 256), base]]), np.array([[255, 255, base, 9]])]
    preds = [np.array([[0] * 51 + [1]]), np.array([[0, 0, 1, 0]])]
    for order in (1, -1):
        found = segscore.evaluate(pred=preds[::order], target=targets[::order], classes=classes)
        assert found.confusion.counts.tolist() == [[54, 0], [0, 2]]
    said = refused(
        segscore.LabelError, segscore.evaluate, pred=preds[1:], target=targets[1:], classes=classes
    )
    assert said.startswith("`target` holds the label 255 (2 pixels): neither class nor ignored, first in 0\n")
