"""Several labels, colours and codes of one class, by every way in and out: the same right score each time."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

import segscore
from segscore import Classes, Evaluator, SegscoreWarning, Workspace
from segscore.counts.new_classes import new_classes
from segscore.pages.pictures import picture_of
from support.coded import truth, written
from support.command_line import run
from support.masks_on_disk import png, write
from support.planted import CLASSES, Mask, binary, scenes

CODED = Classes(CLASSES.names, ignore=[255], label_rule="value // 256")


def coded(mask: Mask) -> Mask:
    """Return labels as codes, of which objects have a number each."""
    return mask * 256 + np.arange(mask.shape[1]) % 7


@pytest.mark.parametrize("kind", ["png", "npy", "tif"])
@pytest.mark.parametrize("images", [1, 3, 20])
def test_codes_of_targets_are_counted_as_their_labels(tmp_path: Path, images: int, kind: str) -> None:
    preds, targets = (side[:images] for side in scenes())
    sides = written(
        tmp_path,
        {
            "pred": [mask.astype(np.uint8) for mask in preds],
            "target": [coded(mask).astype(np.uint16) for mask in targets],
        },
        kind,
    )
    expected = truth(scenes(), images, CLASSES)
    ev = segscore.evaluate(**sides, classes=CODED)
    assert (ev.confusion.counts == expected).all()
    judge = Evaluator(CODED)
    for pred, target in zip(preds, targets, strict=True):
        judge.add(pred=pred, target=coded(target))
    assert (judge.result().confusion.counts == expected).all()
    scores = np.stack([np.stack([mask == k for k in range(5)]).astype(np.float32) for mask in preds])
    judge = Evaluator(CODED)
    judge.add_batch(logits=scores, target=np.stack([coded(mask) for mask in targets]), class_axis=1)
    assert (judge.result().confusion.counts == expected).all()
    assert (
        segscore.audit(**sides, classes=CODED).findings
        == segscore.audit(pred=preds, target=targets, classes=CLASSES).findings
    )
    codes = [coded(mask) for mask in targets]
    both = segscore.evaluate(pred=codes, target=list(map(coded, targets)), classes=CODED, pred_classes=CODED)
    assert (np.diag(both.confusion.counts) == both.scores.target).all()


def test_codes_are_kept_and_shown(tmp_path: Path) -> None:
    preds, targets = (side[:3] for side in scenes())
    sides = written(
        tmp_path,
        {
            "pred": [m.astype(np.uint8) for m in preds],
            "target": [coded(m).astype(np.uint16) for m in targets],
        },
    )
    ev = segscore.evaluate(**sides, classes=CODED)
    ev.save(tmp_path / "e.npz")
    again = segscore.load(tmp_path / "e.npz")
    assert (again, again.classes.label_rule) == (ev, "value // 256")
    assert picture_of(again, "00").reason == ""
    merged = again.merge({"things": ["car", "person"]})
    assert merged.scores.iou["things"] == ev.regions({"things": ["car", "person"]}).iou[0]


@pytest.mark.parametrize("images", [1, 3, 20])
def test_masks_of_two_kinds_are_one_task(tmp_path: Path, images: int) -> None:
    ones, far = binary(scenes()), binary(scenes(), 255)
    mixed = [[(ones, far)[i % 2][side][i].astype(np.uint8) for i in range(images)] for side in (0, 1)]
    mixed[0].reverse()
    mixed[0] = [np.where(mask > 0, (1, 255)[i % 2], 0).astype(np.uint8) for i, mask in enumerate(mixed[0])]
    mixed[0].reverse()
    sides = written(tmp_path, dict(zip(("pred", "target"), mixed, strict=True)))
    expected = truth(ones, images, "binary")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (segscore.evaluate(**sides, classes="binary-any").confusion.counts == expected).all()
    text = new_classes(sides["target"])
    assert ('labels = [1, 255], name = "foreground"' in text) == (images > 1)
    if images > 1:
        assert "\n".join(text.splitlines()[1:3]) == (
            "# No mask holds both 1 and 255: they are taken for one class, in masks of two kinds. "
            "If 255 marks void,\n# write label = 1 and ignore = [255]."
        )
        (tmp_path / "new.toml").write_text(text)
        again = segscore.evaluate(**sides, classes=tmp_path / "new.toml")
        assert (again.confusion.counts == expected).all()
    said = [
        f.message
        for f in segscore.audit(**sides, classes=2, ignore_index=255).findings
        if f.kind == "foreground-ignored"
    ]
    assert said == (
        ["some targets are of 0 and 1 and others of 0 and 255, which is ignored: no image has 1 and 255"]
        if images == 20
        else []
    )


def test_void_in_few_images_is_no_second_kind(tmp_path: Path) -> None:
    masks = [np.uint8([[0, 1], [1, 255]]), np.uint8([[0, 255]]), np.uint8([[0, 1]])]
    sides = written(tmp_path, {"target": masks})
    assert "ignore = [255]" in new_classes(sides["target"])


@pytest.mark.parametrize("images", [1, 3, 20])
def test_several_colours_are_one_class_in_all_kinds_of_masks(tmp_path: Path, images: int) -> None:
    fine, coarse = Classes.of("camvid-32"), Classes.of("camvid-11-colours")
    colours = np.array(list(fine.label_of_colour), np.uint8)
    labels = np.array([coarse.label_of_colour[tuple(map(int, colour))] for colour in colours])
    rng = np.random.default_rng(5)
    void = list(fine.label_of_colour).index((0, 0, 0))
    picks = [rng.integers(0, 32, (2, 18, 24)) for _ in range(images)]
    for pred, _ in picks:
        pred[pred == void] = 0
    flat = [int(part) for colour in colours for part in colour]
    palette = [flat[i : i + 3] for i in range(0, len(flat), 3)]
    expected = Evaluator("camvid-11")
    for p, t in picks:
        expected.add(pred=labels[p], target=labels[t])
    counts = expected.result().confusion.counts
    for name, form in {
        "rgb": lambda p: png(colours[p], colour=2),
        "palette": lambda p: png(p, colour=3, palette=palette),
        "gray": lambda p: png(labels[p]),
    }.items():
        for side, at in (("pred", 0), ("target", 1)):
            write(tmp_path / name / side, {f"{i}.png": form(pick[at]) for i, pick in enumerate(picks)})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SegscoreWarning)
            ev = segscore.evaluate(
                pred=str(tmp_path / name / "pred"),
                target=str(tmp_path / "rgb/target"),
                classes="camvid-11-colours",
            )
        assert (ev.confusion.counts == counts).all()
        assert picture_of(ev, "0").reason == ""
    result = run(
        *("evaluate", "--pred", tmp_path / "gray/pred", "--target", tmp_path / "palette/target"),
        *("--classes", "camvid-11-colours", "--json", tmp_path / "out.json", "--report", tmp_path / "r.html"),
    )
    assert result.exit_code == 0
    (row,) = (r for r in json.loads((tmp_path / "out.json").read_text())["per_class"] if r["name"] == "car")
    assert (row["label"], row["tp"]) == (8, counts[8, 8])


def test_several_labels_are_in_every_output(tmp_path: Path) -> None:
    classes = Classes(["background", "cat"], [0, [1, 255]])
    ev = segscore.evaluate(pred=[np.uint8([[0, 255, 1]])], target=[np.uint8([[0, 1, 1]])], classes=classes)
    assert [row["labels"] for row in ev.to_dict()["per_class"]] == [[0], [1, 255]]
    ev.write_report(tmp_path / "r.html")
    assert "cat (label 1, 255)" in (tmp_path / "r.html").read_text()
    segscore.compare(ev, ev).write_report(tmp_path / "c.html")
    assert "cat (label 1, 255)" in (tmp_path / "c.html").read_text()
    (tmp_path / "c.toml").write_text(
        'classes = [{ label = 0, name = "a" }, { labels = [1, 255], name = "b" }]'
    )
    assert "b      1, 255" in run("classes", tmp_path / "c.toml").stdout
    assert ev.regions({"all": [0, 255]}).dice.tolist() == [1.0]


MODELS = """
import numpy as np

