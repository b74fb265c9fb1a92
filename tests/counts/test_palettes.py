"""Palettes: colours that contradict the indices decide, others are silent, and some leave nobody to know."""

import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

import segscore
from segscore import (
    Classes,
    ConfusionMatrix,
    Evaluation,
    EvaluationError,
    Evaluator,
    LabelError,
    SegscoreWarning,
)
from segscore.classes.labels import COLOUR_TAG, colour_label, describe_label, palette_label
from segscore.counts.new_classes import new_classes
from segscore.pages.pictures import picture_of
from support.command_line import run
from support.masks_on_disk import PALETTE, pillow, pixels, png, write
from support.painted import CLASSES, COLOURS, VOID, Form, adaptive, folders, gray, indexed, painted
from support.planted import NAMES, Mask, mapped, scenes
from support.refused import refused, warned
from support.workspaces import add_dataset

DECIDED = "read by the colours of palettes, which give indices the colours of other classes"


def truth(images: int) -> float:
    pred, target = scenes()
    return segscore.evaluate(pred=pred[:images], target=target[:images], classes=CLASSES).scores.mean_iou


def said(found: list[warnings.WarningMessage]) -> list[str]:
    return [str(one.message).partition("\nhint: ")[0] for one in found]


def test_labels_of_palettes_are_colours_that_know_where_they_are_from() -> None:
    label = palette_label((1, 2, 3))
    assert label != colour_label((1, 2, 3))
    assert describe_label(label) == "colour (1, 2, 3)"
    assert CLASSES.fold(*np.array([[palette_label((0, 0, 142))], [palette_label(VOID)]])) == (3, 5)
    assert describe_label(COLOUR_TAG + 2**33) == str(COLOUR_TAG + 2**33)


@pytest.mark.parametrize("images", [1, 3, 20])
@pytest.mark.parametrize(
    ("pred", "target", "sentences"),
    [
        (gray, adaptive, ["{} target{} " + DECIDED]),
        (adaptive, gray, ["{} prediction{} " + DECIDED]),
        (painted, adaptive, ["{} target{} " + DECIDED]),
        (adaptive, adaptive, ["{} target{} " + DECIDED, "{} prediction{} " + DECIDED]),
        (indexed, gray, []),
        (painted, indexed, []),
    ],
)
@pytest.mark.parametrize("kind", ["png", "tif"])
def test_colours_decide_where_they_contradict_the_indices(
    tmp_path: Path, pred: Form, target: Form, sentences: list[str], images: int, kind: str
) -> None:
    sides = folders(tmp_path, pred, target, images, kind)
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        ev = segscore.evaluate(**sides, classes=CLASSES)
    expected = [one.format(images, "s" * (images > 1)) for one in sentences]
    assert ev.scores.mean_iou == truth(images)
    assert said(found) == expected
    audit = segscore.audit(**sides, classes=CLASSES)
    assert [f.message for f in audit.findings if f.kind == "palette-colours"] == expected


def test_every_output_says_that_colours_decided(tmp_path: Path) -> None:
    sides = folders(tmp_path, gray, adaptive, 3)
    with pytest.warns(SegscoreWarning) as found:
        ev = segscore.evaluate(**sides, classes=CLASSES)
    assert str(found[0].message) == (
        f"3 targets {DECIDED}\nhint: these masks are of one class to what reads colours, and of another one "
        "to what reads indices: save label values as gray PNG"
    )
    ev.save(tmp_path / "ev.npz")
    ev.write_report(tmp_path / "ev.html")
    kept = segscore.load(tmp_path / "ev.npz")
    for one in (ev, kept, ev.select(["01"])):
        count = "1 target" if len(one.names) == 1 else "3 targets"
        for text in (str(one), one.to_markdown(), one._repr_html_(), str(one.to_dict()["findings"])):
            assert f"{count} {DECIDED}" in " ".join(text.split())
    assert f"3 targets {DECIDED}" in (tmp_path / "ev.html").read_text()
    command = run(
        "evaluate", "--pred", sides["pred"], "--target", sides["target"], "--classes", toml(tmp_path)
    )
    assert command.exit_code == 0
    assert command.stderr.startswith(f"warning: 3 targets {DECIDED}\nhint: ")
    assert f"audit: 1 suspicion: 3 targets {DECIDED}" in " ".join(command.stdout.split())


