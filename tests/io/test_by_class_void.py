"""Files of classes of which some are called void: their pixels are ignored, and every output says so."""

from pathlib import Path

import numpy as np
import pytest

from segscore import Classes, ClassesError, PairingError, SegscoreWarning, Workspace, audit, evaluate
from segscore.classes.classes import load
from segscore.counts.new_classes import MADE_UP, OF_NAMES, new_classes
from support.command_line import run
from support.masks_on_disk import write
from support.refused import refused

NAMES = ["background", "cat", "dog"]
RANDOM = np.random.default_rng(11)
TARGETS = RANDOM.integers(0, 4, (3, 8, 9))
PREDS = RANDOM.integers(0, 3, (3, 8, 9))
VOID = ["void", "Ignore", "dont_care", "Un-labeled"]
SIDES = {"pairing": "{id}_{class}"}


def split(folder: Path, masks: np.ndarray, *names: str) -> Path:
    """Write masks, each label as a file, but for 0."""
    for i, mask in enumerate(masks):
        write(folder, {f"{i}_{name}.png": (mask == k) * 255 for k, name in enumerate(names, start=1)})
    return folder


def whole(folder: Path) -> Path:
    """Write predictions of one file each."""
    return write(folder, {f"{i}.png": mask for i, mask in enumerate(PREDS)})


def meant() -> np.ndarray:
    """Return the pixels of each pair of classes that are not void."""
    scored = TARGETS < 3
    found = np.zeros((3, 3), np.int64)
    np.add.at(found, (TARGETS[scored], PREDS[scored]), 1)
    return found


@pytest.mark.parametrize("void", VOID)
def test_new_classes_ignore_what_files_call_void(tmp_path: Path, void: str) -> None:
    target = split(tmp_path / "t", TARGETS, "cat", "dog", void)
    label = sorted(["cat", "dog", void]).index(void) + 1
    shares = [f"{np.mean(k == TARGETS):.2%} of the pixels" for k in range(3)]
    labels = [0, *(k for k in (1, 2, 3) if k != label)]
    text = new_classes(str(target), "{id}_{class}")
    assert text.splitlines()[1:] == [
        f"# Ignored is what is no class by its name: {void}. Where it is one all the same, move it to the "
        "classes.",
        *OF_NAMES,
        *MADE_UP,
        'name = "my-classes"',
        f"ignore = [{label}]",
        "not_in_mean = []  # labels of classes, such as a background, that means leave out",
        "classes = [",
        *(
            f'  {{ label = {own}, name = "{name}" }},  # {share}'
            for own, name, share in zip(labels, NAMES, shares, strict=True)
        ),
        "]",
    ]
    (tmp_path / "c.toml").write_text(text.replace("confirmed = false\n", ""))
    classes = load(tmp_path / "c.toml")
    numbered = [np.array(classes.labels)[mask] for mask in PREDS]
    pred = write(tmp_path / "p", {f"{i}.png": mask for i, mask in enumerate(numbered)})
    found = evaluate(pred=pred, target=target, classes=classes, **SIDES)
    assert found.confusion.counts.tolist() == meant().tolist()
    assert found.scores.ignored == (TARGETS == 3).sum()
    said = f"pixels that no file claims are `background`; pixels of `{void}` are ignored ({label})"
    assert found.provenance["by_class"] == said
    assert said in " ".join(str(found).split())


def test_void_is_ignored_under_the_label_that_is(tmp_path: Path) -> None:
    given = {"pred": whole(tmp_path / "p"), "target": split(tmp_path / "t", TARGETS, "cat", "dog", "void")}
    found = evaluate(**given, classes=NAMES, ignore_index=255, **SIDES)
    assert found.confusion.counts.tolist() == meant().tolist()
    names = "--classes", write_classes(tmp_path, NAMES), "--ignore", "255", "--pairing", "{id}_{class}"
    told = run("evaluate", "--pred", given["pred"], "--target", given["target"], *names)
    assert "pixels of `void` are ignored (255)" in " ".join(told.stdout.split())


def write_classes(folder: Path, names: list[str]) -> Path:
    """Write a file of classes."""
    lines = [f'{{ label = {k}, name = "{name}" }},' for k, name in enumerate(names)]
    (folder / "classes.toml").write_text("\n".join(["classes = [", *lines, "]"]))
    return folder / "classes.toml"


def test_void_is_refused_where_no_label_is_ignored(tmp_path: Path) -> None:
    given = {"pred": whole(tmp_path / "p"), "target": split(tmp_path / "t", TARGETS, "cat", "dog", "void")}
    said = (
        "files are named after `void`, which is no class by its name, and no label is ignored\n"
        "hint: say which one is, as {}; or call a class so, if it is one"
    )
    python = refused(ClassesError, evaluate, **given, classes=NAMES, **SIDES)
    assert python == said.format("`ignore_index=255`")
    options = "--pairing", "{id}_{class}", "--classes", write_classes(tmp_path, NAMES)
    told = run("evaluate", "--pred", given["pred"], "--target", given["target"], *options)
    assert (told.exit_code, told.stderr) == (2, f"error: {said.format('`--ignore 255`')}\n")


def test_a_class_that_is_called_so_is_one(tmp_path: Path) -> None:
    given = {"pred": whole(tmp_path / "p"), "target": split(tmp_path / "t", TARGETS, "cat", "dog", "void")}
    found = evaluate(**given, classes=[*NAMES, "void"], **SIDES)
    assert found.scores.target.tolist() == np.bincount(TARGETS.ravel()).tolist()
    assert found.provenance["by_class"] == "pixels that no file claims are `background`"


