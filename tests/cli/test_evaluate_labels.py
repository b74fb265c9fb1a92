"""The command line without classes: the labels that it lists, and what it says to do next."""

import pytest

from support.command_line import EVALUATE, evaluate, failed, printed
from support.masks_on_disk import png

HEAD = "labels of {}, as shares of their pixels\n\nlabel  target    pred\n"
NONE = (
    "what these labels mean is told by none of the presets (`segscore classes` lists\n"
    "  them); `segscore classes new` starts a file\n"
)
NEXT = f"{NONE}next: segscore classes new --from target > classes.toml\n"


def test_without_classes_the_labels_of_both_sides_are_listed(folders):
    assert printed(*EVALUATE) == (
        f"{HEAD.format('2 images')}"
        "0      41.67%  50.00%\n"
        "1      50.00%  50.00%\n"
        "255     8.33%       —\n"
        f"\n{NEXT}"
    )


def test_labels_that_no_preset_has(folders):
    (folders / "target" / "a.png").write_bytes(png([[77, 78, 200], [1, 255, 1]]))
    assert printed(*EVALUATE).endswith(f"\n\n{NEXT}")


def test_without_classes_what_is_not_compared_is_said(folders):
    for name in ("b", "c", "only here"):
        (folders / "pred" / f"{name}.png").write_bytes(png([[0, 1]]))
    (folders / "target" / "c.png").write_bytes(b"")
    for name in ("x", "y"):
        (folders / "target" / f"{name}.png").write_bytes(png([[0, 1]]))
    assert printed(*EVALUATE) == (
        f"{HEAD.format('1 image')}"
        "0      33.33%  33.33%\n"
        "1      50.00%  66.67%\n"
        "255    16.67%       —\n"
        "\n"
        "2 images were not counted:\n"
        "  b: `pred` and `target` differ in shape: (1, 2) and (2, 3)\n"
        "  c: target/c.png: expected a PNG, found an empty file\n"
        "  hint: compare maps of one size; `--resize nearest` resizes predictions in two dimensions to their "
        "targets\n"
        "  hint: write or copy the file again\n"
        "\n"
        "2 targets have no prediction: `x` and `y`\n"
        "1 prediction has no target: `only here.png`\n"
        f"\n{NEXT}"
    )


def test_the_command_to_go_on_with_repeats_every_option(folders):
    (folders / "target").rename("cityscapes")
    sides = ["--pred", "pred", "--target", "cityscapes"]
    how = [*sides, "--pairing", "{id}:{id}", "--resize", "nearest"]
    lines = printed("evaluate", *how, "--max-pixels", 99, "--threads", 1, "--no-progress").splitlines()
    assert lines[-2:] == [
        "the preset `cityscapes-train-ids` may fit: its name is in the path",
        "next: segscore evaluate --pred pred --target cityscapes --pairing '{id}:{id}' --resize nearest "
        "--max-pixels 99 --threads 1 --no-progress --classes cityscapes-train-ids",
    ]


def test_without_classes_no_image_at_all_is_an_error(folders):
    for name in ("a", "b"):
        (folders / "target" / f"{name}.png").write_bytes(b"")
    assert failed(evaluate()) == (
        "no image could be counted:\n"
        "  a: target/a.png: expected a PNG, found an empty file\n"
        "  b: target/b.png: expected a PNG, found an empty file\n"
        "hint: write or copy the file again"
    )


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--save", "v1.npz"], "`--save` needs"),
        (["--json", "-"], "`--json` needs"),
        (["--summary", "page.md"], "`--summary` needs"),
        (["--report", "r.html"], "`--report` needs"),
        (["--ignore", "255"], "`--ignore` needs"),
        (["--strict"], "`--strict` needs"),
        (["--pred-classes", "2"], "`--pred-classes` needs"),
        (["--on-error", "raise"], "`--on-error` needs"),
        (
            ["--strict", "--on-error", "skip", "--ignore", "255"],
            "`--ignore`, `--strict` and `--on-error` need",
        ),
    ],
)
def test_options_that_need_classes(folders, options, named):
    assert failed(evaluate(*options)) == f"{named} `--classes`\nhint: name the classes with `--classes`"
