"""The command line, given what no end or no sense can be found of: it is refused at once, in a few words."""

from pathlib import Path

import pytest

from segscore.base.shown import brief
from segscore.io.groups import csv_columns
from support import hints
from support.command_line import evaluate, failed, run, write_folders

DIGITS = "9" * 5000
SHORT = "9" * 200 + "…"
TOML = f"hint: {hints.CLASSES_THERE}"
CLASSES_NEW = "hint: `segscore classes new` writes such a file"
GROUP = 'hint: such as r"^(\\w+)_": what matches within the parentheses is the group of the image'


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders of masks, images and a workspace, in the current folder."""
    monkeypatch.delenv("SEGSCORE_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)
    write_folders(tmp_path)
    run("init")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            ("--classes", "/dev/zero"),
            f"/dev/zero: cannot be read: it holds more than 4,194,304 bytes\n{TOML}",
        ),
        (
            ("--classes", 2, "--pred-classes", "/dev/zero"),
            "`--pred-classes`: /dev/zero: cannot be read: it holds more than 4,194,304 bytes\n" + TOML,
        ),
        (
            ("--classes", DIGITS),
            f"there is no preset `{SHORT}`\nhint: {hints.PRESETS}",
        ),
        (
            ("--classes", "dots.toml"),
            f"dots.toml: expected at most 1,000 dots in a line, found more\n{CLASSES_NEW}",
        ),
        (
            ("--classes", 2, "--ignore", DIGITS),
            f"`--ignore` is '{SHORT}', expected label values\nhint: write 255, or 254,255",
        ),
        (
            ("--classes", 2, "--threads", DIGITS),
            f"`--threads` is '{SHORT}', expected a whole number\nhint: write it in digits, such as 8",
        ),
        (
            ("--classes", 2, "--max-pixels", DIGITS),
            f"`--max-pixels` is '{SHORT}', expected a whole number\nhint: write it in digits, such as 8",
        ),
        (
            ("--classes", 2, "--ignore", 255, "--groups", "(" * 500),
            f"`{'(' * 200}…` is no regular expression: its brackets are nested too deep\n{GROUP}",
        ),
        (
            ("--classes", 2, "--ignore", 255, "--groups", "a{99999999999}"),
            "`a{99999999999}` is no regular expression: the repetition number is too large\n" + GROUP,
        ),
        (
            ("--classes", 2, "--pairing", "*a" * 5 + "{id}"),
            "`--pairing`: expected at most 4,096 characters and 4 `*` on each side, found 14 and 5\n"
            "hint: one `*` stands for any text that is not part of the id",
        ),
    ],
)
def test_evaluate(given: tuple[object, ...], said: str) -> None:
    Path("dots.toml").write_text("a." * 200_000 + "b = 1")
    assert failed(evaluate("--no-progress", *given)) == said


def test_numbers_of_5000_digits_in_a_file_and_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("long.toml").write_text(f'classes = [{{ label = {DIGITS}, name = "a" }}]')
    result = evaluate("--classes", "long.toml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: long.toml: not TOML: Exceeds the limit (4300 digits)")
    monkeypatch.setenv("SEGSCORE_NUM_THREADS", DIGITS)
    assert failed(evaluate("--classes", 2)) == (
        f"the variable SEGSCORE_NUM_THREADS is {brief(DIGITS)}, expected 1 to 1,024\n"
        "hint: unset it for the default"
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            ("--scale", "1e999999999"),
            "`--scale` is '1e999999999', expected a number\n"
            "hint: write a fraction or a decimal, such as 1/255",
        ),
        (
            ("--scale", f"1/{DIGITS}"),
            f"`--scale` is '1/{SHORT[2:]}', expected a number\n"
            "hint: write a fraction or a decimal, such as 1/255",
        ),
        (
            ("--mean", "0.485,0.456,0.406"),
            "`--mean` is [0.485, 0.456, 0.406], as of values from 0 to 1, but the model is given values up "
            "to 255\nhint: say `--scale 1/255` for a model that was trained on 0 to 1; or `--scale 1` if "
            "these are of 0 to 255",
        ),
        (
            ("--threshold", DIGITS),
            f"`--threshold` is '{SHORT}', expected a number\nhint: write it in digits, such as 0.5",
        ),
        (
            ("--mean", f"0,{DIGITS},0"),
            f"`--mean` is '0,{SHORT[2:]}', expected one number, or one for each channel\n"
            "hint: write numbers with commas between them, such as 0.485,0.456,0.406",
        ),
        (
            ("--size", f"{DIGITS},2"),
            f"`--size` is '{SHORT}', expected 2 whole numbers\n"
            "hint: write whole numbers with commas between them, such as 512,1024",
        ),
    ],
)
def test_options_of_models(given: tuple[str, str], said: str) -> None:
    assert failed(run("model", "add", "net", "--onnx", "net.onnx", *given)) == said


def test_files_that_have_no_end() -> None:
    assert failed(run("compare", "/dev/zero", "/dev/zero")) == (
        "/dev/zero: expected a file, found something without an end to look for\n"
        "hint: `Evaluation.save` and `segscore evaluate --save` write such files"
    )


def test_a_table_that_has_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segscore.io.groups._MOST_CSV", 1000)
    result = run(
        *("dataset", "add", "streets", "--images", "pred", "--targets", "target"),
        *("--classes", "classes.toml", "--attributes", "/dev/zero"),
    )
    said = "/dev/zero: cannot be read: it holds more than 1,000 bytes\nhint: give the path of a CSV file"
    assert failed(result) == said
    Path("some.csv").write_text("name,city\na,Ulm\n")
    assert csv_columns(("a",), "some.csv") == {"city": ["Ulm"]}
