"""Masks of one file for each class: how they are found, what becomes of their pixels, and what is refused."""

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segscore import Classes, EvaluationError, PairingError, SegscoreWarning, Workspace, audit, evaluate
from segscore.classes.classes import load
from segscore.classes.labels import NO_FILE
from segscore.counts.labels_found import find_labels
from segscore.counts.new_classes import MADE_UP, OF_NAMES, new_classes
from segscore.errors import ArgumentError
from segscore.io.pairing import pair
from support.command_line import run
from support.empty_files import fill
from support.masks_on_disk import pillow, write
from support.painted import indexed
from support.refused import refused

NAMES = ["background", "cat", "dog", "traffic_light"]
PATTERNS = {"flat": "{id}_{class}", "folders": "{class}/{id}", "whole": "{id}"}
RANDOM = np.random.default_rng(5)
TARGETS = RANDOM.integers(0, 4, (30, 8, 9)).astype(np.uint8)
PREDS = np.where(RANDOM.random(TARGETS.shape) < 0.7, TARGETS, RANDOM.integers(0, 4, TARGETS.shape))
VALUES = (1, 255, 7)
CAT, DOG = np.array([[1, 1, 0, 0]]), np.array([[0, 1, 1, 0]])


def split(folder: Path, form: str, masks: np.ndarray) -> Path:
    """Write masks, each class as a file, classes that are not in an image as none."""
    for i, mask in enumerate(masks):
        if form == "whole":
            write(folder, {f"img_{i}.png": mask})
            continue
        for label, name in enumerate(NAMES[1:], start=1):
            file = f"img_{i}_{name}" if form == "flat" else f"{name}/img_{i}"
            if (mask == label).any():
                write(folder, {f"{file}.png": (mask == label) * VALUES[i % 3]})
    return folder


def sides(folder: Path, pred: Mapping[str, object], target: Mapping[str, object]) -> dict[str, Path]:
    """Write the files of both sides."""
    return {"pred": write(folder / "p", pred), "target": write(folder / "t", target)}


@pytest.mark.parametrize("images", [1, 3, 30])
@pytest.mark.parametrize("pred", PATTERNS)
@pytest.mark.parametrize("target", PATTERNS)
def test_files_of_classes_are_scored_as_label_maps_are(
    tmp_path: Path, pred: str, target: str, images: int
) -> None:
    found = evaluate(
        pred=split(tmp_path / "p", pred, PREDS[:images]),
        target=split(tmp_path / "t", target, TARGETS[:images]),
        classes=NAMES,
        pairing=f"{PATTERNS[pred]}:{PATTERNS[target]}",
    )
    whole = evaluate(pred=list(PREDS[:images]), target=list(TARGETS[:images]), classes=NAMES)
    assert found.confusion == whole.confusion
    assert sorted(found.names) == sorted(f"img_{i}" for i in range(images))
    said = "pixels that no file claims are `background`"
    assert found.provenance.get("by_class", said) == said
    assert (said in str(found)) == ({pred, target} != {"whole"})


def test_the_command_line_scores_audits_and_starts_classes_of_them(tmp_path: Path) -> None:
    split(tmp_path / "p", "folders", PREDS[:3])
    split(tmp_path / "t", "flat", TARGETS[:3])
    given = ("--pred", tmp_path / "p", "--target", tmp_path / "t", "--pairing", "{class}/{id}:{id}_{class}")
    (tmp_path / "classes.toml").write_text(
        run("classes", "new", "--from", tmp_path / "p", "--pairing", "{class}/{id}").stdout.replace(
            "confirmed = false", "confirmed = true"
        )
    )
    classes = ("--classes", tmp_path / "classes.toml")
    whole = evaluate(pred=list(PREDS[:3]), target=list(TARGETS[:3]), classes=NAMES)
    assert f"mean IoU {whole.scores.mean_iou:.6f}" in run("evaluate", *given, *classes).stdout
    assert "not-scored" not in run("audit", *given, *classes, "--json", "-").stdout


