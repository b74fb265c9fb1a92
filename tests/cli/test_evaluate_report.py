"""The command line: the report beside the other outputs."""

import re
import shutil

import numpy as np
import pytest

from support import hints
from support.command_line import assert_failed, evaluate, run, write_folders
from support.masks_on_disk import pillow
from support.pages import Page


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Folders `pred`, `target` and `image`, and `classes.toml`, in the current folder."""
    from PIL import Image

    monkeypatch.chdir(tmp_path)
    write_folders(tmp_path)
    (tmp_path / "image").mkdir()
    image = Image.fromarray(np.full((4, 4, 3), 99, dtype=np.uint8))
    for path in (tmp_path / "target").iterdir():
        (tmp_path / "image" / f"{path.stem}_rgb.png").write_bytes(pillow(image))
        (tmp_path / "image" / f"{path.stem}.png").write_bytes(pillow(image))
    return tmp_path


def test_a_report_is_written_beside_the_other_outputs(folders):
    plain = evaluate("--classes", "classes.toml")
    result = evaluate(
        "--classes", "classes.toml", "--report", "r.html", "--images", "image", "--json", "r.json"
    )
    told = "report written to r.html\n"
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"{plain.stdout}{told}", "")
    page = Page((folders / "r.html").read_text())
    assert "2 images scored" in page.id("summary").text
    assert len(list(page.root.every("img", data_part="photograph"))) == 2
    result = evaluate(
        "--classes",
        "classes.toml",
        "--report",
        "p.html",
        "--images",
        "image",
        "--image-pairing",
        "{id}_rgb:{id}",
    )
    assert result.exit_code == 0
    assert len(list(Page((folders / "p.html").read_text()).root.every("img", data_part="photograph"))) == 2


def test_a_report_on_standard_output_is_alone_there(folders):
    usual = ["--classes", "classes.toml", "--images", "image"]
    result = evaluate(*usual, "--report", "-", "--save", "v.npz", "--json", "v.json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert evaluate(*usual, "--report", "r.html").exit_code == 0
    assert undated(result.stdout) == undated((folders / "r.html").read_text())
    result = run("compare", "v.npz", "v.npz", "--report", "-")
    assert (result.exit_code, result.stderr) == (0, "")
    told = run("compare", "v.npz", "v.npz", "--report", "c.html").stdout
    assert told.endswith("\nreport written to c.html\n")
    assert undated(result.stdout) == undated((folders / "c.html").read_text())
    assert not (folders / "-").exists()
    for other in ("--json", "--summary"):
        of_one = evaluate(*usual, "--report", "-", other, "-")
        of_two = run("compare", "v.npz", "v.npz", "--report", "-", other, "-")
        for result, both in (
            (of_one, f"`{other}` and `--report`"),
            (of_two, f"`--report` and `{other}`"),
        ):
            error = f"error: {both} both go to standard output\nhint: name a file for one of them\n"
            assert_failed(result, 2, error)


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
        result = evaluate(*usual, f"{number}.html", "--thumbnails", number)
        assert (result.exit_code, result.stderr) == (0, "")
        assert pictures(f"{number}.html") == ["target", "pred", "errors"] * number
    result = evaluate(*usual, "-", "--thumbnails", "1")
    assert undated(result.stdout) == undated((folders / "1.html").read_text())
    shutil.copytree("target", "right")
    right = ("--pred", "right", "--target", "target", "--classes", "classes.toml", "--save", "w.npz")
    assert run("evaluate", *right).exit_code == 0
    for number in (0, 1, 2):
        result = run("compare", "v.npz", "w.npz", "--report", "c.html", "--thumbnails", number)
        assert (result.exit_code, result.stderr) == (0, "")
        assert pictures("c.html") == ["target", "a", "b", "change"] * number
    told = "error: `--thumbnails` needs `--report`\nhint: pictures are shown on its page\n"
    assert_failed(run("compare", "v.npz", "w.npz", "--thumbnails", "1"), 2, told)


def undated(page):
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "", page)


@pytest.mark.parametrize(
    ("args", "error"),
    [
        (
            ["--report", "no/x.html"],
            "no: there is no such folder to write to\nhint: make it, or name another one",
        ),
        (
            ["--report", "x", "--json", "./x"],
            "`--json` and `--report` name the same file\nhint: name two files",
        ),
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
    result = evaluate("--classes", "classes.toml", *args)
    assert_failed(result, 2, f"error: {error}\n".replace("{here}", str(folders)))
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


def test_a_report_needs_classes(folders):
    result = evaluate("--report", "r.html")
    assert_failed(result, 2, "error: `--report` needs `--classes`\nhint: name the classes with `--classes`\n")
