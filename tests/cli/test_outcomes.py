"""The command line: what cannot be used and what is said of it, files of evaluations, pages for CI runs."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

import segscore
from segscore import cli
from segscore.cli import runs
from segscore.cli.inputs import saved_evaluation
from support import hints
from support.command_line import evaluate, failed, run, write_folders
from support.refused import refused


def test_an_error_of_a_file_is_not_taken_for_one_of_standard_output(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise PermissionError(13, "Permission denied", "some/file")

    monkeypatch.setattr(runs, "opened_workspace", fail)
    result = run("runs")
    assert (result.exit_code, result.stdout) == (3, "")
    lines = result.stderr.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-2:] == [
        "internal error: PermissionError: [Errno 13] Permission denied: 'some/file'",
        "hint: please report this with the command",
    ]


@pytest.mark.parametrize(
    "args",
    [
        ["evaluate", "--pred", "pred", "--target", "target", "--classes", "2"],
        ["classes", "new", "--from", "target"],
        ["init"],
        ["runs"],
        ["model", "list"],
        ["ui", "--no-browser"],
    ],
)
def test_a_current_folder_that_is_gone_is_bad_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: list[str]
) -> None:
    monkeypatch.delenv("SEGSCORE_WORKSPACE", raising=False)
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert failed(run(*args)) == (
        "the current folder is no longer there, so that nothing can be found from it\n"
        "hint: go to another folder, and name files and folders by whole paths"
    )


@pytest.mark.parametrize(
    "args",
    [
        ["--version"],
        ["classes", "new", "--from", "target"],
        ["classes", "cityscapes"],
        ["demo"],
        ["evaluate", "--pred", "pred", "--target", "target"],
    ],
)
def test_a_standard_output_that_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_folders(tmp_path)
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "segscore", *args]
        ended = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
    assert (ended.returncode, ended.stderr) == (
        2,
        "error: standard output cannot be written: No space left on device\n",
    )


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ("--help", 0),
        ("evaluate --pred pred --target target --classes classes.toml --fail-under kappa=1", 1),
        ("evaluate --pred nowhere --target target", 2),
        ("evaluate --nothing", 2),
    ],
)
def test_an_exit_code_holds_whoever_reads(folders: Path, args: str, code: int) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "wb") as gone, open("/dev/full", "wb") as full:
        for out, err in ((gone, gone), (subprocess.DEVNULL, full)):
            command = [sys.executable, "-m", "segscore", *args.split()]
            assert subprocess.run(command, stdout=out, stderr=err, timeout=60, check=False).returncode == code


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (["ui", "--port", "abc"], "`--port` is 'abc', expected a whole number{whole}"),
        (["ui", "--port", ""], "`--port` is '', expected a whole number{whole}"),
        (
            ["compare", "a", "b", "--fail-unless-not-worse-by", "\x1b[31m"],
            r"`--fail-unless-not-worse-by` is '\x1b[31m', expected a number{any}",
        ),
        (["model", "add", "m", "--class-axis", "x"], "`--class-axis` is 'x', expected a whole number{axis}"),
    ],
)
def test_what_is_no_number_is_shown(args: list[str], text: str) -> None:
    examples = {"whole": "8", "any": "0.5", "axis": "0"}
    hints = {name: f"\nhint: write it in digits, such as {example}" for name, example in examples.items()}
    assert failed(run(*args)) == f"{text.format(**hints)}"


def _options(group: Any, *names: str) -> Iterator[list[str]]:
    """Yield each option that takes a value, after the names of its command."""
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        if hasattr(command, "commands"):
            yield from _options(command, *names, name)
        else:
            found = [one for one in command.params if one.opts[0].startswith("--")]
            yield from ([*names, name, one.opts[0]] for one in found if not getattr(one, "is_flag", False))


def test_every_option_says_what_is_wrong_in_the_same_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = list(_options(get_command(cli.app)))
    assert ["model", "add", "--threshold"] in found
    said = [line for option in found for line in run(*option, "x~").stderr.splitlines()]
    assert not [line for line in said if "Invalid value" in line]
    assert len([line for line in said if "is 'x~', expected a" in line]) > 10


def test_hints_name_commands_and_not_functions(tmp_path: Path) -> None:
    assert failed(run("runs", "--workspace", tmp_path)) == (
        f"{tmp_path}: there is no workspace: no .segscore/workspace.json in it\n"
        "hint: `segscore init` makes one there; a command without `--workspace` looks in the folders above, "
        "too"
    )


def test_what_save_wrote(folders):
    evaluate("--classes", "classes.toml", "--save", "v1.npz", "--fail-under", "iou.sky=0.8")
    made = segscore.evaluate(pred="pred", target="target", classes="classes.toml")
    assert saved_evaluation("v1.npz") == made


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (
            "pred",
            "pred: expected a saved evaluation, found a folder\n"
            "hint: score the masks in it first: `segscore evaluate --save FILE.npz` writes such a file",
        ),
        (
            "v1.json",
            "v1.json: expected a saved evaluation, found JSON\n"
            "hint: `--json` writes no counts of single images; score them again with `--save FILE.npz`",
        ),
        (
            "a\0b",
            "'a\\x00b': expected a saved evaluation, found another kind of file or a damaged one\n"
            f"hint: {hints.SAVED}",
        ),
    ],
)
def test_what_is_no_saved_evaluation(folders, path, message):
    evaluate("--classes", "classes.toml", "--json", "v1.json")
    assert refused(segscore.FileFormatError, saved_evaluation, path) == message


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
    assert page.startswith("## Scores of pred\n\n2 images scored\n\nMean IoU 0.69. Weakest: ")


def test_a_page_is_made_with_the_gates_also_when_one_fails(folders):
    result = scored("--summary", "page.md", "--fail-under", "iou.sky=0.8")
    assert result.exit_code == 1
    assert (
        "\n| iou.sky | **failed** | 0.714286, 0.085714 below 0.8, on 2 images |\n"
        in (folders / "page.md").read_text()
    )


def test_a_page_on_standard_output_alone(folders, page):
    result = scored("--summary", "-", "--json", "v1.json")
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"{page}\n", "")
    assert (folders / "v1.json").read_text() == scored("--json", "-").stdout


SIDES = ["--pred", "nowhere", "--target", "nowhere", "--classes", "2"]


@pytest.mark.parametrize(
    "args",
    [
        ["evaluate", *SIDES, "--save"],
        ["evaluate", *SIDES, "--summary"],
        ["evaluate", *SIDES, "--report"],
        ["audit", *SIDES, "--json"],
        ["compare", "v.npz", "v.npz", "--report"],
    ],
)
def test_places_to_write_to_are_looked_for_before_the_run(folders, args):
    scored("--save", "v.npz")
    for place, error in (
        ("no/x", "no: there is no such folder to write to\nhint: make it, or name another one"),
        ("pred", "pred: expected a file to write, found a folder\nhint: name a file within it"),
    ):
        assert failed(run(*args, place)) == f"{error}"


@pytest.mark.parametrize(
    ("args", "options"),
    [
        (["evaluate", *SIDES, "--json", "{}", "--save", "./x"], "`--json` and `--save`"),
        (["evaluate", *SIDES, "--json", "{}", "--summary", "{}"], "`--summary` and `--json`"),
        (["evaluate", *SIDES, "--json", "{}", "--report", "{}"], "`--json` and `--report`"),
        (["evaluate", *SIDES, "--summary", "{}", "--report", "{}"], "`--summary` and `--report`"),
        (["compare", "v.npz", "v.npz", "--json", "{}", "--summary", "{}"], "`--summary` and `--json`"),
        (["compare", "v.npz", "v.npz", "--json", "{}", "--report", "{}"], "`--report` and `--json`"),
        (["compare", "v.npz", "v.npz", "--summary", "{}", "--report", "{}"], "`--report` and `--summary`"),
    ],
)
def test_outputs_need_a_place_each(folders, args, options):
    scored("--save", "v.npz")
    places = [("x", "name the same file\nhint: name two files")]
    if "./x" not in args:
        places.append(("-", "both go to standard output\nhint: name a file for one of them"))
    for place, error in places:
        result = run(*(arg.format(place) for arg in args))
        assert failed(result) == f"{options} {error}"