def test_comparisons_say_so_too(tmp_path: Path) -> None:
    sides = folders(tmp_path, gray, gray, 3)
    write(tmp_path / "adaptive", {f"0{i}.png": pillow(adaptive(scenes()[0][i])) for i in range(3)})
    one = segscore.evaluate(**sides, classes=CLASSES)
    with pytest.warns(SegscoreWarning):
        two = segscore.evaluate(pred=tmp_path / "adaptive", target=sides["target"], classes=CLASSES)
    both = segscore.compare(one, two, resamples=200)
    both.write_report(tmp_path / "both.html")
    said = f"3 predictions {DECIDED}"
    for text in (str(both), both.to_markdown(), both._repr_html_()):
        assert f"b: {said}" in " ".join(text.split())
    assert said in (tmp_path / "both.html").read_text()
    assert both.to_dict()["doubts"] == [[], [said]]
    assert all(one.difference == 0 for one in both.differences)


def toml(folder: Path, classes: Classes = CLASSES) -> Path:
    lines = [
        f'{{ label = {i}, name = "{name}", colour = {list(classes.colours[i])} }},'
        for i, name in enumerate(classes.names)
    ]
    void = f"ignore = [{{ label = 255, colour = {list(VOID)} }}]"
    (folder / "classes.toml").write_text("\n".join([void, "classes = [", *lines, "]"]))
    return folder / "classes.toml"


def test_images_of_pillow_are_read_as_files_are(tmp_path: Path) -> None:
    preds, targets = scenes()
    sides = {"pred": [gray(mask) for mask in preds], "target": [adaptive(mask) for mask in targets]}
    with pytest.warns(SegscoreWarning, match=f"20 targets {DECIDED}"):
        assert segscore.evaluate(**sides, classes=CLASSES).scores.mean_iou == truth(20)
    cm, judge = ConfusionMatrix(CLASSES), Evaluator(CLASSES)
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        cm.update(**sides)
        for pred, target in zip(*sides.values(), strict=True):
            judge.add(pred=pred, target=target)
    assert (cm.scores.mean_iou, judge.result().scores.mean_iou) == (truth(20), truth(20))
    assert said(found) == [f"`target` {DECIDED}"] * 2
    folders(tmp_path, gray, adaptive, 20)
    with pytest.warns(SegscoreWarning, match=f"20 targets {DECIDED}"):
        ev = segscore.evaluate(
            pred=tmp_path / "pred", target=tmp_path / "target", classes=CLASSES, read=Image.open
        )
    assert ev.scores.mean_iou == truth(20)


def test_class_scores_are_compared_with_what_colours_mean() -> None:
    pred, target = (side[0] for side in scenes())
    logits = np.eye(5, dtype=np.float32)[pred]
    cm = ConfusionMatrix(CLASSES)
    with pytest.warns(SegscoreWarning, match=f"`target` {DECIDED}"):
        cm.update(logits=logits, target=adaptive(target), class_axis=-1)
    assert cm.scores.mean_iou == truth(1)


def test_palettes_of_files_that_differ_are_each_read_by_their_colours(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)

    def shuffled(mask: Mask) -> Image.Image:
        order = rng.permutation(256)
        colours = np.empty_like(COLOURS)
        colours[order] = COLOURS
        return indexed(order[mask], colours)

    sides = folders(tmp_path, shuffled, shuffled, 20)
    with pytest.warns(SegscoreWarning, match=DECIDED):
        assert segscore.evaluate(**sides, classes=CLASSES).scores.mean_iou == truth(20)


def test_predictions_with_labels_of_their_own_have_the_same_colours(tmp_path: Path) -> None:
    classes = CLASSES.with_predictions([10, 11, 12, 13, 14])
    colours = np.roll(COLOURS, 10, axis=0)
    sides = folders(tmp_path, lambda mask: indexed(mask + 10, colours), gray, 3)
    assert segscore.evaluate(**sides, classes=classes).scores.mean_iou == truth(3)


@pytest.mark.parametrize(
    "colours",
    [
        np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1),
        np.random.default_rng(1).integers(1, 60, (256, 3)).astype(np.uint8),
    ],
    ids=["gray", "other colours"],
)
def test_palettes_that_say_nothing_of_the_classes_leave_the_indices(
    tmp_path: Path, colours: npt.NDArray[np.uint8]
) -> None:
    classes = Classes(NAMES, ignore=[255], colours={0: (1, 1, 1), 1: (0, 0, 0)})
    sides = folders(tmp_path, gray, lambda mask: indexed(mask, colours), 3)
    ev = segscore.evaluate(**sides, classes=classes)
    assert (ev.scores.mean_iou, ev.doubts) == (truth(3), ())