def test_labels_are_listed_with_the_names_of_files(tmp_path: Path) -> None:
    split(tmp_path / "p", "folders", PREDS[:3])
    split(tmp_path / "t", "flat", PREDS[:3])
    pairing = "{class}/img_{id}:img_{id}_{class}"
    found = find_labels(pred=tmp_path / "p", target=tmp_path / "t", pairing=pairing)
    assert found.names == {1: "cat", 2: "dog", 3: "traffic_light"}
    assert found.target == {i: int((PREDS[:3] == i).sum()) for i in range(4)}


def test_new_classes_have_the_names_of_files(tmp_path: Path) -> None:
    files = {"a_dog.png": DOG, "a_cat.png": CAT - DOG * CAT, "b_cat.png": CAT, "b_dog.png": CAT * 0}
    assert new_classes(str(write(tmp_path, files)), "{id}_{class}").splitlines()[1:] == [
        *OF_NAMES,
        *MADE_UP,
        'name = "my-classes"',
        "ignore = []",
        "not_in_mean = []  # labels of classes, such as a background, that means leave out",
        "classes = [",
        '  { label = 0, name = "background" },  # 37.50% of the pixels',
        '  { label = 1, name = "cat" },  # 37.50% of the pixels',
        '  { label = 2, name = "dog" },  # 25.00% of the pixels',
        "]",
    ]


@pytest.mark.parametrize(
    ("files", "labels"),
    [
        (["bg", "cat"], {"bg": 0, "cat": 1}),
        (["Background", "cat"], {"Background": 0, "cat": 1}),
        (["background", "bg"], {"background": 0, "bg": 1}),
        (["0", "1"], {"0": 0, "1": 1}),
        (["cat", "dog"], {"background": 0, "cat": 1, "dog": 2}),
    ],
)
def test_new_classes_have_one_background(tmp_path: Path, files: list[str], labels: dict[str, int]) -> None:
    masks = [CAT, 1 - CAT]
    write(tmp_path, {f"a_{name}.png": mask for name, mask in zip(files, masks, strict=True)})
    (tmp_path / "c.toml").write_text(new_classes(str(tmp_path), "{id}_{class}"))
    classes = load(tmp_path / "c.toml")
    assert dict(zip(classes.names, classes.labels, strict=True)) == labels


def test_classes_that_overlap_are_an_error_with_image_classes_and_pixels(tmp_path: Path) -> None:
    both = {"a_cat.png": CAT, "a_dog.png": DOG}
    given = sides(tmp_path, {"a.png": CAT}, both)
    options = {"classes": ["background", "cat", "dog"], "pairing": "{id}_{class}"}
    assert refused(EvaluationError, evaluate, **given, **options) == (
        "1 of 1 images could not be scored:\n"
        f"  a: {tmp_path}/t/a_cat.png: classes of files that belong together overlap: "
        "`cat` and `dog` in 1 pixel\n"
        'hint: a pixel has one class; if several are meant, `classes="binary"` scores each file as a mask of '
        "its own"
    )
    assert [one.kind for one in audit(**given, **options).findings] == ["not-scored"]
    with pytest.raises(EvaluationError, match="overlap: `cat` and `dog` in 1 pixel"):
        new_classes(str(tmp_path / "t"), "{id}_{class}")


@pytest.mark.parametrize("classes", ["binary", "binary-255", ["Foreground", "bg"]])
def test_binary_classes_make_each_file_a_task_of_its_own(tmp_path: Path, classes: str | list[str]) -> None:
    given = sides(
        tmp_path,
        {"cat/a_1.png": CAT * 255, "guide_dog/a_1.png": CAT},
        {"a_1_cat.png": CAT, "a_1_guide_dog.png": DOG * 255},
    )
    options = {"pairing": "{class}/{id}:{id}_{class}", "groups": r"/(\w+)$"}
    found = evaluate(**given, classes=classes, **options)
    assert found.names == ("a_1/cat", "a_1/guide_dog")
    assert [group.scores.foreground_iou for group in found.group_by().values()] == [1.0, 1 / 3]
    said = "each file of a class is a mask of its own, called after image and class"
    assert found.provenance["by_class"] == said


