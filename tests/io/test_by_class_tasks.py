"""Binary classes and one file for each class: what is proposed, and where each file is no mask of its own."""

from pathlib import Path

import numpy as np
import pytest

from segscore import EvaluationError, PairingError, SegscoreWarning, Workspace, audit, evaluate
from segscore.io.patterns import words_of_classes
from support.command_line import run
from support.masks_on_disk import write
from support.refused import refused

RANDOM = np.random.default_rng(2)
MASKS = RANDOM.integers(0, 2, (3, 2, 6, 7))
CLASSES = ("cat", "guide_dog")


def split(folder: Path, form: str) -> Path:
    """Write masks, each class as a file of a name."""
    files = {
        f"{form.format(id=f'a_{i}', of=name)}.png": MASKS[i][k]
        for i in range(3)
        for k, name in enumerate(CLASSES)
    }
    return write(folder, files)


HINTS = {
    "folders": ("{of}/{id}", "{id}_{of}", "{class}/{id}:{id}_{class}"),
    "turned round": ("{of}_{id}", "{id}_{of}", "{class}_{id}:{id}_{class}"),
    "one order": ("{id}_{of}_pred", "{id}_{of}", "{id}_pred:{id}"),
}


@pytest.mark.parametrize(("pred", "target", "pattern"), HINTS.values(), ids=HINTS)
def test_what_is_proposed_matches_the_files_of_all_classes(
    tmp_path: Path, pred: str, target: str, pattern: str
) -> None:
    given = {"pred": split(tmp_path / "p", pred), "target": split(tmp_path / "t", target)}
    for call in (evaluate, audit):
        text = refused(PairingError, call, **given, classes="binary")
        assert text.endswith(f'\nhint: `pairing="{pattern}"` would match 6 of 6 targets')
    told = run("evaluate", "--pred", given["pred"], "--target", given["target"], "--classes", "binary")
    assert told.stderr.endswith(f"\nhint: `--pairing '{pattern}'` would match 6 of 6 targets\n")
    found = evaluate(**given, classes="binary", pairing=pattern)
    assert (len(found.names), found.scores.mean_iou) == (6, 1.0)


def test_words_that_may_be_classes() -> None:
    names = ["a_1_cat", "a_1_guide_dog", "a_2_cat", "a_2_guide_dog"]
    assert words_of_classes(names) >= {"cat", "guide_dog"}
    assert words_of_classes(["1", "2", "3_4", "3_5"]) == set()  # numbers are those of images
    assert words_of_classes(["a/x", "b/x"]) == {"a", "b"}
    assert words_of_classes(["a/1_cat", "b/2_dog"]) == set()
    assert words_of_classes([]) == set()


def test_words_of_classes_are_looked_for_among_some_of_many_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segscore.io.patterns._MOST_PIECES", 100)
    names = [f"{name}/{i:04}" for name in ("cat", "dog") for i in range(1000)]
    late = ["bird/9999", "frog/9999"]
    assert words_of_classes(late) == {"bird", "frog"}
    assert words_of_classes(names + late) == {"cat", "dog"}


@pytest.mark.parametrize("kind", ["png", "npy"])
def test_probabilities_of_each_class_are_predictions_of_their_own(tmp_path: Path, kind: str) -> None:
    """The hint without a threshold leads to scores, and not back to where it was."""
    given = {"target": str(split(tmp_path / "t", "{id}_{of}")), "pred": str(tmp_path / "p")}
    shares = 60 + 90 * MASKS[:2] + RANDOM.integers(0, 60, (2, *MASKS.shape[1:]))
    files = {
        f"a_{i}_{name}.{kind}": (of[k] / (1 if kind == "png" else 255)).astype(
            np.uint8 if kind == "png" else np.float32
        )
        for i, of in enumerate(shares)
        for k, name in enumerate(CLASSES)
    }
    write(tmp_path / "p", files)
    options = {"classes": "binary", "pairing": "{id}_{class}:{id}_{class}", "on_error": "skip"}
    text = refused(EvaluationError, evaluate, **given, **options)
    assert text.endswith(" predictions that are probabilities have `threshold=0.5`")
    found = evaluate(**given, **options, threshold=0.5)
    assert found.names == ("a_0/cat", "a_0/guide_dog", "a_1/cat", "a_1/guide_dog")
    assert found.scores.mean_iou == 1.0
    assert (
        found.provenance["by_class"]
        == "each file of a class is a mask of its own, called after image and class"
    )


STRANGE = (
    "`{}`: the pattern {} finds names that no class has:\n"
    "  cat: 3 files, such as {}\n"
    "  dog: 3 files, such as {}\n"
    "hint: binary classes are for one class here: describe the files of one, as {} does, or name all classes "
    "in a file, which `segscore classes new` starts"
)


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.chdir(tmp_path)
    for i, both in enumerate(MASKS):
        for name, mask in zip(("cat", "dog"), both, strict=True):
            write(tmp_path, {f"t/{i}_{name}.png": mask, f"p/{name}/{i}.png": mask})
        write(tmp_path, {f"image/{i}.png": both[0]})
    return Workspace.init(tmp_path)


@pytest.mark.parametrize("images", [None, "image"])
def test_a_dataset_has_one_mask_for_each_image(ws: Workspace, images: str | None) -> None:
    given = {"images": images, "targets": "t", "classes": "binary", "progress": False}
    said = STRANGE.format("{}", "{id}_{class}", "0_cat.png", "0_dog.png", "{id}_cat")
    text = refused(PairingError, ws.datasets.add, "d", **given, pairing="{id}:{id}_{class}")
    assert text == said.replace("`{}`", "`target`")
    options = ("--images", images) if images else ()
    told = run(
        *("dataset", "add", "d", "--targets", "t", "--classes", "binary", "--pairing", "{id}:{id}_{class}"),
        *options,
    )
    assert (told.exit_code, told.stderr) == (2, f"error: {said.replace('`{}`', '`--targets`')}\n")
    # What the hint says works.
    with pytest.warns(SegscoreWarning, match="3 files among the targets left out"):
        ws.datasets.add("d", **given, pairing="{id}:{id}_cat")
    assert ws.datasets["d"].truth.class_pixels[1] == MASKS[:, 0].sum()


def test_a_folder_of_predictions_has_one_mask_for_each_image(ws: Workspace) -> None:
    with pytest.warns(SegscoreWarning, match="3 files among the targets left out"):
        ws.datasets.add("d", targets="t", classes="binary", pairing="{id}_cat", progress=False)
    ws.models.add("all", predictions="p", options={"pairing": "{class}/{id}:{id}_cat"})
    assert refused(PairingError, ws.run, "all", "d", progress=False) == STRANGE.format(
        "pred", "{class}/{id}", "cat/0.png", "dog/0.png", "cat/{id}"
    )
    ws.models.add("cat", predictions="p", options={"pairing": "cat/{id}:{id}_cat"})
    assert ws.run("cat", "d", progress=False).evaluation.scores.mean_iou == 1.0