def test_black_alone_makes_no_palette_that_of_the_classes(tmp_path: Path) -> None:
    colours = np.random.default_rng(1).integers(1, 60, (256, 3)).astype(np.uint8)
    colours[0] = 0
    classes = Classes(NAMES, ignore=[255], colours={1: (200, 0, 0), 255: (0, 0, 0)})
    sides = folders(tmp_path, gray, lambda mask: indexed(mask, colours), 3)
    ev = segscore.evaluate(**sides, classes=classes)
    assert (ev.scores.mean_iou, ev.doubts) == (truth(3), ())


def test_kinds_of_png_may_be_mixed(tmp_path: Path) -> None:
    forms = (gray, indexed, painted)
    for side, masks, first in zip(("pred", "target"), scenes(), (0, 1), strict=True):
        files = {f"{i:02d}.png": pillow(forms[(i + first) % 3](mask)) for i, mask in enumerate(masks)}
        write(tmp_path / side, files)
    sides = {side: tmp_path / side for side in ("pred", "target")}
    assert segscore.audit(**sides, classes=CLASSES).findings == ()
    assert segscore.evaluate(**sides, classes=CLASSES).scores.mean_iou == truth(20)


PART = (
    "`target` has a palette that contradicts the classes, and is known in part: index 0 is `sky`, its colour "
    "(70, 70, 70) is `building`; index 1 is `building`, its colour (70, 130, 180) is `sky`; index 2 is "
    "`road`, its colour (9, 9, 9) is that of no class"
)
PART_HINT = (
    "where the colours are right, give each class its colour; where the indices are, save labels as gray "
    "PNG, or take classes without colours"
)


def test_a_palette_of_which_only_part_is_known_is_refused(tmp_path: Path) -> None:
    colours = COLOURS.copy()
    colours[[0, 1, 2]] = COLOURS[1], COLOURS[0], (9, 9, 9)
    sides = folders(tmp_path, gray, lambda mask: indexed(mask, colours), 3)
    # The first image alone would leave no doubt, but the palette is that of the others.
    write(tmp_path / "target", {"00.png": pillow(indexed(scenes()[1][0] % 2, colours))})
    text = refused(EvaluationError, segscore.evaluate, **sides, classes=CLASSES)
    assert (
        text
        == "3 of 3 images could not be scored:\n"
        + "\n".join(f"  0{i}: {PART}" for i in range(3))
        + f"\nhint: {PART_HINT}"
    )
    (finding,) = segscore.audit(**sides, classes=CLASSES).findings
    assert (finding.kind, finding.message) == ("not-scored", f"3 images cannot be scored, first 00: {PART}")
    target = indexed(scenes()[1][1], colours)
    assert (
        refused(LabelError, ConfusionMatrix(CLASSES).update, pred=scenes()[0][1], target=target)
        == f"{PART}\nhint: {PART_HINT}"
    )


DIFFER = "the palettes of `target` differ: index 0 has the colour (70, 130, 180) in 00 and (70, 70, 70) in 01"
DIFFER_HINT = (
    "an index may be another class in each file: save label values as gray PNG, or give the classes their "
    "colours, which decide then"
)


def odd(folder: Path) -> dict[str, str]:
    """Write three images, of which one target has two classes the other way round."""
    sides = folders(folder, gray, indexed, 3)
    order = np.arange(256)
    order[[0, 1]] = 1, 0
    write(
        folder / "target", {"01.png": pillow(indexed(mapped(scenes()[1][1], {0: 1, 1: 0}), COLOURS[order]))}
    )
    return sides


def test_palettes_that_differ_are_a_finding_where_classes_have_no_colours(tmp_path: Path) -> None:
    sides = odd(tmp_path)
    classes = Classes(NAMES, ignore=[255])
    with pytest.warns(SegscoreWarning) as found:
        ev = segscore.evaluate(**sides, classes=classes)
    assert [str(one.message) for one in found] == [f"{DIFFER}\nhint: {DIFFER_HINT}"]
    ev.save(tmp_path / "ev.npz")
    for findings in (
        ev.findings,
        segscore.load(tmp_path / "ev.npz").findings,
        segscore.audit(**sides, classes=classes).findings,
    ):
        assert [(f.kind, f.message) for f in findings] == [("palettes-differ", DIFFER)]
    judge = Evaluator(classes)
    for i in range(3):
        judge.add(pred=scenes()[0][i], target=Image.open(tmp_path / "target" / f"0{i}.png"), name=f"0{i}")
    batch, names = Evaluator(classes), [f"0{i}" for i in range(3)]
    targets = [Image.open(tmp_path / "target" / f"{name}.png") for name in names]
    batch.add_batch(pred=scenes()[0][:3], target=targets, names=names)
    for one in (judge, batch):
        with warned(f"{DIFFER}\nhint: {DIFFER_HINT}"):
            found = one.result()
        assert [(f.kind, f.message) for f in found.findings] == [("palettes-differ", DIFFER)]
    with pytest.warns(SegscoreWarning) as found:
        new_classes(sides["target"])
    assert [str(one.message) for one in found] == [f"{DIFFER}\nhint: {DIFFER_HINT}"]
    shown = run("evaluate", "--pred", sides["pred"], "--target", sides["target"])
    assert DIFFER in " ".join(shown.stdout.split())


