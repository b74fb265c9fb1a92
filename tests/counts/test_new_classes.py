"""Files of classes that are started from masks: what they say, and what is said of them later."""

import warnings
from pathlib import Path

import numpy as np
import pytest

import segscore
from segscore import Classes, ConfusionMatrix, LabelError, PairingError, SegscoreWarning
from segscore.counts.new_classes import new_classes
from support.command_line import run
from support.masks_on_disk import pillow, write
from support.painted import COLOURS, folders, gray, indexed, painted
from support.planted import binary, mapped, scenes
from support.refused import refused


def made(folder: Path, masks: str) -> Path:
    """Write the file of classes that is started from the masks."""
    (folder / "new.toml").write_text(new_classes(masks))
    return folder / "new.toml"


UNCONFIRMED = (
    "the label values of the classes were made up, and nobody has confirmed that they are those of the model"
    "\nhint: put the classes in the order of the model's channels, in a TOML file that says "
    "`confirmed = true`; `segscore classes new --from` starts one from masks, or from a table of another tool"
)


@pytest.mark.parametrize("images", [1, 3, 20])
def test_numbers_that_were_made_up_are_said_and_those_of_the_model_are_found(
    tmp_path: Path, images: int
) -> None:
    sides = folders(tmp_path, gray, painted, images)
    file = made(tmp_path, sides["target"])
    assert file.read_text().splitlines()[1:5] == [
        "# The masks have colours and no numbers: the labels below go by shares of pixels, which no model "
        "knows.",
        "# Put the classes in the order of the model's channels, the first one as label 0, and then confirm "
        "it.",
        "# Until then, scores of predictions that have numbers come with a warning.",
        "confirmed = false",
    ]
    with pytest.warns(SegscoreWarning) as found:
        ev = segscore.evaluate(**sides, classes=file)
    assert [str(one.message) for one in found] == [UNCONFIRMED]
    unsaid, order = (f for f in segscore.audit(**sides, classes=file).findings if f.severity == "warning")
    assert unsaid.kind == "unconfirmed-labels"
    assert order.kind in ("other-order", "swapped-classes")
    shown = run("classes", file)
    assert UNCONFIRMED.replace("\nhint:", ";") in " ".join(shown.stdout.split())
    # What the hint of the audit says is the truth: void is a class here, and never predicted.
    assert order.hint.endswith("]`")
    given = [int(one) for one in order.hint.partition("[")[2].removesuffix("]`").split(",")]
    with pytest.warns(SegscoreWarning):
        again = segscore.evaluate(**sides, classes=file, pred_classes=given)
    preds, targets = scenes()
    whole = segscore.evaluate(
        pred=preds[:images], target=[mapped(mask, {255: 5}) for mask in targets[:images]], classes=6
    )
    assert again.scores.mean_iou == pytest.approx(whole.scores.mean_iou)
    assert order.evidence["repaired_mean_iou"] == again.scores.mean_iou
    assert ev.scores.mean_iou < whole.scores.mean_iou - 0.2
    # Numbers that are confirmed, and colours on both sides, are no doubt.
    (tmp_path / "new.toml").write_text(file.read_text().replace("confirmed = false", "confirmed = true"))
    assert segscore.evaluate(**sides, classes=file, pred_classes=given).doubts == ()


def test_colours_on_both_sides_need_no_numbers(tmp_path: Path) -> None:
    sides = folders(tmp_path, painted, painted, 3)
    file = made(tmp_path, sides["target"])
    ev = segscore.evaluate(**sides, classes=file)
    assert not ev.classes.confirmed
    ev.save(tmp_path / "ev.npz")
    assert not segscore.load(tmp_path / "ev.npz").classes.confirmed
    cm = ConfusionMatrix(file)
    with pytest.warns(SegscoreWarning) as found:
        cm.update(pred=[[0, 1]], target=[[0, 1]])
    assert [str(one.message) for one in found] == [UNCONFIRMED]