def test_pixels_of_no_file_are_ignored_where_no_class_is_the_background(tmp_path: Path) -> None:
    given = sides(tmp_path, {"a_cat.png": CAT}, {"a_dog.png": DOG})
    options = {"classes": ["cat", "dog"], "pairing": "{id}_{class}:{id}_{class}"}
    with pytest.warns(SegscoreWarning) as warned:
        found = evaluate(**given, **options, ignore_index=255)
    assert [str(one.message) for one in warned] == [
        "`pred` holds 1 pixel without the file of a class: no class, first in a; counted as missed\n"
        "hint: where they are background, name a class so; else let the model choose a class for each pixel"
    ]
    # No number of segscore's own is in any text.
    assert "prediction without the file of a class is no class: 1 pixel, first in `a`" in " ".join(
        str(found).split()
    )
    assert str(NO_FILE) not in str(found)
    assert str(NO_FILE) not in str(audit(**given, **options, ignore_index=255))
    assert (found.scores.ignored, found.confusion.counts.tolist()) == (2, [[0, 0], [1, 0]])
    assert found.confusion.missed.tolist() == [0, 1]
    assert found.provenance["by_class"] == (
        "predicted pixels that no file claims are of no class; "
        "pixels of targets that no file claims are ignored (255); "
        "in 1 image one side alone has a file of some class: a"
    )
    assert refused(EvaluationError, evaluate, **given, **options) == (
        "1 of 1 images could not be scored:\n"
        f"  a: {tmp_path}/t/a_dog.png: 2 pixels are of no class: no file of the mask claims them\n"
        "hint: name a class `background`, or leave such pixels out with `ignore_index=255`"
    )


def holed(folder: Path) -> Path:
    """Write targets of two classes, of which two images lack one."""
    masks = {"cat": CAT, "dog": 1 - CAT}
    files = {f"{image}_{name}.png": mask for image in "abcde" for name, mask in masks.items()}
    del files["b_cat.png"], files["d_dog.png"]
    return write(folder, files | {"e_traffic_light.png": CAT * 0})


def test_images_that_lack_a_file_of_a_usual_class_are_named(tmp_path: Path) -> None:
    target = holed(tmp_path / "t")
    pred = write(tmp_path / "p", {f"{image}.png": CAT for image in "abcde"})
    said = "2 targets without the file of a class that others have: b (`cat`), d (`dog`)"
    given = {"pred": pred, "target": target, "pairing": "{id}_{class}"}
    found = evaluate(**given, classes=NAMES)
    assert found.provenance["by_class"] == f"pixels that no file claims are `background`; {said}"
    assert said in " ".join(str(found).split())
    tasks = evaluate(
        **given | {"pred": holed(tmp_path / "q"), "pairing": "{id}_{class}:{id}_{class}"}, classes="binary"
    )
    assert "without" not in tasks.provenance["by_class"]
    with pytest.warns(SegscoreWarning, match=re.escape(said.replace("target", "mask"))):
        new_classes(str(target), "{id}_{class}")
    with pytest.warns(SegscoreWarning, match=re.escape(said)):
        Workspace.init(tmp_path / "ws").datasets.add(
            "d", targets=target, classes=NAMES, pairing="{id}_{class}", progress=False
        )


def test_a_background_of_its_own_file_claims_nothing_else(tmp_path: Path) -> None:
    given = sides(tmp_path, {"a.png": CAT}, {"a_cat.png": CAT, "a_background.png": 1 - CAT})
    found = evaluate(**given, classes=["background", "cat"], pairing="{id}_{class}")
    assert found.scores.mean_iou == 1.0


def test_label_values_of_classes_and_of_predictions_are_kept(tmp_path: Path) -> None:
    given = sides(tmp_path, {"a_cat.png": CAT}, {"a_cat.png": CAT})
    classes = Classes(["background", "cat"], labels=[300, 7], pred_labels=[1, 0])
    found = evaluate(**given, classes=classes, pairing="{id}_{class}:{id}_{class}")
    assert found.confusion.counts.tolist() == [[2, 0], [0, 2]]


def test_classes_without_names_are_named_by_their_labels(tmp_path: Path) -> None:
    given = sides(tmp_path, {"a.png": DOG * 2}, {"a_1.png": CAT - DOG * CAT, "a_2.png": DOG})
    found = evaluate(**given, classes=3, pairing="{id}_{class}")
    assert found.confusion.counts.tolist() == [[1, 0, 0], [1, 0, 0], [0, 0, 2]]


