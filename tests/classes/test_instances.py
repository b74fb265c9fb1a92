"""Labels that look like codes of instances, and those that do not, before there are classes."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segscore import ClassesError, SegscoreWarning
from segscore.classes.classes import load
from segscore.classes.instances import told
from segscore.classes.labels import colour_label
from segscore.counts.new_classes import new_classes
from support.command_line import run
from support.masks_on_disk import pillow, write
from support.refused import refused

RANDOM = np.random.default_rng(3)


def hint(rule: str, labels: str, smaller: str = "") -> str:
    """Return what is to be done about codes."""
    return (
        f'write label_rule = "{rule}" beside the classes, and give these the labels that it makes, '
        f"{labels}{smaller}; where each label is a class of its own, leave them"
    )


BY_THOUSAND = "value // 1000 where value >= 1000"
SMALLER = '; where smaller ones ({}) are codes of class 0, too, label_rule = "{}"'
CODES = {
    "Cityscapes": (
        {7, 11, 24_000, 26_000, 26_001, 26_002},
        "labels such as 24000, 26000, 26001, 26002 look like codes of instances: class times 1000 and a "
        "number",
        hint(BY_THOUSAND, "7, 11, 24, 26", SMALLER.format("7, 11", "value // 1000 where value >= 0")),
    ),
    "16 bits": (
        {0, 1025, 1026, 2049, 65_535},
        "labels such as 1025, 1026, 2049 look like codes of instances: class times 256 and a number",
        hint("value // 256 where value >= 256", "0, 4, 8"),
    ),
    "the number first": (
        {0, (1 << 16) + 1, (2 << 16) + 1, (1 << 16) + 2},
        "labels such as 65537, 65538, 131073 look like codes of instances: a number times 65536 and the "
        "class",
        hint("value % 65536", "0, 1, 2"),
    ),
}
NONE = {
    "few labels": {0, 1, 2, 255},
    "many labels": set(range(600)),
    "more labels than classes can be": set(range(1_200)),
    "thousands": {0, 1000, 2000, 3000},
    "any numbers": {0, 1234, 5678},
    "one number": {0, 255, 26_001},
    "classes of classes": {111, 112, 1111, 1112},
    "void of 16 bits": {0, 1, 65_535},
    "nothing": set(),
    "colours of classes": {colour_label((128, 64, 128)), colour_label((0, 0, 142)), colour_label((0, 0, 0))},
    "labels and colours": {26_345, colour_label((145, 101, 0))},
}


@pytest.mark.parametrize(("labels", "message", "do"), CODES.values(), ids=CODES)
def test_codes_are_told_with_their_rule(labels: set[int], message: str, do: str) -> None:
    assert told(labels, 3, 0) == (message, do)


@pytest.mark.parametrize("labels", NONE.values(), ids=NONE)
def test_other_labels_are_none(labels: set[int]) -> None:
    assert told(labels, 3, 0) is None


SEGMENTS = (
    "which class a segment has is said in the JSON beside the masks (`segments_info`): write masks with the "
    "label of each segment's class, as gray PNG"
)
IDS = "look like ids of segments, red + 256 * green + 65536 * blue, as panoptic masks have them"


def of_id(number: int) -> int:
    """Return the label of the colour that stands for an id."""
    return colour_label((number % 256, number // 256 % 256, number // 65_536))


def test_colours_of_panoptic_masks_are_told() -> None:
    cityscapes = set(map(of_id, CODES["Cityscapes"][0]))
    assert told(cityscapes, 1, 6) == (
        f"the 6 colours {IDS}: these are a class times 1000 and a number",
        SEGMENTS,
    )
    coco = set(map(of_id, RANDOM.integers(1 << 24, size=30).tolist()))
    assert told(coco, 3, 28) == (f"the 30 colours {IDS}: 28 are in one image alone", SEGMENTS)
    assert told(coco, 3, 26) is None  # many are shared, as classes are
    assert told(coco, 2, 28) is None  # two images may have no class in common
    assert told(coco, 4, 30) is None  # images with few colours


def test_colours_of_ade20k_are_told() -> None:
    coded = {colour_label((10 * (k // 256), k % 256, 5 + 7 * i)) for k in (3, 300, 901) for i in range(4)}
    assert told(coded, 1, 12) == (
        "the 12 colours look like codes of instances, whose number is the blue part, as those of ADE20K",
        'write label_rule = "red // 10 * 256 + green" beside the classes, and give these the labels that it '
        "makes",
    )
    assert told({colour_label((10 * k, 7 * k, k)) for k in range(20)}, 1, 20) is None


def instances(folder: Path, number: int) -> Path:
    """Write masks of codes."""
    codes = [7, 11, *(26_000 + k for k in range(number))]
    mask = np.resize(codes, (40, max(4, number // 20)))
    return write(folder, {"a.png": pillow(Image.fromarray(mask.astype(np.uint16)))})


def test_new_classes_and_listings_say_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for side in "pt":
        instances(tmp_path / side, 2)
    message = "labels such as 26000, 26001 look like codes of instances: class times 1000 and a number"
    do = hint(BY_THOUSAND, "7, 11, 26", SMALLER.format("7, 11", "value // 1000 where value >= 0"))
    with pytest.warns(SegscoreWarning) as caught:
        text = new_classes("t")
    assert [str(one.message) for one in caught] == [f"{message}\nhint: {do}"]
    remarks = " ".join(line.removeprefix("#").strip() for line in text.splitlines() if line[0] == "#")
    assert remarks == (
        f"Labels found in t. Give each class its name. {message[0].upper()}{message[1:]}. "
        f"{do[0].upper()}{do[1:]}."
    )
    made = run("classes", "new", "--from", "t")
    assert (made.stdout, made.stderr) == (text, f"warning: {message}\nhint: {do}\n")
    listed = run("evaluate", "--pred", "p", "--target", "t").stdout
    assert f"{message}; {do}" in " ".join(listed.split())
    # What it says to write is read as it is meant.
    rest = text[text.index("name = ") : text.index("  { label = 26000")]
    Path("c.toml").write_text(f'label_rule = "{BY_THOUSAND}"\n{rest}  {{ label = 26, name = "car" }},\n]\n')
    assert load("c.toml").decoded("target", np.array([7, 26_000, 26_001])).tolist() == [7, 26, 26]


def test_more_codes_than_classes_can_be_are_refused_as_such(tmp_path: Path) -> None:
    target = str(instances(tmp_path / "t", 998))
    with pytest.warns(SegscoreWarning):
        new_classes(target)
    target = str(instances(tmp_path / "u", 1_000))
    message = "labels such as 26000, 26001, 26002, 26003, 26004, … look like codes of instances"
    assert refused(ClassesError, new_classes, target) == (
        f"{target}: found 1,002 different labels, more than 1,000\n"
        f"hint: {message}: class times 1000 and a number: "
        + hint(BY_THOUSAND, "7, 11, 26", SMALLER.format("7, 11", "value // 1000 where value >= 0"))
    )