TABLE = 'name,r,g,b\nroad,128,64,128\n"a ""b"" \u00e9\\",70,130,180\n'


@pytest.mark.parametrize("name", ["class_dict.csv", "classes"])
def test_a_table_of_another_tool_becomes_a_file_that_waits_to_be_confirmed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(TABLE)
    written = run("classes", "new", "--from", name)
    assert written.stdout.splitlines()[:5] == [
        f"# Classes of {name}.",
        "# The table has no numbers: the labels below go by its order, which the model may not know.",
        "# Put the classes in the order of the model's channels, the first one as label 0, and then confirm "
        "it.",
        "# Until then, scores of predictions that have numbers come with a warning.",
        "confirmed = false",
    ]
    Path("new.toml").write_text(written.stdout)
    found = Classes.of("new.toml")
    assert (found.names, found.labels, found.confirmed) == (("road", 'a "b" \u00e9\\'), (0, 1), False)
    assert found.colours == Classes.of(Path(name)).colours == {0: (128, 64, 128), 1: (70, 130, 180)}


def test_a_table_with_numbers_is_written_as_it_is(tmp_path: Path) -> None:
    table = tmp_path / "dataset.json"
    table.write_text('{"labels": {"none": 0, "organ": [1, 3], "ignore": 4}}')
    assert new_classes(str(table)).splitlines() == [
        f"# Classes of {table}.",
        'name = "my-classes"',
        "ignore = [4]",
        "not_in_mean = []  # labels of classes, such as a background, that means leave out",
        "classes = [",
        '  { label = 0, name = "none" },',
        '  { labels = [1, 3], name = "organ" },',
        "]",
    ]


