"""The command line: the report beside the other outputs."""

import re
import shutil

import numpy as np
import pytest
from PIL import Image

from support import hints
from support.command_line import EVALUATE, evaluate, failed, printed, run
from support.masks_on_disk import pillow, write
from support.pages import Page


@pytest.fixture
def folders(folders):
    """Folders `pred`, `target` and `image`, and `classes.toml`, in the current folder."""
    photograph = pillow(Image.fromarray(np.full((4, 4, 3), 99, dtype=np.uint8)))
    names = [f"{path.stem}{end}.png" for path in (folders / "target").iterdir() for end in ("_rgb", "")]
    write(folders / "image", dict.fromkeys(names, photograph))
    return folders


def test_a_report_is_written_beside_the_other_outputs(folders):
    usual = ["--classes", "classes.toml", "--images", "image", "--report"]
    result = evaluate(*usual, "r.html", "--json", "r.json")
    plain = evaluate("--classes", "classes.toml").stdout
    told = "report written to r.html\n"
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"{plain}{told}", "")
    assert "2 images scored" in Page((folders / "r.html").read_text()).id("summary").text
    assert evaluate(*usual, "p.html", "--image-pairing", "{id}_rgb:{id}").exit_code == 0
    for name in ("r.html", "p.html"):
        page = Page((folders / name).read_text())
        assert len(list(page.root.every("img", data_part="photograph"))) == 2


def test_a_report_on_standard_output_is_alone_there(folders):
    usual = ["--classes", "classes.toml", "--images", "image"]
    result = printed(*EVALUATE, *usual, "--report", "-", "--save", "v.npz", "--json", "v.json")
    assert evaluate(*usual, "--report", "r.html").exit_code == 0
    assert undated(result) == undated((folders / "r.html").read_text())
    result = printed("compare", "v.npz", "v.npz", "--report", "-")
    told = run("compare", "v.npz", "v.npz", "--report", "c.html").stdout
    assert told.endswith("\nreport written to c.html\n")
    assert undated(result) == undated((folders / "c.html").read_text())
    assert not (folders / "-").exists()


@pytest.mark.parametrize("other", ["--json", "--summary"])
def test_nothing_is_said_of_a_report_where_something_else_is_on_standard_output(folders, other):
    usual = ["--classes", "classes.toml", other, "-"]
    plain = evaluate(*usual, "--save", "v.npz")
    assert evaluate(*usual, "--report", "r.html").stdout == plain.stdout
    compared = run("compare", "v.npz", "v.npz", other, "-")
    assert run("compare", "v.npz", "v.npz", other, "-", "--report", "c.html").stdout == compared.stdout
    assert all((folders / name).exists() for name in ("r.html", "c.html"))


def test_the_number_of_images_with_pictures_is_given(folders):
    def pictures(file):
        return [one.attributes["data-part"] for one in Page((folders / file).read_text()).root.every("img")]

    usual = ["--classes", "classes.toml", "--save", "v.npz", "--report"]
    for number in (0, 1, 2):
        result = printed(*EVALUATE, *usual, f"{number}.html", "--thumbnails", number)
        assert pictures(f"{number}.html") == ["target", "pred", "errors"] * number
    result = evaluate(*usual, "-", "--thumbnails", "1")
    assert undated(result.stdout) == undated((folders / "1.html").read_text())
    shutil.copytree("target", "right")
    right = ("--pred", "right", "--target", "target", "--classes", "classes.toml", "--save", "w.npz")
    assert run("evaluate", *right).exit_code == 0
    for number in (0, 1, 2):
        result = printed("compare", "v.npz", "w.npz", "--report", "c.html", "--thumbnails", number)
        assert pictures("c.html") == ["target", "a", "b", "change"] * number
    photographs = ("--images", "image", "--image-pairing", "{id}_rgb:{id}")
    assert run("compare", "v.npz", "w.npz", "--report", "c.html", *photographs).exit_code == 0
    assert pictures("c.html").count("photograph") == 2
    told = "`--thumbnails` needs `--report`\nhint: pictures are shown on its page"
    assert failed(run("compare", "v.npz", "w.npz", "--thumbnails", "1")) == told


def undated(page):
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "", page)


@pytest.mark.parametrize(
    ("args", "error"),
    [
        (["--images", "image"], "`--images` needs `--report`\nhint: photographs are shown on its page"),
        (
            ["--image-pairing", "{id}", "--report", "x"],
            "`--image-pairing` needs `--images`\nhint: name the folder of photographs",
        ),
        (["--thumbnails", "8"], "`--thumbnails` needs `--report`\nhint: pictures are shown on its page"),
        (
            ["--report", "x", "--thumbnails", "1001"],
            f"`--thumbnails` is 1001\nhint: {hints.NUMBER_OF_IMAGES}",
        ),
        (
            ["--report", "x", "--thumbnails", "few"],
            "`--thumbnails` is 'few', expected a whole number\nhint: write it in digits, such as 8",
        ),
        (
            ["--report", "x", "--images", "none"],
            "`--images`: expected a folder, a file or a glob pattern, found nothing at none\n"
            "hint: the nearest folder that exists is {here}",
        ),
    ],
)
def test_a_report_that_cannot_be_written_is_an_error_before_the_run(folders, args, error):
    before = sorted(path.name for path in folders.iterdir())
    found = failed(evaluate("--classes", "classes.toml", *args))
    assert found == error.replace("{here}", str(folders))
    assert sorted(path.name for path in folders.iterdir()) == before


def test_photographs_of_other_names_cost_no_scores(folders):
    for path in (folders / "image").iterdir():
        path.rename(path.with_name(f"x{path.name}"))
    result = evaluate(
        "--classes", "classes.toml", "--report", "r.html", "--images", "image", "--save", "r.npz"
    )
    assert result.exit_code == 2
    assert "mean IoU" in result.stdout
    assert "hint: where the names differ, give a pattern: `--image-pairing`" in result.stderr
    assert (folders / "r.npz").exists()


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        ("{id", "error: `--image-pairing`: expected a pattern for targets with one `{id}`, or PRED:TARGET"),
        ("{id}_rgb:{id}_gt", "hint: `--image-pairing '{id}_rgb:{id}'` would match 2 of 2 targets"),
    ],
)
def test_a_pattern_of_photographs_is_called_as_its_option(folders, pattern, line):
    usual = ["--classes", "classes.toml", "--report", "r.html", "--images", "image"]
    for name in ("a", "b"):
        (folders / "image" / f"{name}.png").unlink()
    result = evaluate(*usual, "--image-pairing", pattern)
    assert result.exit_code == 2
    assert [found[: len(line)] for found in result.stderr.splitlines()].count(line) == 1
    assert "`--pairing" not in result.stderr
