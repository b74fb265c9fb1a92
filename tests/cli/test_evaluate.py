"""The command line: what it prints, writes and returns, and what wrong usage gets."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import segscore
from segscore import cli
from segscore.base.naming import arg, said
from segscore.errors import READ
from support import hints
from support.applications import until
from support.command_line import EVALUATE, evaluate, failed, printed, run
from support.masks_on_disk import png

REPORT = """\
2 images scored

Mean IoU 0.69. Weakest: `road` 0.67. 50% of the wrong pixels are `road` called
  `sky`.

class     IoU    Dice  precision  recall  of target
road   0.6667  0.8000     0.8000  0.8000     45.45%
sky    0.7143  0.8333     0.8333  0.8333     54.55%

              mean IoU 0.690476
             mean Dice 0.816667
         mean accuracy 0.816667
        pixel accuracy 0.818182
frequency-weighted IoU 0.692641
                 kappa 0.633333
                   MCC 0.633333
        mean image IoU 0.666667
       mean image Dice 0.795238

no interval of mean IoU: too few images (2)
11 pixels scored in 2 images, 1 ignored (8.33% of all)

mean over 2 of 2 classes
next: {next}
"""
STEP = "add `--save scores.npz` to keep the counts of every image, `--json scores.json` for the numbers"
FULL = f"error: /dev/full: cannot be written: No space left on device\nhint: {hints.FOLDER}\n"


def test_evaluate_prints_the_scores_and_what_to_do_next(folders):
    assert printed(*EVALUATE, "--classes", "classes.toml") == REPORT.format(next=STEP)


def test_json_goes_to_standard_output_alone_or_to_a_file(folders):
    printed = evaluate("--classes", "classes.toml", "--json", "-")
    written = evaluate("--classes", "classes.toml", "--json", "v1.json")
    assert written.stdout.startswith("2 images scored\n")
    found = json.loads((folders / "v1.json").read_text())
    assert json.loads(printed.stdout) == found
    assert (found["images_scored"], found["ignored"]) == (2, 1)
    assert [entry["name"] for entry in found["per_class"]] == ["road", "sky"]
    number = json.loads(evaluate("--classes", 2, "--ignore", "254,255", "--json", "-").stdout)
    assert number["mean_iou"] == found["mean_iou"] == pytest.approx((2 / 3 + 5 / 7) / 2, abs=1e-15)


def test_save_writes_what_load_reads(folders):
    result = evaluate("--classes", "classes.toml", "--save", "v1.npz")
    step = "`segscore compare v1.npz OTHER.npz` compares two models, `segscore explain v1.npz` tools"
    assert result.stdout == REPORT.format(next=step)
    assert segscore.load("v1.npz").worst(1) == (("a", pytest.approx(0.625)),)


def test_keys_of_a_file_of_classes_are_called_as_the_file_calls_them(folders):
    text = (folders / "classes.toml").read_text(encoding="utf-8")
    (folders / "own.toml").write_text(f'not_in_mean = ["x"]\n{text}', encoding="utf-8")
    assert failed(evaluate("--classes", "own.toml")) == (
        "own.toml: `not_in_mean` 'x' is no label value\nhint: label values are integers below 2**56"
    )


def test_floats_in_files_are_saved_as_integers(folders):
    np.save(folders / "pred" / "a.npy", np.zeros((2, 3)))
    (folders / "pred" / "a.png").unlink()
    assert failed(evaluate("--classes", "classes.toml", "--no-progress")) == (
        "1 of 2 images could not be scored:\n"
        "  a: `pred` is float64, expected bools or integers\n"
        "hint: save labels as integers: `labels.astype(int)`; class scores need `--class-axis`, "
        "probabilities `--threshold`\n"
        "hint: `--on-error skip` scores the other images, and says so"
    )


def test_fewer_classes_than_one(folders):
    result = evaluate("--classes", "-3")
    assert result.stderr.startswith("error: expected 1 to 65,536 classes, found -3\n")


def test_ignored_labels_that_are_no_numbers(folders):
    assert failed(evaluate("--classes", 2, "--ignore", "void")) == (
        "`--ignore` is 'void', expected label values\nhint: write 255, or 254,255"
    )


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        (arg("ignore_index", [-100, -1, 255]), "`--ignore -100,-1,255`"),
        (f"leave them out with {arg('ignore_index')}", "leave them out with `--ignore`"),
        (f"the rest with {arg('on_error', 'skip')}", "the rest with `--on-error skip`"),
        (
            f"{arg('pred_classes', 'train-ids')}, or no {arg('pred_classes')}",
            "`--pred-classes train-ids`, or no `--pred-classes`",
        ),
        (arg("pred_classes", [-1, 0]), "`--pred-classes -1,0`"),
        (arg("pairing", '{id}\'s "x":*/{id}') + ": 1", "`--pairing '{id}'\"'\"'s \"x\":*/{id}'`: 1"),
        (f"give {READ} a function", "give `--read` a function"),
        ("`resize`, ignore_index=255", "`resize`, ignore_index=255"),
        (f"classes of {arg('target')}", "classes of `--target`"),
    ],
    ids=said,
)
def test_hints_are_spelled_for_the_command_line(monkeypatch, text, spelled):
    def failing(**_):
        raise segscore.ArgumentError("a message", text)

    monkeypatch.setattr(cli.evaluate, "evaluate_masks", failing)
    assert failed(evaluate("--classes", 2)) == f"a message\nhint: {spelled}"


def test_several_labels_to_ignore_as_the_hint_says(folders):
    np.save(folders / "target" / "c.npy", np.array([[-100, -1, 0]]))
    np.save(folders / "pred" / "c.npy", np.array([[0, 0, 0]]))
    assert failed(evaluate("--classes", 2)) == (
        "`target` holds the labels -100 (1 pixel), -1 (1 pixel), 255 (1 pixel): "
        "neither class nor ignored, first in a\n"
        "hint: -100, -1, 255 usually mark pixels to leave out: `--ignore -100,-1,255`"
    )
    assert evaluate("--classes", 2, "--ignore", "-100,-1,255").exit_code == 0


def test_a_name_that_nothing_is_saved_under_is_refused_before_the_run(folders):
    for name, found, other in (
        ("v.json", ".json", "; `--json FILE` writes all numbers"),
        ("v.html", ".html", "; `--report FILE` writes a page"),
        ("v.md", ".md", "; `--summary FILE` adds a page"),
        (
            "v.csv",
            ".csv",
            "; in Python, `ev = segscore.load(FILE)` opens it, and `ev.to_rows()` has counts and "
            "`ev.images.to_frame()` scores of images, to be written as CSV",
        ),
        ("v", "none of them", ""),
    ):
        said = failed(
            run("evaluate", "--pred", "nowhere", "--target", "nowhere", "--classes", 2, "--save", name)
        )
        assert said == (
            f"{name}: expected a name that ends in .npz or .parquet, found {found}\n"
            f"hint: save it as v.npz, or as v.parquet for other programs{other}"
        )


def test_a_full_disk_loses_neither_the_scores_nor_the_other_file(folders):
    result = evaluate("--classes", "classes.toml", "--json", "/dev/full")
    assert (result.exit_code, result.stdout, result.stderr) == (2, REPORT.format(next=STEP), FULL)
    numbers = evaluate("--classes", "classes.toml", "--report", "/dev/full", "--json", "-")
    assert (numbers.exit_code, numbers.stderr) == (2, FULL)
    page = evaluate(
        "--classes", "classes.toml", "--summary", "/dev/full", "--save", "v1.npz", "--json", "v1.json"
    )
    assert (page.exit_code, page.stderr) == (2, f"note: `v1.npz` and `v1.json` are written\n{FULL}")
    assert segscore.load("v1.npz").names == ("a", "b")
    assert numbers.stdout == (folders / "v1.json").read_text()
    both = evaluate("--classes", "classes.toml", "--summary", "/dev/full", "--json", "/dev/stderr")
    assert (both.exit_code, both.stderr.count(FULL)) == (2, 1)


def test_skipped_images_are_said_first(folders):
    (folders / "pred" / "b.png").write_bytes(png([[0]]))
    said = "  b: `pred` and `target` differ in shape: (1, 1) and (2, 3)\n"
    hint = (
        "hint: compare maps of one size; `--resize nearest` resizes predictions in two dimensions to their "
        "targets\n"
    )
    assert failed(evaluate("--classes", "classes.toml")) == (
        f"1 of 2 images could not be scored:\n{said}{hint}"
        "hint: `--on-error skip` scores the other images, and says so"
    )
    result = printed(*EVALUATE, "--classes", "classes.toml", "--on-error", "skip")
    assert result.startswith("1 of 2 images scored\n")
    assert f"not scored:\n{said}  {hint}\n" in result
    found = json.loads(evaluate("--classes", "classes.toml", "--on-error", "skip", "--json", "-").stdout)
    assert list(found)[2:4] == ["images_scored", "images_requested"]
    assert (found["images_scored"], found["images_requested"]) == (1, 2)
    assert found["failures"][0]["name"] == "b"


def test_a_missed_prediction_is_a_warning_on_standard_error(folders):
    (folders / "pred" / "a.png").write_bytes(png([[7, 1, 1], [1, 0, 1]]))
    result = evaluate("--classes", "classes.toml")
    assert result.exit_code == 0
    assert result.stderr == (
        "warning: `pred` holds the label 7 (1 pixel): no class, first in a; counted as missed\n"
        "hint: where predictions use other label values than targets, say so with `--pred-classes`\n"
    )


@pytest.mark.parametrize(
    "option",
    [
        ["--on-error", "stop"],
        ["--resize", "bilinear"],
        ["--threads", "0"],
        ["--max-pixels", "0"],
        ["--classes", "0"],
    ],
)
def test_values_that_options_cannot_have_exit_with_2(folders, option):
    result = evaluate(*(["--classes", "2"] if "--classes" not in option else []), *option)
    assert result.exit_code == 2
    assert result.stderr.startswith("error: ")
    assert "hint: " in result.stderr


def test_bad_usage_exits_with_2():
    for args in (["evaluate", "--pred", "x"], ["nonsense"], ["evaluate", "--nonsense"]):
        assert run(*args).exit_code == 2


def test_version_and_help(folders):
    assert run("--version").stdout == f"segscore {segscore.__version__}\n"
    assert "evaluate" in run("--help").stdout
    for command in ("evaluate", "classes", "demo"):
        assert run(command, "--help").exit_code == 0


def evaluating(*args):
    """Start `segscore evaluate` in a process of its own."""
    sides = ("--no-progress", "--pred", "pred", "--target", "target", "--classes", "classes.toml")
    command = [sys.executable, "-c", "from segscore.cli import main; main()", "evaluate", *sides, *args]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_an_interrupt_exits_with_130(folders):
    (folders / "large.png").write_bytes(png(np.zeros((4000, 4000), dtype=np.uint8)))
    for folder in ("pred", "target"):
        for i in range(4000):
            (folders / folder / f"x{i}.png").symlink_to(folders / "large.png")
    process = evaluating("--threads", "2")
    names = Path(f"/proc/{process.pid}/task")
    until(lambda: any(path.read_text().startswith("segscore-") for path in names.glob("*/comm")))
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert errors.splitlines()[-1] == "interrupted"


def test_a_reader_that_goes_away_loses_no_file(folders):
    process = evaluating("--save", "v1.npz", "--json", "v1.json")
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert (process.wait(timeout=30), errors) == (0, "")
    assert segscore.load("v1.npz").names == ("a", "b")
    assert json.loads((folders / "v1.json").read_text())["images_scored"] == 2