def test_only_true_or_false_confirms_numbers(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('confirmed = "yes"\nclasses = [{ label = 0, name = "a" }]')
    assert refused(segscore.ClassesError, Classes.of, tmp_path / "a.toml") == (
        f"{tmp_path}/a.toml: expected `confirmed` to be true or false, found 'yes'\n"
        "hint: write confirmed = true once the label values are those of the model"
    )


# 0 and 255


@pytest.mark.parametrize("images", [1, 3, 20])
def test_the_only_value_beside_0_is_the_foreground(tmp_path: Path, images: int) -> None:
    preds, targets = binary(scenes(), 255)
    for side, masks in (("pred", preds), ("target", targets)):
        write(tmp_path / side, {f"{i:02d}.png": mask for i, mask in enumerate(masks[:images])})
    sides = {side: str(tmp_path / side) for side in ("pred", "target")}
    file = made(tmp_path, sides["target"])
    lines = [line.partition("  #")[0] for line in file.read_text().splitlines()]
    assert lines[1:] == [
        "# As the only value beside 0, 255 is taken for the foreground, and not for a mark of void.",
        'name = "my-classes"',
        "ignore = []",
        "not_in_mean = []",
        "classes = [",
        '  { label = 0, name = "background" },',
        '  { label = 255, name = "foreground" },',
        "]",
    ]
    ev = segscore.evaluate(**sides, classes=file)
    arrays = {
        "pred": [mask // 255 for mask in preds[:images]],
        "target": [m // 255 for m in targets[:images]],
    }
    whole = segscore.evaluate(**arrays, classes="binary")
    assert (ev.scores.iou.tolist(), ev.doubts) == (whole.scores.iou.tolist(), ())
    assert segscore.audit(**sides, classes=file).findings == ()


IGNORED = "255 is the only value of the targets beside 0: it is the foreground, and it is ignored"


@pytest.mark.parametrize(
    ("on", "classes", "hint"),
    [
        (255, 2, '`classes="binary-255"`'),
        (255, "binary", '`classes="binary-255"`'),
        (255, 1, '`classes="binary-255"`'),
        (1, 2, '`classes="binary-255"` and `pred_classes="binary"`'),
    ],
)
@pytest.mark.parametrize("images", [1, 3, 20])
def test_a_foreground_that_is_ignored_is_said_and_no_model_is_blamed(
    on: int, classes: object, hint: str, images: int
) -> None:
    (preds, targets), (predicted, _) = binary(scenes(), 255), binary(scenes(), on)
    sides = {"pred": predicted[:images], "target": targets[:images]}
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        ev = segscore.evaluate(**sides, classes=classes, ignore_index=255)
    hint = f"score with {hint}, and do not ignore 255"
    assert f"{IGNORED}\nhint: {hint}" in [str(one.message) for one in found]
    assert ev.findings == segscore.audit(**sides, classes=classes, ignore_index=255).findings
    assert [(f.kind, f.message, f.hint) for f in ev.findings] == [("foreground-ignored", IGNORED, hint)]
    assert " ".join(str(ev).split()).count(IGNORED) == 1
    as_meant = {"classes": "binary-255"} | ({"pred_classes": "binary"} if on == 1 else {})
    whole = segscore.evaluate(pred=preds[:images], target=targets[:images], classes="binary-255")
    again = segscore.evaluate(**sides, **as_meant)
    assert (again.scores.iou.tolist(), again.doubts) == (whole.scores.iou.tolist(), ())


@pytest.mark.parametrize("images", [1, 3, 20])
@pytest.mark.parametrize("classes", [4, ["bg", "a", "b", "c"], ["Background", "a", "b"]])
def test_one_class_of_several_as_255_is_said_if_that_is_ignored(classes: object, images: int) -> None:
    (preds, _), (_, targets) = binary(scenes(), 1), binary(scenes(), 255)
    sides = {"pred": preds[:images], "target": targets[:images]}
    with pytest.warns(segscore.SegscoreWarning, match="255 is the only value of the targets beside 0"):
        ev = segscore.evaluate(**sides, classes=classes, ignore_index=255)
    (finding,) = ev.findings
    assert (finding.kind, finding.message) == (
        "foreground-ignored",
        "255 is the only value of the targets beside 0, and it is ignored: as the foreground, it would be "
        f"all that is not `{ev.classes.names[0]}`",
    )
    assert finding.hint == (
        "are these files of one class each? then describe them with `{class}` for its name, as "
        '`pairing="{id}:{id}_{class}"`; masks of one thing are `classes="binary-255"`'
    )


def test_void_beside_a_class_that_is_no_background_is_void() -> None:
    (preds, _), (_, targets) = binary(scenes(), 1), binary(scenes(), 255)
    found = segscore.audit(
        pred=preds[:3], target=targets[:3], classes=["road", "sky", "car"], ignore_index=255
    )
    assert "foreground-ignored" not in [one.kind for one in found.findings]


@pytest.mark.parametrize("classes", [1, 2, "binary", ["a", "b"]])
def test_the_foreground_is_named_where_it_is_no_class(classes: object) -> None:
    _, targets = binary(scenes(), 255)
    text = refused(LabelError, ConfusionMatrix(classes).update, pred=targets[0], target=targets[0])
    assert text.endswith('\nhint: masks of 0 and 255 are the preset "binary-255"')
    (finding,) = (
        f
        for f in segscore.audit(pred=targets, target=targets, classes=classes).findings
        if f.severity == "error"
    )
    assert finding.kind == "unknown-labels"


def test_void_beside_classes_stays_void(tmp_path: Path) -> None:
    mask = scenes()[1][0]
    write(tmp_path, {"a.png": mask})
    assert "ignore = [255]" in new_classes(str(tmp_path))
    assert segscore.evaluate(pred=mask % 255, target=mask, classes=5, ignore_index=255).doubts == ()
    text = refused(LabelError, ConfusionMatrix(5).update, pred=mask * 0, target=mask // 255 * 255)
    assert text.endswith(
        '\nhint: as the only value beside 0, 255 is the foreground of the preset "binary-255"; where it '
        "marks pixels to leave out, `ignore_index=255`"
    )


@pytest.mark.parametrize(("classes", "ignored", "name"), [(1, 255, "0"), (["road", "sky"], 0, "sky")])
def test_the_score_of_a_single_class_is_said_to_be_its_recall(
    classes: object, ignored: int, name: str
) -> None:
    # Everything is predicted to be the class, which costs nothing.
    of = int(ignored == 0)
    target = np.array([[0, 1, 255], [0, 1, 255]]) if of else np.array([[0, 0, 3], [0, 0, 3]])
    ignore = [ignored, 255] if of else [255, 3]
    ev = segscore.evaluate(pred=np.full((2, 3), of), target=target, classes=classes, ignore_index=ignore)
    said = f"`{name}` is the only class: its IoU is its recall, as false positives cost nothing"
    assert ev.scores.mean_iou == 1
    for text in (str(ev), str(ev.scores), ev.to_markdown(), ev._repr_html_()):
        assert said in " ".join(text.replace("\\", "").split())
    assert [(f.kind, f.severity, f.message) for f in ev.findings] == [("one-class", "note", said)]
    assert said in [finding["message"] for finding in ev.to_dict()["findings"]]


@pytest.mark.filterwarnings("ignore:the palettes of:segscore.SegscoreWarning")
@pytest.mark.parametrize("images", [3, 30])
def test_a_file_begins_with_the_colours_of_palettes_that_differ(tmp_path: Path, images: int) -> None:
    for i, mask in enumerate(np.random.default_rng(0).integers(0, 5, (images, 6, 7))):
        order = np.arange(256)
        order[:5] = np.roll(order[:5], i)
        moved = indexed(np.argsort(order)[mask], COLOURS[order])
        write(tmp_path, {f"pred/{i}.png": pillow(painted(mask)), f"target/{i}.png": pillow(moved)})
    text = new_classes(f"{tmp_path}/target")
    assert "colour is of the label that had it first: check them, as colours decide." in text
    (tmp_path / "new.toml").write_text(text)
    with warnings.catch_warnings(action="ignore"):  # that colours decide
        sides = {side: tmp_path / side for side in ("pred", "target")}
        found = segscore.evaluate(**sides, classes=tmp_path / "new.toml")
    assert (found.scores.mean_iou, len(found.classes)) == (1, 5)
    assert "that had it first" not in new_classes(f"{tmp_path}/target/0.png")


@pytest.mark.filterwarnings("ignore:the palettes of:segscore.SegscoreWarning")
def test_a_label_of_several_colours_has_all_of_them(tmp_path: Path) -> None:
    others = COLOURS.copy()
    others[1] = 9, 8, 7
    mask = np.array([[0, 1, 2]])
    write(tmp_path, {"a.png": pillow(indexed(mask)), "b.png": pillow(indexed(mask, others))})
    text = new_classes(str(tmp_path))
    assert '{ label = 1, name = "class 1", colours = [[70, 70, 70], [9, 8, 7]] }' in text
    assert '{ label = 2, name = "class 2", colour = [128, 64, 128] }' in text


def test_masks_of_one_name_matter_only_in_the_list(tmp_path: Path) -> None:
    masks = {"0.png": [[0, 1]], "1.png": [[0, 1]], "1.npy": np.array([[0, 2]], np.uint8)}
    write(tmp_path, masks)
    assert new_classes(str(tmp_path), list=["0"])
    assert refused(PairingError, new_classes, str(tmp_path), list=["0", "1"]) == (
        f"`masks`: expected one file for each name, found 1 name with several in {tmp_path}:\n"
        '  1: 1.npy, 1.png\nhint: `pairing="{id}:{id}.png"` takes the .png files only'
    )
    assert new_classes(str(tmp_path), "{id}:{id}.png", ["0", "1"])