def test_void_that_is_predicted_is_no_class(tmp_path: Path) -> None:
    pred = split(tmp_path / "p", TARGETS, "cat", "dog", "void")
    target = write(tmp_path / "t", {f"{i}.png": mask for i, mask in enumerate(PREDS)})
    with pytest.warns(SegscoreWarning, match="pixels without the file of a class: no class, first in 0"):
        found = evaluate(
            pred=pred, target=target, classes=NAMES, ignore_index=255, pairing="{id}_{class}:{id}"
        )
    assert found.confusion.counts.tolist() == meant().T.tolist()
    assert found.provenance["by_class"] == (
        "pixels that no file claims are `background`; predicted pixels of `void` are of no class"
    )


def test_void_is_no_task(tmp_path: Path) -> None:
    pred = split(tmp_path / "p", PREDS, "cat", "dog")
    target = split(tmp_path / "t", TARGETS, "cat", "dog", "void")
    found = evaluate(pred=pred, target=target, classes="binary", pairing="{id}_{class}:{id}_{class}")
    assert found.names == ("0/cat", "0/dog", "1/cat", "1/dog", "2/cat", "2/dog")
    assert found.provenance["left_out"] == (
        "3 files among the targets left out, which the pattern does not describe, or calls void: "
        "0_void.png, 1_void.png, 2_void.png"
    )


def test_datasets_and_runs_ignore_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    split(tmp_path / "t", TARGETS, "cat", "dog", "void")
    write(tmp_path / "image", {f"{i}.png": mask for i, mask in enumerate(PREDS)})
    whole(tmp_path / "p")
    ws = Workspace.init(tmp_path)
    classes = Classes(NAMES, ignore=[255])
    pairing = "{id}:{id}_{class}"
    ws.datasets.add("animals", images="image", targets="t", classes=classes, pairing=pairing, progress=False)
    dataset = Workspace(ws.path).datasets["animals"]
    assert dataset.truth.void == (TARGETS == 3).sum()
    assert "; pixels of `void` are ignored (255)\n" in str(dataset)
    ws.models.add("net", predictions="p")
    found = ws.run("net", "animals", progress=False).evaluation
    assert found.confusion.counts.tolist() == meant().tolist()


BESIDE = (
    "`target`: expected a mask for each name, found 3 files called as void is, beside masks of the same "
    "images:\n  0_{0}\n  1_{0}\n  2_{0}\n"
    "hint: where each class of an image has a file, describe them with `{{class}}`, "
    'as in `pairing="{{id}}_{{class}}"`; else draw void into the masks, with a label of its own that '
    "`ignore_index` leaves out, and move these files elsewhere"
)


@pytest.mark.parametrize("void", VOID)
@pytest.mark.parametrize("classes", ["binary-255", "binary-any", NAMES])
@pytest.mark.parametrize("names", [("cat", "{}"), ("cat", "dog", "{}")])
def test_void_is_no_mask_of_its_own(
    tmp_path: Path, void: str, classes: object, names: tuple[str, ...]
) -> None:
    own = [name.format(void) for name in names]
    sides = {side: split(tmp_path / side, TARGETS, *own) for side in ("pred", "target")}
    said = BESIDE.format(void)
    lists = {side: sorted(map(str, folder.iterdir())) for side, folder in sides.items()}
    for judge in (evaluate, audit):
        for given in (sides, lists, sides | {"pairing": "{id}:{id}"}):
            assert refused(PairingError, judge, **given, classes=classes) == said
    assert refused(PairingError, evaluate, **sides, classes=classes, on_error="skip") == said
    add = Workspace.init(tmp_path).datasets.add
    for given in ({}, {"images": sides["pred"]}):
        assert refused(PairingError, add, "d", targets=sides["target"], classes=classes, **given) == said


def test_void_is_no_mask_beside_one_mask_for_all_classes(tmp_path: Path) -> None:
    masks = {f"{i}.png": mask % 3 for i, mask in enumerate(TARGETS)}
    void = {f"{i}_void.png": (mask == 3) * 255 for i, mask in enumerate(TARGETS)}
    sides = {side: write(tmp_path / side, masks | void) for side in ("pred", "target")}
    assert refused(PairingError, evaluate, **sides, classes=NAMES) == BESIDE.format("void")
    in_folders = {f"{kind}/{name}": mask for kind in ("mask", "ignore") for name, mask in masks.items()}
    sides = {side: write(tmp_path / "f" / side, in_folders) for side in ("pred", "target")}
    assert "\n  ignore/0\n  ignore/1\n  ignore/2\n" in refused(PairingError, evaluate, **sides, classes=NAMES)


@pytest.mark.parametrize(
    "names",
    [
        ["0_void", "1_void"],  # all are called so
        ["void", "street", "frame_2"],
        ["frame_void", "frame_07"],  # numbers tell images
        ["avoid_0", "cat_0"],
        ["0_unknown", "0_cat"],
    ],
)
def test_other_names_are_those_of_masks(tmp_path: Path, names: list[str]) -> None:
    masks = {f"{name}.png": TARGETS[0] % 3 for name in names}
    sides = {side: write(tmp_path / side, masks) for side in ("pred", "target")}
    assert evaluate(**sides, classes=NAMES).names == tuple(sorted(names))
