"""The options of `segscore evaluate` that measure boundaries and surfaces."""

import json
from pathlib import Path

import pytest

import segscore
from support.by_hand import painted
from support.command_line import EVALUATE, evaluate, failed, printed
from support.masks_on_disk import png

GIVEN = (*EVALUATE, "--classes", "3", "--no-progress")


@pytest.fixture
def organs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two folders of four masks of three classes, in the current folder."""
    monkeypatch.chdir(tmp_path)
    for at, side in enumerate(("pred", "target")):
        (tmp_path / side).mkdir()
        for seed in range(4):
            (tmp_path / side / f"{seed}.png").write_bytes(png(painted(seed, (20, 24), 3)[at].tolist()))
    return tmp_path


def test_options_are_those_of_python(organs: Path) -> None:
    printed(
        *GIVEN, "--save", "a.npz", "--boundary", "2%,10%", "--segments", "--distances", "--spacing", "3,0.8",
        "--surface", "voxels", "--tolerance", "1,2.5", "--within", "9", "--empty", "374",
    )  # fmt: skip
    assert segscore.load("a.npz") == segscore.evaluate(
        pred="pred",
        target="target",
        classes=3,
        boundary=(0.02, 0.1),
        segments=True,
        distances=True,
        spacing=(3, 0.8),
        surface="voxels",
        tolerances=(1, 2.5),
        within=9,
        empty=374,
        progress=False,
    )


@pytest.mark.parametrize(("given", "width"), [("2%", 0.02), ("5px", 5), ("5", 5), ("0.05", 0.05)])
def test_widths(organs: Path, given: str, width: float) -> None:
    found = json.loads(printed(*GIVEN, "--boundary", given, "--json", "-"))["boundary"]
    assert [one["width"] for one in found] == [width]


def test_numbers_are_in_json_and_on_the_page_in_markdown(organs: Path) -> None:
    found = json.loads(printed(*GIVEN, "--distances", "--spacing", "3,0.8", "--json", "-"))["surface"]
    assert (found["unit"], found["spacing"], found["surface"]) == ("mm", [3.0, 0.8], "area")
    assert [one["name"] for one in found["per_class"]] == ["0", "1", "2"]
    page = printed(*GIVEN, "--distances", "--boundary", "1px", "--summary", "-")
    assert "| class | Dice@1px | Dice@2px | HD px | HD95 px | ASSD px | missed | invented |" in page
    assert "| class | boundary IoU | lower of it and IoU | trimap IoU |" in page


@pytest.mark.parametrize(
    ("asked", "passed"),
    [
        ("hd95.1<=5", True),
        ("hd95.1<=0.01", False),
        ("hd95.1=5", True),
        ("surface_dice.1@2>=0.9", True),
        ("surface_dice.1@2>=0.99", False),
        ("mean_hd95<=100,surface_dice@2>=0.1,boundary_iou.1=0.1", True),
    ],
)
def test_gates(organs: Path, asked: str, passed: bool) -> None:
    result = evaluate("--classes", "3", "--distances", "--boundary", "1", "--fail-under", asked)
    assert result.exit_code == (0 if passed else 1)
    assert result.stdout.count("gate passed: ") == asked.count("=") * passed


COMMAS = "expected finite numbers with commas between\nhint: write"
EXAMPLES = {
    "--spacing": "the distance along each axis, such as 3,0.8,0.8",
    "--tolerance": "each distance that is near enough, such as 1,2",
}
WIDTH = (
    "is no width of a band\n"
    "hint: 5 or 5px are pixels, 0.02 or 2% are a share of the diagonal of the image, less than 1"
)
DISTANCES = (
    "is given without `--distances`\nhint: distances between surfaces are asked for with `--distances`"
)
EMPTY = 'hint: it is "inf", "skip", "diagonal", or a distance, such as 374.0'


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--boundary", "x"], f"'x' {WIDTH}"),
        (["--boundary", ""], f"'' {WIDTH}"),
        (["--boundary", "0px"], f"'0px' {WIDTH}"),
        (["--boundary", "5px,2px"], "`--boundary` is 5 px, 2 px, expected 1 to 15 widths, rising, all in "
         "pixels or all shares of the diagonal\nhint: such as `--boundary 0.02` or `--boundary 1,3,5`"),
        (["--components", "--connectivity", "7"], "`--connectivity` is 7, expected 4 or 8 for images, or 6, "
         "18 or 26 for volumes\nhint: it is how many neighbours a pixel has"),
        (["--ignore", str(2**60)], f"`--ignore` {2**60} is no label value\n"
         "hint: label values are integers below 2**56"),
        (["--save", ""], "expected a file to write, found an empty path\nhint: name a file"),
        (["--boundary", "1", "--dims", "3"], "`--boundary` is given for images of 3 dimensions, and bands "
         "are measured of 2\nhint: the borders of volumes are compared with `--distances`"),
        (["--spacing", "3,1"], f"`--spacing` {DISTANCES}"),
        (["--tolerance", "2"], f"`--tolerance` {DISTANCES}"),
        (["--within", "2"], f"`--within` {DISTANCES}"),
        (["--surface", "area"], f"`--surface` {DISTANCES}"),
        (["--empty", "skip"], f"`--empty` {DISTANCES}"),
        (["--distances", "--spacing", "3"], "expected one positive number as `--spacing` of each of 2 axes, "
         "found [3.0]\nhint: in the order of the axes of the array, such as `--spacing 0.8,0.8`"),
        (["--distances", "--spacing", "3,0"], "expected one positive number as `--spacing` of each of 2 "
         "axes, found [3.0, 0.0]\nhint: in the order of the axes of the array, such as `--spacing 0.8,0.8`"),
        *((["--distances", option, text], f"`{option}` is {text!r}, {COMMAS} {example}")
          for option, example in EXAMPLES.items() for text in ("", "x", "3,,1", "3;1", "nan,1")),
        (["--distances", "--tolerance", "1,-1"], "expected a tolerance of 0 or more, found -1.0\n"
         "hint: in the unit of the spacing, such as 2.0"),
        (["--distances", "--within", "0"], "`--within` is 0.0, expected a number above 0\n"
         "hint: in the unit of the spacing, such as 5.0"),
        (["--distances", "--within", "x"], "`--within` is 'x', expected a finite number\n"
         "hint: write it in digits, such as 20"),
        (["--distances", "--surface", "mesh"], "`--surface` is 'mesh'\nhint: it is \"voxels\" or \"area\""),
        (["--distances", "--empty", "x"], f"`--empty` is 'x'\n{EMPTY}"),
        (["--distances", "--empty", "-3"], f"`--empty` is -3.0\n{EMPTY}"),
        (["--distances", "--fail-under", "hd95.1>=5"], "`--fail-under` holds `hd95.1>=`, but lower is better"
         "\nhint: such as `hd95.1<=…`"),
        (["--distances", "--fail-under", "surface_dice.1>=0.9"], "`surface_dice.1` lacks a tolerance\n"
         "hint: such as `surface_dice.1@2`, in the unit of the spacing"),
        (["--distances", "--fail-under", "hd95.9<=5"], "there is no class `9`\n"
         "hint: the nearest are `0`, `1`, `2`"),
        (["--fail-under", "hd95.1<=5"], "distances of surfaces were not measured\n"
         "hint: evaluate with `--distances`: counts of pixels do not say where these are"),
    ],
)  # fmt: skip
def test_options_that_are_none(organs: Path, options: list[str], told: str) -> None:
    assert failed(evaluate("--classes", "3", *options)) == told


def test_shapes_are_of_classes(organs: Path) -> None:
    assert failed(evaluate("--boundary", "3", "--distances")) == (
        "`--boundary` and `--distances` need `--classes`\nhint: name the classes with `--classes`"
    )