def labels_of(image):
    return np.where(image[..., 0] == 255, 2, image[..., 0]).astype(np.int64)

def scores_of(image):
    return np.stack([labels_of(image) == k for k in range(5)]).astype(np.float32)
"""
"""Models that are always right: images have the gray of their labels."""


def test_runs_of_a_workspace_count_codes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models_of_codes.py").write_text(MODELS)
    targets = scenes()[1][:3]
    written(tmp_path, {"targets": [coded(mask).astype(np.uint16) for mask in targets]})
    written(tmp_path, {"images": [np.stack([mask.astype(np.uint8)] * 3, -1) for mask in targets]})
    ws = Workspace.init(tmp_path)
    ws.datasets.add("d", images="images", targets="targets", classes=CODED, progress=False)
    assert ws.datasets["d"].classes == CODED
    for name, options in {"labels_of": {}, "scores_of": {"class_axis": 0}}.items():
        ws.models.add(name, python=f"models_of_codes:{name}", options=options)
        for keep in (False, True):
            found = ws.run(name, "d", progress=False, keep_predictions=keep, again=True)
            assert found.evaluation.scores.mean_iou == 1
    other = Classes(CODED.names, [[0, 9], 1, 2, 3, 4], ignore=[255])
    written(tmp_path, {"plain": [mask.astype(np.uint8) for mask in targets]})
    ws.datasets.add("d", images="images", targets="plain", classes=other, progress=False)
    assert ws.datasets.diff("d:v1", "d:v2").classes_changed == (
        "class `sky` has labels 0, 9, had 0",
        "the label rule is none, was `value // 256`",
    )
