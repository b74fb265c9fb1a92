"""The command line: pages in Markdown for CI runs, beside the other outputs."""

import pytest

import segscore
from support.command_line import assert_failed, evaluate, write_folders


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Folders `pred` and `target` with two masks each, and `classes.toml`, in the current folder."""
    monkeypatch.chdir(tmp_path)
    write_folders(tmp_path)
    return tmp_path


def scored(*args):
    """Run `segscore evaluate` with classes and these options."""
    return evaluate("--classes", "classes.toml", *args)


@pytest.fixture
def page(folders):
    """The page of the evaluation, without gates."""
    ev = segscore.evaluate(pred="pred", target="target", classes="classes.toml")
    return ev.to_markdown()


def test_a_page_is_added_to_what_is_there(folders, page):
    (folders / "page.md").write_text("# Of an earlier step\n")
    first, second = scored("--summary", "page.md"), scored("--summary", "page.md")
    assert (first.exit_code, first.stderr) == (0, "")
    assert first.stdout == second.stdout == scored().stdout
    assert (folders / "page.md").read_text() == f"# Of an earlier step\n\n{page}\n\n\n{page}\n\n"
    assert page.startswith("## Scores of pred\n\n2 images scored\n\n| score | value |\n")


def test_a_page_is_made_with_the_gates_also_when_one_fails(folders):
    result = scored("--summary", "page.md", "--fail-under", "iou.sky=0.8")
    assert result.exit_code == 1
    assert "\n| iou.sky | **failed** | 0.714286, 0.085714 below 0.8 |\n" in (folders / "page.md").read_text()


def test_a_page_on_standard_output_alone(folders, page):
    result = scored("--summary", "-", "--json", "v1.json")
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"{page}\n", "")
    assert (folders / "v1.json").read_text() == scored("--json", "-").stdout


def test_names_add_no_markup_to_a_page(folders):
    toml = (folders / "classes.toml").read_text()
    (folders / "classes.toml").write_text(toml.replace('"road"', '"<img src=x>|[a](b)"'))
    page = scored("--summary", "-").stdout
    assert "\n| \\<img src=x\\>\\|\\[a\\](b) | 0.6667 | " in page


@pytest.mark.parametrize(
    ("args", "error"),
    [
        (
            ["--json", "-", "--summary", "-"],
            "`--summary` and `--json` both go to standard output\nhint: name a file for one of them",
        ),
        (
            ["--json", "x", "--summary", "./x"],
            "`--summary` and `--json` name the same file\nhint: name two files",
        ),
        (
            ["--save", "x", "--summary", "x"],
            "`--summary` and `--save` name the same file\nhint: name two files",
        ),
        (
            ["--summary", "no/x"],
            "no: there is no such folder to write to\nhint: make it, or name another one",
        ),
        (
            ["--summary", "pred"],
            "pred: expected a file to write, found a folder\nhint: name a file within it",
        ),
    ],
)
def test_outputs_need_a_place_each(folders, args, error):
    assert_failed(scored(*args), 2, f"error: {error}\n")


def test_a_page_that_cannot_be_written_loses_nothing_else(folders):
    result = scored("--summary", "/dev/full", "--save", "v1.npz")
    assert (result.exit_code, result.stderr) == (
        2,
        "error: /dev/full: cannot be written: No space left on device\n"
        "hint: choose a folder that is there, writable, and on a disk with room\n",
    )
    assert segscore.load("v1.npz").names == ("a", "b")


def test_a_page_needs_classes(folders):
    assert_failed(
        evaluate("--summary", "page.md"),
        2,
        "error: `--summary` needs `--classes`\nhint: name the classes with `--classes`\n",
    )