@pytest.mark.parametrize("face", ["python", "command line"])
def test_a_name_that_no_class_has_is_an_error(tmp_path: Path, face: str) -> None:
    given = sides(tmp_path, {"a.png": CAT}, {"a_cat.png": CAT, "a_catt.png": CAT, "b_catt.png": CAT})
    (tmp_path / "c.toml").write_text(
        "classes = [\n"
        + "".join(f'{{ label = {i}, name = "{name}" }},\n' for i, name in enumerate(NAMES[:3]))
        + "]\n"
    )
    said = (
        "`target`: the pattern {id}_{class} finds names that no class has:\n"
        "  catt: 2 files, such as a_catt.png\n"
        "hint: the nearest is `cat`; leave other files out with a glob pattern"
    )
    if face == "python":
        options = {"classes": ["background", "cat", "dog"], "pairing": "{id}_{class}"}
        assert refused(PairingError, evaluate, **given, **options, on_error="skip") == said
    else:
        options = ("--pairing", "{id}_{class}", "--classes", tmp_path / "c.toml")
        told = run("evaluate", "--pred", given["pred"], "--target", given["target"], *options)
        assert (told.exit_code, told.stderr) == (2, f"error: {said.replace('`target`', '`--target`')}\n")


AS_SCORES = "probabilities of all classes are one array (K, H, W) an image, for `class_axis=0`"


@pytest.mark.parametrize(
    ("file", "expected", "found", "hint"),
    [
        ("png", "value", "0, 3, 254, 255", "write 0 and 255; was the mask resized, or saved as JPEG? "),
        ("npy", "value as integers", "float64", "save it as integers: `labels.astype(int)`; "),
    ],
)
def test_a_file_has_two_values(tmp_path: Path, file: str, expected: str, found: str, hint: str) -> None:
    values = np.array([[0, 3, 255, 254]]) / (1 if file == "png" else 255)
    given = sides(tmp_path, {"a.png": CAT}, {f"a_cat.{file}": values})
    options = {"classes": ["background", "cat"], "pairing": "{id}_{class}"}
    assert refused(EvaluationError, evaluate, **given, **options) == (
        "1 of 1 images could not be scored:\n"
        f"  a: {tmp_path}/t/a_cat.{file}: expected 0 and one other {expected} in the file of a class, "
        f"found {found}\n"
        f"hint: {hint}{AS_SCORES}"
    )


@pytest.mark.parametrize("form", ["gray", "RGB", "painted", "clear", "palette", "BMP"])
def test_what_is_neither_black_nor_clear_is_the_class(tmp_path: Path, form: str) -> None:
    gray = Image.fromarray((DOG * 255).astype(np.uint8))
    red = np.dstack([DOG * 200, DOG * 0, DOG * 7, DOG * 255]).astype(np.uint8)
    content = {
        "gray": pillow(gray),
        "RGB": pillow(gray.convert("RGB")),
        "painted": pillow(Image.fromarray(red[..., :3])),
        "clear": pillow(Image.fromarray(red)),
        "palette": pillow(indexed(DOG, np.array([(0, 0, 0), (9, 8, 7)], np.uint8))),
        "BMP": pillow(gray.convert("1"), "BMP"),
    }
    file = {"a_dog.bmp" if form == "BMP" else "a_dog.png": content[form], "a_cat.png": CAT * (1 - DOG)}
    given = sides(tmp_path, {"a.png": DOG * 2}, file)
    found = evaluate(**given, classes=["background", "cat", "dog"], pairing="{id}_{class}")
    assert found.confusion.counts.tolist() == [[1, 0, 0], [1, 0, 0], [0, 0, 2]]


def test_a_palette_that_says_the_opposite_is_refused(tmp_path: Path) -> None:
    palette = np.array([(255, 255, 255), (0, 0, 0)], np.uint8)
    given = sides(tmp_path, {"a.png": CAT}, {"a_cat.png": pillow(indexed(CAT, palette))})
    options = {"classes": ["background", "cat"], "pairing": "{id}_{class}"}
    assert refused(EvaluationError, evaluate, **given, **options) == (
        "1 of 1 images could not be scored:\n"
        f"  a: {tmp_path}/t/a_cat.png: its palette makes 0 the colour (255, 255, 255) and 1 black, so that "
        "indices and colours say the opposite\n"
        "hint: write the class as 255 and all else as 0, in gray"
    )