def test_the_same_colours_at_other_indices_of_the_other_side_are_a_finding(tmp_path: Path) -> None:
    order = np.arange(256)
    order[[0, 1]] = 1, 0
    sides = folders(tmp_path, indexed, lambda mask: indexed(order[mask], COLOURS[order]), 1)
    message = (
        "the palettes of `pred` and `target` differ: the colour (70, 70, 70) is index 1 of `pred` and 0 of "
        "`target`"
    )
    with pytest.warns(SegscoreWarning, match=message.replace("(", r"\(").replace(")", r"\)")):
        segscore.evaluate(**sides, classes=5, ignore_index=255)


def test_a_dataset_is_looked_at_when_it_is_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    odd(tmp_path)
    write(tmp_path / "image", {f"0{i}.png": pillow(painted(scenes()[1][i])) for i in range(3)})
    ws = segscore.Workspace.init(tmp_path)
    with pytest.warns(SegscoreWarning) as found:
        add_dataset(ws, classes=Classes(NAMES, ignore=[255]))
    assert [str(one.message) for one in found] == [f"{DIFFER}\nhint: {DIFFER_HINT}"]
    with pytest.warns(SegscoreWarning) as found:
        dataset = add_dataset(ws, name="coloured", classes=CLASSES)
    assert said(found) == [f"1 target {DECIDED}"]
    truths = np.array([[(mask == label).sum() for label in range(5)] for mask in scenes()[1][:3]])
    assert dataset.truth.class_pixels.tolist() == truths.sum(axis=0).tolist()


def test_a_run_reads_targets_by_their_colours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    odd(tmp_path)
    write(tmp_path / "image", {f"0{i}.png": pillow(painted(scenes()[0][i])) for i in range(3)})
    (tmp_path / "coloured.py").write_text(
        "import numpy as np\n"
        f"COLOURS = np.array({COLOURS[:5].tolist()})\n"
        "def labels(image):\n"
        "    return (image[..., None, :] == COLOURS).all(-1).argmax(-1).astype(np.uint8)\n"
    )
    ws = segscore.Workspace.init(tmp_path)
    with pytest.warns(SegscoreWarning):
        add_dataset(ws, classes=CLASSES)
    ws.models.add("net", python="coloured:labels")
    with pytest.warns(SegscoreWarning):
        done = ws.run("net", "streets", progress=False)
    assert ws.evaluation(done.id).scores.mean_iou == truth(3)


def test_pictures_show_what_was_scored(tmp_path: Path) -> None:
    sides = folders(tmp_path, gray, adaptive, 1)
    with pytest.warns(SegscoreWarning):
        ev: Evaluation = segscore.evaluate(**sides, classes=CLASSES)
    picture = picture_of(ev, "00")
    assert picture.reason == ""
    assert np.array_equal(pixels(picture.target), COLOURS[scenes()[1][0]])


def test_indices_beyond_the_palette_have_no_colour(tmp_path: Path) -> None:
    write(
        tmp_path, {"t/a.png": png([[0, 1, 4]], 8, PALETTE, palette=COLOURS[[0, 1]]), "p/a.png": [[0, 1, 4]]}
    )
    ev = segscore.evaluate(pred=tmp_path / "p", target=tmp_path / "t", classes=CLASSES)
    assert ev.scores.pixel_accuracy == 1.0


def test_palettes_that_differ_speak_and_not_the_order_that_comes_of_them(tmp_path: Path) -> None:
    sides = folders(tmp_path, adaptive, indexed, 20)
    findings = segscore.audit(**sides, classes=Classes(NAMES, ignore=[255])).findings
    assert [f.kind for f in findings if f.severity == "warning"] == ["palettes-differ"]