def test_files_of_one_mask_have_one_size(tmp_path: Path) -> None:
    given = sides(tmp_path, {"a.png": CAT}, {"a_cat.png": CAT, "a_dog.png": DOG[:, :3]})
    options = {"classes": ["background", "cat", "dog"], "pairing": "{id}_{class}"}
    assert refused(EvaluationError, evaluate, **given, **options) == (
        "1 of 1 images could not be scored:\n"
        f"  a: {tmp_path}/t/a_dog.png: the files of one mask differ in shape: (1, 4) of `cat` and (1, 3) of "
        "`dog`\n"
        "hint: write all classes of an image in one size"
    )


def test_a_class_in_a_file_that_is_not_read_is_not_taken_for_absent(tmp_path: Path) -> None:
    given = sides(
        tmp_path, {"a.png": CAT}, {"a_cat.png": CAT, "a_cat.jpg": b"", "a_dog.jpg": b"", "b.jpg": b""}
    )
    found = pair(**given, pattern="{id}_{class}", by_class=True, classes=["cat", "dog"])
    ((parts,),) = (list(side.values()) for side in found.parts if side)
    assert [(part.name, Path(part.path).name) for part in parts] == [
        ("cat", "a_cat.png"),
        ("dog", "a_dog.jpg"),
    ]
    assert sorted(one.file for one in found.left_out) == ["a_cat.jpg", "b.jpg"]


def test_an_image_without_any_file_is_missing(p: Path, t: Path) -> None:
    found = pair(fill(p, "a_cat.png"), fill(t, "a.png", "b.png"), "{id}_{class}:{id}", by_class=True)
    assert (found.missing, found.extra) == (("b",), ())


def test_one_class_has_one_file(p: Path, t: Path) -> None:
    fill(t, "x/a_cat.png", "y/a_cat.png")
    assert refused(PairingError, pair, fill(p, "a.png"), t, "*/{id}_{class}", by_class=True) == (
        "`target`: expected one file for each class of an image, found several:\n"
        "  a: x/a_cat.png, y/a_cat.png\n"
        "hint: rename files, or give a pattern that describes one of them"
    )


def test_the_longest_name_of_a_class_counts(p: Path, t: Path) -> None:
    fill(t, "a_light.png", "a_traffic_light.png", "b_1_light.png")
    found = pair(fill(p, "a.png", "b_1.png"), t, "{id}_{class}", by_class=True, classes=[*NAMES, "light"])
    assert [[part.name for part in parts] for parts in found.parts[1].values()] == [
        ["light", "traffic_light"],
        ["light"],
    ]


@pytest.mark.parametrize("pattern", ["{id}_{class}_{class}", "{id}:{id}_{class}{class}"])
def test_a_side_has_one_class(p: Path, t: Path, pattern: str) -> None:
    assert refused(ArgumentError, pair, fill(p, "a.png"), fill(t, "a.png"), pattern, by_class=True) == (
        f"`pairing`: expected one `{{class}}` on a side, found {pattern}\n"
        "hint: for example '{id}_{class}', or '{class}/{id}:{class}/{id}'"
    )


def test_class_scores_are_no_files_of_classes(tmp_path: Path) -> None:
    given = sides(tmp_path, {"a_cat.png": CAT}, {"a.png": CAT})
    options = {"classes": ["background", "cat"], "pairing": "{id}_{class}:{id}", "threshold": 0.5}
    assert refused(ArgumentError, evaluate, **given, **options) == (
        "`pairing`: predictions of one file for each class are labels, and no class scores\n"
        f"hint: where a file has 0 and one other value, leave `threshold` out; {AS_SCORES}"
    )


def test_photographs_are_one_file_each(p: Path, t: Path) -> None:
    fill(p, "a_cat.png"), fill(t, "a.png")
    assert refused(ArgumentError, pair, p, t, "{id}_{class}:{id}", images=True, by_class=True) == (
        "`pairing`: `{class}` is for masks of several files, found {id}_{class} for `images`\n"
        "hint: leave it out: each image has one file there"
    )
